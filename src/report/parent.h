/* What was found of a host cluster as an entry of `parents`, to paste into a values file. */
#ifndef KDK_REPORT_PARENT_H
#define KDK_REPORT_PARENT_H

#include "../base/buf.h"
#include "../plan/found.h"

/* YAML. Comments say of each range whether it is exact and who said it; of what is missing, that it is
 * (a key without anything found is left out: not known, which is not "none"), and the command that
 * would tell. */
void write_parent(struct buf *out, struct str name, const struct facts *facts, const struct found *found);

#endif
