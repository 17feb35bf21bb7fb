#include "text.h"

#include "../base/random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct run {
	struct arena arena;
	struct diags diags;
};

static void run_start(struct run *run)
{
	*run = (struct run){0};
	run->diags.arena = &run->arena;
}

static void assert_report(struct run *run, enum level least, const char *want)
{
	struct buf out = buf_memory();
	report_text(&out, &run->diags, least);
	if (!str_eq(buf_str(&out), str_of(want)))
		fail_msg("got:\n%.*s\nwant:\n%s", STR(buf_str(&out)), want);
	buf_free(&out);
}

static void test_parts(void **state)
{
	(void)state;
	struct run run;
	run_start(&run);
	struct source source = {.name = S("values.yaml"), .text = S("a: 1\n  services: 10.96.0.0/16\n")};
	struct diag *d = diag_add(&run.diags, RULE_RANGE_OVERLAPS_PARENT, (struct place){&source, 2, 13, 12, S("x.y")}, "what is wrong");
	diag_note(&run.diags, d, "one");
	diag_note(&run.diags, d, "two");
	diag_help(&run.diags, d, "instead");
	diag_add(&run.diags, RULE_CLUSTER_NULL, (struct place){.source = &source}, "about it all");
	assert_report(&run, LEVEL_NOTE,
		      "values.yaml:2:13: error: what is wrong [range-overlaps-parent]\n"
		      "    2 |   services: 10.96.0.0/16\n"
		      "      |             ^~~~~~~~~~~~\n"
		      "note: one\n"
		      "note: two\n"
		      "help: instead\n"
		      "values.yaml: warning: about it all [cluster-null]\n");
	assert_report(&run, LEVEL_ERROR,
		      "values.yaml:2:13: error: what is wrong [range-overlaps-parent]\n"
		      "    2 |   services: 10.96.0.0/16\n"
		      "      |             ^~~~~~~~~~~~\n"
		      "note: one\n"
		      "note: two\n"
		      "help: instead\n");
	arena_free(&run.arena);
}

/* What Helm generated has lines that mean nothing to anyone: the path says where. */
static void test_places(void **state)
{
	(void)state;
	struct run run;
	run_start(&run);
	struct source generated = {.name = S("the chart's values"), .text = S("a: 1\n"), .generated = true};
	diag_add(&run.diags, RULE_KEY_UNKNOWN, (struct place){&generated, 1, 1, 1, S("clusters.dev")}, "a");
	diag_add(&run.diags, RULE_KEY_UNKNOWN, (struct place){&generated, 1, 1, 1, S("")}, "b");
	diag_add(&run.diags, RULE_KEY_UNKNOWN, (struct place){.path = S("network.pools")}, "c");
	diag_add(&run.diags, RULE_KEY_UNKNOWN, (struct place){0}, "d");
	assert_report(&run, LEVEL_NOTE,
		      "clusters.dev: error: a [key-unknown]\n"
		      "the chart's values: error: b [key-unknown]\n"
		      "network.pools: error: c [key-unknown]\n"
		      "error: d [key-unknown]\n");
	arena_free(&run.arena);
}

/* The caret stands under what it is about, as far as columns can be counted. */
static void test_carets(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		uint32_t line, column, width;
		const char *want;
	} rows[] = {
		{S_INIT("abc"), 1, 1, 1, "abc\n      | ^\n"},
		{S_INIT("abc"), 1, 2, 2, "abc\n      |  ^~\n"},
		{S_INIT("abc"), 1, 4, 1, "abc\n      |    ^\n"},  /* behind the end: something is missing there */
		{S_INIT("abc"), 1, 2, 99, "abc\n      |  ^~\n"}, /* never wider than the line */
		{S_INIT("abc"), 1, 0, 0, "abc\n"},               /* no column known */
		{S_INIT("a\nb\nc"), 2, 1, 1, "b\n      | ^\n"},
		{S_INIT("a\nb\nc"), 3, 1, 1, "c\n      | ^\n"},
		{S_INIT("a\r\nb\r\n"), 2, 1, 1, "b\n      | ^\n"},
		{S_INIT("a\rb\xc2\x85" "c\xe2\x80\xa8" "d"), 4, 1, 1, "d\n      | ^\n"}, /* as libyaml breaks lines */
		{S_INIT("\tb"), 1, 2, 1, " b\n      |  ^\n"},
		{S_INIT("a\x1b[31mb"), 1, 7, 1, "a\\x1b[31mb\n      |          ^\n"},
		{S_INIT("\xc3\xa9\xc3\xa9x"), 1, 3, 1, "\xc3\xa9\xc3\xa9x\n      |   ^\n"},
		{S_INIT("a\xe2\x80\xae" "b"), 1, 3, 1, "a\\u202eb\n      |        ^\n"},
		{S_INIT("a\xef\xbb\xbf" "b"), 1, 3, 1, "a\\ufeffb\n      |        ^\n"},
		{S_INIT("a\0b"), 1, 3, 1, "a\\x00b\n      |      ^\n"},
		{S_INIT("a\xff" "b"), 1, 3, 1, "a\\xffb\n      |      ^\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run;
		run_start(&run);
		struct source source = {.name = S("f"), .text = rows[i].text};
		struct place place = {&source, rows[i].line, rows[i].column, rows[i].width, {0}};
		diag_add(&run.diags, RULE_YAML_SYNTAX, place, "m");
		struct str want = arena_fmt(&run.arena, "f:%u:%u: error: m [yaml-syntax]\n%5u | %s", rows[i].line,
					    rows[i].column ? rows[i].column : 1, rows[i].line, rows[i].want);
		assert_report(&run, LEVEL_NOTE, want.p);
		arena_free(&run.arena);
	}
}

/* Characters that are two columns wide move the caret by two, as they move the text. */
static void test_wide(void **state)
{
	(void)state;
	struct run run;
	run_start(&run);
	struct source source = {.name = S("f"), .text = S("\xe4\xb8\x96\xe7\x95\x8c: x")};
	diag_add(&run.diags, RULE_YAML_SYNTAX, (struct place){&source, 1, 5, 1, {0}}, "m");
	assert_report(&run, LEVEL_NOTE,
		      "f:1:5: error: m [yaml-syntax]\n"
		      "    1 | \xe4\xb8\x96\xe7\x95\x8c: x\n"
		      "      |       ^\n");
	arena_free(&run.arena);
}

static void test_long_lines(void **state)
{
	(void)state;
	struct run run;
	run_start(&run);
	struct buf text = buf_memory();
	buf_fill(&text, 'x', 100 * 1000);
	struct source source = {.name = S("f"), .text = buf_str(&text)};
	diag_add(&run.diags, RULE_YAML_SYNTAX, (struct place){&source, 1, 90000, 5, {0}}, "m");
	struct buf out = buf_memory();
	report_text(&out, &run.diags, LEVEL_NOTE);
	assert_true(out.n < 500);
	buf_free(&out);
	buf_free(&text);
	arena_free(&run.arena);
}

/* Whether anything that could steer a terminal is in TEXT. */
static bool is_harmless(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	for (size_t i = 0; i < text.n;) {
		size_t length = p[i] < 0x80 ? 1 : p[i] < 0xc2 ? 0 : p[i] < 0xe0 ? 2 : p[i] < 0xf0 ? 3 : p[i] < 0xf5 ? 4 : 0;
		if (length == 0 || length > text.n - i)
			return false; /* not UTF-8: terminals read on in ways of their own */
		uint32_t c = length == 1 ? p[i] : p[i] & (0xffu >> (length + 1));
		for (size_t k = 1; k < length; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[i + k] & 0x3f);
		}
		if ((c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x2028 || c == 0x2029 || c == 0xfeff)
			return false;
		i += length;
	}
	return true;
}

/* Whatever bytes a file holds, wherever they come to stand in a message. */
static void test_hostile(void **state)
{
	(void)state;
	static const unsigned char bytes[] = {0x1b, '[',  '3',  'm',  0x07, 0x9b, 0xc2, 0xf0, 0x9f, 0xe2, 0x80, 0xae, 0xff, 0x00,
					      0x0d, 0x0a, 0x08, 0x7f, 0xc3, 0xa9, 0xed, 0xa0, 0xf8, 0xfc, 0xef, 0xbb, 0xbf, 'a'};
	uint64_t random = 12;
	for (int i = 0; i < 20000; i++) {
		char text[24];
		size_t n = next_random(&random) % sizeof text;
		for (size_t k = 0; k < n; k++)
			text[k] = (char)bytes[next_random(&random) % sizeof bytes];
		struct str hostile = {text, n};
		struct buf out = buf_memory();
		report_escaped(&out, hostile);
		if (!is_harmless(buf_str(&out)) || str_find(buf_str(&out), '\n') < out.n)
			fail_msg("round %d: %.*s", i, STR(buf_str(&out)));
		buf_free(&out);

		struct run run;
		run_start(&run);
		struct source source = {.name = hostile, .text = hostile, .generated = next_random(&random) % 2};
		struct place place = {&source, 1 + (uint32_t)(next_random(&random) % 3), (uint32_t)(next_random(&random) % 9),
				      (uint32_t)(next_random(&random) % 9), hostile};
		struct diag *d = diag_add(&run.diags, RULE_YAML_SYNTAX, place, "'%.*s'", STR(hostile));
		diag_note(&run.diags, d, "%.*s", STR(hostile));
		diag_help(&run.diags, d, "%.*s", STR(hostile));
		out = buf_memory();
		report_text(&out, &run.diags, LEVEL_NOTE);
		if (!is_harmless(buf_str(&out)))
			fail_msg("round %d: %.*s", i, STR(buf_str(&out)));
		buf_free(&out);
		arena_free(&run.arena);
	}
}

static void test_more(void **state)
{
	(void)state;
	struct run run;
	run_start(&run);
	for (int i = 0; i < DIAG_MOST + 3; i++)
		diag_add(&run.diags, RULE_KEY_UNKNOWN, (struct place){0}, "x");
	struct buf out = buf_memory();
	report_text(&out, &run.diags, LEVEL_NOTE);
	assert_true(str_ends(buf_str(&out), S("error: x [key-unknown]\nand 3 more [key-unknown]\n")));
	buf_free(&out);
	arena_free(&run.arena);
}

static void test_counts(void **state)
{
	(void)state;
	static const struct {
		int errors, warnings;
		const char *want;
	} rows[] = {
		{0, 0, "0 errors, 0 warnings"},
		{1, 1, "1 error, 1 warning"},
		{2, 30, "2 errors, 30 warnings"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run;
		run_start(&run);
		for (int k = 0; k < rows[i].errors; k++)
			diag_add(&run.diags, RULE_KEY_UNKNOWN, (struct place){0}, "x");
		for (int k = 0; k < rows[i].warnings; k++)
			diag_add(&run.diags, RULE_CLUSTER_NULL, (struct place){0}, "x");
		struct buf out = buf_memory();
		report_counts(&out, &run.diags);
		assert_true(str_eq(buf_str(&out), str_of(rows[i].want)));
		buf_free(&out);
		arena_free(&run.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),   cmocka_unit_test(test_places),     cmocka_unit_test(test_carets),
		cmocka_unit_test(test_wide),    cmocka_unit_test(test_long_lines), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_more),    cmocka_unit_test(test_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
