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

@test "a command gets stdin, and its output and exit status are all that there is" {
  ready
  run --separate-stderr bash -c 'echo hello | "$kdk" kdk-testing1 -- bash -c "cat; kubectl get ns default -o name; exit 7"'
  echo "$output"; echo "$stderr"
  [ "$status" = 7 ]
  [ "$output" = $'hello\nnamespace/default' ]
  [ "$stderr" = "" ]
  nothing_left

  # By the cluster's name alone, and with options before and after it
  run --separate-stderr env KUBECONFIG=/dev/null "$kdk" --kubeconfig "$KUBECONFIG" -n "$ns" testing1 --port "$((port + 1))" -- \
    kubectl config view --minify -o 'jsonpath={.clusters[].cluster.server}'
  [ "$status $output $stderr" = "0 https://127.0.0.1:$((port + 1)) " ]
  run -127 "$kdk" kdk-testing1 -- no-such-command
  nothing_left
}

@test "a signal to kdk reaches the command, whose exit status is kdk's" {
  local signal
  ready
  for signal in INT TERM HUP; do
    rm -f "$work/up"
    start "$signal" "$kdk" kdk-testing1 -- bash -c "trap 'echo got $signal; exit 41' $signal
      touch $work/up; while :; do sleep 0.1; done"
    await test -e "$work/up"
    kill -"$signal" "$pid"
    ended "$pid"
    echo "$signal: $status $(<"$work/$signal.out")"
    [ "$status" = 41 ]
    [ "$(<"$work/$signal.out")" = "got $signal" ]
    nothing_left
  done
}

@test "a signal as the command ends does not make kdk wait for ever" {
  local i
  ready
  over() {
    ! kill -0 "$pid" 2>/dev/null
  }
  for i in 1 2 3 4 5 6 7 8; do
    rm -f "$work/up"
    start "$i" "$kdk" -q kdk-testing1 -- bash -c "echo >$work/up; exit 7"
    await test -e "$work/up"
    kill "$pid" || true
    await over
    ended "$pid"
    echo "$i: $status $(<"$work/$i.out")"
    [ "$status" = 7 ] || [ "$status" = 143 ]
    [ "$(<"$work/$i.out")" = "" ] # no word of bash's own on it
    nothing_left
  done
}

@test "kdk that is killed leaves nothing either" {
  ready
  start killed "$kdk" kdk-testing1 -- bash -c "touch $work/up; exec sleep 10"
  await test -e "$work/up"
  kill -KILL "$pid"
  await nothing_left
}

@test "folder and files are the user's alone whatever the umask; no secret is in an argument or variable" {
  ready
  run bash -c 'umask 000; "$kdk" kdk-testing1 -- bash -c "cd \"\$(dirname \"\$KUBECONFIG\")\" && find . -printf \"%m %y %p\n\" | sort; touch $work/made"'
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *'700 d .'* ]]
  [[ $output == *'600 f ./config'* ]]
  [ "$(grep -vcE '^(700 d|600 [fp]) ' <<<"$output")" = 0 ]
  local key file
  key=$(sed -n 's/.*client-key-data: //p' "$work/kdk-testing1.config")
  start secret "$kdk" kdk-testing1 -- bash -c "touch $work/up; exec sleep 60"
  await test -e "$work/up"
  for file in $(grep -lzxF "TMPDIR=$TMPDIR" /proc/[0-9]*/environ 2>/dev/null); do
    ! grep -qF "$key" "$file" "${file%environ}cmdline" 2>/dev/null
  done
  kill "$pid"
  await nothing_left
}

@test "a cluster is found by what one would call it" {
  release 'clusters: {dev: {email: testing1@example.org}, list: {email: testing1@example.org}, other: {email: else@example.org}}'
  publish kdk-list
  run "$kdk" kdk-list -- echo in
  [ "$output" = in ]
  run "$kdk" kdk-dve -- true
  [ "$status $output" = "1 kdk: there is no cluster kdk-dve in namespace $ns; did you mean kdk-dev?" ]
  run "$kdk" devv -- true
  [ "$status $output" = "1 kdk: there is no cluster devv in namespace $ns; did you mean kdk-dev?" ]
  run "$kdk" production -- true
  [ "$status $output" = "1 kdk: there is no cluster production in namespace $ns that you may use; yours: kdk-dev, kdk-list" ]
  run "$kdk" Dev_1 -- true
  [ "$status $output" = "1 kdk: Dev_1 is no name of a cluster" ]
  run "$kdk" -n elsewhere dev -- true
  echo "$output"
  [[ $status$output == "1kdk: there is no cluster dev in namespace elsewhere that you may use: give its namespace by -n"* ]]

  "$render" --release b --namespace "$ns" "$work/values.yaml" | admin apply --server-side --filename - >/dev/null
  run "$kdk" dev -- true
  [ "$status $output" = "1 kdk: there are several clusters of that name: b-dev, kdk-dev; say which" ]
}

@test "list, status and logs show what the Secret and the pod say" {
  release 'clusters:
  testing1: {email: testing1@example.org, access: {logs: true}}
  testing2: {email: testing1@example.org}
  other: {email: else@example.org}'
  publish kdk-testing1
  annotate kdk-testing1 'kdk/pending-change=workers 1 instead of 0'
  annotate kdk-testing2 kdk/phase=cluster 'kdk/message=creating "the" cluster \o/'
  run "$kdk" list -o name
  [ "$output" = $'kdk-testing1\nkdk-testing2' ]
  run "$kdk" list
  echo "$output"
  diff - <(echo "$output") <<'END'
NAME          PHASE    MESSAGE
kdk-testing1  ready    waits for a restart: workers 1 instead of 0
kdk-testing2  cluster  creating "the" cluster \o/
END
  run "$kdk" list -o wide
  echo "$output"
  [ "${#lines[@]}" = 3 ]
  [[ ${lines[1]} == "kdk-testing1  ready    $port "*"2026-01-02T03:04:05Z  testing1@example.org" ]]
  "$kdk" list -o json | jq -e --arg ns "$ns" --arg port "$port" '. == [
    {name: "kdk-testing1", namespace: $ns, phase: "ready", message: "", port: $port, owner: "testing1@example.org",
     updated: "2026-01-02T03:04:05Z", pendingChange: "workers 1 instead of 0"},
    {name: "kdk-testing2", namespace: $ns, phase: "cluster", message: "creating \"the\" cluster \\o/", port: "",
     owner: "testing1@example.org", updated: "", pendingChange: ""}]'
  [ "$(KUBECONFIG=$world/api/admin.kubeconfig "$kdk" -n "$ns" list -o name | paste -sd' ')" = 'kdk-other kdk-testing1 kdk-testing2' ]
  run "$kdk" -n kube-system list
  [ "$status $output" = "0 no clusters in namespace kube-system that you may use; -n NAMESPACE looks in another" ]

  run "$kdk" status testing1
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *'ready:     yes'*'waiting:   workers 1 instead of 0; `kdk restart kdk-testing1` applies it' ]]
  run "$kdk" status testing2
  [ "$status" = 1 ]
  [[ $output == *'ready:     no: creating "the" cluster \o/'* ]]

  printf 'phase=dockerd event=start\n\033[31mred\033[0m\302\233x\xe2\x80\xaey\n' >"$world/node/$ns/kdk-testing1-0.log"
  run "$kdk" logs testing1 --tail 5
  [ "$status $output" = $'0 phase=dockerd event=start\n[31mred[0mxy' ]
  run "$kdk" logs testing2
  echo "$output"
  [[ $status$output == "1kdk: you may not read the log of pod kdk-testing2-0: access.logs: true for the cluster grants it"* ]]
  nothing_left
}

@test "kubeconfig prints one that works through another forwarder" {
  ready
  "$kdk" kubeconfig testing1 >"$work/mine"
  [ "$(KUBECONFIG=$work/mine kubectl config view --minify -o 'jsonpath={.clusters[].cluster.server} {.current-context}')" = \
    "https://127.0.0.1:$port kdk-testing1" ]
  "$kdk" --port "$(<"$world/nested/port")" kubeconfig testing1 >"$work/mine"
  [ "$(KUBECONFIG=$work/mine kubectl get ns default -o name)" = namespace/default ]
  nothing_left
}

@test "restart says what is lost, asks, and deletes the pod" {
  release 'clusters: {testing1: {email: testing1@example.org}, kept: {email: testing1@example.org, storage: {persistent: true}}}'
  run "$kdk" restart testing1
  [ "$status $output" = "1 kdk: restarting kdk-testing1 needs a yes: everything in the cluster is lost, as it has no persistent storage; give -y to do it without asking" ]
  run "$kdk" restart kept
  [[ $output == *'what is in the cluster stays, as its storage is persistent'* ]]
  run "$kdk" restart testing1 -y
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[1]}" = '. `kdk kdk-testing1` waits until it is ready' ]
  [ "$(admin get pod kdk-testing1-0 -o 'jsonpath={.metadata.deletionTimestamp}')" != "" ]
  admin delete pod kdk-testing1-0 --grace-period=0 --force >/dev/null 2>&1
  run "$kdk" restart testing1 -y
  [ "$status $output" = "1 kdk: there is no pod kdk-testing1-0 to restart: the cluster is paused, or its pod is about to be made" ]
}

@test "a cluster that is starting is waited for, phase by phase" {
  release 'clusters: {testing1: {email: testing1@example.org}}'
  status kdk-testing1-0 '{"phase": "Pending", "containerStatuses": null, "conditions": [{"type": "PodScheduled", "status": "False",
    "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient memory."}]}'
  run "$kdk" --wait 0 kdk-testing1
  echo "$output"
  [ "$status" = 1 ]
  [ "${lines[1]}" = 'kdk: kdk-testing1 is not ready: pod kdk-testing1-0 is pending: 0/3 nodes are available: 3 Insufficient memory.; `kdk doctor kdk-testing1` looks further' ]
  start waiting "$kdk" --wait 5m kdk-testing1 -- echo in
  said() { grep -qF "$1" "$work/waiting.out"; }
  await said '. waiting for kdk-testing1: pod kdk-testing1-0 is pending: 0/3'
  running kdk-testing1-0
  await said '. waiting for kdk-testing1: pod kdk-testing1-0 has not reported yet'
  annotate kdk-testing1 kdk/phase=dockerd
  await said '. waiting for kdk-testing1: Docker starts'
  publish kdk-testing1
  await said in
  ended "$pid"
  [ "$status" = 0 ]
  nothing_left
}

@test "a cluster that does not come up is told with its own reason" {
  ready
  annotate kdk-testing1 kdk/phase=failed 'kdk/message=P07: services 10.96.0.0/16 contain the DNS server 10.96.0.10 of the parent'
  run "$kdk" kdk-testing1
  [ "$status" = 1 ]
  [ "${lines[1]}" = 'kdk: kdk-testing1 failed: P07: services 10.96.0.0/16 contain the DNS server 10.96.0.10 of the parent; `kdk doctor kdk-testing1` looks further' ]
  status kdk-testing1-0 '{"containerStatuses": [{"name": "kdk", "image": "kdk", "imageID": "", "ready": false, "restartCount": 3,
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"exitCode": 65, "message": "P07: it overlaps"}}}]}'
  run "$kdk" kdk-testing1
  [ "${lines[1]}" = 'kdk: kdk-testing1 failed: pod kdk-testing1-0 ends again and again (exit status 65): P07: it overlaps; `kdk doctor kdk-testing1` looks further' ]
  status kdk-testing1-0 '{"containerStatuses": [{"name": "kdk", "image": "kdk", "imageID": "", "ready": false, "restartCount": 0,
    "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]}'
  run "$kdk" --wait 0s kdk-testing1
  [ "${lines[1]}" = 'kdk: kdk-testing1 is not ready: pod kdk-testing1-0 is not running yet: ImagePullBackOff: no such image; `kdk doctor kdk-testing1` looks further' ]

  # The Secret says ready, but of a pod that was.
  running kdk-testing1-0
  annotate kdk-testing1 kdk/phase=ready kdk/message= kdk/pod-uid=another
  run "$kdk" --wait 0s kdk-testing1
  [ "${lines[1]}" = 'kdk: kdk-testing1 is not ready: pod kdk-testing1-0 is new, and has not reported yet; `kdk doctor kdk-testing1` looks further' ]
  admin delete pod kdk-testing1-0 --grace-period=0 --force >/dev/null 2>&1
  run "$kdk" --wait 0s kdk-testing1
  [ "${lines[1]}" = 'kdk: kdk-testing1 is not ready: there is no pod kdk-testing1-0: the cluster is paused, or its pod is about to be made; `kdk doctor kdk-testing1` looks further' ]
  nothing_left
}

@test "inside its own shell kdk says so, and with what KUBECONFIG it would work" {
  ready
  local outer=$KUBECONFIG
  run "$kdk" kdk-testing1 -- "$kdk" list
  [ "$status $output" = "1 kdk: this is the shell of kdk-testing1, where kubectl talks to the nested cluster: type exit first, or run KUBECONFIG=$outer kdk list" ]
  run "$kdk" kdk-testing1 -- env -u KDK_OUTER_KUBECONFIG "$kdk" list # a second terminal has the file alone
  [[ $output == *"or run KUBECONFIG=$outer kdk list" ]]
  run "$kdk" kdk-testing1 -- bash -c 'KUBECONFIG=$KDK_OUTER_KUBECONFIG "$kdk" list -o name'
  [ "$status $output" = "0 kdk-testing1" ]
  KUBECONFIG=$work/gone run "$kdk" list
  [ "$status $output" = "1 kdk: KUBECONFIG names $work/gone, which is not there (of a kdk shell that has ended?): unset KUBECONFIG, or set it right" ]
  nothing_left
}
