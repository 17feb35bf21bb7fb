/* Inside the planner: what pools, claims and assignment share for one address family. */
#ifndef KDK_PLAN_PLANNER_H
#define KDK_PLAN_PLANNER_H

#include "../base/map.h"
#include "layers.h"
#include "plan.h"
#include "slots.h"

struct pool_plan {
	const struct input *input;
	bool v6;
	unsigned length[3]; /* of pods, services, docker; of 128 bits */
	unsigned block;
	struct cidr *pools;
	size_t pool_count;
	struct range_set pool_set; /* the same, built */
	const struct range_set *obstacles;
	struct map assigned, last; /* by the values, and by the release's last plan: cluster name → node of its blocks */
	struct slots *slots;
	struct cidr shared; /* the block of all, where it is settled */
	enum settled shared_origin;
};

/* A cluster's range that is settled before any block is handed out. */
struct claim {
	const struct pool_plan *pool;
	const struct cluster_entry *cluster; /* NULL: the block that all share */
	enum part part;
	struct cidr cidr;
	bool remembered; /* assigned before, and not pinned */
};

struct planner {
	struct check *check;
	struct arena *arena;
	struct plan *plans;
	size_t count;
	bool v6;
	struct pool_plan *pools; /* one an input */
	struct range_set claims; /* owners are struct claim; across inputs */
	struct range_set offered; /* what messages say is free; built */
};

/* The range that NODE says; "no range" where there is none, or a wrong one. */
struct cidr planner_parse(const struct node *node);
/* Whether an IPv6 range holds ::ffff:0:0/96, whose addresses are IPv4 ones to us. */
bool planner_holds_mapped(struct cidr cidr);
/* Whether CLUSTER's family gives it PART in v4 or v6. */
bool planner_needs(const struct cluster_entry *cluster, enum part part, bool v6);

/* pool.c: reads the pools, sizes and memory of PLAN's input. */
void pool_open(struct planner *p, struct pool_plan *pool, const struct plan *plan);
/* range-unusual, where CIDR is legal and yet likely to be somebody else's; WHAT names it. Whether it was said. */
bool pool_warn_unusual(struct planner *p, struct cidr cidr, struct str what, struct place place);
/* Where PART lies in BLOCK: the largest part first, each aligned to its size. */
struct cidr pool_part(const struct pool_plan *pool, struct cidr block, enum part part);
/* Cuts BLOCK, which is from ORIGIN, into the parts that CLUSTER needs and that are not set yet. */
void pool_cut(const struct pool_plan *pool, const struct cluster_entry *cluster, struct cidr block, enum settled origin,
	      struct family_plan *out);

/* claim.c: what is settled before any block is handed out. */
void claim_cluster(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster,
		   struct family_plan *out);
void claim_shared(struct planner *p, struct pool_plan *pool);
/* assigned-moved, where network.share was turned on and CLUSTER gets BLOCK, and where it was turned off. */
void claim_warn_joined(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster, struct cidr block);
void claim_warn_parted(struct planner *p, const struct pool_plan *pool);
void claims_check(struct planner *p);
/* Whether a cluster's ranges touch each other: what is pinned may be in its own block. */
void claim_check_own(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster,
		     const struct family_plan *ranges);

#endif
