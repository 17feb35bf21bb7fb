/* Many ranges said in few. Both work in place, give how many are left, IPv4 first, by address,
 * and leave no two that touch. "No range" must not be among them. */
#ifndef KDK_PLAN_COVER_H
#define KDK_PLAN_COVER_H

#include "../base/addr.h"

/* IPv4 before IPv6, then by address, larger first: how these sets stand. */
int cover_cmp(struct cidr a, struct cidr b);

/* The same addresses in as few ranges as can be. */
size_t cover_union(struct cidr *items, size_t count);
/* What lies in another of them is left out, and nothing is joined. */
size_t cover_outer(struct cidr *items, size_t count);
/* The smallest ranges around them, more addresses than they have: one where it has at least WIDEST
 * (of the 128 bits; of its family), several where not. */
struct widest {
	unsigned v4, v6;
};
size_t cover_around(struct cidr *items, size_t count, struct widest widest);

/* Which of ITEMS, as any of the above leaves them, holds CIDR; COUNT where none does. */
size_t cover_find(const struct cidr *items, size_t count, struct cidr cidr);

#endif
