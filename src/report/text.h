/* Diagnostics as text for a terminal, a log, or Helm's error. */
#ifndef KDK_REPORT_TEXT_H
#define KDK_REPORT_TEXT_H

#include "../base/buf.h"
#include "../base/diag.h"

/* Every diagnostic, in the order it has, with its source line and caret where the source is a
 * file; then what was left out. User and password of a URL come out as *. Control and
 * bidirectional characters come out escaped, wherever they stand. Levels below LEAST are left out. */
void report_text(struct buf *out, const struct diags *diags, enum level least);

/* The warnings, a line each: where and what, and nothing of what stands there. */
void report_warnings(struct buf *out, const struct diags *diags);

/* TEXT with what could steer a terminal escaped as \x.. or \u...., line breaks too, and what is
 * secret in a URL as *. */
void report_escaped(struct buf *out, struct str text);

extern const char *const report_levels[]; /* "note", "warning", "error", by enum level */

/* "3 errors, 1 warning" */
void report_counts(struct buf *out, const struct diags *diags);

#endif
