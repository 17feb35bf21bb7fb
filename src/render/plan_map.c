/* The plan as a ConfigMap. */
#include "plan_map.h"

static void put_block(struct buf *out, struct cidr block)
{
	char text[CIDR_TEXT];
	yaml_text(out, cidr_print(text, block));
}

/* The blocks that all clusters share: one of each family, whichever cluster has it and not one of its own. */
static void put_shared(struct buf *out, const struct plan *plans, size_t count)
{
	struct cidr v4 = {0}, v6 = {0};
	for (size_t p = 0; p < count; p++) {
		for (size_t i = 0; plans[p].input->values.network.share && i < plans[p].input->count; i++) {
			struct cluster_plan c = plan_of(&plans[p], i);
			const struct cluster_network *own = &plans[p].input->clusters[i].own.network;
			v4 = v4.set || own->block ? v4 : c.v4.block;
			v6 = v6.set || own->block6 ? v6 : c.v6.block;
		}
	}
	if (v4.set) {
		BUF_LIT(out, "  block: ");
		put_block(out, v4);
		BUF_LIT(out, "\n");
	}
	if (v6.set) {
		BUF_LIT(out, "  block6: ");
		put_block(out, v6);
		BUF_LIT(out, "\n");
	}
}

static void put_assigned(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; !plan->input->values.network.share && i < plan->input->count; i++) {
		struct cluster_plan c = plan_of(plan, i);
		bool both = c.v4.block.set && c.v6.block.set;
		if (!c.v4.block.set && !c.v6.block.set)
			continue;
		BUF_LIT(out, "    ");
		yaml_text(out, plan->input->clusters[i].name);
		buf_add(out, both ? S(": [") : S(": "));
		if (c.v4.block.set)
			put_block(out, c.v4.block);
		if (both)
			BUF_LIT(out, ", ");
		if (c.v6.block.set)
			put_block(out, c.v6.block);
		buf_add(out, both ? S("]\n") : S("\n"));
	}
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
	struct buf text = buf_memory(), name = buf_memory();
	struct buf shared = buf_memory(), assigned = buf_memory(), storage = buf_memory();
	buf_fmt(&name, "%.*s.plan", STR(w->input->release.name));
	object_start_release(w, "v1", "ConfigMap", buf_str(&name));
	put_shared(&shared, plans, count);
	for (size_t i = 0; i < count; i++) {
		put_assigned(&assigned, &plans[i]);
		put_storage(&storage, &plans[i]);
	}
	buf_add(&text, shared.n || assigned.n ? S("network:\n") : S("network: {}\n"));
	buf_add(&text, buf_str(&shared));
	buf_add(&text, assigned.n ? S("  assigned:\n") : S(""));
	buf_add(&text, buf_str(&assigned));
	buf_add(&text, storage.n ? S("storage:\n") : S(""));
	buf_add(&text, buf_str(&storage));
	PUT(w, "data:\n  plan.yaml: ");
	yaml_block(w->text, 4, buf_str(&text));
	yaml_pair(w->text, 2, S("warnings"), warnings);
	buf_free(&storage);
	buf_free(&assigned);
	buf_free(&shared);
	buf_free(&name);
	buf_free(&text);
}
