/* Sorted ranges, joined from left to right: what can be joined stands side by side. */
#include "cover.h"

#include <stdlib.h>

int cover_cmp(struct cidr a, struct cidr b)
{
	if (cidr_is_v4(a) != cidr_is_v4(b))
		return cidr_is_v4(a) ? -1 : 1;
	int order = addr_cmp(a.addr, b.addr);
	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare(const void *a, const void *b)
{
	return cover_cmp(*(const struct cidr *)a, *(const struct cidr *)b);
}

size_t cover_outer(struct cidr *items, size_t count)
{
	size_t kept = 0;
	if (count)
		qsort(items, count, sizeof *items, compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !cidr_contains(items[kept - 1], items[i]))
			items[kept++] = items[i];
	return kept;
}

/* The smallest range that holds both, which are of one family. */
static struct cidr around(struct cidr a, struct cidr b)
{
	struct cidr both = a;
	while (!cidr_contains(both, b)) {
		both.length--;
		both = cidr_masked(both);
	}
	return both;
}

/* Two halves of one range. */
static bool are_halves(struct cidr a, struct cidr b)
{
	return cidr_is_v4(a) == cidr_is_v4(b) && a.length == b.length && around(a, b).length + 1 == a.length;
}

size_t cover_union(struct cidr *items, size_t count)
{
	size_t kept = 0;
	count = cover_outer(items, count);
	for (size_t i = 0; i < count; i++) {
		items[kept++] = items[i];
		for (; kept > 1 && are_halves(items[kept - 2], items[kept - 1]); kept--)
			items[kept - 2] = around(items[kept - 2], items[kept - 1]);
	}
	return kept;
}

size_t cover_around(struct cidr *items, size_t count, struct widest widest)
{
	size_t kept = 0;
	count = cover_outer(items, count);
	for (size_t i = 0; i < count; i++) {
		bool v4 = cidr_is_v4(items[i]);
		if (kept && cidr_is_v4(items[kept - 1]) == v4) {
			struct cidr both = around(items[kept - 1], items[i]);
			if (both.length >= (v4 ? widest.v4 : widest.v6)) {
				items[kept - 1] = both;
				continue;
			}
		}
		items[kept++] = items[i];
	}
	return kept;
}

size_t cover_find(const struct cidr *items, size_t count, struct cidr cidr)
{
	size_t from = 0, to = count; /* what stands before FROM is not behind CIDR */
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (cover_cmp(items[middle], cidr) <= 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from && cidr_contains(items[from - 1], cidr) ? from - 1 : count;
}
