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

static const char *const levels[] = {"note", "warning", "error"};

/* The code point at P of at most N bytes of valid UTF-8, and its length; a broken
 * byte stands for itself. */
static uint32_t decode(const unsigned char *p, size_t n, size_t *length)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t want = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	*length = 1;
	if (want == 0 || want > n)
		return 0x80; /* escaped as a control would be */
	uint32_t c = p[0] & masks[want];
	for (size_t i = 1; i < want; i++)
		c = c << 6 | (p[i] & 0x3f);
	*length = want;
	return c;
}

static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
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

/* Escapes CHARACTERS code points of TEXT at most; gives the columns printed. */
static size_t escape(struct buf *out, struct str text, size_t characters)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t columns = 0, length, secret_end = 0;
	for (size_t i = 0; i < text.n && characters; i += length, characters--) {
		uint32_t c = decode(p + i, text.n - i, &length);
		if (i >= 3 && memcmp(p + i - 3, "://", 3) == 0)
			secret_end = i + secret_length(str_from(text, i));
		if (i < secret_end) {
			buf_char(out, '*');
			columns++;
			continue;
		}
		size_t before = out->n + out->flushed;
		if (c == '\t') {
			buf_char(out, ' ');
		} else if (c == '\n') {
			BUF_LIT(out, "\\n");
		} else if (is_unsafe(c)) {
			buf_fmt(out, c <= 0xff ? "\\x%02x" : "\\u%04x", c > 0x7f && length == 1 ? p[i] : c);
		} else {
			buf_add(out, (struct str){text.p + i, length});
			columns++;
			continue;
		}
		columns += out->n + out->flushed - before;
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

static void report_one(struct buf *out, const struct diag *diag)
{
	const struct place *place = &diag->place;
	bool by_line = place->source && !place->source->generated;
	if (by_line) {
		report_escaped(out, place->source->name);
		if (place->line)
			buf_fmt(out, ":%u:%u", place->line, place->column ? place->column : 1);
		BUF_LIT(out, ": ");
	} else if (place->path.n) {
		report_escaped(out, place->path);
		BUF_LIT(out, ": ");
	} else if (place->source) {
		report_escaped(out, place->source->name);
		BUF_LIT(out, ": ");
	}
	buf_fmt(out, "%s: ", levels[diag->level]);
	report_escaped(out, diag->message);
	buf_fmt(out, " [%.*s]\n", STR(rule_info(diag->rule)->name));
	if (by_line && place->line)
		report_line(out, place);
	for (const struct diag_text *note = diag->notes; note; note = note->next) {
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
