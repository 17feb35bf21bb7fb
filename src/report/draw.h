/* The address space, drawn: by characters, and as a picture. */
#ifndef KDK_REPORT_DRAW_H
#define KDK_REPORT_DRAW_H

#include "../base/buf.h"
#include "../plan/plan.h"

/* At most 80 columns wide, without colours or anything else that needs a terminal. */
void draw_text(struct buf *out, struct arena *arena, const struct plan *plan);

/* An SVG 1.1 image. It has its own background, and is the same for everyone who sees it: patterns
 * and labels say what colours do, and its description lists the clashes. */
void draw_picture(struct buf *out, struct arena *arena, const struct plan *plan);

#endif
