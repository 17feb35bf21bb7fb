/* P01 to P06, P17, P19: what the node and the pod's settings give. */
#include "judge.h"

#include <linux/magic.h>

static const int64_t GIB = 1024LL * 1024 * 1024;

/* A list being written: "a, b". */
static struct str joined(struct judge *j, struct str list, struct str word)
{
	return TEXT(j, "%.*s%s%.*s", STR(list), list.n ? ", " : "", STR(word));
}

/* --- P01 --- */

static const struct capability {
	unsigned bit;
	bool must; /* nothing works without it */
	struct str name;
} capabilities[] = {
	/* what dockerd, runc and kind's nodes use: capabilities(7) */
	{1, true, S_INIT("DAC_OVERRIDE")}, {12, true, S_INIT("NET_ADMIN")},     {13, false, S_INIT("NET_RAW")},
	{16, false, S_INIT("SYS_MODULE")}, {18, true, S_INIT("SYS_CHROOT")},    {19, false, S_INIT("SYS_PTRACE")},
	{21, true, S_INIT("SYS_ADMIN")},   {24, false, S_INIT("SYS_RESOURCE")}, {27, true, S_INIT("MKNOD")},
};

void judge_privileges(struct judge *j)
{
	const struct surroundings *around = j->input->around;
	struct str missing[2] = {S_INIT(""), S_INIT("")};
	if (!around->capabilities_known) {
		judge_skip(j, S("/proc/self/status does not say the capabilities"));
		return;
	}
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
		const struct capability *c = &capabilities[i];
		if (!(around->capabilities >> c->bit & 1))
			missing[c->must] = joined(j, missing[c->must], c->name);
	}
	j->facts = TEXT(j, "CapEff %016llx; /dev %s", (unsigned long long)around->capabilities,
			around->dev_writable ? "writable" : "read-only");
	static const struct str remedy = S_INIT(
		"securityContext.privileged must be true, as kdk-render writes it: see which admission policy or "
		"Pod Security level of the namespace changed or refused it");
	if (missing[true].n)
		judge_fail(j, POD_EXIT_UNFIT, TEXT(j, "the pod is not privileged: it lacks %.*s", STR(missing[true])),
			   remedy);
	else if (!around->dev_writable)
		judge_fail(j, POD_EXIT_UNFIT, S("the pod is not privileged: /dev is read-only"), remedy);
	else if (missing[false].n)
		judge_warn(j, TEXT(j, "the pod lacks what a privileged one has: %.*s", STR(missing[false])), remedy);
}

/* --- P02 --- */

static bool has_controller(const struct cgroups *cgroups, struct str name)
{
	for (size_t i = 0; i < cgroups->controllers.count; i++)
		if (str_eq(cgroups->controllers.items[i], name))
			return true;
	return false;
}

void judge_cgroups(struct judge *j)
{
	static const char *const modes[] = {"unknown", "v1", "v1 and v2 (hybrid)", "v2"};
	static const struct str needed[] = {S_INIT("cpu"), S_INIT("cpuset"), S_INIT("memory"), S_INIT("pids")};
	const struct cgroups *c = &j->input->around->cgroups;
	struct str missing = S("");
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!has_controller(c, needed[i]))
			missing = joined(j, missing, needed[i]);
	j->facts = TEXT(j, "cgroup %s%s%.*s", modes[c->mode], c->path.n ? ", at " : "", STR(c->path));
	if (c->mode == CGROUP_UNKNOWN) {
		judge_fail(j, POD_EXIT_UNFIT, S("no cgroups are mounted: neither Docker nor kubelet would start"),
			   S("mount them on the node; see its container runtime's settings"));
	} else if (missing.n) {
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "kubelet needs cgroup controllers that are not here: %.*s", STR(missing)),
			   S("enable them on the node: cgroup.subtree_control of every parent, or the kernel's command "
			     "line"));
	} else if (c->mode != CGROUP_V2) {
		judge_warn(j,
			   TEXT(j, "the node has cgroup %s: kubelet of Kubernetes 1.35 and later does not start there",
				modes[c->mode]),
			   S("use nodes with cgroup v2"));
	} else if (!c->own_namespace) {
		judge_warn(j,
			   S("the pod is in the node's cgroup namespace: nested containers escape the pod's limits and "
			     "accounting"),
			   S("kdk-pod moves into one of its own unless umount is refused: see the line phase=cgroup of "
			     "the log"));
	}
}

/* --- P03 --- */

static const struct fs_kind {
	int64_t magic;
	const char *name;
	enum verdict verdict; /* as a place for overlay's upper directories */
} fs_kinds[] = {
	{EXT4_SUPER_MAGIC, "ext4", PASS},
	{XFS_SUPER_MAGIC, "xfs", PASS},
	{BTRFS_SUPER_MAGIC, "btrfs", PASS},
	{F2FS_SUPER_MAGIC, "f2fs", PASS},
	{TMPFS_MAGIC, "tmpfs", WARN},
	{0x2fc12fc1, "zfs", WARN},
	{OVERLAYFS_SUPER_MAGIC, "overlay", FAIL},
	{NFS_SUPER_MAGIC, "nfs", FAIL},
	{FUSE_SUPER_MAGIC, "fuse", FAIL},
	{V9FS_MAGIC, "9p", FAIL},
	{CEPH_SUPER_MAGIC, "ceph", FAIL},
	{0xff534d42, "cifs", FAIL},
	{0xfe534d42, "smb2", FAIL},
	{0x786f4256, "vboxsf", FAIL},
};

static const struct str volume_remedy =
	S_INIT("give the cluster a volume on ext4 or xfs: storage.persistent with a block storage class, or "
	       "an emptyDir on such a disk");

static void judge_filesystem(struct judge *j, const struct filesystem *data, const struct fs_kind *kind)
{
	const struct probe_result *overlay = j->input->probes ? &j->input->probes->overlay : NULL;
	enum probe_state tried = overlay ? overlay->state : PROBE_NONE;
	if (data->read_only)
		judge_fail(j, POD_EXIT_UNFIT, S("the data volume is read-only"),
			   S("see the PersistentVolume and its mount options"));
	else if (data->noexec)
		judge_fail(j, POD_EXIT_UNFIT, S("the data volume is mounted noexec: nothing in an image could be run"),
			   S("drop noexec from the mount options of the StorageClass or of the node's disk"));
	else if (tried == PROBE_BAD)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "an overlay mount on the data volume fails (%.*s): images could not be unpacked",
				STR(overlay->said)),
			   volume_remedy);
	else if (tried != PROBE_GOOD && kind && kind->verdict == FAIL)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "the data volume is %s, on which overlay mounts do not work", kind->name),
			   volume_remedy);
	else if (kind && kind->verdict != PASS)
		judge_warn(j,
			   TEXT(j, "the data volume is %s: %s", kind->name,
				kind->magic == TMPFS_MAGIC ? "images and etcd would fill the node's memory" :
							     "slow, and not what Docker and containerd are tested on"),
			   volume_remedy);
	if (data->nodev)
		judge_warn(j, S("the data volume is mounted nodev: images with device nodes do not work"),
			   S("drop nodev from the mount options"));
}

static void judge_room(struct judge *j, const struct filesystem *data)
{
	enum { LEAST = 1, WANTED = 10 };
	if (data->free_bytes < LEAST * GIB)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "the data volume has %.*s left: not even the node image fits",
				STR(bytes_text(j->arena, data->free_bytes))),
			   S("raise storage.size, or free space on the node"));
	else if (data->free_bytes < WANTED * GIB)
		judge_warn(j,
			   TEXT(j, "the data volume has %.*s left, of %d GiB wanted: kubelet evicts pods when it fills",
				STR(bytes_text(j->arena, data->free_bytes)), WANTED),
			   S("raise storage.size, or free space on the node"));
	if (data->total_inodes && data->free_inodes < 100000)
		judge_warn(
			j,
			TEXT(j,
			     "the data volume has %lld inodes left: a node image alone has tens of thousands of files",
			     (long long)data->free_inodes),
			S("use a larger volume, or one made with more inodes"));
}

void judge_data(struct judge *j)
{
	const struct filesystem *data = &j->input->around->data;
	if (j->input->around->docker_host.n) {
		judge_skip(j, S("Docker runs elsewhere: DOCKER_HOST is retained"));
		return;
	}
	if (!data->found) {
		judge_fail(j, POD_EXIT_UNFIT, S("/var/lib/docker is not there"),
			   S("the pod must have a volume at /var/lib/docker, as kdk-render writes it"));
		return;
	}
	const struct fs_kind *kind = NULL;
	for (size_t i = 0; i < sizeof fs_kinds / sizeof *fs_kinds; i++)
		if (fs_kinds[i].magic == data->magic)
			kind = &fs_kinds[i];
	struct str name = kind ? str_of(kind->name) : TEXT(j, "file system %llx", (unsigned long long)data->magic);
	j->facts = TEXT(j, "%.*s, %.*s of %.*s free, %lld of %lld inodes%s%s%s", STR(name),
			STR(bytes_text(j->arena, data->free_bytes)), STR(bytes_text(j->arena, data->total_bytes)),
			(long long)data->free_inodes, (long long)data->total_inodes, data->read_only ? ", ro" : "",
			data->noexec ? ", noexec" : "", data->nodev ? ", nodev" : "");
	judge_filesystem(j, data, kind);
	judge_room(j, data);
}

/* --- P04 --- */

static struct str state_text(const struct probe_result *result)
{
	static const struct str states[] = {S_INIT("not tried"), S_INIT("good"), S_INIT("fails"),
					    S_INIT("no program to try it")};
	return states[result->state];
}

void judge_netfilter(struct judge *j)
{
	const struct probes *p = j->input->probes;
	if (!p || (p->nat.state == PROBE_NONE && p->filter.state == PROBE_NONE)) {
		judge_skip(j, S("not tried"));
		return;
	}
	j->facts = TEXT(j, "nat %.*s, filter %.*s, raw %.*s, bridge and veth %.*s%s", STR(state_text(&p->nat)),
			STR(state_text(&p->filter)), STR(state_text(&p->raw)), STR(state_text(&p->links)),
			j->input->around->has_legacy_tables ? "; legacy tables are loaded" : "");
	static const struct str modules = S_INIT(
		"load the modules on the node: iptable_nat, xt_conntrack, xt_comment, xt_addrtype, xt_MASQUERADE, "
		"ipt_REJECT, bridge, veth, br_netfilter");
	if (p->nat.state == PROBE_MISSING) {
		judge_fail(j, POD_EXIT_UNFIT, S("there is no iptables in the image"),
			   S("use KDK's image, or put iptables into yours"));
		return;
	}
	if (p->nat.state == PROBE_BAD)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "iptables' nat table does not take what Docker writes: %.*s", STR(p->nat.said)),
			   modules);
	if (p->filter.state == PROBE_BAD)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "iptables' filter table does not take what Docker and kube-proxy write: %.*s",
				STR(p->filter.said)),
			   modules);
	if (p->raw.state == PROBE_BAD)
		judge_warn(j,
			   TEXT(j,
				"iptables' raw table does not work: Docker 28 and later does not publish ports without "
				"it: %.*s",
				STR(p->raw.said)),
			   S("load iptable_raw on the node, or set env DOCKER_INSECURE_NO_IPTABLES_RAW=1"));
	if (p->legacy_rules && p->nft_rules)
		judge_warn(j,
			   TEXT(j,
				"the pod's network has iptables rules of both kinds, %lld legacy and %lld nft: packets "
				"pass through both, and Docker reads and writes one of them only",
				(long long)p->legacy_rules, (long long)p->nft_rules),
			   S("see what else writes rules there, mostly a service mesh or a CNI; env "
			     "DOCKER_IPTABLES_LEGACY=1 makes Docker use the legacy ones, an empty one nft's"));
	if (p->links.state == PROBE_BAD)
		judge_fail(j, POD_EXIT_UNFIT, TEXT(j, "no bridge and veth pair can be made: %.*s", STR(p->links.said)),
			   modules);
}

/* --- P05 --- */

void judge_limits(struct judge *j)
{
	const struct kernel_limits *l = &j->input->around->limits;
	int64_t pids = j->input->around->cgroups.pids_limit;
	const struct {
		const char *name;
		int64_t value, least;
		const char *why, *remedy; /* NULL: sysctl */
	} rows[] = {
		{"fs.inotify.max_user_instances", l->inotify_instances, 512,
		 "kubelet, containerd and kube-proxy fail with \"too many open files\"", NULL},
		{"fs.inotify.max_user_watches", l->inotify_watches, 524288,
		 "kubelet fails with \"no space left on device\" of a watch", NULL},
		{"fs.file-max", l->file_max, 100000, "opening files fails with \"too many open files in system\"",
		 NULL},
		{"kernel.pid_max", l->pid_max, 32768, "no processes can be started when the node has this many", NULL},
		{"kernel.keys.maxkeys", l->max_keys, 200, "runc fails with \"disk quota exceeded\"", NULL},
		{"open files (ulimit -n)", l->open_files, 65536,
		 "dockerd and nested containers run out of file descriptors",
		 "raise LimitNOFILE of the node's container runtime"},
		{"pids of the pod", pids, 4096,
		 "nested processes cannot be started: \"resource temporarily unavailable\"",
		 "raise podPidsLimit of the node's kubelet"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].value == UNKNOWN)
			continue;
		j->facts = joined(j, j->facts, TEXT(j, "%s %lld", rows[i].name, (long long)rows[i].value));
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].value == UNKNOWN || rows[i].value >= rows[i].least)
			continue;
		struct str remedy = rows[i].remedy ? TEXT(j, "%s: %lld", rows[i].remedy, (long long)rows[i].least) :
						     TEXT(j, "on the node, whose pods share it: sysctl -w %s=%lld",
							  rows[i].name, (long long)rows[i].least);
		judge_warn(j, TEXT(j, "%s is %lld: %s", rows[i].name, (long long)rows[i].value, rows[i].why), remedy);
	}
}

/* --- P06 --- */

void judge_forwarding(struct judge *j)
{
	const struct kernel_limits *l = &j->input->around->limits;
	if (l->ip_forward == UNKNOWN) {
		judge_skip(j, S("/proc/sys/net/ipv4/ip_forward cannot be read"));
		return;
	}
	j->facts = TEXT(j, "ip_forward %lld, rp_filter %lld, conntrack %lld of %lld", (long long)l->ip_forward,
			(long long)l->rp_filter, (long long)l->conntrack_count, (long long)l->conntrack_max);
	/* dockerd sets it, where it may. */
	if (l->ip_forward == 0 && !(j->input->around->capabilities >> 12 & 1))
		judge_fail(j, POD_EXIT_UNFIT,
			   S("net.ipv4.ip_forward is 0 and the pod may not set it: nested nodes would reach nothing"),
			   S("the pod must be privileged"));
	if (l->conntrack_max > 0 && l->conntrack_count > l->conntrack_max / 10 * 8)
		judge_warn(j,
			   TEXT(j,
				"%lld of %lld connections are tracked: when the table is full, packets are dropped "
				"with \"operation not permitted\"",
				(long long)l->conntrack_count, (long long)l->conntrack_max),
			   S("raise net.netfilter.nf_conntrack_max on the node"));
}

/* --- P17 --- */

void judge_resources(struct judge *j)
{
	enum { WANTED = 2 };
	const struct surroundings *around = j->input->around;
	int64_t limit = around->cgroups.memory_limit, available = around->limits.memory_available,
		cpus = around->limits.cpus;
	int64_t milli = around->cgroups.cpu_milli != UNKNOWN ? around->cgroups.cpu_milli : cpus * 1000;
	struct str memory = limit == UNKNOWN ? S("none") : bytes_text(j->arena, limit);
	j->facts = TEXT(j, "memory limit %.*s, %.*s available on the node, %lld processors, %.1f usable", STR(memory),
			STR(bytes_text(j->arena, available < 0 ? 0 : available)), (long long)cpus,
			(double)(milli < 0 ? 0 : milli) / 1000);
	if (limit != UNKNOWN && limit < WANTED * GIB)
		judge_warn(j,
			   TEXT(j,
				"the pod's memory limit is %.*s: the nested control plane is killed when it needs more",
				STR(memory)),
			   S("resources.limits.memory: 4Gi, or none"));
	if (available != UNKNOWN && available < WANTED * GIB)
		judge_warn(j, TEXT(j, "the node has %.*s of memory left", STR(bytes_text(j->arena, available))),
			   S("resources.requests.memory: 3Gi makes the scheduler pick a node with room"));
	if (milli >= 0 && milli < WANTED * 1000)
		judge_warn(j,
			   TEXT(j,
				"there are %.1f processors for the nested cluster: it takes minutes to start, and "
				"leases expire",
				(double)milli / 1000),
			   S("no resources.limits.cpu, or 2 and more"));
}

/* --- P19 --- */

void judge_confinement(struct judge *j)
{
	const struct surroundings *around = j->input->around;
	/* What container-selinux gives to privileged containers. */
	bool privileged = around->selinux.n == 0 || str_find(around->selinux, ':') == around->selinux.n ||
			  strstr(arena_fmt(j->arena, "%.*s", STR(around->selinux)).p, ":spc_t:");
	j->facts =
		TEXT(j, "AppArmor %.*s, SELinux %.*s, %s", STR(around->apparmor.n ? around->apparmor : S("unconfined")),
		     STR(around->selinux.n ? around->selinux : S("off")),
		     around->mapped_users ? "a user namespace" : "no user namespace");
	if (around->apparmor.n)
		judge_warn(j,
			   TEXT(j,
				"AppArmor confines the pod by %.*s: mounts and ptrace of nested containers are denied",
				STR(around->apparmor)),
			   S("securityContext.appArmorProfile.type: Unconfined"));
	if (!privileged)
		judge_warn(j,
			   TEXT(j, "SELinux confines the pod as %.*s: nested containers are denied mounts and files",
				STR(around->selinux)),
			   S("run it as spc_t: see seLinuxOptions, or what removed privileged"));
	if (around->mapped_users)
		judge_warn(j,
			   S("the pod is in a user namespace: nested kubelet starts only with the feature gate "
			     "KubeletInUserNamespace"),
			   S("hostUsers: true, or kind.featureGates: {KubeletInUserNamespace: true}"));
}
