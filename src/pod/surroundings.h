/* What the kernel and the environment say about this pod: facts, no judgement.
 *
 * surroundings_read() takes files under ROOT ("": the real ones; tests give a directory of samples that
 * stands for /) and the environment; netlink_ask() (netlink.h) adds what the kernel says of the network namespace
 * that it runs in. A number that could not be had is UNKNOWN, a text is empty: nothing here fails.
 */
#ifndef KDK_POD_SURROUNDINGS_H
#define KDK_POD_SURROUNDINGS_H

#include "../config/pod.h"

enum { UNKNOWN = -1 };

/* --- network: netlink_ask() --- */

struct link {
	struct str name;
	int index;
	int64_t mtu;
	bool up;
};

struct own_address {
	struct cidr cidr; /* the address itself, with the length of its on-link range: host bits and all */
	int link;         /* index */
};

struct route {
	struct cidr to;
	struct addr gateway;
	bool has_gateway, is_default;
	uint32_t table; /* 254 main, 255 local */
	int link;       /* index; 0: none, as of a blackhole */
	uint8_t type;   /* RTN_UNICAST and the like */
};

/* Where packets to an address would leave: 0 where the kernel would not send them. */
struct reach {
	struct str what; /* "the API server" */
	struct addr to;
	int link;
};

struct pod_network {
	struct link *links;
	size_t link_count, link_capacity;
	struct own_address *addresses;
	size_t address_count, address_capacity;
	struct route *routes; /* of all tables */
	size_t route_count, route_capacity;
	struct reach *reaches; /* of the API server, the resolvers and the node */
	size_t reach_count, reach_capacity;
	int default_link; /* of the IPv4 default route, or else of IPv6's; 0: there is none */
	bool known;
};

const struct link *network_link(const struct pod_network *network, int index); /* NULL: none */

/* --- files and environment: surroundings_read() --- */

struct resolver_config {
	struct str_list nameservers; /* as written */
	struct addr *addresses;      /* of those that are addresses, without zones */
	size_t address_count;
	struct str_list search, options;
	bool found;
};

struct listener {
	uint16_t port;
	bool loopback; /* 127.0.0.1 or ::1 alone */
};

enum cgroup_mode { CGROUP_UNKNOWN, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

struct cgroups {
	enum cgroup_mode mode;
	bool own_namespace; /* /proc/self/cgroup says "0::/", or its leaf once kdk-pod has gone there */
	struct str path;    /* of v2, as seen from here */
	struct str_list controllers;
	int64_t memory_limit, pids_limit, cpu_milli; /* UNKNOWN: none that can be seen */
};

struct filesystem {
	int64_t magic; /* statfs's f_type */
	int64_t free_bytes, total_bytes, free_inodes, total_inodes; /* total_inodes 0: it does not count them */
	bool noexec, nodev, read_only;
	bool found;
};

struct kernel_limits {
	int64_t ip_forward, rp_filter, conntrack_count, conntrack_max;
	int64_t inotify_instances, inotify_watches, file_max, pid_max, max_keys;
	int64_t open_files; /* RLIMIT_NOFILE, soft */
	int64_t memory_total, memory_available;
	int64_t cpus;
};

struct surroundings {
	struct pod_network network;
	struct resolver_config resolver;
	bool has_resolved; /* /run/systemd/resolve */
	struct cgroups cgroups;
	struct kernel_limits limits;
	struct filesystem data; /* of the data root */
	struct listener *listeners;
	size_t listener_count, listener_capacity;
	uint64_t capabilities; /* CapEff */
	bool capabilities_known;
	bool dev_writable;
	bool mapped_users;             /* uid_map holds less than all: a user namespace */
	struct str apparmor, selinux;  /* the label that confines; empty: none does */
	struct str kernel;
	bool has_overlay, has_bridge_netfilter;
	bool has_legacy_tables;        /* iptables-legacy has some loaded */

	struct str pod_ip, host_ip, pod_uid;
	struct str service_host, service_port; /* KUBERNETES_SERVICE_HOST, _PORT */
	struct str docker_host;                /* only where RETAIN_DOCKER_HOST keeps it */
};

/* DATA_ROOT is a path under ROOT: "/var/lib/docker". What is given lives in ARENA. */
struct surroundings surroundings_read(struct arena *arena, const char *root, const char *data_root, char *const *environment);

/* The domain of the cluster that the pod runs in, as its search list says it; empty: it does not. */
struct str parent_domain(const struct surroundings *around);

#endif
