/* May this cluster be started here? One table of checks, P01 to P19; docs/preflight.md has a section for each.
 *
 * Takes kdk.yaml, kind.yaml, the surroundings and what probes found; gives a finding for each check. Nothing
 * here touches the world: it can be asked again at any time. Ranges are held against what is really there
 * by plan/obstacle's rules and texts, so that this and kdk-render cannot disagree.
 */
#ifndef KDK_POD_PREFLIGHT_H
#define KDK_POD_PREFLIGHT_H

#include "surroundings.h"

enum verdict { PASS, WARN, FAIL, SKIPPED };

/* Exit statuses of kdk-pod that a finding can ask for. */
enum pod_exit {
	POD_EXIT_CONFIG = 64,
	POD_EXIT_CONFLICT = 65,
	POD_EXIT_UNFIT = 66,
};

struct finding {
	const char *id, *name; /* "P07", "ranges" */
	enum verdict verdict;
	struct str facts;    /* what was seen */
	struct str sentence; /* what is wrong; empty where nothing is */
	struct str remedy;   /* what to do; empty likewise */
	int exit_status;     /* of a FAIL; 0 else */
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
};

/* Before dockerd is started. */
struct findings preflight_static(struct arena *arena, const struct preflight *input);
/* With dockerd up: NETWORKS is what `docker network inspect` printed of all networks, VERSION what
 * `docker version --format {{.Server.Version}}` printed. INPUT's surroundings are read anew. */
struct findings preflight_docker(struct arena *arena, const struct preflight *input, struct str networks,
				 struct str version);

/* The first FAIL where MODE enforces; NULL: go on. */
const struct finding *findings_stop(const struct findings *findings, enum preflight_mode mode);
/* "P07: services 10.96.0.0/16 hold the pod's DNS server 10.96.0.10: ...; set ...": one line. */
struct str finding_message(struct arena *arena, const struct finding *finding);

/* kdk-pod preflight [--json]: gives the exit status. */
int command_preflight(int argc, char **argv);

#endif
