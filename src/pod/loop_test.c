#include "loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONG_MS = 60 * 1000 };

/* --- lines --- */

static void join(void *context, struct str line)
{
	struct buf *all = context;
	buf_char(all, '[');
	buf_add(all, line);
	buf_char(all, ']');
}

static void cuts_lines_anywhere(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {{"", ""}, {"a", "[a]"}, {"a\n", "[a]"}, {"a\nb", "[a][b]"}, {"\n\n", "[][]"}, {"a\r\nb\r", "[a][b]"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str text = str_of(rows[i].text);
		for (size_t cut = 0; cut <= text.n; cut++) {
			struct buf all = buf_memory();
			struct lines lines = {.partial = buf_memory(), .each = join, .context = &all};
			lines_feed(&lines, str_to(text, cut));
			lines_feed(&lines, str_from(text, cut));
			lines_end(&lines);
			if (!str_eq(buf_str(&all), str_of(rows[i].want)))
				fail_msg("row %zu cut at %zu: %.*s", i, cut, STR(buf_str(&all)));
			buf_free(&all);
		}
	}
}

static void count(void *context, struct str line)
{
	*(size_t *)context += line.n;
	assert_true(line.n <= LINE_MOST);
}

static void bounds_a_line(void **state)
{
	(void)state;
	static char text[LINE_MOST * 3 + 5];
	size_t bytes = 0;
	memset(text, 'x', sizeof text);
	struct lines lines = {.partial = buf_memory(), .each = count, .context = &bytes};
	lines_feed(&lines, (struct str){text, sizeof text});
	lines_end(&lines);
	assert_int_equal(bytes, sizeof text);
}

/* --- children: real ones, of sh --- */

static struct child *start(struct loop *loop, const char *script, struct buf *lines, bool keep)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	return child_start(loop, &(struct command){.argv = argv, .each = lines ? join : NULL, .context = lines, .keep = keep, .input = S("in\n")});
}

static void takes_output_apart(void **state)
{
	struct loop *loop = *state;
	struct buf lines = buf_memory();
	struct child *child = start(loop, "read x; echo got $x; echo oops >&2; exit 3", &lines, true);
	assert_int_equal(child_wait(loop, child, LONG_MS), WAIT_ENDED);
	assert_false(child_good(child));
	assert_int_equal(WEXITSTATUS(child->status), 3);
	assert_true(str_eq(buf_str(&child->kept), S("got in\n")));
	assert_true(str_eq(child_said(child), S("oops")));
	assert_true(str_eq(buf_str(&lines), S("[oops]")));
	child_end(loop, child, 0);
	buf_free(&lines);
}

static void says_how_it_ended(void **state)
{
	struct loop *loop = *state;
	static const struct {
		const char *script, *want;
	} rows[] = {
		{"exit 0", "it ended with status 0"},
		{"kill -9 $$", "it was ended by signal 9"},
		{"echo first >&2; echo last >&2; echo >&2; exit 1", "last"},
		{"head -c 9000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2", "end"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct child *child = start(loop, rows[i].script, NULL, false);
		child_wait(loop, child, LONG_MS);
		if (!str_eq(child_said(child), str_of(rows[i].want)))
			fail_msg("%s: %.*s", rows[i].script, STR(child_said(child)));
		child_end(loop, child, 0);
	}
}

static void a_missing_program_is_a_child_that_says_so(void **state)
{
	struct loop *loop = *state;
	const char *const argv[] = {"no-such-program", NULL};
	struct child *child = child_start(loop, &(struct command){.argv = argv});
	assert_int_equal(child_wait(loop, child, LONG_MS), WAIT_ENDED);
	assert_int_equal(WEXITSTATUS(child->status), 127);
	assert_true(str_eq(child_said(child), S("cannot run no-such-program: No such file or directory")));
	child_end(loop, child, 0);
}

static void a_large_input_and_output_pass(void **state)
{
	struct loop *loop = *state;
	static char text[1024 * 1024];
	memset(text, 'y', sizeof text);
	const char *const argv[] = {"cat", NULL};
	struct child *child = child_start(loop, &(struct command){.argv = argv, .input = {text, sizeof text}, .keep = true});
	assert_int_equal(child_wait(loop, child, LONG_MS), WAIT_ENDED);
	assert_int_equal(child->kept.n, sizeof text);
	child_end(loop, child, 0);
}

static void what_ignores_term_is_killed(void **state)
{
	struct loop *loop = *state;
	struct buf lines = buf_memory();
	struct child *child = start(loop, "trap '' TERM; echo up; while :; do sleep 86400; done", &lines, false);
	while (!lines.n)
		loop_turn(loop, loop_now() + LONG_MS);
	child_end(loop, child, 1);
	/* Its sleep is ended with it: else this would take a day. */
	while (waitpid(-1, NULL, WNOHANG) == 0)
		loop_turn(loop, loop_now() + 10);
	buf_free(&lines);
}

static void waits_no_longer_than_told(void **state)
{
	struct loop *loop = *state;
	struct child *child = start(loop, "exec sleep 60", NULL, false);
	assert_int_equal(child_wait(loop, child, 1), WAIT_TIMEOUT);
	child_end(loop, child, 0);
}

/* What a child leaves comes to us, and must not stay a zombie: nor keep the child's pipes open for good. */
static void reaps_orphans(void **state)
{
	struct loop *loop = *state;
	struct child *child = start(loop, "sh -c 'read x <&3' 3<&0 & echo $!", NULL, true);
	assert_int_equal(child_wait(loop, child, LONG_MS), WAIT_ENDED);
	while (waitpid(-1, NULL, WNOHANG) == 0)
		loop_turn(loop, loop_now() + 10);
	child_end(loop, child, 0);
}

static bool asked(void *context)
{
	return ((struct loop *)context)->stops > 0;
}

static void a_stop_interrupts_waiting(void **state)
{
	struct loop *loop = *state;
	loop->interrupted = asked;
	loop->context = loop;
	struct child *child = start(loop, "exec sleep 60", NULL, false);
	kill(getpid(), SIGTERM);
	assert_int_equal(child_wait(loop, child, LONG_MS), WAIT_INTERRUPTED);
	assert_int_equal(loop->stops, 1);
	assert_false(loop_sleep(loop, LONG_MS));
	child_signal(child, SIGKILL);
	assert_int_equal(child_wait_stubborn(loop, child, LONG_MS), WAIT_ENDED);
	child_end(loop, child, 0);
	loop->stops = 0;
	loop->interrupted = NULL;
}

static int group_start(void **state)
{
	static struct loop loop;
	loop_start(&loop);
	*state = &loop;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_lines_anywhere),
		cmocka_unit_test(bounds_a_line),
		cmocka_unit_test(takes_output_apart),
		cmocka_unit_test(says_how_it_ended),
		cmocka_unit_test(a_missing_program_is_a_child_that_says_so),
		cmocka_unit_test(a_large_input_and_output_pass),
		cmocka_unit_test(what_ignores_term_is_killed),
		cmocka_unit_test(waits_no_longer_than_told),
		cmocka_unit_test(reaps_orphans),
		cmocka_unit_test(a_stop_interrupts_waiting),
	};
	return cmocka_run_group_tests_name("loop", tests, group_start, NULL);
}
