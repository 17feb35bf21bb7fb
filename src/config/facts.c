/* Kubernetes objects → facts. One function a kind, in a table; one document in memory at a time.
 *
 * A text that holds another (a ConfigMap's YAML, a command line, a Corefile) is read for the few names that
 * say a range. Where it cannot be read it says nothing: it is not ours to judge.
 */
#include "facts.h"

#include "documents.h"

const struct witness_info witnesses[WITNESS_COUNT] = {
#define WITNESS(identifier, exact, one, many) {exact, one, many},
#include "witnesses.def"
};

struct reader {
	struct facts *facts;
	struct arena *arena;
	struct match *match;
	struct arena *scratch; /* of one document */
};

/* --- facts from texts --- */

static void add(struct reader *r, enum fact_kind kind, enum witness witness, struct cidr cidr, struct str name)
{
	struct facts *f = r->facts;
	if (cidr_prefix(cidr) == 0) /* "all addresses" is no range of a cluster */
		return;
	ARENA_PUSH(r->arena, f->items, f->count, f->capacity);
	f->items[f->count++] = (struct fact){cidr_masked(cidr), kind, witness, name};
}

/* An address, or a range with bits behind its length or without. */
static bool add_text(struct reader *r, enum fact_kind kind, enum witness witness, struct str text, struct str name)
{
	struct addr addr;
	struct cidr cidr;
	if (addr_parse(text, &addr))
		cidr = cidr_of(addr, ADDR_BITS);
	else if (kind == FACT_DNS || cidr_parse(text, &cidr) == CIDR_INVALID)
		return false;
	add(r, kind, witness, cidr, name);
	return true;
}

static bool is_one_of(char c, const char *set)
{
	for (; *set; set++)
		if (*set == c)
			return true;
	return false;
}

/* Takes the next word off *REST, which SEPARATORS stand between; false where there is none. */
static bool next_word(struct str *rest, const char *separators, struct str *word)
{
	size_t from = 0, to;
	while (from < rest->n && is_one_of(rest->p[from], separators))
		from++;
	for (to = from; to < rest->n && !is_one_of(rest->p[to], separators);)
		to++;
	*word = str_from(str_to(*rest, to), from);
	*rest = str_from(*rest, to);
	return word->n > 0;
}

/* "10.244.0.0/16,fd00::/56", also with spaces. */
static void add_words(struct reader *r, enum fact_kind kind, enum witness witness, struct str text, struct str name)
{
	for (struct str word; next_word(&text, ", \t\r\n", &word);)
		add_text(r, kind, witness, word, name);
}

static void add_node(struct reader *r, enum fact_kind kind, enum witness witness, const struct node *text, struct str name)
{
	add_words(r, kind, witness, node_text(text), name);
}

/* A list of texts, or of maps with the text under KEY. */
static void add_list(struct reader *r, enum fact_kind kind, enum witness witness, const struct node *list, struct str key,
		     struct str name)
{
	if (!list || list->kind != NODE_LIST)
		return;
	for (const struct node *item = list->child; item; item = item->next)
		add_node(r, kind, witness, key.n ? node_get(item, key) : item, name);
}

static void add_domain(struct reader *r, enum witness witness, struct str text, struct str name)
{
	struct fact_domain *domain = &r->facts->domains[witness];
	if (str_ends(text, S(".")))
		text = str_to(text, text.n - 1);
	if (domain->text.n == 0 && match_format(r->match, FORMAT_dns_name, text))
		*domain = (struct fact_domain){arena_str(r->arena, text), name};
}

/* A name as Kubernetes has them, fit for a comment; what is none is not repeated. */
static struct str kept_name(struct reader *r, struct str name)
{
	enum { LONGEST = 253 };
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && !is_one_of(c, "-._:"))
			return (struct str){0};
	}
	return name.n <= LONGEST ? arena_str(r->arena, name) : (struct str){0};
}

static struct str object_name(const struct node *object)
{
	return node_text(node_find(object, S("metadata.name")));
}

static struct str object_namespace(const struct node *object)
{
	return node_text(node_find(object, S("metadata.namespace")));
}

static bool is_system(const struct node *object)
{
	struct str namespace = object_namespace(object);
	return str_eq(namespace, S("kube-system")) || str_eq(namespace, S("openshift-dns"));
}

static void saw(struct reader *r, enum trait trait)
{
	r->facts->traits |= trait;
}

/* --- traits --- */

static const struct {
	struct str prefix;
	enum trait trait;
} traits[] = {
	{S_INIT("kind://"), TRAIT_KIND}, /* of a providerID */
	{S_INIT("k3s://"), TRAIT_K3S},
	{S_INIT("k3s.io/"), TRAIT_K3S}, /* of labels and annotations */
	{S_INIT("rke2.io/"), TRAIT_K3S},
	{S_INIT("eks.amazonaws.com/"), TRAIT_EKS},
	{S_INIT("cloud.google.com/gke-"), TRAIT_GKE},
	{S_INIT("kubernetes.azure.com/"), TRAIT_AKS},
	{S_INIT("node.openshift.io/"), TRAIT_OPENSHIFT},
	{S_INIT("projectcalico.org/"), TRAIT_CALICO},
	{S_INIT("io.cilium."), TRAIT_CILIUM},
	{S_INIT("network.cilium.io/"), TRAIT_CILIUM},
};

static void see_trait(struct reader *r, struct str text)
{
	for (size_t i = 0; i < sizeof traits / sizeof traits[0]; i++)
		if (str_starts(text, traits[i].prefix))
			saw(r, traits[i].trait);
}

static void see_keys(struct reader *r, const struct node *map)
{
	if (!map || map->kind != NODE_MAP)
		return;
	for (const struct node *key = map->child; key; key = key->next->next)
		see_trait(r, node_text(key));
}

/* --- command lines --- */

static const struct flag {
	struct str name;
	enum fact_kind kind; /* FACT_KINDS: the domain */
	enum witness witness;
} flags[] = {
	{S_INIT("--cluster-cidr"), FACT_PODS, WITNESS_FLAG},
	{S_INIT("--service-cluster-ip-range"), FACT_SERVICES, WITNESS_FLAG},
	{S_INIT("--service-cidr"), FACT_SERVICES, WITNESS_FLAG}, /* k3s */
	{S_INIT("--pod-cidr"), FACT_PODS, WITNESS_POD_FLAG},
	{S_INIT("--cluster-dns"), FACT_DNS, WITNESS_FLAG},
	{S_INIT("--cluster-domain"), FACT_KINDS, WITNESS_FLAG},
};

static const struct flag *find_flag(struct str name)
{
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (str_eq(flags[i].name, name))
			return &flags[i];
	return NULL;
}

static void take_flag(struct reader *r, const struct flag *flag, struct str value, struct str program)
{
	struct str name = arena_fmt(r->arena, "%.*s of %.*s", STR(flag->name), STR(program));
	if (flag->kind == FACT_KINDS)
		add_domain(r, flag->witness, value, name);
	else
		add_words(r, flag->kind, flag->witness, value, name);
}

/* A list of arguments, of which one may be a whole command line for a shell. *FLAG is the one whose value is next. */
static void read_arguments(struct reader *r, const struct node *list, struct str program, const struct flag **flag)
{
	if (!list || list->kind != NODE_LIST)
		return;
	for (const struct node *item = list->child; item; item = item->next) {
		struct str rest = node_text(item);
		for (struct str word; next_word(&rest, " \t\r\n\"'", &word);) {
			size_t equals = str_find(word, '=');
			if (*flag)
				take_flag(r, *flag, word, program);
			*flag = find_flag(str_to(word, equals));
			if (*flag && equals < word.n) {
				take_flag(r, *flag, str_from(word, equals + 1), program);
				*flag = NULL;
			}
		}
	}
}

/* --- texts within texts --- */

static const struct node *parse_inner(struct reader *r, struct str text)
{
	struct source source = {.text = text};
	struct sources sources = {0};
	struct diags unheard = {.arena = r->scratch};
	sources_add(r->scratch, &sources, &source);
	return text.n ? tree_parse(r->scratch, &unheard, &sources, 0) : NULL;
}

/* "kubernetes cluster.local in-addr.arpa {": the first zone is the domain. */
static void read_corefile(struct reader *r, struct str text)
{
	for (struct str line; str_line(&text, &line);) {
		struct str word;
		if (!next_word(&line, " \t\r", &word) || !str_eq(word, S("kubernetes")))
			continue;
		if (next_word(&line, " \t\r", &word))
			add_domain(r, WITNESS_COREFILE, word, (struct str){0});
	}
}

static void read_networking(struct reader *r, enum witness witness, const struct node *networking)
{
	add_node(r, FACT_PODS, witness, node_get(networking, S("podSubnet")), (struct str){0});
	add_node(r, FACT_SERVICES, witness, node_get(networking, S("serviceSubnet")), (struct str){0});
	add_domain(r, witness, node_text(node_get(networking, S("dnsDomain"))), (struct str){0});
}

static void read_openshift_ranges(struct reader *r, enum witness witness, const struct node *network, struct str name)
{
	add_list(r, FACT_PODS, witness, node_get(network, S("clusterNetwork")), S("cidr"), name);
	add_list(r, FACT_SERVICES, witness, node_get(network, S("serviceNetwork")), (struct str){0}, name);
	add_list(r, FACT_NODES, witness, node_get(network, S("machineNetwork")), S("cidr"), name);
}

static void read_kubeadm(struct reader *r, const struct node *data)
{
	saw(r, TRAIT_SAW_KUBEADM);
	const struct node *config = parse_inner(r, node_text(node_get(data, S("ClusterConfiguration"))));
	read_networking(r, WITNESS_KUBEADM, node_get(config, S("networking")));
}

static void read_kubelet_config(struct reader *r, const struct node *data)
{
	saw(r, TRAIT_SAW_KUBELET);
	const struct node *config = parse_inner(r, node_text(node_get(data, S("kubelet"))));
	add_list(r, FACT_DNS, WITNESS_KUBELET, node_get(config, S("clusterDNS")), (struct str){0}, (struct str){0});
	add_domain(r, WITNESS_KUBELET, node_text(node_get(config, S("clusterDomain"))), (struct str){0});
}

static void read_kube_proxy(struct reader *r, const struct node *data)
{
	const struct node *config = parse_inner(r, node_text(node_get(data, S("config.conf"))));
	add_node(r, FACT_PODS, WITNESS_KUBE_PROXY, node_get(config, S("clusterCIDR")), (struct str){0});
}

static void read_installer(struct reader *r, const struct node *data)
{
	saw(r, TRAIT_SAW_INSTALLER | TRAIT_OPENSHIFT);
	const struct node *config = parse_inner(r, node_text(node_get(data, S("install-config"))));
	read_openshift_ranges(r, WITNESS_INSTALLER, node_get(config, S("networking")), (struct str){0});
}

/* With another ipam these two are leftovers. */
static void read_cilium_config(struct reader *r, const struct node *data)
{
	saw(r, TRAIT_SAW_CILIUM_CONFIG | TRAIT_CILIUM);
	struct str ipam = node_text(node_get(data, S("ipam")));
	if (ipam.n && !str_starts(ipam, S("cluster-pool")))
		return;
	add_node(r, FACT_PODS, WITNESS_CILIUM, node_get(data, S("cluster-pool-ipv4-cidr")), (struct str){0});
	add_node(r, FACT_PODS, WITNESS_CILIUM, node_get(data, S("cluster-pool-ipv6-cidr")), (struct str){0});
}

/* --- objects --- */

static void read_config_map(struct reader *r, const struct node *object)
{
	static const struct {
		struct str name;
		void (*read)(struct reader *r, const struct node *data);
	} maps[] = {
		{S_INIT("kubeadm-config"), read_kubeadm},      {S_INIT("kubelet-config"), read_kubelet_config},
		{S_INIT("kube-proxy"), read_kube_proxy},       {S_INIT("cluster-config-v1"), read_installer},
		{S_INIT("cilium-config"), read_cilium_config},
	};
	struct str name = object_name(object);
	const struct node *data = node_get(object, S("data"));
	struct str corefile = node_text(node_get(data, S("Corefile")));
	if (!is_system(object))
		return;
	for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
		if (str_eq(name, maps[i].name))
			maps[i].read(r, data);
	if (corefile.n && !str_eq(name, S("node-local-dns"))) {
		saw(r, TRAIT_SAW_COREFILE);
		read_corefile(r, corefile);
	}
}

static void read_node(struct reader *r, const struct node *object)
{
	const struct node *spec = node_get(object, S("spec")), *ranges = node_get(spec, S("podCIDRs"));
	const struct node *annotations = node_find(object, S("metadata.annotations"));
	size_t before = r->facts->count;
	saw(r, TRAIT_SAW_NODES);
	add_node(r, FACT_PODS, WITNESS_NODE_RANGE, node_get(spec, S("podCIDR")), (struct str){0});
	add_list(r, FACT_PODS, WITNESS_NODE_RANGE, ranges, (struct str){0}, (struct str){0});
	r->facts->nodes++;
	r->facts->nodes_without_range += r->facts->count == before;

	const struct node *list = node_find(object, S("status.addresses"));
	for (const struct node *a = list && list->kind == NODE_LIST ? list->child : NULL; a; a = a->next)
		if (str_eq(node_text(node_get(a, S("type"))), S("InternalIP")))
			add_node(r, FACT_NODES, WITNESS_NODE_ADDRESS, node_get(a, S("address")), (struct str){0});

	see_trait(r, node_text(node_get(spec, S("providerID"))));
	see_keys(r, node_find(object, S("metadata.labels")));
	see_keys(r, annotations);
	static const struct str arguments[] = {S_INIT("k3s.io/node-args"), S_INIT("rke2.io/node-args")};
	for (size_t i = 0; i < 2; i++) {
		const struct flag *flag = NULL;
		const struct node *words = parse_inner(r, node_text(node_get(annotations, arguments[i])));
		read_arguments(r, words, str_to(arguments[i], str_find(arguments[i], '.')), &flag);
	}
}

static void read_system_pod(struct reader *r, const struct node *object)
{
	static const struct str programs[] = {S_INIT("kube-apiserver"), S_INIT("kube-controller-manager"), S_INIT("kube-proxy")};
	struct str name = object_name(object), app = node_text(node_get(node_find(object, S("metadata.labels")), S("k8s-app")));
	saw(r, TRAIT_SAW_SYSTEM_PODS);
	if (str_eq(app, S("cilium")))
		saw(r, TRAIT_CILIUM);
	const struct node *containers = node_find(object, S("spec.containers"));
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		if (!str_starts(name, programs[i]) || !containers || containers->kind != NODE_LIST)
			continue;
		for (const struct node *c = containers->child; c; c = c->next) {
			const struct flag *flag = NULL;
			read_arguments(r, node_get(c, S("command")), programs[i], &flag);
			read_arguments(r, node_get(c, S("args")), programs[i], &flag);
		}
	}
}

static void read_pod(struct reader *r, const struct node *object)
{
	const struct node *status = node_get(object, S("status"));
	struct str app = node_text(node_get(node_find(object, S("metadata.labels")), S("k8s-app")));
	if (str_eq(app, S("calico-node")))
		saw(r, TRAIT_CALICO);
	if (str_eq(object_namespace(object), S("kube-system")))
		read_system_pod(r, object);
	add_node(r, FACT_NODES, WITNESS_HOST_ADDRESS, node_get(status, S("hostIP")), (struct str){0});
	add_list(r, FACT_NODES, WITNESS_HOST_ADDRESS, node_get(status, S("hostIPs")), S("ip"), (struct str){0});
	if (str_eq(node_text(node_find(object, S("spec.hostNetwork"))), S("true")))
		return; /* its addresses are the node's */
	add_node(r, FACT_PODS, WITNESS_POD_ADDRESS, node_get(status, S("podIP")), (struct str){0});
	add_list(r, FACT_PODS, WITNESS_POD_ADDRESS, node_get(status, S("podIPs")), S("ip"), (struct str){0});
}

/* Whether pods ask it for names: by its label, or by its name where the distribution gives none. */
static bool is_dns(const struct node *object)
{
	static const struct str names[] = {
		S_INIT("kube-dns"), S_INIT("coredns"), S_INIT("dns-default"), S_INIT("rke2-coredns-rke2-coredns"),
	};
	struct str name = object_name(object);
	bool dns = str_eq(node_text(node_get(node_find(object, S("metadata.labels")), S("k8s-app"))), S("kube-dns"));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		dns = dns || str_eq(name, names[i]);
	return dns && is_system(object);
}

static void read_service(struct reader *r, const struct node *object)
{
	const struct node *spec = node_get(object, S("spec")), *one = node_get(spec, S("clusterIP")),
			  *list = node_get(spec, S("clusterIPs"));
	if (is_system(object))
		saw(r, TRAIT_SAW_SYSTEM_SERVICES);
	add_node(r, FACT_SERVICES, WITNESS_SERVICE_ADDRESS, one, (struct str){0});
	add_list(r, FACT_SERVICES, WITNESS_SERVICE_ADDRESS, list, (struct str){0}, (struct str){0});
	if (!is_dns(object))
		return;
	struct str name = kept_name(r, object_name(object));
	add_node(r, FACT_DNS, WITNESS_DNS_SERVICE, one, name);
	add_list(r, FACT_DNS, WITNESS_DNS_SERVICE, list, (struct str){0}, name);
}

static void read_service_cidr(struct reader *r, const struct node *object)
{
	add_list(r, FACT_SERVICES, WITNESS_SERVICE_CIDR, node_find(object, S("spec.cidrs")), (struct str){0},
		 kept_name(r, object_name(object)));
}

static void read_ip_pool(struct reader *r, const struct node *object)
{
	saw(r, TRAIT_CALICO | TRAIT_SAW_IP_POOLS);
	if (!str_eq(node_text(node_find(object, S("spec.disabled"))), S("true")))
		add_node(r, FACT_PODS, WITNESS_IP_POOL, node_find(object, S("spec.cidr")), kept_name(r, object_name(object)));
}

static void read_cilium_pool(struct reader *r, const struct node *object)
{
	struct str name = kept_name(r, object_name(object));
	saw(r, TRAIT_CILIUM | TRAIT_SAW_CILIUM_POOLS);
	add_list(r, FACT_PODS, WITNESS_CILIUM_POOL, node_find(object, S("spec.ipv4.cidrs")), (struct str){0}, name);
	add_list(r, FACT_PODS, WITNESS_CILIUM_POOL, node_find(object, S("spec.ipv6.cidrs")), (struct str){0}, name);
}

static void read_cilium_node(struct reader *r, const struct node *object)
{
	const struct node *ipam = node_find(object, S("spec.ipam"));
	saw(r, TRAIT_CILIUM);
	add_list(r, FACT_PODS, WITNESS_CILIUM_NODE, node_get(ipam, S("podCIDRs")), (struct str){0}, (struct str){0});
	const struct node *pools = node_find(ipam, S("pools.allocated"));
	for (const struct node *p = pools && pools->kind == NODE_LIST ? pools->child : NULL; p; p = p->next)
		add_list(r, FACT_PODS, WITNESS_CILIUM_NODE, node_get(p, S("cidrs")), (struct str){0}, (struct str){0});
}

static void read_openshift_network(struct reader *r, const struct node *object)
{
	struct str name = kept_name(r, object_name(object));
	saw(r, TRAIT_OPENSHIFT | TRAIT_SAW_OPENSHIFT);
	read_openshift_ranges(r, WITNESS_OPENSHIFT, node_get(object, S("spec")), name);
	read_openshift_ranges(r, WITNESS_OPENSHIFT, node_get(object, S("status")), name);
}

static void read_openshift_dns(struct reader *r, const struct node *object)
{
	const struct node *status = node_get(object, S("status"));
	saw(r, TRAIT_OPENSHIFT);
	struct str name = kept_name(r, object_name(object));
	add_node(r, FACT_DNS, WITNESS_OPENSHIFT_DNS, node_get(status, S("clusterIP")), name);
	add_domain(r, WITNESS_OPENSHIFT_DNS, node_text(node_get(status, S("clusterDomain"))), name);
}

static const struct {
	struct str group, kind;
	void (*read)(struct reader *r, const struct node *object);
} kinds[] = {
	{S_INIT(""), S_INIT("Node"), read_node},
	{S_INIT(""), S_INIT("Pod"), read_pod},
	{S_INIT(""), S_INIT("Service"), read_service},
	{S_INIT(""), S_INIT("ConfigMap"), read_config_map},
	{S_INIT("networking.k8s.io"), S_INIT("ServiceCIDR"), read_service_cidr},
	{S_INIT("crd.projectcalico.org"), S_INIT("IPPool"), read_ip_pool},
	{S_INIT("projectcalico.org"), S_INIT("IPPool"), read_ip_pool},
	{S_INIT("cilium.io"), S_INIT("CiliumPodIPPool"), read_cilium_pool},
	{S_INIT("cilium.io"), S_INIT("CiliumNode"), read_cilium_node},
	{S_INIT("config.openshift.io"), S_INIT("Network"), read_openshift_network},
	{S_INIT("operator.openshift.io"), S_INIT("Network"), read_openshift_network},
	{S_INIT("operator.openshift.io"), S_INIT("DNS"), read_openshift_dns},
};

static void read_object(struct reader *r, const struct node *object, struct str version, struct str kind)
{
	size_t slash = str_find(version, '/');
	struct str group = slash < version.n ? str_to(version, slash) : S("");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (str_eq(kind, kinds[i].kind) && str_eq(group, kinds[i].group)) {
			r->facts->objects++;
			kinds[i].read(r, object);
		}
}

/* Items of `kind: List` say what they are; those of a NodeList are as it says. */
static void read_list(struct reader *r, const struct node *items, struct str version, struct str kind)
{
	struct str of = str_to(kind, kind.n - S("List").n);
	for (const struct node *item = items->child; item; item = item->next) {
		const struct node *own = node_get(item, S("kind"));
		if (own)
			read_object(r, item, node_text(node_get(item, S("apiVersion"))), node_text(own));
		else
			read_object(r, item, version, of);
	}
}

/* --- documents --- */

/* Says what is wrong without the line it is in, which may hold a secret. BEFORE lines precede the document. */
static void say(struct diags *diags, const struct source *source, enum rule rule, struct place place, uint32_t before,
		struct str message)
{
	struct source *lineless = NEW(diags->arena, struct source);
	lineless->name = source->name;
	if (place.line)
		lineless->name = arena_fmt(diags->arena, "%.*s:%u:%u", STR(source->name), place.line + before, place.column);
	struct diag *d = diag_add(diags, rule, (struct place){.source = lineless}, "%.*s", STR(message));
	diag_help(diags, d, "give all of what `kubectl get ... -o yaml` printed, as it printed it");
}

static void read_document(struct reader *r, struct diags *diags, const struct source *source, const struct document *document)
{
	struct source text = {.name = source->name, .text = document->text};
	struct sources sources = {0};
	struct diags found = {.arena = r->scratch};
	sources_add(r->scratch, &sources, &text);
	const struct node *root = tree_parse(r->scratch, &found, &sources, 0);
	for (const struct diag *d = found.first; d; d = d->next)
		say(diags, source, d->rule, d->place, document->lines,
		    d->rule == RULE_KEY_DUPLICATE ? S("a key is given twice") : d->message);
	if (!root || diags_failed(&found))
		return;
	struct place place = node_place(&sources, root, (struct str){0});
	const struct node *items = node_get(root, S("items"));
	struct str version = node_text(node_get(root, S("apiVersion"))), kind = node_text(node_get(root, S("kind")));
	if (root->kind != NODE_MAP)
		say(diags, source, RULE_FACTS_INVALID, place, document->lines, S("no Kubernetes object; was it printed with -o yaml?"));
	else if (kind.n == 0) /* kubectl writes it behind a list */
		say(diags, source, RULE_FACTS_INVALID, place, document->lines, S("no Kubernetes object, or cut short: it has no `kind`"));
	else if (items && items->kind == NODE_LIST && str_ends(kind, S("List")))
		read_list(r, items, version, kind);
	else
		read_object(r, root, version, kind);
}

void facts_read(struct facts *facts, struct arena *arena, struct diags *diags, struct match *match,
		const struct source *source)
{
	if (source->text.n > TREE_BYTES) {
		struct diag *d = diag_add(diags, RULE_FILE_TOO_LARGE, (struct place){.source = source}, "larger than 64 MiB");
		diag_help(diags, d, "leave out the pods, or give them a namespace at a time, each in a file of its own");
		return;
	}
	struct documents documents = {str_without_mark(source->text), 0};
	for (struct document document; documents_next(&documents, &document);) {
		struct arena scratch = {0};
		struct reader reader = {facts, arena, match, &scratch};
		read_document(&reader, diags, source, &document);
		arena_free(&scratch);
	}
}
