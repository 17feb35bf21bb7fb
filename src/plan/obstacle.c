/* Obstacles: special and reserved ranges, addresses in settings; and what each clash does.
 *
 * What breaks depends on the pair: nested pods are routes and nested services kube-proxy's
 * rules in the node's network namespace, docker's ranges are routes in the pod's.
 */
#include "obstacle.h"

#include "../base/die.h"
#include "layers.h"

const struct str part_names[] = {S_INIT("pods"), S_INIT("services"), S_INIT("docker"), S_INIT("block")};
const struct str layer_keys[] = {S_INIT("pods"), S_INIT("services"), S_INIT("nodes"), S_INIT("dns"), S_INIT("external")};

void obstacle_add(struct arena *arena, struct range_set *set, struct obstacle obstacle)
{
	if (!obstacle.cidr.set)
		return;
	struct obstacle *kept = NEW(arena, struct obstacle);
	*kept = obstacle;
	range_add(arena, set, obstacle.cidr, kept);
}

static struct cidr parse(struct str text)
{
	struct cidr cidr;
	cidr_parse(text, &cidr);
	return cidr;
}

/* Halves the range until each part is wholly in or out of HOLES: as many steps as bits, for each hole. */
static void add_around(struct arena *arena, struct range_set *set, struct obstacle obstacle, const struct range_set *holes)
{
	const struct range *hole = range_blocker(holes, obstacle.cidr);
	if (hole && cidr_contains(hole->cidr, obstacle.cidr))
		return;
	if (!hole) {
		obstacle_add(arena, set, obstacle);
		return;
	}
	struct cidr whole = obstacle.cidr;
	for (uint64_t half = 0; half < 2; half++) {
		obstacle.cidr = cidr_part(whole, whole.length + 1u, half);
		add_around(arena, set, obstacle, holes);
	}
}

void obstacle_add_except(struct arena *arena, struct range_set *set, struct obstacle obstacle, const struct node *except)
{
	struct range_set holes = {0};
	for (const struct node *e = !node_is_null(except) ? except->child : NULL; e; e = e->next)
		range_add(arena, &holes, parse(node_text(e)), NULL);
	range_build(&holes);
	if (obstacle.cidr.set)
		add_around(arena, set, obstacle, &holes);
}

static void add_special(struct arena *arena, struct range_set *set)
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
		obstacle_add(arena, set, (struct obstacle){.kind = OBSTACLE_SPECIAL, .name = special[i].what, .cidr = parse(special[i].cidr)});
}

static void add_reserved(struct check *check, struct range_set *set, const struct node *reserved)
{
	size_t index = 0;
	for (const struct node *r = reserved ? reserved->child : NULL; r; r = r->next, index++) {
		const struct node *name = node_get(r, S("name")), *cidr = node_get(r, S("cidr"));
		if (!cidr)
			continue;
		struct str path = arena_fmt(check->arena, "network.reserved[%zu].cidr", index);
		obstacle_add(check->arena, set,
			     (struct obstacle){
				     .kind = OBSTACLE_RESERVED,
				     .name = node_is_null(name) ? S("network.reserved") : node_text(name),
				     .cidr = parse(node_text(cidr)),
				     .place = node_place(check->sources, cidr, path),
			     });
	}
}

/* --- addresses in settings --- */

/* Whose settings are looked at, and where they are written. */
struct settings_owner {
	struct check *check;
	struct range_set *set;
	const struct input *input;
	const struct cluster_entry *cluster; /* NULL: those of all who give none of their own */
};

/* The host of URL, where it is an address and no name: behind the scheme and user, before port and path. */
static bool literal_host(struct str url, struct addr *addr)
{
	for (size_t i = 0; i + 3 <= url.n; i++) {
		if (str_eq(str_to(str_from(url, i), 3), S("://"))) {
			url = str_from(url, i + 3);
			break;
		}
	}
	url = str_to(url, str_find(url, '/'));
	size_t at = str_find(url, '@');
	if (at < url.n)
		url = str_from(url, at + 1);
	if (str_starts(url, S("[")))
		return addr_parse(str_to(str_from(url, 1), str_find(str_from(url, 1), ']')), addr);
	return addr_parse(str_to(url, str_find(url, ':')), addr);
}

static void add_address(const struct settings_owner *owner, struct str url, struct str dotted_path)
{
	struct addr addr;
	if (!literal_host(url, &addr))
		return;
	struct check *check = owner->check;
	bool own = owner->cluster && node_find(owner->cluster->key->next, dotted_path);
	obstacle_add(check->arena, owner->set,
		     (struct obstacle){
			     .kind = OBSTACLE_ADDRESS,
			     .settings = owner->cluster ? owner->cluster->settings : &owner->input->defaults,
			     .name = dotted_path,
			     .cidr = cidr_of(addr, ADDR_BITS),
			     .place = own ? cluster_place(check, owner->cluster, dotted_path) :
					    input_place(check, owner->input, arena_fmt(check->arena, "defaults.%.*s", STR(dotted_path))),
		     });
}

static void add_addresses(const struct settings_owner *owner, const struct settings *s)
{
	add_address(owner, s->proxy.http, S("proxy.http"));
	add_address(owner, s->proxy.https, S("proxy.https"));
	add_address(owner, s->dockerHost, S("dockerHost"));
	for (const struct node *key = s->registries ? s->registries->child : NULL; key; key = key->next->next) {
		const struct node *mirrors = node_get(key->next, S("mirrors"));
		add_address(owner, node_text(key), S("registries"));
		for (const struct node *m = mirrors ? mirrors->child : NULL; m; m = m->next)
			add_address(owner, node_text(m), S("registries"));
	}
	const struct node *servers = node_get(s->dnsConfig, S("nameservers"));
	for (const struct node *n = !node_is_null(servers) ? servers->child : NULL; n; n = n->next) {
		/* An IPv6 address has no brackets here. */
		struct str host = str_find(node_text(n), ':') < n->n ? arena_fmt(owner->check->arena, "[%.*s]", STR(node_text(n))) :
								       node_text(n);
		add_address(owner, host, S("dnsConfig.nameservers"));
	}
}

void obstacles_add_own(struct check *check, struct range_set *set, const struct input *input)
{
	add_special(check->arena, set);
	add_reserved(check, set, input->values.network.reserved);
	struct settings_owner owner = {check, set, input, NULL};
	add_addresses(&owner, &input->defaults);
	for (size_t i = 0; i < input->count; i++) {
		if (input->clusters[i].settings == &input->defaults)
			continue;
		owner.cluster = &input->clusters[i];
		add_addresses(&owner, owner.cluster->settings);
	}
}

/* --- what is said of a clash --- */

enum rule obstacle_rule(const struct obstacle *obstacle)
{
	switch (obstacle->kind) {
	case OBSTACLE_PODS:
	case OBSTACLE_SERVICES:
	case OBSTACLE_NODES:
		return obstacle->layer->nearest ? RULE_RANGE_OVERLAPS_PARENT : RULE_RANGE_OVERLAPS_ANCESTOR;
	case OBSTACLE_EXTERNAL:
		return RULE_RANGE_OVERLAPS_PARENT;
	case OBSTACLE_DNS:
		return RULE_DNS_INSIDE_RANGE;
	case OBSTACLE_ADDRESS:
		return RULE_ADDRESS_INSIDE_RANGE;
	case OBSTACLE_SPECIAL:
	case OBSTACLE_RESERVED:
		break;
	}
	return RULE_RANGE_RESERVED;
}

struct str obstacle_text(struct arena *arena, const struct obstacle *obstacle)
{
	static const char *const kinds[] = {"pods", "services", "nodes", "the resolver"};
	char text[CIDR_TEXT];
	struct str range = cidr_print(text, obstacle->cidr);
	if (cidr_bits(obstacle->cidr) == 0)
		range = str_to(range, str_find(range, '/'));
	switch (obstacle->kind) {
	case OBSTACLE_PODS:
	case OBSTACLE_SERVICES:
	case OBSTACLE_NODES:
	case OBSTACLE_DNS:
		return arena_fmt(arena, "%s %.*s of parent '%.*s'", kinds[obstacle->kind], STR(range), STR(obstacle->layer->name));
	case OBSTACLE_EXTERNAL:
		return arena_fmt(arena, "%.*s, which must stay reachable: %.*s of parent '%.*s'", STR(range),
				 STR(obstacle->name.n ? obstacle->name : S("external")), STR(obstacle->layer->name));
	case OBSTACLE_ADDRESS:
		return arena_fmt(arena, "%.*s, an address of %.*s", STR(range), STR(obstacle->name));
	case OBSTACLE_SPECIAL:
	case OBSTACLE_RESERVED:
		return arena_fmt(arena, "%.*s: %.*s", STR(range), STR(obstacle->name));
	}
	BUG("not a kind of obstacle");
}

/* Measured or read, pair by pair, where docs/rules/range-overlaps-parent.md says. */
static const struct str clashes[LAYER_KINDS][PART_BLOCK] = {
	[OBSTACLE_PODS] = {
		[PART_PODS] = S_INIT("nested pods could not reach those addresses, nor answer them: the replies follow the nested pods' routes"),
		[PART_SERVICES] = S_INIT("connections to those pods would be taken for nested services: dropped with kubeProxyMode nftables, "
					 "misdirected where a nested service has the address"),
		[PART_DOCKER] = S_INIT("replies to pods there, and to the pod's own gateway, would go to a Docker bridge"),
	},
	[OBSTACLE_SERVICES] = {
		[PART_PODS] = S_INIT("nested pods that ask the parent's DNS would be sent to each other: lookups time out"),
		[PART_SERVICES] = S_INIT("the parent's Services would be captured inside the cluster, its DNS among them: up to Docker 27 lookups "
					 "fail with \"write: operation not permitted\" at first and \"i/o timeout\" later"),
		[PART_DOCKER] = S_INIT("the parent's API server and DNS would be looked for on a Docker bridge: lookups time out and the "
				       "kubeconfig cannot be published"),
	},
	[OBSTACLE_NODES] = {
		[PART_PODS] = S_INIT("nested pods could not reach those nodes, nor answer them: the replies follow the nested pods' routes"),
		[PART_SERVICES] = S_INIT("connections to those nodes would be taken for nested services: dropped with kubeProxyMode nftables, "
					 "misdirected where a nested service has the address"),
		[PART_DOCKER] = S_INIT("those nodes could not be reached, and replies to clients that have their addresses would go to a "
				       "Docker bridge"),
	},
	[OBSTACLE_DNS] = {
		[PART_PODS] = S_INIT("nested pods that ask that resolver would be sent to each other: lookups time out"),
		[PART_SERVICES] = S_INIT("that resolver would be captured inside the cluster: up to Docker 27 \"failed to query external DNS server\", as "
					 "\"operation not permitted\" at first and \"i/o timeout\" later"),
		[PART_DOCKER] = S_INIT("that resolver would be looked for on a Docker bridge: \"failed to query external DNS server\", as "
				       "\"i/o timeout\""),
	},
	[OBSTACLE_EXTERNAL] = {
		[PART_PODS] = S_INIT("it could not be reached from nested pods: they would be sent to each other"),
		[PART_SERVICES] = S_INIT("it could not be reached from the nested cluster: connections would be taken for nested services"),
		[PART_DOCKER] = S_INIT("it could not be reached from the nested cluster, nor by Docker: connections would go to a Docker bridge"),
	},
};

struct str obstacle_consequence(const struct obstacle *obstacle, enum part part)
{
	switch (obstacle->kind) {
	case OBSTACLE_PODS:
	case OBSTACLE_SERVICES:
	case OBSTACLE_NODES:
	case OBSTACLE_DNS:
	case OBSTACLE_EXTERNAL:
		return clashes[obstacle->kind][part];
	case OBSTACLE_ADDRESS:
		return S("it could not be reached from the nested cluster: nothing would be pulled through it, or resolved");
	case OBSTACLE_SPECIAL:
		return S("such addresses never leave a host, or mean something else on it");
	case OBSTACLE_RESERVED:
		return S("the values file says that it is never used");
	}
	BUG("not a kind of obstacle");
}
