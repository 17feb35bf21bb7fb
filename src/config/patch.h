/* YAML text inside the values file: kubeadm patches and manifests. */
#ifndef KDK_CONFIG_PATCH_H
#define KDK_CONFIG_PATCH_H

#include "check.h"

/* patch-overrides-plan where PATCH does not parse, or sets what the plan decides. */
void check_kubeadm_patch(struct check *check, const struct node *patch, const struct path *path);
/* value-invalid where MANIFEST, which may be several documents, is not YAML. */
void check_manifest(struct check *check, const struct node *manifest, const struct path *path);

#endif
