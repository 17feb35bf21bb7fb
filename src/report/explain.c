/* A plan → text: who gets which ranges, from where, and how they stand to each parent.
 *
 *     parent host, nearest
 *       pods       10.244.0.0/16
 *       services   10.96.0.0/12
 *       nodes      not known
 *
 *                  pods      services  nodes     dns       external
 *       dev
 *         services ok        CLASH     unknown   -         -
 *           services 10.96.0.0/16 of cluster 'dev' overlap services 10.96.0.0/12 of parent 'host':
 *           the parent's Services would be captured inside the cluster, ...
 *       the other 2 clusters
 *                  ok        ok        unknown   -         -
 *
 * Clusters without a clash share a row, so that what is wrong is not lost among thousands.
 * What is not known is never called ok.
 */
#include "explain.h"

#include "../plan/clash.h"
#include "text.h"

enum { WIDTH = 80, ROWS_MOST = 100, RANGES_MOST = 4 };

enum mark { MARK_OK, MARK_CLASH, MARK_WARNING, MARK_ASSUMED, MARK_UNKNOWN, MARK_NEXT, MARK_NONE, MARK_COUNT };
static const struct {
	const char *mark, *meaning;
} marks[MARK_COUNT] = {
	[MARK_OK] = {"ok", "nothing in common"},
	[MARK_CLASH] = {"CLASH", "addresses in common: refused"},
	[MARK_WARNING] = {"warning", "addresses in common with a parent further down"},
	[MARK_ASSUMED] = {"assumed", "nothing in common with what is usual on that platform"},
	[MARK_UNKNOWN] = {"unknown", "not known, so nothing could be checked"},
	[MARK_NEXT] = {"next", "a vcluster has none of its own: see the next parent"},
	[MARK_NONE] = {"-", "none given"},
};

struct explainer {
	struct buf *out;
	struct arena *arena;
	const struct plan *plan;
	struct clashes clashes;
	bool used[MARK_COUNT];
};

/* --- pieces --- */

void explain_wrapped(struct buf *out, size_t indent, size_t hang, struct str text)
{
	struct buf escaped = buf_memory();
	report_escaped(&escaped, text);
	struct str rest = buf_str(&escaped);
	size_t column = 0;
	while (rest.n) {
		size_t space = str_find(rest, ' ');
		if (column && column + 1 + space > WIDTH) {
			buf_char(out, '\n');
			column = 0;
			indent = hang;
		}
		buf_fill(out, ' ', column ? 1 : indent);
		column = column ? column + 1 + space : indent + space;
		buf_add(out, str_to(rest, space));
		rest = str_from(rest, space + 1);
	}
	buf_char(out, '\n');
	buf_free(&escaped);
}

/* "a, b, c and 7 more", for the COUNT clusters from FIRST on. */
static struct str names_of(const struct explainer *e, size_t first, size_t count)
{
	enum { MOST = 3 };
	const struct cluster_entry *clusters = e->plan->input->clusters + first;
	struct str names = clusters[0].name;
	for (size_t i = 1; i < count && (i < MOST || count == MOST + 1); i++)
		names = arena_fmt(e->arena, "%.*s, %.*s", STR(names), STR(clusters[i].name));
	return count > MOST + 1 ? arena_fmt(e->arena, "%.*s and %zu more", STR(names), count - MOST) : names;
}

bool explain_is_bare(const struct cluster_plan *ranges)
{
	for (int part = PART_PODS; part <= PART_BLOCK; part++)
		if (family_part(&ranges->v4, (enum part)part).set || family_part(&ranges->v6, (enum part)part).set)
			return false;
	return true;
}

/* --- the plan --- */

static void put_range(struct explainer *e, const char *key, struct cidr cidr, const char *why)
{
	char text[CIDR_TEXT];
	if (cidr.set)
		buf_fmt(e->out, "  %-10s %-*.*s %s\n", key, cidr_is_v4(cidr) ? 19 : 29, STR(cidr_print(text, cidr)), why);
}

static void put_family(struct explainer *e, const struct family_plan *ranges, bool v6)
{
	static const char *const keys[2][4] = {{"pods", "services", "docker", "block"}, {"pods6", "services6", "docker6", "block6"}};
	static const char *const origins[] = {
		[SETTLED_ASSIGNED] = "assigned", [SETTLED_REMEMBERED] = "remembered", [SETTLED_PINNED] = "pinned"};
	static const enum part order[] = {PART_BLOCK, PART_PODS, PART_SERVICES, PART_DOCKER};
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		put_range(e, keys[v6][order[i]], family_part(ranges, order[i]), origins[ranges->origin[order[i]]]);
	if (!ranges->docker.set || v6)
		return;
	put_range(e, "", plan_kind_network(ranges->docker), "the kind network");
	put_range(e, "", plan_bridge(ranges->docker), "docker0");
	put_range(e, "", plan_pool(ranges->docker), "pool for other networks");
}

static void put_plan(struct explainer *e)
{
	const struct input *input = e->plan->input;
	buf_fmt(e->out, "%zu cluster%s of release '", input->count, input->count == 1 ? "" : "s");
	report_escaped(e->out, input->release.name);
	buf_fmt(e->out, "'%s\n", input->values.network.share ? ", which share their ranges" : "");
	for (size_t i = 0, run; i < input->count; i += run) {
		run = plan_run(e->plan, i);
		struct cluster_plan ranges = plan_of(e->plan, i);
		buf_char(e->out, '\n');
		explain_wrapped(e->out, 0, 0, names_of(e, i, run));
		put_family(e, &ranges.v4, false);
		put_family(e, &ranges.v6, true);
		if (explain_is_bare(&ranges))
			BUF_LIT(e->out, "  no ranges\n");
	}
}

/* --- one parent --- */

/* Resolvers and what is external need not be said. */
static enum knowledge knowledge_of(const struct layer *layer, enum obstacle_kind kind)
{
	return (int)kind < LAYER_LISTS ? layer->known[kind] : GIVEN;
}

static void put_layer_range(struct explainer *e, const char *label, const struct obstacle *o)
{
	char text[CIDR_TEXT];
	struct str range = cidr_print(text, o->cidr);
	if (o->kind == OBSTACLE_DNS)
		range = str_to(range, str_find(range, '/'));
	buf_fmt(e->out, "  %-10s %.*s", label, STR(range));
	if (o->name.n)
		BUF_LIT(e->out, " (");
	report_escaped(e->out, o->name);
	buf_fmt(e->out, "%s%s\n", o->name.n ? ")" : "", knowledge_of(o->layer, o->kind) == ASSUMED ? " (assumed)" : "");
}

/* What is known of LAYER's ranges of KIND; how many there are. */
static size_t put_layer_ranges(struct explainer *e, const struct layer *layer, enum obstacle_kind kind)
{
	const struct range_set *set = &e->plan->layers->obstacles;
	const char *key = layer_keys[kind].p;
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct obstacle *o = set->items[i].owner;
		if (o->layer == layer && o->kind == kind && count++ < RANGES_MOST)
			put_layer_range(e, count == 1 ? key : "", o);
	}
	enum knowledge known = knowledge_of(layer, kind);
	if (count > RANGES_MOST)
		buf_fmt(e->out, "             and %zu more\n", count - RANGES_MOST);
	if (known == REFUSED)
		buf_fmt(e->out, "  %-10s what is given is wrong\n", count ? "" : key);
	else if (count == 0)
		buf_fmt(e->out, "  %-10s %s\n", key,
			known == NOT_KNOWN ? "not known" : known == NEXT_LAYERS ? "the next parent's" : "none given");
	return count;
}

static enum mark calm_mark(const struct layer *layer, enum obstacle_kind kind, size_t count)
{
	switch (knowledge_of(layer, kind)) {
	case NOT_KNOWN:
	case REFUSED:
		return MARK_UNKNOWN;
	case NEXT_LAYERS:
		return MARK_NEXT;
	case ASSUMED:
		return MARK_ASSUMED;
	case GIVEN:
		break;
	}
	return count ? MARK_OK : MARK_NONE;
}

static void put_marks(struct explainer *e, const char *label, const enum mark row[LAYER_KINDS])
{
	buf_fmt(e->out, "    %-9s", label);
	for (int kind = 0; kind < LAYER_KINDS; kind++) {
		e->used[row[kind]] = true;
		buf_fmt(e->out, kind + 1 < LAYER_KINDS ? "%-10s" : "%s", marks[row[kind]].mark);
	}
	buf_char(e->out, '\n');
}

static void put_clash(struct explainer *e, const struct clash *clash, size_t indent)
{
	struct str text = clash_text(e->arena, e->plan, clash);
	if (clash->more)
		text = arena_fmt(e->arena, "%.*s, and more of them", STR(text));
	const struct obstacle *o = clash->obstacle;
	if (o && o->layer && knowledge_of(o->layer, o->kind) == ASSUMED)
		text = arena_fmt(e->arena, "%.*s (assumed)", STR(text));
	explain_wrapped(e->out, indent, indent, arena_fmt(e->arena, "%.*s:", STR(text)));
	explain_wrapped(e->out, indent + 2, indent + 2, clash_consequence(e->arena, clash));
}

/* The rows of one cluster, whose clashes, with all parents, are those from FIRST to END. */
static void put_cluster(struct explainer *e, const struct layer *layer, const enum mark calm[LAYER_KINDS], size_t first, size_t end)
{
	const struct clash *clashes = e->clashes.items;
	size_t cluster = clashes[first].cluster;
	struct cluster_plan ranges = plan_of(e->plan, cluster);
	size_t run = e->plan->input->values.network.share ? plan_run(e->plan, cluster) : 1;
	explain_wrapped(e->out, 2, 2, names_of(e, cluster, run));
	for (int part = PART_PODS; part <= PART_DOCKER; part++) {
		enum mark row[LAYER_KINDS];
		for (int kind = 0; kind < LAYER_KINDS; kind++)
			row[kind] = calm[kind];
		for (size_t i = first; i < end; i++)
			if (clashes[i].part == (enum part)part && clashes[i].obstacle && clashes[i].obstacle->layer == layer)
				row[clashes[i].obstacle->kind] = clash_level(&clashes[i]) == LEVEL_ERROR ? MARK_CLASH : MARK_WARNING;
		if (!family_part(&ranges.v4, (enum part)part).set && !family_part(&ranges.v6, (enum part)part).set)
			continue;
		put_marks(e, part_names[part].p, row);
		for (size_t i = first; i < end; i++)
			if (clashes[i].part == (enum part)part && clashes[i].obstacle && clashes[i].obstacle->layer == layer)
				put_clash(e, &clashes[i], 6);
	}
}

static void put_calm(struct explainer *e, size_t bad, size_t bare, const enum mark calm[LAYER_KINDS])
{
	size_t count = e->plan->input->count - bad - bare;
	if (bare)
		buf_fmt(e->out, "  %zu cluster%s without ranges: not checked\n", bare, bare == 1 ? "" : "s");
	if (count == 0)
		return;
	if (bad && count == 1)
		BUF_LIT(e->out, "  the other cluster\n");
	else
		buf_fmt(e->out, "  %s%zu cluster%s\n", bad ? "the other " : count > 1 ? "all " : "", count, count == 1 ? "" : "s");
	put_marks(e, "", calm);
}

static size_t end_of_cluster(const struct clashes *clashes, size_t first)
{
	size_t end = first;
	while (end < clashes->count && clashes->items[end].cluster == clashes->items[first].cluster)
		end++;
	return end;
}

static bool touches(const struct clashes *clashes, size_t first, size_t end, const struct layer *layer)
{
	for (size_t i = first; i < end; i++)
		if (clashes->items[i].obstacle && clashes->items[i].obstacle->layer == layer)
			return true;
	return false;
}

static void put_rows(struct explainer *e, const struct layer *layer, const enum mark calm[LAYER_KINDS], size_t bare)
{
	size_t bad = 0, rows = 0;
	for (size_t first = 0, end; first < e->clashes.count; first = end) {
		end = end_of_cluster(&e->clashes, first);
		if (!touches(&e->clashes, first, end, layer))
			continue;
		bad += e->plan->input->values.network.share ? plan_run(e->plan, e->clashes.items[first].cluster) : 1;
		if (rows++ < ROWS_MOST)
			put_cluster(e, layer, calm, first, end);
	}
	if (rows > ROWS_MOST)
		buf_fmt(e->out, "  and %zu more clusters with a clash\n", rows - ROWS_MOST);
	put_calm(e, bad, bare, calm);
}

static void put_layer(struct explainer *e, const struct layer *layer, size_t bare)
{
	enum mark calm[LAYER_KINDS];
	struct str which = arena_fmt(e->arena, "parent '%.*s', %s%s%.*s", STR(layer->name), layer->nearest ? "nearest" : "further down",
				     layer->platform.n ? ", " : "", STR(layer->platform));
	buf_char(e->out, '\n');
	explain_wrapped(e->out, 0, 0, which);
	for (int kind = 0; kind < LAYER_KINDS; kind++) {
		size_t count = put_layer_ranges(e, layer, (enum obstacle_kind)kind);
		calm[kind] = calm_mark(layer, (enum obstacle_kind)kind, count);
	}
	if (e->plan->input->count == 0)
		return;
	buf_fmt(e->out, "\n             ");
	for (int kind = 0; kind < LAYER_KINDS; kind++)
		buf_fmt(e->out, kind + 1 < LAYER_KINDS ? "%-10.*s" : "%.*s", STR(layer_keys[kind]));
	buf_char(e->out, '\n');
	put_rows(e, layer, calm, bare);
}

/* --- all of it --- */

static void put_elsewhere(struct explainer *e)
{
	size_t said = 0;
	for (size_t i = 0; i < e->clashes.count; i++) {
		const struct clash *clash = &e->clashes.items[i];
		if (clash->obstacle && clash->obstacle->layer)
			continue;
		if (said == 0)
			BUF_LIT(e->out, "\nnot of a parent\n");
		if (said++ < ROWS_MOST)
			put_clash(e, clash, 2);
	}
	if (said > ROWS_MOST)
		buf_fmt(e->out, "  and %zu more\n", said - ROWS_MOST);
}

static void put_legend(struct explainer *e)
{
	const char *before = "\n";
	for (int mark = 0; mark < MARK_COUNT; mark++) {
		if (!e->used[mark])
			continue;
		buf_fmt(e->out, "%s%-8s %s\n", before, marks[mark].mark, marks[mark].meaning);
		before = "";
	}
}

void explain_plan(struct buf *out, struct arena *arena, const struct plan *plan)
{
	struct explainer e = {.out = out, .arena = arena, .plan = plan, .clashes = clashes_find(arena, plan)};
	const struct layers *layers = plan->layers;
	size_t bare = 0;
	for (size_t i = 0; i < plan->input->count; i++) {
		struct cluster_plan ranges = plan_of(plan, i);
		bare += explain_is_bare(&ranges);
	}
	put_plan(&e);
	for (size_t i = 0; i < layers->count; i++)
		put_layer(&e, &layers->items[i], bare);
	if (layers->count == 0)
		buf_fmt(out, "\n%s\n", plan->input->values.parents ? "there are no parents" :
								     "parents: unknown. None is given, so nothing was checked against the layers below");
	put_elsewhere(&e);
	put_legend(&e);
}
