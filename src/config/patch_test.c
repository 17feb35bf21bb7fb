#include "patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_patches(void **state)
{
	(void)state;
	/* What is said; NULL: nothing. */
	static const char *const rows[][2] = {
		{"kind: ClusterConfiguration\napiServer: {}\n", NULL},
		{"{\"kind\": \"KubeletConfiguration\", \"maxPods\": 200}", NULL},
		{"kind: X\nnote: podSubnet", NULL},                /* a value, not a name */
		{"kind: X\nextraArgs: [{name: v, value: dnsDomain}]", NULL},
		{"kind: X\nmyPodSubnet: 1\npodsubnet: 1", NULL},
		{"kind: X\nnetworking: {podSubnet: 10.0.0.0/8}", "this patch sets podSubnet"},
		{"kind: X\nnetworking: {serviceSubnet: ~}", "this patch sets serviceSubnet"},
		{"kind: X\nnetworking:\n  dnsDomain: x", "this patch sets dnsDomain"},
		{"kind: KubeletConfiguration\nclusterDNS: [10.0.0.10]", "this patch sets clusterDNS"},
		{"kind: KubeProxyConfiguration\nclusterCIDR: x", "this patch sets clusterCIDR"},
		{"a: [[{b: {cluster-cidr: x}}]]", "this patch sets cluster-cidr"},
		{"apiServer: {extraArgs: {service-cluster-ip-range: x}}", "this patch sets service-cluster-ip-range"},
		{"apiServer: {extraArgs: [{name: service-cluster-ip-range, value: x}]}",
		 "this patch sets service-cluster-ip-range"},
		{"extraArgs: [{value: x, name: cluster-dns}]", "this patch sets cluster-dns"},
		{"a: &a {podCIDR: 1}\nb: *a", "this patch sets podCIDR"},
		{"a: [", "this patch is not YAML"},
		{"a: 1\na: 2", "this patch is not YAML"},
		{"\tx", "this patch is not YAML"},
		{"a: 1\n---\nb: 2", "this patch is not YAML"},
		{"just text", "this patch is not a YAML map"},
		{"- op: add\n  path: /x", "this patch is not a YAML map"},
		{" ", "this patch is not YAML"},
		{"", "this patch is not YAML"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena arena = {0};
		struct diags diags = {.arena = &arena};
		struct sources sources = {0};
		struct source source = {.name = S("values.yaml"), .text = S("")};
		struct check check = {.arena = &arena, .diags = &diags, .sources = &sources};
		sources_add(&arena, &sources, &source);
		struct str text = arena_str(&arena, str_of(rows[i][0])); /* as the tree keeps it */
		struct node patch = {.text = text.p, .n = (uint32_t)text.n, .line = 3, .kind = NODE_SCALAR};
		struct path path = {NULL, S("kubeadmConfigPatches"), 0, false};
		check_kubeadm_patch(&check, &patch, &path);
		const struct diag *d = diags.first;
		if ((d != NULL) != (rows[i][1] != NULL) || (d && !str_eq(d->message, str_of(rows[i][1]))))
			fail_msg("%s: %.*s", rows[i][0], STR(d ? d->message : S("nothing said")));
		if (d) {
			assert_null(d->next);
			assert_int_equal(d->rule, RULE_PATCH_OVERRIDES_PLAN);
			assert_int_equal(d->place.line, 3);
			assert_true(patch.refused);
		}
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
