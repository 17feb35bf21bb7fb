/* P07 with the networks of real kinds of clusters; and what Docker has already. */
#include "scene_test.h"

/* --- real kinds of clusters --- */

static void test_parents(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *address, *routes[4];
		const char *dns, *service, *node;
		const char *pods, *services, *docker; /* nested */
		const char *says;                     /* "": all is well */
	} parents[] = {
		{"kubeadm",
		 "eth0 10.244.1.5/24",
		 {"default via 10.244.1.1 dev eth0", "10.244.0.0/16 via 10.244.1.1 dev eth0"},
		 "10.96.0.10",
		 "10.96.0.1",
		 "192.168.0.7",
		 "10.64.0.0/21",
		 "10.96.0.0/16",
		 "10.64.12.0/24",
		 "services 10.96.0.0/16 hold the pod's DNS server 10.96.0.10: that resolver would be captured inside "
		 "the cluster: up to Docker 27 \"failed to query "
		 "external DNS server\", as \"operation not permitted\" at first and \"i/o timeout\" later"},
		{"kind, on its own network",
		 "eth0 10.244.0.12/24",
		 {"default via 10.244.0.1 dev eth0", "10.244.0.0/24 via 10.244.0.1 dev eth0"},
		 "10.96.0.10",
		 "10.96.0.1",
		 "172.18.0.2",
		 "10.64.0.0/21",
		 "10.64.8.0/22",
		 "172.18.0.0/16",
		 "docker 172.18.0.0/16 holds the pod's node 172.18.0.2: those nodes could not be reached, and replies to clients "
		 "that have their addresses would go to a Docker bridge"},
		{"EKS, VPC addresses",
		 "eth0 192.168.40.7/32",
		 {"default via 169.254.1.1 dev eth0", "169.254.1.1/32 dev eth0"},
		 "172.20.0.10",
		 "172.20.0.1",
		 "192.168.34.12",
		 "10.64.0.0/21",
		 "10.64.8.0/22",
		 "172.20.0.0/16",
		 "docker 172.20.0.0/16 holds the pod's DNS server 172.20.0.10"},
		{"EKS, all is well",
		 "eth0 192.168.40.7/32",
		 {"default via 169.254.1.1 dev eth0", "169.254.1.1/32 dev eth0"},
		 "172.20.0.10",
		 "172.20.0.1",
		 "192.168.34.12",
		 "10.64.0.0/21",
		 "10.64.8.0/22",
		 "10.64.12.0/24",
		 ""},
		{"GKE, NodeLocal DNS",
		 "eth0 10.4.2.9/24",
		 {"default via 10.4.2.1 dev eth0", "10.4.2.0/24 dev eth0"},
		 "169.254.20.10",
		 "34.118.224.1",
		 "10.128.0.5",
		 "10.4.0.0/21",
		 "10.64.8.0/22",
		 "10.64.12.0/24",
		 "pods 10.4.0.0/21 overlap the pod's network 10.4.2.0/24 and 2 more like it"},
		{"GKE, all is well",
		 "eth0 10.4.2.9/24",
		 {"default via 10.4.2.1 dev eth0", "10.4.2.0/24 dev eth0"},
		 "169.254.20.10",
		 "34.118.224.1",
		 "10.128.0.5",
		 "10.64.0.0/21",
		 "10.64.8.0/22",
		 "10.64.12.0/24",
		 ""},
		{"k3s",
		 "eth0 10.42.0.9/24",
		 {"default via 10.42.0.1 dev eth0", "10.42.0.0/16 via 10.42.0.1 dev eth0"},
		 "10.43.0.10",
		 "10.43.0.1",
		 "192.168.1.20",
		 "10.43.0.0/16",
		 "10.64.8.0/22",
		 "10.64.12.0/24",
		 "pods 10.43.0.0/16 hold the pod's DNS server 10.43.0.10: nested pods that ask that resolver"},
		{"OpenShift, routes of OVN",
		 "eth0 10.129.0.17/23",
		 {"default via 10.129.0.1 dev eth0", "10.128.0.0/14 via 10.129.0.1 dev eth0",
		  "172.30.0.0/16 via 10.129.0.1 dev eth0", "100.64.0.0/16 via 10.129.0.1 dev eth0"},
		 "172.30.0.10",
		 "172.30.0.1",
		 "10.0.12.4",
		 "10.64.0.0/21",
		 "100.64.0.0/20",
		 "10.64.12.0/24",
		 "services 100.64.0.0/20 overlap the pod's route to 100.64.0.0/16: it could not be reached"},
		{"IPv6",
		 "eth0 fd00:10:244::5/64",
		 {"fd00:10:244::/64 dev eth0"},
		 "fd00:10:96::a",
		 "fd00:10:96::1",
		 "fd00:172::2",
		 "fd00:1::/60",
		 "fd00:10:96::/112",
		 "10.64.12.0/24",
		 "services fd00:10:96::/112 hold the pod's DNS server fd00:10:96::a"},
		{"dual",
		 "eth0 fd00:10:244::5/64",
		 {"default via 10.244.1.1 dev eth0", "fd00:10:244::/64 dev eth0"},
		 "10.96.0.10 fd00:10:96::a",
		 "10.96.0.1",
		 "172.18.0.2",
		 "10.64.0.0/21 fd00:10:244::/60",
		 "10.64.8.0/22 fd00:9::/112",
		 "10.64.12.0/24 fd00:7::/64",
		 "pods fd00:10:244::/60 overlap the pod's network fd00:10:244::/64 and 1 more like it"},
		{"no default route is an obstacle",
		 "eth0 10.244.1.5/24",
		 {"default via 10.244.1.1 dev eth0"},
		 "10.96.0.10",
		 "10.96.0.1",
		 "192.168.0.7",
		 "10.64.0.0/21",
		 "10.64.8.0/22",
		 "10.64.12.0/24",
		 ""},
	};
	for (size_t i = 0; i < LENGTH(parents); i++) {
		struct scene s;
		set_scene(&s);
		s.around.network = (struct pod_network){.known = true};
		add_address(&s, parents[i].address);
		for (size_t k = 0; k < 4 && parents[i].routes[k]; k++)
			add_route(&s, parents[i].routes[k]);
		set_resolver(&s, parents[i].dns, "svc.cluster.local");
		s.around.service_host = str_of(parents[i].service);
		s.around.host_ip = str_of(parents[i].node);
		s.around.pod_ip = S("");
		s.config.pods = ranges(&s.arena, parents[i].pods);
		s.config.services = ranges(&s.arena, parents[i].services);
		s.config.docker = ranges(&s.arena, parents[i].docker);
		struct findings findings = preflight_static(&s.arena, &s.input);
		const struct finding *f = finding_of(&findings, "P07");
		bool clash = parents[i].says[0];
		if (f->verdict != (clash ? FAIL : PASS) || !holds(&s, f, parents[i].says))
			fail_msg("%s: verdict %d, '%.*s'", parents[i].name, f->verdict, STR(f->sentence));
		arena_free(&s.arena);
	}
}

/* --- with dockerd up --- */

static void test_docker(void **state)
{
	(void)state;
	static const struct {
		const char *networks, *version, *id;
		enum verdict verdict;
		const char *says;
	} docker[] = {
		{"[]", "29.7.2\n", "P07", PASS, "0 networks of Docker"},
		{"[{\"Name\": \"kind\", \"IPAM\": {\"Config\": [{\"Subnet\": \"10.64.12.0/25\"}]}, \"Options\": "
		 "{\"com.docker.network.driver.mtu\": \"1500\"}}]",
		 "29.7.2", "P07", PASS, "1 networks of Docker"},
		{"[{\"Name\": \"kind\", \"IPAM\": {\"Config\": [{\"Subnet\": \"10.64.12.0/25\"}]}, \"Options\": "
		 "{\"com.docker.network.driver.mtu\": \"1500\"}}]",
		 "29.7.2", "P10", PASS, "network kind 1500"},
		{"[{\"Name\": \"kind\", \"IPAM\": {\"Config\": [{\"Subnet\": \"10.64.12.0/25\"}]}, \"Options\": "
		 "{\"com.docker.network.driver.mtu\": \"9000\"}}]",
		 "29.7.2", "P10", WARN, "Docker network 'kind' has MTU 9000, the pod's interface 1500"},
		{"[{\"Name\": \"old\", \"IPAM\": {\"Config\": [{\"Subnet\": \"10.96.0.0/16\", \"Gateway\": "
		 "\"10.96.0.1\"}]}}]",
		 "29.7.2", "P07", FAIL, "Docker network 'old' 10.96.0.0/16 holds the pod's DNS server 10.96.0.10"},
		{"[{\"Name\": \"kind\", \"IPAM\": {\"Config\": [{\"Subnet\": \"172.18.0.0/16\"}]}}]", "29.7.2", "P07",
		 WARN, "lies outside of what the plan gives it, 10.64.12.0/25"},
		{"not JSON: [", "29.7.2", "P07", PASS, "0 networks of Docker"},
		{"[]", "29.7.2", "P13", PASS, "Docker 29.7.2"},
		{"[]", "26.1.5+dfsg1", "P13", WARN, "Docker 28 and later asks from the pod's network"},
		{"[]", "20.10.24", "P13", FAIL, "older than 26"},
		{"[]", "", "P13", SKIPPED, "not known"},
	};
	for (size_t i = 0; i < LENGTH(docker); i++) {
		struct scene s;
		set_scene(&s);
		s.input.networks = str_of(docker[i].networks);
		s.input.docker_version = str_of(docker[i].version);
		struct findings findings = preflight_docker(&s.arena, &s.input);
		const struct finding *f = finding_of(&findings, docker[i].id);
		if (f->verdict != docker[i].verdict || !holds(&s, f, docker[i].says))
			fail_msg("row %zu: verdict %d, '%.*s' '%.*s'", i, f->verdict, STR(f->facts), STR(f->sentence));
		arena_free(&s.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_docker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
