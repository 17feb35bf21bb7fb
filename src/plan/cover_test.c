#include "cover.h"

#include "../base/buf.h"
#include "../base/random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

enum { MOST = 64 };

/* Ranges or addresses with spaces between. */
static size_t parse(const char *text, struct cidr *items)
{
	size_t count = 0;
	for (struct str rest = str_of(text), word; rest.n; rest = str_from(rest, word.n + 1)) {
		struct addr addr;
		word = str_to(rest, str_find(rest, ' '));
		if (addr_parse(word, &addr))
			items[count] = cidr_of(addr, ADDR_BITS);
		else
			assert_int_equal(cidr_parse(word, &items[count]), CIDR_OK);
		assert_true(++count < MOST);
	}
	return count;
}

static void assert_ranges(const struct cidr *items, size_t count, const char *want)
{
	struct buf text = buf_memory();
	for (size_t i = 0; i < count; i++) {
		char one[CIDR_TEXT];
		buf_fmt(&text, "%s%.*s", i ? " " : "", STR(cidr_print(one, items[i])));
	}
	if (!str_eq(buf_str(&text), str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(buf_str(&text)), want);
	buf_free(&text);
}

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		const char *items, *outer, *joined, *around;
	} rows[] = {
		{"", "", "", ""},
		{"10.0.0.1", "10.0.0.1/32", "10.0.0.1/32", "10.0.0.1/32"},
		{"10.0.0.1 10.0.0.1", "10.0.0.1/32", "10.0.0.1/32", "10.0.0.1/32"},
		/* halves join, and what they make joins again; neighbours that are no halves do not */
		{"10.244.0.0/24 10.244.1.0/24 10.244.2.0/24 10.244.3.0/24",
		 "10.244.0.0/24 10.244.1.0/24 10.244.2.0/24 10.244.3.0/24", "10.244.0.0/22", "10.244.0.0/22"},
		{"10.244.2.0/24 10.244.1.0/24", "10.244.1.0/24 10.244.2.0/24", "10.244.1.0/24 10.244.2.0/24", "10.244.0.0/22"},
		{"10.0.1.0/24 10.0.0.0/24 10.0.1.7", "10.0.0.0/24 10.0.1.0/24", "10.0.0.0/23", "10.0.0.0/23"},
		/* never wider than asked for, here /16 and /48 */
		{"10.0.0.1 10.0.255.1 10.1.0.1", "10.0.0.1/32 10.0.255.1/32 10.1.0.1/32", "10.0.0.1/32 10.0.255.1/32 10.1.0.1/32",
		 "10.0.0.0/16 10.1.0.1/32"},
		{"10.0.0.0/8 10.1.2.3", "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8"},
		{"10.0.0.0/9 10.128.0.0/9", "10.0.0.0/9 10.128.0.0/9", "10.0.0.0/8", "10.0.0.0/9 10.128.0.0/9"},
		/* IPv4 first, and the families apart */
		{"fd00::1 10.0.0.1 ::1 fd00::2", "10.0.0.1/32 ::1/128 fd00::1/128 fd00::2/128",
		 "10.0.0.1/32 ::1/128 fd00::1/128 fd00::2/128", "10.0.0.1/32 ::1/128 fd00::/126"},
		{"255.255.255.255 ::1:0:0:0", "255.255.255.255/32 ::1:0:0:0/128", "255.255.255.255/32 ::1:0:0:0/128",
		 "255.255.255.255/32 ::1:0:0:0/128"},
		{"0.0.0.0/1 128.0.0.0/1", "0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0", "0.0.0.0/1 128.0.0.0/1"},
		{"::/1 8000::/1 1.2.3.4", "1.2.3.4/32 ::/1 8000::/1", "1.2.3.4/32 ::/0", "1.2.3.4/32 ::/1 8000::/1"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cidr items[MOST];
		size_t count = parse(rows[i].items, items);
		assert_ranges(items, cover_outer(items, count), rows[i].outer);
		count = parse(rows[i].items, items);
		assert_ranges(items, cover_union(items, count), rows[i].joined);
		count = parse(rows[i].items, items);
		assert_ranges(items, cover_around(items, count, (struct widest){ADDR_V4 + 16, 48}), rows[i].around);
	}
}

/* Against a bitmap of 10.0.0.0/24. */
static void test_random(void **state)
{
	(void)state;
	uint64_t random = 7;
	for (int round = 0; round < 2000; round++) {
		bool before[256] = {0}, after[256] = {0};
		struct cidr items[MOST], copy[MOST];
		size_t count = random_below(&random, MOST);
		for (size_t i = 0; i < count; i++) {
			unsigned prefix = 25 + (unsigned)random_below(&random, 8);
			items[i] = cidr_masked(cidr_make_v4(0x0a000000 + (uint32_t)random_below(&random, 256), prefix));
			for (uint64_t at = items[i].addr.low & 255, n = UINT64_C(1) << cidr_bits(items[i]); n--; at++)
				before[at] = true;
		}
		memcpy(copy, items, sizeof copy);
		size_t joined = cover_union(items, count), found = 0;
		for (size_t i = 0; i < joined; i++)
			for (uint64_t at = items[i].addr.low & 255, n = UINT64_C(1) << cidr_bits(items[i]); n--; at++) {
				assert_false(after[at]);
				after[at] = true;
			}
		assert_memory_equal(before, after, sizeof before);
		for (size_t i = 0; i < 256; i++)
			found += cover_find(items, joined, cidr_make_v4(0x0a000000 + (uint32_t)i, 32)) < joined;
		size_t set = 0;
		for (size_t i = 0; i < 256; i++)
			set += before[i];
		assert_int_equal(found, set);
		size_t wide = cover_around(copy, count, (struct widest){ADDR_V4 + 26, 48});
		for (size_t i = 0; i < joined; i++)
			if (cidr_prefix(items[i]) >= 26)
				assert_true(cover_find(copy, wide, items[i]) < wide);
		for (size_t i = 1; i < wide; i++)
			assert_false(cidr_overlaps(copy[i - 1], copy[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
