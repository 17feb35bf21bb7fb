/* P07: nested ranges against what is really there, and against what kdk.yaml says of the parents.
 *
 * What the pod sees becomes obstacles of plan/obstacle, with the kind that they have for kdk-render: the
 * pod's own network is pods of the nearest parent, KUBERNETES_SERVICE_HOST its services, the node's address its
 * nodes, a resolver its DNS; any other route leads to what must stay reachable.
 */
#include "judge.h"

#include <linux/rtnetlink.h>

#include "../plan/obstacle.h"
#include "../plan/clash.h"
#include "../plan/layers.h"

struct seen {
	struct obstacle obstacle; /* first: what range sets own */
	struct str what;          /* "the pod's DNS server 10.96.0.10" */
	size_t parent;            /* 0: seen here; else that one of kdk.yaml, from 1 on */
};

struct scene {
	struct judge *j;
	struct range_set set;
	struct range_set special;
	size_t routes;
};

/* What is seen belongs to the cluster that the pod runs in, whatever its name is. */
static const struct layer here = {.name = S_INIT("host"), .nearest = true};

static void add(struct scene *s, struct seen seen)
{
	struct seen *kept = NEW(s->j->arena, struct seen);
	*kept = seen;
	range_add(s->j->arena, &s->set, seen.obstacle.cidr, kept);
}

static void add_seen(struct scene *s, enum obstacle_kind kind, struct cidr cidr, struct str what)
{
	add(s, (struct seen){.obstacle = {.kind = kind, .layer = &here, .cidr = cidr_masked(cidr)}, .what = what});
}

static struct str address_text(struct scene *s, const char *what, struct addr addr)
{
	char text[ADDR_TEXT];
	return TEXT(s->j, "%s %.*s", what, STR(addr_print(text, addr)));
}

static void add_address(struct scene *s, enum obstacle_kind kind, struct str text, const char *what)
{
	struct addr addr;
	if (addr_parse(text, &addr))
		add_seen(s, kind, cidr_of(addr, ADDR_BITS), address_text(s, what, addr));
}

/* Loopback, link-local and multicast are no obstacles where they are seen, as no nested range may be there. */
static bool is_special(const struct scene *s, struct cidr cidr)
{
	struct range_hits hits = range_hits(&s->special, cidr);
	for (const struct range *hit; (hit = range_hit(&hits));)
		if (((const struct obstacle *)hit->owner)->kind == OBSTACLE_SPECIAL && cidr_contains(hit->cidr, cidr))
			return true;
	return false;
}

static bool is_own_prefix(const struct pod_network *n, const struct route *route)
{
	for (size_t i = 0; i < n->address_count; i++)
		if (n->addresses[i].link == route->link && cidr_eq(cidr_masked(n->addresses[i].cidr), route->to))
			return true;
	return false;
}

static void see_network(struct scene *s)
{
	const struct pod_network *n = &s->j->input->around->network;
	char text[CIDR_TEXT];
	for (size_t i = 0; i < n->address_count; i++) {
		struct cidr cidr = n->addresses[i].cidr;
		if (is_special(s, cidr_of(cidr.addr, ADDR_BITS)) || is_docker_link(n, n->addresses[i].link))
			continue;
		add_seen(s, OBSTACLE_PODS, cidr_of(cidr.addr, ADDR_BITS),
			 address_text(s, "the pod's own address", cidr.addr));
		if (cidr.length < ADDR_BITS)
			add_seen(s, OBSTACLE_PODS, cidr,
				 TEXT(s->j, "the pod's network %.*s", STR(cidr_print(text, cidr_masked(cidr)))));
	}
	for (size_t i = 0; i < n->route_count; i++) {
		const struct route *r = &n->routes[i];
		if (r->type != RTN_UNICAST || is_docker_link(n, r->link))
			continue;
		if (r->has_gateway && !is_special(s, cidr_of(r->gateway, ADDR_BITS)))
			add_seen(s, OBSTACLE_PODS, cidr_of(r->gateway, ADDR_BITS),
				 address_text(s, "the pod's gateway", r->gateway));
		bool half = cidr_prefix(r->to) <= 1; /* a default route, as VPNs write it */
		if (half || is_special(s, r->to))
			continue;
		s->routes++;
		bool gateway = cidr_bits(r->to) == 0; /* Calico and others: a route to the gateway alone */
		if (!is_own_prefix(n, r))
			add_seen(s, gateway ? OBSTACLE_PODS : OBSTACLE_EXTERNAL, r->to,
				 TEXT(s->j, "the pod's route to %.*s", STR(cidr_print(text, r->to))));
	}
}

static void see_list(struct scene *s, size_t parent, const struct layer *layer, enum obstacle_kind kind,
		     const struct cidr_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct obstacle obstacle = {.kind = kind, .layer = layer, .cidr = list->items[i]};
		add(s, (struct seen){
			       .obstacle = obstacle, .what = obstacle_text(s->j->arena, &obstacle), .parent = parent});
	}
}

static void see_parents(struct scene *s)
{
	const struct pod_config *config = s->j->input->config;
	struct layer *layers = NEW_ARRAY(s->j->arena, struct layer, config->parent_count);
	for (size_t i = 0; i < config->parent_count; i++) {
		const struct pod_parent *p = &config->parents[i];
		layers[i] = (struct layer){.name = p->name, .domain = p->domain, .nearest = p->nearest};
		see_list(s, i + 1, &layers[i], OBSTACLE_PODS, &p->pods);
		see_list(s, i + 1, &layers[i], OBSTACLE_SERVICES, &p->services);
		see_list(s, i + 1, &layers[i], OBSTACLE_NODES, &p->nodes);
		see_list(s, i + 1, &layers[i], OBSTACLE_DNS, &p->dns);
		see_list(s, i + 1, &layers[i], OBSTACLE_EXTERNAL, &p->external);
	}
}

/* Special ranges, and the addresses of proxies and of a Docker host. */
static void see_own(struct scene *s)
{
	const struct pod_config *config = s->j->input->config;
	struct settings settings = {.proxy = {.http = config->proxy_http, .https = config->proxy_https},
				    .dockerHost = s->j->input->around->docker_host};
	struct input input = {.defaults = settings};
	struct check check = {.arena = s->j->arena};
	obstacles_add_own(&check, &s->special, &input);
	range_build(&s->special);
	for (size_t i = 0; i < s->special.count; i++) {
		const struct obstacle *o = s->special.items[i].owner;
		add(s, (struct seen){.obstacle = *o, .what = obstacle_text(s->j->arena, o)});
	}
}

/* --- judging --- */

/* Whether some parent of kdk.yaml has it already: then what was rendered is not from these values. */
static bool is_given(const struct scene *s, struct cidr cidr)
{
	struct range_hits hits = range_hits(&s->set, cidr);
	for (const struct range *hit; (hit = range_hit(&hits));)
		if (((const struct seen *)hit->owner)->parent && cidr_contains(hit->cidr, cidr))
			return true;
	return false;
}

static struct str remedy_of(const struct scene *s, const struct seen *seen)
{
	struct judge *j = s->j;
	char text[CIDR_TEXT];
	const struct obstacle *o = &seen->obstacle;
	if (seen->parent || is_given(s, o->cidr))
		return S("render and apply the values again, so that another range is assigned, then delete the pod; "
			 "preflight: warn starts all the same");
	if (o->kind > OBSTACLE_EXTERNAL)
		return S("render the values again with another range");
	struct str range = cidr_print(text, o->cidr);
	if (o->kind == OBSTACLE_DNS)
		range = str_to(range, str_find(range, '/'));
	return TEXT(j,
		    "add %.*s to `%.*s` of a parent in the values and render again, so that another range is assigned; "
		    "preflight: warn starts "
		    "all the same",
		    STR(range), STR(layer_keys[o->kind]));
}

/* What is nested: a part of the cluster, or a network that Docker has. */
struct nested {
	enum part part;
	struct cidr cidr;
	struct str name; /* "services", "Docker network 'kind'" */
};

static void judge_hit(const struct scene *s, const struct nested *nested, const struct seen *seen, size_t more)
{
	struct judge *j = s->j;
	char text[CIDR_TEXT];
	const struct obstacle *o = &seen->obstacle;
	bool address = cidr_bits(o->cidr) == 0;
	struct str others = more ? TEXT(j, " and %zu more like it", more) : S("");
	struct str sentence =
		TEXT(j, "%.*s %.*s %s%s %.*s%.*s: %.*s", STR(nested->name), STR(cidr_print(text, nested->cidr)),
		     address ? "hold" : "overlap", nested->part == PART_DOCKER ? "s" : "", STR(seen->what), STR(others),
		     STR(obstacle_consequence(o, nested->part)));
	if (rule_info(obstacle_rule(o))->level == LEVEL_ERROR)
		judge_fail(j, POD_EXIT_CONFLICT, sentence, remedy_of(s, seen));
	else
		judge_warn(j, sentence, remedy_of(s, seen));
}

/* One finding for each kind of obstacle that is seen, then for each of each parent: the first of them, and how many
 * more there are. The resolver comes first, as it is what a user would feel. */
static void judge_nested(struct scene *s, const struct nested *nested)
{
	static const enum obstacle_kind order[] = {OBSTACLE_DNS,     OBSTACLE_SERVICES, OBSTACLE_PODS,
						   OBSTACLE_NODES,   OBSTACLE_EXTERNAL, OBSTACLE_ADDRESS,
						   OBSTACLE_SPECIAL, OBSTACLE_RESERVED};
	enum { KINDS = sizeof order / sizeof *order };
	size_t layers = s->j->input->config->parent_count + 1;
	struct group {
		const struct seen *first;
		size_t more;
	} *groups = NEW_ARRAY(s->j->arena, struct group, layers * KINDS);
	struct range_hits hits = range_hits(&s->set, nested->cidr);
	for (const struct range *hit; (hit = range_hit(&hits));) {
		const struct seen *seen = hit->owner;
		struct group *group = &groups[seen->parent * KINDS + seen->obstacle.kind];
		if (group->first)
			group->more++;
		else
			group->first = seen;
	}
	for (size_t i = 0; i < layers * KINDS; i++) {
		const struct group *group = &groups[i / KINDS * KINDS + order[i % KINDS]];
		if (group->first)
			judge_hit(s, nested, group->first, group->more);
	}
}

static void judge_own(struct judge *j)
{
	const struct pod_config *c = j->input->config;
	const struct cidr_list *parts[] = {
		[PART_PODS] = &c->pods, [PART_SERVICES] = &c->services, [PART_DOCKER] = &c->docker};
	char one[CIDR_TEXT], two[CIDR_TEXT];
	for (size_t a = 0; a < 3; a++)
		for (size_t b = a + 1; b < 3; b++) {
			struct str consequence = clash_of_own((enum part)a, (enum part)b);
			for (size_t i = 0; i < parts[a]->count; i++)
				for (size_t k = 0; k < parts[b]->count; k++) {
					struct cidr x = parts[a]->items[i], y = parts[b]->items[k];
					if (cidr_overlaps(x, y))
						judge_fail(j, POD_EXIT_CONFIG,
							   TEXT(j, "%.*s %.*s overlap %.*s %.*s of this cluster: %.*s",
								STR(part_names[a]), STR(cidr_print(one, x)),
								STR(part_names[b]), STR(cidr_print(two, y)),
								STR(consequence)),
							   S("render the values again"));
				}
		}
}

static void judge_lists(struct scene *s)
{
	const struct pod_config *c = s->j->input->config;
	/* Services first: a resolver there is the failure that takes days to find. */
	const struct {
		enum part part;
		const struct cidr_list *list;
	} rows[] = {{PART_SERVICES, &c->services}, {PART_PODS, &c->pods}, {PART_DOCKER, &c->docker}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t k = 0; k < rows[i].list->count; k++)
			judge_nested(s,
				     &(struct nested){rows[i].part, rows[i].list->items[k], part_names[rows[i].part]});
}

/* --- networks that Docker has already, on the volume --- */

static void judge_network(struct scene *s, struct str name, struct str subnet)
{
	struct judge *j = s->j;
	struct cidr cidr;
	if (cidr_parse(subnet, &cidr) != CIDR_OK)
		return;
	size_t before = j->findings.count;
	judge_nested(s, &(struct nested){PART_DOCKER, cidr, TEXT(j, "Docker network '%.*s'", STR(name))});
	if (j->findings.count != before)
		return;
	const struct cidr_list *wanted =
		str_eq(name, S("kind")) ? &j->input->config->kind_network : &j->input->config->docker;
	for (size_t i = 0; i < wanted->count; i++)
		if (cidr_contains(wanted->items[i], cidr))
			return;
	judge_warn(j,
		   TEXT(j,
			"Docker network '%.*s' %.*s lies outside of what the plan gives it, %.*s: nobody knows whether "
			"it is free",
			STR(name), STR(subnet), STR(cidrs_text(j->arena, wanted))),
		   TEXT(j, "docker network rm %.*s, or set onChange: recreate", STR(name)));
}

static void judge_networks(struct scene *s)
{
	size_t count = 0;
	for (const struct node *n = docker_networks(s->j); n; n = n->next) {
		const struct node *list = node_find(n, S("IPAM.Config"));
		count++;
		for (const struct node *c = list && list->kind == NODE_LIST ? list->child : NULL; c; c = c->next)
			judge_network(s, node_text(node_get(n, S("Name"))), node_text(node_get(c, S("Subnet"))));
	}
	s->j->facts = TEXT(s->j, "%zu networks of Docker; %.*s", count, STR(s->j->facts));
}

void judge_ranges(struct judge *j)
{
	const struct pod_config *c = j->input->config;
	const struct surroundings *around = j->input->around;
	struct scene s = {.j = j};
	see_own(&s);
	see_network(&s);
	for (size_t i = 0; i < around->resolver.address_count; i++)
		if (!is_special(&s, cidr_of(around->resolver.addresses[i], ADDR_BITS)))
			add_seen(&s, OBSTACLE_DNS, cidr_of(around->resolver.addresses[i], ADDR_BITS),
				 address_text(&s, "the pod's DNS server", around->resolver.addresses[i]));
	add_address(&s, OBSTACLE_SERVICES, around->service_host, "the parent's API server");
	add_address(&s, OBSTACLE_NODES, around->host_ip, "the pod's node");
	add_address(&s, OBSTACLE_PODS, around->pod_ip, "the pod's own address");
	see_parents(&s);
	range_build(&s.set);
	j->facts = TEXT(j,
			"pods %.*s; services %.*s; docker %.*s; held against %zu addresses, %zu routes, %zu DNS "
			"servers, %zu parents",
			STR(cidrs_text(j->arena, &c->pods)), STR(cidrs_text(j->arena, &c->services)),
			STR(cidrs_text(j->arena, &c->docker)), around->network.address_count, s.routes,
			around->resolver.address_count, c->parent_count);
	if (j->with_docker) {
		judge_networks(&s);
		return;
	}
	judge_own(j);
	judge_lists(&s);
	if (!around->network.known && j->findings.count == j->first)
		judge_warn(j,
			   S("the kernel does not tell the pod's addresses and routes: only files and environment were "
			     "held against the ranges"),
			   S("run kdk-pod preflight in the pod, and report what it says"));
}
