/* Lines → lines without secrets, and hints: one pass of each regex over a line, first match wins.
 *
 * What a row's cause cannot know is which ranges this cluster has: where the line names the server that was asked, and
 * it lies in one of them, that is said instead, as it is the cause without doubt.
 */
#include "filter.h"

#include "../base/die.h"
#include "../config/match.h"

static const struct known {
	struct str kind;
	const char *regex;
	struct str cause, remedy;
} known[] = {
#define KNOWN(kind, regex, cause, remedy) {S_INIT(kind), regex, S_INIT(cause), S_INIT(remedy)},
#include "known.def"
};
enum { KINDS = sizeof known / sizeof *known };

/* Group 2 is the secret. */
static const char *const secrets[] = {
	"(?i)(authorization[\"']?\\s*[:=]\\s*[\"'\\[]*(?:bearer|basic|token)?\\s*)([^\\s\"'\\]]+)",
	"(?i)((?:token|passwd|password|secret[_-]?key|api[_-]?key|client-key-data|client-certificate-data|registry-"
	"auth|identitytoken|certificate-key)"
	"[\"']?\\s*[:=]\\s*\\\\?[\"']?)([^\\s\"',}\\\\]+)",
	"(--(?:token|certificate-key|password)[ =])(\\S+)",
	"([a-zA-Z][a-zA-Z0-9+.-]*://)([^/\\s@\"']+)(?=@)",
	"()(\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*)",
	"()(\\b[a-z0-9]{6}\\.[a-z0-9]{16}\\b)",                  /* a bootstrap token of kubeadm */
	"(^|[\\s|\"'])([A-Za-z0-9+/]{60,}={0,2})(?=$|[\\s\"'])", /* a line of a key or certificate */
};
enum { SECRETS = sizeof secrets / sizeof *secrets };

/* Where a line says which server it is about, most telling first. */
static const char *const servers[] = {
	"->\\[?([0-9a-fA-F:.]+)\\]?:[0-9]+",
	"dns-server=\"?(?:udp|tcp):\\[?([0-9a-fA-F:.]+)\\]?:[0-9]+",
	" on \\[?([0-9a-fA-F:.]+)\\]?:[0-9]+",
	"(?:dial|proxyconnect) (?:tcp|udp)[46]?:? (?:dial tcp )?\\[?([0-9a-fA-F:.]+)\\]?:[0-9]+",
};
enum { SERVERS = sizeof servers / sizeof *servers };

struct filter {
	const struct pod_config *config;
	struct regex *known[KINDS], *secrets[SECRETS], *servers[SERVERS];
	int64_t said[KINDS]; /* when; INT64_MIN: never */
	struct buf line, other, hint;
};

struct filter *filter_start(const struct pod_config *config)
{
	struct filter *filter = calloc(1, sizeof *filter);
	if (!filter)
		die("out of memory");
	filter->config = config;
	for (size_t i = 0; i < KINDS; i++) {
		filter->known[i] = regex_compile(known[i].regex);
		filter->said[i] = INT64_MIN;
	}
	for (size_t i = 0; i < SECRETS; i++)
		filter->secrets[i] = regex_compile(secrets[i]);
	for (size_t i = 0; i < SERVERS; i++)
		filter->servers[i] = regex_compile(servers[i]);
	filter->line = buf_memory();
	filter->other = buf_memory();
	filter->hint = buf_memory();
	return filter;
}

void filter_end(struct filter *filter)
{
	for (size_t i = 0; i < KINDS; i++)
		regex_free(filter->known[i]);
	for (size_t i = 0; i < SECRETS; i++)
		regex_free(filter->secrets[i]);
	for (size_t i = 0; i < SERVERS; i++)
		regex_free(filter->servers[i]);
	buf_free(&filter->line);
	buf_free(&filter->other);
	buf_free(&filter->hint);
	free(filter);
}

/* Every match of the regex has its secret replaced, into OUT, which is emptied. */
static void blot(const struct regex *regex, struct str text, struct buf *out)
{
	struct str groups[3];
	out->n = 0;
	while (regex_find(regex, text, groups, 3) && groups[0].n) {
		buf_add(out, str_to(text, (size_t)(groups[2].p - text.p)));
		BUF_LIT(out, "***");
		text = str_from(text, (size_t)(groups[2].p - text.p) + groups[2].n);
	}
	buf_add(out, text);
}

static struct str without_secrets(struct filter *filter, struct str line)
{
	filter->line.n = 0;
	buf_add(&filter->line, line);
	for (size_t i = 0; i < SECRETS; i++) {
		struct str groups[1];
		if (!regex_find(filter->secrets[i], buf_str(&filter->line), groups, 1))
			continue;
		blot(filter->secrets[i], buf_str(&filter->line), &filter->other);
		struct buf swapped = filter->line;
		filter->line = filter->other;
		filter->other = swapped;
	}
	return buf_str(&filter->line);
}

static bool find_server(const struct filter *filter, struct str line, struct addr *addr)
{
	for (size_t i = 0; i < SERVERS; i++) {
		struct str groups[2];
		if (regex_find(filter->servers[i], line, groups, 2) && addr_parse(groups[1], addr))
			return true;
	}
	return false;
}

static bool holds(const struct cidr_list *list, struct addr addr, struct cidr *found)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!cidr_has(list->items[i], addr))
			continue;
		*found = list->items[i];
		return true;
	}
	return false;
}

/* Whether the cause is that a server has an address of this cluster. */
static bool name_range(struct filter *filter, const struct known *k, struct str line)
{
	const struct pod_config *c = filter->config;
	struct addr addr;
	struct cidr range;
	if (!c || !(str_starts(k->kind, S("dns-")) || str_starts(k->kind, S("registry-"))) ||
	    !find_server(filter, line, &addr))
		return false;
	const char *part = holds(&c->services, addr, &range) ? "services" :
			   holds(&c->pods, addr, &range)     ? "pods" :
			   holds(&c->docker, addr, &range)   ? "docker" :
							       NULL;
	if (!part)
		return false;
	char one[ADDR_TEXT], two[CIDR_TEXT];
	buf_fmt(&filter->hint,
		"%.*s lies inside %s %.*s of this cluster, so that packets to it never leave it; list it under parents "
		"in the values, "
		"render and apply again, so that another range is assigned",
		STR(addr_print(one, addr)), part, STR(cidr_print(two, range)));
	return true;
}

struct filtered filter_line(struct filter *filter, struct str line, int64_t now)
{
	enum { PAUSE = 60 };
	struct filtered result = {.line = without_secrets(filter, line)};
	for (size_t i = 0; i < KINDS; i++) {
		struct str groups[1];
		if (!regex_find(filter->known[i], line, groups, 1))
			continue;
		result.kind = known[i].kind;
		if (filter->said[i] != INT64_MIN && now - filter->said[i] < PAUSE)
			break;
		filter->said[i] = now;
		filter->hint.n = 0;
		if (!name_range(filter, &known[i], line))
			buf_fmt(&filter->hint, "%.*s; %.*s", STR(known[i].cause), STR(known[i].remedy));
		result.hint = buf_str(&filter->hint);
		break;
	}
	return result;
}
