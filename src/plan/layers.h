/* The layers below, nearest first: what is known of each, and all obstacles that follow.
 *
 * A parent is what `parents` lists, or what the chart discovered. How much its ranges matter
 * depends on how near it is: packets leave the nearest parent with addresses of its nodes, so
 * a further one's ranges matter only where they are addressed directly: they are avoided, and
 * a pin there is warned about. A vcluster has no network of its own, so that the parent
 * behind it is nearest too. */
#ifndef KDK_PLAN_LAYERS_H
#define KDK_PLAN_LAYERS_H

#include "obstacle.h"

enum { LAYER_LISTS = OBSTACLE_NODES + 1 }; /* pods, services, nodes: what must be known */
enum knowledge { NOT_KNOWN, GIVEN, ASSUMED /* from its platform */, NEXT_LAYERS /* of a vcluster */, REFUSED /* in part */ };

struct layer {
	struct str name, domain;
	struct str platform; /* may be empty */
	struct place place;
	bool nearest;
	enum knowledge known[LAYER_LISTS];
};

struct layers {
	struct layer *items;
	size_t count;
	struct range_set obstacles; /* built; owners are struct obstacle */
};

/* Reads INPUT. Diagnostics: parent-unknown, parent-assumed, parent-overlaps-parent, dns-domain-same. */
const struct layers *layers_load(struct check *check, const struct input *input);

#endif
