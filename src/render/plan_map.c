/* The plan as a ConfigMap. */
#include "plan_map.h"

static void put_block(struct buf *out, struct cidr block)
{
	char text[CIDR_TEXT];
	yaml_text(out, cidr_print(text, block));
}

/* The block that all clusters of PLAN share. */
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
}

static void put_assigned(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->input->count; i++) {
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

/* HEAD, and under it what PUT writes for each plan; nothing where that is nothing. */
static void section(struct buf *out, struct str head, const struct plan *plans, size_t count, bool share,
		    void (*put)(struct buf *, const struct plan *))
{
	struct buf body = buf_memory();
	for (size_t i = 0; i < count; i++)
		if (put == put_storage || plans[i].input->values.network.share == share)
			put(&body, &plans[i]);
	if (body.n) {
		buf_add(out, head);
		buf_add(out, buf_str(&body));
	}
	buf_free(&body);
}

void write_plan_map(const struct writer *w, const struct plan *plans, size_t count, struct str warnings)
{
	struct buf text = buf_memory(), name = buf_memory();
	buf_fmt(&name, "%.*s.plan", STR(w->input->release.name));
	object_start_release(w, "v1", "ConfigMap", buf_str(&name));
	section(&text, S("network:\n"), plans, count, true, put_shared);
	section(&text, text.n ? S("  assigned:\n") : S("network:\n  assigned:\n"), plans, count, false, put_assigned);
	if (text.n == 0)
		BUF_LIT(&text, "network: {}\n");
	section(&text, S("storage:\n"), plans, count, false, put_storage);
	PUT(w, "data:\n  plan.yaml: ");
	yaml_block(w->text, 4, buf_str(&text));
	yaml_pair(w->text, 2, S("warnings"), warnings);
	buf_free(&name);
	buf_free(&text);
}
