/* The stream → its carriers.
 *
 * One search for the group's name over the whole stream; only a document that holds it is
 * looked at line by line, and only one whose own first-level keys say that it is a
 * carrier is loaded. "---" at the start of a line ends a document wherever it stands,
 * also inside block and quoted text (YAML 1.2.2, c-forbidden).
 */
#include "post.h"

#include "../render/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define GROUP "kdk-render/"
#define FILENAME "postrenderer.helm.sh/postrender-filename"

static size_t find_text(struct str text, size_t from, struct str needle)
{
	while (from + needle.n <= text.n) {
		const char *hit = memchr(text.p + from, needle.p[0], text.n - needle.n + 1 - from);
		if (!hit)
			break;
		from = (size_t)(hit - text.p);
		if (memcmp(hit, needle.p, needle.n) == 0)
			return from;
		from++;
	}
	return text.n;
}

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

/* Whether a line begins at AT, with MARK ("---" or "...") and nothing glued to it. */
static bool is_marker(struct str text, size_t at, struct str mark)
{
	if (at > 0 && !is_break(text.p[at - 1]))
		return false;
	struct str rest = str_from(text, at);
	if (!str_starts(rest, mark))
		return false;
	return rest.n == 3 || is_break(rest.p[3]) || rest.p[3] == ' ' || rest.p[3] == '\t';
}

static struct str cut_line(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && !is_break(rest->p[n]))
		n++;
	struct str line = str_to(*rest, n);
	*rest = str_from(*rest, n + 1);
	return line;
}

/* The document around HIT, not reaching before FROM. */
static struct str document_around(struct str text, size_t from, size_t hit)
{
	size_t start = hit, end = hit;
	while (start > from && !is_marker(text, start, S("---"))) {
		start--;
		if (is_marker(text, start, S("..."))) {
			start += 3;
			break;
		}
	}
	while (end < text.n && !is_marker(text, end, S("---"))) {
		if (is_marker(text, end, S("..."))) {
			end += 3;
			while (end < text.n && !is_marker(text, end, S("---")) && (is_break(text.p[end]) || text.p[end] == ' '))
				end++;
			break;
		}
		end++;
	}
	return str_to(str_from(text, start), end - start);
}

static struct str unquoted(struct str s)
{
	s = str_trim(s);
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		s = str_to(str_from(s, 1), s.n - 2);
	return s;
}

/* The value on the line of a first-level KEY in block style, its comment left out. */
static struct str first_level(struct str document, struct str key)
{
	while (document.n) {
		struct str line = cut_line(&document);
		size_t colon = str_find(line, ':');
		if (colon == line.n || !str_eq(unquoted(str_to(line, colon)), key) || line.p[0] == ' ' || line.p[0] == '\t')
			continue;
		struct str value = str_from(line, colon + 1);
		size_t comment = find_text(value, 0, S(" #"));
		return unquoted(str_to(value, comment));
	}
	return (struct str){0};
}

/* What stands behind "--- ", comments and blank lines. */
static struct str content(struct str document)
{
	if (str_starts(document, S("---")))
		document = str_from(document, 3);
	for (;;) {
		document = str_trim(document);
		if (document.n == 0 || document.p[0] != '#')
			return document;
		cut_line(&document);
	}
}

static bool is_carrier_tree(const struct node *root)
{
	const struct node *version = node_get(root, S("apiVersion")), *kind = node_get(root, S("kind"));
	return version && version->kind == NODE_SCALAR && str_starts(node_text(version), S(GROUP)) && kind &&
	       kind->kind == NODE_SCALAR && str_eq(node_text(kind), S("ClusterSet"));
}

/* Block style is told by its lines, so that a broken carrier is one too; what begins
 * with a brace must be read. */
static bool is_carrier(struct arena *arena, struct str document)
{
	if (str_starts(content(document), S("{"))) {
		struct source source = {.name = S("values"), .text = document, .generated = true};
		struct sources sources = {0};
		struct diags ignored = {.arena = arena};
		sources_add(arena, &sources, &source);
		return is_carrier_tree(tree_parse(arena, &ignored, &sources, 0));
	}
	return str_starts(first_level(document, S("apiVersion")), S(GROUP)) &&
	       str_eq(first_level(document, S("kind")), S("ClusterSet"));
}

/* --- what a carrier holds --- */

__attribute__((format(printf, 3, 4))) static void refuse(struct diags *diags, struct place place, const char *format, ...)
{
	char message[512];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	struct diag *d = diag_add(diags, RULE_CARRIER_INVALID, place, "%s", message);
	diag_help(diags, d, "use the chart and the kdk-render of one version: this is kdk-render " KDK_VERSION);
}

static struct str text_of(const struct node *node)
{
	return node_is_null(node) ? (struct str){0} : node_text(node);
}

static struct str source_line(struct str document)
{
	while (document.n) {
		struct str line = cut_line(&document);
		if (str_starts(line, S("# Source: ")))
			return line;
		if (line.n && line.p[0] != '#' && !str_starts(line, S("---")))
			break;
	}
	return (struct str){0};
}

static void load_carrier(struct arena *arena, struct diags *diags, struct sources *sources, struct carrier *c,
			 struct str document)
{
	static const struct str known[] = {
		S_INIT("apiVersion"), S_INIT("kind"), S_INIT("metadata"), S_INIT("release"),
		S_INIT("chart"), S_INIT("plan"), S_INIT("discovered"), S_INIT("values"),
	};
	struct source *source = NEW(arena, struct source);
	*source = (struct source){.name = S("values"), .text = document, .generated = true};
	uint16_t id = sources_add(arena, sources, source);
	struct place place = {.source = source};
	const struct node *root = tree_parse(arena, diags, sources, id);
	c->source_line = source_line(document);
	c->filename = text_of(node_get(node_get(node_get(root, S("metadata")), S("annotations")), S(FILENAME)));
	if (!root)
		return;
	struct str version = text_of(node_get(root, S("apiVersion")));
	c->chart = text_of(node_get(root, S("chart")));
	if (!str_eq(version, S(GROUP "v1"))) {
		refuse(diags, place, "the chart %.*s wrote %.*s, and this kdk-render reads " GROUP "v1", STR(str_to(c->chart, 64)),
		       STR(str_to(version, 64)));
		return;
	}
	for (const struct node *key = root->kind == NODE_MAP ? root->child : NULL; key; key = key->next->next) {
		bool found = false;
		for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
			found |= str_eq(node_text(key), known[i]);
		if (!found)
			refuse(diags, place, "the chart %.*s wrote a key '%.*s' that this kdk-render does not know",
			       STR(str_to(c->chart, 64)), STR(str_to(node_text(key), 64)));
	}
	const struct node *release = node_get(root, S("release"));
	c->release = text_of(node_get(release, S("name")));
	c->namespace = text_of(node_get(release, S("namespace")));
	c->service = text_of(node_get(release, S("service")));
	c->plan = text_of(node_get(root, S("plan")));
	c->discovered = node_get(root, S("discovered"));
	c->values = node_get(root, S("values"));
	if (c->release.n == 0 || c->namespace.n == 0 || c->service.n == 0)
		refuse(diags, place, "the chart does not say the release's name, namespace and service");
}

bool post_is_helm4(struct str text)
{
	return source_line(text).n == 0 && find_text(text, 0, S(FILENAME)) < text.n;
}

struct stream post_find(struct arena *arena, struct diags *diags, struct sources *sources, struct str text)
{
	struct stream stream = {.text = text};
	size_t capacity = 0, from = 0;
	for (;;) {
		size_t hit = find_text(text, from, S(GROUP));
		if (hit == text.n)
			return stream;
		struct str document = document_around(text, from, hit);
		size_t start = (size_t)(document.p - text.p);
		from = start + document.n;
		if (!is_carrier(arena, document))
			continue;
		ARENA_PUSH(arena, stream.carriers, stream.count, capacity);
		struct carrier *c = &stream.carriers[stream.count++];
		*c = (struct carrier){.start = start, .end = from};
		load_carrier(arena, diags, sources, c, document);
		/* Where the carrier cannot be read, its text still tells who asks. */
		stream.helm4 |= c->filename.n > 0 || post_is_helm4(document);
	}
}

void post_failure(struct buf *out, struct str text)
{
	if (yaml_fits_block(text)) {
		BUF_LIT(out, "--- ");
		yaml_block(out, 2, text);
	} else {
		yaml_quoted(out, text);
		buf_char(out, '\n');
	}
}
