/* kdk-render: values → manifests. The run, stage by stage.
 *
 *     read      files or standard input → text          base/file
 *     parse     text → trees, merged as Helm merges      config/tree, merge
 *     load      trees → checked, typed values            config/check, load
 *     plan      values → address ranges                  plan/
 *     check     what would be too large                  render/
 *     report    everything that is wrong, at once        report/
 *     write     manifests, only if nothing is wrong      render/
 *
 * As a post-renderer, the values come from the carriers that the chart left in Helm's
 * stream (post/), and everything else in that stream passes through.
 */
#include "base/die.h"
#include "base/file.h"
#include "cli.h"
#include "config/merge.h"
#include "config/reference.h"
#include "config/schema.h"
#include "post/post.h"
#include "render/render.h"
#include "report/machine.h"
#include "report/show.h"
#include "report/text.h"

#include <signal.h>
#include <unistd.h>

/* What was read: trees and messages point into it until the run ends. */
struct text {
	struct buf bytes;
	struct text *next;
};

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct check check;
	struct text *texts;
};

static void run_start(struct run *run, const struct cli *cli)
{
	run->diags.arena = &run->arena;
	run->check =
		(struct check){.arena = &run->arena, .diags = &run->diags, .sources = &run->sources, .strict = cli->strict};
}

static void run_end(struct run *run)
{
	for (struct text *text = run->texts; text; text = text->next)
		buf_free(&text->bytes);
	match_free(&run->check.match);
	arena_free(&run->arena);
}

static struct str read_text(struct run *run, const char *path, size_t limit)
{
	struct text *text = NEW(&run->arena, struct text);
	*text = (struct text){file_read(path, limit), run->texts};
	run->texts = text;
	return buf_str(&text->bytes);
}

/* Sorts what was found; gives the exit status. */
static int sort_diags(struct run *run, bool strict)
{
	diags_sort(&run->diags, run->sources.items, run->sources.count);
	bool warned = run->diags.of_level[LEVEL_WARNING] > 0;
	return diags_failed(&run->diags) || (strict && warned) ? EXIT_INPUT : EXIT_FINE;
}

/* Prints what was found as text; gives the exit status. */
static int report(struct run *run, bool strict)
{
	struct buf err = buf_fd(STDERR_FILENO, "standard error");
	int status = sort_diags(run, strict);
	report_text(&err, &run->diags, LEVEL_NOTE);
	buf_flush(&err);
	buf_free(&err);
	return status;
}

/* --- values files --- */

static struct source *read_source(struct run *run, const char *path)
{
	struct source *source = NEW(&run->arena, struct source);
	bool standard_input = str_eq(str_of(path), S("-"));
	*source = (struct source){standard_input ? S("standard input") : str_of(path), read_text(run, path, TREE_BYTES), false};
	return source;
}

static const struct type anything = {.kind = TYPE_ANY};

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

static const struct plan *plan_files(struct run *run, const struct cli *cli)
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

/* The warnings as <release>.plan keeps them. */
static struct str warnings_text(struct run *run)
{
	struct buf text = buf_memory();
	diags_sort(&run->diags, run->sources.items, run->sources.count);
	report_warnings(&text, &run->diags);
	struct str kept = arena_str(&run->arena, buf_str(&text));
	buf_free(&text);
	return kept;
}

/* Everything up to the point where manifests could be written. */
static struct rendering prepare_files(struct run *run, const struct cli *cli)
{
	const struct plan *plan = plan_files(run, cli);
	struct rendering rendering = {.plan = plan, .release_plans = plan, .release_count = 1, .standalone = true};
	if (!diags_failed(&run->diags)) {
		render_check(&run->check, &rendering);
		rendering.warnings = warnings_text(run);
		render_check_plan(&run->check, &rendering);
	}
	return rendering;
}

static int run_files(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	struct rendering rendering = prepare_files(&run, cli);
	int status = report(&run, cli->strict);
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

static int run_lint(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	struct rendering rendering = prepare_files(&run, cli);
	size_t clusters = rendering.plan ? rendering.plan->input->count : 0;
	struct buf out;
	int status;
	if (str_eq(cli->format, S("text"))) {
		status = report(&run, cli->strict);
		out = buf_fd(STDERR_FILENO, "standard error");
		if (rendering.plan)
			buf_fmt(&out, "%zu cluster%s, ", clusters, clusters == 1 ? "" : "s");
		report_counts(&out, &run.diags);
		buf_char(&out, '\n');
	} else {
		status = sort_diags(&run, cli->strict);
		out = buf_fd(STDOUT_FILENO, "standard output");
		if (str_eq(cli->format, S("json")))
			report_json(&out, &run.diags, clusters);
		else if (str_eq(cli->format, S("sarif")))
			report_sarif(&out, &run.diags);
		else
			report_github(&out, &run.diags);
	}
	buf_flush(&out);
	buf_free(&out);
	run_end(&run);
	return status;
}

static int run_show(const struct cli *cli)
{
	struct run run = {0};
	run_start(&run, cli);
	const struct plan *plan = plan_files(&run, cli);
	int status = report(&run, cli->strict);
	if (status == EXIT_FINE) {
		struct buf out = buf_fd(STDOUT_FILENO, "standard output");
		show_plan(&out, plan);
		buf_flush(&out);
		buf_free(&out);
	}
	run_end(&run);
	return status;
}

/* --- the post-renderer --- */

/* Helm 4 drops a post-renderer's stderr: what is wrong must be one scalar document on
 * stdout, which Helm shows and stops on. */
static int fail_post(struct run *run, const struct stream *stream)
{
	diags_sort(&run->diags, run->sources.items, run->sources.count);
	struct buf text = buf_memory();
	report_text(&text, &run->diags, LEVEL_WARNING);
	struct buf out = stream->helm4 ? buf_fd(STDOUT_FILENO, "standard output") : buf_fd(STDERR_FILENO, "standard error");
	if (stream->helm4)
		post_failure(&out, buf_str(&text));
	else
		buf_add(&out, buf_str(&text));
	buf_flush(&out);
	buf_free(&out);
	buf_free(&text);
	return stream->helm4 ? EXIT_FINE : EXIT_INPUT;
}

static void fail_post_world(const char *message)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	post_failure(&out, str_of(message));
	buf_flush(&out);
	_exit(EXIT_FINE);
}

static const struct plan *plan_stream(struct run *run, const struct stream *stream)
{
	struct input **inputs = NEW_ARRAY(&run->arena, struct input *, stream->count);
	for (size_t i = 0; i < stream->count; i++) {
		const struct carrier *c = &stream->carriers[i];
		struct release release = {c->release, c->namespace, c->service, c->chart, c->plan, c->discovered};
		inputs[i] = load_values(&run->check, c->values, release);
	}
	return plan_inputs(&run->check, inputs, stream->count);
}

static void write_stream(const struct stream *stream, const struct rendering *renderings)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	size_t at = 0;
	for (size_t i = 0; i < stream->count; i++) {
		const struct carrier *c = &stream->carriers[i];
		buf_add(&out, (struct str){stream->text.p + at, c->start - at});
		render_write(&renderings[i], &out);
		at = c->end;
	}
	buf_add(&out, str_from(stream->text, at));
	buf_flush(&out);
	buf_free(&out);
}

/* Somebody who forgot the `-`: values where Helm's manifests are expected. */
static bool looks_like_values(struct str text)
{
	bool clusters = false, content = false;
	for (struct str line; str_line(&text, &line);) {
		if (str_starts(line, S("---")) && content)
			break;
		if (str_starts(line, S("kind:")))
			return false;
		content |= line.n && line.p[0] != '#' && !str_starts(line, S("---"));
		clusters |= str_starts(line, S("clusters:"));
	}
	return clusters;
}

static int refuse_stream(struct str text)
{
	struct buf err = buf_fd(STDERR_FILENO, "standard error");
	if (text.n == 0)
		BUF_LIT(&err, "kdk-render: nothing on standard input. As a post-renderer it gets Helm's manifests there (but not with\n"
			      "Helm 3's --output-dir); values are read by `kdk-render FILE` or `kdk-render -`\n");
	else
		BUF_LIT(&err, "kdk-render: this looks like a values file; did you mean `kdk-render -`?\n");
	buf_flush(&err);
	buf_free(&err);
	return EXIT_INPUT;
}

/* What every carrier's objects are, checked; the plan of the release goes with the first one's. */
static struct rendering *prepare_stream(struct run *run, const struct stream *stream)
{
	struct rendering *renderings = NEW_ARRAY(&run->arena, struct rendering, stream->count);
	const struct plan *plans = plan_stream(run, stream);
	if (diags_failed(&run->diags))
		return renderings;
	for (size_t i = 0; i < stream->count; i++) {
		const struct carrier *c = &stream->carriers[i];
		renderings[i] = (struct rendering){.plan = &plans[i], .source_line = c->source_line, .filename = c->filename};
		render_check(&run->check, &renderings[i]);
	}
	/* The carriers of one Helm run are of one release. */
	renderings[0].release_plans = plans;
	renderings[0].release_count = stream->count;
	renderings[0].warnings = warnings_text(run);
	render_check_plan(&run->check, &renderings[0]);
	return renderings;
}

static int post_text(struct run *run, const struct cli *cli, struct str text)
{
	if (str_trim(text).n == 0)
		return refuse_stream((struct str){0});
	if (post_is_helm4(text))
		die_hook_set(fail_post_world);
	struct stream stream = post_find(&run->arena, &run->diags, &run->sources, text);
	if (stream.count == 0 && looks_like_values(text))
		return refuse_stream(text);
	die_hook_set(stream.helm4 ? fail_post_world : NULL);

	struct rendering *renderings = NULL;
	if (stream.count && !diags_failed(&run->diags))
		renderings = prepare_stream(run, &stream);
	if (diags_failed(&run->diags) || (cli->strict && run->diags.of_level[LEVEL_WARNING]))
		return fail_post(run, &stream);
	/* Once a byte is out, a message on stdout would be part of the manifests. */
	die_hook_set(NULL);
	write_stream(&stream, renderings);
	return EXIT_FINE;
}

static int run_post(const struct cli *cli)
{
	if (isatty(STDIN_FILENO)) {
		struct buf err = buf_fd(STDERR_FILENO, "standard error");
		cli_usage(&err);
		buf_flush(&err);
		buf_free(&err);
		return EXIT_WORLD;
	}
	struct run run = {0};
	run_start(&run, cli);
	int status = post_text(&run, cli, read_text(&run, "-", SIZE_MAX / 4));
	run_end(&run);
	return status;
}

static int run_default(const struct cli *cli)
{
	if (cli->file_count)
		return run_files(cli);
	if (cli->release.n || cli->namespace.n || cli->create_namespace)
		die("--release, --namespace and --create-namespace go with values files: as a post-renderer, Helm says them");
	return run_post(cli);
}

/* --- what needs no input --- */

static int run_schema(const struct cli *cli)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	if (str_eq(cli->format, S("json")))
		schema_write(&out);
	else if (str_eq(cli->format, S("markdown")))
		reference_markdown(&out);
	else
		reference_values(&out);
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

static int run_help(const struct cli *cli)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	const struct command *about = cli->file_count ? cli_command(str_of(cli->files[0])) : NULL;
	if (cli->file_count && str_eq(str_of(cli->files[0]), S("man")))
		cli_man(&out);
	else if (cli->file_count && !about)
		die("there is no command '%s'", cli->files[0]);
	else if (about)
		cli_help(&out, about);
	else
		cli_usage(&out);
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

static int run_completion(const struct cli *cli)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	if (!cli_completion(&out, str_of(cli->files[0])))
		die("there is no completion for '%s': bash, zsh and fish are known", cli->files[0]);
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

static int run_version(const struct cli *cli)
{
	(void)cli;
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	BUF_LIT(&out, "kdk-render " KDK_VERSION "\n");
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

enum { ANY = 65535 };
static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static const char *const topics[] = {"lint", "show", "schema", "completion", "version", "man", NULL};
static const char *const lint_formats[] = {"text", "json", "sarif", "github", NULL};
static const char *const schema_formats[] = {"json", "markdown", "values", NULL};

const struct command commands[] = {
	{"", "[FILE...]", "write the manifests for values files; without FILE, be Helm's post-renderer",
	 "FILEs are values files, merged as Helm merges `-f a -f b`: maps by key, later files win, lists are\n"
	 "replaced; - is standard input. Nothing is written unless everything is right.\n\n"
	 "Without FILE it is the program for `helm ... --post-renderer kdk-render`: it replaces what the kdk\n"
	 "chart left for it on standard input and passes every other byte through.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_CREATE_NAMESPACE | OPTION_STRICT, 0, ANY, NULL, NULL, run_default},
	{"lint", "FILE...", "say everything that is wrong with values files, and write nothing",
	 "As text, diagnostics go to stderr, with a line that counts them. json (schemas/lint.schema.json), sarif\n"
	 "(SARIF 2.1.0, for code scanners) and github (workflow commands) go to stdout. A values file that Helm has\n"
	 "already read can hide mistakes, such as a key given twice: lint the file itself, in CI.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_STRICT | OPTION_FORMAT, 1, ANY, NULL, lint_formats, run_lint},
	{"show", "FILE...", "print what every cluster gets, defaults and ranges filled in, as YAML",
	 "The output is a values file itself, in which nothing is left to defaults.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_STRICT, 1, ANY, NULL, NULL, run_show},
	{"schema", "", "print what a values file may hold",
	 "As a JSON Schema (draft-07), as a reference in Markdown, or as a commented values file to start from.",
	 OPTION_FORMAT, 0, 0, NULL, schema_formats, run_schema},
	{"completion", "bash|zsh|fish", "print completions for a shell",
	 "bash: source <(kdk-render completion bash)\n"
	 "zsh:  source <(kdk-render completion zsh)\n"
	 "fish: kdk-render completion fish | source",
	 0, 1, 1, shells, NULL, run_completion},
	{"help", "[COMMAND]", "say how it is used", "`kdk-render help man` prints the manual page.", 0, 0, 1, topics, NULL,
	 run_help},
	{"version", "", "print the version", "It is also the default tag of the pod's image.", 0, 0, 0, NULL, NULL,
	 run_version},
	{NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, and said */
	struct cli cli = cli_parse(argc, argv);
	return cli.command->run(&cli);
}
