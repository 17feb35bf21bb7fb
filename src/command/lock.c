/* The lock: what was assigned, as a values file that keeps it.
 *
 * It is written from the plan of all FILEs, the lock among them, so that what is locked
 * stays, what is new is added, and what is gone drops out.
 */
#include "commands.h"

#include "../base/die.h"
#include "../base/file.h"
#include "../render/plan_map.h"
#include "../report/stale.h"
#include "run.h"

#include <unistd.h>

static const char head[] =
	"# The address blocks that kdk-render has assigned. Written by `kdk-render lock`: commit it, do not edit it.\n"
	"# It is a values file. Give it wherever the values are given, as one more -f, or one more of Argo CD's valueFiles:\n"
	"# then no cluster moves. After a change of clusters, write it anew from the values and itself:\n"
	"#   kdk-render lock values.yaml kdk.lock.yaml >kdk.lock.new && mv kdk.lock.new kdk.lock.yaml\n";

/* The last of the FILEs that holds what was assigned; NULL where none does. */
static const char *find_lock(const struct cli *cli, const struct input *input)
{
	const struct node *assigned = input->values.network.assigned;
	const struct node *shared = input->values.network.share ? node_find(input->root, S("network.block")) : NULL;
	size_t last = shared ? shared->source + 1u : 0;
	for (const struct node *key = assigned ? assigned->child : NULL; key; key = key->next->next)
		last = key->source + 1u > last ? key->source + 1u : last;
	return last ? cli->files[last - 1] : NULL;
}

/* WORD as a shell reads it. */
static void put_word(struct buf *out, const char *word)
{
	bool plain = true;
	for (const char *p = word; *p; p++)
		plain &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '-' && *p <= '9') || *p == '_';
	if (plain) {
		buf_add(out, str_of(word));
		return;
	}
	buf_char(out, '\'');
	for (const char *p = word; *p; p++) {
		if (*p == '\'')
			BUF_LIT(out, "'\\''");
		else
			buf_char(out, *p);
	}
	buf_char(out, '\'');
}

/* Through a new file, as a shell empties the old one before it can be read. */
static void put_command(struct buf *out, const struct cli *cli, const char *lock)
{
	if (!lock || str_eq(str_of(lock), S("-")))
		lock = "kdk.lock.yaml";
	struct str stem = str_of(lock);
	stem.n -= str_ends(stem, S(".yaml")) ? S(".yaml").n : 0;
	struct buf new = buf_memory();
	buf_fmt(&new, "%.*s.new", STR(stem));
	buf_char(&new, 0);
	BUF_LIT(out, "  kdk-render lock ");
	if (cli->release.n)
		buf_fmt(out, "--release %.*s ", STR(cli->release));
	for (size_t i = 0; i < cli->file_count; i++) {
		put_word(out, cli->files[i]);
		buf_char(out, ' ');
	}
	BUF_LIT(out, ">");
	put_word(out, new.p);
	BUF_LIT(out, " && mv ");
	put_word(out, new.p);
	buf_char(out, ' ');
	put_word(out, lock);
	buf_char(out, '\n');
	buf_free(&new);
}

static int check_lock(const struct cli *cli, const struct plan *plan)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output"), err = buf_fd(STDERR_FILENO, "standard error");
	const char *lock = find_lock(cli, plan->input);
	size_t stale = report_stale(&out, plan), clusters = plan->input->count;
	if (stale == 0) {
		buf_fmt(&err, "the lock is up to date: %zu cluster%s\n", clusters, clusters == 1 ? "" : "s");
	} else {
		buf_fmt(&err, "the lock is not up to date: %zu change%s%s. To write it anew:\n", stale, stale == 1 ? "" : "s",
			lock ? "" : ", and none of the files is a lock");
		put_command(&err, cli, lock);
	}
	buf_flush(&out);
	buf_flush(&err);
	buf_free(&out);
	buf_free(&err);
	return stale ? EXIT_INPUT : EXIT_FINE;
}

static void write_lock(const struct plan *plan)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	BUF_LIT(&out, head);
	write_memory(&out, plan, 1);
	buf_flush(&out);
	buf_free(&out);
}

static void refuse_emptied(const struct cli *cli)
{
	for (size_t i = 0; i < cli->file_count; i++)
		if (file_is_open(cli->files[i], STDOUT_FILENO))
			die("the output goes to %s, which the shell has emptied before it could be read: bring that file back, "
			    "then write to a new one and move it there",
			    cli->files[i]);
}

int command_lock(const struct cli *cli)
{
	struct run run = {0};
	if (!cli->check)
		refuse_emptied(cli);
	run_start(&run, cli);
	const struct plan *plan = run_plan(&run, cli);
	int status = run_report(&run);
	if (status == EXIT_FINE && cli->check)
		status = check_lock(cli, plan);
	else if (status == EXIT_FINE)
		write_lock(plan);
	run_end(&run);
	return status;
}
