/* The layers below as the pod is told of them, the same for all clusters of a release. */
#ifndef KDK_RENDER_PARENTS_H
#define KDK_RENDER_PARENTS_H

#include "../base/buf.h"
#include "../plan/layers.h"

/* `parents:` of kdk.yaml, nearest first: name, nearest, dnsDomain, and lists of ranges, dns and external
 * among them. What the chart discovered and what a platform stands in for are there too; exceptions
 * are cut out. */
void write_parents(struct buf *out, const struct layers *layers);

/* ",10.96.0.0/12,.cluster.local": what must be reached without the proxy, for NO_PROXY. */
void write_parent_hosts(struct buf *out, const struct layers *layers);

#endif
