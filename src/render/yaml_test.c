/* What is written reads back as what it was, by libyaml, through config/tree. */
#include "yaml.h"

#include "../base/random_test.h"
#include "../config/scalar.h"

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

static const struct node *read_back(struct run *run, struct str text)
{
	run->diags = (struct diags){.arena = &run->arena};
	struct source *source = NEW(&run->arena, struct source);
	*source = (struct source){.name = S("written"), .text = arena_str(&run->arena, text)};
	const struct node *node = tree_parse(&run->arena, &run->diags, &run->sources,
					     sources_add(&run->arena, &run->sources, source));
	if (!node || diags_failed(&run->diags))
		fail_msg("%.*s\n%.*s", STR(text), STR(run->diags.first->message));
	return node;
}

static void assert_written(struct run *run, const char *want)
{
	if (!str_eq(buf_str(&run->text), str_of(want)))
		fail_msg("got:\n%.*s\nwant:\n%s", STR(buf_str(&run->text)), want);
	run_end(run);
}

static void test_texts(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		const char *want;
	} rows[] = {
		{S_INIT("a"), "a"},
		{S_INIT("dev@example.org"), "dev@example.org"},
		{S_INIT("https://a.b/c_d"), "https://a.b/c_d"},
		{S_INIT("/etc/kdk"), "/etc/kdk"},
		{S_INIT("10.64.0.0/20"), "10.64.0.0/20"},
		{S_INIT("kindest/node:v1.37.0@sha256:a1"), "kindest/node:v1.37.0@sha256:a1"},
		{S_INIT("500m"), "500m"},
		{S_INIT("1.2.3"), "1.2.3"},
		/* what YAML 1.1 or 1.2 would read as something else */
		{S_INIT(""), "\"\""},
		{S_INIT("no"), "\"no\""},
		{S_INIT("y"), "\"y\""},
		{S_INIT("Off"), "\"Off\""},
		{S_INIT("null"), "\"null\""},
		{S_INIT("~"), "\"~\""},
		{S_INIT("1"), "\"1\""},
		{S_INIT("0123"), "\"0123\""},
		{S_INIT("0o17"), "\"0o17\""},
		{S_INIT("0x1F"), "\"0x1F\""},
		{S_INIT("1e3"), "\"1e3\""},
		{S_INIT("1_000"), "\"1_000\""},
		{S_INIT("1.30"), "\"1.30\""},
		{S_INIT(".inf"), "\".inf\""},
		{S_INIT("12:30:45"), "\"12:30:45\""},
		{S_INIT("2001-12-14"), "\"2001-12-14\""},
		{S_INIT("2001-12-14t21:59:43.10-05:00"), "\"2001-12-14t21:59:43.10-05:00\""},
		{S_INIT("..."), "\"...\""},
		{S_INIT("---"), "\"---\""},
		{S_INIT("<<"), "\"<<\""},
		{S_INIT("="), "\"=\""},
		/* what has a meaning of its own */
		{S_INIT("a: b"), "\"a: b\""},
		{S_INIT("a:"), "\"a:\""},
		{S_INIT("a #b"), "\"a #b\""},
		{S_INIT("- a"), "\"- a\""},
		{S_INIT("*a"), "\"*a\""},
		{S_INIT("&a"), "\"&a\""},
		{S_INIT("!a"), "\"!a\""},
		{S_INIT("%a"), "\"%a\""},
		{S_INIT("@a"), "\"@a\""},
		{S_INIT("{a}"), "\"{a}\""},
		{S_INIT(" a"), "\" a\""},
		{S_INIT("a "), "\"a \""},
		{S_INIT("it's"), "\"it's\""},
		{S_INIT("a\"b\\c"), "\"a\\\"b\\\\c\""},
		{S_INIT("a\nb\tc"), "\"a\\nb\\tc\""},
		{S_INIT("a\0b\x1b\x7f"), "\"a\\u0000b\\u001b\\u007f\""},
		{S_INIT("\xc3\xa9 \xe4\xb8\x96 \xf0\x9f\x8c\x8d"), "\"\xc3\xa9 \xe4\xb8\x96 \xf0\x9f\x8c\x8d\""},
		{S_INIT("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xc2\xa0"), "\"\\u0085\\u2028\\u2029\\ufeff\\u00a0\""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run = run_new();
		yaml_text(&run.text, rows[i].text);
		const struct node *node = read_back(&run, buf_str(&run.text));
		assert_true(str_eq(node_text(node), rows[i].text));
		assert_written(&run, rows[i].want);
	}
}

static void test_blocks(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want; /* as the value of a key; empty: it does not fit a block */
	} rows[] = {
		{"a\nb\n", "k: |\n  a\n  b\n"},
		{"a\nb", "k: |-\n  a\n  b\n"},
		{"a\n\n", "k: \"a\\n\\n\"\n"},
		{"a\n\n\n", "k: \"a\\n\\n\\n\"\n"},
		{"a\n\n  b\n", "k: |\n  a\n\n    b\n"},
		{"a\n", "k: |\n  a\n"},
		{"a\n\tb\n", "k: |\n  a\n  \tb\n"},
		{"# a\n---\n", "k: |\n  # a\n  ---\n"},
		{"a\n ", "k: |-\n  a\n   \n"},
		{"a", "k: a\n"},
		{"\n", "k: \"\\n\"\n"},
		{"\na\n", "k: \"\\na\\n\"\n"},
		{" a\nb\n", "k: \" a\\nb\\n\"\n"},
		{"\ta\nb\n", "k: \"\\ta\\nb\\n\"\n"},
		{"a\r\nb\r\n", "k: \"a\\u000d\\nb\\u000d\\n\"\n"},
		{"a\n\xe2\x80\xa8\n", "k: \"a\\n\\u2028\\n\"\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run = run_new();
		yaml_pair(&run.text, 0, S("k"), str_of(rows[i].text));
		const struct node *node = read_back(&run, buf_str(&run.text));
		assert_true(str_eq(node_text(node_get(node, S("k"))), str_of(rows[i].text)));
		assert_written(&run, rows[i].want);
	}
}

static void test_nodes(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"{a: 1, b: {c: [x, {y: z, w: 'no'}], d: {}, e: []}}",
		 "k:\n  a: 1\n  b:\n    c:\n    - x\n    - \"y\": z\n      w: \"no\"\n    d: {}\n    e: []\n"},
		{"[[1, 2], [], [[x]], {a: [b]}]", "k:\n-\n  - 1\n  - 2\n- []\n-\n  -\n    - x\n- a:\n  - b\n"},
		{"{no: off, 1: 0x10, ~: 1.5}", "k:\n  \"no\": off\n  \"1\": 0x10\n  \"~\": 1.5\n"},
		{"[a, ~, 'b c', \"\"]", "k:\n- a\n- ~\n- \"b c\"\n- \"\"\n"},
		{"{a: }", "k:\n  a: null\n"},
		{"\"x\\ny\\n\"", "k: |\n  x\n  y\n"},
		{"[\"x\\ny\", {a: \"x\\ny\"}]", "k:\n- |-\n  x\n  y\n- a: |-\n    x\n    y\n"},
		{"'quoted'", "k: quoted\n"},
		{"true", "k: true\n"},
		{"'true'", "k: \"true\"\n"},
		{"null", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run = run_new();
		yaml_pair_node(&run.text, 0, S("k"), read_back(&run, str_of(rows[i][0])));
		assert_written(&run, rows[i][1]);
	}
}

/* --- round trips --- */

/* Pieces that are hard: indicators, white space, breaks, whatever needs an escape. */
static struct str random_text(struct run *run, uint64_t *random, bool controls)
{
	static const struct str pieces[] = {
		S_INIT(" "),  S_INIT("\n"), S_INIT("\t"), S_INIT(":"),  S_INIT("#"),  S_INIT("-"),   S_INIT("'"), S_INIT("\""),
		S_INIT("\\"), S_INIT("a"),  S_INIT("1"),  S_INIT("."),  S_INIT("{"),  S_INIT("]"),   S_INIT(","), S_INIT("&"),
		S_INIT("*"),  S_INIT("!"),  S_INIT("|"),  S_INIT(">"),  S_INIT("%"),  S_INIT("@"),   S_INIT("`"), S_INIT("?"),
		S_INIT("no"), S_INIT("~"),  S_INIT("0x"), S_INIT("e"),  S_INIT("_"),  S_INIT("---"), S_INIT("\r"),
		S_INIT("\xc3\xa9"), S_INIT("\xc2\x85"), S_INIT("\xc2\xa0"), S_INIT("\xe2\x80\xa8"), S_INIT("\xe2\x80\xa9"),
		S_INIT("\xef\xbb\xbf"), S_INIT("\xef\xbf\xbd"), S_INIT("\xf0\x9f\x8c\x8d"), S_INIT("\xe4\xb8\x96"),
		/* what only an escape can have brought in */
		S_INIT("\0"), S_INIT("\x01"), S_INIT("\x1b"), S_INIT("\x7f"), S_INIT("\xc2\x9b"), S_INIT("\xef\xbf\xbf"),
	};
	enum { COUNT = sizeof pieces / sizeof pieces[0], CONTROLS = 6 };
	struct str text = {0};
	struct buf buf = buf_memory();
	for (uint64_t n = random_below(random, 8); n; n--)
		buf_add(&buf, pieces[random_below(random, controls ? COUNT : COUNT - CONTROLS)]);
	text = arena_str(&run->arena, buf_str(&buf));
	buf_free(&buf);
	return text;
}

static void test_random_texts(void **state)
{
	(void)state;
	uint64_t random = 5;
	for (int i = 0; i < 50000; i++) {
		struct run run = run_new();
		struct str text = random_text(&run, &random, true), key = random_text(&run, &random, true);
		size_t indent = 2 * (size_t)random_below(&random, 3);
		/* Inside of a map, between other keys, as objects have it. */
		for (size_t level = 0; level < indent; level += 2) {
			buf_fill(&run.text, ' ', level);
			BUF_LIT(&run.text, "in:\n");
		}
		buf_fill(&run.text, ' ', indent);
		BUF_LIT(&run.text, "before: x\n");
		yaml_pair(&run.text, indent, arena_fmt(&run.arena, "a%.*s", STR(key)), text);
		buf_fill(&run.text, ' ', indent);
		BUF_LIT(&run.text, "behind: x\n");
		const struct node *map = read_back(&run, buf_str(&run.text));
		for (size_t level = 0; level < indent; level += 2)
			map = node_get(map, S("in"));
		assert_int_equal(map->n, 3);
		const struct node *written = map->child->next->next;
		if (!str_eq(node_text(written->next), text))
			fail_msg("written:\n%.*s", STR(buf_str(&run.text)));
		assert_true(node_reading(written->next, false) == READS_TEXT);
		assert_true(node_reading(written, false) == READS_TEXT);
		run_end(&run);
	}
}

/* In JSON too, where a quoted text stands in daemon.json. */
static void test_quoted_is_json(void **state)
{
	(void)state;
	uint64_t random = 6;
	for (int i = 0; i < 20000; i++) {
		struct run run = run_new();
		struct str text = random_text(&run, &random, true);
		yaml_quoted(&run.text, text);
		struct str got = buf_str(&run.text);
		assert_true(got.n >= 2 && got.p[0] == '"' && got.p[got.n - 1] == '"');
		for (size_t k = 1; k + 1 < got.n; k++) {
			assert_true((unsigned char)got.p[k] >= 0x20 && got.p[k] != '"');
			if (got.p[k] != '\\')
				continue;
			k++; /* JSON knows no other escapes */
			assert_true(got.p[k] == '"' || got.p[k] == '\\' || got.p[k] == 'n' || got.p[k] == 't' || got.p[k] == 'u');
		}
		assert_true(str_eq(node_text(read_back(&run, got)), text));
		run_end(&run);
	}
}

static struct node *new_node(struct run *run, enum node_kind kind)
{
	struct node *node = NEW(&run->arena, struct node);
	node->kind = (uint8_t)kind;
	return node;
}

static struct node *random_scalar(struct run *run, uint64_t *random)
{
	static const struct str plain[] = {S_INIT("1"),  S_INIT("true"), S_INIT("0x1F"), S_INIT("1.5"), S_INIT("~"),
					   S_INIT("no"), S_INIT(".nan"), S_INIT("null"), S_INIT("-7"),  S_INIT("12:30")};
	struct node *node = new_node(run, NODE_SCALAR);
	node->plain = random_below(random, 3) == 0;
	struct str text = node->plain ? plain[random_below(random, 10)] : random_text(run, random, true);
	node->text = text.p;
	node->n = (uint32_t)text.n;
	return node;
}

static struct node *random_tree(struct run *run, uint64_t *random, int depth)
{
	if (depth == 0 || random_below(random, 3) == 0)
		return random_scalar(run, random);
	struct node *node = new_node(run, random_below(random, 2) ? NODE_MAP : NODE_LIST);
	struct node **end = &node->child;
	node->n = (uint32_t)random_below(random, 4);
	for (uint32_t i = 0; i < node->n; i++) {
		if (node->kind == NODE_MAP) {
			struct str some = random_text(run, random, false), text = arena_fmt(&run->arena, "%u%.*s", i, STR(some));
			struct node *key = new_node(run, NODE_SCALAR);
			key->text = text.p;
			key->n = (uint32_t)text.n;
			*end = key;
			end = &key->next;
		}
		*end = random_tree(run, random, depth - 1);
		end = &(*end)->next;
	}
	return node;
}

/* Bools, numbers and nulls stay what they are, text stays text. */
static bool same(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == NODE_SCALAR)
		return str_eq(node_text(a), node_text(b)) && node_reading(a, false) == node_reading(b, false);
	const struct node *x = a->child, *y = b->child;
	for (bool key = a->kind == NODE_MAP; x && y; x = x->next, y = y->next, key = a->kind == NODE_MAP && !key)
		if (key ? !str_eq(node_text(x), node_text(y)) : !same(x, y))
			return false;
	return !x && !y;
}

static void test_random_trees(void **state)
{
	(void)state;
	uint64_t random = 8;
	for (int i = 0; i < 20000; i++) {
		struct run run = run_new();
		struct node *tree = random_tree(&run, &random, 5);
		size_t indent = random_below(&random, 2) ? 2 : 0;
		if (indent)
			BUF_LIT(&run.text, "in:\n");
		if (tree->kind == NODE_SCALAR || tree->n == 0) { /* these need their key */
			indent = 0;
			run.text.n = 0;
			struct node *map = new_node(&run, NODE_MAP), *key = new_node(&run, NODE_SCALAR);
			key->text = "k";
			key->n = 1;
			key->next = tree;
			map->child = key;
			map->n = 1;
			tree = map;
		}
		yaml_node(&run.text, indent, tree);
		const struct node *back = read_back(&run, buf_str(&run.text));
		if (!same(indent ? node_get(back, S("in")) : back, tree))
			fail_msg("written:\n%.*s", STR(buf_str(&run.text)));
		run_end(&run);
	}
}

/* libyaml and the YAML specification stop looking for the colon behind a key after 1024 characters. */
static void test_long_key(void **state)
{
	(void)state;
	for (size_t n = 1000; n <= 2000; n += 250) {
		struct run run = run_new();
		struct buf key = buf_memory();
		buf_fill(&key, 'k', n);
		yaml_pair(&run.text, 0, buf_str(&key), S("x"));
		const struct node *map = read_back(&run, buf_str(&run.text));
		assert_true(str_eq(node_text(map->child), buf_str(&key)));
		buf_free(&key);
		run_end(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),        cmocka_unit_test(test_blocks),       cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_random_texts), cmocka_unit_test(test_random_trees), cmocka_unit_test(test_quoted_is_json),
		cmocka_unit_test(test_long_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
