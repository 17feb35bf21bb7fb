#include "documents.h"

#include "../base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(rows) (sizeof(rows) / sizeof *(rows))

/* Documents as "<lines before>:<text>|". */
static void test_rows(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""},
		{"\n# only this\n---\n...\n", ""},
		{"\n---\n# a\n", ""},
		{"a: 1\n", "0:a: 1\n|"},
		{"a: 1", "0:a: 1|"},
		{"a: 1\n---\nb: 1\n", "0:a: 1\n|1:---\nb: 1\n|"},
		{"a: 1\r\n---\r\nb: 1\r\n", "0:a: 1\r\n|1:---\r\nb: 1\r\n|"},
		{"# a\n---\n---\na: 1\n---", "2:---\na: 1\n|"},
		{"%YAML 1.1\n---\na: 1\n", "1:---\na: 1\n|"},
		{"--- {a: 1}\n--- 2\n", "0:--- {a: 1}\n|1:--- 2\n|"},
		{"a: |\n  ---\n  apiVersion: v1\n---a: 1\n", "0:a: |\n  ---\n  apiVersion: v1\n---a: 1\n|"},
		/* what has no mark between */
		{"apiVersion: v1\nkind: A\napiVersion: v1\n", "0:apiVersion: v1\nkind: A\n|2:apiVersion: v1\n|"},
		{"kind: A\napiVersion: v1\n", "0:kind: A\napiVersion: v1\n|"},
		{"{\n \"a\": 1\n}\n{\n}\n", "0:{\n \"a\": 1\n}\n|3:{\n}\n|"},
		{"{}\n{}\n\n{}", "0:{}\n|1:{}\n\n|3:{}|"},
		{"{\"a\": [\n{\n},\n{\n}\n]}\n", "0:{\"a\": [\n{\n},\n{\n}\n]}\n|"},
		{"{}\napiVersion: v1\n{}\n", "0:{}\n|1:apiVersion: v1\n|2:{}\n|"},
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct documents documents = {str_of(rows[i].text), 0};
		struct buf got = buf_memory();
		for (struct document document; documents_next(&documents, &document);)
			buf_fmt(&got, "%u:%.*s|", document.lines, STR(document.text));
		if (!str_eq(buf_str(&got), str_of(rows[i].want)))
			fail_msg("row %zu: got '%.*s', want '%s'", i, STR(buf_str(&got)), rows[i].want);
		buf_free(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
