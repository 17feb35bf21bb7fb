/* values.def as a JSON Schema; and the walk over its objects that reference.c shares.
 *
 * The schema refuses nothing that check.c takes. It can say less: reserved names,
 * what is inside a range, and whatever concerns several keys is for the check.
 */
#ifndef KDK_CONFIG_SCHEMA_H
#define KDK_CONFIG_SCHEMA_H

#include "../base/buf.h"
#include "field.h"

/* Draft-07 and self-contained, its patterns in what RE2, PCRE2 and ECMA 262 share. */
void schema_write(struct buf *out);

enum object_id {
#define OBJECT(name, check, doc) OBJECT_##name,
#define INCLUDE(name, other)
#define FIELD(object, c, key, type, builtin, doc)
#define NEED(object, c, key, type, doc)
#define NEST(object, key, other, doc)
#define END(name)
#include "values.def"
	OBJECT_COUNT
};
extern const struct object *const all_objects[OBJECT_COUNT]; /* in values.def's order */

/* An object, and where it was first met: under key AS of item IN. */
struct met {
	const struct object *object;
	size_t in;
	const struct field *as; /* NULL for the first, the values file itself */
};

/* Every object that a values file can hold, once, each before what it holds. */
struct walk {
	struct met items[OBJECT_COUNT];
	size_t count;
};
struct walk walk_objects(void);

/* The object that TYPE holds, in a list or map as well; NULL where there is none. */
const struct object *type_object(const struct type *type);

#endif
