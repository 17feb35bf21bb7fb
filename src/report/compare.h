/* Two plans side by side: whose ranges change, and what that does to a cluster that runs. */
#ifndef KDK_REPORT_COMPARE_H
#define KDK_REPORT_COMPARE_H

#include "../base/buf.h"
#include "../plan/plan.h"

struct comparison {
	size_t added, removed, changed;
};

/* Cluster by cluster, by name: "+ NAME", "- NAME" or "~ NAME", under it what changes, and what comes of it.
 * Ranges and what kind cannot change in a cluster that exists count, and whether there is a volume; not what
 * a restart of the pod applies. */
struct comparison compare_plans(struct buf *out, const struct plan *before, const struct plan *now);

#endif
