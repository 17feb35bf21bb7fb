/* What must be tried to be known. Each probe is a child of its own; they run at once, and are bounded.
 *
 * Results are facts; preflight.h judges. A probe that was not run, or did not end in time, is PROBE_NONE.
 */
#ifndef KDK_POD_PROBE_H
#define KDK_POD_PROBE_H

#include "surroundings.h"

enum probe_state { PROBE_NONE, PROBE_GOOD, PROBE_BAD, PROBE_MISSING /* the helper program is not there */ };

struct probe_result {
	enum probe_state state;
	struct str said; /* one line: what went wrong; may be empty */
};

struct probes {
	/* probe_host() */
	struct probe_result nat, filter, raw; /* iptables, in a network namespace of its own */
	int64_t legacy_rules, nft_rules;      /* of iptables, in the pod's; 0 where nothing can list them */
	struct probe_result overlay;          /* a mount with upper and work directory on the data volume */
	struct probe_result links;            /* a bridge and a veth pair, in a network namespace of its own */
	/* probe_network() */
	struct probe_result api;                /* TCP to the parent's API server */
	struct probe_result *dns_udp, *dns_tcp; /* one for each of the resolver's addresses */
	size_t dns_count;
	struct probe_result wildcard; /* BAD: a name that cannot exist resolves */
	struct str registry;          /* of the node image */
	struct probe_result registry_answer; /* the first answer of it; NONE: why it was not asked */
	struct probe_result secret;   /* kubectl: a patch, on the server, that is not kept */
	int64_t clock_skew;           /* seconds that the API server is ahead; INT64_MIN: not known */
};

/* DATA_ROOT is /var/lib/docker. Some ten milliseconds; at most BOUND. */
void probe_host(struct arena *arena, struct probes *probes, const struct surroundings *around, const char *data_root, int bound_ms);
/* Waits for the network, at most BOUND milliseconds. ENVIRONMENT is kubectl's, which finds the parent's API server in it. */
void probe_network(struct arena *arena, struct probes *probes, const struct surroundings *around,
		   const struct pod_config *config, char *const *environment, int bound_ms);

/* What PROBE_BAD of the registry's answer says where it is no matter of reaching it. */
#define REGISTRY_STALLS "its answer stops"

#endif
