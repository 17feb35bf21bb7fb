#!/usr/bin/env bats
# kdk needs bash, kubectl and the programs that its head lists, as POSIX has them: everything is done with these alone,
# once as they are here, and once as busybox has them.
load common

# Each program that was wanted and is not there, other than lsof, which may be missing. bash tells, whatever becomes of
# the message.
missing() {
  grep -vx lsof "$work/missing"
}

on() { # [busybox]
  userland ${1:+"$1"}
  ln -s "$bin/kubectl" "$work/path/kubectl"
  : >"$work/missing"
  printf 'command_not_found_handle() { echo "$1" >>%q; return 127; }\n' "$work/missing" >"$work/bash-env"
  export BASH_ENV=$work/bash-env
}

kdk() { # ARG...
  PATH=$work/path "$kdk" "$@"
}

session() {
  echo 'kubectl get ns default -o name' | SHELL=$work/path/bash kdk kdk-testing1
}

everything() {
  release 'clusters: {testing1: {email: testing1@example.org, access: {logs: true}}}'
  publish kdk-testing1
  run kdk list -o wide
  echo "$output"
  [ "$status ${lines[0]%% *}" = "0 NAME" ]
  run kdk testing2 -- true
  [[ $output == *"did you mean kdk-testing1?" ]]
  run kdk -q testing1 -- kubectl get ns default -o name
  [ "$status $output" = "0 namespace/default" ]
  run session
  echo "$output"
  [ "$status ${lines[-1]}" = "0 namespace/default" ]
  echo 'dockerd: No space left on device' >"$world/node/$ns/kdk-testing1-0.log"
  run kdk logs testing1
  [ "$status $output" = "0 dockerd: No space left on device" ]
  run kdk doctor --log "$world/node/$ns/kdk-testing1-0.log"
  echo "$output"
  [[ $status$output == "1"*"(once, in line 1)"* ]]
  run kdk doctor testing1
  echo "$output"
  [[ $output == *"no problem found" ]]
  run kdk __complete --k
  [ "$output" = --kubeconfig ]
  run kdk __complete stat
  [ "$output" = status ]
  kdk help man | grep -q '^.TH KDK'

  # What is left over, and a port that is taken
  start left kubectl port-forward pod/kdk-testing1-0 "$port:$port"
  await grep -q Forwarding "$work/left.out"
  run kdk doctor testing1
  echo "$output"
  [[ $output == *"a forwarder to kdk-testing1 is left over: process $pid, "*"remedy: kill $pid"* ]]
  run kdk --port "$port" testing1 -- true
  [[ $output == "kdk: port $port is taken by kubectl port-forward, process $pid: "* ]]
  kill "$pid"

  # A forwarder that ends, a signal, and nothing left
  start signalled env PATH="$work/path" "$kdk" testing1 -- bash -c "trap 'exit 41' TERM; echo >$work/up; while :; do sleep 1; done"
  await test -e "$work/up"
  kill -KILL "$(pgrep -f "port-forward pod/kdk-testing1-0 $port:")"
  await grep -q 'port forward ended (by signal KILL): connecting again' "$work/signalled.out"
  kill "$pid"
  ended "$pid"
  [ "$status" = 41 ]
  nothing_left
  run -1 missing
}

@test "with exactly the programs that it lists" {
  on
  everything
}

@test "with those of busybox" {
  on busybox
  everything
}

@test "in bash as it was at 3.2, where bash can still be so" {
  on
  export BASH_COMPAT=3.2
  everything
}

@test "a program that is not listed would be noticed" {
  on
  rm "$work/path/sort"
  run kdk list
  run -0 missing
  [ "$output" = sort ]
}
