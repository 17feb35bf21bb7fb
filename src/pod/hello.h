/* Does a TLS server's first answer arrive? That answer holds its certificates and is the first thing of a pull that is
 * larger than a packet, so that it is what an MTU that is too large loses. No TLS is spoken beyond it. */
#ifndef KDK_POD_HELLO_H
#define KDK_POD_HELLO_H

#include "../base/addr.h"

enum { HELLO_ENOUGH = 1400 }; /* bytes that no longer fit in one packet of the smallest usual MTU */

enum hello_result {
	HELLO_ANSWERED,    /* HELLO_ENOUGH bytes, or all that the server had to say */
	HELLO_STALLED,     /* it stops before */
	HELLO_UNREACHABLE, /* no connection */
};

struct hello {
	enum hello_result result;
	size_t bytes;     /* that came, HELLO_ENOUGH or a little more at most */
	const char *said; /* of HELLO_UNREACHABLE */
};

/* Greets ADDR as a client of TLS 1.2 that wants NAME; each wait is BOUND_MS at most. */
struct hello hello_ask(struct addr addr, uint16_t port, struct str name, int bound_ms);

/* "ghcr.io/x/node:v1" → "ghcr.io"; "kindest/node:v1" → "registry-1.docker.io". *PORT is 443 where it says none. */
struct str image_registry(struct str image, uint16_t *port);

#endif
