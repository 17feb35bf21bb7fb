/* The verdicts here are those of a Kubernetes API server 1.30 and later. */
#include "shape.h"

#include "check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_said(struct str text, const char *want)
{
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct sources sources = {0};
	struct source source = {.name = S("values.yaml"), .text = text};
	struct check check = {.arena = &arena, .diags = &diags, .sources = &sources};
	sources_add(&arena, &sources, &source);
	const struct node *root = tree_parse(&arena, &diags, &sources, 0);
	if (root)
		check_map(&check, root, &object_values, NULL);
	struct str got = {0};
	for (const struct diag *d = diags.first; d; d = d->next)
		got = arena_fmt(&arena, "%.*s%s%.*s", STR(got), got.n ? "; " : "", STR(d->message));
	if (!str_eq(got, str_of(want)))
		fail_msg("%.*s\ngot:  %.*s\nwant: %s", STR(text), STR(got), want);
	match_free(&check.match);
	arena_free(&arena);
}

struct row {
	const char *yaml, *want;
};

static void assert_rows(const char *before, const char *after, const struct row *rows, size_t count)
{
	struct arena arena = {0};
	for (size_t i = 0; i < count; i++)
		assert_said(arena_fmt(&arena, "%s%s%s", before, rows[i].yaml, after), rows[i].want);
	arena_free(&arena);
}
#define ASSERT_ROWS(before, after, rows) assert_rows(before, after, rows, sizeof rows / sizeof rows[0])

static void test_quantities(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t billionths;
	} rows[] = {
		{"0", 0},
		{"1", 1000000000},
		{"+1", 1000000000},
		{"1.", 1000000000},
		{".5", 500000000},
		{"0.5", 500000000},
		{"500m", 500000000},
		{"500000u", 500000000},
		{"500000000n", 500000000},
		{"1.5", 1500000000},
		{"1k", 1000000000000},
		{"1Ki", 1024000000000},
		{"1M", 1000000000000000},
		{"1Mi", 1048576000000000},
		{"1e3", 1000000000000},
		{"1E3", 1000000000000},
		{"1e+3", 1000000000000},
		{"1000e-3", 1000000000},
		{"1.5e3", 1500000000000},
		{"12e-9", 12},
		{"1e-9", 1},
		{"0.1n", 1},   /* rounded up */
		{"1e-12", 1},
		{"1.0000000001", 1000000001},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (quantity_nano(str_of(rows[i].text)) != rows[i].billionths)
			fail_msg("%s", rows[i].text);
	const nano billion = 1000000000, exa = billion * billion;
	assert_true(quantity_nano(S("1E")) == exa * billion);
	assert_true(quantity_nano(S("1Ei")) == (nano)1152921504606846976 * billion);
	assert_true(quantity_nano(S("1P")) * 1000 == exa * billion);
	assert_true(quantity_nano(S("1G")) == billion * billion);
	assert_true(quantity_nano(S("1Gi")) == (nano)1073741824 * billion);
	assert_true(quantity_nano(S("1Ti")) == (nano)1099511627776 * billion);
	/* Saturates: huge ones are at least as large as anything smaller. */
	assert_true(quantity_nano(S("1e99")) >= quantity_nano(S("1000E")));
	assert_true(quantity_nano(S("99999999999999999999999999999999")) >= quantity_nano(S("1E")));
	assert_true(quantity_nano(S("1e-99")) <= 1);
}

static void test_resources(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"{requests: {memory: 2Gi}, limits: {memory: 2048Mi}}", ""},
		{"{requests: {memory: 2Gi}, limits: {memory: 2147483647}}", "the request of memory is larger than its limit of 2147483647"},
		{"{requests: {cpu: 1}, limits: {cpu: 1000m}}", ""},
		{"{requests: {cpu: 1.001}, limits: {cpu: 1000m}}", "the request of cpu is larger than its limit of 1000m"},
		{"{requests: {memory: 1P}, limits: {memory: 1000T}}", ""},
		{"{requests: {memory: 1Ki}, limits: {memory: 1k}}", "the request of memory is larger than its limit of 1k"},
		{"{requests: {memory: 1e3}, limits: {memory: 1k}}", ""},
		{"{requests: {ephemeral-storage: 1}, limits: {cpu: 1}}", ""},
		{"{requests: {example.org/gpu: 1}, limits: {example.org/gpu: 1}}", ""},
		{"{requests: {example.org/gpu: 1}}", "a request of example.org/gpu needs an equal limit"},
		{"{requests: {example.org/gpu: 1}, limits: {example.org/gpu: 2}}", "the request of example.org/gpu must equal its limit of 2"},
		{"{limits: {example.org/gpu: 1500m}}", "example.org/gpu is counted in whole numbers"},
		{"{limits: {example.org/gpu: 1.0}}", ""},
		{"{requests: {hugepages-2Mi: 2Mi}, limits: {hugepages-2Mi: 2Mi}}", "hugepages need cpu or memory beside them"},
		{"{requests: {hugepages-2Mi: 2Mi, cpu: 1}, limits: {hugepages-2Mi: 2Mi}}", ""},
		{"{requests: {gpu: 1}}", "the key 'gpu' is not a resource: cpu, memory, ephemeral-storage, hugepages-<size> or <domain>/<name>"},
		{"{limit: {cpu: 1}}", "there is no key 'limit' here"},
		{"{requests: {cpu: -1}}", "'-1' is not a Kubernetes quantity"},
		{"{requests: {cpu: 1g}}", "'1g' is not a Kubernetes quantity"},
		{"{requests: {cpu: \"\"}}", "'' is not a Kubernetes quantity"},
		{"{requests: {cpu: ~}, limits: {cpu: 1}}", ""},
		{"{}", ""},
	};
	ASSERT_ROWS("defaults: {resources: ", "}", rows);
}

static void test_tolerations(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"{operator: Exists}", ""},
		{"{key: a, operator: Exists, effect: NoSchedule}", ""},
		{"{key: a, value: b}", ""},
		{"{key: a}", ""},
		{"{key: \"\", operator: Exists}", ""},
		{"{key: a, operator: \"\"}", ""},
		{"{key: a, effect: NoExecute, tolerationSeconds: 60}", ""},
		{"{key: a, effect: NoExecute, tolerationSeconds: -1}", ""},
		{"{}", "without a key the operator must be Exists"},
		{"{operator: Equal}", "without a key the operator must be Exists"},
		{"{key: a, operator: Exists, value: b}", "with operator Exists there is no value"},
		{"{key: a, operator: Exists, value: \"\"}", ""},
		{"{key: a, tolerationSeconds: 60}", "tolerationSeconds needs effect NoExecute"},
		{"{key: a, operator: exists}", "'exists' is not Equal, Exists or \"\""},
		{"{key: a, effect: NoSchedul}", "'NoSchedul' is not NoSchedule, PreferNoSchedule, NoExecute or \"\""},
	};
	ASSERT_ROWS("defaults: {tolerations: [", "]}", rows);
}

static void test_affinity(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"{key: a, operator: In, values: [b]}", ""},
		{"{key: a, operator: In, values: [\"\"]}", ""},
		{"{key: a, operator: Exists}", ""},
		{"{key: a, operator: Exists, values: []}", ""},
		{"{key: a, operator: Gt, values: [\"5\"]}", ""},
		{"{key: a, operator: In}", "with this operator there must be values"},
		{"{key: a, operator: NotIn, values: []}", "with this operator there must be values"},
		{"{key: a, operator: DoesNotExist, values: [b]}", "with this operator there are no values"},
		{"{key: a, operator: Gt, values: [b]}", "Gt and Lt compare with one whole number"},
		{"{key: a, operator: Lt, values: [\"1\", \"2\"]}", "Gt and Lt compare with one whole number"},
		{"{key: a, operator: In, values: [\"-\"]}",
		 "'-' is not a label value: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"},
		{"{key: a, operator: Equals, values: [b]}", "'Equals' is not In, NotIn, Exists, DoesNotExist, Gt or Lt"},
		{"{key: a}", "'operator' must be given (how it is compared)"},
	};
	ASSERT_ROWS("defaults: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
		    "[{matchExpressions: [",
		    "]}]}}}}", rows);
	static const struct row whole[] = {
		{"{}", ""},
		{"{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}", "at least one item is wanted here"},
		{"{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {}}}", "'nodeSelectorTerms' must be given (terms, of which one must hold)"},
		{"{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [a, b]}]}]}}}",
		 "a field is compared with exactly one value"},
		{"{podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchExpressions: [{key: a, operator: In}]}, topologyKey: zone}]}}",
		 "with this operator there must be values"},
		{"{podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchExpressions: [{key: a, operator: Gt, values: [\"1\"]}]}, topologyKey: zone}]}}",
		 "'Gt' is not In, NotIn, Exists or DoesNotExist"},
		{"{podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, podAffinityTerm: {topologyKey: zone}}]}}",
		 "101 is not within 1 to 100"},
	};
	ASSERT_ROWS("defaults: {affinity: ", "}", whole);
}

static void test_spread(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 2}", ""},
		{"{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}",
		 "minDomains needs whenUnsatisfiable: DoNotSchedule"},
		{"{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}", "0 is not within 1 to 2147483647"},
		{"{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: a, whenUnsatisfiable: DoNotSchedule}",
		 "the same topologyKey and whenUnsatisfiable in line 1"},
		{"{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}", ""},
	};
	ASSERT_ROWS("defaults: {topologySpreadConstraints: [", "]}", rows);
}

static void test_dns(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"{nameservers: [192.0.2.1, \"2001:db8::1\", 192.0.2.3]}", ""},
		{"{nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4]}", "at most three nameservers"},
		{"{nameservers: [dns.example.org]}", "'dns.example.org' is not an IP address"},
		{"{searches: [example.org, svc.cluster.local.]}", ""},
		{"{searches: [a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a]}", ""},
		{"{searches: [a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a]}",
		 "at most 32 search domains of 2048 bytes together"},
		{"{options: [{name: ndots, value: \"2\"}, {name: edns0}]}", ""},
		{"{options: [{value: \"2\"}]}", "'name' must be given (its name)"},
	};
	ASSERT_ROWS("defaults: {dnsConfig: ", "}", rows);
}

static void test_network_policy(void **state)
{
	(void)state;
	static const struct row peers[] = {
		{"{podSelector: {}}", ""},
		{"{podSelector: {matchLabels: {a: b}}, namespaceSelector: {}}", ""},
		{"{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}", ""},
		{"{}", "a selector or an ipBlock is wanted here"},
		{"{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}", "ipBlock stands alone, without selectors"},
		{"{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}", "10.0.0.0/8 is no smaller part of 10.0.0.0/8"},
		{"{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}", "11.0.0.0/16 is no smaller part of 10.0.0.0/8"},
		{"{ipBlock: {cidr: 10.0.0.0/8, except: [\"fd00::/16\"]}}", "fd00::/16 is no smaller part of 10.0.0.0/8"},
	};
	ASSERT_ROWS("defaults: {networkPolicy: {enabled: true, from: [", "]}}", peers);
	static const struct row ports[] = {
		{"{}", ""},
		{"{port: 443}", ""},
		{"{port: https, protocol: UDP}", ""},
		{"{port: 8000, endPort: 8010}", ""},
		{"{port: 8000, endPort: 8000}", ""},
		{"{port: 8000, endPort: 7999}", "endPort needs a port number that is not larger"},
		{"{endPort: 7999}", "endPort needs a port number that is not larger"},
		{"{port: https, endPort: 7999}", "endPort needs a port number that is not larger"},
		{"{port: 0}", "0 is not within 1 to 65535"},
		{"{port: 65536}", "65536 is not within 1 to 65535"},
		{"{port: \"443\"}", "'443' is not a port's name"},
		{"{port: 443, protocol: tcp}", "'tcp' is not TCP, UDP or SCTP"},
	};
	ASSERT_ROWS("defaults: {networkPolicy: {enabled: true, egress: [{ports: [", "]}]}}", ports);
}

static void test_owners(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"{email: a@b.c}", ""},
		{"{owners: [{user: u}]}", ""},
		{"{email: a@b.c, owners: []}", ""},
		{"{email: ~, owners: [{group: g}]}", ""},
		{"{}", "cluster 'dev' has no owner"},
		{"{email: \"\"}", "cluster 'dev' has no owner"},
		{"{owners: []}", "cluster 'dev' has no owner"},
		{"{owners: [{}]}", "exactly one of user, group and serviceAccount is wanted here"},
		{"{owners: [{user: u, group: g}]}", "exactly one of user, group and serviceAccount is wanted here"},
		{"{owners: [{user: u, group: ~}]}", ""},
		{"{email: A@b.c}", "an upper-case letter in 'A@b.c'"},
		{"{email: a}", "'a' is not an email address"},
	};
	ASSERT_ROWS("clusters: {dev: ", "}", rows);
}

static void test_parents(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"[{name: a}, {name: b}]", ""},
		{"[{name: a}, {name: b}, {name: a}]", "two parents are called 'a'"},
		{"[{name: a, external: [{cidr: 10.0.0.0/8, except: [10.0.0.0/9]}]}]", ""},
		{"[{name: a, external: [{cidr: 10.0.0.0/8, except: [12.0.0.0/9]}]}]", "12.0.0.0/9 is no smaller part of 10.0.0.0/8"},
		{"[{name: a, platform: eks}]", ""},
		{"[{name: a, platform: EKS}]", "'EKS' is not kubeadm, kind, k3s, eks, gke, aks, openshift or vcluster"},
		{"[{name: a, dns: [10.0.0.0/8]}]", "'10.0.0.0/8' is not an IP address"},
	};
	ASSERT_ROWS("parents: ", "", rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantities),     cmocka_unit_test(test_resources), cmocka_unit_test(test_tolerations),
		cmocka_unit_test(test_affinity),       cmocka_unit_test(test_spread),    cmocka_unit_test(test_dns),
		cmocka_unit_test(test_network_policy), cmocka_unit_test(test_owners),    cmocka_unit_test(test_parents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
