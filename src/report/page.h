/* What a rule means, why it is one and what to do: docs/rules/<rule>.md, built in. */
#ifndef KDK_REPORT_PAGE_H
#define KDK_REPORT_PAGE_H

#include "../base/buf.h"
#include "../base/diag.h"

void page_write(struct buf *out, enum rule rule);

/* The rule of that name; false where there is none. */
bool page_find(struct str name, enum rule *rule);
/* The rule whose name is most like it; false where none is. */
bool page_guess(struct str name, enum rule *rule);

#endif
