#include "range.h"

#include "../base/random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

static struct cidr range(const char *text)
{
	struct cidr cidr;
	if (cidr_parse(str_of(text), &cidr) == CIDR_INVALID)
		fail_msg("%s is no range", text);
	return cidr;
}

/* TEXT: ranges with spaces between, each its own owner. */
static struct range_set set_of(struct arena *arena, const char *text)
{
	struct range_set set = {0};
	for (struct str rest = str_of(text), word; rest.n; rest = str_from(rest, word.n + 1)) {
		word = str_to(rest, str_find(rest, ' '));
		struct cidr cidr;
		assert_int_not_equal(cidr_parse(word, &cidr), CIDR_INVALID);
		range_add(arena, &set, cidr, word.p);
	}
	range_build(&set);
	return set;
}

static void assert_text(const char *row, struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("%s: got '%.*s', want '%s'", row, STR(got), want);
}

static void test_queries(void **state)
{
	(void)state;
	static const struct {
		const char *set, *query, *hits, *blocker;
	} rows[] = {
		{"", "10.0.0.0/8", "", ""},
		{"10.96.0.0/12", "10.96.0.0/16", "10.96.0.0/12", "10.96.0.0/12"},
		{"10.96.0.0/12", "10.112.0.0/16", "", ""},
		{"10.96.0.0/16 10.98.0.0/16", "10.97.0.0/16", "", ""},
		{"10.1.0.0/16 10.2.0.0/16 10.3.0.0/16", "10.2.0.0/15", "10.2.0.0/16 10.3.0.0/16", "10.2.0.0/16"},
		{"10.96.0.10/32", "10.96.0.0/16", "10.96.0.10/32", "10.96.0.10/32"},
		/* around it from the smallest on, past neighbours that are not */
		{"10.1.1.0/24 10.0.0.0/8 10.1.0.0/16 0.0.0.0/0 10.1.2.0/25", "10.1.3.0/24",
		 "10.1.0.0/16 10.0.0.0/8 0.0.0.0/0", "0.0.0.0/0"},
		{"10.1.0.128/25 10.1.0.0/16 10.1.0.0/24 10.1.0.0/25 10.2.0.0/16", "10.1.0.0/24",
		 "10.1.0.0/16 10.1.0.0/24 10.1.0.0/25 10.1.0.128/25", "10.1.0.0/16"},
		{"10.0.0.0/8 10.1.0.0/16 10.0.0.0/8 10.1.0.0/16", "10.1.0.0/16",
		 "10.0.0.0/8 10.0.0.0/8 10.1.0.0/16 10.1.0.0/16", "10.0.0.0/8"},
		{"10.0.0.0/8 10.0.0.0/8 10.0.0.0/8", "10.9.9.9/32", "10.0.0.0/8 10.0.0.0/8 10.0.0.0/8", "10.0.0.0/8"},
		/* the families are apart */
		{"::/0 10.0.0.0/8 fd00::/8", "10.0.0.0/16", "10.0.0.0/8", "10.0.0.0/8"},
		{"::/0 10.0.0.0/8 fd00::/8", "fd00::/64", "fd00::/8 ::/0", "::/0"},
		{"0.0.0.0/0 fd00::/8", "::/0", "fd00::/8", "fd00::/8"},
		/* host bits mean the range they are in */
		{"10.76.0.0/12", "10.65.0.1/16", "10.64.0.0/12", "10.64.0.0/12"},
		{"10.65.0.0/24", "10.65.255.1/16", "10.65.0.0/24", "10.65.0.0/24"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		struct range_set set = set_of(&arena, rows[i].set);
		struct buf {
			char p[200];
			size_t n;
		} got = {0};
		char text[CIDR_TEXT];
		struct range_hits hits = range_hits(&set, range(rows[i].query));
		for (const struct range *hit; (hit = range_hit(&hits));) {
			struct str one = cidr_print(text, hit->cidr);
			assert_true(got.n + one.n + 1 < sizeof got.p);
			if (got.n)
				got.p[got.n++] = ' ';
			memcpy(got.p + got.n, one.p, one.n);
			got.n += one.n;
		}
		assert_text(rows[i].query, (struct str){got.p, got.n}, rows[i].hits);
		const struct range *blocker = range_blocker(&set, range(rows[i].query));
		assert_text(rows[i].query, blocker ? cidr_print(text, blocker->cidr) : S(""), rows[i].blocker);
		arena_free(&arena);
	}
}

static void test_none(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct range_set set = set_of(&arena, "::/0 0.0.0.0/0");
	range_add(&arena, &set, (struct cidr){0}, NULL);
	range_build(&set);
	assert_int_equal(set.count, 2);
	struct range_hits hits = range_hits(&set, (struct cidr){0});
	assert_null(range_hit(&hits));
	assert_null(range_hit(&hits));
	assert_null(range_blocker(&set, (struct cidr){0}));
	arena_free(&arena);
}

static void test_owners(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct range_set set = {0};
	int owners[3];
	for (int i = 0; i < 3; i++)
		range_add(&arena, &set, range("10.0.0.0/8"), &owners[i]);
	range_build(&set);
	struct range_hits hits = range_hits(&set, range("10.0.0.0/8"));
	for (size_t i = 0; i < 3; i++) {
		const struct range *hit = range_hit(&hits);
		assert_ptr_equal(hit->owner, &owners[i]);
		assert_int_equal(hit->order, i);
	}
	/* Built again with one more */
	range_add(&arena, &set, range("9.0.0.0/8"), NULL);
	range_build(&set);
	assert_null(range_blocker(&set, range("9.0.0.0/8"))->owner);
	assert_ptr_equal(range_blocker(&set, range("10.1.0.0/16"))->owner, &owners[0]);
	arena_free(&arena);
}

static void test_lowest_free(void **state)
{
	(void)state;
	static const struct {
		const char *pools, *a, *b;
		unsigned length;
		const char *want;
	} rows[] = {
		{"10.64.0.0/11", "", "", 20, "10.64.0.0/20"},
		{"10.64.0.0/11", "10.64.0.0/21", "10.64.8.0/22", 22, "10.64.12.0/22"},
		{"10.64.0.0/11", "10.64.0.0/21", "10.64.8.0/24", 22, "10.64.12.0/22"},
		{"10.64.0.0/11", "10.64.0.0/12", "10.80.0.0/13", 20, "10.88.0.0/20"},
		{"10.64.0.0/11 10.112.0.0/12", "10.64.0.0/11", "", 20, "10.112.0.0/20"},
		{"10.112.0.0/12 10.64.0.0/11", "", "", 20, "10.112.0.0/20"},
		{"10.64.0.0/11", "10.0.0.0/8", "", 20, ""},
		{"10.64.0.0/24 10.65.0.0/16", "", "", 20, "10.65.0.0/20"},
		{"10.64.0.0/24", "", "10.64.0.0/25 10.64.0.192/26 10.64.0.128/27", 27, "10.64.0.160/27"},
		{"255.0.0.0/8", "255.0.0.0/9 255.128.0.0/9", "", 16, ""},
		{"fd00::/44", "::/0", "", 60, ""},
		{"fd00::/44", "fd00::/59 10.0.0.0/8", "fd00:0:0:20::1/128", 60, "fd00:0:0:30::/60"},
		{"ff00::/8", "ff00::/8", "", 64, ""},
		{"::/0", "::/0", "", 1, ""},
		{"", "", "", 20, ""},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		struct range_set pools = set_of(&arena, rows[i].pools), a = set_of(&arena, rows[i].a),
				 b = set_of(&arena, rows[i].b);
		struct cidr listed[4];
		for (size_t p = 0; p < pools.count; p++)
			listed[pools.items[p].order] = pools.items[p].cidr;
		bool v4 = pools.count && cidr_is_v4(listed[0]);
		unsigned length = rows[i].length + (v4 ? ADDR_V4 : 0);
		const struct range_set *const sets[] = {&a, &b};
		char text[CIDR_TEXT];
		assert_text(rows[i].pools, cidr_print(text, range_lowest_free(listed, pools.count, length, sets, 2)), rows[i].want);
		arena_free(&arena);
	}
}

/* 64 addresses of either family, or all of IPv6. */
static struct cidr random_range(uint64_t *seed)
{
	uint64_t random = next_random(seed);
	struct cidr block = random & 1 ? range("10.0.0.0/26") : range("fd00::/122");
	if ((random >> 1) % 64 == 0)
		return range("::/0");
	unsigned bits = (unsigned)((random >> 8) % 7);
	return cidr_part(block, block.length + bits, (random >> 16) & ((1U << bits) - 1));
}

static bool comes_before(const struct range *a, const struct range *b, struct cidr query)
{
	bool around_a = a->cidr.length < query.length, around_b = b->cidr.length < query.length;
	if (around_a != around_b)
		return around_a;
	int order = around_a ? b->cidr.length - a->cidr.length : addr_cmp(a->cidr.addr, b->cidr.addr);
	order = order ? order : a->cidr.length - b->cidr.length;
	return order ? order < 0 : a->order < b->order;
}

static void test_pairwise(void **state)
{
	(void)state;
	uint64_t seed = 2;
	for (int round = 0; round < 20000; round++) {
		struct arena arena = {0};
		struct range_set set = {0};
		size_t count = next_random(&seed) % 24;
		struct cidr added[24];
		for (size_t i = 0; i < count; i++) {
			added[i] = random_range(&seed);
			range_add(&arena, &set, added[i], &added[i]);
		}
		range_build(&set);

		for (int q = 0; q < 8; q++) {
			struct cidr query = random_range(&seed);
			size_t want = 0, got = 0;
			unsigned widest = ADDR_BITS + 1;
			for (size_t i = 0; i < count; i++) {
				want += cidr_overlaps(added[i], query);
				if (cidr_contains(added[i], query) && added[i].length < widest)
					widest = added[i].length;
			}
			const struct range *before = NULL;
			struct range_hits hits = range_hits(&set, query);
			for (const struct range *hit; (hit = range_hit(&hits)); before = hit, got++) {
				assert_true(cidr_overlaps(hit->cidr, query));
				assert_ptr_equal(hit->owner, &added[hit->order]);
				assert_true(cidr_eq(hit->cidr, added[hit->order]));
				assert_true(!before || comes_before(before, hit, query));
			}
			assert_int_equal(got, want);

			const struct range *blocker = range_blocker(&set, query);
			assert_int_equal(blocker != NULL, want > 0);
			if (blocker)
				assert_true(cidr_overlaps(blocker->cidr, query));
			if (blocker && widest <= ADDR_BITS)
				assert_int_equal(blocker->cidr.length, widest);
		}

		struct cidr pool = range("10.0.0.0/26");
		unsigned length = 122 + (unsigned)(next_random(&seed) % 7);
		struct cidr want = {0}, candidate;
		const struct range_set none = {0}, *const sets[] = {&none, &set};
		for (uint64_t i = 0; i < UINT64_C(1) << (length - 122) && !want.set; i++) {
			candidate = want = cidr_part(pool, length, i);
			for (size_t r = 0; r < count; r++)
				if (cidr_overlaps(added[r], candidate))
					want.set = false;
		}
		assert_true(cidr_eq(range_lowest_free(&pool, 1, length, sets, 2), want));
		assert_true(cidr_eq(range_lowest_free(&pool, 1, length, sets + 1, 1), want));
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries),     cmocka_unit_test(test_none),     cmocka_unit_test(test_owners),
		cmocka_unit_test(test_lowest_free), cmocka_unit_test(test_pairwise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
