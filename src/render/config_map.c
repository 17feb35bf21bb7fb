/* ConfigMap: what runs in the pod reads these files.
 *
 *   kind.yaml            kind's configuration (v1alpha4)
 *   daemon.json          dockerd's; the pod adds what depends on its version and MTU
 *   kdk.yaml             kdk-pod's own, a fixed form
 *   manifest.<name>.yaml applied in the nested cluster
 */
#include "kinds.h"

typedef void write_file(const struct writer *w);

/* A file as a literal block. What it holds is made by us and indented text, so it fits one. */
static void put_file(const struct writer *w, const char *name, write_file *write)
{
	struct writer inner = *w;
	struct buf file = buf_memory();
	inner.text = &file;
	write(&inner);
	buf_fmt(w->text, "  %s: ", name);
	yaml_block(w->text, 4, buf_str(&file));
	buf_free(&file);
}

/* A patch as an item of a list of texts. */
static void put_patch(const struct writer *w, struct str patch)
{
	PUT(w, "- ");
	if (yaml_fits_block(patch)) {
		yaml_block(w->text, 2, patch);
	} else {
		yaml_text(w->text, patch);
		buf_char(w->text, '\n');
	}
}

static void put_patches(const struct writer *w, const struct node *patches)
{
	for (const struct node *p = patches ? patches->child : NULL; p; p = p->next)
		put_patch(w, node_text(p));
}

static bool has_registries(const struct settings *settings)
{
	return settings->registries && settings->registries->n;
}

static bool has_credentials(const struct settings *settings)
{
	const struct node *registries = settings->registries;
	for (const struct node *key = registries ? registries->child : NULL; key; key = key->next->next) {
		if (!node_is_null(node_get(key->next, S("authSecret"))))
			return true;
	}
	return false;
}

static void kind_node(const struct writer *w, const char *role)
{
	buf_fmt(w->text, "- role: %s\n", role);
	yaml_pair(w->text, 2, S("image"), w->settings->nodeImage);
	if (has_registries(w->settings))
		PUT(w, "  extraMounts:\n"
		       "  - hostPath: /run/kdk/certs.d\n"
		       "    containerPath: /etc/containerd/certs.d\n"
		       "    readOnly: true\n");
	/* The kubelet hands them to containerd with each pull, as kind documents for private registries. */
	if (has_credentials(w->settings))
		PUT(w, "  - hostPath: /run/kdk/registry/config.json\n"
		       "    containerPath: /var/lib/kubelet/config.json\n"
		       "    readOnly: true\n");
}

static void write_kind_yaml(const struct writer *w)
{
	const struct settings *s = w->settings;
	struct buf *t = w->text;
	PUT(w, "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: " FULL "\nnetworking:\n");
	yaml_pair(t, 2, S("ipFamily"), s->network.ipFamily);
	PUT(w, "  apiServerAddress: 127.0.0.1\n");
	buf_fmt(t, "  apiServerPort: %lld\n", (long long)s->apiPort);
	PUT(w, "  podSubnet: " PODS "\n  serviceSubnet: " SERVICES "\n");
	if (s->kind.disableDefaultCNI)
		PUT(w, "  disableDefaultCNI: true\n");
	yaml_pair(t, 2, S("kubeProxyMode"), s->kind.kubeProxyMode);
	/* The pod's search list would make nested names resolve to confusing results. */
	PUT(w, "  dnsSearch: []\n");
	yaml_pair_node(t, 0, S("featureGates"), s->kind.featureGates);
	yaml_pair_node(t, 0, S("runtimeConfig"), s->kind.runtimeConfig);
	PUT(w, "nodes:\n");
	kind_node(w, "control-plane");
	for (int64_t i = 0; i < s->workers; i++)
		kind_node(w, "worker");
	/* Without apiVersion kind turns this into what the node's kubeadm reads. */
	PUT(w, "kubeadmConfigPatches:\n"
	       "- |\n"
	       "  kind: ClusterConfiguration\n"
	       "  networking:\n"
	       "    dnsDomain: " DOMAIN "\n"
	       "  apiServer:\n"
	       "    certSANs:\n"
	       "    - localhost\n"
	       "    - 127.0.0.1\n"
	       "    - \"::1\"\n"
	       "    - 0.0.0.0\n");
	buf_fmt(t, "    - " FULL ".%.*s.svc\n", STR(w->input->release.namespace));
	put_patches(w, s->kind.kubeadmConfigPatches);
	bool patched = s->kind.containerdConfigPatches && s->kind.containerdConfigPatches->n;
	if (has_registries(s) || patched)
		PUT(w, "containerdConfigPatches:\n");
	if (has_registries(s))
		PUT(w, "- |\n"
		       "  [plugins.\"io.containerd.grpc.v1.cri\".registry]\n"
		       "    config_path = \"/etc/containerd/certs.d\"\n");
	put_patches(w, s->kind.containerdConfigPatches);
}

/* dockerd knows mirrors of docker.io only. */
static void docker_mirrors(const struct writer *w)
{
	const struct node *mirrors = node_get(node_get(w->settings->registries, S("docker.io")), S("mirrors"));
	if (node_is_null(mirrors) || mirrors->n == 0)
		return;
	PUT(w, "  \"registry-mirrors\": [");
	for (const struct node *m = mirrors->child; m; m = m->next) {
		yaml_quoted(w->text, node_text(m));
		if (m->next)
			PUT(w, ", ");
	}
	PUT(w, "],\n");
}

static void insecure_registries(const struct writer *w)
{
	const struct node *registries = w->settings->registries;
	bool any = false;
	for (const struct node *key = registries ? registries->child : NULL; key; key = key->next->next) {
		const struct node *insecure = node_get(key->next, S("insecure"));
		if (node_is_null(insecure) || !str_eq(node_text(insecure), S("true")))
			continue;
		buf_add(w->text, any ? S(", ") : S("  \"insecure-registries\": ["));
		yaml_quoted(w->text, node_text(key));
		any = true;
	}
	if (any)
		PUT(w, "],\n");
}

/* No "dns": dockerd must ask the pod's resolvers from the pod's own network. */
static void write_daemon_json(const struct writer *w)
{
	bool v6 = !str_eq(w->settings->network.ipFamily, S("ipv4"));
	PUT(w, "{\n"
	       "  \"data-root\": \"/var/lib/docker\",\n"
	       "  \"hosts\": [\"unix:///var/run/docker.sock\"],\n"
	       "  \"bip\": \"" BRIDGE "\",\n"
	       "  \"default-address-pools\": [{\"base\": \"" POOL "\", \"size\": " POOL_SIZE "}],\n"
	       "  \"iptables\": true,\n");
	buf_fmt(w->text, "  \"ip6tables\": %s,\n", v6 ? "true" : "false");
	PUT(w, "  \"ip-forward\": true,\n"
	       "  \"userland-proxy\": true,\n");
	if (!str_eq(w->settings->network.mtu, S("auto")))
		buf_fmt(w->text, "  \"mtu\": %.*s,\n", STR(w->settings->network.mtu));
	docker_mirrors(w);
	insecure_registries(w);
	PUT(w, "  \"dns-search\": [\".\"],\n"
	       "  \"dns-opts\": [\"timeout:2\", \"attempts:3\"],\n"
	       "  \"live-restore\": false,\n"
	       "  \"shutdown-timeout\": 75,\n"
	       "  \"log-driver\": \"json-file\",\n"
	       "  \"log-opts\": {\"max-size\": \"10m\", \"max-file\": \"3\"}\n"
	       "}\n");
}

static void put_bool(const struct writer *w, const char *key, bool value)
{
	buf_fmt(w->text, "%s: %s\n", key, value ? "true" : "false");
}

static void put_registries(const struct writer *w)
{
	PUT(w, "registries:");
	if (!has_registries(w->settings)) {
		PUT(w, " []\n");
		return;
	}
	PUT(w, "\n");
	int i = 0;
	for (const struct node *key = w->settings->registries->child; key; key = key->next->next, i++) {
		const struct node *insecure = node_get(key->next, S("insecure"));
		PUT(w, "- host: ");
		yaml_text(w->text, node_text(key));
		PUT(w, "\n");
		yaml_pair_node(w->text, 2, S("mirrors"), node_get(key->next, S("mirrors")));
		if (!node_is_null(node_get(key->next, S("caSecret"))))
			buf_fmt(w->text, "  ca: " REGISTRY_DIRECTORY "/%d/ca/ca.crt\n", i);
		if (!node_is_null(node_get(key->next, S("authSecret"))))
			buf_fmt(w->text, "  auth: " REGISTRY_DIRECTORY "/%d/auth/.dockerconfigjson\n", i);
		put_bool(w, "  insecure", !node_is_null(insecure) && str_eq(node_text(insecure), S("true")));
	}
}

static void put_no_proxy(const struct writer *w)
{
	const struct node *exclude = w->settings->proxy.exclude;
	PUT(w, "  noProxy: \"localhost,127.0.0.1,::1,.svc," NO_PROXY);
	buf_add(w->text, w->parent_hosts);
	for (const struct node *e = exclude ? exclude->child : NULL; e; e = e->next)
		buf_fmt(w->text, ",%.*s", STR(node_text(e)));
	PUT(w, "\"\n");
}

static void write_kdk_yaml_without_parents(const struct writer *w)
{
	const struct settings *s = w->settings;
	struct buf *t = w->text;
	PUT(w, "version: 1\ncluster: " FULL "\n");
	yaml_pair(t, 0, S("namespace"), w->input->release.namespace);
	PUT(w, "secret: " FULL "\n");
	buf_fmt(t, "apiPort: %lld\nworkers: %lld\n", (long long)s->apiPort, (long long)s->workers);
	yaml_pair(t, 0, S("nodeImage"), s->nodeImage);
	PUT(w, "dnsDomain: " DOMAIN "\n");
	yaml_pair(t, 0, S("ipFamily"), s->network.ipFamily);
	yaml_pair(t, 0, S("mtu"), s->network.mtu);
	yaml_pair(t, 0, S("preflight"), s->preflight);
	yaml_pair(t, 0, S("onChange"), s->onChange);
	put_bool(w, "persistent", s->storage.persistent);
	PUT(w, "ranges:\n"
	       "  pods: [" PODS "]\n"
	       "  services: [" SERVICES "]\n"
	       "  docker: [" DOCKER "]\n"
	       "  kindNetwork: [" KIND_NETWORK "]\n");
	put_registries(w);
	PUT(w, "manifests:");
	const struct node *manifests = s->manifests;
	if (!manifests || manifests->n == 0)
		PUT(w, " []");
	PUT(w, "\n");
	for (const struct node *key = manifests ? manifests->child : NULL; key; key = key->next->next) {
		PUT(w, "- ");
		yaml_text(t, node_text(key));
		PUT(w, "\n");
	}
}

static void write_kdk_yaml(const struct writer *w)
{
	const struct settings *s = w->settings;
	write_kdk_yaml_without_parents(w);
	if (s->proxy.http.n || s->proxy.https.n) {
		PUT(w, "proxy:\n");
		if (s->proxy.http.n)
			yaml_pair(w->text, 2, S("http"), s->proxy.http);
		if (s->proxy.https.n)
			yaml_pair(w->text, 2, S("https"), s->proxy.https);
		put_no_proxy(w);
	}
	buf_add(w->text, w->parents);
}

void write_restart_config(const struct writer *w)
{
	const struct settings *s = w->settings;
	write_kind_yaml(w);
	write_daemon_json(w);
	write_kdk_yaml_without_parents(w);
	yaml_pair(w->text, 0, S("http"), s->proxy.http);
	yaml_pair(w->text, 0, S("https"), s->proxy.https);
	yaml_pair_node(w->text, 0, S("exclude"), s->proxy.exclude);
	yaml_pair_node(w->text, 0, S("manifests"), s->manifests);
}

void write_config_map(const struct writer *w)
{
	object_start(w, "v1", "ConfigMap", FULL, "");
	PUT(w, "data:\n");
	put_file(w, "kind.yaml", write_kind_yaml);
	put_file(w, "daemon.json", write_daemon_json);
	put_file(w, "kdk.yaml", write_kdk_yaml);
	const struct node *manifests = w->settings->manifests;
	for (const struct node *key = manifests ? manifests->child : NULL; key; key = key->next->next) {
		buf_fmt(w->text, "  manifest.%.*s.yaml: ", STR(node_text(key)));
		struct str text = node_text(key->next);
		if (yaml_fits_block(text)) {
			yaml_block(w->text, 4, text);
		} else {
			yaml_text(w->text, text);
			PUT(w, "\n");
		}
	}
}
