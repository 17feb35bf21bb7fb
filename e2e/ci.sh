#!/usr/bin/env bash
# KDK in other people's CI: the hook in a real pre-commit, the steps of the GitHub action, the script of the GitLab
# job, each in a repository of its own, as its user would have it.
#
#   e2e/ci.sh    results as TAP on stdout; exit status 1 if anything failed
#
# Takes  the program under test and the oracle (tools/get) as lib.sh does; pre-commit, from the package of that name
# Gives  whether each says what is wrong, passes what is right, keeps files apart that are not one set, and merges
#        those that are. Actions' and GitLab's own machinery is not here: their shell scripts are taken out of the
#        YAML and run as they run them.
# shellcheck source-path=SCRIPTDIR disable=SC2317 # functions are called through succeeds and fails
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=$("$root/e2e/tools/get" oracle) || bail "no oracle"
mkdir "$work/path"
cp -L "${KDK_RENDER:-$root/build/kdk-render}" "$work/path/kdk-render" || bail "no kdk-render: run make, or set KDK_RENDER"
unset KDK_RENDER "${!GIT_@}" # a hook's variables would name another repository
export HOME=$work GIT_CONFIG_NOSYSTEM=1 PRE_COMMIT_HOME=$work/pre-commit
git config --global user.name tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main

# What is to be released: the checkout as it is, in a repository, with what is not committed yet.
kdk=$work/kdk
mkdir "$kdk"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read 2>/dev/null) |
  tar -x -C "$kdk"
if ! { git -C "$kdk" init -q && git -C "$kdk" add -A && git -C "$kdk" commit -q -m kdk; }; then
  bail "no repository of KDK"
fi

user=$work/user
mkdir -p "$user/deploy" "$user/sub folder"
cd "$user" || bail "no repository of a user"
git init -q
cat >deploy/kdk.yaml <<'END'
clusters:
  testing1: {email: testing1@example.org}
parents:
- {name: host, pods: [10.244.0.0/16], services: [10.96.0.0/12], nodes: [192.168.0.0/24]}
END
cat >deploy/set.yaml <<'END'
clusters:
  testing1: {network: {services: 10.96.0.0/16}}
END
echo 'replicaCount: 1' >values.yaml # another chart's
cat >"sub folder/kdk two.yaml" <<'END'
clusters:
  two: {email: two@example.org}
parents: []
END
git add -A

overlapping() {
  cat >deploy/kdk.yaml <<'END'
clusters:
  testing1: {email: testing1@example.org, network: {services: 10.96.0.0/16}}
parents:
- {name: host, pods: [10.244.0.0/16], services: [10.96.0.0/12], nodes: [192.168.0.0/24]}
END
  git add -A
}
overlap="services 10.96.0.0/16 of cluster 'testing1' overlap services 10.96.0.0/12 of parent 'host'"

# --- pre-commit

config() { # with more lines of the hook on stdin
  {
    printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: kdk-lint\n' "$kdk" "$(git -C "$kdk" rev-parse HEAD)"
    sed 's/^/    /'
  } >.pre-commit-config.yaml
  git add -A
}

hook() {
  PATH=$work/path:$PATH pre-commit run --all-files --color never
}

pre_commit() {
  if ! command -v pre-commit >/dev/null; then
    pass "pre-commit # SKIP it is not installed, and no package pre-commit is there to install"
    return
  fi
  config </dev/null
  succeeds "pre-commit: what is right passes" hook
  has "pre-commit: and was looked at" Passed "$out"
  overlapping
  fails "pre-commit: an overlap does not" hook
  has "pre-commit: what, and where" "deploy/kdk.yaml:2:63: error: $overlap" "$out"
  lacks "pre-commit: other files are not looked at" replicaCount "$out"

  printf 'clusters: {two: {emial: two@example.org}}\nparents: []\n' >"sub folder/kdk two.yaml"
  git add -A
  fails "pre-commit: files are not merged" hook
  has "pre-commit: each is told of, the first" "$overlap" "$out"
  has "pre-commit: each is told of, the second" "sub folder/kdk two.yaml:1:18: error: there is no key 'emial'" "$out"
  git rm -q -f "sub folder/kdk two.yaml"

  PATH=$work/path:$PATH pre-commit install >/dev/null
  fails "pre-commit: nothing wrong is committed" env PATH="$work/path:$PATH" git commit -q -m wrong
  has "pre-commit: because of that" "$overlap" "$out"

  printf 'clusters: {testing1: {email: testing1@example.org}}\n' >deploy/kdk.yaml
  config </dev/null
  fails "pre-commit: a warning is enough" hook
  has "pre-commit: the warning" "[parent-unknown]" "$out"

  good
  config <<'END'
name: one set
files: ^deploy/
pass_filenames: false
args: [--together, deploy/kdk.yaml, deploy/set.yaml]
END
  fails "pre-commit: files that are one set are merged" hook
  has "pre-commit: and say which of them it is" "deploy/set.yaml:2:34: error: $overlap" "$out"
  printf 'args: [--release, a-name-that-is-much-too-long-for-the-name-of-any-release]\n' | config
  fails "pre-commit: options go through" hook
  has "pre-commit: to lint" name-too-long "$out"

  config </dev/null
  if command -v kdk-render >/dev/null; then
    pass "pre-commit: kdk-render is built where there is none # SKIP there is one in $(command -v kdk-render)"
  else
    succeeds "pre-commit: kdk-render is built where there is none" pre-commit run --all-files --color never
  fi
}

good() {
  git show "$first:deploy/kdk.yaml" >deploy/kdk.yaml
  git add -A
}
git commit -q -m first
first=$(git rev-parse HEAD)
pre_commit
rm -f .git/hooks/pre-commit

# --- GitHub

sed -n '/^    - name: kdk-render lint$/,/^    - name: Upload/p' "$kdk/plugin/github/action.yml" |
  sed -n '/^      run: |$/,/^    - /s/^        //p' >"$work/step"

step() { # FILES [VARIABLE=VALUE...]
  : >"$work/output"
  env PATH="$work/path:$PATH" GITHUB_ACTION_PATH="$kdk/plugin/github" GITHUB_OUTPUT="$work/output" FILES="$1" TOGETHER=false \
    RELEASE='' SARIF='' "${@:2}" bash --noprofile --norc -eo pipefail "$work/step"
}

github() {
  good
  succeeds "GitHub: what is right passes" step deploy/kdk.yaml
  is "GitHub: and says nothing" "" "$out"
  overlapping
  fails "GitHub: an overlap does not" step $'deploy/kdk.yaml\n' SARIF=found.sarif
  has "GitHub: it is shown beside its line" "::error file=deploy/kdk.yaml,line=2,col=63,endColumn=75,title=range-overlaps-parent::$overlap" "$out"
  is "GitHub: the next step knows the SARIF" "sarif=found.sarif" "$(cat "$work/output")"
  succeeds "GitHub: code scanning takes it" "$bin/oracle" sarif "$bin/sarif-2.1.0.schema.json" found.sarif

  mkdir -p "deep/er still"
  printf 'clusters: {two: {emial: two@example.org}}\nparents: []\n' >"deep/er still/kdk.yaml"
  fails "GitHub: patterns" step $'deploy/kdk.y*ml\n**/er still/*.yaml' SARIF=found.sarif
  has "GitHub: patterns: the first" "file=deploy/kdk.yaml,line=2" "$out"
  has "GitHub: patterns: the second" "file=deep/er still/kdk.yaml,line=1,col=18" "$out"
  is "GitHub: one SARIF for all files" "deploy/kdk.yaml deep/er%20still/kdk.yaml" \
    "$(jq -r '[.runs[].results[].locations[0].physicalLocation.artifactLocation.uri] | join(" ")' found.sarif)"
  succeeds "GitHub: code scanning takes that" "$bin/oracle" sarif "$bin/sarif-2.1.0.schema.json" found.sarif
  rm -r deep found.sarif

  good
  fails "GitHub: together they are one set" step $'deploy/kdk.yaml\ndeploy/set.yaml' TOGETHER=true
  has "GitHub: and say which of them it is" "file=deploy/set.yaml,line=2" "$out"
  fails "GitHub: the release's name counts" step deploy/kdk.yaml RELEASE=Wrong_
  has "GitHub: and is told of" name-invalid "$out"
  fails "GitHub: no such file" step $'deploy/kdk.yaml\nnone/*.yaml' SARIF=found.sarif
  has "GitHub: no such file: is told of" "::error title=kdk-lint::no file is called none/*.yaml" "$out"
  is "GitHub: no such file: nothing to upload" "" "$(cat "$work/output")"
}
github

# --- GitLab

{
  echo 'set -eo pipefail'
  sed -n '/^  script:$/,/^  artifacts:$/s/^    - |$//p; /^  script:$/,/^  artifacts:$/s/^    - //p
    /^  script:$/,/^  artifacts:$/s/^      //p' "$kdk/plugin/gitlab/kdk-lint.yml" | grep -vx '|' | sed "s|/tmp/kdk/|$kdk/|"
} >"$work/job"

job() { # FILES OPTIONS
  env PATH="$work/path:$PATH" KDK_FILES="$1" KDK_OPTIONS="$2" bash "$work/job"
}

gitlab() {
  good
  succeeds "GitLab: what is right passes" job 'deploy/kdk*.yaml' ''
  is "GitLab: and reports nothing" "[]" "$(cat gl-code-quality-report.json)"
  overlapping
  fails "GitLab: an overlap does not" job 'deploy/kdk*.yaml' ''
  has "GitLab: the log says what" "deploy/kdk.yaml:2:63: error: $overlap" "$out"
  is "GitLab: the report has what Code Quality asks for" "range-overlaps-parent major deploy/kdk.yaml 2 16" \
    "$(jq -r '.[] | "\(.check_name) \(.severity) \(.location.path) \(.location.lines.begin) \(.fingerprint | length)"' gl-code-quality-report.json)"
  good
  fails "GitLab: together they are one set" job 'deploy/kdk.yaml deploy/set.yaml' --together
  has "GitLab: and say which of them it is" "deploy/set.yaml:2:34: error: $overlap" "$out"
}
gitlab
finish
