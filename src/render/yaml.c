/* Trees and texts → YAML. */
#include "yaml.h"

#include "../config/scalar.h"

#include <string.h>

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* YAML 1.1 reads 2001-12-14 as a date. */
static bool looks_like_date(struct str text)
{
	if (text.n < 6 || text.p[4] != '-')
		return false;
	for (size_t i = 0; i < 4; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return true;
}

static bool is_plain(struct str text)
{
	if (text.n == 0 || !(is_alphanumeric(text.p[0]) || text.p[0] == '/' || text.p[0] == '.' || text.p[0] == '_'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool inner_colon = c == ':' && i + 1 < text.n;
		if (!is_alphanumeric(c) && !inner_colon && !(c && strchr("-_./@+=", c)))
			return false;
	}
	return scalar_reading(text) == READS_TEXT && !looks_like_date(text) && !str_eq(text, S("..."));
}

/* The length of a character that must be escaped: C1 controls, line and paragraph
 * separators, a byte order mark, U+FFFE and U+FFFF; 0 for any other. */
static size_t escaped_length(struct str rest, unsigned *code)
{
	const unsigned char *p = (const unsigned char *)rest.p;
	if (p[0] == 0xc2 && rest.n > 1 && p[1] <= 0xa0) {
		*code = p[1];
		return 2;
	}
	if (rest.n < 3 || (p[0] != 0xe2 && p[0] != 0xef))
		return 0;
	*code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	return *code == 0x2028 || *code == 0x2029 || *code == 0xfeff || *code >= 0xfffe ? 3 : 0;
}

void yaml_quoted(struct buf *out, struct str text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n;) {
		unsigned code = (unsigned char)text.p[i];
		size_t length = code < 0x80 ? 0 : escaped_length(str_from(text, i), &code);
		if (length) {
			buf_fmt(out, "\\u%04x", code);
			i += length;
			continue;
		}
		char c = text.p[i++];
		if (c == '"' || c == '\\')
			buf_char(out, '\\');
		if (c == '\n')
			BUF_LIT(out, "\\n");
		else if (c == '\t')
			BUF_LIT(out, "\\t");
		else if (code < 0x20 || code == 0x7f)
			buf_fmt(out, "\\u%04x", code);
		else
			buf_char(out, c);
	}
	buf_char(out, '"');
}

void yaml_text(struct buf *out, struct str text)
{
	if (is_plain(text))
		buf_add(out, text);
	else
		yaml_quoted(out, text);
}

bool yaml_fits_block(struct str text)
{
	if (str_find(text, '\n') == text.n || text.p[0] == ' ' || text.p[0] == '\t' || text.p[0] == '\n')
		return false;
	unsigned code;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '\r' || c == 0x7f || (c >= 0x80 && escaped_length(str_from(text, i), &code)))
			return false;
	}
	return true;
}

void yaml_block(struct buf *out, size_t indent, struct str text)
{
	bool ended = text.n && text.p[text.n - 1] == '\n';
	bool twice = text.n > 1 && ended && text.p[text.n - 2] == '\n';
	buf_add(out, !ended ? S("|-\n") : twice ? S("|+\n") : S("|\n"));
	for (struct str line; str_line(&text, &line);) {
		if (line.n)
			buf_fill(out, ' ', indent);
		buf_add(out, line);
		buf_char(out, '\n');
	}
}

void yaml_pair(struct buf *out, size_t indent, struct str key, struct str text)
{
	buf_fill(out, ' ', indent);
	yaml_text(out, key);
	BUF_LIT(out, ": ");
	if (yaml_fits_block(text)) {
		yaml_block(out, indent + 2, text);
	} else {
		yaml_text(out, text);
		buf_char(out, '\n');
	}
}

/* What was plain and no text (a bool, a number) goes on as it was; text goes on as text. */
static void scalar(struct buf *out, size_t indent, const struct node *node)
{
	struct str text = node_text(node);
	if (node->plain && scalar_reading(text) != READS_TEXT) {
		buf_add(out, text.n ? text : S("null"));
		buf_char(out, '\n');
	} else if (yaml_fits_block(text)) {
		yaml_block(out, indent, text);
	} else {
		yaml_text(out, text);
		buf_char(out, '\n');
	}
}

/* NODE behind "KEY:" or "-": on the line where it is short, else below it. */
static void value(struct buf *out, size_t indent, const struct node *node)
{
	if (node->kind == NODE_SCALAR) {
		buf_char(out, ' ');
		scalar(out, indent + 2, node);
	} else if (node->n == 0) {
		buf_add(out, node->kind == NODE_MAP ? S(" {}\n") : S(" []\n"));
	} else {
		buf_char(out, '\n');
		yaml_node(out, node->kind == NODE_MAP ? indent + 2 : indent, node);
	}
}

static void map_from(struct buf *out, size_t indent, const struct node *map, bool first_on_line)
{
	for (const struct node *key = map->child; key; key = key->next->next) {
		if (!first_on_line)
			buf_fill(out, ' ', indent);
		first_on_line = false;
		yaml_text(out, node_text(key));
		buf_char(out, ':');
		value(out, indent, key->next);
	}
}

static void list(struct buf *out, size_t indent, const struct node *items)
{
	for (const struct node *item = items->child; item; item = item->next) {
		buf_fill(out, ' ', indent);
		buf_char(out, '-');
		if (item->kind == NODE_MAP && item->n) {
			buf_char(out, ' ');
			map_from(out, indent + 2, item, true);
		} else if (item->kind == NODE_LIST && item->n) {
			buf_char(out, '\n');
			list(out, indent + 2, item);
		} else {
			value(out, indent, item);
		}
	}
}

void yaml_node(struct buf *out, size_t indent, const struct node *node)
{
	switch ((enum node_kind)node->kind) {
	case NODE_SCALAR:
		buf_fill(out, ' ', indent);
		scalar(out, indent, node);
		break;
	case NODE_MAP:
		map_from(out, indent, node, false);
		break;
	case NODE_LIST:
		list(out, indent, node);
		break;
	}
}

void yaml_pair_node(struct buf *out, size_t indent, struct str key, const struct node *node)
{
	if (node_is_null(node))
		return;
	buf_fill(out, ' ', indent);
	yaml_text(out, key);
	buf_char(out, ':');
	value(out, indent, node);
}
