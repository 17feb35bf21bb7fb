#include "slots.h"

#include "../base/random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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
	struct str printed = cidr_print(text, got);
	if (!str_eq(printed, str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(printed), want);
}

static void test_default_pools(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct range_set fixed = {0};
	range_add(&arena, &fixed, range("10.64.0.0/16"), NULL);
	range_add(&arena, &fixed, range("10.64.3.7/32"), NULL);
	range_add(&arena, &fixed, range("10.96.0.0/12"), NULL);
	range_build(&fixed);
	const struct cidr pools[] = {range("10.64.0.0/11"), range("10.112.0.0/12")};
	struct slots *slots = slots_new(&arena, pools, 2, 116, &fixed);
	assert_int_equal(slots_count(slots), 768);
	assert_int_equal(slots_fit(slots), 768 - 16);
	assert_int_equal(slots_covered(slots, range("10.64.0.0/16")), 16);
	assert_int_equal(slots_covered(slots, range("10.64.3.7/32")), 1);
	assert_int_equal(slots_covered(slots, range("10.96.0.0/12")), 0);
	assert_int_equal(slots_covered(slots, range("0.0.0.0/0")), 768);
	assert_int_equal(slots_covered(slots, range("::/0")), 0);
	assert_int_equal(slots_covered(slots, (struct cidr){0}), 0);

	assert_cidr(slots_lowest_free(slots), "10.65.0.0/20");
	assert_cidr(slots_take(slots, 0), "10.65.0.0/20");
	assert_cidr(slots_take(slots, 768), "10.65.16.0/20");
	assert_cidr(slots_take(slots, 511), "10.95.240.0/20");
	assert_cidr(slots_take(slots, 511), "10.112.0.0/20");
	assert_cidr(slots_take(slots, 767), "10.127.240.0/20");
	assert_cidr(slots_take(slots, 767), "10.65.32.0/20");
	assert_int_equal(slots_free(slots), 768 - 16 - 6);
	slots_occupy(slots, range("10.65.0.0/18")); /* one free slot is left in it */
	assert_int_equal(slots_free(slots), 768 - 16 - 7);
	assert_cidr(slots_lowest_free(slots), "10.65.64.0/20");
	slots_occupy(slots, range("10.0.0.0/8"));
	assert_int_equal(slots_free(slots), 0);
	assert_int_equal(slots_fit(slots), 768 - 16);
	assert_cidr(slots_take(slots, 5), "");
	assert_cidr(slots_lowest_free(slots), "");
	arena_free(&arena);
}

static void test_no_slots(void **state)
{
	(void)state;
	struct arena arena = {0};
	const struct cidr pools[] = {range("10.64.0.0/24"), {.set = false}};
	for (size_t count = 0; count <= 2; count++) {
		struct slots *slots = slots_new(&arena, pools, count, 116, NULL);
		slots_occupy(slots, range("10.0.0.0/8"));
		assert_int_equal(slots_count(slots), 0);
		assert_int_equal(slots_fit(slots), 0);
		assert_cidr(slots_take(slots, 7), "");
		assert_cidr(slots_lowest_free(slots), "");
	}
	arena_free(&arena);
}

static void test_listed_order(void **state)
{
	(void)state;
	struct arena arena = {0};
	const struct cidr pools[] = {range("10.9.0.0/30"), range("10.8.0.0/31"), range("10.10.0.0/31")};
	struct slots *slots = slots_new(&arena, pools, 3, 128, NULL);
	static const char *const want[] = {"10.9.0.0/32", "10.9.0.1/32", "10.9.0.2/32",  "10.9.0.3/32",
					   "10.8.0.0/32", "10.8.0.1/32", "10.10.0.0/32", "10.10.0.1/32"};
	slots_occupy(slots, range("10.8.0.0/15"));
	assert_int_equal(slots_free(slots), 2);
	assert_cidr(slots_take(slots, 0), want[6]);
	slots = slots_new(&arena, pools, 3, 128, NULL);
	for (size_t i = 0; i < 8; i++)
		assert_cidr(slots_take(slots, 8 * 7), want[i]);
	assert_cidr(slots_take(slots, 3), "");
	arena_free(&arena);
}

/* Only the first 2^32 blocks count, and what covers millions of them is one step. */
static void test_large(void **state)
{
	(void)state;
	struct arena arena = {0};
	const struct cidr pools[] = {range("fd00::/33"), range("fc00::/8"), range("fb00::/8")};
	struct range_set fixed = {0};
	range_add(&arena, &fixed, range("fd00::/34"), NULL);
	range_add(&arena, &fixed, range("fc00:0:8000::/33"), NULL);
	range_build(&fixed);
	struct slots *slots = slots_new(&arena, pools, 3, 64, &fixed);
	assert_true(slots_count(slots) == SLOTS_MOST);
	assert_true(slots_fit(slots) == SLOTS_MOST - (SLOTS_MOST >> 2));
	assert_true(slots_covered(slots, range("fc00::/8")) == SLOTS_MOST >> 1);
	assert_true(slots_covered(slots, range("fc00:0:8000::/33")) == 0);
	assert_true(slots_covered(slots, range("fb00::/16")) == 0);
	assert_true(slots_covered(slots, range("::/0")) == SLOTS_MOST);
	assert_cidr(slots_take(slots, 0), "fd00:0:4000::/64");
	assert_cidr(slots_take(slots, SLOTS_MOST + 5), "fd00:0:4000:1::/64");
	assert_cidr(slots_take(slots, UINT64_MAX), "fc00:0:7fff:ffff::/64");
	assert_cidr(slots_take(slots, UINT64_MAX), "fd00:0:4000:2::/64");
	arena_free(&arena);

	const struct cidr pool = range("::/0");
	slots = slots_new(&arena, &pool, 1, 128, NULL);
	assert_true(slots_count(slots) == SLOTS_MOST);
	assert_cidr(slots_take(slots, 0), "::/128");
	assert_cidr(slots_take(slots, SLOTS_MOST - 1), "::ffff:ffff/128");
	slots = slots_new(&arena, &pool, 1, 0, NULL);
	assert_cidr(slots_take(slots, 9), "::/0");
	assert_cidr(slots_take(slots, 9), "");
	arena_free(&arena);
}

enum { SPACE = 128, SPACE_BITS = 7 };
#ifdef KDK_SAN
enum { PLANS = 20000 };
#else
enum { PLANS = 100000 };
#endif

/* Cuts the space into disjoint pools, some of it left out. */
static size_t random_pools(uint64_t *seed, struct cidr whole, struct cidr *pools, size_t count)
{
	uint64_t random = next_random(seed);
	if (count >= 6 || random % 8 == 0)
		return count;
	if (cidr_bits(whole) > 0 && (cidr_bits(whole) > 5 || random % 3 == 0)) {
		unsigned half = (random >> 8) % 2;
		count = random_pools(seed, cidr_part(whole, whole.length + 1U, half), pools, count);
		return random_pools(seed, cidr_part(whole, whole.length + 1U, !half), pools, count);
	}
	pools[count] = whole;
	return count + 1;
}

static struct cidr random_range(uint64_t *seed, struct cidr whole, unsigned least)
{
	uint64_t random = next_random(seed);
	unsigned bits = least + (unsigned)(random % (SPACE_BITS + 1 - least));
	return cidr_part(whole, whole.length + bits, (random >> 8) & ((1U << bits) - 1));
}

/* The plain definition: every slot in order, with what is not free marked. */
struct model {
	struct cidr slots[SPACE];
	bool taken[SPACE];
	size_t count;
};

static size_t model_mark(struct model *model, struct cidr cidr)
{
	size_t touched = 0;
	for (size_t i = 0; i < model->count; i++) {
		bool touches = cidr_overlaps(model->slots[i], cidr);
		touched += touches;
		model->taken[i] |= touches;
	}
	return touched;
}

static size_t model_free(const struct model *model)
{
	size_t count = 0;
	for (size_t i = 0; i < model->count; i++)
		count += !model->taken[i];
	return count;
}

static struct cidr model_next(const struct model *model, uint64_t hash)
{
	for (size_t i = 0; i < model->count; i++) {
		size_t slot = (hash % model->count + i) % model->count;
		if (!model->taken[slot])
			return model->slots[slot];
	}
	return (struct cidr){0};
}

static void check_plan(struct arena *arena, uint64_t seed)
{
	struct cidr whole = next_random(&seed) % 4 ? range("10.0.0.0/25") : range("fd00::/121");
	struct cidr pools[8];
	size_t pool_count = random_pools(&seed, whole, pools, 0);
	unsigned length = ADDR_BITS - (unsigned)(next_random(&seed) % 4);

	struct model model = {0};
	for (size_t i = 0; i < pool_count; i++)
		for (size_t j = 0; length >= pools[i].length && j < 1U << (length - pools[i].length); j++)
			model.slots[model.count++] = cidr_part(pools[i], length, j);

	struct range_set fixed = {0};
	for (uint64_t i = next_random(&seed) % 6; i; i--)
		range_add(arena, &fixed, random_range(&seed, whole, (unsigned)(i % 3)), NULL);
	range_build(&fixed);
	struct slots *slots = slots_new(arena, pools, pool_count, length, &fixed);
	for (size_t i = 0; i < fixed.count; i++)
		assert_int_equal(slots_covered(slots, fixed.items[i].cidr), model_mark(&model, fixed.items[i].cidr));
	assert_int_equal(slots_count(slots), model.count);
	assert_int_equal(slots_fit(slots), model_free(&model));

	/* Few different hashes make long stretches; some plans occupy after the first take. */
	uint64_t different = 1 + next_random(&seed) % 64, late = next_random(&seed) % 4;
	for (uint64_t step = 0; step < SPACE + 20; step++) {
		if (step < 4 || (late == 0 && step % 8 == 0)) {
			struct cidr pin = random_range(&seed, whole, 3);
			slots_occupy(slots, pin);
			model_mark(&model, pin);
			continue;
		}
		uint64_t hash = next_random(&seed);
		hash -= hash % 64 - hash % different;
		struct cidr want = model_next(&model, hash);
		if (step % 16 == 0) {
			assert_int_equal(slots_free(slots), model_free(&model));
			assert_true(cidr_eq(slots_lowest_free(slots), model_next(&model, 0)));
		}
		struct cidr got = slots_take(slots, hash);
		assert_true(cidr_eq(got, want));
		assert_null(range_blocker(&fixed, got));
		if (!got.set)
			break;
		model_mark(&model, got);
	}
}

static void test_against_bitmap(void **state)
{
	(void)state;
	struct arena arena = {0};
	for (uint64_t seed = 0; seed < PLANS; seed++) {
		check_plan(&arena, seed);
		if (seed % 64 == 63)
			arena_free(&arena);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_pools),  cmocka_unit_test(test_no_slots),
		cmocka_unit_test(test_listed_order),   cmocka_unit_test(test_large),
		cmocka_unit_test(test_against_bitmap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
