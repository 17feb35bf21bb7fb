/* The forms of text: what they take, and that the regex, which is all that the JSON Schema has,
 * refuses nothing that the whole check takes. */
#include "match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum format_id format;
	const char *good[9], *bad[12]; /* NULL-terminated */
} rows[] = {
	{FORMAT_cluster_name, {"a", "0", "testing1", "a-b"}, {"", "-a", "a-", "A", "a.b", "a_b", "a\n", "\xc3\xa4"}},
	{FORMAT_dns_name, {"a", "a.b.c", "0.kdk"}, {"", ".", "a.", ".a", "a..b", "A.b", "a.-b", "a b"}},
	{FORMAT_search_domain, {".", "a", "a.b", "a.b."}, {"", "..", ".a", "a..", "A"}},
	{FORMAT_email,
	 {"a@b", "a.b+c@d.example", "A@b.c", "o'neil@x.org"},
	 {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b.", "a@.b", "a@b_c", "a@b\n", "\"a\"@b"}},
	{FORMAT_subject, {"a", "a b", "\xc3\xa9", "{}"}, {"", "a\nb", "\x1b", "\x7f"}},
	{FORMAT_cidr,
	 {"10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/8", "fd00::/8", "::/0", "FD00::1/128", "1.2.3.4/32"},
	 {"", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/-1", "fd00::/129",
	  "::ffff:10.0.0.0/104", "fe80::%eth0/10"}},
	{FORMAT_ip,
	 {"10.0.0.1", "::", "fd00::1", "1::2:3"},
	 {"", "10.0.0.0/8", "10.0.0.256", "1.2.3", "01.2.3.4", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8:9", "g::"}},
	{FORMAT_quantity,
	 {"1", "1.5Gi", "500m", "1e3", "1E-2", ".5", "+1k", "5."},
	 {"", "-1", "1 Gi", "1gi", "Gi", "1e", "1K", "0x1", "1e+", "1,5", "."}},
	{FORMAT_resource_name, {"cpu", "hugepages-2Mi", "nvidia.com/gpu"}, {"", "gpu", "hugepages-2", "/a", "a/", "A.b/c", "cpu "}},
	{FORMAT_label_key, {"a", "A_b.c", "a.b/c", "0"}, {"", "/a", "a/", "A.b/c", "-a", "a-", "a/b/c", "a b"}},
	{FORMAT_label_value, {"", "a", "A_b.c-d", "0"}, {"-a", "a-", "a/b", "a b", "\xc3\xa9"}},
	{FORMAT_env_name, {"A", "_a", "a.b", "a-b", ".a"}, {"", "0a", "a b", "a=b", "a\n"}},
	{FORMAT_url,
	 {"http://a", "https://a.b:1/c?d#e", "http://[fd00::1]:3128", "http://u:p@h"},
	 {"", "a", "ftp://a", "http://", "http://a b", "http://a\"", "http://a\n", "HTTP://a"}},
	{FORMAT_docker_host, {"tcp://a:1", "ssh://u@h", "unix:///run/docker.sock"}, {"", "a:1", "tcp://", "fd://a", "tcp://a b"}},
	{FORMAT_no_proxy, {"a.b", ".a", "*.a", "10.0.0.0/8", "[::1]:80", "*"}, {"", "a,b", "a b", "a\"b", "a\\b", "a'", "{a}"}},
	{FORMAT_registry_host, {"a", "a.b:5000", "A"}, {"", "a/b", "a:", ":1", "a:123456", "-a", "a b"}},
	{FORMAT_image_repository,
	 {"kdk", "a/b", "a.b:5000/c/d", "a__b", "a-b"},
	 {"", "A", "a:b", "a@b", "/a", "a/", "a//b", "a___b", "a..b", "-a"}},
	{FORMAT_image_tag, {"1", "v1.2_3-4"}, {"", ".a", "-a", "a/b", "a:b", "a b"}},
	{FORMAT_pinned_image,
	 {"kindest/node:v1@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
	  "n@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"},
	 {"", "kindest/node", "kindest/node:v1", "a@sha256:a1", "a@md5:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"}},
	{FORMAT_gate, {"A", "AllAlpha"}, {"", "a-b", "0a", "a.b"}},
	{FORMAT_runtime_api, {"api/all", "apps/v1", "v1", "a.b/v1/c"}, {"", "/a", "a/", "A", "a/b/c/d"}},
	{FORMAT_port_name, {"https", "a", "8a", "0-a-9", "a1"}, {"", "443", "-a", "a-", "a--b", "A", "a_b", "0-9"}},
};

static void test_forms(void **state)
{
	(void)state;
	struct match match = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t k = 0; rows[i].good[k]; k++)
			if (!match_format(&match, rows[i].format, str_of(rows[i].good[k])))
				fail_msg("'%s' is refused, as %s", rows[i].good[k], formats[rows[i].format].name.p);
		for (size_t k = 0; rows[i].bad[k]; k++)
			if (match_format(&match, rows[i].format, str_of(rows[i].bad[k])))
				fail_msg("'%s' is taken, as %s", rows[i].bad[k], formats[rows[i].format].name.p);
	}
	match_free(&match);
}

static void test_examples(void **state)
{
	(void)state;
	struct match match = {0};
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (!match_format(&match, (enum format_id)i, formats[i].example))
			fail_msg("%s does not take its own example", formats[i].name.p);
	match_free(&match);
}

/* Every form's texts against the forms whose check reads the whole text by itself. */
static void test_regex_takes_what_the_check_takes(void **state)
{
	(void)state;
	struct match match = {0};
	for (size_t f = 0; f < FORMAT_COUNT; f++) {
		if (f != FORMAT_cidr && f != FORMAT_ip)
			continue;
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			const char *const *lists[] = {rows[i].good, rows[i].bad};
			for (size_t l = 0; l < 2; l++) {
				for (size_t k = 0; lists[l][k]; k++) {
					struct str text = str_of(lists[l][k]);
					if (formats[f].check(text) && !match_regex(&match, (enum format_id)f, text))
						fail_msg("'%s' is right, and the schema refuses it as %s", lists[l][k], formats[f].name.p);
				}
			}
		}
	}
	match_free(&match);
}

/* REGEX with nothing in its classes: there, most characters stand for themselves. */
static struct str outside_classes(struct arena *arena, const char *regex)
{
	char *out = NEW_ARRAY(arena, char, strlen(regex) + 1);
	size_t n = 0;
	bool inside = false;
	for (const char *p = regex; *p; p++) {
		if (*p == '\\') {
			if (!inside) {
				out[n++] = p[0];
				out[n++] = p[1];
			}
			p++;
			continue;
		}
		if (*p == ']')
			inside = false;
		if (!inside)
			out[n++] = *p;
		if (*p == '[')
			inside = true;
	}
	return (struct str){out, n};
}

/* What RE2 and ECMA 262 do not have or read otherwise: look-around, back references, possessive and
 * atomic groups, classes by name, anchors of the whole text. */
static void test_common_subset(void **state)
{
	(void)state;
	static const char *const foreign[] = {"(?", "++", "*+", "?+", "}+", "^", "$", "\\A", "\\z", "\\R", "\\h", "\\1", "\\2"};
	struct arena arena = {0};
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		struct str regex = outside_classes(&arena, formats[i].regex);
		for (size_t k = 0; k < sizeof foreign / sizeof foreign[0]; k++)
			if (strstr(regex.p, foreign[k]))
				fail_msg("%s has a regex with %s", formats[i].name.p, foreign[k]);
		assert_null(strstr(formats[i].regex, "[:"));
	}
	arena_free(&arena);
}

/* A length that is one too many is refused whatever the regex says, and no text takes long to refuse. */
static void test_long_texts(void **state)
{
	(void)state;
	struct match match = {0};
	char text[4096];
	static const char fill[] = "a0.-@/:_";
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		assert_true(formats[i].longest + 1 < sizeof text);
		for (const char *c = fill; *c; c++) {
			memset(text, *c, sizeof text);
			assert_false(match_format(&match, (enum format_id)i, (struct str){text, formats[i].longest + 1}));
			text[formats[i].longest - 1] = '!';
			match_format(&match, (enum format_id)i, (struct str){text, formats[i].longest});
		}
	}
	match_free(&match);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_regex_takes_what_the_check_takes),
		cmocka_unit_test(test_common_subset),
		cmocka_unit_test(test_long_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
