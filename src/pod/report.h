/* Surroundings, probes and checks in one go, as `kdk-pod run` and `kdk-pod preflight` need them; and findings as text
 * and JSON. */
#ifndef KDK_POD_REPORT_H
#define KDK_POD_REPORT_H

#include "../base/buf.h"
#include "preflight.h"

struct report {
	struct findings findings;
	int64_t judged_us; /* microseconds to the first verdict, without waiting for the network */
	int64_t waited_us; /* for the network, after that; 0: not waited */
};

struct report_input {
	const struct pod_config *config;
	const struct source *kind_yaml; /* may be NULL */
	struct str state;               /* of kdk/state.json; may be empty */
	const char *root, *data_root;   /* "", "/var/lib/docker"; see surroundings.h */
	char *const *environment; /* as it was before anything was taken away */
	bool whole; /* ask the network even where the verdict stands without */
};

/* Before dockerd is started. What is given lives in ARENA. */
struct report report_take(struct arena *arena, const struct report_input *input);
/* With dockerd up: the pod's routes are read anew. */
struct report report_take_docker(struct arena *arena, const struct report_input *input, struct str networks, struct str version);

/* A table: id, name, verdict and facts; what is wrong and what to do below. */
void put_findings(struct buf *out, const struct report *report);
/* schemas/preflight.schema.json */
void put_findings_json(struct buf *out, const struct report *report, const struct pod_config *config);

/* kdk-pod preflight [--json], with ARGV behind the command's name. Gives the exit status: 0, or of the first FAIL. */
int command_preflight(int argc, char **argv);

#endif
