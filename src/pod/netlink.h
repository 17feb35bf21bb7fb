/* What the kernel says of this network namespace: links, addresses, the routes of all tables, and where
 * packets to those addresses would leave that a KDK pod cannot do without. */
#ifndef KDK_POD_NETLINK_H
#define KDK_POD_NETLINK_H

#include "surroundings.h"

/* Fills AROUND's network; it stays not known where the kernel does not answer. */
void netlink_ask(struct arena *arena, struct surroundings *around);

/* Makes a link of KIND ("bridge", "veth"); 0, or an errno. */
int netlink_make_link(const char *name, const char *kind);

#endif
