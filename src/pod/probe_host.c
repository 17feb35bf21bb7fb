/* Tried on the node: iptables' tables, links and overlay mounts, each where it leaves nothing behind. */
#include "task.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlink.h"

static int complain(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return TASK_BAD;
}

/* --- iptables: what dockerd and kube-proxy write --- */

static int try_table(const struct task *task)
{
	const char *rules = task->argument;
	if (unshare(CLONE_NEWNET))
		return complain("unshare");
	int fd = memfd_create("rules", 0);
	if (fd < 0 || write(fd, rules, strlen(rules)) < 0 || lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, 0) < 0)
		return complain("memfd_create");
	execlp("iptables-restore", "iptables-restore", (char *)NULL);
	if (errno == ENOENT)
		return TASK_MISSING;
	return complain("iptables-restore");
}

#define NAT                                                                                                            \
	"*nat\n"                                                                                                       \
	":KDK - [0:0]\n"                                                                                               \
	"-A PREROUTING -m addrtype --dst-type LOCAL -j KDK\n"                                                          \
	"-A POSTROUTING -s 192.0.2.0/24 -m comment --comment kdk -j MASQUERADE\n"                                      \
	"-A KDK -p tcp -m tcp --dport 1 -j DNAT --to-destination 192.0.2.1:1\n"                                        \
	"COMMIT\n"
#define FILTER                                                                                                         \
	"*filter\n"                                                                                                    \
	"-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"                                            \
	"-A OUTPUT -d 192.0.2.1/32 -p tcp -m tcp --dport 1 -m comment --comment kdk -j REJECT\n"                       \
	"COMMIT\n"
#define RAW                                                                                                            \
	"*raw\n"                                                                                                       \
	"-A PREROUTING -d 192.0.2.1/32 -j DROP\n"                                                                      \
	"COMMIT\n"

/* What lists the rules of one kind; where it is not there, neither does anything write them in this pod. */
static int list_rules(const struct task *task)
{
	const char *program = task->argument;
	execlp(program, program, (char *)NULL);
	return TASK_MISSING;
}

static int64_t count_rules(struct str listed)
{
	int64_t count = 0;
	struct str line;
	while (str_line(&listed, &line))
		count += str_starts(line, S("-A "));
	return count;
}

/* --- links --- */

static int try_links(const struct task *task)
{
	(void)task;
	if (unshare(CLONE_NEWNET))
		return complain("unshare");
	if ((errno = netlink_make_link("kdk0", "bridge")))
		return complain("bridge");
	if ((errno = netlink_make_link("kdk1", "veth")))
		return complain("veth");
	return TASK_GOOD;
}

/* --- overlay --- */

/* Docker, too, asks whether a directory says what kind its entries are: without it overlay loses files. */
static int says_types(const char *directory)
{
	DIR *d = opendir(directory);
	if (!d)
		return complain("opendir");
	int result = TASK_GOOD;
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_type == DT_UNKNOWN)
			result = TASK_BAD;
	closedir(d);
	if (result != TASK_GOOD)
		fprintf(stderr,
			"the file system does not say what kind directory entries are (xfs: made with ftype=0)\n");
	return result;
}

static int mount_overlay(const char *top)
{
	static const char *const parts[] = {"lower", "upper", "work", "merged"};
	char path[512], options[1024];
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", top, parts[i]);
		if (mkdir(path, 0700))
			return complain("mkdir");
	}
	snprintf(options, sizeof options, "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", top, top, top);
	snprintf(path, sizeof path, "%s/merged", top);
	if (mount("overlay", path, "overlay", 0, options))
		return complain("mount");
	snprintf(path, sizeof path, "%s/merged/file", top);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	int result = fd < 0 ? complain("write") : TASK_GOOD;
	if (fd >= 0)
		close(fd);
	snprintf(path, sizeof path, "%s/merged", top);
	umount2(path, MNT_DETACH);
	return result == TASK_GOOD ? says_types(top) : result;
}

static void clear(const char *top)
{
	static const char *const parts[] = {"upper/file", "work/work", "work/index", "lower",
					    "upper",      "work",      "merged"};
	char path[512];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(path, sizeof path, "%s/%s", top, parts[i]);
		remove(path);
	}
	remove(top);
}

static int try_overlay(const struct task *task)
{
	char top[300];
	snprintf(top, sizeof top, "%s/.kdk-probe-XXXXXX", (const char *)task->argument);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return complain("unshare");
	if (!mkdtemp(top))
		return complain("mkdir");
	int result = mount_overlay(top);
	clear(top);
	return result;
}

/* All tables at once, as that is what mostly works; the answer would not say which one does not. */
void probe_host(struct arena *arena, struct probes *probes, const struct surroundings *around, const char *data_root, int bound_ms)
{
	struct probe_result tables = {0};
	struct task tasks[] = {
		{.run = try_table, .argument = NAT FILTER RAW, .result = &tables},
		{.run = try_links, .result = &probes->links},
		{.run = try_overlay, .argument = data_root, .result = &probes->overlay},
		{.run = list_rules, .argument = "iptables-nft-save"},
		{.run = list_rules, .argument = "iptables-legacy-save"},
	};
	struct task each[] = {
		{.run = try_table, .argument = NAT, .result = &probes->nat},
		{.run = try_table, .argument = FILTER, .result = &probes->filter},
		{.run = try_table, .argument = RAW, .result = &probes->raw},
	};
	/* Where no legacy table is loaded, it would load them. */
	tasks_run(arena, tasks, sizeof tasks / sizeof *tasks - !around->has_legacy_tables, bound_ms);
	probes->nft_rules = count_rules(tasks[3].output);
	probes->legacy_rules = count_rules(tasks[4].output);
	probes->nat = probes->filter = probes->raw = tables;
	if (tables.state == PROBE_BAD)
		tasks_run(arena, each, sizeof each / sizeof *each, bound_ms);
}
