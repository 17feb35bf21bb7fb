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

unsaid() { # TEXT
  run -1 said "$1"
}

works() {
  [ "$(KUBECONFIG=$nested kubectl get ns default -o name 2>"$work/why")" = namespace/default ]
}

forwarder() { # its process
  pgrep -f "port-forward pod/kdk-testing1-0 $port:" | while read -r found; do
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
  [ "$(grep 'port forward ended' "$work/shell.out")" = '.. port forward ended (by signal KILL): connecting again' ]
  [ "$(grep -c "Forwarding from 127.0.0.1:$port -> $port" "$work/shell.out")" = 2 ]
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
  unsaid 'created anew'
}

# An API server of the test's own
start_old() {
  "$root/e2e/tools/apiserver" start "$world/nested-$ns-old" >/dev/null 3>&-
}

# A shell on a cluster that is this API server
shell_on_old() {
  ready
  start_old
  publish kdk-testing1 "$world/nested-$ns-old"
  shell kdk-testing1
  works
}

# As `kind delete` ends it
kill_old() {
  kill -KILL "$(<"$world/nested-$ns-old/kube-apiserver.pid")"
}

# Whether a request of kdk's own is under way at the API server `old`, whose end it would notice
watched() {
  KUBECONFIG=$world/nested-$ns-old/admin.kubeconfig kubectl get --raw /metrics |
    grep -q '^apiserver_longrunning_requests{.*resource="namespaces",scope="resource",.*verb="WATCH",.*} 1$'
}

@test "the cluster is made anew in the same pod: no command fails on that" {
  shell_on_old
  await watched
  # Nothing is asked while it is made anew, with another authority, and another port behind the forward that stands.
  annotate kdk-testing1 kdk/phase=cluster
  kill_old
  await said '.. waiting for kdk-testing1: the cluster is created'
  publish kdk-testing1
  await said '.. kdk-testing1 was created anew: its kubeconfig is written again'
  works
  [ "$(stat -c %a "$nested")" = 600 ]
  finish
  unsaid 'port forward ended'
  [ "$(grep -c "Handling connection for $port" "$work/shell.out")" = 2 ] # those of `works`
}

@test "the cluster is made anew, and a command fails meanwhile: the next ones work" {
  shell_on_old
  # The Secret says ready until the pod has noticed, and nothing listens on the port.
  rm "$world/node/$ns/kdk-testing1-0.address"
  kill_old
  run -1 works
  await said '.. port forward ended (failed to connect to localhost:'
  said 'connection refused): connecting again'
  annotate kdk-testing1 kdk/phase=cluster
  await said '.. waiting for kdk-testing1: the cluster is created'
  publish kdk-testing1
  await said '.. kdk-testing1 was created anew: its kubeconfig is written again'
  await works
  finish
}

@test "the nested API server is away for a while: that is said once" {
  local before
  shell_on_old
  rm "$world/node/$ns/kdk-testing1-0.address"
  kill_old
  await said 'connection refused): connecting again'
  before=$(pgrep -f "port-forward pod/kdk-testing1-0 $port:" | sort)
  again() { # a forward has ended and another one stands in its place
    [ "$(pgrep -f "port-forward pod/kdk-testing1-0 $port:" | sort)" != "$before" ]
  }
  await again
  before=$(pgrep -f "port-forward pod/kdk-testing1-0 $port:" | sort)
  await again
  start_old
  echo "127.0.0.1:$(<"$world/nested-$ns-old/port")" >"$world/node/$ns/kdk-testing1-0.address"
  await works
  finish
  [ "$(grep -c 'port forward ended' "$work/shell.out")" = 1 ]
  [ "$(grep -c 'Forwarding from 127.0.0.1' "$work/shell.out")" = 2 ]
  unsaid 'created anew'
}

@test "the port is taken: a free one is used, or it is said by whom" {
  ready
  start first "$kdk" kdk-testing1 -- bash -c "touch $work/first-up; exec sleep 300"
  await test -e "$work/first-up"
  shell kdk-testing1
  await works
  said ". forwarding $port"
  said ".. port $port is taken by kubectl port-forward, process "
  run -1 grep -q "server: https://127.0.0.1:$port\$" "$nested"
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
