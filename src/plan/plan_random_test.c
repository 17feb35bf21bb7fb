/* Plans against brute force: a small address space, random values, and every property
 * that the plan promises, looked at address by address. */
#include "plan_run_test.h"

#include "../base/buf.h"
#include "../base/random_test.h"
#include "../render/plan_map.h"

#include <string.h>

enum { SPACE = 16384, BLOCK = 512, CLUSTERS = 12, PARENTS = 4 };
#ifdef KDK_SAN
enum { ROUNDS = 2000 };
#else
enum { ROUNDS = 100000 };
#endif

/* Values over 10.0.0.0/18. Sizes: pods /24, services /28, docker /27, which makes a block a /23. */
struct asked {
	bool there[CLUSTERS];
	unsigned pin_bits[CLUSTERS]; /* of its services; 0: no pin */
	unsigned pin_at[CLUSTERS];
	int block_at[CLUSTERS]; /* assigned before; -1: not */
	unsigned parent_bits[PARENTS], parent_at[PARENTS];
	unsigned pools; /* 1: all; 2: the two halves, the second first; 3: the second quarter */
	bool dual;
};

static void ask(struct asked *a, uint64_t *random)
{
	*a = (struct asked){.pools = 1 + (unsigned)random_below(random, 3), .dual = random_below(random, 4) == 0};
	bool assigned = random_below(random, 3) == 0;
	for (int i = 0; i < CLUSTERS; i++) {
		a->there[i] = random_below(random, 3) != 0;
		a->block_at[i] = assigned && random_below(random, 3) == 0 ? (int)random_below(random, SPACE / BLOCK) * BLOCK : -1;
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

/* REVERSED: the same in another order. */
static void put_values(struct buf *out, const struct asked *a, bool reversed)
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
	buf_fmt(out, "]}]\nnetwork: {pools: [%s], sizes: {pods: 24, services: 28, docker: 27}, assigned: {", pools[a->pools]);
	for (int n = 0; n < CLUSTERS; n++) {
		int i = reversed ? CLUSTERS - 1 - n : n;
		if (a->block_at[i] >= 0)
			buf_fmt(out, "c%d: 10.0.%d.0/23, ", i, a->block_at[i] >> 8);
	}
	BUF_LIT(out, "c99: 10.0.0.0/23}}\n"); /* of nobody: ignored */
}

static bool in_pool(const struct asked *a, uint64_t at, uint64_t count)
{
	return a->pools == 3 ? at >= 4096 && at + count <= 8192 : at + count <= SPACE;
}

static uint64_t offset(struct cidr cidr)
{
	return cidr_first(cidr).low - cidr_first(cidr_make_v4(0x0a000000, 18)).low;
}

/* --- what must be said, address by address --- */

/* Ranges that were asked for: up to three parts and a block of each cluster, and the parents'. */
enum { THINGS = CLUSTERS * 4 + PARENTS };
struct thing {
	unsigned at, bits;
	int cluster; /* -1: a parent's */
	enum part part;
	bool claim; /* is held against other clusters' */
	struct str text;
};
struct things {
	struct thing items[THINGS];
	int count;
	uint64_t at[SPACE]; /* which of them each address is in, a bit each */
};

static struct str range_text(struct arena *arena, unsigned at, unsigned bits)
{
	if (bits == 0)
		return arena_fmt(arena, "10.0.%u.%u", at >> 8, at & 255);
	return arena_fmt(arena, "10.0.%u.%u/%u", at >> 8, at & 255, 32 - bits);
}

static void add_thing(struct things *t, struct arena *arena, int cluster, enum part part, bool claim, unsigned at, unsigned bits)
{
	t->items[t->count] = (struct thing){at, bits, cluster, part, claim, range_text(arena, at, bits)};
	for (unsigned k = 0; k < 1u << bits; k++)
		t->at[at + k] |= UINT64_C(1) << t->count;
	t->count++;
}

static uint64_t touching(const struct things *t, const struct thing *thing)
{
	uint64_t all = 0;
	for (unsigned k = 0; k < 1u << thing->bits; k++)
		all |= t->at[thing->at + k];
	return all;
}

/* c0, c1, c10, c11, c2: the order of names, in which claims are made. */
static const int by_name[CLUSTERS] = {0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9};

static void lay_out(struct things *t, struct arena *arena, const struct asked *a)
{
	*t = (struct things){0};
	for (int n = 0; n < CLUSTERS; n++) {
		int i = by_name[n];
		if (!a->there[i])
			continue;
		if (a->pin_bits[i])
			add_thing(t, arena, i, PART_SERVICES, true, a->pin_at[i], a->pin_bits[i]);
		if (a->block_at[i] < 0)
			continue;
		unsigned at = (unsigned)a->block_at[i];
		add_thing(t, arena, i, PART_BLOCK, true, at, 9);
		if (!a->pin_bits[i])
			add_thing(t, arena, i, PART_SERVICES, false, at + 256 + 32, 4);
		add_thing(t, arena, i, PART_PODS, false, at, 8);
		add_thing(t, arena, i, PART_DOCKER, false, at + 256, 5);
	}
	for (int i = 0; i < PARENTS; i++)
		add_thing(t, arena, -1, PART_PODS, false, a->parent_at[i], a->parent_bits[i]);
}

/* Of two earlier claims that one touches, whether X is named rather than Y: what is around it from the
 * smallest on, then what is equal or inside by address, larger first; equal ones in order. */
static bool named_first(const struct thing *one, const struct thing *x, const struct thing *y)
{
	bool x_around = x->bits > one->bits, y_around = y->bits > one->bits;
	if (x_around != y_around)
		return x_around;
	if (x_around)
		return x->bits < y->bits || (x->bits == y->bits && x < y);
	return x->at < y->at || (x->at == y->at && (x->bits > y->bits || (x->bits == y->bits && x < y)));
}

struct said {
	struct str items[THINGS * THINGS];
	size_t count;
};

static const char *verb(enum part part)
{
	return part == PART_PODS || part == PART_SERVICES ? "overlap" : "overlaps";
}

static struct str claim_words(struct arena *arena, const struct thing *thing)
{
	return arena_fmt(arena, "%.*s %.*s of cluster 'c%d'", STR(part_names[thing->part]), STR(thing->text), thing->cluster);
}

/* With an earlier claim of another cluster: one of them is enough, as many equal pins make as many messages. */
static void expect_clash(struct arena *arena, const struct things *t, const struct thing *one, struct said *said)
{
	uint64_t touched = touching(t, one);
	const struct thing *named = NULL;
	for (const struct thing *other = t->items; other < one; other++)
		if (touched >> (other - t->items) & 1 && other->claim && other->cluster != one->cluster)
			named = named && named_first(one, named, other) ? named : other;
	if (named)
		said->items[said->count++] =
			arena_fmt(arena, "%.*s%s %s %.*s", STR(claim_words(arena, one)), one->part == PART_BLOCK ? ", assigned before," : "",
				  verb(one->part), STR(claim_words(arena, named)));
}

/* With each range of the parent; of a block only the part that it hurts most. */
static void expect_parents(struct arena *arena, const struct things *t, const struct thing *one, struct said *said)
{
	for (const struct thing *parent = t->items + t->count - PARENTS; parent < t->items + t->count; parent++) {
		const struct thing *part = one, *end = one + 1;
		if (one->part == PART_BLOCK)
			for (part = ++end - 1; end < t->items + t->count && end->cluster == one->cluster && !end->claim;)
				end++;
		for (; part < end; part++) {
			if (!(touching(t, part) >> (parent - t->items) & 1))
				continue;
			struct str words = one == part ? claim_words(arena, one) :
				arena_fmt(arena, "%.*s %.*s, in %.*s, assigned before,", STR(part_names[part->part]), STR(part->text),
					  STR(claim_words(arena, one)));
			said->items[said->count++] = arena_fmt(arena, "%.*s %s pods %.*s of parent 'host'", STR(words), verb(part->part),
							       STR(parent->text));
			break;
		}
	}
}

/* A pin in a part of its own block. */
static void expect_own(struct arena *arena, const struct things *t, const struct thing *one, struct said *said)
{
	uint64_t touched = touching(t, one);
	for (const struct thing *other = t->items; other < t->items + t->count; other++)
		if (one->part == PART_SERVICES && other->cluster == one->cluster && !other->claim && other->part != PART_SERVICES &&
		    touched >> (other - t->items) & 1)
			said->items[said->count++] = arena_fmt(arena, "%.*s overlap its own %.*s %.*s", STR(claim_words(arena, one)),
							       STR(part_names[other->part]), STR(other->text));
}

static int by_text(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	return str_cmp(*x, *y);
}

/* Which pairs are reported, and no others; but for what is past DIAG_MOST of a rule, which is counted. */
static void require_said(struct arena *arena, const struct things *t, const struct diags *diags, int round)
{
	static struct said want, got;
	want.count = got.count = 0;
	size_t counted = 0;
	bool all = true;
	for (const struct thing *one = t->items; one < t->items + t->count; one++) {
		if (!one->claim)
			continue;
		expect_parents(arena, t, one, &want);
		expect_clash(arena, t, one, &want);
		expect_own(arena, t, one, &want);
	}
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		if (rule_info((enum rule)rule)->level != LEVEL_ERROR || rule == RULE_POOL_EXHAUSTED)
			continue;
		counted += diags->of_rule[rule];
		all &= diags->of_rule[rule] <= DIAG_MOST;
	}
	for (const struct diag *d = diags->first; d; d = d->next)
		if (d->level == LEVEL_ERROR && d->rule != RULE_POOL_EXHAUSTED)
			got.items[got.count++] = d->message;
	qsort(want.items, want.count, sizeof want.items[0], by_text);
	qsort(got.items, got.count, sizeof got.items[0], by_text);
	for (size_t i = 0; all && (i < want.count || i < got.count); i++) {
		struct str left = i < want.count ? want.items[i] : S("nothing"), right = i < got.count ? got.items[i] : S("nothing");
		if (!str_eq(left, right))
			fail_msg("round %d: want %.*s; got %.*s", round, STR(left), STR(right));
	}
	if (counted != want.count)
		fail_msg("round %d: want %zu conflicts, got %zu", round, want.count, counted);
}

/* How many blocks there are for those who need one, once all that was asked for has its place. */
static int blocks_left(const struct asked *a, const struct things *t)
{
	int count = 0;
	uint64_t taken = 0;
	for (int i = 0; i < t->count; i++)
		if (t->items[i].claim || t->items[i].cluster < 0)
			taken |= UINT64_C(1) << i;
	for (unsigned at = 0; at < SPACE; at += BLOCK)
		count += in_pool(a, at, BLOCK) && !(touching(t, &(struct thing){.at = at, .bits = 9}) & taken);
	return count;
}

static int blocks_wanted(const struct asked *a)
{
	int count = 0;
	for (int i = 0; i < CLUSTERS; i++)
		count += a->there[i] && a->block_at[i] < 0;
	return count;
}

/* --- what must be so in each plan without an error --- */

static void require_good(const struct asked *a, const struct things *t, const struct plan *plan)
{
	static int8_t owner[SPACE]; /* number + 1; 0: nobody; -1: a parent */
	static const unsigned bits[] = {8, 4, 5};
	for (unsigned at = 0; at < SPACE; at++)
		owner[at] = t->at[at] >> (t->count - PARENTS) ? -1 : 0;
	for (int i = 0; i < CLUSTERS; i++) {
		struct cluster_plan c;
		char name[16];
		snprintf(name, sizeof name, "c%d", i);
		assert_int_equal(find(plan, str_of(name), &c), a->there[i]);
		if (!a->there[i])
			continue;
		const struct cidr parts[] = {c.v4.pods, c.v4.services, c.v4.docker};
		assert_int_equal(cidr_bits(c.v4.block), 9);
		if (a->block_at[i] >= 0)
			assert_int_equal(offset(c.v4.block), a->block_at[i]); /* never moved */
		else
			assert_true(in_pool(a, offset(c.v4.block), BLOCK));
		for (int part = 0; part < 3; part++) {
			bool pinned = part == PART_SERVICES && a->pin_bits[i];
			uint64_t at = offset(parts[part]), count = UINT64_C(1) << cidr_bits(parts[part]);
			assert_true(parts[part].set && at % count == 0); /* aligned */
			assert_int_equal(cidr_bits(parts[part]), pinned ? a->pin_bits[i] : bits[part]);
			if (pinned)
				assert_int_equal(at, a->pin_at[i]);
			else
				assert_true(cidr_contains(c.v4.block, parts[part]));
			for (uint64_t k = 0; k < count; k++) { /* legal, and nobody else's */
				assert_int_equal(owner[at + k], 0);
				owner[at + k] = (int8_t)(i + 1);
			}
		}
		for (uint64_t k = 0; k < BLOCK; k++) { /* the whole block is, but for the rest of one that was given */
			int8_t *o = &owner[offset(c.v4.block) + k];
			assert_true(*o == 0 || *o == i + 1 || (*o == -1 && a->block_at[i] >= 0));
			*o = *o ? *o : (int8_t)(i + 1);
		}
		bool dual = a->dual && i % 2;
		assert_int_equal(c.v6.block.set, dual);
		if (dual)
			assert_true(cidr_contains(c.v6.block, c.v6.pods) && cidr_contains(c.v6.block, c.v6.services) &&
				    cidr_contains(c.v6.block, c.v6.docker) && !cidr_overlaps(c.v6.pods, c.v6.services) &&
				    !cidr_overlaps(c.v6.pods, c.v6.docker) && !cidr_overlaps(c.v6.services, c.v6.docker));
	}
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

/* PLAN's lock, as `kdk-render lock` writes it. */
static struct str lock_text(struct arena *arena, const struct plan *plan)
{
	struct buf out = buf_memory();
	write_memory(&out, plan, 1);
	struct str text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

static void plan_asked(struct run *run, const struct asked *a, bool reversed, struct str lock, struct str last)
{
	struct buf values = buf_memory();
	put_values(&values, a, reversed);
	run_start(run);
	struct input *input = load_locked(run, "kdk", arena_str(&run->arena, buf_str(&values)), lock, last);
	run->plans = plan_inputs(&run->check, &input, 1);
	buf_free(&values);
}

static void require_order_means_nothing(const struct asked *a, const struct plan *plan)
{
	struct run other;
	plan_asked(&other, a, true, S(""), S(""));
	require_same(plan, other.plans);
	run_end(&other);
}

/* Whoever comes or goes, what is remembered stays: by the lock, or by the release's last plan. */
static void require_memory(const struct asked *a, struct run *first, uint64_t *random)
{
	struct asked changed = *a;
	struct run other;
	struct str lock = lock_text(&first->arena, first->plans);
	bool by_lock = random_below(random, 2);
	for (int i = 0; i < CLUSTERS; i++)
		if (random_below(random, 3) == 0 && !a->pin_bits[i] && a->block_at[i] < 0)
			changed.there[i] = !a->there[i];
	plan_asked(&other, &changed, random_below(random, 2), by_lock ? lock : S(""), by_lock ? S("") : lock);
	if (!diags_failed(&other.diags)) {
		require_same(first->plans, other.plans);
		if (by_lock && memcmp(a->there, changed.there, sizeof a->there) == 0)
			assert_true(str_eq(lock, lock_text(&other.arena, other.plans)));
	} else {
		assert_int_equal(other.diags.of_level[LEVEL_ERROR], 1);
		assert_int_equal(other.diags.of_rule[RULE_POOL_EXHAUSTED], 1);
	}
	run_end(&other);
}

/* A name that goes and comes again gets the block that it had, as that is free. */
static void require_return(const struct asked *a, struct run *first, uint64_t *random)
{
	struct asked without = *a;
	struct run other, again;
	int gone = (int)random_below(random, CLUSTERS);
	if (a->block_at[gone] >= 0)
		return;
	without.there[gone] = false;
	plan_asked(&other, &without, false, lock_text(&first->arena, first->plans), S(""));
	assert_false(diags_failed(&other.diags));
	plan_asked(&again, a, false, lock_text(&other.arena, other.plans), S(""));
	assert_false(diags_failed(&again.diags));
	require_same(first->plans, again.plans);
	run_end(&again);
	run_end(&other);
}

/* Each round is its own: the number that a failure names makes it again. */
static void test_random(void **state)
{
	(void)state;
	static struct things things;
	int good = 0, exhausted = 0, refused = 0;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t random = (uint64_t)round;
		struct asked a;
		struct run first;
		ask(&a, &random);
		plan_asked(&first, &a, false, S(""), S(""));
		lay_out(&things, &first.arena, &a);
		require_said(&first.arena, &things, &first.diags, round);
		bool enough = blocks_left(&a, &things) >= blocks_wanted(&a);
		if (first.diags.of_rule[RULE_POOL_EXHAUSTED] != !enough)
			fail_msg("round %d: pool-exhausted is wrong", round);
		exhausted += !enough;
		refused += first.diags.of_level[LEVEL_ERROR] > (enough ? 0 : 1);
		if (!diags_failed(&first.diags)) {
			good++;
			require_good(&a, &things, first.plans);
			if (round % 3 == 0)
				require_order_means_nothing(&a, first.plans);
			else if (round % 3 == 1)
				require_memory(&a, &first, &random);
			else
				require_return(&a, &first, &random);
		}
		run_end(&first);
	}
	/* The generator makes all three, or the test proves little. */
	assert_true(good > ROUNDS / 10 && exhausted > ROUNDS / 30 && refused > ROUNDS / 30);
}

/* --- the lock, with all families, pins and shared blocks --- */

enum { NAMES = 8 };
struct wish {
	bool there, pinned[3]; /* pods, docker, the block */
	unsigned family;
};

static struct str wishes_text(struct arena *arena, const struct wish *wishes, bool share, bool shared_pin)
{
	static const char *const families[] = {"ipv4", "ipv6", "dual"};
	struct str text = arena_fmt(arena, "parents: [{name: host, pods: [10.80.0.0/13], services: [], nodes: []}]\nnetwork: {share: %s%s}\nclusters:\n",
				    share ? "true" : "false", share && shared_pin ? ", block: 10.70.0.0/20" : "");
	for (int i = 0; i < NAMES; i++) {
		const struct wish *w = &wishes[i];
		if (!w->there)
			continue;
		text = arena_fmt(arena, "%.*s  n%d: {email: a@b.c, network: {ipFamily: %s", STR(text), i, families[w->family]);
		if (w->pinned[0] && w->family != 1)
			text = arena_fmt(arena, "%.*s, pods: 10.128.%d.0/21", STR(text), i * 8);
		if (w->pinned[1])
			text = arena_fmt(arena, "%.*s, docker: 10.129.%d.0/24", STR(text), i);
		if (w->pinned[2])
			text = arena_fmt(arena, "%.*s, block: 10.130.%d.0/20", STR(text), i * 16);
		text = arena_fmt(arena, "%.*s}}\n", STR(text));
	}
	return arena_fmt(arena, "%.*s  zz: ~\n", STR(text));
}

static void plan_locked(struct run *run, struct str values, struct str lock)
{
	run_start(run);
	struct input *input = load_locked(run, "kdk", values, lock, S(""));
	run->plans = plan_inputs(&run->check, &input, 1);
	if (diags_failed(&run->diags))
		fail_msg("%.*s%.*s\n%.*s", STR(values), STR(lock), STR(run->diags.first->message));
}

/* With its own lock a plan is the same, and so is the lock; whoever comes or goes, nobody who stays moves. */
static void test_lock(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS / 50; round++) {
		uint64_t random = (uint64_t)round;
		struct wish wishes[NAMES];
		struct run first, same, other;
		struct arena arena = {0};
		bool share = random_below(&random, 3) == 0, shared_pin = random_below(&random, 2);
		for (int i = 0; i < NAMES; i++)
			wishes[i] = (struct wish){random_below(&random, 3) != 0,
						  {random_below(&random, 4) == 0, random_below(&random, 4) == 0, random_below(&random, 4) == 0},
						  (unsigned)random_below(&random, 3)};
		struct str values = wishes_text(&arena, wishes, share, shared_pin);
		plan_locked(&first, values, S(""));
		struct str lock = lock_text(&arena, first.plans);
		plan_locked(&same, values, lock);
		require_same(first.plans, same.plans);
		if (!str_eq(lock, lock_text(&arena, same.plans)))
			fail_msg("round %d: %.*s, then %.*s", round, STR(lock), STR(lock_text(&arena, same.plans)));
		for (int i = 0; i < NAMES; i++)
			wishes[i].there ^= random_below(&random, 3) == 0;
		plan_locked(&other, wishes_text(&arena, wishes, share, shared_pin), lock);
		require_same(first.plans, other.plans);
		run_end(&other);
		run_end(&same);
		run_end(&first);
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_lock),
	};
	return run_plan_tests("plan_random", tests, sizeof tests / sizeof tests[0]);
}
