# shellcheck shell=bash disable=SC2154 # whoever sources it sets them
# A terminal with a person at it: tmux, with a shell in it. Source it, do not run it.
#
# Takes  $work, $ns, and `await COMMAND...`, which polls
# Gives  the functions below; `terminal_ends` before the end, whatever happens

# A terminal with a shell in it, whose prompt is `out$ `
terminal() {
  printf '%s\n' "PS1='out\$ '" >"$work/rc"
  [ -f "$HOME/.bashrc" ] || printf '%s\n' "PS1='in\$ '" >"$HOME/.bashrc"
  tm -f /dev/null new-session -d -x 150 -y 45 "bash --rcfile $work/rc"
  await shows 'out$'
}

terminal_ends() {
  tm kill-server 2>/dev/null || true
}

tm() { # tmux, of this test alone
  env -u TMUX tmux -L "kdk-$ns" "$@" 3>&-
}

keys() { # KEY...
  tm send-keys "$@"
}

type() { # TEXT: and Enter
  tm send-keys -l "$1"
  tm send-keys Enter
}

screen() {
  tm capture-pane -p -J -S - | sed 's/ *$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

shows() { # TEXT
  screen | grep -qF -- "$1"
}

ends_with() { # TEXT: the last line
  [ "$(screen | tail -n 1)" = "$1" ]
}

times() { # N TEXT
  [ "$(screen | grep -cF -- "$2")" = "$1" ]
}
