#!/usr/bin/env bash
# kdk-pod with cgroup v2: a container of the host's Docker stands for the pod, so that nothing else runs beside the nested
# cluster; it has what kubelet and containerd give a privileged pod. Its memory limit holds for the cluster, one process is
# killed for it, and it stops and starts.
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
host_ends_with_test
"$nested/build" || bail "there is no image"
"$nested/host" up || bail "no host"
on_host docker rm --force --volumes kdk >/dev/null 2>&1 # what a run that was killed has left

pod() { on_host docker exec kdk "$@"; } # COMMAND...
node() { pod docker exec r-one-control-plane "$@"; } # COMMAND...
nested_kubectl() { pod env KUBECONFIG=/run/kdk/kubeconfig kubectl "$@"; } # ARG...
daemons() { pod pgrep -x 'dockerd|containerd|kubelet'; } # their pids
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

start "a container with 3 GiB" on_host docker run --detach --name kdk --privileged --cgroupns host --memory 3g --oom-score-adj 990 \
  --env KDK_DOCKERD_TIMEOUT=600 --env KDK_CREATE_TIMEOUT=1800 --env KDK_READY_TIMEOUT=900 \
  --volume /e2e/run/kdk:/etc/kdk:ro --tmpfs /run/kdk --entrypoint sh "$kdk_image" -c '
    group=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)/memory.oom.group
    echo 1 >"$group" && echo "kubelet: memory.oom.group $(cat "$group")" && exec kdk-pod run'
id=$(on_host docker inspect --format '{{.Id}}' kdk)
has "it is in one group for the kernel's killer, as kubelet wants it" "kubelet: memory.oom.group 1" "$log"
lacks "but it is in a cgroup namespace of its own" "warning: the pod has no cgroup of its own" "$log"
is "Docker has cgroup v2 there" 2 "$(pod docker info --format '{{.CgroupVersion}}')"
has "kdk-pod is in a leaf" "/docker/$id/init" "$(on_host cat "/proc/$(on_host docker inspect --format '{{.State.Pid}}' kdk)/cgroup")"
for controller in cpu memory pids; do
  has "what is beside it is under control: $controller" " $controller " " $(cgroup cgroup.subtree_control) "
done
is "the limit is the container's" $((3 << 30)) "$(cgroup memory.max)"
is "and what is in it no group" 0 "$(cgroup memory.oom.group)"
is "kdk-pod and dockerd are not among the first to be killed" "-500 -500" \
  "$(pod sh -c 'cat /proc/1/oom_score_adj /proc/$(pgrep -x dockerd)/oom_score_adj' | paste -sd' ')"
succeeds "the nested kubelet's pods are below it" on_host sh -c \
  'find "/sys/fs/cgroup/docker/$1" -path "*kubelet*pod*" -name cgroup.procs -exec cat {} + | grep -q .' sh "$id"
nested_kubectl create configmap remember >/dev/null

was=$(daemons)
fails "4 GiB are not to be had" node sh -c 'echo 1000 >/proc/self/oom_score_adj; head -c 4G /dev/zero | tail -n 1 >/dev/null'
isnt "what asked for them was killed for the container's limit" 0 "$(cgroup memory.events | sed -n 's/^oom_kill //p')"
is "the others go on" "$was" "$(daemons)"
is "kdk-pod as well" true "$(on_host docker inspect --format '{{.State.Running}}' kdk)"

start "stopped and started" on_host docker restart --time 180 kdk
is "it was stopped cleanly" 1 "$(on_host docker logs kdk 2>&1 | grep -c '^phase=stopping event=ok')"
succeeds "the cluster is the same" nested_kubectl get configmap remember
succeeds "it is removed" on_host sh -c 'docker stop --time 180 kdk && docker rm --volumes kdk'
is "no cgroup is left of it" "" "$(on_host find /sys/fs/cgroup -path "*$id*" -type d)"
finish
