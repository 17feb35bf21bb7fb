/* kdk-pod run: PID 1 of a KDK pod. The phases are the table below, in order; each is in the file of its name or
 * subject. What ends the run early, a stop or dockerd's end, ends whatever waits (loop.h), and comes back here.
 */
#include "run.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "log.h"

static const struct {
	enum phase phase;
	phase_function *run;
} phases[] = {
	{PHASE_INIT, phase_init},           /* the configuration; the environment made clean */
	{PHASE_CGROUP, phase_cgroup},       /* a cgroup of its own, on cgroup v2 */
	{PHASE_PREFLIGHT, phase_preflight}, /* may this cluster be started here? */
	{PHASE_DOCKERD, phase_dockerd},     /* daemon.json completed, dockerd up */
	{PHASE_NETWORK, phase_network},     /* what is on the volume, what to do; the network `kind` */
	{PHASE_IMAGE, phase_image},         /* the node image, loaded or pulled */
	{PHASE_CLUSTER, phase_cluster},     /* created or started, and its API server ready */
	{PHASE_PUBLISH, phase_publish},     /* the kubeconfig into the Secret */
	{PHASE_MANIFESTS, phase_manifests}, /* what the values ask for inside; nodes ready */
	{PHASE_READY, phase_ready},         /* served, until something ends it */
};

enum { BEAT_MS = 10 * 1000, SAID_MS = 5 * 1000 };

bool run_interrupted(const struct run *run)
{
	return run->loop.stops > 0 || docker_ended(run);
}

static bool is_interrupted(void *context)
{
	return run_interrupted(context);
}

int run_interruption(struct run *run)
{
	if (run->loop.stops > 0)
		return RUN_STOPPED;
	if (!docker_ended(run))
		return 0;
	struct output *output = &run->dockerd_output;
	struct str said = output->hint.n ? buf_str(&output->hint) : child_said(run->dockerd);
	status_say(&run->status, "dockerd has ended: %.*s", STR(said));
	return POD_EXIT_DOCKERD;
}

int run_fail(struct run *run, enum pod_exit status, const char *format, ...)
{
	int interruption = run_interruption(run);
	if (interruption)
		return interruption;
	va_list args;
	va_start(args, format);
	status_say_list(&run->status, format, args);
	va_end(args);
	return (int)status;
}

void run_warn(struct run *run, enum warning warning, struct str sentence)
{
	struct buf *last = &run->warnings[warning];
	if (str_eq(sentence, buf_str(last)))
		return;
	if (sentence.n)
		log_fmt("warning: %.*s", STR(sentence));
	else
		log_fmt("no longer: %.*s", STR(buf_str(last)));
	last->n = 0;
	buf_add(last, sentence);
}

void run_well(struct run *run)
{
	struct buf all = buf_memory();
	for (size_t i = 0; i < WARNINGS; i++) {
		if (all.n && run->warnings[i].n)
			BUF_LIT(&all, "; ");
		buf_add(&all, buf_str(&run->warnings[i]));
	}
	status_say(&run->status, "%.*s", STR(buf_str(&all)));
	buf_free(&all);
}

struct answer run_ask(struct run *run, struct arena *arena, int64_t milliseconds, const char *const *argv)
{
	struct child *child = child_start(&run->loop, &(struct command){.argv = argv, .keep = true});
	struct answer answer = {0};
	switch (child_wait(&run->loop, child, milliseconds)) {
	case WAIT_ENDED:
		answer = (struct answer){child_good(child), arena_str(arena, str_trim(buf_str(&child->kept))),
					 arena_str(arena, child_said(child))};
		break;
	case WAIT_TIMEOUT:
		answer.said = arena_fmt(arena, "%s did not answer within %lld s", argv[0], (long long)(milliseconds / 1000));
		break;
	case WAIT_INTERRUPTED:
		answer.said = S("interrupted");
		break;
	}
	child_end(&run->loop, child, SAID_MS);
	return answer;
}

bool run_logged(struct run *run, int64_t milliseconds, struct output *output, const char *const *argv, struct arena *arena,
		struct str *said)
{
	struct child *child = child_start(&run->loop, &(struct command){.argv = argv, .each = output_line, .context = output});
	enum waited waited = child_wait(&run->loop, child, milliseconds);
	bool good = waited == WAIT_ENDED && child_good(child);
	if (!good)
		*said = waited == WAIT_ENDED ? arena_str(arena, child_said(child)) :
			arena_fmt(arena, "%s did not end within %lld s", argv[0], (long long)(milliseconds / 1000));
	child_end(&run->loop, child, SAID_MS);
	return good;
}

static void dumped_line(void *context, struct str line)
{
	(void)context;
	log_line("dump: ", line);
}

/* Beside all phases: the heartbeat, the Secret, what SIGUSR1 asks for. */
static int64_t tick(void *context, int64_t now)
{
	struct run *run = context;
	if (now >= run->beat) {
		status_beat(&run->status, now);
		run->beat = now + BEAT_MS;
	}
	int64_t next = publish_tick(&run->publisher, now);
	if (run->dumping && run->dumping->ended) {
		child_end(&run->loop, run->dumping, 0);
		run->dumping = NULL;
	}
	if (run->loop.dump && !run->dumping) {
		static const char *const argv[] = {"/proc/self/exe", "dump", NULL};
		run->loop.dump = false;
		run->dumping = child_start(&run->loop, &(struct command){.argv = argv, .each = dumped_line});
	}
	return next < run->beat ? next : run->beat;
}

static int run_phases(struct run *run)
{
	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
		const char *name = phase_name(phases[i].phase);
		int64_t start = loop_now();
		status_phase(&run->status, phases[i].phase);
		log_event(name, "start", 0, S(""));
		int status = phases[i].run(run);
		if (status) {
			struct str why = buf_str(&run->status.message);
			if (status == RUN_STOPPED)
				why = S("a stop was asked for");
			log_event(name, status == RUN_STOPPED ? "ok" : "fail", loop_now() - start, why);
			return status;
		}
		log_event(name, "ok", loop_now() - start, S(""));
	}
	return 0;
}

int command_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	struct run run = {.started = loop_now()};
	for (size_t i = 0; i < WARNINGS; i++)
		run.warnings[i] = buf_memory();
	run.places = places(&run.arena);
	directory_make(run.places.run);
	loop_start(&run.loop);
	status_start(&run.status, &run.places);
	status_beat(&run.status, loop_now()); /* preflight waits without turning the loop */
	run.loop.tick = tick;
	run.loop.interrupted = is_interrupted;
	run.loop.context = &run;

	int status = run_phases(&run);
	status_ready(&run.status, false);
	if (status > 0) {
		status_phase(&run.status, PHASE_FAILED);
		status_end(&run.status);
	} else {
		status_say(&run.status, "%s", "");
		status_phase(&run.status, PHASE_STOPPING);
	}
	int64_t start = loop_now();
	log_event("stopping", "start", 0, S(""));
	stop_everything(&run);
	publish_flush(&run.publisher, SAID_MS);
	log_event("stopping", "ok", loop_now() - start, S(""));
	return status > 0 ? status : 0;
}
