#!/usr/bin/env bats
# A session from beginning to end: what it prints, what it runs, what it leaves.
load common

@test "the plain case prints what the README shows, and runs a shell on the nested cluster" {
  port=16443
  ready
  run --separate-stderr bash -c 'echo "kubectl get ns -o name; echo \$KDK_OUTER_KUBECONFIG" | "$kdk" kdk-testing1'
  echo "$output"; echo "$stderr"
  [ "$status" = 0 ]
  [ "$stderr" = "" ]
  local folder=${output#*KUBECONFIG=}
  folder=${folder%%/config*}
  [[ $folder == "$TMPDIR"/tmp.* ]]
  diff <(printf '%s\n' 'Setting up access to kdk-testing1' \
    '. writing kubeconfig for kdk-testing1' \
    '. tightening permissions for kubeconfig' \
    '. getting port number' \
    '. forwarding 16443' \
    '. waiting for port forward to complete' \
    '.. Forwarding from 127.0.0.1:16443 -> 16443' \
    '.. Forwarding from [::1]:16443 -> 16443' \
    '. launching sub-shell (when finished type exit to return)' '' \
    'To launch further shells run:' '' \
    "KUBECONFIG=$folder/config \$SHELL" \
    '.. Handling connection for 16443' \
    namespace/default namespace/kube-node-lease namespace/kube-public namespace/kube-system "$KUBECONFIG") <(echo "$output")
  nothing_left
}
