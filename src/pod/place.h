/* Where kdk-pod finds and puts things, and how long it waits. All of it is below KDK_ROOT where that is set, which
 * tests do; / else. */
#ifndef KDK_POD_PLACE_H
#define KDK_POD_PLACE_H

#include "../base/arena.h"
#include "../base/buf.h"

struct place_names {
	const char *root;
	const char *config;      /* /etc/kdk: the ConfigMap, read-only */
	const char *run;         /* /run/kdk: in memory, gone with the pod */
	const char *data;        /* /var/lib/docker: the volume */
	const char *keep;        /* <data>/kdk: state.json */
	const char *account;     /* the ServiceAccount's token, CA and namespace */
	const char *termination; /* what `kubectl describe pod` shows */
	const char *socket;      /* dockerd's */
	const char *node_tar;    /* the node image, where the pod's image holds it; KDK_NODE_TAR says another */
};

struct place_names places(struct arena *arena);
/* DIRECTORY/NAME */
const char *path_in(struct arena *arena, const char *directory, const char *name);

/* Seconds and counts that the environment may change: KDK_CREATE_TIMEOUT=600 */
struct limits {
#define LIMIT(field, environment, normal, documentation) int64_t field;
#include "limits.def"
#undef LIMIT
};
/* A value that is no number from 1 to a million is left at what is normal; its variable is in *WRONG then. */
struct limits limits_read(const char **wrong);

/* Makes the environment what children may see: DOCKER_HOST and what belongs to it go, unless RETAIN_DOCKER_HOST keeps
 * them, which is what it gives. The parent's API server goes: kubectl and kind would fall back to it (kind#303). KUBECONFIG
 * names the nested cluster. */
bool environment_clean(struct arena *arena, const struct place_names *places);

/* --- files that are small --- */

/* Writes TEXT to PATH as a whole or not at all, mode 0600; DURABLE: it survives a power cut. false: errno says why. */
bool file_put(const char *path, struct str text, bool durable);
/* The file's text in ARENA; false: errno says why, or it is larger than 4 MiB (EFBIG). */
bool file_get(struct arena *arena, const char *path, struct str *text);
/* mkdir -p, mode 0700. */
bool directory_make(const char *path);

#endif
