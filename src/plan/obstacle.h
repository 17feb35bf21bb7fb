/* Ranges that no nested cluster may touch, and what goes wrong where one does. */
#ifndef KDK_PLAN_OBSTACLE_H
#define KDK_PLAN_OBSTACLE_H

#include "../config/load.h"
#include "range.h"

/* Which part of a nested cluster is asked about. */
enum part { PART_PODS, PART_SERVICES, PART_DOCKER, PART_BLOCK };
extern const struct str part_names[];

enum obstacle_kind {
	OBSTACLE_PODS, /* of a parent, as the next four */
	OBSTACLE_SERVICES,
	OBSTACLE_NODES,
	OBSTACLE_DNS,
	OBSTACLE_EXTERNAL,
	OBSTACLE_ADDRESS,  /* that a cluster's settings name: of a proxy, a mirror, a Docker daemon */
	OBSTACLE_SPECIAL,  /* loopback and the like */
	OBSTACLE_RESERVED, /* network.reserved */
};
enum { LAYER_KINDS = OBSTACLE_EXTERNAL + 1 };
extern const struct str layer_keys[LAYER_KINDS]; /* "pods", as in the values file */

struct layer;

struct obstacle {
	enum obstacle_kind kind;
	const struct layer *layer;     /* NULL: of none */
	const struct settings *settings; /* OBSTACLE_ADDRESS: only clusters with these care */
	struct str name; /* what an external, reserved or special range is for, or which setting; may be empty */
	struct cidr cidr;
	struct place place; /* where it is written, where it is */
};

void obstacle_add(struct arena *arena, struct range_set *set, struct obstacle obstacle);
/* What is left of OBSTACLE's range without those of EXCEPT, a list or NULL. */
void obstacle_add_except(struct arena *arena, struct range_set *set, struct obstacle obstacle, const struct node *except);

/* Special ranges, network.reserved, and the addresses that INPUT's clusters name in their settings. */
void obstacles_add_own(struct check *check, struct range_set *set, const struct input *input);

/* Which rule forbids to touch it, or warns of it. */
enum rule obstacle_rule(const struct obstacle *obstacle);
/* "services 10.96.0.0/12 of parent 'host'" */
struct str obstacle_text(struct arena *arena, const struct obstacle *obstacle);
/* What goes wrong where PART, other than a whole block, touches it. */
struct str obstacle_consequence(const struct obstacle *obstacle, enum part part);

#endif
