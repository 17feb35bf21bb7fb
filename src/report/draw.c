/* The grid → characters.
 *
 *     10.64.0.0        ░░░░░█░░░░░░░░░░░░░░░░░░░░░░░░░░ dev, pool 10.64.0.0/11
 *     10.96.0.0        ssss!!!!ssssssssssssssssssssssss !1 host services 10.96.0.0/12
 *          :           7 rows more like it
 */
#include "draw.h"

#include "explain.h"
#include "grid.h"
#include "text.h"

enum { NOTE = 27, CLASHES_MOST = 100, V6_MOST = 20 };

/* Clusters that stand side by side differ. */
static const char *glyph(const struct cell *cell)
{
	static const char *const glyphs[PAINT_COUNT] = {
		[PAINT_NONE] = "·", [PAINT_POOL] = "░", [PAINT_EXTERNAL] = "x", [PAINT_RESERVED] = "r", [PAINT_PODS] = "p",
		[PAINT_SERVICES] = "s", [PAINT_NODES] = "n", [PAINT_ADDRESS] = "a", [PAINT_CLUSTER] = "█", [PAINT_WARNING] = "?",
		[PAINT_CLASH] = "!"};
	return cell->paint == PAINT_CLUSTER && cell->cluster % 2 ? "▓" : glyphs[cell->paint];
}

static void put_note(struct buf *out, const struct grid_row *row)
{
	if (row->clashes.n)
		buf_fmt(out, " !%.*s", STR(row->clashes));
	if (row->note.n)
		buf_char(out, ' ');
	report_escaped(out, row->note);
	if (row->untold)
		buf_fmt(out, " +%zu", row->untold);
}

static void put_row(struct buf *out, struct arena *arena, const struct grid *grid, const struct grid_row *row)
{
	if (row->empty) {
		buf_char(out, '\n');
		return;
	}
	buf_fmt(out, "%-16.*s", STR(grid_row_address(arena, grid, row->row)));
	for (size_t c = 0; c < GRID_COLUMNS; c++)
		buf_add(out, str_of(glyph(&row->cells[c])));
	put_note(out, row);
	buf_char(out, '\n');
	if (row->count > 1)
		buf_fmt(out, "     :          and %llu like it\n", (unsigned long long)row->count - 1);
}

static void put_legend(struct buf *out, const struct grid *grid)
{
	buf_char(out, '\n');
	for (int paint = PAINT_COUNT - 1; paint > PAINT_NONE; paint--)
		if (grid->used[paint])
			buf_fmt(out, "%s  %s\n", paint == PAINT_CLUSTER ? "█ ▓" : glyph(&(struct cell){(enum paint)paint, 0}),
				paint_text((enum paint)paint));
}

static void put_clashes(struct buf *out, struct arena *arena, const struct grid *grid)
{
	const struct clashes *clashes = &grid->clashes;
	buf_fmt(out, "\n%zu clash%s\n", clashes->count, clashes->count == 1 ? "" : "es");
	for (size_t i = 0; i < clashes->count && i < CLASHES_MOST; i++) {
		bool warning = clash_level(&clashes->items[i]) != LEVEL_ERROR;
		struct str text = clash_text(arena, grid->plan, &clashes->items[i]);
		explain_wrapped(out, 0, 3, arena_fmt(arena, "!%zu %s%.*s", i + 1, warning ? "warning: " : "", STR(text)));
		explain_wrapped(out, 5, 5, clash_consequence(arena, &clashes->items[i]));
	}
	if (clashes->count > CLASHES_MOST)
		buf_fmt(out, "and %zu more\n", clashes->count - CLASHES_MOST);
}

static void put_list(struct buf *out, const char *head, struct grid_lines lines)
{
	if (lines.count)
		buf_fmt(out, "\n%s\n", head);
	for (size_t i = 0; i < lines.count; i++)
		explain_wrapped(out, 2, 4, lines.items[i]);
}

void draw_text(struct buf *out, struct arena *arena, const struct plan *plan)
{
	struct grid grid = grid_make(arena, plan, NOTE);
	unsigned prefix = 32 - grid.bits;
	buf_fmt(out, "IPv4 addresses of release '");
	report_escaped(out, plan->input->release.name);
	buf_fmt(out, "': a character is a /%u, a line a /%u\n\n", prefix, prefix - 5);
	for (size_t i = 0; i < grid.count; i++)
		put_row(out, arena, &grid, &grid.rows[i]);
	put_legend(out, &grid);
	put_clashes(out, arena, &grid);
	put_list(out, "not known", grid_unknown(arena, plan));
	put_list(out, "IPv6, which is not drawn", grid_v6(arena, plan, V6_MOST));
}
