#!/usr/bin/env bash
# What `kdk-render lint` prints for programs, judged by other people's validators.
#
#   e2e/reports.sh    results as TAP on stdout; exit status 1 if anything failed
#
# Takes  the program under test and the oracle (tools/get) as lib.sh does
# Gives  whether, for every golden case that lints, the SARIF is what OASIS's schema and GitHub's code scanning ask
#        for, the JSON is what schemas/lint.schema.json says, GitHub's commands are whole lines about files that
#        there are, and all formats say the same.
# shellcheck source-path=SCRIPTDIR disable=SC2317 # functions are called through succeeds and fails
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=$("$root/e2e/tools/get" oracle) || bail "no oracle"
cp -L "${KDK_RENDER:-$root/build/kdk-render}" "$work/kdk-render" || bail "no kdk-render: run make, or set KDK_RENDER"
KDK_RENDER=$work/kdk-render
ours=$root/schemas/lint.schema.json
sarif=$bin/sarif-2.1.0.schema.json

# The arguments of a case without --format, in $args; false where it does not lint. Run in its folder.
case_args() {
  local file i
  args=()
  if [ -f args ]; then
    mapfile -t args <args
    [ "${args[0]-}" = lint ] || return 1
    for ((i = 1; i < ${#args[@]}; i++)); do
      [ "${args[i]}" != --format ] || { unset "args[i]" "args[i+1]" && break; }
    done
  else
    args=(lint)
    for file in values.yaml values[2-9].yaml; do
      [ ! -f "$file" ] || args+=("$file")
    done
  fi
}

# Every case in every format, as $work/reports/CASE.FORMAT, with its exit status in CASE.FORMAT.status. A case that
# ends with 2 (no such file, a mistake in the arguments) has nothing to report.
run_cases() {
  local name format input status
  mkdir "$work/reports"
  for name in $(cd "$root/testdata" && printf '%s\n' */title | sed 's/.title//; /^cli-help/d'); do
    cd "$root/testdata/$name" || bail "no $name"
    case_args || continue
    input=/dev/null
    [ ! -f stdin.yaml ] || input=stdin.yaml
    for format in text json sarif github; do
      "$KDK_RENDER" "${args[@]}" --format "$format" <"$input" >"$work/reports/$name.$format" 2>/dev/null
      status=$?
      ((status != 2)) || { rm -f "$work/reports/$name".* && break; }
      echo "$status" >"$work/reports/$name.$format.status"
    done
  done
  cd "$work/reports" || bail "no reports"
}

# Which files' exit status or number of diagnostics is not that of the JSON.
unequal() {
  local name format
  for name in *.json; do
    name=${name%.json}
    for format in text sarif github; do
      cmp -s "$name.json.status" "$name.$format.status" || echo "$name.$format: exit status"
    done
  done
  diff <(jq -r '"\(input_filename | rtrimstr(".json")) \(.diagnostics | length)"' ./*.json) \
    <(jq -r '"\(input_filename | rtrimstr(".sarif")) \(.runs[0].results | length)"' ./*.sarif)
  diff <(jq -r '"\(input_filename | rtrimstr(".json")) \(.diagnostics + (.omitted | keys) | length)"' ./*.json) \
    <(wc -l ./*.github | awk '$2 != "total" { sub(/\.github$/, "", $2); print $2, $1 }')
}

# Lines that GitHub would not take for a command, and commands about a file that there is not.
not_commands() {
  local file line name
  for file in *.github; do
    while IFS= read -r line; do
      if [[ ! $line =~ ^::(error|warning|notice)\ (file=([^,:]+),(line=[0-9]+,(col=[0-9]+,endColumn=[0-9]+,)?)?)?title=[a-z0-9-]+::[^[:cntrl:]]+$ ]]; then
        echo "$file: $line"
        continue
      fi
      name=${BASH_REMATCH[3]//%2C/,}
      name=${name//%3A/:}
      name=${name//%25/%}
      [ -z "$name" ] || [ "$name" = "standard input" ] || [ -f "$root/testdata/${file%.github}/$name" ] ||
        echo "$file: no file $name"
    done <"$file"
  done
}

# The texts that stand where the SARIF of a file points to.
pointed_at() { # VALUES
  "$KDK_RENDER" lint --format sarif "$1" | jq -r --rawfile text "$1" '.runs[0].results[] | .locations[], .relatedLocations[]?
    | .physicalLocation.region | ($text | split("\n"))[.startLine - 1][.startColumn - 1:.endColumn - 1]'
}

run_cases
count=$(printf '%s\n' ./*.json | wc -l)
echo "# $count cases"
succeeds "JSON fits its schema" "$bin/oracle" json "$ours" ./*.json
succeeds "SARIF fits OASIS's schema and code scanning" "$bin/oracle" sarif "$sarif" ./*.sarif
is "all formats say the same" "" "$(unequal)"
is "GitHub's commands are whole lines about files" "" "$(not_commands)"
rules=$(cat ./*.json | jq -s 'map(.diagnostics[].rule) | unique | length')
isnt "most rules are among what was judged" 1 "$((rules < 40))"

cat >values.yaml <<'END'
clusters:
  a: {email: a@example.org, network: {services: 10.96.0.0/16}} # é
parents:
- {name: "höst", pods: [], nodes: [], services: [10.96.0.0/12]}
END
is "places are what is meant" $'10.96.0.0/16\n10.96.0.0/12' "$(pointed_at values.yaml)"
is "an absolute name is a file's URI" "file://$PWD/values.yaml" \
  "$("$KDK_RENDER" lint --format sarif "$PWD/values.yaml" | jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri')"
is "./ makes no difference" "$("$KDK_RENDER" lint --format sarif values.yaml | jq -c 'del(.. | .partialFingerprints?)')" \
  "$("$KDK_RENDER" lint --format sarif ./values.yaml | jq -c 'del(.. | .partialFingerprints?)')"

prints() { # FORMAT [LINES-BEFORE]: the fingerprints of the same mistake
  { [ -z "${2-}" ] || echo "$2"; cat values.yaml; } >moved.yaml
  "$KDK_RENDER" lint --format "$1" moved.yaml | jq -c '[.. | .fingerprint? // .partialFingerprints?["kdk/v1"] | strings]'
}
is "a line more is the same problem" "$(prints json)" "$(prints json '# a comment')"
is "JSON and SARIF know it as the same" "$(prints json)" "$(prints sarif)"

# The judges must be able to say no.
"$KDK_RENDER" lint --format sarif values.yaml >good.sarif
"$KDK_RENDER" lint --format json values.yaml >good.json
refuses() { # TEXT json|sarif FILTER NEEDLE
  local schema=$ours
  [ "$2" = json ] || schema=$sarif
  jq "$3" "good.$2" >"bad.$2"
  fails "refused: $1" "$bin/oracle" "$2" "$schema" "bad.$2"
  has "refused: $1: for that" "$4" "$out"
}
refuses "a member that is not documented" json '.diagnostics[0].colour = "red"' colour
refuses "a column without a line" json 'del(.diagnostics[0].line)' line
refuses "a level that there is not" json '.diagnostics[0].level = "fatal"' level
refuses "SARIF without a version" sarif 'del(.version)' version
refuses "a member that SARIF does not know" sarif '.runs[0].results[0].colour = "red"' colour
refuses "another rule's index" sarif '.runs[0].results[0].ruleIndex += 1' index
refuses "a result without a place" sarif '.runs[0].results[0].locations = []' places
refuses "a URI with a blank" sarif '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "a b"' relative
refuses "a URI from the root" sarif '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "/a"' relative
finish
