/* A set of texts, each with a pointer: open addressing, memory from an arena.
 *
 * Keys are not copied: they must outlive the map. Nothing is ever removed.
 * The zero value is the empty map.
 */
#ifndef KDK_BASE_MAP_H
#define KDK_BASE_MAP_H

#include "arena.h"

struct map {
	struct map_slot *slots;
	size_t count, capacity;
};

/* Room for COUNT keys, for a map that is still empty: growing leaves old tables in the arena. */
void map_reserve(struct arena *arena, struct map *map, size_t count);
/* Where the pointer of KEY is kept; made, as NULL, where KEY is new. Good until the next call. */
void **map_at(struct arena *arena, struct map *map, struct str key);
/* Whether KEY is new; it is there from now on. */
bool map_add(struct arena *arena, struct map *map, struct str key);
/* The pointer of KEY; NULL where there is none. */
void *map_get(const struct map *map, struct str key);

#endif
