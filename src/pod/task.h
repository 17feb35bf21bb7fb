/* Children that run at once, each with one pipe for all that it says, until they end or a time is over. */
#ifndef KDK_POD_TASK_H
#define KDK_POD_TASK_H

#include "../base/buf.h"
#include "probe.h"

enum { TASK_GOOD = 0, TASK_BAD = 1, TASK_MISSING = 127 };

struct task {
	/* In the child; standard output and error are the pipe. Gives one of the above; it may exec. */
	int (*run)(const struct task *task);
	const void *argument;
	struct probe_result *result; /* NULL: only OUTPUT is wanted */
	struct str output;           /* all that it said */
	/* tasks_run()'s own */
	int pid, pipe;
	bool ended;
	struct buf text;
};

/* Fills each result: what was said is its most telling line, at most 300 bytes of it. Those that have not ended after
 * BOUND_MS are killed, with a result of PROBE_NONE. */
void tasks_run(struct arena *arena, struct task *tasks, size_t count, int bound_ms);

#endif
