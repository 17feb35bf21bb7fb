/* Runs kdk-render again and again, one more step going right each time, and judges every run.
 *
 *     sweep once OUTCOMES PROGRAM ARG...      the 1st, 2nd, 3rd ... allocation finds no memory, until a run
 *                                             needs no more
 *     sweep lasting OUTCOMES PROGRAM ARG...   the same, and no later one of that run finds any either
 *     sweep cut OUTCOMES PROGRAM ARG...       its input loses its last byte, the last two ... and all of them
 *
 * Standard input is the program's: a file, and for `cut` one that may be shortened (0<>FILE). FAULT_SHIM is
 * scripts/fault.c, built. OUTCOMES are words of this list, with commas: each must happen (`WORD<N`: less
 * than N times), no other may.
 *
 *     stopped   exit status 2, "kdk-render: out of memory" at the end of stderr, nothing on stdout
 *     partial   the same, and on stdout some of what a run that goes well prints, but not all
 *     told      exit status 0, and on stdout a YAML scalar: how Helm 4 is told what went wrong
 *     refused   exit status 1, a message on stderr, nothing on stdout
 *     fine      exit status 0, nothing on stdout, a message on stderr (lint)
 *     passed    exit status 0, on stdout what was on stdin
 *     written   exit status 0, on stdout manifests, begun with what stands before the carrier in the input;
 *               the carrier is gone
 *     spared    all as if nothing had failed; may happen, need not (glibc's qsort does without memory)
 *
 * Prints a line for each of the first runs that are none of these, and then one that counts. Exit status: 0
 * where all is as wanted, 1 where not, 2 where the sweep itself fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum outcome { STOPPED, PARTIAL, TOLD, REFUSED, FINE, PASSED, WRITTEN, SPARED, WRONG, OUTCOMES };
static const char *const names[OUTCOMES] = {"stopped", "partial", "told",   "refused", "fine",
					    "passed",  "written", "spared", "wrong"};
enum { FIRED = 9 }; /* where the shim says that a fault happened */

struct text {
	char *p; /* ends with a NUL that does not count */
	size_t n;
};

struct run {
	int status; /* as a shell says it: 128 + signal */
	bool fired;
	struct text out, err;
};

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "sweep: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct text read_all(int fd)
{
	struct stat about;
	if (fstat(fd, &about))
		fail("fstat");
	struct text text = {malloc((size_t)about.st_size + 1), (size_t)about.st_size};
	if (!text.p || pread(fd, text.p, text.n, 0) != (ssize_t)text.n)
		fail("read");
	text.p[text.n] = '\0';
	return text;
}

static int scratch_file(void)
{
	int fd = memfd_create("scratch", 0);
	if (fd < 0)
		fail("memfd_create");
	return fd;
}

static struct run run(char **argv)
{
	static int out = -1, err, fired;
	if (out < 0)
		out = scratch_file(), err = scratch_file(), fired = scratch_file();
	if (ftruncate(out, 0) || ftruncate(err, 0) || ftruncate(fired, 0) || lseek(out, 0, SEEK_SET) ||
	    lseek(err, 0, SEEK_SET) || lseek(fired, 0, SEEK_SET) || lseek(STDIN_FILENO, 0, SEEK_SET))
		fail("a file is not empty");

	pid_t pid;
	int status;
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fired, FIRED);
	if ((errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ)) || waitpid(pid, &status, 0) != pid)
		fail(argv[0]);
	posix_spawn_file_actions_destroy(&actions);

	struct text mark = read_all(fired);
	struct run run = {
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
		.fired = mark.n > 0,
		.out = read_all(out),
		.err = read_all(err),
	};
	free(mark.p);
	return run;
}

static void run_free(struct run *run)
{
	free(run->out.p);
	free(run->err.p);
}

static bool starts(struct text text, struct text with)
{
	return text.n >= with.n && memcmp(text.p, with.p, with.n) == 0;
}

static bool same(struct text a, struct text b)
{
	return a.n == b.n && starts(a, b);
}

static bool says_no_memory(struct text err)
{
	static const char message[] = "kdk-render: out of memory\n";
	size_t n = sizeof message - 1;
	return err.n >= n && strcmp(err.p + err.n - n, message) == 0 && (err.n == n || err.p[err.n - n - 1] == '\n');
}

/* One YAML scalar and nothing else: on a line in quotes, or a block whose lines are indented or empty. */
static bool is_scalar(struct text text)
{
	const char *end = strchr(text.p, '\n');
	if (!end || strlen(text.p) != text.n)
		return false;
	if (text.p[0] == '"')
		return end == text.p + text.n - 1 && end[-1] == '"';
	if (strncmp(text.p, "--- |", 5) != 0 || end == text.p + text.n - 1)
		return false;
	for (const char *p = end; *p; p++)
		if (*p == '\n' && p[1] && p[1] != '\n' && p[1] != ' ')
			return false;
	return true;
}

static enum outcome judge_memory(const struct run *run, const struct run *normal)
{
	if (run->status == normal->status && same(run->out, normal->out) && same(run->err, normal->err))
		return SPARED;
	if (run->status == 2 && says_no_memory(run->err)) {
		if (run->out.n == 0)
			return STOPPED;
		return run->out.n < normal->out.n && starts(normal->out, run->out) ? PARTIAL : WRONG;
	}
	static const char said[] = "\"out of memory\"\n";
	return run->status == 0 && strcmp(run->out.p, said) == 0 && is_scalar(run->out) ? TOLD : WRONG;
}

static enum outcome judge_cut(const struct run *run, struct text input)
{
	if (run->status == 1)
		return run->out.n == 0 && run->err.n ? REFUSED : WRONG;
	if (run->status != 0)
		return WRONG;
	if (run->out.n == 0)
		return run->err.n ? FINE : WRONG;
	if (same(run->out, input))
		return PASSED;
	if (is_scalar(run->out))
		return TOLD;
	const char *carrier = strstr(input.p, "apiVersion: kdk-render/");
	while (carrier && carrier > input.p && strncmp(carrier, "---\n", 4) != 0)
		carrier--;
	struct text before = {input.p, carrier ? (size_t)(carrier - input.p) : 0};
	return starts(run->out, before) && !strstr(run->out.p, "kind: ClusterSet") ? WRITTEN : WRONG;
}

static void complain(const char *step, size_t at, const struct run *run)
{
	const char *line = run->err.p;
	for (const char *p = line; *p; p++)
		if (*p == '\n' && p[1])
			line = p + 1;
	printf("%s %zu: exit status %d, %zu bytes on stdout, last on stderr: %.*s\n", step, at, run->status, run->out.n,
	       (int)strcspn(line, "\n"), line);
}

static void count(size_t *counts, enum outcome outcome, const char *step, size_t at, const struct run *run)
{
	if (outcome == WRONG && counts[WRONG] < 10)
		complain(step, at, run);
	counts[outcome]++;
}

static void sweep_memory(size_t *counts, bool lasting, char **argv)
{
	struct run normal = run(argv);
	if (setenv("LD_PRELOAD", getenv("FAULT_SHIM"), 1) || setenv("FAULT_FIRED", "9", 1))
		fail("setenv");
	for (size_t at = 1;; at++) {
		char text[32];
		snprintf(text, sizeof text, "%zu%s", at, lasting ? "+" : "");
		setenv("FAULT_ALLOC", text, 1);
		struct run now = run(argv);
		enum outcome outcome = judge_memory(&now, &normal);
		bool fired = now.fired;
		if (fired || outcome != SPARED)
			count(counts, outcome, "allocation", at, &now);
		run_free(&now);
		if (!fired)
			break;
	}
	run_free(&normal);
}

static void sweep_cut(size_t *counts, char **argv)
{
	struct text input = read_all(STDIN_FILENO);
	for (;;) {
		struct run now = run(argv);
		count(counts, judge_cut(&now, input), "cut at byte", input.n, &now);
		run_free(&now);
		if (input.n == 0)
			break;
		input.p[--input.n] = '\0';
		if (ftruncate(STDIN_FILENO, (off_t)input.n))
			fail("standard input");
	}
	free(input.p);
}

/* How often WORD may happen, by LIST. */
static size_t most(const char *list, const char *word)
{
	const char *p = strstr(list, word);
	if (!p)
		return 0;
	p += strlen(word);
	return *p == '<' ? strtoul(p + 1, NULL, 10) - 1 : SIZE_MAX;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: sweep once|lasting|cut OUTCOMES PROGRAM ARG...\n");
		return 2;
	}
	size_t counts[OUTCOMES] = {0}, runs = 0;
	if (strcmp(argv[1], "cut") == 0)
		sweep_cut(counts, argv + 3);
	else
		sweep_memory(counts, strcmp(argv[1], "lasting") == 0, argv + 3);

	bool right = true;
	for (size_t i = 0; i < OUTCOMES; i++)
		runs += counts[i];
	printf("%zu runs", runs);
	const char *between = ": ";
	for (size_t i = 0; i < OUTCOMES; i++) {
		size_t limit = most(argv[2], names[i]);
		if (counts[i] || limit) {
			printf("%s%zu %s", between, counts[i], names[i]);
			between = ", ";
		}
		right &= i == SPARED || (counts[i] <= limit && (counts[i] > 0 || limit == 0));
	}
	printf("\n");
	return right ? 0 : 1;
}
