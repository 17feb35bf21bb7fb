/* What is known of a host cluster → the ranges that a parent is given.
 *
 * What a setting says is exact, and is given as it says it. What was only seen lies in a range whose
 * ends nobody has said: it is given as the smallest statement that holds all of it, which is at least
 * what the range has. Something seen outside of all exact ranges of its family is a STRAY: some setting
 * is missing or wrong, and it is given nevertheless, as it is certainly in use.
 */
#ifndef KDK_PLAN_FOUND_H
#define KDK_PLAN_FOUND_H

#include "../config/facts.h"

struct found_range {
	struct cidr cidr;
	bool exact, stray;
	struct found_why {
		size_t count;    /* of different facts */
		struct str name; /* of the first */
	} why[WITNESS_COUNT];
};

struct found_list {
	struct found_range *items; /* exact ones, then the others; each IPv4 first, by address */
	size_t count;
};

struct found {
	struct found_list of[FACT_KINDS];
	struct fact_domain domain; /* its text may be empty */
	enum witness domain_witness;
};

/* Sorts FACTS. */
struct found found_in(struct arena *arena, struct facts *facts);

#endif
