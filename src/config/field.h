/* values.def at run time: what a value may be, as tables.
 *
 * check.c, load.c, schema.c and reference.c walk these; none of them knows a key
 * by name that values.def does not.
 */
#ifndef KDK_CONFIG_FIELD_H
#define KDK_CONFIG_FIELD_H

#include "match.h"
#include "tree.h"

struct check;
struct path;

enum type_kind {
	TYPE_BOOL,
	TYPE_INT,
	TYPE_TEXT,
	TYPE_QUANTITY,
	TYPE_PORT, /* a port's number or name */
	TYPE_MTU,  /* auto or a number */
	TYPE_MAP,  /* of one object */
	TYPE_DICT, /* keys of a format, values of one type */
	TYPE_LIST,
	TYPE_ANY,
};

struct type {
	enum type_kind kind;
	bool formatted;                /* TEXT, DICT: FORMAT says which form */
	enum format_id format;         /* TEXT: its form; DICT: that of its keys */
	const char *const *words;      /* TEXT: the only ones, NULL-terminated; NULL: any */
	int64_t low, high;             /* INT */
	const struct object *object;   /* MAP */
	const struct type *of;         /* DICT, LIST: of each value or item */
	bool or_one;                   /* LIST: a single item may stand for the list */
	bool not_empty;                /* LIST; QUANTITY: not zero */
	bool not_reserved;             /* DICT: keys that belong to KDK, Helm or Kubernetes are refused */
};

/* How a value lies in its struct. */
enum member { MEMBER_BOOL, MEMBER_INT, MEMBER_TEXT, MEMBER_NODE, MEMBER_NEST };

struct field {
	struct str key;
	enum member member;
	const struct type *type;
	struct str builtin; /* YAML; empty: absent */
	struct str doc;
	size_t offset; /* in the struct of its object */
	bool needed;
};

typedef void object_check(struct check *check, const struct node *map, const struct path *path);

struct object {
	struct str name, doc;
	const struct object *include; /* whose keys are keys here too */
	const struct field *fields;
	size_t count;
	object_check *check; /* may be NULL */
};

#define OBJECT(name, check, doc) extern const struct object object_##name;
#define INCLUDE(name, other)
#define FIELD(object, c, key, type, builtin, doc)
#define NEED(object, c, key, type, doc)
#define NEST(object, key, other, doc)
#define END(name)
#include "values.def"

/* The field of KEY in OBJECT or in what it includes; NULL where there is none. */
const struct field *object_field(const struct object *object, struct str key);

/* Where a value is, from the top: for clusters.dev.network.services. */
struct path {
	const struct path *up; /* NULL at the top */
	struct str key;        /* or, in a list: */
	size_t index;
	bool in_list;
};
struct str path_text(struct arena *arena, const struct path *path);

#endif
