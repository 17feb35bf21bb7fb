/* Names of the parent, the whole way: as a container on the network `kind` resolves them, before there is a cluster; as
 * the node does, and the nested DNS, while it is served. Nothing here ends a run. */
#include "log.h"
#include "registry.h"
#include "run.h"

enum { CONTAINER_MS = 30 * 1000, ANSWER_MS = 10 * 1000, FAILURES = 2 };

/* The one name that is there in every parent; empty: the pod's search list names no cluster. */
static struct str parent_name(const struct run *run, struct arena *arena)
{
	struct str domain = parent_domain(&run->around);
	return domain.n ? arena_fmt(arena, "kubernetes.default.svc.%.*s.", STR(domain)) : domain;
}

/* dockerd's resolver is asked as nodes ask it, 127.0.0.11. Why it has no answer, dockerd says in its log. */
void names_in_network(struct run *run, struct arena *arena)
{
	static const char script[] = "export RES_OPTIONS='timeout:2 attempts:2'; getent hosts \"$1\" >/dev/null || echo UDP; "
				     "RES_OPTIONS=\"$RES_OPTIONS use-vc\" getent hosts \"$1\" >/dev/null || echo TCP";
	struct str name = parent_name(run, arena);
	if (run->config->preflight == PREFLIGHT_OFF || run->foreign_docker || !name.n)
		return;
	struct answer answer = ASK(run, arena, CONTAINER_MS, "docker", "run", "--rm", "--network", "kind", "--entrypoint", "bash",
				   TEXT_OF(arena, run->node_image), "-c", script, "bash", TEXT_OF(arena, name));
	if (run_interrupted(run))
		return;
	if (!answer.good) {
		log_fmt("names were not tried from the network `kind`: %.*s", STR(answer.said));
	} else if (answer.out.n) {
		struct str hint = buf_str(&run->dockerd_output.names_hint);
		bool udp = str_starts(answer.out, S("UDP"));
		run_warn(run, WARNING_NAMES, arena_fmt(arena, "a container on the network `kind` does not resolve %.*s by %s: %.*s", STR(name),
					!udp ? "TCP, which long answers need" : str_find(answer.out, '\n') < answer.out.n ? "UDP and TCP" : "UDP",
					STR(hint.n ? hint : S("see P07 to P09 of kdk-pod preflight, and what dockerd logs of its resolver"))));
	}
}

/* --- while it is served --- */

static bool node_resolves(struct run *run, struct arena *arena)
{
	struct str host = run->config->registry_count ? run->config->registries[0].host : S(DOCKER_HUB);
	host = str_to(host, str_find(host, ':'));
	return ASK(run, arena, ANSWER_MS, "docker", "exec", TEXT_OF(arena, run->nodes.control_plane), "getent", "hosts", TEXT_OF(arena, host)).good;
}

/* kubeadm gives the nested DNS the tenth address of the services. */
static bool find_server(const struct run *run, struct addr *server)
{
	struct str services = settings_get(&run->state.settings, S("networking.serviceSubnet"));
	struct cidr range;
	if (cidr_parse(str_to(services, str_find(services, ',')), &range) == CIDR_INVALID)
		return false;
	*server = addr_add(range.addr, 10);
	return true;
}

static bool says(struct str text, const char *what)
{
	return memmem(text.p, text.n, what, strlen(what)) != NULL;
}

static struct str remedy_of(const struct run *run, struct str said)
{
	struct str hint = buf_str(&run->dockerd_output.names_hint);
	if (hint.n)
		return hint;
	if (says(said, "not permitted") || says(said, "refused"))
		return S("it has no pod that is ready: see the pods of k8s-app=kube-dns in its namespace kube-system");
	if (says(said, "SERVFAIL"))
		return S("it gets no answer itself: see the log of its pods for the DNS server that it asks, and kdk-pod preflight, P07 to P14");
	return S("see the log of its pods, k8s-app=kube-dns in kube-system: a CNI, a NetworkPolicy or the parent's DNS server is in the way");
}

/* From the node to CoreDNS, to the node's resolver, to the parent. Empty: it answers, or cannot be asked. */
static struct str nested_dns_fails(struct run *run, struct arena *arena)
{
	struct str name = parent_name(run, arena);
	struct addr server;
	bool has_cni = !str_eq(settings_get(&run->state.settings, S("networking.disableDefaultCNI")), S("true"));
	if (run->foreign_docker || !name.n || !has_cni || !find_server(run, &server))
		return (struct str){0};
	struct answer pid = ASK(run, arena, ANSWER_MS, "docker", "inspect", "--format", "{{.State.Pid}}", TEXT_OF(arena, run->nodes.control_plane));
	char text[ADDR_TEXT];
	struct answer answer = {.good = true};
	if (pid.good)
		answer = ASK(run, arena, 2 * ANSWER_MS, "/proc/self/exe", "resolve", TEXT_OF(arena, pid.out),
			     TEXT_OF(arena, addr_print(text, server)), TEXT_OF(arena, name));
	if (answer.good || !answer.out.n)
		return (struct str){0};
	return arena_fmt(arena, "the nested DNS does not resolve the parent's names (%.*s): %.*s", STR(answer.out), STR(remedy_of(run, answer.out)));
}

/* Only logged: where images are not pulled at all, it is no trouble. */
static void look_from_node(struct run *run, struct arena *arena)
{
	bool good = node_resolves(run, arena);
	if (run_interrupted(run) || good != run->registry_unknown)
		return;
	run->registry_unknown = !good;
	log_fmt(good ? "the node resolves names" : "warning: the node does not resolve its registry's name: images cannot be pulled");
}

void names_look(struct run *run)
{
	struct arena arena = {0};
	look_from_node(run, &arena);
	struct str trouble = nested_dns_fails(run, &arena);
	run->name_failures = trouble.n ? run->name_failures + 1 : 0;
	/* A DNS server that restarts is no news. */
	if (!run_interrupted(run) && (!trouble.n || run->name_failures >= FAILURES))
		run_warn(run, WARNING_NAMES, trouble);
	arena_free(&arena);
}
