/* values.def → the values reference, and the chart's commented values file.
 *
 * Takes the tables of field.h; gives Markdown or YAML. The order of the reference
 * is that of the walk, from the top of the file inwards, with the fragments that
 * are Kubernetes' own behind everything that is ours.
 */
#include "reference.h"

#include "scalar.h"
#include "schema.h"

#include <string.h>

/* --- Markdown --- */

/* Prose in a table's cell: what Markdown would take for HTML or a column's end is escaped. */
static void put_prose(struct buf *out, struct str text)
{
	bool code = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		code ^= c == '`';
		if (c == '|' || (!code && (c == '<' || c == '*' || c == '_')))
			buf_char(out, '\\');
		buf_char(out, c);
	}
}

static void put_code(struct buf *out, struct str text)
{
	buf_char(out, '`');
	buf_add(out, text.n ? text : S("\"\""));
	buf_char(out, '`');
}

static void put_words(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		buf_add(out, i == 0 ? S("") : words[i + 1] ? S(", ") : S(" or "));
		put_code(out, str_of(words[i]));
	}
}

static void put_format(struct buf *out, enum format_id format, struct str builtin)
{
	put_prose(out, formats[format].what);
	if (str_eq(formats[format].example, builtin))
		return;
	BUF_LIT(out, ", for example ");
	put_code(out, formats[format].example);
}

static void put_range(struct buf *out, int64_t low, int64_t high)
{
	if (low == INT64_MIN)
		BUF_LIT(out, "a whole number");
	else if (high >= INT32_MAX)
		buf_fmt(out, "a whole number, at least %lld", (long long)low);
	else
		buf_fmt(out, "a whole number, %lld to %lld", (long long)low, (long long)high);
}

static void put_name(struct buf *out, const struct object *object, char between)
{
	for (size_t i = 0; i < object->name.n; i++)
		buf_char(out, object->name.p[i] == '_' ? between : object->name.p[i]);
}

/* To the heading, whose anchor GitHub makes so. */
static void put_link(struct buf *out, const struct object *object)
{
	BUF_LIT(out, "[");
	put_name(out, object, ' ');
	BUF_LIT(out, "](#");
	put_name(out, object, '-');
	BUF_LIT(out, ")");
}

static void put_type(struct buf *out, const struct type *type, struct str builtin)
{
	switch (type->kind) {
	case TYPE_BOOL:
		BUF_LIT(out, "`true` or `false`");
		break;
	case TYPE_INT:
		put_range(out, type->low, type->high);
		break;
	case TYPE_TEXT:
		if (type->words)
			put_words(out, type->words);
		else if (type->formatted)
			put_format(out, type->format, builtin);
		else
			BUF_LIT(out, "text");
		break;
	case TYPE_QUANTITY:
		put_format(out, FORMAT_quantity, builtin);
		buf_add(out, type->not_empty ? S("; not zero") : S(""));
		break;
	case TYPE_PORT:
		BUF_LIT(out, "a port's number, or ");
		put_format(out, FORMAT_port_name, builtin);
		break;
	case TYPE_MTU:
		BUF_LIT(out, "`auto`, or ");
		put_range(out, type->low, type->high);
		break;
	case TYPE_MAP:
		put_link(out, type->object);
		break;
	case TYPE_DICT:
		BUF_LIT(out, "map");
		if (type->formatted) {
			BUF_LIT(out, "; key: ");
			put_format(out, type->format, builtin);
		}
		if (type->of->kind != TYPE_ANY) {
			BUF_LIT(out, "; value: ");
			put_type(out, type->of, builtin);
		}
		break;
	case TYPE_LIST:
		buf_add(out, type->or_one ? S("one, or a list; each: ") : S("list; each: "));
		put_type(out, type->of, builtin);
		buf_add(out, type->not_empty ? S("; at least one") : S(""));
		break;
	case TYPE_ANY:
		BUF_LIT(out, "anything");
		break;
	}
}

static void put_place(struct buf *out, const struct walk *walk, const struct met *met)
{
	const struct met *in = &walk->items[met->in];
	if (in->as) {
		put_place(out, walk, in);
		buf_char(out, '.');
	}
	buf_add(out, met->as->key);
	for (const struct type *type = met->as->type; type; type = type->of)
		buf_add(out, type->kind == TYPE_DICT ? S(".<name>") : type->kind == TYPE_LIST ? S("[]") : S(""));
}

static size_t count_uses(const struct object *object)
{
	size_t count = 0;
	for (size_t i = 0; i < OBJECT_COUNT; i++)
		for (size_t k = 0; k < all_objects[i]->count; k++)
			count += type_object(all_objects[i]->fields[k].type) == object;
	return count;
}

static void put_section(struct buf *out, const struct walk *walk, const struct met *met)
{
	const struct object *object = met->object;
	BUF_LIT(out, "\n## ");
	if (met->as)
		put_name(out, object, ' ');
	else
		BUF_LIT(out, "top level");
	BUF_LIT(out, "\n\n");
	put_prose(out, object->doc);
	if (met->as) {
		BUF_LIT(out, ". At `");
		put_place(out, walk, met);
		buf_add(out, count_uses(object) > 1 ? S("`, and elsewhere") : S("`"));
	}
	BUF_LIT(out, ".");
	if (object->include) {
		BUF_LIT(out, " Also every key of ");
		put_link(out, object->include);
		BUF_LIT(out, ".");
	}
	BUF_LIT(out, "\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < object->count; i++) {
		const struct field *field = &object->fields[i];
		BUF_LIT(out, "| ");
		put_code(out, field->key);
		BUF_LIT(out, " | ");
		put_type(out, field->type, field->builtin);
		BUF_LIT(out, " | ");
		if (field->needed)
			BUF_LIT(out, "required");
		else if (field->builtin.n)
			put_code(out, field->builtin);
		BUF_LIT(out, " | ");
		put_prose(out, field->doc);
		BUF_LIT(out, " |\n");
	}
}

static bool is_loaded(const struct object *object)
{
	for (size_t i = 0; i < object->count; i++)
		if (object->fields[i].member != MEMBER_NODE)
			return true;
	return false;
}

/* values.def begins with Kubernetes' fragments, which are copied; the first object that is loaded is ours. */
static bool is_fragment(const struct object *object)
{
	for (size_t i = 0; i < OBJECT_COUNT && !is_loaded(all_objects[i]); i++)
		if (all_objects[i] == object)
			return true;
	return false;
}

static const char head[] =
	"# The values file\n"
	"\n"
	"<!-- Made by `kdk-render schema --format markdown` from src/config/values.def. -->\n"
	"\n"
	"What a platform engineer writes: who gets a cluster, and what it is like. `kdk-render` reads it, and it is\n"
	"the Helm chart's values file. The smallest one that gives somebody a cluster:\n"
	"\n"
	"```yaml\n"
	"clusters:\n"
	"  testing1:\n"
	"    email: testing1@example.org\n"
	"```\n"
	"\n"
	"- Unknown keys, keys given twice and wrong types are errors. Nothing is converted: `\"3\"` is no number.\n"
	"- Quote text that YAML may read as something else: `no`, `on`, `y`, `1e3`, `0123`, `1.30`, `12:30`.\n"
	"  Unquoted it is an error where text or a name is wanted, because Helm would hand on `false` for `no` and\n"
	"  83 for `0123`. What Helm has lost cannot be seen behind it: `kdk-render lint` on the file itself can.\n"
	"- `null` means \"not given\"; so does `\"\"` for an optional text. A cluster that is `null` is no cluster: this\n"
	"  is how a later file takes one away.\n"
	"- Several files merge as Helm merges `-f a -f b`: maps by key, later files win, lists are replaced.\n"
	"- A cluster's settings are the built-in ones below, then those under `defaults`, then its own. Maps with\n"
	"  free keys merge by key (`env`, `nodeSelector`, `registries`, ...); lists and Kubernetes' own fragments\n"
	"  are replaced whole.\n"
	"- `schemas/values.schema.json` is for editors, and Helm checks it; `kdk-render lint` says more.\n"
	"\n"
	"In the tables, \"each\" says what an item of a list is; where nothing stands under \"default\" there is none.\n";

void reference_markdown(struct buf *out)
{
	struct walk walk = walk_objects();
	BUF_LIT(out, head);
	for (int fragments = 0; fragments < 2; fragments++)
		for (size_t i = 0; i < walk.count; i++)
			if (is_fragment(walk.items[i].object) == (fragments != 0))
				put_section(out, &walk, &walk.items[i]);
}

/* --- the chart's values file --- */

/* Where a line begins: BASE spaces; where it is a comment "# "; INDENT spaces. */
struct margin {
	size_t base, indent;
	bool hidden;
};

static void put_margin(struct buf *out, struct margin margin)
{
	buf_fill(out, ' ', margin.base);
	if (margin.hidden)
		BUF_LIT(out, "# ");
	buf_fill(out, ' ', margin.indent);
}

/* A comment is not commented out once more. */
static void put_doc(struct buf *out, struct str doc, struct margin margin)
{
	margin.hidden &= margin.indent > 0;
	put_margin(out, margin);
	buf_fmt(out, "# -- %.*s\n", STR(doc));
}

static struct margin inner(struct margin margin)
{
	*(margin.hidden ? &margin.indent : &margin.base) += 2;
	return margin;
}

/* What stands for a field's value: as built in, or else what means the same as nothing. Where
 * an empty list means something else, the doc says what absence is, and null is that. */
static struct str sample(const struct field *field)
{
	if (field->builtin.n)
		return field->builtin;
	switch (field->type->kind) {
	case TYPE_BOOL:
		return S("true");
	case TYPE_LIST:
		return strstr(field->doc.p, "absent:") ? S("null") : S("[]");
	case TYPE_MAP:
	case TYPE_DICT:
	case TYPE_ANY:
		return S("{}");
	case TYPE_INT:
	case TYPE_TEXT:
	case TYPE_QUANTITY:
	case TYPE_PORT:
	case TYPE_MTU:
		break;
	}
	return S("\"\"");
}

/* Given by the chart: words that are built in, and maps that hold such. Never ranges and
 * sizes, nor the image's tag, for which the next version may have others. */
static bool is_given(const struct field *field)
{
	if (field->member == MEMBER_NEST) {
		for (size_t i = 0; i < field->type->object->count; i++)
			if (is_given(&field->type->object->fields[i]))
				return true;
		return false;
	}
	return (field->member == MEMBER_BOOL || field->member == MEMBER_TEXT) && field->builtin.n &&
	       !str_eq(field->builtin, S(KDK_VERSION));
}

static void put_fields(struct buf *out, const struct object *object, struct margin margin)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct field *field = &object->fields[i];
		struct margin here = margin;
		here.hidden |= !is_given(field);
		put_doc(out, field->doc, here);
		put_margin(out, here);
		buf_fmt(out, "%.*s:", STR(field->key));
		if (field->member == MEMBER_NEST) {
			BUF_LIT(out, "\n");
			put_fields(out, field->type->object, inner(here));
			continue;
		}
		struct str value = sample(field);
		bool quote = field->type->kind == TYPE_TEXT && value.p[0] != '"' && scalar_reading(value) != READS_TEXT;
		buf_fmt(out, quote ? " \"%.*s\"\n" : " %.*s\n", STR(value));
	}
}

/* Below a map of entries that the file gives as empty: one of them, by example. */
static void put_entry(struct buf *out, const struct type *dict)
{
	struct margin margin = {.base = 2, .hidden = true};
	const struct object *object = dict->of->object;
	put_margin(out, margin);
	buf_fmt(out, "%.*s:\n", STR(formats[dict->format].example));
	for (size_t i = 0; i < object->count; i++) {
		const struct field *field = &object->fields[i];
		bool example = field->type->kind == TYPE_TEXT && field->type->formatted;
		if (field->member == MEMBER_NEST)
			continue;
		struct str value = example ? formats[field->type->format].example : sample(field);
		put_doc(out, field->doc, inner(margin));
		put_margin(out, inner(margin));
		buf_fmt(out, "%.*s: %.*s\n", STR(field->key), STR(value));
	}
}

void reference_values(struct buf *out)
{
	BUF_LIT(out, "# Values of KDK; docs/values.md explains each key. A key that is commented out says what is built in.\n"
		     "# To set it, take away the \"# \" before it, and the \"{}\" behind the key above it.\n");
	for (size_t i = 0; i < object_values.count; i++) {
		const struct field *field = &object_values.fields[i];
		const struct type *type = field->type;
		const struct object *held = type_object(type);
		bool open = type->kind == TYPE_MAP || (type->kind == TYPE_DICT && held);
		struct margin margin = {.hidden = !open};
		BUF_LIT(out, "\n");
		put_doc(out, field->doc, margin);
		put_margin(out, margin);
		buf_fmt(out, "%.*s:", STR(field->key));
		if (field->member != MEMBER_NEST)
			buf_fmt(out, " %.*s", STR(sample(field)));
		BUF_LIT(out, "\n");
		if (open && type->kind == TYPE_DICT)
			put_entry(out, type);
		else if (open)
			put_fields(out, held, (struct margin){.base = 2, .hidden = field->member != MEMBER_NEST});
	}
}
