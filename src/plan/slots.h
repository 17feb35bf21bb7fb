/* Blocks of equal size cut from pools, given out by hash (design: "Assignment").
 *
 * Slots are the whole blocks of all pools in listed order, low address first, the
 * first SLOTS_MOST of them. A slot is free unless it touches a range of FIXED, a
 * range that was occupied, or was taken. "No range" stands for no slot.
 *
 * Time: slots_take() is near O(1) however full the pools are. A slots_occupy() after
 * a slots_take() makes the next take sort again: occupy first, then take. Memory
 * grows with what is occupied and taken, not with the number of slots.
 */
#ifndef KDK_PLAN_SLOTS_H
#define KDK_PLAN_SLOTS_H

#include "range.h"

#define SLOTS_MOST (UINT64_C(1) << 32)

struct slots;

/* POOLS are of one family and disjoint; one smaller than a block has no slot. LENGTH128 is a
 * block's. FIXED (may be NULL) is built; it is read here and not kept. All memory is ARENA's. */
struct slots *slots_new(struct arena *arena, const struct cidr *pools, size_t count, unsigned length128,
			const struct range_set *fixed);

/* Pins and remembered blocks: none of the slots that CIDR touches is given out any more.
 * A range of any size, in the pools or not, free or not. */
void slots_occupy(struct slots *slots, struct cidr cidr);

/* Takes the first free slot from HASH mod slots_count() on, wrapping. */
struct cidr slots_take(struct slots *slots, uint64_t hash);
/* The free slot that comes first in the pools; it stays free. */
struct cidr slots_lowest_free(struct slots *slots);

/* For "pool-exhausted", each in slots. */
uint64_t slots_count(const struct slots *slots);                     /* all there are */
uint64_t slots_covered(const struct slots *slots, struct cidr cidr); /* that CIDR touches, free or not */
uint64_t slots_fit(const struct slots *slots);                       /* that touch nothing of FIXED */
uint64_t slots_free(struct slots *slots);                            /* that are free now */

#endif
