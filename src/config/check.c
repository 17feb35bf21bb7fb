/* The check: a walk down the tree beside the tables of values.def.
 *
 * Takes a tree; gives diagnostics. A value that is wrong is said once and not
 * looked into further, so that one mistake is one message.
 */
#include "check.h"

#include "../base/addr.h"
#include "../base/die.h"
#include "scalar.h"

#include <stdarg.h>
#include <stdio.h>

struct diag *check_say(struct check *check, enum rule rule, const struct node *node, const struct path *path,
		       const char *format, ...)
{
	char message[512];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	struct place place = node_place(check->sources, node, path_text(check->arena, path));
	if (rule_info(rule)->level == LEVEL_ERROR)
		((struct node *)(uintptr_t)node)->refused = true;
	return diag_add(check->diags, rule, place, "%s", message);
}

struct str check_quote(struct arena *arena, struct str text)
{
	enum { MOST = 60 };
	if (text.n <= MOST)
		return text;
	size_t cut = MOST;
	while (cut && ((unsigned char)text.p[cut] & 0xc0) == 0x80)
		cut--;
	return arena_fmt(arena, "%.*s…", STR(str_to(text, cut)));
}

bool parse_integer(struct str text, int64_t *out)
{
	bool negative = text.n && text.p[0] == '-';
	struct str digits = str_from(text, negative);
	if (digits.n == 0 || digits.n > 18 || (digits.p[0] == '0' && digits.n > 1))
		return false;
	int64_t value = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		value = value * 10 + (digits.p[i] - '0');
	}
	*out = negative ? -value : value;
	return true;
}

static bool is_generated(const struct check *check, const struct node *node)
{
	return check->sources->items[node->source]->generated;
}

static const char *kind_name(const struct check *check, const struct node *node)
{
	if (node->kind == NODE_MAP)
		return "a map";
	if (node->kind == NODE_LIST)
		return "a list";
	return reading_name(node_reading(node, is_generated(check, node)));
}

static bool refuse_other_than(struct check *check, const struct node *value, enum node_kind kind, const char *wanted,
			      const struct path *path)
{
	if (value->kind == (uint8_t)kind)
		return false;
	check_say(check, RULE_VALUE_TYPE, value, path, "%s is wanted here, not %s", wanted, kind_name(check, value));
	return true;
}

/* C0 but tab and line feed, DEL, C1: nothing that we write may carry them. *CODE is the first one. */
static bool has_control(struct str text, unsigned *code)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool c1 = c == 0xc2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xa0;
		*code = c1 ? (unsigned char)text.p[i + 1] : c;
		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f || c1)
			return true;
	}
	return false;
}

static bool refuse_unquoted(struct check *check, const struct node *scalar, const struct path *path)
{
	enum reading reading = node_reading(scalar, is_generated(check, scalar));
	if (reading == READS_TEXT)
		return false;
	struct str text = check_quote(check->arena, node_text(scalar));
	struct diag *d = check_say(check, RULE_VALUE_QUOTE, scalar, path, "text is wanted here, and YAML reads %.*s as %s",
				   STR(text), reading_name(reading));
	if (is_generated(check, scalar)) {
		diag_note(check->diags, d, "Helm has read the values before: what stood there may have been another word");
		diag_help(check->diags, d, "put it in quotes; `kdk-render lint` on the values file shows the place");
	} else {
		diag_note(check->diags, d, "Helm would hand on something else than what stands here");
		diag_help(check->diags, d, "write \"%.*s\"", STR(text));
	}
	return true;
}

static struct str join_words(struct arena *arena, const char *const *words)
{
	struct str list = {0};
	for (size_t i = 0; words[i]; i++)
		list = arena_fmt(arena, "%.*s%s%s", STR(list), i == 0 ? "" : words[i + 1] ? ", " : " or ",
				 words[i][0] ? words[i] : "\"\"");
	return list;
}

/* The nearest of CANDIDATE to WRITTEN so far, for "did you mean". */
static void nearer(struct str written, struct str candidate, struct str *best, size_t *distance)
{
	size_t d = str_distance(written, candidate, *distance ? *distance - 1 : 0);
	if (*distance && d < *distance) {
		*distance = d;
		*best = candidate;
	}
}

static size_t mean_limit(struct str written)
{
	return written.n / 3 + 2; /* one more than the largest distance that still helps */
}

static void check_words(struct check *check, const struct node *value, const struct type *type, const struct path *path)
{
	struct str text = node_text(value), best = {0};
	size_t distance = mean_limit(text);
	for (const char *const *w = type->words; *w; w++) {
		if (str_eq(text, str_of(*w)))
			return;
		nearer(text, str_of(*w), &best, &distance);
	}
	struct str words = join_words(check->arena, type->words);
	struct diag *d = check_say(check, RULE_VALUE_INVALID, value, path, "'%.*s' is not %.*s",
				   STR(check_quote(check->arena, text)), STR(words));
	if (best.n)
		diag_help(check->diags, d, "did you mean '%.*s'?", STR(best));
}

/* Bits past the prefix: which of the two readings was meant, only a person knows. */
static void check_host_bits(struct check *check, const struct node *value, const struct path *path)
{
	struct cidr cidr;
	if (cidr_parse(node_text(value), &cidr) != CIDR_HOST_BITS)
		return;
	struct str network = cidr_text(check->arena, cidr_masked(cidr));
	struct diag *d = check_say(check, RULE_RANGE_HOST_BITS, value, path, "%.*s has bits set past its prefix",
				   STR(node_text(value)));
	diag_note(check->diags, d, "tools read it as %.*s, which may not be what was meant", STR(network));
	diag_help(check->diags, d, "write %.*s, or %.*s if the range is to start there", STR(network),
		  STR(cidr_text(check->arena, cidr_widest(cidr.addr))));
}

static void check_format(struct check *check, const struct node *value, enum format_id format, const struct path *path)
{
	struct str text = node_text(value);
	if (!match_format(&check->match, format, text)) {
		struct diag *d = check_say(check, RULE_VALUE_INVALID, value, path, "'%.*s' is not %.*s",
					   STR(check_quote(check->arena, text)), STR(formats[format].what));
		if (text.n > formats[format].longest)
			diag_note(check->diags, d, "%zu bytes, and %zu are allowed", text.n, formats[format].longest);
		diag_help(check->diags, d, "for example %.*s", STR(formats[format].example));
	} else if (format == FORMAT_cidr) {
		check_host_bits(check, value, path);
	}
}

static void check_text(struct check *check, const struct node *value, const struct type *type, const struct path *path)
{
	if (refuse_unquoted(check, value, path))
		return;
	unsigned code;
	if (has_control(node_text(value), &code))
		check_say(check, RULE_VALUE_CONTROL, value, path, "a control character in a text, U+%04X; only tabs and line breaks may be",
			  code);
	else if (type->words)
		check_words(check, value, type, path);
	else if (type->formatted)
		check_format(check, value, type->format, path);
}

static void check_bool(struct check *check, const struct node *value, const struct path *path)
{
	struct str text = node_text(value);
	if (value->plain && (str_eq(text, S("true")) || str_eq(text, S("false"))))
		return;
	struct diag *d = check_say(check, RULE_VALUE_TYPE, value, path, "true or false is wanted here, not %s%.*s",
				   value->plain ? "" : "the text ", STR(check_quote(check->arena, text)));
	diag_help(check->diags, d, "write true or false, without quotes");
}

static void check_integer(struct check *check, const struct node *value, const struct type *type,
			  const struct path *path)
{
	int64_t n;
	struct str text = check_quote(check->arena, node_text(value));
	if (!value->plain || !parse_integer(text, &n))
		check_say(check, RULE_VALUE_TYPE, value, path, "a whole number is wanted here, not '%.*s'", STR(text));
	else if (n < type->low || n > type->high)
		check_say(check, RULE_VALUE_INVALID, value, path, "%.*s is not within %lld to %lld", STR(text),
			  (long long)type->low, (long long)type->high);
}

static void check_quantity(struct check *check, const struct node *value, const struct type *type,
			   const struct path *path)
{
	struct str text = node_text(value);
	enum reading reading = node_reading(value, is_generated(check, value));
	if (reading == READS_BOOL || reading == READS_NULL) {
		refuse_unquoted(check, value, path);
		return;
	}
	if (value->plain && reading == READS_INT && text.n > 1 && text.p[0] == '0') {
		check_say(check, RULE_VALUE_QUOTE, value, path, "YAML 1.1 reads %.*s as an octal number", STR(check_quote(check->arena, text)));
		return;
	}
	check_format(check, value, FORMAT_quantity, path);
	if (type->not_empty && match_format(&check->match, FORMAT_quantity, text)) {
		size_t i = 0;
		while (i < text.n && (text.p[i] == '0' || text.p[i] == '.' || text.p[i] == '+'))
			i++;
		if (i == text.n || text.p[i] < '1' || text.p[i] > '9')
			check_say(check, RULE_VALUE_INVALID, value, path, "more than nothing is wanted here");
	}
}

static void check_scalar(struct check *check, const struct node *value, const struct type *type,
			 const struct path *path)
{
	if (refuse_other_than(check, value, NODE_SCALAR, type->kind == TYPE_BOOL ? "true or false" : "a single value",
			      path))
		return;
	int64_t n;
	switch (type->kind) {
	case TYPE_BOOL:
		check_bool(check, value, path);
		break;
	case TYPE_INT:
		check_integer(check, value, type, path);
		break;
	case TYPE_TEXT:
		check_text(check, value, type, path);
		break;
	case TYPE_QUANTITY:
		check_quantity(check, value, type, path);
		break;
	case TYPE_PORT:
		if (value->plain && parse_integer(node_text(value), &n))
			check_integer(check, value, &(struct type){.kind = TYPE_INT, .low = 1, .high = 65535}, path);
		else if (!refuse_unquoted(check, value, path))
			check_format(check, value, FORMAT_port_name, path);
		break;
	case TYPE_MTU:
		if (str_eq(node_text(value), S("auto")))
			break;
		if (!value->plain || !parse_integer(node_text(value), &n))
			check_say(check, RULE_VALUE_TYPE, value, path, "auto or a whole number is wanted here, not '%.*s'",
				  STR(check_quote(check->arena, node_text(value))));
		else
			check_integer(check, value, type, path);
		break;
	case TYPE_MAP:
	case TYPE_DICT:
	case TYPE_LIST:
	case TYPE_ANY:
		BUG("not a scalar type");
	}
}

static void unknown_key(struct check *check, const struct node *key, const struct object *object,
			const struct path *path)
{
	struct str text = node_text(key), best = {0};
	size_t distance = mean_limit(text);
	for (const struct object *o = object; o; o = o->include)
		for (size_t i = 0; i < o->count; i++)
			nearer(text, o->fields[i].key, &best, &distance);
	struct diag *d = check_say(check, RULE_KEY_UNKNOWN, key, path, "there is no key '%.*s' here",
				   STR(check_quote(check->arena, text)));
	if (best.n)
		diag_help(check->diags, d, "did you mean '%.*s'?", STR(best));
}

void check_map(struct check *check, const struct node *map, const struct object *object, const struct path *path)
{
	if (node_is_null(map) || refuse_other_than(check, map, NODE_MAP, "a map", path))
		return;
	size_t errors = check->diags->of_level[LEVEL_ERROR];
	for (const struct node *key = map->child; key; key = key->next->next) {
		struct path here = {path, node_text(key), 0, false};
		const struct field *field = object_field(object, node_text(key));
		/* An empty text is how people write "none", or "as built in", where a text may be absent. */
		bool none = field && field->member == MEMBER_TEXT && !field->needed && !field->type->words &&
			    key->next->kind == NODE_SCALAR && !key->next->plain && key->next->n == 0;
		if (!field)
			unknown_key(check, key, object, &here);
		else if (!none)
			check_value(check, key->next, field->type, &here);
	}
	for (const struct object *o = object; o; o = o->include)
		for (size_t i = 0; i < o->count; i++) {
			if (!o->fields[i].needed)
				continue;
			const struct node *value = node_get(map, o->fields[i].key);
			bool said = value && value->refused;
			if (node_is_null(value) && !said)
				check_say(check, RULE_KEY_MISSING, map, path, "'%.*s' must be given (%.*s)",
					  STR(o->fields[i].key), STR(o->fields[i].doc));
		}
	if (errors != check->diags->of_level[LEVEL_ERROR])
		return; /* what concerns several keys is looked at once each is right */
	for (const struct object *o = object; o; o = o->include)
		if (o->check)
			o->check(check, map, path);
}

static bool is_reserved(enum format_id format, struct str key)
{
	static const struct str domains[] = {
		S_INIT("helm.sh/"), S_INIT("meta.helm.sh/"), S_INIT("postrenderer.helm.sh/"), S_INIT("kdk/"),
		S_INIT("app.kubernetes.io/"), S_INIT("applyset.kubernetes.io/"),
		/* as a pod's annotations these are orders to Kubernetes, and this pod is privileged */
		S_INIT("kubernetes.io/config.mirror"), S_INIT("container.apparmor.security.beta.kubernetes.io/"),
		S_INIT("seccomp.security.alpha.kubernetes.io/"), S_INIT("container.seccomp.security.alpha.kubernetes.io/"),
		S_INIT("scheduler.alpha.kubernetes.io/"),
	};
	static const struct str prefixes[] = {
		S_INIT("KDK_"), S_INIT("KUBERNETES_"), S_INIT("DOCKER_"), S_INIT("LD_"),
	};
	if (format != FORMAT_env_name) {
		for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
			if (str_starts(key, domains[i]))
				return true;
		return false;
	}
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (str_starts(key, prefixes[i]))
			return true;
	return str_eq(key, S("RETAIN_DOCKER_HOST")) || str_eq(key, S("PATH")) || str_eq(key, S("KUBECONFIG"));
}

static void check_key(struct check *check, const struct node *key, const struct type *type, const struct path *path)
{
	if (!type->formatted || refuse_unquoted(check, key, path))
		return;
	if (!match_format(&check->match, type->format, node_text(key))) {
		struct diag *d = check_say(check, RULE_KEY_INVALID, key, path, "the key '%.*s' is not %.*s",
					   STR(check_quote(check->arena, node_text(key))), STR(formats[type->format].what));
		diag_help(check->diags, d, "for example %.*s", STR(formats[type->format].example));
	} else if (type->not_reserved && is_reserved(type->format, node_text(key))) {
		check_say(check, RULE_KEY_RESERVED, key, path, "'%.*s' is not for the values file: KDK, Helm or Kubernetes sets it",
			  STR(check_quote(check->arena, node_text(key))));
	}
}

static void check_dict(struct check *check, const struct node *dict, const struct type *type, const struct path *path)
{
	if (refuse_other_than(check, dict, NODE_MAP, "a map", path))
		return;
	for (const struct node *key = dict->child; key; key = key->next->next) {
		struct path here = {path, node_text(key), 0, false};
		check_key(check, key, type, &here);
		check_value(check, key->next, type->of, &here);
	}
}

static void check_list(struct check *check, const struct node *list, const struct type *type, const struct path *path)
{
	if (type->or_one && list->kind == NODE_SCALAR) {
		check_value(check, list, type->of, path);
		return;
	}
	if (refuse_other_than(check, list, NODE_LIST, "a list", path))
		return;
	if (type->not_empty && list->n == 0)
		check_say(check, RULE_VALUE_INVALID, list, path, "at least one item is wanted here");
	struct path here = {path, {0}, 0, true};
	for (const struct node *item = list->child; item; item = item->next, here.index++) {
		if (node_is_null(item))
			check_say(check, RULE_VALUE_TYPE, item, &here, "null in a list");
		else
			check_value(check, item, type->of, &here);
	}
}

void check_value(struct check *check, const struct node *value, const struct type *type, const struct path *path)
{
	if (node_is_null(value))
		return;
	switch (type->kind) {
	case TYPE_MAP:
		check_map(check, value, type->object, path);
		break;
	case TYPE_DICT:
		check_dict(check, value, type, path);
		break;
	case TYPE_LIST:
		check_list(check, value, type, path);
		break;
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_TEXT:
	case TYPE_QUANTITY:
	case TYPE_PORT:
	case TYPE_MTU:
		check_scalar(check, value, type, path);
		break;
	case TYPE_ANY:
		break;
	}
}
