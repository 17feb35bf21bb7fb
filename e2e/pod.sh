#!/usr/bin/env bash
# KDK as it is used, on a real parent cluster: Helm installs it, pods make their nested clusters, owners get in and
# nobody else, clusters outlive their pods, and all of it goes without a trace.
#
#   e2e/pod.sh [PART...]    results as TAP on stdout; exit status 1 if anything failed
#
# The parts, each of them a release of its own (without PART: all):
#   helm4         two clusters, from installation to removal, with all that is done to them in between; README's session
#   helm3         the same two, installed, changed and removed
#   original      nested Services on the parent's: refused before deployment, by the pod, and what happens where both look away
#   newer         the Docker of Debian's next release takes over a cluster; what becomes of the original problem there
#   docker_host   a cluster on a Docker daemon that is somewhere else
#   containerfile the image as `make image` builds it: downloads and their checksums, and a pod with it
#   kills         a pod that is killed at each of its steps comes back
#   certificates  that end soon, or have ended, are renewed when the pod starts again
#   startup       how long a pod takes to become Ready, beside one with the stand-in; only when asked for
#
# Takes  KDK_RENDER, KDK_TOOLS: see lib.sh; KDK_E2E, KDK_POD: see nested/; KEEP=1: the host runs on
# As root. nested/parent starts the parent cluster, and builds what is not there.
# shellcheck source-path=SCRIPTDIR disable=SC2016,SC2030,SC2031,SC2317 # code for shells elsewhere; PATH in subshells; functions called by name
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${IN_HOST-}" ]; then # kubectl, helm and kdk run in the host's network, as those of somebody who works there
  exec "$here/nested/parent" "$here/nested/host" net env IN_HOST=1 "$0" "$@"
fi
source "$here/lib.sh"
source "$here/nested/lib.sh"
source "$here/nested/cluster.sh"
source "$here/terminal.sh"
trap 'terminal_ends; cleanup' EXIT
tools helm3 helm4 kubectl
KUBECONFIG=$nested_run/parent.kubeconfig
k delete namespace "$ns" --ignore-not-found >/dev/null # what a run that was killed has left
"$nested/parent" --image "$nested_images/kdk.tar" || bail "the parent does not take the image"
post_renderer kdk-render "$KDK_RENDER"

# --- What is deployed

# The release, made or changed with these values files, above what all have in common.
deploy() { # install|upgrade NAME... [-- ARG...]
  local verb=$1 files=()
  shift
  while (($#)) && [ "$1" != -- ]; do
    files+=(-f "$work/$1.yaml")
    shift
  done
  helm "$verb" "$release" "$root/chart" -f "$work/base.yaml" "${files[@]}" --post-renderer kdk-render "${@:2}"
}

values base <<END
image: {repository: ${kdk_image%:*}, tag: "${kdk_image##*:}", pullPolicy: Never}
defaults:
  nodeImage: $node_image@sha256:$(printf '0%.0s' {1..64}) # from the pod's image, which has it without a digest
  resources: {requests: {cpu: 10m, memory: 64Mi}}
  storage: {size: 8Gi}
END
k get nodes,servicecidrs,services,pods,configmaps --all-namespaces --output yaml | "$KDK_RENDER" discover >"$work/parents.yaml"
values two <<'END'
clusters:
  testing1: {email: testing1@example.org}
  testing2: {email: testing2@example.org, storage: {persistent: true}}
END

# The original problem, and what lets it through: no known parents, no preflight.
values clash <<'END'
clusters:
  testing1: {email: testing1@example.org, network: {services: 10.96.0.0/16}}
END
values blind <<<'parents: []'
values off <<<'defaults: {preflight: "off"}'

# An empty folder of the parent's node, for a claim: the parent has no provisioner.
volume() { # CLUSTER
  no_volume "$1"
  k apply --filename - >/dev/null <<END
apiVersion: v1
kind: PersistentVolume
metadata: {name: $ns-$release-$1}
spec:
  capacity: {storage: 8Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: standard
  persistentVolumeReclaimPolicy: Retain
  claimRef: {namespace: $ns, name: $release-$1}
  hostPath: {path: /var/lib/kdk-e2e/$1, type: DirectoryOrCreate}
END
}

no_volume() { # CLUSTER
  k delete persistentvolume "$ns-$release-$1" --ignore-not-found >/dev/null 2>&1
  on_host docker exec parent-control-plane rm -rf "/var/lib/kdk-e2e/$1"
}

# --- Owners

# A kubeconfig of EMAIL's own, with a certificate that the parent has signed, in $work/EMAIL.kubeconfig.
owner() { # EMAIL
  local config=$work/$1.kubeconfig
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -subj "/CN=$1" -out "$work/$1.csr" 2>/dev/null
  k delete certificatesigningrequest "$1" --ignore-not-found >/dev/null 2>&1
  k apply --filename - >/dev/null <<END
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: $1}
spec:
  request: $(base64 -w0 <"$work/$1.csr")
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
END
  k certificate approve "$1" >/dev/null
  k wait certificatesigningrequest "$1" --for=jsonpath='{.status.certificate}' --timeout=30s >/dev/null
  field "certificatesigningrequest/$1" '{.status.certificate}' | base64 -d >"$work/$1.crt"
  cp "$KUBECONFIG" "$config"
  chmod 600 "$config"
  k --kubeconfig "$config" config set-credentials "$1" --embed-certs --client-certificate "$work/$1.crt" --client-key "$work/$1.key" >/dev/null
  k --kubeconfig "$config" config set-context --current --user "$1" --namespace "$ns" >/dev/null
  k --kubeconfig "$config" config delete-user kind-parent >/dev/null
}

as() { # EMAIL COMMAND...
  KUBECONFIG=$work/$1.kubeconfig "${@:2}"
}

kdk_of() { # EMAIL ARG...
  as "$1" env PATH="$bin:$PATH" "$root/scripts/kdk" "${@:2}"
}

doctor() { # ARG...
  kdk_of testing1@example.org doctor "$@"
}

# As its owner alone can: the kubeconfig out of the Secret, and kubectl port-forward, both with the owner's rights.
as_owner() { # EMAIL KUBECTL-ARG...
  as "$1" "$bin/kubectl" get secret "$release-$name" --output 'jsonpath={.data.config}' | base64 -d >"$work/nested.kubeconfig"
  through_forward "$work/$1.kubeconfig" "${@:2}"
}

# --- Looking

annotation() { # KEY: of the cluster's Secret, without kdk/
  field "secret/$release-$name" "{.metadata.annotations.kdk/$1}"
}

says_on_secret() { # PHASE MESSAGE
  [ "$(annotation phase): $(annotation message)" = "$1: $2" ]
}

pods() { # which there are, and whether they are the same ones
  k get pods --output 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.containerStatuses[0].restartCount}{"\n"}{end}'
}

becomes_ready() { # TEXT
  succeeds "$1: $name: its pod is made" k wait --for=create "pod/$release-$name-0" --timeout=60s
  succeeds "$1: $name: its pod becomes Ready" k wait --for=condition=Ready "pod/$release-$name-0" --timeout=600s
  succeeds "$1: $name: its Secret says so" await says_on_secret ready ""
}

# What the parent's node has of pods: mounts, with them network namespaces, and cgroups. Other containers may have been
# started anew meanwhile.
traces() {
  on_host docker exec parent-control-plane sh -c '
    cut -d" " -f5 /proc/self/mountinfo | grep -vE "^/proc/[0-9]|^/sys/fs/cgroup"
    find /sys/fs/cgroup/* -type d' | sed -E 's/[0-9a-f]{64}/ID/' | sort
}

without_traces() { [ "$(traces)" = "$before" ]; }

# --- A release, from beginning to end

install_two() {
  before=$(traces)
  volume testing2
  succeeds "$helm: install" deploy install two parents -- --create-namespace
  for name in testing1 testing2; do
    becomes_ready "$helm"
  done
}

owners_get_in() {
  local other
  for name in testing1 testing2; do
    other=$release-testing$((3 - ${name#testing}))
    is "$helm: $name: its owner is its administrator, through kubectl port-forward" yes \
      "$(as_owner "$name@example.org" auth can-i '*' '*')"
    fails "$helm: $name: its owner does not read the other's Secret" as "$name@example.org" "$bin/kubectl" get secret "$other"
    has "$helm: $name: it is forbidden" "Forbidden" "$out"
    fails "$helm: $name: nor forwards to the other's pod" as "$name@example.org" timeout 30 "$bin/kubectl" port-forward "pod/$other-0" :16443
    has "$helm: $name: it is forbidden" "Forbidden" "$out"
    fails "$helm: $name: nor does its pod read the other's Secret" pod kubectl --namespace "$ns" get secret "$other"
    has "$helm: $name: it is forbidden" "Forbidden" "$out"
  done
}

uninstalled() {
  succeeds "$helm: uninstall" helm uninstall "$release" --wait --timeout 5m
  succeeds "$helm: uninstall: the pods have ended" k wait --for=delete pod --all --timeout=180s
  is "$helm: uninstall: nothing of it is left in the namespace" "" "$(objects)"
  no_volume testing1
  no_volume testing2
  if await without_traces; then
    pass "$helm: uninstall: no mount, network namespace or cgroup is left on the node"
  else
    flunk "$helm: uninstall: no mount, network namespace or cgroup is left on the node" "$(diff <(echo "$before") <(traces))"
  fi
}

# The session of the README. How old namespaces are differs, and where the temporary folder is.
session() {
  mkdir -p "$work/home"
  (
    export HOME=$work/home KUBECONFIG=$work/testing1@example.org.kubeconfig PATH=$root/scripts:$bin:$PATH
    terminal
  )
  type 'kdk kdk-testing1'
  await ends_with '(kdk-testing1) in$'
  type 'kubectl get ns'
  await shows kube-system
  type exit
  await ends_with 'out$'
  is "README's session, word for word" "$(session_of_readme)" \
    "$(screen | sed -E 's#/tmp/tmp\.[A-Za-z0-9]{10}/#/tmp/tmp.mAAcRKJ6rO/#; s/^([a-z-]+ +Active +)[0-9a-z]+$/\122s/')"
  terminal_ends
}

session_of_readme() {
  cat <<'END'
out$ kdk kdk-testing1
Setting up access to kdk-testing1
. writing kubeconfig for kdk-testing1
. tightening permissions for kubeconfig
. getting port number
. forwarding 16443
. waiting for port forward to complete
.. Forwarding from 127.0.0.1:16443 -> 16443
.. Forwarding from [::1]:16443 -> 16443
. launching sub-shell (when finished type exit to return)

To launch further shells run:

KUBECONFIG=/tmp/tmp.mAAcRKJ6rO/config $SHELL
(kdk-testing1) in$ kubectl get ns
.. Handling connection for 16443
NAME              STATUS   AGE
default           Active   22s
kube-node-lease   Active   22s
kube-public       Active   22s
kube-system       Active   22s
(kdk-testing1) in$ exit
exit
out$
END
}

what_it_leaves_to_see() {
  local log
  is "$name: its files are root's alone, but for what kubectl remembers of the parent's API" "" \
    "$(pod find /run/kdk /var/lib/docker/kdk -type f -perm /077 -not -path '*/kubectl-cache/*')"
  is "$name: Docker listens on a socket that is root's alone" "660 root" "$(pod stat -c '%a %U' /var/run/docker.sock)"
  is "$name: nothing but the nested API server listens, and on loopback" "127.0.0.1:16443" \
    "$(pod ss -Hltn | awk '{ print $4 }' | grep -v '^127.0.0.11:' | sort -u)"
  log=$(k logs "$release-$name-0"; pod kdk-pod dump)
  for secret in BEGIN client-key-data eyJhbGciOi; do
    lacks "$name: $secret is in no log and no dump" "$secret" "$log"
  done
  out=$(pod sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' /proc/1/status)
  if [ "$out" -lt 4096 ]; then pass "$name: kdk-pod takes less than 4 MiB: $out KiB"; else flunk "$name: kdk-pod takes less than 4 MiB" "$out KiB"; fi
  is "$name: no zombie is left" "" "$(pod ps -A -o stat,args | grep '^Z')"
}

# What is wrong inside, and what is not; ranges are looked at in `original`.
doctor_finds() {
  local forward
  name=testing1
  succeeds "kdk doctor: a healthy cluster has no problem" doctor testing1
  has "kdk doctor: it says so" "no problem found" "$out"
  nested_kubectl run unpulled --image=registry.example.org/no/such:1 >/dev/null
  nested_kubectl run crashing --image="$(nested_kubectl get pod probe --output 'jsonpath={.spec.containers[0].image}')" --command -- /bin/false >/dev/null
  KUBECONFIG=$work/testing1@example.org.kubeconfig "$bin/kubectl" port-forward "pod/$release-$name-0" :16443 >"$work/left.log" 2>&1 &
  forward=$!
  succeeds "a nested pod does not get its image" await waits unpulled 'ErrImagePull|ImagePullBackOff'
  succeeds "a nested pod crashes" await waits crashing 'CrashLoopBackOff|StartError|RunContainerError'
  fails "kdk doctor finds them" doctor testing1
  has "kdk doctor: an image's registry has no address" "problem 2, name resolution: inside: pod default/unpulled" "$out"
  has "kdk doctor: a pod that crashes" "problem 7, something else: inside: pod default/crashing" "$out"
  has "kdk doctor: a forwarder that was left over" "is left over: process $forward, " "$out"
  kill "$forward"
  wait "$forward" 2>/dev/null
  nested_kubectl delete pod unpulled crashing --grace-period=1 >/dev/null
}

waits() { # POD REASONS
  nested_kubectl get pod "$1" --output 'jsonpath={.status.containerStatuses[0].state.waiting.reason}' | grep -xE "$2"
}

# A cluster that outlives its pod, with something in it that tells it from another.
persistent_cluster() {
  values persistent <<'END'
clusters:
  testing1: {email: testing1@example.org, storage: {persistent: true}}
END
  before=$(traces)
  volume testing1
  succeeds "install" deploy install persistent parents -- --create-namespace
  becomes_ready "install"
  remember
}

remember() { nested_kubectl create configmap remember >/dev/null; }
remembers() { nested_kubectl get configmap remember --output name; }

helm4() {
  helm=helm4
  install_two
  owners_get_in
  name=testing1
  session
  what_it_leaves_to_see
  for name in testing1 testing2; do
    names_resolve "$helm"
    remember
  done
  doctor_finds

  # dockerd dies, and with it all containers: the cluster is the same
  name=testing1
  pod sh -c 'kill -KILL $(cat /var/run/docker.pid)'
  succeeds "dockerd is killed: the container is started anew" await restarted 1
  becomes_ready "dockerd was killed"
  is "dockerd was killed: the container had ended with its status" 67 "$(ended_with exitCode)"
  succeeds "dockerd was killed: the cluster is the same" remembers

  # one pauses, the other gets a setting that kind cannot change
  values changed <<'END'
clusters:
  testing1: {paused: true}
  testing2: {workers: 1}
END
  name=testing2
  was=$(pods | grep testing2)
  succeeds "upgrade" deploy upgrade two parents changed
  succeeds "paused: its pod goes" k wait --for=delete "pod/$release-testing1-0" --timeout=180s
  is "upgrade: no other pod is touched" "$was" "$(pods)"

  k logs --follow "$release-$name-0" --tail=1 >"$work/stop.log" &
  succeeds "restarted by its owner" kdk_of testing2@example.org restart --yes testing2
  wait $!
  has "it stopped as it should" "phase=stopping event=ok" "$(cat "$work/stop.log")"
  echo "# $(grep -o 'phase=stopping event=ok.*' "$work/stop.log")"
  becomes_ready "restarted"
  isnt "restarted: it is another pod" "$was" "$(pods)"
  succeeds "persistent: the cluster is the same" remembers
  has "what waits for a new cluster is said" "nodes[1].role: nothing -> worker" "$(annotation pending-change)"
  is "persistent: its owner gets in" yes "$(as_owner testing2@example.org auth can-i '*' '*')"

  values changed <<'END'
clusters:
  testing1: {workers: 1}
  testing2: {workers: 1}
END
  name=testing1
  succeeds "upgrade, no longer paused" deploy upgrade two parents changed
  becomes_ready "no longer paused"
  fails "no longer paused: without persistence it is another cluster" remembers
  succeeds "two nodes become Ready" nested_kubectl wait --for=condition=Ready node --all --timeout=120s
  is "there are two nodes" "2" "$(nested_kubectl get nodes --no-headers | wc -l)"
  names_resolve "two nodes"
  uninstalled
}

restarted() { # N: times
  [ "$(field "pod/$release-$name-0" '{.status.containerStatuses[0].restartCount}')" = "$1" ]
}

helm3() {
  helm=helm3
  install_two
  owners_get_in
  was=$(pods)
  values changed <<'END'
defaults: {podLabels: {example.org/new: label}}
END
  succeeds "$helm: upgrade" deploy upgrade two parents changed
  is "$helm: upgrade: no pod is touched" "$was" "$(pods)"
  uninstalled
}

# --- The original problem: nested Services where the parent's are

original() {
  helm=helm4 name=testing1
  before=$(traces)

  fails "the parent's services: refused before deployment" deploy install clash parents -- --create-namespace
  has "the parent's services: by rule" "[range-overlaps-parent" "$out"
  has "the parent's services: with what would happen" "write: operation not permitted" "$out"
  is "the parent's services: nothing is deployed" "" "$(objects)"

  succeeds "where no parents are known it is deployed" deploy install clash blind -- --create-namespace
  succeeds "the pod refuses" await refused_by_pod
  is "the pod refuses: in one sentence, for kubectl describe" 1 "$(ended_with message | grep -c .)"
  has "the pod refuses: it says what clashes" "P07: services 10.96.0.0/16 hold the pod's DNS server 10.96.0.10" "$(ended_with message)"
  succeeds "the pod refuses: the Secret says the same" await says_on_secret failed "$(ended_with message)"
  is "the pod refuses: before dockerd starts" "" "$(k logs "$release-$name-0" | grep -F 'phase=dockerd')"
  fails "kdk doctor finds it" doctor testing1
  has "kdk doctor: what clashes" "hold the pod's DNS server 10.96.0.10" "$out"
  has "kdk doctor: what to do" "remedy: " "$out"

  succeeds "and where the pod looks away too" deploy upgrade clash blind off
  k delete pod "$release-$name-0" >/dev/null
  becomes_ready "preflight: off"
  succeeds "preflight: off: the node gets no answer" await unresolved node external.test
  succeeds "preflight: off: dockerd says so" await logs "\[resolver\] failed to query external DNS server.*(operation not permitted|i/o timeout)"
  succeeds "preflight: off: it is explained" await logs "^hint: 10.96.0.10 lies inside services 10.96.0.0/16 of this cluster.*; list it under parents"
  k logs "$release-$name-0" | grep -E -m 1 '^hint: ' | sed 's/^/# /'
  succeeds "preflight: off: its Secret warns of it" await warned
  fails "kdk doctor finds it inside" doctor testing1
  has "kdk doctor: of the ranges" "problem 3" "$out"
  k logs "$release-$name-0" >"$work/pod.log"
  fails "kdk doctor finds it in the log" doctor --log "$work/pod.log"
  uninstalled
}

warned() { [[ $(annotation message) == *"does not resolve the parent's names"*"lies inside services"* ]]; }

ended_with() { # exitCode|message: of the container that ran last
  k get pod "$release-$name-0" --output json | jq -r --arg key "$1" '.status.containerStatuses[0] | (.state.terminated // .lastState.terminated)[$key]'
}

refused_by_pod() { [ "$(ended_with exitCode)" = 65 ]; }

logs() { # REGEX
  k logs "$release-$name-0" | grep -E "$1" >/dev/null # to its end: kubectl would fail
}

# --- With a newer Docker

newer() {
  helm=helm4 name=testing1
  "$nested/parent" --image "$nested_images/newer.tar" || bail "the parent does not take the image"
  values newer <<<"image: {tag: ${newer_image##*:}}"
  persistent_cluster
  was=$(pods)
  echo "# Docker $(docker_version)"
  succeeds "upgrade to an image with a newer Docker" deploy upgrade persistent parents newer
  is "upgrade to an image with a newer Docker: no pod is touched" "$was" "$(pods)"
  succeeds "restarted by its owner" kdk_of testing1@example.org restart --yes testing1
  becomes_ready "a newer Docker"
  echo "# Docker $(docker_version)"
  succeeds "a newer Docker: it is 28 or later" [ "$(docker_version | cut -d. -f1)" -ge 28 ]
  succeeds "a newer Docker: the cluster is the same" remembers
  is "a newer Docker: its owner gets in" yes "$(as_owner testing1@example.org auth can-i '*' '*')"
  names_resolve "a newer Docker"
  uninstalled

  succeeds "the parent's services, with a newer Docker: deployed" deploy install clash blind off newer -- --create-namespace
  becomes_ready "the parent's services, with a newer Docker"
  names_resolve "the parent's services, with a newer Docker"
  succeeds "the parent's services, with a newer Docker: at its API server's address is the nested one" \
    node curl -sS --max-time 10 --cacert /etc/kubernetes/pki/ca.crt "https://$api/readyz"
  uninstalled
}

docker_version() { pod docker version --format '{{.Server.Version}}'; }

# --- With a Docker daemon that is somewhere else

docker_host() {
  local address
  helm=helm4 name=testing1
  before=$(traces)
  namespace
  k apply --filename - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: docker}
spec:
  containers:
  - name: docker
    image: $kdk_image
    imagePullPolicy: Never
    command: [sh, -c, "docker_ready() { docker info >/dev/null 2>&1; }; dockerd -H unix:///var/run/docker.sock -H tcp://0.0.0.0:2375 & until docker_ready; do sleep 1; done; docker load -i /usr/local/share/kdk/node.tar; touch /run/loaded; wait"]
    securityContext: {privileged: true}
    readinessProbe: {exec: {command: [test, -e, /run/loaded]}, periodSeconds: 1}
    volumeMounts: [{name: data, mountPath: /var/lib/docker}]
  volumes: [{name: data, emptyDir: {}}]
END
  succeeds "a Docker daemon is there" k wait --for=condition=Ready pod/docker --timeout=300s
  address=$(field pod/docker '{.status.podIP}')
  values elsewhere <<END
clusters:
  testing1: {email: testing1@example.org, dockerHost: "tcp://$address:2375"}
END
  succeeds "dockerHost: install" deploy install elsewhere parents
  becomes_ready "dockerHost"
  is "dockerHost: no dockerd runs in the pod" "" "$(pod pgrep -x dockerd)"
  has "dockerHost: the node runs on that host" "$release-$name-control-plane" "$(k exec docker -- docker ps)"
  is "dockerHost: its owner is its administrator, through kubectl port-forward" yes "$(as_owner testing1@example.org auth can-i '*' '*')"
  remember
  k delete pod "$release-$name-0" >/dev/null
  becomes_ready "dockerHost: started again"
  succeeds "dockerHost: started again: the cluster is the same" remembers
  k delete pod docker --grace-period=5 >/dev/null
  uninstalled
}

# --- The image as `make image` builds it

containerfile() {
  local mirror=$nested_run/mirror docker kind kubectl
  helm=helm4 name=testing1
  docker=(env DOCKER_BUILDKIT=0 "DOCKER_HOST=unix:///proc/$(host_pid)/root/run/docker.sock" "$nested_roots/host/usr/bin/docker")
  kind=$mirror/$(version_of KIND)/kind-linux-amd64
  kubectl=$mirror/$(version_of KUBECTL)/bin/linux/amd64/kubectl
  install -D "$bin/kind" "$kind"
  install -D "$bin/kubectl" "$kubectl"
  on_host busybox httpd -p 192.0.2.53:8080 -h /e2e/run/mirror
  tar -C "$nested_roots/host" -c . | "${docker[@]}" import - "$base" >/dev/null

  fails "make image: nothing is downloaded without a checksum" make_image
  has "make image: it says which argument to give" "no checksum for kind: give --build-arg KIND_SHA256=" "$out"
  fails "make image: what is not as expected is refused" make_image "KIND_SHA256=$(sha256_of kubectl)"
  has "make image: it says what" "kind: http://192.0.2.53:8080${kind#"$mirror"} is not what was expected" "$out"
  succeeds "make image: with mirrors and checksums" make_image "KIND_SHA256=$(sha256_of kind)" "KUBECTL_SHA256=$(sha256_of kubectl)"
  rm -rf "$mirror"

  "${docker[@]}" save -o "$nested_images/made.tar" "$made"
  "$nested/parent" --image "$nested_images/made.tar" || bail "the parent does not take the image"
  values made <<<"image: {tag: ${made##*:}}"
  values one <<<'clusters: {testing1: {email: testing1@example.org}}'
  before=$(traces)
  succeeds "make image: install" deploy install one parents made -- --create-namespace
  becomes_ready "make image"
  is "make image: its owner is its administrator" yes "$(as_owner testing1@example.org auth can-i '*' '*')"
  uninstalled
  "${docker[@]}" image rm "$made" "$base" >/dev/null
  rm "$nested_images/made.tar"
}

base=kdk.test/base:debian
made=kdk.test/pod:made

make_image() { # BUILD-ARG...
  IMAGE=$made NODE_TAR=$nested_images/node.tar DOCKER="${docker[*]}" "$root/image/build" "${KDK_POD:-$root/build/kdk-pod}" \
    --build-arg "BASE=$base" --build-arg KIND_URL=http://192.0.2.53:8080 --build-arg KUBECTL_URL=http://192.0.2.53:8080 "${@/#/--build-arg=}"
}

version_of() { # KIND|KUBECTL: which one is downloaded
  sed -n "s/^ARG $1_VERSION=//p" "$root/image/Containerfile"
}

sha256_of() { # PROGRAM
  sha256sum <"$bin/$1" | cut -d' ' -f1
}

# --- Killed at any step

# Each point is later than the one before, so that a start which gets there has dealt with what the last kill left.
points_of_creation=(
  'kdk-pod phase=init event=start' 'kdk-pod phase=cgroup event=start' 'kdk-pod phase=preflight event=start'
  'kdk-pod phase=dockerd event=start' 'dockerd phase=dockerd event=ok' 'kdk-pod phase=network event=start'
  'kdk-pod phase=network event=ok' 'kdk-pod phase=image event=start' 'dockerd phase=image event=ok'
  'kdk-pod phase=cluster event=start' 'kdk-pod kind: Creating cluster' 'kdk-pod Preparing nodes' 'dockerd Preparing nodes'
  'kdk-pod ✓ Preparing nodes' 'kdk-pod Writing configuration' 'kdk-pod Starting control-plane' 'dockerd Starting control-plane'
  'kdk-pod ✓ Starting control-plane' 'kdk-pod ✓ Installing CNI' 'kdk-pod kind: Set kubectl context')
points_of_start=(
  'kdk-pod phase=ready event=ok' 'dockerd phase=ready event=ok'
  'kdk-pod phase=preflight event=start' 'kdk-pod phase=dockerd event=start' 'dockerd phase=network event=start'
  'kdk-pod phase=network event=ok' 'kdk-pod phase=cluster event=start' 'dockerd phase=cluster event=start'
  'kdk-pod phase=cluster event=ok' 'kdk-pod phase=publish event=start' 'kdk-pod phase=publish event=ok'
  'kdk-pod phase=manifests event=start')

kills() {
  local point count=0
  helm=helm4 name=testing1
  values kills <<'END'
clusters:
  testing1:
    email: testing1@example.org
    storage: {persistent: true}
    manifests: {hello: "{apiVersion: v1, kind: Namespace, metadata: {name: hello}}"}
END
  before=$(traces)
  volume testing1
  succeeds "install" deploy install kills parents -- --create-namespace
  for point in "${points_of_creation[@]}"; do
    killed $((count++ % 2)) "${point%% *}" "${point#* }" "as the cluster is made"
  done
  becomes_ready "after $count kills"
  succeeds "its manifest is there" nested_kubectl get namespace hello
  remember
  k delete pod "$release-$name-0" >/dev/null
  count=0
  for point in "${points_of_start[@]}"; do
    killed $((count++ % 2)) "${point%% *}" "${point#* }" "as it starts again"
  done
  becomes_ready "after $count more kills"
  succeeds "the cluster is the one that was ready once" remembers
  stopped_and_killed 'phase=stopping event=start'
  becomes_ready "killed as it stops"
  succeeds "killed as it stops: the cluster is the same" remembers
  stopped_and_killed "msg=\"Processing signal 'terminated'\""
  becomes_ready "killed as dockerd stops"
  succeeds "killed as dockerd stops: the cluster is the same" remembers
  uninstalled
}

# Kills PROGRAM in the pod as soon as the pod's log says TEXT. A pod is killed twice: the kubelet starts its container
# anew at once only the first time. Then it gets a successor.
killed() { # RUN PROGRAM TEXT WHEN
  k wait --for=create "pod/$release-$name-0" --timeout=60s >/dev/null
  succeeds "$2 is killed at \"$3\", $4" kill_at "$@"
  if [ "$1" = 1 ]; then k delete pod "$release-$name-0" >/dev/null; fi
}

# With cgroup v1 runc freezes a container for moments, and no kernel ends what is frozen: where runc is killed in such a
# moment, somebody must thaw it on the node (docs/pod.md).
kill_at() { # RUN PROGRAM TEXT
  local uid
  uid=$(field "pod/$release-$name-0" '{.metadata.uid}')
  on_host docker exec parent-control-plane timeout 300 bash -c '
    log=/var/log/pods/$1/kdk/$2.log
    until [ -e "$log" ]; do sleep 0.01; done
    exec 3< <(exec tail -n +1 -f "$log")
    grep -q -m 1 -F "$4" <&3
    kill $!
    pids=$(pgrep -x "$3")
    kill -KILL $pids
    while kill -0 $pids 2>/dev/null; do
      for state in $(find /sys/fs/cgroup/freezer/ -path "*pod$5*" -name freezer.state -exec grep -l FROZEN {} +); do
        echo "thawed: $state"
        echo THAWED >"$state"
      done
      sleep 0.1
    done' bash "${ns}_$release-${name}-0_$uid" "$1" "$2" "$3" "${uid//-/_}"
}

stopped_and_killed() { # TEXT
  local run
  run=$(field "pod/$release-$name-0" '{.status.containerStatuses[0].restartCount}')
  k delete pod "$release-$name-0" --wait=false >/dev/null
  succeeds "kdk-pod is killed at \"$1\"" kill_at "$run" kdk-pod "$1"
  k wait --for=delete "pod/$release-$name-0" --timeout=120s >/dev/null 2>&1
}

# --- Certificates

certificates() {
  helm=helm4 name=testing1
  persistent_cluster
  succeeds "its certificates are made to end tomorrow" valid_for 24h
  k delete pod "$release-$name-0" >/dev/null
  becomes_ready "with certificates that end tomorrow"
  renewed

  succeeds "its certificates are made to end soon, kubelet's too" valid_for 1m kubelet
  succeeds "they have ended" await have_ended
  k delete pod "$release-$name-0" >/dev/null
  becomes_ready "with certificates that have ended"
  renewed
  succeeds "kubelet runs a pod" probe
  uninstalled
}

valid_for() { # PERIOD [kubelet]
  node bash -ec '
    kubeadm config migrate --old-config /kind/kubeadm.conf --new-config /tmp/short.conf
    sed -i "s/^kind: ClusterConfiguration$/&\ncertificateValidityPeriod: $1/" /tmp/short.conf
    kubeadm certs renew all --config /tmp/short.conf
    [ "${2-}" = kubelet ] || exit 0
    kubeadm init phase kubeconfig kubelet --config /tmp/short.conf --kubeconfig-dir /tmp
    sed -nE "s/^ *client-(certificate|key)-data: //p" /tmp/kubelet.conf | while read -r data; do
      base64 -d <<<"$data"
    done >/var/lib/kubelet/pki/kubelet-client-current.pem' bash "$@"
}

have_ended() {
  node cat /etc/kubernetes/pki/apiserver.crt >"$work/apiserver.crt" && ! openssl x509 -in "$work/apiserver.crt" -noout -checkend 0
}

renewed() {
  has "its log says that they are renewed" "they are renewed, and its control plane is started anew" "$(k logs "$release-$name-0")"
  succeeds "its owner gets one that is good for 300 days" good_for_300_days
  succeeds "the cluster is the same" remembers
  is "its owner gets in" yes "$(as_owner testing1@example.org auth can-i '*' '*')"
}

good_for_300_days() {
  as testing1@example.org "$bin/kubectl" get secret "$release-$name" --output 'jsonpath={.data.config}' | base64 -d |
    sed -n 's/^ *client-certificate-data: //p' | base64 -d | openssl x509 -noout -checkend $((300 * 24 * 3600))
}

# --- Figures, for a quiet machine

startup() {
  local kdk=0 stand_in=0 run image
  helm=helm4 name=testing1
  values one <<<'clusters: {testing1: {email: testing1@example.org}}'
  "$nested/parent" --image "$nested_images/pod.tar" || bail "the parent does not take the stand-in's image"
  for run in 1 2; do
    for image in "$pod_image" "$kdk_image"; do
      values image <<<"image: {tag: ${image##*:}}"
      deploy install one parents image -- --create-namespace >/dev/null
      k wait --for=create "pod/$release-$name-0" --timeout=60s >/dev/null
      succeeds "$image becomes Ready" k wait --for=condition=Ready "pod/$release-$name-0" --timeout=600s
      succeeds "$image: its nodes too" nested_kubectl wait --for=condition=Ready node --all --timeout=120s
      if [ "$image" = "$kdk_image" ]; then
        kdk=$((kdk + $(seconds_to_ready)))
        pod kdk-pod preflight | tail -n 1 | sed "s/^/# preflight: /"
      else
        stand_in=$((stand_in + $(seconds_to_ready)))
      fi
      helm uninstall "$release" --wait >/dev/null
      k wait --for=delete pod --all --timeout=180s >/dev/null
    done
  done
  echo "# from the pod's start to Ready, of two runs each: kdk-pod $kdk s, the stand-in $stand_in s, $((100 * kdk / stand_in)) %"
}

seconds_to_ready() {
  k get pod "$release-$name-0" --output json |
    jq '(.status.conditions[] | select(.type == "Ready").lastTransitionTime | fromdate) - (.status.startTime | fromdate)'
}

api=$(ns=default field service/kubernetes '{.spec.clusterIP}')
owner testing1@example.org
owner testing2@example.org
(($#)) || set -- helm4 helm3 original newer docker_host containerfile kills certificates
parts "$@"
finish
