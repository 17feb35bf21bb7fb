#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_str(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(got), want);
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static void test_order(void **state)
{
	(void)state;
	/* In rising order. */
	static const struct str texts[] = {
		S_INIT(""), S_INIT("\0"), S_INIT("\0a"), S_INIT("a"), S_INIT("a\0"), S_INIT("aa"), S_INIT("b"), S_INIT("\xff"),
	};
	enum { COUNT = sizeof texts / sizeof texts[0] };
	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++) {
			assert_int_equal(sign(str_cmp(texts[i], texts[j])), sign(i - j));
			assert_int_equal(str_eq(texts[i], texts[j]), i == j);
		}
	assert_true(str_eq((struct str){0}, S("")));
	assert_true(str_eq(str_of(NULL), S("")));
	assert_int_equal(str_cmp((struct str){0}, S("")), 0);
}

static void test_ends(void **state)
{
	(void)state;
	static const struct {
		const char *text, *part;
		bool starts, ends;
	} rows[] = {
		{"", "", true, true},          {"abc", "", true, true},        {"abc", "a", true, false},
		{"abc", "c", false, true},     {"abc", "abc", true, true},     {"abc", "abcd", false, false},
		{"abc", "b", false, false},    {"aba", "a", true, true},       {"", "a", false, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(str_starts(str_of(rows[i].text), str_of(rows[i].part)), rows[i].starts);
		assert_int_equal(str_ends(str_of(rows[i].text), str_of(rows[i].part)), rows[i].ends);
	}
}

static void test_cut(void **state)
{
	(void)state;
	assert_int_equal(str_find(S("a.b.c"), '.'), 1);
	assert_int_equal(str_find(S("abc"), '.'), 3);
	assert_int_equal(str_find(S(""), '.'), 0);
	assert_int_equal(str_find((struct str){0}, '.'), 0);
	assert_int_equal(str_find(S("a\0b"), '\0'), 1);
	assert_str(str_from(S("abc"), 0), "abc");
	assert_str(str_from(S("abc"), 2), "c");
	assert_str(str_from(S("abc"), 3), "");
	assert_str(str_from(S("abc"), SIZE_MAX), "");
	assert_str(str_to(S("abc"), 0), "");
	assert_str(str_to(S("abc"), 2), "ab");
	assert_str(str_to(S("abc"), SIZE_MAX), "abc");
	assert_str(str_from((struct str){0}, 1), "");
	assert_str(str_to((struct str){0}, 1), "");
}

static void test_trim(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"", ""},           {" ", ""},         {" \t\r\n", ""},         {"a", "a"},
		{" a b ", "a b"},   {"\r\na\t", "a"},  {"a\n\nb\n", "a\n\nb"},  {"\fa", "\fa"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_str(str_trim(str_of(rows[i][0])), rows[i][1]);
}

static void test_lines(void **state)
{
	(void)state;
	static const struct {
		const char *text, *lines; /* each ends with | */
	} rows[] = {
		{"", ""},          {"a", "a|"},         {"a\n", "a|"},        {"a\nb", "a|b|"},
		{"\n", "|"},       {"\n\n", "||"},      {"a\n\nb\n", "a||b|"}, {"a\r\nb", "a\r|b|"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char got[64];
		size_t n = 0;
		struct str rest = str_of(rows[i].text);
		for (struct str line; str_line(&rest, &line);) {
			for (size_t k = 0; k < line.n; k++)
				got[n++] = line.p[k];
			got[n++] = '|';
		}
		assert_str((struct str){got, n}, rows[i].lines);
	}
}

/* The vectors of draft-eastlake-fnv: whoever computes a block by hand needs the same. */
static void test_hash(void **state)
{
	(void)state;
	assert_true(str_hash(FNV_START, S("")) == UINT64_C(0xcbf29ce484222325));
	assert_true(str_hash(FNV_START, S("a")) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(str_hash(FNV_START, S("foobar")) == UINT64_C(0x85944171f73967e8));
	assert_true(str_hash(FNV_START, S("\0")) == UINT64_C(0xaf63bd4c8601b7df));
	assert_true(str_hash(str_hash(FNV_START, S("foo")), S("bar")) == str_hash(FNV_START, S("foobar")));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* By definition, without a table. */
static size_t distance(struct str a, struct str b)
{
	if (a.n == 0 || b.n == 0)
		return a.n + b.n;
	size_t change = distance(str_from(a, 1), str_from(b, 1)) + (a.p[0] != b.p[0]);
	size_t drop = least(distance(str_from(a, 1), b), distance(a, str_from(b, 1))) + 1;
	return least(change, drop);
}

static void test_distance(void **state)
{
	(void)state;
	static const struct str words[] = {
		S_INIT(""),     S_INIT("a"),      S_INIT("ab"),    S_INIT("ba"),   S_INIT("pods"),
		S_INIT("pdos"), S_INIT("pods6"),  S_INIT("dosp"),  S_INIT("aaaa"), S_INIT("worker"),
	};
	enum { COUNT = sizeof words / sizeof words[0] };
	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++)
			for (size_t limit = 0; limit < 8; limit++)
				assert_int_equal(str_distance(words[i], words[j], limit),
						 least(distance(words[i], words[j]), limit + 1));
	/* Too long to be a key of ours: far away, whatever it is. */
	char longer[65] = {0};
	assert_int_equal(str_distance((struct str){longer, 65}, (struct str){longer, 65}, 3), 4);
	assert_int_equal(str_distance((struct str){longer, 64}, (struct str){longer, 64}, 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order), cmocka_unit_test(test_ends), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_trim),  cmocka_unit_test(test_lines), cmocka_unit_test(test_hash),
		cmocka_unit_test(test_distance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
