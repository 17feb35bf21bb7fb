/* Phase network: what is on the volume and what is to be done with it; then the docker network `kind`.
 *
 * kind takes a network of that name as it is, and would make one with a range of its own choice. So it is made
 * here, with the planned range and MTU.
 */
#include <errno.h>

#include "log.h"
#include "run.h"

int state_put(struct run *run, enum state_kind kind)
{
	struct arena arena = {0};
	int status = 0;
	run->state.kind = kind;
	const char *path = path_in(&arena, run->places.keep, "state.json");
	if (!directory_make(run->places.keep) || !file_put(path, state_text(&arena, &run->state), true))
		status = run_fail(run, POD_EXIT_UNFIT, "%s cannot be written: %s", path, strerror(errno));
	arena_free(&arena);
	return status;
}

static int look(struct run *run, struct situation *s)
{
	const struct pod_config *config = run->config;
	const char *path = path_in(&run->arena, run->places.keep, "state.json");
	struct str text;
	if (file_get(&run->arena, path, &text))
		run->state = state_parse(&run->arena, text);
	else if (errno != ENOENT)
		return run_fail(run, POD_EXIT_UNFIT, "%s cannot be read: %s", path, strerror(errno));
	bool other = run->state.cluster.n && !str_eq(run->state.cluster, config->cluster);
	struct str cluster = other ? run->state.cluster : config->cluster;
	if (!docker_find_nodes(run, cluster, &run->nodes))
		return run_fail(run, POD_EXIT_DOCKERD, "docker does not say which containers there are");
	*s = (struct situation){
		.state = run->state.kind,
		.other_cluster = other,
		.containers = run->nodes.control_plane.n || run->nodes.worker_count,
		.control_plane = run->nodes.control_plane.n > 0,
		.persistent = config->persistent,
		.foreign_docker = run->foreign_docker,
		.on_change = config->on_change,
	};
	return 0;
}

static int decide_and_say(struct run *run)
{
	static const char *const actions[] = {"create", "start", "replace", "refuse"};
	struct situation s;
	int status = look(run, &s);
	if (status)
		return status;
	struct str diff = {0};
	if (run->state.kind == STATE_CREATED)
		diff = settings_diff(&run->arena, &run->state.settings, &run->settings);
	s.differs = diff.n > 0;
	run->decision = decide(&s);
	const char *why = run->decision.why ? run->decision.why : "";
	log_fmt("cluster: %s%s%s%s%.*s", actions[run->decision.action], *why ? ": " : "", why, diff.n ? ": " : "", STR(diff));
	status_pending(&run->status, run->decision.pending ? diff : S(""));
	if (run->decision.action == ACTION_REFUSE)
		return run_fail(run, POD_EXIT_MISMATCH,
				"%s%s%.*s; to keep the cluster, take the change back%s; to have a new one, set onChange: recreate, which "
				"deletes the old one with all that is in it",
				why, diff.n ? ": " : "", STR(diff), diff.n ? " or set onChange: keep" : "");
	return 0;
}

static int replace(struct run *run, struct arena *arena)
{
	struct str old = run->state.cluster.n ? run->state.cluster : run->config->cluster, why = {0};
	log_fmt("deleting cluster %.*s: %zu nodes, with all objects and volumes in it", STR(old),
		run->nodes.worker_count + (run->nodes.control_plane.n > 0));
	/* The mark first: half deleted is as half made. The name is that of what is deleted. */
	run->state.cluster = old;
	int status = state_put(run, STATE_CREATING);
	if (status)
		return status;
	if (!cluster_delete(run, old, &why, arena))
		return run_fail(run, POD_EXIT_CREATE, "the old cluster cannot be deleted: %.*s", STR(why));
	return 0;
}

/* --- the docker network --- */

static bool list_has(struct str list, struct str word)
{
	while (list.n) {
		size_t end = str_find(list, ' ');
		if (str_eq(str_to(list, end), word))
			return true;
		list = str_from(list, end + 1);
	}
	return false;
}

static int create_network(struct run *run, struct arena *arena)
{
	const char *argv[24] = {"docker", "network", "create", "--driver", "bridge"};
	size_t n = 5;
	for (size_t i = 0; i < run->config->kind_network.count; i++) {
		struct cidr range = run->config->kind_network.items[i];
		if (!cidr_is_v4(range))
			argv[n++] = "--ipv6";
		argv[n++] = "--subnet";
		argv[n++] = TEXT_OF(arena, cidr_text(arena, range));
	}
	argv[n++] = "--opt";
	argv[n++] = "com.docker.network.bridge.enable_ip_masquerade=true";
	if (run->mtu) {
		argv[n++] = "--opt";
		argv[n++] = arena_fmt(arena, "com.docker.network.driver.mtu=%u", run->mtu).p;
	}
	argv[n++] = "kind";
	struct answer made = run_ask(run, arena, SHORT_MS, argv);
	if (!made.good)
		return run_fail(run, POD_EXIT_DOCKERD, "docker network create kind: %.*s", STR(made.said));
	return 0;
}

/* A network that is there must be the planned one, unless a cluster is in it that goes on as it is. */
static int ensure_network(struct run *run, struct arena *arena)
{
	static const char format[] =
		"{{range .IPAM.Config}}{{.Subnet}} {{end}}\t{{index .Options \"com.docker.network.driver.mtu\"}}";
	struct answer found = ASK(run, arena, SHORT_MS, "docker", "network", "inspect", "kind", "--format", format);
	if (!found.good)
		return run_interrupted(run) ? run_interruption(run) : create_network(run, arena);
	size_t tab = str_find(found.out, '\t');
	struct str subnets = str_to(found.out, tab), mtu = str_trim(str_from(found.out, tab + 1));
	bool same = true;
	for (size_t i = 0; i < run->config->kind_network.count; i++)
		same &= list_has(subnets, cidr_text(arena, run->config->kind_network.items[i]));
	bool same_mtu = !run->mtu || str_eq(mtu, arena_fmt(arena, "%u", run->mtu));
	if (same && same_mtu)
		return 0;
	if (run->foreign_docker || run->decision.action == ACTION_START) {
		log_fmt("warning: the docker network `kind` has ranges %.*s and MTU %.*s, not what is planned: it stays", STR(str_trim(subnets)),
			STR(mtu));
		return 0;
	}
	log_fmt("the docker network `kind` has ranges %.*s and MTU %.*s: it is made anew", STR(str_trim(subnets)), STR(mtu));
	struct answer removed = ASK(run, arena, SHORT_MS, "docker", "network", "rm", "kind");
	if (!removed.good)
		return run_fail(run, POD_EXIT_DOCKERD, "docker network rm kind: %.*s", STR(removed.said));
	return create_network(run, arena);
}

int phase_network(struct run *run)
{
	struct arena arena = {0};
	int status = fit_with_docker(run);
	if (!status)
		status = decide_and_say(run);
	if (!status && run->decision.action == ACTION_REPLACE)
		status = replace(run, &arena);
	if (!status)
		status = ensure_network(run, &arena);
	arena_free(&arena);
	return status;
}
