/* A pod of a kubeadm cluster in which all is well, for tests to change. */
#ifndef KDK_POD_SCENE_TEST_H
#define KDK_POD_SCENE_TEST_H

#include <linux/magic.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "judge.h"

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

struct scene {
	struct arena arena;
	struct pod_config config;
	struct surroundings around;
	struct probes probes;
	struct source kind;
	struct preflight input;
};

static inline struct cidr range(const char *text)
{
	struct cidr cidr;
	struct addr addr;
	if (addr_parse(str_of(text), &addr))
		return cidr_of(addr, ADDR_BITS);
	if (cidr_parse(str_of(text), &cidr) == CIDR_INVALID)
		fail_msg("%s is no range", text);
	return cidr;
}

/* "10.64.0.0/21 fd00::/64" */
static inline struct cidr_list ranges(struct arena *arena, const char *text)
{
	struct cidr_list list = {NEW_ARRAY(arena, struct cidr, 8), 0};
	struct str rest = str_of(text);
	while (rest.n) {
		struct str word = str_to(rest, str_find(rest, ' '));
		list.items[list.count++] = range(arena_fmt(arena, "%.*s", STR(word)).p);
		rest = str_from(rest, word.n + 1);
	}
	return list;
}

static inline struct str_list words(struct arena *arena, const char *text)
{
	struct str_list list = {NEW_ARRAY(arena, struct str, 8), 0};
	struct str rest = str_of(text);
	while (rest.n) {
		list.items[list.count] = str_to(rest, str_find(rest, ' '));
		rest = str_from(rest, list.items[list.count++].n + 1);
	}
	return list;
}

/* --- a pod's network: "eth0 10.244.1.5/24" and "10.244.0.0/16 via 10.244.1.1 dev eth0", "default ..." --- */

static inline int link_of(struct scene *s, struct str name)
{
	struct pod_network *n = &s->around.network;
	for (size_t i = 0; i < n->link_count; i++)
		if (str_eq(n->links[i].name, name))
			return n->links[i].index;
	ARENA_PUSH(&s->arena, n->links, n->link_count, n->link_capacity);
	n->links[n->link_count] = (struct link){.name = name, .index = (int)n->link_count + 1, .mtu = 1500, .up = true};
	return n->links[n->link_count++].index;
}

static inline void add_address(struct scene *s, const char *text)
{
	struct str_list w = words(&s->arena, text);
	struct pod_network *n = &s->around.network;
	ARENA_PUSH(&s->arena, n->addresses, n->address_count, n->address_capacity);
	n->addresses[n->address_count++] =
		(struct own_address){range(arena_fmt(&s->arena, "%.*s", STR(w.items[1])).p), link_of(s, w.items[0])};
}

static inline void add_route(struct scene *s, const char *text)
{
	struct str_list w = words(&s->arena, text);
	struct pod_network *n = &s->around.network;
	struct route route = {
		.type = RTN_UNICAST, .table = RT_TABLE_MAIN, .is_default = str_eq(w.items[0], S("default"))};
	route.to = range(route.is_default ? "0.0.0.0/0" : arena_fmt(&s->arena, "%.*s", STR(w.items[0])).p);
	for (size_t i = 1; i + 1 < w.count; i += 2) {
		if (str_eq(w.items[i], S("via")))
			route.has_gateway = addr_parse(w.items[i + 1], &route.gateway);
		else
			route.link = link_of(s, w.items[i + 1]);
	}
	if (route.is_default)
		n->default_link = route.link;
	ARENA_PUSH(&s->arena, n->routes, n->route_count, n->route_capacity);
	n->routes[n->route_count++] = route;
}

static inline void add_reach(struct scene *s, const char *what, const char *to, const char *link)
{
	struct pod_network *n = &s->around.network;
	ARENA_PUSH(&s->arena, n->reaches, n->reach_count, n->reach_capacity);
	n->reaches[n->reach_count++] =
		(struct reach){str_of(what), range(to).addr, link ? link_of(s, str_of(link)) : 0};
}

static inline void set_resolver(struct scene *s, const char *nameservers, const char *search)
{
	struct resolver_config *r = &s->around.resolver;
	*r = (struct resolver_config){
		.found = true, .nameservers = words(&s->arena, nameservers), .search = words(&s->arena, search)};
	r->addresses = NEW_ARRAY(&s->arena, struct addr, r->nameservers.count);
	for (size_t i = 0; i < r->nameservers.count; i++)
		r->address_count += addr_parse(r->nameservers.items[i], &r->addresses[r->address_count]);
}

static const char kind_yaml[] = "kind: Cluster\n"
				"name: kdk-dev\n"
				"networking:\n"
				"  apiServerPort: 16443\n"
				"  podSubnet: 10.64.0.0/21\n"
				"  serviceSubnet: 10.64.8.0/22\n"
				"kubeadmConfigPatches:\n"
				"- |\n"
				"  kind: ClusterConfiguration\n"
				"  networking:\n"
				"    dnsDomain: dev.kdk\n"
				"  apiServer:\n"
				"    certSANs: [localhost]\n"
				"- |\n"
				"  kind: KubeletConfiguration\n"
				"  maxPods: 200\n";

/* A pod of a kubeadm cluster, in which all is well. */
static inline void set_scene(struct scene *s)
{
	*s = (struct scene){.kind = {.name = S("kind.yaml"), .text = {kind_yaml, sizeof kind_yaml - 1}}};
	s->config = (struct pod_config){
		.cluster = S("kdk-dev"),
		.namespace = S("kdk"),
		.secret = S("kdk-dev"),
		.api_port = 16443,
		.node_image = S("kindest/node:v1.34.4"),
		.dns_domain = S("dev.kdk"),
		.pods = ranges(&s->arena, "10.64.0.0/21"),
		.services = ranges(&s->arena, "10.64.8.0/22"),
		.docker = ranges(&s->arena, "10.64.12.0/24"),
		.kind_network = ranges(&s->arena, "10.64.12.0/25"),
	};
	s->around = (struct surroundings){
		.cgroups = {.mode = CGROUP_V2,
			    .own_namespace = true,
			    .path = S("/"),
			    .memory_limit = UNKNOWN,
			    .pids_limit = UNKNOWN,
			    .cpu_milli = UNKNOWN},
		.limits = {.ip_forward = 1,
			   .rp_filter = 0,
			   .conntrack_count = 100,
			   .conntrack_max = 262144,
			   .inotify_instances = 1024,
			   .inotify_watches = 1048576,
			   .file_max = INT64_MAX,
			   .pid_max = 4194304,
			   .max_keys = 200,
			   .open_files = 1048576,
			   .memory_total = 32LL << 30,
			   .memory_available = 16LL << 30,
			   .cpus = 8},
		.data = {.magic = EXT4_SUPER_MAGIC,
			 .free_bytes = 20LL << 30,
			 .total_bytes = 40LL << 30,
			 .free_inodes = 1000000,
			 .total_inodes = 2000000,
			 .found = true},
		.capabilities = 0x1ffffffffff,
		.capabilities_known = true,
		.dev_writable = true,
		.service_host = S("10.96.0.1"),
		.service_port = S("443"),
		.host_ip = S("192.168.0.7"),
		.pod_ip = S("10.244.1.5"),
	};
	s->around.cgroups.controllers = words(&s->arena, "cpuset cpu io memory pids");
	s->around.network.known = true;
	add_address(s, "lo 127.0.0.1/8");
	add_address(s, "eth0 10.244.1.5/24");
	add_route(s, "default via 10.244.1.1 dev eth0");
	add_route(s, "10.244.1.0/24 dev eth0");
	add_route(s, "10.244.0.0/16 via 10.244.1.1 dev eth0");
	add_reach(s, "the parent's API server", "10.96.0.1", "eth0");
	set_resolver(s, "10.96.0.10", "kdk.svc.cluster.local svc.cluster.local cluster.local");
	struct probe_result good = {.state = PROBE_GOOD};
	s->probes = (struct probes){.nat = good,
				    .filter = good,
				    .raw = good,
				    .overlay = good,
				    .links = good,
				    .api = good,
				    .wildcard = good,
				    .registry = S("registry-1.docker.io"),
				    .registry_answer = {PROBE_GOOD, S("1400 bytes")},
				    .secret = good,
				    .dns_count = 1,
				    .clock_skew = 1};
	s->probes.dns_udp = NEW(&s->arena, struct probe_result);
	s->probes.dns_tcp = NEW(&s->arena, struct probe_result);
	*s->probes.dns_udp = *s->probes.dns_tcp = good;
	s->input = (struct preflight){
		.config = &s->config, .around = &s->around, .kind_yaml = &s->kind, .probes = &s->probes};
}

static inline const struct finding *finding_of(const struct findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].id, id) == 0)
			return &findings->items[i];
	fail_msg("no finding of %s", id);
	return NULL;
}

static inline bool holds(struct scene *s, const struct finding *f, const char *part)
{
	return strstr(arena_fmt(&s->arena, "%.*s|%.*s|%.*s", STR(f->facts), STR(f->sentence), STR(f->remedy)).p, part);
}

#endif
