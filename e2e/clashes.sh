#!/usr/bin/env bash
# Holds what `kdk-render` says of a clash to what the clash does: real nested clusters in a pod of a real parent cluster,
# with the ranges that lint refuses, and with those that it suggests.
#
#   e2e/clashes.sh [PART...]    results as TAP on stdout; exit status 1 if anything failed
#
# The parts, one nested cluster each (without PART: all): services, resolver, nodes, vips, own: what was refused; plan,
# replan: what was suggested
#
# Takes  KDK_RENDER, KDK_TOOLS: see lib.sh; KDK_E2E: see nested/lib.sh; KEEP=1: the host runs on
# As root. nested/parent starts the parent cluster, and builds what is not there.
#
# What is deployed is what kdk-render writes, for values without `parents`, so that it refuses nothing. A stand-in for
# KDK's program in the pod runs it, which looks at nothing beforehand.
# shellcheck source-path=SCRIPTDIR disable=SC2317 # functions are called by name
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/nested/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/nested/cluster.sh"
tools kubectl

host_ends_with_test
"$nested/parent" --image "$nested_images/pod.tar" || bail "no parent cluster"
k delete namespace "$ns" --ignore-not-found >/dev/null # what a run that was killed has left

# --- What the parent's ranges are

ranges() { # KEY: and how sure discover is of them
  awk -v key="  $1:" '/^  [a-zA-Z#]/ { on = $0 == key } on && sub(/^  - /, "") { print $1, $3 }' "$work/parents.yaml" | paste -sd' '
}

discover() { # KINDS
  k get "$1" --all-namespaces --output yaml | "$KDK_RENDER" discover >"$work/parents.yaml"
}

network=$(on_host docker network inspect kind --format '{{range .IPAM.Config}}{{.Subnet}} {{end}}' | tr ' ' '\n' | grep -v :)
address=$(k get nodes --output 'jsonpath={.items[0].status.addresses[0].address}')
resolver=$(ns=kube-system field service/kube-dns '{.spec.clusterIP}')
api=$(ns=default field service/kubernetes '{.spec.clusterIP}')
discover nodes
is "discover: pods, at least what the node has" "10.244.0.0/24 at" "$(ranges pods)"
discover nodes,servicecidrs,services,pods,configmaps
is "discover: pods, exactly, from kubeadm's settings" "10.244.0.0/16 exact:" "$(ranges pods)"
is "discover: services, exactly" "10.96.0.0/16 exact:" "$(ranges services)"
is "discover: nodes, at least the one in $network" "$address/32 at" "$(ranges nodes)"
is "discover: the resolver" "$resolver exact:" "$(ranges dns)"

# --- Refused and accepted

# Lint refuses the pins, by RULE and with CONSEQUENCE; $suggested is then the range that the help names.
refused() { # TEXT PINS RULE CONSEQUENCE
  name=clash
  printf 'clusters:\n  %s: {email: clash@example.org, network: {%s}}\n' "$name" "$2" >"$work/clash.yaml"
  fails "$1: refused" "$KDK_RENDER" lint "$work/clash.yaml" "$work/parents.yaml"
  has "$1: by $3" "[$3" "$out"
  has "$1: with what would happen" "$4" "$out"
  suggested=$(sed -n 's/^help: \([^ ]*\) is free.*/\1/p' <<<"$out" | head -n 1)
  isnt "$1: with a free range" "" "$suggested"
}

# Lint accepts the range that it suggested.
accepted() { # TEXT KEY
  printf 'clusters:\n  plan: {email: plan@example.org, network: {%s: %s}}\n' "$2" "$suggested" >"$work/plan.yaml"
  succeeds "$1: $suggested is accepted, strictly" "$KDK_RENDER" lint --strict "$work/plan.yaml" "$work/parents.yaml"
}

# --- Seen

# A cluster with the clash that was last refused.
clashes() { # TEXT
  render "$work/clash.yaml" >"$work/clash.manifests"
  deploy clash "$work/clash.manifests" || bail "$1: no cluster"
}

# The pod gets an answer from the parent's DNS, its nodes get none once kube-proxy has written its rules.
dns_is_captured() { # TEXT
  succeeds "$1: the nested node is Ready all the same" nested_kubectl wait --for=condition=Ready node --all --timeout=120s
  succeeds "$1: the pod asks the parent's DNS" await resolves pod external.test 192.0.2.80
  succeeds "$1: the nested node gets no answer" await unresolved node external.test
  succeeds "$1: Docker's resolver says why" await captured_is_logged
  echo "# $1: Docker's resolver failed $(resolver_errors)"
}

captured_is_logged() { [[ $(resolver_errors) == *@("operation not permitted"|"i/o timeout")* ]]; }

# All that a nested cluster must do, at every level.
works() { # TEXT
  succeeds "$1: the pod is Ready" k wait --for=condition=Ready "pod/$release-plan-0" --timeout=300s
  succeeds "$1: the nested node is Ready" nested_kubectl wait --for=condition=Ready node --all --timeout=120s
  succeeds "$1: CoreDNS is Ready" nested_kubectl --namespace kube-system wait --for=condition=Ready pod --selector k8s-app=kube-dns --timeout=180s
  names_resolve "$1"
  is "$1: Docker's resolver never failed" "" "$(resolver_errors)"
  succeeds "$1: the pod reaches the parent's API server" reaches "$api:443"
  succeeds "$1: the pod reaches the parent's node" reaches "$address:6443"
  succeeds "$1: a client with the node's address is answered" answers "$address"
  succeeds "$1: the nested API server answers through kubectl port-forward" ready_through_forward
}

ready_through_forward() {
  pod cat /run/kdk/kubeconfig >"$work/nested.kubeconfig"
  through_forward "$nested_run/parent.kubeconfig" get --raw /readyz
}

# Whether the pod answers a client on the parent's node that has this source address.
answers() { # [ADDRESS]
  local ip
  ip=$(field "pod/$release-$name-0" '{.status.podIP}')
  pod sh -c 'mkdir -p /run/www && echo hello >/run/www/index.html && { busybox httpd -p 8080 -h /run/www 2>/dev/null || true; }'
  on_host docker exec parent-control-plane curl -sS --max-time 10 ${1:+--interface "$1"} "http://$ip:8080/" | grep -x hello
}

captured='the parent'\''s Services would be captured inside the cluster, its DNS among them: up to Docker 27 lookups fail with "write: operation not permitted" at first and "i/o timeout" later'

# Refused for a parent's sake; the range of KEY that is suggested is accepted; and a cluster with the clash is there.
refused_and_made() { # TEXT KEY PINS CONSEQUENCE
  refused "$1" "$3" range-overlaps-parent "$4"
  accepted "$1" "$2"
  clashes "$1"
}

services() {
  local t="services on the parent's, the same"
  refused_and_made "$t" services "services: 10.96.0.0/16" "$captured"
  dns_is_captured "$t"
  succeeds "$t: a nested pod runs" probe
  succeeds "$t: a nested pod gets an answer for a name of its own cluster" await resolves nested_pod kubernetes.default.svc.clash.kdk
  succeeds "$t: it gets none for a name of the parent" unresolved nested_pod kubernetes.default.svc.cluster.local
  remove clash "$work/clash.manifests"
}

resolver() {
  local t="services on the parent's resolver, another range"
  refused_and_made "$t" services "services: 10.96.0.0/20" "$captured"
  dns_is_captured "$t"
  remove clash "$work/clash.manifests"
}

nodes() {
  local t="docker on the parent's nodes"
  refused_and_made "$t" docker "docker: ${network%/*}/24" \
    "those nodes could not be reached, and replies to clients that have their addresses would go to a Docker bridge"
  succeeds "$t: the pod does not reach the parent's node at $address, which now is the nested node's" unreached "$address:6443"
  fails "$t: a client with the node's address is not answered" answers "$address"
  has "$t: which times out" "timed out" "$out"
  succeeds "$t: one with the gateway's is, as the kubelet with this CNI" answers
  remove clash "$work/clash.manifests"
}

vips() {
  local t="docker on the parent's services" errors
  refused_and_made "$t" docker "docker: 10.96.0.0/24" \
    "the parent's API server and DNS would be looked for on a Docker bridge: lookups time out and the kubeconfig cannot be published"
  succeeds "$t: the pod reaches the parent's node" reaches "$address:6443"
  succeeds "$t: it does not reach the parent's API server at $api" unreached "$api:443"
  succeeds "$t: it gets no answer from the parent's DNS" unresolved pod external.test
  succeeds "$t: nor does the nested node" unresolved node external.test
  errors=$(resolver_errors)
  has "$t: Docker's resolver failed $errors" "i/o timeout" "$errors"
  remove clash "$work/clash.manifests"
}

# kdk-render writes no such thing, with or without parents: its kind.yaml for other services, with these in it.
own() {
  local t="pods on the cluster's own services"
  refused "$t" "pods: 10.80.0.0/20, services: 10.80.0.0/20" range-overlaps-own \
    "Kubernetes gives no node pods that are services too: one for which no others are left never becomes Ready (CIDRNotAvailable)"
  accepted "$t" pods
  printf 'clusters:\n  clash: {email: clash@example.org, network: {pods: 10.80.0.0/20, services: 10.90.0.0/20}}\n' >"$work/other.yaml"
  render "$work/other.yaml" | sed 's#serviceSubnet: 10.90.0.0/20#serviceSubnet: 10.80.0.0/20#' >"$work/clash.manifests"
  deploy clash "$work/clash.manifests" || bail "$t: no cluster"
  pass "$t: kind and kubeadm say nothing"
  succeeds "$t: the node gets no pods: CIDRNotAvailable" await no_pods_left
  fails "$t: the node is not Ready" nested_kubectl wait --for=condition=Ready node --all --timeout=1s
  remove clash "$work/clash.manifests"
}

no_pods_left() {
  [ -z "$(nested_kubectl get nodes --output 'jsonpath={.items[*].spec.podCIDR}')" ] &&
    nested_kubectl get events --field-selector reason=CIDRNotAvailable --output name | grep -q .
}

# What is suggested instead of PINS..., one after the other, all in one cluster, works.
suggested_works() { # PINS...
  local pins got=''
  for pins; do
    refused "$pins" "$got$pins" range-overlaps- note:
    got+="${pins%%:*}: $suggested, "
  done
  printf 'clusters:\n  plan: {email: plan@example.org, network: {%s}}\n' "${got%, }" >"$work/plan.yaml"
  succeeds "${got%, }: accepted, strictly" "$KDK_RENDER" lint --strict "$work/plan.yaml" "$work/parents.yaml"
  render "$work/plan.yaml" >"$work/plan.manifests"
  deploy plan "$work/plan.manifests" || bail "no cluster with ${got%, }"
  works "${got%, }"
  remove plan "$work/plan.manifests"
}

plan() { suggested_works "services: 10.96.0.0/16" "docker: ${network%/*}/24"; }

replan() { suggested_works "services: 10.96.0.0/20" "docker: 10.96.0.0/24" "pods: 10.244.0.0/16"; }

(($#)) || set -- services resolver nodes vips own plan replan
parts "$@"
finish
