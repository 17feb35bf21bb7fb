/* Diagnostics → text, in the form that compilers have taught people:
 *
 *     values.yaml:12:16: error: what is wrong [rule]
 *        12 |       services: 10.96.0.0/16
 *           |                 ^~~~~~~~~~~~
 *     note: what would have happened
 *     help: what to write instead
 */
#include "text.h"

#include <string.h>

const char *const report_levels[] = {"note", "warning", "error"};

static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

/* Columns of a printed character on a terminal: 0 for what combines with the one before it, 2 for
 * what East Asian scripts and emoji take (Unicode's East_Asian_Width W and F, by blocks). */
static size_t width_of(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		size_t width;
	} blocks[] = {
		{0x300, 0x36f, 0},     {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},
		{0x20d0, 0x20ff, 0},   {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},   {0xa960, 0xa97c, 2},
		{0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},
		{0xfe30, 0xfe6f, 2},   {0xff01, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x16fe0, 0x1b2fb, 2},
		{0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
	};
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && c >= blocks[i].first; i++)
		if (c <= blocks[i].last)
			return blocks[i].width;
	return 1;
}

/* How many of the bytes at TEXT's start are a URL's user and password: they stand behind
 * "://" and before an @ that comes before any slash. Rather too much than too little. */
static size_t secret_length(struct str text)
{
	size_t n = 0;
	while (n < text.n && !strchr("/\",\n@", text.p[n]))
		n++;
	return n < text.n && text.p[n] == '@' ? n : 0;
}

/* Escapes CHARACTERS code points of TEXT at most, a byte that is not UTF-8 being one; gives the
 * columns printed. */
static size_t escape(struct buf *out, struct str text, size_t characters)
{
	size_t columns = 0, secret_end = 0;
	for (size_t i = 0, length; i < text.n && characters; i += length, characters--) {
		uint32_t c;
		struct str rest = str_from(text, i);
		length = str_character(rest, &c);
		bool broken = length == 0;
		if (broken)
			length = 1;
		if (i >= 3 && memcmp(rest.p - 3, "://", 3) == 0)
			secret_end = i + secret_length(rest);
		size_t before = out->n + out->flushed;
		if (i < secret_end)
			buf_char(out, '*');
		else if (broken)
			buf_fmt(out, "\\x%02x", (unsigned char)rest.p[0]);
		else if (c == '\t')
			buf_char(out, ' ');
		else if (c == '\n')
			BUF_LIT(out, "\\n");
		else if (is_unsafe(c))
			buf_fmt(out, c <= 0xff ? "\\x%02x" : "\\u%04x", c);
		else
			buf_add(out, str_to(rest, length));
		bool as_it_is = i >= secret_end && !broken && c >= 0x80 && !is_unsafe(c);
		columns += as_it_is ? width_of(c) : out->n + out->flushed - before;
	}
	return columns;
}

void report_escaped(struct buf *out, struct str text)
{
	escape(out, text, text.n);
}

/* Lines break where libyaml breaks them: LF, CR, CRLF, NEL, LS, PS. */
static size_t line_break(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	if (p[0] == '\r')
		return text.n > 1 && p[1] == '\n' ? 2 : 1;
	if (p[0] == '\n')
		return 1;
	if (p[0] == 0xc2 && text.n > 1 && p[1] == 0x85)
		return 2;
	if (p[0] == 0xe2 && text.n > 2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
		return 3;
	return 0;
}

static struct str find_line(struct str text, uint32_t line)
{
	size_t start = 0, i = 0;
	text = str_without_mark(text);
	while (i < text.n) {
		size_t length = line_break(str_from(text, i));
		if (length && --line == 0)
			break;
		i += length ? length : 1;
		if (length)
			start = i;
	}
	return (struct str){text.p + start, i - start};
}

static void report_line(struct buf *out, const struct place *place)
{
	enum { WIDEST = 160 };
	struct str line = find_line(place->source->text, place->line);
	buf_fmt(out, "%5u | ", place->line);
	escape(out, line, WIDEST);
	buf_char(out, '\n');
	if (place->column == 0 || place->column > WIDEST)
		return;
	BUF_LIT(out, "      | ");
	struct buf scratch = buf_memory(); /* only its columns are wanted */
	size_t start = escape(&scratch, line, place->column - 1);
	size_t end = escape(&scratch, line, place->column - 1 + place->width);
	buf_free(&scratch);
	buf_fill(out, ' ', start);
	buf_char(out, '^');
	if (end > start + 1)
		buf_fill(out, '~', end - start - 1);
	buf_char(out, '\n');
}

/* "values.yaml:12:16: ", or the path of what Helm has read; nothing where no place is known. */
static void report_place(struct buf *out, const struct place *place)
{
	bool by_line = place_has_lines(place);
	if (place->source && place->source->apart && place->path.n) {
		report_escaped(out, place->source->name);
		BUF_LIT(out, ": ");
	}
	struct str name = by_line || !place->path.n ? place->source ? place->source->name : S("") : place->path;
	if (name.n == 0)
		return;
	report_escaped(out, name);
	if (by_line && place->line)
		buf_fmt(out, ":%u:%u", place->line, place->column ? place->column : 1);
	BUF_LIT(out, ": ");
}

static void report_one(struct buf *out, const struct diag *diag)
{
	const struct place *place = &diag->place;
	report_place(out, place);
	buf_fmt(out, "%s: ", report_levels[diag->level]);
	report_escaped(out, diag->message);
	buf_fmt(out, " [%.*s]\n", STR(rule_info(diag->rule)->name));
	if (place_has_lines(place) && place->line)
		report_line(out, place);
	for (const struct diag_text *note = diag->notes; note; note = note->next) {
		report_place(out, &note->place);
		BUF_LIT(out, "note: ");
		report_escaped(out, note->text);
		buf_char(out, '\n');
	}
	if (diag->help.n) {
		BUF_LIT(out, "help: ");
		report_escaped(out, diag->help);
		buf_char(out, '\n');
	}
}

void report_text(struct buf *out, const struct diags *diags, enum level least)
{
	for (const struct diag *d = diags->first; d; d = d->next)
		if (d->level >= least)
			report_one(out, d);
	for (size_t rule = 0; rule < RULE_COUNT; rule++)
		if (diags->of_rule[rule] > DIAG_MOST)
			buf_fmt(out, "and %zu more [%.*s]\n", diags->of_rule[rule] - DIAG_MOST,
				STR(rule_info((enum rule)rule)->name));
}

void report_warnings(struct buf *out, const struct diags *diags)
{
	for (const struct diag *d = diags->first; d; d = d->next) {
		if (d->level != LEVEL_WARNING)
			continue;
		report_escaped(out, d->place.path);
		if (d->place.path.n)
			BUF_LIT(out, ": ");
		report_escaped(out, d->message);
		buf_fmt(out, " [%.*s]\n", STR(rule_info(d->rule)->name));
	}
}

void report_counts(struct buf *out, const struct diags *diags)
{
	size_t errors = diags->of_level[LEVEL_ERROR], warnings = diags->of_level[LEVEL_WARNING];
	buf_fmt(out, "%zu error%s, %zu warning%s", errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}
