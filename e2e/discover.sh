#!/usr/bin/env bash
# Holds `kdk-render discover` to a real API server: kubectl prints what there is, discover makes `parents` of it,
# lint takes them, and they are the ranges that the server hands out.
#
#   e2e/discover.sh    results as TAP on stdout; exit status 1 if anything failed
#
# KDK_RENDER and KDK_TOOLS: see lib.sh. Nodes and pods are made by hand, with what a kubelet would say in their
# status; Services get their addresses from the server.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What discover prints for what kubectl prints of these kinds; then in $out, and in $work/parents.yaml.
discover() { # KUBECTL-ARG...
  out=$(k get "$@" | "$KDK_RENDER" discover 2>&1 | tee "$work/parents.yaml")
}

# The ranges under a key of it, in one line.
ranges() { # KEY
  awk -v key="  $1:" '/^  [a-zA-Z#]/ { on = $0 == key } on && sub(/^  - /, "") { print $1 }' "$work/parents.yaml" |
    tr -d '"' | paste -sd' '
}

# Lint's exit status, and rules that it names, for two clusters above what was discovered.
lint() { # ARG...
  out=$("$KDK_RENDER" lint "$@" "$work/clusters.yaml" "$work/parents.yaml" 2>&1)
  echo "$? $(grep -oE '\[[a-z-]+\]$' <<<"$out" | sort -u | paste -sd' ')"
}

node() { # NAME ADDRESS... [-- RANGE...]
  local name=$1 addresses='' ranges=''
  shift
  while (($#)) && [ "$1" != -- ]; do
    addresses+="{\"type\": \"InternalIP\", \"address\": \"$1\"}, "
    shift
  done
  while (($# > 1)); do
    ranges+="\"$2\", "
    shift
  done
  k create --filename - >/dev/null <<END
apiVersion: v1
kind: Node
metadata: {name: $name}
spec: {podCIDRs: [${ranges%, }]${ranges:+, podCIDR: ${ranges%%,*}}}
END
  k patch node "$name" --subresource=status --patch \
    "{\"status\": {\"addresses\": [$addresses{\"type\": \"Hostname\", \"address\": \"$name\"}]}}" >/dev/null
}

pod() { # NAME HOST-NETWORK ADDRESS
  k create --filename - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec: {hostNetwork: $2, nodeName: n1, containers: [{name: main, image: any}]}
END
  k patch pod "$1" --subresource=status --patch \
    "{\"status\": {\"podIP\": \"$3\", \"podIPs\": [{\"ip\": \"$3\"}], \"hostIP\": \"192.0.2.10\", \"hostIPs\": [{\"ip\": \"192.0.2.10\"}]}}" >/dev/null
}

service() { # NAME IP
  k create service clusterip "$1" --tcp=80 --clusterip="$2" >/dev/null
}

# ---

tools
export KDK_SERVICE_CIDR=10.96.0.0/16,fd00:10:96::/112
cluster
printf 'clusters:\n  testing1: {email: testing1@example.org}\n  testing2: {email: testing2@example.org}\n' >"$work/clusters.yaml"

out=$(k get pods -o yaml | "$KDK_RENDER" discover 2>&1)
is "an empty list is nothing to go by" 1 "$?"
has "an empty list: what to run is said" "kubectl get nodes,servicecidrs,services,pods -A -o yaml" "$out"

node n1 192.0.2.10 fd00:2::10 -- 10.244.0.0/24 fd00:10:244::/64
node n2 192.0.2.20 fd00:2::20 -- 10.244.1.0/24 fd00:10:244:1::/64
node n3 192.0.2.30 -- 10.244.2.0/24
pod inside false 10.244.1.5
pod host true 192.0.2.10
service seen 10.96.7.7
ns=kube-system service kube-dns 10.96.0.10

discover services -A -o yaml
is "services alone: at least what is in use" "10.96.0.0/21" "$(ranges services)"
has "services alone: the resolver" "- 10.96.0.10 # exact: Service kube-dns" "$out"
has "services alone: pods are unknown, aloud" "# pods: UNKNOWN" "$out"
is "services alone: lint says what is unknown" "0 [parent-unknown]" "$(lint)"

discover nodes,servicecidrs,services,pods -A -o yaml
is "pods: at least what the nodes have" "10.244.0.0/23 10.244.2.0/24 fd00:10:244::/63" "$(ranges pods)"
is "services: exactly the server's ranges" "10.96.0.0/16 fd00:10:96::/112" "$(ranges services)"
is "nodes: around all of them" "192.0.2.0/27 fd00:2::/122" "$(ranges nodes)"
is "the resolver" 10.96.0.10 "$(ranges dns)"
is "lint is content, strictly" "0 " "$(lint --strict)"
cp "$work/parents.yaml" "$work/yaml.yaml"
discover nodes,servicecidrs,services,pods -A -o json
succeeds "JSON says the same" cmp "$work/yaml.yaml" "$work/parents.yaml"

k create --filename - >/dev/null <<'END'
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more}
spec: {cidrs: [10.120.0.0/24]}
END
k wait servicecidr/more --for=condition=Ready --timeout=30s >/dev/null
service more 10.120.0.9
discover servicecidrs,services -A -o yaml
is "a second ServiceCIDR: both" "10.96.0.0/16 10.120.0.0/24 fd00:10:96::/112" "$(ranges services)"
lacks "a second ServiceCIDR: nothing lies outside" warning: "$out"
printf 'network: {pools: [10.120.0.0/20, 10.64.0.0/16]}\n' >>"$work/clusters.yaml"
lint >/dev/null
lacks "what is assigned keeps clear of the second" "10.120." "$("$KDK_RENDER" show "$work/clusters.yaml" "$work/parents.yaml" 2>/dev/null)"
printf 'clusters:\n  testing1: {email: testing1@example.org, network: {services: 10.120.0.0/22}}\n' >"$work/clusters.yaml"
is "a pin on the second is refused" "1 [parent-unknown] [range-overlaps-parent]" "$(lint | sed 's/\[range-outside-pool\] *//; s/ *$//')"

k create configmap other --from-literal=Corefile='kubernetes wrong.example.org {' >/dev/null
ns=kube-system k create configmap kubeadm-config --from-literal=ClusterConfiguration='kind: ClusterConfiguration
networking: {podSubnet: "10.244.0.0/16,fd00:10:244::/56", serviceSubnet: "10.96.0.0/16,fd00:10:96::/112", dnsDomain: host.example.org}' >/dev/null
ns=kube-system k create secret generic token --from-literal=token=hunter2hunter2 >/dev/null
discover nodes,servicecidrs,services,pods,configmaps,secrets -A -o yaml
is "kubeadm-config makes pods exact" "10.244.0.0/16 fd00:10:244::/56" "$(ranges pods)"
has "kubeadm-config says the domain" "dnsDomain: host.example.org # exact: ConfigMap kubeadm-config" "$out"
lacks "a Secret is not read" "$(printf hunter2hunter2 | base64)" "$out"

pod stray false 10.9.8.7
discover nodes,pods,configmaps -A -o yaml
has "a pod outside of all that is a warning" "# warning: outside of what the settings above say:
  - 10.9.8.7/32 # at least: address of a pod" "$out"

fails "kubectl without -o yaml is refused" bash -c "'$bin/kubectl' get nodes | '$KDK_RENDER' discover"
has "kubectl without -o yaml: why" "-o yaml" "$out"
finish
