/* A checked tree → typed values: what one release asks for. */
#ifndef KDK_CONFIG_LOAD_H
#define KDK_CONFIG_LOAD_H

#include "check.h"
#include "values.h"

/* Facts about the release that the values do not hold. */
struct release {
	struct str name, namespace; /* an empty namespace: not said, objects carry none */
	struct str service;         /* who manages the objects: Helm, or kdk-render */
	struct str chart;           /* the helm.sh/chart label; may be empty */
	struct str plan;            /* what was planned last, as text; may be empty */
	const struct node *discovered; /* the host's nodes, pods and services as the chart found them; may be NULL */
};

struct cluster_entry {
	struct str name;
	const struct node *key;          /* where it is written */
	struct cluster own;
	const struct settings *settings; /* the defaults' own struct where it gives none */
};

/* The values of one release, or of one of its carriers. */
struct input {
	struct release release;
	struct values values;
	struct settings defaults; /* built-in, then `defaults` */
	struct cluster_entry *clusters; /* by name; null ones left out */
	size_t count;
	const struct node *root;     /* the values as they were written; may be NULL */
	const struct node *previous; /* the release's last plan: `network` as in values, `storage` by cluster; may be NULL */
};

/* Checks ROOT (NULL: no values) and loads what is right in it: manifests may be made of
 * the input only if diags has no error. */
struct input *load_values(struct check *check, const struct node *root, struct release release);

/* Where CLUSTER says DOTTED_PATH ("network.pods"), or its name where it does not. */
struct place cluster_place(struct check *check, const struct cluster_entry *cluster, struct str dotted_path);
/* Where the values say DOTTED_PATH, or nowhere in particular. */
struct place input_place(struct check *check, const struct input *input, struct str dotted_path);

#endif
