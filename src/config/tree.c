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
	size_t size; /* nodes, aliases counted in full */
};

struct open_container {
	struct node *node;
	struct node **end; /* where the next child goes */
	struct anchor *anchor;
	size_t size_before;
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

struct str node_text(const struct node *scalar)
{
	return (struct str){scalar->text, scalar->n};
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
		fail(parse, RULE_FILE_TOO_LARGE, mark_place(parse, mark), "more than 10 million nodes, aliases counted in full");
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
		fail(parse, RULE_YAML_UNSUPPORTED, mark_place(parse, mark), "a key that is not text");
	} else if (is_key && node->plain && str_eq(node_text(node), S("<<"))) {
		struct diag *d = fail(parse, RULE_YAML_UNSUPPORTED, mark_place(parse, mark), "a merge key (<<)");
		diag_help(parse->diags, d, "what several clusters share goes under `defaults`; YAML dropped merge keys in version 1.2");
	}
	*top->end = node;
	top->end = &node->next;
	top->children++;
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
		*anchor = (struct anchor){node, 1};
	count_nodes(parse, 1, event->start_mark);
	place_child(parse, node, event->start_mark);
}

static void on_start(struct parse *parse, const yaml_event_t *event, enum node_kind kind, const yaml_char_t *anchor,
		     const yaml_char_t *tag)
{
	if (parse->depth == TREE_DEPTH) {
		fail(parse, RULE_FILE_TOO_LARGE, mark_place(parse, event->start_mark), "more than 64 levels deep");
		return;
	}
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

static void on_end(struct parse *parse)
{
	struct open_container *top = &parse->open[--parse->depth];
	struct node *node = top->node;
	node->n = node->kind == NODE_MAP ? top->children / 2 : top->children;
	if (top->anchor)
		*top->anchor = (struct anchor){node, parse->size - top->size_before};
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
		on_end(parse);
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
}

/* The length of the UTF-8 character at P, of at most N bytes; 0 where there is
 * none, or one that YAML does not allow (YAML 1.2.2, section 5.1). */
static size_t character_length(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return p[0] >= 0x20 ? p[0] != 0x7f : p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	size_t length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (length > n)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	if (p[0] == 0xc2 && p[1] < 0xa0 && p[1] != 0x85) /* C1 controls */
		return 0;
	if (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe) /* U+FFFE, U+FFFF */
		return 0;
	return length;
}

static bool check_encoding(struct parse *parse, struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	uint32_t line = 1, column = 1;
	for (size_t i = 0; i < text.n;) {
		size_t length = character_length(p + i, text.n - i);
		if (length == 0) {
			struct place place = {parse->sources->items[parse->source], line, column, 1, {0}};
			const char *what = p[i] < 0x80 || p[i] == 0xc2 ? "a control character" : "not UTF-8";
			struct diag *d = diag_add(parse->diags, RULE_ENCODING_INVALID, place, "%s: byte 0x%02x", what, p[i]);
			diag_help(parse->diags, d, "save the file as UTF-8 text");
			parse->failed = true;
			return false;
		}
		column++;
		if (p[i] == '\n')
			line++, column = 1;
		i += length;
	}
	return true;
}

struct node *tree_parse(struct arena *arena, struct diags *diags, const struct sources *sources, uint16_t source)
{
	const struct source *text = sources->items[source];
	struct place whole = {.source = text};
	struct parse parse = {.arena = arena, .diags = diags, .sources = sources, .source = source};

	if (text->text.n > TREE_BYTES) {
		diag_add(diags, RULE_FILE_TOO_LARGE, whole, "larger than 64 MiB");
		return NULL;
	}
	if (!check_encoding(&parse, text->text))
		return NULL;

	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		die("out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text->text.p, text->text.n);
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
