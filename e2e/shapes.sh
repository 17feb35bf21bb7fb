#!/usr/bin/env bash
# Holds kdk-render's checks of Kubernetes fragments to a real API server's verdict.
#
#   e2e/shapes.sh [FILE...]    default: e2e/shapes/*.txt
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

# Set $text to the argument with every <TEXT*N> in it replaced by N times TEXT.
expand() { # TEXT
  local many
  text=$1
  while [[ $text =~ \<([^<>*]*)\*([0-9]+)\> ]]; do
    printf -v many '%*s' "${BASH_REMATCH[2]}" ''
    text=${text/"${BASH_REMATCH[0]}"/"${many// /"${BASH_REMATCH[1]}"}"}
  done
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
      [[ $yaml =~ ^\{([^:]*):\ (.*)\}$ ]] || bail "env is not a map of one: $yaml"
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
      - name: shape
        image: shape
$container      volumes:
      - name: shape
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

# The values file and the object of one line, as files N.values.yaml and N.object.
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
  printf 'clusters:\n  shape:\n%s\n%s%s' "$email" "$cluster" "$top" >"$1.values.yaml"
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

# Post each FILE NAME of stdin (a KIND and a file name to a line) as a dry run, over one connection. The status
# goes to NAME.status, the answer to NAME.answer.
post() {
  local kind file api
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
  done >curl.config
  curl --silent --show-error --noproxy '*' --config curl.config >curl.statuses || bail "curl: exit status $?"
  while read -r file status; do
    echo "$status" >"$file.status"
  done <curl.statuses
}

# The documents of the kind that the fragment is in, out of what kdk-render makes of N's values: N.rendered.I
render() { # N
  "$KDK_RENDER" "$1.values.yaml" 2>/dev/null |
    awk -v kind="${kinds_of[$1]}" -v name="$1.rendered." '
      function flush() { if (text ~ "(^|\n)kind: " kind "\n") { print kind, name ++n; printf "%s", text >(name n); close(name n) } text = "" }
      /^---$/ { flush(); next }
      { text = text $0 "\n" }
      END { flush() }'
}

# A status as a verdict. A broken test is neither good nor bad.
verdict() { # STATUS
  case $1 in
    200 | 201) echo good ;;
    400 | 422) echo bad ;;
    *) echo "broken ($1)" ;;
  esac
}

# What the server said of N.FILE
said() { # FILE
  jq -r '.message // "accepted"' "$1.answer" 2>&1
}

# --- Comparing

compare() { # N
  local n=$1 want=${verdicts[$1]} lint server rendered=good i want_lint want_server seen
  case $want in
    good | bad) want_lint=$want want_server=$want ;;
    stricter) want_lint=bad want_server=good ;;
    dropped) want_lint=good want_server=bad ;;
  esac
  case $(<"$n.lint.status") in
    0) lint=good ;;
    1) lint=bad ;;
    *) lint="broken ($(<"$n.lint.status"))" ;;
  esac
  server=$(verdict "$(<"$n.object.status")")
  seen="server: $server: $(said "$n.object")"$'\n'"lint: $lint: $(<"$n.lint.answer")"
  for ((i = 1; i <= ${rendered_of[n]:-0}; i++)); do
    if [ "$(verdict "$(<"$n.rendered.$i.status")")" != good ]; then
      rendered=bad
      seen+=$'\n'"rendered: $(said "$n.rendered.$i")"
    fi
  done
  if [ "$lint" = good ] && [ "${rendered_of[n]:-0}" = 0 ]; then
    rendered=bad
    seen+=$'\n'"rendered: no ${kinds_of[$n]}"
  fi
  if [ "$lint $server $rendered" = "$want_lint $want_server good" ]; then
    pass "${names[$n]}"
  else
    flunk "${names[$n]}" "$seen"
  fi
}

# ---

(($#)) || set -- "$root"/e2e/shapes/*.txt
mapfile -t files < <(realpath -e -- "$@")
((${#files[@]} == $#)) || bail "a file is missing"
tools
names=() verdicts=() kinds_of=() rendered_of=()
mkdir "$work/shapes" && cd "$work/shapes" || bail "no scratch folder"
for file in "${files[@]}"; do
  number=0
  while IFS= read -r line || [ -n "$line" ]; do
    ((++number))
    [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
    line=${line%%'  # '*}
    [[ $line =~ ^(good|bad|stricter|dropped)\ +([a-zA-Z.]+\ .*)$ ]] || bail "$file:$number: not VERDICT SETTING YAML"
    n=${#names[@]}
    verdicts[n]=${BASH_REMATCH[1]}
    names[n]="${file##*/}:$number ${BASH_REMATCH[1]} ${BASH_REMATCH[2]//#/\\#}"
    build "$n" "${BASH_REMATCH[2]}"
  done <"$file"
done

"$root/e2e/tools/apiserver" start "$work/api" >/dev/null || bail "no API server"
for n in "${!names[@]}"; do
  echo "${kinds_of[n]} $n.object"
done | post
for n in "${!names[@]}"; do
  "$KDK_RENDER" lint "$n.values.yaml" >"$n.lint.answer" 2>&1
  echo $? >"$n.lint.status"
done
for n in "${!names[@]}"; do
  [ "$(<"$n.lint.status")" != 0 ] || render "$n"
done >rendered
post <rendered
while read -r _ name; do
  ((++rendered_of[${name%%.*}]))
done <rendered

for n in "${!names[@]}"; do
  compare "$n"
done
finish
