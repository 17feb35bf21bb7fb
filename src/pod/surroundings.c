/* Files of /proc, /sys and /etc, and the environment → struct surroundings.
 *
 * Everything is read whole, as the kernel makes most of these files when they are opened and says that they
 * are empty before. What is not there, or not of the form that is known, is left unknown.
 */
#include "surroundings.h"

#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup.h"
#include "place.h"

struct reader {
	struct arena *arena;
	const char *root;
};

static const char *path_of(const struct reader *r, const char *path)
{
	return arena_fmt(r->arena, "%s%s", r->root, path).p;
}

static bool exists(const struct reader *r, const char *path)
{
	return access(path_of(r, path), F_OK) == 0;
}

static struct str read_text(const struct reader *r, const char *path)
{
	struct str text;
	return file_get(r->arena, path_of(r, path), &text) ? text : S("");
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the next word off *REST, which is one line. */
static bool next_word(struct str *rest, struct str *word)
{
	while (rest->n && is_blank(rest->p[0]))
		*rest = str_from(*rest, 1);
	size_t n = 0;
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	*word = str_to(*rest, n);
	*rest = str_from(*rest, n);
	return n > 0;
}

static struct str word_at(struct str line, size_t index)
{
	struct str word = {0};
	for (size_t i = 0; i <= index; i++)
		if (!next_word(&line, &word))
			return S("");
	return word;
}

/* A decimal number at the start of TEXT; "max" and everything else is UNKNOWN. */
static int64_t parse_number(struct str text)
{
	text = str_trim(text);
	int64_t value = 0;
	size_t n = 0;
	for (; n < text.n && text.p[n] >= '0' && text.p[n] <= '9'; n++) {
		if (value > (INT64_MAX - 9) / 10)
			return INT64_MAX;
		value = value * 10 + (text.p[n] - '0');
	}
	return n ? value : UNKNOWN;
}

static int64_t read_number(const struct reader *r, const char *path)
{
	return parse_number(read_text(r, path));
}

static uint64_t parse_hex(struct str text)
{
	uint64_t value = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (uint64_t)(c - 'A' + 10);
		else
			break;
	}
	return value;
}

/* What follows KEY on the line that begins with it. */
static struct str field(struct str text, const char *key)
{
	struct str line, name = str_of(key);
	while (str_line(&text, &line))
		if (str_starts(line, name))
			return str_trim(str_from(line, name.n));
	return S("");
}

struct text_list {
	struct str_list list;
	size_t capacity;
};

static void add_text(struct arena *arena, struct text_list *texts, struct str text)
{
	ARENA_PUSH(arena, texts->list.items, texts->list.count, texts->capacity);
	texts->list.items[texts->list.count++] = text;
}

static struct str_list words(struct arena *arena, struct str line)
{
	struct text_list list = {0};
	struct str word;
	for (line = str_trim(line); next_word(&line, &word);)
		add_text(arena, &list, word);
	return list.list;
}

/* --- resolv.conf: resolv.conf(5); the last `search` counts --- */

static void read_resolver(const struct reader *r, struct resolver_config *resolver)
{
	struct str text = read_text(r, "/etc/resolv.conf"), line, key;
	struct text_list nameservers = {0}, options = {0};
	resolver->found = exists(r, "/etc/resolv.conf");
	while (str_line(&text, &line)) {
		struct str rest = str_trim(line), word;
		if (!next_word(&rest, &key))
			continue;
		if (str_eq(key, S("nameserver")) && next_word(&rest, &word))
			add_text(r->arena, &nameservers, word);
		else if (str_eq(key, S("search")) || str_eq(key, S("domain")))
			resolver->search = words(r->arena, rest);
		else if (str_eq(key, S("options")))
			while (next_word(&rest, &word))
				add_text(r->arena, &options, word);
	}
	resolver->nameservers = nameservers.list;
	resolver->options = options.list;
	resolver->addresses = NEW_ARRAY(r->arena, struct addr, nameservers.list.count);
	for (size_t i = 0; i < nameservers.list.count; i++) {
		struct str server = nameservers.list.items[i];
		if (addr_parse(str_to(server, str_find(server, '%')), &resolver->addresses[resolver->address_count]))
			resolver->address_count++;
	}
}

/* --- cgroups: cgroups(7) --- */

static int64_t limit_of(const struct reader *r, const struct cgroups *cgroups, const char *v2, const char *v1)
{
	if (cgroups->mode != CGROUP_V2)
		return read_number(r, v1);
	struct str path = cgroups->own_namespace ? S("") : cgroups->path;
	const char *file = arena_fmt(r->arena, "/sys/fs/cgroup%.*s/%s", STR(path), v2).p;
	return read_number(r, file);
}

static int64_t cpu_limit(const struct reader *r, const struct cgroups *cgroups)
{
	int64_t quota, period;
	if (cgroups->mode == CGROUP_V2) {
		struct str path = cgroups->own_namespace ? S("") : cgroups->path;
		struct str text = read_text(r, arena_fmt(r->arena, "/sys/fs/cgroup%.*s/cpu.max", STR(path)).p);
		quota = parse_number(word_at(text, 0));
		period = parse_number(word_at(text, 1));
	} else {
		quota = read_number(r, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
		period = read_number(r, "/sys/fs/cgroup/cpu/cpu.cfs_period_us");
	}
	return quota > 0 && period > 0 && quota < INT64_MAX / 1000 ? quota * 1000 / period : UNKNOWN;
}

static void read_cgroups(const struct reader *r, struct cgroups *cgroups)
{
	struct str text = read_text(r, "/proc/self/cgroup"), line;
	struct text_list v1 = {0};
	while (str_line(&text, &line)) {
		struct str rest = str_from(line, str_find(line, ':') + 1);
		struct str names = str_to(rest, str_find(rest, ':'));
		if (str_starts(line, S("0::"))) {
			cgroups->path = str_from(line, 3);
			cgroups->own_namespace = str_eq(cgroups->path, S("/")) || str_eq(cgroups->path, S("/" CGROUP_LEAF));
			continue;
		}
		while (names.n) {
			add_text(r->arena, &v1, str_to(names, str_find(names, ',')));
			names = str_from(names, str_find(names, ',') + 1);
		}
	}
	bool unified = exists(r, "/sys/fs/cgroup/cgroup.controllers");
	cgroups->mode = unified         ? CGROUP_V2 :
			!v1.list.count  ? CGROUP_UNKNOWN :
			cgroups->path.n ? CGROUP_HYBRID :
					  CGROUP_V1;
	cgroups->controllers = unified ? words(r->arena, read_text(r, "/sys/fs/cgroup/cgroup.controllers")) : v1.list;
	cgroups->memory_limit = limit_of(r, cgroups, "memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes");
	cgroups->pids_limit = limit_of(r, cgroups, "pids.max", "/sys/fs/cgroup/pids/pids.max");
	cgroups->cpu_milli = cpu_limit(r, cgroups);
	/* v1 says "no limit" as the largest multiple of a page. */
	if (cgroups->memory_limit >= INT64_MAX / 2)
		cgroups->memory_limit = UNKNOWN;
}

/* --- limits, privileges --- */

static int64_t count_cpus(struct str online)
{
	int64_t count = 0;
	online = str_trim(online);
	while (online.n) {
		struct str part = str_to(online, str_find(online, ','));
		int64_t first = parse_number(part), last = parse_number(str_from(part, str_find(part, '-') + 1));
		count += last >= first && first >= 0 ? last - first + 1 : 1;
		online = str_from(online, part.n + 1);
	}
	return count ? count : UNKNOWN;
}

static int64_t kibibytes(struct str number)
{
	int64_t value = parse_number(number);
	return value < 0 ? UNKNOWN : value * 1024;
}

static void read_limits(const struct reader *r, struct kernel_limits *limits)
{
	struct str memory = read_text(r, "/proc/meminfo");
	*limits = (struct kernel_limits){
		.ip_forward = read_number(r, "/proc/sys/net/ipv4/ip_forward"),
		.rp_filter = read_number(r, "/proc/sys/net/ipv4/conf/all/rp_filter"),
		.conntrack_count = read_number(r, "/proc/sys/net/netfilter/nf_conntrack_count"),
		.conntrack_max = read_number(r, "/proc/sys/net/netfilter/nf_conntrack_max"),
		.inotify_instances = read_number(r, "/proc/sys/fs/inotify/max_user_instances"),
		.inotify_watches = read_number(r, "/proc/sys/fs/inotify/max_user_watches"),
		.file_max = read_number(r, "/proc/sys/fs/file-max"),
		.pid_max = read_number(r, "/proc/sys/kernel/pid_max"),
		.max_keys = read_number(r, "/proc/sys/kernel/keys/maxkeys"),
		.open_files = parse_number(word_at(field(read_text(r, "/proc/self/limits"), "Max open files"), 0)),
		.memory_total = kibibytes(field(memory, "MemTotal:")),
		.memory_available = kibibytes(field(memory, "MemAvailable:")),
		.cpus = count_cpus(read_text(r, "/sys/devices/system/cpu/online")),
	};
}

static bool says(struct str text, struct str word)
{
	return str_eq(str_trim(text), word);
}

static void read_privileges(const struct reader *r, struct surroundings *around)
{
	struct str capabilities = field(read_text(r, "/proc/self/status"), "CapEff:");
	around->capabilities_known = capabilities.n > 0;
	around->capabilities = parse_hex(capabilities);
	around->dev_writable = access(path_of(r, "/dev"), W_OK) == 0;
	struct str map = read_text(r, "/proc/self/uid_map"), line;
	/* The initial user namespace has one line, which maps all: user_namespaces(7). */
	if (str_line(&map, &line))
		around->mapped_users = !(says(word_at(line, 0), S("0")) && says(word_at(line, 1), S("0")) &&
					 says(word_at(line, 2), S("4294967295")));
	struct str label = str_trim(read_text(r, "/proc/self/attr/current"));
	if (label.n && label.p[label.n - 1] == '\0')
		label.n--;
	if (says(read_text(r, "/sys/fs/selinux/enforce"), S("1")))
		around->selinux = label;
	else if (says(read_text(r, "/sys/module/apparmor/parameters/enabled"), S("Y")) &&
		 !str_starts(label, S("unconfined")) && str_ends(label, S("(enforce)")))
		around->apparmor = label;
}

/* --- sockets that listen: /proc/net/tcp, proc(5) --- */

static void read_listeners(const struct reader *r, struct surroundings *around, const char *path)
{
	struct str text = read_text(r, path), line;
	str_line(&text, &line); /* its heading */
	while (str_line(&text, &line)) {
		struct str local = word_at(line, 1), address = str_to(local, str_find(local, ':'));
		if (!str_eq(word_at(line, 3), S("0A"))) /* TCP_LISTEN */
			continue;
		struct listener listener = {
			.port = (uint16_t)parse_hex(str_from(local, address.n + 1)),
			.loopback = str_eq(address, S("0100007F")) ||
				    str_eq(address, S("00000000000000000000000001000000")),
		};
		ARENA_PUSH(r->arena, around->listeners, around->listener_count, around->listener_capacity);
		around->listeners[around->listener_count++] = listener;
	}
}

static void read_filesystem(const struct reader *r, const char *path, struct filesystem *out)
{
	struct statfs fs;
	struct statvfs vfs;
	if (statfs(path_of(r, path), &fs) || statvfs(path_of(r, path), &vfs))
		return;
	*out = (struct filesystem){
		.magic = (int64_t)fs.f_type,
		.free_bytes = (int64_t)(vfs.f_bavail * vfs.f_frsize),
		.total_bytes = (int64_t)(vfs.f_blocks * vfs.f_frsize),
		.free_inodes = (int64_t)vfs.f_favail,
		.total_inodes = (int64_t)vfs.f_files,
		.noexec = vfs.f_flag & ST_NOEXEC,
		.nodev = vfs.f_flag & ST_NODEV,
		.read_only = vfs.f_flag & ST_RDONLY,
		.found = true,
	};
}

static struct str environment_get(char *const *environment, const char *name)
{
	size_t n = strlen(name);
	for (char *const *e = environment; e && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return str_of(*e + n + 1);
	return S("");
}

struct surroundings surroundings_read(struct arena *arena, const char *root, const char *data_root,
				      char *const *environment)
{
	struct reader r = {arena, root};
	struct surroundings around = {
		.has_resolved = exists(&r, "/run/systemd/resolve"),
		.kernel = str_trim(read_text(&r, "/proc/sys/kernel/osrelease")),
		.has_bridge_netfilter = exists(&r, "/proc/sys/net/bridge/bridge-nf-call-iptables"),
		.has_legacy_tables = str_trim(read_text(&r, "/proc/net/ip_tables_names")).n > 0,
		.pod_ip = environment_get(environment, "KDK_POD_IP"),
		.host_ip = environment_get(environment, "KDK_HOST_IP"),
		.pod_uid = environment_get(environment, "KDK_POD_UID"),
		.service_host = environment_get(environment, "KUBERNETES_SERVICE_HOST"),
		.service_port = environment_get(environment, "KUBERNETES_SERVICE_PORT"),
	};
	if (environment_get(environment, "RETAIN_DOCKER_HOST").n)
		around.docker_host = environment_get(environment, "DOCKER_HOST");
	struct str filesystems = read_text(&r, "/proc/filesystems"), line;
	while (str_line(&filesystems, &line))
		around.has_overlay |= str_ends(line, S("\toverlay"));
	read_resolver(&r, &around.resolver);
	read_cgroups(&r, &around.cgroups);
	read_limits(&r, &around.limits);
	read_privileges(&r, &around);
	read_listeners(&r, &around, "/proc/net/tcp");
	read_listeners(&r, &around, "/proc/net/tcp6");
	read_filesystem(&r, data_root, &around.data);
	return around;
}

/* The kubelet writes <namespace>.svc.<domain>, svc.<domain>, <domain>. */
struct str parent_domain(const struct surroundings *around)
{
	for (size_t i = 0; i < around->resolver.search.count; i++)
		if (str_starts(around->resolver.search.items[i], S("svc.")))
			return str_from(around->resolver.search.items[i], 4);
	return S("");
}
