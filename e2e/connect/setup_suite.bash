# shellcheck shell=bash
# The world in which scripts/kdk is tested, started once for all files of this folder: a real API server, which is the
# cluster below; a second one, which stands for every nested cluster; and a node that forwards to it.
#
# Takes  build/kdk-render and the tools, as ../lib.sh does (KDK_RENDER, KDK_TOOLS).
# Gives  $root, $bin (kubectl), $kdk, $world with api/ nested/ node/, and what common.bash makes of them.

setup_suite() {
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  [ -f "$root/scripts/kdk" ] || root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
  # A short path: sockets are in it.
  world=$(mktemp -d /tmp/kdk-connect.XXXXXX)
  export root world
  export kdk=$root/scripts/kdk
  export render=${KDK_RENDER:-$root/build/kdk-render}
  bin=$("$root/e2e/tools/get" kubectl etcd kube-apiserver fake-kubelet) || return 1
  export bin KDK_TOOLS=${bin%/bin} # as HOME is another in the tests
  "$root/e2e/tools/apiserver" start "$world/api" >/dev/null 3>&- &
  local below=$!
  "$root/e2e/tools/apiserver" start "$world/nested" >/dev/null 3>&- || return 1
  wait "$below" || return 1

  mkdir "$world/node"
  "$bin/fake-kubelet" "$world/node" >"$world/node.log" 2>&1 3>&- &
  echo $! >"$world/node.pid"
  until [ -s "$world/node/port" ]; do kill -0 "$(<"$world/node.pid")" && sleep 0.05 || return 1; done
  "$root/e2e/tools/apiserver" user "$world/api" testing1@example.org >/dev/null || return 1
  export KUBECONFIG=$world/api/admin.kubeconfig KUBECACHEDIR=$world/cache KUBERC=off
  "$bin/kubectl" create --filename - >/dev/null <<'END' || return 1
apiVersion: v1
kind: Node
metadata: {name: node}
END
  "$bin/kubectl" patch node node --subresource=status --patch "{\"status\": {
    \"addresses\": [{\"type\": \"InternalIP\", \"address\": \"127.0.0.1\"}],
    \"daemonEndpoints\": {\"kubeletEndpoint\": {\"Port\": $(<"$world/node/port")}}}}" >/dev/null
}

teardown_suite() {
  [ ! -f "$world/node.pid" ] || kill "$(<"$world/node.pid")"
  local dir
  for dir in "$world"/api "$world"/nested*; do
    [ ! -d "$dir" ] || "$root/e2e/tools/apiserver" stop "$dir"
  done
  rm -rf "$world"
}
