#!/usr/bin/env bats
# kdk doctor: each of the seven problems made, and found; and nothing found where all is well.
load common


# The nested stand-in is one for all tests: what kubeadm writes into a cluster, and what is in it, is each test's own.
nested() { # ARG...
  KUBECONFIG=$world/nested/admin.kubeconfig "$bin/kubectl" "$@"
}

inside() { # POD-SUBNET SERVICE-SUBNET DNS-DOMAIN
  nested -n kube-system delete configmap kubeadm-config --ignore-not-found >/dev/null
  nested -n kube-system create configmap kubeadm-config --from-literal="ClusterConfiguration=apiServer: {}
kind: ClusterConfiguration
networking:
  dnsDomain: $3
  podSubnet: $1
  serviceSubnet: $2
" >/dev/null
}

# What kubeadm writes into the cluster that kind makes of the settings
installed() {
  admin get configmap kdk-testing1 -o 'jsonpath={.data.kind\.yaml}' >"$work/kind.yaml"
  inside "$(setting podSubnet)" "$(setting serviceSubnet)" "$(setting dnsDomain)"
}

setting() { # KEY, of kind's configuration
  sed -n "s/^ *$1: //p" "$work/kind.yaml" | head -n 1
}

healthy() {
  cluster_of '{email: testing1@example.org}'
}

# A cluster made with these settings, as its values have them
cluster_of() { # SETTINGS
  release "clusters: {testing1: $1}"
  publish kdk-testing1
  installed
}

doctor() { # ARG...
  run "$kdk" doctor "$@"
  echo "$output"
}

as_admin() { # COMMAND...
  KUBECONFIG=$world/api/admin.kubeconfig "$@"
}

@test "a healthy cluster gives no finding, for its owner and for an administrator" {
  healthy
  doctor kdk-testing1
  [ "$status" = 0 ]
  diff - <(echo "$output") <<END
kdk-testing1 in namespace $ns:
  not looked at: its StatefulSet, which needs get on statefulsets in namespace $ns
  not looked at: events, which needs list on events in namespace $ns
  not looked at: the ranges of the cluster below beyond its own pod's and node's address, which needs list on nodes, services and servicecidrs
  no problem found
END
  doctor
  [ "$status" = 0 ]
  as_admin doctor -n "$ns" testing1
  [ "$status $output" = "0 kdk-testing1 in namespace $ns:"$'\n'"  no problem found" ]
  nothing_left
}

@test "1: the pod is not ready, or is not made" {
  healthy
  status kdk-testing1-0 '{"phase": "Pending", "containerStatuses": null, "conditions": [{"type": "PodScheduled", "status": "False",
    "message": "0/3 nodes are available"}]}'
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *"problem 1, deployment: it is not ready: pod kdk-testing1-0 is pending: 0/3 nodes are available"*"remedy: "* ]]
  admin create --filename - >/dev/null <<END
apiVersion: v1
kind: Event
metadata: {name: kdk-testing1.1, namespace: $ns}
type: Warning
reason: FailedCreate
message: 'pods "kdk-testing1-0" is forbidden: violates PodSecurity'
involvedObject: {kind: StatefulSet, name: kdk-testing1, namespace: $ns}
END
  admin delete pod kdk-testing1-0 --grace-period=0 --force >/dev/null 2>&1
  as_admin doctor -n "$ns" testing1
  [ "$status" = 1 ]
  [[ $output == *"problem 1, deployment: it is not ready: there is no pod kdk-testing1-0"* ]]
  [[ $output == *"problem 1, deployment: event: FailedCreate: "*"violates PodSecurity"* ]]
  apply 'clusters: {testing1: {email: testing1@example.org, paused: true}}'
  as_admin doctor -n "$ns" testing1
  [[ $output == *"problem 1, deployment: it is paused: its StatefulSet has no replicas"* ]]
  nothing_left
}

@test "1, 3: each exit status of the pod has its remedy" {
  local code number
  healthy
  while read -r code number words; do
    status kdk-testing1-0 "{\"containerStatuses\": [{\"name\": \"kdk\", \"image\": \"kdk\", \"imageID\": \"\", \"ready\": false, \"restartCount\": 3,
      \"state\": {\"waiting\": {\"reason\": \"CrashLoopBackOff\"}}, \"lastState\": {\"terminated\": {\"exitCode\": $code, \"message\": \"why it ended\"}}}]}"
    doctor testing1
    [ "$status" = 1 ]
    [[ $output == *"problem $number, "*": it failed: pod kdk-testing1-0 ends again and again (exit status $code): why it ended"$'\n'"    remedy: "*"$words"* ]]
  done <<'END'
64 1 render with the kdk-render of the image's version
65 3 leave ranges out of the values
66 1 whoever runs the nodes
67 1 has dockerd's lines
68 1 has kind's lines
69 1 set onChange: keep, or recreate
1 1 set right what it says
END
  # Those that the pod has, no more and no fewer
  [ "$(sed -n 's/^| \([0-9]*\) | .*/\1/p' "$root/docs/pod.md" | paste -sd' ')" = '0 64 65 66 67 68 69' ]
  nothing_left
}

@test "2: pods inside do not get their images, as names do not resolve" {
  healthy
  nested -n default create --filename - >/dev/null <<'END'
apiVersion: v1
kind: Pod
metadata: {name: app}
spec: {containers: [{name: app, image: example.org/app}]}
END
  nested -n default patch pod app --subresource=status --patch '{"status": {"phase": "Pending", "containerStatuses": [{"name": "app",
    "image": "a", "imageID": "", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff",
    "message": "dial tcp: lookup example.org on 172.18.0.1:53: server misbehaving"}}}]}}' >/dev/null
  doctor testing1
  nested delete pod app -n default --grace-period=0 --force >/dev/null 2>&1
  [ "$status" = 1 ]
  [[ $output == *"problem 2, name resolution: inside: pod default/app: ImagePullBackOff dial tcp: lookup example.org"*"remedy: "* ]]
  [[ $output == *"not looked at: its pod's log, which needs get on pods/log of kdk-testing1-0 (access.logs: true)"* ]]
  nothing_left
}

@test "3: its ranges take in what is below" {
  cluster_of '{email: testing1@example.org, network: {pods: 10.244.0.0/16, services: 10.96.0.0/16}}'
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *'problem 3, name resolution: its range 10.244.0.0/16 takes in pod 10.244.0.9 of the cluster below'*'kdk-render explain'* ]]
  [[ $output != *'its range 10.96.0.0/16'* ]] # an owner does not see that
  as_admin doctor -n "$ns" testing1
  [[ $output == *'its range 10.96.0.0/16 takes in kubernetes 10.96.0.1 of the cluster below'* ]]
  nothing_left
}

@test "3: so of IPv6" {
  cluster_of '{email: testing1@example.org, network: {ipFamily: ipv6, pods6: "fd00:10:244::/56", services6: "fd00:10:96::/112"}}'
  doctor testing1
  [ "$status" = 0 ]
  status kdk-testing1-0 '{"podIP": "fd00:10:244:0:1::9"}'
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *'its range fd00:10:244::/56 takes in pod fd00:10:244:0:1::9'* ]]
  nothing_left
}

@test "3: the pod's log says so, for who may read it" {
  release 'clusters: {testing1: {email: testing1@example.org, access: {logs: true}}}'
  publish kdk-testing1
  annotate kdk-testing1 kdk/phase=cluster
  echo 'dockerd: level=error msg="[resolver] failed to query external DNS server" error="write udp 10.96.0.10:53: write: operation not permitted"' \
    >"$world/node/$ns/kdk-testing1-0.log"
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *"its pod's log: "*"(once, in line 1)"*"remedy: "* ]]
}

@test "3, 7: the pod of a cluster that is ready warns" {
  healthy
  annotate kdk-testing1 kdk/message="the nested DNS does not resolve the parent's names (SERVFAIL): its log says why"
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *"problem 3, "*": its pod says: the nested DNS does not resolve the parent's names (SERVFAIL): its log says why"*"remedy: "* ]]
  annotate kdk-testing1 kdk/message='manifest hello could not be applied: forbidden'
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *"problem 7, "*": its pod says: manifest hello could not be applied: forbidden"*"remedy: "* ]]
}

@test "4: a forwarder is left over; the right to forward is missing" {
  healthy
  start left "$bin/kubectl" port-forward pod/kdk-testing1-0 "$port:$port"
  await grep -q Forwarding "$work/left.out"
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *"problem 4, port forwarding: a forwarder to kdk-testing1 is left over: process $pid, "*"remedy: kill $pid"* ]]
  kill "$pid"
  revoke kdk-testing1 create pods/portforward
  revoke kdk-testing1 get pods/portforward
  doctor testing1
  [[ $output == *'problem 4, port forwarding: you may not forward ports to pod kdk-testing1-0'* ]]
  [[ $output != *'left over'* ]]
  nothing_left
}

@test "4: a forward does not come up" {
  healthy
  rm "$world/node/$ns/kdk-testing1-0.address"
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *'its API server is not ready'* ]]
  nothing_left
}

@test "5: its DNS domain is that of the cluster below, or missing" {
  release 'clusters: {testing1: {email: testing1@example.org, dnsDomainName: cluster.local}}
parents: []'
  publish kdk-testing1
  installed
  doctor testing1
  [ "$status" = 1 ]
  [[ $output == *'problem 5, DNS domain: its DNS domain is cluster.local, as that of the cluster below (cluster.local)'*'leave dnsDomainName out'* ]]
  inside "$(setting podSubnet)" "$(setting serviceSubnet)" ''
  doctor testing1
  [[ $output == *'problem 5, DNS domain: its DNS domain is not set'* ]]
  nothing_left
}

@test "5: of a domain below that has another name, who may see the settings is told" {
  cluster_of '{email: testing1@example.org, dnsDomainName: below.example}'
  doctor testing1
  [ "$status" = 0 ]
  # The values learn of it, and not the cluster, which was made before
  apply 'clusters: {testing1: {email: testing1@example.org}}
parents: [{name: host, dnsDomain: below.example, pods: [10.244.0.0/16], services: [10.96.0.0/16]}]'
  as_admin doctor -n "$ns" testing1
  [ "$status" = 1 ]
  [[ $output == *'its DNS domain is below.example, as that of the cluster below (below.example)'* ]]
}

@test "6: KUBECONFIG is still that of the nested cluster, or of a shell that has ended" {
  local outer=$KUBECONFIG
  healthy
  run "$kdk" kdk-testing1 -- "$kdk" doctor kdk-testing1
  echo "$output"
  [ "$status" = 1 ]
  [[ ${lines[0]} == *"problem 6, wrong cluster: this is the shell of kdk-testing1: KUBECONFIG names the nested cluster"* ]]
  [[ ${lines[1]} == *"remedy: type exit, or run KUBECONFIG=$outer kdk doctor kdk-testing1; what follows was asked of $outer" ]]
  [ "${lines[5]-}" != "" ]
  [[ $output == *"no problem found"* ]]
  KUBECONFIG=$work/gone run "$kdk" doctor kdk-testing1
  [[ $status${lines[0]} == "1  problem 6, wrong cluster: KUBECONFIG names $work/gone, which is not there" ]]
  nothing_left
}

@test "7: what is wrong inside is told" {
  healthy
  nested create --filename - >/dev/null <<'END'
apiVersion: v1
kind: Node
metadata: {name: kdk-testing1-control-plane}
END
  nested patch node kdk-testing1-control-plane --subresource=status --patch '{"status": {"conditions": [{"type": "Ready",
    "status": "False", "reason": "KubeletNotReady", "message": "cni plugin not initialized"}]}}' >/dev/null
  doctor testing1
  nested delete node kdk-testing1-control-plane >/dev/null
  [ "$status" = 1 ]
  [[ $output == *'problem 7, something else: inside: node kdk-testing1-control-plane: cni plugin not initialized'* ]]
  doctor nosuchcluster
  [ "$status" = 1 ]
  [[ $output == *'there is no cluster nosuchcluster'* ]]
  nothing_left
}

@test "doctor --log finds known messages without any cluster" {
  printf '%s\n' 'all is well' \
    'time="x" level=error msg="[resolver] failed to query external DNS server" error="write: operation not permitted" '$'\033[31m' >"$work/log"
  run env PATH=/usr/bin:/bin KUBECONFIG=/dev/null "$kdk" doctor --log "$work/log"
  echo "$output"
  [ "$status" = 1 ]
  [[ ${lines[0]} == 'log:' ]]
  [[ ${lines[1]} == '  problem '*'(once, in line 2)' ]]
  [[ ${lines[2]} == '    remedy: '* ]]
  echo 'all is well' >"$work/log"
  run "$kdk" doctor --log "$work/log"
  [ "$status $output" = $'0 log:\n  no known message found' ]
  run "$kdk" doctor --log "$work/none"
  [ "$status $output" = "1 kdk: cannot read $work/none" ]
  nothing_left
}
