/* Plans by example: what each cluster gets, what is said, what stays where it is, what many cost. */
#include "plan_run_test.h"

#include "../base/buf.h"
#include "range.h"

static void assert_clusters(const char *values, const char *const (*want)[9])
{
	struct run run;
	plan_text(&run, str_of(values), S(""));
	if (diags_failed(&run.diags))
		fail_msg("%.*s", STR(run.diags.first->message));
	for (; (*want)[0]; want++) {
		struct cluster_plan c;
		assert_true(find(&run.plans[0], str_of((*want)[0]), &c));
		const struct cidr got[] = {c.v4.block, c.v4.pods, c.v4.services, c.v4.docker,
					   c.v6.block, c.v6.pods, c.v6.services, c.v6.docker};
		for (size_t i = 0; i < 8; i++)
			assert_cidr(got[i], (*want)[i + 1] ? (*want)[i + 1] : "");
	}
	run_end(&run);
}

/* The addresses that people have in their clusters: they may not change from version to version.
 * 768 slots; FNV-1a of "kdk/testing1" mod 768 is 363, that of "kdk/testing2" 286. */
static void test_fixed(void **state)
{
	(void)state;
	assert_clusters("parents: []\nclusters: {testing1: {email: a@b.c}, testing2: {email: a@b.c}}",
			(const char *const[][9]){
				{"testing1", "10.86.176.0/20", "10.86.176.0/21", "10.86.184.0/22", "10.86.188.0/24"},
				{"testing2", "10.81.224.0/20", "10.81.224.0/21", "10.81.232.0/22", "10.81.236.0/24"},
				{NULL},
			});
}

static void test_families(void **state)
{
	(void)state;
	assert_clusters("parents: []\n"
			"network: {pools: [10.0.0.0/20], pools6: [\"fd00::/59\"], share: true}\n"
			"clusters:\n"
			"  a: {email: a@b.c}\n"
			"  b: {email: a@b.c, network: {ipFamily: dual}}\n"
			"  c: {email: a@b.c, network: {ipFamily: ipv6}}\n",
			(const char *const[][9]){
				{"a", "10.0.0.0/20", "10.0.0.0/21", "10.0.8.0/22", "10.0.12.0/24"},
				{"b", "10.0.0.0/20", "10.0.0.0/21", "10.0.8.0/22", "10.0.12.0/24", "fd00::/59", "fd00::/60",
				 "fd00:0:0:11::/112", "fd00:0:0:10::/64"},
				{"c", "10.0.0.0/20", NULL, NULL, "10.0.12.0/24", "fd00::/59", "fd00::/60", "fd00:0:0:11::/112",
				 "fd00:0:0:10::/64"},
				{NULL},
			});
}

static void test_pins(void **state)
{
	(void)state;
	assert_clusters("parents: []\n"
			"network: {pools: [10.0.0.0/20, 10.9.0.0/20]}\n"
			"clusters:\n"
			"  block: {email: a@b.c, network: {block: 10.9.0.0/20}}\n"
			"  one: {email: a@b.c, network: {services: 172.20.0.0/16}}\n"
			"  all: {email: a@b.c, network: {pods: 172.21.0.0/24, services: 172.22.0.0/28, docker: 172.23.0.0/27}}\n",
			(const char *const[][9]){
				{"block", "10.9.0.0/20", "10.9.0.0/21", "10.9.8.0/22", "10.9.12.0/24"},
				{"one", "10.0.0.0/20", "10.0.0.0/21", "172.20.0.0/16", "10.0.12.0/24"},
				{"all", NULL, "172.21.0.0/24", "172.22.0.0/28", "172.23.0.0/27"},
				{NULL},
			});
}

static void test_sizes(void **state)
{
	(void)state;
	static const struct {
		const char *sizes, *block, *pods, *services, *docker;
	} rows[] = {
		{"{pods: 21, services: 22, docker: 24}", "10.0.0.0/20", "10.0.0.0/21", "10.0.8.0/22", "10.0.12.0/24"},
		{"{pods: 24, services: 22, docker: 24}", "10.0.0.0/21", "10.0.4.0/24", "10.0.0.0/22", "10.0.5.0/24"},
		{"{pods: 24, services: 24, docker: 24}", "10.0.0.0/22", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"},
		{"{pods: 22, services: 24, docker: 22}", "10.0.0.0/20", "10.0.0.0/22", "10.0.8.0/24", "10.0.4.0/22"},
		{"{pods: 24, services: 28, docker: 27}", "10.0.0.0/23", "10.0.0.0/24", "10.0.1.32/28", "10.0.1.0/27"},
		{"{pods: 8, services: 12, docker: 8}", NULL, NULL, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena arena = {0};
		struct str values = arena_fmt(&arena,
					      "parents: []\nnetwork: {pools: [10.0.0.0/20], sizes: %s}\nclusters: {a: {email: a@b.c}}",
					      rows[i].sizes);
		struct run run;
		plan_text(&run, values, S(""));
		assert_int_equal(diags_failed(&run.diags), rows[i].block == NULL);
		struct cluster_plan c;
		if (rows[i].block && find(&run.plans[0], S("a"), &c)) {
			/* Where in the pool is the hash's to say. */
			assert_int_equal(c.v4.block.length, range(rows[i].block).length);
			const struct cidr got[] = {c.v4.pods, c.v4.services, c.v4.docker};
			const struct cidr want[] = {range(rows[i].pods), range(rows[i].services), range(rows[i].docker)};
			for (size_t k = 0; k < 3; k++) {
				assert_int_equal(got[k].length, want[k].length);
				assert_true(got[k].addr.low - c.v4.block.addr.low == want[k].addr.low - range("10.0.0.0/20").addr.low);
			}
		}
		run_end(&run);
		arena_free(&arena);
	}
}

static void test_parts_of_docker(void **state)
{
	(void)state;
	static const char *const rows[][4] = {
		{"10.0.12.0/24", "10.0.12.0/25", "10.0.12.129/26", "10.0.12.192/26"},
		{"10.0.0.0/27", "10.0.0.0/28", "10.0.0.17/29", "10.0.0.24/29"},
		{"10.0.0.0/8", "10.0.0.0/9", "10.128.0.1/10", "10.192.0.0/10"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_cidr(plan_kind_network(range(rows[i][0])), rows[i][1]);
		assert_cidr(plan_bridge(range(rows[i][0])), rows[i][2]);
		assert_cidr(plan_pool(range(rows[i][0])), rows[i][3]);
	}
	assert_cidr(plan_kind_network(range("fd00::/64")), "fd00::/64");
}

/* Without memory too, most stay where they are when one comes or goes. */
static void test_stability(void **state)
{
	(void)state;
	enum { MANY = 300 };
	struct run all, fewer;
	struct buf values = buf_memory();
	BUF_LIT(&values, "parents: []\nclusters:\n");
	for (int i = 0; i < MANY; i++)
		buf_fmt(&values, "  c%d: {email: a@b.c}\n", i);
	plan_text(&all, buf_str(&values), S(""));
	size_t moved = 0;
	for (int gone = 0; gone < MANY; gone += 37) {
		struct buf without = buf_memory();
		BUF_LIT(&without, "parents: []\nclusters:\n");
		for (int i = 0; i < MANY; i++)
			if (i != gone)
				buf_fmt(&without, "  c%d: {email: a@b.c}\n", i);
		plan_text(&fewer, buf_str(&without), S(""));
		for (size_t i = 0; i < MANY; i++) {
			struct cluster_plan a = plan_of(&all.plans[0], i), b;
			if (find(&fewer.plans[0], all.plans[0].input->clusters[i].name, &b))
				moved += !cidr_eq(a.v4.block, b.v4.block);
		}
		run_end(&fewer);
		buf_free(&without);
	}
	assert_true(moved <= 9 * 3); /* nine removals, each heals a chain of a few */
	run_end(&all);
	buf_free(&values);
}

/* What has become illegal is said, with the pin to paste; never moved in silence. */
static void test_remembered(void **state)
{
	(void)state;
	static const struct {
		const char *network, *cluster, *said;
	} rows[] = {
		{"assigned: {a: 10.64.0.0/20}", "", ""},
		{"assigned: {gone: 10.64.0.0/20}", "", ""},
		{"assigned: {a: 10.96.0.0/20}", "", "assigned-illegal"},
		{"assigned: {a: 10.64.0.0/24}", "", "assigned-illegal"},
		{"assigned: {a: 10.64.0.0/20, b: 10.64.0.0/20}", "", "assigned-illegal"},
		{"assigned: {a: 192.168.0.0/20}", "", ""}, /* outside of the pools, and still its own */
		{"assigned: {a: 10.64.0.0/20}", "block: 10.64.16.0/20", "assigned-moved"},
		{"assigned: {a: 10.64.0.0/20}", "block: 10.64.0.0/20", ""},
		{"assigned: {a: 10.96.0.0/20}", "block: 10.64.0.0/20", "assigned-moved"},
		{"assigned: {a: 10.96.0.0/20}", "pods: 10.65.0.0/21, services: 10.66.0.0/22, docker: 10.67.0.0/24", ""},
		{"assigned: {a: [\"fd00::/59\"]}", "", ""},
		{"share: true, assigned: {a: 10.96.0.0/20}", "", ""},
		{"share: true, block: 10.96.0.0/20", "", "range-overlaps-parent"},
		{"share: true, block: 10.64.0.0/20", "", ""},
		{"share: true, block: 10.64.0.0/24", "", "range-too-small"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena arena = {0};
		struct str values = arena_fmt(&arena,
					      "parents: [{name: host, pods: [], services: [10.96.0.0/12], nodes: []}]\nnetwork: {%s}\n"
					      "clusters: {a: {email: a@b.c, network: {%s}}, b: {email: a@b.c}}\n",
					      rows[i].network, rows[i].cluster);
		struct run run;
		plan_text(&run, values, S(""));
		struct str said = run.diags.first ? rule_info(run.diags.first->rule)->name : S("");
		if (!str_eq(said, str_of(rows[i].said)) || (run.diags.first && run.diags.first->next))
			fail_msg("%s, %s: %.*s", rows[i].network, rows[i].cluster, STR(said));
		if (run.diags.first && run.diags.first->rule == RULE_ASSIGNED_ILLEGAL)
			assert_true(run.diags.first->help.n > 0);
		run_end(&run);
		arena_free(&arena);
	}
}

/* Several releases in one run: their clusters differ too. */
static void test_two_inputs(void **state)
{
	(void)state;
	static const char one[] = "parents: []\nnetwork: {pools: [10.0.0.0/18]}\nclusters: {a: {email: a@b.c}, b: {email: a@b.c}}";
	static const char three[] = "parents: []\nnetwork: {pools: [10.0.0.0/18]}\n"
				    "clusters: {a: {email: a@b.c}, b: {email: a@b.c}, c: {email: a@b.c}}";
	static const char two[] = "parents: []\nnetwork: {pools: [10.0.0.0/18]}\n"
				  "clusters: {a: {email: a@b.c}, c: {email: a@b.c, network: {block: 10.0.16.0/20}}}";
	struct run run;
	run_start(&run);
	struct input *inputs[] = {load(&run, "one", str_of(one), S("")), load(&run, "two", str_of(two), S(""))};
	run.plans = plan_inputs(&run.check, inputs, 2);
	assert_false(diags_failed(&run.diags));
	struct cidr blocks[4];
	for (size_t i = 0; i < 4; i++)
		blocks[i] = plan_of(&run.plans[i / 2], i % 2).v4.block;
	assert_cidr(blocks[3], "10.0.16.0/20");
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(cidr_overlaps(blocks[i], blocks[k]));
	run_end(&run);

	/* A mistake in the second one is found as in the first, and what is offered is free. */
	static const char wrong[] = "parents: []\nnetwork: {pools: [10.0.0.0/18]}\n"
				    "clusters: {z: {email: a@b.c, network: {block: 10.0.16.0/20, services: 10.0.16.0/22}}}";
	run_start(&run);
	struct input *again[] = {load(&run, "one", str_of(three), S("")), load(&run, "two", str_of(wrong), S(""))};
	run.plans = plan_inputs(&run.check, again, 2);
	assert_int_equal(run.diags.of_rule[RULE_RANGE_OVERLAPS_OWN], 1);
	struct str help = run.diags.first->help;
	struct cidr offered;
	cidr_parse(str_to(help, str_find(help, ' ')), &offered);
	for (size_t i = 0; i < 3; i++)
		assert_false(cidr_overlaps(offered, plan_of(&run.plans[0], i).v4.block));
	run_end(&run);
}

/* Two pins of one cluster that touch are wrong, whether blocks are shared or not. */
static void test_own(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"pods: 10.1.0.0/21, services: 10.1.0.0/22",
		"pods: 10.1.0.0/21, services: 10.1.0.0/22, docker: 10.2.0.0/24",
		"block: 10.1.0.0/20, services: 10.1.0.0/22",
		"block: 10.1.0.0/20, docker: 10.1.8.0/24",
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (int share = 0; share < 2; share++) {
			struct arena arena = {0};
			struct str values = arena_fmt(&arena, "parents: []\nnetwork: {share: %s}\nclusters: {a: {email: a@b.c, network: {%s}}}",
						      share ? "true" : "false", rows[i]);
			struct run run;
			plan_text(&run, values, S(""));
			if (run.diags.of_rule[RULE_RANGE_OVERLAPS_OWN] != 1 || run.diags.of_level[LEVEL_ERROR] != 1)
				fail_msg("%s, share %d: %zu errors", rows[i], share, run.diags.of_level[LEVEL_ERROR]);
			run_end(&run);
			arena_free(&arena);
		}
	}
}

/* Large inputs are no work: each of these ends at once, or somebody has looped over pairs. */
static void test_many(void **state)
{
	(void)state;
	enum { MANY = 10000, LAYERS = 50, RANGES_EACH = 80 };
	struct buf values = buf_memory();
	BUF_LIT(&values, "parents:\n");
	for (int layer = 0; layer < LAYERS; layer++) {
		buf_fmt(&values, "- {name: p%d, dnsDomain: p%d.local, services: [], nodes: [], pods: [", layer, layer);
		for (int i = 0; i < RANGES_EACH; i++)
			buf_fmt(&values, "%s11.%d.%d.0/24", i ? ", " : "", layer, i);
		BUF_LIT(&values, "]}\n");
	}
	BUF_LIT(&values, "network: {pools: [10.0.0.0/8, 12.0.0.0/7]}\nclusters:\n");
	for (int i = 0; i < MANY; i++)
		buf_fmt(&values, "  c%d: {email: a@b.c}\n", i);
	struct run run;
	plan_text(&run, buf_str(&values), S(""));
	assert_false(diags_failed(&run.diags));
	struct range_set set = {0};
	for (size_t i = 0; i < MANY; i++)
		range_add(&run.arena, &set, plan_of(&run.plans[0], i).v4.block, NULL);
	range_build(&set);
	for (size_t i = 1; i < set.count; i++)
		assert_false(cidr_overlaps(set.items[i - 1].cidr, set.items[i].cidr));
	assert_int_equal(set.count, MANY);
	run_end(&run);
	buf_free(&values);
}

/* All but the first clash with one before them, and with the parent's range; all are counted, and few are kept. */
static void test_equal_pins(void **state)
{
	(void)state;
#ifdef KDK_SAN
	enum { MANY = 10000 };
#else
	enum { MANY = 100000 };
#endif
	struct buf values = buf_memory();
	BUF_LIT(&values, "parents: [{name: host, pods: [10.96.0.0/12], services: [], nodes: []}]\nclusters:\n");
	for (int i = 0; i < MANY; i++)
		buf_fmt(&values, "  c%d: {email: a@b.c, network: {block: 10.96.0.0/20}}\n", i);
	struct run run;
	plan_text(&run, buf_str(&values), S(""));
	assert_int_equal(run.diags.of_rule[RULE_RANGE_OVERLAPS_CLUSTER], MANY - 1);
	assert_int_equal(run.diags.of_rule[RULE_RANGE_OVERLAPS_PARENT], MANY);
	size_t kept = 0;
	for (const struct diag *d = run.diags.first; d; d = d->next)
		kept++;
	assert_int_equal(kept, 2 * DIAG_MOST);
	run_end(&run);
	buf_free(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_parts_of_docker),
		cmocka_unit_test(test_stability),
		cmocka_unit_test(test_remembered),
		cmocka_unit_test(test_two_inputs),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_equal_pins),
	};
	return run_plan_tests("plan", tests, sizeof tests / sizeof tests[0]);
}
