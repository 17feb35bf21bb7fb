/* Two trees into one, as Helm merges `-f a -f b`. */
#ifndef KDK_CONFIG_MERGE_H
#define KDK_CONFIG_MERGE_H

#include "tree.h"

enum merge_null {
	MERGE_NULL_WINS,    /* values files: a later null takes an earlier value away */
	MERGE_NULL_SKIPPED, /* settings: null means "not given" */
};

/* Maps merge by key, ABOVE wins elsewhere; order: BELOW's keys, then what only ABOVE
 * has. Either may be NULL. The result shares nodes with both; neither changes. */
const struct node *node_merge(struct arena *arena, const struct node *below, const struct node *above,
			      enum merge_null how);

/* NODE without the keys whose value is null, at any depth; NODE itself where there are none. */
const struct node *node_without_nulls(struct arena *arena, const struct node *node);

/* MAP with its keys in order; MAP itself where they are, or it is none. */
const struct node *node_sorted(struct arena *arena, const struct node *map);

#endif
