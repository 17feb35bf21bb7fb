#!/usr/bin/env bats
# kdk as a person sees it: in a real terminal, with keys pressed.
load common

bats_require_minimum_version 1.5.0

load ../terminal.sh

completes() { # PROMPT: what is typed behind it
  await ends_with "$1"
  keys -l 'kdk stat'; keys Tab
  await ends_with "$1 kdk status"
  keys -l 'kdk-t'; keys Tab
  await ends_with "$1 kdk status kdk-testing1"
}

teardown() {
  screen || true
  terminal_ends
}

@test "a session, as the README shows it" {
  ready
  terminal
  type "$kdk kdk-testing1"
  await ends_with '(kdk-testing1) in$'
  shows "KUBECONFIG=$TMPDIR/tmp."
  type 'kubectl get ns'
  await shows ".. Handling connection for $port"
  await shows 'kube-system'
  # Ctrl-C ends what runs in the shell, and neither the shell nor the forwarder
  type 'sleep 100'
  keys C-c
  type 'kubectl get ns default -o name'
  await shows namespace/default
  times 0 'port forward ended'
  type exit
  await ends_with 'out$'
  nothing_left
}

@test "a second terminal uses the printed line while the first lives" {
  ready
  terminal
  type "$kdk kdk-testing1"
  await shows '(kdk-testing1)'
  local line
  line=$(screen | sed -n 's/^\(KUBECONFIG=.*\) \$SHELL$/\1/p')
  [ "$(env "$line" kubectl get ns default -o name)" = namespace/default ]
  run env "$line" "$kdk" list
  [[ $output == *"this is the shell of kdk-testing1"* ]]
  type exit
  await ends_with 'out$'
  nothing_left
}

@test "a terminal that is closed takes everything with it" {
  ready
  terminal
  type "$kdk kdk-testing1"
  await shows '(kdk-testing1)'
  type 'kubectl get ns'
  await shows 'kube-system'
  tm kill-server
  await nothing_left
}

@test "Ctrl-C while it waits ends it at once" {
  release 'clusters: {testing1: {email: testing1@example.org}}'
  terminal
  type "$kdk kdk-testing1; echo status \$?"
  await shows '. waiting for kdk-testing1: pod kdk-testing1-0 has not reported yet'
  keys C-c
  await shows 'status 130'
  await ends_with 'out$'
  nothing_left
}

@test "Ctrl-C reaches a command once, and not the forwarder" {
  ready
  terminal
  type "$kdk kdk-testing1 -- bash -c 'trap \"echo cau\\ght\" INT; echo run\\ning; until [ -e $work/done ]; do sleep 0.1; done; kubectl get ns default -o name'"
  await shows running
  keys C-c
  await shows caught
  touch "$work/done"
  await shows namespace/default
  times 1 caught
  await ends_with 'out$'
  nothing_left
}

@test "restart asks" {
  ready
  terminal
  type "$kdk restart testing1; echo status \$?"
  await shows 'Restarting kdk-testing1 deletes its pod, which starts again: everything in the cluster is lost, as it has no persistent storage.'
  await shows 'Go on? [y/N]'
  type n
  await shows 'kdk: nothing was done'
  [ "$(admin get pod kdk-testing1-0 -o 'jsonpath={.metadata.deletionTimestamp}')" = "" ]
  type "clear; $kdk restart testing1; echo status \$?"
  await shows 'Go on? [y/N]'
  type y
  await shows 'status 0'
  [ "$(admin get pod kdk-testing1-0 -o 'jsonpath={.metadata.deletionTimestamp}')" != "" ]
}

@test "every shell has the cluster in its prompt, after its owner's own settings" {
  local name
  ready
  printf '%s\n' "PS1='mine> '" 'export KUBECONFIG=/dev/null' >"$HOME/.bashrc"
  printf '%s\n' "PROMPT='mine> '" 'export KUBECONFIG=/dev/null' >"$HOME/.zshrc"
  mkdir -p "$HOME/.config/fish" "$HOME/.local/share/fish/generated_completions" # else it generates them
  printf '%s\n' "function fish_prompt; echo -n 'mine> '; end" 'set -gx KUBECONFIG /dev/null' 'set -g fish_greeting' >"$HOME/.config/fish/config.fish"
  terminal
  for name in bash zsh fish; do
    echo "$name"
    type "clear; SHELL=$(command -v "$name") $kdk -q kdk-testing1"
    await shows '(kdk-testing1) mine>'
    type 'kubectl get ns default -o name'
    await shows namespace/default
    type exit
    await ends_with 'out$'
    tm clear-history
  done
  type "clear; SHELL=/bin/sh $kdk -q kdk-testing1"
  await shows '(kdk-testing1) #' || await shows '(kdk-testing1) $'
  type 'kubectl get ns default -o name'
  await shows namespace/default
  type exit
  await ends_with 'out$'
  rm -rf "$TMPDIR/fish.${USER:-root}" # fish's own
  nothing_left
}

@test "completion knows commands, options, and the names of clusters, in bash, zsh and fish" {
  ready
  mkdir "$work/path"
  ln -s "$kdk" "$work/path/kdk"
  ln -s "$kdk" "$work/path/kubectl_complete-kdk"
  export PATH=$work/path:$PATH
  run kubectl_complete-kdk res
  [ "$output" = $'restart\n:4' ]
  run kdk __complete kdk-
  [ "$output" = kdk-testing1 ]
  run kdk __complete -n "$ns" status ''
  [ "$output" = kdk-testing1 ]
  run kdk __complete -n elsewhere status ''
  [ "$output" = "" ]
  run kdk __complete list -o ''
  [ "$output" = $'wide\njson\nname' ]
  run kdk __complete --k
  [ "$output" = --kubeconfig ]
  terminal
  type "source <(kdk completion bash); clear; PS1='b$ '"
  completes 'b$'
  keys C-c
  type "clear; zsh -f"
  type "PS1='z$ '; autoload -U compinit; compinit -u; source <(kdk completion zsh)"
  completes 'z$'
  keys C-c
  type "clear; exit"
  await ends_with 'b$'
  type "clear; fish --no-config"
  type "function fish_prompt; echo -n 'f\$ '; end; kdk completion fish | source; clear"
  completes 'f$'
}
