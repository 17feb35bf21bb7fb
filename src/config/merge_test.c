#include "merge.h"

#include "../base/buf.h"
#include "../base/random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct buf text;
};

static struct run run_new(void)
{
	return (struct run){.text = buf_memory()};
}

static void run_end(struct run *run)
{
	buf_free(&run->text);
	arena_free(&run->arena);
}

static const struct node *parse(struct run *run, struct str text)
{
	run->diags.arena = &run->arena;
	struct source *source = NEW(&run->arena, struct source);
	*source = (struct source){.name = S("values.yaml"), .text = text};
	const struct node *node = tree_parse(&run->arena, &run->diags, &run->sources,
					     sources_add(&run->arena, &run->sources, source));
	if (!node)
		fail_msg("%.*s: %.*s", STR(text), STR(run->diags.first->message));
	return node;
}

static void dump(struct buf *out, const struct node *node)
{
	if (node->kind == NODE_SCALAR) {
		buf_add(out, node_text(node));
		return;
	}
	bool map = node->kind == NODE_MAP;
	size_t n = 0;
	buf_char(out, map ? '{' : '[');
	for (const struct node *child = node->child; child; child = child->next, n++) {
		if (map) {
			buf_fmt(out, "%.*s: ", STR(node_text(child)));
			child = child->next;
		}
		dump(out, child);
		if (child->next)
			BUF_LIT(out, ", ");
	}
	buf_char(out, map ? '}' : ']');
	assert_int_equal(n, node->n);
}

static struct str dumped(struct run *run, const struct node *node)
{
	run->text.n = 0;
	dump(&run->text, node);
	return arena_str(&run->arena, buf_str(&run->text));
}

static void test_merge(void **state)
{
	(void)state;
	/* Helm 3 and 4 (pkg/cli/values): maps merge, everything else is replaced, null too. */
	static const struct {
		const char *below, *above, *null_wins, *null_skipped;
	} rows[] = {
		{"a: 1", "a: 2", "{a: 2}", "{a: 2}"},
		{"a: 1", "b: 2", "{a: 1, b: 2}", "{a: 1, b: 2}"},
		{"b: 1\na: 1", "c: 2\na: 2", "{b: 1, a: 2, c: 2}", "{b: 1, a: 2, c: 2}"},
		{"a: {b: 1, c: 1}", "a: {c: 2, d: 2}", "{a: {b: 1, c: 2, d: 2}}", "{a: {b: 1, c: 2, d: 2}}"},
		{"a: [1, 2]", "a: [3]", "{a: [3]}", "{a: [3]}"},
		{"a: [{b: 1}]", "a: [{c: 1}]", "{a: [{c: 1}]}", "{a: [{c: 1}]}"},
		{"a: {b: 1}", "a: {}", "{a: {b: 1}}", "{a: {b: 1}}"},
		{"a: {b: 1}", "a: 1", "{a: 1}", "{a: 1}"},
		{"a: 1", "a: {b: 1}", "{a: {b: 1}}", "{a: {b: 1}}"},
		{"a: {b: 1}", "a: [1]", "{a: [1]}", "{a: [1]}"},
		{"a: {b: 1}", "a: null", "{a: null}", "{a: {b: 1}}"},
		{"a: {b: 1}", "a: {b: ~}", "{a: {b: ~}}", "{a: {b: 1}}"},
		{"a: {b: 1}", "a:", "{a: }", "{a: {b: 1}}"},
		{"a: null", "a: {b: 1}", "{a: {b: 1}}", "{a: {b: 1}}"},
		{"a: null", "a: null", "{a: null}", "{a: null}"},
		{"a: 1", "a: 'null'", "{a: null}", "{a: null}"}, /* a text that says null is a text */
		{"{}", "a: 1", "{a: 1}", "{a: 1}"},
		{"a: 1", "{}", "{a: 1}", "{a: 1}"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run = run_new();
		const struct node *below = parse(&run, str_of(rows[i].below)), *above = parse(&run, str_of(rows[i].above));
		struct str below_before = dumped(&run, below), above_before = dumped(&run, above);
		const char *const want[] = {rows[i].null_wins, rows[i].null_skipped};
		for (int how = MERGE_NULL_WINS; how <= MERGE_NULL_SKIPPED; how++) {
			struct str got = dumped(&run, node_merge(&run.arena, below, above, (enum merge_null)how));
			if (!str_eq(got, str_of(want[how])))
				fail_msg("%s + %s: got %.*s, want %s", rows[i].below, rows[i].above, STR(got), want[how]);
			assert_true(str_eq(dumped(&run, below), below_before));
			assert_true(str_eq(dumped(&run, above), above_before));
		}
		run_end(&run);
	}
}

static void test_missing(void **state)
{
	(void)state;
	struct run run = run_new();
	const struct node *a = parse(&run, S("a: 1"));
	assert_null(node_merge(&run.arena, NULL, NULL, MERGE_NULL_WINS));
	assert_ptr_equal(node_merge(&run.arena, a, NULL, MERGE_NULL_WINS), a);
	assert_ptr_equal(node_merge(&run.arena, NULL, a, MERGE_NULL_WINS), a);
	assert_ptr_equal(node_merge(&run.arena, a, parse(&run, S("null")), MERGE_NULL_SKIPPED), a);
	run_end(&run);
}

/* A place is that of the file that gave the value. */
static void test_places(void **state)
{
	(void)state;
	struct run run = run_new();
	const struct node *below = parse(&run, S("a: {b: 1, c: 1}")), *above = parse(&run, S("\na: {c: 2}"));
	const struct node *merged = node_merge(&run.arena, below, above, MERGE_NULL_WINS);
	const struct node *a = node_get(merged, S("a"));
	assert_int_equal(node_get(a, S("b"))->source, 0);
	assert_int_equal(node_get(a, S("c"))->source, 1);
	assert_int_equal(node_get(a, S("c"))->line, 2);
	run_end(&run);
}

static void put_random(struct buf *out, uint64_t *random, int depth)
{
	static const char *const scalars[] = {"1", "x", "null", "[1, {a: 1}]", "'null'", "[]"};
	if (depth == 0 || next_random(random) % 3 == 0) {
		buf_fmt(out, "%s", scalars[next_random(random) % 6]);
		return;
	}
	bool any = false;
	buf_char(out, '{');
	for (char key = 'a'; key < 'f'; key++) {
		if (next_random(random) % 2)
			continue;
		buf_fmt(out, "%s%c: ", any ? ", " : "", key);
		put_random(out, random, depth - 1);
		any = true;
	}
	buf_char(out, '}');
}

/* By definition: what MERGED must hold, key by key. */
static bool is_merged(struct run *run, const struct node *merged, const struct node *below, const struct node *above)
{
	if (!above)
		return str_eq(dumped(run, merged), dumped(run, below));
	if (!below || below->kind != NODE_MAP || above->kind != NODE_MAP)
		return str_eq(dumped(run, merged), dumped(run, above));
	uint32_t keys = 0;
	for (char key = 'a'; key < 'f'; key++) {
		struct str name = {&key, 1};
		const struct node *m = node_get(merged, name), *b = node_get(below, name), *a = node_get(above, name);
		keys += a || b;
		if ((m != NULL) != (a || b) || (m && !is_merged(run, m, b, a)))
			return false;
	}
	return merged->kind == NODE_MAP && merged->n == keys;
}

static void test_random(void **state)
{
	(void)state;
	uint64_t random = 11;
	for (int i = 0; i < 2000; i++) {
		struct run run = run_new();
		struct buf below = buf_memory(), above = buf_memory();
		put_random(&below, &random, 4);
		put_random(&above, &random, 4);
		const struct node *b = parse(&run, buf_str(&below)), *a = parse(&run, buf_str(&above));
		const struct node *merged = node_merge(&run.arena, b, a, MERGE_NULL_WINS);
		if (!is_merged(&run, merged, b, a))
			fail_msg("%.*s + %.*s: %.*s", STR(buf_str(&below)), STR(buf_str(&above)), STR(dumped(&run, merged)));
		buf_free(&below);
		buf_free(&above);
		run_end(&run);
	}
}

static void test_without_nulls(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a: 1\nb: ~\nc: {d: null, e: 2, f: {g: }}", "{a: 1, c: {e: 2, f: {}}}"},
		{"a: ~", "{}"},
		{"a: [1, {b: ~, c: 1}]", "{a: [1, {c: 1}]}"},
		{"a: 'null'", "{a: null}"},
		{"a: {b: [c, {d: e}]}", "{a: {b: [c, {d: e}]}}"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run = run_new();
		const struct node *node = parse(&run, str_of(rows[i][0]));
		struct str before = dumped(&run, node);
		struct str got = dumped(&run, node_without_nulls(&run.arena, node));
		if (!str_eq(got, str_of(rows[i][1])))
			fail_msg("%s: got %.*s, want %s", rows[i][0], STR(got), rows[i][1]);
		assert_true(str_eq(dumped(&run, node), before));
		run_end(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),  cmocka_unit_test(test_missing),       cmocka_unit_test(test_places),
		cmocka_unit_test(test_random), cmocka_unit_test(test_without_nulls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
