/* The post-renderer: Helm's stream in, with the chart's carriers in it; the same stream out, with what
 * each carrier stands for. Nothing is written before everything is known to be right. */
#include "commands.h"

#include "../base/die.h"
#include "../post/post.h"
#include "../render/render.h"
#include "../report/text.h"
#include "run.h"

#include <unistd.h>

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
	size_t bytes = 0, clusters = 0;
	for (size_t i = 0; i < stream->count; i++) {
		const struct carrier *c = &stream->carriers[i];
		renderings[i] = (struct rendering){.plan = &plans[i], .source_line = c->source_line, .filename = c->filename};
		bytes += render_check(&run->check, &renderings[i]);
		clusters += plans[i].input->count;
	}
	render_check_release(&run->check, bytes, clusters);
	/* The carriers of one Helm run are of one release. */
	renderings[0].release_plans = plans;
	renderings[0].release_count = stream->count;
	renderings[0].warnings = run_warnings(run);
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

int command_post(const struct cli *cli)
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
	int status = post_text(&run, cli, run_read(&run, "-", SIZE_MAX / 4));
	run_end(&run);
	return status;
}
