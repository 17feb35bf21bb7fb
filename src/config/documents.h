/* One text of several documents → each alone, as tree.c takes them.
 *
 * A document ends before "---" at the beginning of a line. What kubectl printed twice into one file
 * has no such line between, but plainly begins anew: at "apiVersion:" where a line has begun so before,
 * or where JSON is at its end. Nothing inside of a document can look like that.
 */
#ifndef KDK_CONFIG_DOCUMENTS_H
#define KDK_CONFIG_DOCUMENTS_H

#include "../base/str.h"

struct documents {
	struct str rest;
	uint32_t lines; /* before REST */
};

struct document {
	struct str text;
	uint32_t lines; /* of the whole text before it */
};

/* Takes the next one that is more than blanks, comments and directives off *DOCUMENTS; false at the end. */
bool documents_next(struct documents *documents, struct document *document);

#endif
