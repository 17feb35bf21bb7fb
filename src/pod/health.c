/* Probes: heartbeats against the clock. What stands in the way is said in a line, which the kubelet's events show. */
#include "health.h"

#include <unistd.h>

#include "loop.h"
#include "place.h"

enum { BELIEVED_MS = 60 * 1000 };

/* The file's age in milliseconds; -1: it is not there. */
static int64_t age(struct arena *arena, const struct place_names *places, const char *name)
{
	struct str text;
	if (!file_get(arena, path_in(arena, places->run, name), &text))
		return -1;
	int64_t then = strtoll(arena_fmt(arena, "%.*s", STR(text)).p, NULL, 10);
	return loop_now() - then;
}

int command_health(int argc, char **argv)
{
	struct arena arena = {0};
	struct place_names at = places(&arena);
	bool startup = argc == 1 && strcmp(argv[0], "startup") == 0, ready = argc == 1 && strcmp(argv[0], "ready") == 0;
	int64_t passed = age(&arena, &at, ready ? "ready" : "live");
	bool good = passed >= 0 && (startup || passed < BELIEVED_MS);
	if (!good) {
		struct str phase = S("no phase yet");
		file_get(&arena, path_in(&arena, at.run, "phase"), &phase);
		printf("%s: %.*s\n", ready ? "not ready" : "no heartbeat", STR(str_trim(phase)));
	}
	arena_free(&arena);
	return good ? 0 : 1;
}
