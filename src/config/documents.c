/* Lines → documents. Only what stands at the beginning of a line and what ends the line before count. */
#include "documents.h"

/* What is known of a document so far. */
struct seen {
	char first, last; /* bytes that mean something; 0: none yet */
	bool version;
};

static bool is_marker(struct str line)
{
	return str_starts(line, S("---")) && (line.n == 3 || line.p[3] == ' ' || line.p[3] == '\t' || line.p[3] == '\r');
}

static bool begins_anew(const struct seen *seen, struct str line)
{
	if (is_marker(line))
		return true;
	if (seen->first == 0)
		return false;
	bool json = seen->first == '{';
	if (str_starts(line, S("{")))
		return !json || seen->last == '}';
	return str_starts(line, S("apiVersion:")) && (json || seen->version);
}

static void look(struct seen *seen, struct str line)
{
	struct str text = str_trim(is_marker(line) ? str_from(line, 3) : line);
	bool directive = seen->first == 0 && str_starts(line, S("%"));
	if (text.n == 0 || text.p[0] == '#' || directive || str_eq(text, S("...")))
		return;
	if (seen->first == 0)
		seen->first = text.p[0];
	seen->last = text.p[text.n - 1];
	seen->version = seen->version || str_starts(line, S("apiVersion:"));
}

bool documents_next(struct documents *documents, struct document *document)
{
	struct seen seen = {0};
	struct str line, rest = documents->rest;
	*document = (struct document){rest, documents->lines};
	while (str_line(&rest, &line)) {
		if (begins_anew(&seen, line)) {
			if (seen.first)
				break;
			*document = (struct document){documents->rest, documents->lines};
		}
		look(&seen, line);
		documents->rest = rest;
		documents->lines++;
	}
	document->text.n -= documents->rest.n;
	return seen.first != 0;
}
