# shellcheck shell=bash disable=SC2034
# What the scripts beside it share: where things are, what is fresh, and the way into the host. Source it, do not run it.
#
# Takes  KDK_E2E    the work folder (default: ~/.cache/kdk-e2e); hosts of several can run side by side
#        KDK_TOOLS  where e2e/tools/get keeps what it builds
# Gives  the variables and functions below; all names begin with `nested_`, `host_` or are said here

KDK_E2E=${KDK_E2E:-$HOME/.cache/kdk-e2e}
mkdir -p "$KDK_E2E"
KDK_E2E=$(cd "$KDK_E2E" && pwd)
nested=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
nested_project=$(cd "$nested/../.." && pwd)

nested_roots=$KDK_E2E      # root filesystems: host, node, newer
nested_images=$KDK_E2E/tars # images, as `docker save` would write them
nested_run=$KDK_E2E/run    # what is there while the host runs: its init's pid, logs, kubeconfigs
nested_bin=$KDK_E2E/bin    # programs that are used in the host
node_image=kdk/node:test   # kind's node, for both the parent and the nested clusters
# The pod's image: with a stand-in for kdk-pod; with kdk-pod; and with that and the Docker of Debian's next release.
# With a domain: containerd keeps such names as they are.
pod_image=kdk.test/pod:stand-in
kdk_image=kdk.test/pod:kdk
newer_image=kdk.test/pod:newer

# One cgroup for a work folder
host_cgroup=kdk-e2e-$(printf '%s' "$KDK_E2E" | cksum | cut -d' ' -f1)

nested_say() { echo "nested: $*" >&2; }

nested_die() {
  nested_say "$*"
  exit 1
}

# Runs COMMAND, and says how long it took, on stderr and in times.tsv.
timed() { # TEXT COMMAND...
  local start=$EPOCHREALTIME text=$1 seconds
  shift
  "$@"
  seconds=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000000))
  [ "$seconds" -gt 0 ] || return 0 # it was there
  printf '%s\t%s\n' "$text" "$seconds" >>"$KDK_E2E/times.tsv"
  nested_say "$text: $seconds s"
}

# Runs COMMAND, which makes OUT from the INPUTs, unless they are as they were when it last did. An INPUT is a file, a
# folder with all that is in it, or a text.
fresh_or() { # OUT INPUT... -- COMMAND...
  local out=$1 stamp=$KDK_E2E/stamp/${1##*/} inputs=() now
  shift
  while [ "$1" != -- ]; do
    inputs+=("$1")
    shift
  done
  shift
  now=$(for input in "${inputs[@]}"; do
    if [ -e "$input" ]; then find "$input" -type f -print0 | sort -z | xargs -0r cat; else echo "$input"; fi
  done | sha256sum)
  [ ! -e "$out" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$now" ] || return 0
  mkdir -p "$KDK_E2E/stamp" "$(dirname "$out")"
  "$@"
  echo "$now" >"$stamp"
}

# The pid of the host's init, as it is seen from outside; fails where it does not run.
host_pid() {
  local pid
  pid=$(cat "$nested_run/host.pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$nested_run/enter.sh" || return 1
  echo "$pid"
}

# Runs COMMAND in the host: its files, network and processes. What is in $KDK_E2E is in /e2e there.
on_host() { # COMMAND...
  local pid
  pid=$(host_pid) || nested_die "the host does not run: e2e/nested/parent"
  nsenter -t "$pid" -m -u -i -n -p -C -r -w -- /usr/bin/env -i HOME=/root KUBECONFIG=/e2e/run/parent.kubeconfig \
    PATH=/e2e/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# A test that starts the host ends it, unless KEEP=1; for scripts that source e2e/lib.sh, before they start it.
host_ends_with_test() {
  [ -n "${KEEP-}" ] || host_pid >/dev/null || trap 'cleanup; "$nested/host" down --purge' EXIT
}
