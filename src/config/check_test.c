#include "check.h"

#include "../base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct check check;
	struct source source;
	const struct node *root;
};

static void check_text(struct run *run, struct str text, bool generated)
{
	*run = (struct run){.source = {.name = S("values.yaml"), .text = text, .generated = generated}};
	run->diags.arena = &run->arena;
	run->check = (struct check){.arena = &run->arena, .diags = &run->diags, .sources = &run->sources};
	sources_add(&run->arena, &run->sources, &run->source);
	run->root = tree_parse(&run->arena, &run->diags, &run->sources, 0);
	if (!run->root)
		fail_msg("%.*s: %.*s", STR(text), STR(run->diags.first->message));
	check_map(&run->check, run->root, &object_values, NULL);
}

static void run_end(struct run *run)
{
	match_free(&run->check.match);
	arena_free(&run->arena);
}

/* "path: message [rule]; " of each, in the order found. */
static struct str said(struct run *run)
{
	struct str all = {0};
	for (const struct diag *d = run->diags.first; d; d = d->next)
		all = arena_fmt(&run->arena, "%.*s%s%.*s: %.*s [%.*s]", STR(all), all.n ? "; " : "", STR(d->place.path),
				STR(d->message), STR(rule_info(d->rule)->name));
	return all;
}

static void assert_said(const char *text, bool generated, const char *want)
{
	struct run run;
	check_text(&run, str_of(text), generated);
	struct str got = said(&run);
	if (!str_eq(got, str_of(want)))
		fail_msg("%s\ngot:  %.*s\nwant: %s", text, STR(got), want);
	run_end(&run);
}

/* One mistake is one message, with its path, whatever stands around it. */
static void test_messages(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"clusters: {a: {email: a@b.c}}", ""},
		{"clusters:", ""},
		{"clusters: []", "clusters: a map is wanted here, not a list [value-type]"},
		{"clusters: {a: {email: a@b.c, workers: 8}}", "clusters.a.workers: 8 is not within 0 to 7 [value-invalid]"},
		{"clusters: {a: {email: a@b.c, workers: -1}}", "clusters.a.workers: -1 is not within 0 to 7 [value-invalid]"},
		{"clusters: {a: {email: a@b.c, workers: 1.0}}",
		 "clusters.a.workers: a whole number is wanted here, not '1.0' [value-type]"},
		{"clusters: {a: {email: a@b.c, workers: 99999999999999999999}}",
		 "clusters.a.workers: a whole number is wanted here, not '99999999999999999999' [value-type]"},
		{"defaults: {network: {mtu: auto}}", ""},
		{"defaults: {network: {mtu: \"auto\"}}", ""},
		{"defaults: {network: {mtu: 1279}}", "defaults.network.mtu: 1279 is not within 1280 to 9000 [value-invalid]"},
		{"defaults: {network: {mtu: \"1500\"}}",
		 "defaults.network.mtu: auto or a whole number is wanted here, not '1500' [value-type]"},
		{"defaults: {env: {A: 1}}", "defaults.env.A: text is wanted here, and YAML reads 1 as a number [value-quote]"},
		{"defaults: {podLabels: {x.y/z: {}}}",
		 "defaults.podLabels['x.y/z']: a single value is wanted here, not a map [value-type]"},
		{"imagePullSecrets: [a, Q, c]", "imagePullSecrets[1]: 'Q' is not a DNS name in lower case [value-invalid]"},
		{"imagePullSecrets: [a, ~]", "imagePullSecrets[1]: null in a list [value-type]"},
		{"network: {assigned: {a: 10.0.0.0/20, b: [10.0.16.0/20]}}", ""},
		{"network: {assigned: {a: x}}", "network.assigned.a: 'x' is not an address range in CIDR notation [value-invalid]"},
		{"network: {assigned: {a: [[x]]}}",
		 "network.assigned.a[0]: a single value is wanted here, not a list [value-type]"},
		{"network: {reserved: [{name: x}]}", "network.reserved[0]: 'cidr' must be given (the range) [key-missing]"},
		{"network: {reserved: [{cidr: x}]}",
		 "network.reserved[0].cidr: 'x' is not an address range in CIDR notation [value-invalid]"},
		{"parents: [{name: h, external: [{cidr: 10.0.0.1/8}]}]",
		 "parents[0].external[0].cidr: 10.0.0.1/8 has bits set past its prefix [range-host-bits]"},
		{"parents: [{name: 1}]", "parents[0].name: text is wanted here, and YAML reads 1 as a number [value-quote]"},
		{"rbac: {create: yes}", "rbac.create: true or false is wanted here, not yes [value-type]"},
		{"rbac: {create: 'true'}", "rbac.create: true or false is wanted here, not the text true [value-type]"},
		{"rbac: {userPrefix: \"\"}", ""},
		{"image: {tag: \"\", digest: ''}", ""}, /* none, or as built in */
		{"image: {pullPolicy: \"\"}", "image.pullPolicy: '' is not Always, IfNotPresent or Never [value-invalid]"},
		{"image: {pullPolicy: always}", "image.pullPolicy: 'always' is not Always, IfNotPresent or Never [value-invalid]"},
		{"global: [anything, {goes: [1]}]\nenabled: false", ""},
		{"clusters: {a: {email: a@b.c, clusters: 1}}", "clusters.a.clusters: there is no key 'clusters' here [key-unknown]"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_said(rows[i][0], false, rows[i][1]);
}

/* What an alias stands for is shared: said once, and nothing else goes wrong by it. */
static void test_aliases(void **state)
{
	(void)state;
	assert_said("clusters: {a: &a {email: a@b.c, workers: 8}, b: *a}", false,
		    "clusters.a.workers: 8 is not within 0 to 7 [value-invalid]");
	assert_said("defaults: {networkPolicy: {from: &f [{ipBlock: {cidr: x}}]}}\n"
		    "clusters: {a: {email: a@b.c, networkPolicy: {from: *f}}}",
		    false,
		    "defaults.networkPolicy.from[0].ipBlock.cidr: 'x' is not an address range in CIDR notation [value-invalid]");
	assert_said("imagePullSecrets: &s [Q]\ndefaults: {tolerations: [{key: &k 1}, {key: *k}]}\nclusters: {}", false,
		    "imagePullSecrets[0]: 'Q' is not a DNS name in lower case [value-invalid]; "
		    "defaults.tolerations[0].key: text is wanted here, and YAML reads 1 as a number [value-quote]; "
		    "defaults.tolerations[1].key: text is wanted here, and YAML reads 1 as a number [value-quote]");
}

/* Helm's own writer leaves as text what only other readers would take for a number. */
static void test_generated(void **state)
{
	(void)state;
	assert_said("defaults: {env: {A: 0o17}}", true, "");
	assert_said("defaults: {env: {A: 0o17}}", false,
		    "defaults.env.A: text is wanted here, and YAML reads 0o17 as a number [value-quote]");
	assert_said("defaults: {env: {A: true}}", true,
		    "defaults.env.A: text is wanted here, and YAML reads true as a bool [value-quote]");
}

static void test_did_you_mean(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"cluster: {}", "did you mean 'clusters'?"},
		{"Clusters: {}", "did you mean 'clusters'?"},
		{"default: {}", "did you mean 'defaults'?"},
		{"parent: []", "did you mean 'parents'?"},
		{"networks: {}", "did you mean 'network'?"},
		{"extraObject: []", "did you mean 'extraObjects'?"},
		{"defaults: {pause: true}", "did you mean 'paused'?"},
		{"defaults: {Workers: 1}", "did you mean 'workers'?"},
		{"defaults: {nodeimage: x}", "did you mean 'nodeImage'?"},
		{"defaults: {dnsDomain: x}", "did you mean 'dnsDomainName'?"},
		{"defaults: {storage: {persistence: true}}", "did you mean 'persistent'?"},
		{"defaults: {network: {ipfamily: dual}}", "did you mean 'ipFamily'?"},
		{"clusters: {a: {email: a@b.c, owner: []}}", "did you mean 'owners'?"},
		{"clusters: {a: {email: a@b.c, mail: x}}", "did you mean 'email'?"},
		{"clusters: {a: {email: a@b.c, network: {service: x}}}", "did you mean 'services'?"},
		{"clusters: {a: {email: a@b.c, network: {ipfamily: x}}}", "did you mean 'ipFamily'?"},
		{"somethingelse: 1", ""},
		{"x: 1", ""},
		{"\"\": 1", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run run;
		check_text(&run, str_of(rows[i][0]), false);
		const struct diag *d = run.diags.first;
		if (!d || d->rule != RULE_KEY_UNKNOWN || !str_eq(d->help, str_of(rows[i][1])))
			fail_msg("%s: %.*s", rows[i][0], STR(d ? d->help : S("nothing said")));
		run_end(&run);
	}
}

static void test_integers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} rows[] = {
		{"0", true, 0},       {"7", true, 7},       {"-1", true, -1},     {"65535", true, 65535},
		{"999999999999999999", true, 999999999999999999},
		{"1000000000000000000", false, 0}, /* longer than what every reader holds exactly */
		{"", false, 0},       {"-", false, 0},      {"01", false, 0},     {"-0", true, 0},
		{"+1", false, 0},     {"1.0", false, 0},    {"1e3", false, 0},    {"0x10", false, 0},
		{"1_000", false, 0},  {" 1", false, 0},     {"1 ", false, 0},     {"one", false, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t value = 0;
		assert_int_equal(parse_integer(str_of(rows[i].text), &value), rows[i].good);
		if (rows[i].good)
			assert_true(value == rows[i].value);
	}
}

static void test_quote(void **state)
{
	(void)state;
	struct arena arena = {0};
	for (size_t n = 0; n <= 120; n++) {
		struct buf buf = buf_memory();
		while (buf.n < n)
			BUF_LIT(&buf, "\xe4\xb8\x96");
		buf_add(&buf, S("!"));
		struct str got = check_quote(&arena, buf_str(&buf));
		if (buf.n <= 60) {
			assert_true(str_eq(got, buf_str(&buf)));
		} else { /* whole characters, then an ellipsis */
			assert_true(got.n == 60 + 3 && str_ends(got, S("\xe4\xb8\x96\xe2\x80\xa6")));
		}
		buf_free(&buf);
	}
	arena_free(&arena);
}

static void test_long_values(void **state)
{
	(void)state;
	struct buf text = buf_memory();
	BUF_LIT(&text, "clusters: {a: {email: a@b.c}}\nimage: {repository: ");
	buf_fill(&text, 'A', 100 * 1000);
	BUF_LIT(&text, "}\n");
	buf_fill(&text, 'k', 1000);
	BUF_LIT(&text, ": 1\n");
	struct run run;
	check_text(&run, buf_str(&text), false);
	assert_int_equal(run.diags.of_level[LEVEL_ERROR], 2);
	for (const struct diag *d = run.diags.first; d; d = d->next)
		assert_true(d->message.n < 200);
	run_end(&run);
	buf_free(&text);
}

/* A path says where, in a form that can be read back: dots in a key are told from dots between keys. */
static void test_paths(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct path top = {NULL, S("clusters"), 0, false};
	struct path name = {&top, S("dev"), 0, false};
	struct path list = {&name, {0}, 7, true};
	struct path dotted = {&name, S("example.org/x"), 0, false};
	assert_int_equal(path_text(&arena, NULL).n, 0);
	assert_true(str_eq(path_text(&arena, &top), S("clusters")));
	assert_true(str_eq(path_text(&arena, &name), S("clusters.dev")));
	assert_true(str_eq(path_text(&arena, &list), S("clusters.dev[7]")));
	assert_true(str_eq(path_text(&arena, &dotted), S("clusters.dev['example.org/x']")));
	arena_free(&arena);
}

/* values.def against itself: what is built in passes its own check, and every key has its line. */
static void test_builtins(void **state)
{
	(void)state;
	static const struct object *const objects[] = {
		&object_values, &object_settings, &object_storage, &object_kind, &object_network, &object_sizes, &object_sizes6,
		&object_rbac,   &object_image,    &object_access,  &object_parent, &object_settings_network, &object_network_policy,
	};
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
		for (size_t k = 0; k < objects[i]->count; k++) {
			const struct field *field = &objects[i]->fields[k];
			assert_true(field->doc.n > 0);
			if (field->builtin.n == 0)
				continue;
			struct run run = {.source = {.name = S("built-in"), .text = field->builtin}};
			run.diags.arena = &run.arena;
			run.check = (struct check){.arena = &run.arena, .diags = &run.diags, .sources = &run.sources};
			sources_add(&run.arena, &run.sources, &run.source);
			run.root = tree_parse(&run.arena, &run.diags, &run.sources, 0);
			if (field->member != MEMBER_TEXT) /* those are texts, not YAML */
				check_value(&run.check, run.root, field->type, NULL);
			if (diags_failed(&run.diags))
				fail_msg("%.*s: %.*s", STR(field->key), STR(run.diags.first->message));
			run_end(&run);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),     cmocka_unit_test(test_aliases), cmocka_unit_test(test_generated),
		cmocka_unit_test(test_did_you_mean), cmocka_unit_test(test_integers), cmocka_unit_test(test_quote),
		cmocka_unit_test(test_long_values),  cmocka_unit_test(test_paths),   cmocka_unit_test(test_builtins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
