/* A set of ranges with owners: which of them touch a given range?
 *
 * Fill it with range_add(), call range_build() once, then ask. Ranges may nest and
 * repeat; "no range" is left out, bits behind the length are cleared. The zero
 * value is the empty set, already built. Queries take O(log n + hits) and change
 * nothing; a range_add() after range_build() needs another range_build(). The items
 * of a built set stand IPv6 first, then by address, larger first, then by order.
 */
#ifndef KDK_PLAN_RANGE_H
#define KDK_PLAN_RANGE_H

#include "../base/addr.h"

struct range {
	struct cidr cidr;
	const void *owner; /* the caller's; never looked at */
	size_t order;      /* how many were added before it */
	/* range.c's own: positions in items */
	struct range_place {
		size_t same;  /* the first of the ranges equal to it */
		size_t outer; /* the first of the next larger ones around it; SIZE_MAX: none */
		size_t root;  /* the first of the largest ones around it, or equal to it */
	} place;
};

struct range_set {
	struct range *items;
	size_t count, capacity;
};

void range_add(struct arena *arena, struct range_set *set, struct cidr cidr, const void *owner);
void range_build(struct range_set *set);

/* Every range that touches CIDR, once: those larger than it from the smallest on, then
 * those equal to it or inside it as in items; equal ones in the order they were added.
 *
 *	struct range_hits hits = range_hits(set, cidr);
 *	for (const struct range *range; (range = range_hit(&hits));)
 */
struct range_hits {
	const struct range_set *set;
	struct cidr cidr;
	size_t around, inside;
};
struct range_hits range_hits(const struct range_set *set, struct cidr cidr);
const struct range *range_hit(struct range_hits *hits); /* NULL at the end */

/* A range that touches CIDR, or NULL: the largest around it where there is one, so
 * that nothing before its end needs to be tried; else one inside it. */
const struct range *range_blocker(const struct range_set *set, struct cidr cidr);

/* The first range of LENGTH128 within POOLS, in listed order, low address first, that touches
 * nothing in any of SETS; "no range" where there is none. */
struct cidr range_lowest_free(const struct cidr *pools, size_t count, unsigned length128,
			      const struct range_set *const *sets, size_t set_count);

#endif
