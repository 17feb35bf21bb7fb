/* Ranges that no cluster may touch: those of the layers below, and reserved ones. */
#ifndef KDK_PLAN_OBSTACLE_H
#define KDK_PLAN_OBSTACLE_H

#include "../config/load.h"
#include "range.h"

enum obstacle_kind {
	OBSTACLE_PODS, /* of a parent, as the next four */
	OBSTACLE_SERVICES,
	OBSTACLE_NODES,
	OBSTACLE_DNS,
	OBSTACLE_EXTERNAL,
	OBSTACLE_SPECIAL, /* loopback and the like */
	OBSTACLE_RESERVED, /* network.reserved */
};

struct obstacle {
	enum obstacle_kind kind;
	struct str owner; /* the parent's name, or what a reserved range is for */
	struct cidr cidr;
	bool avoided_only; /* of a further parent: blocks are not put there, but a pin may be */
};

/* Which part of a nested cluster is asked about. */
enum part { PART_PODS, PART_SERVICES, PART_DOCKER, PART_BLOCK };
extern const struct str part_names[];

/* Adds everything that INPUT's blocks must stay clear of; owners are struct obstacle. The
 * caller builds the set. */
void obstacles_add(struct arena *arena, struct range_set *set, const struct input *input);

/* parent-unknown, for each parent that leaves a range out, and where there is none. */
void obstacles_warn_unknown(struct check *check, const struct input *input);

/* "services 10.96.0.0/12 of parent 'host'" */
struct str obstacle_text(struct arena *arena, const struct obstacle *obstacle);
/* What goes wrong where PART of a nested cluster touches it. */
struct str obstacle_consequence(const struct obstacle *obstacle, enum part part);

#endif
