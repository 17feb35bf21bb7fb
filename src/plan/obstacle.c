/* Parents, reserved and special ranges → a set of obstacles.
 *
 * What breaks depends on the pair: nested pods and services take effect in the
 * node's network namespace, docker's ranges in the pod's.
 */
#include "obstacle.h"

#include "../base/die.h"

const struct str part_names[] = {S_INIT("pods"), S_INIT("services"), S_INIT("docker"), S_INIT("block")};

static void add(struct arena *arena, struct range_set *set, struct obstacle about)
{
	struct obstacle *obstacle = NEW(arena, struct obstacle);
	*obstacle = about;
	range_add(arena, set, about.cidr, obstacle);
}

static struct cidr parse(struct str text)
{
	struct cidr cidr;
	cidr_parse(text, &cidr);
	return cidr;
}

static void add_list(struct arena *arena, struct range_set *set, const struct node *list, struct obstacle about)
{
	for (const struct node *n = !node_is_null(list) ? list->child : NULL; n; n = n->next) {
		struct addr addr;
		if (str_find(node_text(n), '/') == n->n && addr_parse(node_text(n), &addr))
			about.cidr = cidr_of(addr, ADDR_BITS);
		else
			about.cidr = parse(node_text(n));
		add(arena, set, about);
	}
}

/* What is left of ABOUT's range without the ranges of EXCEPT: halves it until each part is
 * wholly in or out. An exception deepens it by a level for each bit between their lengths. */
static void add_except(struct arena *arena, struct range_set *set, struct obstacle about, const struct node *except)
{
	bool touched = false;
	for (const struct node *e = except ? except->child : NULL; e; e = e->next) {
		struct cidr hole = parse(node_text(e));
		if (cidr_contains(hole, about.cidr))
			return;
		touched |= cidr_overlaps(hole, about.cidr);
	}
	if (!touched) {
		add(arena, set, about);
		return;
	}
	struct cidr whole = about.cidr;
	for (uint64_t half = 0; half < 2; half++) {
		about.cidr = cidr_part(whole, whole.length + 1u, half);
		add_except(arena, set, about, except);
	}
}

static void add_parent(struct arena *arena, struct range_set *set, const struct node *parent,
		       struct str name_of_parent, bool nearest)
{
	struct obstacle about = {.owner = name_of_parent};
	static const struct {
		struct str key;
		enum obstacle_kind kind;
	} lists[] = {
		{S_INIT("pods"), OBSTACLE_PODS},
		{S_INIT("services"), OBSTACLE_SERVICES},
		{S_INIT("nodes"), OBSTACLE_NODES},
		{S_INIT("dns"), OBSTACLE_DNS},
	};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		about.kind = lists[i].kind;
		about.avoided_only = !nearest && about.kind != OBSTACLE_DNS;
		add_list(arena, set, node_get(parent, lists[i].key), about);
	}
	const struct node *external = node_get(parent, S("external"));
	for (const struct node *e = !node_is_null(external) ? external->child : NULL; e; e = e->next) {
		if (node_is_null(e))
			continue;
		const struct node *name = node_get(e, S("name"));
		struct obstacle outside = {OBSTACLE_EXTERNAL, node_is_null(name) ? about.owner : node_text(name),
					   parse(node_text(node_get(e, S("cidr")))), false};
		add_except(arena, set, outside, node_get(e, S("except")));
	}
}

/* A vcluster has no network of its own: the next parent counts as nearest too. */
static bool is_transparent(const struct node *parent)
{
	const struct node *platform = node_get(parent, S("platform"));
	return !node_is_null(platform) && str_eq(node_text(platform), S("vcluster"));
}

void obstacles_add(struct arena *arena, struct range_set *set, const struct input *input)
{
	static const struct {
		struct str cidr, what;
	} special[] = {
		{S_INIT("0.0.0.0/8"), S_INIT("\"this network\" (RFC 791)")},
		{S_INIT("127.0.0.0/8"), S_INIT("loopback (RFC 1122), where Docker's resolver listens")},
		{S_INIT("169.254.0.0/16"), S_INIT("link-local (RFC 3927): cloud metadata, NodeLocal DNS")},
		{S_INIT("224.0.0.0/4"), S_INIT("multicast (RFC 5771)")},
		{S_INIT("255.255.255.255/32"), S_INIT("broadcast (RFC 919)")},
		{S_INIT("::/127"), S_INIT("unspecified and loopback (RFC 4291)")},
		{S_INIT("fe80::/10"), S_INIT("link-local (RFC 4291)")},
		{S_INIT("ff00::/8"), S_INIT("multicast (RFC 4291)")},
	};
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
		add(arena, set, (struct obstacle){OBSTACLE_SPECIAL, special[i].what, parse(special[i].cidr), false});

	const struct node *reserved = input->values.network.reserved;
	for (const struct node *r = reserved ? reserved->child : NULL; r; r = r->next) {
		if (node_is_null(r))
			continue;
		const struct node *name = node_get(r, S("name"));
		add(arena, set, (struct obstacle){OBSTACLE_RESERVED, node_is_null(name) ? S("network.reserved") : node_text(name),
						  parse(node_text(node_get(r, S("cidr")))), false});
	}
	/* What the chart found is the cluster that the pods run in: as near as a parent can be. */
	if (input->release.discovered)
		add_parent(arena, set, input->release.discovered, S("host"), true);
	bool nearest = true;
	const struct node *parents = input->values.parents;
	for (const struct node *p = parents ? parents->child : NULL; p; p = p->next) {
		if (node_is_null(p))
			continue;
		add_parent(arena, set, p, node_text(node_get(p, S("name"))), nearest);
		nearest = nearest && is_transparent(p);
	}
}

struct str obstacle_text(struct arena *arena, const struct obstacle *obstacle)
{
	static const char *const kinds[] = {"pods", "services", "nodes", "the resolver", "what must stay reachable,"};
	char text[CIDR_TEXT];
	struct str range = cidr_print(text, obstacle->cidr);
	if (obstacle->kind >= OBSTACLE_SPECIAL)
		return arena_fmt(arena, "%.*s: %.*s", STR(range), STR(obstacle->owner));
	const char *of = obstacle->kind == OBSTACLE_EXTERNAL ? "of" : "of parent";
	return arena_fmt(arena, "%s %.*s %s '%.*s'", kinds[obstacle->kind], STR(range), of, STR(obstacle->owner));
}

struct str obstacle_consequence(const struct obstacle *obstacle, enum part part)
{
	bool in_pod = part == PART_DOCKER || part == PART_BLOCK;
	switch (obstacle->kind) {
	case OBSTACLE_SERVICES:
	case OBSTACLE_DNS:
		if (part == PART_SERVICES)
			return S("the parent's DNS would be captured inside the cluster: lookups fail with \"write: operation not "
				 "permitted\" at first and \"i/o timeout\" later");
		return in_pod ? S("the parent's API server and DNS would be looked for on a Docker bridge: lookups time out and the "
				  "kubeconfig cannot be published") :
				S("nested pods that ask the parent's DNS would be sent to each other: lookups time out");
	case OBSTACLE_PODS:
	case OBSTACLE_NODES:
		return in_pod ? S("replies to probes and clients from there would go to a Docker bridge") :
				S("nested pods could not reach those addresses, nor answer them");
	case OBSTACLE_EXTERNAL:
		return S("it could not be reached from the nested cluster");
	case OBSTACLE_SPECIAL:
		return S("such addresses never leave a host, or mean something else on it");
	case OBSTACLE_RESERVED:
		return S("the values file says that it is never used");
	}
	BUG("not a kind of obstacle");
}

/* "pods, nodes": which of its ranges PARENT does not say. */
static struct str unknown_ranges(struct arena *arena, const struct node *parent)
{
	static const struct str lists[] = {S_INIT("pods"), S_INIT("services"), S_INIT("nodes")};
	struct str missing = {0};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (!node_get(parent, lists[i]))
			missing = arena_fmt(arena, "%.*s%s%.*s", STR(missing), missing.n ? ", " : "", STR(lists[i]));
	return missing;
}

/* What is not known cannot be checked: said, never silent. */
void obstacles_warn_unknown(struct check *check, const struct input *input)
{
	const struct node *parents = input->values.parents, *discovered = input->release.discovered;
	const char *consequence = "an overlap would show as DNS that fails inside the nested cluster";
	const char *example = "parents: [{name: host, pods: [...], services: [...], nodes: [...]}]";
	struct str missing = unknown_ranges(check->arena, discovered);
	if (!parents && !discovered && input->count) {
		struct diag *d = diag_add(check->diags, RULE_PARENT_UNKNOWN, (struct place){.path = S("parents")},
					  "no parent is given: nothing is checked against the cluster that the pods run in");
		diag_note(check->diags, d, "%s", consequence);
		diag_help(check->diags, d, "%s; or parents: [] if there are none", example);
	} else if (!parents && discovered && missing.n && input->count) {
		struct diag *d = diag_add(check->diags, RULE_PARENT_UNKNOWN, (struct place){.path = S("discovered")},
					  "of the host cluster these ranges are not known: %.*s", STR(missing));
		diag_note(check->diags, d, "%s", consequence);
		diag_help(check->diags, d, "give them: %s", example);
	}
	size_t index = 0;
	for (const struct node *p = parents ? parents->child : NULL; p; p = p->next, index++) {
		missing = unknown_ranges(check->arena, p);
		if (missing.n == 0 || node_is_null(p))
			continue;
		struct str path = arena_fmt(check->arena, "parents[%zu]", index);
		struct diag *d = diag_add(check->diags, RULE_PARENT_UNKNOWN, node_place(check->sources, p, path),
					  "of parent '%.*s' these ranges are not known: %.*s", STR(node_text(node_get(p, S("name")))),
					  STR(missing));
		diag_note(check->diags, d, "%s", consequence);
		diag_help(check->diags, d, "give them, or [] where there are none");
	}
}
