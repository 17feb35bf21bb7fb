/* Phase dockerd: daemon.json, dockerd, and until it answers. Of a foreign docker host, only the answer. */
#include <errno.h>
#include <unistd.h>

#include "daemon_json.h"
#include "log.h"
#include "run.h"

enum { LOOK_MS = 100, OLDEST = 26 };

bool docker_ended(const struct run *run)
{
	return run->dockerd && run->dockerd->reaped;
}

/* The same in the pod, in the node and in the pods of the nested cluster, as kind and CNIs take it from there. */
static unsigned default_mtu(const struct run *run)
{
	const struct link *link = network_link(&run->around.network, run->around.network.default_link);
	return link && link->mtu > 0 ? (unsigned)link->mtu : 0;
}

static int write_daemon_json(struct run *run, struct arena *arena)
{
	struct answer version = ASK(run, arena, SHORT_MS, "dockerd", "--version");
	if (!version.good)
		return run_fail(run, POD_EXIT_DOCKERD, "dockerd --version: %.*s", STR(version.said));
	log_fmt("%.*s", STR(version.out));
	int major = daemon_major(version.out);
	if (major < OLDEST)
		return run_fail(run, POD_EXIT_DOCKERD, "dockerd is %.*s: %d or later is needed; build the pod's image on a newer base",
				STR(version.out), OLDEST);
	struct str rendered = {0};
	const char *from = path_in(arena, run->places.config, "daemon.json"), *to = path_in(arena, run->places.run, "daemon.json");
	if (!file_get(arena, from, &rendered))
		return run_fail(run, POD_EXIT_CONFIG, "%s cannot be read: %s; it is part of the release's ConfigMap", from, strerror(errno));
	struct str text = daemon_json(arena, rendered, run->config, (struct daemon_facts){major, run->mtu});
	if (!text.n)
		return run_fail(run, POD_EXIT_CONFIG, "%s is no object of JSON; render the manifests again", from);
	if (!file_put(to, text, false))
		return run_fail(run, POD_EXIT_UNFIT, "%s cannot be written: %s", to, strerror(errno));
	return 0;
}

/* What a killed predecessor left would keep dockerd from starting. */
static void remove_stale(const struct run *run, struct arena *arena)
{
	static const char *const files[] = {"/var/run/docker.pid", "/var/run/docker.sock", "/run/docker/containerd/containerd.pid",
					    "/var/run/docker/containerd/containerd.pid"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(arena_fmt(arena, "%s%s", run->places.root, files[i]).p);
}

static int await(struct run *run, struct arena *arena)
{
	static const char format[] = "{{.ServerVersion}} driver={{.Driver}} cgroup=v{{.CgroupVersion}} cgroup-driver={{.CgroupDriver}}";
	int64_t until = loop_now() + run->limits.dockerd * 1000;
	struct answer answer = {.said = S("its socket does not appear")};
	while (loop_now() < until && !run_interrupted(run)) {
		if (run->foreign_docker || access(run->places.socket, F_OK) == 0) {
			answer = ASK(run, arena, until - loop_now(), "docker", "info", "--format", format);
			if (answer.good) {
				log_fmt("docker: %.*s", STR(answer.out));
				run->docker_version = arena_str(&run->arena, str_to(answer.out, str_find(answer.out, ' ')));
				return 0;
			}
		}
		loop_sleep(&run->loop, LOOK_MS);
	}
	const char *who = run->foreign_docker ? "the docker host that DOCKER_HOST names" : "dockerd";
	struct str said = run->dockerd_output.hint.n ? buf_str(&run->dockerd_output.hint) : answer.said;
	return run_fail(run, POD_EXIT_DOCKERD, "%s does not answer within %lld s: %.*s", who, (long long)run->limits.dockerd, STR(said));
}

int phase_dockerd(struct run *run)
{
	struct arena arena = {0};
	int status = 0;
	run->mtu = run->config->mtu ? run->config->mtu : default_mtu(run);
	if (!run->foreign_docker && !(status = write_daemon_json(run, &arena))) {
		remove_stale(run, &arena);
		const char *const argv[] = {"dockerd", "--config-file", path_in(&arena, run->places.run, "daemon.json"), NULL};
		run->dockerd = child_start(&run->loop,
					   &(struct command){.argv = argv, .each = output_line, .context = &run->dockerd_output});
	}
	if (!status)
		status = await(run, &arena);
	for (size_t i = 0; i < sizeof run->versions / sizeof *run->versions; i++)
		child_end(&run->loop, run->versions[i], SHORT_MS);
	arena_free(&arena);
	return status;
}

/* --- containers --- */

static struct str take_field(struct str *line)
{
	size_t end = str_find(*line, '\t');
	struct str field = str_to(*line, end);
	*line = str_from(*line, end + 1);
	return field;
}

bool docker_find_nodes(struct run *run, struct str cluster, struct nodes *nodes)
{
	struct arena arena = {0};
	arena_free(&nodes->arena);
	*nodes = (struct nodes){.all_running = true};
	struct answer answer =
		ASK(run, &arena, SHORT_MS, "docker", "ps", "--all", "--no-trunc", "--filter",
		    arena_fmt(&arena, "label=io.x-k8s.kind.cluster=%.*s", STR(cluster)).p, "--format",
		    "{{.Names}}\t{{.Label \"io.x-k8s.kind.role\"}}\t{{.State}}");
	struct str rest = answer.out, line;
	while (str_line(&rest, &line)) {
		struct str name = arena_str(&nodes->arena, take_field(&line)), role = take_field(&line);
		if (!str_eq(str_trim(line), S("running")))
			nodes->all_running = false;
		if (str_eq(role, S("control-plane")))
			nodes->control_plane = name;
		else if (nodes->worker_count < NODE_MOST)
			nodes->workers[nodes->worker_count++] = name;
	}
	if (!answer.good && !run_interrupted(run))
		log_fmt("docker ps: %.*s", STR(answer.said));
	arena_free(&arena);
	return answer.good;
}
