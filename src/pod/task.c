/* Tasks → results: fork, poll, wait. */
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static _Noreturn void be_child(const struct task *task, int out)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	int status = task->run(task);
	fflush(NULL);
	_exit(status);
}

static void start(struct task *task)
{
	int ends[2];
	task->text = buf_memory();
	task->pid = task->pipe = -1;
	task->ended = true;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	fflush(NULL);
	task->pid = fork();
	if (task->pid == 0) {
		fcntl(ends[1], F_SETFL, 0);
		be_child(task, ends[1]);
	}
	close(ends[1]);
	task->pipe = ends[0];
	task->ended = task->pid < 0;
}

/* The pipe ends when the child and all of its children have. */
static void read_some(struct task *task)
{
	enum { MOST = 256 * 1024 };
	for (;;) {
		ssize_t n = read(task->pipe, buf_room(&task->text, 4096), 4096);
		if (n > 0 && task->text.n < MOST)
			task->text.n += (size_t)n;
		else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			task->ended = true;
		if (n <= 0)
			return;
	}
}

static void wait_for(struct task *tasks, size_t count, int64_t until)
{
	struct pollfd polls[32];
	for (;;) {
		nfds_t open_pipes = 0;
		size_t of[32];
		for (size_t i = 0; i < count && open_pipes < 32; i++) {
			if (tasks[i].ended)
				continue;
			of[open_pipes] = i;
			polls[open_pipes++] = (struct pollfd){.fd = tasks[i].pipe, .events = POLLIN};
		}
		int64_t left = until - milliseconds();
		if (open_pipes == 0 || left <= 0)
			return;
		int ready = poll(polls, open_pipes, (int)left);
		for (nfds_t i = 0; ready > 0 && i < open_pipes; i++)
			if (polls[i].revents)
				read_some(&tasks[of[i]]);
	}
}

/* The first line that says that it is an error, as kubectl says more before; or else the first. */
static struct str telling_line(struct str text)
{
	struct str line, first = S("");
	while (str_line(&text, &line)) {
		line = str_trim(line);
		if (str_starts(line, S("Error")) || str_starts(line, S("error:")) || str_starts(line, S("Unable")))
			return str_to(line, 300);
		first = first.n ? first : line;
	}
	return str_to(first, 300);
}

static void finish(struct arena *arena, struct task *task)
{
	int status = 0;
	if (!task->ended)
		kill(task->pid, SIGKILL);
	bool waited = task->pid > 0 && waitpid(task->pid, &status, 0) == task->pid;
	if (task->pipe >= 0)
		close(task->pipe);
	task->output = arena_str(arena, buf_str(&task->text));
	if (task->result) {
		struct probe_result *r = task->result;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : TASK_BAD;
		r->said = arena_fmt(arena, "%.*s", STR(telling_line(task->output)));
		if (task->ended && waited)
			r->state = code == TASK_GOOD ? PROBE_GOOD : code == TASK_MISSING ? PROBE_MISSING : PROBE_BAD;
		else
			r->said = S("no answer in time");
	}
	buf_free(&task->text);
}

void tasks_run(struct arena *arena, struct task *tasks, size_t count, int bound_ms)
{
	int64_t until = milliseconds() + bound_ms;
	for (size_t i = 0; i < count; i++)
		start(&tasks[i]);
	wait_for(tasks, count, until);
	for (size_t i = 0; i < count; i++)
		finish(arena, &tasks[i]);
}
