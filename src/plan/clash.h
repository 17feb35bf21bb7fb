/* What in a finished plan touches what it must not: for people, who want to see all of it.
 *
 * The planner's diagnostics say each mistake once and stop at some number; this looks at
 * the ranges that clusters have in the end, whether the plan is good or not.
 */
#ifndef KDK_PLAN_CLASH_H
#define KDK_PLAN_CLASH_H

#include "plan.h"

/* One part of a cluster, and the first thing of its kind that it touches. */
struct clash {
	size_t cluster; /* the first of a run */
	enum part part;
	struct cidr cidr;
	const struct obstacle *obstacle; /* NULL: what follows is what it touches */
	size_t other;                    /* a cluster, may be the same one */
	enum part other_part;
	struct cidr other_cidr;
	bool more; /* ranges of that kind of that parent */
};
struct clashes {
	struct clash *items; /* by cluster */
	size_t count, capacity;
};

/* PLAN has ranges, or not, for all its clusters. Takes time by clusters and what they touch. */
struct clashes clashes_find(struct arena *arena, const struct plan *plan);

/* What comes of two clusters' ranges that touch, and of one cluster's own. */
extern const struct str clash_of_clusters;
struct str clash_of_own(enum part a, enum part b);

enum level clash_level(const struct clash *clash); /* LEVEL_WARNING: of a parent further down */
/* "pods 10.1.0.0/21 of cluster 'a' overlap ..." */
struct str clash_text(struct arena *arena, const struct plan *plan, const struct clash *clash);
struct str clash_consequence(struct arena *arena, const struct clash *clash);

/* How many clusters from FIRST on have the same ranges for the same reasons: all with network.share. */
size_t plan_run(const struct plan *plan, size_t first);
struct cidr family_part(const struct family_plan *ranges, enum part part);

#endif
