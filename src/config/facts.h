/* What kubectl printed of a host cluster → what that says of its address ranges.
 *
 * Takes YAML or JSON: single objects, lists, several documents, in any mixture and any subset. What
 * machines write is taken as it is: unknown kinds, keys and forms are passed over, and nothing of them is
 * kept but ranges, addresses, a DNS domain, and names of the objects that said them. Text that is no
 * YAML, or no Kubernetes object, is a diagnostic, which quotes nothing of it: there may be secrets in it.
 */
#ifndef KDK_CONFIG_FACTS_H
#define KDK_CONFIG_FACTS_H

#include "../base/addr.h"
#include "match.h"
#include "tree.h"

enum fact_kind { FACT_PODS, FACT_SERVICES, FACT_NODES, FACT_DNS, FACT_KINDS };

enum witness {
#define WITNESS(identifier, exact, one, many) WITNESS_##identifier,
#include "witnesses.def"
	WITNESS_COUNT
};
struct witness_info {
	bool exact;
	const char *one, *many;
};
extern const struct witness_info witnesses[WITNESS_COUNT];

struct fact {
	struct cidr cidr; /* an address is a range of its own; no bits behind the length */
	enum fact_kind kind;
	enum witness witness;
	struct str name; /* of who says it, behind the witness's text; may be empty */
};

/* What kind of cluster it is, as far as that says where more can be found. */
enum trait {
	TRAIT_KIND = 1 << 0,
	TRAIT_K3S = 1 << 1, /* and RKE2 */
	TRAIT_EKS = 1 << 2,
	TRAIT_GKE = 1 << 3,
	TRAIT_AKS = 1 << 4,
	TRAIT_OPENSHIFT = 1 << 5,
	TRAIT_CALICO = 1 << 6,
	TRAIT_CILIUM = 1 << 7,
	/* and what of it has been read */
	TRAIT_SAW_SYSTEM_PODS = 1 << 8,
	TRAIT_SAW_SYSTEM_SERVICES = 1 << 9,
	TRAIT_SAW_KUBEADM = 1 << 10,
	TRAIT_SAW_KUBELET = 1 << 11,
	TRAIT_SAW_COREFILE = 1 << 12,
	TRAIT_SAW_CILIUM_CONFIG = 1 << 13,
	TRAIT_SAW_INSTALLER = 1 << 14,
	TRAIT_SAW_NODES = 1 << 15,
	TRAIT_SAW_IP_POOLS = 1 << 16,
	TRAIT_SAW_OPENSHIFT = 1 << 17,
	TRAIT_SAW_CILIUM_POOLS = 1 << 18,
};

/* The zero value is "nothing known". */
struct facts {
	struct fact *items; /* as they came, the same ones over and over */
	size_t count, capacity;
	struct fact_domain {
		struct str text, name; /* NAME as of a fact */
	} domains[WITNESS_COUNT];
	size_t objects; /* of the kinds that say something */
	size_t nodes, nodes_without_range;
	unsigned traits;
};

/* Adds what SOURCE says. What is kept lives in ARENA. */
void facts_read(struct facts *facts, struct arena *arena, struct diags *diags, struct match *match,
		const struct source *source);

#endif
