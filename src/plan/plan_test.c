/* Plans against brute force: a small address space, random values, and every property
 * that the plan promises, looked at address by address. */
#include "plan.h"

#include "../base/buf.h"
#include "../base/random_test.h"
#include "range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct check check;
	struct plan *plans;
};

static struct input *load(struct run *run, const char *release, struct str values, struct str last_plan)
{
	struct source *source = NEW(&run->arena, struct source);
	*source = (struct source){.name = S("values.yaml"), .text = values};
	uint16_t id = sources_add(&run->arena, &run->sources, source);
	const struct node *root = tree_parse(&run->arena, &run->diags, &run->sources, id);
	struct release facts = {.name = str_of(release), .namespace = S("default"), .service = S("test"), .plan = last_plan};
	struct input *input = root ? load_values(&run->check, root, facts) : NULL;
	if (diags_failed(&run->diags))
		fail_msg("%.*s\n%.*s", STR(values), STR(run->diags.first->message));
	return input;
}

static void run_start(struct run *run)
{
	*run = (struct run){0};
	run->diags.arena = &run->arena;
	run->check = (struct check){.arena = &run->arena, .diags = &run->diags, .sources = &run->sources};
}

static void plan_text(struct run *run, struct str values, struct str last_plan)
{
	run_start(run);
	struct input *input = load(run, "kdk", values, last_plan);
	run->plans = plan_inputs(&run->check, &input, 1);
}

static void run_end(struct run *run)
{
	match_free(&run->check.match);
	arena_free(&run->arena);
}

static bool find(const struct plan *plan, struct str name, struct cluster_plan *out)
{
	for (size_t i = 0; i < plan->input->count; i++) {
		if (!str_eq(plan->input->clusters[i].name, name))
			continue;
		*out = plan_of(plan, i);
		return true;
	}
	return false;
}

static struct cidr range(const char *text)
{
	struct cidr cidr;
	if (cidr_parse(str_of(text), &cidr) != CIDR_OK)
		fail_msg("%s is no range", text);
	return cidr;
}

static void assert_cidr(struct cidr got, const char *want)
{
	char text[CIDR_TEXT];
	if (!str_eq(cidr_print(text, got), str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(cidr_print(text, got)), want);
}

/* --- single plans --- */

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

/* --- against brute force --- */

enum { SPACE = 16384, CLUSTERS = 12, PARENTS = 4 };
/* 10.0.0.0/18, address by address: who has it. */
struct world {
	int8_t cluster[SPACE]; /* number + 1; 0: nobody */
	bool obstacle[SPACE];
};

struct asked {
	bool there[CLUSTERS];
	unsigned pin_bits[CLUSTERS]; /* of its services; 0: no pin */
	unsigned pin_at[CLUSTERS];
	unsigned parent_bits[PARENTS], parent_at[PARENTS];
	unsigned pools; /* 1: all; 2: the two halves, the second first; 3: the second quarter */
	bool dual;
};

static void ask(struct asked *a, uint64_t *random)
{
	*a = (struct asked){.pools = 1 + (unsigned)random_below(random, 3), .dual = random_below(random, 4) == 0};
	for (int i = 0; i < CLUSTERS; i++) {
		a->there[i] = random_below(random, 3) != 0;
		if (random_below(random, 5))
			continue;
		a->pin_bits[i] = 4 + (unsigned)random_below(random, 3);
		a->pin_at[i] = (unsigned)random_below(random, SPACE >> a->pin_bits[i]) << a->pin_bits[i];
	}
	for (int i = 0; i < PARENTS; i++) {
		a->parent_bits[i] = (unsigned)random_below(random, 12);
		a->parent_at[i] = (unsigned)random_below(random, SPACE >> a->parent_bits[i]) << a->parent_bits[i];
	}
}

/* Sizes: pods /24, services /28, docker /27, which makes a block a /23. REVERSED: the same in another order. */
static void put_values(struct buf *out, const struct asked *a, bool reversed, const char *assigned)
{
	static const char *const pools[] = {"", "10.0.0.0/18", "10.0.32.0/19, 10.0.0.0/19", "10.0.16.0/20"};
	BUF_LIT(out, "clusters:\n");
	for (int n = 0; n < CLUSTERS; n++) {
		int i = reversed ? CLUSTERS - 1 - n : n;
		if (!a->there[i])
			continue;
		buf_fmt(out, "  c%d: {email: a@b.c, network: {ipFamily: %s", i, a->dual && i % 2 ? "dual" : "ipv4");
		if (a->pin_bits[i])
			buf_fmt(out, ", services: 10.0.%u.%u/%u", a->pin_at[i] >> 8, a->pin_at[i] & 255, 32 - a->pin_bits[i]);
		BUF_LIT(out, "}}\n");
	}
	BUF_LIT(out, "  zz: ~\nparents: [{name: host, services: [], nodes: [], pods: [");
	for (int n = 0; n < PARENTS; n++) {
		int i = reversed ? PARENTS - 1 - n : n;
		buf_fmt(out, "%s10.0.%u.%u/%u", n ? ", " : "", a->parent_at[i] >> 8, a->parent_at[i] & 255,
			32 - a->parent_bits[i]);
	}
	buf_fmt(out, "]}]\nnetwork: {pools: [%s], sizes: {pods: 24, services: 28, docker: 27}%s%s}\n", pools[a->pools],
		assigned ? ", assigned: " : "", assigned ? assigned : "");
}

static bool in_pool(const struct asked *a, uint64_t at, uint64_t count)
{
	return a->pools == 3 ? at >= 4096 && at + count <= 8192 : at + count <= SPACE;
}

static uint64_t offset(struct cidr cidr)
{
	return cidr_first(cidr).low - range("10.0.0.0/20").addr.low;
}

/* Everything that holds for each plan without an error. */
static void require_good(const struct asked *a, const struct plan *plan)
{
	static struct world w;
	w = (struct world){0};
	for (int i = 0; i < PARENTS; i++)
		for (unsigned k = 0; k < 1u << a->parent_bits[i]; k++)
			w.obstacle[a->parent_at[i] + k] = true;
	for (int i = 0; i < CLUSTERS; i++) {
		struct arena arena = {0};
		struct cluster_plan c;
		assert_int_equal(find(plan, arena_fmt(&arena, "c%d", i), &c), a->there[i]);
		arena_free(&arena);
		if (!a->there[i])
			continue;
		const struct cidr parts[] = {c.v4.pods, c.v4.services, c.v4.docker};
		static const unsigned bits[] = {8, 4, 5};
		assert_int_equal(cidr_bits(c.v4.block), 9);
		assert_true(in_pool(a, offset(c.v4.block), 512));
		for (int part = 0; part < 3; part++) {
			bool pinned = part == 1 && a->pin_bits[i];
			uint64_t at = offset(parts[part]), count = UINT64_C(1) << cidr_bits(parts[part]);
			assert_true(parts[part].set && at % count == 0); /* aligned */
			assert_int_equal(cidr_bits(parts[part]), pinned ? a->pin_bits[i] : bits[part]);
			if (pinned)
				assert_int_equal(at, a->pin_at[i]);
			else
				assert_true(cidr_contains(c.v4.block, parts[part]));
			for (uint64_t k = 0; k < count; k++) { /* legal, and nobody else's */
				assert_false(w.obstacle[at + k]);
				assert_int_equal(w.cluster[at + k], 0);
				w.cluster[at + k] = (int8_t)(i + 1);
			}
		}
		for (uint64_t k = 0; k < 512; k++) { /* the whole block is */
			uint64_t at = offset(c.v4.block) + k;
			assert_false(w.obstacle[at]);
			assert_true(w.cluster[at] == 0 || w.cluster[at] == i + 1);
			w.cluster[at] = (int8_t)(i + 1);
		}
		bool dual = a->dual && i % 2;
		assert_int_equal(c.v6.block.set, dual);
		if (dual)
			assert_true(cidr_contains(c.v6.block, c.v6.pods) && cidr_contains(c.v6.block, c.v6.services) &&
				    cidr_contains(c.v6.block, c.v6.docker) && !cidr_overlaps(c.v6.pods, c.v6.services) &&
				    !cidr_overlaps(c.v6.pods, c.v6.docker) && !cidr_overlaps(c.v6.services, c.v6.docker));
	}
}

/* Whether the pins alone are legal, by the bitmap. */
static bool pins_are_good(const struct asked *a)
{
	static struct world w;
	w = (struct world){0};
	for (int i = 0; i < PARENTS; i++)
		for (unsigned k = 0; k < 1u << a->parent_bits[i]; k++)
			w.obstacle[a->parent_at[i] + k] = true;
	for (int i = 0; i < CLUSTERS; i++) {
		for (unsigned k = 0; a->there[i] && a->pin_bits[i] && k < 1u << a->pin_bits[i]; k++) {
			if (w.obstacle[a->pin_at[i] + k] || w.cluster[a->pin_at[i] + k])
				return false;
			w.cluster[a->pin_at[i] + k] = (int8_t)(i + 1);
		}
	}
	return true;
}

/* How many blocks there are for those who need one, once pins have taken theirs. */
static int blocks_left(const struct asked *a)
{
	int count = 0;
	for (uint64_t at = 0; at < SPACE; at += 512) {
		bool free = in_pool(a, at, 512);
		for (int i = 0; i < PARENTS; i++)
			free = free && (a->parent_at[i] + (1u << a->parent_bits[i]) <= at || a->parent_at[i] >= at + 512);
		for (int i = 0; i < CLUSTERS; i++)
			free = free && (!a->there[i] || !a->pin_bits[i] || a->pin_at[i] + (1u << a->pin_bits[i]) <= at ||
					a->pin_at[i] >= at + 512);
		count += free;
	}
	return count;
}

static int clusters_there(const struct asked *a)
{
	int count = 0;
	for (int i = 0; i < CLUSTERS; i++)
		count += a->there[i];
	return count;
}

static void require_same(const struct plan *one, const struct plan *other)
{
	for (size_t i = 0; i < one->input->count; i++) {
		struct cluster_plan a = plan_of(one, i), b;
		if (!find(other, one->input->clusters[i].name, &b))
			continue;
		const struct cidr left[] = {a.v4.block, a.v4.pods, a.v4.services, a.v4.docker,
					    a.v6.block, a.v6.pods, a.v6.services, a.v6.docker};
		const struct cidr right[] = {b.v4.block, b.v4.pods, b.v4.services, b.v4.docker,
					     b.v6.block, b.v6.pods, b.v6.services, b.v6.docker};
		for (size_t k = 0; k < 8; k++)
			assert_true(cidr_eq(left[k], right[k]));
	}
}

/* "{c0: 10.0.2.0/23, c1: [10.0.4.0/23, fd6b::/59]}" as network.assigned has it. */
static struct str assigned_text(struct arena *arena, const struct plan *plan)
{
	struct str text = {0};
	for (size_t i = 0; i < plan->input->count; i++) {
		struct cluster_plan c = plan_of(plan, i);
		text = arena_fmt(arena, "%.*s%s%.*s: [%.*s%s%.*s%s]", STR(text), i ? ", " : "", STR(plan->input->clusters[i].name),
				 STR(cidr_text(arena, c.v4.block)), c.v6.block.set ? ", \"" : "",
				 STR(cidr_text(arena, c.v6.block)), c.v6.block.set ? "\"" : "");
	}
	return arena_fmt(arena, "{%.*s}", STR(text));
}

static void plan_asked(struct run *run, const struct asked *a, bool reversed, const char *assigned, struct str last)
{
	struct buf values = buf_memory();
	put_values(&values, a, reversed, assigned);
	run_start(run);
	struct input *input = load(run, "kdk", arena_str(&run->arena, buf_str(&values)), last);
	run->plans = plan_inputs(&run->check, &input, 1);
	buf_free(&values);
}

static void test_random(void **state)
{
	(void)state;
	uint64_t random = 2024;
	int good = 0, exhausted = 0, refused = 0;
	for (int round = 0; round < 3000; round++) {
		struct asked a;
		ask(&a, &random);
		struct run first, other;
		plan_asked(&first, &a, false, NULL, S(""));
		bool legal = pins_are_good(&a), enough = blocks_left(&a) >= clusters_there(&a);
		if (diags_failed(&first.diags) != (!legal || !enough))
			fail_msg("round %d: %.*s", round, STR(first.diags.first ? first.diags.first->message : S("nothing said")));
		if (!legal || !enough) {
			assert_int_equal(first.diags.of_rule[RULE_POOL_EXHAUSTED], !enough);
			exhausted += !enough;
			refused += !legal;
			run_end(&first);
			continue;
		}
		good++;
		require_good(&a, first.plans);

		/* The order of keys means nothing. */
		plan_asked(&other, &a, true, NULL, S(""));
		require_same(first.plans, other.plans);
		run_end(&other);

		/* Remembered ones stay, whoever comes or goes: by values, and by the release's last plan. */
		struct arena arena = {0};
		struct str assigned = assigned_text(&arena, first.plans);
		struct asked changed = a;
		for (int i = 0; i < CLUSTERS; i++)
			if (random_below(&random, 3) == 0 && !a.pin_bits[i])
				changed.there[i] = !a.there[i];
		const char *texts[] = {assigned.p, NULL};
		struct str last[] = {S(""), arena_fmt(&arena, "network: {assigned: %.*s}\n", STR(assigned))};
		for (int way = 0; way < 2; way++) {
			plan_asked(&other, &changed, round % 2, texts[way], last[way]);
			if (!diags_failed(&other.diags)) {
				require_good(&changed, other.plans);
				require_same(first.plans, other.plans);
			} else {
				assert_int_equal(other.diags.of_rule[RULE_ASSIGNED_ILLEGAL], 0);
				assert_int_equal(other.diags.of_rule[RULE_POOL_EXHAUSTED], 1);
			}
			run_end(&other);
		}
		arena_free(&arena);
		run_end(&first);
	}
	/* The generator makes all three, or the test proves little. */
	assert_true(good > 300 && exhausted > 100 && refused > 100);
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

/* Ten thousand clusters among thousands of parents' ranges are no work. */
static void test_many(void **state)
{
	(void)state;
	struct buf values = buf_memory();
	BUF_LIT(&values, "parents:\n- {name: host, services: [], nodes: [], pods: [");
	for (int i = 0; i < 4000; i++)
		buf_fmt(&values, "%s11.%d.%d.0/24", i ? ", " : "", i / 250, i % 250);
	BUF_LIT(&values, "]}\nnetwork: {pools: [10.0.0.0/8, 12.0.0.0/7]}\nclusters:\n");
	for (int i = 0; i < 10000; i++)
		buf_fmt(&values, "  c%d: {email: a@b.c}\n", i);
	struct run run;
	plan_text(&run, buf_str(&values), S(""));
	assert_false(diags_failed(&run.diags));
	struct range_set set = {0};
	for (size_t i = 0; i < 10000; i++)
		range_add(&run.arena, &set, plan_of(&run.plans[0], i).v4.block, NULL);
	range_build(&set);
	for (size_t i = 1; i < set.count; i++)
		assert_false(cidr_overlaps(set.items[i - 1].cidr, set.items[i].cidr));
	assert_int_equal(set.count, 10000);
	run_end(&run);
	buf_free(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),      cmocka_unit_test(test_families),   cmocka_unit_test(test_pins),
		cmocka_unit_test(test_sizes),      cmocka_unit_test(test_parts_of_docker), cmocka_unit_test(test_random),
		cmocka_unit_test(test_stability),  cmocka_unit_test(test_remembered), cmocka_unit_test(test_two_inputs),
		cmocka_unit_test(test_own),        cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
