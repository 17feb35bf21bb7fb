/* What the kernel and the environment say about this pod: facts, no judgement.
 *
 * surroundings_read() takes files under ROOT ("": the real ones; tests give a directory of samples that
 * stands for /) and the environment given; surroundings_ask() asks the kernel by netlink, of the network
 * namespace it runs in. A number that could not be had is UNKNOWN, a text is empty; nothing here fails.
 */
#ifndef KDK_POD_SURROUNDINGS_H
#define KDK_POD_SURROUNDINGS_H

#include "../config/pod.h"

enum { UNKNOWN = -1 };

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
	struct cidr to; /* length 96 of IPv4, 0 of IPv6: a default route */
	struct addr gateway;
	bool has_gateway, is_default;
	uint32_t table;  /* 254 main, 255 local */
	int link;        /* index; 0: none, as of blackholes */
	uint8_t type;    /* RTN_UNICAST and the like */
};

struct resolver_config {
	struct str_list nameservers; /* as written */
	struct addr *addresses;      /* of those that are addresses, without zones */
	size_t address_count;
	struct str_list search, options;
	bool found;
};

enum cgroup_mode { CGROUP_UNKNOWN, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

struct filesystem {
	int64_t magic;                              /* statfs f_type */
	int64_t free_bytes, total_bytes, free_inodes, total_inodes; /* total_inodes 0: it does not count them */
	bool noexec, nodev, read_only;
	bool found;
};

struct surroundings {
	/* network: surroundings_ask() */
	struct link *links;
	size_t link_count, link_capacity;
	struct own_address *addresses;
	size_t address_count, address_capacity;
	struct route *routes; /* of all tables */
	size_t route_count, route_capacity;
	int default_link; /* of the IPv4 default route, or else of IPv6's; 0: there is none */
	bool asked;
	int64_t port_in_use; /* 1: something listens on the API port; UNKNOWN: not tried */

	/* files */
	struct resolver_config resolver;
	enum cgroup_mode cgroup;
	bool cgroup_own_namespace;      /* /proc/self/cgroup says "0::/" */
	struct str cgroup_path;         /* of v2, as seen from here */
	struct str_list controllers;    /* of v2, or of all v1 hierarchies */
	uint64_t capabilities;          /* CapEff */
	bool capabilities_known;
	bool userns_mapped;             /* uid_map maps less than all uids */
	struct str apparmor, selinux;   /* label; empty: not confined, or not there */
	int64_t ip_forward, rp_filter, conntrack_count, conntrack_max;
	int64_t inotify_instances, inotify_watches, file_max, pid_max, pids_limit, max_keys;
	int64_t nofile_limit;
	int64_t memory_limit, memory_available, cpus; /* bytes; UNKNOWN: no limit */
	struct str kernel;
	bool has_bridge_netfilter, has_overlay;
	bool legacy_tables, nft_tables; /* iptables tables that hold something */
	int64_t device_writable; /* /dev: 0 or 1 */
	struct filesystem data;         /* of the data root */

	/* environment */
	struct str pod_ip, host_ip, pod_uid;
	struct str service_host, service_port; /* KUBERNETES_SERVICE_HOST, _PORT */
	bool keeps_docker_host; /* RETAIN_DOCKER_HOST is not empty */
	struct str docker_host;
};

/* NAME's value in ENVIRONMENT, as environ; empty where there is none. */
struct str environment_get(char *const *environment, const char *name);

/* DATA_ROOT is a path under ROOT: /var/lib/docker. */
void surroundings_read(struct surroundings *around, struct arena *arena, const char *root, const char *data_root,
		       char *const *environment);
/* PORT: is it free? */
void surroundings_ask(struct surroundings *around, struct arena *arena, uint16_t port);

const struct link *surroundings_link(const struct surroundings *around, int index); /* NULL: none */
/* The MTU that nested networks may have at most: of the default route's interface; UNKNOWN. */
int64_t surroundings_mtu(const struct surroundings *around);

#endif
