/* Children's output: filter, log, and a ring of the last lines. */
#include "output.h"

#include "log.h"
#include "loop.h"

void output_start(struct output *output, const char *prefix, const struct pod_config *config)
{
	*output = (struct output){.prefix = prefix, .filter = filter_start(config), .hint = buf_memory()};
	for (size_t i = 0; i < OUTPUT_LAST; i++)
		output->last[i] = buf_memory();
}

void output_line(void *context, struct str line)
{
	struct output *output = context;
	struct filtered filtered = filter_line(output->filter, line, loop_now() / 1000);
	struct buf *slot = &output->last[output->count++ % OUTPUT_LAST];
	slot->n = 0;
	buf_add(slot, filtered.line);
	log_line(output->prefix, filtered.line);
	if (!filtered.hint.n)
		return;
	log_line("hint: ", filtered.hint);
	output->hint.n = 0;
	buf_add(&output->hint, filtered.hint);
}

void output_print_last(const struct output *output)
{
	size_t from = output->count > OUTPUT_LAST ? output->count - OUTPUT_LAST : 0;
	for (size_t i = from; i < output->count; i++)
		log_line(output->prefix, buf_str(&output->last[i % OUTPUT_LAST]));
}
