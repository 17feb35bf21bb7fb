/* Decisions → manifests, as a stream.
 *
 * render_check() and those beside it find what is wrong with the objects before a byte is
 * written; render_write() then writes them kind by kind, in Helm's InstallOrder, clusters
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
	uint8_t *plain;                   /* set by render_check: by cluster, which of its texts need no quotes */
	struct str parents, parent_hosts; /* set by render_check, as render/parents.h writes them */
	struct str warnings;              /* for <release>.plan; may be empty */
	bool standalone;                  /* extraObjects are ours to write; and <release>.plan may be left out */
	bool without_plan;                /* set by render_check_plan: it did not fit into a ConfigMap */
};

/* Diagnostics on objects that are too large; gives about how many bytes all will have. */
size_t render_check(struct check *check, struct rendering *rendering);
/* On a release of that many BYTES, which Helm must store. */
void render_check_release(struct check *check, size_t bytes, size_t clusters);
/* On <release>.plan, once all other warnings are known that it keeps. */
void render_check_plan(struct check *check, struct rendering *rendering);
void render_write(const struct rendering *rendering, struct buf *out);

/* A Namespace that admits privileged pods (Pod Security Admission). */
void render_namespace(struct buf *out, struct str name);

#endif
