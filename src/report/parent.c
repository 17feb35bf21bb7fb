/* Ranges and what is known of them → YAML with comments. */
#include "parent.h"

#include "../render/yaml.h"

static const struct str keys[FACT_KINDS] = {
	[FACT_PODS] = S_INIT("pods"),
	[FACT_SERVICES] = S_INIT("services"),
	[FACT_NODES] = S_INIT("nodes"),
	[FACT_DNS] = S_INIT("dns"),
};

static const struct hint {
	enum fact_kind kind;
	unsigned on, off; /* enum trait */
	const char *command, *remark;
} hints[] = {
#define HINT(kind, on, off, command, remark) {FACT_##kind, on, off, command, remark},
#include "hints.def"
};

/* --- a range, and who says it --- */

static void write_witness(struct buf *out, const struct witness_info *witness, const struct found_why *why)
{
	if (!witness->exact && why->count > 1)
		buf_fmt(out, "%zu %s", why->count, witness->many);
	else
		buf_fmt(out, "%s%s%.*s", witness->one, why->name.n ? " " : "", STR(why->name));
}

static void write_why(struct buf *out, const struct found_range *range)
{
	const char *between = "";
	for (size_t i = 0; i < WITNESS_COUNT; i++) {
		if (range->why[i].count == 0)
			continue;
		buf_fmt(out, "%s", between);
		write_witness(out, &witnesses[i], &range->why[i]);
		between = ", ";
	}
}

static void write_range(struct buf *out, enum fact_kind kind, const struct found_range *range)
{
	char text[CIDR_TEXT];
	BUF_LIT(out, "  - ");
	yaml_text(out, kind == FACT_DNS ? addr_print(text, range->cidr.addr) : cidr_print(text, range->cidr));
	buf_add(out, range->exact ? S(" # exact: ") : S(" # at least: "));
	write_why(out, range);
	buf_char(out, '\n');
}

/* --- what is missing --- */

static void write_hints(struct buf *out, enum fact_kind kind, unsigned traits)
{
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
		const struct hint *hint = &hints[i];
		if (hint->kind != kind || (hint->on && !(traits & hint->on)) || (traits & hint->off))
			continue;
		buf_fmt(out, "  #     %s", hint->command);
		buf_fmt(out, "%s%s\n", hint->remark[0] ? "   # " : "", hint->remark);
	}
}

/* Where a node has no range of its own, what pods have is not to be seen on nodes at all. */
static void write_reason(struct buf *out, enum fact_kind kind, const struct facts *facts)
{
	if (kind != FACT_PODS || facts->nodes_without_range == 0)
		return;
	buf_fmt(out, "; %zu of %zu node%s no podCIDR%s", facts->nodes_without_range, facts->nodes,
		facts->nodes == 1 ? " has" : "s have",
		facts->traits & TRAIT_CILIUM ? ", as Cilium assigns ranges itself" : "");
}

static void write_list(struct buf *out, enum fact_kind kind, const struct facts *facts, const struct found_list *list)
{
	bool whole = list->count > 0;
	struct str key = keys[kind];
	if (list->count)
		buf_fmt(out, "  %.*s:\n", STR(key));
	for (size_t i = 0; i < list->count; i++) {
		const struct found_range *range = &list->items[i];
		if (range->stray)
			BUF_LIT(out, "  # warning: outside of what the settings above say:\n");
		write_range(out, kind, range);
		whole = whole && (range->exact || range->stray);
	}
	if (whole)
		return;
	if (list->count)
		buf_fmt(out, "  # %.*s may be larger: only what is in use was found", STR(key));
	else
		buf_fmt(out, "  # %.*s: UNKNOWN, which is not \"none\": nothing was found", STR(key));
	write_reason(out, kind, facts);
	BUF_LIT(out, ". To know:\n");
	write_hints(out, kind, facts->traits);
}

static void write_domain(struct buf *out, const struct facts *facts, const struct found *found)
{
	if (found->domain.text.n) {
		struct found_why why = {1, found->domain.name};
		BUF_LIT(out, "  dnsDomain: ");
		yaml_text(out, found->domain.text);
		BUF_LIT(out, " # exact: ");
		write_witness(out, &witnesses[found->domain_witness], &why);
		buf_char(out, '\n');
		return;
	}
	BUF_LIT(out, "  # dnsDomain: not found; without it, it is taken to be cluster.local. To know:\n");
	write_hints(out, FACT_KINDS, facts->traits);
}

void write_parent(struct buf *out, struct str name, const struct facts *facts, const struct found *found)
{
	BUF_LIT(out, "# exact: a setting says so. at least: seen in use, and the range may be larger. What a kubectl\n"
		     "# command below prints can be given to `kdk-render discover` along with the rest.\n"
		     "parents:\n- name: ");
	yaml_text(out, name);
	buf_char(out, '\n');
	for (int kind = 0; kind < FACT_KINDS; kind++)
		write_list(out, (enum fact_kind)kind, facts, &found->of[kind]);
	write_domain(out, facts, found);
}
