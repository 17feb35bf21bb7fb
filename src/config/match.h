/* Whether a text has a form of formats.def; and regexes of others. The only user of PCRE2. */
#ifndef KDK_CONFIG_MATCH_H
#define KDK_CONFIG_MATCH_H

#include "../base/arena.h"

struct format {
	struct str name;
	const char *regex; /* of the whole text */
	size_t longest;    /* bytes */
	bool (*check)(struct str text);
	struct str what, example;
};

enum format_id {
#define FORMAT(name, regex, longest, check, what, example) FORMAT_##name,
#include "formats.def"
	FORMAT_COUNT
};
extern const struct format formats[FORMAT_COUNT];

/* Compiled regexes, made when first needed, and to machine code where they are needed often. The zero
 * value is ready; end it with match_free. */
struct match {
	struct pcre2_real_code_8 *code[FORMAT_COUNT];
	uint32_t uses[FORMAT_COUNT];
	struct pcre2_real_match_data_8 *data;
};
bool match_format(struct match *match, enum format_id format, struct str text);
/* The regex alone, without length and check: what the JSON Schema can say. */
bool match_regex(struct match *match, enum format_id format, struct str text);
void match_free(struct match *match);

/* A regex that may match anywhere in a text. What it is made of comes from our own tables: one that does not
 * compile is our mistake. */
struct regex;
struct regex *regex_compile(const char *pattern);
/* Whether TEXT matches; then GROUPS are the whole match and the groups in it, as parts of TEXT, those without a match
 * empty. */
bool regex_find(const struct regex *regex, struct str text, struct str *groups, size_t count);
void regex_free(struct regex *regex);

#endif
