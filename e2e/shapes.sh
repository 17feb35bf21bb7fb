#!/usr/bin/env bash
# Holds kdk-render's checks of Kubernetes fragments to a real API server's verdict.
#
#   e2e/shapes.sh [FILE...]                 default: e2e/shapes/*.txt
#   e2e/shapes.sh --values DIR [FILE...]    only writes what is asked about to DIR: N.values, N.object
#
# Takes  one fragment a line (e2e/shapes/README.md says how), the program under test and the tools as lib.sh does.
# Gives  TAP: for each fragment, whether these are as the line expects:
#          lint      `kdk-render lint` of a values file with the fragment in it
#          server    the API server's answer (dry run, strict fields) to an object that is built here, not by
#                    kdk-render, with the fragment where Kubernetes wants it
#          rendered  where lint is content: the server's answer to what kdk-render makes of that values file
#
# PriorityClasses and RuntimeClasses must exist for Pods only, so pods' fragments are tried in a StatefulSet.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# --- Reading: VERDICT SETTING YAML [;; SETTING YAML]... [  # WHY]

# Set $text to the argument with N times TEXT for every <TEXT*N> in it.
expand() { # TEXT
  local rest=$1 unit n
  text=
  while [[ $rest =~ ^([^<]*)\<([^<>*]*)\*([0-9]+)\>(.*)$ ]]; do
    text+=${BASH_REMATCH[1]} unit=${BASH_REMATCH[2]} n=${BASH_REMATCH[3]} rest=${BASH_REMATCH[4]}
    for (( ; n > 0; n /= 2)); do # bash is quick with long texts only when they double
      ((n % 2 == 0)) || text+=$unit
      unit+=$unit
    done
  done
  text+=$rest
}

# --- Building the two documents

# Put YAML under a setting into the parts of the values file and of the object.
place() { # SETTING YAML
  local setting=$1 yaml=$2 parent
  case $setting in
    commonLabels | commonAnnotations | imagePullSecrets) top+="$setting: $yaml"$'\n' ;;
    storage.size | storage.class)
      cluster+="    storage:"$'\n'"      persistent: true"$'\n'"      ${setting#*.}: $yaml"$'\n'
      ;;
    emptyDir.size) cluster+="    storage:"$'\n'"      size: $yaml"$'\n' ;;
    networkPolicy.*)
      cluster+="    networkPolicy:"$'\n'"      enabled: true"$'\n'"      ${setting#*.}: $yaml"$'\n'
      ;;
    owners.*) cluster+="    owners:"$'\n'"    - ${setting#*.}: $yaml"$'\n' ;;
    *) cluster+="    $setting: $yaml"$'\n' ;;
  esac

  case $setting in
    podLabels) labels=$yaml ;;
    podAnnotations) annotations=$yaml ;;
    nodeSelector | tolerations | affinity | topologySpreadConstraints | priorityClassName | runtimeClassName | dns*)
      pod+="      $setting: $yaml"$'\n'
      ;;
    imagePullSecrets)
      [[ $yaml =~ ^\[(.*)\]$ ]] || bail "imagePullSecrets is not a list of one: $yaml"
      pod+="      imagePullSecrets: [{name: ${BASH_REMATCH[1]}}]"$'\n'
      ;;
    resources) container+="        resources: $yaml"$'\n' ;;
    env)
      [[ $yaml =~ ^\{(\"[^\"]*\"|[^:]*):\ (.*)\}$ ]] || bail "env is not a map of one: $yaml"
      container+="        env:"$'\n'"        - name: ${BASH_REMATCH[1]}"$'\n'"          value: ${BASH_REMATCH[2]}"$'\n'
      ;;
    emptyDir.size) volume=$yaml ;;
    storage.size) kind=PersistentVolumeClaim size=$yaml ;;
    storage.class) kind=PersistentVolumeClaim class="  storageClassName: $yaml" ;;
    networkPolicy.from) kind=NetworkPolicy rules="  ingress:"$'\n'"  - from: $yaml" ;;
    networkPolicy.egress) kind=NetworkPolicy rules="  egress: $yaml" ;;
    commonLabels) kind=ConfigMap labels=$yaml ;;
    commonAnnotations) kind=ConfigMap annotations=$yaml ;;
    owners.user | owners.group)
      parent=${setting#*.}
      kind=RoleBinding subject="- apiGroup: rbac.authorization.k8s.io"$'\n'"  kind: ${parent^}"$'\n'"  name: $yaml"
      ;;
    owners.serviceAccount)
      [[ $yaml =~ ^\{(.*)\}$ ]] || bail "owners.serviceAccount is not a map: $yaml"
      kind=RoleBinding subject="- {kind: ServiceAccount, ${BASH_REMATCH[1]}}"
      ;;
    *) bail "no such setting: $setting" ;;
  esac
}

# What the API server is asked to make: the fragment where a person would write it, and nothing else that matters.
object() {
  case $kind in
    StatefulSet)
      cat <<END
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: shape}
spec:
  serviceName: shape
  selector: {matchExpressions: [{key: shape, operator: DoesNotExist}]}
  template:
    metadata:
      labels: $labels
      annotations: $annotations
    spec:
$pod      containers:
      - name: kdk
        image: kdk
$container      volumes:
      - name: kdk
        emptyDir:
          sizeLimit: $volume
END
      ;;
    PersistentVolumeClaim)
      cat <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shape}
spec:
  accessModes: [ReadWriteOnce]
$class
  resources:
    requests:
      storage: $size
END
      ;;
    NetworkPolicy)
      cat <<END
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shape}
spec:
  podSelector: {}
$rules
END
      ;;
    ConfigMap)
      cat <<END
apiVersion: v1
kind: ConfigMap
metadata:
  name: shape
  labels: $labels
  annotations: $annotations
END
      ;;
    RoleBinding)
      cat <<END
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: shape}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
$subject
END
      ;;
  esac
}

# The values file and the object of one line, as files N.values and N.object.
build() { # N SETTING-AND-YAML
  local part rest=$2 top='' cluster='' kind=StatefulSet labels='{}' annotations='{}' pod='' container='' \
    volume=1Gi size=1Gi class='' rules='' subject='' email='    email: shape@example.org'
  while [ -n "$rest" ]; do
    part=${rest%%' ;; '*}
    rest=${rest#"$part"}
    rest=${rest#' ;; '}
    expand "${part#* }"
    place "${part%% *}" "$text"
  done
  [[ $cluster != *"    owners:"* ]] || email=
  printf 'clusters:\n  shape:\n%s\n%s%s' "$email" "$cluster" "$top" >"$1.values"
  object >"$1.object"
  kinds_of[$1]=$kind
}

# --- Asking

declare -A paths=(
  [StatefulSet]=apis/apps/v1/namespaces/default/statefulsets
  [PersistentVolumeClaim]=api/v1/namespaces/default/persistentvolumeclaims
  [NetworkPolicy]=apis/networking.k8s.io/v1/namespaces/default/networkpolicies
  [ConfigMap]=api/v1/namespaces/default/configmaps
  [RoleBinding]=apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings
)

# Ask the server to make what is in each file of stdin (KIND FILE to a line): all in one go, over one connection,
# as a dry run. The status goes to ${statuses[FILE]}, what the server says to FILE.answer.
ask() {
  local kind file status api
  api=https://127.0.0.1:$(<"$work/api/port")
  while read -r kind file; do
    cat <<END
next
url = "$api/${paths[$kind]}?dryRun=All&fieldValidation=Strict"
user-agent = kdk-e2e
cacert = $work/api/pki/ca.crt
cert = $work/api/pki/admin.crt
key = $work/api/pki/admin.key
header = "Content-Type: application/yaml"
data-binary = @$file
output = $file.answer
write-out = "$file %{http_code}\n"
END
  done >requests
  curl --silent --show-error --noproxy '*' --config requests >answers || bail "curl: exit status $?"
  while read -r file status; do
    statuses[$file]=$status
  done <answers
}

# What kdk-render makes of N's values, of the kind that the fragment is in: N.rendered.I, a line for `ask` each
render() { # N
  "$KDK_RENDER" "$1.values" 2>/dev/null | awk -v kind="${kinds_of[$1]}" -v file="$1.rendered." '
    function flush() {
      if (text ~ "(^|\n)kind: " kind "\n") {
        print kind, file (++n)
        printf "%s", text >(file n)
        close(file n)
      }
      text = ""
    }
    /^---$/ { flush(); next }
    { text = text $0 "\n" }
    END { flush() }'
}

# --- Comparing

# Set $verdict to what a status of the server or of lint means. A broken test is neither good nor bad.
judge() { # STATUS
  case $1 in
    0 | 201) verdict=good ;;
    1 | 400 | 422) verdict=bad ;;
    *) verdict="broken ($1)" ;;
  esac
}

seen() { # N
  local file
  for file in "$1".object "$1".rendered.*; do
    [ ! -f "$file.answer" ] || echo "${file#*.}: ${statuses[$file]} $(jq -r '.message // ""' "$file.answer" 2>&1)"
  done
  echo "lint: ${statuses[$1.lint]}"
  cat "$1.lint.answer"
}

compare() { # N
  local n=$1 want verdict got i=1
  case ${verdicts[n]} in
    stricter) want="lint bad, server good" ;;
    dropped) want="lint good, server bad, rendered good" ;;
    good) want="lint good, server good, rendered good" ;;
    bad) want="lint bad, server bad" ;;
  esac
  judge "${statuses[$n.lint]}"
  got="lint $verdict"
  judge "${statuses[$n.object]}"
  got+=", server $verdict"
  if [ "${statuses[$n.lint]}" = 0 ]; then
    judge "${statuses[$n.rendered.1]:-none}"
    while [ "$verdict" = good ] && [ -n "${statuses[$n.rendered.$((++i))]:-}" ]; do
      judge "${statuses[$n.rendered.$i]}"
    done
    got+=", rendered $verdict"
  fi
  if [ "$got" = "$want" ]; then
    pass "${names[n]}"
  else
    flunk "${names[n]}" "want: $want"$'\n'"got:  $got"$'\n'"$(seen "$n")"
  fi
}

# ---

only=
if [ "${1-}" = --values ]; then
  only=$(realpath -e -- "${2-}") || bail "no folder for the values files"
  shift 2
fi
(($#)) || set -- "$root"/e2e/shapes/*.txt
mapfile -t files < <(realpath -e -- "$@")
((${#files[@]} == $#)) || bail "a file is missing"
[ -n "$only" ] || tools
names=() verdicts=() kinds_of=()
declare -A statuses
[ -n "$only" ] || mkdir "$work/shapes"
cd "${only:-$work/shapes}" || bail "no scratch folder"
for file in "${files[@]}"; do
  number=0
  while IFS= read -r line || [ -n "$line" ]; do
    ((++number))
    [[ ! $line =~ ^[[:space:]]*(#|$) ]] || continue
    line=${line%%'  # '*}
    [[ $line =~ ^(good|bad|stricter|dropped)\ +([a-zA-Z.]+\ .*)$ ]] || bail "$file:$number: not VERDICT SETTING YAML"
    n=${#names[@]}
    verdicts[n]=${BASH_REMATCH[1]}
    names[n]="${file##*/}:$number ${BASH_REMATCH[1]} ${BASH_REMATCH[2]//#/\\#}"
    build "$n" "${BASH_REMATCH[2]}"
  done <"$file"
done
[ -z "$only" ] || exit 0

"$root/e2e/tools/apiserver" start "$work/api" >/dev/null || bail "no API server"
for n in "${!names[@]}"; do
  echo "${kinds_of[n]} $n.object"
done >objects
ask <objects
for n in "${!names[@]}"; do
  "$KDK_RENDER" lint "$n.values" >"$n.lint.answer" 2>&1
  statuses[$n.lint]=$?
done
for n in "${!names[@]}"; do
  [ "${statuses[$n.lint]}" != 0 ] || render "$n"
done >rendered
ask <rendered
for n in "${!names[@]}"; do
  compare "$n"
done
finish
