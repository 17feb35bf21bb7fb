/* Phases cluster, publish and manifests: kind makes the cluster, or docker starts the one that is there; its API
 * server answers; its kubeconfig is published; what is to be in it is applied.
 *
 * Started in order and by us: docker's restart policy does not bring back a node that ended well.
 */
#include <errno.h>
#include <unistd.h>

#include "certificate.h"
#include "forward.h"
#include "kubeconfig.h"
#include "log.h"
#include "registry.h"
#include "run.h"

enum { LOOK_MS = 500, ANSWER_MS = 10 * 1000, DELETE_MS = 120 * 1000, START_MS = 120 * 1000, PAUSE_MS = 5000, EXPORT_MS = 60 * 1000 };

bool cluster_delete(struct run *run, struct str cluster, struct str *why, struct arena *arena)
{
	const char *const argv[] = {"kind", "delete", "cluster", "--name", TEXT_OF(arena, cluster), NULL};
	return run_logged(run, DELETE_MS, &run->kind_output, argv, arena, why);
}

/* kubectl quotes all checks of /readyz in one line, 40 of them: "[+]ping ok\n[-]etcd failed: reason withheld\n". */
static struct str failed_checks(struct arena *arena, struct str said)
{
	struct str rest = said, checks = {0};
	for (const char *check; (check = memmem(rest.p, rest.n, "[-]", 3)) != NULL;) {
		rest = str_from(rest, (size_t)(check - rest.p) + 3);
		checks = arena_fmt(arena, "%.*s%s%.*s", STR(checks), checks.n ? ", " : "/readyz fails for ", STR(str_to(rest, str_find(rest, ' '))));
	}
	return checks.n ? checks : said;
}

bool cluster_is_ready(struct run *run, struct arena *arena, struct str *why)
{
	struct answer answer = ASK(run, arena, ANSWER_MS, "kubectl", "get", "--raw", "/readyz");
	if (!answer.good)
		*why = failed_checks(arena, answer.said);
	return answer.good;
}

static bool create_once(struct run *run, struct arena *arena, struct str *why)
{
	const char *const argv[] = {"kind", "create", "cluster",
				    "--name", TEXT_OF(arena, run->config->cluster),
				    "--config", path_in(arena, run->places.config, "kind.yaml"),
				    "--image", TEXT_OF(arena, run->node_image),
				    "--kubeconfig", path_in(arena, run->places.run, "kubeconfig"),
				    "--wait", "0s", "--retain", NULL};
	return run_logged(run, run->limits.create * 1000, &run->kind_output, argv, arena, why);
}

/* For whoever looks into the pod later; that it fails is no matter. */
static void export_logs(struct run *run, struct arena *arena)
{
	ASK(run, arena, EXPORT_MS, "kind", "export", "logs", "--name", TEXT_OF(arena, run->config->cluster),
	    arena_fmt(arena, "%s/var/log/kdk", run->places.root).p);
}

static int create(struct run *run, struct arena *arena)
{
	struct str why = {0}, ignored;
	run->state = (struct state){.cluster = run->config->cluster, .settings = run->settings};
	int status = state_put(run, STATE_CREATING);
	if (status)
		return status;
	for (int64_t i = 1; i <= run->limits.create_attempts; i++) {
		if (create_once(run, arena, &why)) {
			run_well(run);
			return state_put(run, STATE_CREATED);
		}
		if (run_interrupted(run))
			break;
		struct str hint = buf_str(&run->kind_output.hint);
		why = arena_str(arena, hint.n ? hint : why);
		status_say(&run->status, "kind create cluster failed: %.*s", STR(why));
		log_fmt("kind create cluster failed, try %lld of %lld: %.*s", (long long)i, (long long)run->limits.create_attempts, STR(why));
		export_logs(run, arena);
		cluster_delete(run, run->config->cluster, &ignored, arena);
		if (i < run->limits.create_attempts && !loop_sleep(&run->loop, PAUSE_MS))
			break;
	}
	return run_fail(run, POD_EXIT_CREATE, "kind create cluster failed %lld times: %.*s", (long long)run->limits.create_attempts, STR(why));
}

bool cluster_start_nodes(struct run *run, struct arena *arena, struct str *why)
{
	const char *argv[NODE_MOST + 3] = {"docker", "start", TEXT_OF(arena, run->nodes.control_plane)};
	struct answer answer = run_ask(run, arena, START_MS, argv);
	*why = answer.said;
	if (!answer.good || !run->nodes.worker_count)
		return answer.good;
	for (size_t i = 0; i < run->nodes.worker_count; i++)
		argv[2 + i] = TEXT_OF(arena, run->nodes.workers[i]);
	answer = run_ask(run, arena, START_MS, argv);
	*why = answer.said;
	return answer.good;
}

static int start(struct run *run, struct arena *arena)
{
	struct str why = {0};
	if (!cluster_start_nodes(run, arena, &why))
		return run_fail(run, POD_EXIT_CREATE,
				"the cluster that is there cannot be started: %.*s; onChange: recreate or another volume gives a new one", STR(why));
	return 0;
}

static int fetch_kubeconfig(struct run *run, struct arena *arena)
{
	struct answer got = ASK(run, arena, SHORT_MS, "kind", "get", "kubeconfig", "--name", TEXT_OF(arena, run->config->cluster));
	if (!got.good)
		return run_fail(run, POD_EXIT_CREATE, "kind get kubeconfig: %.*s", STR(got.said));
	struct kubeconfig kubeconfig;
	if (!kubeconfig_of(&run->arena, got.out, run->config->cluster, &kubeconfig))
		return run_fail(run, POD_EXIT_CREATE, "kind get kubeconfig printed something else");
	const char *path = path_in(arena, run->places.run, "kubeconfig");
	if (!file_put(path, kubeconfig.text, false))
		return run_fail(run, POD_EXIT_UNFIT, "%s cannot be written: %s", path, strerror(errno));
	if (run->foreign_docker && !run->forwarder)
		run->forwarder = forward_start(&run->loop, &run->other_output, kubeconfig.port, run->config->cluster);
	publish_kubeconfig(&run->publisher, (struct str){0}, settings_hash(arena, &run->state.settings), kubeconfig.port);
	run->kubeconfig = kubeconfig.text;
	run->certificates_end = certificate_end(arena, kubeconfig.certificate);
	return 0;
}

static int await_api(struct run *run, struct arena *arena)
{
	int64_t until = loop_now() + run->limits.ready * 1000;
	struct str why = {0};
	do {
		if (cluster_is_ready(run, arena, &why))
			return 0;
	} while (loop_sleep(&run->loop, LOOK_MS) && loop_now() < until);
	return run_fail(run, POD_EXIT_CREATE, "the nested API server is not ready after %lld s: %.*s", (long long)run->limits.ready, STR(why));
}

static int renew(struct run *run, struct arena *arena)
{
	int status = certificates_renew(run, arena);
	if (!status)
		status = fetch_kubeconfig(run, arena);
	return status ? status : await_api(run, arena);
}

int phase_cluster(struct run *run)
{
	struct arena arena = {0};
	struct str why = {0};
	int status = 0;
	if (!registry_files(&arena, &run->places, run->config, &why))
		status = run_fail(run, POD_EXIT_CONFIG, "%.*s", STR(why));
	if (!status)
		status = run->decision.action == ACTION_START ? start(run, &arena) : create(run, &arena);
	if (!status)
		status = fetch_kubeconfig(run, &arena);
	if (!status && !certificates_have_ended(run))
		status = await_api(run, &arena);
	if (!status && certificates_are_due(run))
		status = renew(run, &arena);
	if (!status && !docker_find_nodes(run, run->config->cluster, &run->nodes))
		status = run_fail(run, POD_EXIT_DOCKERD, "docker does not say which containers there are");
	arena_free(&arena);
	return status;
}

int phase_publish(struct run *run)
{
	struct arena arena = {0};
	publish_kubeconfig(&run->publisher, run->kubeconfig, settings_hash(&arena, &run->state.settings), run->publisher.port);
	arena_free(&arena);
	while (!publish_is_done(&run->publisher)) {
		if (run_interrupted(run))
			return run_interruption(run);
		status_say(&run->status, "%.*s", STR(buf_str(&run->publisher.trouble)));
		loop_turn(&run->loop, loop_now() + LOOK_MS);
	}
	run_well(run);
	return 0;
}

/* --- manifests --- */

static bool apply(struct run *run, struct arena *arena, struct str name)
{
	const char *file = arena_fmt(arena, "%s/manifest.%.*s.yaml", run->places.config, STR(name)).p;
	struct answer answer = ASK(run, arena, SHORT_MS, "kubectl", "apply", "--server-side", "--force-conflicts", "--field-manager=kdk-pod",
				   "--filename", file);
	if (answer.good || run_interrupted(run))
		return answer.good;
	log_fmt("manifest %.*s: %.*s", STR(name), STR(answer.said));
	status_say(&run->status, "manifest %.*s could not be applied: %.*s", STR(name), STR(answer.said));
	return false;
}

bool cluster_apply_manifests(struct run *run)
{
	bool good = true;
	for (size_t i = 0; i < run->config->manifests.count && !run_interrupted(run); i++) {
		struct arena arena = {0};
		good &= apply(run, &arena, run->config->manifests.items[i]);
		arena_free(&arena);
	}
	return good;
}

/* Without a CNI of kind's own, nodes become ready when whoever uses the cluster has given it one. */
static void await_nodes(struct run *run)
{
	struct arena arena = {0};
	if (str_eq(settings_get(&run->state.settings, S("networking.disableDefaultCNI")), S("true"))) {
		log_fmt("no CNI by default: its nodes are not waited for");
	} else {
		struct answer answer = ASK(run, &arena, (run->limits.ready + 10) * 1000, "kubectl", "wait", "--for=condition=Ready", "node", "--all",
					   arena_fmt(&arena, "--timeout=%llds", (long long)run->limits.ready).p);
		if (!answer.good && !run_interrupted(run))
			status_say(&run->status, "not every node is ready: %.*s", STR(answer.said));
	}
	arena_free(&arena);
}

int phase_manifests(struct run *run)
{
	run->manifests_done = cluster_apply_manifests(run);
	await_nodes(run);
	return run_interruption(run);
}
