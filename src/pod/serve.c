/* Phase ready: the cluster is served. Every so often docker, its containers, the nested API server and names are
 * looked at. What is unready is said, and no reason to end the pod; a dockerd that has ended, or does not answer any
 * more, is: the kubelet starts the pod's container anew. */
#include "log.h"
#include "run.h"

enum { SILENCE_MOST = 4, ANSWER_MS = 10 * 1000 };

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

/* What nodes resolve with decides whether they can pull images. */
static bool resolves(struct run *run, struct arena *arena)
{
	struct str host = run->config->registry_count ? run->config->registries[0].host : S("registry-1.docker.io");
	host = str_to(host, str_find(host, ':'));
	return ASK(run, arena, ANSWER_MS, "docker", "exec", TEXT_OF(arena, run->nodes.control_plane), "getent", "hosts", TEXT_OF(arena, host)).good;
}

static void look_at_names(struct run *run, bool *said)
{
	struct arena arena = {0};
	bool good = resolves(run, &arena);
	if (!run_interrupted(run) && good == *said) {
		*said = !good;
		log_fmt(good ? "the node resolves names" : "warning: the node does not resolve its registry's name: images cannot be pulled");
	}
	arena_free(&arena);
}

static void say(struct run *run, struct str why)
{
	if (why.n)
		status_say(&run->status, "%.*s", STR(why));
	else if (run->manifests_done)
		status_say(&run->status, "%s", "");
	status_ready(&run->status, why.n == 0);
}

int phase_ready(struct run *run)
{
	int silent = 0;
	bool said_names = false, was_ready = true;
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
			look_at_names(run, &said_names);
			names = loop_now() + run->limits.names * 1000;
		}
	}
	return run_interruption(run);
}
