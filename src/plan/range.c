/* A set of ranges: sorted once, then searched.
 *
 * Ranges either nest or are apart, so sorted by (first address, larger first) they
 * are a forest in preorder: what lies inside a range follows it without a gap, and
 * what lies around it is on the chain of outer ranges, at most 128 long. Equal
 * ranges are one node of that chain, however many there are.
 */
#include "range.h"

#include <stdlib.h>

static int cidr_order(struct cidr a, struct cidr b)
{
	int family = cidr_is_v4(a) - cidr_is_v4(b);
	int first = addr_cmp(a.addr, b.addr);
	return family ? family : first ? first : a.length - b.length;
}

static int range_order(const void *left, const void *right)
{
	const struct range *a = left, *b = right;
	int order = cidr_order(a->cidr, b->cidr);
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

void range_add(struct arena *arena, struct range_set *set, struct cidr cidr, const void *owner)
{
	if (!cidr.set)
		return;
	ARENA_PUSH(arena, set->items, set->count, set->capacity);
	set->items[set->count] = (struct range){.cidr = cidr_masked(cidr), .owner = owner, .order = set->count};
	set->count++;
}

/* From the node FROM outwards, the first one that is around CIDR or equal to it. */
static size_t climb(const struct range_set *set, size_t from, struct cidr cidr)
{
	while (from != SIZE_MAX && !cidr_contains(set->items[from].cidr, cidr))
		from = set->items[from].place.outer;
	return from;
}

void range_build(struct range_set *set)
{
	if (set->count)
		qsort(set->items, set->count, sizeof *set->items, range_order);
	for (size_t i = 0; i < set->count; i++) {
		struct range *range = &set->items[i];
		if (i && cidr_eq(range[-1].cidr, range->cidr)) {
			range->place = range[-1].place;
			continue;
		}
		size_t outer = i ? climb(set, range[-1].place.same, range->cidr) : SIZE_MAX;
		range->place = (struct range_place){i, outer, outer == SIZE_MAX ? i : set->items[outer].place.root};
	}
}

/* How many items stand before CIDR. */
static size_t lower_bound(const struct range_set *set, struct cidr cidr)
{
	size_t low = 0, high = set->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (cidr_order(set->items[middle].cidr, cidr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct range_hits range_hits(const struct range_set *set, struct cidr cidr)
{
	struct range_hits hits = {.set = set, .cidr = cidr_masked(cidr), .around = SIZE_MAX};
	hits.inside = lower_bound(set, hits.cidr);
	if (hits.inside)
		hits.around = climb(set, set->items[hits.inside - 1].place.same, hits.cidr);
	return hits;
}

const struct range *range_hit(struct range_hits *hits)
{
	const struct range *items = hits->set->items;
	if (hits->around != SIZE_MAX) {
		const struct range *range = &items[hits->around++];
		if (hits->around == hits->set->count || items[hits->around].place.same != range->place.same)
			hits->around = range->place.outer;
		return range;
	}
	if (hits->inside < hits->set->count && cidr_contains(hits->cidr, items[hits->inside].cidr))
		return &items[hits->inside++];
	return NULL;
}

const struct range *range_blocker(const struct range_set *set, struct cidr cidr)
{
	struct cidr masked = cidr_masked(cidr);
	size_t at = lower_bound(set, masked);
	if (at) {
		const struct range *root = &set->items[set->items[at - 1].place.root];
		if (cidr_contains(root->cidr, masked))
			return root;
	}
	return at < set->count && cidr_contains(masked, set->items[at].cidr) ? &set->items[at] : NULL;
}

/* Whether CIDR touches nothing in SETS; if not, *LAST grows to the end of what it touches. */
static bool is_clear(const struct range_set *const *sets, size_t count, struct cidr cidr, struct addr *last)
{
	bool clear = true;
	for (size_t i = 0; i < count; i++) {
		const struct range *blocker = range_blocker(sets[i], cidr);
		if (blocker && addr_cmp(cidr_last(blocker->cidr), *last) > 0)
			*last = cidr_last(blocker->cidr);
		clear &= !blocker;
	}
	return clear;
}

struct cidr range_lowest_free(const struct cidr *pools, size_t count, unsigned length128,
			      const struct range_set *const *sets, size_t set_count)
{
	for (size_t i = 0; i < count; i++) {
		struct cidr candidate = cidr_of(cidr_first(pools[i]), length128);
		while (cidr_contains(pools[i], candidate)) {
			struct addr last = cidr_last(candidate);
			if (is_clear(sets, set_count, candidate, &last))
				return candidate;
			if (!addr_next(last, &candidate.addr))
				break;
		}
	}
	return (struct cidr){0};
}
