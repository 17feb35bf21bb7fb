/* The grid → SVG.
 *
 * A row of squares for each row of the grid, with its address before it and its note behind
 * it; then what the squares mean, the clashes, and what cannot be drawn. Colours are Okabe
 * and Ito's, which people with any kind of colour vision tell apart; each kind has a pattern
 * of its own too, and a clash a cross and a number. Nothing comes from outside the file.
 */
#include "draw.h"

#include "grid.h"
#include "text.h"

enum {
	WIDTH = 1000,
	MARGIN = 24,
	LEFT = 130, /* of the grid */
	CELL = 17,
	PITCH = 21, /* from row to row */
	GAP = 12,   /* where rows are left out */
	LINE = 18,  /* of text */
	RIGHT = LEFT + GRID_COLUMNS * CELL + 12,
	NOTE = 44,
	COLUMNS = 140, /* bytes of a line of text, as a rule */
	CLASHES_MOST = 100,
	V6_MOST = 20,
};

static const char *const classes[PAINT_COUNT] = {
	[PAINT_NONE] = "none",	     [PAINT_POOL] = "pool",	    [PAINT_EXTERNAL] = "external", [PAINT_RESERVED] = "reserved",
	[PAINT_PODS] = "pods",	     [PAINT_SERVICES] = "services", [PAINT_NODES] = "nodes",	   [PAINT_ADDRESS] = "address",
	[PAINT_CLUSTER] = "cluster", [PAINT_WARNING] = "warning",   [PAINT_CLASH] = "clash",
};

struct picture {
	struct buf *out;
	struct arena *arena;
	const struct grid *grid;
	size_t y;
};

/* --- text --- */

static void put_escaped(struct buf *out, struct str text)
{
	struct buf safe = buf_memory();
	report_escaped(&safe, text);
	for (size_t i = 0; i < safe.n; i++) {
		switch (safe.p[i]) {
		case '&':
			BUF_LIT(out, "&amp;");
			break;
		case '<':
			BUF_LIT(out, "&lt;");
			break;
		case '>':
			BUF_LIT(out, "&gt;");
			break;
		default:
			buf_char(out, safe.p[i]);
		}
	}
	buf_free(&safe);
}

static void put_text(struct picture *p, size_t x, const char *class, struct str text)
{
	buf_fmt(p->out, "<text x=\"%zu\" y=\"%zu\"%s%s%s>", x, p->y, *class ? " class=\"" : "", class, *class ? "\"" : "");
	put_escaped(p->out, text);
	BUF_LIT(p->out, "</text>\n");
}

/* TEXT in as many lines as it needs; leaves the place of the next one. */
static void put_lines(struct picture *p, size_t x, const char *class, struct str text)
{
	while (text.n) {
		size_t end = text.n;
		if (end > COLUMNS)
			for (end = COLUMNS; end > COLUMNS / 2 && text.p[end] != ' '; end--)
				;
		put_text(p, x, class, str_to(text, end));
		text = str_trim(str_from(text, end));
		p->y += LINE;
	}
}

static struct str clash_line(const struct picture *p, size_t i)
{
	const struct clash *clash = &p->grid->clashes.items[i];
	struct str text = clash_text(p->arena, p->grid->plan, clash);
	return arena_fmt(p->arena, "%zu. %s%.*s", i + 1, clash_level(clash) == LEVEL_ERROR ? "" : "warning: ", STR(text));
}

/* --- squares --- */

static void put_cross(struct picture *p, size_t x, size_t y)
{
	buf_fmt(p->out, "<path class=\"cross\" d=\"M%zu %zul9 9m0 -9l-9 9\"/>\n", x + 4, y + 4);
}

static void put_square(struct picture *p, size_t x, size_t y, enum paint paint, size_t cells)
{
	bool apart = paint == PAINT_CLUSTER || paint >= PAINT_WARNING;
	buf_fmt(p->out, "<rect class=\"%s\" x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%d\"/>\n", classes[paint], x + apart,
		y + apart, cells * CELL - 2 * (size_t)apart, CELL - 2 * apart);
	for (size_t i = 0; i < cells && paint == PAINT_CLASH; i++)
		put_cross(p, x + i * CELL, y);
}

/* How many cells from COLUMN on are one square: of the same kind, and cluster. */
static size_t same_cells(const struct grid_row *row, size_t column)
{
	const struct cell *first = &row->cells[column];
	size_t end = column + 1;
	while (end < GRID_COLUMNS && row->cells[end].paint == first->paint &&
	       (first->paint != PAINT_CLUSTER || row->cells[end].cluster == first->cluster))
		end++;
	return end - column;
}

static void put_cells(struct picture *p, const struct grid_row *row, size_t y)
{
	const struct cluster_entry *clusters = p->grid->plan->input->clusters;
	for (size_t column = 0, cells; column < GRID_COLUMNS; column += cells) {
		const struct cell *cell = &row->cells[column];
		cells = same_cells(row, column);
		if (cell->paint == PAINT_CLUSTER) {
			BUF_LIT(p->out, "<g><title>");
			put_escaped(p->out, clusters[cell->cluster].name);
			BUF_LIT(p->out, "</title>\n");
		}
		put_square(p, LEFT + column * CELL, y, cell->paint, cells);
		if (cell->paint == PAINT_CLUSTER)
			BUF_LIT(p->out, "</g>\n");
	}
}

static void put_note(struct picture *p, const struct grid_row *row)
{
	buf_fmt(p->out, "<text x=\"%d\" y=\"%zu\">", RIGHT, p->y);
	if (row->clashes.n)
		buf_fmt(p->out, "<tspan class=\"alarm\">\u2717 %.*s</tspan> ", STR(row->clashes));
	put_escaped(p->out, row->note);
	if (row->untold)
		buf_fmt(p->out, " +%zu", row->untold);
	BUF_LIT(p->out, "</text>\n");
}

static void put_row(struct picture *p, const struct grid_row *row)
{
	if (row->empty) {
		buf_fmt(p->out, "<path class=\"gap\" d=\"M%d %zuh%d\"/>\n", LEFT, p->y + GAP / 2 - 2, GRID_COLUMNS * CELL);
		p->y += GAP;
		return;
	}
	size_t top = p->y;
	p->y = top + 13;
	put_text(p, MARGIN, "mono", grid_row_address(p->arena, p->grid, row->row));
	put_cells(p, row, top);
	put_note(p, row);
	p->y = top + PITCH;
	if (row->count == 1)
		return;
	p->y += 8;
	put_text(p, LEFT, "small", arena_fmt(p->arena, "\u22ee and %llu like it", (unsigned long long)row->count - 1));
	p->y += 8;
}

/* --- around it --- */

static void put_style(struct buf *out)
{
	BUF_LIT(out,
		"<style>\n"
		"text{font:12px 'DejaVu Sans',Verdana,sans-serif;fill:#1a1a1a}\n"
		".title{font-size:18px;font-weight:bold}.head{font-weight:bold}.small{font-size:10px;fill:#555}\n"
		".mono{font-family:'DejaVu Sans Mono',Menlo,monospace}.page{fill:#fff}.gap{stroke:#999;stroke-dasharray:2 4}\n"
		".none{fill:#f4f4f4}.pool{fill:#dcdcdc}.alarm{fill:#b34700;font-weight:bold}\n"
		".cluster{fill:#0072b2;stroke:#003d66}.clash{fill:#d55e00;stroke:#000;stroke-width:1.5}\n"
		".warning{fill:#f0e442;stroke:#000;stroke-width:1.5;stroke-dasharray:3 2}.cross{stroke:#fff;stroke-width:2.5;fill:none}\n"
		".external{fill:url(#external)}.reserved{fill:url(#reserved)}.pods{fill:url(#pods)}\n"
		".services{fill:url(#services)}.nodes{fill:url(#nodes)}.address{fill:url(#address)}\n"
		"@media (prefers-color-scheme:dark){text{fill:#f0f0f0}.page{fill:#1b1b1f}.small{fill:#bbb}.none{fill:#2a2a2e}\n"
		".pool{fill:#4a4a50}.alarm{fill:#ff9a52}.gap{stroke:#777}.cluster{fill:#3aa0e0;stroke:#bfe3ff}\n"
		".clash,.warning{stroke:#fff}}\n"
		"</style>\n");
}

static void put_pattern(struct buf *out, const char *name, const char *colour, const char *mark)
{
	buf_fmt(out, "<pattern id=\"%s\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\" "
		     "fill=\"%s\"/><path d=\"%s\" stroke=\"#222\" stroke-width=\"1.2\" fill=\"none\"/></pattern>\n",
		name, colour, mark);
}

static void put_patterns(struct buf *out)
{
	BUF_LIT(out, "<defs>\n");
	put_pattern(out, "services", "#e69f00", "M-2 2l4 -4M0 8l8 -8M6 10l4 -4");
	put_pattern(out, "pods", "#56b4e9", "M3 4h2");
	put_pattern(out, "nodes", "#009e73", "M4 0v8");
	put_pattern(out, "external", "#cc79a7", "M0 0l8 8M0 8l8 -8");
	put_pattern(out, "reserved", "#999", "M0 4h8");
	put_pattern(out, "address", "#fff", "M0 4h8M4 0v8");
	BUF_LIT(out, "</defs>\n");
}

/* For who cannot see it. */
static void put_description(struct picture *p)
{
	const struct clashes *clashes = &p->grid->clashes;
	BUF_LIT(p->out, "<title id=\"title\">IPv4 addresses of release ");
	put_escaped(p->out, p->grid->plan->input->release.name);
	buf_fmt(p->out, "</title>\n<desc id=\"desc\">%zu clusters, %zu clash%s.", p->grid->plan->input->count, clashes->count,
		clashes->count == 1 ? "" : "es");
	for (size_t i = 0; i < clashes->count && i < CLASHES_MOST; i++) {
		BUF_LIT(p->out, "\n");
		put_escaped(p->out, clash_line(p, i));
	}
	if (clashes->count > CLASHES_MOST)
		buf_fmt(p->out, "\nand %zu more", clashes->count - CLASHES_MOST);
	BUF_LIT(p->out, "</desc>\n");
}

static void put_legend(struct picture *p)
{
	enum { WIDE = 240 };
	size_t said = 0;
	for (int paint = PAINT_COUNT - 1; paint > PAINT_NONE; paint--) {
		if (!p->grid->used[paint])
			continue;
		size_t x = MARGIN + said % 4 * WIDE;
		if (said && said % 4 == 0)
			p->y += PITCH;
		put_square(p, x, p->y, (enum paint)paint, 1);
		p->y += 13;
		put_text(p, x + CELL + 7, "", str_of(paint_text((enum paint)paint)));
		p->y -= 13;
		said++;
	}
	p->y += 2 * PITCH;
}

static void put_clashes(struct picture *p)
{
	const struct clashes *clashes = &p->grid->clashes;
	put_text(p, MARGIN, clashes->count ? "head alarm" : "head",
		 arena_fmt(p->arena, "%zu clash%s", clashes->count, clashes->count == 1 ? "" : "es"));
	p->y += LINE;
	for (size_t i = 0; i < clashes->count && i < CLASHES_MOST; i++) {
		put_lines(p, MARGIN, "", clash_line(p, i));
		put_lines(p, MARGIN + 20, "small", clash_consequence(p->arena, &clashes->items[i]));
	}
	if (clashes->count > CLASHES_MOST)
		put_lines(p, MARGIN, "", arena_fmt(p->arena, "and %zu more", clashes->count - CLASHES_MOST));
}

static void put_list(struct picture *p, struct str head, struct grid_lines lines)
{
	if (lines.count == 0)
		return;
	p->y += LINE;
	put_text(p, MARGIN, "head", head);
	p->y += LINE;
	for (size_t i = 0; i < lines.count; i++)
		put_lines(p, MARGIN, "", lines.items[i]);
}

static void put_body(struct picture *p)
{
	const struct grid *grid = p->grid;
	unsigned prefix = 32 - grid->bits;
	p->y = MARGIN + 16;
	put_text(p, MARGIN, "title",
		 arena_fmt(p->arena, "IPv4 addresses of release '%.*s'", STR(grid->plan->input->release.name)));
	p->y += 24;
	put_text(p, MARGIN, "", arena_fmt(p->arena, "A square is a /%u, a row a /%u. Rows where nothing is are left out.", prefix, prefix - 5));
	p->y += 16;
	put_legend(p);
	for (size_t i = 0; i < grid->count; i++)
		put_row(p, &grid->rows[i]);
	p->y += 2 * LINE;
	put_clashes(p);
	put_list(p, S("Not known"), grid_unknown(p->arena, grid->plan));
	put_list(p, S("IPv6, which is not drawn"), grid_v6(p->arena, grid->plan, V6_MOST));
}

void draw_picture(struct buf *out, struct arena *arena, const struct plan *plan)
{
	struct grid grid = grid_make(arena, plan, NOTE);
	struct buf body = buf_memory(); /* its height comes first in the file */
	struct picture p = {.out = &body, .arena = arena, .grid = &grid};
	put_body(&p);
	size_t height = p.y + MARGIN;
	buf_fmt(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d %zu\" role=\"img\" "
		     "aria-labelledby=\"title desc\">\n",
		WIDTH, height, WIDTH, height);
	p.out = out;
	put_description(&p);
	put_style(out);
	put_patterns(out);
	buf_fmt(out, "<rect class=\"page\" width=\"%d\" height=\"%zu\"/>\n", WIDTH, height);
	buf_add(out, buf_str(&body));
	BUF_LIT(out, "</svg>\n");
	buf_free(&body);
}
