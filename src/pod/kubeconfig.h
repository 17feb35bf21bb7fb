/* The kubeconfig that owners get, from the one that kind writes. */
#ifndef KDK_POD_KUBECONFIG_H
#define KDK_POD_KUBECONFIG_H

#include "../base/arena.h"

struct kubeconfig {
	struct str text; /* cluster, user and context are called NAME */
	unsigned port;
	struct str certificate; /* of the administrator, as it stands there */
};
/* false: KIND's text is not what kind writes. */
bool kubeconfig_of(struct arena *arena, struct str kind, struct str name, struct kubeconfig *out);

#endif
