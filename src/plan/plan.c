/* Typed values → ranges (design: "Assignment").
 *
 * For each address family: the pools and obstacles of every input; then each
 * cluster's pins and remembered block, which are only checked, never moved; then a
 * block by hash for whoever has none. What is pinned or remembered occupies its
 * slots before the first block is handed out, so the order of clusters and of keys
 * decides nothing.
 */
#include "plan.h"

#include "../base/map.h"
#include "obstacle.h"
#include "slots.h"

#include <stdlib.h>

/* One address family of one input. */
struct pool_plan {
	const struct input *input;
	bool v6;
	unsigned length[3]; /* of pods, services, docker; of 128 bits */
	unsigned block;
	struct cidr *pools;
	size_t pool_count;
	struct range_set obstacles;
	struct map assigned; /* before: cluster name → node of a block or a list of blocks */
	struct slots *slots;
	struct cidr shared; /* the block of all, where it is settled */
};

/* A cluster's range that is settled before any block is handed out. */
struct claim {
	const struct pool_plan *pool;
	const struct cluster_entry *cluster; /* NULL: the block that all share */
	enum part part;
	struct cidr cidr;
	bool remembered; /* assigned before, and not pinned */
};

struct planner {
	struct check *check;
	struct arena *arena;
	struct plan *plans;
	size_t count;
	bool v6;
	struct pool_plan *pools; /* one an input */
	struct range_set claims; /* owners are struct claim; across inputs */
};

static struct cidr parse(const struct node *node)
{
	struct cidr cidr = {0};
	if (!node_is_null(node) && node->n)
		cidr_parse(node_text(node), &cidr);
	return cidr;
}

static struct family_plan *family(struct plan *plan, size_t cluster, bool v6)
{
	return v6 ? &plan->v6[cluster] : &plan->v4[cluster];
}

static bool uses_v6(const struct cluster_entry *cluster)
{
	return !str_eq(cluster->settings->network.ipFamily, S("ipv4"));
}

/* ipv6 clusters have docker alone in v4, cut as in any block, so that a change of
 * family moves nothing. */
static bool needs(const struct cluster_entry *cluster, enum part part, bool v6)
{
	if (v6)
		return uses_v6(cluster);
	return part == PART_DOCKER || !str_eq(cluster->settings->network.ipFamily, S("ipv6"));
}

/* --- pools --- */

static unsigned block_length(const unsigned length[3])
{
	unsigned shortest = ADDR_BITS;
	for (int i = 0; i < 3; i++)
		shortest = length[i] < shortest ? length[i] : shortest;
	/* Behind one part of 2^n there is room for two of at most half its size in 2^(n+1). */
	int largest = 0;
	for (int i = 0; i < 3; i++)
		largest += length[i] == shortest;
	return shortest - (largest > 1 ? 2u : 1u);
}

static void refuse_pool(struct planner *p, const struct node *node, size_t index, const char *why, struct str detail)
{
	struct str path = arena_fmt(p->arena, "network.%s[%zu]", p->v6 ? "pools6" : "pools", index);
	struct diag *d = diag_add(p->check->diags, RULE_POOL_INVALID, node_place(p->check->sources, node, path),
				  "pool %.*s %s %.*s", STR(node_text(node)), why, STR(detail));
	diag_note(p->check->diags, d, "blocks are cut from the pools: each must hold one, and none may be in two");
}

static void load_pools(struct planner *p, struct pool_plan *pool, const struct node *list)
{
	struct range_set seen = {0};
	size_t index = 0;
	pool->pools = NEW_ARRAY(p->arena, struct cidr, list ? list->n + 1 : 1);
	for (const struct node *n = list ? list->child : NULL; n; n = n->next, index++) {
		struct cidr cidr = parse(n);
		if (!cidr.set)
			continue;
		if (cidr_is_v4(cidr) == p->v6)
			refuse_pool(p, n, index, "is not", p->v6 ? S("an IPv6 range") : S("an IPv4 range"));
		else if (cidr.length > pool->block)
			refuse_pool(p, n, index, "is smaller than", arena_fmt(p->arena, "a block, a /%u",
									       p->v6 ? pool->block : pool->block - ADDR_V4));
		else
			range_add(p->arena, &seen, cidr, n);
		pool->pools[pool->pool_count++] = cidr;
	}
	range_build(&seen);
	index = 0;
	for (const struct node *n = list ? list->child : NULL; n; n = n->next, index++) {
		struct range_hits hits = range_hits(&seen, parse(n));
		for (const struct range *hit; (hit = range_hit(&hits));) {
			const struct node *other = hit->owner;
			if (other == n)
				continue;
			if (other->line < n->line || (other->line == n->line && other->column < n->column))
				refuse_pool(p, n, index, "touches pool", node_text(other));
			break;
		}
	}
}

/* What the values say was assigned, before what the release's last plan says. */
static void remember(struct planner *p, struct pool_plan *pool)
{
	const struct node *lists[] = {pool->input->values.network.assigned,
				      node_get(pool->input->previous, S("assigned"))};
	for (int i = 0; i < 2; i++) {
		for (const struct node *key = lists[i] ? lists[i]->child : NULL; key; key = key->next->next) {
			void **slot = map_at(p->arena, &pool->assigned, node_text(key));
			if (!*slot && !node_is_null(key->next))
				*slot = (void *)(uintptr_t)key->next;
		}
	}
}

static void open_pool(struct planner *p, struct pool_plan *pool, const struct input *input)
{
	const struct network *network = &input->values.network;
	unsigned v4 = p->v6 ? 0 : ADDR_V4;
	const struct sizes *s = &network->sizes;
	const struct sizes6 *s6 = &network->sizes6;
	pool->input = input;
	pool->v6 = p->v6;
	pool->length[PART_PODS] = v4 + (unsigned)(p->v6 ? s6->pods : s->pods);
	pool->length[PART_SERVICES] = v4 + (unsigned)(p->v6 ? s6->services : s->services);
	pool->length[PART_DOCKER] = v4 + (unsigned)(p->v6 ? s6->docker : s->docker);
	pool->block = block_length(pool->length);
	load_pools(p, pool, p->v6 ? network->pools6 : network->pools);
	obstacles_add(p->arena, &pool->obstacles, input);
	range_build(&pool->obstacles);
	remember(p, pool);
}

/* Cuts BLOCK into the parts that are not set yet, largest first, each aligned to its size. */
static void cut(const struct pool_plan *pool, const struct cluster_entry *cluster, struct cidr block,
		struct family_plan *out)
{
	struct cidr *parts[] = {&out->pods, &out->services, &out->docker};
	struct addr at = cidr_first(block);
	bool done[3] = {false};
	out->block = block;
	for (int n = 0; n < 3; n++) {
		int next = -1;
		for (int i = 0; i < 3; i++)
			if (!done[i] && (next < 0 || pool->length[i] < pool->length[next]))
				next = i;
		done[next] = true;
		struct cidr part = cidr_of(at, pool->length[next]);
		if (!parts[next]->set && needs(cluster, (enum part)next, pool->v6))
			*parts[next] = part;
		addr_next(cidr_last(part), &at);
	}
}

/* --- claims: pins and what was assigned before --- */

static struct str pin_key(enum part part, bool v6)
{
	static const struct str keys[2][4] = {
		{S_INIT("pods"), S_INIT("services"), S_INIT("docker"), S_INIT("block")},
		{S_INIT("pods6"), S_INIT("services6"), S_INIT("docker6"), S_INIT("block6")},
	};
	return keys[v6][part];
}

static const struct node *pin_node(const struct cluster_entry *cluster, enum part part, bool v6)
{
	const struct cluster_network *n = &cluster->own.network;
	const struct node *const pins[2][4] = {
		{n->pods, n->services, n->docker, n->block},
		{n->pods6, n->services6, n->docker6, n->block6},
	};
	return pins[v6][part];
}

static struct place claim_place(struct planner *p, const struct claim *claim)
{
	struct str key = pin_key(claim->part, claim->pool->v6);
	if (!claim->cluster)
		return input_place(p->check, claim->pool->input, arena_fmt(p->arena, "network.%.*s", STR(key)));
	return cluster_place(p->check, claim->cluster,
			     claim->remembered ? S("") : arena_fmt(p->arena, "network.%.*s", STR(key)));
}

/* "pods 10.1.0.0/21 of cluster 'dev'" */
static struct str claim_text(struct planner *p, const struct claim *claim)
{
	char text[CIDR_TEXT];
	if (!claim->cluster)
		return arena_fmt(p->arena, "the shared block %.*s", STR(cidr_print(text, claim->cidr)));
	return arena_fmt(p->arena, "%.*s %.*s of cluster '%.*s'", STR(part_names[claim->part]),
			 STR(cidr_print(text, claim->cidr)), STR(claim->cluster->name));
}

static void help_free(struct planner *p, struct diag *d, const struct claim *claim)
{
	const struct pool_plan *pool = claim->pool;
	if (d == &p->check->diags->dropped)
		return;
	char text[CIDR_TEXT];
	struct str key = pin_key(claim->part, pool->v6);
	struct cidr free = range_lowest_free(pool->pools, pool->pool_count, claim->cidr.length, &pool->obstacles, &p->claims);
	if (free.set && !claim->remembered)
		diag_help(p->check->diags, d, "%.*s is free; or leave `%.*s` out and let it be assigned",
			  STR(cidr_print(text, free)), STR(key));
	else if (free.set)
		diag_help(p->check->diags, d, "to move it, pin it: network: {%.*s: %.*s}; the nested cluster is then made anew or kept as onChange says",
			  STR(key), STR(cidr_print(text, free)));
	else
		diag_help(p->check->diags, d, "leave `%.*s` out and let it be assigned", STR(key));
}

static void refuse_claim(struct planner *p, enum rule rule, const struct claim *claim, const char *relation,
			 struct str other, struct str consequence)
{
	struct diag *d = diag_add(p->check->diags, claim->remembered ? RULE_ASSIGNED_ILLEGAL : rule, claim_place(p, claim),
				  "%.*s%s %s %.*s", STR(claim_text(p, claim)), claim->remembered ? ", assigned before," : "",
				  relation, STR(other));
	diag_note(p->check->diags, d, "%.*s", STR(consequence));
	help_free(p, d, claim);
}

static unsigned least_bits(const struct claim *claim, const char **what)
{
	bool v6 = claim->pool->v6;
	unsigned bits = v6 ? 64 : 8;
	switch (claim->part) {
	case PART_PODS:
		for (int64_t n = 1; n < 1 + claim->cluster->settings->workers; n *= 2)
			bits++;
		*what = v6 ? "a /64 for each node" : "a /24 for each node";
		return bits;
	case PART_SERVICES:
		*what = "16 addresses";
		return 4;
	case PART_DOCKER:
		*what = "32 addresses";
		return 5;
	case PART_BLOCK:
		*what = "its parts, as network.sizes says";
		return ADDR_BITS - claim->pool->block;
	}
	return 0;
}

/* Against itself: family and size. False where it is no use looking further. */
static bool check_claim(struct planner *p, const struct claim *claim)
{
	if (cidr_is_v4(claim->cidr) == claim->pool->v6) {
		diag_add(p->check->diags, RULE_VALUE_INVALID, claim_place(p, claim), "%.*s is not an %s range",
			 STR(claim_text(p, claim)), claim->pool->v6 ? "IPv6" : "IPv4");
		return false;
	}
	const char *what = "";
	unsigned bits = least_bits(claim, &what);
	if (cidr_bits(claim->cidr) >= bits)
		return true;
	unsigned prefix = (claim->pool->v6 ? 128 : 32) - bits;
	struct diag *d = diag_add(p->check->diags, claim->remembered ? RULE_ASSIGNED_ILLEGAL : RULE_RANGE_TOO_SMALL,
				  claim_place(p, claim), "%.*s is too small for %s", STR(claim_text(p, claim)), what);
	diag_help(p->check->diags, d, "a /%u or larger", prefix);
	return false;
}

static void claim_add(struct planner *p, const struct claim *claim)
{
	if (!check_claim(p, claim))
		return;
	struct claim *kept = NEW(p->arena, struct claim);
	*kept = *claim;
	range_add(p->arena, &p->claims, claim->cidr, kept);
}

static struct cidr remembered_block(const struct pool_plan *pool, const struct cluster_entry *cluster)
{
	const struct node *blocks = map_get(&pool->assigned, cluster->name);
	if (node_is_null(blocks))
		return (struct cidr){0};
	for (const struct node *b = blocks->kind == NODE_LIST ? blocks->child : blocks; b; b = b->next) {
		struct cidr block = parse(b);
		if (block.set && cidr_is_v4(block) != pool->v6)
			return block;
		if (blocks->kind != NODE_LIST)
			break; /* what comes next is another key */
	}
	return (struct cidr){0};
}

static void warn_moved(struct planner *p, const struct claim *pin, struct cidr before)
{
	char from[CIDR_TEXT];
	if (!before.set || cidr_eq(before, pin->cidr))
		return;
	struct diag *d = diag_add(p->check->diags, RULE_ASSIGNED_MOVED, claim_place(p, pin), "%.*s was %.*s before",
				  STR(claim_text(p, pin)), STR(cidr_print(from, before)));
	diag_note(p->check->diags, d, "a running cluster keeps its ranges or is made anew, as onChange says: %.*s",
		  STR(pin->cluster->settings->onChange));
}

/* The pins of one cluster, and its remembered block where one is still wanted. */
static void claim_cluster(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster,
			  struct family_plan *out)
{
	struct cidr *parts[] = {&out->pods, &out->services, &out->docker};
	bool wanted = false;
	for (int part = PART_PODS; part <= PART_DOCKER; part++) {
		struct claim claim = {pool, cluster, (enum part)part, parse(pin_node(cluster, (enum part)part, pool->v6)), false};
		if (claim.cidr.set) {
			*parts[part] = claim.cidr;
			claim_add(p, &claim);
		} else {
			wanted |= needs(cluster, (enum part)part, pool->v6);
		}
	}
	struct claim block = {pool, cluster, PART_BLOCK, parse(pin_node(cluster, PART_BLOCK, pool->v6)), false};
	struct cidr before = remembered_block(pool, cluster);
	if (block.cidr.set) {
		warn_moved(p, &block, before);
	} else if (wanted && before.set && !pool->input->values.network.share) {
		block.cidr = before;
		block.remembered = true;
	}
	if (!block.cidr.set)
		return;
	claim_add(p, &block);
	if (cidr_bits(block.cidr) >= ADDR_BITS - pool->block)
		cut(pool, cluster, block.cidr, out);
}

/* With share: the block that is pinned for all, or was assigned before. */
static void claim_shared(struct planner *p, struct pool_plan *pool)
{
	struct str pinned = p->v6 ? pool->input->values.network.block6 : pool->input->values.network.block;
	const struct node *before = node_get(pool->input->previous, pin_key(PART_BLOCK, p->v6));
	struct claim claim = {pool, NULL, PART_BLOCK, parse(before), true};
	if (pinned.n) {
		cidr_parse(pinned, &claim.cidr);
		claim.remembered = false;
	}
	pool->shared = claim.cidr;
	if (claim.cidr.set)
		claim_add(p, &claim);
}

static void check_own(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster,
		      const struct family_plan *ranges)
{
	const struct cidr parts[] = {ranges->pods, ranges->services, ranges->docker};
	for (int a = PART_PODS; a <= PART_DOCKER; a++) {
		for (int b = a + 1; b <= PART_DOCKER; b++) {
			if (!cidr_overlaps(parts[a], parts[b]))
				continue;
			/* Said at one that is written, where one is. */
			int at = pin_node(cluster, (enum part)a, pool->v6) ? a : b, other = a + b - at;
			struct claim claim = {pool, cluster, (enum part)at, parts[at], false};
			char text[CIDR_TEXT];
			refuse_claim(p, RULE_RANGE_OVERLAPS_OWN, &claim, "overlaps",
				     arena_fmt(p->arena, "its own %.*s %.*s", STR(part_names[other]),
					       STR(cidr_print(text, parts[other]))),
				     S("routes and kube-proxy rules of one node would contradict each other"));
		}
	}
}

static void check_obstacles(struct planner *p, const struct claim *claim)
{
	struct range_hits hits = range_hits(&claim->pool->obstacles, claim->cidr);
	for (const struct range *hit; (hit = range_hit(&hits));) {
		const struct obstacle *obstacle = hit->owner;
		if (obstacle->avoided_only)
			continue;
		enum rule rule = obstacle->kind >= OBSTACLE_SPECIAL ? RULE_RANGE_RESERVED : RULE_RANGE_OVERLAPS_PARENT;
		refuse_claim(p, rule, claim, "overlaps", obstacle_text(p->arena, obstacle),
			     obstacle_consequence(obstacle, claim->part));
	}
}

/* The first claim of another cluster that it touches, so that many equal pins make as
 * many messages and not as many pairs. */
static void check_clusters(struct planner *p, const struct range *range)
{
	const struct claim *claim = range->owner;
	if (claim->pool->input->values.network.share)
		return;
	struct range_hits hits = range_hits(&p->claims, range->cidr);
	for (const struct range *hit; (hit = range_hit(&hits));) {
		const struct claim *other = hit->owner;
		if (hit->order > range->order || other->cluster == claim->cluster)
			continue;
		refuse_claim(p, RULE_RANGE_OVERLAPS_CLUSTER, claim, "overlaps", claim_text(p, other),
			     S("clusters have ranges of their own unless network.share is true"));
		break;
	}
}

static void check_claims(struct planner *p)
{
	range_build(&p->claims);
	for (size_t i = 0; i < p->claims.count; i++) {
		check_obstacles(p, p->claims.items[i].owner);
		check_clusters(p, &p->claims.items[i]);
	}
}

/* --- blocks by hash --- */

struct placement {
	uint64_t hash;
	size_t cluster;
	struct str name;
};

static int by_hash(const void *a, const void *b)
{
	const struct placement *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static uint64_t hash_of(struct str release, struct str name)
{
	uint64_t hash = str_hash(FNV_START, release);
	return name.n ? str_hash(str_hash(hash, S("/")), name) : hash;
}

static void refuse_exhausted(struct planner *p, struct pool_plan *pool, size_t wanted)
{
	const char *key = p->v6 ? "pools6" : "pools";
	uint64_t fit = slots_fit(pool->slots), all = slots_count(pool->slots);
	struct place place = input_place(p->check, pool->input, arena_fmt(p->arena, "network.%s", key));
	struct diag *d = diag_add(p->check->diags, RULE_POOL_EXHAUSTED, place,
				  "no block is left for %zu of %zu clusters: network.%s holds %llu blocks of /%u, %llu of them clear of the parents and of what is reserved",
				  wanted, pool->input->count, key, (unsigned long long)all,
				  p->v6 ? pool->block : pool->block - ADDR_V4, (unsigned long long)fit);
	diag_help(p->check->diags, d,
		  "give larger pools (network.%s), smaller ranges (network.sizes%s), or network.share: true, which gives every cluster the same ranges",
		  key, p->v6 ? "6" : "");
}

static void occupy_claims(struct planner *p, struct pool_plan *pool)
{
	pool->slots = slots_new(p->arena, pool->pools, pool->pool_count, pool->block, &pool->obstacles);
	for (size_t i = 0; i < p->claims.count; i++)
		slots_occupy(pool->slots, p->claims.items[i].cidr);
}

static bool wants_block(const struct cluster_entry *cluster, const struct family_plan *ranges, bool v6)
{
	if (ranges->block.set)
		return false;
	return (!ranges->pods.set && needs(cluster, PART_PODS, v6)) ||
	       (!ranges->services.set && needs(cluster, PART_SERVICES, v6)) ||
	       (!ranges->docker.set && needs(cluster, PART_DOCKER, v6));
}

static void assign_shared(struct planner *p, struct pool_plan *pool, struct plan *plan)
{
	struct cidr block = pool->shared;
	for (size_t i = 0; i < pool->input->count; i++) {
		const struct cluster_entry *cluster = &pool->input->clusters[i];
		struct family_plan *ranges = family(plan, i, p->v6);
		if (!wants_block(cluster, ranges, p->v6))
			continue;
		if (!block.set)
			block = slots_take(pool->slots, hash_of(pool->input->release.name, S("")));
		if (!block.set) {
			refuse_exhausted(p, pool, pool->input->count);
			return;
		}
		cut(pool, cluster, block, ranges);
		check_own(p, pool, cluster, ranges);
	}
}

static void assign(struct planner *p, struct pool_plan *pool, struct plan *plan)
{
	struct placement *order = NEW_ARRAY(p->arena, struct placement, pool->input->count);
	size_t count = 0, missing = 0;
	for (size_t i = 0; i < pool->input->count; i++) {
		const struct cluster_entry *cluster = &pool->input->clusters[i];
		if (wants_block(cluster, family(plan, i, p->v6), p->v6))
			order[count++] = (struct placement){hash_of(pool->input->release.name, cluster->name), i, cluster->name};
	}
	qsort(order, count, sizeof *order, by_hash);
	for (size_t i = 0; i < count; i++) {
		struct cidr block = slots_take(pool->slots, order[i].hash);
		struct family_plan *ranges = family(plan, order[i].cluster, p->v6);
		if (block.set)
			cut(pool, &pool->input->clusters[order[i].cluster], block, ranges);
		else
			missing++;
	}
	if (missing)
		refuse_exhausted(p, pool, missing);
	for (size_t i = 0; i < pool->input->count; i++)
		check_own(p, pool, &pool->input->clusters[i], family(plan, i, p->v6));
}

/* What is not known cannot be checked: said, never silent. */
static void warn_unknown_parents(struct check *check, const struct input *input)
{
	static const struct str lists[] = {S_INIT("pods"), S_INIT("services"), S_INIT("nodes")};
	const struct node *parents = input->values.parents;
	const char *consequence = "an overlap would show as DNS that fails inside the nested cluster";
	if (!parents && !input->release.discovered) {
		struct diag *d = diag_add(check->diags, RULE_PARENT_UNKNOWN, (struct place){.path = S("parents")},
					  "no parent is given: nothing is checked against the cluster that the pods run in");
		diag_note(check->diags, d, "%s", consequence);
		diag_help(check->diags, d,
			  "parents: [{name: host, pods: [...], services: [...], nodes: [...]}]; or parents: [] if there are none");
	}
	size_t index = 0;
	for (const struct node *p = parents ? parents->child : NULL; p; p = p->next, index++) {
		struct str missing = {0};
		for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
			if (!node_get(p, lists[i]))
				missing = arena_fmt(check->arena, "%.*s%s%.*s", STR(missing), missing.n ? ", " : "", STR(lists[i]));
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

static bool any_cluster_needs(const struct planner *p)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t c = 0; c < p->plans[i].input->count; c++)
			if (!p->v6 || uses_v6(&p->plans[i].input->clusters[c]))
				return true;
	return false;
}

static void plan_family(struct check *check, struct plan *plans, size_t count, bool v6)
{
	struct planner p = {.check = check, .arena = check->arena, .plans = plans, .count = count, .v6 = v6};
	p.pools = NEW_ARRAY(p.arena, struct pool_plan, count);
	if (v6 && !any_cluster_needs(&p))
		return;
	for (size_t i = 0; i < count; i++) {
		struct family_plan *clusters = NEW_ARRAY(p.arena, struct family_plan, plans[i].input->count);
		*(v6 ? &plans[i].v6 : &plans[i].v4) = clusters;
	}
	for (size_t i = 0; i < count; i++)
		open_pool(&p, &p.pools[i], plans[i].input);
	if (check->diags->of_rule[RULE_POOL_INVALID])
		return; /* a wrong pool would make every further message wrong */
	for (size_t i = 0; i < count; i++) {
		if (plans[i].input->values.network.share)
			claim_shared(&p, &p.pools[i]);
		for (size_t c = 0; c < plans[i].input->count; c++)
			claim_cluster(&p, &p.pools[i], &plans[i].input->clusters[c], family(&plans[i], c, v6));
	}
	check_claims(&p);
	for (size_t i = 0; i < count; i++) {
		occupy_claims(&p, &p.pools[i]);
		if (plans[i].input->values.network.share)
			assign_shared(&p, &p.pools[i], &plans[i]);
		else
			assign(&p, &p.pools[i], &plans[i]);
		/* What one input's clusters got, the next one's must leave. */
		for (size_t c = 0; i + 1 < count && c < plans[i].input->count; c++)
			range_add(p.arena, &p.claims, family(&plans[i], c, v6)->block, NULL);
	}
}

struct plan *plan_inputs(struct check *check, struct input *const *inputs, size_t count)
{
	struct plan *plans = NEW_ARRAY(check->arena, struct plan, count);
	for (size_t i = 0; i < count; i++) {
		plans[i].input = inputs[i];
		warn_unknown_parents(check, inputs[i]);
	}
	plan_family(check, plans, count, false);
	plan_family(check, plans, count, true);
	return plans;
}

struct cluster_plan plan_of(const struct plan *plan, size_t cluster)
{
	struct cluster_plan ranges = {.v4 = plan->v4[cluster]};
	if (plan->v6)
		ranges.v6 = plan->v6[cluster];
	return ranges;
}

struct cidr plan_kind_network(struct cidr docker)
{
	return cidr_is_v4(docker) ? cidr_part(docker, docker.length + 1u, 0) : docker;
}

struct cidr plan_bridge(struct cidr docker)
{
	struct cidr quarter = cidr_part(docker, docker.length + 2u, 2);
	quarter.addr = addr_add(quarter.addr, 1);
	return quarter;
}

struct cidr plan_pool(struct cidr docker)
{
	return cidr_part(docker, docker.length + 2u, 3);
}
