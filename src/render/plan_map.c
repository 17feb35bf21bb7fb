/* The plan as a ConfigMap. */
#include "plan_map.h"

static void put_block(struct buf *out, struct cidr block)
{
	char text[CIDR_TEXT];
	yaml_text(out, cidr_print(text, block));
}

static void put_shared(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->input->count; i++) {
		struct cluster_plan c = plan_of(plan, i);
		if (!c.v4.block.set)
			continue;
		BUF_LIT(out, "  block: ");
		put_block(out, c.v4.block);
		if (c.v6.block.set) {
			BUF_LIT(out, "\n  block6: ");
			put_block(out, c.v6.block);
		}
		BUF_LIT(out, "\n");
		return;
	}
	BUF_LIT(out, "  {}\n");
}

void write_assigned(struct buf *out, const struct plan *plan)
{
	bool any = false;
	BUF_LIT(out, "network:\n");
	if (plan->input->values.network.share) {
		put_shared(out, plan);
		return;
	}
	for (size_t i = 0; i < plan->input->count; i++) {
		struct cluster_plan c = plan_of(plan, i);
		if (!c.v4.block.set && !c.v6.block.set)
			continue;
		if (!any)
			BUF_LIT(out, "  assigned:\n");
		any = true;
		BUF_LIT(out, "    ");
		yaml_text(out, plan->input->clusters[i].name);
		bool both = c.v4.block.set && c.v6.block.set;
		buf_add(out, both ? S(": [") : S(": "));
		if (c.v4.block.set)
			put_block(out, c.v4.block);
		if (both)
			BUF_LIT(out, ", ");
		if (c.v6.block.set)
			put_block(out, c.v6.block);
		buf_add(out, both ? S("]\n") : S("\n"));
	}
	if (!any)
		BUF_LIT(out, "  assigned: {}\n");
}

static void put_storage(struct buf *out, const struct plan *plan)
{
	bool any = false;
	for (size_t i = 0; i < plan->input->count; i++) {
		const struct storage *storage = &plan->input->clusters[i].settings->storage;
		if (!storage->persistent)
			continue;
		if (!any)
			BUF_LIT(out, "storage:\n");
		any = true;
		BUF_LIT(out, "  ");
		yaml_text(out, plan->input->clusters[i].name);
		BUF_LIT(out, ":\n");
		yaml_pair_node(out, 4, S("size"), storage->size);
		if (storage->class.n)
			yaml_pair(out, 4, S("class"), storage->class);
		buf_fmt(out, "    keep: %s\n", storage->keep ? "true" : "false");
	}
}

void write_plan_map(const struct writer *w, const struct plan *plan, struct str warnings)
{
	struct buf text = buf_memory(), name = buf_memory();
	buf_fmt(&name, "%.*s.plan", STR(w->input->release.name));
	object_start_release(w, "v1", "ConfigMap", buf_str(&name));
	write_assigned(&text, plan);
	put_storage(&text, plan);
	PUT(w, "data:\n  plan.yaml: ");
	yaml_block(w->text, 4, buf_str(&text));
	yaml_pair(w->text, 2, S("warnings"), warnings);
	buf_free(&name);
	buf_free(&text);
}
