/* kdk.yaml: every one that the golden cases render comes back to the byte; what is not one is refused, with
 * a reason and a place. */
#include "pod.h"

#include "../base/file.h"
#include "../render/yaml.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

static const char *const families[] = {"ipv4", "ipv6", "dual"};
static const char *const preflights[] = {"enforce", "warn", "off"};
static const char *const changes[] = {"keep", "fail", "recreate"};

static void put_flow(struct buf *out, const char *key, const struct cidr_list *list)
{
	buf_fmt(out, "  %s: [", key);
	for (size_t i = 0; i < list->count; i++) {
		char text[CIDR_TEXT];
		buf_fmt(out, "%s%.*s", i ? "," : "", STR(cidr_print(text, list->items[i])));
	}
	BUF_LIT(out, "]\n");
}

static void put_block(struct buf *out, const char *key, const struct cidr_list *list, bool addresses)
{
	buf_fmt(out, "  %s:%s\n", key, list->count ? "" : " []");
	for (size_t i = 0; i < list->count; i++) {
		char text[CIDR_TEXT];
		BUF_LIT(out, "  - ");
		yaml_text(out, addresses ? addr_print(text, list->items[i].addr) : cidr_print(text, list->items[i]));
		buf_char(out, '\n');
	}
}

static void put_registries(struct buf *out, const struct pod_config *c)
{
	buf_fmt(out, "registries:%s\n", c->registry_count ? "" : " []");
	for (size_t i = 0; i < c->registry_count; i++) {
		const struct pod_registry *r = &c->registries[i];
		BUF_LIT(out, "- host: ");
		yaml_text(out, r->host);
		BUF_LIT(out, "\n");
		for (size_t k = 0; k < r->mirrors.count; k++) {
			buf_add(out, k ? S("  - ") : S("  mirrors:\n  - "));
			yaml_text(out, r->mirrors.items[k]);
			BUF_LIT(out, "\n");
		}
		if (r->ca.n)
			yaml_pair(out, 2, S("ca"), r->ca);
		if (r->auth.n)
			yaml_pair(out, 2, S("auth"), r->auth);
		buf_fmt(out, "  insecure: %s\n", r->insecure ? "true" : "false");
	}
}

static void put_config(struct buf *out, const struct pod_config *c)
{
	BUF_LIT(out, "version: 1\n");
	yaml_pair(out, 0, S("cluster"), c->cluster);
	yaml_pair(out, 0, S("namespace"), c->namespace);
	yaml_pair(out, 0, S("secret"), c->secret);
	buf_fmt(out, "apiPort: %u\nworkers: %u\n", c->api_port, c->workers);
	yaml_pair(out, 0, S("nodeImage"), c->node_image);
	yaml_pair(out, 0, S("dnsDomain"), c->dns_domain);
	buf_fmt(out, "ipFamily: %s\n", families[c->family]);
	if (c->mtu)
		buf_fmt(out, "mtu: \"%u\"\n", c->mtu);
	else
		BUF_LIT(out, "mtu: auto\n");
	yaml_pair(out, 0, S("preflight"), str_of(preflights[c->preflight]));
	buf_fmt(out, "onChange: %s\npersistent: %s\nranges:\n", changes[c->on_change],
		c->persistent ? "true" : "false");
	put_flow(out, "pods", &c->pods);
	put_flow(out, "services", &c->services);
	put_flow(out, "docker", &c->docker);
	put_flow(out, "kindNetwork", &c->kind_network);
	put_registries(out, c);
	buf_fmt(out, "manifests:%s\n", c->manifests.count ? "" : " []");
	for (size_t i = 0; i < c->manifests.count; i++) {
		BUF_LIT(out, "- ");
		yaml_text(out, c->manifests.items[i]);
		BUF_LIT(out, "\n");
	}
	if (c->no_proxy.n) {
		BUF_LIT(out, "proxy:\n");
		if (c->proxy_http.n)
			yaml_pair(out, 2, S("http"), c->proxy_http);
		if (c->proxy_https.n)
			yaml_pair(out, 2, S("https"), c->proxy_https);
		buf_fmt(out, "  noProxy: \"%.*s\"\n", STR(c->no_proxy));
	}
	buf_fmt(out, "parents:%s\n", c->parent_count ? "" : " []");
	for (size_t i = 0; i < c->parent_count; i++) {
		const struct pod_parent *p = &c->parents[i];
		BUF_LIT(out, "- name: ");
		yaml_text(out, p->name);
		buf_fmt(out, "\n  nearest: %s\n", p->nearest ? "true" : "false");
		yaml_pair(out, 2, S("dnsDomain"), p->domain);
		put_block(out, "pods", &p->pods, false);
		put_block(out, "services", &p->services, false);
		put_block(out, "nodes", &p->nodes, false);
		put_block(out, "dns", &p->dns, true);
		put_block(out, "external", &p->external, false);
	}
}

static const struct pod_config *load(struct arena *arena, struct diags *diags, struct str text)
{
	struct source *source = NEW(arena, struct source);
	*source = (struct source){.name = S("kdk.yaml"), .text = text};
	*diags = (struct diags){.arena = arena};
	return pod_config_load(arena, diags, source);
}

/* Takes the next kdk.yaml of a rendered ConfigMap off *REST, without its indent. */
static bool next_config(struct buf *out, struct str *rest)
{
	struct str line;
	while (str_line(rest, &line)) {
		if (!str_eq(line, S("  kdk.yaml: |")))
			continue;
		for (struct str left = *rest; str_line(&left, &line) && str_starts(line, S("    ")); *rest = left)
			buf_fmt(out, "%.*s\n", STR(str_from(line, 4)));
		return true;
	}
	return false;
}

static void test_rendered(void **state)
{
	(void)state;
	glob_t found;
	size_t configs = 0;
	assert_int_equal(glob("testdata/*/want.yaml", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf file = file_read(found.gl_pathv[i], 1 << 24);
		struct str rest = buf_str(&file);
		for (bool more = true; more;) {
			struct arena arena = {0};
			struct diags diags;
			struct buf want = buf_memory(), got = buf_memory();
			more = next_config(&want, &rest);
			const struct pod_config *config = more ? load(&arena, &diags, buf_str(&want)) : NULL;
			if (more && !config)
				fail_msg("%s: %.*s", found.gl_pathv[i], STR(diags.first->message));
			if (more) {
				put_config(&got, config);
				buf_char(&got, '\0');
				buf_char(&want, '\0');
				assert_string_equal(buf_str(&got).p, buf_str(&want).p);
				configs++;
			}
			buf_free(&want);
			buf_free(&got);
			arena_free(&arena);
		}
		buf_free(&file);
	}
	globfree(&found);
	assert_true(configs > 40);
}

static const char good[] = "version: 1\n"
			   "cluster: kdk-dev\n"
			   "namespace: kdk\n"
			   "secret: kdk-dev\n"
			   "apiPort: 16443\n"
			   "workers: 1\n"
			   "nodeImage: kindest/node:v1.34.4\n"
			   "dnsDomain: dev.kdk\n"
			   "ipFamily: ipv4\n"
			   "mtu: auto\n"
			   "preflight: enforce\n"
			   "onChange: keep\n"
			   "persistent: false\n"
			   "ranges:\n"
			   "  pods: [10.64.0.0/21]\n"
			   "  services: [10.64.8.0/22]\n"
			   "  docker: [10.64.12.0/24]\n"
			   "  kindNetwork: [10.64.12.0/25]\n"
			   "registries: []\n"
			   "manifests: []\n"
			   "parents: []\n";

/* GOOD with the line that begins with KEY replaced by LINE. */
static void put_changed(struct buf *out, struct str key, const char *line)
{
	struct str rest = {good, sizeof good - 1}, one;
	while (str_line(&rest, &one)) {
		if (str_starts(one, key))
			buf_fmt(out, "%s", line);
		else
			buf_fmt(out, "%.*s\n", STR(one));
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *key, *line; /* what stands there instead */
		enum rule rule;
		uint32_t at;      /* line; 0: none is known */
		const char *path; /* or this */
		const char *says; /* part of the message */
	} rows[] = {
		{"cluster", "clustre: kdk-dev\n", RULE_KEY_UNKNOWN, 1, "", "clustre"},
		{"parents", "parents: []\nextra: 1\n", RULE_KEY_UNKNOWN, 21, "", "extra"},
		{"parents", "", RULE_KEY_MISSING, 20, "", "parents"},
		{"  pods", "", RULE_KEY_MISSING, 17, "", "pods"},
		{"parents", "parents: {}\n", RULE_VALUE_INVALID, 21, "", ""},
		{"parents", "parents: [\n", RULE_YAML_SYNTAX, 21, "", ""},
		{"persistent", "persistent: flase\n", RULE_VALUE_INVALID, 13, "", "flase"},
		{"preflight", "preflight: \"on\"\n", RULE_VALUE_INVALID, 11, "", "on"},
		{"secret", "secret: \"\"\n", RULE_VALUE_INVALID, 4, "", ""},
		{"secret", "secret: *a\n", RULE_YAML_UNSUPPORTED, 4, "", ""},
		{"version", "version: 2\n", RULE_VALUE_INVALID, 0, "version", "'2' is not a number from 1 to 1"},
		{"apiPort", "apiPort: 016443\n", RULE_VALUE_INVALID, 0, "apiPort", "'016443' is not"},
		{"apiPort", "apiPort: 65536\n", RULE_VALUE_INVALID, 0, "apiPort", "'65536' is not"},
		{"workers", "workers: 0x1\n", RULE_VALUE_INVALID, 0, "workers", "'0x1' is not"},
		{"workers", "workers: 4294967296\n", RULE_VALUE_INVALID, 0, "workers", "'4294967296' is not"},
		{"mtu", "mtu: 1279\n", RULE_VALUE_INVALID, 0, "mtu", "'1279' is not a number from 1280 to 9000"},
		{"  pods", "  pods: [10.64.0.1/21]\n", RULE_VALUE_INVALID, 0, "ranges.pods[0]",
		 "'10.64.0.1/21' is not an address range"},
		{"  services", "  services: []\n", RULE_VALUE_INVALID, 0, "ranges.services",
		 "'0 IPv4 and 0 IPv6 ranges' is not one"},
		{"ipFamily", "ipFamily: dual\n", RULE_VALUE_INVALID, 0, "ranges.pods",
		 "'1 IPv4 and 0 IPv6 ranges' is not one"},
		{"parents",
		 "parents:\n- {name: host, nearest: true, dnsDomain: cluster.local, pods: [], services: "
		 "[10.96.0.0/33], nodes: [], dns: [], "
		 "external: []}\n",
		 RULE_VALUE_INVALID, 0, "parents[0].services[0]", "'10.96.0.0/33'"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		struct diags diags;
		struct buf text = buf_memory();
		put_changed(&text, str_of(rows[i].key), rows[i].line);
		const struct pod_config *config = load(&arena, &diags, buf_str(&text));
		const struct diag *d = diags.first;
		if (config || !d)
			fail_msg("%s is taken", rows[i].line);
		struct str message = d->message;
		if (d->rule != rows[i].rule || d->place.line != rows[i].at ||
		    !str_eq(d->place.path, str_of(rows[i].path)) || !strstr(message.p, rows[i].says) || d->help.n == 0)
			fail_msg("%s: %.*s at %u %.*s: %.*s", rows[i].line, STR(rule_info(d->rule)->name),
				 d->place.line, STR(d->place.path), STR(message));
		buf_free(&text);
		arena_free(&arena);
	}
}

static void test_nothing(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "# only a comment\n", "---\n"};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		struct diags diags;
		assert_null(load(&arena, &diags, str_of(rows[i])));
		assert_true(diags_failed(&diags));
		arena_free(&arena);
	}
}

/* As many parents as a vcluster in a vcluster in a large cloud has, and more. */
static void test_large(void **state)
{
	(void)state;
	enum { PARENTS = 3000 };
	struct arena arena = {0};
	struct diags diags;
	struct buf text = buf_memory();
	put_changed(&text, S("parents"), "parents:\n");
	for (int i = 0; i < PARENTS; i++)
		buf_fmt(&text,
			"- name: p%d\n  nearest: false\n  dnsDomain: cluster.local\n  pods: [10.0.0.0/8]\n  services: "
			"[]\n  nodes: []\n"
			"  dns: [10.96.0.10]\n  external: []\n",
			i);
	const struct pod_config *config = load(&arena, &diags, buf_str(&text));
	assert_non_null(config);
	assert_int_equal(config->parent_count, PARENTS);
	assert_true(str_eq(config->parents[PARENTS - 1].name, S("p2999")));
	assert_int_equal(cidr_bits(config->parents[7].dns.items[0]), 0);
	buf_free(&text);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rendered),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
