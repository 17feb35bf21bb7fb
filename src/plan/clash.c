/* Ranges of a plan → clashes: with parents, with what is reserved, with each other.
 *
 * Every part of a cluster is looked up among the obstacles, and in a set of all clusters'
 * ranges. Clusters that have the same ranges are looked at once.
 */
#include "clash.h"

struct nested {
	size_t cluster;
	enum part part;
	struct cidr cidr;
};

struct finder {
	struct arena *arena;
	const struct plan *plan;
	struct range_set nested; /* owners are struct nested; empty with network.share */
	struct range_set *sets;  /* of obstacles: many of one kind are one clash, found in one step */
	size_t set_count;
	struct clashes found;
};

struct cidr family_part(const struct family_plan *ranges, enum part part)
{
	const struct cidr parts[] = {
		[PART_PODS] = ranges->pods, [PART_SERVICES] = ranges->services, [PART_DOCKER] = ranges->docker, [PART_BLOCK] = ranges->block};
	return parts[part];
}

static bool same_family(const struct family_plan *a, const struct family_plan *b)
{
	for (int part = PART_PODS; part <= PART_BLOCK; part++) {
		struct cidr x = family_part(a, (enum part)part), y = family_part(b, (enum part)part);
		if (x.set != y.set || (x.set && !cidr_eq(x, y)) || a->origin[part] != b->origin[part])
			return false;
	}
	return true;
}

size_t plan_run(const struct plan *plan, size_t first)
{
	const struct input *input = plan->input;
	struct cluster_plan ranges = plan_of(plan, first);
	size_t end = first + 1;
	for (; end < input->count && input->clusters[end].settings == input->clusters[first].settings; end++) {
		struct cluster_plan next = plan_of(plan, end);
		if (!same_family(&ranges.v4, &next.v4) || !same_family(&ranges.v6, &next.v6))
			break;
	}
	return end - first;
}

static void add(struct finder *f, struct clash clash)
{
	ARENA_PUSH(f->arena, f->found.items, f->found.count, f->found.capacity);
	f->found.items[f->found.count++] = clash;
}

/* Only clusters with their settings care about addresses. */
static bool concerns(const struct finder *f, const struct clash *clash, const struct obstacle *obstacle)
{
	return obstacle->kind != OBSTACLE_ADDRESS || obstacle->settings == f->plan->input->clusters[clash->cluster].settings;
}

static void find_obstacles(struct finder *f, struct clash clash)
{
	if (!range_blocker(&f->plan->layers->obstacles, clash.cidr))
		return;
	for (size_t i = 0; i < f->set_count; i++) {
		struct range_hits hits = range_hits(&f->sets[i], clash.cidr);
		clash.obstacle = NULL;
		clash.more = false;
		for (const struct range *hit; !clash.more && (hit = range_hit(&hits));) {
			if (!concerns(f, &clash, hit->owner))
				continue;
			clash.more = clash.obstacle;
			clash.obstacle = clash.obstacle ? clash.obstacle : hit->owner;
		}
		if (clash.obstacle)
			add(f, clash);
	}
}

/* A set for each kind of range of each layer, and for each kind that is of none. */
static void sort_obstacles(struct finder *f)
{
	enum { KINDS = OBSTACLE_RESERVED + 1 };
	const struct layers *layers = f->plan->layers;
	f->set_count = (layers->count + 1) * KINDS;
	f->sets = NEW_ARRAY(f->arena, struct range_set, f->set_count);
	for (size_t i = 0; i < layers->obstacles.count; i++) {
		const struct obstacle *o = layers->obstacles.items[i].owner;
		size_t layer = o->layer ? (size_t)(o->layer - layers->items) : layers->count;
		range_add(f->arena, &f->sets[layer * KINDS + o->kind], o->cidr, o);
	}
	for (size_t i = 0; i < f->set_count; i++)
		range_build(&f->sets[i]);
}

static void find_own(struct finder *f, size_t cluster, const struct family_plan *ranges)
{
	for (int a = PART_PODS; a <= PART_DOCKER; a++) {
		for (int b = a + 1; b <= PART_DOCKER; b++) {
			struct clash clash = {.cluster = cluster, .part = (enum part)a, .cidr = family_part(ranges, (enum part)a),
					      .other = cluster, .other_part = (enum part)b, .other_cidr = family_part(ranges, (enum part)b)};
			if (cidr_overlaps(clash.cidr, clash.other_cidr))
				add(f, clash);
		}
	}
}

/* The first range of a cluster before it, so that each pair is said once, and many equal ones in a line each. */
static void find_cluster(struct finder *f, size_t cluster, const struct family_plan *ranges)
{
	static const enum part order[] = {PART_BLOCK, PART_PODS, PART_SERVICES, PART_DOCKER};
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		struct cidr cidr = family_part(ranges, order[i]);
		struct range_hits hits = range_hits(&f->nested, cidr);
		for (const struct range *hit; cidr.set && (hit = range_hit(&hits));) {
			const struct nested *other = hit->owner;
			if (other->cluster >= cluster)
				continue;
			add(f, (struct clash){.cluster = cluster, .part = order[i], .cidr = cidr, .other = other->cluster,
					      .other_part = other->part, .other_cidr = other->cidr});
			return;
		}
	}
}

static void find_family(struct finder *f, size_t cluster, const struct family_plan *ranges)
{
	for (int part = PART_PODS; part <= PART_DOCKER; part++) {
		struct cidr cidr = family_part(ranges, (enum part)part);
		if (cidr.set)
			find_obstacles(f, (struct clash){.cluster = cluster, .part = (enum part)part, .cidr = cidr});
	}
	find_own(f, cluster, ranges);
	find_cluster(f, cluster, ranges);
}

static void add_nested(struct finder *f, size_t cluster, const struct family_plan *ranges)
{
	for (int part = PART_PODS; part <= PART_BLOCK; part++) {
		struct cidr cidr = family_part(ranges, (enum part)part);
		if (!cidr.set)
			continue;
		struct nested *nested = NEW(f->arena, struct nested);
		*nested = (struct nested){cluster, (enum part)part, cidr};
		range_add(f->arena, &f->nested, cidr, nested);
	}
}

struct clashes clashes_find(struct arena *arena, const struct plan *plan)
{
	struct finder f = {.arena = arena, .plan = plan};
	sort_obstacles(&f);
	for (size_t i = 0; i < plan->input->count && !plan->input->values.network.share; i++) {
		struct cluster_plan ranges = plan_of(plan, i);
		add_nested(&f, i, &ranges.v4);
		add_nested(&f, i, &ranges.v6);
	}
	range_build(&f.nested);
	bool share = plan->input->values.network.share;
	for (size_t i = 0; i < plan->input->count; i += share ? plan_run(plan, i) : 1) {
		struct cluster_plan ranges = plan_of(plan, i);
		find_family(&f, i, &ranges.v4);
		find_family(&f, i, &ranges.v6);
	}
	return f.found;
}

/* --- texts --- */

const struct str clash_of_clusters = S_INIT("clusters have ranges of their own unless network.share is true");

struct str clash_of_own(enum part a, enum part b)
{
	if (a == PART_DOCKER || b == PART_DOCKER)
		return S("routes and kube-proxy rules of one node would contradict each other");
	return S("Kubernetes gives no node pods that are services too: one for which no others are left never becomes Ready "
		 "(CIDRNotAvailable)");
}

enum level clash_level(const struct clash *clash)
{
	return clash->obstacle ? rule_info(obstacle_rule(clash->obstacle))->level : LEVEL_ERROR;
}

struct str clash_text(struct arena *arena, const struct plan *plan, const struct clash *clash)
{
	const struct cluster_entry *clusters = plan->input->clusters;
	const struct obstacle *o = clash->obstacle;
	char text[CIDR_TEXT];
	struct str other = o ? obstacle_text(arena, o) :
			       arena_fmt(arena, "%.*s %.*s of cluster '%.*s'", STR(part_names[clash->other_part]),
					 STR(cidr_print(text, clash->other_cidr)), STR(clusters[clash->other].name));
	bool one = clash->part == PART_DOCKER || clash->part == PART_BLOCK;
	bool address = o && (o->kind == OBSTACLE_DNS || o->kind == OBSTACLE_ADDRESS);
	return arena_fmt(arena, "%.*s %.*s of cluster '%.*s' %s%s %.*s", STR(part_names[clash->part]),
			 STR(cidr_print(text, clash->cidr)), STR(clusters[clash->cluster].name), address ? "hold" : "overlap",
			 one ? "s" : "", STR(other));
}

struct str clash_consequence(struct arena *arena, const struct clash *clash)
{
	if (!clash->obstacle)
		return clash->other == clash->cluster ? clash_of_own(clash->part, clash->other_part) : clash_of_clusters;
	struct str text = obstacle_consequence(clash->obstacle, clash->part);
	if (clash_level(clash) == LEVEL_ERROR)
		return text;
	return arena_fmt(arena, "only where that cluster is addressed directly: %.*s", STR(text));
}
