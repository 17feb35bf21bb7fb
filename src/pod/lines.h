/* Bytes that come in pieces → lines. A line longer than LINE_MOST is given in parts. */
#ifndef KDK_POD_LINES_H
#define KDK_POD_LINES_H

#include "../base/buf.h"

enum { LINE_MOST = 16 * 1024 };

/* LINE is without its end, LF or CRLF, and good until the function returns. */
typedef void line_function(void *context, struct str line);

struct lines {
	struct buf partial; /* buf_memory() to begin with */
	line_function *each;
	void *context;
};

void lines_feed(struct lines *lines, struct str bytes);
/* The last line may have no end; memory is given back. */
void lines_end(struct lines *lines);

#endif
