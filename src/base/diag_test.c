#include "diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_str(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(got), want);
}

static void test_rules(void **state)
{
	(void)state;
	for (int i = 0; i < RULE_COUNT; i++) {
		const struct rule_info *info = rule_info((enum rule)i);
		assert_true(info->title.n > 0);
		assert_true(info->name.n > 0);
		for (size_t k = 0; k < info->name.n; k++) /* as SARIF, a URL and a folder can hold it */
			assert_true((info->name.p[k] >= 'a' && info->name.p[k] <= 'z') || info->name.p[k] == '-' ||
				    (info->name.p[k] >= '0' && info->name.p[k] <= '9'));
		for (int j = 0; j < i; j++)
			assert_false(str_eq(info->name, rule_info((enum rule)j)->name));
	}
}

static void test_parts(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct source source = {.name = S("values.yaml"), .text = S("x")};
	struct place place = {&source, 3, 4, 5, S("a.b")};
	assert_false(diags_failed(&diags));
	struct diag *d = diag_add(&diags, RULE_CLUSTER_NULL, place, "%s %d", "what", 1);
	diag_note(&diags, d, "first");
	diag_note(&diags, d, "second %s", "note");
	diag_help(&diags, d, "help %d", 2);
	assert_false(diags_failed(&diags)); /* a warning */
	assert_ptr_equal(diags.first, d);
	assert_int_equal(d->level, LEVEL_WARNING);
	assert_int_equal(d->place.width, 5);
	assert_str(d->message, "what 1");
	assert_str(d->notes->text, "first");
	assert_str(d->notes->next->text, "second note");
	assert_null(d->notes->next->next);
	assert_str(d->help, "help 2");

	d = diag_add_as(&diags, LEVEL_ERROR, RULE_CLUSTER_NULL, place, "worse");
	assert_int_equal(d->level, LEVEL_ERROR);
	assert_true(diags_failed(&diags));
	assert_int_equal(diags.of_level[LEVEL_WARNING], 1);
	assert_int_equal(diags.of_level[LEVEL_ERROR], 1);
	assert_int_equal(diags.of_rule[RULE_CLUSTER_NULL], 2);
	arena_free(&arena);
}

/* Past DIAG_MOST of a rule they are counted, and errors stay errors. */
static void test_limit(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	for (int i = 0; i < 3 * DIAG_MOST; i++) {
		struct diag *d = diag_add(&diags, RULE_KEY_UNKNOWN, (struct place){.line = 1}, "unknown %d", i);
		assert_non_null(d);
		diag_note(&diags, d, "note %d", i);
		diag_help(&diags, d, "help %d", i);
	}
	diag_add(&diags, RULE_KEY_INVALID, (struct place){.line = 1}, "another");
	size_t kept = 0;
	for (const struct diag *d = diags.first; d; d = d->next, kept++) {
		if (d->rule == RULE_KEY_INVALID)
			continue;
		assert_str(d->message, arena_fmt(&arena, "unknown %zu", kept).p);
		assert_null(d->notes->next); /* none of another's */
	}
	assert_int_equal(kept, DIAG_MOST + 1);
	assert_int_equal(diags.of_rule[RULE_KEY_UNKNOWN], 3 * DIAG_MOST);
	assert_int_equal(diags.of_level[LEVEL_ERROR], 3 * DIAG_MOST + 1);
	arena_free(&arena);
}

static void test_sort(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct source a = {.name = S("a"), .text = S("")}, b = {.name = S("b"), .text = S("")}, built_in = {.name = S("c"), .text = S("")};
	const struct source *const sources[] = {&b, &a}; /* as on the command line */
	static const struct {
		int source;
		uint32_t line, column;
		const char *message;
	} rows[] = {
		{0, 2, 1, "5"}, {1, 9, 9, "4"}, {0, 2, 1, "6"}, {1, 1, 2, "2"},  {1, 1, 1, "1"},
		{2, 0, 0, "8"}, {1, 2, 1, "3"}, {0, 3, 1, "7"}, {3, 0, 0, "9"},  {1, 0, 0, "0"},
	};
	const struct source *const places[] = {&a, &b, &built_in, NULL};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		diag_add(&diags, RULE_KEY_UNKNOWN, (struct place){places[rows[i].source], rows[i].line, rows[i].column, 1, {0}},
			 "%s", rows[i].message);
	for (int again = 0; again < 2; again++) {
		diags_sort(&diags, sources, 2);
		char want[] = "0";
		for (const struct diag *d = diags.first; d; d = d->next, want[0]++)
			assert_str(d->message, want);
		assert_int_equal(want[0], '9' + 1);
		assert_str(diags.last->message, "9");
	}
	/* What is found later goes behind. */
	diag_add(&diags, RULE_KEY_INVALID, (struct place){0}, "late");
	assert_str(diags.last->message, "late");
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_sort),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
