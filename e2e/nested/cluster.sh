# shellcheck shell=bash disable=SC2154 # lib.sh of both sets them
# Nested clusters for tests: deployed as kdk-render writes them, looked at from all levels. Source it, behind e2e/lib.sh
# and lib.sh; do not run it.
#
# Takes  $KDK_RENDER, $bin, $work, $ns of e2e/lib.sh; a parent cluster that runs
# Gives  $name, the cluster that is looked at, and the functions below; `k` is kubectl in the parent cluster

release=kdk
# shellcheck disable=SC2034 # used by e2e/lib.sh too
ns=kdk-nested

k() { # ARG...
  "$nested/host" net "$bin/kubectl" --namespace "$ns" "$@"
}

# --- Levels

pod() { # COMMAND...; with stdin=true it reads what the caller does
  k exec --stdin="${stdin:-false}" "$release-$name-0" -- "$@"
}

node() { # COMMAND...
  pod docker exec "$release-$name-control-plane" "$@"
}

# Where the parent's API server is known, kubectl would take the pod's namespace for the default one.
nested_kubectl() { # ARG...
  pod env -u KUBERNETES_SERVICE_HOST KUBECONFIG=/run/kdk/kubeconfig kubectl "$@"
}

# A pod of the nested cluster: the kube-proxy image's shell, above the node's programs.
nested_pod() { # COMMAND...
  nested_kubectl exec probe -- "$@"
}

# --- Deploying

# What kdk-render makes of values, with the image that is tested, and small claims on the parent's one node. That the
# parents are left out lets it render what it would refuse.
render() { # VALUES...
  cat >"$work/deploy.yaml" <<END
image: {repository: ${pod_image%:*}, tag: "${pod_image##*:}", pullPolicy: Never}
defaults: {storage: {size: 8Gi}, resources: {requests: {cpu: 10m, memory: 64Mi}}}
parents: []
END
  "$KDK_RENDER" --release "$release" --namespace "$ns" "$@" "$work/deploy.yaml" 2>"$work/render.log" || cat "$work/render.log"
}

namespace() { # unless it is there
  k create namespace "$ns" --dry-run=client --output yaml | k apply --filename - >/dev/null
}

# Puts manifests into the parent cluster, and waits until kind has ended in the pod: with 0, or something else.
deploy() { # NAME MANIFESTS
  local start=$SECONDS log pid line
  name=$1
  namespace
  k apply --server-side --filename - <"$2" >/dev/null || return
  k wait --for=create "pod/$release-$name-0" --timeout=60s >/dev/null &&
    k wait --for=jsonpath='{.status.phase}'=Running "pod/$release-$name-0" --timeout=120s >/dev/null || return
  exec {log}< <(exec "$nested/host" net "$bin/kubectl" --namespace "$ns" logs --follow "$release-$name-0")
  pid=$!
  line=$(timeout 900 grep -m 1 '^cluster: exit status' <&"$log")
  kill "$pid"
  exec {log}<&-
  echo "# $name: ${line:-kind has not ended}, $((SECONDS - start)) s after it was deployed"
  [ "$line" = "cluster: exit status 0" ] || {
    k logs "$release-$name-0" --tail=30 | sed 's/^/# /'
    return 1
  }
}

# With a pod that asks as a user's pod would.
probe() {
  local image
  image=$(nested_kubectl --namespace kube-system get daemonset kube-proxy --output 'jsonpath={..image}')
  stdin=true nested_kubectl apply --filename - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: probe}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: probe
    image: $image
    command: [/usr/bin/sleep, infinity]
    volumeMounts:
    - {name: usr, mountPath: /usr, readOnly: true}
  volumes:
  - name: usr
    hostPath: {path: /usr}
END
  nested_kubectl wait --for=condition=Ready pod/probe --timeout=180s
}

remove() { # NAME MANIFESTS
  k delete --ignore-not-found --grace-period=1 --filename - <"$2" >/dev/null
  k delete pod "$release-$1-0" --ignore-not-found --grace-period=1 >/dev/null
}

# --- Asking

# Polls: COMMAND succeeds within two minutes.
await() { # COMMAND...
  local end=$((SECONDS + 120))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}

# A name, asked at a level. external.test is known to the host's DNS server alone: the question goes through all levels.
resolves() { # LEVEL NAME [ADDRESS]
  "$1" timeout 15 getent ahostsv4 "$2" | grep -q "^${3-}"
}

# It was asked and there was no answer, which is more than that no answer was seen.
unresolved() { # LEVEL NAME
  "$1" timeout 15 getent ahostsv4 "$2"
  case $? in
  2 | 124) ;; # getent: not found; timeout
  *) return 1 ;;
  esac
}

# A cluster whose pods and nodes get all names, through all levels; $api is the parent's API server.
names_resolve() { # TEXT
  local own
  own=$(nested_kubectl get service kubernetes --output 'jsonpath={.spec.clusterIP}')
  succeeds "$1: $name: a nested pod runs" probe
  for level in pod node nested_pod; do
    succeeds "$1: $name: $level: a name of the world" await resolves "$level" external.test 192.0.2.80
    succeeds "$1: $name: $level: a name of the parent" await resolves "$level" kubernetes.default.svc.cluster.local "$api"
  done
  succeeds "$1: $name: nested_pod: a name of the nested cluster" await resolves nested_pod "kubernetes.default.svc.$name.kdk" "$own"
  succeeds "$1: $name: kube-proxy writes its rules" services_synced
}

# What Docker's resolver in the pod could not ask, by kind of error.
resolver_errors() {
  pod sed -n 's/.*failed to query external DNS server.*error="[a-z]* udp [^ ]* \(.*\)" question.*/\1/p' /var/log/dockerd.log |
    sort | uniq -c | awk '{ n = $1; $1 = ""; printf "%s%d times \"%s\"", sep, n, substr($0, 2); sep = ", " } END { print "" }'
}

# No check of readiness sees a kube-proxy that cannot write its rules.
services_synced() {
  local log
  log=$(nested_kubectl --namespace kube-system logs --selector k8s-app=kube-proxy --tail=-1) && ! grep 'Sync failed' <<<"$log"
}

# The parent's API server, from the pod, at one of its addresses; that of a nested node is another's.
reaches() { # ADDRESS:PORT
  pod curl -sS --max-time 10 --cacert /var/run/secrets/kubernetes.io/serviceaccount/ca.crt "https://$1/readyz"
}

# It was tried, and nobody or somebody else was there.
unreached() { # ADDRESS:PORT
  reaches "$1"
  case $? in
  7 | 28 | 60) ;; # curl: no connection; timeout; not the parent's certificate
  *) return 1 ;;
  esac
}

# Asks the nested API server through `kubectl port-forward`, with the rights of a kubeconfig of the parent, and as
# $work/nested.kubeconfig says.
through_forward() { # KUBECONFIG KUBECTL-ARG...
  local forward status=1
  : >"$work/forward.log"
  # exec: ended with its shell alone, it would stay and hold the port
  exec "$nested/host" net "$bin/kubectl" --kubeconfig "$1" --namespace "$ns" port-forward \
    "pod/$release-$name-0" 16443 >>"$work/forward.log" 2>&1 &
  forward=$!
  if await grep -q Forwarding "$work/forward.log"; then
    "$nested/host" net "$bin/kubectl" --kubeconfig "$work/nested.kubeconfig" "${@:2}"
    status=$?
  else
    cat "$work/forward.log" >&2
  fi
  kill "$forward"
  wait "$forward" 2>/dev/null
  return "$status"
}
