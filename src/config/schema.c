/* values.def → JSON Schema, draft-07.
 *
 * Takes the tables of field.h; gives the values file as the root, and a definition
 * for each object below it. An object says itself whether it may be null, and a key
 * refers to it by a bare $ref: a validator's message is then one line, where anyOf
 * would make it one line for each branch at each level.
 */
#include "schema.h"

#include "../base/die.h"

#include <inttypes.h>

const struct object *const all_objects[OBJECT_COUNT] = {
#define OBJECT(name, check, doc) [OBJECT_##name] = &object_##name,
#define INCLUDE(name, other)
#define FIELD(object, c, key, type, builtin, doc)
#define NEED(object, c, key, type, doc)
#define NEST(object, key, other, doc)
#define END(name)
#include "values.def"
};

const struct object *type_object(const struct type *type)
{
	while (type->of)
		type = type->of;
	return type->object;
}

static bool is_met(const struct walk *walk, const struct object *object)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->items[i].object == object)
			return true;
	return false;
}

static void meet(struct walk *walk, const struct object *object, size_t in, const struct field *as)
{
	size_t self = walk->count++;
	walk->items[self] = (struct met){object, in, as};
	for (size_t i = 0; i < object->count; i++) {
		const struct object *held = type_object(object->fields[i].type);
		if (held && !is_met(walk, held))
			meet(walk, held, self, &object->fields[i]);
	}
}

struct walk walk_objects(void)
{
	struct walk walk = {0};
	meet(&walk, &object_values, 0, NULL);
	return walk;
}

/* --- JSON text --- */

struct json {
	struct buf *out;
	size_t depth;
	bool more; /* something stands in the innermost object already */
};

static void put_text(struct buf *out, struct str text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] < 0x20) {
			buf_fmt(out, "\\u%04x", (unsigned)text.p[i]);
			continue;
		}
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, text.p[i]);
	}
	buf_char(out, '"');
}

static void put_line(struct json *json)
{
	buf_add(json->out, json->more ? S(",\n") : S("\n"));
	buf_fill(json->out, ' ', 2 * json->depth);
	json->more = true;
}

static void put_key(struct json *json, struct str key)
{
	put_line(json);
	put_text(json->out, key);
	BUF_LIT(json->out, ": ");
}

static void put_open(struct json *json)
{
	buf_char(json->out, '{');
	json->depth++;
	json->more = false;
}

static void put_close(struct json *json)
{
	json->depth--;
	if (json->more) {
		buf_char(json->out, '\n');
		buf_fill(json->out, ' ', 2 * json->depth);
	}
	buf_char(json->out, '}');
	json->more = true;
}

static void pair_text(struct json *json, struct str key, struct str text)
{
	put_key(json, key);
	put_text(json->out, text);
}

static void pair_integer(struct json *json, struct str key, int64_t value)
{
	put_key(json, key);
	buf_fmt(json->out, "%" PRId64, value);
}

/* --- types --- */

enum json_type {
	JSON_BOOLEAN = 1,
	JSON_INTEGER = 2,
	JSON_NUMBER = 4,
	JSON_STRING = 8,
	JSON_ARRAY = 16,
	JSON_OBJECT = 32,
	JSON_NULL = 64,
};

static void pair_types(struct json *json, unsigned types)
{
	static const char *const names[] = {"boolean", "integer", "number", "string", "array", "object", "null"};
	bool several = types & (types - 1);
	put_key(json, S("type"));
	buf_add(json->out, several ? S("[") : S(""));
	const char *comma = "";
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!(types >> i & 1))
			continue;
		buf_fmt(json->out, "%s\"%s\"", comma, names[i]);
		comma = ", ";
	}
	buf_add(json->out, several ? S("]") : S(""));
}

static unsigned types_of(const struct type *type)
{
	switch (type->kind) {
	case TYPE_BOOL:
		return JSON_BOOLEAN;
	case TYPE_INT:
		return JSON_INTEGER;
	case TYPE_TEXT:
		return JSON_STRING;
	case TYPE_QUANTITY:
		return JSON_NUMBER | JSON_STRING;
	case TYPE_PORT:
	case TYPE_MTU:
		return JSON_INTEGER | JSON_STRING;
	case TYPE_MAP:
	case TYPE_DICT:
		return JSON_OBJECT;
	case TYPE_LIST:
		return JSON_ARRAY | (type->or_one ? types_of(type->of) : 0);
	case TYPE_ANY:
		break;
	}
	return 0;
}

static void put_pattern(struct buf *out, const char *regex, bool or_empty)
{
	BUF_LIT(out, "\"^(?:");
	for (; *regex; regex++) {
		if (*regex == '"' || *regex == '\\')
			buf_char(out, '\\');
		buf_char(out, *regex);
	}
	buf_add(out, or_empty ? S(")?$\"") : S(")$\""));
}

static void pair_pattern(struct json *json, const char *regex, bool or_empty)
{
	put_key(json, S("pattern"));
	put_pattern(json->out, regex, or_empty);
}

static void pair_format(struct json *json, enum format_id format, bool or_empty)
{
	pair_pattern(json, formats[format].regex, or_empty);
	pair_integer(json, S("maxLength"), (int64_t)formats[format].longest);
}

/* The form of keys is a pattern of properties: what Helm's validator says of propertyNames has
 * the wrong place (santhosh-tekuri/jsonschema#258), so that only says how long they may be. */
static void pair_keys(struct json *json, enum format_id format)
{
	put_key(json, S("propertyNames"));
	buf_fmt(json->out, "{\"maxLength\": %zu}", formats[format].longest);
	put_key(json, S("additionalProperties"));
	BUF_LIT(json->out, "false");
	put_key(json, S("patternProperties"));
	put_open(json);
	put_line(json);
	put_pattern(json->out, formats[format].regex, false);
	BUF_LIT(json->out, ": ");
}

static void pair_words(struct json *json, const char *const *words, bool or_null)
{
	put_key(json, S("enum"));
	buf_char(json->out, '[');
	for (size_t i = 0; words[i]; i++) {
		buf_add(json->out, i ? S(", ") : S(""));
		put_text(json->out, str_of(words[i]));
	}
	buf_add(json->out, or_null ? S(", null]") : S("]"));
}

/* A bound that only says what fits into C is left out. */
static void pair_bounds(struct json *json, int64_t low, int64_t high)
{
	if (low != INT64_MIN)
		pair_integer(json, S("minimum"), low);
	if (high != INT64_MAX)
		pair_integer(json, S("maximum"), high);
}

static void pair_quantity(struct json *json, bool not_zero)
{
	pair_format(json, FORMAT_quantity, false);
	pair_integer(json, not_zero ? S("exclusiveMinimum") : S("minimum"), 0);
	if (not_zero) {
		put_key(json, S("allOf"));
		BUF_LIT(json->out, "[{\"pattern\": \"^[+.0]*[1-9]\"}]");
	}
}

static void put_type(struct json *json, const struct type *type, bool or_null, bool or_empty);

static void put_limits(struct json *json, const struct type *type, bool or_null, bool or_empty)
{
	switch (type->kind) {
	case TYPE_INT:
		pair_bounds(json, type->low, type->high);
		break;
	case TYPE_TEXT:
		if (type->words)
			pair_words(json, type->words, or_null);
		else if (type->formatted)
			pair_format(json, type->format, or_empty);
		break;
	case TYPE_QUANTITY:
		pair_quantity(json, type->not_empty);
		break;
	case TYPE_PORT:
		pair_bounds(json, 1, 65535);
		pair_format(json, FORMAT_port_name, or_empty);
		break;
	case TYPE_MTU:
		pair_bounds(json, type->low, type->high);
		pair_pattern(json, "auto", or_empty);
		break;
	case TYPE_DICT:
		if (!type->formatted)
			break;
		pair_keys(json, type->format);
		put_open(json);
		put_type(json, type->of, true, false);
		put_close(json);
		put_close(json);
		break;
	case TYPE_LIST:
		if (type->or_one)
			put_limits(json, type->of, or_null, false);
		if (type->not_empty)
			pair_integer(json, S("minItems"), 1);
		put_key(json, S("items"));
		put_open(json);
		put_type(json, type->of, false, false);
		put_close(json);
		break;
	case TYPE_BOOL:
	case TYPE_MAP:
	case TYPE_ANY:
		break;
	}
}

/* The keywords that hold a value to TYPE, in the object that is open. */
static void put_type(struct json *json, const struct type *type, bool or_null, bool or_empty)
{
	if (type->kind == TYPE_MAP) {
		put_key(json, S("$ref"));
		buf_fmt(json->out, "\"#/definitions/%.*s\"", STR(type->object->name));
	} else if (type->kind != TYPE_ANY) {
		pair_types(json, types_of(type) | (or_null ? JSON_NULL : 0));
		put_limits(json, type, or_null, or_empty);
	}
}

/* --- what is built in --- */

static void put_value(struct buf *out, const struct node *node, const struct type *type)
{
	const char *comma = "";
	if (node->kind == NODE_MAP) {
		buf_char(out, '{');
		for (const struct node *key = node->child; key; key = key->next->next, comma = ", ") {
			buf_fmt(out, "%s", comma);
			put_text(out, node_text(key));
			BUF_LIT(out, ": ");
			put_value(out, key->next,
				  type->object ? object_field(type->object, node_text(key))->type : type->of);
		}
		buf_char(out, '}');
	} else if (node->kind == NODE_LIST) {
		buf_char(out, '[');
		for (const struct node *item = node->child; item; item = item->next, comma = ", ") {
			buf_fmt(out, "%s", comma);
			put_value(out, item, type->of);
		}
		buf_char(out, ']');
	} else if (type->kind == TYPE_BOOL || type->kind == TYPE_INT) {
		buf_add(out, node_text(node));
	} else {
		put_text(out, node_text(node));
	}
}

static void pair_default(struct json *json, const struct field *field)
{
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct sources sources = {0};
	struct source source = {.name = S("built-in"), .text = field->builtin};
	const struct node *node = tree_parse(&arena, &diags, &sources, sources_add(&arena, &sources, &source));
	if (!node)
		BUG("a built-in value is not YAML");
	put_key(json, S("default"));
	put_value(json->out, node, field->type);
	arena_free(&arena);
}

/* --- objects --- */

/* As in check_map: an empty text stands for "none" or "as built in". */
static bool takes_empty(const struct field *field)
{
	return field->member == MEMBER_TEXT && !field->needed && !field->type->words;
}

/* Whether null may stand where OBJECT does: anywhere but as an item, or for a key that must be given. */
static bool takes_null(const struct object *object)
{
	for (size_t i = 0; i < OBJECT_COUNT; i++) {
		for (size_t k = 0; k < all_objects[i]->count; k++) {
			const struct field *field = &all_objects[i]->fields[k];
			bool in_dict = field->type->kind == TYPE_DICT;
			const struct type *held = in_dict ? field->type->of : field->type;
			if (held->kind == TYPE_MAP && held->object == object && (in_dict || !field->needed))
				return true;
		}
	}
	return false;
}

static void put_field(struct json *json, const struct field *field)
{
	put_key(json, field->key);
	put_open(json);
	pair_text(json, S("description"), field->doc);
	put_type(json, field->type, !field->needed, takes_empty(field));
	if (field->builtin.n)
		pair_default(json, field);
	put_close(json);
}

static void put_object(struct json *json, const struct object *object)
{
	pair_text(json, S("description"), object->doc);
	pair_types(json, JSON_OBJECT | (takes_null(object) ? JSON_NULL : 0));
	put_key(json, S("additionalProperties"));
	BUF_LIT(json->out, "false");
	const char *comma = "[";
	for (const struct object *o = object; o; o = o->include) {
		for (size_t i = 0; i < o->count; i++) {
			if (!o->fields[i].needed)
				continue;
			if (*comma == '[')
				put_key(json, S("required"));
			buf_fmt(json->out, "%s", comma);
			put_text(json->out, o->fields[i].key);
			comma = ", ";
		}
	}
	if (*comma == ',')
		buf_char(json->out, ']');
	put_key(json, S("properties"));
	put_open(json);
	for (const struct object *o = object; o; o = o->include)
		for (size_t i = 0; i < o->count; i++)
			if (object_field(object, o->fields[i].key) == &o->fields[i])
				put_field(json, &o->fields[i]);
	put_close(json);
}

void schema_write(struct buf *out)
{
	struct json json = {.out = out};
	struct walk walk = walk_objects();
	put_open(&json);
	pair_text(&json, S("$schema"), S("http://json-schema.org/draft-07/schema#"));
	pair_text(&json, S("title"), S("Values of KDK"));
	put_object(&json, walk.items[0].object);
	put_key(&json, S("definitions"));
	put_open(&json);
	for (size_t i = 1; i < walk.count; i++) {
		put_key(&json, walk.items[i].object->name);
		put_open(&json);
		put_object(&json, walk.items[i].object);
		put_close(&json);
	}
	put_close(&json);
	put_close(&json);
	buf_char(out, '\n');
}
