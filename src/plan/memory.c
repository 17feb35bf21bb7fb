/* Plans and values → the blocks that are remembered. */
#include "memory.h"

#include "planner.h"

bool blocks_eq(struct blocks a, struct blocks b)
{
	return cidr_eq(a.v4, b.v4) && cidr_eq(a.v6, b.v6);
}

bool blocks_none(struct blocks blocks)
{
	return !blocks.v4.set && !blocks.v6.set;
}

struct blocks blocks_given(const struct node *entry)
{
	struct blocks blocks = {0};
	bool list = entry && entry->kind == NODE_LIST;
	for (const struct node *b = list ? entry->child : entry; b; b = b->next) {
		struct cidr cidr = planner_parse(b);
		struct cidr *family = cidr_is_v4(cidr) ? &blocks.v4 : &blocks.v6;
		if (cidr.set && !family->set)
			*family = cidr;
		if (!list)
			break; /* what comes next is another key */
	}
	return blocks;
}

struct blocks blocks_of(const struct plan *plan, size_t cluster)
{
	if (plan->input->values.network.share)
		return (struct blocks){0};
	struct cluster_plan ranges = plan_of(plan, cluster);
	return (struct blocks){.v4 = ranges.v4.block, .v6 = ranges.v6.block};
}

struct blocks blocks_shared_given(const struct plan *plan)
{
	struct blocks blocks = {0};
	const struct network *network = &plan->input->values.network;
	if (network->share && network->block.n)
		cidr_parse(network->block, &blocks.v4);
	if (network->share && network->block6.n)
		cidr_parse(network->block6, &blocks.v6);
	return blocks;
}

/* What is given stays, whether a cluster has it now or not; else it is the block of whichever
 * cluster has it, and not one of its own. */
struct blocks blocks_shared(const struct plan *plans, size_t count)
{
	struct blocks blocks = {0};
	for (size_t p = 0; p < count; p++) {
		struct blocks given = blocks_shared_given(&plans[p]);
		blocks.v4 = blocks.v4.set ? blocks.v4 : given.v4;
		blocks.v6 = blocks.v6.set ? blocks.v6 : given.v6;
		for (size_t i = 0; plans[p].input->values.network.share && i < plans[p].input->count; i++) {
			struct cluster_plan ranges = plan_of(&plans[p], i);
			const struct cluster_network *own = &plans[p].input->clusters[i].own.network;
			blocks.v4 = blocks.v4.set || own->block ? blocks.v4 : ranges.v4.block;
			blocks.v6 = blocks.v6.set || own->block6 ? blocks.v6 : ranges.v6.block;
		}
	}
	return blocks;
}
