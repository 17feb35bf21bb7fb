/* kdk-pod preflight [--json]: the checks alone, for people and programs, beside a pod that runs or instead of it. */
#include <errno.h>
#include <unistd.h>

#include "../report/text.h"
#include "place.h"
#include "report.h"

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "kdk-pod: %s: %s\n", what, why);
	return POD_EXIT_CONFIG;
}

static const struct source *read_source(struct arena *arena, const char *directory, const char *name)
{
	struct source *source = NEW(arena, struct source);
	source->name = str_of(name);
	return file_get(arena, path_in(arena, directory, name), &source->text) ? source : NULL;
}

static const struct pod_config *read_config(struct arena *arena, const struct source *source)
{
	struct diags diags = {.arena = arena};
	const struct pod_config *config = pod_config_load(arena, &diags, source);
	if (!config) {
		struct buf out = buf_fd(STDERR_FILENO, "standard error");
		report_text(&out, &diags, LEVEL_NOTE);
		buf_flush(&out);
		buf_free(&out);
	}
	return config;
}

static int run(struct arena *arena, bool json)
{
	struct place_names place = places(arena);
	const struct source *source = read_source(arena, place.config, "kdk.yaml");
	if (!source)
		return complain(path_in(arena, place.config, "kdk.yaml"), strerror(errno));
	struct report_input input = {.config = read_config(arena, source),
				     .root = place.root,
				     .data_root = "/var/lib/docker",
				     .environment = environ,
				     .whole = true};
	if (!input.config)
		return POD_EXIT_CONFIG;
	input.kind_yaml = read_source(arena, place.config, "kind.yaml");
	file_get(arena, path_in(arena, place.keep, "state.json"), &input.state);
	struct report report = report_take(arena, &input);
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	if (json)
		put_findings_json(&out, &report, input.config);
	else
		put_findings(&out, &report);
	buf_flush(&out);
	buf_free(&out);
	const struct finding *stop = findings_stop(&report.findings, PREFLIGHT_ENFORCE);
	return stop ? stop->exit_status : 0;
}

int command_preflight(int argc, char **argv)
{
	bool json = argc == 1 && strcmp(argv[0], "--json") == 0;
	if (argc > 0 && !json)
		return complain(argv[0], "not an option; there is --json");
	struct arena arena = {0};
	int status = run(&arena, json);
	arena_free(&arena);
	return status;
}
