#!/usr/bin/env bash
# Who may do what: every request that a Kubernetes API server knows, sent as each person and each pod.
#
#   e2e/rbac.sh    results as TAP on stdout; exit status 1 if anything failed
#
# Takes  the program under test and the tools as lib.sh does.
# Gives  for each actor, whether exactly what the list `allowed` below says is let through. The requests are made
#        from the server's own discovery: every resource and subresource with every verb it has, for every object
#        of three releases by name, for collections, for other namespaces, and for what belongs to no namespace.
#
# The requests are real ones, with client certificates and service account tokens, and do nothing: writes are dry
# runs, and what they would write is empty. 403 with the authorizer's own words is a refusal; anything else,
# an error too, counts as let through. That they are what they are meant to be is shown by an administrator, for
# whom none may be refused or unknown.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ACTOR NAMESPACE VERBS RESOURCE[/NAME[/SUBRESOURCE]]; everything else is forbidden.
allowed() {
  cat <<'END'
alice           kdk       get         secrets/kdk-a
alice           kdk       get,delete  pods/kdk-a-0
alice           kdk       get,create  pods/kdk-a-0/portforward

bob             kdk       get         secrets/kdk-b
bob             kdk       get,delete  pods/kdk-b-0
bob             kdk       get,create  pods/kdk-b-0/portforward
bob             kdk       get         pods/kdk-b-0/log

carol-of-team   kdk       get         secrets/kdk-c
carol-of-team   kdk       get         pods/kdk-c-0
carol-of-team   kdk       get,create  pods/kdk-c-0/portforward

robot           kdk       get         secrets/kdk-d
robot           kdk       get         pods/kdk-d-0
robot           kdk       get,create  pods/kdk-d-0/portforward
robot           kdk       get         pods/kdk-d-0/log
robot           prefixed  get         secrets/kdk-d
robot           prefixed  get         pods/kdk-d-0
robot           prefixed  get,create  pods/kdk-d-0/portforward
robot           prefixed  get         pods/kdk-d-0/log

dave            kdk       get         secrets/kdk-d
dave            kdk       get         pods/kdk-d-0
dave            kdk       get,create  pods/kdk-d-0/portforward
dave            kdk       get         pods/kdk-d-0/log

oidc-alice      prefixed  get         secrets/kdk-a
oidc-alice      prefixed  get,delete  pods/kdk-a-0
oidc-alice      prefixed  get,create  pods/kdk-a-0/portforward

oidc-erin       prefixed  get         secrets/kdk-c
oidc-erin       prefixed  get         pods/kdk-c-0
oidc-erin       prefixed  get,create  pods/kdk-c-0/portforward

kdk/kdk-a       kdk       get,patch   secrets/kdk-a
kdk/kdk-b       kdk       get,patch   secrets/kdk-b
kdk/kdk-c       kdk       get,patch   secrets/kdk-c
kdk/kdk-d       kdk       get,patch   secrets/kdk-d
prefixed/kdk-a  prefixed  get,patch   secrets/kdk-a
bare/kdk-a      bare      get,patch   secrets/kdk-a
END
}

# What Kubernetes lets everyone do who has a name: ask about oneself.
allowed_to_all() {
  cat <<'END'
- create selfsubjectaccessreviews
- create selfsubjectreviews
- create selfsubjectrulesreviews
END
}

write_values() {
  cat >"$work/clusters.yaml" <<'END'
defaults:
  storage: {persistent: true}
  networkPolicy: {enabled: true}
clusters:
  a:
    email: alice@example.org
  b:
    email: bob@example.org
    access: {logs: true}
  c:
    owners: [{group: team}]
    access: {restart: false}
  d:
    owners:
      - serviceAccount: {namespace: ci, name: robot}
      - user: dave
    access: {logs: true, restart: false}
END
  cat >"$work/prefixed.yaml" <<'END'
rbac: {userPrefix: "oidc:", groupPrefix: oidc-}
clusters: {b: null}
END
  cat >"$work/bare.yaml" <<'END'
rbac: {create: false}
clusters: {b: null, c: null, d: null}
END
}

# Three releases of the same clusters, a pod for each cluster, and what else may lie around.
make_objects() {
  local file
  for ns in kdk prefixed bare; do
    file=$work/$ns.yaml
    [ -f "$file" ] || file=
    "$KDK_RENDER" --namespace "$ns" --create-namespace "$work/clusters.yaml" ${file:+"$file"} >"$work/$ns.out" \
      2>"$work/$ns.err" || bail "kdk-render: $(<"$work/$ns.err")"
    k apply --server-side --filename "$work/$ns.out" >/dev/null || bail "the API server refuses what kdk-render makes"
    # There is no controller: what the StatefulSets would make is made here.
    k get statefulsets --output json |
      jq '.kind = "List" | .items[] |= (.spec.template + {
            apiVersion: "v1", kind: "Pod",
            metadata: (.spec.template.metadata + {name: (.metadata.name + "-0"), namespace: .metadata.namespace})})' |
      k create --filename - >/dev/null || bail "the API server refuses the pods"
  done
  "$bin/kubectl" create --filename - >/dev/null <<'END' || bail "the API server refuses the rest"
apiVersion: v1
kind: Namespace
metadata: {name: ci}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: ci}
---
apiVersion: v1
kind: Secret
metadata: {name: kdk-a, namespace: ci}
---
apiVersion: v1
kind: Pod
metadata: {name: kdk-a-0, namespace: ci}
spec: {containers: [{name: kdk, image: kdk}]}
---
apiVersion: v1
kind: Secret
metadata: {name: sh.helm.release.v1.kdk.v1, namespace: kdk}
---
apiVersion: v1
kind: Secret
metadata: {name: somebody-elses, namespace: kdk}
---
apiVersion: v1
kind: Event
metadata: {name: kdk-a-0.1, namespace: kdk}
involvedObject: {kind: Pod, name: kdk-a-0, namespace: kdk}
---
apiVersion: apps/v1
kind: ControllerRevision
metadata: {name: kdk-a-1, namespace: kdk}
revision: 1
data: {}
END
}

# --- Actors: NAME and how curl says who it is, in $work/actors/NAME

user() { # ACTOR USER [GROUP...]
  "$root/e2e/tools/apiserver" user "$work/api" "${@:2}" >/dev/null || bail "no certificate for $2"
  cp "$work/api/pki/$2.crt" "$work/certificates/$1.crt" # curl takes what is behind a colon for a password
  printf 'cert = "%s.crt"\nkey = "%s.key"\n' "$work/certificates/$1" "$work/api/pki/$2" >"$work/actors/$1"
}

account() { # ACTOR NAMESPACE NAME
  printf 'header = "Authorization: Bearer %s"\n' "$(ns=$2 k create token "$3")" >"$work/actors/$1"
}

make_actors() {
  mkdir "$work/certificates" "$work/actors" "$work/actors/kdk" "$work/actors/prefixed" "$work/actors/bare"
  user admin root system:masters
  user mallory mallory@example.org
  user alice alice@example.org
  user bob bob@example.org
  user carol-of-team carol@example.org team
  user dave dave
  user oidc-alice oidc:alice@example.org
  user oidc-erin oidc:erin@example.org oidc-team
  user team team # a user of the group's name is not the group
  account robot ci robot
  for name in kdk/kdk-a kdk/kdk-b kdk/kdk-c kdk/kdk-d prefixed/kdk-a bare/kdk-a; do
    account "$name" "${name%/*}" "${name#*/}"
  done
}

# --- Requests

get() { # PATH: as the administrator
  curl --silent --show-error --fail --noproxy '*' --cacert "$work/api/pki/ca.crt" \
    --cert "$work/api/pki/admin.crt" --key "$work/api/pki/admin.key" "$api/$1"
}

# Every resource that the server has, in its preferred version: PATH RESOURCE[/SUBRESOURCE] NAMESPACED KIND VERBS
resources() {
  local path
  for path in api/v1 $(get apis | jq -r '.groups[].preferredVersion.groupVersion | "apis/" + .'); do
    get "$path" | jq -r --arg path "$path" \
      '.resources[] | "\($path) \(.name) \(.namespaced) \(.kind) \(.verbs | join(","))"'
  done
}

# Every object that is there, of KDK's kinds and of those made beside it: NAMESPACE KIND NAME
named() {
  k get --all-namespaces "$kinds,pods,events,controllerrevisions" \
    --output 'jsonpath={range .items[*]}{.metadata.namespace} {.kind} {.metadata.name}{"\n"}{end}' |
    grep -vE '^(kube-|default )'
}

# The table: WHERE VERB WHAT METHOD URL, a request to a line; WHERE is a namespace or -
requests() {
  awk '
    function row(where, verb, what, method, url) { print where, verb, what, method, url }

    # The verbs of what lies under a name, or under a name and a subresource
    function item(where, verb, what, url) {
      if (verb == "get") row(where, verb, what, "GET", url)
      if (verb == "update") row(where, verb, what, "PUT", url "?dryRun=All")
      if (verb == "patch") row(where, verb, what, "PATCH", url "?dryRun=All")
      if (verb == "delete") row(where, verb, what, "DELETE", url "?dryRun=All")
      if (verb == "create" && split(what, parts, "/") == 3) row(where, verb, what, "POST", url "?dryRun=All")
    }

    # ... and of a collection; a watch from a revision that is none ends at once
    function collection(where, verb, what, url, selector) {
      if (verb == "list") row(where, verb, what, "GET", url "?" selector)
      if (verb == "watch") row(where, verb, what, "GET", url "?watch=1&resourceVersion=none&" selector)
      if (verb == "deletecollection") row(where, verb, what, "DELETE", url "?dryRun=All&" selector)
      if (verb == "create" && selector == "") row(where, verb, what, "POST", url "?dryRun=All")
    }

    FNR == NR { # resources
      n = split($2, part, "/")
      if (n == 1) {
        path[part[1]] = path[part[1]] ? path[part[1]] : $1
        plural[$4] = plural[$4] ? plural[$4] : part[1]
        if ($3 == "false") cluster_wide[part[1]] = 1
      }
      if ($1 == path[part[1]]) verbs[part[1], part[2]] = $5
      if (n > 1 && $1 == path[part[1]]) subs[part[1]] = subs[part[1]] " " part[2]
      if (n == 1) again[$1 " " $2] = $3 " " $5
      next
    }
    { # an object
      where = $1; resource = plural[$2]; name = $3
      url = path[resource] "/namespaces/" where "/" resource
      m = split(verbs[resource, ""], list, ",")
      for (i = 1; i <= m; i++) {
        item(where, list[i], resource "/" name, url "/" name)
        collection(where, list[i], resource "/" name, url, "fieldSelector=metadata.name%3D" name)
      }
      k = split(subs[resource], sub_list, " ")
      for (j = 1; j <= k; j++) {
        m = split(verbs[resource, sub_list[j]], list, ",")
        for (i = 1; i <= m; i++)
          item(where, list[i], resource "/" name "/" sub_list[j], url "/" name "/" sub_list[j])
      }
    }
    END {
      spaces = split("kdk prefixed bare ci", space, " ")
      for (entry in again) {
        split(entry, e, " ")
        split(again[entry], a, " ")
        m = split(a[2], list, ",")
        for (i = 1; i <= m; i++) {
          for (s = 1; s <= spaces && a[1] == "true"; s++)
            collection(space[s], list[i], e[2], e[1] "/namespaces/" space[s] "/" e[2], "")
          if (a[1] == "false" || list[i] == "list" || list[i] == "watch")
            collection("-", list[i], e[2], e[1] "/" e[2], "")
          if (a[1] == "false")
            item("-", list[i], e[2] "/kdk", e[1] "/" e[2] "/kdk")
        }
      }
      # A namespace and a node by their names, with all that is under them
      for (s = 1; s <= 2; s++) {
        resource = s == 1 ? "namespaces" : "nodes"
        k = split(subs[resource], sub_list, " ")
        for (j = 1; j <= k; j++) {
          m = split(verbs[resource, sub_list[j]], list, ",")
          for (i = 1; i <= m; i++)
            item("-", list[i], resource "/kdk/" sub_list[j], "api/v1/" resource "/kdk/" sub_list[j])
        }
      }
      n = split("metrics debug/pprof/", page, " ")
      for (i = 1; i <= n; i++)
        row("-", "get", "/" page[i], "GET", page[i])
    }' "$work/resources" "$work/objects" | LC_ALL=C sort
}

# The table as curl reads it, with @actor where it has to say who asks.
curl_config() {
  awk -v api="$api" -v ca="$work/api/pki/ca.crt" '
    {
      print "next\nurl = \"" api "/" $5 "\"\nrequest = " $4 "\nuser-agent = kdk-e2e\ncacert = \"" ca "\"\n@actor"
      if ($4 ~ /^P/) {
        print "data = \"{}\""
        print "header = \"Content-Type: application/" ($4 == "PATCH" ? "merge-patch+" : "") "json\""
      }
      print "write-out = \"\\n@ %{http_code}\\n\""
    }' "$work/requests"
}

# Send the table as an actor: the answers to ACTOR.answers, in the same order
send() { # ACTOR
  sed -e "/^@actor$/{r $work/actors/$1" -e 'd}' "$work/curl" >"$work/actors/$1.curl"
  curl --silent --show-error --noproxy '*' --max-time 20 --config "$work/actors/$1.curl" \
    >"$work/actors/$1.answers" 2>"$work/actors/$1.errors"
}

# What came of the table: VERDICT STATUS WHERE VERB WHAT, a request to a line. Forbidden is what the authorizer
# refuses in these words for this verb and this resource; another 403 is broken, and so is what the server does
# not know or does not answer.
verdicts() { # ACTOR
  awk '
    function verdict(status, said) {
      if (status == 403) return index(body, said) ? "forbidden" : "broken"
      if (status == "000" || status == 401 || status == 405) return "broken"
      return status == 404 && body ~ /page not found|could not find the requested/ ? "broken" : "allowed"
    }
    FNR == NR { request[FNR] = $1 " " $2 " " $3; verb[FNR] = $2; what[FNR] = $3; next }
    /^@ [0-9]+$/ {
      parts = split(what[++n], part, "/")
      said = "cannot " verb[n] " resource \"" part[1] (parts == 3 ? "/" part[3] : "") "\""
      if (what[n] ~ "^/") said = "cannot get path \"" what[n] "\""
      gsub(/\\/, "", body)
      is = verdict($2, said)
      print is, $2, request[n], (is == "broken" ? body : "")
      body = ""
      next
    }
    length($0) { body = $0 } # a Status is one line; of anything longer the last will do
    ' "$work/requests" "$work/actors/$1.answers"
}

may() { # ACTOR: what the lists above allow, as `verdicts` writes it
  {
    allowed_to_all
    allowed | awk -v actor="$1" '$1 == actor { n = split($3, verb, ","); for (i = 1; i <= n; i++) print $2, verb[i], $4 }'
  } | LC_ALL=C sort
}

# --- Checks

check_table() {
  local names
  is "the table has every verb" "create delete deletecollection get list patch update watch" \
    "$(cut -d' ' -f2 "$work/requests" | sort -u | paste -sd' ')"
  for names in secrets/kdk-a pods/kdk-a-0 configmaps/kdk.plan secrets/sh.helm.release.v1.kdk.v1 \
    rolebindings/kdk-b-publish statefulsets/kdk-b networkpolicies/kdk-b persistentvolumeclaims/kdk-b services/kdk-b \
    serviceaccounts/kdk-b; do
    has "the table has $names" " update $names " "$(grep "^kdk " "$work/requests")"
  done
  for names in get:log create:exec get:exec create:attach update:ephemeralcontainers create:eviction get:portforward \
    create:portforward get:proxy; do
    has "the table has ${names%:*} of pods/${names#*:}" " ${names%:*} pods/kdk-a-0/${names#*:} " \
      "$(grep "^kdk " "$work/requests")"
  done
}

check_admin() {
  verdicts admin >"$work/seen"
  is "admin: every request is answered" "$total" "$(wc -l <"$work/seen")"
  is "admin: no request is refused, or unknown to the server" "" "$(grep -v ^allowed "$work/seen")"
  is "admin: every object is there" "" "$(grep -E '^allowed [^2][0-9]* [^-]+ get [a-z]+/[^/]+ ' "$work/seen")"
}

check_actor() { # ACTOR
  verdicts "$1" >"$work/seen"
  is "$1: all $total requests are answered, and refused by nobody but the authorizer" "" \
    "$(grep ^broken "$work/seen" | head -n 20; [ "$(wc -l <"$work/seen")" = "$total" ] || cat "$work/actors/$1.errors")"
  is "$1: may do this, and nothing else" "$(may "$1")" \
    "$(sed -nE 's/^allowed [0-9]+ (.*[^ ]) *$/\1/p' "$work/seen" | LC_ALL=C sort)"
  is "$1: what may be read is there" "" "$(grep -E '^allowed [^2][0-9]* [^-]+ get [a-z]+/[^/]+ *$' "$work/seen")"
}

# As somebody: the status of one more request
status() { # ACTOR METHOD PATH [CURL-ARG...]
  curl --silent --noproxy '*' --cacert "$work/api/pki/ca.crt" --config "$work/actors/$1" --output "$work/body" \
    --write-out '%{http_code}' --request "$2" "${@:4}" "$api/$3"
}

check_impersonation() {
  local actor header
  for actor in alice bob robot kdk/kdk-a mallory; do
    for header in "User: bob@example.org" "User: system:serviceaccount:kdk:kdk-b" "User: system:admin"; do
      is "$actor: may not act as ${header#*: }" 403 \
        "$(status "$actor" GET api/v1/namespaces/kdk/secrets/kdk-a --header "Impersonate-$header")"
      has "$actor: may not act as ${header#*: }: says why" "cannot impersonate" "$(<"$work/body")"
    done
    is "$actor: may not act as a group" 403 "$(status "$actor" GET api/v1/namespaces/kdk/secrets/kdk-a \
      --header "Impersonate-User: bob@example.org" --header "Impersonate-Group: system:masters")"
  done
}

# The ways to more rights, with bodies that would be right
check_escalation() {
  local json=(--header 'Content-Type: application/json') actor rbac=apis/rbac.authorization.k8s.io/v1
  for actor in alice kdk/kdk-a; do
    is "$actor: may not bind another cluster's role" 403 "$(status "$actor" POST "$rbac/namespaces/kdk/rolebindings" \
      "${json[@]}" --data '{"metadata": {"name": "mine"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "kdk-b-secret-read"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice@example.org"}]}')"
    is "$actor: may not add to the own binding" 403 \
      "$(status "$actor" PATCH "$rbac/namespaces/kdk/rolebindings/kdk-a-secret-read" \
        --header 'Content-Type: application/merge-patch+json' --data '{"roleRef": {"name": "kdk-b-secret-read"}}')"
    is "$actor: may not make a pod with another service account" 403 "$(status "$actor" POST api/v1/namespaces/kdk/pods \
      "${json[@]}" --data '{"metadata": {"name": "mine"},
        "spec": {"serviceAccountName": "kdk-b", "containers": [{"name": "a", "image": "a"}]}}')"
    is "$actor: may not have a service account's token" 403 \
      "$(status "$actor" POST api/v1/namespaces/kdk/serviceaccounts/kdk-a/token "${json[@]}" --data '{"spec": {}}')"
    is "$actor: may not make a Secret for a service account's token" 403 "$(status "$actor" POST api/v1/namespaces/kdk/secrets \
      "${json[@]}" --data '{"metadata": {"name": "mine", "annotations": {"kubernetes.io/service-account.name": "kdk-b"}},
        "type": "kubernetes.io/service-account-token"}')"
  done
}

# What the rights are for, all the way
check_use() {
  local secret=api/v1/namespaces/kdk/secrets/kdk-a pod=api/v1/namespaces/kdk/pods/kdk-a-0 config
  is "kdk/kdk-a: publishes the kubeconfig" 200 "$(status kdk/kdk-a PATCH "$secret" \
    --header 'Content-Type: application/merge-patch+json' \
    --data '{"data": {"config": "c2VjcmV0"}, "metadata": {"annotations": {"kdk/port": "16443"}}}')"
  is "alice: reads it" "200 secret" "$(status alice GET "$secret") $(jq -r '.data.config | @base64d' "$work/body")"

  # A node where nobody listens tells "forbidden" from "let through".
  k create --filename - >/dev/null <<'END'
apiVersion: v1
kind: Node
metadata: {name: node}
END
  k patch node node --subresource=status --patch '{"status": {
    "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": 1}}}}' >/dev/null
  status admin POST "$pod/binding" --header 'Content-Type: application/json' \
    --data '{"metadata": {"name": "kdk-a-0"}, "target": {"kind": "Node", "name": "node"}}' >/dev/null
  ns=kdk k patch pod kdk-a-0 --subresource=status --patch '{"status": {"phase": "Running"}}' >/dev/null
  for actor in alice:dialing bob:forbidden; do
    config=$work/api/${actor%:*}@example.org.kubeconfig
    fails "${actor%:*}: kubectl port-forward ends at the ${actor#*:}" \
      env KUBECONFIG="$config" "$bin/kubectl" --namespace kdk port-forward pod/kdk-a-0 :16443
    has "${actor%:*}: kubectl port-forward ends at the ${actor#*:}: says so" "${actor#*:}" "$out"
  done

  is "alice: restarts the pod" 200 "$(status alice DELETE "$pod")"
}

# ---

tools
write_values
"$root/e2e/tools/apiserver" start "$work/api" >/dev/null || bail "no API server"
api=https://127.0.0.1:$(<"$work/api/port")
make_objects
make_actors
resources >"$work/resources"
named >"$work/objects"
requests >"$work/requests"
curl_config >"$work/curl"
total=$(wc -l <"$work/requests")
mapfile -t actors < <(cd "$work/actors" && find . -type f -printf '%P\n' | sort)

for actor in "${actors[@]}"; do
  send "$actor" &
done
wait
check_table
check_admin
for actor in "${actors[@]}"; do
  [ "$actor" = admin ] || check_actor "$actor"
done
check_impersonation
check_escalation
check_use
echo "# $total requests for each of ${#actors[@]} actors"
finish
