/* The table of known failures against real lines and near misses of testdata/known, and what a hint says. */
#include "filter.h"

#include "../base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

static const char *const kinds[] = {
#define KNOWN(kind, regex, cause, remedy) kind,
#include "known.def"
};

static void test_samples(void **state)
{
	(void)state;
	struct filter *filter = filter_start(NULL);
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct arena arena = {0};
		struct buf file = file_read(arena_fmt(&arena, "testdata/known/%s", kinds[i]).p, 1 << 20);
		struct str rest = buf_str(&file), line;
		size_t good = 0, misses = 0;
		while (str_line(&rest, &line)) {
			bool wanted = str_starts(line, S("+ "));
			struct filtered got = filter_line(filter, str_from(line, 2), 0);
			if (str_eq(got.kind, str_of(kinds[i])) != wanted)
				fail_msg("%s: taken for '%.*s': %.*s", kinds[i], STR(got.kind), STR(line));
			wanted ? good++ : misses++;
		}
		if (!good || !misses)
			fail_msg("%s has no sample, or no near miss", kinds[i]);
		buf_free(&file);
		arena_free(&arena);
	}
	filter_end(filter);
}

static const struct pod_config *config(struct arena *arena)
{
	static struct cidr pods, services, docker;
	struct pod_config *c = NEW(arena, struct pod_config);
	cidr_parse(S("10.64.0.0/21"), &pods);
	cidr_parse(S("10.96.0.0/16"), &services);
	cidr_parse(S("172.18.0.0/16"), &docker);
	c->pods = (struct cidr_list){&pods, 1};
	c->services = (struct cidr_list){&services, 1};
	c->docker = (struct cidr_list){&docker, 1};
	return c;
}

/* The server that a line names lies in a range of this cluster: then that is the cause, and is said. */
static void test_ranges_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"level=error msg=\"[resolver] failed to query external DNS server\" dns-server=\"udp:10.96.0.10:53\" "
		 "error=\"write udp "
		 "172.18.0.2:1->10.96.0.10:53: write: operation not permitted\"",
		 "10.96.0.10 lies inside services 10.96.0.0/16 of this cluster"},
		{"level=error msg=\"[resolver] failed to query external DNS server\" dns-server=\"udp:172.18.3.4:53\" "
		 "error=\"i/o timeout\"",
		 "172.18.3.4 lies inside docker 172.18.0.0/16 of this cluster"},
		{"dial tcp: lookup a.example.org on 10.64.1.2:53: i/o timeout",
		 "10.64.1.2 lies inside pods 10.64.0.0/21 of this cluster"},
		{"Get \"https://r.example.org/v2/\": dial tcp 10.96.7.7:443: i/o timeout",
		 "10.96.7.7 lies inside services 10.96.0.0/16"},
		{"level=error msg=\"[resolver] failed to query external DNS server\" dns-server=\"udp:10.43.0.10:53\" "
		 "error=\"read udp "
		 "172.18.0.2:1->10.43.0.10:53: i/o timeout\"",
		 "the parent's DNS server does not answer"},
		{"Error starting userland proxy: listen tcp4 10.96.0.10:16443: bind: address already in use",
		 "a port is in use"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		struct filter *filter = filter_start(config(&arena));
		struct filtered got = filter_line(filter, str_of(rows[i].line), 0);
		struct str hint = arena_fmt(&arena, "%.*s", STR(got.hint));
		if (!strstr(hint.p, rows[i].says) || !strstr(hint.p, "; "))
			fail_msg("%s: %s", rows[i].line, hint.p);
		filter_end(filter);
		arena_free(&arena);
	}
}

static void test_once_a_minute(void **state)
{
	(void)state;
	struct filter *filter = filter_start(NULL);
	struct str space = S("write /x: no space left on device"), port = S("bind: address already in use");
	assert_true(filter_line(filter, space, 1000).hint.n > 0);
	assert_true(filter_line(filter, space, 1059).hint.n == 0);
	assert_true(filter_line(filter, space, 1059).kind.n > 0);
	assert_true(filter_line(filter, port, 1059).hint.n > 0); /* another kind */
	assert_true(filter_line(filter, space, 1060).hint.n > 0);
	assert_true(filter_line(filter, S("all is well"), 1060).kind.n == 0);
	assert_true(filter_line(filter, S(""), 1060).kind.n == 0);
	filter_end(filter);
}

static void test_secrets(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"GET /v2/ Authorization: Bearer abc.def-ghi", "GET /v2/ Authorization: Bearer ***"},
		{"authorization=[Basic dXNlcjpwYXNz]", "authorization=[Basic ***]"},
		{"level=info token=s3cr3t user=x", "level=info token=*** user=x"},
		{"{\"password\": \"hunter2\", \"a\": 1}", "{\"password\": \"***\", \"a\": 1}"},
		{"    client-key-data: LS0tLS1CRUdJTiBS", "    client-key-data: ***"},
		{"proxyconnect http://user:pass@proxy:3128 and http://a:b@c/",
		 "proxyconnect http://***@proxy:3128 and http://***@c/"},
		{"kubeadm join 172.18.0.2:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash "
		 "sha256:12",
		 "kubeadm join 172.18.0.2:6443 --token *** --discovery-token-ca-cert-hash sha256:12"},
		{"[bootstrap-token] Using token: abcdef.0123456789abcdef", "[bootstrap-token] Using token: ***"},
		{"token abcdef.0123456789abcdef", "token ***"},
		{"x eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2ln y", "x *** y"},
		{"MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI", "***"},
		{"--certificate-key 0123456789abcdef0123", "--certificate-key ***"},
		/* what must stay readable */
		{"secrets \"kdk-dev\" is forbidden: User cannot get resource",
		 "secrets \"kdk-dev\" is forbidden: User cannot get resource"},
		{"sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
		 "sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"},
		{"write udp 172.18.0.2:1->10.96.0.10:53: write", "write udp 172.18.0.2:1->10.96.0.10:53: write"},
		{"https://registry-1.docker.io/v2/a@b", "https://registry-1.docker.io/v2/a@b"},
	};
	struct filter *filter = filter_start(NULL);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct str got = filter_line(filter, str_of(rows[i][0]), 0).line;
		if (!str_eq(got, str_of(rows[i][1])))
			fail_msg("%s -> %.*s", rows[i][0], STR(got));
	}
	filter_end(filter);
}

/* What scripts read with grep -E: the table as C has it, to the byte. */
static void test_generated(void **state)
{
	(void)state;
	struct buf file = file_read("scripts/known-messages", 1 << 20);
	struct str rest = buf_str(&file), line;
	static const char *const rows[][4] = {
#define KNOWN(kind, regex, cause, remedy) {kind, regex, cause, remedy},
#include "known.def"
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		while (str_line(&rest, &line) && str_starts(line, S("#")))
			continue;
		assert_true(str_eq(line, arena_fmt(&arena, "%s\t%s\t%s", rows[i][1], rows[i][2], rows[i][3])));
		arena_free(&arena);
	}
	assert_false(str_line(&rest, &line));
	buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),       cmocka_unit_test(test_ranges_are_named),
		cmocka_unit_test(test_once_a_minute), cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_generated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
