/* ConfigMap <release>.plan: what was decided, for the next upgrade and for people.
 *
 * plan.yaml holds network.assigned (with share: network.block) and what storage was
 * asked for; warnings holds the run's warnings, as neither Helm shows a renderer's.
 * The dot keeps the name clear of every cluster's.
 */
#ifndef KDK_RENDER_PLAN_MAP_H
#define KDK_RENDER_PLAN_MAP_H

#include "../plan/plan.h"
#include "object.h"

/* "network:" with what is remembered of PLANS, as a values file. */
void write_memory(struct buf *out, const struct plan *plans, size_t count);

/* PLANS are all COUNT plans of one release. */
void write_plan_map(const struct writer *w, const struct plan *plans, size_t count, struct str warnings);

#endif
