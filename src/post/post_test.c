/* The post-render stream: what is a carrier, where it begins and ends, what it says. */
#include "post.h"


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define HEAD "apiVersion: kdk-render/v1\nkind: ClusterSet\nmetadata:\n  name: x\n"
#define REST "release:\n  name: r\n  namespace: ns\n  service: Helm\nchart: kdk-0.1.0\nvalues:\n  clusters: {}\n"
#define CARRIER HEAD REST
#define CM "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n"

struct fixture {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct stream stream;
};

static void find(struct fixture *f, struct str text)
{
	*f = (struct fixture){0};
	f->diags.arena = &f->arena;
	f->stream = post_find(&f->arena, &f->diags, &f->sources, text);
}

/* Each row: a stream in three pieces; the middle one is the carrier, where there is one. */
static const struct row {
	const char *name, *before, *carrier, *after;
} rows[] = {
	{"no carrier", CM, "", ""},
	{"only the carrier", "", CARRIER, ""},
	{"Helm 3", "---\n# Source: kdk/templates/a.yaml\n" CM, "---\n# Source: kdk/templates/carrier.yaml\n" CARRIER, ""},
	{"between two", "---\n" CM, "---\n" CARRIER, "---\n" CM},
	{"first without a separator, as in Helm 4", "", CARRIER, "---\n" CM},
	{"no final newline behind it", "", CARRIER, "---\n" "a: 1"},
	{"no final newline", "---\n" CM, "---\n" HEAD "release: {name: r, namespace: ns, service: Helm}", ""},
	{"CRLF", "---\r\na: 1\r\n", "---\r\napiVersion: kdk-render/v1\r\nkind: ClusterSet\r\nrelease: {name: r, namespace: ns, service: Helm}\r\n",
	 "---\r\nb: 2\r\n"},
	{"CR alone", "---\ra: 1\r", "---\rapiVersion: kdk-render/v1\rkind: ClusterSet\rrelease: {name: r, namespace: ns, service: Helm}\r",
	 "---\rb: 2\r"},
	{"separators with comments and blanks", "--- # one\n" CM "---   \n\n", "--- # two\n" CARRIER, "---\t\n" CM},
	{"comment above it", CM, "---\n# top comment\n\n" CARRIER, "---\n" CM},
	{"quoted", CM, "---\n\"apiVersion\": 'kdk-render/v1' # v1\n'kind': \"ClusterSet\"\nrelease: {name: r, namespace: ns, service: Helm}\n", ""},
	{"flow style", CM, "---\n{apiVersion: kdk-render/v1, kind: ClusterSet, release: {name: r, namespace: ns, service: Helm}}\n", "---\n" CM},
	{"flow style on the separator's line", CM, "--- {apiVersion: kdk-render/v1, kind: ClusterSet, release: {name: r, namespace: ns, service: Helm}}\n", ""},
	{"JSON", CM, "---\n{\"apiVersion\": \"kdk-render/v1\", \"kind\": \"ClusterSet\", \"release\": {\"name\": \"r\", \"namespace\": \"ns\", \"service\": \"Helm\"}}\n", ""},
	{"document end", "a: 1\n...\n", "---\n" CARRIER "...\n", "---\nb: 2\n"},
	{"kind before apiVersion", "", "kind: ClusterSet\nrelease: {name: r, namespace: ns, service: Helm}\napiVersion: kdk-render/v1\n", "---\n" CM},
	{"another kind of the group", "apiVersion: kdk-render/v1\nkind: Other\n", "", ""},
	{"another group", "apiVersion: kdk-renderer.example.org/v1\nkind: ClusterSet\n", "", ""},
	{"a mention in a text", CM "data:\n  a: |\n    apiVersion: kdk-render/v1\n    kind: ClusterSet\n", "", ""},
	{"in a List", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: kdk-render/v1\n  kind: ClusterSet\n", "", ""},
	{"a mention in what is no YAML", "{{ apiVersion: kdk-render/v1 ]\n", "", ""},
	{"--- inside a block scalar begins a document", "a: |\n  text\n--- not\n", "", ""},
	{"indented --- does not", CM "data:\n  a: |\n    ---\n    " "apiVersion: kdk-render/v1\n    kind: ClusterSet\n", "", ""},
	{"glued ---", "---" CM "---a: 1\n", "---\n" CARRIER, ""},
};

static void test_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf text = buf_memory();
		struct fixture f;
		buf_add(&text, str_of(rows[i].before));
		buf_add(&text, str_of(rows[i].carrier));
		buf_add(&text, str_of(rows[i].after));
		find(&f, buf_str(&text));
		bool wanted = rows[i].carrier[0];
		size_t start = str_of(rows[i].before).n, end = start + str_of(rows[i].carrier).n;
		if (f.stream.count != wanted || f.diags.first)
			print_message("# %s: %zu carriers, %s\n", rows[i].name, f.stream.count,
				      f.diags.first ? f.diags.first->message.p : "no message");
		assert_int_equal(f.stream.count, wanted);
		assert_null(f.diags.first);
		if (wanted) {
			if (f.stream.carriers[0].start != start || f.stream.carriers[0].end != end)
				print_message("# %s\n", rows[i].name);
			assert_int_equal(f.stream.carriers[0].start, start);
			assert_int_equal(f.stream.carriers[0].end, end);
			assert_true(str_eq(f.stream.carriers[0].release, S("r")));
		}
		arena_free(&f.arena);
		buf_free(&text);
	}
}

static void test_what_it_says(void **state)
{
	(void)state;
	struct fixture f;
	find(&f, S("---\n# Source: kdk/templates/carrier.yaml\n" CARRIER "plan: |\n  network: {}\ndiscovered:\n  pods: [10.0.0.0/8]\n"
		   "---\n" "apiVersion: kdk-render/v1\nkind: ClusterSet\nmetadata:\n  annotations:\n"
		   "    postrenderer.helm.sh/postrender-filename: 'k/c.yaml'\nrelease: {name: r2, namespace: ns2, service: Helm}\n"));
	assert_int_equal(f.stream.count, 2);
	const struct carrier *c = f.stream.carriers;
	assert_true(str_eq(c[0].source_line, S("# Source: kdk/templates/carrier.yaml")));
	assert_true(str_eq(c[0].namespace, S("ns")));
	assert_true(str_eq(c[0].chart, S("kdk-0.1.0")));
	assert_true(str_eq(c[0].plan, S("network: {}\n")));
	assert_non_null(node_get(c[0].discovered, S("pods")));
	assert_non_null(node_get(c[0].values, S("clusters")));
	assert_int_equal(c[0].filename.n, 0);
	assert_true(str_eq(c[1].filename, S("k/c.yaml")));
	assert_true(f.stream.helm4);
	arena_free(&f.arena);
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum rule rule;
	} refused[] = {
		{"apiVersion: kdk-render/v2\nkind: ClusterSet\nrelease: {name: r, namespace: ns, service: Helm}\n", RULE_CARRIER_INVALID},
		{HEAD "release: {name: r, namespace: ns, service: Helm}\nsurprise: 1\n", RULE_CARRIER_INVALID},
		{HEAD "values: {}\n", RULE_CARRIER_INVALID},
		{HEAD "release: {name: r, namespace: ns}\n", RULE_CARRIER_INVALID},
		{HEAD "release: [r]\n", RULE_CARRIER_INVALID},
		{HEAD "values: {a: [}\n", RULE_YAML_SYNTAX},
		{HEAD "values:\n  a: 1\n  a: 2\n", RULE_KEY_DUPLICATE},
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct fixture f;
		find(&f, str_of(refused[i].text));
		assert_int_equal(f.stream.count, 1);
		assert_true(f.diags.of_rule[refused[i].rule] > 0);
		arena_free(&f.arena);
	}
}

/* Helm 4 is told apart also where its carrier cannot be read: or nobody would see why. */
static void test_broken_helm4(void **state)
{
	(void)state;
	struct fixture f;
	find(&f, S(HEAD "  annotations:\n    postrenderer.helm.sh/postrender-filename: 'k/c.yaml'\nvalues: {a: [}\n"));
	assert_true(diags_failed(&f.diags));
	assert_true(f.stream.helm4);
	arena_free(&f.arena);
}

static void test_failure_reads_back(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"one line", "two\nlines\n", "  leading spaces\nb", "--- a\n...\n", "\ttab\nb\n", "{\"a\": [1]}", "", "a: b\n# c\n\n\n",
		"caret\n   ^~~~\nnote: x\n", "\xc2\x85 next line\nb\n",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct arena arena = {0};
		struct diags diags = {.arena = &arena};
		struct sources sources = {0};
		struct buf out = buf_memory();
		post_failure(&out, str_of(texts[i]));
		struct source source = {.name = S("failure"), .text = buf_str(&out)};
		sources_add(&arena, &sources, &source);
		const struct node *root = tree_parse(&arena, &diags, &sources, 0);
		assert_non_null(root);
		assert_int_equal(root->kind, NODE_SCALAR);
		assert_true(str_eq(node_text(root), str_of(texts[i])));
		buf_free(&out);
		arena_free(&arena);
	}
}

/* A stream that mentions the group in every document must not take quadratic time: a
 * million documents would not end. */
static void test_many_mentions(void **state)
{
	(void)state;
	struct buf text = buf_memory();
	for (int i = 0; i < 1000000; i++)
		BUF_LIT(&text, "---\na: kdk-render/v1\n");
	for (int i = 0; i < 1000000; i++)
		BUF_LIT(&text, "b: kdk-render/v1\n");
	struct fixture f;
	find(&f, buf_str(&text));
	assert_int_equal(f.stream.count, 0);
	arena_free(&f.arena);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),         cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_refused),        cmocka_unit_test(test_broken_helm4),
		cmocka_unit_test(test_failure_reads_back), cmocka_unit_test(test_many_mentions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
