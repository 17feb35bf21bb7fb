#!/usr/bin/env bats
# What goes wrong while a cluster is in use: it goes on within seconds, or says why not.
load common

teardown() {
  [ ! -f "$work/shell.out" ] || cat "$work/shell.out"
  end_all
}

# A shell in the background that ends when $work/done is there; its output is in $work/shell.out.
shell() {
  printf '%s\n' "touch $work/up" "until [ -e $work/done ]; do sleep 0.1; done" >"$work/script"
  start shell bash -c "exec $kdk $* <$work/script"
  await test -e "$work/up"
  nested=$(sed -n 's/^KUBECONFIG=\(.*\)\/config \$SHELL$/\1/p' "$work/shell.out")/config
}

finish() {
  touch "$work/done"
  ended "$pid"
  cat "$work/shell.out"
  [ "$status" = 0 ]
  nothing_left
}

said() { # TEXT
  grep -qF -- "$1" "$work/shell.out"
}

works() {
  [ "$(KUBECONFIG=$nested kubectl get ns default -o name 2>"$work/why")" = namespace/default ]
}

forwarder() { # its process
  pgrep -f "port-forward pod/kdk-testing1-0 .*:$port\$" | while read -r found; do
    ! tr '\0' '\n' <"/proc/$found/environ" | grep -qx "TMPDIR=$TMPDIR" || echo "$found"
  done
}

@test "the forwarder is killed: it is started again on the same port" {
  ready
  shell kdk-testing1
  works
  kill -KILL "$(forwarder)"
  await said '.. port forward ended ('
  await works
  finish
  [ "$(grep -c "Forwarding from 127.0.0.1:$port -> $port" "$work/shell.out")" = 2 ]
  [ "$(grep -c 'port forward ended' "$work/shell.out")" = 1 ]
}

@test "the pod is made anew: it is waited for" {
  ready
  shell kdk-testing1
  admin delete pod kdk-testing1-0 --grace-period=0 --force >/dev/null 2>&1
  kill -HUP "$(<"$world/node.pid")"
  await said '.. port forward ended (lost connection to pod): connecting again'
  await said '.. waiting for kdk-testing1: there is no pod kdk-testing1-0'
  pods
  await said '.. waiting for kdk-testing1: pod kdk-testing1-0 is new, and has not reported yet'
  annotate kdk-testing1 kdk/phase=cluster "kdk/pod-uid=$(admin get pod kdk-testing1-0 -o 'jsonpath={.metadata.uid}')"
  await said '.. waiting for kdk-testing1: the cluster is created'
  publish kdk-testing1
  await works
  finish
  ! said 'created anew'
}

@test "the cluster is made anew in the same pod: the kubeconfig is written again" {
  ready
  shell kdk-testing1
  works
  # Another authority, on another port: nothing listens on the old one.
  "$root/e2e/tools/apiserver" start "$world/nested-$ns" >/dev/null 3>&-
  rm "$world/node/$ns/kdk-testing1-0.address"
  ! works
  await said '.. port forward ended (failed to connect to localhost:'
  said 'connection refused): connecting again'
  annotate kdk-testing1 kdk/phase=cluster
  publish kdk-testing1 "$world/nested-$ns"
  await works # a connection makes it look again
  said '.. kdk-testing1 was created anew: its kubeconfig is written again'
  [ "$(stat -c %a "$nested")" = 600 ]

  # And once more, with a forward that stands all the time
  publish kdk-testing1 "$world/nested"
  await works
  finish
  [ "$(grep -c 'was created anew' "$work/shell.out")" = 2 ]
  "$root/e2e/tools/apiserver" stop "$world/nested-$ns"
}

@test "the port is taken: a free one is used, or it is said by whom" {
  ready
  start first "$kdk" kdk-testing1 -- bash -c "touch $work/first-up; exec sleep 300"
  await test -e "$work/first-up"
  shell kdk-testing1
  await works
  said ". forwarding $port"
  said ".. port $port is taken by kubectl port-forward, process "
  ! grep -q "server: https://127.0.0.1:$port\$" "$nested"
  touch "$work/done"
  ended "$pid"
  [ "$status" = 0 ]
  run "$kdk" --port "$port" kdk-testing1 -- true
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == "kdk: port $port is taken by kubectl port-forward, process "*": end that, or give another --port" ]]
  kill "$(<"$work/pids/first")"
  await nothing_left
}

@test "twenty at the same time all get in" {
  local i
  ready
  for ((i = 0; i < 20; i++)); do
    start "$i" "$kdk" -q kdk-testing1 -- kubectl get ns default -o name
  done
  for ((i = 0; i < 20; i++)); do
    ended "$(<"$work/pids/$i")"
    echo "$i: $status $(<"$work/$i.out")"
    [ "$status $(<"$work/$i.out")" = "0 namespace/default" ]
  done
  nothing_left
}

@test "a forward that cannot stand ends in a sentence" {
  ready
  admin patch pod kdk-testing1-0 --subresource=status --patch '{"status": {"phase": "Unknown"}}' >/dev/null
  run "$kdk" -q kdk-testing1 -- true
  echo "$output"
  [ "$status" = 1 ]
  [ "$output" = 'kdk: port forwarding to pod kdk-testing1-0 fails: unable to forward port because pod is not running. Current status=Unknown; `kdk doctor kdk-testing1` looks further' ]
  nothing_left
}
