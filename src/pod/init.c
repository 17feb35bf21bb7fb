/* Phase init: the configuration is read, and the environment made what children may see. */
#include "run.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "netlink.h"
#include "../report/text.h"

extern char **environ;

static char *const *copy_environment(struct arena *arena)
{
	size_t count = 0;
	while (environ[count])
		count++;
	char **copy = NEW_ARRAY(arena, char *, count + 1);
	for (size_t i = 0; i < count; i++)
		copy[i] = environ[i];
	return copy;
}

static void set_proxy(const struct run *run)
{
	const struct pod_config *config = run->config;
	struct arena arena = {0};
	const struct {
		const char *upper, *lower;
		struct str value;
	} rows[] = {{"HTTP_PROXY", "http_proxy", config->proxy_http},
		    {"HTTPS_PROXY", "https_proxy", config->proxy_https},
		    {"NO_PROXY", "no_proxy", config->no_proxy}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!rows[i].value.n)
			continue;
		const char *value = TEXT_OF(&arena, rows[i].value);
		setenv(rows[i].upper, value, 1);
		setenv(rows[i].lower, value, 1);
	}
	arena_free(&arena);
}

/* As dind does: an image that has both kinds of iptables has the legacy ones in a folder of their own. */
static void choose_iptables(struct run *run)
{
	const char *legacy = getenv("DOCKER_IPTABLES_LEGACY"), *path = getenv("PATH");
	if (legacy ? *legacy != '\0' : run->around.has_legacy_tables)
		setenv("PATH", arena_fmt(&run->arena, "/usr/local/sbin/.iptables-legacy:%s", path ? path : "/usr/sbin:/usr/bin").p, 1);
}

/* A source in the run's arena; NULL: errno says why. */
static const struct source *read_source(struct run *run, const char *name)
{
	struct source *source = NEW(&run->arena, struct source);
	const char *path = path_in(&run->arena, run->places.config, name);
	source->name = str_of(path);
	return file_get(&run->arena, path, &source->text) ? source : NULL;
}

static int refuse(struct run *run, const struct diags *diags, const char *name)
{
	struct buf text = buf_memory();
	report_text(&text, diags, LEVEL_ERROR);
	struct str rest = buf_str(&text), line;
	while (str_line(&rest, &line))
		log_line("", line);
	buf_free(&text);
	return run_fail(run, POD_EXIT_CONFIG, "%s is not what this version of kdk-pod reads: %.*s; render the manifests with kdk-render %s", name,
			STR(diags->first->message), KDK_VERSION);
}

static int read_configuration(struct run *run)
{
	struct diags diags = {.arena = &run->arena};
	const struct source *source = read_source(run, "kdk.yaml");
	if (!source)
		return run_fail(run, POD_EXIT_CONFIG, "%s/kdk.yaml cannot be read: %s; it is part of the release's ConfigMap", run->places.config,
				strerror(errno));
	run->config = pod_config_load(&run->arena, &diags, source);
	if (!run->config)
		return refuse(run, &diags, "kdk.yaml");
	run->kind_source = read_source(run, "kind.yaml");
	if (!run->kind_source)
		return run_fail(run, POD_EXIT_CONFIG, "%s/kind.yaml cannot be read: %s; it is part of the release's ConfigMap", run->places.config,
				strerror(errno));
	struct sources sources = {0};
	run->kind = tree_parse(&run->arena, &diags, &sources, sources_add(&run->arena, &sources, run->kind_source));
	if (!run->kind)
		return refuse(run, &diags, "kind.yaml");
	run->settings = settings_of(&run->arena, run->config, run->kind);
	return 0;
}

/* Beside what follows: they take their time, and nothing depends on them. */
static void log_versions(struct run *run)
{
	run->versions[0] = child_start(&run->loop, &(struct command){.argv = (const char *const[]){"kind", "version", NULL}, .each = output_line,
								   .context = &run->kind_output});
	run->versions[1] = child_start(&run->loop, &(struct command){.argv = (const char *const[]){"kubectl", "version", "--client", NULL},
								   .each = output_line, .context = &run->other_output});
}

int phase_init(struct run *run)
{
	const char *wrong;
	umask(077);
	run->environment = copy_environment(&run->arena);
	run->limits = limits_read(&wrong);
	if (wrong)
		return run_fail(run, POD_EXIT_CONFIG, "%s is no number from 1 to 1000000", wrong);
	int status = read_configuration(run);
	if (status)
		return status;
	run->around = surroundings_read(&run->arena, run->places.root, "/var/lib/docker", run->environment);
	netlink_ask(&run->arena, &run->around);
	output_start(&run->dockerd_output, "dockerd: ", run->config);
	output_start(&run->kind_output, "kind: ", run->config);
	output_start(&run->other_output, "docker: ", run->config);
	publish_start(&run->publisher, &run->loop, &run->status, run->config, run->around.pod_uid, run->around.service_host,
		      run->around.service_port, run->limits.retry * 1000);
	if (!run->publisher.enabled)
		log_fmt("no API server of a parent cluster (KUBERNETES_SERVICE_HOST): nothing is published");
	run->foreign_docker = environment_clean(&run->arena, &run->places);
	set_proxy(run);
	choose_iptables(run);
	log_fmt("kdk-pod %s, cluster %.*s, kernel %.*s, node image %.*s", KDK_VERSION, STR(run->config->cluster),
		STR(run->around.kernel), STR(run->config->node_image));
	log_versions(run);
	return 0;
}
