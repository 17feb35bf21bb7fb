/* The effective configuration: every setting of every cluster, defaults filled in. */
#ifndef KDK_REPORT_SHOW_H
#define KDK_REPORT_SHOW_H

#include "../base/buf.h"
#include "../plan/plan.h"

/* As YAML, clusters by name: a values file in which everything is said, ranges included. */
void show_plan(struct buf *out, const struct plan *plan);

#endif
