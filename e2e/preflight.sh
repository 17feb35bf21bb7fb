#!/usr/bin/env bash
# kdk-pod preflight where the kernel answers: in network namespaces with the addresses and routes of a pod.
#
#   e2e/preflight.sh    results as TAP on stdout; exit status 1 if anything failed; needs root
#
# Takes  KDK_RENDER and KDK_POD, the programs (default: build/ of this checkout), ip, the oracle (tools/get)
# Gives  whether ranges that were planned pass, ranges that touch what is there are refused with a sentence that names
#        both, packets that would leave by a bridge are seen, and the JSON is what its schema says.
# shellcheck source-path=SCRIPTDIR disable=SC2016,SC2317 # scripts for another shell; functions called through others
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ "$(id -u)" = 0 ] || bail "needs root, for network namespaces"
command -v ip >/dev/null || bail "no ip: install iproute2"
tools oracle
pod=${KDK_POD:-$root/build/kdk-pod}
[ -x "$pod" ] || bail "no kdk-pod: run make, or set KDK_POD"

# What stands for / of the pod: its kernel is the real one, its files are ours.
top=$work/pod
mkdir -p "$top"/{etc/kdk,proc,sys,dev,var/lib/docker}
cat >"$work/values.yaml" <<'END'
clusters:
  dev: {email: dev@example.org, dnsDomainName: dev.kdk}
parents:
- {name: host, pods: [10.244.0.0/16], services: [10.96.0.0/16], nodes: [172.18.0.0/16]}
END
"$KDK_RENDER" "$work/values.yaml" >"$work/objects.yaml" || bail "kdk-render failed"
file_of() { # KEY of the rendered ConfigMap
  sed -n "/^  $1: |\$/,/^  \{0,2\}[^ ]/{/^    /s/^    //p}" "$work/objects.yaml"
}

# The cluster as it was planned, and a pod of a kubeadm cluster.
planned() {
  file_of kdk.yaml >"$top/etc/kdk/kdk.yaml"
  file_of kind.yaml >"$top/etc/kdk/kind.yaml"
  printf 'search kdk.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\n' >"$top/etc/resolv.conf"
}
now_is() { # KEY NEW: that range of kdk.yaml is another one, and of kind.yaml too
  local old
  old=$(sed -n "s/^  $1: \[\(.*\)\]/\1/p" "$top/etc/kdk/kdk.yaml")
  sed -i "s|$old|$2|" "$top/etc/kdk/kdk.yaml" "$top/etc/kdk/kind.yaml"
}

# Sets $status, and writes preflight.json. The SCRIPT runs in the pod's network, before.
preflight() { # [SCRIPT]
  unshare --net --mount --propagation private bash -euc '
    for d in proc sys dev; do mount --rbind "/$d" "$1/$d"; done
    ip link set lo up
    ip link add eth0 type veth peer name other
    ip address add 10.244.1.5/24 dev eth0
    ip link set other up
    ip link set eth0 up
    ip route add default via 10.244.1.1
    eval "$3"
    KDK_ROOT=$1 KUBERNETES_SERVICE_HOST=10.96.0.1 KUBERNETES_SERVICE_PORT=443 KDK_HOST_IP=172.18.0.2 exec "$2" preflight --json
  ' bash "$top" "$pod" "${1-}" >"$work/preflight.json"
  status=$?
}
facts() { # ID
  jq -r --arg id "$1" '[.findings[] | select(.id == $id)][0].facts' "$work/preflight.json"
}
said() { # ID: verdict and sentence of its first finding
  jq -r --arg id "$1" '[.findings[] | select(.id == $id)][0] | "\(.verdict) \(.sentence // .facts)"' "$work/preflight.json"
}

all_said() { # ID: the sentences of all its findings
  jq -r --arg id "$1" '.findings[] | select(.id == $id) | .sentence // empty' "$work/preflight.json"
}

planned
preflight
has "planned ranges pass" "ok pods " "$(said P07)"
has "they were held against the pod's address and routes" "held against " "$(said P07)"
has "API server, DNS server and node are reached by eth0" "the parent's API server 10.96.0.1 by eth0, the pod's DNS server 10.96.0.10 by eth0, the pod's node 172.18.0.2 by eth0" "$(facts P08)"
has "kind.yaml is the plan's" "ok kind.yaml read, domain dev.kdk, parent's cluster.local" "$(said P13)"
has "the MTU is read" "ok eth0 1500" "$(said P10)"
succeeds "the JSON is what the schema says" "$bin/oracle" json "$root/schemas/preflight.schema.json" "$work/preflight.json"

planned
now_is services 10.96.0.0/16
preflight
isnt "services equal to the parent's: refused" 0 "$status"
is "as a conflict" 65 "$(jq '[.findings[] | select(.id == "P07")][0].exitStatus' "$work/preflight.json")"
has "the DNS server is named" "fail services 10.96.0.0/16 hold the pod's DNS server 10.96.0.10: " "$(said P07)"
succeeds "that JSON is what the schema says, too" "$bin/oracle" json "$root/schemas/preflight.schema.json" "$work/preflight.json"

planned
now_is pods 10.244.0.0/16
preflight
has "pods on the pod's own network: refused" "fail pods 10.244.0.0/16 overlap the pod's network 10.244.1.0/24" "$(said P07)"

planned
preflight 'ip route add "$(sed -n "s/^  docker: \[\(.*\)\]/\1/p" "$1/etc/kdk/kdk.yaml")" via 10.244.1.1 table 100'
has "a route of another table counts" "the pod's route to " "$(said P07)"

planned
preflight 'ip link add br-0123456789ab type bridge; ip link set br-0123456789ab up; ip route add 10.96.0.0/16 dev br-0123456789ab'
has "a bridge of Docker that holds the API server is seen" "fail packets to the parent's API server 10.96.0.1 leave by br-0123456789ab" "$(said P08)"
has "and is no obstacle itself" "ok pods " "$(said P07)"

planned
preflight 'ip link set eth0 mtu 1450; sed -i "s/^mtu: .*/mtu: \"1500\"/" "$1/etc/kdk/kdk.yaml"'
has "an MTU above the interface's is refused" "fail network.mtu 1500 is larger than eth0's 1450" "$(said P10)"

planned
preflight 'ip route del default'
has "no default route is said" "fail the pod has no default route" "$(said P08)"

planned
sed -i 's/dnsDomain: dev.kdk/dnsDomain: cluster.local/' "$top/etc/kdk/kind.yaml"
preflight
has "what kubeadm would be told is held against the plan" "fail kubeadm would be told the domain 'cluster.local', the plan says 'dev.kdk'" "$(said P13)"

planned
mkdir "$work/bin"
ln -s /bin/true "$work/bin/iptables-restore" # any rules are taken
for kind in nft legacy; do
  printf '#!/bin/sh\necho "*filter"\necho ":INPUT ACCEPT [0:0]"\necho "-A INPUT -j ACCEPT"\n' >"$work/bin/iptables-$kind-save"
  chmod +x "$work/bin/iptables-$kind-save"
done
both="PATH=$work/bin:\$PATH"
preflight "$both"
is "rules of one kind of iptables are fine" "" "$(all_said P04 | grep 'both kinds')"
preflight "$both; umount -l \$1/proc; mkdir \$1/proc/net; echo filter >\$1/proc/net/ip_tables_names"
has "rules of both kinds are said" "iptables rules of both kinds, 1 legacy and 1 nft" "$(all_said P04)"

# A registry in a network of its own, at the other end of eth0.
openssl req -x509 -newkey rsa:4096 -nodes -keyout "$work/key" -out "$work/certificate" -subj /CN=registry -days 2 2>/dev/null ||
  bail "openssl req failed"
registry='
  setpriv --pdeathsig KILL unshare --net openssl s_server -accept 443 -www -cert "$1/../certificate" -key "$1/../key" </dev/null >/dev/null 2>&1 &
  until grep -q ":01BB 0*:0000 0A" /proc/$!/net/tcp /proc/$!/net/tcp6 2>/dev/null; do kill -0 $! && sleep 0.05; done
  ip link set other netns $!
  nsenter --target $! --net sh -c "ip addr add 10.244.1.1/24 dev other; ip link set other gso_max_segs 1 up"'
planned
sed -i 's|^nodeImage: .*|nodeImage: 10.244.1.1/node:v1|' "$top/etc/kdk/kdk.yaml"
preflight "$registry"
has "a registry whose certificates arrive is fine" "ok 10.244.1.1: 1400 bytes" "$(said P15)"
preflight "$registry; ip link set eth0 mtu 1300; ip route change default via 10.244.1.1 advmss 1460; ip route add 10.244.1.1 dev eth0 advmss 1460"
has "packets that are lost on the way are seen" "warn registry 10.244.1.1 accepts a connection, but its answer stops" "$(said P15)"
preflight
has "a registry that is not there is said" "warn registry 10.244.1.1: no connection: " "$(said P15)"

planned
echo 'unknown: 1' >>"$top/etc/kdk/kdk.yaml"
preflight 2>"$work/err"
is "an unknown key of kdk.yaml: refused as configuration" 64 "$status"
has "the key is named" "Unexpected key: unknown" "$(cat "$work/err")"

finish
