/* Bytes that come in pieces → lines. */
#include "lines.h"

static void give(struct lines *lines, struct str line)
{
	if (str_ends(line, S("\r")))
		line.n--;
	lines->each(lines->context, line);
}

void lines_feed(struct lines *lines, struct str bytes)
{
	while (bytes.n) {
		size_t end = str_find(bytes, '\n');
		size_t room = LINE_MOST - lines->partial.n;
		size_t take = end < room ? end : room < bytes.n ? room : bytes.n;
		buf_add(&lines->partial, str_to(bytes, take));
		bool whole = take == end && end < bytes.n;
		bytes = str_from(bytes, take + whole);
		if (whole || lines->partial.n == LINE_MOST) {
			give(lines, buf_str(&lines->partial));
			lines->partial.n = 0;
		}
	}
}

void lines_end(struct lines *lines)
{
	if (lines->partial.n)
		give(lines, buf_str(&lines->partial));
	buf_free(&lines->partial);
}
