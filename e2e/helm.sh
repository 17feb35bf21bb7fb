#!/usr/bin/env bash
# Drives KDK with real Helm 3 and Helm 4 against a real API server: the chart, kdk-render as their
# post-renderer, the Helm 4 plugin, and one version taking over from the other.
#
#   e2e/helm.sh    results as TAP on stdout; exit status 1 if anything failed
#
# KDK_RENDER and KDK_TOOLS: see lib.sh. There are no nodes: pods exist and never run. Where something must have
# run, the test plays the kubelet and says in a pod's status how it went.
# shellcheck source-path=SCRIPTDIR disable=SC2317 # functions are called through succeeds, fails and refused
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

chart=$root/chart
render=(--post-renderer kdk-render)
carrier=rerun-helm-with---post-renderer-kdk-render

# The release kdk, made or changed with these values files.
deploy() { # install|upgrade VALUES-NAME... [-- ARG...]
  local verb=$1 files=()
  shift
  while (($#)) && [ "$1" != -- ]; do
    files+=(-f "$work/$1.yaml")
    shift
  done
  helm "$verb" kdk "$chart" "${files[@]}" "${@:2}"
}

newer() { # as deploy, with a later version of the chart
  local chart=$work/newer
  deploy "$@"
}

# Pod and service range of a cluster, out of what its pod will read.
ranges() { # CLUSTER
  field "configmap/kdk-$1" '{.data.kind\.yaml}' |
    sed -nE 's/^ *(podSubnet|serviceSubnet): *"?([0-9./]+)"? *$/\2/p' | paste -sd' '
}

pod_templates() {
  k get statefulsets --output 'jsonpath={range .items[*]}{.metadata.name}{.spec.template}{"\n"}{end}'
}

# Run the command out of NOTES that has TEXT in it.
advice() { # TEXT
  local line
  line=$(helm get notes kdk | grep -F -e "$1") && PATH=$bin:$PATH bash -c "$line"
}

# Until the StatefulSet's controller has seen what Helm wrote.
settle() { # CLUSTER
  local generation
  generation=$(field "statefulset/kdk-$1" '{.metadata.generation}')
  k wait "statefulset/kdk-$1" --for="jsonpath={.status.observedGeneration}=$generation" --timeout=30s >/dev/null &&
    k wait "pod/kdk-$1-0" --for=create --timeout=30s >/dev/null
}

pod_status() { # POD STATUS
  k patch pod "$1" --subresource=status --type=merge --patch "{\"status\": $2}" >/dev/null
}

write_values() {
  values base <<'END'
clusters:
  testing1:
    email: testing1@example.org
  testing2:
    email: testing2@example.org
    storage: {persistent: true, keep: true}
parents:
  - {name: host, pods: [10.244.0.0/16], services: [10.96.0.0/16]}
END
  values assigned <<'END'
network:
  assigned: {testing1: 10.127.240.0/20, testing2: 10.127.224.0/20}
END
  values grown <<'END'
clusters:
  testing1:
    nodeSelector: {kdk: "yes"}
  testing3:
    email: testing3@example.org
    storage: {persistent: true}
END
  values paused <<'END'
clusters:
  testing1: {paused: true}
END
  values persistent <<'END'
clusters:
  testing1: {storage: {persistent: true}}
END
  values removed <<'END'
clusters:
  testing3: null
END
  values parents <<'END'
parents:
  - {name: host, pods: [10.244.0.0/16], services: [10.96.0.0/16], nodes: [203.0.113.0/24]}
END
  values unknown <<'END'
clusters:
  testing1: {emial: testing1@example.org}
END
  values overlapping <<'END'
clusters:
  testing1: {network: {block: 10.80.0.0/20}}
  testing2: {network: {block: 10.80.0.0/19}}
END
  values extra <<'END'
extraObjects:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: extra}
    data:
      text: "yes"
      more: |
        ---
        kind: ClusterSet
END
}

# A command that must fail, say NEEDLE, and change nothing. A release that it makes nevertheless does not stay in
# the way of the checks that follow.
refused() { # TEXT NEEDLE COMMAND...
  local before stored
  stored=$(revisions)
  before=$(versions)
  fails "$helm: $1" "${@:3}"
  has "$helm: $1: says why" "$2" "$out"
  is "$helm: $1: nothing is stored" "$stored $before" "$(revisions) $(versions)"
  ((stored > 0)) || helm uninstall kdk --ignore-not-found >/dev/null 2>&1
}

# --- Without a release: lint and template

lint() {
  succeeds "$helm: lint --strict" helm lint --strict "$chart"
  lacks "$helm: lint has nothing to warn about" WARNING "$out"
  succeeds "$helm: lint --strict with clusters" helm lint --strict "$chart" -f "$work/base.yaml" -f "$work/extra.yaml"
}

template() {
  local all=$work/template.$helm.yaml ns=any
  succeeds "$helm: template" helm template kdk "$chart" -f "$work/base.yaml" "${render[@]}"
  printf '%s\n' "$out" >"$all"
  lacks "$helm: template has no carrier" kdk-render/v1 "$out"
  lacks "$helm: template has no annotation of Helm 4's" postrenderer.helm.sh "$out"
  is "$helm: template has a StatefulSet for each cluster" 2 "$(grep -c '^kind: StatefulSet$' "$all")"

  out=$(helm template kdk "$chart" -f "$work/base.yaml" "${render[@]}" --show-only templates/carrier.yaml)
  is "$helm: template --show-only finds them under the carrier's file" 2 "$(grep -c '^kind: StatefulSet$' <<<"$out")"
  lacks "$helm: template --show-only leaves out the rest" "kind: Pod" "$out"

  out=$(helm template kdk "$chart" -f "$work/base.yaml" -f "$work/extra.yaml" "${render[@]}")
  is "$helm: an extra object comes once" 1 "$(grep -c '^  name: extra$' <<<"$out")"

  out=$(helm template kdk "$chart" "${render[@]}")
  lacks "$helm: no clusters, no test" "helm.sh/hook" "$out"
  has "$helm: no clusters, but a plan" "name: kdk.plan" "$out"
}

# Helm 3 writes the files before it runs the post-renderer, and then gives it nothing to read.
output_dir() {
  local folder=$work/output.$helm
  case $helm in
    helm3)
      fails "$helm: template --output-dir is refused" \
        helm template kdk "$chart" -f "$work/base.yaml" "${render[@]}" --output-dir "$folder"
      has "$helm: template --output-dir is refused for the right reason" --output-dir "$out"
      ;;
    helm4)
      succeeds "$helm: template --output-dir" \
        helm template kdk "$chart" -f "$work/base.yaml" "${render[@]}" --output-dir "$folder"
      out=$(cat "$folder/kdk/templates/carrier.yaml")
      is "$helm: template --output-dir writes the objects" 2 "$(grep -c '^kind: StatefulSet$' <<<"$out")"
      lacks "$helm: template --output-dir writes no carrier" kdk-render/v1 "$out"
      ;;
  esac
}

# Which pods `helm test` asks for, and with which image.
test_objects() {
  local args=(kdk "$chart" -f "$work/base.yaml" "${render[@]}" -s templates/tests/ready.yaml)
  names() { grep -oE -e '- kdk-[a-z0-9]+-0$' <<<"$out" | sort -u | sed 's/- //' | paste -sd' '; }

  out=$(helm template "${args[@]}" --set commonLabels.team=a)
  is "$helm: the test's objects have the labels of all the others" "4 4 4" \
    "$(grep -c '^    team: a$' <<<"$out") $(grep -c '^    app.kubernetes.io/part-of: kdk$' <<<"$out") $(
      grep -c "^    helm.sh/chart: kdk-$(sed -n 's/^version: //p' "$chart/Chart.yaml")\$" <<<"$out")"
  is "$helm: the test asks for every pod" "kdk-testing1-0 kdk-testing2-0" "$(names)"
  out=$(helm template "${args[@]}" -f "$work/paused.yaml")
  is "$helm: the test leaves a paused cluster out" kdk-testing2-0 "$(names)"
  out=$(helm template "${args[@]}" -f "$work/grown.yaml" -f "$work/removed.yaml")
  is "$helm: the test leaves a removed cluster out" "kdk-testing1-0 kdk-testing2-0" "$(names)"
  out=$(helm template "${args[@]}" --set defaults.paused=true --set clusters.testing1.paused=false)
  is "$helm: the test knows defaults.paused" kdk-testing1-0 "$(names)"

  out=$(helm template kdk "$chart" -f "$work/base.yaml" "${render[@]}" --set image.repository=registry.example.org/kdk \
    --set image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000001 \
    --set 'imagePullSecrets={pull}')
  is "$helm: pods and test have the image" 3 \
    "$(grep -cE '\<image: "?registry\.example\.org/kdk@sha256:0{63}1"?$' <<<"$out")"
  is "$helm: pods and test have the pull secret" 3 "$(grep -c -e '- name: "\?pull"\?$' <<<"$out")"
}

subchart() {
  local parent=$work/parent
  if [ ! -d "$parent" ]; then
    mkdir -p "$parent/templates" "$parent/charts"
    cp -R "$chart" "$parent/charts/kdk"
    cat >"$parent/Chart.yaml" <<'END'
apiVersion: v2
name: parent
version: 1.0.0
dependencies:
  - {name: kdk, version: ">=0.0.0-0", condition: kdk.enabled}
END
    cat >"$parent/templates/own.yaml" <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: own}   # as it is
END
    { echo 'global: {team: a}' && echo 'kdk:' && sed 's/^/  /' "$work/base.yaml"; } >"$parent/values.yaml"
  fi
  succeeds "$helm: as a dependency" helm template kdk "$parent" "${render[@]}"
  is "$helm: as a dependency it makes the clusters" 2 "$(grep -c '^kind: StatefulSet$' <<<"$out")"
  is "$helm: as a dependency it leaves the parent's objects alone" 1 "$(grep -c '^metadata: {name: own.*# as it is$' <<<"$out")"
  succeeds "$helm: as a dependency, enabled" helm template kdk "$parent" "${render[@]}" --set kdk.enabled=true
  is "$helm: as a dependency, enabled, it makes the clusters" 2 "$(grep -c '^kind: StatefulSet$' <<<"$out")"
  succeeds "$helm: as a dependency, disabled" helm template kdk "$parent" "${render[@]}" --set kdk.enabled=false
  is "$helm: as a dependency, disabled, it makes nothing" 1 "$(grep -c '^kind:' <<<"$out")"

  succeeds "$helm: install as a dependency" helm install kdk "$parent" "${render[@]}" --set kdk.clusters.testing2=null \
    --set kdk.network.assigned.testing1=10.127.240.0/20
  succeeds "$helm: upgrade as a dependency" helm upgrade kdk "$parent" "${render[@]}" --set kdk.clusters.testing2=null
  is "$helm: as a dependency it remembers the plan" "10.127.240.0/21 10.127.248.0/22" "$(ranges testing1)"
  succeeds "$helm: uninstall as a dependency" helm uninstall kdk
  is "$helm: uninstall as a dependency leaves nothing" "" "$(objects)"
}

# What the chart tells kdk-render about the host: the spy keeps what it is given in $work/carrier.
discovery() {
  seen() { sed -n '/^discovered:/,/^values:/p' "$work/carrier" | sed 's/^ *//; s/^values:.*/values:/'; }
  succeeds "$helm: discover" deploy install base -- --post-renderer kdk-spy --set network.discover=true --dry-run=server
  is "$helm: discover: nodes, pods and services" "discovered:
nodes:
- 192.0.2.7
pods:
- 10.244.7.0/24
services:
- 10.96.0.0/16
values:" "$(seen)"
  succeeds "$helm: discover without a cluster" \
    deploy install base -- --post-renderer kdk-spy --set network.discover=true --dry-run=client
  is "$helm: discover: what cannot be looked up is left out" "discovered: {}
values:" "$(seen)"
  refused "install into a range of the host" "[range-overlaps-parent]" deploy install base -- "${render[@]}" \
    --set network.discover=true --set parents=null --set clusters.testing1.network.services=10.96.64.0/22
}

# --- Refused before anything is stored

refusals() { # install|upgrade
  refused "$1 without the flag" "$carrier" deploy "$1" base assigned
  refused "$1 with an unknown key, by the schema" "the specifications of the schema" \
    deploy "$1" base unknown -- "${render[@]}"
  has "$helm: $1 with an unknown key, by the schema: names it" emial "$out"
  refused "$1 with an unknown key, by kdk-render" "[key-unknown]" \
    deploy "$1" base unknown -- "${render[@]}" --skip-schema-validation
  has "$helm: $1 with an unknown key, by kdk-render: names it" emial "$out"
  refused "$1 with overlapping pins" "[range-overlaps-cluster]" deploy "$1" base overlapping -- "${render[@]}"
  has "$helm: $1 with overlapping pins: names one" testing1 "$out"
  has "$helm: $1 with overlapping pins: names the other" testing2 "$out"
}

dry_runs() { # install|upgrade
  local before where
  before=$(revisions && versions)
  for where in client server; do
    succeeds "$helm: $1 --dry-run=$where" deploy "$1" base grown -- "${render[@]}" --dry-run="$where"
    has "$helm: $1 --dry-run=$where shows the objects" "name: kdk-testing3" "$out"
    lacks "$helm: $1 --dry-run=$where shows no carrier" kdk-render/v1 "$out"
  done
  is "$helm: $1 --dry-run stores nothing" "$before" "$(revisions && versions)"
}

# --- The life of a release

secret_is_kept() { # WHEN
  is "$helm: what the pod wrote into its Secret survives $1" c2VjcmV0 "$(field secret/kdk-testing1 '{.data.config}')"
}

install() {
  succeeds "$helm: install" deploy install base assigned extra -- "${render[@]}"
  is "$helm: install makes these objects" "configmap/extra
configmap/kdk-testing1
configmap/kdk-testing2
configmap/kdk.plan
persistentvolumeclaim/kdk-testing2
role/kdk-testing1-portforward
role/kdk-testing1-publish
role/kdk-testing1-secret-read
role/kdk-testing2-portforward
role/kdk-testing2-publish
role/kdk-testing2-secret-read
rolebinding/kdk-testing1-portforward
rolebinding/kdk-testing1-publish
rolebinding/kdk-testing1-secret-read
rolebinding/kdk-testing2-portforward
rolebinding/kdk-testing2-publish
rolebinding/kdk-testing2-secret-read
secret/kdk-testing1
secret/kdk-testing2
service/kdk-testing1
service/kdk-testing2
serviceaccount/kdk-testing1
serviceaccount/kdk-testing2
statefulset/kdk-testing1
statefulset/kdk-testing2" "$(objects)"
  is "$helm: an extra object is what was written" 'yes ---
kind: ClusterSet' "$(field configmap/extra '{.data.text} {.data.more}')"
  is "$helm: the Secret has no key of Helm's" "" "$(field secret/kdk-testing1 '{.data}')"

  out=$(helm get manifest kdk)
  is "$helm: get manifest has the objects" 2 "$(grep -c '^kind: StatefulSet$' <<<"$out")"
  lacks "$helm: get manifest has no carrier" kdk-render/v1 "$out"
  lacks "$helm: get manifest has no annotation of Helm 4's" postrenderer.helm.sh "$out"
  lacks "$helm: get manifest has no hook" helm.sh/hook "$out"

  out=$(helm get notes kdk)
  has "$helm: notes say how to get in" "scripts/kdk -n $ns kdk-testing1" "$out"
  has "$helm: notes say what an owner is" "root on the node" "$out"
  has "$helm: notes show the warnings" parent-unknown "$(advice .data.warnings)"

  k patch secret kdk-testing1 --field-manager=kdk-pod --patch '{"data": {"config": "c2VjcmV0"}}' >/dev/null
}

memory() {
  local want="10.127.240.0/21 10.127.248.0/22"
  is "$helm: an assigned block is used" "$want" "$(ranges testing1)"
  succeeds "$helm: upgrade without network.assigned" deploy upgrade base -- "${render[@]}"
  is "$helm: the plan is remembered" "$want" "$(ranges testing1)"
  secret_is_kept "an upgrade"
  succeeds "$helm: upgrade without network.remember" deploy upgrade base -- "${render[@]}" --set network.remember=false
  isnt "$helm: the plan is forgotten only then" "$want" "$(ranges testing1)"
  succeeds "$helm: rollback" helm rollback kdk 2
  is "$helm: rollback brings the ranges back" "$want" "$(ranges testing1)"
  has "$helm: rollback brings the plan back" 10.127.240.0/20 "$(field configmap/kdk.plan '{.data.plan\.yaml}')"
  secret_is_kept "a rollback"
}

changes() {
  local before uid

  settle testing1
  uid=$(field pod/kdk-testing1-0 '{.metadata.uid}')
  succeeds "$helm: upgrade that adds a cluster and changes another" deploy upgrade base grown -- "${render[@]}"
  is "$helm: the cluster is added" kdk-testing3 "$(field statefulset/kdk-testing3 '{.metadata.name}')"
  is "$helm: the other is changed" yes "$(field statefulset/kdk-testing1 '{.spec.template.spec.nodeSelector.kdk}')"
  settle testing1
  is "$helm: its pod is left alone" "$uid" "$(field pod/kdk-testing1-0 '{.metadata.uid}')"
  is "$helm: notes tell which pods wait for a restart" kdk-testing1 "$(advice updatedReplicas)"
  k delete pod kdk-testing1-0 >/dev/null
  k wait statefulset/kdk-testing1 --for='jsonpath={.status.updatedReplicas}=1' --timeout=30s >/dev/null
  is "$helm: once restarted it does not" "" "$(advice updatedReplicas)"
  is "$helm: the new pod has the change" yes "$(field pod/kdk-testing1-0 '{.spec.nodeSelector.kdk}')"

  succeeds "$helm: upgrade that pauses a cluster" deploy upgrade base grown paused -- "${render[@]}"
  is "$helm: it has no pod" "0 1" "$(field statefulset/kdk-testing1 '{.spec.replicas}') $(field statefulset/kdk-testing2 '{.spec.replicas}')"
  secret_is_kept "a pause"

  succeeds "$helm: upgrade that makes a cluster persistent" deploy upgrade base grown persistent -- "${render[@]}"
  is "$helm: it has a volume" kdk-testing1 "$(field persistentvolumeclaim/kdk-testing1 '{.metadata.name}')"
  is "$helm: its pod mounts it" kdk-testing1 \
    "$(field statefulset/kdk-testing1 '{.spec.template.spec.volumes[*].persistentVolumeClaim.claimName}')"

  succeeds "$helm: upgrade that removes a cluster" deploy upgrade base grown persistent removed -- "${render[@]}"
  succeeds "$helm: its volume goes too" k wait persistentvolumeclaim/kdk-testing3 --for=delete --timeout=60s
  lacks "$helm: nothing of it stays" testing3 "$(objects)"

  before=$(pod_templates)
  succeeds "$helm: upgrade with other parents" deploy upgrade base grown persistent removed parents -- "${render[@]}"
  has "$helm: the pod's check will know them" 203.0.113.0/24 "$(field configmap/kdk-testing1 '{.data.kdk\.yaml}')"
  is "$helm: but no pod has to restart" "$before" "$(pod_templates)"

  succeeds "$helm: upgrade to a newer chart" newer upgrade base grown persistent removed parents -- "${render[@]}"
  is "$helm: the objects say so" kdk-99.0.0 "$(field statefulset/kdk-testing1 '{.metadata.labels.helm\.sh/chart}')"
  is "$helm: but no pod has to restart" "$before" "$(pod_templates)"
}

# Run `helm test` as if there were a kubelet: the test pod's command runs here, as the service account that it
# would have there, and what it prints goes to $work/test.seen.
run_test() {
  local pid account config script args phase=Failed
  helm test kdk --timeout 60s &
  pid=$!
  if k wait pod/kdk-test --for=create --timeout=30s; then
    account=system:serviceaccount:$ns:$(field pod/kdk-test '{.spec.serviceAccountName}')
    config=$work/test.kubeconfig # not where it is made: KUBECONFIG is a list, and may have no colon in a name
    cp "$("$root/e2e/tools/apiserver" user "$work/api" "$account" system:serviceaccounts "system:serviceaccounts:$ns")" "$config"
    k config --kubeconfig "$config" set-context --current --namespace "$ns"
    script=$(field pod/kdk-test '{.spec.containers[0].command[2]}')
    read -ra args <<<"$(field pod/kdk-test '{.spec.containers[0].args[*]}')"
    if KUBECONFIG=$config PATH=$bin:$PATH sh -c "$script" ready "${args[@]}" >"$work/test.seen" 2>&1; then
      phase=Succeeded
    fi
    pod_status kdk-test "{\"phase\": \"$phase\"}"
  fi
  wait "$pid"
}

helm_test() {
  left() { k get "$kinds,pods" --output name | grep -E '/kdk[.-]test$'; }
  settle testing1 && settle testing2
  pod_status kdk-testing2-0 '{"conditions": [{"type": "Ready", "status": "True"}]}'
  fails "$helm: test fails while a pod is not ready" run_test
  is "$helm: test says which" "kdk-testing1-0: not ready
kdk-testing2-0: ready" "$(cat "$work/test.seen")"
  is "$helm: a failed test leaves nothing behind" "" "$(left)"

  pod_status kdk-testing1-0 '{"conditions": [{"type": "Ready", "status": "True"}]}'
  succeeds "$helm: test succeeds when they are" run_test
  is "$helm: a test leaves nothing behind" "" "$(left)"
  succeeds "$helm: notes tell how to wait for the pods" advice "wait pod"
}

uninstall() {
  local uid
  secret_is_kept "all of it"
  uid=$(field persistentvolumeclaim/kdk-testing2 '{.metadata.uid}')
  succeeds "$helm: uninstall" helm uninstall kdk
  k wait persistentvolumeclaim/kdk-testing1 --for=delete --timeout=60s >/dev/null
  k wait pods,controllerrevisions,endpointslices --all --for=delete --timeout=60s >/dev/null
  is "$helm: uninstall leaves the volume that is to be kept, and nothing else" persistentvolumeclaim/kdk-testing2 "$(objects)"
  is "$helm: uninstall leaves no release" 0 "$(revisions)"
  succeeds "$helm: install over a volume that was kept" deploy install base -- "${render[@]}"
  is "$helm: the volume is the same" "$uid" "$(field persistentvolumeclaim/kdk-testing2 '{.metadata.uid}')"
  helm uninstall kdk >/dev/null
}

# --- Both

same_objects() {
  local version ns=any
  for version in helm3 helm4; do
    k create --dry-run=client --filename "$work/template.$version.yaml" --output 'jsonpath={@}{"\n"}' |
      sort >"$work/template.$version"
  done
  is "both render the same objects" "" "$(diff "$work/template.helm3" "$work/template.helm4")"
  isnt "which are some" 0 "$(wc -l <"$work/template.helm4")"
}

takeover() {
  ns=takeover helm=helm3
  k create namespace "$ns" >/dev/null
  succeeds "takeover: install by Helm 3" deploy install base -- "${render[@]}"
  k patch secret kdk-testing1 --field-manager=kdk-pod --patch '{"data": {"config": "c2VjcmV0"}}' >/dev/null
  local before
  before=$(ranges testing1)

  helm=helm4
  succeeds "takeover: upgrade by Helm 4" deploy upgrade base grown -- "${render[@]}"
  is "takeover: the change is there" yes "$(field statefulset/kdk-testing1 '{.spec.template.spec.nodeSelector.kdk}')"
  is "takeover: the ranges are as they were" "$before" "$(ranges testing1)"
  secret_is_kept "a takeover"
  succeeds "takeover: upgrade with server-side apply" deploy upgrade base -- "${render[@]}" --server-side=true
  is "takeover: the change is taken back" "" "$(field statefulset/kdk-testing1 '{.spec.template.spec.nodeSelector.kdk}')"
  secret_is_kept "the change to server-side apply"
  succeeds "takeover: rollback to what Helm 3 made" helm rollback kdk 1
  secret_is_kept "a rollback over the takeover"
  succeeds "takeover: uninstall" helm uninstall kdk
  is "takeover: uninstall leaves the volume that is to be kept" persistentvolumeclaim/kdk-testing2 "$(objects)"
}

plugin() {
  local package version
  version=$(sed -n 's/^version: //p' "$root/plugin/helm/plugin.yaml")
  helm=helm4 ns=default
  has "plugin: a folder installs" kdk-render "$(helm plugin list)"
  succeeds "plugin: uninstall" helm plugin uninstall kdk-render
  fails "plugin: without it Helm 4 has no kdk-render" helm template kdk "$chart" "${render[@]}"

  succeeds "plugin: package" "$root/plugin/helm/package" "$KDK_RENDER" "$version" "$work"
  package=$out
  is "plugin: its name" "$work/kdk-render-$version.tgz" "$package"
  "$root/plugin/helm/package" "$KDK_RENDER" "$version" "$work/again" >/dev/null
  succeeds "plugin: packed again it is the same" cmp "$package" "$work/again/kdk-render-$version.tgz"
  fails "plugin: a package with a bad version is refused" "$root/plugin/helm/package" "$KDK_RENDER" 1.x "$work"

  succeeds "plugin: a package installs" helm plugin install --verify=false "$package"
  has "plugin: with its version" "$version" "$(helm plugin list)"
  succeeds "plugin: it renders" helm template kdk "$chart" -f "$work/base.yaml" "${render[@]}"
  has "plugin: it renders the clusters" "name: kdk-testing1" "$out"
  succeeds "plugin: uninstall the package" helm plugin uninstall kdk-render
}

# ---

tools
write_values
post_renderer kdk-render "$KDK_RENDER"
printf '#!/bin/sh\ntee "%s/carrier" | "%s"\n' "$work" "$KDK_RENDER" >"$work/spy"
chmod +x "$work/spy"
post_renderer kdk-spy "$work/spy"
cluster
cp -R "$chart" "$work/newer"
sed -i 's/^version: .*/version: 99.0.0/' "$work/newer/Chart.yaml"

k create --filename - >/dev/null <<'END'
apiVersion: v1
kind: Node
metadata: {name: node}
spec: {podCIDR: 10.244.7.0/24, podCIDRs: [10.244.7.0/24]}
END
k patch node node --subresource=status --patch \
  '{"status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.7"}, {"type": "Hostname", "address": "node"}]}}' >/dev/null

for helm in helm3 helm4; do
  ns=$helm
  k create namespace "$ns" >/dev/null
  lint
  template
  output_dir
  test_objects
  subchart
  discovery
  refusals install
  dry_runs install
  install
  refusals upgrade
  dry_runs upgrade
  memory
  changes
  helm_test
  uninstall
done
same_objects
takeover
plugin
finish
