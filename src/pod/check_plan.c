/* P13, P18: what kind will be told is the plan's, programs are recent enough, and the volume is this cluster's.
 *
 * kind.yaml is read as kind reads it: kubeadm gets its networking, then the patches. The patch that kdk-render
 * writes first sets the DNS domain; what any other one may set, config/patch says at render time, and here.
 */
#include "judge.h"

#include "../config/patch.h"

struct plan_reader {
	struct judge *j;
	struct check check;
	const struct node *root;
};

static void refuse(struct judge *j, struct str sentence)
{
	judge_fail(j, POD_EXIT_CONFIG, sentence,
		   S("render and apply the values again: kdk-render writes kind.yaml and kdk.yaml together"));
}

static bool same_ranges(struct str text, const struct cidr_list *list)
{
	size_t i = 0;
	for (; text.n; i++) {
		struct str part = str_to(text, str_find(text, ','));
		struct cidr cidr;
		if (i >= list->count || cidr_parse(part, &cidr) != CIDR_OK || !cidr_eq(cidr, list->items[i]))
			return false;
		text = str_from(text, part.n + 1);
	}
	return i == list->count;
}

static void check_range_key(struct plan_reader *p, struct str key, const struct cidr_list *list)
{
	struct str text = node_text(node_get(node_get(p->root, S("networking")), key));
	if (!same_ranges(text, list))
		refuse(p->j,
		       TEXT(p->j,
			    "kind.yaml says %.*s '%.*s', the plan %.*s: what was checked is not what would be made",
			    STR(key), STR(text), STR(cidrs_text(p->j->arena, list))));
}

static const struct node *parse(struct plan_reader *p, struct str name, struct str text, struct diags *diags)
{
	struct source *source = NEW(p->j->arena, struct source);
	*source = (struct source){.name = name, .text = text};
	*diags = (struct diags){.arena = p->j->arena};
	return tree_parse(p->j->arena, diags, p->check.sources, sources_add(p->j->arena, p->check.sources, source));
}

/* Our own patch: ClusterConfiguration with the plan's domain. */
static bool sets_domain(struct plan_reader *p, struct str text, struct str *domain)
{
	struct diags diags;
	const struct node *patch = parse(p, S("patch"), text, &diags);
	const struct node *networking = node_get(patch, S("networking"));
	if (!networking || networking->kind != NODE_MAP || networking->n != 1 ||
	    !str_eq(node_text(node_get(patch, S("kind"))), S("ClusterConfiguration")))
		return false;
	*domain = node_text(node_get(networking, S("dnsDomain")));
	return domain->n > 0;
}

static void check_patches(struct plan_reader *p)
{
	struct judge *j = p->j;
	const struct node *list = node_get(p->root, S("kubeadmConfigPatches"));
	struct str domain = S("cluster.local"); /* kubeadm's own */
	bool first = true;
	for (const struct node *patch = list && list->kind == NODE_LIST ? list->child : NULL; patch;
	     patch = patch->next, first = false) {
		if (first && sets_domain(p, node_text(patch), &domain))
			continue;
		struct diags diags = {.arena = j->arena};
		p->check.diags = &diags;
		check_kubeadm_patch(&p->check, patch, NULL);
		if (diags.first)
			refuse(j, TEXT(j, "a kubeadm patch of kind.yaml undoes the plan: %.*s",
				       STR(diags.first->message)));
	}
	if (!str_eq(domain, j->input->config->dns_domain))
		refuse(j, TEXT(j, "kubeadm would be told the domain '%.*s', the plan says '%.*s'", STR(domain),
			       STR(j->input->config->dns_domain)));
}

static void check_kind_yaml(struct judge *j)
{
	const struct pod_config *c = j->input->config;
	struct sources sources = {0};
	struct plan_reader p = {.j = j, .check = {.arena = j->arena, .sources = &sources}};
	struct diags diags;
	p.root = parse(&p, j->input->kind_yaml->name, j->input->kind_yaml->text, &diags);
	if (!p.root || p.root->kind != NODE_MAP) {
		const struct diag *d = diags.first;
		refuse(j, TEXT(j, "kind.yaml does not parse: line %u: %.*s", d ? d->place.line : 0,
			       STR(d ? d->message : S("no map"))));
		return;
	}
	check_range_key(&p, S("podSubnet"), &c->pods);
	check_range_key(&p, S("serviceSubnet"), &c->services);
	struct str port = TEXT(j, "%u", c->api_port),
		   said = node_text(node_find(p.root, S("networking.apiServerPort")));
	if (!str_eq(said, port))
		refuse(j, TEXT(j, "kind.yaml says apiServerPort '%.*s', the plan %.*s", STR(said), STR(port)));
	if (!str_eq(node_text(node_get(p.root, S("name"))), c->cluster))
		refuse(j, TEXT(j, "kind.yaml is of cluster '%.*s', kdk.yaml of '%.*s'",
			       STR(node_text(node_get(p.root, S("name")))), STR(c->cluster)));
	check_patches(&p);
}

static bool lies_in(struct str inner, struct str outer)
{
	return inner.n > outer.n + 1 && str_ends(inner, outer) && inner.p[inner.n - outer.n - 1] == '.';
}

/* As the rule dns-domain-same of kdk-render, with the domain that the pod's search list says. */
static void check_domain(struct judge *j)
{
	struct str parent = parent_domain(j->input->around), own = j->input->config->dns_domain;
	if (parent.n == 0)
		return;
	if (str_eq(parent, own))
		judge_fail(j, POD_EXIT_CONFLICT,
			   TEXT(j,
				"the nested domain %.*s is the parent's: the nested DNS would answer for the parent's "
				"names, and say that they do not exist",
				STR(own)),
			   S("leave dnsDomainName out: it is <name>.kdk then"));
	else if (lies_in(own, parent) || lies_in(parent, own))
		judge_warn(j,
			   TEXT(j,
				"the nested domain %.*s and the parent's, %.*s, lie in each other: names of one would "
				"be looked up in the other",
				STR(own), STR(parent)),
			   S("leave dnsDomainName out: it is <name>.kdk then"));
}

static void check_docker_version(struct judge *j)
{
	enum { LEAST = 26, WANTED = 28 };
	struct str version = str_trim(j->input->docker_version);
	int64_t major;
	if (!parse_integer(str_to(version, str_find(version, '.')), &major)) {
		judge_skip(j, S("Docker's version is not known"));
		return;
	}
	j->facts = TEXT(j, "Docker %.*s", STR(version));
	if (major < LEAST)
		judge_fail(j, POD_EXIT_UNFIT, TEXT(j, "Docker %.*s is older than %d", STR(version), LEAST),
			   S("use KDK's image, or a newer base for yours"));
	else if (major < WANTED)
		judge_warn(j,
			   TEXT(j,
				"Docker %.*s asks the parent's DNS servers from inside the nodes' network: a range "
				"that holds one breaks all names",
				STR(version)),
			   TEXT(j, "Docker %d and later asks from the pod's network", WANTED));
}

void judge_versions(struct judge *j)
{
	if (j->with_docker) {
		check_docker_version(j);
		return;
	}
	j->facts = TEXT(j, "kind.yaml %s, domain %.*s, parent's %.*s", j->input->kind_yaml ? "read" : "not given",
			STR(j->input->config->dns_domain),
			STR(parent_domain(j->input->around).n ? parent_domain(j->input->around) : S("not known")));
	if (j->input->kind_yaml)
		check_kind_yaml(j);
	check_domain(j);
}

/* --- P18 --- */

void judge_volume(struct judge *j)
{
	struct str cluster = j->input->config->cluster;
	if (j->input->state.n == 0) {
		j->facts = S("a new volume");
		return;
	}
	struct sources sources = {0};
	struct plan_reader p = {.j = j, .check = {.arena = j->arena, .sources = &sources}};
	struct diags diags;
	const struct node *state = parse(&p, S("state.json"), j->input->state, &diags);
	struct str owner = node_text(node_get(state, S("cluster")));
	j->facts = TEXT(j, "state.json of cluster '%.*s'", STR(owner));
	if (owner.n == 0)
		judge_warn(j,
			   S("kdk/state.json on the data volume cannot be read: what is there is taken for a cluster "
			     "that was not finished"),
			   S("if the cluster is lost, delete the pod with its volume"));
	else if (!str_eq(owner, cluster))
		judge_fail(j, POD_EXIT_MISMATCH,
			   TEXT(j, "the data volume holds cluster '%.*s', not '%.*s'", STR(owner), STR(cluster)),
			   S("give the cluster a volume of its own, or rename it back"));
}
