#!/usr/bin/env bash
# shellcheck disable=SC2034 # failed is the exit status of who sources this
# What scripts/pod and scripts/pod-kills share: kdk-pod run, with programs that stand for dockerd, docker, kind and
# kubectl (bin/fake), and a folder that stands for /. Is sourced, at the repository's root.
#
# Nothing is timed: the fake programs tell, through a FIFO, how far it is.
pod=${KDK_POD:-$PWD/build/kdk-pod}
render=${KDK_RENDER:-$PWD/build/kdk-render}
work=$(mktemp -d)
pid=
cleanup() {
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
n=0 failed=0

ok() { # TEXT STATUS
  n=$((n + 1))
  if [ "$2" = 0 ]; then
    echo "ok $n - $1"
    return
  fi
  failed=1
  echo "not ok $n - $1"
  { tail -n 25 "$work/log"; echo "calls:"; tail -n 12 "$FAKE/calls"; } 2>/dev/null | sed 's/^/#   /'
}
check() { # TEXT COMMAND...
  local text=$1
  shift
  "$@" >/dev/null 2>&1
  ok "$text" $?
}
said() { grep -qF -- "$1" "$work/log"; }
called() { grep -qF -- "$1" "$FAKE/calls"; }
not() { ! "$@"; }

export FAKE=$work/fake KDK_ROOT=$work/root
mkdir "$work/bin"
for program in dockerd docker kind kubectl; do
  ln -s "$PWD/testdata/pod-run/bin/fake" "$work/bin/$program"
done
unset DOCKER_HOST RETAIN_DOCKER_HOST
export PATH=$work/bin:$PATH KDK_CREATE_ATTEMPTS=1 KDK_PULL_ATTEMPTS=1 KDK_CHECK_PERIOD=1 KDK_RETRY_MOST=1
export KUBERNETES_SERVICE_HOST=192.0.2.1 KUBERNETES_SERVICE_PORT=443 KDK_POD_UID=uid-1

image=kdk/node:test@sha256:0000000000000000000000000000000000000000000000000000000000000000
configure() { # MORE-SETTINGS...: an empty volume, and the files of a cluster `one`
  [ -z "$pid" ] || { kill -KILL "$pid"; wait "$pid" 2>/dev/null; pid=; }
  exec 9>&- 2>/dev/null
  rm -rf "$FAKE" "$KDK_ROOT"
  mkdir -p "$FAKE/patches" "$KDK_ROOT"/{etc/kdk,run/kdk,dev,usr/local/share/kdk,var/lib/docker,var/run/secrets/kubernetes.io/serviceaccount}
  mkfifo "$FAKE/events"
  exec 9<>"$FAKE/events"
  : >"$FAKE/calls"
  : >"$KDK_ROOT/usr/local/share/kdk/node.tar"
  settings "$@"
}
settings() { # MORE-SETTINGS...: the ConfigMap's files anew
  printf '%s\n' "clusters: {one: {email: one@example.org}}" "parents: []" "network: {assigned: {one: 10.64.0.0/20}}" "defaults:" \
    "  nodeImage: $image" "${@/#/  }" >"$work/values.yaml"
  grep -q '^  preflight' "$work/values.yaml" || echo "  preflight: 'off'" >>"$work/values.yaml"
  "$render" --release r "$work/values.yaml" >"$work/manifests.yaml" || exit 2
  testdata/pod-run/config-map "$KDK_ROOT/etc/kdk" <"$work/manifests.yaml"
}
start() {
  "$pod" run >"$work/log" 2>&1 &
  pid=$!
}
await() { # PATTERN: until an event matches; false where none does within a minute
  local event
  while IFS= read -r -t 60 -u 9 event; do
    # shellcheck disable=SC2254
    case $event in $1) return 0 ;; esac
  done
  return 1
}
ended() { # STATUS
  local status=0
  wait "$pid" || status=$?
  pid=
  [ "$status" = "$1" ]
}
stop() {
  kill -TERM "$pid"
  ended 0
}
kill_it() {
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null
  pid=
  rm -f "$FAKE/hang"
}
fails_with() { # TEXT STATUS MESSAGE
  start
  ended "$2"
  local status=$?
  grep -qF -- "$3" "$KDK_ROOT/dev/termination-log" || status=1
  ok "$1: exit status $2, and the termination message says so" "$status"
}
