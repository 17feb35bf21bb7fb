/* Phase, sentence and heartbeats. A file that cannot be written is logged once and passed over: the probes will say so. */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "log.h"

enum { TERMINATION_MOST = 4096 };

static const char *const names[] = {
#define PHASE(identifier, name) name,
#include "phases.def"
#undef PHASE
};

const char *phase_name(enum phase phase)
{
	return names[phase];
}

static void put(const struct status *status, const char *name, struct str text)
{
	struct arena arena = {0};
	const char *path = path_in(&arena, status->places->run, name);
	if (!file_put(path, text, false))
		log_fmt("cannot write %s: %s", path, strerror(errno));
	arena_free(&arena);
}

static void changed(struct status *status)
{
	struct arena arena = {0};
	status->revision++;
	put(status, "phase", arena_fmt(&arena, "%s\n%.*s\n", names[status->phase], STR(buf_str(&status->message))));
	arena_free(&arena);
}

void status_start(struct status *status, const struct place_names *places)
{
	*status = (struct status){.places = places, .message = buf_memory(), .pending = buf_memory()};
	/* A container that is started anew finds its predecessor's heartbeats. */
	struct arena arena = {0};
	unlink(path_in(&arena, places->run, "live"));
	unlink(path_in(&arena, places->run, "ready"));
	arena_free(&arena);
	changed(status);
}

void status_phase(struct status *status, enum phase phase)
{
	status->phase = phase;
	changed(status);
}

void status_say_list(struct status *status, const char *format, va_list args)
{
	char text[TERMINATION_MOST];
	int n = vsnprintf(text, sizeof text, format, args);
	struct str said = {text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1};
	for (size_t i = 0; i < said.n; i++) {
		if (text[i] == '\n' || text[i] == '\r' || text[i] == '\t')
			text[i] = ' ';
	}
	if (str_eq(said, buf_str(&status->message)))
		return;
	status->message.n = 0;
	buf_add(&status->message, said);
	changed(status);
}

void status_say(struct status *status, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	status_say_list(status, format, args);
	va_end(args);
}

void status_pending(struct status *status, struct str pending)
{
	status->pending.n = 0;
	buf_add(&status->pending, pending);
	status->revision++;
}

void status_ready(struct status *status, bool ready)
{
	if (status->ready == ready)
		return;
	status->ready = ready;
	status->revision++;
	status_beat(status, 0);
}

void status_beat(const struct status *status, int64_t now)
{
	struct arena arena = {0};
	const char *ready = path_in(&arena, status->places->run, "ready");
	if (now) {
		struct str beat = arena_fmt(&arena, "%lld\n", (long long)now);
		put(status, "live", beat);
		if (status->ready)
			put(status, "ready", beat);
	}
	if (!status->ready)
		unlink(ready);
	arena_free(&arena);
}

/* Written in place: the kubelet mounts a file there. */
void status_end(const struct status *status)
{
	int fd = open(status->places->termination, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	struct str text = str_to(buf_str(&status->message), TERMINATION_MOST);
	if (write(fd, text.p, text.n) < 0)
		log_fmt("cannot write %s: %s", status->places->termination, strerror(errno));
	close(fd);
}
