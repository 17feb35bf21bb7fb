/* What every command that reads values does: read, parse, merge, check, load, plan, report. */
#include "run.h"

#include "../base/die.h"
#include "../base/file.h"
#include "../config/merge.h"
#include "../report/text.h"

#include <unistd.h>

void run_start(struct run *run, const struct cli *cli)
{
	run->diags.arena = &run->arena;
	run->check =
		(struct check){.arena = &run->arena, .diags = &run->diags, .sources = &run->sources, .strict = cli->strict};
}

void run_end(struct run *run)
{
	for (struct text *text = run->texts; text; text = text->next)
		buf_free(&text->bytes);
	match_free(&run->check.match);
	arena_free(&run->arena);
}

struct str run_read(struct run *run, const char *path, size_t limit)
{
	struct text *text = NEW(&run->arena, struct text);
	*text = (struct text){file_read(path, limit), run->texts};
	run->texts = text;
	return buf_str(&text->bytes);
}

int run_sort(struct run *run)
{
	diags_sort(&run->diags, run->sources.items, run->sources.count);
	bool warned = run->diags.of_level[LEVEL_WARNING] > 0;
	return diags_failed(&run->diags) || (run->check.strict && warned) ? EXIT_INPUT : EXIT_FINE;
}

int run_report(struct run *run)
{
	struct buf err = buf_fd(STDERR_FILENO, "standard error");
	int status = run_sort(run);
	report_text(&err, &run->diags, LEVEL_NOTE);
	buf_flush(&err);
	buf_free(&err);
	return status;
}

static struct source *read_source(struct run *run, const char *path)
{
	struct source *source = NEW(&run->arena, struct source);
	bool standard_input = str_eq(str_of(path), S("-"));
	*source = (struct source){.name = standard_input ? S("standard input") : str_of(path), .text = run_read(run, path, TREE_BYTES)};
	return source;
}

static const struct type anything = {.kind = TYPE_ANY};

/* The values files of CLI, merged as Helm merges; NULL where there is none that can be read. */
static const struct node *read_values(struct run *run, const struct cli *cli)
{
	const struct node *root = NULL;
	for (size_t i = 0; i < cli->file_count; i++) {
		uint16_t id = sources_add(&run->arena, &run->sources, read_source(run, cli->files[i]));
		const struct node *tree = tree_parse(&run->arena, &run->diags, &run->sources, id);
		/* Merging replaces what is no map: said here, or a later file would hide it. */
		check_value(&run->check, tree, &(const struct type){.kind = TYPE_DICT, .of = &anything}, NULL);
		root = node_merge(&run->arena, root, tree, MERGE_NULL_WINS);
	}
	return root;
}

const struct plan *run_plan(struct run *run, const struct cli *cli)
{
	struct release release = {
		.name = cli->release.n ? cli->release : S("kdk"),
		.namespace = cli->namespace.n ? cli->namespace : S("default"),
		.service = S("kdk-render"),
	};
	const struct node *root = read_values(run, cli);
	if (diags_failed(&run->diags))
		return NULL;
	struct input *input = load_values(&run->check, root, release);
	return plan_inputs(&run->check, &input, 1);
}

struct str run_warnings(struct run *run)
{
	struct buf text = buf_memory();
	diags_sort(&run->diags, run->sources.items, run->sources.count);
	report_warnings(&text, &run->diags);
	struct str kept = arena_str(&run->arena, buf_str(&text));
	buf_free(&text);
	return kept;
}

void run_say(const char *line)
{
	struct buf err = buf_fd(STDERR_FILENO, "standard error");
	buf_fmt(&err, "kdk-render: %s\n", line);
	buf_flush(&err);
	buf_free(&err);
}
