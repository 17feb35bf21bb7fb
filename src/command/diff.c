/* diff: two sets of values, each planned as if the other were not there. */
#include "commands.h"

#include "../base/die.h"
#include "../report/compare.h"
#include "../report/text.h"
#include "run.h"

#include <unistd.h>

/* COUNT of the FILEs from FIRST on, as a command line of their own. */
static struct cli some_files(const struct cli *cli, size_t first, size_t count)
{
	struct cli part = *cli;
	part.files += first;
	part.file_count = count;
	return part;
}

/* How many of the FILEs are OLD's. */
static size_t split(const struct cli *cli)
{
	if (!cli->dashes && cli->file_count > 2)
		die("which of the files are old? Put -- between the old and the new ones");
	size_t old = cli->dashes ? cli->before_dashes : 1;
	if (old == 0 || old >= cli->file_count)
		die("missing: files %s --", old == 0 ? "before" : "behind");
	size_t stdins = 0;
	for (size_t i = 0; i < cli->file_count; i++)
		stdins += str_eq(str_of(cli->files[i]), S("-"));
	if (stdins > 1)
		die("- is given twice: standard input can be read once");
	return old;
}

/* Errors only: what there is to warn about, lint says. */
static const struct plan *plan_side(struct run *run, const struct cli *cli)
{
	run_start(run, cli);
	const struct plan *plan = run_plan(run, cli);
	if (!diags_failed(&run->diags))
		return plan;
	struct buf err = buf_fd(STDERR_FILENO, "standard error");
	run_sort(run);
	report_text(&err, &run->diags, LEVEL_ERROR);
	buf_flush(&err);
	buf_free(&err);
	return NULL;
}

static int compare(const struct plan *before, const struct plan *now)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output"), err = buf_fd(STDERR_FILENO, "standard error");
	struct comparison result = compare_plans(&out, before, now);
	size_t differ = result.added + result.removed + result.changed;
	if (differ)
		buf_fmt(&err, "clusters: %zu added, %zu removed, %zu changed\n", result.added, result.removed, result.changed);
	else
		BUF_LIT(&err, "no range changes\n");
	buf_flush(&out);
	buf_flush(&err);
	buf_free(&out);
	buf_free(&err);
	return differ ? EXIT_INPUT : EXIT_FINE;
}

int command_diff(const struct cli *cli)
{
	size_t old = split(cli);
	struct cli sides[] = {some_files(cli, 0, old), some_files(cli, old, cli->file_count - old)};
	struct run runs[2] = {0};
	const struct plan *before = plan_side(&runs[0], &sides[0]);
	const struct plan *now = plan_side(&runs[1], &sides[1]);
	int status = before && now ? compare(before, now) : EXIT_WORLD;
	run_end(&runs[1]);
	run_end(&runs[0]);
	return status;
}
