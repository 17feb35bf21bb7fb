/* Typed values → ranges (design: "Assignment").
 *
 * For each address family: the pools and obstacles of every input; then each
 * cluster's pins and remembered block, which are only checked, never moved; then a
 * block by hash for whoever has none. What is pinned or remembered occupies its
 * slots before the first block is handed out, so the order of clusters and of keys
 * decides nothing.
 */
#include "planner.h"

#include <stdlib.h>

struct cidr planner_parse(const struct node *node)
{
	struct cidr cidr = {0};
	if (!node_is_null(node) && node->n)
		cidr_parse(node_text(node), &cidr);
	return cidr;
}

bool planner_holds_mapped(struct cidr cidr)
{
	struct addr mapped = cidr_first(cidr_make_v4(0, 0));
	return !cidr_is_v4(cidr) && addr_cmp(cidr_first(cidr), mapped) <= 0 && addr_cmp(mapped, cidr_last(cidr)) <= 0;
}

static struct family_plan *family_of(struct plan *plan, size_t cluster, bool v6)
{
	return v6 ? &plan->v6[cluster] : &plan->v4[cluster];
}

static bool uses_v6(const struct cluster_entry *cluster)
{
	return !str_eq(cluster->settings->network.ipFamily, S("ipv4"));
}

/* ipv6 clusters have docker alone in v4, cut as in any block, so that a change of
 * family moves nothing. */
bool planner_needs(const struct cluster_entry *cluster, enum part part, bool v6)
{
	if (v6)
		return uses_v6(cluster);
	return part == PART_DOCKER || !str_eq(cluster->settings->network.ipFamily, S("ipv6"));
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

/* What covers blocks of the pools: the largest few. */
static void note_obstacles(struct planner *p, struct pool_plan *pool, struct diag *d)
{
	enum { MOST = 5 };
	uint64_t least = UINT64_MAX;
	for (int n = 0; n < MOST; n++) {
		uint64_t most = 0;
		for (size_t i = 0; i < pool->obstacles->count; i++) {
			uint64_t covered = slots_covered(pool->slots, pool->obstacles->items[i].cidr);
			if (covered > most && covered < least)
				most = covered;
		}
		if (most == 0)
			return;
		least = most;
		for (size_t i = 0; i < pool->obstacles->count; i++)
			if (slots_covered(pool->slots, pool->obstacles->items[i].cidr) == most)
				diag_note(p->check->diags, d, "%llu block%s covered by %.*s", (unsigned long long)most,
					  most == 1 ? " is" : "s are", STR(obstacle_text(p->arena, pool->obstacles->items[i].owner)));
	}
}

static void refuse_exhausted(struct planner *p, struct pool_plan *pool, size_t wanted)
{
	const char *key = p->v6 ? "pools6" : "pools";
	uint64_t fit = slots_fit(pool->slots), all = slots_count(pool->slots);
	struct place place = input_place(p->check, pool->input, arena_fmt(p->arena, "network.%s", key));
	struct diag *d = diag_add(p->check->diags, RULE_POOL_EXHAUSTED, place,
				  "no block is left for %zu of %zu clusters: network.%s holds %llu blocks of /%u; parents and what is reserved cover %llu, and other clusters have the rest",
				  wanted, pool->input->count, key, (unsigned long long)all,
				  p->v6 ? pool->block : pool->block - ADDR_V4, (unsigned long long)(all - fit));
	note_obstacles(p, pool, d);
	diag_help(p->check->diags, d,
		  "give larger pools (network.%s), smaller ranges (network.sizes%s), or network.share: true, which gives every cluster the same ranges",
		  key, p->v6 ? "6" : "");
}

static void occupy_claims(struct planner *p, struct pool_plan *pool)
{
	pool->slots = slots_new(p->arena, pool->pools, pool->pool_count, pool->block, pool->obstacles);
	for (size_t i = 0; i < p->claims.count; i++)
		slots_occupy(pool->slots, p->claims.items[i].cidr);
}

static bool wants_block(const struct cluster_entry *cluster, const struct family_plan *ranges, bool v6)
{
	if (ranges->block.set)
		return false;
	return (!ranges->pods.set && planner_needs(cluster, PART_PODS, v6)) ||
	       (!ranges->services.set && planner_needs(cluster, PART_SERVICES, v6)) ||
	       (!ranges->docker.set && planner_needs(cluster, PART_DOCKER, v6));
}

static void assign_shared(struct planner *p, struct pool_plan *pool, struct plan *plan)
{
	struct cidr block = pool->shared;
	for (size_t i = 0; i < pool->input->count; i++) {
		const struct cluster_entry *cluster = &pool->input->clusters[i];
		struct family_plan *ranges = family_of(plan, i, p->v6);
		bool wanted = wants_block(cluster, ranges, p->v6);
		if (wanted && !block.set)
			block = slots_take(pool->slots, hash_of(pool->input->release.name, S("")));
		if (wanted && !block.set) {
			refuse_exhausted(p, pool, pool->input->count);
			return;
		}
		if (wanted) {
			pool_cut(pool, cluster, block, pool->shared_origin, ranges);
			claim_warn_joined(p, pool, cluster, block);
		}
		claim_check_own(p, pool, cluster, ranges);
	}
}

static void assign(struct planner *p, struct pool_plan *pool, struct plan *plan)
{
	struct placement *order = NEW_ARRAY(p->arena, struct placement, pool->input->count);
	size_t count = 0, missing = 0;
	for (size_t i = 0; i < pool->input->count; i++) {
		const struct cluster_entry *cluster = &pool->input->clusters[i];
		if (wants_block(cluster, family_of(plan, i, p->v6), p->v6))
			order[count++] = (struct placement){hash_of(pool->input->release.name, cluster->name), i, cluster->name};
	}
	qsort(order, count, sizeof *order, by_hash);
	for (size_t i = 0; i < count; i++) {
		struct cidr block = slots_take(pool->slots, order[i].hash);
		struct family_plan *ranges = family_of(plan, order[i].cluster, p->v6);
		if (block.set)
			pool_cut(pool, &pool->input->clusters[order[i].cluster], block, SETTLED_ASSIGNED, ranges);
		else
			missing++;
	}
	if (missing)
		refuse_exhausted(p, pool, missing);
	for (size_t i = 0; i < pool->input->count; i++)
		claim_check_own(p, pool, &pool->input->clusters[i], family_of(plan, i, p->v6));
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
		pool_open(&p, &p.pools[i], &plans[i]);
	if (check->diags->of_rule[RULE_POOL_INVALID])
		return; /* a wrong pool would make every further message wrong */
	for (size_t i = 0; i < count; i++) {
		if (plans[i].input->values.network.share)
			claim_shared(&p, &p.pools[i]);
		else
			claim_warn_parted(&p, &p.pools[i]);
		for (size_t c = 0; c < plans[i].input->count; c++)
			claim_cluster(&p, &p.pools[i], &plans[i].input->clusters[c], family_of(&plans[i], c, v6));
	}
	claims_check(&p);
	for (size_t i = 0; i < count; i++) {
		occupy_claims(&p, &p.pools[i]);
		if (plans[i].input->values.network.share)
			assign_shared(&p, &p.pools[i], &plans[i]);
		else
			assign(&p, &p.pools[i], &plans[i]);
		/* What one input's clusters got, the next one's must leave. */
		if (plans[i].input->values.network.share || i + 1 == count)
			continue;
		for (size_t c = 0; c < plans[i].input->count; c++)
			range_add(p.arena, &p.claims, family_of(&plans[i], c, v6)->block, NULL);
		range_build(&p.claims);
	}
}

/* Two carriers of one release would make objects of one name. */
static void refuse_twice(struct check *check, struct input *const *inputs, size_t count)
{
	struct map seen = {0};
	for (size_t i = 0; i < count && count > 1; i++) {
		for (size_t c = 0; c < inputs[i]->count; c++) {
			const struct cluster_entry *cluster = &inputs[i]->clusters[c];
			void **slot = map_at(check->arena, &seen,
					     arena_fmt(check->arena, "%.*s-%.*s", STR(inputs[i]->release.name), STR(cluster->name)));
			if (*slot) {
				struct diag *d = diag_add(check->diags, RULE_CLUSTER_TWICE, cluster_place(check, cluster, S("")),
							  "another chart of this release asks for a cluster '%.*s' too", STR(cluster->name));
				diag_note(check->diags, d, "both would make objects of the same names");
				diag_help(check->diags, d, "give one of them another name");
			}
			*slot = inputs[i];
		}
	}
}

/* Clusters on one Docker daemon share its networks. */
static void refuse_shared_daemon(struct check *check, const struct plan *plan)
{
	struct map seen = {0};
	for (size_t i = 0; i < plan->input->count; i++) {
		const struct cluster_entry *cluster = &plan->input->clusters[i];
		struct str host = cluster->settings->dockerHost;
		char text[CIDR_TEXT];
		if (host.n == 0 || !plan->v4[i].docker.set)
			continue;
		struct str docker = cidr_print(text, plan->v4[i].docker);
		void **slot = map_at(check->arena, &seen, arena_fmt(check->arena, "%.*s %.*s", STR(docker), STR(host)));
		const struct cluster_entry *other = *slot;
		*slot = (void *)(uintptr_t)cluster;
		if (!other)
			continue;
		struct diag *d = diag_add(check->diags, RULE_DOCKER_HOST_SHARED, cluster_place(check, cluster, S("dockerHost")),
					  "clusters '%.*s' and '%.*s' use one Docker daemon and the same docker range %.*s",
					  STR(other->name), STR(cluster->name), STR(docker));
		diag_help(check->diags, d, "network.share: false, or network.docker for each of them");
	}
}

struct plan *plan_inputs(struct check *check, struct input *const *inputs, size_t count)
{
	refuse_twice(check, inputs, count);
	struct plan *plans = NEW_ARRAY(check->arena, struct plan, count);
	for (size_t i = 0; i < count; i++) {
		plans[i].input = inputs[i];
		plans[i].layers = layers_load(check, inputs[i]);
	}
	plan_family(check, plans, count, false);
	plan_family(check, plans, count, true);
	for (size_t i = 0; i < count && plans[i].v4; i++)
		refuse_shared_daemon(check, &plans[i]);
	return plans;
}

struct cluster_plan plan_of(const struct plan *plan, size_t cluster)
{
	struct cluster_plan ranges = {.v4 = plan->v4[cluster]};
	/* An IPv4 cluster's IPv6 pins mean nothing, whoever else has IPv6. */
	if (plan->v6 && uses_v6(&plan->input->clusters[cluster]))
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
