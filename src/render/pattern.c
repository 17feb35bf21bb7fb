/* Patterns: text cut at its slots. */
#include "pattern.h"

#include "../base/die.h"

#include <stdlib.h>
#include <string.h>

struct segment {
	size_t start;
	uint32_t length;
	uint32_t slot; /* 0: the end */
};

void pattern_start(struct pattern *pattern)
{
	if (!pattern->text.capacity)
		pattern->text = buf_memory();
	pattern->text.n = 0;
	pattern->count = 0;
	pattern->slots = 0;
}

static void add_segment(struct pattern *pattern, struct segment segment)
{
	if (pattern->count == pattern->capacity) {
		size_t capacity = pattern->capacity ? pattern->capacity * 2 : 64;
		struct segment *grown = realloc(pattern->segments, capacity * sizeof *grown);
		if (!grown)
			die("out of memory");
		pattern->segments = grown;
		pattern->capacity = capacity;
	}
	pattern->segments[pattern->count++] = segment;
}

/* Whether one of the eight bytes at P is below 0x20 (Sean Anderson, Bit Twiddling Hacks: hasless). */
static bool holds_control(const unsigned char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;
	memcpy(&word, p, sizeof word);
	return ((word - ones * 0x20) & ~word & (ones * 0x80)) != 0;
}

void pattern_finish(struct pattern *pattern)
{
	const unsigned char *p = (const unsigned char *)pattern->text.p;
	size_t n = pattern->text.n;
	for (size_t start = 0, i = 0; start <= n; start = ++i) {
		while (i < n && (p[i] >= ' ' || p[i] == '\n' || p[i] == '\t')) {
			i++;
			while (i + 8 <= n && !holds_control(p + i))
				i += 8;
		}
		unsigned slot = i < n ? p[i] : 0;
		if (slot >= SLOT_COUNT || slot == '\r')
			BUG("a control character in a pattern");
		pattern->slots |= 1u << slot;
		add_segment(pattern, (struct segment){start, (uint32_t)(i - start), slot});
	}
	pattern->slot_count = 0;
	for (uint8_t slot = 1; slot < SLOT_COUNT; slot++)
		if (pattern->slots & (1u << slot))
			pattern->used[pattern->slot_count++] = slot;
}

void pattern_free(struct pattern *pattern)
{
	buf_free(&pattern->text);
	free(pattern->segments);
	*pattern = (struct pattern){0};
}

size_t pattern_size(const struct pattern *pattern, const struct str *values)
{
	size_t size = 0;
	for (size_t i = 0; i < pattern->count; i++)
		size += pattern->segments[i].length + values[pattern->segments[i].slot].n;
	return size;
}

void pattern_play(const struct pattern *pattern, const struct str *values, struct buf *out)
{
	size_t size = pattern_size(pattern, values);
	char *p = buf_room(out, size);
	for (size_t i = 0; i < pattern->count; i++) {
		const struct segment *segment = &pattern->segments[i];
		struct str value = values[segment->slot];
		if (segment->length)
			memcpy(p, pattern->text.p + segment->start, segment->length);
		p += segment->length;
		if (value.n)
			memcpy(p, value.p, value.n);
		p += value.n;
	}
	out->n += size;
}
