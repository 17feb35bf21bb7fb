/* Block style YAML, two spaces a level, list items level with their key.
 *
 * Text is plain only where YAML 1.1 and 1.2 both read it back as that text; else
 * it is double-quoted, so that no text can break out of its place.
 */
#ifndef KDK_RENDER_YAML_H
#define KDK_RENDER_YAML_H

#include "../base/buf.h"
#include "../config/tree.h"

/* Whether TEXT needs no quotes. */
bool yaml_is_plain(struct str text);
/* TEXT as one scalar, on the line that is being written. */
void yaml_text(struct buf *out, struct str text);
/* TEXT double-quoted, which is JSON too. */
void yaml_quoted(struct buf *out, struct str text);
/* "KEY: TEXT" as a line; TEXT of several lines becomes a literal block where it can. */
void yaml_pair(struct buf *out, size_t indent, struct str key, struct str text);
/* "KEY:" and NODE under it, or on the line. Nothing for null. */
void yaml_pair_node(struct buf *out, size_t indent, struct str key, const struct node *node);
/* What NODE holds, a line each, INDENT spaces before them: for a map that already has
 * keys, or as a whole document. */
void yaml_node(struct buf *out, size_t indent, const struct node *node);
/* Whether a text of several lines can stand as a literal block; and how. */
bool yaml_fits_block(struct str text);
/* "|", "|-" or "|+", then the lines of TEXT, INDENT spaces before each. */
void yaml_block(struct buf *out, size_t indent, struct str text);

#endif
