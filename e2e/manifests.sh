#!/usr/bin/env bash
# Brings what kdk-render writes for e2e/manifests/*.yaml onto a real API server by kubectl, and compares.
#
#   e2e/manifests.sh [FILE...]    results as TAP on stdout; exit status 1 if anything failed
#
# Takes  values files (default: e2e/manifests/*.yaml), the program under test and the tools as lib.sh does.
# Gives  whether the files together use every key that there is; for each file, whether
#          - it is rendered the same each time, and with `clusters` the other way round, and in the order that Helm has
#          - Helm 3 and Helm 4 make the same objects of it, with the chart and kdk-render as their post-renderer
#          - a server takes it in a strict dry run without a warning, then by server-side apply onto nothing at all,
#            and a second time without any change
#          - its pods are made, and those of paused clusters are not
#          - what is stored is what was asked for, however hard to quote (asked.jq says what that is)
#          - dockerd's configuration is JSON, and kind takes its own
#        Then, that pods are refused where the namespace has not the label, and what an ApplySet prunes.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Like `is`, for what is too long to be shown whole.
same() { # TEXT WANT-FILE GOT-FILE
  local difference
  if difference=$(diff --text --unified --label wanted --label got "$2" "$3"); then
    pass "$1"
  else
    flunk "$1" "$difference"
  fi
}

render() { # FILE [ARG...]
  "$KDK_RENDER" --namespace "$ns" "${@:2}" "$1" 2>"$work/render.err" ||
    bail "kdk-render $1: $(<"$work/render.err")" >&2 # stdout is a file
}

# Any YAML as JSON, as Kubernetes reads it: stdin has to be a map, and need not be an object.
json() {
  {
    printf 'apiVersion: v1\nkind: Any\nmetadata: {name: any}\nany:\n'
    sed 's/^./  &/'
  } | k annotate --local --filename - --output json a=b | jq .any
}

# --- Every key is used

# OBJECT KEY to a line, as src/config/values.def names them: of all that there are, and of those in values files (JSON).
# What a cluster may say as well as the defaults counts as the defaults'.
all_keys() {
  jq -r '
    def keys_of($object): .properties | keys[] | "\($object) \(.)";
    .definitions as $definitions
    | keys_of("values"), ($definitions | to_entries[] | .key as $object | .value | keys_of($object))
    ' "$work/schema.json" | common
}

used_keys() { # JSON-FILE...
  jq -r --slurpfile schema "$work/schema.json" '
    $schema[0] as $root
    | def uses($form):
        def in_object($object; $properties):
          to_entries[] | .key as $key | select(.value != null)
          | "\($object) \($key)", (.value | uses($properties[$key]));
        if $form["$ref"] then
          ($form["$ref"] | ltrimstr("#/definitions/")) as $object
          | in_object($object; $root.definitions[$object].properties)
        elif type == "object" and $form.patternProperties then .[] | uses($form.patternProperties[])
        elif type == "object" and $form.properties then in_object("values"; $form.properties)
        elif type == "array" and $form.items then .[] | uses($form.items)
        else empty
        end;
      uses($root)
    ' "$@" | common
}

common() {
  jq --raw-input --raw-output --slurpfile schema "$work/schema.json" '
    split(" ") as [$object, $key]
    | ({cluster: "settings", cluster_network: "settings_network"}[$object] // $object) as $shared
    | if $schema[0].definitions[$shared].properties // {} | has($key) then "\($shared) \($key)"
      else "\($object) \($key)" end' | LC_ALL=C sort --unique
}

# --- Without a server

same_bytes() { # NAME FILE
  local first=$work/$1.yaml other=$work/other.yaml
  render "$2" >"$other"
  same "$1: rendered again it is the same" "$first" "$other"
  # What kubectl reads has its keys in order, so that only clusters' are compared with another order of clusters.
  render "$work/values/$1.json" >"$work/forward.yaml"
  jq '.clusters |= (to_entries | reverse | from_entries)' "$work/values/$1.json" >"$work/reversed.json"
  render "$work/reversed.json" >"$other"
  same "$1: rendered with its clusters in another order it is the same" "$work/forward.yaml" "$other"
}

kinds_in() { # FILE
  sed -n 's/^kind: //p' "$1"
}

# Helm 3 itself says which order it wants: it is given the documents as a chart's, and sorts them.
in_order() { # NAME
  local chart=$work/order extra
  extra=$(jq '.extraObjects // [] | length' "$work/values/$1.json")
  mkdir -p "$chart/templates"
  printf 'apiVersion: v2\nname: order\nversion: 1.0.0\n' >"$chart/Chart.yaml"
  echo '{{ .Files.Get "all.yaml" }}' >"$chart/templates/all.yaml"
  awk -v skip="$extra" '/^---$/ { n++ } n > skip' "$work/$1.yaml" >"$chart/all.yaml"
  kinds_in "$chart/all.yaml" >"$work/kinds"
  helm template order "$chart" >"$work/sorted.yaml" 2>&1
  kinds_in "$work/sorted.yaml" >"$work/kinds.sorted"
  same "$1: objects come in the order that Helm installs them" "$work/kinds.sorted" "$work/kinds"
  is "$1: what is extra comes before" "$(jq -r '.extraObjects // [] | .[].kind' "$work/values/$1.json")" \
    "$(kinds_in "$work/$1.yaml" | head -n "$extra")"
}

# The objects of a stream, as kubectl reads them, without what says who made them.
objects_in() { # FILE
  k create --dry-run=client --validate=false --filename "$1" --output json |
    jq --compact-output --sort-keys 'select(.metadata.labels["app.kubernetes.io/part-of"] == "kdk")
      | del(.metadata.labels["app.kubernetes.io/managed-by", "helm.sh/chart"])' | LC_ALL=C sort
}

# Helm reads the values, writes them for kdk-render and, if it is Helm 4, writes once more what comes back.
same_by_helm() { # NAME
  local helm
  objects_in "$work/forward.yaml" >"$work/alone"
  for helm in helm3 helm4; do
    helm template kdk "$root/chart" --values "$work/values/$1.json" --post-renderer kdk-render \
      --show-only templates/carrier.yaml >"$work/helm.yaml" 2>&1
    objects_in "$work/helm.yaml" >"$work/by-helm" 2>&1
    same "$1: by $helm they are the same objects" "$work/alone" "$work/by-helm"
  done
}

# --- On a server

# What the pods name, which has to be there before them.
classes() { # JSON-FILE
  jq -r '
    [.defaults, .clusters[]] as $all
    | ([$all[].priorityClassName | values] | unique[] | {
        apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: {name: .}, value: 1}),
      ([$all[].runtimeClassName | values] | unique[] | {
        apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: {name: .}, handler: "any"})' "$1" |
    k apply --server-side --filename - >/dev/null 2>&1
}

# Every document gives one line, which ends with WORDS; a warning would be another line.
each_says() { # TEXT WORDS FILE COMMAND...
  local out status
  out=$("${@:4}" 2>&1)
  status=$?
  is "$1" "status 0, $(grep -c '^---$' "$3") objects, nothing else" \
    "status $status, $(grep -c " $2\$" <<<"$out") objects, $(grep -v " $2\$" <<<"$out" || echo nothing else)"
}

accepted() { # NAME FILE
  local before
  ns=dry
  render "$2" >"$work/dry.yaml"
  each_says "$1: a strict dry run by the server has no complaint" "created (server dry run)" "$work/dry.yaml" \
    k apply --dry-run=server --validate=strict --filename "$work/dry.yaml"

  ns=$1
  render "$2" --create-namespace >"$work/$1.all.yaml"
  each_says "$1: server-side apply makes all of it, the namespace too" serverside-applied "$work/$1.all.yaml" \
    k apply --server-side --validate=strict --filename "$work/$1.all.yaml"
  is "$1: the namespace lets privileged pods in" privileged \
    "$(field "namespace/$ns" '{.metadata.labels.pod-security\.kubernetes\.io/enforce}')"
  has_pods "$1"

  before=$(versions)
  each_says "$1: server-side apply works a second time" serverside-applied "$work/$1.all.yaml" \
    k apply --server-side --validate=strict --filename "$work/$1.all.yaml"
  is "$1: which changes nothing" "$before" "$(versions)"
  succeeds "$1: and has nothing to change" k diff --server-side --filename "$work/$1.all.yaml"
}

# The pods of NAME's clusters that are not paused, as kubectl names them.
running() { # NAME
  jq -r '.defaults.paused as $paused
    | .clusters | to_entries[] | select(.value != null)
    | select(if .value.paused == null then $paused else .value.paused end | not) | "pod/kdk-\(.key)-0"' "$work/values/$1.json" | LC_ALL=C sort
}

# One by one: of several that are not there yet, `kubectl wait` takes the errors together for another one than
# "not found", and gives up at once.
await_pods() { # POD...
  local pod
  for pod; do
    k wait "$pod" --for=create --timeout=60s || return
  done
}

has_pods() { # NAME
  local pods
  mapfile -t pods < <(running "$1")
  succeeds "$1: pods are made" await_pods "${pods[@]}"
  k get statefulsets --output json |
    jq -r '.items[] | "statefulset/\(.metadata.name) --for=jsonpath={.status.observedGeneration}=\(.metadata.generation)"' |
    while read -r name condition; do
      k wait "$name" "$condition" --timeout=60s >/dev/null
    done
  is "$1: and none of paused clusters" "$(running "$1")" "$(k get pods --output name | LC_ALL=C sort)"
}

# What is in the ConfigMaps of the clusters: {CLUSTER: {kind: kind.yaml, kdk: kdk.yaml}}
files_in() { # JSON-FILE
  jq -r '
    .items[] | select(.kind == "ConfigMap" and .metadata.labels["kdk/cluster"] != null)
    | "\(.metadata.labels["kdk/cluster"] | tojson):",
      (.data | {kind: .["kind.yaml"], kdk: .["kdk.yaml"]} | to_entries[]
       | "  \(.key):", (.value | rtrimstr("\n") | split("\n")[] | if . == "" then . else "    " + . end))' "$1" | json
}

as_asked() { # NAME
  local section
  k get "$kinds" --output json >"$work/stored.json"
  files_in "$work/stored.json" >"$work/files.json"
  jq -n --slurpfile values "$work/values/$1.json" --slurpfile schema "$work/schema.json" --arg namespace "$ns" -L "$root/e2e" \
    'include "asked"; {values: $values[0], schema: $schema[0], namespace: $namespace} | asked' >"$work/asked.json"
  jq -n --slurpfile asked "$work/asked.json" --slurpfile stored "$work/stored.json" --slurpfile files "$work/files.json" \
    -L "$root/e2e" 'include "asked"; {items: $stored[0].items, files: $files[0]} | stored($asked[0])' >"$work/got.json"
  for section in $(jq -r 'keys_unsorted[]' "$work/asked.json"); do
    jq --sort-keys ".$section" "$work/asked.json" >"$work/want"
    jq --sort-keys ".$section" "$work/got.json" >"$work/got"
    same "$1: what is stored is what was asked for: $section" "$work/want" "$work/got"
  done
}

# kind with a Docker that has every image and knows no more: kind has read and checked its configuration by then.
kind_takes() { # NAME
  local cluster out
  for cluster in $(jq -r 'keys[]' "$work/files.json"); do
    field "configmap/kdk-$cluster" '{.data.kind\.yaml}' >"$work/kind.yaml"
    out=$(kind "$work/kind.yaml")
    has "$1: kind takes the configuration of $cluster" "failed to ensure docker network" "$out"
  done
}

kind() { # FILE
  PATH=$work/docker:$PATH KIND_EXPERIMENTAL_PROVIDER=docker "$bin/kind" create cluster --config "$1" 2>&1
}

# --- Without the label, and without a cluster that was there

refused_without_label() {
  local events why
  ns=baseline
  k create --filename - >/dev/null <<END
apiVersion: v1
kind: Namespace
metadata: {name: $ns, labels: {pod-security.kubernetes.io/enforce: baseline}}
END
  exec {events}< <(exec timeout 60 "$bin/kubectl" --namespace "$ns" get events --watch \
    --field-selector reason=FailedCreate --output 'jsonpath={.message}{"\n"}')
  render "$root/e2e/manifests/minimal.yaml" | k apply --server-side --filename - >/dev/null 2>&1 # with a warning
  read -r why <&"$events"
  kill "$!"
  exec {events}<&-
  has "a namespace without the label refuses the pods" "violates PodSecurity" "$why"
  is "and has none" "" "$(k get pods --output name)"
}

# shellcheck disable=SC2317 # called through succeeds
apply_set() { # FILE [ARG...]
  KUBECTL_APPLYSET=true k apply --prune --applyset=kdk --filename "$@"
}

prunes() { # HOW [ARG...]
  local before
  ns=apply-set-$1
  cat >"$work/three.yaml" <<'END'
clusters:
  one: {email: one@example.org}
  two:
    email: two@example.org
    storage: {persistent: true}
    networkPolicy: {enabled: true}
  two-more: {email: two@example.org, storage: {persistent: true}}
END
  sed '/^  two:$/,/networkPolicy/d' "$work/three.yaml" >"$work/fewer.yaml"
  k create --filename - >/dev/null <<END
apiVersion: v1
kind: Namespace
metadata: {name: $ns, labels: {pod-security.kubernetes.io/enforce: privileged}}
END
  k create configmap kdk-two-notes >/dev/null # looks like the cluster's, and is somebody else's
  render "$work/three.yaml" >"$work/three.out"
  render "$work/fewer.yaml" >"$work/fewer.out"
  succeeds "$1 with an ApplySet" apply_set "$work/three.out" "${@:2}"
  await_pods pod/kdk-one-0 pod/kdk-two-0 pod/kdk-two-more-0 >/dev/null
  before=$(objects)
  is "$1 with an ApplySet makes the cluster" 13 "$(grep -cE '/kdk-two(-(secret-read|portforward|publish))?$' <<<"$before")"
  succeeds "$1 with an ApplySet, without a cluster" apply_set "$work/fewer.out" "${@:2}"
  k wait pod/kdk-two-0 persistentvolumeclaim/kdk-two --for=delete --timeout=60s >/dev/null
  is "$1 with an ApplySet prunes that cluster's objects, and no others" \
    "$(grep -vE '/kdk-two(-(secret-read|portforward|publish))?$' <<<"$before")" "$(objects)"
  is "$1 with an ApplySet leaves the other pods" "pod/kdk-one-0 pod/kdk-two-more-0" \
    "$(k get pods --output name | sort | paste -sd' ')"
}

# ---

all=
if (($# == 0)); then
  all=1
  set -- "$root"/e2e/manifests/*.yaml
fi
tools helm3 helm4 kubectl kind
post_renderer kdk-render "$KDK_RENDER"
mkdir "$work/values" "$work/docker"
cat >"$work/docker/docker" <<'END'
#!/bin/sh
case $1 in
  info) echo '{}' ;;
  version | ps | inspect) ;;
  *) exit 1 ;;
esac
END
chmod +x "$work/docker/docker"
"$KDK_RENDER" schema >"$work/schema.json"
cluster
k create namespace dry >/dev/null

for file; do
  name=$(basename "$file" .yaml)
  json <"$file" >"$work/values/$name.json"
  ns=$name
  render "$file" >"$work/$name.yaml"
  same_bytes "$name" "$file"
  in_order "$name"
  same_by_helm "$name"
  classes "$work/values/$name.json"
  accepted "$name" "$file"
  as_asked "$name"
  kind_takes "$name"
done
if [ -n "$all" ]; then
  all_keys >"$work/keys"
  used_keys "$work"/values/*.json >"$work/keys.used"
  is "every key is in some file" "" "$(LC_ALL=C comm -23 "$work/keys" "$work/keys.used")"
fi

printf 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetwork: {}\n' >"$work/wrong.yaml"
has "kind refuses a key that it does not know" "field network not found" "$(kind "$work/wrong.yaml")"
printf 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: {podSubnet: 10.1}\n' >"$work/wrong.yaml"
has "kind refuses a range that is none" "invalid" "$(kind "$work/wrong.yaml")"
refused_without_label
prunes apply
prunes server-side --server-side
finish
