/* A plan → cells.
 *
 * Everything that has a range is a thing: clashes, parents' ranges, clusters, pools. Where
 * things begin and end, rows may differ; between two such places they look the same. Then
 * each thing paints the cells that it touches, and writes its name to its first row.
 */
#include "grid.h"

#include <stdlib.h>

enum { COLUMN_BITS = 5, BLOCK_BITS = 12, V4_BITS = 32, POOL_CELLS = 2048, ROWS_MOST = 150 };

struct thing {
	struct cidr cidr;
	enum paint paint;
	size_t number; /* of a cluster, or of a clash */
	struct str name;
};

struct maker {
	struct arena *arena;
	const struct plan *plan;
	struct grid grid;
	struct thing *things;
	size_t count, capacity;
};

const char *paint_text(enum paint paint)
{
	static const char *const texts[PAINT_COUNT] = {
		[PAINT_POOL] = "pool, free",
		[PAINT_EXTERNAL] = "external: must stay reachable",
		[PAINT_RESERVED] = "reserved",
		[PAINT_PODS] = "pods of a parent",
		[PAINT_SERVICES] = "services of a parent",
		[PAINT_NODES] = "nodes of a parent",
		[PAINT_ADDRESS] = "resolver, proxy or mirror",
		[PAINT_CLUSTER] = "nested cluster",
		[PAINT_WARNING] = "overlap further down",
		[PAINT_CLASH] = "CLASH",
	};
	return texts[paint];
}

/* --- things --- */

static void add(struct maker *m, struct cidr cidr, enum paint paint, size_t number, struct str name)
{
	if (!cidr.set || !cidr_is_v4(cidr))
		return;
	ARENA_PUSH(m->arena, m->things, m->count, m->capacity);
	m->things[m->count++] = (struct thing){cidr_masked(cidr), paint, number, name};
	m->grid.used[paint] = true;
}

static void add_clashes(struct maker *m)
{
	for (size_t i = 0; i < m->grid.clashes.count; i++) {
		const struct clash *c = &m->grid.clashes.items[i];
		struct cidr other = c->obstacle ? c->obstacle->cidr : c->other_cidr;
		add(m, c->cidr.length > other.length ? c->cidr : other, clash_level(c) == LEVEL_ERROR ? PAINT_CLASH : PAINT_WARNING,
		    i + 1, (struct str){0});
	}
}

static enum paint paint_of(enum obstacle_kind kind)
{
	static const enum paint paints[] = {
		[OBSTACLE_PODS] = PAINT_PODS,
		[OBSTACLE_SERVICES] = PAINT_SERVICES,
		[OBSTACLE_NODES] = PAINT_NODES,
		[OBSTACLE_DNS] = PAINT_ADDRESS,
		[OBSTACLE_EXTERNAL] = PAINT_EXTERNAL,
		[OBSTACLE_ADDRESS] = PAINT_ADDRESS,
		[OBSTACLE_SPECIAL] = PAINT_RESERVED,
		[OBSTACLE_RESERVED] = PAINT_RESERVED,
	};
	return paints[kind];
}

static struct str obstacle_name(struct arena *arena, const struct obstacle *o)
{
	char text[CIDR_TEXT];
	struct str range = cidr_print(text, o->cidr);
	if (cidr_bits(o->cidr) == 0)
		range = str_to(range, str_find(range, '/'));
	if (o->layer)
		return arena_fmt(arena, "%.*s %.*s %.*s", STR(o->layer->name), STR(layer_keys[o->kind]), STR(range));
	return arena_fmt(arena, "%.*s %.*s", STR(o->name), STR(range));
}

static bool is_touched(const struct maker *m, const struct obstacle *obstacle)
{
	for (size_t i = 0; i < m->grid.clashes.count; i++)
		if (m->grid.clashes.items[i].obstacle == obstacle)
			return true;
	return false;
}

/* Special ranges are the same everywhere: only those that matter. */
static void add_obstacles(struct maker *m)
{
	const struct range_set *set = &m->plan->layers->obstacles;
	for (size_t i = 0; i < set->count; i++) {
		const struct obstacle *o = set->items[i].owner;
		if (o->kind != OBSTACLE_SPECIAL || is_touched(m, o))
			add(m, o->cidr, paint_of(o->kind), 0, obstacle_name(m->arena, o));
	}
}

static void add_clusters(struct maker *m)
{
	const struct input *input = m->plan->input;
	for (size_t i = 0, run; i < input->count; i += run) {
		run = input->values.network.share ? plan_run(m->plan, i) : 1;
		struct cluster_plan ranges = plan_of(m->plan, i);
		struct str name = input->clusters[i].name;
		if (run > 1)
			name = arena_fmt(m->arena, "%.*s and %zu more", STR(name), run - 1);
		for (int part = PART_BLOCK; part >= PART_PODS; part--) {
			struct cidr cidr = family_part(&ranges.v4, (enum part)part);
			bool named = part != PART_BLOCK && cidr_contains(ranges.v4.block, cidr);
			add(m, cidr, PAINT_CLUSTER, i, named ? (struct str){0} : name);
		}
	}
}

static void add_pools(struct maker *m)
{
	const struct node *pools = m->plan->input->values.network.pools;
	for (const struct node *n = pools ? pools->child : NULL; n; n = n->next) {
		struct cidr cidr;
		if (cidr_parse(node_text(n), &cidr) != CIDR_INVALID)
			add(m, cidr, PAINT_POOL, 0, arena_fmt(m->arena, "pool %.*s", STR(node_text(n))));
	}
}

/* --- rows --- */

static uint64_t first_row(const struct maker *m, struct cidr cidr)
{
	return (cidr_first(cidr).low & UINT32_MAX) >> (m->grid.bits + COLUMN_BITS);
}

static uint64_t last_row(const struct maker *m, struct cidr cidr)
{
	return (cidr_last(cidr).low & UINT32_MAX) >> (m->grid.bits + COLUMN_BITS);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* As many addresses as a block has, unless the pools take more cells than can be looked at. */
static unsigned cell_bits(const struct maker *m)
{
	unsigned bits = BLOCK_BITS;
	bool found = false;
	uint64_t pools = 0;
	for (size_t i = 0; i < m->plan->input->count; i++) {
		struct cidr block = plan_of(m->plan, i).v4.block;
		if (block.set && (!found || cidr_bits(block) < bits))
			bits = cidr_bits(block);
		found |= block.set;
	}
	for (size_t i = 0; i < m->count; i++)
		if (m->things[i].paint == PAINT_POOL)
			pools += UINT64_C(1) << cidr_bits(m->things[i].cidr);
	while (bits < V4_BITS - COLUMN_BITS && pools >> bits > POOL_CELLS)
		bits++;
	return bits;
}

/* Where something begins, and where it has ended; sorted. */
static size_t find_breaks(const struct maker *m, uint64_t *breaks)
{
	size_t count = 0, kept = 0;
	for (size_t i = 0; i < m->count; i++) {
		breaks[count++] = first_row(m, m->things[i].cidr);
		breaks[count++] = last_row(m, m->things[i].cidr) + 1;
	}
	qsort(breaks, count, sizeof *breaks, by_number);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || breaks[i] != breaks[kept - 1])
			breaks[kept++] = breaks[i];
	return kept;
}

static void make_rows(struct maker *m)
{
	uint64_t *breaks = NEW_ARRAY(m->arena, uint64_t, 2 * m->count + 1);
	size_t count = find_breaks(m, breaks);
	for (; count > ROWS_MOST && m->grid.bits < V4_BITS - COLUMN_BITS; m->grid.bits++, count = find_breaks(m, breaks))
		;
	m->grid.count = count ? count - 1 : 0; /* the last one is behind the last row */
	m->grid.rows = NEW_ARRAY(m->arena, struct grid_row, m->grid.count);
	for (size_t i = 0; i < m->grid.count; i++)
		m->grid.rows[i] = (struct grid_row){.row = breaks[i], .count = breaks[i + 1] - breaks[i], .empty = true};
}

/* The row that ROW is in; there is one, as a thing begins there. */
static struct grid_row *find_row(const struct maker *m, uint64_t row)
{
	size_t low = 0, high = m->grid.count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (m->grid.rows[middle].row <= row)
			low = middle;
		else
			high = middle;
	}
	return &m->grid.rows[low];
}

static void paint_row(const struct maker *m, struct grid_row *row, const struct thing *thing)
{
	uint64_t start = row->row << COLUMN_BITS, first = (cidr_first(thing->cidr).low & UINT32_MAX) >> m->grid.bits,
		 last = (cidr_last(thing->cidr).low & UINT32_MAX) >> m->grid.bits;
	row->empty = false;
	for (uint64_t c = 0; c < GRID_COLUMNS; c++) {
		struct cell *cell = &row->cells[c];
		if (start + c < first || start + c > last || thing->paint < cell->paint)
			continue;
		cell->paint = thing->paint;
		cell->cluster = thing->number;
	}
}

/* NAME in at most LENGTH bytes. */
static struct str shorten(struct arena *arena, struct str name, size_t length)
{
	size_t end = 0, next;
	uint32_t code;
	if (name.n <= length)
		return name;
	while ((next = str_character(str_from(name, end), &code)) && end + next + 3 <= length)
		end += next;
	return arena_fmt(arena, "%.*s...", STR(str_to(name, end)));
}

static void note(struct maker *m, struct grid_row *row, const struct thing *thing, size_t length)
{
	enum { CLASHES = 12 };
	bool clash = thing->paint >= PAINT_WARNING;
	struct str *text = clash ? &row->clashes : &row->note;
	struct str name = clash ? arena_fmt(m->arena, "%zu", thing->number) : thing->name;
	size_t room = (clash ? CLASHES : length - row->clashes.n - (row->clashes.n ? 2 : 0)) - text->n;
	if (name.n == 0)
		return;
	if (text->n == 0)
		name = shorten(m->arena, name, room);
	if (text->n && name.n + 2 > room)
		row->untold++;
	else
		*text = arena_fmt(m->arena, "%.*s%s%.*s", STR(*text), text->n ? ", " : "", STR(name));
}

static void paint(struct maker *m, size_t note_length)
{
	struct grid_row *end = m->grid.rows + m->grid.count;
	for (size_t i = 0; i < m->count; i++) {
		const struct thing *thing = &m->things[i];
		uint64_t last = last_row(m, thing->cidr);
		struct grid_row *row = find_row(m, first_row(m, thing->cidr));
		note(m, row, thing, note_length);
		for (; row < end && row->row <= last; row++)
			paint_row(m, row, thing);
	}
}

struct grid grid_make(struct arena *arena, const struct plan *plan, size_t note_length)
{
	struct maker m = {.arena = arena, .plan = plan, .grid = {.plan = plan, .clashes = clashes_find(arena, plan)}};
	/* In the order in which names are written. */
	add_clashes(&m);
	add_obstacles(&m);
	add_clusters(&m);
	add_pools(&m);
	m.grid.bits = cell_bits(&m);
	make_rows(&m);
	paint(&m, note_length);
	return m.grid;
}

struct str grid_row_address(struct arena *arena, const struct grid *grid, uint64_t row)
{
	return addr_text(arena, cidr_first(cidr_make_v4((uint32_t)(row << (grid->bits + COLUMN_BITS)), V4_BITS)));
}

/* --- what is not drawn --- */

static void add_line(struct arena *arena, struct grid_lines *lines, struct str line)
{
	ARENA_PUSH(arena, lines->items, lines->count, lines->capacity);
	lines->items[lines->count++] = line;
}

static void add_v6_clusters(struct arena *arena, struct grid_lines *lines, const struct plan *plan, size_t most)
{
	size_t said = 0;
	char text[CIDR_TEXT];
	for (size_t i = 0, run; i < plan->input->count; i += run) {
		run = plan->input->values.network.share ? plan_run(plan, i) : 1;
		struct family_plan v6 = plan_of(plan, i).v6;
		for (int part = PART_BLOCK; part >= PART_PODS; part--) {
			struct cidr cidr = family_part(&v6, (enum part)part);
			if (!cidr.set || (part != PART_BLOCK && cidr_contains(v6.block, cidr)) || said++ >= most)
				continue;
			struct str more = run > 1 ? arena_fmt(arena, " and %zu more", run - 1) : S("");
			add_line(arena, lines, arena_fmt(arena, "%.*s %.*s of cluster '%.*s'%.*s", STR(part_names[part]),
							 STR(cidr_print(text, cidr)), STR(plan->input->clusters[i].name), STR(more)));
		}
	}
	if (said > most)
		add_line(arena, lines, arena_fmt(arena, "and %zu more ranges of clusters", said - most));
}

struct grid_lines grid_v6(struct arena *arena, const struct plan *plan, size_t most)
{
	struct grid_lines lines = {0};
	const struct range_set *set = &plan->layers->obstacles;
	size_t said = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct obstacle *o = set->items[i].owner;
		if (cidr_is_v4(o->cidr) || o->kind == OBSTACLE_SPECIAL || said++ >= most)
			continue;
		add_line(arena, &lines, obstacle_text(arena, o));
	}
	if (said > most)
		add_line(arena, &lines, arena_fmt(arena, "and %zu more ranges of parents", said - most));
	add_v6_clusters(arena, &lines, plan, most);
	return lines;
}

struct grid_lines grid_unknown(struct arena *arena, const struct plan *plan)
{
	struct grid_lines lines = {0};
	const struct layers *layers = plan->layers;
	if (layers->count == 0 && !plan->input->values.parents)
		add_line(arena, &lines, S("all of the layers below: no parent is given"));
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer *layer = &layers->items[i];
		for (int kind = 0; kind < LAYER_LISTS; kind++) {
			struct str what = arena_fmt(arena, "%.*s of parent '%.*s'", STR(layer_keys[kind]), STR(layer->name));
			if (layer->known[kind] == NOT_KNOWN || layer->known[kind] == REFUSED)
				add_line(arena, &lines, what);
			else if (layer->known[kind] == ASSUMED)
				add_line(arena, &lines, arena_fmt(arena, "%.*s: assumed, as %.*s usually has them", STR(what), STR(layer->platform)));
		}
	}
	return lines;
}
