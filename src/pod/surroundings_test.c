/* Samples of /proc, /sys and /etc, as pods of real clusters have them → facts. And the kernel, as it is here. */
#include "netlink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

static char *const environment[] = {(char[]){"KDK_POD_IP=10.244.1.5"}, (char[]){"KUBERNETES_SERVICE_HOST=10.96.0.1"},
				    (char[]){"KUBERNETES_SERVICE_HOSTX=1"}, (char[]){"DOCKER_HOST=tcp://docker:2375"},
				    NULL};

static void test_cgroup_v2(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct surroundings s = surroundings_read(&arena, "testdata/pod/kubeadm", "/var/lib/docker", environment);
	assert_int_equal(s.cgroups.mode, CGROUP_V2);
	assert_false(s.cgroups.own_namespace);
	assert_true(str_eq(s.cgroups.path, S("/kubepods.slice/kubepods-burstable.slice/pod1")));
	assert_int_equal(s.cgroups.controllers.count, 5);
	assert_true(s.cgroups.memory_limit == 4LL << 30);
	assert_int_equal(s.cgroups.pids_limit, UNKNOWN); /* "max" */
	assert_int_equal(s.cgroups.cpu_milli, 2500);
	assert_true(s.capabilities == 0x1ffffffffff && s.capabilities_known);
	assert_false(s.mapped_users);
	assert_int_equal(s.apparmor.n, 0);
	assert_int_equal(s.limits.inotify_instances, 128);
	assert_true(s.limits.file_max == INT64_MAX);
	assert_int_equal(s.limits.open_files, 1048576);
	assert_true(s.limits.memory_available == 12345678LL * 1024);
	assert_int_equal(s.limits.cpus, 6);
	assert_true(s.has_overlay && s.has_bridge_netfilter && !s.has_legacy_tables);
	assert_true(str_eq(s.kernel, S("6.1.0-25-amd64")));
	assert_int_equal(s.listener_count, 2);
	assert_int_equal(s.listeners[0].port, 16443);
	assert_true(s.listeners[0].loopback && !s.listeners[1].loopback);
	assert_int_equal(s.listeners[1].port, 15006);
	assert_true(str_eq(s.pod_ip, S("10.244.1.5")));
	assert_true(str_eq(s.service_host, S("10.96.0.1")));
	assert_int_equal(s.host_ip.n, 0);
	assert_int_equal(s.docker_host.n, 0); /* not retained */
	assert_true(s.data.found && s.data.total_bytes > 0);
	arena_free(&arena);
}

static void test_cgroup_v1(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct surroundings s = surroundings_read(&arena, "testdata/pod/v1", "/var/lib/docker", environment);
	assert_int_equal(s.cgroups.mode, CGROUP_V1);
	assert_int_equal(s.cgroups.controllers.count, 6); /* cpu and cpuacct are one hierarchy */
	assert_int_equal(s.cgroups.memory_limit, UNKNOWN);
	assert_int_equal(s.cgroups.pids_limit, 4096);
	assert_int_equal(s.cgroups.cpu_milli, UNKNOWN);
	assert_true(s.mapped_users);
	assert_true(str_eq(s.apparmor, S("cri-containerd.apparmor.d (enforce)")));
	assert_true(s.has_legacy_tables);
	assert_false(s.data.found);
	arena_free(&arena);
}

static void test_resolver(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct surroundings s = surroundings_read(&arena, "testdata/pod/kubeadm", "/var/lib/docker", environment);
	const struct resolver_config *r = &s.resolver;
	assert_true(r->found);
	assert_int_equal(r->nameservers.count, 3);
	assert_int_equal(r->address_count, 3);
	assert_true(str_eq(r->nameservers.items[2], S("fe80::1%eth0")));
	assert_true(r->addresses[2].high == UINT64_C(0xfe80) << 48);
	assert_int_equal(r->search.count, 4); /* the last one counts */
	assert_true(str_eq(r->search.items[3], S("example.org")));
	assert_int_equal(r->options.count, 2);
	assert_true(str_eq(parent_domain(&s), S("cluster.local")));
	arena_free(&arena);
}

/* Once kdk-pod has gone into its leaf, its cgroup and limits are still the container's. */
static void test_cgroup_leaf(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct surroundings s = surroundings_read(&arena, "testdata/pod/leaf", "/var/lib/docker", (char *const[]){NULL});
	assert_int_equal(s.cgroups.mode, CGROUP_V2);
	assert_true(s.cgroups.own_namespace);
	assert_true(s.cgroups.memory_limit == 3LL << 30);
	arena_free(&arena);
}

/* A root where nothing is: no number is made up. */
static void test_nothing(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct surroundings s = surroundings_read(&arena, "testdata/pod/none", "/var/lib/docker", (char *const[]){NULL});
	const int64_t unknown[] = {s.cgroups.memory_limit, s.cgroups.pids_limit,       s.cgroups.cpu_milli,
				   s.limits.ip_forward,    s.limits.inotify_instances, s.limits.file_max,
				   s.limits.open_files,    s.limits.memory_available,  s.limits.cpus};
	for (size_t i = 0; i < LENGTH(unknown); i++)
		assert_int_equal(unknown[i], UNKNOWN);
	assert_int_equal(s.cgroups.mode, CGROUP_UNKNOWN);
	assert_false(s.resolver.found || s.capabilities_known || s.data.found || s.mapped_users);
	assert_int_equal(s.service_host.n, 0);
	arena_free(&arena);
}

/* Every Linux has a loopback; its address leaves by it. */
static void test_kernel(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct surroundings s = {.service_host = S("127.0.0.1")};
	netlink_ask(&arena, &s);
	const struct pod_network *n = &s.network;
	assert_true(n->known);
	const struct link *loopback = NULL;
	for (size_t i = 0; i < n->link_count; i++)
		if (str_eq(n->links[i].name, S("lo")))
			loopback = &n->links[i];
	assert_non_null(loopback);
	assert_ptr_equal(network_link(n, loopback->index), loopback);
	assert_null(network_link(n, -1));
	assert_true(loopback->mtu > 1500);
	assert_int_equal(n->reach_count, 1);
	for (size_t i = 0; i < n->address_count; i++)
		assert_non_null(network_link(n, n->addresses[i].link));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cgroup_v2), cmocka_unit_test(test_cgroup_leaf), cmocka_unit_test(test_cgroup_v1),
		cmocka_unit_test(test_resolver),
		cmocka_unit_test(test_nothing),    cmocka_unit_test(test_kernel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
