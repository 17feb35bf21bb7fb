/* kdk-pod run: what its phases share.
 *
 * A phase gives 0, or an exit status of the pod after it has said why (run_fail), or RUN_STOPPED where a stop was
 * asked for.
 */
#ifndef KDK_POD_RUN_H
#define KDK_POD_RUN_H

#include "exit.h"
#include "output.h"
#include "publish.h"
#include "state.h"
#include "surroundings.h"

enum { RUN_STOPPED = -1 };

enum { NODE_MOST = 16, SHORT_MS = 60 * 1000 };

/* A node's systemd stops its services, then sends TERM to all that still runs, etcd with it, and waits 90 s for those
 * that ignore it: any shell that is its container's first process. They are not worth that wait. */
#define NODE_STOP_SECONDS "20"

/* The containers of this kind cluster. */
struct nodes {
	struct arena arena; /* has the names */
	struct str control_plane; /* empty: there is none */
	struct str workers[NODE_MOST];
	size_t worker_count;
	bool all_running;
};

enum warning { WARNING_NAMES, WARNING_CERTIFICATES, WARNINGS };

struct run {
	struct arena arena;
	struct place_names places;
	struct limits limits;
	char *const *environment; /* as it was: before DOCKER_HOST and the like were taken away */
	bool foreign_docker;      /* DOCKER_HOST was retained */
	const struct pod_config *config;
	const struct source *kind_source;
	const struct node *kind;  /* kind.yaml */
	struct settings settings; /* what is asked for */
	struct surroundings around;
	struct str docker_version; /* as the daemon says it */
	unsigned mtu;

	struct loop loop;
	struct status status;
	struct publisher publisher;
	struct output dockerd_output, kind_output, other_output;
	struct child *dockerd;   /* NULL: not started */
	struct child *forwarder; /* NULL: the nested API server listens in the pod itself */
	struct child *versions[2]; /* programs that say theirs */
	struct child *dumping;   /* NULL: nobody has asked */
	int64_t started, beat;

	struct state state; /* of the cluster that is there */
	struct decision decision;
	struct nodes nodes;
	struct str node_image;
	struct str kubeconfig; /* of the nested cluster, as owners get it */
	int64_t certificates_end; /* seconds since 1970; 0: not known */
	bool manifests_done;
	struct buf warnings[WARNINGS]; /* see run_warn() */
	bool registry_unknown;  /* to the node's DNS, when it was asked last */
	unsigned name_failures; /* of the nested DNS, in a row */
};

typedef int phase_function(struct run *run);
phase_function phase_init, phase_cgroup, phase_preflight, phase_dockerd, phase_network, phase_image, phase_cluster,
	phase_publish, phase_manifests, phase_ready;

bool run_interrupted(const struct run *run); /* a stop was asked for, or dockerd has ended */
/* What comes of that: what a phase gives; 0 where there is no such thing. */
int run_interruption(struct run *run);
/* Says why, and gives STATUS; where it was interrupted, what comes of that instead. */
int run_fail(struct run *run, enum pod_exit status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What holds nothing up but must be known: said where nothing else is. Empty: no longer. Logged when it changes. */
void run_warn(struct run *run, enum warning warning, struct str sentence);
/* Nothing holds it up: the message becomes the warnings, mostly none. */
void run_well(struct run *run);

/* A program that is asked something. */
struct answer {
	bool good;
	struct str out;  /* standard output, trimmed */
	struct str said; /* the last line of standard error */
};
/* Both wait MILLISECONDS at most; the first keeps what it prints, the second logs it. */
struct answer run_ask(struct run *run, struct arena *arena, int64_t milliseconds, const char *const *argv);
bool run_logged(struct run *run, int64_t milliseconds, struct output *output, const char *const *argv, struct arena *arena,
		struct str *said);
#define ASK(run, arena, milliseconds, ...) \
	run_ask((run), (arena), (milliseconds), (const char *const[]){__VA_ARGS__, NULL})
/* A text of the arena, as a C string. */
#define TEXT_OF(arena, s) (arena_fmt((arena), "%.*s", STR(s)).p)

/* --- docker.c --- */

/* What NODES held is given back first. */
bool docker_find_nodes(struct run *run, struct str cluster, struct nodes *nodes);
/* Whether dockerd was started and has ended. */
bool docker_ended(const struct run *run);

/* --- fit.c --- */

/* The checks that need dockerd; gives what a phase gives. */
int fit_with_docker(struct run *run);

/* --- network.c --- */

/* state.json: what is there from now on. Gives what a phase gives. */
int state_put(struct run *run, enum state_kind kind);

/* --- cluster.c --- */

/* Deletes the containers of CLUSTER with their volumes. */
bool cluster_delete(struct run *run, struct str cluster, struct str *why, struct arena *arena);
/* The containers that run->nodes has, control plane first. */
bool cluster_start_nodes(struct run *run, struct arena *arena, struct str *why);
/* Each is tried; whether all went well. The status says what did not. */
bool cluster_apply_manifests(struct run *run);
/* Asks the nested API server's /readyz once. */
bool cluster_is_ready(struct run *run, struct arena *arena, struct str *why);

/* --- renew.c --- */

bool certificates_are_due(const struct run *run); /* within 30 days, or they have ended */
bool certificates_have_ended(const struct run *run);
/* New ones, and the control plane's node started anew; gives what a phase gives. That there are none is a warning. */
int certificates_renew(struct run *run, struct arena *arena);

/* --- names.c --- */

/* Both warn of what they find. The first runs a container of the node image, about a second. */
void names_in_network(struct run *run, struct arena *arena);
void names_look(struct run *run);

/* --- serve.c, stop.c --- */

/* Nodes in order, then dockerd; whatever still runs at the end of the limit is killed. */
void stop_everything(struct run *run);

int command_run(int argc, char **argv);

#endif
