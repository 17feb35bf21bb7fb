#include "arena.h"

#include "random_test.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Zeroed, aligned, and nobody writes into another's bytes. */
static void test_pieces(void **state)
{
	(void)state;
	enum { COUNT = 3000 };
	static struct {
		unsigned char *p;
		size_t n;
	} pieces[COUNT];
	struct arena arena = {0};
	uint64_t random = 1;
	for (size_t i = 0; i < COUNT; i++) {
		size_t n = 1 + next_random(&random) % (i % 500 == 0 ? 300 * 1000 : 200);
		unsigned char *p = arena_alloc(&arena, n, 1);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(p[k], 0);
		memset(p, (int)(i % 251 + 1), n);
		pieces[i].p = p;
		pieces[i].n = n;
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < pieces[i].n; k++)
			assert_int_equal(pieces[i].p[k], i % 251 + 1);
	arena_free(&arena);
	assert_null(arena.last);
	assert_int_equal(*NEW(&arena, int), 0);
	arena_free(&arena);
	arena_free(&arena);
}

static void test_texts(void **state)
{
	(void)state;
	struct arena arena = {0};
	char text[] = "copied";
	struct str copy = arena_str(&arena, str_of(text));
	text[0] = 'x';
	assert_true(str_eq(copy, S("copied")));
	assert_int_equal(arena_str(&arena, S("")).n, 0);
	assert_true(str_eq(arena_str(&arena, S("a\0b")), S("a\0b")));
	assert_true(str_eq(arena_fmt(&arena, "%s-%d", "a", 7), S("a-7")));
	assert_int_equal(arena_fmt(&arena, "%s", "").n, 0);
	struct str wide = arena_fmt(&arena, "%*d", 500 * 1000, 1);
	assert_int_equal(wide.n, 500 * 1000);
	assert_int_equal(wide.p[wide.n - 1], '1');
	arena_free(&arena);
}

/* Growing leaves the old array where it is: pointers into it stay good. */
static void test_push(void **state)
{
	(void)state;
	struct arena arena = {0};
	size_t *items = NULL, count = 0, capacity = 0;
	const size_t *first = NULL;
	for (size_t i = 0; i < 10000; i++) {
		ARENA_PUSH(&arena, items, count, capacity);
		items[count++] = i;
		if (i == 0)
			first = items;
		assert_true(count <= capacity);
	}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(items[i], i);
	assert_int_equal(*first, 0);
	assert_int_equal(capacity, 16384);
	arena_free(&arena);
}

/* A size that does not fit into a size_t is no memory, not a small piece. */
static void test_overflow(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct arena arena = {0};
		close(STDERR_FILENO);
		arena_alloc(&arena, SIZE_MAX / 4, 8);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
