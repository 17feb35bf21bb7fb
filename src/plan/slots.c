/* The block allocator: which slot is the next free one?
 *
 * Slots are numbered through all pools. What is fixed or occupied becomes runs of
 * slot numbers, sorted and merged, so that one that covers millions is one step.
 * What was taken stands in a hash table by number, each with where to look next;
 * looking shortens the paths (union-find), so that full stretches cost nothing.
 */
#include "slots.h"

#include <stdlib.h>

struct pool {
	struct cidr cidr;
	uint64_t start, count; /* slots */
};

struct run {
	uint64_t start, end;
};

struct taken {
	uint64_t key;  /* slot + 1; 0: nothing here */
	uint64_t next; /* no slot from this one up to there is free */
};

struct slots {
	struct arena *arena;
	unsigned length;
	struct pool *pools;
	size_t pool_count, pool_capacity;
	struct range_set by_address; /* the pools; range.order is the position in pools */
	uint64_t count, fit;

	struct run *runs; /* apart and in order, unless runs_added */
	size_t run_count, run_capacity;
	bool runs_added;

	struct taken *taken;
	size_t taken_count, taken_capacity;
	uint64_t free; /* unless runs_added */
};

static void add_pool(struct slots *slots, struct cidr cidr)
{
	unsigned bits = slots->length - cidr.length;
	uint64_t count = bits < 32 ? UINT64_C(1) << bits : SLOTS_MOST, room = SLOTS_MOST - slots->count;
	if (count > room)
		count = room;
	ARENA_PUSH(slots->arena, slots->pools, slots->pool_count, slots->pool_capacity);
	slots->pools[slots->pool_count++] = (struct pool){cidr, slots->count, count};
	slots->count += count;
	range_add(slots->arena, &slots->by_address, cidr, NULL);
}

/* The slots of POOL that CIDR touches, where one lies in the other. */
static struct run touched(const struct slots *slots, const struct pool *pool, struct cidr cidr)
{
	uint64_t first = cidr_part_index(pool->cidr, slots->length, cidr_first(cidr));
	uint64_t last = cidr_part_index(pool->cidr, slots->length, cidr_last(cidr));
	return (struct run){
		pool->start + (first < pool->count ? first : pool->count),
		pool->start + (last < pool->count ? last + 1 : pool->count),
	};
}

static void block(struct slots *slots, const struct pool *pool, struct cidr cidr)
{
	struct run run = touched(slots, pool, cidr);
	if (run.start == run.end)
		return;
	ARENA_PUSH(slots->arena, slots->runs, slots->run_count, slots->run_capacity);
	slots->runs[slots->run_count++] = run;
	slots->runs_added = true;
}

void slots_occupy(struct slots *slots, struct cidr cidr)
{
	struct range_hits pools = range_hits(&slots->by_address, cidr);
	for (const struct range *range; (range = range_hit(&pools));)
		block(slots, &slots->pools[range->order], cidr);
}

static int run_order(const void *left, const void *right)
{
	const struct run *a = left, *b = right;
	return (a->start > b->start) - (a->start < b->start);
}

/* The end of the run that SLOT is in, or SLOT. */
static uint64_t run_end(const struct slots *slots, uint64_t slot)
{
	size_t low = 0, high = slots->run_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (slots->runs[middle].start <= slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low && slots->runs[low - 1].end > slot ? slots->runs[low - 1].end : slot;
}

/* Puts the runs in order, touching ones made one, and counts anew. */
static void settle(struct slots *slots)
{
	if (!slots->runs_added)
		return;
	qsort(slots->runs, slots->run_count, sizeof *slots->runs, run_order);
	struct run *last = slots->runs;
	for (size_t i = 1; i < slots->run_count; i++) {
		if (slots->runs[i].start > last->end)
			*++last = slots->runs[i];
		else if (slots->runs[i].end > last->end)
			last->end = slots->runs[i].end;
	}
	slots->run_count = (size_t)(last - slots->runs) + 1;
	slots->runs_added = false;

	slots->free = slots->count;
	for (size_t i = 0; i < slots->run_count; i++)
		slots->free -= slots->runs[i].end - slots->runs[i].start;
	for (size_t i = 0; i < slots->taken_capacity; i++) {
		uint64_t key = slots->taken[i].key;
		slots->free -= key && run_end(slots, key - 1) == key - 1;
	}
}

struct slots *slots_new(struct arena *arena, const struct cidr *pools, size_t count, unsigned length128,
			const struct range_set *fixed)
{
	struct slots *slots = NEW(arena, struct slots);
	slots->arena = arena;
	slots->length = length128;
	for (size_t i = 0; i < count && slots->count < SLOTS_MOST; i++)
		if (pools[i].set && pools[i].length <= length128)
			add_pool(slots, cidr_masked(pools[i]));
	range_build(&slots->by_address);

	slots->free = slots->count;
	for (size_t i = 0; fixed && i < slots->pool_count; i++) {
		struct range_hits hits = range_hits(fixed, slots->pools[i].cidr);
		for (const struct range *range; (range = range_hit(&hits));)
			block(slots, &slots->pools[i], range->cidr);
	}
	settle(slots);
	slots->fit = slots->free;
	return slots;
}

static struct taken *probe(const struct slots *slots, uint64_t slot)
{
	size_t mask = slots->taken_capacity - 1;
	size_t i = (size_t)(slot * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
	while (slots->taken[i].key && slots->taken[i].key != slot + 1)
		i = (i + 1) & mask;
	return &slots->taken[i];
}

static void take(struct slots *slots, uint64_t slot)
{
	if (slots->taken_count * 2 >= slots->taken_capacity) {
		struct slots old = *slots;
		slots->taken_capacity = old.taken_capacity ? old.taken_capacity * 2 : 16;
		slots->taken = NEW_ARRAY(slots->arena, struct taken, slots->taken_capacity);
		for (size_t i = 0; i < old.taken_capacity; i++)
			if (old.taken[i].key)
				*probe(slots, old.taken[i].key - 1) = old.taken[i];
	}
	*probe(slots, slot) = (struct taken){slot + 1, slot + 1};
	slots->taken_count++;
	slots->free--;
}

/* The entry of SLOT, or NULL where it is not taken. */
static const struct taken *taken_at(const struct slots *slots, uint64_t slot)
{
	const struct taken *taken = slots->taken_capacity ? probe(slots, slot) : NULL;
	return taken && taken->key ? taken : NULL;
}

/* The first free slot from SLOT on; the number of slots where there is none. */
static uint64_t next_free(struct slots *slots, uint64_t slot)
{
	uint64_t from = run_end(slots, slot), found = from;
	for (const struct taken *taken; (taken = taken_at(slots, found));)
		found = run_end(slots, taken->next);
	for (uint64_t on; from != found; from = on) {
		struct taken *taken = probe(slots, from);
		on = run_end(slots, taken->next);
		taken->next = found;
	}
	return found;
}

static struct cidr slot_cidr(const struct slots *slots, uint64_t slot)
{
	size_t low = 0, high = slots->pool_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (slots->pools[middle].start <= slot)
			low = middle;
		else
			high = middle;
	}
	return cidr_part(slots->pools[low].cidr, slots->length, slot - slots->pools[low].start);
}

struct cidr slots_take(struct slots *slots, uint64_t hash)
{
	settle(slots);
	if (slots->free == 0)
		return (struct cidr){0};
	uint64_t slot = next_free(slots, hash % slots->count);
	if (slot == slots->count)
		slot = next_free(slots, 0);
	take(slots, slot);
	return slot_cidr(slots, slot);
}

struct cidr slots_lowest_free(struct slots *slots)
{
	settle(slots);
	return slots->free ? slot_cidr(slots, next_free(slots, 0)) : (struct cidr){0};
}

uint64_t slots_count(const struct slots *slots)
{
	return slots->count;
}

uint64_t slots_covered(const struct slots *slots, struct cidr cidr)
{
	uint64_t covered = 0;
	struct range_hits hits = range_hits(&slots->by_address, cidr);
	for (const struct range *range; (range = range_hit(&hits));) {
		struct run run = touched(slots, &slots->pools[range->order], cidr);
		covered += run.end - run.start;
	}
	return covered;
}

uint64_t slots_fit(const struct slots *slots)
{
	return slots->fit;
}

uint64_t slots_free(struct slots *slots)
{
	settle(slots);
	return slots->free;
}
