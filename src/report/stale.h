/* What the values say was assigned, beside what a plan of them assigns. */
#ifndef KDK_REPORT_STALE_H
#define KDK_REPORT_STALE_H

#include "../base/buf.h"
#include "../plan/plan.h"

/* A line for each entry of the lock that PLAN would write otherwise, by name: + added, - removed, ~ changed,
 * and the blocks. Gives how many lines. */
size_t report_stale(struct buf *out, const struct plan *plan);

#endif
