/* What YAML reads a plain scalar as: the union of YAML 1.1 and 1.2.2.
 *
 * Helm's loader is YAML 1.1 (`no` is false, 0123 is 83), kubectl's too, libyaml's
 * users differ: text that any of them would read as something else is quoted when
 * we write, and must be quoted when a person writes it where text is wanted.
 */
#ifndef KDK_CONFIG_SCALAR_H
#define KDK_CONFIG_SCALAR_H

#include "tree.h"

enum reading { READS_TEXT, READS_NULL, READS_BOOL, READS_INT, READS_FLOAT };

enum reading scalar_reading(struct str plain);
/* As scalar_reading, READS_TEXT for a quoted or block scalar. In a text that Helm
 * GENERATED, what Helm's writer leaves plain as text is text. */
enum reading node_reading(const struct node *scalar, bool generated);
const char *reading_name(enum reading reading); /* "a bool" */

#endif
