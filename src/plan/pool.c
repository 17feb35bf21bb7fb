/* Pools, sizes and memory of one input; and how a block is cut. */
#include "planner.h"

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

static struct str pool_path(struct planner *p, size_t index)
{
	return arena_fmt(p->arena, "network.%s[%zu]", p->v6 ? "pools6" : "pools", index);
}

static void refuse_pool(struct planner *p, const struct node *node, size_t index, const char *why, struct str detail)
{
	struct diag *d = diag_add(p->check->diags, RULE_POOL_INVALID, node_place(p->check->sources, node, pool_path(p, index)),
				  "pool %.*s %s %.*s", STR(node_text(node)), why, STR(detail));
	diag_note(p->check->diags, d, "blocks are cut from the pools: each must hold one, and none may be in two");
}

static void load_pools(struct planner *p, struct pool_plan *pool, const struct node *list)
{
	struct range_set *seen = &pool->pool_set;
	size_t index = 0;
	pool->pools = NEW_ARRAY(p->arena, struct cidr, list ? list->n + 1 : 1);
	for (const struct node *n = list ? list->child : NULL; n; n = n->next, index++) {
		struct cidr cidr = planner_parse(n);
		if (!cidr.set)
			continue;
		if (cidr_is_v4(cidr) == p->v6)
			refuse_pool(p, n, index, "is not", p->v6 ? S("an IPv6 range") : S("an IPv4 range"));
		else if (planner_holds_mapped(cidr))
			refuse_pool(p, n, index, "holds", S("the IPv4-mapped addresses ::ffff:0:0/96"));
		else if (cidr.length > pool->block)
			refuse_pool(p, n, index, "is smaller than", arena_fmt(p->arena, "a block, a /%u",
									       p->v6 ? pool->block : pool->block - ADDR_V4));
		else
			range_add(p->arena, seen, cidr, n);
		pool->pools[pool->pool_count++] = cidr;
		pool_warn_unusual(p, cidr, arena_fmt(p->arena, "pool %.*s", STR(node_text(n))),
				  node_place(p->check->sources, n, pool_path(p, index)));
	}
	range_build(seen);
	index = 0;
	for (const struct node *n = list ? list->child : NULL; n; n = n->next, index++) {
		struct range_hits hits = range_hits(seen, planner_parse(n));
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

static void remember(struct planner *p, struct map *map, const struct node *assigned)
{
	for (const struct node *key = assigned ? assigned->child : NULL; key; key = key->next->next)
		if (!node_is_null(key->next))
			*map_at(p->arena, map, node_text(key)) = (void *)(uintptr_t)key->next;
}

bool pool_warn_unusual(struct planner *p, struct cidr cidr, struct str what, struct place place)
{
	static const struct {
		struct str cidr, why;
	} unusual[] = {
		{S_INIT("100.64.0.0/10"), S_INIT("shared address space (RFC 6598), which EKS, GKE, OVN and Tailscale use")},
		{S_INIT("198.18.0.0/15"), S_INIT("for benchmarks (RFC 2544), which proxies and VPNs use")},
		{S_INIT("240.0.0.0/4"), S_INIT("reserved (RFC 1112), which not every system takes")},
		{S_INIT("172.17.0.0/16"), S_INIT("Docker's own default")},
	}, private[] = {{S_INIT("10.0.0.0/8"), {0}}, {S_INIT("172.16.0.0/12"), {0}}, {S_INIT("192.168.0.0/16"), {0}}, {S_INIT("fc00::/7"), {0}}};
	struct str why = S("public address space: hosts there could not be reached");
	struct cidr other;
	for (size_t i = 0; i < sizeof private / sizeof private[0]; i++) {
		cidr_parse(private[i].cidr, &other);
		if (cidr_contains(other, cidr))
			why = S("");
	}
	for (size_t i = 0; i < sizeof unusual / sizeof unusual[0]; i++) {
		cidr_parse(unusual[i].cidr, &other);
		if (cidr_overlaps(other, cidr))
			why = unusual[i].why;
	}
	if (why.n == 0)
		return false;
	struct diag *d = diag_add(p->check->diags, RULE_RANGE_UNUSUAL, place, "%.*s: %.*s", STR(what), STR(why));
	diag_help(p->check->diags, d, "take private addresses (RFC 1918, RFC 4193) that no layer below uses");
	return true;
}

void pool_open(struct planner *p, struct pool_plan *pool, const struct plan *plan)
{
	const struct network *network = &plan->input->values.network;
	unsigned v4 = p->v6 ? 0 : ADDR_V4;
	const struct sizes *s = &network->sizes;
	const struct sizes6 *s6 = &network->sizes6;
	pool->input = plan->input;
	pool->obstacles = &plan->layers->obstacles;
	pool->v6 = p->v6;
	pool->length[PART_PODS] = v4 + (unsigned)(p->v6 ? s6->pods : s->pods);
	pool->length[PART_SERVICES] = v4 + (unsigned)(p->v6 ? s6->services : s->services);
	pool->length[PART_DOCKER] = v4 + (unsigned)(p->v6 ? s6->docker : s->docker);
	pool->block = block_length(pool->length);
	load_pools(p, pool, p->v6 ? network->pools6 : network->pools);
	remember(p, &pool->assigned, network->assigned);
	remember(p, &pool->last, node_find(plan->input->previous, S("network.assigned")));
}

struct cidr pool_part(const struct pool_plan *pool, struct cidr block, enum part part)
{
	struct addr at = cidr_first(block);
	bool done[PART_BLOCK] = {false};
	for (;;) {
		int next = -1;
		for (int i = 0; i < PART_BLOCK; i++)
			if (!done[i] && (next < 0 || pool->length[i] < pool->length[next]))
				next = i;
		struct cidr cut = cidr_of(at, pool->length[next]);
		if (next == (int)part)
			return cut;
		done[next] = true;
		addr_next(cidr_last(cut), &at);
	}
}

void pool_cut(const struct pool_plan *pool, const struct cluster_entry *cluster, struct cidr block, enum origin origin,
	      struct family_plan *out)
{
	struct cidr *parts[] = {&out->pods, &out->services, &out->docker};
	out->block = block;
	out->origin[PART_BLOCK] = origin;
	for (int part = PART_PODS; part < PART_BLOCK; part++) {
		if (parts[part]->set || !planner_needs(cluster, (enum part)part, pool->v6))
			continue;
		*parts[part] = pool_part(pool, block, (enum part)part);
		out->origin[part] = origin;
	}
}
