/* One kind of object, written once for all clusters that share their settings.
 *
 * The text of an object is the same for every such cluster but for a few names and
 * ranges. Those are slots: single bytes that no checked text can hold (control
 * characters), so a slot may stand in any string literal of the writers and comes
 * through block scalars and indentation unharmed. Playing a pattern is then copying
 * literals and values in turn, at the speed of memory.
 */
#ifndef KDK_RENDER_PATTERN_H
#define KDK_RENDER_PATTERN_H

#include "../base/buf.h"

enum slot {
	SLOT_FULL = 1,     /* <release>-<cluster>, a DNS label */
	SLOT_NAME,         /* the cluster's name, as a YAML scalar */
	SLOT_OWNER,        /* its first owner, as a YAML scalar */
	SLOT_SUBJECTS,     /* its owners, as the items of a RoleBinding's subjects */
	SLOT_DOMAIN,       /* its DNS domain, as a YAML scalar */
	SLOT_PODS,         /* ranges, v4 and v6 with a comma between where there are both */
	SLOT_SERVICES,
	SLOT_DOCKER,       /* the whole range */
	/* 9 to 13 are white space */
	SLOT_KIND_NETWORK = 14, /* its lower half (v6: all of docker6): the kind network */
	SLOT_BRIDGE,       /* docker0's address and prefix */
	SLOT_POOL,         /* the last quarter */
	SLOT_POOL_SIZE,    /* that quarter's prefix length */
	SLOT_NO_PROXY,     /* its ranges and domain, for NO_PROXY */
	SLOT_CHECKSUM,     /* of what a pod must restart for */
	SLOT_COUNT,
};
#define FULL "\x01"
#define NAME "\x02"
#define OWNER "\x03"
#define SUBJECTS "\x04"
#define DOMAIN "\x05"
#define PODS "\x06"
#define SERVICES "\x07"
#define DOCKER "\x08"
#define KIND_NETWORK "\x0e"
#define BRIDGE "\x0f"
#define POOL "\x10"
#define POOL_SIZE "\x11"
#define NO_PROXY "\x12"
#define CHECKSUM "\x13"

struct pattern {
	struct buf text;
	struct segment *segments; /* a literal, then perhaps a slot */
	size_t count, capacity;
	uint32_t slots;           /* bit 1 << slot: used */
	uint8_t used[SLOT_COUNT]; /* those slots, in order */
	size_t slot_count;
};

/* Empties PATTERN, keeping its memory; the writer then adds to pattern->text. */
void pattern_start(struct pattern *pattern);
void pattern_finish(struct pattern *pattern);
void pattern_free(struct pattern *pattern);

/* Writes it with VALUES[SLOT_COUNT]; and how many bytes that makes. */
void pattern_play(const struct pattern *pattern, const struct str *values, struct buf *out);
size_t pattern_size(const struct pattern *pattern, const struct str *values);

#endif
