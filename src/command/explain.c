/* explain: rules by name, or what values files lead to. */
#include "commands.h"

#include "../base/die.h"
#include "../report/draw.h"
#include "../report/explain.h"
#include "../report/page.h"
#include "run.h"

#include <string.h>
#include <unistd.h>

static int print_pages(const struct cli *cli)
{
	if (cli->map || !str_eq(cli->format, S("text")))
		die("--map and --format go with values files");
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	for (size_t i = 0; i < cli->file_count; i++) {
		enum rule rule;
		if (!page_find(str_of(cli->files[i]), &rule))
			die("there is no rule '%s': rules and files do not go together", cli->files[i]);
		if (i)
			buf_char(&out, '\n');
		page_write(&out, rule);
	}
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

/* A rule that is misspelt looks like a file that is not there. */
static void refuse_rule(const char *name)
{
	enum rule rule;
	if (strchr(name, '/') || strchr(name, '.') || strcmp(name, "-") == 0 || access(name, F_OK) == 0)
		return;
	if (page_guess(str_of(name), &rule))
		die("there is no rule or file '%s'; did you mean %.*s?", name, STR(rule_info(rule)->name));
	die("there is no rule or file '%s'", name);
}

static int explain_files(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	const struct plan *plan = run_plan(&run, cli);
	int status = run_report(&run);
	if (plan) {
		struct buf out = buf_fd(STDOUT_FILENO, "standard output");
		if (str_eq(cli->format, S("svg")))
			draw_picture(&out, &run.arena, plan);
		else if (cli->map)
			draw_text(&out, &run.arena, plan);
		else
			explain_plan(&out, &run.arena, plan);
		buf_flush(&out);
		buf_free(&out);
	}
	run_end(&run);
	return status;
}

int command_explain(const struct cli *cli)
{
	enum rule rule;
	if (page_find(str_of(cli->files[0]), &rule))
		return print_pages(cli);
	refuse_rule(cli->files[0]);
	return explain_files(cli);
}
