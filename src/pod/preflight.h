/* May this cluster be started here? One table of checks (checks.def); docs/preflight.md has a section for each.
 *
 * Takes kdk.yaml, kind.yaml, the surroundings and what probes found; gives at least one finding for each check.
 * Nothing here touches the world. Ranges are held against what is really there by plan/obstacle's rules and
 * texts, so that this and kdk-render cannot disagree.
 *
 * A check refuses what waiting does not mend, and warns of the rest.
 */
#ifndef KDK_POD_PREFLIGHT_H
#define KDK_POD_PREFLIGHT_H

#include "exit.h"
#include "surroundings.h"

enum verdict { PASS, WARN, FAIL, SKIPPED };

struct finding {
	const char *id, *name; /* "P07", "ranges" */
	enum verdict verdict;
	struct str facts;    /* what was seen; one line, as the next two */
	struct str sentence; /* what is wrong; empty where nothing is */
	struct str remedy;   /* what to do; empty likewise */
	int exit_status;     /* of a FAIL, an enum pod_exit; 0 else */
};

struct findings {
	struct finding *items; /* by id; a check may have several */
	size_t count, capacity;
};

struct probes; /* probe.h */

struct preflight {
	const struct pod_config *config;
	const struct surroundings *around;
	const struct source *kind_yaml; /* NULL: not looked at */
	const struct probes *probes;    /* NULL: what needs them is skipped */
	struct str state;               /* of the data volume's kdk/state.json; empty: there is none */
	/* with dockerd up: */
	struct str networks;       /* as `docker network inspect` prints all networks: JSON */
	struct str docker_version; /* of the daemon: "26.1.5+dfsg1" */
};

/* Before dockerd is started; and with it up, when INPUT's surroundings have been read anew. */
struct findings preflight_static(struct arena *arena, const struct preflight *input);
struct findings preflight_docker(struct arena *arena, const struct preflight *input);

/* The first FAIL where MODE enforces; NULL: go on. */
const struct finding *findings_stop(const struct findings *findings, enum preflight_mode mode);
/* "P07: services 10.96.0.0/16 hold the pod's DNS server 10.96.0.10: ...; ...": one line. */
struct str finding_message(struct arena *arena, const struct finding *finding);

#endif
