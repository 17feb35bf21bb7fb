/* Phase preflight, and its second half with dockerd up: findings are logged, and the first that fails ends the run
 * where the values do not say otherwise. What is judged, and how, is preflight.h's. */
#include "log.h"
#include "report.h"
#include "run.h"

enum { NETWORK_MOST = 64 };

static struct report_input input_of(const struct run *run, struct arena *arena)
{
	struct report_input input = {.config = run->config, .kind_yaml = run->kind_source, .root = run->places.root,
				     .data_root = "/var/lib/docker", .environment = run->environment};
	file_get(arena, path_in(arena, run->places.keep, "state.json"), &input.state);
	return input;
}

static int judge(struct run *run, const struct findings *findings)
{
	struct arena arena = {0};
	int status = 0;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		if (f->verdict == WARN || f->verdict == FAIL)
			log_fmt("preflight %s: %.*s", f->verdict == WARN ? "warn" : "fail", STR(finding_message(&arena, f)));
	}
	const struct finding *stop = findings_stop(findings, run->config->preflight);
	if (stop)
		status = run_fail(run, (enum pod_exit)stop->exit_status, "%.*s", STR(finding_message(&arena, stop)));
	arena_free(&arena);
	return status;
}

int phase_preflight(struct run *run)
{
	struct arena arena = {0};
	if (run->config->preflight == PREFLIGHT_OFF || run->foreign_docker) {
		log_fmt("preflight is %s", run->foreign_docker ? "left out: the containers are made elsewhere" : "off");
		return 0;
	}
	struct report_input input = input_of(run, &arena);
	struct report report = report_take(&arena, &input);
	int status = judge(run, &report.findings);
	arena_free(&arena);
	return status;
}

static int inspect(struct run *run, struct arena *arena, struct str *networks)
{
	const char *argv[NETWORK_MOST + 4] = {"docker", "network", "inspect"};
	size_t n = 3;
	struct answer ids = ASK(run, arena, SHORT_MS, "docker", "network", "ls", "--quiet", "--filter", "driver=bridge");
	for (struct str rest = ids.out, id; n < NETWORK_MOST + 3 && str_line(&rest, &id);)
		argv[n++] = TEXT_OF(arena, id);
	struct answer answer = run_ask(run, arena, SHORT_MS, argv);
	if (!ids.good || !answer.good)
		return run_fail(run, POD_EXIT_DOCKERD, "docker network inspect: %.*s", STR(answer.said));
	*networks = answer.out;
	return 0;
}

int fit_with_docker(struct run *run)
{
	struct arena arena = {0};
	struct str networks;
	if (run->config->preflight == PREFLIGHT_OFF || run->foreign_docker)
		return 0;
	struct report_input input = input_of(run, &arena);
	int status = inspect(run, &arena, &networks);
	if (!status) {
		struct report report = report_take_docker(&arena, &input, networks, run->docker_version);
		status = judge(run, &report.findings);
	}
	arena_free(&arena);
	return status;
}
