/* Phase cgroup. With cgroup v1 cgroups stay as they are, and little could be done: each controller has its own tree. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "run.h"

/* Kubelet gives all that a pod starts a score of up to 999 of 1000, and Docker its containers 0 again: kdk-pod and dockerd,
 * which inherits this, would go before any of them. */
#define OOM_SCORE "-500"

enum { ATTEMPTS = 10 };

/* One write to a file of the kernel's, which takes a value a write. */
static bool put(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = write(fd, text.p, text.n) == (ssize_t)text.n;
	int error = errno;
	close(fd);
	errno = error;
	return good;
}

static void move_processes(struct arena *arena, const char *directory, const char *leaf)
{
	struct str processes = {0}, process;
	file_get(arena, path_in(arena, directory, "cgroup.procs"), &processes);
	while (str_line(&processes, &process))
		put(path_in(arena, leaf, "cgroup.procs"), process); /* one that has ended meanwhile is no matter */
}

bool cgroup_delegate(struct arena *arena, const char *directory, struct str *why)
{
	const char *leaf = path_in(arena, directory, CGROUP_LEAF);
	struct str controllers = {0};
	if (mkdir(leaf, 0755) != 0 && errno != EEXIST) {
		*why = arena_fmt(arena, "%s: %s", leaf, strerror(errno));
		return false;
	}
	if (!file_get(arena, path_in(arena, directory, "cgroup.controllers"), &controllers)) {
		*why = arena_fmt(arena, "%s/cgroup.controllers: %s", directory, strerror(errno));
		return false;
	}
	struct buf wanted = buf_memory();
	for (struct str rest = str_trim(controllers); rest.n;) {
		size_t end = str_find(rest, ' ');
		buf_fmt(&wanted, "%s+%.*s", wanted.n ? " " : "", STR(str_to(rest, end)));
		rest = str_trim(str_from(rest, end));
	}
	bool good = false;
	for (int i = 0; i < ATTEMPTS && !good; i++) {
		move_processes(arena, directory, leaf);
		good = put(path_in(arena, directory, "cgroup.subtree_control"), buf_str(&wanted));
	}
	if (!good)
		*why = arena_fmt(arena, "%s/cgroup.subtree_control: %s", directory, strerror(errno));
	buf_free(&wanted);
	return good;
}

bool cgroup_kill_singly(struct arena *arena, const char *directory, struct str *why)
{
	const char *path = path_in(arena, directory, "memory.oom.group");
	if (put(path, S("0")) || errno == ENOENT) /* without the memory controller nothing of the sort is asked */
		return true;
	*why = arena_fmt(arena, "%s: %s", path, strerror(errno));
	return false;
}

/* Where the old mount cannot be taken away, the new one lies over it. */
static bool enter_namespace(struct arena *arena, struct str *why)
{
	if (unshare(CLONE_NEWCGROUP | CLONE_NEWNS) != 0) {
		*why = arena_fmt(arena, "unshare: %s", strerror(errno));
		return false;
	}
	umount2("/sys/fs/cgroup", MNT_DETACH);
	if (mount("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
		*why = arena_fmt(arena, "mount cgroup2: %s", strerror(errno));
		return false;
	}
	return true;
}

int phase_cgroup(struct run *run)
{
	struct arena arena = {0};
	struct str why = {0};
	if (!put(arena_fmt(&arena, "%s/proc/self/oom_score_adj", run->places.root).p, S(OOM_SCORE)))
		log_fmt("warning: kdk-pod and dockerd are among the first to be killed when memory runs out: oom_score_adj: %s", strerror(errno));
	if (run->foreign_docker) {
		log_fmt("the containers are made elsewhere: this pod's cgroup is left as it is");
	} else if (run->around.cgroups.mode != CGROUP_V2) {
		log_fmt("warning: no cgroup v2 here: the nested cluster's cgroups are beside the pod's");
	} else {
		bool good = run->around.cgroups.own_namespace || enter_namespace(&arena, &why);
		if (!good || !cgroup_delegate(&arena, "/sys/fs/cgroup", &why))
			log_fmt("warning: the pod has no cgroup of its own (%.*s): its limits do not hold for the nested cluster", STR(why));
		else if (!cgroup_kill_singly(&arena, "/sys/fs/cgroup", &why))
			log_fmt("warning: when the pod's memory runs out, all of it is killed: %.*s", STR(why));
	}
	arena_free(&arena);
	return 0;
}
