#include "addr.h"

#include "random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

/* As text, "" where it does not parse. */
static struct str reprinted(char out[static CIDR_TEXT], const char *text, enum cidr_error *error)
{
	struct cidr cidr;
	*error = cidr_parse(str_of(text), &cidr);
	assert_int_equal(cidr.set, *error != CIDR_INVALID);
	return cidr_print(out, cidr);
}

static void assert_text(const char *row, struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("%s: got '%.*s', want '%s'", row, STR(got), want);
}

static struct cidr range(const char *text)
{
	struct cidr cidr;
	if (*text && cidr_parse(str_of(text), &cidr) != CIDR_OK)
		fail_msg("%s is no range", text);
	return *text ? cidr : (struct cidr){0};
}

static struct addr address(const char *text)
{
	struct addr addr;
	if (!addr_parse(str_of(text), &addr))
		fail_msg("%s is no address", text);
	return addr;
}

static void test_cidr_parse(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
		enum cidr_error error;
	} rows[] = {
		{"10.64.0.0/20", "10.64.0.0/20", CIDR_OK},
		{"0.0.0.0/0", "0.0.0.0/0", CIDR_OK},
		{"255.255.255.255/32", "255.255.255.255/32", CIDR_OK},
		{"192.168.100.9/32", "192.168.100.9/32", CIDR_OK},
		{"::/0", "::/0", CIDR_OK},
		{"::1/128", "::1/128", CIDR_OK},
		{"fd00:1::/44", "fd00:1::/44", CIDR_OK},
		{"FD00:0:0:10::/60", "fd00:0:0:10::/60", CIDR_OK},
		{"2001:db8:0:0:1::/80", "2001:db8:0:0:1::/80", CIDR_OK},
		{"64:ff9b::192.0.2.0/120", "64:ff9b::c000:200/120", CIDR_OK},
		{"::fffe:0:0/95", "::fffe:0:0/95", CIDR_OK},

		{"10.76.0.0/12", "10.76.0.0/12", CIDR_HOST_BITS},
		{"10.0.0.1/0", "10.0.0.1/0", CIDR_HOST_BITS},
		{"fd00::1/64", "fd00::1/64", CIDR_HOST_BITS},
		{"8000::/0", "8000::/0", CIDR_HOST_BITS},

		{"", "", CIDR_INVALID},
		{"/", "", CIDR_INVALID},
		{"10.0.0.0", "", CIDR_INVALID},
		{"10.0.0.0/", "", CIDR_INVALID},
		{"/8", "", CIDR_INVALID},
		{"10.0.0.0/8/8", "", CIDR_INVALID},
		{"10.0.0.0/33", "", CIDR_INVALID},
		{"10.0.0.0/08", "", CIDR_INVALID},
		{"10.0.0.0/00", "", CIDR_INVALID},
		{"10.0.0.0/+8", "", CIDR_INVALID},
		{"10.0.0.0/-0", "", CIDR_INVALID},
		{"10.0.0.0/8 ", "", CIDR_INVALID},
		{" 10.0.0.0/8", "", CIDR_INVALID},
		{"10.0.0.0 /8", "", CIDR_INVALID},
		{"10.0.0.0/4294967304", "", CIDR_INVALID},
		{"10.0.0/8", "", CIDR_INVALID},
		{"10.0.0.0.0/8", "", CIDR_INVALID},
		{"10.0..0/8", "", CIDR_INVALID},
		{".10.0.0.0/8", "", CIDR_INVALID},
		{"10.0.0./8", "", CIDR_INVALID},
		{"010.0.0.0/8", "", CIDR_INVALID},
		{"10.00.0.0/8", "", CIDR_INVALID},
		{"256.0.0.0/8", "", CIDR_INVALID},
		{"10.0.0.a/8", "", CIDR_INVALID},
		{"1e1.0.0.0/8", "", CIDR_INVALID},

		{"::/129", "", CIDR_INVALID},
		{"::/1000", "", CIDR_INVALID},
		{":/0", "", CIDR_INVALID},
		{":::/0", "", CIDR_INVALID},
		{":1::/16", "", CIDR_INVALID},
		{"1:/16", "", CIDR_INVALID},
		{"1:::2/16", "", CIDR_INVALID},
		{"1::2::3/16", "", CIDR_INVALID},
		{"fd000::/16", "", CIDR_INVALID},
		{"00fd0::/16", "", CIDR_INVALID},
		{"fg00::/16", "", CIDR_INVALID},
		{"fd00::%eth0/64", "", CIDR_INVALID},
		{"fd00::/64%eth0", "", CIDR_INVALID},
		{"::1.2.3/128", "", CIDR_INVALID},
		{"::1.2.3.04/128", "", CIDR_INVALID},
		{"::a1.2.3.4/128", "", CIDR_INVALID},
		{"::1.2.3.4:5/128", "", CIDR_INVALID},
		{"1:2:3:4:5:6:7:1.2.3.4/128", "", CIDR_INVALID},
		{"1:2:3:4:5:1.2.3.4/128", "", CIDR_INVALID},

		/* IPv4 in IPv6: netip keeps it apart from IPv4, we cannot */
		{"::ffff:10.0.0.0/104", "", CIDR_INVALID},
		{"::ffff:a00:0/104", "", CIDR_INVALID},
		{"0:0:0:0:0:ffff:a00:0/104", "", CIDR_INVALID},
		{"::ffff:0:0/96", "", CIDR_INVALID},
		{"::ffff:0:0/80", "", CIDR_INVALID},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char out[CIDR_TEXT];
		enum cidr_error error;
		assert_text(rows[i].text, reprinted(out, rows[i].text, &error), rows[i].want);
		if (error != rows[i].error)
			fail_msg("%s: error %d, want %d", rows[i].text, (int)error, (int)rows[i].error);
	}
}

static void test_addr_parse(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want; /* NULL: invalid */
	} rows[] = {
		{"10.96.0.10", "10.96.0.10"},
		{"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255", "255.255.255.255"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"0:0:0:0:0:0:0:0", "::"},
		{"0000:0000:0000:0000:0000:0000:0000:0001", "::1"},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
		{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
		{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
		{"1:2:3::5:6:7:8", "1:2:3:0:5:6:7:8"},
		{"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
		{"1::1.2.3.4", "1::102:304"},
		{"::1.2.3.4", "::102:304"},
		{"1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304"},
		{"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
		{"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
		{"0:0:1:0:0:0:0:0", "0:0:1::"},
		{"ABCD:EF01:2345:6789:abcd:ef01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"::fffe:1.2.3.4", "::fffe:102:304"},
		{"1::ffff:1.2.3.4", "1::ffff:102:304"},

		{"", NULL},
		{"1", NULL},
		{"1.2.3.4.", NULL},
		{"1.2.3.4/8", NULL},
		{"1.2:3.4", NULL},
		{"fe80::1%eth0", NULL},
		{"1.2.3.4%eth0", NULL},
		{"::%", NULL},
		{"1:2:3:4:5:6:7", NULL},
		{"1:2:3:4:5:6:7:8:", NULL},
		{"1:2:3:4:5:6:7:8:9", NULL},
		{"1:2:3:4:5:6:7:8::", NULL},
		{"::1:2:3:4:5:6:7:8", NULL},
		{"1:2:3:4::5:6:7:8", NULL},
		{"1:2:3:4:5:6::1.2.3.4", NULL},
		{"1:2:3:4:5:6:7::1.2.3.4", NULL},
		{"::1.2.3.4.5", NULL},
		{"::12345", NULL},
		{"::\xe1", NULL},
		{"::ffff:1.2.3.4", NULL},
		{"::ffff:102:304", NULL},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char out[ADDR_TEXT];
		struct addr addr;
		bool valid = addr_parse(str_of(rows[i].text), &addr);
		if (valid != (rows[i].want != NULL))
			fail_msg("%s: %s", rows[i].text, valid ? "valid" : "invalid");
		if (valid)
			assert_text(rows[i].text, addr_print(out, addr), rows[i].want);
	}
}

/* A byte behind the text is not looked at: a str has no NUL. */
static void test_length(void **state)
{
	(void)state;
	struct cidr cidr;
	struct addr addr;
	assert_int_equal(cidr_parse(str_to(S("10.0.0.0/80"), 10), &cidr), CIDR_OK);
	assert_int_equal(cidr_prefix(cidr), 8);
	assert_true(addr_parse(str_to(S("::12"), 3), &addr));
	assert_int_equal(addr.low, 1);
	assert_int_equal(cidr_parse((struct str){0}, &cidr), CIDR_INVALID);
	assert_int_equal(cidr_parse((struct str){"10.0.0.0/8\0", 11}, &cidr), CIDR_INVALID);
}

static void test_round_trip(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (int i = 0; i < 200000; i++) {
		/* Groups of zeros, and IPv4, often enough */
		struct addr addr = {next_random(&seed), next_random(&seed)}, again;
		uint64_t zero = next_random(&seed);
		for (int group = 0; group < 4; group++) {
			addr.high &= ~((zero >> group & 1) * (UINT64_C(0xffff) << 16 * group));
			addr.low &= ~((zero >> (group + 4) & 1) * (UINT64_C(0xffff) << 16 * group));
		}
		if (zero >> 8 & 1)
			addr = (struct addr){0, UINT64_C(0xffff00000000) | (uint32_t)addr.low};
		char text[CIDR_TEXT];
		assert_true(addr_parse(addr_print(text, addr), &again));
		assert_int_equal(addr_cmp(addr, again), 0);

		unsigned least = addr_is_v4(addr) ? ADDR_V4 : 0;
		unsigned length = least + (unsigned)(zero >> 16) % (ADDR_BITS - least + 1);
		struct cidr cidr = cidr_masked(cidr_of(addr, length)), parsed;
		assert_int_equal(cidr_parse(cidr_print(text, cidr), &parsed), CIDR_OK);
		assert_true(cidr_eq(cidr, parsed));
		assert_true(cidr_is_v4(cidr) == addr_is_v4(addr));
	}
}

static void test_arithmetic(void **state)
{
	(void)state;
	static const struct {
		const char *text, *first, *last, *masked, *widest;
		unsigned prefix, bits;
	} rows[] = {
		{"10.76.0.0/12", "10.64.0.0", "10.79.255.255", "10.64.0.0/12", "10.76.0.0/14", 12, 20},
		{"10.64.0.0/11", "10.64.0.0", "10.95.255.255", "10.64.0.0/11", "10.64.0.0/10", 11, 21},
		{"0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0", "0.0.0.0/0", 0, 32},
		{"10.0.0.1/32", "10.0.0.1", "10.0.0.1", "10.0.0.1/32", "10.0.0.1/32", 32, 0},
		{"fd00::1:0:0/60", "fd00::", "fd00::f:ffff:ffff:ffff:ffff", "fd00::/60", "fd00::1:0:0/96", 60, 68},
		{"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0", "::/0", 0, 128},
		{"fd00::/64", "fd00::", "fd00::ffff:ffff:ffff:ffff", "fd00::/64", "fd00::/8", 64, 64},
		{"::1/128", "::1", "::1", "::1/128", "::1/128", 128, 0},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char out[CIDR_TEXT];
		struct cidr cidr;
		assert_int_not_equal(cidr_parse(str_of(rows[i].text), &cidr), CIDR_INVALID);
		assert_text(rows[i].text, addr_print(out, cidr_first(cidr)), rows[i].first);
		assert_text(rows[i].text, addr_print(out, cidr_last(cidr)), rows[i].last);
		assert_text(rows[i].text, cidr_print(out, cidr_masked(cidr)), rows[i].masked);
		assert_text(rows[i].text, cidr_print(out, cidr_widest(cidr.addr)), rows[i].widest);
		assert_int_equal(cidr_prefix(cidr), rows[i].prefix);
		assert_int_equal(cidr_bits(cidr), rows[i].bits);
	}
	assert_true(cidr_eq(cidr_make_v4(0x0a400000, 11), range("10.64.0.0/11")));
}

static void test_next(void **state)
{
	(void)state;
	static const struct {
		const char *text, *next; /* NULL: none */
	} rows[] = {
		{"10.0.0.255", "10.0.1.0"},
		{"255.255.255.255", NULL},
		{"::", "::1"},
		{"::ffff:ffff:ffff:ffff", "0:0:0:1::"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
		{"::fffe:ffff:ffff", NULL},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char out[ADDR_TEXT];
		struct addr next;
		bool got = addr_next(address(rows[i].text), &next);
		assert_int_equal(got, rows[i].next != NULL);
		if (got)
			assert_text(rows[i].text, addr_print(out, next), rows[i].next);
	}
	assert_int_equal(addr_cmp(addr_add(address("10.96.0.0"), 10), address("10.96.0.10")), 0);
	assert_int_equal(addr_cmp(addr_add(address("::ffff:ffff:ffff:fff0"), 0x20), address("0:0:0:1::10")), 0);
	assert_true(addr_cmp(address("1::"), address("::1")) > 0);
	assert_true(addr_cmp(address("::1"), address("::2")) < 0);
}

static void test_relations(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool overlaps, a_contains, b_contains;
	} rows[] = {
		{"10.96.0.0/12", "10.96.0.0/16", true, true, false},
		{"10.96.0.0/16", "10.96.0.0/16", true, true, true},
		{"10.96.0.0/16", "10.97.0.0/16", false, false, false},
		{"10.0.0.0/8", "10.255.255.255/32", true, true, false},
		{"0.0.0.0/0", "255.0.0.0/8", true, true, false},
		{"fd00::/44", "fd00:0:f::/48", true, true, false},
		{"fd00::/64", "fd00:0:0:1::/64", false, false, false},
		{"fd00::/100", "fd00::1000:0/104", false, false, false},
		{"::/0", "fd00::/8", true, true, false},
		{"::/0", "10.0.0.0/8", false, false, false},
		{"::/0", "0.0.0.0/0", false, false, false},
		{"::/80", "10.0.0.0/8", false, false, false},
		{"", "10.0.0.0/8", false, false, false},
		{"", "::/0", false, false, false},
		{"", "", false, false, false},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cidr a = range(rows[i].a), b = range(rows[i].b);
		if (cidr_overlaps(a, b) != rows[i].overlaps || cidr_overlaps(b, a) != rows[i].overlaps)
			fail_msg("%s overlaps %s", rows[i].a, rows[i].b);
		if (cidr_contains(a, b) != rows[i].a_contains || cidr_contains(b, a) != rows[i].b_contains)
			fail_msg("%s contains %s", rows[i].a, rows[i].b);
		assert_int_equal(cidr_eq(a, b), strcmp(rows[i].a, rows[i].b) == 0);
	}
	assert_true(cidr_has(range("10.96.0.0/12"), address("10.111.255.255")));
	assert_false(cidr_has(range("10.96.0.0/12"), address("10.112.0.0")));
	assert_false(cidr_has(range("::/0"), address("10.0.0.1")));
	assert_false(cidr_has((struct cidr){0}, address("::1")));
}

static void test_parts(void **state)
{
	(void)state;
	static const struct {
		const char *block;
		unsigned prefix; /* of the block's family */
		uint64_t index;
		const char *want;
	} rows[] = {
		{"10.64.0.0/20", 21, 1, "10.64.8.0/21"},
		{"10.64.0.0/20", 20, 0, "10.64.0.0/20"},
		{"10.64.0.0/11", 20, 511, "10.95.240.0/20"},
		{"0.0.0.0/0", 32, 0xffffffff, "255.255.255.255/32"},
		{"fd00::/44", 60, 0xffff, "fd00:0:f:fff0::/60"},
		{"fd00::/60", 112, 0xfffffffff, "fd00::f:ffff:ffff:0/112"},
		{"fd00::/63", 64, 1, "fd00:0:0:1::/64"},
		{"fd00::/60", 124, UINT64_MAX, "fd00::f:ffff:ffff:ffff:fff0/124"},
		{"::/0", 0, 0, "::/0"},
		{"::/0", 1, 1, "8000::/1"},
		{"::/64", 128, 3, "::3/128"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char out[CIDR_TEXT];
		struct cidr block = range(rows[i].block);
		unsigned length = rows[i].prefix + (cidr_is_v4(block) ? ADDR_V4 : 0);
		struct cidr part = cidr_part(block, length, rows[i].index);
		assert_text(rows[i].block, cidr_print(out, part), rows[i].want);
		assert_true(cidr_part_index(block, length, cidr_first(part)) == rows[i].index);
		assert_true(cidr_part_index(block, length, cidr_last(part)) == rows[i].index);
	}
	assert_true(cidr_part_index(range("::/0"), 128, address("0:0:0:1::")) == UINT64_MAX);
	assert_true(cidr_part_index(range("::/0"), 100, address("1::")) == UINT64_MAX);
}

static void test_arena_text(void **state)
{
	(void)state;
	struct arena arena = {0};
	assert_text("addr", addr_text(&arena, address("10.0.0.1")), "10.0.0.1");
	assert_text("cidr", cidr_text(&arena, range("10.0.0.0/8")), "10.0.0.0/8");
	assert_text("none", cidr_text(&arena, (struct cidr){0}), "");
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cidr_parse), cmocka_unit_test(test_addr_parse), cmocka_unit_test(test_length),
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_next),
		cmocka_unit_test(test_relations),  cmocka_unit_test(test_parts),      cmocka_unit_test(test_arena_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
