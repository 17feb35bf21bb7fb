/* Both sides are in order of names, so one walk through both finds what differs. */
#include "stale.h"

#include "../plan/memory.h"

static void put_blocks(struct buf *out, struct blocks blocks)
{
	char text[CIDR_TEXT];
	buf_add(out, cidr_print(text, blocks.v4));
	buf_add(out, blocks.v4.set && blocks.v6.set ? S(", ") : S(""));
	buf_add(out, cidr_print(text, blocks.v6));
}

static bool put_line(struct buf *out, struct str what, struct blocks before, struct blocks now)
{
	bool was = !blocks_none(before), is = !blocks_none(now);
	if (blocks_eq(before, now))
		return false;
	buf_fmt(out, "%c %.*s: ", was && is ? '~' : is ? '+' : '-', STR(what));
	put_blocks(out, was ? before : now);
	if (was && is) {
		BUF_LIT(out, " -> ");
		put_blocks(out, now);
	}
	buf_char(out, '\n');
	return true;
}

size_t report_stale(struct buf *out, const struct plan *plan)
{
	const struct input *input = plan->input;
	const struct node *given = input->values.network.assigned;
	const struct node *key = given ? given->child : NULL;
	struct blocks none = {0};
	size_t lines = put_line(out, S("the shared block"), blocks_shared_given(plan), blocks_shared(plan, 1));
	for (size_t i = 0; key || i < input->count;) {
		int order = !key ? 1 : i == input->count ? -1 : str_cmp(node_text(key), input->clusters[i].name);
		struct str name = order <= 0 ? node_text(key) : input->clusters[i].name;
		lines += put_line(out, name, order <= 0 ? blocks_given(key->next) : none, order >= 0 ? blocks_of(plan, i) : none);
		i += order >= 0;
		if (order <= 0)
			key = key->next->next;
	}
	return lines;
}
