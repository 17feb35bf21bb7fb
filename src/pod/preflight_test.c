/* Every check with what passes and what does not, its page, and how findings are printed. */
#include "../base/file.h"
#include "report.h"
#include "scene_test.h"

/* --- each check --- */

#define CHANGE(name, ...)                                                                                              \
	static void name(struct scene *s)                                                                              \
	{                                                                                                              \
		__VA_ARGS__;                                                                                           \
	}
#define BAD(text) ((struct probe_result){PROBE_BAD, S(text)})

CHANGE(no_admin, s->around.capabilities = 0xa80425fb)
CHANGE(no_resource, s->around.capabilities &= ~(UINT64_C(1) << 24))
CHANGE(dev_read_only, s->around.dev_writable = false)
CHANGE(no_status, s->around.capabilities_known = false)
CHANGE(cgroup_none, s->around.cgroups.mode = CGROUP_UNKNOWN)
CHANGE(cgroup_v1, s->around.cgroups.mode = CGROUP_V1)
CHANGE(cgroup_of_host, s->around.cgroups.own_namespace = false)
CHANGE(no_pids, s->around.cgroups.controllers = words(&s->arena, "cpuset cpu memory"))
CHANGE(data_missing, s->around.data.found = false)
CHANGE(data_overlay, s->around.data.magic = OVERLAYFS_SUPER_MAGIC; s->probes.overlay = BAD("mount: Invalid argument"))
CHANGE(data_nfs, s->around.data.magic = NFS_SUPER_MAGIC; s->probes.overlay.state = PROBE_NONE)
CHANGE(data_fuse_that_works, s->around.data.magic = FUSE_SUPER_MAGIC)
CHANGE(data_tmpfs, s->around.data.magic = TMPFS_MAGIC)
CHANGE(data_noexec, s->around.data.noexec = true)
CHANGE(data_nodev, s->around.data.nodev = true)
CHANGE(data_read_only, s->around.data.read_only = true)
CHANGE(data_small, s->around.data.free_bytes = 5LL << 30)
CHANGE(data_full, s->around.data.free_bytes = 500LL << 20)
CHANGE(data_no_inodes, s->around.data.free_inodes = 2000)
CHANGE(data_no_inodes_counted, s->around.data.total_inodes = s->around.data.free_inodes = 0)
CHANGE(docker_elsewhere, s->around.docker_host = S("tcp://192.0.2.4:2376"); s->around.data.found = false)
CHANGE(no_iptables, s->probes.nat.state = s->probes.filter.state = s->probes.raw.state = PROBE_MISSING)
CHANGE(no_nat, s->probes.nat = BAD("iptables-restore: unable to initialize table 'nat'"))
CHANGE(no_filter, s->probes.filter = BAD("line 3: REJECT"))
CHANGE(no_raw, s->probes.raw = BAD("can't initialize iptables table `raw'"))
CHANGE(both_kinds, s->probes.legacy_rules = 3; s->probes.nft_rules = 12)
CHANGE(one_kind, s->around.has_legacy_tables = true; s->probes.nft_rules = 12)
CHANGE(no_bridge, s->probes.links = BAD("bridge: Operation not supported"))
CHANGE(no_probes, s->input.probes = NULL)
CHANGE(few_inotify, s->around.limits.inotify_instances = 128)
CHANGE(few_watches, s->around.limits.inotify_watches = 8192)
CHANGE(few_files, s->around.limits.open_files = 1024)
CHANGE(few_pids, s->around.cgroups.pids_limit = 1024)
CHANGE(limits_unknown,
       s->around.limits.inotify_instances = s->around.limits.open_files = s->around.limits.pid_max = UNKNOWN)
CHANGE(no_forward, s->around.limits.ip_forward = 0; s->around.capabilities &= ~(UINT64_C(1) << 12))
CHANGE(forward_settable, s->around.limits.ip_forward = 0)
CHANGE(conntrack_full, s->around.limits.conntrack_count = 250000)
CHANGE(api_by_bridge, add_reach(s, "the parent's API server", "172.20.0.1", "br-0123456789ab"))
CHANGE(dns_nowhere, add_reach(s, "the pod's DNS server", "10.96.0.10", NULL))
CHANGE(no_default, s->around.network.default_link = 0)
CHANGE(api_refused, s->probes.api = BAD("10.96.0.1 port 443: Connection refused"))
CHANGE(network_unknown, s->around.network = (struct pod_network){0})
CHANGE(resolver_none, set_resolver(s, "", ""))
CHANGE(resolver_loopback, set_resolver(s, "127.0.0.53", ""))
CHANGE(resolver_mixed, set_resolver(s, "127.0.0.53 10.96.0.10", ""))
CHANGE(resolver_many, set_resolver(s, "10.96.0.10 192.0.2.1 192.0.2.2 192.0.2.3", ""))
CHANGE(resolver_wildcard, s->probes.wildcard = BAD("host.docker.internal.example.org is 192.0.2.80"))
CHANGE(mtu_small, s->around.network.links[1].mtu = 1200)
CHANGE(mtu_too_large, s->around.network.links[1].mtu = 1450; s->config.mtu = 1500)
CHANGE(mtu_fits, s->around.network.links[1].mtu = 1450; s->config.mtu = 1400)
CHANGE(secret_forbidden, s->probes.secret = BAD("Error from server (Forbidden): secrets \"kdk-dev\" is forbidden"))
CHANGE(secret_missing, s->probes.secret = BAD("Error from server (NotFound): secrets \"kdk-dev\" not found"))
CHANGE(secret_unauthorized, s->probes.secret = BAD("error: You must be logged in to the server (Unauthorized)"))
CHANGE(secret_no_answer, s->probes.secret = BAD("Unable to connect to the server: dial tcp 10.96.0.1:443: i/o timeout"))
CHANGE(secret_no_kubectl, s->probes.secret.state = PROBE_MISSING)
CHANGE(listens, static struct listener l[] = {{16443, true}}; s->around.listeners = l; s->around.listener_count = 1)
CHANGE(listens_itself, listens(s); link_of(s, S("docker0")))
CHANGE(istio, static struct listener l[] = {{15006, false}}; s->around.listeners = l; s->around.listener_count = 1)
CHANGE(dns_dead, *s->probes.dns_udp = *s->probes.dns_tcp = BAD("i/o timeout"))
CHANGE(dns_udp_only, *s->probes.dns_tcp = BAD("i/o timeout"))
CHANGE(registry_stalls, s->probes.registry_answer = BAD(REGISTRY_STALLS " after 0 bytes"))
CHANGE(registry_away, s->probes.registry_answer = BAD("no connection: Connection refused"))
CHANGE(registry_proxy, s->probes.registry_answer = ((struct probe_result){PROBE_NONE, S("it is reached through a proxy")}))
CHANGE(clock_wrong, s->probes.clock_skew = -4000)
CHANGE(clock_unknown, s->probes.clock_skew = INT64_MIN)
CHANGE(memory_small, s->around.cgroups.memory_limit = 1LL << 30)
CHANGE(memory_of_node, s->around.limits.memory_available = 1LL << 30)
CHANGE(cpu_small, s->around.cgroups.cpu_milli = 500)
CHANGE(volume_same, s->input.state = S("{\"version\": 1, \"cluster\": \"kdk-dev\"}"))
CHANGE(volume_other, s->input.state = S("{\"version\": 1, \"cluster\": \"kdk-other\"}"))
CHANGE(volume_broken, s->input.state = S("{\"version"))
CHANGE(apparmor, s->around.apparmor = S("cri-containerd.apparmor.d (enforce)"))
CHANGE(selinux, s->around.selinux = S("system_u:system_r:container_t:s0:c1,c2"))
CHANGE(selinux_privileged, s->around.selinux = S("system_u:system_r:spc_t:s0"))
CHANGE(user_namespace, s->around.mapped_users = true)
/* kind.yaml */
CHANGE(kind_not_given, s->input.kind_yaml = NULL)
CHANGE(kind_broken, s->kind.text = S("kind: [\n"))
CHANGE(kind_other_pods, s->config.pods = ranges(&s->arena, "10.65.0.0/21"))
CHANGE(kind_other_services, s->config.services = ranges(&s->arena, "10.65.8.0/22"))
CHANGE(kind_one_family, s->config.services = ranges(&s->arena, "10.64.8.0/22 fd00:1::/112"))
CHANGE(kind_other_port, s->config.api_port = 16444)
CHANGE(kind_other_name, s->config.cluster = S("kdk-other"))
CHANGE(kind_other_domain, s->config.dns_domain = S("prod.kdk"))
CHANGE(kind_patched,
       s->kind.text = arena_fmt(&s->arena,
				"%s- |\n  kind: ClusterConfiguration\n  networking: {serviceSubnet: 10.96.0.0/16}\n",
				kind_yaml))
CHANGE(kind_patched_again,
       s->kind.text = arena_fmt(&s->arena, "%s- |\n  kind: ClusterConfiguration\n  networking: {dnsDomain: dev.kdk}\n",
				kind_yaml))
CHANGE(domain_same, set_resolver(s, "10.96.0.10", "kdk.svc.dev.kdk svc.dev.kdk dev.kdk"))
CHANGE(domain_inside, set_resolver(s, "10.96.0.10", "x.svc.kdk svc.kdk kdk"))
/* ranges */
CHANGE(dns_inside, s->config.services = ranges(&s->arena, "10.96.0.0/24"); s->around.service_host = S(""))
CHANGE(api_inside, s->around.service_host = S("10.64.8.1"))
CHANGE(node_inside, s->around.host_ip = S("10.64.12.9"))
CHANGE(proxy_inside, s->config.proxy_http = S("http://10.64.12.77:3128"))
CHANGE(own_overlap, s->config.docker = ranges(&s->arena, "10.64.7.0/24"))
CHANGE(special, s->config.docker = ranges(&s->arena, "169.254.20.0/24"))
CHANGE(route_inside, add_route(s, "10.64.0.0/16 via 10.244.1.1 dev eth0"))
CHANGE(route_of_docker, add_route(s, "10.64.12.0/25 dev br-0123456789ab");
       add_address(s, "br-0123456789ab 10.64.12.1/25"))
CHANGE(route_half, add_route(s, "0.0.0.0/1 via 10.244.1.1 dev eth0"))

static struct pod_parent *parent(struct scene *s, bool nearest)
{
	s->config.parents = NEW(&s->arena, struct pod_parent);
	s->config.parent_count = 1;
	*s->config.parents = (struct pod_parent){.name = S("host"), .domain = S("cluster.local"), .nearest = nearest};
	return s->config.parents;
}
CHANGE(parent_clash, parent(s, true)->nodes = ranges(&s->arena, "10.64.0.0/16"))
CHANGE(ancestor_clash, parent(s, false)->nodes = ranges(&s->arena, "10.64.0.0/16"))

static const struct row {
	const char *id;
	enum verdict verdict; /* of the check's first finding */
	int exit_status;
	void (*change)(struct scene *s); /* NULL: all is well */
	const char *says;                /* part of facts, sentence or remedy */
} rows[] = {
	{"P01", PASS, 0, NULL, "CapEff 000001ffffffffff"},
	{"P01", FAIL, 66, no_admin, "the pod is not privileged: it lacks NET_ADMIN, SYS_ADMIN"},
	{"P01", FAIL, 66, dev_read_only, "/dev is read-only"},
	{"P01", WARN, 0, no_resource, "lacks what a privileged one has: SYS_RESOURCE"},
	{"P01", SKIPPED, 0, no_status, "capabilities"},
	{"P02", PASS, 0, NULL, "cgroup v2, at /"},
	{"P02", FAIL, 66, cgroup_none, "no cgroups are mounted"},
	{"P02", FAIL, 66, no_pids, "not here: pids"},
	{"P02", WARN, 0, cgroup_v1, "1.35"},
	{"P02", WARN, 0, cgroup_of_host, "node's cgroup namespace"},
	{"P03", PASS, 0, NULL, "ext4, 20.0 GiB of 40.0 GiB free"},
	{"P03", WARN, 0, data_fuse_that_works, "the data volume is fuse: slow"},
	{"P03", PASS, 0, data_no_inodes_counted, "0 of 0 inodes"},
	{"P03", SKIPPED, 0, docker_elsewhere, "Docker runs elsewhere"},
	{"P03", FAIL, 66, data_missing, "/var/lib/docker is not there"},
	{"P03", FAIL, 66, data_overlay, "an overlay mount on the data volume fails (mount: Invalid argument)"},
	{"P03", FAIL, 66, data_nfs, "is nfs, on which overlay mounts do not work"},
	{"P03", FAIL, 66, data_noexec, "noexec"},
	{"P03", FAIL, 66, data_read_only, "read-only"},
	{"P03", FAIL, 66, data_full, "500.0 MiB left"},
	{"P03", WARN, 0, data_tmpfs, "memory"},
	{"P03", WARN, 0, data_nodev, "nodev"},
	{"P03", WARN, 0, data_small, "5.0 GiB left, of 10 GiB wanted"},
	{"P03", WARN, 0, data_no_inodes, "2000 inodes left"},
	{"P04", PASS, 0, NULL, "nat good, filter good, raw good"},
	{"P04", SKIPPED, 0, no_probes, "not tried"},
	{"P04", FAIL, 66, no_iptables, "no iptables in the image"},
	{"P04", FAIL, 66, no_nat, "unable to initialize table 'nat'"},
	{"P04", FAIL, 66, no_filter, "filter table"},
	{"P04", FAIL, 66, no_bridge, "Operation not supported"},
	{"P04", WARN, 0, no_raw, "DOCKER_INSECURE_NO_IPTABLES_RAW=1"},
	{"P04", WARN, 0, both_kinds, "3 legacy and 12 nft"},
	{"P04", PASS, 0, one_kind, "legacy tables are loaded"},
	{"P05", PASS, 0, NULL, "fs.inotify.max_user_instances 1024"},
	{"P05", PASS, 0, limits_unknown, "fs.inotify.max_user_watches 1048576"},
	{"P05", WARN, 0, few_inotify, "sysctl -w fs.inotify.max_user_instances=512"},
	{"P05", WARN, 0, few_watches, "fs.inotify.max_user_watches is 8192"},
	{"P05", WARN, 0, few_files, "LimitNOFILE"},
	{"P05", WARN, 0, few_pids, "podPidsLimit"},
	{"P06", PASS, 0, NULL, "ip_forward 1"},
	{"P06", PASS, 0, forward_settable, "ip_forward 0"},
	{"P06", FAIL, 66, no_forward, "ip_forward is 0 and the pod may not set it"},
	{"P06", WARN, 0, conntrack_full, "250000 of 262144"},
	{"P07", PASS, 0, NULL, "held against 2 addresses, 2 routes, 1 DNS servers, 0 parents"},
	{"P07", PASS, 0, route_of_docker, "pods 10.64.0.0/21"},
	{"P07", PASS, 0, route_half, "pods 10.64.0.0/21"},
	{"P07", FAIL, 65, dns_inside,
	 "services 10.96.0.0/24 hold the pod's DNS server 10.96.0.10: that resolver would be captured inside the "
	 "cluster"},
	{"P07", FAIL, 65, api_inside, "services 10.64.8.0/22 hold the parent's API server 10.64.8.1"},
	{"P07", FAIL, 65, node_inside,
	 "docker 10.64.12.0/24 holds the pod's node 10.64.12.9: those nodes could not be reached"},
	{"P07", FAIL, 65, proxy_inside, "docker 10.64.12.0/24 holds 10.64.12.77, an address of proxy.http"},
	{"P07", FAIL, 64, own_overlap, "pods 10.64.0.0/21 overlap docker 10.64.7.0/24 of this cluster"},
	{"P07", FAIL, 65, special, "link-local"},
	{"P07", FAIL, 65, route_inside, "overlap the pod's route to 10.64.0.0/16"},
	{"P07", FAIL, 65, parent_clash, "nodes 10.64.0.0/16 of parent 'host'"},
	{"P07", WARN, 0, ancestor_clash, "nodes 10.64.0.0/16 of parent 'host'"},
	{"P07", WARN, 0, network_unknown, "the kernel does not tell"},
	{"P08", PASS, 0, NULL, "the parent's API server 10.96.0.1 by eth0"},
	{"P08", SKIPPED, 0, network_unknown, "routes"},
	{"P08", FAIL, 65, api_by_bridge, "172.20.0.1 leave by br-0123456789ab, a bridge of Docker, and not by eth0"},
	{"P08", FAIL, 66, no_default, "no default route"},
	{"P08", WARN, 0, dns_nowhere, "no route to the pod's DNS server 10.96.0.10"},
	{"P08", WARN, 0, api_refused, "Connection refused"},
	{"P09", PASS, 0, NULL, "nameservers 10.96.0.10; search kdk.svc.cluster.local svc.cluster.local cluster.local"},
	{"P09", FAIL, 66, resolver_none, "names no DNS server"},
	{"P09", FAIL, 66, resolver_loopback, "127.0.0.53"},
	{"P09", WARN, 0, resolver_mixed, "one of the pod's DNS servers is a loopback address"},
	{"P09", WARN, 0, resolver_many, "the first three"},
	{"P09", WARN, 0, resolver_wildcard, "host.docker.internal.example.org is 192.0.2.80"},
	{"P10", PASS, 0, NULL, "eth0 1500, nested as that"},
	{"P10", PASS, 0, mtu_fits, "eth0 1450, nested 1400"},
	{"P10", SKIPPED, 0, network_unknown, "not known"},
	{"P10", FAIL, 66, mtu_small, "the MTU of eth0 is 1200"},
	{"P10", FAIL, 65, mtu_too_large, "network.mtu 1500 is larger than eth0's 1450"},
	{"P11", PASS, 0, NULL, "can be patched"},
	{"P11", SKIPPED, 0, no_probes, "not tried"},
	{"P11", FAIL, 66, secret_forbidden, "the Role and RoleBinding kdk-dev"},
	{"P11", FAIL, 66, secret_missing, "Secret kdk-dev is part of it"},
	{"P11", FAIL, 66, secret_unauthorized, "token is not accepted"},
	{"P11", FAIL, 66, secret_no_kubectl, "no kubectl"},
	{"P11", WARN, 0, secret_no_answer, "goes on trying"},
	{"P12", PASS, 0, NULL, "port 16443 free"},
	{"P12", PASS, 0, listens_itself, "the cluster itself may be it"},
	{"P12", FAIL, 65, listens, "port 16443"},
	{"P12", WARN, 0, istio, "service mesh"},
	{"P13", PASS, 0, NULL, "kind.yaml read, domain dev.kdk, parent's cluster.local"},
	{"P13", PASS, 0, kind_not_given, "kind.yaml not given"},
	{"P13", FAIL, 64, kind_broken, "kind.yaml does not parse: line"},
	{"P13", FAIL, 64, kind_other_pods, "kind.yaml says podSubnet '10.64.0.0/21', the plan 10.65.0.0/21"},
	{"P13", FAIL, 64, kind_other_services, "kind.yaml says serviceSubnet '10.64.8.0/22'"},
	{"P13", FAIL, 64, kind_one_family, "the plan 10.64.8.0/22, fd00:1::/112"},
	{"P13", FAIL, 64, kind_other_port, "apiServerPort '16443', the plan 16444"},
	{"P13", FAIL, 64, kind_other_name, "of cluster 'kdk-dev', kdk.yaml of 'kdk-other'"},
	{"P13", FAIL, 64, kind_other_domain, "the domain 'dev.kdk', the plan says 'prod.kdk'"},
	{"P13", FAIL, 64, kind_patched, "this patch sets serviceSubnet"},
	{"P13", FAIL, 64, kind_patched_again, "this patch sets dnsDomain"},
	{"P13", FAIL, 65, domain_same, "the nested domain dev.kdk is the parent's"},
	{"P13", WARN, 0, domain_inside, "lie in each other"},
	{"P14", PASS, 0, NULL, "10.96.0.10: UDP answers, TCP answers"},
	{"P14", SKIPPED, 0, no_probes, "not tried"},
	{"P14", WARN, 0, dns_dead, "no DNS server of the pod answers: i/o timeout"},
	{"P14", WARN, 0, dns_udp_only, "answers by UDP, not by TCP"},
	{"P15", PASS, 0, NULL, "registry-1.docker.io: 1400 bytes"},
	{"P15", WARN, 0, registry_stalls, "but its answer stops after 0 bytes: packets of full size are lost"},
	{"P15", WARN, 0, registry_stalls, "network.mtu: 1400"},
	{"P15", WARN, 0, registry_away, "no connection: Connection refused; the node image cannot be pulled"},
	{"P15", SKIPPED, 0, registry_proxy, "not asked: it is reached through a proxy"},
	{"P15", SKIPPED, 0, no_probes, "not tried"},
	{"P16", PASS, 0, NULL, "1 s ahead"},
	{"P16", SKIPPED, 0, clock_unknown, "did not say"},
	{"P16", WARN, 0, clock_wrong, "-4000 s"},
	{"P17", PASS, 0, NULL, "8 processors"},
	{"P17", WARN, 0, memory_small, "memory limit is 1.0 GiB"},
	{"P17", WARN, 0, memory_of_node, "the node has 1.0 GiB of memory left"},
	{"P17", WARN, 0, cpu_small, "0.5 processors"},
	{"P18", PASS, 0, NULL, "a new volume"},
	{"P18", PASS, 0, volume_same, "of cluster 'kdk-dev'"},
	{"P18", FAIL, 69, volume_other, "holds cluster 'kdk-other', not 'kdk-dev'"},
	{"P18", WARN, 0, volume_broken, "cannot be read"},
	{"P19", PASS, 0, NULL, "AppArmor unconfined, SELinux off, no user namespace"},
	{"P19", PASS, 0, selinux_privileged, "spc_t"},
	{"P19", WARN, 0, apparmor, "cri-containerd.apparmor.d"},
	{"P19", WARN, 0, selinux, "container_t"},
	{"P19", WARN, 0, user_namespace, "KubeletInUserNamespace"},
};

static void test_checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct scene s;
		set_scene(&s);
		if (rows[i].change)
			rows[i].change(&s);
		struct findings findings = preflight_static(&s.arena, &s.input);
		const struct finding *f = finding_of(&findings, rows[i].id);
		if (f->verdict != rows[i].verdict || f->exit_status != rows[i].exit_status ||
		    !holds(&s, f, rows[i].says))
			fail_msg("row %zu, %s, wants '%s': verdict %d, exit %d, facts '%.*s', sentence '%.*s', remedy "
				 "'%.*s'",
				 i, rows[i].id, rows[i].says, f->verdict, f->exit_status, STR(f->facts),
				 STR(f->sentence), STR(f->remedy));
		bool wrong = f->verdict == WARN || f->verdict == FAIL;
		if (wrong != (f->sentence.n > 0) || wrong != (f->remedy.n > 0) ||
		    (f->verdict == FAIL) != (f->exit_status > 0))
			fail_msg("row %zu: a finding that is not whole", i);
		arena_free(&s.arena);
	}
}

/* Each check has a row that passes and one that does not. */
static void test_rows_are_complete(void **state)
{
	(void)state;
	static const struct {
		const char *id;
		bool is_static;
	} checks[] = {
#define STATIC true
#define BOTH true
#define DOCKER false
#define CHECK(id, name, when, function, title) {#id, when},
#include "checks.def"
	};
	for (size_t i = 0; i < LENGTH(checks); i++) {
		bool good = !checks[i].is_static, bad = good;
		for (size_t k = 0; k < LENGTH(rows); k++) {
			good |= strcmp(rows[k].id, checks[i].id) == 0 && rows[k].verdict == PASS;
			bad |= strcmp(rows[k].id, checks[i].id) == 0 && rows[k].verdict != PASS;
		}
		if (!good || !bad)
			fail_msg("%s has no row that %s", checks[i].id, good ? "fails" : "passes");
	}
}

/* docs/preflight.md has a section for each check, in order, that begins with what must hold. */
static void test_documented(void **state)
{
	(void)state;
	static const char *const checks[][3] = {
#define CHECK(id, name, when, function, title) {#id, #name, title},
#include "checks.def"
	};
	struct arena arena = {0};
	struct buf file = file_read("docs/preflight.md", 1 << 20);
	struct buf text = buf_memory(); /* lines joined, as a title may be wrapped */
	struct str rest = buf_str(&file), line;
	while (str_line(&rest, &line))
		buf_fmt(&text, "%.*s ", STR(line));
	buf_char(&text, '\0');
	const char *at = text.p;
	for (size_t i = 0; i < LENGTH(checks); i++) {
		const char *heading = arena_fmt(&arena, "## %s %s  **%s", checks[i][0], checks[i][1], checks[i][2]).p;
		at = strcasestr(at, heading);
		if (!at)
			fail_msg("docs/preflight.md has not, in its place: %s", heading);
	}
	buf_free(&text);
	buf_free(&file);
	arena_free(&arena);
}

static void test_stop(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	struct findings fine = preflight_static(&s.arena, &s.input);
	assert_null(findings_stop(&fine, PREFLIGHT_ENFORCE));
	dns_inside(&s);
	struct findings findings = preflight_static(&s.arena, &s.input);
	const struct finding *stop = findings_stop(&findings, PREFLIGHT_ENFORCE);
	assert_non_null(stop);
	assert_null(findings_stop(&findings, PREFLIGHT_WARN));
	assert_null(findings_stop(&findings, PREFLIGHT_OFF));
	assert_string_equal(stop->id, "P07");
	struct str message = finding_message(&s.arena, stop);
	assert_true(str_starts(message, S("P07: services 10.96.0.0/24 hold the pod's DNS server 10.96.0.10: ")));
	assert_true(str_find(message, '\n') == message.n);
	assert_non_null(strstr(message.p, "add 10.96.0.10 to `dns` of a parent in the values and render again"));
	arena_free(&s.arena);
}

static void test_printed(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	dns_inside(&s);
	clock_unknown(&s);
	struct report report = {.findings = preflight_static(&s.arena, &s.input), .judged_us = 12345, .waited_us = 0};
	struct buf text = buf_memory(), json = buf_memory();
	put_findings(&text, &report);
	put_findings_json(&json, &report, &s.config);
	buf_char(&text, '\0');
	buf_char(&json, '\0');
	assert_non_null(strstr(
		text.p,
		"P07  ranges       FAIL     pods 10.64.0.0/21; services 10.96.0.0/24; docker 10.64.12.0/24; held"));
	assert_non_null(strstr(text.p, "\n       services 10.96.0.0/24 hold the pod's DNS server 10.96.0.10: "));
	assert_non_null(strstr(text.p, "\n       -> add 10.96.0.10 to `dns` of a parent"));
	assert_non_null(strstr(text.p, "P16  clock        skipped  the API server did not say its time\n"));
	assert_non_null(strstr(text.p, "ok, 0 warnings, 2 failures, 1 skipped; 12.3 ms, and 0.0 ms for the network\n"));
	assert_ptr_equal(strstr(json.p, "{\"version\":1,\"cluster\":\"kdk-dev\",\"verdict\":\"fail\",\"durationMs\":12."
					"345,\"networkMs\":0.000,\"findings\":[{\"id\":\"P01\""),
			 json.p);
	assert_non_null(strstr(json.p, "{\"id\":\"P16\",\"name\":\"clock\",\"verdict\":\"skipped\",\"facts\":\"the API "
				       "server did not say its time\"}"));
	assert_non_null(strstr(json.p, "\"exitStatus\":65}"));
	buf_free(&text);
	buf_free(&json);
	arena_free(&s.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),  cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_stop),    cmocka_unit_test(test_documented),
		cmocka_unit_test(test_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
