/* The dump: files, then programs, each with a heading; one that fails says why and is followed by the next. */
#include "dump.h"

#include <errno.h>
#include <unistd.h>

#include "filter.h"
#include "loop.h"
#include "place.h"

enum { PROGRAM_MS = 10 * 1000 };

struct dump {
	struct filter *filter;
	struct buf out;
};

static void put_line(void *context, struct str line)
{
	struct dump *dump = context;
	buf_add(&dump->out, filter_line(dump->filter, line, loop_now() / 1000).line);
	buf_char(&dump->out, '\n');
}

static void put_file(struct dump *dump, const char *path)
{
	struct arena arena = {0};
	struct str text, line;
	buf_fmt(&dump->out, "\n--- %s\n", path);
	if (file_get(&arena, path, &text)) {
		while (str_line(&text, &line))
			put_line(dump, line);
	} else {
		buf_fmt(&dump->out, "(%s)\n", strerror(errno));
	}
	arena_free(&arena);
}

static void put_program(struct dump *dump, struct loop *loop, const char *const *argv)
{
	BUF_LIT(&dump->out, "\n---");
	for (const char *const *a = argv; *a; a++)
		buf_fmt(&dump->out, " %s", *a);
	buf_char(&dump->out, '\n');
	struct child *child = child_start(loop, &(struct command){.argv = argv, .each = put_line, .context = dump});
	if (child_wait(loop, child, PROGRAM_MS) != WAIT_ENDED)
		BUF_LIT(&dump->out, "(no answer)\n");
	child_end(loop, child, 0);
}

int command_dump(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	const char *const *const programs[] = {
		(const char *const[]){"dockerd", "--version", NULL},
		(const char *const[]){"kind", "version", NULL},
		(const char *const[]){"kubectl", "version", "--client", NULL},
		(const char *const[]){"docker", "info", NULL},
		(const char *const[]){"docker", "ps", "--all", "--no-trunc", NULL},
		(const char *const[]){"docker", "images", "--digests", NULL},
		(const char *const[]){"docker", "network", "inspect", "bridge", "kind", NULL},
		(const char *const[]){"kubectl", "get", "nodes", "-o", "wide", NULL},
		(const char *const[]){"kubectl", "get", "pods", "--all-namespaces", "-o", "wide", NULL},
		(const char *const[]){"kubectl", "get", "events", "--all-namespaces", "--sort-by=.lastTimestamp", NULL},
	};
	struct arena arena = {0};
	struct place_names at = places(&arena);
	struct loop loop = {0};
	struct dump dump = {filter_start(NULL), buf_fd(STDOUT_FILENO, "standard output")};
	environment_clean(&arena, &at);
	loop_start(&loop);
	buf_fmt(&dump.out, "kdk-pod %s\n", KDK_VERSION);
	const char *const files[] = {
		path_in(&arena, at.run, "phase"),       path_in(&arena, at.keep, "state.json"), path_in(&arena, at.config, "kdk.yaml"),
		path_in(&arena, at.config, "kind.yaml"), path_in(&arena, at.run, "daemon.json"), "/proc/self/cgroup",
		"/proc/self/mountinfo",                 "/proc/net/route",                       "/etc/resolv.conf",
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		put_file(&dump, files[i]);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		put_program(&dump, &loop, programs[i]);
	buf_flush(&dump.out);
	filter_end(dump.filter);
	arena_free(&arena);
	return 0;
}
