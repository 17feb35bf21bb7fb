#!/usr/bin/env bash
# Holds the chart's values.schema.json, as real Helm 3 and Helm 4 read it, to the verdict of kdk-render.
#
#   e2e/schema.sh    results as TAP on stdout; exit status 1 if anything failed
#
# Takes  the program under test and the tools as lib.sh does; no API server.
# Gives  whether the schema refuses nothing that `kdk-render lint` takes: every case of testdata, every file of
#        e2e/manifests and every fragment of e2e/shapes with which lint is content. What is left out is said, and why.
#        Then, whether both refuse what is in `wrong` below, for the same place and for nothing else.
#
# The converse is not asked for: a schema cannot see that two ranges overlap, that a range has host bits, or what
# YAML's reader loses (a key that is given twice, an unquoted `no`).
#
# Helm compiles every regex of src/config/formats.def with Go's RE2 when it loads the schema, whatever the values are:
# one that only PCRE2 understands fails every line here.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

chart=$root/chart
helms=(helm3 helm4)

# RULE of lint, PLACE in Helm's message, KEY that this must name, and what follows: the values. PLACE is / for the
# top, and ? where Helm's library names any place: it does so for a key that is too long.
wrong() {
  cat <<'END'
key-unknown   /                          clusterz      clusterz: {}
key-unknown   /                          Clusters      {Clusters: {}}
key-unknown   /clusters/a                emial         clusters: {a: {email: a@example.org, emial: b@example.org}}
key-unknown   /clusters/a/storage        persistant    clusters: {a: {email: a@example.org, storage: {persistant: true}}}
key-unknown   /clusters/a/network        pod           clusters: {a: {email: a@example.org, network: {pod: 10.1.0.0/21}}}
key-unknown   /clusters/a/owners/0       usr           clusters: {a: {email: a@example.org, owners: [{user: a, usr: b}]}}
key-unknown   /defaults                  email         defaults: {email: a@example.org}
key-unknown   /defaults/network          block         defaults: {network: {block: 10.64.0.0/20}}
key-unknown   /defaults/kind             featureGate   defaults: {kind: {featureGate: {A: true}}}
key-unknown   /defaults/access           exec          defaults: {access: {exec: true}}
key-unknown   /defaults/tolerations/1    keys          defaults: {tolerations: [{operator: Exists}, {keys: a, operator: Exists}]}
key-unknown   /defaults/resources        request       defaults: {resources: {request: {cpu: 1}}}
key-unknown   /defaults/registries/docker.io  mirror   defaults: {registries: {docker.io: {mirror: [https://a.example.org]}}}
key-unknown   /defaults/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/podAffinityTerm  selector  defaults: {affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: a, selector: {}}}]}}}
key-unknown   /defaults/networkPolicy/egress/0/ports/0  portEnd  defaults: {networkPolicy: {egress: [{ports: [{port: 1, portEnd: 2}]}]}}
key-unknown   /parents/0                 service       parents: [{name: host, service: [10.96.0.0/16]}]
key-unknown   /parents/0/external/0      exept         parents: [{name: host, external: [{cidr: 10.0.0.0/8, exept: []}]}]
key-unknown   /network                   pool          network: {pool: [10.64.0.0/11]}
key-unknown   /network/sizes             pod           network: {sizes: {pod: 21}}
key-unknown   /image                     version       image: {version: "1"}
key-missing   /parents/0                 name          parents: [{platform: kind}]
key-missing   /parents/0/external/0      cidr          parents: [{name: host, external: [{name: VPN}]}]
key-missing   /network/reserved/0        cidr          network: {reserved: [{name: office}]}
key-missing   /clusters/a/owners/0/serviceAccount  namespace  clusters: {a: {owners: [{serviceAccount: {name: a}}]}}
key-missing   /defaults/topologySpreadConstraints/0  topologyKey  defaults: {topologySpreadConstraints: [{maxSkew: 1, whenUnsatisfiable: ScheduleAnyway}]}
value-type    /clusters                  clusters      clusters: [a, b]
value-type    /clusters/a                a             clusters: {a: a@example.org}
value-type    /clusters/a/workers        workers       clusters: {a: {email: a@example.org, workers: "1"}}
value-type    /clusters/a/paused         paused        clusters: {a: {email: a@example.org, paused: "true"}}
value-type    /clusters/a/email          email         clusters: {a: {email: [a@example.org]}}
value-type    /clusters/a/owners         owners        clusters: {a: {email: a@example.org, owners: {user: a}}}
value-type    /defaults                  defaults      defaults: []
value-type    /defaults/tolerations      tolerations   defaults: {tolerations: {operator: Exists}}
value-type    /defaults/env/A            A             defaults: {env: {A: [1]}}
value-type    /defaults/storage          storage       defaults: {storage: true}
value-type    /parents                   parents       parents: host
value-type    /parents/0/pods            pods          parents: [{name: host, pods: 10.244.0.0/16}]
value-type    /network/share             share         network: {share: "false"}
value-type    /extraObjects              extraObjects  extraObjects: {}
value-invalid /clusters/a/email          email         clusters: {a: {email: a.example.org}}
value-invalid /clusters/a/email          email         clusters: {a: {email: "a b@example.org"}}
value-invalid /clusters/a/workers        workers       clusters: {a: {email: a@example.org, workers: 8}}
value-invalid /clusters/a/workers        workers       clusters: {a: {email: a@example.org, workers: -1}}
value-invalid /clusters/a/apiPort        apiPort       clusters: {a: {email: a@example.org, apiPort: 443}}
value-invalid /clusters/a/network/pods   pods          clusters: {a: {email: a@example.org, network: {pods: 10.1.0.0}}}
value-invalid /clusters/a/network/block  block         clusters: {a: {email: a@example.org, network: {block: auto}}}
value-invalid /clusters/a/nodeImage      nodeImage     clusters: {a: {email: a@example.org, nodeImage: "kindest/node:v1.37.0"}}
value-invalid /clusters/a/dnsDomainName  dnsDomainName clusters: {a: {email: a@example.org, dnsDomainName: Example.org}}
value-invalid /defaults/network/ipFamily ipFamily      defaults: {network: {ipFamily: ipv5}}
value-invalid /defaults/network/mtu      mtu           defaults: {network: {mtu: 100}}
value-invalid /defaults/preflight        preflight     defaults: {preflight: "no"}
value-invalid /defaults/storage/size     size          defaults: {storage: {size: 20 Gi}}
value-invalid /defaults/storage/size     size          defaults: {storage: {size: 0}}
value-invalid /defaults/resources/limits/memory  memory  defaults: {resources: {limits: {memory: 6GiB}}}
value-invalid /defaults/tolerations/0/operator  operator  defaults: {tolerations: [{key: a, operator: Exist}]}
value-invalid /defaults/nodeSelector/a   a             defaults: {nodeSelector: {a: b c}}
value-invalid /defaults/proxy/http       http          defaults: {proxy: {http: proxy.example.org}}
value-invalid /defaults/registries/docker.io/mirrors/0  mirrors  defaults: {registries: {docker.io: {mirrors: [mirror.example.org]}}}
value-invalid /defaults/dnsConfig/nameservers/0  nameservers  defaults: {dnsConfig: {nameservers: [resolver]}}
value-invalid /parents/0/services/0      services      parents: [{name: host, services: [10.96.0.0]}]
value-invalid /parents/0/platform        platform      parents: [{name: host, platform: minikube}]
value-invalid /network/pools/0           pools         network: {pools: [10.64.0.0]}
value-invalid /network/sizes/pods        pods          network: {sizes: {pods: 25}}
value-invalid /image/digest              digest        image: {digest: sha256:1234}
value-invalid /image/pullPolicy          pullPolicy    image: {pullPolicy: Sometimes}
value-invalid /imagePullSecrets/0        imagePullSecrets  imagePullSecrets: [Pull]
value-invalid /commonLabels/team         team          commonLabels: {team: "-"}
key-invalid   /clusters                  Team          clusters: {Team: {email: a@example.org}}
key-invalid   /clusters                  a_b           clusters: {a_b: {email: a@example.org}}
key-invalid   /clusters                  a.b           clusters: {a.b: {email: a@example.org}}
key-invalid   /clusters                  -a            clusters: {"-a": {email: a@example.org}}
key-invalid   ?                          aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  clusters: {aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: {email: a@example.org}}
key-invalid   /network/assigned          A             network: {assigned: {A: 10.64.0.0/20}}
key-invalid   /defaults/env              1A            defaults: {env: {1A: a}}
key-invalid   /defaults/podLabels        a/b/c         defaults: {podLabels: {a/b/c: d}}
key-invalid   /defaults/resources/limits core          defaults: {resources: {limits: {core: 1}}}
key-invalid   /defaults/registries       a_b           defaults: {registries: {a_b: {insecure: true}}}
key-invalid   /defaults/manifests        a.yaml        defaults: {manifests: {a.yaml: "a: b"}}
END
}

# --- What lint takes

lint() { # FILE...
  "$KDK_RENDER" lint "$@" >"$work/lint" 2>&1
}

# Whether lint takes the files; that it comes to a verdict is a check of its own.
lint_takes() { # NAME FILE...
  local status
  lint "${@:2}"
  status=$?
  ((status <= 1)) || flunk "lint: has a verdict on $1" "exit status $status"
  return "$status"
}

# The chart with these values files, by the Helm under test; what it prints is not looked at.
template() { # FILE...
  helm template kdk "$chart" "${@/#/--values=}" >/dev/null
}

left_out() { # NAME WHY
  echo "# left out: $1: $2"
}

# NAME with its values files, in the order in which they merge
both_take() { # NAME FILE...
  local files=("${@:2}") helm
  for helm in "${helms[@]}"; do
    if [ "$helm" = helm4 ] && grep -q '^%' "${files[@]}"; then
      left_out "$1" "a directive, which Helm 4 cannot read (lint takes it, and Helm 3)"
    else
      succeeds "$helm: takes $1" template "${files[@]}"
    fi
  done
}

golden() {
  local folder name files without=() taken=0
  for folder in "$root"/testdata/*/; do
    name=testdata/$(basename "$folder")
    [ -f "$folder/title" ] || continue
    shopt -s nullglob
    files=("$folder"values.yaml "$folder"values[2-9].yaml)
    shopt -u nullglob
    if ! [ -f "${files[0]-}" ]; then
      without+=("${name#testdata/}")
    elif ! lint_takes "$name" "${files[@]}"; then
      [[ $name != *-ok ]] || left_out "$name" "lint refuses it: $(grep -m 1 error "$work/lint")"
    else
      ((++taken))
      both_take "$name" "${files[@]}"
    fi
  done
  left_out "of testdata, for they have no values file" "${without[*]}"
  isnt "testdata has cases that lint takes" 0 "$taken"
}

manifests() {
  local file
  for file in "$root"/e2e/manifests/*.yaml; do
    succeeds "lint: takes manifests/${file##*/}" lint "$file"
    both_take "manifests/${file##*/}" "$file"
  done
}

# All fragments that need no more than a cluster go into one file, a cluster each, which Helm names if it refuses it.
fragments() {
  local file n all=$work/shapes.yaml taken=0
  mkdir "$work/shapes"
  "$root/e2e/shapes.sh" --values "$work/shapes" >/dev/null || bail "shapes.sh writes no values files"
  echo clusters: >"$all"
  for file in "$work"/shapes/*.values; do
    lint_takes "$(cat "$file")" "$file" || continue
    ((++taken))
    n=${file##*/}
    n=${n%.values}
    if [ "$(grep -c '^[^ ]' "$file")" = 1 ]; then
      sed "1d; s/^  shape:/  shape-$n:/" "$file" >>"$all"
    else
      both_take "$(sed -n '/^[^ c]/p; /^common/p' "$file" | head -n 1 | cut -c -100)" "$file"
    fi
  done
  isnt "shapes has fragments that lint takes" 0 "$taken"
  succeeds "lint: takes all fragments in one file" lint "$all"
  both_take "all other fragments of shapes, $(grep -c '^  shape-' "$all") of them" "$all"
}

# --- What both refuse

# What lint says of a file: its status, how many errors there are, and by which rules
lint_verdict() { # FILE
  local status
  lint "$1"
  status=$?
  echo "status $status, $(grep -oE '\<[0-9]+ errors?' "$work/lint") $(grep error: "$work/lint" | grep -oE '\[[a-z-]+\]$')"
}

# What Helm says of a file: its status and where the mistakes are. Besides, what is amiss: where it was not the
# schema, or KEY is not named.
helm_verdict() { # KEY FILE
  local said status complaints
  said=$(template "$2" 2>&1)
  status=$?
  [[ $said == *"values don't meet the specifications of the schema"* ]] || echo "not by the schema: $said"
  complaints=$(grep -E "^ *- at '.*': " <<<"$said" | grep -v ': validation failed$')
  [[ $complaints == *"$1"* ]] || echo "no $1 in: $complaints"
  echo "status $status at $(sed -E "s/^ *- at '([^']*)': .*/\1/" <<<"$complaints")"
}

refuse() {
  local rule place key values helm got
  while read -r rule place key values; do
    printf '%s\n' "$values" >"$work/wrong.yaml"
    is "lint: refuses $values" "status 1, 1 error [$rule]" "$(lint_verdict "$work/wrong.yaml")"
    for helm in "${helms[@]}"; do
      got=$(helm_verdict "$key" "$work/wrong.yaml")
      [ "$place" != "?" ] || got=${got% at /*}" at ?"
      is "$helm: refuses $values" "status 1 at ${place%/}" "$got"
    done
  done < <(wrong)
}

# ---

tools "${helms[@]}"
golden
manifests
fragments
refuse
finish
