/* The plan, and what it has in common with the layers below: for people. */
#ifndef KDK_REPORT_EXPLAIN_H
#define KDK_REPORT_EXPLAIN_H

#include "../base/buf.h"
#include "../plan/plan.h"

/* Each cluster's ranges, then a matrix of nested ranges and parents; of a plan with errors too. */
void explain_plan(struct buf *out, struct arena *arena, const struct plan *plan);

/* TEXT, escaped, in lines of at most 80 columns; the first begins with INDENT spaces, the others with HANG. */
void explain_wrapped(struct buf *out, size_t indent, size_t hang, struct str text);

/* How many clusters have no range at all, as no block was left or their settings are wrong. */
bool explain_is_bare(const struct cluster_plan *ranges);

#endif
