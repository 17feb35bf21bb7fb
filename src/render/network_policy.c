/* NetworkPolicy: ingress from those named only; egress limited only where it is given. */
#include "kinds.h"

void write_network_policy(const struct writer *w)
{
	const struct network_policy *policy = &w->settings->networkPolicy;
	if (!policy->enabled)
		return;
	object_start(w, "networking.k8s.io/v1", "NetworkPolicy", FULL, "");
	PUT(w, "spec:\n  podSelector:\n    matchLabels:\n");
	object_selector(w, 6);
	PUT(w, "  policyTypes:\n  - Ingress\n");
	if (policy->egress)
		PUT(w, "  - Egress\n");
	/* A rule with an empty `from` would let everyone in; no rule lets nobody in. */
	if (policy->from && policy->from->n) {
		PUT(w, "  ingress:\n  - from:\n");
		yaml_node(w->text, 4, policy->from);
	}
	/* An empty list is stored as none: it would differ from what is stored in every apply. */
	if (policy->egress && policy->egress->n)
		yaml_pair_node(w->text, 2, S("egress"), policy->egress);
}
