#include "map.h"

#include "random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_small(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct map map = {0};
	int a, b;
	assert_null(map_get(&map, S("a")));
	void **slot = map_at(&arena, &map, S("a"));
	assert_null(*slot);
	assert_int_equal(map.count, 1);
	*slot = &a;
	assert_ptr_equal(map_get(&map, S("a")), &a);
	*map_at(&arena, &map, S("a")) = &b;
	assert_int_equal(map.count, 1);
	assert_ptr_equal(map_get(&map, S("a")), &b);
	assert_null(map_get(&map, S("A")));
	assert_null(map_get(&map, S("")));
	*map_at(&arena, &map, (struct str){0}) = &a; /* the empty text is a key like any other */
	assert_ptr_equal(map_get(&map, S("")), &a);
	*map_at(&arena, &map, S("a\0")) = &a;
	assert_ptr_equal(map_get(&map, S("a")), &b);
	assert_int_equal(map.count, 3);
	arena_free(&arena);
}

/* Against a table with a place for every key there can be. */
static void test_many(void **state)
{
	(void)state;
	enum { KEYS = 20000 };
	static void *want[KEYS];
	static char marks[KEYS];
	struct arena arena = {0};
	struct map map = {0};
	uint64_t random = 3;
	size_t count = 0;
	for (int i = 0; i < 3 * KEYS; i++) {
		size_t key = next_random(&random) % KEYS;
		struct str text = arena_fmt(&arena, "key-%zu", key);
		if (next_random(&random) % 2) {
			void **slot = map_at(&arena, &map, text);
			assert_ptr_equal(*slot, want[key]);
			count += want[key] == NULL;
			*slot = want[key] = &marks[next_random(&random) % KEYS];
		} else {
			assert_ptr_equal(map_get(&map, text), want[key]);
		}
	}
	assert_int_equal(map.count, count);
	for (size_t key = 0; key < KEYS; key++)
		assert_ptr_equal(map_get(&map, arena_fmt(&arena, "key-%zu", key)), want[key]);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
