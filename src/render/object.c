/* Metadata: names, labels and annotations that every object carries. */
#include "object.h"

static void put_common(const struct writer *w, struct str name, const char *api_version, const char *kind,
		       const char *component)
{
	const struct release *release = &w->input->release;
	struct buf *t = w->text;
	BUF_LIT(t, "---\n");
	if (w->source_line.n) {
		buf_add(t, w->source_line);
		buf_char(t, '\n');
	}
	buf_fmt(t, "apiVersion: %s\nkind: %s\nmetadata:\n  name: ", api_version, kind);
	buf_add(t, name);
	buf_char(t, '\n');
	yaml_pair(t, 2, S("namespace"), release->namespace);
	BUF_LIT(t, "  labels:\n    app.kubernetes.io/name: kdk\n");
	yaml_pair(t, 4, S("app.kubernetes.io/instance"), release->name);
	buf_fmt(t, "    app.kubernetes.io/component: %s\n", component);
	yaml_pair(t, 4, S("app.kubernetes.io/managed-by"), release->service);
	BUF_LIT(t, "    app.kubernetes.io/part-of: kdk\n");
	yaml_pair(t, 4, S("app.kubernetes.io/version"), S(KDK_VERSION));
	if (release->chart.n)
		yaml_pair(t, 4, S("helm.sh/chart"), release->chart);
}

static void put_nodes(const struct writer *w, size_t indent, const struct node *map)
{
	if (map)
		yaml_node(w->text, indent, map);
}

static void put_filename(const struct writer *w)
{
	if (w->filename.n)
		yaml_pair(w->text, 4, S("postrenderer.helm.sh/postrender-filename"), w->filename);
}

void object_start(const struct writer *w, const char *api_version, const char *kind, const char *name,
		  const char *annotations)
{
	put_common(w, str_of(name), api_version, kind, "cluster");
	PUT(w, "    kdk/cluster: " NAME "\n");
	put_nodes(w, 4, w->input->values.commonLabels);
	PUT(w, "  annotations:\n    kdk/owner: " OWNER "\n");
	buf_add(w->text, str_of(annotations));
	put_nodes(w, 4, w->input->values.commonAnnotations);
	put_filename(w);
}

void object_start_release(const struct writer *w, const char *api_version, const char *kind, struct str name)
{
	put_common(w, name, api_version, kind, "plan");
	put_nodes(w, 4, w->input->values.commonLabels);
	const struct node *annotations = w->input->values.commonAnnotations;
	if ((annotations && annotations->n) || w->filename.n) {
		PUT(w, "  annotations:\n");
		put_nodes(w, 4, annotations);
		put_filename(w);
	}
}

void object_selector(const struct writer *w, size_t indent)
{
	buf_fill(w->text, ' ', indent);
	PUT(w, "app.kubernetes.io/name: kdk\n");
	yaml_pair(w->text, indent, S("app.kubernetes.io/instance"), w->input->release.name);
	buf_fill(w->text, ' ', indent);
	PUT(w, "kdk/cluster: " NAME "\n");
}
