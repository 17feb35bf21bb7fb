/* The IPv4 address space as rows of cells, ready to be drawn.
 *
 * A cell is as large as a block, or larger where the pools would take too many; a row is
 * GRID_COLUMNS of them. Rows that look the same one after the other are one, with a count.
 * There is a row for each place where something begins, and none where nothing is.
 */
#ifndef KDK_REPORT_GRID_H
#define KDK_REPORT_GRID_H

#include "../plan/clash.h"

enum { GRID_COLUMNS = 32 };

/* What is in a cell; of several the last one of these. */
enum paint {
	PAINT_NONE,
	PAINT_POOL,
	PAINT_EXTERNAL,
	PAINT_RESERVED, /* or special */
	PAINT_PODS,
	PAINT_SERVICES,
	PAINT_NODES,
	PAINT_ADDRESS, /* a resolver, or what a setting names */
	PAINT_CLUSTER,
	PAINT_WARNING, /* a clash with a parent further down */
	PAINT_CLASH,
	PAINT_COUNT,
};

struct cell {
	enum paint paint;
	size_t cluster; /* PAINT_CLUSTER: which, the last of several */
};

struct grid_row {
	uint64_t row, count; /* which row of the address space, and how many look like it */
	bool empty;          /* they lie between two that are not */
	struct cell cells[GRID_COLUMNS];
	struct str clashes, note; /* the numbers of clashes that begin here; what else does */
	size_t untold;            /* how many more there was no room for */
};

struct grid {
	const struct plan *plan;
	unsigned bits; /* a cell holds 2^bits addresses */
	struct grid_row *rows;
	size_t count;
	struct clashes clashes; /* IPv6 too; they count from 1 */
	bool used[PAINT_COUNT];
};

/* NOTE_LENGTH: how long a row's note may be, in bytes. */
struct grid grid_make(struct arena *arena, const struct plan *plan, size_t note_length);

struct str grid_row_address(struct arena *arena, const struct grid *grid, uint64_t row); /* its first one */

/* What a paint stands for, as a legend says it. */
const char *paint_text(enum paint paint);

/* What a drawing lacks, a line each. */
struct grid_lines {
	struct str *items;
	size_t count, capacity;
};
/* Parents' ranges that are not known, or not for certain: what looks free there may not be. */
struct grid_lines grid_unknown(struct arena *arena, const struct plan *plan);
/* What is in IPv6; the first MOST of parents, and of clusters. */
struct grid_lines grid_v6(struct arena *arena, const struct plan *plan, size_t most);

#endif
