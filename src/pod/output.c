/* Children's output: filter, then log. */
#include "output.h"

#include "log.h"
#include "loop.h"

void output_start(struct output *output, const char *prefix, const struct pod_config *config)
{
	*output = (struct output){.prefix = prefix, .filter = filter_start(config), .hint = buf_memory(), .names_hint = buf_memory()};
}

void output_line(void *context, struct str line)
{
	struct output *output = context;
	struct filtered filtered = filter_line(output->filter, line, loop_now() / 1000);
	log_line(output->prefix, filtered.line);
	if (!filtered.hint.n)
		return;
	log_line("hint: ", filtered.hint);
	output->hint.n = 0;
	buf_add(&output->hint, filtered.hint);
	if (str_starts(filtered.kind, S("dns-"))) {
		output->names_hint.n = 0;
		buf_add(&output->names_hint, filtered.hint);
	}
}
