/* Memory of one run: taken piece by piece, given back all at once.
 *
 * Every allocation is zeroed and aligned for any type. Running out ends the
 * program (die.h), so no caller tests for NULL. With KDK_SAN defined each
 * allocation is a block of its own, so that a sanitizer sees every overrun.
 */
#ifndef KDK_BASE_ARENA_H
#define KDK_BASE_ARENA_H

#include "str.h"

struct arena {
	struct arena_block *last;
	char *free, *end; /* what is left of the last block */
};

void *arena_alloc(struct arena *arena, size_t count, size_t size);
void arena_free(struct arena *arena); /* leaves the zero value, ready for use */

#define NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define NEW_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

struct str arena_str(struct arena *arena, struct str s); /* a copy */
struct str arena_fmt(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for one more element behind *ITEMS, doubling; the old array stays
 * in the arena, so pointers into it stay good. */
#define ARENA_PUSH(arena, items, count, capacity) \
	((count) < (capacity) ? (void)0 : \
	 (void)((items) = arena_grow((arena), (items), (count), &(capacity), sizeof *(items))))
void *arena_grow(struct arena *arena, const void *items, size_t count, size_t *capacity, size_t size);

#endif
