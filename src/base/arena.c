/* Memory of one run: blocks chained together, cut from the front. */
#include "arena.h"

#include "die.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *previous;
	alignas(max_align_t) char bytes[];
};

#ifdef KDK_SAN
enum { BLOCK = 0 };
#else
enum { BLOCK = 128 * 1024 };
#endif
enum { ALIGN = alignof(max_align_t) };

static void *block_new(struct arena *arena, size_t size)
{
	struct arena_block *block = calloc(1, sizeof *block + size);
	if (!block)
		die("out of memory");
	block->previous = arena->last;
	arena->last = block;
	return block->bytes;
}

static void *alloc(struct arena *arena, size_t bytes, size_t align)
{
	if (bytes == 0)
		bytes = 1;
	if (bytes > BLOCK / 4)
		return block_new(arena, bytes);
	size_t padding = -(uintptr_t)arena->free & (align - 1);
	if (bytes + padding > (size_t)(arena->end - arena->free)) {
		arena->free = block_new(arena, BLOCK);
		arena->end = arena->free + BLOCK;
		padding = 0;
	}
	char *p = arena->free + padding;
	arena->free = p + bytes;
	return p;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	if (size && count > (SIZE_MAX / 2) / size)
		die("out of memory");
	return alloc(arena, count * size, ALIGN);
}

void arena_free(struct arena *arena)
{
	while (arena->last) {
		struct arena_block *previous = arena->last->previous;
		free(arena->last);
		arena->last = previous;
	}
	*arena = (struct arena){0};
}

struct str arena_str(struct arena *arena, struct str s)
{
	if (s.n == 0)
		return (struct str){0};
	char *p = alloc(arena, s.n, 1);
	memcpy(p, s.p, s.n);
	return (struct str){p, s.n};
}

struct str arena_fmt(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		BUG("a format that cannot be printed");
	char *p = alloc(arena, (size_t)n + 1, 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return (struct str){p, (size_t)n};
}

void *arena_grow(struct arena *arena, const void *items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 8;
	void *grown = arena_alloc(arena, wanted, size);
	if (count)
		memcpy(grown, items, count * size);
	*capacity = wanted;
	return grown;
}
