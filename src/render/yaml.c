/* Trees and texts → YAML. */
#include "yaml.h"

#include "../base/die.h"
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

/* What may stand in plain text; a colon only where something follows. */
static const bool may_be_plain[256] = {
	['-'] = true, ['_'] = true, ['.'] = true, ['/'] = true, ['@'] = true, ['+'] = true, ['='] = true, [':'] = true,
	['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
	['8'] = true, ['9'] = true, ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,
	['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true,
	['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true,
	['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true,
	['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true,
	['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true,
	['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true,
};

bool yaml_is_plain(struct str text)
{
	if (text.n == 0 || !(is_alphanumeric(text.p[0]) || text.p[0] == '/' || text.p[0] == '.' || text.p[0] == '_'))
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!may_be_plain[(unsigned char)text.p[i]])
			return false;
	return text.p[text.n - 1] != ':' && scalar_reading(text) == READS_TEXT && !looks_like_date(text) &&
	       !str_eq(text, S("..."));
}

/* What no reader may see as it is: controls, separators of lines and paragraphs, a no-break
 * space that a person would not see, a byte order mark, U+FFFE and U+FFFF. */
static bool must_escape(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
	       c == 0xffff;
}

/* TEXT is UTF-8: it went through tree.c, or was made here. */
static uint32_t next_character(struct str *text, struct str *character)
{
	uint32_t code;
	size_t length = str_character(*text, &code);
	if (length == 0)
		BUG("a text that is not UTF-8");
	*character = str_to(*text, length);
	*text = str_from(*text, length);
	return code;
}

void yaml_quoted(struct buf *out, struct str text)
{
	struct str character;
	buf_char(out, '"');
	while (text.n) {
		uint32_t c = next_character(&text, &character);
		if (c == '\n')
			BUF_LIT(out, "\\n");
		else if (c == '\t')
			BUF_LIT(out, "\\t");
		else if (must_escape(c))
			buf_fmt(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", (int)c);
		else
			buf_add(out, character);
	}
	buf_char(out, '"');
}

void yaml_text(struct buf *out, struct str text)
{
	if (yaml_is_plain(text))
		buf_add(out, text);
	else
		yaml_quoted(out, text);
}

/* KEY and the colon behind it, which readers look for in the next 1024 characters only (YAML 1.2.2,
 * section 8.2.2): past that it is written as an explicit key. An escape makes six of a byte. */
static void put_key(struct buf *out, size_t indent, struct str key)
{
	bool explicit = key.n > 1024 / 6;
	if (explicit)
		BUF_LIT(out, "? ");
	yaml_text(out, key);
	if (explicit) {
		buf_char(out, '\n');
		buf_fill(out, ' ', indent);
	}
	buf_char(out, ':');
}

bool yaml_fits_block(struct str text)
{
	if (str_find(text, '\n') == text.n || text.p[0] == ' ' || text.p[0] == '\t' || text.p[0] == '\n')
		return false;
	/* Blank lines at the end of a document: Helm 4 adds one. */
	if (str_ends(text, S("\n\n")))
		return false;
	while (text.n) {
		struct str character;
		uint32_t c = next_character(&text, &character);
		if (c != '\n' && c != '\t' && must_escape(c))
			return false;
	}
	return true;
}

void yaml_block(struct buf *out, size_t indent, struct str text)
{
	bool ended = text.n && text.p[text.n - 1] == '\n';
	buf_add(out, ended ? S("|\n") : S("|-\n"));
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
	put_key(out, indent, key);
	buf_char(out, ' ');
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
		put_key(out, indent, node_text(key));
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
	put_key(out, indent, key);
	value(out, indent, node);
}
