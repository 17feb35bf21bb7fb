/* discover: what kubectl printed of the host cluster → an entry of `parents`. */
#include "commands.h"

#include "../base/die.h"
#include "../config/facts.h"
#include "../plan/found.h"
#include "../report/parent.h"
#include "run.h"

#include <unistd.h>

static void read_facts(struct run *run, struct facts *facts, const char *path)
{
	struct source *source = NEW(&run->arena, struct source);
	source->name = str_eq(str_of(path), S("-")) ? S("standard input") : str_of(path);
	source->text = run_read(run, path, TREE_BYTES);
	facts_read(facts, &run->arena, &run->diags, &run->check.match, source);
}

static void say_nothing_found(struct run *run, const struct facts *facts)
{
	struct diag *d = diag_add(&run->diags, RULE_FACTS_INVALID, (struct place){0},
				  facts->objects ? "no address or range in what was given" :
						   "no nodes, pods, services or other objects that say a range");
	diag_help(&run->diags, d, "kubectl get nodes,servicecidrs,services,pods -A -o yaml | kdk-render discover");
	diag_note(&run->diags, d, "before Kubernetes 1.33 there are no servicecidrs, and kubectl prints nothing if asked for them");
}

static bool found_nothing(const struct found *found)
{
	size_t ranges = 0;
	for (int kind = 0; kind < FACT_KINDS; kind++)
		ranges += found->of[kind].count;
	return ranges == 0 && found->domain.text.n == 0;
}

int command_discover(const struct cli *cli)
{
	struct run run = {0};
	struct facts facts = {0};
	struct str name = cli->name.n ? cli->name : S("host");
	run_start(&run, cli);
	if (!match_format(&run.check.match, FORMAT_short_text, name))
		die("--name is %s of at most 63 bytes", formats[FORMAT_short_text].what.p);
	for (size_t i = 0; i < cli->file_count; i++)
		read_facts(&run, &facts, cli->files[i]);
	if (cli->file_count == 0)
		read_facts(&run, &facts, "-");
	struct found found = found_in(&run.arena, &facts);
	if (!diags_failed(&run.diags) && found_nothing(&found))
		say_nothing_found(&run, &facts);
	int status = run_report(&run);
	if (status == EXIT_FINE) {
		struct buf out = buf_fd(STDOUT_FILENO, "standard output");
		write_parent(&out, name, &facts, &found);
		buf_flush(&out);
		buf_free(&out);
	}
	run_end(&run);
	return status;
}
