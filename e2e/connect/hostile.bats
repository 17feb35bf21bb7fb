#!/usr/bin/env bats
# What is in the Secret can be written by whoever is root in the pod. It runs nothing, reads nothing, goes nowhere
# else, and is not printed as it is.
load common

evil=$'\033]0;owned\007\033[2J\302\233\xe2\x80\xae\r'

# What the kubeconfig is made into when kdk takes it
taken() {
  "$kdk" kdk-testing1 -- bash -c 'cat "$KUBECONFIG"' 2>"$work/err"
}

# With this text in place of the published kubeconfig
with() { # TEXT
  printf '%s' "$1" >"$work/evil"
  secret kdk-testing1 "{\"data\": {\"config\": \"$(base64 -w0 <"$work/evil")\"}}"
}

refused() { # SENTENCE
  run taken
  echo "$status: $(<"$work/err")"
  [ "$status" = 1 ]
  [ "$output" = "" ]
  [ "$(<"$work/err")" = "kdk: $1" ]
}

@test "a kubeconfig's own user, server, files and programs do not get into ours" {
  ready
  local good mine
  good=$(<"$work/kdk-testing1.config")
  mine=$(taken)
  with "${good/users:/preferences: {colors: true\}
extensions: []
users:
- name: first
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [$work/ran], interactiveMode: Never\}
    auth-provider: {name: gcp, config: {cmd-path: $work/ran\}\}
    tokenFile: /etc/passwd
    client-certificate: /etc/passwd
    client-key: /etc/shadow
- name: kdk-testing1
  user:
    token: abc
}"
  [ "$(taken)" = "$mine" ]
  with "${good//server: /proxy-url: http:\/\/127.0.0.1:9
    insecure-skip-tls-verify: true
    certificate-authority: /etc/passwd
    tls-server-name: evil
    server: https://192.0.2.1:6443 #}"
  [ "$(taken)" = "$mine" ]
  [[ $mine != *exec* ]]
  [ "$(grep -c 'server: https://127.0.0.1:' <<<"$mine")" = 1 ]
  [ ! -e "$work/ran" ]
  nothing_left
}

@test "what is no base64 of PEM is refused" {
  ready
  local good word='Secret kdk-testing1 holds no kubeconfig with a CA, a client certificate and a key inside: `kdk restart kdk-testing1` makes its pod write it again'
  good=$(<"$work/kdk-testing1.config")
  local bad
  for bad in '$(touch ran)' '`touch ran`' "x
    exec: {command: touch}" '/etc/passwd' '' 'LS0tLS1CRUdJTi!' 'LS0tLS1CRUdJTiA' 'bm90IHBlbQ==' '*anchor' "${evil}LS0tLS1CRUdJTiAa"; do
    with "$(sed "s|client-key-data: .*|client-key-data: |" <<<"$good")$bad"
    refused "$word"
  done
  with "{\"users\": [{\"user\": {\"exec\": {\"command\": \"touch\"}}}]}"
  refused "$word"
  head -c 60000 /dev/urandom >"$work/random"
  secret kdk-testing1 "{\"data\": {\"config\": \"$(base64 -w0 <"$work/random")\"}}"
  refused "$word"
  head -c 600000 /dev/zero >"$work/zero"
  secret kdk-testing1 "{\"data\": {\"config\": \"$(base64 -w0 <"$work/zero")\"}}"
  refused 'Secret kdk-testing1 holds a kubeconfig of more than 150 kB: `kdk restart kdk-testing1` makes its pod write it again'
  secret kdk-testing1 '{"data": {"config": ""}}'
  refused "$word"
  [ -z "$(find "$work" -name 'ran*' ! -name random)" ]
  nothing_left
}

@test "the port is digits before it is a number" {
  ready
  local bad
  for bad in 'a[$(touch '"$work"'/ran)]' '16443; touch ran' '0' '65536' '99999999999999999999' '-1' '+5' '0x10' "16443$evil" ' 1' \
    'HOME' '1e3' '16443 -- --kubeconfig'; do
    annotate kdk-testing1 "kdk/port=$bad"
    refused 'Secret kdk-testing1 holds no port number in annotation kdk/port: `kdk restart kdk-testing1` makes its pod write it again'
    run "$kdk" kubeconfig kdk-testing1
    [ "$status" = 1 ]
  done
  [ -z "$(find "$work" -name 'ran*')" ]
  annotate kdk-testing1 kdk/port=08443 # no octal number
  taken >/dev/null
  nothing_left
}

# Whether what was printed has characters that a terminal would obey
harmless() {
  ! LC_ALL=C grep -q $'[\001-\010\013-\037\177]\|\302[\200-\237]\|\342\200[\252-\256]' <<<"$output" &&
    [ "${#output}" -lt 3000 ]
}

@test "nothing of it is printed as it is: not by any command" {
  local command
  release 'clusters: {testing1: {email: testing1@example.org, access: {logs: true}}}'
  publish kdk-testing1
  for phase in "$evil" ready; do
    secret kdk-testing1 "$(jq -n --arg phase "$phase" --arg evil "$evil" --arg long "$(printf '%09000d' 0)$evil" '{metadata: {annotations: {
      "kdk/phase": $phase, "kdk/message": ("m" + $evil + "\\\"$(touch ran)" + $long), "kdk/updated": $evil,
      "kdk/pending-change": ("p" + $evil), "kdk/owner": ("o" + $evil), "kdk/pod-uid": ""}}}')"
    for command in list 'list -o wide' 'list -o json' 'status testing1' '--wait 0 testing1 -- true' doctor 'restart testing1'; do
      # shellcheck disable=SC2086 # a command with its arguments
      run "$kdk" $command
      echo "$command: $(cat -v <<<"$output")"
      harmless
      [[ $command != *json ]] || jq -e . <<<"$output"
    done
  done
  status kdk-testing1-0 "$(jq -n --arg evil "$evil" '{phase: "Pending", containerStatuses: [{name: "kdk", image: "kdk", imageID: "",
    ready: false, restartCount: 1, state: {waiting: {reason: ("CrashLoopBackOff" + $evil), message: $evil}},
    lastState: {terminated: {exitCode: 1, message: ("t" + $evil)}}}]}')"
  annotate kdk-testing1 kdk/phase=ready
  for command in 'status testing1' '--wait 0 testing1 -- true' 'doctor testing1'; do
    # shellcheck disable=SC2086 # a command with its arguments
    run "$kdk" $command
    harmless
  done
  [ -z "$(find "$work" -name 'ran*')" ]
  nothing_left
}
