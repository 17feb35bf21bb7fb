/* The one event loop of kdk-pod, and its children.
 *
 * A phase reads as a straight line: it starts a child and waits. While it waits, the loop turns: output is
 * handed on line by line, every child is reaped (orphans too, as for PID 1), signals are noted, and the
 * owner's tick runs. Nothing else in kdk-pod blocks.
 *
 * Waiting ends early once `interrupted` says so: a stop was asked for, or dockerd has ended. What must go on
 * all the same, as stopping does, waits with child_wait_stubborn().
 *
 * Time is in milliseconds of a clock that never goes back; NEVER is its end.
 */
#ifndef KDK_POD_LOOP_H
#define KDK_POD_LOOP_H

#include <sys/types.h>

#include "lines.h"

#define NEVER INT64_MAX

struct loop {
	int signals; /* signalfd */
	struct child *children;
	unsigned stops; /* TERM and INT that came */
	bool dump;      /* USR1 came; the owner resets it */
	bool (*interrupted)(void *context);
	int64_t (*tick)(void *context, int64_t now); /* gives when it wants to run next */
	void *context;
	bool ticking; /* a tick never waits */
};

int64_t loop_now(void);
/* Blocks the signals that come through the loop, takes over orphans. Ends the program where the kernel
 * refuses (die.h). */
void loop_start(struct loop *loop);
/* Handles what there is, waiting until UNTIL at most. */
void loop_turn(struct loop *loop, int64_t until);
/* Turns until UNTIL; false where it was interrupted before. */
bool loop_sleep(struct loop *loop, int64_t milliseconds);

struct command {
	const char *const *argv; /* ends with NULL; argv[0] is looked for in PATH */
	struct str input;        /* standard input; copied */
	line_function *each;     /* gets every line of standard error, and of standard output unless it is kept; may be NULL */
	void *context;
	bool keep;               /* standard output is kept, up to KEEP_MOST bytes */
	bool plain_network;      /* without the proxy that the environment names */
};
enum { KEEP_MOST = 4 * 1024 * 1024, TAIL_MOST = 2 * 1024 };

struct child {
	pid_t pid;
	bool ended; /* reaped, and its output read to the end */
	int status; /* as of waitpid(), once it is reaped */
	struct buf kept;
	struct buf tail; /* the last TAIL_MOST bytes of standard error */
	/* the loop's own */
	bool reaped, keeps;
	int64_t reaped_at;
	int out, err; /* -1: at its end */
	struct lines out_lines, err_lines;
	struct child *next;
};

/* A program that cannot be run is a child that ends with status 127 and says why on standard error. */
struct child *child_start(struct loop *loop, const struct command *command);

enum waited { WAIT_ENDED, WAIT_TIMEOUT, WAIT_INTERRUPTED };
/* MILLISECONDS at most; NEVER: no bound. */
enum waited child_wait(struct loop *loop, struct child *child, int64_t milliseconds);
enum waited child_wait_stubborn(struct loop *loop, struct child *child, int64_t milliseconds);
/* To the child alone; and to all that it has started as well. */
void child_signal(const struct child *child, int signal);
void child_signal_all(const struct child *child, int signal);
/* Ends what still runs of it, TERM first and KILL after GRACE milliseconds, and gives its memory back. */
void child_end(struct loop *loop, struct child *child, int64_t grace);

bool child_good(const struct child *child); /* it ended with status 0 */
/* The last line that it wrote to standard error, or how it ended; good as long as the child. */
struct str child_said(struct child *child);

#endif
