/* A set of texts, each with a pointer: linear probing at most half full. */
#include "map.h"

struct map_slot {
	struct str key;
	void *value;
	bool used;
};

static struct map_slot *probe(const struct map *map, struct str key)
{
	size_t mask = map->capacity - 1;
	size_t i = (size_t)str_hash(FNV_START, key) & mask;
	while (map->slots[i].used && !str_eq(map->slots[i].key, key))
		i = (i + 1) & mask;
	return &map->slots[i];
}

static void grow(struct arena *arena, struct map *map)
{
	struct map old = *map;
	map->capacity = old.capacity ? old.capacity * 2 : 16;
	map->slots = NEW_ARRAY(arena, struct map_slot, map->capacity);
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].used)
			*probe(map, old.slots[i].key) = old.slots[i];
}

void map_reserve(struct arena *arena, struct map *map, size_t count)
{
	map->capacity = 16;
	while (map->capacity < count * 2)
		map->capacity *= 2;
	map->slots = NEW_ARRAY(arena, struct map_slot, map->capacity);
}

void **map_at(struct arena *arena, struct map *map, struct str key)
{
	if (map->count * 2 >= map->capacity)
		grow(arena, map);
	struct map_slot *slot = probe(map, key);
	if (!slot->used) {
		*slot = (struct map_slot){.key = key, .used = true};
		map->count++;
	}
	return &slot->value;
}

bool map_add(struct arena *arena, struct map *map, struct str key)
{
	size_t before = map->count;
	map_at(arena, map, key);
	return map->count > before;
}

void *map_get(const struct map *map, struct str key)
{
	return map->capacity ? probe(map, key)->value : NULL;
}
