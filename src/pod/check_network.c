/* P08 to P12, P14 to P16: whether the pod reaches what it must, and packets fit. */
#include "judge.h"

#include "../config/check.h"
#include "../plan/range.h"

static struct str joined(struct judge *j, struct str list, struct str word)
{
	return TEXT(j, "%.*s%s%.*s", STR(list), list.n ? ", " : "", STR(word));
}

static struct str link_name(const struct judge *j, int index)
{
	const struct link *link = network_link(&j->input->around->network, index);
	return link ? link->name : S("nowhere");
}

/* --- P08 --- */

void judge_reach(struct judge *j)
{
	const struct pod_network *n = &j->input->around->network;
	const struct probe_result *api = j->input->probes ? &j->input->probes->api : NULL;
	struct str own = link_name(j, n->default_link);
	if (!n->known) {
		judge_skip(j, S("the kernel does not tell the pod's routes"));
		return;
	}
	if (!n->default_link)
		judge_fail(j, POD_EXIT_UNFIT, S("the pod has no default route: it reaches nothing"),
			   S("see the CNI of the cluster that the pod runs in"));
	for (size_t i = 0; i < n->reach_count; i++) {
		const struct reach *r = &n->reaches[i];
		char text[ADDR_TEXT];
		struct str to = addr_print(text, r->to);
		j->facts = joined(j, j->facts,
				  TEXT(j, "%.*s %.*s by %.*s", STR(r->what), STR(to), STR(link_name(j, r->link))));
		if (is_docker_link(n, r->link))
			judge_fail(
				j, POD_EXIT_CONFLICT,
				TEXT(j, "packets to %.*s %.*s leave by %.*s, a bridge of Docker, and not by %.*s",
				     STR(r->what), STR(to), STR(link_name(j, r->link)), STR(own)),
				S("see P07: a range of Docker holds that address; render the values with another one"));
		else if (!r->link && n->default_link)
			judge_warn(j, TEXT(j, "the kernel has no route to %.*s %.*s", STR(r->what), STR(to)),
				   S("see the CNI of the cluster that the pod runs in"));
	}
	if (api && api->state == PROBE_BAD)
		judge_warn(j,
			   TEXT(j, "no connection to the parent's API server: %.*s; the kubeconfig cannot be published",
				STR(api->said)),
			   S("allow egress to it, where there is a NetworkPolicy; kdk-pod goes on trying"));
}

/* --- P09 --- */

static bool is_loopback(struct addr addr)
{
	struct cidr v4 = cidr_make_v4(0x7f000000, 8);
	return cidr_has(v4, addr) || (addr.high == 0 && addr.low == 1);
}

void judge_resolver(struct judge *j)
{
	enum { DOCKER_ASKS = 3 };
	const struct resolver_config *r = &j->input->around->resolver;
	size_t loopback = 0;
	struct str servers = S(""), search = S("");
	for (size_t i = 0; i < r->nameservers.count; i++)
		servers = joined(j, servers, r->nameservers.items[i]);
	for (size_t i = 0; i < r->search.count; i++)
		search = TEXT(j, "%.*s %.*s", STR(search), STR(r->search.items[i]));
	for (size_t i = 0; i < r->address_count; i++)
		loopback += is_loopback(r->addresses[i]);
	j->facts = TEXT(j, "nameservers %.*s; search%.*s", STR(servers.n ? servers : S("none")),
			STR(search.n ? search : S(" none")));
	static const struct str remedy = S_INIT("see dnsPolicy and dnsConfig of the cluster's settings");
	if (r->nameservers.count == 0)
		judge_fail(j, POD_EXIT_UNFIT,
			   S("resolv.conf names no DNS server: Docker would take public ones instead"), remedy);
	else if (loopback == r->nameservers.count)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j,
				"the pod's only DNS servers are loopback addresses (%.*s), on which nothing answers in "
				"a pod",
				STR(servers)),
			   S("dnsPolicy: ClusterFirst; or dnsPolicy: None with dnsConfig.nameservers"));
	else if (loopback)
		judge_warn(j, TEXT(j, "one of the pod's DNS servers is a loopback address: %.*s", STR(servers)),
			   remedy);
	if (r->nameservers.count > DOCKER_ASKS)
		judge_warn(
			j,
			TEXT(j, "resolv.conf names %zu DNS servers: Docker asks the first three", r->nameservers.count),
			remedy);
	if (j->input->probes && j->input->probes->wildcard.state == PROBE_BAD)
		judge_warn(j,
			   TEXT(j,
				"a name that cannot exist resolves, %.*s: kind's nodes may take host.docker.internal "
				"for real, and lose DNS",
				STR(j->input->probes->wildcard.said)),
			   S("dnsConfig.searches without the domain that answers for every name"));
}

/* --- P10 --- */

static void judge_network_mtu(struct judge *j, int64_t most)
{
	for (const struct node *n = docker_networks(j); n; n = n->next) {
		struct str mtu = node_text(node_get(node_get(n, S("Options")), S("com.docker.network.driver.mtu")));
		struct str name = node_text(node_get(n, S("Name")));
		int64_t value;
		if (!parse_integer(mtu, &value))
			continue;
		j->facts = joined(j, j->facts, TEXT(j, "network %.*s %lld", STR(name), (long long)value));
		if (most != UNKNOWN && value > most)
			judge_warn(j,
				   TEXT(j,
					"Docker network '%.*s' has MTU %lld, the pod's interface %lld: large packets "
					"are lost and pulls hang",
					STR(name), (long long)value, (long long)most),
				   TEXT(j, "docker network rm %.*s while no container is on it, or onChange: recreate",
					STR(name)));
	}
}

void judge_mtu(struct judge *j)
{
	enum { LEAST = 1280 };
	const struct pod_network *n = &j->input->around->network;
	const struct link *link = network_link(n, n->default_link);
	int64_t mtu = link ? link->mtu : UNKNOWN;
	unsigned wanted = j->input->config->mtu;
	if (mtu == UNKNOWN) {
		judge_skip(j, S("the pod's interface is not known"));
		return;
	}
	j->facts = TEXT(j, "%.*s %lld, nested %s", STR(link->name), (long long)mtu,
			wanted ? TEXT(j, "%u", wanted).p : "as that");
	if (j->with_docker) {
		judge_network_mtu(j, mtu);
		return;
	}
	if (mtu < LEAST)
		judge_fail(j, POD_EXIT_UNFIT,
			   TEXT(j, "the MTU of %.*s is %lld, below what IPv6 and many servers need", STR(link->name),
				(long long)mtu),
			   S("raise the MTU of the CNI of the cluster that the pod runs in"));
	else if (wanted > mtu)
		judge_fail(j, POD_EXIT_CONFLICT,
			   TEXT(j,
				"network.mtu %u is larger than %.*s's %lld: large packets are lost, and pulls and TLS "
				"hang",
				wanted, STR(link->name), (long long)mtu),
			   S("network.mtu: auto"));
}

/* --- P11 --- */

void judge_secret(struct judge *j)
{
	const struct pod_config *c = j->input->config;
	const struct probe_result *r = j->input->probes ? &j->input->probes->secret : NULL;
	if (!r || r->state == PROBE_NONE) {
		judge_skip(j, S("not tried, or no answer in time"));
		return;
	}
	j->facts = TEXT(j, "secret %.*s of namespace %.*s: %.*s", STR(c->secret), STR(c->namespace),
			STR(r->state == PROBE_GOOD ? S("can be patched") : r->said));
	if (r->state == PROBE_MISSING) {
		judge_fail(j, POD_EXIT_UNFIT, S("there is no kubectl in the image"),
			   S("use KDK's image, or put kubectl into yours"));
		return;
	}
	if (r->state != PROBE_BAD)
		return;
	/* As kubectl prints what the API server answered. */
	bool known = true;
	struct str said = r->said, remedy = S("kdk-pod goes on trying to publish the kubeconfig");
	if (strstr(said.p, "NotFound"))
		remedy = TEXT(j, "apply all that kdk-render writes: Secret %.*s is part of it", STR(c->secret));
	else if (strstr(said.p, "Forbidden"))
		remedy = TEXT(
			j,
			"apply all that kdk-render writes: the Role and RoleBinding %.*s give the pod that one Secret",
			STR(c->cluster));
	else if (strstr(said.p, "Unauthorized"))
		remedy = S("the pod's token is not accepted: delete the pod so that it gets a new one");
	else
		known = false;
	struct str sentence = TEXT(j, "the cluster's Secret cannot be written: %.*s", STR(said));
	if (known)
		judge_fail(j, POD_EXIT_UNFIT, sentence, remedy);
	else
		judge_warn(j, sentence, remedy);
}

/* --- P12 --- */

void judge_port(struct judge *j)
{
	const struct surroundings *around = j->input->around;
	uint16_t port = j->input->config->api_port;
	bool used = false, mesh = false;
	for (size_t i = 0; i < around->listener_count; i++) {
		uint16_t p = around->listeners[i].port;
		used |= p == port;
		mesh |= p == 15001 || p == 15006 ||
			p == 4143; /* istio-proxy's outbound and inbound capture, linkerd-proxy's */
	}
	j->facts = TEXT(j, "port %u %s; %zu sockets listen in the pod", port, used ? "in use" : "free",
			around->listener_count);
	if (used && !has_docker_links(&around->network))
		judge_fail(j, POD_EXIT_CONFLICT,
			   TEXT(j, "port %u, on which the API server is to listen, is in use in the pod", port),
			   S("set apiPort to another one, or remove the sidecar that uses it"));
	else if (used)
		j->facts = TEXT(j, "%.*s; Docker has run here: the cluster itself may be it", STR(j->facts));
	if (mesh)
		judge_warn(j,
			   S("a service mesh's proxy runs in the pod: it captures the traffic of nested nodes, and "
			     "breaks their DNS and NAT"),
			   S("podAnnotations or podLabels that keep the mesh out, such as sidecar.istio.io/inject: "
			     "\"false\""));
}

/* --- P14 --- */

void judge_dns(struct judge *j)
{
	const struct probes *p = j->input->probes;
	const struct resolver_config *r = &j->input->around->resolver;
	if (!p || p->dns_count == 0) {
		judge_skip(j, S("not tried"));
		return;
	}
	size_t good = 0;
	struct str last = S("");
	for (size_t i = 0; i < p->dns_count && i < r->address_count; i++) {
		char text[ADDR_TEXT];
		struct str server = addr_print(text, r->addresses[i]);
		bool udp = p->dns_udp[i].state == PROBE_GOOD, tcp = p->dns_tcp[i].state == PROBE_GOOD;
		good += udp;
		j->facts = joined(j, j->facts,
				  TEXT(j, "%.*s: UDP %.*s, TCP %.*s", STR(server),
				       STR(udp ? S("answers") : p->dns_udp[i].said),
				       STR(tcp ? S("answers") : p->dns_tcp[i].said)));
		if (!udp)
			last = p->dns_udp[i].said;
		else if (!tcp)
			judge_warn(j,
				   TEXT(j, "DNS server %.*s answers by UDP, not by TCP (%.*s): long answers are cut",
					STR(server), STR(p->dns_tcp[i].said)),
				   S("allow egress to port 53 by TCP too, where there is a NetworkPolicy"));
	}
	if (good == 0)
		judge_warn(j, TEXT(j, "no DNS server of the pod answers: %.*s; images cannot be pulled", STR(last)),
			   S("allow egress to port 53 by UDP and TCP, where there is a NetworkPolicy; see the parent's "
			     "CoreDNS"));
}

/* --- P15 --- */

void judge_registry(struct judge *j)
{
	const struct probes *p = j->input->probes;
	const struct probe_result *r = p ? &p->registry_answer : NULL;
	if (!r || r->state == PROBE_NONE) {
		judge_skip(j, r && r->said.n ? TEXT(j, "%.*s is not asked: %.*s", STR(p->registry), STR(r->said)) : S("not tried"));
		return;
	}
	j->facts = TEXT(j, "%.*s: %.*s", STR(p->registry), STR(r->said));
	if (r->state != PROBE_BAD)
		return;
	bool stalls = str_starts(r->said, S(REGISTRY_STALLS));
	judge_warn(j,
		   stalls ? TEXT(j, "registry %.*s accepts a connection, but %.*s: packets of full size are lost on the way, and pulls hang",
				 STR(p->registry), STR(r->said)) :
			    TEXT(j, "registry %.*s: %.*s; the node image cannot be pulled", STR(p->registry), STR(r->said)),
		   stalls ? S("network.mtu: 1400, or as small as the smallest MTU on the way; better, the MTU of the CNI that the "
			      "pod is attached by") :
			    S("allow egress to it, or take nodeImage from a registry that the pod reaches, or build the pod's "
			      "image with NODE_TAR"));
}

/* --- P16 --- */

void judge_clock(struct judge *j)
{
	enum { MOST = 60 };
	int64_t skew = j->input->probes ? j->input->probes->clock_skew : INT64_MIN;
	if (skew == INT64_MIN) {
		judge_skip(j, S("the API server did not say its time"));
		return;
	}
	j->facts = TEXT(j, "the API server's clock is %lld s ahead", (long long)skew);
	if (skew > MOST || skew < -MOST)
		judge_warn(j,
			   TEXT(j,
				"the node's clock differs from the API server's by %lld s: certificates are not valid "
				"yet, or no longer",
				(long long)skew),
			   S("see chrony or systemd-timesyncd on the node"));
}
