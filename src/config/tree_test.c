#include "tree.h"

#include "../base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct source source;
	struct buf text;
};

static struct node *parse(struct run *run, struct str text)
{
	*run = (struct run){.source = {.name = S("values.yaml"), .text = text}, .text = buf_memory()};
	run->diags.arena = &run->arena;
	sources_add(&run->arena, &run->sources, &run->source);
	return tree_parse(&run->arena, &run->diags, &run->sources, 0);
}

static void run_end(struct run *run)
{
	buf_free(&run->text);
	arena_free(&run->arena);
}

static void assert_str(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("got:\n%.*s\nwant:\n%s", STR(got), want);
}

/* Flow style; what was not plain stands in <>. */
static void dump(struct buf *out, const struct node *node)
{
	bool map = node->kind == NODE_MAP;
	if (node->kind == NODE_SCALAR) {
		buf_fmt(out, node->plain ? "%.*s" : "<%.*s>", STR(node_text(node)));
		return;
	}
	buf_char(out, map ? '{' : '[');
	for (const struct node *child = node->child; child; child = child->next) {
		dump(out, child);
		if (map) {
			BUF_LIT(out, ": ");
			child = child->next;
			dump(out, child);
		}
		if (child->next)
			BUF_LIT(out, ", ");
	}
	buf_char(out, map ? '}' : ']');
}

static void test_trees(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a: 1", "{a: 1}"},
		{"a: 1\n", "{a: 1}"},
		{"text", "text"},
		{"[]", "[]"},
		{"{}", "{}"},
		{"a:\nb:", "{a: , b: }"},
		{"a: ''\nb: \"\"", "{a: <>, b: <>}"},
		{"a: 'it''s'\nb: \"x\\ty\\u00e9\"", "{a: <it's>, b: <x\ty\xc3\xa9>}"},
		{"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: <x\ny\n>, b: <x y>}"},
		{"- a\n- [b, {c: d}]\n-\n", "[a, [b, {c: d}], ]"},
		{"\"quoted key\": 1\n? other\n: 2", "{<quoted key>: 1, other: 2}"},
		{"a: &x {b: 1}\nc: *x", "{a: {b: 1}, c: {b: 1}}"},
		{"a: &x 1\nb: &x 2\nc: *x", "{a: 1, b: 2, c: 2}"},
		{"&k a: 1\n*k : 2\nb: *k", NULL}, /* the key is given twice */
		{"a: &x 'q'\nb: *x", "{a: <q>, b: <q>}"},
		{"a: &x [1]\nb: &y [*x, *x]\nc: *y", "{a: [1], b: [[1], [1]], c: [[1], [1]]}"},
		{"'<<': 1", "{<<<>: 1}"},
		{"no: yes", "{no: yes}"},
		{"%YAML 1.1\n---\na: 1\n...\n", "{a: 1}"},
		{"a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"},
		{"# only above\na: 1 # and behind", "{a: 1}"},
		{"\xef\xbb\xbf" "a: 1\nb: 2\n", "{a: 1, b: 2}"}, /* a byte order mark, as Windows editors write it */
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run;
		const struct node *root = parse(&run, str_of(rows[i][0]));
		if (rows[i][1] && (!root || diags_failed(&run.diags)))
			fail_msg("%s: %.*s", rows[i][0], STR(run.diags.first->message));
		if (rows[i][1]) {
			dump(&run.text, root);
			assert_str(buf_str(&run.text), rows[i][1]);
		} else {
			assert_true(diags_failed(&run.diags));
		}
		run_end(&run);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		enum rule rule;
		uint32_t line, column;
	} rows[] = {
		{S_INIT(""), RULE_FILE_EMPTY, 0, 0},
		{S_INIT("\n \n"), RULE_FILE_EMPTY, 0, 0},
		{S_INIT("# a comment\n"), RULE_FILE_EMPTY, 0, 0},
		{S_INIT("---\n"), RULE_FILE_EMPTY, 0, 0},
		{S_INIT("a: x\0y"), RULE_ENCODING_INVALID, 1, 5},
		{S_INIT("a: 1\nb: \x1b[31m"), RULE_ENCODING_INVALID, 2, 4},
		{S_INIT("a: \xc3\xa9\xff"), RULE_ENCODING_INVALID, 1, 5}, /* columns are characters */
		{S_INIT("a: \x7f"), RULE_ENCODING_INVALID, 1, 4},
		{S_INIT("a: \xc2\x9b"), RULE_ENCODING_INVALID, 1, 4},     /* a C1 control */
		{S_INIT("a: \xed\xa0\x80"), RULE_ENCODING_INVALID, 1, 4}, /* a surrogate */
		{S_INIT("a: \xc0\xaf"), RULE_ENCODING_INVALID, 1, 4},     /* overlong */
		{S_INIT("a: \xf4\x90\x80\x80"), RULE_ENCODING_INVALID, 1, 4},
		{S_INIT("a: \xe2\x82"), RULE_ENCODING_INVALID, 1, 4}, /* cut off */
		{S_INIT("\xff\xfe" "a\0:\0"), RULE_ENCODING_INVALID, 1, 1},
		{S_INIT("a: [1\nb: 2"), RULE_YAML_SYNTAX, 2, 2},
		{S_INIT("\ta: 1"), RULE_YAML_SYNTAX, 1, 1},
		{S_INIT("a: *x"), RULE_YAML_SYNTAX, 1, 4},
		{S_INIT("a: &x [*x]"), RULE_YAML_SYNTAX, 1, 8},
		{S_INIT("a: 1\n---\nb: 2"), RULE_YAML_UNSUPPORTED, 3, 1},
		{S_INIT("a: !!str 1"), RULE_YAML_UNSUPPORTED, 1, 4},
		{S_INIT("a: !x {}"), RULE_YAML_UNSUPPORTED, 1, 4},
		{S_INIT("a:\n  <<: {b: 1}"), RULE_YAML_UNSUPPORTED, 2, 3},
		{S_INIT("? [a]\n: 1"), RULE_YAML_UNSUPPORTED, 1, 3},
		{S_INIT("{a: 1}: 1"), RULE_YAML_UNSUPPORTED, 1, 1},
		{S_INIT("a: 1\nb: 1\na: 2"), RULE_KEY_DUPLICATE, 3, 1},
		{S_INIT("a: {b: 1, 'b': 2}"), RULE_KEY_DUPLICATE, 1, 11},
		{S_INIT("a: {?, ? }"), RULE_KEY_DUPLICATE, 1, 10},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run;
		const struct node *root = parse(&run, rows[i].text);
		const struct diag *d = run.diags.first;
		if (!d || d->rule != rows[i].rule || d->place.line != rows[i].line || d->place.column != rows[i].column)
			fail_msg("row %zu: %.*s: %.*s at %u:%u", i, STR(rows[i].text), STR(d ? d->message : S("nothing said")),
				 d ? d->place.line : 0, d ? d->place.column : 0);
		assert_null(d->next);
		assert_true(d->message.n > 0 && d->place.source == &run.source);
		/* Duplicate keys leave a tree that can be looked at further. */
		assert_int_equal(root != NULL, rows[i].rule == RULE_KEY_DUPLICATE);
		run_end(&run);
	}
}

/* "line:column+width" of every node, in the order of the text. */
static void dump_places(struct buf *out, const struct node *node)
{
	buf_fmt(out, "%u:%u+%u ", node->line, node->column, node->width);
	for (const struct node *child = node->kind == NODE_SCALAR ? NULL : node->child; child; child = child->next)
		dump_places(out, child);
}

static void test_places(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a: 1", "1:1+0 1:1+1 1:4+1 "},
		{"a:\n  bb: 'ccc'\n", "1:1+0 1:1+1 2:3+0 2:3+2 2:7+5 "},
		{"- x\n- [y]\n", "1:1+0 1:3+1 2:3+1 2:4+1 "},
		{"\xc3\xa9\xe4\xb8\x96: \xf0\x9f\x8c\x8d", "1:1+0 1:1+2 1:5+1 "},
		{"a: |\n  x\n  y\nb: 1\n", "1:1+0 1:1+1 1:4+0 4:1+1 4:4+1 "},
		{"a: &x q\nb: *x\n", "1:1+0 1:1+1 1:4+4 2:1+1 2:4+2 "},
		{"a: 1\r\nb: 2\r\n", "1:1+0 1:1+1 1:4+1 2:1+1 2:4+1 "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run;
		dump_places(&run.text, parse(&run, str_of(rows[i][0])));
		assert_str(buf_str(&run.text), rows[i][1]);
		run_end(&run);
	}
}

static void test_lookup(void **state)
{
	(void)state;
	struct run run;
	const struct node *root = parse(&run, S("a: {b: {c: x}, d: ~, e: 'null'}\nf: [1]\n"));
	assert_str(node_text(node_find(root, S("a.b.c"))), "x");
	assert_ptr_equal(node_find(root, S("")), root);
	assert_ptr_equal(node_get(root, S("f")), node_find(root, S("f")));
	assert_null(node_find(root, S("a.x.c")));
	assert_null(node_find(root, S("f.a")));
	assert_null(node_find(root, S("a.b.c.d")));
	assert_null(node_get(NULL, S("a")));
	assert_true(node_is_null(NULL));
	assert_true(node_is_null(node_find(root, S("a.d"))));
	assert_false(node_is_null(node_find(root, S("a.e"))));
	assert_false(node_is_null(root));
	struct place place = node_place(&run.sources, node_find(root, S("f")), S("f"));
	assert_ptr_equal(place.source, &run.source);
	assert_int_equal(place.line, 2);
	assert_int_equal(place.column, 4);
	run_end(&run);
}

/* Levels: N - 1 lists in a map. */
static struct str nested(struct run *run, size_t levels)
{
	BUF_LIT(&run->text, "a: ");
	buf_fill(&run->text, '[', levels - 1);
	buf_fill(&run->text, ']', levels - 1);
	return buf_str(&run->text);
}

static void test_depth(void **state)
{
	(void)state;
	for (size_t levels = TREE_DEPTH - 1; levels <= TREE_DEPTH + 1; levels++) {
		struct run text = {.text = buf_memory()}, run;
		const struct node *root = parse(&run, nested(&text, levels));
		assert_int_equal(root != NULL, levels <= TREE_DEPTH);
		if (!root)
			assert_int_equal(run.diags.first->rule, RULE_FILE_TOO_LARGE);
		run_end(&run);
		run_end(&text);
	}
}

static size_t depth_of(const struct node *node)
{
	size_t most = 0;
	for (const struct node *child = node->kind == NODE_SCALAR ? NULL : node->child; child; child = child->next) {
		size_t depth = depth_of(child);
		most = depth > most ? depth : most;
	}
	return most + (node->kind != NODE_SCALAR);
}

/* Aliases must not carry what is nested beyond the limit: whoever walks a tree recurses. */
static void test_depth_by_aliases(void **state)
{
	(void)state;
	struct run text = {.text = buf_memory()}, run;
	BUF_LIT(&text.text, "a0: &a0 [[[[[[[[[[]]]]]]]]]]\n");
	for (int i = 1; i < 20; i++)
		buf_fmt(&text.text, "a%d: &a%d [[[[[[[[[[*a%d]]]]]]]]]]\n", i, i, i - 1);
	const struct node *root = parse(&run, buf_str(&text.text));
	assert_true(!root || depth_of(root) <= TREE_DEPTH);
	assert_true(diags_failed(&run.diags));
	run_end(&run);
	run_end(&text);
}

/* A bomb of a few hundred bytes: 10^9 nodes if its aliases were copied. */
static void test_bomb(void **state)
{
	(void)state;
	struct run text = {.text = buf_memory()}, run;
	BUF_LIT(&text.text, "a: &a [1,1,1,1,1,1,1,1,1,1]\n");
	for (char c = 'b'; c < 'j'; c++)
		buf_fmt(&text.text, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1, c - 1, c - 1,
			c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
	assert_null(parse(&run, buf_str(&text.text)));
	assert_int_equal(run.diags.first->rule, RULE_FILE_TOO_LARGE);
	run_end(&run);
	run_end(&text);
}

/* Many keys go through a hash, few are compared: both find the same. */
static void test_duplicates_in_large_maps(void **state)
{
	(void)state;
	for (size_t keys = 10; keys <= 16; keys++) {
		for (size_t twice = 0; twice < keys; twice++) {
			struct run text = {.text = buf_memory()}, run;
			for (size_t i = 0; i < keys; i++)
				buf_fmt(&text.text, "key%zu: 1\n", i);
			buf_fmt(&text.text, "key%zu: 2\n", twice);
			parse(&run, buf_str(&text.text));
			assert_int_equal(run.diags.of_rule[RULE_KEY_DUPLICATE], 1);
			assert_int_equal(run.diags.first->place.line, keys + 1);
			assert_true(str_starts(run.diags.first->notes->text,
					       arena_fmt(&run.arena, "first given in line %zu;", twice + 1)));
			run_end(&run);
			run_end(&text);
		}
	}
}

static void test_too_large(void **state)
{
	(void)state;
	struct run run;
	/* The size alone decides: nothing of it is read. */
	assert_null(parse(&run, (struct str){"a: 1", (size_t)TREE_BYTES + 1}));
	assert_int_equal(run.diags.first->rule, RULE_FILE_TOO_LARGE);
	run_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_places), cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_depth),  cmocka_unit_test(test_depth_by_aliases),
		cmocka_unit_test(test_bomb),   cmocka_unit_test(test_duplicates_in_large_maps),
		cmocka_unit_test(test_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
