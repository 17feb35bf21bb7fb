/* Facts of one kind → ranges: sorted once; then every step is one walk, or a search, over sorted arrays. */
#include "found.h"

#include "cover.h"

#include <stdlib.h>

/* No wider than what such a range is in practice: for pods a /16, for services what the API server takes
 * at most, for nodes a /16. */
static const struct widest widest[FACT_KINDS] = {
	[FACT_PODS] = {ADDR_V4 + 16, 48},
	[FACT_SERVICES] = {ADDR_V4 + 12, 108},
	[FACT_NODES] = {ADDR_V4 + 16, 48},
	[FACT_DNS] = {ADDR_BITS, ADDR_BITS},
};

struct cidrs {
	struct cidr *items;
	size_t count, capacity;
};

static int compare(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	int order = cover_cmp(x->cidr, y->cidr);
	if (order == 0)
		order = (x->witness > y->witness) - (x->witness < y->witness);
	return order ? order : str_cmp(x->name, y->name);
}

static void push(struct arena *arena, struct cidrs *list, struct cidr cidr)
{
	ARENA_PUSH(arena, list->items, list->count, list->capacity);
	list->items[list->count++] = cidr;
}

static bool holds(const struct cidrs *list, struct cidr cidr)
{
	return cover_find(list->items, list->count, cidr) < list->count;
}

static struct cidrs exact_ranges(struct arena *arena, const struct fact *facts, size_t count)
{
	struct cidrs exact = {0};
	for (size_t i = 0; i < count; i++)
		if (witnesses[facts[i].witness].exact)
			push(arena, &exact, facts[i].cidr);
	exact.count = cover_outer(exact.items, exact.count);
	return exact;
}

/* Ranges of nodes are joined to what they are together, and addresses outside of them are put
 * between ends; so are ranges, where there are too many to read. */
static struct cidrs seen_ranges(struct arena *arena, const struct fact *facts, size_t count, const struct cidrs *exact)
{
	enum { MOST = 16 };
	struct cidrs ranges = {0}, addresses = {0};
	for (size_t i = 0; i < count; i++)
		if (!holds(exact, facts[i].cidr) && facts[i].cidr.length < ADDR_BITS)
			push(arena, &ranges, facts[i].cidr);
	ranges.count = cover_union(ranges.items, ranges.count);
	if (ranges.count > MOST)
		ranges.count = cover_around(ranges.items, ranges.count, widest[facts->kind]);
	for (size_t i = 0; i < count; i++)
		if (!holds(exact, facts[i].cidr) && !holds(&ranges, facts[i].cidr))
			push(arena, &addresses, facts[i].cidr);
	addresses.count = cover_around(addresses.items, addresses.count, widest[facts->kind]);
	for (size_t i = 0; i < addresses.count; i++)
		push(arena, &ranges, addresses.items[i]);
	ranges.count = cover_outer(ranges.items, ranges.count);
	return ranges;
}

/* What is seen twice, as a node's address on its pods, is counted for the first that says it. */
static bool says_the_same(const struct fact *a, const struct fact *b)
{
	bool seen = !witnesses[a->witness].exact && !witnesses[b->witness].exact;
	return (seen || a->witness == b->witness) && cidr_eq(a->cidr, b->cidr);
}

static void add_why(struct found_range *range, const struct fact *fact)
{
	struct found_why *why = &range->why[fact->witness];
	if (why->count++ == 0)
		why->name = fact->name;
}

/* A setting counts for the range that it names, what was seen for the one that it lies in. */
static void add_whys(struct found_list *list, const struct fact *facts, size_t count, const struct cidrs *exact,
		     const struct cidrs *seen)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = cover_find(exact->items, exact->count, facts[i].cidr);
		if (i && says_the_same(&facts[i - 1], &facts[i]))
			continue;
		if (at == exact->count)
			at += cover_find(seen->items, seen->count, facts[i].cidr);
		if (!list->items[at].exact || (witnesses[facts[i].witness].exact && cidr_eq(list->items[at].cidr, facts[i].cidr)))
			add_why(&list->items[at], &facts[i]);
	}
}

static struct found_list find_list(struct arena *arena, const struct fact *facts, size_t count)
{
	struct cidrs exact = exact_ranges(arena, facts, count), seen = seen_ranges(arena, facts, count, &exact);
	struct found_list list = {NEW_ARRAY(arena, struct found_range, exact.count + seen.count), exact.count + seen.count};
	bool known[2] = {false};
	for (size_t i = 0; i < list.count; i++) {
		struct cidr cidr = i < exact.count ? exact.items[i] : seen.items[i - exact.count];
		bool *family = &known[cidr_is_v4(cidr)];
		*family = *family || i < exact.count;
		list.items[i] = (struct found_range){.cidr = cidr, .exact = i < exact.count, .stray = i >= exact.count && *family};
	}
	add_whys(&list, facts, count, &exact, &seen);
	return list;
}

struct found found_in(struct arena *arena, struct facts *facts)
{
	struct found found = {0};
	if (facts->count)
		qsort(facts->items, facts->count, sizeof *facts->items, compare);
	for (size_t from = 0, to; from < facts->count; from = to) {
		enum fact_kind kind = facts->items[from].kind;
		for (to = from; to < facts->count && facts->items[to].kind == kind;)
			to++;
		found.of[kind] = find_list(arena, facts->items + from, to - from);
	}
	for (int witness = WITNESS_COUNT; witness--;)
		if (facts->domains[witness].text.n) {
			found.domain = facts->domains[witness];
			found.domain_witness = (enum witness)witness;
		}
	return found;
}
