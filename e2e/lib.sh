# shellcheck shell=bash
# What the end-to-end tests share: results as TAP, the real tools, a real API server. Source it, do not run it.
#
# Takes  KDK_RENDER  the program under test (default: build/kdk-render of this checkout)
#        KDK_TOOLS   where the tools are kept (see tools/README.md); they are built when they are not there
# Gives  $root       the checkout
#        $work       a scratch folder, removed on exit
#        $bin        the folder of helm3, helm4 and kubectl
#        and the functions below. Results go to stdout, one `ok` or `not ok` line each; a test script ends
#        with `finish`, whose exit status is 1 if anything failed.
#
# Nobody's settings but the tests' own count: HELM_* variables and kubeconfig files are left out.

set -uo pipefail # not -e: a failed check is a result, and the next ones still run

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
tests=0
failures=0
ns=default # the namespace that is worked in
helm=helm3 # the Helm that is under test
unset "${!HELM_@}"
export KUBECONFIG=$work/api/admin.kubeconfig KUBECACHEDIR=$work/kubecache KUBERC=off

cleanup() {
  [ ! -d "$work/api" ] || "$root/e2e/tools/apiserver" stop "$work/api"
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What makes going on useless.
bail() { # MESSAGE
  echo "Bail out! $*"
  exit 1
}

# --- Results

pass() { # TEXT
  echo "ok $((++tests)) - $1"
}

flunk() { # TEXT SEEN
  echo "not ok $((++tests)) - $1"
  echo "# ${2//$'\n'/$'\n'# }"
  ((++failures))
}

is() { # TEXT WANT GOT
  if [ "$3" = "$2" ]; then
    pass "$1"
  else
    flunk "$1" "$(printf 'want:\n%s\ngot:\n%s' "$2" "$3")"
  fi
}

isnt() { # TEXT OTHER GOT
  if [ "$3" != "$2" ]; then
    pass "$1"
  else
    flunk "$1" "$(printf 'want anything else than:\n%s' "$3")"
  fi
}

has() { # TEXT NEEDLE HAYSTACK
  if [[ $3 == *"$2"* ]]; then
    pass "$1"
  else
    flunk "$1" "$(printf 'want: %s\nin:\n%s' "$2" "$3")"
  fi
}

lacks() { # TEXT NEEDLE HAYSTACK
  if [[ $3 != *"$2"* ]]; then
    pass "$1"
  else
    flunk "$1" "$(printf 'unwanted: %s\nin:\n%s' "$2" "$3")"
  fi
}

# Run a command that must succeed, or must fail; what it prints is then in $out.
succeeds() { # TEXT COMMAND...
  local status
  out=$("${@:2}" 2>&1)
  status=$?
  if ((status == 0)); then
    pass "$1"
  else
    flunk "$1" "$(printf '%s\nexit status %s:\n%s' "${*:2}" "$status" "$out")"
  fi
}

fails() { # TEXT COMMAND...
  if out=$("${@:2}" 2>&1); then
    flunk "$1" "$(printf '%s\nexit status 0, want a failure:\n%s' "${*:2}" "$out")"
  else
    pass "$1"
  fi
}

finish() {
  echo "1..$tests"
  ((failures == 0)) || echo "# $failures of $tests failed"
  exit $((failures > 0))
}

# Run parts of a test, and say how long each took.
parts() { # FUNCTION...
  local part start
  for part; do
    start=$SECONDS
    "$part"
    echo "# $part: $((SECONDS - start)) s"
  done
}

# A values file of the test's, $work/NAME.yaml
values() { # NAME, with the text on stdin
  cat >"$work/$1.yaml"
}

# --- Tools

# Set $bin, and $KDK_RENDER to a copy (a build meanwhile does not matter), or stop.
tools() { # [TOOL...]; without them, those for tests of the chart
  (($#)) || set -- helm3 helm4 kubectl
  cp -L "${KDK_RENDER:-$root/build/kdk-render}" "$work/kdk-render" || bail "no kdk-render: run make, or set KDK_RENDER"
  KDK_RENDER=$work/kdk-render
  bin=$("$root/e2e/tools/get" "$@") || bail "no tools"
}

# Start an API server with controllers and without nodes, and make it the one that everything talks to.
cluster() {
  "$root/e2e/tools/apiserver" start --controllers "$work/api" >/dev/null || bail "no API server"
}

# kubectl in namespace $ns
k() { # ARG...
  "$bin/kubectl" --namespace "$ns" "$@"
}

# What JSONPATH finds in an object; a part of an object comes as JSON, with its keys in order.
field() { # KIND/NAME JSONPATH
  k get "$1" --output "jsonpath=$2"
}

# Make PROGRAM the post-renderer NAME of both Helms: Helm 3 finds it on PATH, Helm 4 among its plugins, and
# neither sees the other's. The plugin is the project's, under that name, installed from a folder.
post_renderer() { # NAME PROGRAM
  mkdir -p "$work/helm3/path" "$work/helm4/path" "$work/plugin/$1/bin"
  ln -s "$2" "$work/helm3/path/$1"
  ln -s "$2" "$work/plugin/$1/bin/kdk-render"
  sed "s/^name: .*/name: $1/" "$root/plugin/helm/plugin.yaml" >"$work/plugin/$1/plugin.yaml"
  helm=helm4 helm plugin install "$work/plugin/$1" >/dev/null || bail "Helm 4 does not take the plugin"
}

# The Helm that $helm names (helm3, helm4), in namespace $ns
helm() { # ARG...
  local home=$work/$helm
  PATH=$home/path:$PATH HELM_NAMESPACE=$ns HELM_PLUGINS=$home/data/plugins \
    HELM_DATA_HOME=$home/data HELM_CACHE_HOME=$home/cache HELM_CONFIG_HOME=$home/config \
    "$bin/$helm" "$@"
}

# --- What a release has left in namespace $ns

kinds=networkpolicies,serviceaccounts,secrets,configmaps,persistentvolumeclaims,roles,rolebindings,services,statefulsets

# KIND/NAME of all objects of the kinds that KDK makes, without Kubernetes' and Helm's own.
objects() {
  k get "$kinds" --output name 2>/dev/null |
    sed 's/\.[a-z0-9.]*\//\//' |
    grep -vE '^(serviceaccount/default|configmap/kube-root-ca\.crt|secret/sh\.helm\.release\.v1\..*)$' |
    sort
}

# How many revisions Helm has stored, of all releases.
revisions() {
  k get secrets --selector owner=helm --output name | wc -l
}

# Tells whether anything was written: which objects there are, and which version of each. A StatefulSet has
# a generation besides, which its controller does not move.
versions() {
  k get configmaps,secrets,serviceaccounts,services,roles,rolebindings,networkpolicies --output \
    'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\n"}{end}'
  k get persistentvolumeclaims,statefulsets --output \
    'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation}{"\n"}{end}'
}
