/* values.def for people to read. */
#ifndef KDK_CONFIG_REFERENCE_H
#define KDK_CONFIG_REFERENCE_H

#include "../base/buf.h"

/* docs/values.md: what the file is, then a table of keys for each map. */
void reference_markdown(struct buf *out);

/* chart/values.yaml: every key of the file and of a cluster's settings, with its comment. What the
 * chart gives is given for good (--reuse-values keeps it), so that all but a few stand as comments:
 * without the "# " before it, but not before "-- ", each is as built in. */
void reference_values(struct buf *out);

#endif
