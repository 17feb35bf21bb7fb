/* The small parts of kdk-pod that take texts and give texts. */
#include "certificate.h"
#include "cgroup.h"
#include "daemon_json.h"
#include "image.h"
#include "kubeconfig.h"
#include "publish.h"
#include "registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_text(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("got:  %.*s\nwant: %s", STR(got), want);
}

static bool has(struct str text, const char *part)
{
	struct str wanted = str_of(part);
	for (size_t i = 0; i + wanted.n <= text.n; i++) {
		if (memcmp(text.p + i, wanted.p, wanted.n) == 0)
			return true;
	}
	return false;
}

static void daemon_json_is_completed(void **state)
{
	(void)state;
	static const struct pod_config plain, proxy = {.proxy_http = S_INIT("http://u:p@proxy:3128"), .no_proxy = S_INIT(".svc")};
	static const struct {
		const char *rendered;
		const struct pod_config *config;
		struct daemon_facts facts;
		const char *want;
	} rows[] = {
		{"{\"a\": 1}", &plain, {28, 0}, "{\"a\": 1}\n"},
		{"{\"a\": 1}", &plain, {28, 1450}, "{\n  \"mtu\": 1450,\"a\": 1}\n"},
		{"{\"mtu\": 1400}", &plain, {28, 1450}, "{\"mtu\": 1400}\n"},
		{"{\"a\": 1}", &plain, {29, 0}, "{\n  \"firewall-backend\": \"iptables\",\"a\": 1}\n"},
		{"{\"a\": 1}", &proxy, {28, 0}, "{\n  \"proxies\": {\"http-proxy\": \"http://u:p@proxy:3128\", \"no-proxy\": \".svc\"},\"a\": 1}\n"},
		{"[]", &plain, {28, 0}, ""},
		{"{}", &plain, {28, 0}, ""},
		{"{\"a\": ", &plain, {28, 0}, ""},
		{"a: 1", &plain, {28, 0}, ""},
	};
	struct arena arena = {0};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_text(daemon_json(&arena, str_of(rows[i].rendered), rows[i].config, rows[i].facts), rows[i].want);
	assert_int_equal(daemon_major(S("Docker version 26.1.5+dfsg1, build a72d7cd")), 26);
	assert_int_equal(daemon_major(S("Docker version dev")), 0);
	arena_free(&arena);
}

static void images_lose_their_digest(void **state)
{
	(void)state;
	assert_text(image_without_digest(S("a:5000/b:v1@sha256:00")), "a:5000/b:v1");
	assert_text(image_without_digest(S("a:5000/b:v1")), "a:5000/b:v1");
	assert_true(image_was_loaded(S("Loaded image: x:1\nLoaded image: b:v1\n"), S("b:v1")));
	assert_false(image_was_loaded(S("Loaded image: b:v10\n"), S("b:v1")));
	assert_false(image_was_loaded(S("Loaded image ID: sha256:00\n"), S("b:v1")));
}

static void a_kubeconfig_is_for_port_forward(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct kubeconfig out;
	struct str kind = S("clusters:\n- name: kind-a\n  cluster: {server: 'https://0.0.0.0:17000', certificate-authority-data: Y2E=}\n"
			    "users:\n- name: kind-a\n  user: {client-certificate-data: Yw==, client-key-data: aw==}\n");
	assert_true(kubeconfig_of(&arena, kind, S("r-a"), &out));
	assert_int_equal(out.port, 17000);
	assert_text(out.text, "apiVersion: v1\nkind: Config\nclusters:\n- name: r-a\n  cluster:\n    server: https://127.0.0.1:17000\n"
			      "    certificate-authority-data: Y2E=\nusers:\n- name: r-a\n  user:\n    client-certificate-data: Yw==\n"
			      "    client-key-data: aw==\ncontexts:\n- name: r-a\n  context:\n    cluster: r-a\n    user: r-a\ncurrent-context: r-a\n");
	assert_false(kubeconfig_of(&arena, S("error: no such cluster"), S("r-a"), &out));
	assert_false(kubeconfig_of(&arena, S(""), S("r-a"), &out));
	arena_free(&arena);
}

/* Some that end before 2050, and one that ends after it, which is written otherwise; and no part of one is another. */
static void a_certificate_has_an_end(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		int64_t end;
	} rows[] = {{"testdata/pod/certificates/2025", 1735689600}, {"testdata/pod/certificates/2027", 1827088080}, {"testdata/pod/certificates/2054", 2659552081}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena arena = {0};
		struct str data;
		assert_true(file_get(&arena, rows[i].file, &data));
		if (certificate_end(&arena, data) != rows[i].end)
			fail_msg("%s: %lld", rows[i].file, (long long)certificate_end(&arena, data));
		for (size_t n = 0; n < data.n; n++) {
			struct str part = arena_str(&arena, str_to(data, n));
			int64_t end = certificate_end(&arena, part);
			assert_true(end == 0 || end == rows[i].end);
		}
		assert_true(certificate_end(&arena, S("Y2VydA==")) == 0 && certificate_end(&arena, S("")) == 0);
		arena_free(&arena);
	}
}

static void troubles_name_what_is_missing(void **state)
{
	(void)state;
	static const struct pod_config config = {.cluster = S_INIT("r-a"), .namespace = S_INIT("ns"), .secret = S_INIT("r-a")};
	static const struct {
		const char *said, *part;
	} rows[] = {
		{"Error from server (Forbidden): secrets \"r-a\" is forbidden", "Role and RoleBinding r-a-publish are missing"},
		{"Error from server (NotFound): secrets \"r-a\" not found", "Secret ns/r-a does not exist (404)"},
		{"error: You must be logged in to the server (Unauthorized)", "ServiceAccount ns/r-a was made anew"},
		{"dial tcp 10.96.0.1:443: i/o timeout", "dial tcp 10.96.0.1:443: i/o timeout"},
	};
	struct arena arena = {0};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!has(publish_trouble(&arena, &config, str_of(rows[i].said)), rows[i].part))
			fail_msg("%s", rows[i].said);
	}
	arena_free(&arena);
}

static void registries_are_as_containerd_reads_them(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct str mirrors[] = {S("https://mirror.example.org")};
	const struct pod_registry docker = {.host = S("docker.io"), .mirrors = {mirrors, 1}, .ca = S("/x")};
	assert_text(registry_hosts(&arena, &docker),
		    "server = \"https://registry-1.docker.io\"\n\n[host.\"https://mirror.example.org\"]\n  capabilities = [\"pull\", \"resolve\"]\n"
		    "  ca = \"/etc/containerd/certs.d/docker.io/ca.crt\"\n\n[host.\"https://registry-1.docker.io\"]\n"
		    "  capabilities = [\"pull\", \"resolve\"]\n  ca = \"/etc/containerd/certs.d/docker.io/ca.crt\"\n");
	const struct pod_registry insecure = {.host = S("r:5000"), .insecure = true};
	assert_text(registry_hosts(&arena, &insecure),
		    "server = \"http://r:5000\"\n\n[host.\"http://r:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n  skip_verify = true\n");
	struct str files[] = {S("{\"auths\": {\"a\": {\"auth\": \"eA==\"}}}"), S("{\"auths\": {\"b\": {\"username\": \"u\", \"password\": \"p\\\"q\"}}}"), S("[]")};
	struct str out;
	size_t bad = 0;
	assert_true(registry_auths(&arena, files, 2, &out, &bad));
	assert_text(out, "{\"auths\":{\"a\":{\"auth\":\"eA==\"},\"b\":{\"username\":\"u\",\"password\":\"p\\\"q\"}}}\n");
	assert_false(registry_auths(&arena, files, 3, &out, &bad));
	assert_int_equal(bad, 2);
	arena_free(&arena);
}

static void a_cgroup_is_handed_down(void **state)
{
	(void)state;
	/* Files that stand for a cgroup: what is written to each is what the kernel would be asked. */
	struct arena arena = {0};
	char directory[] = "/tmp/kdk-cgroup-XXXXXX";
	assert_non_null(mkdtemp(directory));
	const char *names[] = {"cgroup.procs", "cgroup.controllers", "cgroup.subtree_control", "init/cgroup.procs", "memory.oom.group"};
	struct str texts[] = {S("17\n"), S("cpu memory pids\n"), S(""), S(""), S("1")}, got = {0}, why = {0};
	mkdir(path_in(&arena, directory, "init"), 0755);
	for (size_t i = 0; i < 5; i++)
		assert_true(file_put(path_in(&arena, directory, names[i]), texts[i], false));
	assert_true(cgroup_delegate(&arena, directory, &why));
	assert_true(file_get(&arena, path_in(&arena, directory, names[2]), &got));
	assert_text(got, "+cpu +memory +pids");
	assert_true(file_get(&arena, path_in(&arena, directory, names[3]), &got));
	assert_text(got, "17");
	assert_true(cgroup_kill_singly(&arena, directory, &why));
	assert_true(file_get(&arena, path_in(&arena, directory, names[4]), &got));
	assert_text(got, "0");
	unlink(path_in(&arena, directory, names[4]));
	assert_true(cgroup_kill_singly(&arena, directory, &why));
	unlink(path_in(&arena, directory, names[2]));
	assert_false(cgroup_delegate(&arena, directory, &why));
	assert_true(has(why, "cgroup.subtree_control: No such file or directory"));
	for (size_t i = 0; i < 5; i++)
		unlink(path_in(&arena, directory, names[i]));
	rmdir(path_in(&arena, directory, "init"));
	rmdir(directory);
	arena_free(&arena);
}

static void limits_are_numbers(void **state)
{
	(void)state;
	const char *wrong;
	assert_int_equal(limits_read(&wrong).create, 600);
	assert_null(wrong);
	setenv("KDK_CREATE_TIMEOUT", "7", 1);
	assert_int_equal(limits_read(&wrong).create, 7);
	static const char *const bad[] = {"0", "-1", "7s", "99999999"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		setenv("KDK_CREATE_TIMEOUT", bad[i], 1);
		limits_read(&wrong);
		assert_string_equal(wrong, "KDK_CREATE_TIMEOUT");
	}
	unsetenv("KDK_CREATE_TIMEOUT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(daemon_json_is_completed),
		cmocka_unit_test(images_lose_their_digest),
		cmocka_unit_test(a_kubeconfig_is_for_port_forward),
		cmocka_unit_test(a_certificate_has_an_end),
		cmocka_unit_test(troubles_name_what_is_missing),
		cmocka_unit_test(registries_are_as_containerd_reads_them),
		cmocka_unit_test(a_cgroup_is_handed_down),
		cmocka_unit_test(limits_are_numbers),
	};
	return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
