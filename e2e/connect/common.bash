# shellcheck shell=bash
# What the tests of scripts/kdk share: a namespace with a release for each test, as its owner sees it.
#
# Gives  $ns         the test's namespace; $work a folder of its own, and in it TMPDIR, where kdk makes its own
#        KUBECONFIG  that of the owner testing1@example.org, in that namespace
#        and the functions below. Ports are the test's own, so that tests do not meet.

bats_require_minimum_version 1.5.0

admin() { # ARG...: kubectl as administrator, in the test's namespace
  KUBECONFIG=$world/api/admin.kubeconfig "$bin/kubectl" --namespace "$ns" "$@"
}

setup() {
  local file=${BATS_TEST_FILENAME##*/}
  ns=${file%.bats}-$BATS_TEST_NUMBER
  port=$((20000 + BATS_SUITE_TEST_NUMBER % 500 * 20 + $$ % 20))
  work=$BATS_TEST_TMPDIR
  mkdir "$work/tmp" "$work/home"
  export TMPDIR=$work/tmp HOME=$work/home SHELL=/bin/bash PATH=$bin:$PATH LC_ALL=C.UTF-8
  unset KDK_OUTER_KUBECONFIG
  export KUBECONFIG=$work/kubeconfig
  cp "$world/api/testing1@example.org.kubeconfig" "$KUBECONFIG"
  kubectl config set-context --current --namespace "$ns" >/dev/null
}

teardown() {
  end_all
}

# What a test that failed has left running
end_all() {
  [ ! -d "$work/pids" ] || cat "$work"/pids/* | while read -r pid; do kill "$pid" 2>/dev/null || true; done
}

# Make the clusters of VALUES, as kdk-render does, and for each a pod that runs on the node.
release() { # VALUES
  apply "$1"
  pods
}

apply() { # VALUES
  printf '%s\n' "$1" >"$work/values.yaml"
  "$render" --namespace "$ns" --create-namespace "$work/values.yaml" >"$work/objects.yaml" 2>"$work/render.err" ||
    { cat "$work/render.err"; return 1; }
  admin apply --server-side --filename "$work/objects.yaml" >/dev/null
}

# What the StatefulSets would make, which no controller does here.
pods() {
  admin get statefulsets --output json |
    jq '.kind = "List" | .items[] |= (.spec.template + {apiVersion: "v1", kind: "Pod",
      metadata: (.spec.template.metadata + {name: (.metadata.name + "-0"), namespace: .metadata.namespace})}
      | .spec.nodeName = "node")' |
    admin create --filename - --output name | while read -r pod; do
    running "${pod#pod/}"
  done
}

running() { # POD
  status "$1" '{"phase": "Running", "podIP": "10.244.0.9", "hostIP": "192.168.0.2", "containerStatuses": [
    {"name": "kdk", "image": "kdk", "imageID": "", "ready": true, "restartCount": 0, "state": {"running": {}}}]}'
}

status() { # POD STATUS
  admin patch pod "$1" --subresource=status --patch "{\"status\": $2}" >/dev/null
}

# The kubeconfig that the pod of a cluster publishes: the nested stand-in's, as kind writes it.
nested_kubeconfig() { # CLUSTER [DIR]
  local pki=${2:-$world/nested}/pki
  printf '%s\n' 'apiVersion: v1' clusters: '- cluster:' "    certificate-authority-data: $(base64 -w0 <"$pki/ca.crt")" \
    "    server: https://127.0.0.1:$port" "  name: $1" contexts: '- context:' "    cluster: $1" "    user: $1" "  name: $1" \
    "current-context: $1" 'kind: Config' 'preferences: {}' users: "- name: $1" '  user:' \
    "    client-certificate-data: $(base64 -w0 <"$pki/admin.crt")" "    client-key-data: $(base64 -w0 <"$pki/admin.key")"
}

# What the pod writes when it is ready, and where its port leads.
publish() { # CLUSTER [DIR]
  local dir=${2:-$world/nested}
  nested_kubeconfig "$1" "$dir" >"$work/$1.config"
  secret "$1" "$(jq -n --arg config "$(base64 -w0 <"$work/$1.config")" --arg port "$port" \
    --arg uid "$(admin get pod "$1-0" --output 'jsonpath={.metadata.uid}')" '{data: {config: $config}, metadata: {annotations: {
      "kdk/port": $port, "kdk/phase": "ready", "kdk/message": "", "kdk/pod-uid": $uid, "kdk/updated": "2026-01-02T03:04:05Z"}}}')"
  mkdir -p "$world/node/$ns"
  echo "127.0.0.1:$(<"$dir/port")" >"$world/node/$ns/$1-0.address"
}

secret() { # CLUSTER MERGE-PATCH
  printf '%s' "$2" >"$work/patch.json"
  admin patch secret "$1" --type merge --patch-file "$work/patch.json" >/dev/null
}

annotate() { # CLUSTER KEY=VALUE...: without kdk/
  admin annotate secret "$1" --overwrite "${@:2}" >/dev/null
}

# One cluster that is ready, of the owner
ready() {
  release 'clusters: {testing1: {email: testing1@example.org}}'
  publish kdk-testing1
}

# Take a right away from the owner: VERB on RESOURCE
revoke() { # CLUSTER VERB RESOURCE
  local role
  for role in secret-read portforward; do
    admin get role "$1-$role" --output json | jq --arg verb "$2" --arg resource "$3" \
      '(.rules[] | select(.resources == [$resource]) | .verbs) -= [$verb] | .rules |= map(select(.verbs != []))' |
      admin replace --filename - >/dev/null
  done
}

# Wait until a command succeeds, for two minutes at most.
await() { # COMMAND...
  local end=$((SECONDS + 120))
  until "$@"; do
    ((SECONDS < end)) || { echo "in vain: $*"; return 1; }
    sleep 0.1
  done
}

# $work/path: exactly the programs that kdk says it takes, and bash; of busybox, with `busybox`
userland() { # [busybox]
  local program
  mkdir "$work/path"
  ln -s "$(command -v bash)" "$work/path/bash"
  for program in $(sed -n 's/^# Programs  //p' "$kdk"); do
    ln -s "$(command -v "${1:-$program}")" "$work/path/$program"
  done
}

# In the background, with output in $work/NAME.out, and with signals as they are in a terminal; sets $pid
start() { # NAME COMMAND...
  mkdir -p "$work/pids"
  env --default-signal=INT,TERM,HUP "${@:2}" >"$work/$1.out" 2>&1 </dev/null 3>&- &
  pid=$!
  echo "$pid" >"$work/pids/$1"
}

# Wait for a process that `start` has started; its exit status is then in $status.
ended() { # PID
  status=0
  wait "$1" || status=$?
}

# Nothing is left: no file where kdk makes its own, and no process of kdk's that has this test's TMPDIR.
nothing_left() {
  local file
  for file in $(grep -lzxF "TMPDIR=$TMPDIR" /proc/[0-9]*/environ 2>/dev/null); do
    if grep -qzE '^port-forward$|^--raw$|scripts/kdk$' "${file%environ}cmdline" 2>/dev/null; then
      echo "left: $(tr '\0' ' ' <"${file%environ}cmdline")"
      return 1
    fi
  done
  [ -z "$(ls -A "$TMPDIR")" ] || { ls -AR "$TMPDIR"; return 1; }
}
