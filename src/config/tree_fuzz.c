/* Any bytes as a values file: no crash, a tree or a diagnostic, and the tree that is
 * promised. Then every check of values.def over whatever the tree holds. */
#include "check.h"

#include "../base/die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		BUG("tree");
}

/* Aliases share their children, so a tree may be much larger than what it was read
 * from; past MOST nodes nothing new is looked at. */
enum { MOST = 100 * 1000 };

static void require_tree(const struct node *node, size_t lines, size_t depth, bool unique, size_t *seen)
{
	require(depth <= TREE_DEPTH && node->source == 0);
	require(node->line >= 1 && node->line <= lines + 1); /* what is missing at the end stands in the next line */
	if (++*seen > MOST)
		return;
	size_t children = 0;
	if (node->kind != NODE_SCALAR)
		for (const struct node *child = node->child; child; child = child->next, children++) {
			if (node->kind == NODE_MAP && children % 2 == 0)
				require(child->kind == NODE_SCALAR && child->next);
			require_tree(child, lines, depth + 1, unique, seen);
		}
	if (node->kind == NODE_LIST)
		require(children == node->n);
	if (node->kind == NODE_MAP)
		require(children == 2 * (size_t)node->n);
	if (node->kind == NODE_MAP && node->n <= 64 && unique)
		for (const struct node *key = node->child; key; key = key->next->next)
			require(node_get(node, node_text(key)) == key->next);
}

/* Where a place is in the text is libyaml's to say, in lines as it counts them. */
static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 1;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 || data[i] == 0xa9;
	return lines;
}

static void require_diagnostics(const struct diags *diags)
{
	size_t counted = 0, kept = 0, of_levels = 0;
	for (size_t rule = 0; rule < RULE_COUNT; rule++)
		counted += diags->of_rule[rule] < DIAG_MOST ? diags->of_rule[rule] : DIAG_MOST;
	for (size_t level = 0; level <= LEVEL_ERROR; level++)
		of_levels += diags->of_level[level];
	for (const struct diag *d = diags->first; d; d = d->next, kept++)
		require(d->message.n > 0 && d->place.source && d->rule < RULE_COUNT);
	require(kept == counted && of_levels >= kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct match match; /* compiling regexes anew for each input would be most of the time */
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct sources sources = {0};
	struct source source = {.name = S("fuzz"), .text = {(const char *)data, size}, .generated = size % 2};
	struct check check = {.arena = &arena, .diags = &diags, .sources = &sources, .match = match};
	sources_add(&arena, &sources, &source);

	struct node *root = tree_parse(&arena, &diags, &sources, 0);
	require(root || diags_failed(&diags));
	if (root) {
		size_t seen = 0;
		require_tree(root, count_lines(data, size), 0, diags.of_rule[RULE_KEY_DUPLICATE] == 0, &seen);
		check_map(&check, root, &object_values, NULL);
	}
	diags_sort(&diags, sources.items, sources.count);
	require_diagnostics(&diags);
	match = check.match;
	arena_free(&arena);
	return 0;
}
