/* Phase ready: the cluster is served. Every so often docker, its containers, the nested API server and names are
 * looked at. What is unready is said, and no reason to end the pod; a dockerd that has ended, or does not answer any
 * more, is: the kubelet starts the pod's container anew. */
#include "log.h"
#include "run.h"

enum { SILENCE_MOST = 4 };

static void restart_nodes(struct run *run, struct arena *arena)
{
	struct str why;
	log_fmt("a node of the cluster is not running: starting it");
	if (!cluster_start_nodes(run, arena, &why) && !run_interrupted(run))
		log_fmt("docker start: %.*s", STR(why));
}

/* The first reason why it cannot be used; empty: it can. */
static struct str look(struct run *run, struct arena *arena, int *silent)
{
	struct str why = {0};
	if (!docker_find_nodes(run, run->config->cluster, &run->nodes)) {
		++*silent;
		return S("docker does not answer");
	}
	*silent = 0;
	if (!run->nodes.control_plane.n)
		return S("the control plane's container is gone; restart the pod");
	if (!run->nodes.all_running)
		restart_nodes(run, arena);
	if (run->forwarder && run->forwarder->reaped)
		return S("the way to the docker host's cluster has ended; restart the pod");
	if (!cluster_is_ready(run, arena, &why))
		return arena_fmt(arena, "the nested API server is not ready: %.*s", STR(why));
	return (struct str){0};
}

static void say(struct run *run, struct str why)
{
	if (why.n)
		status_say(&run->status, "%.*s", STR(why));
	else if (run->manifests_done)
		run_well(run);
	status_ready(&run->status, why.n == 0);
}

int phase_ready(struct run *run)
{
	int silent = 0;
	bool was_ready = true;
	int64_t names = 0;
	status_ready(&run->status, true);
	run->beat = 0;
	log_event("ready", "ok", loop_now() - run->started, S("the cluster can be used"));
	while (loop_sleep(&run->loop, run->limits.check * 1000)) {
		struct arena arena = {0};
		struct str why = look(run, &arena, &silent);
		if (run_interrupted(run)) {
			arena_free(&arena);
			break;
		}
		if (!run->manifests_done)
			run->manifests_done = cluster_apply_manifests(run);
		say(run, why);
		if (was_ready != (why.n == 0))
			log_fmt("%s%.*s", why.n ? "not ready: " : "ready again", STR(why));
		was_ready = why.n == 0;
		arena_free(&arena);
		if (silent >= SILENCE_MOST)
			return run_fail(run, POD_EXIT_DOCKERD, "docker has not answered %d times", SILENCE_MOST);
		if (was_ready && loop_now() >= names) {
			names_look(run);
			names = loop_now() + run->limits.names * 1000;
		}
	}
	return run_interruption(run);
}
