/* The table of checks, run one after the other: judging takes no time, what takes time are the probes before. */
#include "judge.h"

enum when { STATIC = 1, DOCKER = 2, BOTH = STATIC | DOCKER };

static const struct check_entry {
	const char *id, *name;
	unsigned when;
	check_function *run;
} checks[] = {
#define CHECK(id, name, when, function, title) {#id, #name, when, function},
#include "checks.def"
};

static struct finding *add(struct judge *j, enum verdict verdict, struct str sentence, struct str remedy)
{
	struct findings *f = &j->findings;
	ARENA_PUSH(j->arena, f->items, f->count, f->capacity);
	struct finding *finding = &f->items[f->count++];
	*finding = (struct finding){
		.id = j->id, .name = j->name, .verdict = verdict, .sentence = sentence, .remedy = remedy};
	return finding;
}

void judge_fail(struct judge *j, enum pod_exit status, struct str sentence, struct str remedy)
{
	add(j, FAIL, sentence, remedy)->exit_status = (int)status;
}

void judge_warn(struct judge *j, struct str sentence, struct str remedy)
{
	add(j, WARN, sentence, remedy);
}

void judge_skip(struct judge *j, struct str why)
{
	j->facts = why;
	add(j, SKIPPED, S(""), S(""));
}

static struct findings run(struct arena *arena, const struct preflight *input, unsigned when)
{
	struct judge j = {.arena = arena, .input = input, .with_docker = when == DOCKER};
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		if (!(checks[i].when & when))
			continue;
		j.id = checks[i].id;
		j.name = checks[i].name;
		j.first = j.findings.count;
		j.facts = S("");
		checks[i].run(&j);
		if (j.findings.count == j.first)
			add(&j, PASS, S(""), S(""));
		for (size_t k = j.first; k < j.findings.count; k++)
			j.findings.items[k].facts = j.facts;
	}
	return j.findings;
}

struct findings preflight_static(struct arena *arena, const struct preflight *input)
{
	return run(arena, input, STATIC);
}

struct findings preflight_docker(struct arena *arena, const struct preflight *input)
{
	return run(arena, input, DOCKER);
}

const struct finding *findings_stop(const struct findings *findings, enum preflight_mode mode)
{
	for (size_t i = 0; i < findings->count && mode == PREFLIGHT_ENFORCE; i++)
		if (findings->items[i].verdict == FAIL)
			return &findings->items[i];
	return NULL;
}

struct str finding_message(struct arena *arena, const struct finding *finding)
{
	struct str text = finding->sentence.n ? finding->sentence : finding->facts;
	return arena_fmt(arena, "%s: %.*s%s%.*s", finding->id, STR(text), finding->remedy.n ? "; " : "",
			 STR(finding->remedy));
}

/* --- what several checks use --- */

struct str cidrs_text(struct arena *arena, const struct cidr_list *list)
{
	struct str text = S("");
	for (size_t i = 0; i < list->count; i++) {
		char one[CIDR_TEXT];
		text = arena_fmt(arena, "%.*s%s%.*s", STR(text), i ? ", " : "", STR(cidr_print(one, list->items[i])));
	}
	return text;
}

struct str bytes_text(struct arena *arena, int64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;
	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	return arena_fmt(arena, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

bool is_docker_link(const struct pod_network *network, int index)
{
	const struct link *link = network_link(network, index);
	if (!link || index == network->default_link)
		return false;
	return str_eq(link->name, S("docker0")) || str_starts(link->name, S("br-")) ||
	       str_starts(link->name, S("veth"));
}

bool has_docker_links(const struct pod_network *network)
{
	for (size_t i = 0; i < network->link_count; i++)
		if (is_docker_link(network, network->links[i].index))
			return true;
	return false;
}

const struct node *docker_networks(struct judge *j)
{
	if (!j->networks && j->input->networks.n) {
		struct diags diags = {.arena = j->arena}; /* what is not as Docker prints it says nothing */
		struct sources sources = {0};
		struct source *source = NEW(j->arena, struct source);
		*source = (struct source){.name = S("docker network inspect"), .text = j->input->networks};
		const struct node *root =
			tree_parse(j->arena, &diags, &sources, sources_add(j->arena, &sources, source));
		j->networks = root && root->kind == NODE_LIST ? root->child : NULL;
	}
	return j->networks;
}
