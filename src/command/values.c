/* Commands that read values files: the manifests, lint, show. */
#include "commands.h"

#include "../base/die.h"
#include "../render/render.h"
#include "../report/machine.h"
#include "../report/show.h"
#include "../report/text.h"
#include "run.h"

#include <unistd.h>

/* Everything up to the point where manifests could be written. */
static struct rendering prepare_files(struct run *run, const struct cli *cli)
{
	const struct plan *plan = run_plan(run, cli);
	struct rendering rendering = {.plan = plan, .release_plans = plan, .release_count = 1, .standalone = true};
	if (!diags_failed(&run->diags)) {
		render_check(&run->check, &rendering);
		rendering.warnings = run_warnings(run);
		render_check_plan(&run->check, &rendering);
	}
	return rendering;
}

static int write_manifests(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	struct rendering rendering = prepare_files(&run, cli);
	int status = run_report(&run);
	if (status != EXIT_FINE && !diags_failed(&run.diags))
		run_say("nothing is written: with --strict a warning is an error");
	if (status == EXIT_FINE) {
		struct buf out = buf_fd(STDOUT_FILENO, "standard output");
		if (cli->create_namespace)
			render_namespace(&out, rendering.plan->input->release.namespace);
		render_write(&rendering, &out);
		buf_flush(&out);
		buf_free(&out);
	}
	run_end(&run);
	return status;
}

int command_default(const struct cli *cli)
{
	if (cli->file_count)
		return write_manifests(cli);
	if (cli->release.n || cli->namespace.n || cli->create_namespace)
		die("--release, --namespace and --create-namespace go with values files: as a post-renderer, Helm says them");
	return command_post(cli);
}

int command_lint(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	struct rendering rendering = prepare_files(&run, cli);
	size_t clusters = rendering.plan ? rendering.plan->input->count : 0;
	struct buf out;
	int status;
	if (str_eq(cli->format, S("text"))) {
		status = run_report(&run);
		out = buf_fd(STDERR_FILENO, "standard error");
		if (rendering.plan)
			buf_fmt(&out, "%zu cluster%s, ", clusters, clusters == 1 ? "" : "s");
		report_counts(&out, &run.diags);
		buf_char(&out, '\n');
	} else {
		status = run_sort(&run);
		out = buf_fd(STDOUT_FILENO, "standard output");
		if (str_eq(cli->format, S("json")))
			report_json(&out, &run.diags, clusters);
		else if (str_eq(cli->format, S("sarif")))
			report_sarif(&out, &run.diags, run.sources.items[0]);
		else
			report_github(&out, &run.diags);
	}
	buf_flush(&out);
	buf_free(&out);
	run_end(&run);
	return status;
}

int command_show(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	const struct plan *plan = run_plan(&run, cli);
	int status = run_report(&run);
	if (status == EXIT_FINE) {
		struct buf out = buf_fd(STDOUT_FILENO, "standard output");
		show_plan(&out, plan);
		buf_flush(&out);
		buf_free(&out);
	}
	run_end(&run);
	return status;
}
