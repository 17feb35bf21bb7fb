#!/usr/bin/env bash
# kdk-pod with cgroup v2: a container of the host's Docker stands for the pod, so that nothing else runs beside the nested
# cluster. Its memory limit holds for the cluster, and it stops and starts.
#
#   e2e/cgroup2.sh                  on a machine with cgroup v2
#   e2e/nested/vm e2e/cgroup2.sh    on one without
#
# Takes  KDK_RENDER: see lib.sh; KDK_E2E: see nested/lib.sh; KEEP=1: the host runs on. As root.
# Gives  results as TAP on stdout; exit status 1 if anything failed
# shellcheck source-path=SCRIPTDIR disable=SC2016,SC2317 # code for shells elsewhere; functions are called by name
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/nested/lib.sh"
[ -f /sys/fs/cgroup/cgroup.controllers ] || bail "this machine has cgroup v1: e2e/nested/vm e2e/cgroup2.sh"
tools kubectl
host_pid >/dev/null || trap 'cleanup; [ -n "${KEEP-}" ] || "$nested/host" down --purge' EXIT
"$nested/build" || bail "there is no image"
"$nested/host" up || bail "no host"
on_host docker rm --force --volumes kdk >/dev/null 2>&1 # what a run that was killed has left

pod() { on_host docker exec kdk "$@"; } # COMMAND...
node() { pod docker exec r-one-control-plane "$@"; } # COMMAND...
nested_kubectl() { pod env KUBECONFIG=/run/kdk/kubeconfig kubectl "$@"; } # ARG...
cgroup() { pod cat "/sys/fs/cgroup/$1"; } # FILE: of the pod

# The cluster is made or started, if need be slowly; what was logged since the last start is in $log.
cluster_is_there() {
  local line
  log=''
  while IFS= read -r -t 900 line; do
    log+=$line$'\n'
    [[ $line != "phase=cluster event=ok"* ]] || return 0
  done < <(on_host docker logs --follow --since "$started" kdk 2>&1)
  return 1
}

start() { # TEXT COMMAND...
  started=$(on_host docker info --format '{{.SystemTime}}')
  succeeds "$1" "${@:2}"
  cluster_is_there || bail "$1: no cluster: $(tail -n 30 <<<"$log")"
  grep -E '^phase=[a-z]+ event=ok' <<<"$log" | sed 's/^/# /'
  succeeds "$1: its nodes become Ready" nested_kubectl wait --for=condition=Ready node --all --timeout=600s
}

values limited <<END
clusters: {one: {email: one@example.org}}
parents: []
defaults: {preflight: warn, nodeImage: "$node_image@sha256:$(printf '0%.0s' {1..64})"}
END
mkdir -p "$nested_run/kdk"
"$KDK_RENDER" --release r "$work/limited.yaml" | "$root/testdata/pod-run/config-map" "$nested_run/kdk"
on_host docker load --quiet --input /e2e/tars/kdk.tar >/dev/null || bail "the host does not take the image"

start "a container with 3 GiB" on_host docker run --detach --name kdk --privileged --cgroupns private --memory 3g \
  --env KDK_DOCKERD_TIMEOUT=600 --env KDK_CREATE_TIMEOUT=1800 --env KDK_READY_TIMEOUT=900 \
  --volume /e2e/run/kdk:/etc/kdk:ro --tmpfs /run/kdk "$kdk_image"
id=$(on_host docker inspect --format '{{.Id}}' kdk)
is "Docker has cgroup v2 there" 2 "$(pod docker info --format '{{.CgroupVersion}}')"
is "kdk-pod is in a leaf" 0::/init "$(pod cat /proc/1/cgroup)"
for controller in cpu memory pids; do
  has "what is beside it is under control: $controller" " $controller " " $(cgroup cgroup.subtree_control) "
done
is "the limit is the container's" $((3 << 30)) "$(cgroup memory.max)"
succeeds "the nested kubelet's pods are below it" on_host sh -c \
  'find "/sys/fs/cgroup/docker/$1" -path "*kubelet*pod*" -name cgroup.procs -exec cat {} + | grep -q .' sh "$id"
pod kdk-pod preflight | grep -i cgroup | sed 's/^/# /'
nested_kubectl create configmap remember >/dev/null

fails "4 GiB are not to be had on the node" node sh -c 'head -c 4G /dev/zero | tail -n 1 >/dev/null'
isnt "what asked for them was killed for the container's limit" 0 "$(cgroup memory.events | sed -n 's/^oom_kill //p')"

start "stopped and started" on_host docker restart --time 180 kdk
is "it was stopped cleanly" 1 "$(on_host docker logs kdk 2>&1 | grep -c '^phase=stopping event=ok')"
succeeds "the cluster is the same" nested_kubectl get configmap remember
succeeds "it is removed" on_host sh -c 'docker stop --time 180 kdk && docker rm --volumes kdk'
is "no cgroup is left of it" "" "$(on_host find /sys/fs/cgroup -path "*$id*" -type d)"
finish
