/* What the checks of checks.def share: each gets a judge, says what it saw, and what is wrong. */
#ifndef KDK_POD_JUDGE_H
#define KDK_POD_JUDGE_H

#include "../config/tree.h"
#include "preflight.h"
#include "probe.h"

struct judge {
	struct arena *arena;
	const struct preflight *input;
	bool with_docker; /* dockerd is up */
	struct findings findings;
	const char *id, *name; /* of the check that runs */
	size_t first;          /* of its findings */
	struct str facts;      /* of the check: all its findings have them */
	const struct node *networks; /* what docker_networks() has parsed */
};

/* A check that adds no finding has passed, with its facts. */
typedef void check_function(struct judge *j);
#define CHECK(id, name, when, function, title) check_function function;
#include "checks.def"

/* A text in the judge's arena. */
#define TEXT(j, ...) arena_fmt((j)->arena, __VA_ARGS__)

void judge_fail(struct judge *j, enum pod_exit status, struct str sentence, struct str remedy);
void judge_warn(struct judge *j, struct str sentence, struct str remedy);
void judge_skip(struct judge *j, struct str why);

/* Links that dockerd makes: docker0, br-..., veth..., unless the pod's own interface is called so. */
bool is_docker_link(const struct pod_network *network, int link);
/* Whether dockerd has made its bridge here: it runs, or has run in this pod before. */
bool has_docker_links(const struct pod_network *network);

/* The networks that Docker has, a list; NULL: none are known. */
const struct node *docker_networks(struct judge *j);

/* "10.64.0.0/21, fd00::/64" */
struct str cidrs_text(struct arena *arena, const struct cidr_list *list);
/* "7.5 GiB" */
struct str bytes_text(struct arena *arena, int64_t bytes);

#endif
