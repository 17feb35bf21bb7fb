/* The floor: libyaml's events of a file, looked at by nobody.
 *
 *     scan FILE
 *
 * Reads FILE whole, as kdk-render does, and lets libyaml go through it. Prints nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

static int fail(const char *what)
{
	fprintf(stderr, "scan: %s\n", what);
	return 1;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (!file || fseek(file, 0, SEEK_END) != 0)
		return fail("one file is wanted");
	long size = ftell(file);
	rewind(file);
	unsigned char *text = size > 0 ? malloc((size_t)size) : NULL;
	if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
		return fail("cannot read it");
	fclose(file);

	yaml_parser_t parser;
	yaml_event_t event;
	if (!yaml_parser_initialize(&parser))
		return fail("out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text, (size_t)size);
	for (int more = 1; more;) {
		if (!yaml_parser_parse(&parser, &event))
			return fail("not YAML");
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	free(text);
	return 0;
}
