/* What planning costs, without reading and writing.
 *
 *     plan RUNS FILE
 *
 * Reads FILE as kdk-render does, plans it RUNS times, and prints the microseconds of processor time of
 * the cheapest. Exits 1 where FILE has an error. Linked with the program's objects.
 */
#include "../src/base/file.h"
#include "../src/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The plan's memory is its own, so that every run finds what the first one found: none. */
static long long cost(struct check check, struct input *input)
{
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	check.arena = &arena;
	check.diags = &diags;
	long long start = microseconds();
	plan_inputs(&check, &input, 1);
	long long took = microseconds() - start;
	bool failed = diags_failed(&diags);
	arena_free(&arena);
	return failed ? -1 : took;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct sources sources = {0};
	struct check check = {.arena = &arena, .diags = &diags, .sources = &sources};
	struct buf text = file_read(argv[2], TREE_BYTES);
	struct source source = {.name = str_of(argv[2]), .text = buf_str(&text)};
	uint16_t id = sources_add(&arena, &sources, &source);
	struct release release = {.name = S("kdk"), .namespace = S("default"), .service = S("bench")};
	struct input *input = load_values(&check, tree_parse(&arena, &diags, &sources, id), release);
	if (diags_failed(&diags))
		return 1;
	long long least = -1;
	for (long i = strtol(argv[1], NULL, 10); i > 0; i--) {
		long long took = cost(check, input);
		if (took < 0)
			return 1;
		if (least < 0 || took < least)
			least = took;
	}
	printf("%lld\n", least);
	return 0;
}
