#include "machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

static const struct source file = {S_INIT("values.yaml"), S_INIT(""), false, false};
static const struct source generated = {S_INIT("the chart's values"), S_INIT(""), true, false};

struct texts {
	struct buf json, sarif, github;
};

static struct texts reported(const struct diags *diags, const struct source *whole)
{
	struct texts texts = {buf_memory(), buf_memory(), buf_memory()};
	report_json(&texts.json, diags, 1);
	report_sarif(&texts.sarif, diags, whole);
	report_github(&texts.github, diags);
	return texts;
}

static void texts_free(struct texts *texts)
{
	buf_free(&texts->json);
	buf_free(&texts->sarif);
	buf_free(&texts->github);
}

/* That WANT stands in TEXT. */
static void assert_holds(struct buf *text, const char *want)
{
	struct str all = buf_str(text);
	size_t n = strlen(want);
	for (size_t i = 0; i + n <= all.n; i++)
		if (memcmp(all.p + i, want, n) == 0)
			return;
	fail_msg("want:\n%s\nin:\n%.*s", want, STR(all));
}

/* One diagnostic at each kind of place, as each format says where it is. */
static void test_places(void **state)
{
	(void)state;
	static const struct source odd = {S_INIT("./a b%:,\n\x1b\xff\xc3\xa9.yaml"), S_INIT(""), false, false};
	static const struct source absolute = {S_INIT("/srv/a b.yaml"), S_INIT(""), false, false};
	static const struct source dots = {S_INIT("././../v.yaml"), S_INIT(""), false, false};
	static const struct {
		struct place place;
		const char *json, *sarif, *github;
	} rows[] = {
		{{&file, 2, 13, 12, S_INIT("a.b")},
		 "\"m\",\"file\":\"values.yaml\",\"line\":2,\"column\":13,\"width\":12,\"path\":\"a.b\",\"notes\":[]",
		 "[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"values.yaml\"},\"region\":{\"startLine\":2,"
		 "\"startColumn\":13,\"endColumn\":25}},\"logicalLocations\":[{\"fullyQualifiedName\":\"a.b\"}]}]",
		 "::error file=values.yaml,line=2,col=13,endColumn=25,title=key-unknown::m\n"},
		{{&file, 2, 13, 0, S_INIT("")},
		 "\"m\",\"file\":\"values.yaml\",\"line\":2,\"column\":13,\"width\":1,\"notes\":[]",
		 "\"region\":{\"startLine\":2,\"startColumn\":13,\"endColumn\":14}}}]",
		 "::error file=values.yaml,line=2,col=13,endColumn=14,title=key-unknown::m\n"},
		{{&file, 2, 0, 0, S_INIT("")},
		 "\"m\",\"file\":\"values.yaml\",\"line\":2,\"notes\":[]",
		 "\"uri\":\"values.yaml\"},\"region\":{\"startLine\":2}}}]",
		 "::error file=values.yaml,line=2,title=key-unknown::m\n"},
		{{&file, 0, 0, 0, S_INIT("")},
		 "\"m\",\"file\":\"values.yaml\",\"notes\":[]",
		 "\"uri\":\"values.yaml\"},\"region\":{\"startLine\":1}}}]",
		 "::error file=values.yaml,title=key-unknown::m\n"},
		{{NULL, 0, 0, 0, S_INIT("a.b")},
		 "\"m\",\"path\":\"a.b\",\"notes\":[]",
		 "\"uri\":\"values.yaml\"},\"region\":{\"startLine\":1}},\"logicalLocations\":[{\"fullyQualifiedName\":\"a.b\"}]}]",
		 "::error title=key-unknown::a.b: m\n"},
		{{&generated, 7, 7, 7, S_INIT("a.b")},
		 "\"m\",\"path\":\"a.b\",\"notes\":[]",
		 "\"uri\":\"values.yaml\"},\"region\":{\"startLine\":1}},\"logicalLocations\":[{\"fullyQualifiedName\":\"a.b\"}]}]",
		 "::error title=key-unknown::a.b: m\n"},
		{{NULL, 0, 0, 0, S_INIT("")},
		 "\"m\",\"notes\":[]",
		 "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"values.yaml\"},\"region\":{\"startLine\":1}}}]",
		 "::error title=key-unknown::m\n"},
		{{&odd, 1, 1, 1, S_INIT("")},
		 "\"file\":\"./a b%:,\\\\n\\\\x1b\\\\xff\xc3\xa9.yaml\",\"line\":1",
		 "\"uri\":\"a%20b%25%3A%2C%0A%1B%FF%C3%A9.yaml\"",
		 "::error file=a b%25%3A%2C\\n\\x1b\\xff\xc3\xa9.yaml,line=1,"},
		{{&absolute, 1, 1, 1, S_INIT("")},
		 "\"file\":\"/srv/a b.yaml\"", "\"uri\":\"file:///srv/a%20b.yaml\"", "::error file=/srv/a b.yaml,line=1,"},
		{{&dots, 1, 1, 1, S_INIT("")},
		 "\"file\":\"././../v.yaml\"", "\"uri\":\"../v.yaml\"", "::error file=../v.yaml,line=1,"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = {0};
		struct diags diags = {.arena = &arena};
		diag_add(&diags, RULE_KEY_UNKNOWN, rows[i].place, "m");
		struct texts texts = reported(&diags, &file);
		assert_holds(&texts.json, rows[i].json);
		assert_holds(&texts.sarif, rows[i].sarif);
		assert_holds(&texts.github, rows[i].github);
		texts_free(&texts);
		arena_free(&arena);
	}
}

/* Message, notes and help; nothing of them ends the text that it stands in, or tells a secret. */
static void test_texts(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct diag *d = diag_add(&diags, RULE_RANGE_OVERLAPS_PARENT, (struct place){&file, 1, 1, 1, S("")},
				  "a\"b\\c\r\n::error::100%% \x1b[31m http://me:secret@h/ \xff");
	diag_related(&diags, d, (struct place){&file, 3, 4, 5, S("p")}, "other\n%s", "%0A");
	diag_related(&diags, d, (struct place){.path = S("q")}, "without a line");
	diag_note(&diags, d, "then");
	diag_help(&diags, d, "do: this, that");
	struct texts texts = reported(&diags, &file);
	assert_holds(&texts.json,
		     "\"message\":\"a\\\"b\\\\c\\\\x0d\\\\n::error::100% \\\\x1b[31m http://*********@h/ \\\\xff\",");
	assert_holds(&texts.json, "\"notes\":[{\"text\":\"other\\\\n%0A\",\"file\":\"values.yaml\",\"line\":3,\"column\":4,"
				  "\"width\":5,\"path\":\"p\"},{\"text\":\"without a line\",\"path\":\"q\"},{\"text\":\"then\"}],"
				  "\"help\":\"do: this, that\",\"fingerprint\":\"");
	assert_holds(&texts.sarif, "\"message\":{\"text\":\"a\\\"b\\\\c\\\\x0d\\\\n::error::100% \\\\x1b[31m "
				   "http://*********@h/ \\\\xff\\nnote: other\\\\n%0A\\nnote: without a line\\nnote: then\\n"
				   "help: do: this, that\"}");
	assert_holds(&texts.sarif, "\"relatedLocations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"values.yaml\"},"
				   "\"region\":{\"startLine\":3,\"startColumn\":4,\"endColumn\":9}},"
				   "\"logicalLocations\":[{\"fullyQualifiedName\":\"p\"}],\"message\":{\"text\":\"other\\\\n%0A\"}}],");
	assert_holds(&texts.github, "title=range-overlaps-parent::a\"b\\c\\x0d\\n::error::100%25 \\x1b[31m http://*********@h/ "
				    "\\xff%0Anote: other\\n%250A: values.yaml:3:4%0Anote: without a line%0Anote: then%0A"
				    "help: do: this, that\n");
	texts_free(&texts);
	arena_free(&arena);
}

/* The fingerprint of one diagnostic; 16 characters, in the arena. */
static struct str fingerprint(struct arena *arena, enum rule rule, struct place place, const char *message)
{
	struct diags diags = {.arena = arena};
	struct buf out = buf_memory();
	diag_add(&diags, rule, place, "%s", message);
	report_json(&out, &diags, 0);
	static const char key[] = "\"fingerprint\":\"";
	const char *at = strstr(arena_str(arena, buf_str(&out)).p, key);
	assert_non_null(at);
	buf_free(&out);
	return arena_str(arena, (struct str){at + sizeof key - 1, 16});
}

static void test_fingerprints(void **state)
{
	(void)state;
	static const struct source other = {S_INIT("other.yaml"), S_INIT(""), false, false};
	struct arena arena = {0};
	struct str first = fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){&file, 1, 2, 3, S("a")}, "http://u:one@h");
	struct str same[] = {
		fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){&file, 9, 9, 9, S("a")}, "http://u:one@h"),
		fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){&file, 1, 2, 3, S("a")}, "http://u:two@h"), /* secret */
	};
	struct str different[] = {
		fingerprint(&arena, RULE_KEY_INVALID, (struct place){&file, 1, 2, 3, S("a")}, "http://u:one@h"),
		fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){&other, 1, 2, 3, S("a")}, "http://u:one@h"),
		fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){NULL, 1, 2, 3, S("a")}, "http://u:one@h"),
		fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){&file, 1, 2, 3, S("b")}, "http://u:one@h"),
		fingerprint(&arena, RULE_KEY_UNKNOWN, (struct place){&file, 1, 2, 3, S("a")}, "http://u:one@i"),
	};
	for (size_t i = 0; i < LENGTH(same); i++)
		assert_true(str_eq(first, same[i]));
	for (size_t i = 0; i < LENGTH(different); i++)
		assert_false(str_eq(first, different[i]));
	arena_free(&arena);
}

static void test_more(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	for (size_t i = 0; i < DIAG_MOST + 3; i++)
		diag_add(&diags, RULE_FILE_EMPTY, (struct place){0}, "m");
	for (size_t i = 0; i < DIAG_MOST; i++)
		diag_add(&diags, RULE_CLUSTER_NULL, (struct place){0}, "m");
	struct texts texts = reported(&diags, NULL);
	assert_holds(&texts.json, "{\"version\":1,\"clusters\":1,\"errors\":23,\"warnings\":20,\"diagnostics\":[");
	assert_holds(&texts.json, "],\"omitted\":{\"file-empty\":3}}\n");
	assert_holds(&texts.sarif, "\"toolExecutionNotifications\":[{\"level\":\"note\",\"associatedRule\":{\"id\":\"file-empty\","
				   "\"index\":0},\"message\":{\"text\":\"and 3 more [file-empty]\"}}]}]");
	assert_holds(&texts.sarif, "\"locations\":[],\"partialFingerprints\":"); /* no file is known */
	assert_holds(&texts.sarif, "\"ruleId\":\"cluster-null\",\"ruleIndex\":1,"); /* of two that are listed */
	assert_holds(&texts.github, "\n::notice title=file-empty::and 3 more\n");
	texts_free(&texts);
	arena_free(&arena);
}

static void test_nothing(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct texts texts = reported(&diags, &file);
	assert_true(str_eq(buf_str(&texts.json),
			   S("{\"version\":1,\"clusters\":1,\"errors\":0,\"warnings\":0,\"diagnostics\":[],\"omitted\":{}}\n")));
	assert_holds(&texts.sarif, "\"results\":[]}]}\n");
	assert_int_equal(texts.github.n, 0);
	texts_free(&texts);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places), cmocka_unit_test(test_texts),   cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_more),   cmocka_unit_test(test_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
