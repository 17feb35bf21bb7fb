/* Diagnostics → JSON, SARIF, GitHub's workflow commands.
 *
 * Takes sorted diagnostics; gives one document, or lines. Compact on purpose: what reads
 * it is a program, and `jq .` is at hand where it is a person.
 */
#include "machine.h"

#include "../render/yaml.h"
#include "page.h"
#include "text.h"

#include <inttypes.h>

/* --- JSON text --- */

static void put_string(struct buf *out, struct str text)
{
	struct buf escaped = buf_memory();
	report_escaped(&escaped, text);
	yaml_quoted(out, buf_str(&escaped)); /* is JSON too */
	buf_free(&escaped);
}

static void put_member(struct buf *out, const char *key, struct str text)
{
	if (text.n == 0)
		return;
	buf_fmt(out, ",\"%s\":", key);
	put_string(out, text);
}

/* What says that it is the same problem when lines have moved: rule, file, the value's path and
 * the message. Of what is printed, so that a secret cannot be guessed from it. */
static void put_fingerprint(struct buf *out, const struct diag *diag)
{
	const struct place *place = &diag->place;
	struct buf all = buf_memory();
	buf_fmt(&all, "%.*s\n", STR(rule_info(diag->rule)->name));
	report_escaped(&all, place->source ? place->source->name : S(""));
	buf_char(&all, '\n');
	report_escaped(&all, place->path);
	buf_char(&all, '\n');
	report_escaped(&all, diag->message);
	buf_fmt(out, "\"%016" PRIx64 "\"", str_hash(FNV_START, buf_str(&all)));
	buf_free(&all);
}

/* Name and position, behind another member. */
static void put_place(struct buf *out, const struct place *place)
{
	if (place_has_lines(place)) {
		put_member(out, "file", place->source->name);
		if (place->line)
			buf_fmt(out, ",\"line\":%u", place->line);
		if (place->line && place->column)
			buf_fmt(out, ",\"column\":%u,\"width\":%u", place->column, place->width ? place->width : 1);
	}
	put_member(out, "path", place->path);
}

static void put_notes(struct buf *out, const struct diag *diag)
{
	const char *comma = "";
	BUF_LIT(out, ",\"notes\":[");
	for (const struct diag_text *note = diag->notes; note; note = note->next, comma = ",") {
		buf_fmt(out, "%s{\"text\":", comma);
		put_string(out, note->text);
		put_place(out, &note->place);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

void report_json(struct buf *out, const struct diags *diags, size_t clusters)
{
	const char *comma = "";
	buf_fmt(out, "{\"version\":1,\"clusters\":%zu,\"errors\":%zu,\"warnings\":%zu,\"diagnostics\":[", clusters,
		diags->of_level[LEVEL_ERROR], diags->of_level[LEVEL_WARNING]);
	for (const struct diag *d = diags->first; d; d = d->next, comma = ",") {
		buf_fmt(out, "%s{\"rule\":\"%.*s\",\"level\":\"%s\",\"message\":", comma, STR(rule_info(d->rule)->name),
			report_levels[d->level]);
		put_string(out, d->message);
		put_place(out, &d->place);
		put_notes(out, d);
		put_member(out, "help", d->help);
		BUF_LIT(out, ",\"fingerprint\":");
		put_fingerprint(out, d);
		buf_char(out, '}');
	}
	BUF_LIT(out, "],\"omitted\":{");
	comma = "";
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		if (diags->of_rule[rule] <= DIAG_MOST)
			continue;
		buf_fmt(out, "%s\"%.*s\":%zu", comma, STR(rule_info((enum rule)rule)->name), diags->of_rule[rule] - DIAG_MOST);
		comma = ",";
	}
	BUF_LIT(out, "}}\n");
}

/* A repository's files are known by their names from its root: ./values.yaml is none of them. */
static struct str without_dot(struct str path)
{
	while (str_starts(path, S("./")) && path.n > 2 && path.p[2] != '/')
		path = str_from(path, 2);
	return path;
}

/* --- SARIF --- */

/* A relative reference (RFC 3986), or a file URI: what may not stand in a path is percent-encoded. */
static void put_uri(struct buf *out, struct str path)
{
	static const struct str plain = S_INIT("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/");
	path = without_dot(path);
	buf_add(out, str_starts(path, S("/")) ? S("\"file://") : S("\""));
	for (size_t i = 0; i < path.n; i++) {
		if (str_find(plain, path.p[i]) < plain.n)
			buf_char(out, path.p[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned char)path.p[i]);
	}
	buf_char(out, '"');
}

/* Scanners refuse a result without a file and a region: what is about all of it is put at
 * WHOLE's first line, where that is given. */
static void put_location(struct buf *out, const struct place *place, const struct source *whole)
{
	const struct source *source = place_has_lines(place) ? place->source : whole;
	const char *comma = "";
	if (source) {
		BUF_LIT(out, "\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
		put_uri(out, source->name);
		bool known = source == place->source && place->line;
		buf_fmt(out, "},\"region\":{\"startLine\":%u", known ? place->line : 1);
		if (known && place->column)
			buf_fmt(out, ",\"startColumn\":%u,\"endColumn\":%u", place->column, place->column + (place->width ? place->width : 1));
		BUF_LIT(out, "}}");
		comma = ",";
	}
	if (place->path.n) {
		buf_fmt(out, "%s\"logicalLocations\":[{\"fullyQualifiedName\":", comma);
		put_string(out, place->path);
		BUF_LIT(out, "}]");
	}
}

/* Message, notes and help as one text; SARIF knows no other place for what comes of it. */
static void put_whole_message(struct buf *out, const struct diag *diag)
{
	struct buf text = buf_memory(), quoted = buf_memory();
	report_escaped(&text, diag->message);
	for (const struct diag_text *note = diag->notes; note; note = note->next) {
		BUF_LIT(&text, "\nnote: ");
		report_escaped(&text, note->text);
	}
	if (diag->help.n) {
		BUF_LIT(&text, "\nhelp: ");
		report_escaped(&text, diag->help);
	}
	yaml_quoted(&quoted, buf_str(&text));
	buf_add(out, buf_str(&quoted));
	buf_free(&quoted);
	buf_free(&text);
}

static void put_related(struct buf *out, const struct diag *diag)
{
	const char *before = ",\"relatedLocations\":[";
	for (const struct diag_text *note = diag->notes; note; note = note->next) {
		if (!place_has_lines(&note->place))
			continue;
		buf_fmt(out, "%s{", before);
		put_location(out, &note->place, NULL);
		BUF_LIT(out, ",\"message\":{\"text\":");
		put_string(out, note->text);
		BUF_LIT(out, "}}");
		before = ",";
	}
	buf_add(out, before[1] ? S("") : S("]"));
}

/* Only rules that a result names are listed; which one of those RULE is. */
static size_t rule_index(const struct diags *diags, enum rule rule)
{
	size_t index = 0;
	for (size_t i = 0; i < rule; i++)
		index += diags->of_rule[i] > 0;
	return index;
}

static void put_result(struct buf *out, const struct diags *diags, const struct diag *diag, const struct source *whole)
{
	buf_fmt(out, "{\"ruleId\":\"%.*s\",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{\"text\":",
		STR(rule_info(diag->rule)->name), rule_index(diags, diag->rule), report_levels[diag->level]);
	put_whole_message(out, diag);
	BUF_LIT(out, "},\"locations\":[");
	if (whole || place_has_lines(&diag->place) || diag->place.path.n) {
		buf_char(out, '{');
		put_location(out, &diag->place, whole);
		buf_char(out, '}');
	}
	buf_char(out, ']');
	put_related(out, diag);
	BUF_LIT(out, ",\"partialFingerprints\":{\"kdk/v1\":");
	put_fingerprint(out, diag);
	BUF_LIT(out, "}}");
}

/* A rule as GitHub wants it: short and full description and help are all asked for. */
static void put_rule(struct buf *out, enum rule rule)
{
	const struct rule_info *info = rule_info(rule);
	buf_fmt(out, "{\"id\":\"%.*s\",\"shortDescription\":{\"text\":", STR(info->name));
	put_string(out, info->title);
	BUF_LIT(out, "},\"fullDescription\":{\"text\":");
	put_string(out, info->title);
	struct buf page = buf_memory();
	page_write(&page, rule);
	buf_fmt(out, "},\"help\":{\"text\":\"`kdk-render explain %.*s` says why this is a rule and what to do.\",\"markdown\":",
		STR(info->name));
	yaml_quoted(out, buf_str(&page));
	buf_free(&page);
	buf_fmt(out, "},\"defaultConfiguration\":{\"level\":\"%s\"}}", report_levels[info->level]);
}

/* How many results were left out is no result: a notification of the run. */
static void put_omitted(struct buf *out, const struct diags *diags)
{
	const char *comma = "";
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (diags->of_rule[i] <= DIAG_MOST)
			continue;
		struct str name = rule_info((enum rule)i)->name;
		buf_fmt(out, "%s{\"level\":\"note\",\"associatedRule\":{\"id\":\"%.*s\",\"index\":%zu},", comma, STR(name),
			rule_index(diags, (enum rule)i));
		buf_fmt(out, "\"message\":{\"text\":\"and %zu more [%.*s]\"}}", diags->of_rule[i] - DIAG_MOST, STR(name));
		comma = ",";
	}
}

void report_sarif(struct buf *out, const struct diags *diags, const struct source *whole)
{
	BUF_LIT(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
		     "\"tool\":{\"driver\":{\"name\":\"kdk-render\",\"semanticVersion\":\"" KDK_VERSION "\",\"rules\":[");
	const char *comma = "";
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (diags->of_rule[i] == 0)
			continue;
		buf_fmt(out, "%s", comma);
		put_rule(out, (enum rule)i);
		comma = ",";
	}
	BUF_LIT(out, "]}},\"invocations\":[{\"executionSuccessful\":true,\"toolExecutionNotifications\":[");
	put_omitted(out, diags);
	BUF_LIT(out, "]}],\"columnKind\":\"unicodeCodePoints\",\"results\":[");
	for (const struct diag *d = diags->first; d; d = d->next) {
		put_result(out, diags, d, whole);
		buf_add(out, d->next ? S(",") : S(""));
	}
	BUF_LIT(out, "]}]}\n");
}

/* --- GitHub --- */

/* %, CR and LF would end a command's text; in a property so would a colon and a comma. */
static void put_data(struct buf *out, struct str text, bool property)
{
	struct buf escaped = buf_memory();
	report_escaped(&escaped, text);
	for (size_t i = 0; i < escaped.n; i++) {
		char c = escaped.p[i];
		if (c == '%' || (property && (c == ':' || c == ',')))
			buf_fmt(out, "%%%02X", (unsigned char)c);
		else
			buf_char(out, c);
	}
	buf_free(&escaped);
}

void report_github(struct buf *out, const struct diags *diags)
{
	static const char *const commands[] = {"notice", "warning", "error"};
	for (const struct diag *d = diags->first; d; d = d->next) {
		const struct place *place = &d->place;
		buf_fmt(out, "::%s ", commands[d->level]);
		if (place_has_lines(place)) {
			BUF_LIT(out, "file=");
			put_data(out, without_dot(place->source->name), true);
			if (place->line)
				buf_fmt(out, ",line=%u", place->line);
			if (place->line && place->column)
				buf_fmt(out, ",col=%u,endColumn=%u", place->column, place->column + (place->width ? place->width : 1));
			buf_char(out, ',');
		}
		buf_fmt(out, "title=%.*s::", STR(rule_info(d->rule)->name));
		if (!place_has_lines(place) && place->path.n) {
			put_data(out, place->path, false);
			BUF_LIT(out, ": ");
		}
		put_data(out, d->message, false);
		for (const struct diag_text *note = d->notes; note; note = note->next) {
			BUF_LIT(out, "%0Anote: ");
			put_data(out, note->text, false);
			if (place_has_lines(&note->place)) {
				BUF_LIT(out, ": ");
				put_data(out, note->place.source->name, false);
				buf_fmt(out, ":%u:%u", note->place.line, note->place.column);
			}
		}
		if (d->help.n) {
			BUF_LIT(out, "%0Ahelp: ");
			put_data(out, d->help, false);
		}
		buf_char(out, '\n');
	}
	for (size_t rule = 0; rule < RULE_COUNT; rule++)
		if (diags->of_rule[rule] > DIAG_MOST)
			buf_fmt(out, "::notice title=%.*s::and %zu more\n", STR(rule_info((enum rule)rule)->name),
				diags->of_rule[rule] - DIAG_MOST);
}
