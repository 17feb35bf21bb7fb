/* Helm's post-render stream: where the chart's carriers are in it.
 *
 * A carrier is a document with apiVersion kdk-render/v1 and kind ClusterSet; the chart
 * puts the values and the release's facts in it. Everything outside carriers is left as it
 * is, to the byte, and not even parsed.
 */
#ifndef KDK_POST_POST_H
#define KDK_POST_POST_H

#include "../base/buf.h"
#include "../config/tree.h"

struct carrier {
	size_t start, end;      /* its bytes in the stream, from its "---" line to the next one or the end */
	struct str source_line; /* Helm 3's "# Source: ..." line without its end, or empty */
	struct str filename;    /* Helm 4's annotation that says which file it came from, or empty */
	struct str release, namespace, service, chart;
	struct str plan;                 /* the text of the release's last plan, or empty */
	const struct node *discovered;   /* the host's ranges as the chart found them, or NULL */
	const struct node *values;       /* or NULL */
};

struct stream {
	struct str text;
	struct carrier *carriers; /* in the order of the stream */
	size_t count;
	bool helm4;
};

/* Whether Helm 4 asks, by text alone: it writes the file's name into every document, and not the comment
 * above them that Helm 3 does. Helm 3 takes a failure with exit status 0 for manifests. */
bool post_is_helm4(struct str text);

/* TEXT must outlive the stream. A carrier that is broken or of another version is a
 * diagnostic, never passed on. Time is linear in TEXT. */
struct stream post_find(struct arena *arena, struct diags *diags, struct sources *sources, struct str text);

/* TEXT as one scalar document, which Helm 4 shows as its error. */
void post_failure(struct buf *out, struct str text);

#endif
