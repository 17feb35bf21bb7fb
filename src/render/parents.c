/* Layers → kdk.yaml's parents, and their part of NO_PROXY. One pass over the obstacles, whatever
 * their number: each adds to the list of its layer and kind. */
#include "parents.h"

#include "yaml.h"

struct lists {
	struct buf of[LAYER_KINDS];
};

static void add_range(struct buf *list, const struct obstacle *obstacle)
{
	char text[CIDR_TEXT];
	struct str range = obstacle->kind == OBSTACLE_DNS ? addr_print(text, obstacle->cidr.addr) : cidr_print(text, obstacle->cidr);
	BUF_LIT(list, "  - ");
	yaml_text(list, range);
	buf_char(list, '\n');
}

void write_parents(struct buf *out, const struct layers *layers)
{
	struct arena arena = {0};
	struct lists *lists = NEW_ARRAY(&arena, struct lists, layers->count);
	for (size_t i = 0; i < layers->count; i++)
		for (int kind = 0; kind < LAYER_KINDS; kind++)
			lists[i].of[kind] = buf_memory();
	for (size_t i = 0; i < layers->obstacles.count; i++) {
		const struct obstacle *obstacle = layers->obstacles.items[i].owner;
		if (obstacle->layer)
			add_range(&lists[obstacle->layer - layers->items].of[obstacle->kind], obstacle);
	}
	buf_add(out, layers->count ? S("parents:\n") : S("parents: []\n"));
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer *layer = &layers->items[i];
		BUF_LIT(out, "- name: ");
		yaml_text(out, layer->name);
		buf_fmt(out, "\n  nearest: %s\n", layer->nearest ? "true" : "false");
		yaml_pair(out, 2, S("dnsDomain"), layer->domain);
		for (int kind = 0; kind < LAYER_KINDS; kind++) {
			struct buf *list = &lists[i].of[kind];
			buf_fmt(out, "  %.*s:%s\n", STR(layer_keys[kind]), list->n ? "" : " []");
			buf_add(out, buf_str(list));
			buf_free(list);
		}
	}
	arena_free(&arena);
}

void write_parent_hosts(struct buf *out, const struct layers *layers)
{
	char text[CIDR_TEXT];
	for (size_t i = 0; i < layers->obstacles.count; i++) {
		const struct obstacle *obstacle = layers->obstacles.items[i].owner;
		if (!obstacle->layer || obstacle->kind > OBSTACLE_NODES)
			continue;
		buf_char(out, ',');
		buf_add(out, cidr_print(text, obstacle->cidr));
	}
	for (size_t i = 0; i < layers->count; i++) {
		BUF_LIT(out, ",.");
		buf_add(out, layers->items[i].domain);
	}
}
