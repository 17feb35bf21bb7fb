/* kubeadm patches: YAML text inside the values file. */
#ifndef KDK_CONFIG_PATCH_H
#define KDK_CONFIG_PATCH_H

#include "check.h"

/* patch-overrides-plan where PATCH does not parse, or sets what the plan decides. */
void check_kubeadm_patch(struct check *check, const struct node *patch, const struct path *path);

#endif
