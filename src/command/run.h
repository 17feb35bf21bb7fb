/* One run of a command: its memory, its input, what was found wrong. */
#ifndef KDK_COMMAND_RUN_H
#define KDK_COMMAND_RUN_H

#include "../plan/plan.h"
#include "cli.h"

/* What was read: trees and messages point into it until the run ends. */
struct text {
	struct buf bytes;
	struct text *next;
};

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct check check;
	struct text *texts;
};

void run_start(struct run *run, const struct cli *cli);
void run_end(struct run *run); /* frees all that the run made */

/* All of PATH ("-": standard input) as file_read() takes it; good until the run ends. */
struct str run_read(struct run *run, const char *path, size_t limit);

/* Their plan; NULL after an error that leaves nothing to plan. Good only if diags has no error. */
const struct plan *run_plan(struct run *run, const struct cli *cli);

/* The warnings so far, as <release>.plan keeps them. */
struct str run_warnings(struct run *run);
/* Sorts what was found, and prints it to stderr as text; each gives the exit status. */
int run_sort(struct run *run);
int run_report(struct run *run);

/* "kdk-render: LINE" to stderr. */
void run_say(const char *line);

#endif
