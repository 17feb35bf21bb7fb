/* What all objects have in common: the document's start and its metadata. */
#ifndef KDK_RENDER_OBJECT_H
#define KDK_RENDER_OBJECT_H

#include "../config/load.h"
#include "pattern.h"
#include "yaml.h"

/* Where the objects of one input are being written, and for which settings. */
struct writer {
	const struct input *input;
	const struct settings *settings; /* those of the clusters that the text is for */
	struct str source_line; /* Helm 3's "# Source: ..." comment, or empty */
	struct str filename;    /* Helm 4's file annotation, or empty */
	struct str parents, parent_hosts; /* as render/parents.h writes them */
	struct buf *text;
};

/* "---", apiVersion, kind, metadata. Lines given as ANNOTATIONS stand under
 * metadata.annotations. NAME may hold slots. */
void object_start(const struct writer *w, const char *api_version, const char *kind, const char *name,
		  const char *annotations);
/* The same for an object of the release and not of a cluster. */
void object_start_release(const struct writer *w, const char *api_version, const char *kind, struct str name);

/* The labels by which a cluster's pod is found, INDENT spaces before each. */
void object_selector(const struct writer *w, size_t indent);

/* Adds a literal, slots and all. */
#define PUT(w, literal) buf_add((w)->text, S(literal))

#endif
