/* The event loop: signals through a signalfd, output through pipes, one poll for all. */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/die.h"

enum { MOST_CHILDREN = 64, DRAIN_MS = 500 };

int64_t loop_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static sigset_t loop_signals(void)
{
	static const int list[] = {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGUSR1};
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		sigaddset(&set, list[i]);
	return set;
}

void loop_start(struct loop *loop)
{
	sigset_t set = loop_signals();
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		die("signalfd: %s", strerror(errno));
	/* Where it is not PID 1, as in tests, orphans come to it all the same. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		die("prctl: %s", strerror(errno));
}

/* --- children --- */

static void ignore_line(void *context, struct str line)
{
	(void)context;
	(void)line;
}

static void keep_tail(struct child *child, struct str bytes)
{
	struct buf *tail = &child->tail;
	buf_add(tail, bytes);
	if (tail->n > TAIL_MOST) {
		memmove(tail->p, tail->p + (tail->n - TAIL_MOST), TAIL_MOST);
		tail->n = TAIL_MOST;
	}
}

static _Noreturn void become(const struct command *command, int input, int out, int err)
{
	static const char *const proxies[] = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	dup2(input, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	for (size_t i = 0; command->plain_network && i < sizeof proxies / sizeof *proxies; i++)
		unsetenv(proxies[i]);
	union {
		const char *const *ours;
		char *const *execs;
	} argv = {command->argv};
	execvp(argv.ours[0], argv.execs);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", command->argv[0], strerror(errno));
	_exit(127);
}

static int input_of(struct str text)
{
	int fd = text.n ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot make a child's input: %s", strerror(errno));
	for (size_t done = 0; done < text.n;) {
		ssize_t n = write(fd, text.p + done, text.n - done);
		if (n < 0)
			die("cannot make a child's input: %s", strerror(errno));
		done += (size_t)n;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		die("pipe: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

struct child *child_start(struct loop *loop, const struct command *command)
{
	struct child *child = calloc(1, sizeof *child);
	if (!child)
		die("out of memory");
	int input = input_of(command->input), out[2], err[2];
	make_pipe(out);
	make_pipe(err);
	child->kept = child->tail = child->out_lines.partial = child->err_lines.partial = buf_memory();
	child->keeps = command->keep;
	child->out = out[0];
	child->err = err[0];
	line_function *each = command->each ? command->each : ignore_line;
	child->out_lines.each = child->err_lines.each = each;
	child->out_lines.context = child->err_lines.context = command->context;

	child->pid = fork();
	if (child->pid == 0)
		become(command, input, out[1], err[1]);
	if (child->pid < 0)
		die("fork: %s", strerror(errno));
	setpgid(child->pid, child->pid); /* here too: a signal may follow at once */
	close(input);
	close(out[1]);
	close(err[1]);
	child->next = loop->children;
	loop->children = child;
	return child;
}

static void read_output(struct child *child, int *fd, bool is_err)
{
	char bytes[8192];
	for (;;) {
		ssize_t n = read(*fd, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			break;
		struct str piece = {bytes, (size_t)n};
		if (is_err)
			keep_tail(child, piece);
		if (is_err || !child->keeps)
			lines_feed(is_err ? &child->err_lines : &child->out_lines, piece);
		else if (child->kept.n < KEEP_MOST)
			buf_add(&child->kept, piece);
	}
	close(*fd);
	*fd = -1;
	lines_end(is_err ? &child->err_lines : &child->out_lines);
}

/* Once a child is reaped, what it started may hold its pipes open for good: they are read for a moment more. */
static void settle(struct child *child, int64_t now)
{
	bool waited = child->reaped && now - child->reaped_at >= DRAIN_MS;
	int *const fds[] = {&child->out, &child->err};
	for (int i = 0; i < 2 && waited; i++) {
		if (*fds[i] < 0)
			continue;
		close(*fds[i]);
		*fds[i] = -1;
		lines_end(i ? &child->err_lines : &child->out_lines);
	}
	child->ended = child->reaped && child->out < 0 && child->err < 0;
}

static void reap(struct loop *loop, int64_t now)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);
		if (pid <= 0)
			return;
		for (struct child *c = loop->children; c; c = c->next) {
			if (c->pid == pid && !c->reaped) {
				c->reaped = true;
				c->reaped_at = now;
				c->status = status;
			}
		}
	}
}

static void take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;
	while (read(loop->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGUSR1)
			loop->dump = true;
		else if (info.ssi_signo != SIGCHLD)
			loop->stops++;
	}
}

static int64_t earliest(const struct loop *loop, int64_t until, int64_t now)
{
	for (const struct child *c = loop->children; c; c = c->next) {
		if (c->reaped && !c->ended && c->reaped_at + DRAIN_MS < until)
			until = c->reaped_at + DRAIN_MS;
	}
	return until < now ? now : until;
}

static int64_t tick(struct loop *loop)
{
	if (!loop->tick || loop->ticking)
		return NEVER;
	loop->ticking = true;
	int64_t wanted = loop->tick(loop->context, loop_now());
	loop->ticking = false;
	return wanted;
}

void loop_turn(struct loop *loop, int64_t until)
{
	int64_t wanted = tick(loop), now = loop_now();
	if (wanted < until)
		until = wanted;
	struct pollfd polled[1 + 2 * MOST_CHILDREN] = {{.fd = loop->signals, .events = POLLIN}};
	nfds_t count = 1;
	for (const struct child *c = loop->children; c && count + 2 <= sizeof polled / sizeof *polled; c = c->next) {
		polled[count++] = (struct pollfd){.fd = c->out, .events = POLLIN};
		polled[count++] = (struct pollfd){.fd = c->err, .events = POLLIN};
	}
	int64_t wait = earliest(loop, until, now) - now;
	if (poll(polled, count, wait > 60000 ? 60000 : (int)wait) < 0 && errno != EINTR)
		die("poll: %s", strerror(errno));

	take_signals(loop);
	now = loop_now();
	reap(loop, now);
	for (struct child *c = loop->children; c; c = c->next) {
		if (c->out >= 0)
			read_output(c, &c->out, false);
		if (c->err >= 0)
			read_output(c, &c->err, true);
		settle(c, now);
	}
	tick(loop); /* so that who waits sees what has come of it */
}

static bool is_interrupted(const struct loop *loop)
{
	return loop->interrupted && loop->interrupted(loop->context);
}

bool loop_sleep(struct loop *loop, int64_t milliseconds)
{
	int64_t until = loop_now() + milliseconds;
	do {
		if (is_interrupted(loop))
			return false;
		loop_turn(loop, until);
	} while (loop_now() < until);
	return !is_interrupted(loop);
}

static enum waited wait_for(struct loop *loop, struct child *child, int64_t milliseconds, bool stubborn)
{
	int64_t now = loop_now();
	int64_t until = milliseconds > NEVER - now ? NEVER : now + milliseconds;
	while (!child->ended) {
		if (!stubborn && is_interrupted(loop))
			return WAIT_INTERRUPTED;
		if (loop_now() >= until)
			return WAIT_TIMEOUT;
		loop_turn(loop, until);
	}
	return WAIT_ENDED;
}

enum waited child_wait(struct loop *loop, struct child *child, int64_t milliseconds)
{
	return wait_for(loop, child, milliseconds, false);
}

enum waited child_wait_stubborn(struct loop *loop, struct child *child, int64_t milliseconds)
{
	return wait_for(loop, child, milliseconds, true);
}

void child_signal(const struct child *child, int signal)
{
	if (!child->reaped)
		kill(child->pid, signal);
}

void child_signal_all(const struct child *child, int signal)
{
	if (!child->ended)
		kill(-child->pid, signal);
}

void child_end(struct loop *loop, struct child *child, int64_t grace)
{
	if (!child->ended) {
		child_signal_all(child, SIGTERM);
		if (child_wait_stubborn(loop, child, grace) != WAIT_ENDED) {
			child_signal_all(child, SIGKILL);
			child_wait_stubborn(loop, child, NEVER);
		}
	}
	struct child **at = &loop->children;
	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	buf_free(&child->kept);
	buf_free(&child->tail);
	free(child);
}

bool child_good(const struct child *child)
{
	return child->ended && WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

struct str child_said(struct child *child)
{
	struct str said = str_trim(buf_str(&child->tail)), line = {0}, rest = said;
	while (str_line(&rest, &line))
		said = str_trim(line).n ? str_trim(line) : said;
	if (said.n)
		return said;
	if (WIFSIGNALED(child->status))
		buf_fmt(&child->tail, "it was ended by signal %d", WTERMSIG(child->status));
	else
		buf_fmt(&child->tail, "it ended with status %d", WEXITSTATUS(child->status));
	return buf_str(&child->tail);
}
