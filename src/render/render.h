/* Decisions → manifests, as a stream.
 *
 * render_check() and render_check_plan() find what is wrong with the objects before a byte
 * is written; render_write() then writes them kind by kind, in Helm's InstallOrder, clusters
 * by name. Output depends on the plan alone: the same values give the same bytes.
 */
#ifndef KDK_RENDER_RENDER_H
#define KDK_RENDER_RENDER_H

#include "../plan/plan.h"
#include "object.h"

struct rendering {
	const struct plan *plan;
	const struct plan *release_plans; /* those of the same release, for <release>.plan; NULL: another one writes it */
	size_t release_count;
	struct str source_line, filename; /* where Helm is told that the objects come from; see object.h */
	struct str warnings;              /* for <release>.plan; may be empty */
	bool standalone;                  /* extraObjects are ours to write; and <release>.plan may be left out */
	bool without_plan;                /* set by render_check_plan: it did not fit into a ConfigMap */
};

/* Diagnostics on objects and releases that are too large; then, as those are among the warnings that
 * <release>.plan keeps, on that. */
void render_check(struct check *check, const struct rendering *rendering);
void render_check_plan(struct check *check, struct rendering *rendering);
void render_write(const struct rendering *rendering, struct buf *out);

/* A Namespace that admits privileged pods (Pod Security Admission). */
void render_namespace(struct buf *out, struct str name);

#endif
