/* Lines of dockerd, kind, kubelet and CoreDNS → the same without secrets, and what a known failure means.
 *
 * known.def is the table of failures. A hint is given once for each kind of failure and minute; where a line names
 * an address or nothing tells causes apart, the cluster's own ranges say more. Memory does not grow: what a
 * call gives is good until the next one.
 */
#ifndef KDK_POD_FILTER_H
#define KDK_POD_FILTER_H

#include "../base/buf.h"
#include "../config/pod.h"

struct filter;

struct filtered {
	struct str line; /* to be logged */
	struct str kind; /* of the failure, as in known.def: "dns-refused"; empty: none that is known */
	struct str hint; /* "CAUSE; REMEDY"; empty: nothing to say, or said less than a minute ago */
};

/* CONFIG may be NULL: nothing is known of ranges. It must outlive the filter. */
struct filter *filter_start(const struct pod_config *config);
/* LINE is without its line break. NOW is seconds of a clock that never goes back. */
struct filtered filter_line(struct filter *filter, struct str line, int64_t now);
void filter_end(struct filter *filter);

#endif
