/* Phase image: only where a cluster is to be made.
 *
 * An image that was loaded from a tar has no digest that docker could compare, so a tar stands for its tag: who built
 * the pod's image put it there. A tar of another image is passed over, and the node image is pulled.
 */
#include "image.h"

#include <unistd.h>

#include "log.h"
#include "run.h"

enum { LOAD_MS = 900 * 1000, PAUSE_MS = 2000 };

struct str image_without_digest(struct str image)
{
	return str_to(image, str_find(image, '@'));
}

bool image_was_loaded(struct str said, struct str image)
{
	struct str line;
	while (str_line(&said, &line)) {
		if (str_starts(line, S("Loaded image: ")) && str_eq(str_trim(str_from(line, 14)), image))
			return true;
	}
	return false;
}

static bool has_image(struct run *run, struct arena *arena, struct str image)
{
	return ASK(run, arena, SHORT_MS, "docker", "image", "inspect", "--format", "{{.Id}}", TEXT_OF(arena, image)).good;
}

static bool load(struct run *run, struct arena *arena, struct str image)
{
	log_fmt("loading the node image from %s", run->places.node_tar);
	struct answer loaded = ASK(run, arena, LOAD_MS, "docker", "load", "--input", run->places.node_tar);
	if (loaded.good && image_was_loaded(loaded.out, image))
		return true;
	if (!run_interrupted(run))
		log_fmt("warning: %s holds no %.*s (%.*s): it will be pulled", run->places.node_tar, STR(image),
			STR(loaded.good ? loaded.out : loaded.said));
	return false;
}

static int pull(struct run *run, struct arena *arena)
{
	struct str image = run->config->node_image, said = {0};
	int64_t pause = PAUSE_MS;
	for (int64_t i = 1; i <= run->limits.pull_attempts; i++, pause *= 2) {
		log_fmt("pulling %.*s, try %lld of %lld", STR(image), (long long)i, (long long)run->limits.pull_attempts);
		const char *const argv[] = {"docker", "pull", "--quiet", TEXT_OF(arena, image), NULL};
		if (run_logged(run, run->limits.pull * 1000, &run->other_output, argv, arena, &said))
			return 0;
		status_say(&run->status, "the node image %.*s cannot be pulled: %.*s; it is tried again", STR(image), STR(said));
		if (run_interrupted(run) || (i < run->limits.pull_attempts && !loop_sleep(&run->loop, pause)))
			break;
	}
	struct str hint = buf_str(&run->other_output.hint);
	return run_fail(run, POD_EXIT_CREATE, "the node image %.*s cannot be pulled: %.*s", STR(image), STR(hint.n ? hint : said));
}

int phase_image(struct run *run)
{
	struct arena arena = {0};
	struct str whole = run->config->node_image, tag = image_without_digest(whole);
	int status = 0;
	run->node_image = whole;
	if (run->decision.action == ACTION_START || has_image(run, &arena, whole)) {
		status = run_interruption(run);
	} else if (access(run->places.node_tar, R_OK) == 0 && (has_image(run, &arena, tag) || load(run, &arena, tag))) {
		run->node_image = tag;
	} else {
		status = pull(run, &arena);
	}
	if (!status && run->decision.action != ACTION_START) {
		names_in_network(run, &arena);
		status = run_interruption(run);
	}
	if (!status)
		run_well(run);
	arena_free(&arena);
	return status;
}
