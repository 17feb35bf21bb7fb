/* Tried over the network: the parent's API server, DNS servers, Secret and clock, and the node image's registry. */
#include "task.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "dns.h"
#include "hello.h"
#include "place.h"

struct target {
	const struct surroundings *around;
	const struct pod_config *config;
	char *const *environment;
	struct str name;
	struct addr addr;
	uint16_t port;
	bool tcp;
	int bound_ms;
};

static int try_connection(const struct task *task)
{
	const struct target *t = task->argument;
	char text[ADDR_TEXT];
	if (connect_to(t->addr, t->port, true, t->bound_ms) >= 0)
		return TASK_GOOD;
	printf("%.*s port %u: %s\n", STR(addr_print(text, t->addr)), t->port, strerror(errno));
	return TASK_BAD;
}

static int try_dns(const struct task *task)
{
	const struct target *t = task->argument;
	struct dns_answer answer = dns_ask(t->addr, t->name, t->tcp, t->bound_ms);
	if (answer.result != DNS_BAD)
		return TASK_GOOD;
	printf("%s\n", answer.said);
	return TASK_BAD;
}

/* kind's nodes ask for host.docker.internal, which only Docker Desktop has. */
static int try_wildcard(const struct task *task)
{
	const struct target *t = task->argument;
	for (size_t i = 0; i <= t->around->resolver.search.count && i <= 3; i++) {
		struct str suffix = i ? t->around->resolver.search.items[i - 1] : S("");
		char name[300], text[ADDR_TEXT];
		int n = snprintf(name, sizeof name, "host.docker.internal%s%.*s", i ? "." : "", STR(suffix));
		struct dns_answer answer = dns_ask(t->addr, (struct str){name, (size_t)n}, false, t->bound_ms / 4);
		if (answer.result == DNS_ADDRESS) {
			printf("%s is %.*s\n", name, STR(addr_print(text, answer.addr)));
			return TASK_BAD;
		}
	}
	return TASK_GOOD;
}

static int run_kubectl(const struct target *target, const char *const *arguments)
{
	char *argv[16] = {0};
	for (size_t i = 0; arguments[i] && i < 15; i++)
		argv[i] = strdup(arguments[i]);
	execvpe("kubectl", argv, target->environment);
	return errno == ENOENT ? TASK_MISSING : TASK_BAD;
}

/* kubectl has the pod's own credentials by itself, but not where it is given any --request-timeout. What it prints of
 * objects is thrown away. */
static int try_secret(const struct task *task)
{
	const struct target *t = task->argument;
	char namespace[300], secret[300];
	snprintf(namespace, sizeof namespace, "--namespace=%.*s", STR(t->config->namespace));
	snprintf(secret, sizeof secret, "%.*s", STR(t->config->secret));
	const char *const arguments[] = {"kubectl",
					 namespace,
					 "patch",
					 "secret",
					 secret,
					 "--dry-run=server",
					 "--type=merge",
					 "--output=name",
					 "--patch={\"metadata\":{\"annotations\":{\"kdk/phase\":\"preflight\"}}}",
					 NULL};
	return run_kubectl(t, arguments);
}

/* At this verbosity kubectl prints the headers of answers; /version holds nothing secret. */
static int try_clock(const struct task *task)
{
	static const char *const arguments[] = {"kubectl", "get", "--raw=/version", "--v=8", NULL};
	return run_kubectl(task->argument, arguments);
}

/* "Date: Tue, 24 Nov 2026 14:29:47 GMT" in OUTPUT, against our clock. */
static int64_t find_skew(struct str output)
{
	for (size_t i = 0; i < output.n; i++) {
		struct str rest = str_from(output, i);
		if (!str_starts(rest, S("Date: ")))
			continue;
		char text[64];
		struct tm tm = {0};
		snprintf(text, sizeof text, "%.*s", STR(str_to(str_from(rest, 6), 40)));
		if (strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
			return (int64_t)timegm(&tm) - (int64_t)time(NULL);
	}
	return INT64_MIN;
}

/* --- the node image's registry --- */

static bool is_set(char *const *environment, struct str name)
{
	for (size_t i = 0; environment[i]; i++) {
		struct str variable = str_of(environment[i]);
		if (str_starts(variable, name) && variable.n > name.n + 1 && variable.p[name.n] == '=')
			return true;
	}
	return false;
}

/* Why there is nothing to learn from asking it; empty: ask. */
static struct str reason_not_to_ask(const struct pod_config *config, char *const *environment, struct str host)
{
	struct arena arena = {0};
	bool preloaded = access(places(&arena).node_tar, R_OK) == 0;
	arena_free(&arena);
	if (preloaded)
		return S("the node image is in the pod's image");
	if (config->proxy_https.n || is_set(environment, S("HTTPS_PROXY")) || is_set(environment, S("https_proxy")))
		return S("it is reached through a proxy");
	for (size_t i = 0; i < config->registry_count; i++) {
		struct str registry = config->registries[i].host;
		if (config->registries[i].insecure && str_eq(str_to(registry, str_find(registry, ':')), host))
			return S("it is insecure, by the values");
	}
	return (struct str){0};
}

/* TASK_MISSING: it has no address, which is what P14 speaks of, or /etc/hosts has it. */
static int try_registry(const struct task *task)
{
	const struct target *t = task->argument;
	struct addr addr;
	bool literal = addr_parse(t->name, &addr);
	if (!literal) {
		struct dns_answer found = dns_ask(t->addr, t->name, false, t->bound_ms / 4);
		if (found.result != DNS_ADDRESS) {
			printf("the DNS server gives no IPv4 address for it\n");
			return TASK_MISSING;
		}
		addr = found.addr;
	}
	struct hello hello = hello_ask(addr, t->port, literal ? S("") : t->name, t->bound_ms / 3);
	if (hello.result == HELLO_UNREACHABLE)
		printf("no connection: %s\n", hello.said);
	else
		printf("%s%zu bytes\n", hello.result == HELLO_STALLED ? REGISTRY_STALLS " after " : "", hello.bytes);
	return hello.result == HELLO_ANSWERED ? TASK_GOOD : TASK_BAD;
}

void probe_network(struct arena *arena, struct probes *probes, const struct surroundings *around,
		   const struct pod_config *config, char *const *environment, int bound_ms)
{
	enum { SERVERS = 8 };
	const struct resolver_config *r = &around->resolver;
	struct target base = {
		.around = around, .config = config, .environment = environment, .bound_ms = bound_ms - bound_ms / 10};
	struct target targets[1 + 2 * SERVERS + 2];
	struct task tasks[5 + 2 * SERVERS];
	size_t n = 0, tasks_count = 0;
	struct str domain = parent_domain(around);
	struct addr api;

	probes->dns_count = r->address_count < SERVERS ? r->address_count : SERVERS;
	probes->dns_udp = NEW_ARRAY(arena, struct probe_result, probes->dns_count);
	probes->dns_tcp = NEW_ARRAY(arena, struct probe_result, probes->dns_count);
	base.name = domain.n ? arena_fmt(arena, "kubernetes.default.svc.%.*s", STR(domain)) : S("kubernetes.io");
	if (addr_parse(around->service_host, &api)) {
		struct target *t = &targets[n++];
		*t = base;
		t->addr = api;
		t->port = (uint16_t)strtoul(arena_fmt(arena, "0%.*s", STR(around->service_port)).p, NULL, 10);
		tasks[tasks_count++] = (struct task){.run = try_connection, .argument = t, .result = &probes->api};
		tasks[tasks_count++] = (struct task){.run = try_secret, .argument = t, .result = &probes->secret};
		tasks[tasks_count++] = (struct task){.run = try_clock, .argument = t};
	}
	for (size_t i = 0; i < 2 * probes->dns_count; i++) {
		struct target *t = &targets[n++];
		*t = base;
		t->addr = r->addresses[i / 2];
		t->tcp = i % 2;
		tasks[tasks_count++] =
			(struct task){.run = try_dns,
				      .argument = t,
				      .result = t->tcp ? &probes->dns_tcp[i / 2] : &probes->dns_udp[i / 2]};
	}
	if (probes->dns_count) {
		struct target *t = &targets[n++];
		*t = base;
		t->addr = r->addresses[0];
		tasks[tasks_count++] = (struct task){.run = try_wildcard, .argument = t, .result = &probes->wildcard};
	}
	uint16_t port;
	struct addr literal;
	probes->registry = image_registry(config->node_image, &port);
	probes->registry_answer.said = reason_not_to_ask(config, environment, probes->registry);
	if (!probes->registry_answer.said.n && (probes->dns_count || addr_parse(probes->registry, &literal))) {
		struct target *t = &targets[n++];
		*t = base;
		t->addr = probes->dns_count ? r->addresses[0] : literal;
		t->name = probes->registry;
		t->port = port;
		tasks[tasks_count++] =
			(struct task){.run = try_registry, .argument = t, .result = &probes->registry_answer};
	}
	tasks_run(arena, tasks, tasks_count, bound_ms);
	if (probes->registry_answer.state == PROBE_MISSING)
		probes->registry_answer.state = PROBE_NONE;
	probes->clock_skew = INT64_MIN;
	for (size_t i = 0; i < tasks_count; i++)
		if (tasks[i].run == try_clock)
			probes->clock_skew = find_skew(tasks[i].output);
}
