/* Diagnostics for programs: CI systems, code scanners, editors.
 *
 * Each format holds all that the text has, but for source lines. Texts are escaped as in
 * text.h before they are put into the format, so that neither secrets nor what steers a
 * terminal comes out. Levels below LEVEL_NOTE do not exist: everything is written.
 */
#ifndef KDK_REPORT_MACHINE_H
#define KDK_REPORT_MACHINE_H

#include "../base/buf.h"
#include "../base/diag.h"

/* One object, as schemas/lint.schema.json says. CLUSTERS: how many were planned. */
void report_json(struct buf *out, const struct diags *diags, size_t clusters);
/* SARIF 2.1.0 (OASIS), one run; columns count code points. WHOLE, which may be NULL: the file
 * that a diagnostic without a line is said of. */
void report_sarif(struct buf *out, const struct diags *diags, const struct source *whole);
/* GitHub's workflow commands, a line each, which it shows beside the lines of a change. */
void report_github(struct buf *out, const struct diags *diags);

#endif
