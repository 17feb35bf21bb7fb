/* The cluster's Secret in the parent cluster: kubeconfig and status go there, by the image's kubectl.
 *
 * It runs beside everything else: a change of the status, or a kubeconfig, makes it due; one kubectl at a time
 * patches the Secret with what holds then, from standard input; what fails is tried again after 1 s, 2 s, 4 s and so
 * on. Every few minutes it is patched all the same, so that a Secret that was made anew is filled again.
 */
#ifndef KDK_POD_PUBLISH_H
#define KDK_POD_PUBLISH_H

#include "loop.h"
#include "status.h"
#include "../config/pod.h"

struct publisher {
	bool enabled; /* there is a parent cluster to publish to */
	struct loop *loop;
	const struct status *status;
	const struct pod_config *config;
	struct str pod_uid;
	struct arena arena;
	const char *kubeconfig_path; /* of the parent */
	const char *cache_path;
	struct buf kubeconfig;  /* to be published; empty: leave what is there */
	struct buf config_hash; /* likewise */
	unsigned port;          /* 0: not known yet */
	struct child *child;    /* the kubectl that runs */
	unsigned sent;          /* the revision that it carries */
	unsigned done;          /* the revision that is in the Secret */
	bool sends_kubeconfig, has_kubeconfig; /* whether the kubeconfig is on its way, or in the Secret */
	int64_t due, pause, pause_most; /* milliseconds */
	int64_t rested;                 /* before that, what is only status waits: phases may follow quickly */
	bool flushing;
	struct buf trouble; /* why the last try failed; empty: it did not */
};

/* ADDRESS and PORT are the API server's, as Kubernetes gives them to pods; empty: there is none. The ServiceAccount's
 * token is read by kubectl from its file, each time. */
void publish_start(struct publisher *publisher, struct loop *loop, const struct status *status,
		   const struct pod_config *config, struct str pod_uid, struct str address, struct str port,
		   int64_t pause_most);
void publish_kubeconfig(struct publisher *publisher, struct str kubeconfig, struct str config_hash, unsigned port);
/* Whether the kubeconfig is in the Secret; true where there is nothing to publish to. */
bool publish_is_done(const struct publisher *publisher);
/* Starts or ends a kubectl where one is due; gives when it wants to be called next. */
int64_t publish_tick(struct publisher *publisher, int64_t now);
/* Turns the loop until what holds now is in the Secret, MILLISECONDS at most, whatever interrupts. */
void publish_flush(struct publisher *publisher, int64_t milliseconds);

/* What kubectl's complaint means, with the exact object that is missing. */
struct str publish_trouble(struct arena *arena, const struct pod_config *config, struct str said);

#endif
