/* Text against the regexes of formats.def.
 *
 * PCRE2's `$` also matches before a final newline, so the whole text is asked for
 * by options and not by anchors in the regex. Regexes compile when first used: a
 * run that meets five forms pays for five.
 */
#include "match.h"

#include "../base/addr.h"
#include "../base/die.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static bool check_cidr(struct str text)
{
	struct cidr cidr;
	return cidr_parse(text, &cidr) != CIDR_INVALID; /* host bits are a rule of their own */
}

static bool check_ip(struct str text)
{
	struct addr addr;
	return addr_parse(text, &addr);
}

/* The domain of [domain/]name is a DNS name. */
static bool check_qualified(struct str text)
{
	enum { DNS_NAME = 253 };
	size_t slash = str_find(text, '/');
	return slash == text.n || slash <= DNS_NAME;
}

/* A quota must be able to name it with "requests." in front (k8s.io/kubernetes/pkg/apis/core/v1/helper). */
static bool check_resource_name(struct str text)
{
	struct str prefix = S("requests.");
	return !str_starts(text, prefix) && check_qualified(text) &&
	       (str_find(text, '/') == text.n || str_find(text, '/') + prefix.n <= 253);
}

static bool check_search_domain(struct str text)
{
	return text.n && text.n - str_ends(text, S(".")) <= 253;
}

#define NONE NULL
const struct format formats[FORMAT_COUNT] = {
#define FORMAT(name, regex, longest, check, what, example) \
	[FORMAT_##name] = {S_INIT(#name), regex, longest, check, S_INIT(what), S_INIT(example)},
#include "formats.def"
};

static pcre2_code *compile(enum format_id format)
{
	int error;
	PCRE2_SIZE offset;
	uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_UTF | PCRE2_NO_UTF_CHECK;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)formats[format].regex, PCRE2_ZERO_TERMINATED, options, &error,
					 &offset, NULL);
	if (!code && error == PCRE2_ERROR_HEAP_FAILED)
		die("out of memory");
	if (!code)
		BUG("a regex of formats.def does not compile");
	return code;
}

bool match_regex(struct match *match, enum format_id format, struct str text)
{
	if (!match->code[format])
		match->code[format] = compile(format);
	enum { OFTEN = 500 }; /* by then it has paid for itself; that it is not to be had changes nothing */
	if (++match->uses[format] == OFTEN)
		pcre2_jit_compile(match->code[format], PCRE2_JIT_COMPLETE);
	if (!match->data && !(match->data = pcre2_match_data_create(1, NULL)))
		die("out of memory");
	int result = pcre2_match(match->code[format], (PCRE2_SPTR)(text.n ? text.p : ""), text.n, 0, PCRE2_NO_UTF_CHECK,
				 match->data, NULL);
	if (result == PCRE2_ERROR_NOMEMORY)
		die("out of memory");
	return result >= 0;
}

bool match_format(struct match *match, enum format_id format, struct str text)
{
	const struct format *f = &formats[format];
	return text.n <= f->longest && match_regex(match, format, text) && (!f->check || f->check(text));
}

void match_free(struct match *match)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		pcre2_code_free(match->code[i]);
	pcre2_match_data_free(match->data);
	*match = (struct match){0};
}

/* --- regexes of others: bytes, as logs are not always UTF-8 --- */

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
};

struct regex *regex_compile(const char *pattern)
{
	int error;
	PCRE2_SIZE offset;
	struct regex *regex = calloc(1, sizeof *regex);
	if (!regex)
		die("out of memory");
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_DOLLAR_ENDONLY, &error, &offset, NULL);
	if (!regex->code && error != PCRE2_ERROR_HEAP_FAILED)
		BUG("a regex of our tables does not compile");
	regex->data = regex->code ? pcre2_match_data_create_from_pattern(regex->code, NULL) : NULL;
	if (!regex->data)
		die("out of memory");
	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); /* that it is not to be had changes nothing */
	return regex;
}

bool regex_find(const struct regex *regex, struct str text, struct str *groups, size_t count)
{
	int result = pcre2_match(regex->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, 0, 0, regex->data, NULL);
	if (result == PCRE2_ERROR_NOMEMORY)
		die("out of memory");
	if (result < 0) /* no match, or one that takes too long to find */
		return false;
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->data);
	for (size_t i = 0; i < count; i++) {
		bool set = i < (size_t)result && ends[2 * i] != PCRE2_UNSET;
		groups[i] = set ? (struct str){text.p + ends[2 * i], ends[2 * i + 1] - ends[2 * i]} : S("");
	}
	return true;
}

void regex_free(struct regex *regex)
{
	if (!regex)
		return;
	pcre2_code_free(regex->code);
	pcre2_match_data_free(regex->data);
	free(regex);
}
