/* A clean stop, and the end of a run that failed: workers, control plane, dockerd, in this order. A cluster that is
 * half made is killed, as nothing of it is kept. All within one limit; a second TERM ends the patience. */
#include <signal.h>

#include "log.h"
#include "run.h"

static int64_t left(const struct run *run, int64_t until)
{
	int64_t now = loop_now();
	return run->loop.stops > 1 || now >= until ? 0 : until - now;
}

static bool wait_until(struct run *run, struct child *child, int64_t until)
{
	while (!child->ended && left(run, until))
		loop_turn(&run->loop, until);
	return child->ended;
}

static void docker(struct run *run, const char *const *argv, int64_t until)
{
	struct child *child = child_start(&run->loop, &(struct command){.argv = argv, .keep = true});
	if (!wait_until(run, child, until))
		log_fmt("docker %s did not end in time", argv[1]);
	else if (!child_good(child))
		log_fmt("docker %s: %.*s", argv[1], STR(child_said(child)));
	child_end(&run->loop, child, 0);
}

static void stop_nodes(struct run *run, int64_t until)
{
	struct arena arena = {0};
	const char *argv[NODE_MOST + 5] = {"docker", "stop", "-t", NODE_STOP_SECONDS};
	size_t first = 4, n = first;
	const struct nodes *nodes = &run->nodes;
	bool keep = run->state.kind == STATE_CREATED;
	if (!keep) {
		argv[1] = "kill";
		n = first = 2;
	}
	for (size_t i = 0; i < nodes->worker_count; i++)
		argv[n++] = TEXT_OF(&arena, nodes->workers[i]);
	if (keep && n > first)
		docker(run, argv, until);
	if (keep)
		n = first;
	if (nodes->control_plane.n)
		argv[n++] = TEXT_OF(&arena, nodes->control_plane);
	argv[n] = NULL;
	if (n > first)
		docker(run, argv, until);
	arena_free(&arena);
}

void stop_everything(struct run *run)
{
	int64_t until = loop_now() + run->limits.stop * 1000;
	bool docker_up = run->dockerd ? !run->dockerd->reaped : run->foreign_docker && run->config;
	if (docker_up && left(run, until)) {
		/* Anew: where kind was ended half-way, its nodes are not known yet. */
		run->loop.interrupted = NULL;
		docker_find_nodes(run, run->config->cluster, &run->nodes);
		stop_nodes(run, until);
	}
	if (run->forwarder)
		child_end(&run->loop, run->forwarder, 0);
	if (!run->dockerd)
		return;
	child_signal(run->dockerd, SIGTERM);
	if (!wait_until(run, run->dockerd, until)) {
		log_fmt("dockerd did not end in time: killed");
		child_signal_all(run->dockerd, SIGKILL);
		child_wait_stubborn(&run->loop, run->dockerd, NEVER);
	}
}
