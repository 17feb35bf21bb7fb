/* libyaml's events → nodes with places.
 *
 * Takes a source; gives its one document as a tree, or diagnostics. One pass, no
 * recursion: open containers are a stack of at most TREE_DEPTH. The text is held
 * to UTF-8 without control characters before libyaml sees it, so that the
 * message has a place and UTF-16 cannot come in by the back door.
 */
#include "tree.h"

#include "../base/die.h"
#include "../base/map.h"

#include <string.h>
#include <yaml.h>

struct anchor {
	const struct node *node;
	size_t size;   /* nodes, aliases counted in full, as all that follows */
	size_t levels; /* of containers, itself the first */
};

struct open_container {
	struct node *node;
	struct node **end; /* where the next child goes */
	struct anchor *anchor;
	size_t size_before;
	size_t levels; /* of the deepest child */
	uint32_t children;
};

struct parse {
	struct arena *arena;
	struct diags *diags;
	const struct sources *sources;
	uint16_t source;
	struct open_container open[TREE_DEPTH];
	size_t depth;
	struct map anchors; /* name → struct anchor * */
	size_t size;        /* nodes so far, aliases counted in full */
	struct node *root;
	bool failed;
};

uint16_t sources_add(struct arena *arena, struct sources *sources, const struct source *source)
{
	if (sources->count == UINT16_MAX)
		die("too many values files");
	ARENA_PUSH(arena, sources->items, sources->count, sources->capacity);
	sources->items[sources->count] = source;
	return (uint16_t)sources->count++;
}

struct str node_text(const struct node *node)
{
	return node && node->kind == NODE_SCALAR ? (struct str){node->text, node->n} : (struct str){0};
}

bool node_is_null(const struct node *node)
{
	if (!node || node->refused)
		return true;
	if (node->kind != NODE_SCALAR || !node->plain)
		return false;
	struct str text = node_text(node);
	return text.n == 0 || str_eq(text, S("~")) || str_eq(text, S("null")) || str_eq(text, S("Null")) ||
	       str_eq(text, S("NULL"));
}

const struct node *node_get(const struct node *map, struct str key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *k = map->child; k; k = k->next->next)
		if (str_eq(node_text(k), key))
			return k->next;
	return NULL;
}

const struct node *node_find(const struct node *map, struct str dotted_path)
{
	while (map && dotted_path.n) {
		size_t dot = str_find(dotted_path, '.');
		map = node_get(map, str_to(dotted_path, dot));
		dotted_path = str_from(dotted_path, dot + 1);
	}
	return map;
}

struct place node_place(const struct sources *sources, const struct node *node, struct str path)
{
	return (struct place){sources->items[node->source], node->line, node->column, node->width, path};
}

static struct place mark_place(const struct parse *parse, yaml_mark_t mark)
{
	return (struct place){
		.source = parse->sources->items[parse->source],
		.line = (uint32_t)mark.line + 1,
		.column = (uint32_t)mark.column + 1,
		.width = 1,
	};
}

static struct node *node_new(struct parse *parse, enum node_kind kind, yaml_mark_t start, yaml_mark_t end)
{
	struct node *node = NEW(parse->arena, struct node);
	node->kind = (uint8_t)kind;
	node->source = parse->source;
	node->line = (uint32_t)start.line + 1;
	node->column = start.column < UINT16_MAX ? (uint16_t)(start.column + 1) : 0;
	if (start.line == end.line && end.column > start.column && end.column - start.column < UINT16_MAX)
		node->width = (uint16_t)(end.column - start.column);
	return node;
}

static struct diag *fail(struct parse *parse, enum rule rule, struct place place, const char *what)
{
	parse->failed = true;
	return diag_add(parse->diags, rule, place, "%s", what);
}

static void count_nodes(struct parse *parse, size_t nodes, yaml_mark_t mark)
{
	parse->size += nodes;
	if (parse->size > TREE_NODES && !parse->failed)
		diag_help(parse->diags, fail(parse, RULE_FILE_TOO_LARGE, mark_place(parse, mark), "more than 10 million nodes, aliases counted in full"),
			  "put what clusters share under `defaults`, and the clusters into several releases");
}

static void place_child(struct parse *parse, struct node *node, yaml_mark_t mark)
{
	if (parse->depth == 0) {
		if (parse->root) {
			struct diag *d = fail(parse, RULE_YAML_UNSUPPORTED, mark_place(parse, mark),
					      "a second document in one file");
			diag_help(parse->diags, d, "write one document per file and give the files one after another");
		} else {
			parse->root = node;
		}
		return;
	}
	struct open_container *top = &parse->open[parse->depth - 1];
	bool is_key = top->node->kind == NODE_MAP && top->children % 2 == 0;
	if (is_key && node->kind != NODE_SCALAR) {
		struct diag *d = fail(parse, RULE_YAML_UNSUPPORTED, mark_place(parse, mark), "a key that is not text");
		diag_help(parse->diags, d, "put it in quotes where it is meant as text");
	} else if (is_key && node->plain && str_eq(node_text(node), S("<<"))) {
		struct diag *d = fail(parse, RULE_YAML_UNSUPPORTED, mark_place(parse, mark), "a merge key (<<)");
		diag_help(parse->diags, d, "what several clusters share goes under `defaults`; YAML dropped merge keys in version 1.2");
	}
	*top->end = node;
	top->end = &node->next;
	top->children++;
}

/* LEVELS of containers begin where the next child goes. */
static void count_levels(struct parse *parse, size_t levels, yaml_mark_t mark)
{
	if (parse->depth + levels > TREE_DEPTH && !parse->failed)
		diag_help(parse->diags, fail(parse, RULE_FILE_TOO_LARGE, mark_place(parse, mark), "more than 64 levels deep"),
			  "no setting needs so many: look for a bracket that is never closed");
	struct open_container *top = parse->depth ? &parse->open[parse->depth - 1] : NULL;
	if (top && top->levels < levels)
		top->levels = levels;
}

static struct anchor *anchor_new(struct parse *parse, const yaml_char_t *name)
{
	if (!name)
		return NULL;
	struct str key = arena_str(parse->arena, str_of((const char *)name));
	void **slot = map_at(parse->arena, &parse->anchors, key);
	struct anchor *anchor = NEW(parse->arena, struct anchor);
	*slot = anchor; /* a name may be given again: aliases mean the latest */
	return anchor;
}

static void refuse_tag(struct parse *parse, const yaml_char_t *tag, yaml_mark_t mark)
{
	if (!tag)
		return;
	struct diag *d = fail(parse, RULE_YAML_UNSUPPORTED, mark_place(parse, mark), "a YAML tag");
	diag_help(parse->diags, d, "quote what is text, leave the rest plain: no tag is needed");
}

static void on_scalar(struct parse *parse, const yaml_event_t *event)
{
	if (!event->data.scalar.plain_implicit && !event->data.scalar.quoted_implicit)
		refuse_tag(parse, event->data.scalar.tag, event->start_mark);
	struct node *node = node_new(parse, NODE_SCALAR, event->start_mark, event->end_mark);
	struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
	node->text = arena_str(parse->arena, text).p;
	node->n = (uint32_t)text.n;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct anchor *anchor = anchor_new(parse, event->data.scalar.anchor);
	if (anchor)
		*anchor = (struct anchor){node, 1, 0};
	count_nodes(parse, 1, event->start_mark);
	place_child(parse, node, event->start_mark);
}

static void on_start(struct parse *parse, const yaml_event_t *event, enum node_kind kind, const yaml_char_t *anchor,
		     const yaml_char_t *tag)
{
	count_levels(parse, 1, event->start_mark);
	if (parse->failed)
		return;
	refuse_tag(parse, tag, event->start_mark);
	struct node *node = node_new(parse, kind, event->start_mark, event->end_mark);
	place_child(parse, node, event->start_mark);
	parse->open[parse->depth++] = (struct open_container){
		.node = node,
		.end = &node->child,
		.anchor = anchor_new(parse, anchor),
		.size_before = parse->size,
	};
	count_nodes(parse, 1, event->start_mark);
}

/* Few keys are compared with each other, many go through a hash. */
static void refuse_duplicates(struct parse *parse, const struct node *map)
{
	enum { FEW = 12 };
	struct arena scratch = {0};
	struct map seen = {0};
	if (map->n > FEW)
		map_reserve(&scratch, &seen, map->n);
	for (const struct node *key = map->child; key; key = key->next->next) {
		const struct node *first = NULL;
		if (map->n <= FEW) {
			for (const struct node *k = map->child; k != key && !first; k = k->next->next)
				if (str_eq(node_text(k), node_text(key)))
					first = k;
		} else {
			void **slot = map_at(&scratch, &seen, node_text(key));
			first = *slot;
			if (!first)
				*slot = (void *)(uintptr_t)key;
		}
		if (first) {
			struct diag *d = diag_add(parse->diags, RULE_KEY_DUPLICATE,
						  node_place(parse->sources, key, (struct str){0}),
						  "key '%.*s' is given twice", STR(str_to(node_text(key), 64)));
			diag_note(parse->diags, d, "first given in line %u; Helm would silently take the last one",
				  first->line);
		}
	}
	arena_free(&scratch);
}

static void on_end(struct parse *parse, yaml_mark_t mark)
{
	struct open_container *top = &parse->open[--parse->depth];
	struct node *node = top->node;
	size_t levels = top->levels + 1;
	count_levels(parse, levels, mark);
	node->n = node->kind == NODE_MAP ? top->children / 2 : top->children;
	if (top->anchor)
		*top->anchor = (struct anchor){node, parse->size - top->size_before, levels};
	if (node->kind == NODE_MAP && !parse->failed)
		refuse_duplicates(parse, node);
}

static void on_alias(struct parse *parse, const yaml_event_t *event)
{
	const struct anchor *anchor = map_get(&parse->anchors, str_of((const char *)event->data.alias.anchor));
	if (!anchor || !anchor->node) {
		fail(parse, RULE_YAML_SYNTAX, mark_place(parse, event->start_mark),
		     anchor ? "an alias inside what it stands for" : "an alias without an anchor before it");
		return;
	}
	/* The copy has a place of its own and shares the children. */
	struct node *node = node_new(parse, anchor->node->kind, event->start_mark, event->end_mark);
	if (node->kind == NODE_SCALAR)
		node->text = anchor->node->text;
	else
		node->child = anchor->node->child;
	node->n = anchor->node->n;
	node->plain = anchor->node->plain;
	count_nodes(parse, anchor->size, event->start_mark);
	count_levels(parse, anchor->levels, event->start_mark);
	place_child(parse, node, event->start_mark);
}

static void on_event(struct parse *parse, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		on_scalar(parse, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		on_start(parse, event, NODE_LIST, event->data.sequence_start.anchor, event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		on_start(parse, event, NODE_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(parse, event->start_mark);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(parse, event);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

/* The line of MARK, as far as LF ends lines. */
static struct str line_of(const struct parse *parse, yaml_mark_t mark)
{
	struct str rest = str_without_mark(parse->sources->items[parse->source]->text), line = {0};
	for (size_t i = 0; i <= mark.line && str_line(&rest, &line); i++)
		;
	return line;
}

static bool holds_template(struct str line)
{
	for (size_t i = 0; i + 1 < line.n; i++)
		if (line.p[i] == '{' && (line.p[i + 1] == '{' || line.p[i + 1] == '%'))
			return true;
	return false;
}

static void syntax_error(struct parse *parse, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		die("out of memory");
	const char *problem = parser->problem ? parser->problem : "cannot be read";
	struct diag *d = fail(parse, RULE_YAML_SYNTAX, mark_place(parse, parser->problem_mark), problem);
	if (parser->context)
		diag_note(parse->diags, d, "%s (line %zu)", parser->context, parser->context_mark.line + 1);
	if (strstr(problem, "cannot start any token"))
		diag_help(parse->diags, d, "indent with spaces, not tabs; quote text that starts with @, ` or %%");
	struct str line = line_of(parse, parser->problem_mark);
	if (str_starts(line, S("<<<<<<<")) || str_starts(line, S("=======")) || str_starts(line, S(">>>>>>>")))
		diag_help(parse->diags, d, "a merge that was not finished? Take one of the two sides");
	else if (holds_template(line))
		diag_help(parse->diags, d, "a template? Values are read when they have been filled in");
}

/* Whether YAML allows the character (YAML 1.2.2, section 5.1); DEL and the C1 controls it only
 * tolerates, but NEL, which is a line break. */
static bool is_printable(uint32_t c)
{
	if (c < 0x20 || c == 0x7f)
		return c == '\t' || c == '\n' || c == '\r';
	return (c < 0x80 || c >= 0xa0 || c == 0x85) && c != 0xfffe && c != 0xffff;
}

static bool check_encoding(struct parse *parse, struct str text)
{
	uint32_t line = 1, column = 1, c = 0;
	for (size_t i = 0, length; i < text.n; i += length) {
		/* Most of a file is ASCII. */
		unsigned char byte = (unsigned char)text.p[i];
		length = byte >= 0x20 && byte < 0x7f ? 1 : str_character(str_from(text, i), &c);
		if (byte < 0x20 || byte >= 0x7f) {
			if (length == 0 || !is_printable(c)) {
				struct place place = {parse->sources->items[parse->source], line, column, 1, {0}};
				const char *what = length ? "a control character" : "not UTF-8";
				struct diag *d = diag_add(parse->diags, RULE_ENCODING_INVALID, place, "%s: byte 0x%02x", what, byte);
				diag_help(parse->diags, d, "%s", length ? "take it out" : "save the file as UTF-8 text");
				parse->failed = true;
				return false;
			}
			if (c == '\n') {
				line++;
				column = 0;
			}
		}
		column++;
	}
	return true;
}

struct node *tree_parse(struct arena *arena, struct diags *diags, const struct sources *sources, uint16_t source)
{
	struct str text = str_without_mark(sources->items[source]->text);
	struct place whole = {.source = sources->items[source]};
	struct parse parse = {.arena = arena, .diags = diags, .sources = sources, .source = source};

	if (text.n > TREE_BYTES) {
		diag_help(diags, diag_add(diags, RULE_FILE_TOO_LARGE, whole, "larger than 64 MiB"),
			  "make several releases of it, each with a part of the clusters");
		return NULL;
	}
	if (!check_encoding(&parse, text))
		return NULL;

	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		die("out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)(text.n ? text.p : ""), text.n);
	for (bool more = true; more && !parse.failed;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			syntax_error(&parse, &parser);
			break;
		}
		on_event(&parse, &event);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);

	if (parse.failed)
		return NULL;
	if (!parse.root || (node_is_null(parse.root) && parse.root->n == 0)) {
		struct diag *d = diag_add(diags, RULE_FILE_EMPTY, whole, "nothing in it");
		diag_help(diags, d, "the smallest values file is `clusters: {}`");
		return NULL;
	}
	return parse.root;
}
