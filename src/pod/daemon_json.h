/* daemon.json, completed by what only the pod knows: the MTU, what dockerd's version takes, the proxy. */
#ifndef KDK_POD_DAEMON_JSON_H
#define KDK_POD_DAEMON_JSON_H

#include "../config/pod.h"

struct daemon_facts {
	int major;    /* dockerd's version */
	unsigned mtu; /* 0: leave it to dockerd */
};
/* RENDERED is the ConfigMap's, an object; what it holds already is left. Empty where it is no object of JSON. */
struct str daemon_json(struct arena *arena, struct str rendered, const struct pod_config *config, struct daemon_facts facts);
/* 26 of "Docker version 26.1.5+dfsg1, build a72d7cd"; 0 where there is none. */
int daemon_major(struct str text);

#endif
