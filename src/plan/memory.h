/* What one run leaves to the next: the blocks of a cluster, or those that all share.
 *
 * They are kept as network.assigned, and network.block and block6, in a lock file and in
 * the release's plan. Parts of a block are not: they follow from it and from the sizes. */
#ifndef KDK_PLAN_MEMORY_H
#define KDK_PLAN_MEMORY_H

#include "plan.h"

struct blocks {
	struct cidr v4, v6; /* "no range": none */
};
bool blocks_eq(struct blocks a, struct blocks b);
bool blocks_none(struct blocks blocks);

/* What an entry of network.assigned says; none where ENTRY is NULL. */
struct blocks blocks_given(const struct node *entry);
/* What is to be remembered of CLUSTER: none where all is pinned, or shared. */
struct blocks blocks_of(const struct plan *plan, size_t cluster);

/* network.block and block6 as the values have them; none without share. */
struct blocks blocks_shared_given(const struct plan *plan);
/* The same as they are to be remembered of COUNT plans of one release. */
struct blocks blocks_shared(const struct plan *plans, size_t count);

#endif
