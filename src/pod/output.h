/* What dockerd and kind print: through the filter into the log, with a prefix; the last lines are kept. */
#ifndef KDK_POD_OUTPUT_H
#define KDK_POD_OUTPUT_H

#include "filter.h"
#include "lines.h"

enum { OUTPUT_LAST = 50 };

struct output {
	const char *prefix; /* "dockerd: " */
	struct filter *filter;
	struct buf last[OUTPUT_LAST]; /* a ring */
	size_t count;                 /* lines that came in all */
	struct buf hint;              /* of the last failure that was recognised: "CAUSE; REMEDY" */
};

void output_start(struct output *output, const char *prefix, const struct pod_config *config);
/* A line_function: CONTEXT is the output. */
void output_line(void *context, struct str line);
/* The lines that are kept, oldest first, into the log. */
void output_print_last(const struct output *output);

#endif
