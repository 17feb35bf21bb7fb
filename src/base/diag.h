/* What is wrong with the input: collected while stages run, printed by report/.
 *
 * A diagnostic says what (message), where (place), what will happen (notes) and
 * what to write instead (help). At most DIAG_MOST of one rule are kept; the rest
 * are counted. Everything lives in the arena given to diags.
 */
#ifndef KDK_BASE_DIAG_H
#define KDK_BASE_DIAG_H

#include "arena.h"

enum level { LEVEL_NOTE, LEVEL_WARNING, LEVEL_ERROR };

enum rule {
#define RULE(identifier, name, level, title) RULE_##identifier,
#include "rules.def"
#undef RULE
	RULE_COUNT
};

struct rule_info {
	struct str name;
	enum level level;
	struct str title;
};
const struct rule_info *rule_info(enum rule rule);

/* A text that a person or Helm wrote. GENERATED: Helm wrote it, so its lines mean nothing to
 * the user, and a place is said as the value's path instead; behind the name where it is APART
 * from the values, as the path would be looked for in them. */
struct source {
	struct str name;
	struct str text;
	bool generated, apart;
};

/* Lines and columns count from 1, columns and width in code points; line 0: no
 * position. The path is like clusters.dev.network.services; it may be empty. */
struct place {
	const struct source *source;
	uint32_t line, column, width;
	struct str path;
};

/* Whether a person knows its lines: the text is a file, and not what Helm made of one. */
bool place_has_lines(const struct place *place);

struct diag_text {
	struct str text;
	struct place place; /* of a related place; else without path and source */
	struct diag_text *next;
};

struct diag {
	enum rule rule;
	enum level level;
	struct place place;
	struct str message;
	struct diag_text *notes; /* in the order they were added */
	struct str help;         /* may be empty */
	struct diag *next;
};

enum { DIAG_MOST = 20 };

struct diags {
	struct arena *arena;
	struct diag *first, *last; /* in the order found */
	struct diag dropped; /* stands for every one past DIAG_MOST */
	size_t of_rule[RULE_COUNT];
	size_t of_level[LEVEL_ERROR + 1];
};

/* Adds a diagnostic with its rule's own level. The result is for diag_note and
 * diag_help; it is never NULL, also where the diagnostic was only counted. */
struct diag *diag_add(struct diags *diags, enum rule rule, struct place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
struct diag *diag_add_as(struct diags *diags, enum level level, enum rule rule, struct place place, const char *format,
			 ...) __attribute__((format(printf, 5, 6)));
void diag_note(struct diags *diags, struct diag *diag, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A note about another place that the diagnostic speaks of. */
void diag_related(struct diags *diags, struct diag *diag, struct place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void diag_help(struct diags *diags, struct diag *diag, const char *format, ...) __attribute__((format(printf, 3, 4)));

bool diags_failed(const struct diags *diags); /* whether there is an error */

/* Orders by source, line and column, then as found; sources in the order given. */
void diags_sort(struct diags *diags, const struct source *const *sources, size_t count);

#endif
