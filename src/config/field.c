/* The tables that values.def describes. */
#include "field.h"

#include "shape.h"
#include "values.h"

#define NONE NULL
#define T(...) &(const struct type){__VA_ARGS__}
#define BOOLEAN T(.kind = TYPE_BOOL)
#define INTEGER(least, most) T(.kind = TYPE_INT, .low = (least), .high = (most))
#define ANY_TEXT T(.kind = TYPE_TEXT)
#define TEXT_OF(name) T(.kind = TYPE_TEXT, .formatted = true, .format = FORMAT_##name)
#define WORDS(...) T(.kind = TYPE_TEXT, .words = (const char *const[]){__VA_ARGS__, NULL})
#define QUANTITY T(.kind = TYPE_QUANTITY)
#define POSITIVE_QUANTITY T(.kind = TYPE_QUANTITY, .not_empty = true)
#define PORT_OR_NAME T(.kind = TYPE_PORT)
#define MTU T(.kind = TYPE_MTU, .low = 1280, .high = 9000)
#define MAP_OF(name) T(.kind = TYPE_MAP, .object = &object_##name)
#define DICT(keys, values) T(.kind = TYPE_DICT, .formatted = true, .format = FORMAT_##keys, .of = values)
#define DICT_NOT_RESERVED(keys, values) \
	T(.kind = TYPE_DICT, .formatted = true, .format = FORMAT_##keys, .of = values, .not_reserved = true)
#define LIST(items) T(.kind = TYPE_LIST, .of = items)
#define ONE_OR_LIST(items) T(.kind = TYPE_LIST, .of = items, .or_one = true)
#define SOME(items) T(.kind = TYPE_LIST, .of = items, .not_empty = true)
#define ANYTHING T(.kind = TYPE_ANY)
#define ANY_MAP T(.kind = TYPE_DICT, .of = ANYTHING)

#define OBJECT(name, check, doc) static const struct field fields_##name[] = {
#define INCLUDE(name, other)
#define FIELD(object, c, key, type, builtin, doc) \
	{S_INIT(#key), MEMBER_##c, type, S_INIT(builtin), S_INIT(doc), offsetof(struct object, key), false},
#define NEED(object, c, key, type, doc) \
	{S_INIT(#key), MEMBER_##c, type, {0}, S_INIT(doc), offsetof(struct object, key), true},
#define NEST(object, key, other, doc) \
	{S_INIT(#key), MEMBER_NEST, MAP_OF(other), {0}, S_INIT(doc), offsetof(struct object, key), false},
#define END(name) };
#include "values.def"

#define OBJECT(name, checker, about) \
	const struct object object_##name = { \
		S_INIT(#name), S_INIT(about), .check = checker, \
		.fields = fields_##name, .count = sizeof fields_##name / sizeof fields_##name[0],
#define INCLUDE(name, other) .include = &object_##other,
#define FIELD(object, c, key, type, builtin, doc)
#define NEED(object, c, key, type, doc)
#define NEST(object, key, other, doc)
#define END(name) };
#include "values.def"

const struct field *object_field(const struct object *object, struct str key)
{
	for (; object; object = object->include)
		for (size_t i = 0; i < object->count; i++)
			if (str_eq(object->fields[i].key, key))
				return &object->fields[i];
	return NULL;
}

struct str path_text(struct arena *arena, const struct path *path)
{
	if (!path)
		return (struct str){0};
	struct str up = path_text(arena, path->up);
	if (path->in_list)
		return arena_fmt(arena, "%.*s[%zu]", STR(up), path->index);
	if (up.n == 0)
		return path->key;
	bool dotted = str_find(path->key, '.') < path->key.n || str_find(path->key, '/') < path->key.n;
	return arena_fmt(arena, dotted ? "%.*s['%.*s']" : "%.*s.%.*s", STR(up), STR(path->key));
}
