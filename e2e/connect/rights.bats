#!/usr/bin/env bats
# What an owner may do is enough, and each right that is missing is told, with the rule that grants it.
load common

@test "without the right to read the Secret" {
  ready
  revoke kdk-testing1 get secrets
  run "$kdk" kdk-testing1
  [ "$status $output" = "1 kdk: you may not read Secret kdk-testing1 in namespace $ns: its owners may; this rule in a Role there grants it: {apiGroups: [\"\"], resources: [secrets], resourceNames: [kdk-testing1], verbs: [get]}" ]
  run "$kdk" testing1 -- true # its name is known all the same, from the right to forward
  [[ $status$output == "1kdk: you may not read Secret kdk-testing1 in"* ]]
  run "$kdk" doctor kdk-testing1
  [ "$status" = 1 ]
  [[ $output == *"problem 4, port forwarding: you may not read Secret kdk-testing1"* ]]
  nothing_left
}

@test "without the right to look at the pod" {
  ready
  revoke kdk-testing1 get pods
  run "$kdk" -q kdk-testing1
  [ "$status $output" = "1 kdk: you may not look at pod kdk-testing1-0, which forwarding needs: this rule in a Role of namespace $ns grants it: {apiGroups: [\"\"], resources: [pods], resourceNames: [kdk-testing1-0], verbs: [get]}" ]
  run "$kdk" doctor
  [ "$status" = 1 ]
  [[ $output == *"problem 4, port forwarding: you may not look at pod kdk-testing1-0"* ]]
  nothing_left
}

@test "without the right to forward" {
  local rule='{apiGroups: [""], resources: [pods/portforward], resourceNames: [kdk-testing1-0], verbs: [get, create]}'
  ready
  revoke kdk-testing1 get pods/portforward
  revoke kdk-testing1 create pods/portforward
  run "$kdk" -q kdk-testing1
  [ "$status $output" = "1 kdk: you may not forward ports to pod kdk-testing1-0: this rule in a Role of namespace $ns grants it: $rule" ]
  run "$kdk" doctor
  [ "$status" = 1 ]
  [[ $output == *"problem 4, port forwarding: you may not forward ports to pod kdk-testing1-0"*"$rule"* ]]
  nothing_left
}

@test "either verb of the right to forward is enough for this kubectl, and doctor asks for both" {
  ready
  revoke kdk-testing1 create pods/portforward
  run "$kdk" kdk-testing1 -- echo in
  [ "$output" = in ]
  run "$kdk" doctor
  [[ $status$output == 1*"may not forward ports"* ]]
}

@test "without the right to restart" {
  release 'clusters: {testing1: {email: testing1@example.org, access: {restart: false}}}'
  run "$kdk" restart -y kdk-testing1
  [ "$status $output" = "1 kdk: you may not restart kdk-testing1 (its administrator has set access.restart: false): this rule in a Role of namespace $ns grants it: {apiGroups: [\"\"], resources: [pods], resourceNames: [kdk-testing1-0], verbs: [delete]}" ]
}

@test "without a kubeconfig, a server, a context, credentials, a kubectl" {
  mkdir "$work/none"
  run env KUBECONFIG="$work/none/config" "$kdk" list
  [[ $status$output == "1kdk: KUBECONFIG names $work/none/config, which is not there"* ]]
  run env -u KUBECONFIG "$kdk" list
  [ "$status $output" = "1 kdk: kubectl has no cluster to talk to: set KUBECONFIG, or give --kubeconfig FILE" ]
  run "$kdk" --context nowhere list
  [[ $status$output == "1kdk: kubectl knows no such context"* ]]
  kubectl config set clusters.test.server https://127.0.0.1:1 >/dev/null
  run "$kdk" kdk-testing1
  echo "$output"
  [[ $status$output == "1kdk: the cluster below cannot be reached (The connection to the server 127.0.0.1:1 was refused"* ]]
  run "$kdk" doctor
  [[ $status$output == "1  problem 7, something else: the cluster below cannot be reached"* ]]
  cp "$world/api/testing1@example.org.kubeconfig" "$KUBECONFIG"
  kubectl config unset users >/dev/null
  kubectl config set-credentials testing1@example.org --token=wrong >/dev/null
  run "$kdk" kdk-testing1
  [ "$status $output" = "1 kdk: the cluster below does not take your credentials: log in again as you do for kubectl" ]

  userland
  PATH=$work/path run "$kdk" list
  [ "$status $output" = "1 kdk: kubectl is not on the PATH: kdk needs it, https://kubernetes.io/docs/tasks/tools" ]
  printf '#!/bin/sh\necho "Error: unknown flag: --request-timeout" >&2; exit 1\n' >"$work/none/kubectl"
  chmod +x "$work/none/kubectl"
  PATH=$work/none:$PATH run "$kdk" kdk-testing1
  [[ $status$output == "1kdk: this kubectl is too old for kdk"* ]]
  nothing_left
}

@test "wrong usage is told in a sentence, with status 2" {
  local args
  for args in "" "--port x a" "--wait soon a" "-n" "-n Not_A_Name list" "--frob" "a b" "a --" "-- a" "status" "status a b" \
    "list -o yaml" "completion csh" "completion" "help x"; do
    # shellcheck disable=SC2086 # a list of words
    run "$kdk" $args
    echo "$args: $status $output"
    [ "$status" = 2 ]
    [ "${#lines[@]}" = 1 ] || [ -z "$args" ]
  done
  run "$kdk" version
  [ "$status $output" = "0 kdk $(sed -n 's/^VERSION := //p' "$root/Makefile")" ]
  "$kdk" help | grep -q 'kdk NAME -- COMMAND'
  "$kdk" help man | man -l - >/dev/null 2>"$work/man"
  [ ! -s "$work/man" ]
}
