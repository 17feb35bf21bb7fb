/* One question to one DNS server (RFC 1035): does it answer, and with what address? */
#ifndef KDK_POD_DNS_H
#define KDK_POD_DNS_H

#include "../base/addr.h"

enum dns_result {
	DNS_ADDRESS, /* the name has an IPv4 address */
	DNS_NONE,    /* the server says that it has none, or does not exist */
	DNS_BAD,     /* it refuses or fails; or errno says why there is no answer */
};

struct dns_answer {
	enum dns_result result;
	struct addr addr;
	const char *said; /* of DNS_BAD: "SERVFAIL", "i/o timeout" */
};

/* Asks SERVER for the A record of NAME, by TCP or UDP; waits at most BOUND_MS. */
struct dns_answer dns_ask(struct addr server, struct str name, bool tcp, int bound_ms);

/* A socket connected to ADDR by TCP or UDP within BOUND_MS, or -1 with errno. Reads and writes have the same bound. */
int connect_to(struct addr addr, uint16_t port, bool tcp, int bound_ms);

#endif
