/* What the volume says of the cluster on it, and what follows from that.
 *
 * <volume>/kdk/state.json is written before anything is made ("creating") and after it was ("created"), as a
 * whole and synced, so that whatever ends the pod leaves one of the two. It holds the settings that the cluster was
 * made with and that kind cannot change afterwards: kind.yaml, flattened, and the docker network's range.
 */
#ifndef KDK_POD_STATE_H
#define KDK_POD_STATE_H

#include "../config/pod.h"
#include "../config/tree.h"

struct setting {
	struct str key, value;
};
struct settings {
	struct setting *items;
	size_t count, capacity;
};

/* KIND is kind.yaml's tree. "networking.podSubnet", "nodes[0].image"; a text of several lines gives a setting for each:
 * "kubeadmConfigPatches[0]:3". */
struct settings settings_of(struct arena *arena, const struct pod_config *config, const struct node *kind);
struct str settings_get(const struct settings *settings, struct str key); /* empty where there is none */
/* 16 hexadecimal digits; the order of settings counts. */
struct str settings_hash(struct arena *arena, const struct settings *settings);
/* "networking.podSubnet: 10.64.0.0/21 -> 10.65.0.0/21; nodes[1].image: kind... -> nothing"; empty where nothing differs. */
struct str settings_diff(struct arena *arena, const struct settings *old, const struct settings *new);

enum state_kind { STATE_NONE, STATE_BROKEN, STATE_CREATING, STATE_CREATED };
struct state {
	enum state_kind kind;
	struct str cluster;
	struct settings settings;
};
/* TEXT is the file's. */
struct state state_parse(struct arena *arena, struct str text);
struct str state_text(struct arena *arena, const struct state *state);

/* --- what to do --- */

struct situation {
	enum state_kind state;
	bool other_cluster;  /* the state is of a cluster with another name */
	bool containers;     /* there are some of this or that cluster */
	bool control_plane;  /* and one of them is the control plane */
	bool differs;        /* the settings differ */
	bool persistent;     /* the volume outlives the pod */
	bool foreign_docker; /* the containers are at another docker host, and outlive the state */
	enum on_change on_change;
};

enum action { ACTION_CREATE, ACTION_START, ACTION_REPLACE, ACTION_REFUSE };
struct decision {
	enum action action;
	bool pending;    /* it goes on with what is there, though settings differ */
	const char *why; /* a sentence's beginning; the caller adds names; NULL: nothing unusual */
};
struct decision decide(const struct situation *situation);

#endif
