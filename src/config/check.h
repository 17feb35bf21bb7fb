/* Whether what was written may be written: every complaint in one pass, with its place.
 *
 * check_value() holds a value to its type and what lies under it to values.def.
 * null means "not given" and is always right, except in a list. Nothing is loaded
 * here.
 */
#ifndef KDK_CONFIG_CHECK_H
#define KDK_CONFIG_CHECK_H

#include "field.h"

struct check {
	struct arena *arena;
	struct diags *diags;
	struct sources *sources; /* grows by built-in values and the last plan */
	struct match match; /* the caller ends it with match_free */
	bool strict;        /* a warning is as bad as an error */
};

void check_value(struct check *check, const struct node *value, const struct type *type, const struct path *path);
void check_map(struct check *check, const struct node *map, const struct object *object, const struct path *path);

/* A diagnostic at NODE, which an error refuses: what failed one rule is not looked at by
 * the next, and every stage can run to its end. */
struct diag *check_say(struct check *check, enum rule rule, const struct node *node, const struct path *path,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* TEXT as it may stand in a message: at most 60 bytes, an ellipsis behind what was cut. */
struct str check_quote(struct arena *arena, struct str text);

/* Whether a plain scalar is a decimal integer, as YAML 1.1 and 1.2 agree on. */
bool parse_integer(struct str text, int64_t *out);

#endif
