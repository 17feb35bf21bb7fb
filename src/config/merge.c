/* Merging trees: one pass over both maps, keys found through a hash. */
#include "merge.h"

#include "../base/map.h"

#include <stdlib.h>

static struct node *copy(struct arena *arena, const struct node *node)
{
	struct node *n = NEW(arena, struct node);
	*n = *node;
	n->next = NULL;
	return n;
}

const struct node *node_merge(struct arena *arena, const struct node *below, const struct node *above,
			      enum merge_null how)
{
	if (!above || (how == MERGE_NULL_SKIPPED && node_is_null(above)))
		return below;
	if (!below || below->kind != NODE_MAP || above->kind != NODE_MAP || below->n == 0)
		return above;

	struct arena scratch = {0};
	struct map keys = {0};
	map_reserve(&scratch, &keys, above->n);
	for (const struct node *k = above->child; k; k = k->next->next)
		*map_at(&scratch, &keys, node_text(k)) = (void *)(uintptr_t)k;

	struct node *merged = copy(arena, above);
	struct node **end = &merged->child;
	merged->n = 0;
	for (const struct node *k = below->child; k; k = k->next->next) {
		void **slot = map_get(&keys, node_text(k)) ? map_at(&scratch, &keys, node_text(k)) : NULL;
		const struct node *over = slot ? *slot : NULL;
		const struct node *value = over ? node_merge(arena, k->next, over->next, how) : k->next;
		struct node *key = copy(arena, over ? over : k);
		if (slot)
			*slot = NULL; /* placed */
		key->next = copy(arena, value);
		*end = key;
		end = &key->next->next;
		merged->n++;
	}
	for (const struct node *k = above->child; k; k = k->next->next) {
		if (!map_get(&keys, node_text(k)))
			continue;
		struct node *key = copy(arena, k);
		key->next = copy(arena, k->next);
		*end = key;
		end = &key->next->next;
		merged->n++;
	}
	*end = NULL;
	arena_free(&scratch);
	return merged;
}

static bool holds_null(const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		return false;
	for (const struct node *child = node->child; child; child = child->next) {
		if (node->kind == NODE_MAP)
			child = child->next;
		if (node_is_null(child) || holds_null(child))
			return true;
	}
	return false;
}

const struct node *node_without_nulls(struct arena *arena, const struct node *node)
{
	if (!holds_null(node))
		return node;
	struct node *kept = copy(arena, node);
	struct node **end = &kept->child;
	kept->n = 0;
	for (const struct node *child = node->child; child; child = child->next) {
		const struct node *key = NULL;
		if (node->kind == NODE_MAP) {
			key = child;
			child = child->next;
			if (node_is_null(child))
				continue;
			*end = copy(arena, key);
			end = &(*end)->next;
		}
		*end = copy(arena, node_without_nulls(arena, child));
		end = &(*end)->next;
		kept->n++;
	}
	*end = NULL;
	return kept;
}

static int by_key(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;
	return str_cmp(node_text(*x), node_text(*y));
}

const struct node *node_sorted(struct arena *arena, const struct node *map)
{
	bool sorted = true;
	size_t count = 0;
	if (!map || map->kind != NODE_MAP)
		return map;
	for (const struct node *key = map->child; key; key = key->next->next, count++) {
		const struct node *next = key->next->next;
		sorted &= !next || str_cmp(node_text(key), node_text(next)) < 0;
	}
	if (sorted)
		return map;
	const struct node **keys = NEW_ARRAY(arena, const struct node *, count);
	count = 0;
	for (const struct node *key = map->child; key; key = key->next->next)
		keys[count++] = key;
	qsort(keys, count, sizeof(const struct node *), by_key);
	struct node *result = copy(arena, map);
	struct node **end = &result->child;
	for (size_t i = 0; i < count; i++) {
		*end = copy(arena, keys[i]);
		(*end)->next = copy(arena, keys[i]->next);
		end = &(*end)->next->next;
	}
	*end = NULL;
	return result;
}
