/* One run of the planner, for its tests: values as text in, a plan out.
 *
 * A mistake in the values that the tests do not mean ends the test.
 */
#ifndef KDK_PLAN_PLAN_RUN_TEST_H
#define KDK_PLAN_PLAN_RUN_TEST_H

#include "plan.h"

#include "../config/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct check check;
	struct plan *plans;
};

/* All forms, compiled once: to do that anew for each plan would be most of the time. */
static struct match match;

static inline const struct node *parse(struct run *run, struct str text)
{
	struct source *source = NEW(&run->arena, struct source);
	*source = (struct source){.name = S("values.yaml"), .text = text};
	uint16_t id = sources_add(&run->arena, &run->sources, source);
	return tree_parse(&run->arena, &run->diags, &run->sources, id);
}

static inline struct input *load_locked(struct run *run, const char *release, struct str values, struct str lock, struct str last_plan)
{
	const struct node *root = parse(run, values);
	if (lock.n)
		root = node_merge(&run->arena, root, parse(run, lock), MERGE_NULL_WINS);
	struct release facts = {.name = str_of(release), .namespace = S("default"), .service = S("test"), .plan = last_plan};
	struct input *input = root ? load_values(&run->check, root, facts) : NULL;
	if (diags_failed(&run->diags))
		fail_msg("%.*s\n%.*s", STR(values), STR(run->diags.first->message));
	return input;
}

static inline struct input *load(struct run *run, const char *release, struct str values, struct str last_plan)
{
	return load_locked(run, release, values, S(""), last_plan);
}

static inline void run_start(struct run *run)
{
	*run = (struct run){0};
	run->diags.arena = &run->arena;
	run->check = (struct check){.arena = &run->arena, .diags = &run->diags, .sources = &run->sources, .match = match};
}

static inline void plan_text(struct run *run, struct str values, struct str last_plan)
{
	run_start(run);
	struct input *input = load(run, "kdk", values, last_plan);
	run->plans = plan_inputs(&run->check, &input, 1);
}

static inline void run_end(struct run *run)
{
	arena_free(&run->arena);
}

static inline bool find(const struct plan *plan, struct str name, struct cluster_plan *out)
{
	for (size_t i = 0; i < plan->input->count; i++) {
		if (!str_eq(plan->input->clusters[i].name, name))
			continue;
		*out = plan_of(plan, i);
		return true;
	}
	return false;
}

static inline struct cidr range(const char *text)
{
	struct cidr cidr;
	if (cidr_parse(str_of(text), &cidr) != CIDR_OK)
		fail_msg("%s is no range", text);
	return cidr;
}

static inline void assert_cidr(struct cidr got, const char *want)
{
	char text[CIDR_TEXT];
	if (!str_eq(cidr_print(text, got), str_of(want)))
		fail_msg("got '%.*s', want '%s'", STR(cidr_print(text, got)), want);
}

static inline int run_plan_tests(const char *name, const struct CMUnitTest *tests, size_t count)
{
#ifdef __GLIBC__ /* giving each run's memory back to the system would be most of the time */
	mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
	mallopt(M_MMAP_THRESHOLD, 64 * 1024 * 1024);
#endif
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		match_regex(&match, (enum format_id)i, S(""));
	int failed = _cmocka_run_group_tests(name, tests, count, NULL, NULL);
	match_free(&match);
	return failed;
}

#endif
