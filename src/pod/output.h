/* What dockerd and kind print: through the filter into the log, with a prefix. */
#ifndef KDK_POD_OUTPUT_H
#define KDK_POD_OUTPUT_H

#include "filter.h"
#include "lines.h"

struct output {
	const char *prefix; /* "dockerd: " */
	struct filter *filter;
	struct buf hint;       /* of the last failure that was recognised: "CAUSE; REMEDY" */
	struct buf names_hint; /* of the last one that was a name's */
};

void output_start(struct output *output, const char *prefix, const struct pod_config *config);
/* A line_function: CONTEXT is the output. */
void output_line(void *context, struct str line);

#endif
