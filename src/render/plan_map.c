/* The plan as a ConfigMap, and what of it is remembered as values. */
#include "plan_map.h"

#include "../plan/memory.h"

/* " 10.65.0.0/20", or a list of both families. */
static void put_blocks(struct buf *out, struct blocks blocks)
{
	char text[CIDR_TEXT];
	bool both = blocks.v4.set && blocks.v6.set;
	buf_add(out, both ? S(" [") : S(" "));
	if (blocks.v4.set)
		yaml_text(out, cidr_print(text, blocks.v4));
	if (both)
		BUF_LIT(out, ", ");
	if (both) /* old readers stumble over a colon inside of brackets */
		yaml_quoted(out, cidr_print(text, blocks.v6));
	else if (blocks.v6.set)
		yaml_text(out, cidr_print(text, blocks.v6));
	buf_add(out, both ? S("]\n") : S("\n"));
}

static void put_shared(struct buf *out, struct blocks shared)
{
	if (shared.v4.set) {
		BUF_LIT(out, "  block:");
		put_blocks(out, (struct blocks){.v4 = shared.v4});
	}
	if (shared.v6.set) {
		BUF_LIT(out, "  block6:");
		put_blocks(out, (struct blocks){.v6 = shared.v6});
	}
}

/* One line a cluster, so that a difference between two of them reads as one, and merges. */
static void put_assigned(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->input->count; i++) {
		struct blocks blocks = blocks_of(plan, i);
		if (blocks_none(blocks))
			continue;
		BUF_LIT(out, "    ");
		yaml_text(out, plan->input->clusters[i].name);
		BUF_LIT(out, ":");
		put_blocks(out, blocks);
	}
}

void write_memory(struct buf *out, const struct plan *plans, size_t count)
{
	struct buf shared = buf_memory(), assigned = buf_memory();
	put_shared(&shared, blocks_shared(plans, count));
	for (size_t i = 0; i < count; i++)
		put_assigned(&assigned, &plans[i]);
	buf_add(out, shared.n || assigned.n ? S("network:\n") : S("network: {}\n"));
	buf_add(out, buf_str(&shared));
	buf_add(out, assigned.n ? S("  assigned:\n") : S(""));
	buf_add(out, buf_str(&assigned));
	buf_free(&assigned);
	buf_free(&shared);
}

static void put_storage(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->input->count; i++) {
		const struct storage *storage = &plan->input->clusters[i].settings->storage;
		if (!storage->persistent)
			continue;
		BUF_LIT(out, "  ");
		yaml_text(out, plan->input->clusters[i].name);
		BUF_LIT(out, ":\n");
		yaml_pair_node(out, 4, S("size"), storage->size);
		if (storage->class.n)
			yaml_pair(out, 4, S("class"), storage->class);
		buf_fmt(out, "    keep: %s\n", storage->keep ? "true" : "false");
	}
}

void write_plan_map(const struct writer *w, const struct plan *plans, size_t count, struct str warnings)
{
	struct buf text = buf_memory(), name = buf_memory(), storage = buf_memory();
	buf_fmt(&name, "%.*s.plan", STR(w->input->release.name));
	object_start_release(w, "v1", "ConfigMap", buf_str(&name));
	write_memory(&text, plans, count);
	for (size_t i = 0; i < count; i++)
		put_storage(&storage, &plans[i]);
	buf_add(&text, storage.n ? S("storage:\n") : S(""));
	buf_add(&text, buf_str(&storage));
	PUT(w, "data:\n  plan.yaml: ");
	yaml_block(w->text, 4, buf_str(&text));
	yaml_pair(w->text, 2, S("warnings"), warnings);
	buf_free(&storage);
	buf_free(&name);
	buf_free(&text);
}
