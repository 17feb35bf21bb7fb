/* The values file in C: one struct per object of values.def, and what a run makes of it.
 *
 * BOOL is bool, INT int64_t, TEXT struct str (empty: not given). NODE is what was
 * written, already checked, or NULL: Kubernetes fragments are copied from it, and
 * ranges keep their place for the plan's messages.
 */
#ifndef KDK_CONFIG_VALUES_H
#define KDK_CONFIG_VALUES_H

#include "tree.h"

#define C_BOOL bool
#define C_INT int64_t
#define C_TEXT struct str
#define C_NODE const struct node *

#define OBJECT(name, check, doc) struct name {
#define INCLUDE(name, other)
#define FIELD(object, c, key, type, builtin, doc) C_##c key;
#define NEED(object, c, key, type, doc) C_##c key;
#define NEST(object, key, other, doc) struct other key;
#define END(name) };
#include "values.def"

#undef C_BOOL
#undef C_INT
#undef C_TEXT
#undef C_NODE

#endif
