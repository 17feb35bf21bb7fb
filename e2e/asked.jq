# What a values file asks for and what a server has, in the same words, to be compared.
#
#   asked    of {values, schema, namespace}: the values as they were written, and `kdk-render schema`
#   stored   of {items, files}: all objects of the namespace, and by cluster what is in its kind.yaml and kdk.yaml
#
# Both give {SECTION: {CLUSTER: ...}}. This knows KDK only from docs/values.md: where kdk-render takes a setting, not
# how it writes it. What Kubernetes makes of it is undone: 1500m and 1.5 are one quantity, TCP is where a protocol is
# not given, an empty list is none.

# --- Both

def none_as_null: if . == null or . == [] or . == {} or . == "" then null else . end;

def amount:
  tostring | capture("^(?<n>[0-9.]+)(?<unit>[A-Za-z]*)$") |
  (.n | tonumber) * {"": 1, m: 0.001, k: 1e3, Ki: 1024, Mi: 1048576, Gi: 1073741824, Ti: 1099511627776}[.unit];

def amounts: with_entries(.value |= map_values(amount));

# Labels and annotations but those that are KDK's own
def others: . // {} | with_entries(select(.key | test("^(app\\.kubernetes\\.io|helm\\.sh|kdk)/") | not));

# --- The values

def given: walk(if type == "object" then with_entries(select(.value != null)) else . end);

def builtin($schema; $object):
  $schema.definitions[$object].properties
  | map_values(if has("default") then .default
               else (.["$ref"] // "" | ltrimstr("#/definitions/")) as $ref
                    | if $ref == "" then null else builtin($schema; $ref) end
               end)
  | given | with_entries(select(.value != {}));

# Settings over others: what is ours merges by key, what is Kubernetes' is replaced.
def over($below):
  . as $above
  | ["network", "storage", "proxy", "kind", "networkPolicy", "access", "env", "nodeSelector", "podLabels",
     "podAnnotations", "registries", "manifests"] as $ours
  | $below + $above
  | with_entries(.key as $key
                 | if $ours | index($key) then .value = ($below[$key] // {}) * ($above[$key] // {}) else . end);

def subjects($rbac):
  def person($kind; $prefix): {apiGroup: "rbac.authorization.k8s.io", kind: $kind, name: ($prefix + .)};
  if $rbac.create == false then [] else
    [(.email // empty | person("User"; $rbac.userPrefix // "")),
     (.owners // [] | .[]
      | (.user // empty | person("User"; $rbac.userPrefix // "")),
        (.group // empty | person("Group"; $rbac.groupPrefix // "")),
        (.serviceAccount // empty | {kind: "ServiceAccount", name, namespace}))]
    | reduce .[] as $one ([]; if index([$one]) then . else . + [$one] end)
  end;

def egress_rule: if .ports then .ports |= map({protocol: "TCP"} + .) else . end;

def asked:
  .schema as $schema | .namespace as $namespace | (.values | given) as $values
  | (builtin($schema; "image") + ($values.image // {})) as $image
  | builtin($schema; "settings") as $builtin
  | $values.clusters | with_entries(.value |= over(($values.defaults // {}) | over($builtin)))
  | {
      metadata: map_values({
        labels: [$values.commonLabels // {}],
        annotations: [$values.commonAnnotations // {}],
        owner: [.email // (.owners[0] | .user // .group // .serviceAccount.name)]
      }),
      owners: map_values(subjects($values.rbac // {})),
      pod: map_values({
        replicas: (if .paused then 0 else 1 end),
        labels: (.podLabels // {}),
        annotations: ((if .storage.persistent then {} else {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"} end)
                      + (.podAnnotations // {})),
        env: ({DOCKER_TLS_CERTDIR: ""}
              + (if (.dockerHost // "") == "" then {} else {DOCKER_HOST: .dockerHost, RETAIN_DOCKER_HOST: "1"} end)
              + (.env // {})),
        image: ($image.repository + (if $image.digest then "@" + $image.digest else ":" + $image.tag end)),
        pullPolicy: $image.pullPolicy,
        port: .apiPort,
        resources: (. as $settings
          | .resources
          | if $settings.storage.persistent then .
            else .requests = {"ephemeral-storage": $settings.storage.size} + (.requests // {}) end
          | amounts),
        imagePullSecrets: ($values.imagePullSecrets // []),
        secrets: ([.registries // {} | .[] | .caSecret, .authSecret | values] | sort),
        nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName, runtimeClassName, dnsPolicy,
        dnsConfig
      } | map_values(none_as_null)),
      volume: map_values(.storage
        | if .persistent then {size: (.size | amount), class: (.class | none_as_null), keep}
          else {room: (.size | amount)} end),
      policy: map_values(.networkPolicy
        | if .enabled then {from: (.from | none_as_null), limited: has("egress"),
                            egress: (.egress // [] | map(egress_rule) | none_as_null)}
          else null end),
      docker: map_values({
        mtu: (.network.mtu | if . == "auto" then null else . end),
        mirrors: (.registries["docker.io"].mirrors | none_as_null),
        insecure: ([.registries // {} | to_entries[] | select(.value.insecure) | .key] | sort)
      }),
      kind: with_entries(.key as $name | .value |= {
        name: ("kdk-" + $name),
        ipFamily: .network.ipFamily,
        port: .apiPort,
        disableDefaultCNI: .kind.disableDefaultCNI,
        kubeProxyMode: .kind.kubeProxyMode,
        featureGates: (.kind.featureGates | none_as_null),
        runtimeConfig: (.kind.runtimeConfig | none_as_null),
        nodes: ([{role: "control-plane", image: .nodeImage}]
                + [range(.workers) as $_ | {role: "worker", image: .nodeImage}]),
        pinned: ([.network | .pods, .services, .pods6, .services6 | values] | sort),
        kubeadmConfigPatches: (.kind.kubeadmConfigPatches // []),
        containerdConfigPatches: (.kind.containerdConfigPatches // [])
      }),
      kdk: with_entries(.key as $name | .value |= ((.dnsDomainName | none_as_null // "\($name).kdk") as $domain | {
        cluster: ("kdk-" + $name), secret: ("kdk-" + $name), namespace: $namespace,
        apiPort, workers, nodeImage, preflight, onChange,
        ipFamily: .network.ipFamily,
        mtu: (.network.mtu | tostring),
        dnsDomain: $domain,
        persistent: .storage.persistent,
        registries: ([.registries // {} | to_entries[]
                      | {host: .key, mirrors: (.value.mirrors | none_as_null), ca: (.value.caSecret != null),
                         auth: (.value.authSecret != null), insecure: (.value.insecure // false)}] | sort),
        manifests: (.manifests // {} | keys),
        parents: ($values.parents // [] | map({name, pods, services, nodes, dns, dnsDomain} | given)),
        http: (.proxy.http | none_as_null), https: (.proxy.https | none_as_null),
        direct: (if .proxy | .http or .https then
                   .proxy.exclude // [] | . + ["." + $domain] | sort
                 else [] end)
      })),
      manifests: map_values(.manifests // {}),
      extra: ($values.extraObjects // [] | map({kind, name: .metadata.name, data}))
    };

# --- The server

def stored($asked):
  .files as $files
  | [.items[] | select(.metadata.labels["app.kubernetes.io/part-of"] == "kdk")] as $all
  | ([$all[] | .metadata.labels["kdk/cluster"] | values] | unique) as $names
  | def each(f):
      [$names[] as $name
       | [$all[] | select(.metadata.labels["kdk/cluster"] == $name)] as $own
       | {($name): ({name: $name, own: $own, file: $files[$name],
                     set: ([$own[] | select(.kind == "StatefulSet")] | if length == 1 then .[0] else null end),
                     data: ([$own[] | select(.kind == "ConfigMap") | .data][0])}
                    | f)}] | add // {};
  def one($kind): [.own[] | select(.kind == $kind)][0];
  {
    metadata: each({
      labels: ([.own[], ($all[] | select(.metadata.labels | has("kdk/cluster") | not)) | .metadata.labels | others] | unique),
      annotations: ([.own[], ($all[] | select(.metadata.labels | has("kdk/cluster") | not)) | .metadata.annotations | others]
                    | unique),
      owner: ([.own[] | .metadata.annotations["kdk/owner"]] | unique)
    }),
    owners: each([.own[] | select(.kind == "RoleBinding" and (.metadata.name | endswith("-publish") | not)) | .subjects]
                 | unique | if length > 1 then . else .[0] // [] end),
    pod: each(.set | .spec.replicas as $replicas | .spec.template | .spec.containers[0] as $container | {
      replicas: $replicas,
      labels: (.metadata.labels | others),
      annotations: (.metadata.annotations | others),
      env: ([$container.env[] | select(has("valueFrom") | not) | {(.name): (.value // "")}] | add),
      image: $container.image,
      pullPolicy: $container.imagePullPolicy,
      port: $container.ports[0].containerPort,
      resources: ($container.resources | amounts),
      imagePullSecrets: [.spec.imagePullSecrets // [] | .[].name],
      secrets: ([.spec.volumes[].secret.secretName | values] | sort)
    } + (.spec | {nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName, runtimeClassName,
                  dnsPolicy, dnsConfig})
    | map_values(none_as_null)),
    volume: each(.set.spec.template.spec.volumes[0] as $volume
      | one("PersistentVolumeClaim") as $claim
      | if $claim == null and $volume.persistentVolumeClaim == null then {room: ($volume.emptyDir.sizeLimit | amount)}
        elif $volume.persistentVolumeClaim.claimName != $claim.metadata.name then {volume: $volume, claim: $claim}
        else {size: ($claim.spec.resources.requests.storage | amount), class: $claim.spec.storageClassName,
              keep: ($claim.metadata.annotations["helm.sh/resource-policy"] == "keep")}
        end),
    policy: each(one("NetworkPolicy").spec
      | if . == null then null
        else {from: (if .ingress | none_as_null == null then null else .ingress[0].from end),
              limited: (.policyTypes | index("Egress") != null), egress: (.egress | none_as_null)}
        end),
    docker: each(.data["daemon.json"] | try fromjson catch {mtu: .}
      | {mtu, mirrors: .["registry-mirrors"], insecure: (.["insecure-registries"] // [] | sort)}),
    kind: each(.name as $name | .file.kind | {
      name,
      ipFamily: .networking.ipFamily,
      port: .networking.apiServerPort,
      disableDefaultCNI: (.networking.disableDefaultCNI // false),
      kubeProxyMode: .networking.kubeProxyMode,
      featureGates, runtimeConfig,
      nodes: [.nodes[] | {role, image}],
      pinned: (.networking | "\(.podSubnet),\(.serviceSubnet)" | split(",")),
      kubeadmConfigPatches: .kubeadmConfigPatches[1:],
      containerdConfigPatches: [.containerdConfigPatches // [] | .[] | select(contains("/etc/containerd/certs.d") | not)]
    } | .pinned |= (map(select(. as $range | $asked.kind[$name].pinned | index([$range]))) | sort)),
    kdk: each(.name as $name | .file.kdk | {
      cluster, secret, namespace, apiPort, workers, nodeImage, preflight, onChange, ipFamily, mtu, dnsDomain, persistent,
      registries: ([.registries[] | {host, mirrors, ca: has("ca"), auth: has("auth"), insecure}] | sort),
      manifests: (.manifests | sort),
      # What is added, from a platform or because nothing was said, is not compared.
      parents: (.parents | to_entries | map(.key as $i | .value | with_entries(select(
                  .key as $key | $asked.kdk[$name].parents[$i] // {} | has($key))))),
      http: .proxy.http, https: .proxy.https,
      direct: (.proxy.noProxy // "" | split(",")
               | map(select(. as $host | $asked.kdk[$name].direct | index([$host]))) | unique)
    }),
    manifests: each(.data | with_entries(select(.key | startswith("manifest."))
                                         | .key |= (ltrimstr("manifest.") | rtrimstr(".yaml")))),
    extra: [.items[] | select(.metadata.labels["app.kubernetes.io/part-of"] != "kdk")
            | select([{kind, name: .metadata.name}] | inside($asked.extra | map({kind, name})))
            | {kind, name: .metadata.name, data}]
  };
