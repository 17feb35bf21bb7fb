/* `parents` → typed parents and obstacles; and what can be said of them alone.
 *
 * Takes checked values. Gives every range of every layer, those that a platform usually has
 * where a parent leaves them out, and warns of what is not known: an overlap with that
 * could not be seen.
 */
#include "layers.h"

#include "../base/map.h"

static const struct platform {
	struct str name, lists[LAYER_LISTS];
} platforms[] = {
#define PLATFORM(name, pods, services, nodes) {S_INIT(name), {S_INIT(pods), S_INIT(services), S_INIT(nodes)}},
#include "platforms.def"
};

static const char consequence[] = "an overlap with what is not known would show as DNS that fails inside the nested cluster";

struct loader {
	struct check *check;
	const struct input *input;
	struct layers *layers;
};

static struct str missing_text(struct arena *arena, const struct layer *layer, enum knowledge what)
{
	struct str list = {0};
	for (size_t i = 0; i < LAYER_LISTS; i++)
		if (layer->known[i] == what)
			list = arena_fmt(arena, "%.*s%s%.*s", STR(list), list.n ? ", " : "", STR(layer_keys[i]));
	return list;
}

/* --- ranges --- */

static void add_list(struct loader *l, const struct layer *layer, enum obstacle_kind kind, const struct node *list)
{
	size_t index = 0;
	for (const struct node *n = list->child; n; n = n->next, index++) {
		struct obstacle obstacle = {.kind = kind, .layer = layer};
		struct addr addr;
		if (addr_parse(node_text(n), &addr)) /* a resolver, or a node as the chart found it */
			obstacle.cidr = cidr_of(addr, ADDR_BITS);
		else
			cidr_parse(node_text(n), &obstacle.cidr);
		struct str path = arena_fmt(l->check->arena, "%.*s.%.*s[%zu]", STR(layer->place.path), STR(layer_keys[kind]), index);
		obstacle.place = node_place(l->check->sources, n, path);
		obstacle_add(l->check->arena, &l->layers->obstacles, obstacle);
	}
}

static void add_external(struct loader *l, const struct layer *layer, const struct node *list)
{
	size_t index = 0;
	for (const struct node *e = list->child; e; e = e->next, index++) {
		const struct node *name = node_get(e, S("name")), *cidr = node_get(e, S("cidr"));
		if (!cidr)
			continue;
		struct obstacle obstacle = {.kind = OBSTACLE_EXTERNAL, .layer = layer};
		cidr_parse(node_text(cidr), &obstacle.cidr);
		if (!node_is_null(name))
			obstacle.name = node_text(name);
		struct str path = arena_fmt(l->check->arena, "%.*s.external[%zu].cidr", STR(layer->place.path), index);
		obstacle.place = node_place(l->check->sources, cidr, path);
		obstacle_add_except(l->check->arena, &l->layers->obstacles, obstacle, node_get(e, S("except")));
	}
}

static void assume(struct loader *l, struct layer *layer, enum obstacle_kind kind, const struct platform *platform)
{
	struct str rest = platform->lists[kind];
	while (rest.n) {
		struct obstacle obstacle = {.kind = kind, .layer = layer, .place = layer->place};
		size_t space = str_find(rest, ' ');
		cidr_parse(str_to(rest, space), &obstacle.cidr);
		obstacle_add(l->check->arena, &l->layers->obstacles, obstacle);
		rest = str_from(rest, space + 1);
		layer->known[kind] = ASSUMED;
	}
}

static const struct platform *find_platform(struct str name)
{
	for (size_t i = 0; i < sizeof platforms / sizeof platforms[0]; i++)
		if (str_eq(platforms[i].name, name))
			return &platforms[i];
	return NULL;
}

/* Whether there is more than what was understood. */
static bool holds_refused(const struct node *list)
{
	bool refused = list->refused;
	for (const struct node *n = list->kind == NODE_LIST ? list->child : NULL; n; n = n->next)
		refused |= n->refused;
	return refused;
}

static void load_ranges(struct loader *l, struct layer *layer, const struct node *map, bool last)
{
	const struct platform *platform = find_platform(layer->platform);
	bool vcluster = str_eq(layer->platform, S("vcluster"));
	for (int kind = OBSTACLE_PODS; kind <= OBSTACLE_EXTERNAL; kind++) {
		const struct node *list = node_get(map, layer_keys[kind]);
		if (!node_is_null(list) && kind == OBSTACLE_EXTERNAL)
			add_external(l, layer, list);
		else if (!node_is_null(list))
			add_list(l, layer, (enum obstacle_kind)kind, list);
		if (kind >= LAYER_LISTS)
			continue;
		if (list)
			layer->known[kind] = holds_refused(list) ? REFUSED : GIVEN;
		else if (vcluster && !last)
			layer->known[kind] = NEXT_LAYERS;
		else if (platform)
			assume(l, layer, (enum obstacle_kind)kind, platform);
	}
}

/* --- what is said of one parent --- */

static void warn_unknown(struct loader *l, const struct layer *layer)
{
	struct arena *arena = l->check->arena;
	struct str missing = missing_text(arena, layer, NOT_KNOWN), assumed = missing_text(arena, layer, ASSUMED);
	if (assumed.n) {
		struct diag *d = diag_add_as(l->check->diags, l->check->strict ? LEVEL_WARNING : LEVEL_NOTE, RULE_PARENT_ASSUMED,
					     layer->place, "of parent '%.*s' these ranges are taken to be as %.*s usually has them: %.*s",
					     STR(layer->name), STR(layer->platform), STR(assumed));
		diag_help(l->check->diags, d, "give them as they are; `kdk-render discover` finds them");
	}
	if (missing.n == 0)
		return;
	struct diag *d = diag_add(l->check->diags, RULE_PARENT_UNKNOWN, layer->place,
				  "of parent '%.*s' these ranges are not known: %.*s", STR(layer->name), STR(missing));
	diag_note(l->check->diags, d, "%s", consequence);
	diag_help(l->check->diags, d, "give them, or [] where there are none");
}

static void warn_none(struct loader *l)
{
	if (l->layers->count || l->input->values.parents || l->input->count == 0)
		return;
	struct diag *d = diag_add(l->check->diags, RULE_PARENT_UNKNOWN, input_place(l->check, l->input, S("parents")),
				  "no parent is given: nothing is checked against the cluster that the pods run in");
	diag_note(l->check->diags, d, "%s", consequence);
	diag_help(l->check->diags, d,
		  "parents: [{name: host, pods: [...], services: [...], nodes: [...]}]; or parents: [] if there are none");
}

static void load_parents(struct loader *l)
{
	const struct node *list = l->input->values.parents, *discovered = l->input->release.discovered;
	struct layers *layers = l->layers;
	layers->items = NEW_ARRAY(l->check->arena, struct layer, (list ? list->n : 0) + (discovered != NULL));
	bool nearest = true;
	size_t index = 0;
	for (const struct node *p = list ? list->child : NULL; p; p = p->next, index++) {
		const struct node *platform = node_get(p, S("platform")), *domain = node_get(p, S("dnsDomain"));
		if (node_is_null(p))
			continue;
		struct layer *layer = &layers->items[layers->count++];
		*layer = (struct layer){
			.name = node_text(node_get(p, S("name"))),
			.platform = node_is_null(platform) ? S("") : node_text(platform),
			.domain = node_is_null(domain) ? S("cluster.local") : node_text(domain),
			.place = node_place(l->check->sources, p, arena_fmt(l->check->arena, "parents[%zu]", index)),
			.nearest = nearest,
		};
		nearest = nearest && str_eq(layer->platform, S("vcluster"));
		load_ranges(l, layer, p, !p->next);
		warn_unknown(l, layer);
	}
	if (!discovered)
		return;
	/* What the chart found is the cluster that the pods run in: as near as a parent can be. */
	struct layer *host = &layers->items[layers->count++];
	*host = (struct layer){.name = S("host"), .domain = S("cluster.local"), .nearest = true,
				.place = node_place(l->check->sources, discovered, S("discovered"))};
	load_ranges(l, host, discovered, true);
	if (!list)
		warn_unknown(l, host);
}

/* --- what is said of several --- */

/* Two clusters that can reach each other have services and pods of their own; nodes and what must
 * stay reachable may well lie in each other. */
static bool contradict(const struct obstacle *a, const struct obstacle *b)
{
	if (!b->layer || a->layer == b->layer || b->kind > OBSTACLE_NODES)
		return false;
	return a->kind == OBSTACLE_SERVICES || (a->kind == OBSTACLE_PODS && b->kind == OBSTACLE_PODS);
}

static bool is_transparent(const struct layer *layer)
{
	return str_eq(layer->platform, S("vcluster"));
}

static void warn_overlaps(struct loader *l)
{
	const struct range_set *set = &l->layers->obstacles;
	for (size_t i = 0; i < set->count; i++) {
		const struct obstacle *a = set->items[i].owner;
		if (a->kind > OBSTACLE_SERVICES || is_transparent(a->layer))
			continue;
		struct range_hits hits = range_hits(set, set->items[i].cidr);
		for (const struct range *hit; (hit = range_hit(&hits));) {
			const struct obstacle *b = hit->owner;
			bool twice = contradict(b, a) && hit->order < set->items[i].order;
			if (!contradict(a, b) || twice || is_transparent(b->layer))
				continue;
			struct diag *d = diag_add(l->check->diags, RULE_PARENT_OVERLAPS_PARENT, a->place, "%.*s overlap %.*s",
						  STR(obstacle_text(l->check->arena, a)), STR(obstacle_text(l->check->arena, b)));
			diag_related(l->check->diags, d, b->place, "the other one is given here");
			diag_note(l->check->diags, d, "one of them cannot be as it is written, or the nearer cluster does not reach the other");
			break; /* the first of a range's many */
		}
	}
}

static struct str cluster_domain(struct arena *arena, const struct cluster_entry *cluster)
{
	struct str given = cluster->settings->dnsDomainName;
	return given.n ? given : arena_fmt(arena, "%.*s.kdk", STR(cluster->name));
}

/* All that DOMAIN lies in, without itself: at each dot. */
static bool next_suffix(struct str *domain)
{
	*domain = str_from(*domain, str_find(*domain, '.') + 1);
	return domain->n > 0;
}

static void check_domains(struct loader *l)
{
	struct arena *arena = l->check->arena;
	struct map exact = {0}, around = {0}; /* domain → the parent that has it; what it lies in → the same */
	static const struct layer unsaid = {.name = S_INIT("host"), .domain = S_INIT("cluster.local")};
	size_t count = l->layers->count;
	for (size_t i = 0; i < (count ? count : !l->input->values.parents); i++) {
		const struct layer *layer = count ? &l->layers->items[i] : &unsaid;
		*map_at(arena, &exact, layer->domain) = (void *)(uintptr_t)layer;
		for (struct str suffix = layer->domain; next_suffix(&suffix);)
			*map_at(arena, &around, suffix) = (void *)(uintptr_t)layer;
	}
	for (size_t i = 0; exact.count && i < l->input->count; i++) {
		const struct cluster_entry *cluster = &l->input->clusters[i];
		struct str domain = cluster_domain(arena, cluster);
		const struct layer *same = map_get(&exact, domain), *inside = NULL, *outside = map_get(&around, domain);
		for (struct str suffix = domain; !inside && next_suffix(&suffix);)
			inside = map_get(&exact, suffix);
		const struct layer *other = same ? same : inside ? inside : outside;
		if (!other)
			continue;
		struct place place = cluster_place(l->check, cluster, S("dnsDomainName"));
		struct diag *d = diag_add_as(l->check->diags, same ? LEVEL_ERROR : LEVEL_WARNING, RULE_DNS_DOMAIN_SAME, place,
					     "domain %.*s of cluster '%.*s' %s %.*s of parent '%.*s'", STR(domain), STR(cluster->name),
					     same ? "equals" : inside ? "lies in" : "holds", STR(other->domain), STR(other->name));
		diag_note(l->check->diags, d,
			  same ? "the nested DNS would answer for the parent's names, and say that they do not exist" :
				 "names of one would be looked up in the other where both could have them");
		diag_help(l->check->diags, d, "leave dnsDomainName out: it is %.*s.kdk then", STR(cluster->name));
	}
}

const struct layers *layers_load(struct check *check, const struct input *input)
{
	struct loader l = {check, input, NEW(check->arena, struct layers)};
	load_parents(&l);
	warn_none(&l);
	obstacles_add_own(check, &l.layers->obstacles, input);
	range_build(&l.layers->obstacles);
	warn_overlaps(&l);
	check_domains(&l);
	return l.layers;
}
