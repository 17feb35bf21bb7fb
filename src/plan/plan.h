/* Which ranges every cluster gets: the decisions, and every reason why one is wrong. */
#ifndef KDK_PLAN_PLAN_H
#define KDK_PLAN_PLAN_H

#include "../base/addr.h"
#include "../config/load.h"
#include "layers.h"

enum origin { ORIGIN_ASSIGNED, ORIGIN_REMEMBERED /* assigned before */, ORIGIN_PINNED };

/* A range that a cluster's family does not have is "no range". A block is none where
 * all that would be cut from it is pinned. */
struct family_plan {
	struct cidr block, pods, services, docker;
	enum origin origin[PART_BLOCK + 1]; /* by enum part: why it is that range */
};
struct cluster_plan {
	struct family_plan v4, v6;
};

struct plan {
	const struct input *input;
	const struct layers *layers;
	struct family_plan *v4, *v6; /* as input->clusters; v6 is NULL where no cluster has it */
};
struct cluster_plan plan_of(const struct plan *plan, size_t cluster);

/* Plans all inputs of a run together, as their clusters must differ. The plans are good
 * only if diags has no error afterwards. */
struct plan *plan_inputs(struct check *check, struct input *const *inputs, size_t count);

/* docker's three parts: the kind network, docker0's address with its prefix, the pool. */
struct cidr plan_kind_network(struct cidr docker);
struct cidr plan_bridge(struct cidr docker); /* its first usable address, host bits and all */
struct cidr plan_pool(struct cidr docker);

#endif
