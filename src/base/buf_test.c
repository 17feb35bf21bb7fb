#include "buf.h"

#include "random_test.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The same writes into each: short ones, and some longer than any buffer. */
static void write_much(struct buf *buf, char *expected, size_t *n)
{
	static char block[300 * 1000];
	uint64_t random = 7;
	for (int i = 0; i < 2000; i++) {
		size_t length = next_random(&random) % (i % 400 == 399 ? sizeof block : 300);
		char c = (char)('a' + next_random(&random) % 26);
		memset(block, c, length);
		switch (next_random(&random) % 4) {
		case 0:
			buf_add(buf, (struct str){block, length});
			break;
		case 1:
			buf_fill(buf, c, length);
			break;
		case 2:
			for (size_t k = 0; k < length; k++)
				buf_char(buf, c);
			break;
		default:
			buf_fmt(buf, "%.*s", (int)length, block);
		}
		memcpy(expected + *n, block, length);
		*n += length;
	}
}

static void test_memory_and_file(void **state)
{
	(void)state;
	static char expected[4 * 1000 * 1000], got[4 * 1000 * 1000];
	size_t n = 0, again = 0;
	struct buf memory = buf_memory();
	write_much(&memory, expected, &n);
	assert_true(str_eq(buf_str(&memory), (struct str){expected, n}));
	buf_flush(&memory); /* of memory: nothing happens */
	assert_int_equal(memory.n, n);
	buf_free(&memory);
	assert_int_equal(buf_str(&memory).n, 0);

	FILE *stream = tmpfile();
	assert_non_null(stream);
	int fd = fileno(stream);
	struct buf file = buf_fd(fd, "file");
	write_much(&file, expected, &again);
	buf_flush(&file);
	assert_int_equal(file.flushed, n);
	assert_int_equal(pread(fd, got, sizeof got, 0), n);
	assert_memory_equal(got, expected, n);
	buf_free(&file);
	fclose(stream);
}

static void test_empty(void **state)
{
	(void)state;
	struct buf buf = buf_memory();
	buf_add(&buf, (struct str){0});
	buf_fill(&buf, ' ', 0);
	buf_fmt(&buf, "%s", "");
	assert_int_equal(buf_str(&buf).n, 0);
	char *room = buf_room(&buf, 3);
	memcpy(room, "abc", 3);
	assert_int_equal(buf.n, 0);
	buf.n += 3;
	assert_true(str_eq(buf_str(&buf), S("abc")));
	buf_free(&buf);
}

/* Runs in a child: what it writes to stderr, and its exit status. */
static int in_child(void (*run)(void), char message[static 256])
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		run();
		_exit(0);
	}
	close(ends[1]);
	size_t n = 0;
	for (ssize_t got; (got = read(ends[0], message + n, 255 - n)) > 0;)
		n += (size_t)got;
	message[n] = 0;
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_to_full(void)
{
	struct buf buf = buf_fd(open("/dev/full", O_WRONLY), "the product");
	BUF_LIT(&buf, "x");
	buf_flush(&buf);
}

static void write_to_closed_pipe(void)
{
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	if (pipe(ends) != 0)
		_exit(9);
	close(ends[0]);
	struct buf buf = buf_fd(ends[1], "the product");
	buf_fill(&buf, 'x', 500 * 1000);
	buf_flush(&buf);
}

static void test_failed_write(void **state)
{
	(void)state;
	char message[256];
	assert_int_equal(in_child(write_to_full, message), 2);
	assert_string_equal(message, "kdk-render: cannot write the product: No space left on device\n");
	assert_int_equal(in_child(write_to_closed_pipe, message), 2);
	assert_string_equal(message, "kdk-render: cannot write the product: Broken pipe\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_and_file),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_failed_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
