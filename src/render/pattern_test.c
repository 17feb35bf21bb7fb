#include "pattern.h"

#include "../base/random_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_played(const struct pattern *pattern, const struct str *values, const char *want)
{
	struct buf out = buf_memory();
	pattern_play(pattern, values, &out);
	if (!str_eq(buf_str(&out), str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(buf_str(&out)), want);
	assert_int_equal(pattern_size(pattern, values), out.n);
	buf_free(&out);
}

static void write_pattern(struct pattern *pattern, struct str text)
{
	pattern_start(pattern);
	buf_add(&pattern->text, text);
	pattern_finish(pattern);
}

static void test_play(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		const char *want;
	} rows[] = {
		{S_INIT(""), ""},
		{S_INIT("plain"), "plain"},
		{S_INIT(FULL), "kdk-dev"},
		{S_INIT("name: " FULL "-0\n"), "name: kdk-dev-0\n"},
		{S_INIT(FULL FULL), "kdk-devkdk-dev"},
		{S_INIT(OWNER "x" FULL), "xkdk-dev"}, /* an empty value */
		{S_INIT("a\tb\nc" NAME), "a\tb\ncdev"},
		{S_INIT(CHECKSUM " " POOL_SIZE " " NO_PROXY), "1 26 a,b"},
		{S_INIT("\xc3\xa9" FULL "\xe4\xb8\x96"), "\xc3\xa9kdk-dev\xe4\xb8\x96"},
	};
	struct str values[SLOT_COUNT] = {
		[SLOT_FULL] = S("kdk-dev"), [SLOT_NAME] = S("dev"),     [SLOT_CHECKSUM] = S("1"),
		[SLOT_POOL_SIZE] = S("26"), [SLOT_NO_PROXY] = S("a,b"),
	};
	struct pattern pattern = {0}; /* one for all: starting anew leaves nothing of the last */
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_pattern(&pattern, rows[i].text);
		assert_played(&pattern, values, rows[i].want);
		assert_played(&pattern, values, rows[i].want);
	}
	pattern_free(&pattern);
	assert_int_equal(pattern.count, 0);
}

static void test_slots_used(void **state)
{
	(void)state;
	struct pattern pattern = {0};
	write_pattern(&pattern, S("a" FULL "b" DOCKER "c" FULL));
	assert_int_equal(pattern.slots & ~1u, 1u << SLOT_FULL | 1u << SLOT_DOCKER);
	write_pattern(&pattern, S("none"));
	assert_int_equal(pattern.slots & ~1u, 0);
	pattern_free(&pattern);
}

/* Many slots, and values of every length, against replacing them one by one. */
static void test_random(void **state)
{
	(void)state;
	static const char slots[] = FULL NAME OWNER SUBJECTS DOMAIN PODS SERVICES DOCKER KIND_NETWORK BRIDGE POOL POOL_SIZE NO_PROXY
		CHECKSUM;
	assert_int_equal(sizeof slots - 1, 14);
	uint64_t random = 9;
	struct pattern pattern = {0};
	for (int i = 0; i < 500; i++) {
		char letters[100];
		struct str values[SLOT_COUNT] = {0};
		for (size_t k = 0; k < sizeof letters; k++)
			letters[k] = (char)('A' + next_random(&random) % 26);
		for (size_t k = 1; k < SLOT_COUNT; k++)
			values[k] = (struct str){letters, next_random(&random) % sizeof letters};
		struct buf want = buf_memory();
		pattern_start(&pattern);
		for (uint64_t n = next_random(&random) % 300; n; n--) {
			char c = next_random(&random) % 3 ? (char)('a' + next_random(&random) % 26) : slots[next_random(&random) % 14];
			buf_char(&pattern.text, c);
			if (c < ' ')
				buf_add(&want, values[(unsigned char)c]);
			else
				buf_char(&want, c);
		}
		pattern_finish(&pattern);
		struct buf out = buf_memory();
		pattern_play(&pattern, values, &out);
		assert_true(str_eq(buf_str(&out), buf_str(&want)));
		buf_free(&out);
		buf_free(&want);
	}
	pattern_free(&pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_play),
		cmocka_unit_test(test_slots_used),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
