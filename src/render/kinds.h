/* The writers of a cluster's objects, one for each kind, listed in render.c. Each adds
 * whole documents to w->text for clusters with w->settings, or nothing. */
#ifndef KDK_RENDER_KINDS_H
#define KDK_RENDER_KINDS_H

#include "object.h"

typedef void write_kind(const struct writer *w);

write_kind write_network_policy, write_service_account, write_secret, write_config_map, write_claim, write_roles,
	write_role_bindings, write_service, write_stateful_set;

/* The part of the ConfigMap for which a pod must restart: all but the parents. */
void write_restart_config(const struct writer *w);

/* Where the Secrets of registry number I are mounted in the pod. */
#define REGISTRY_DIRECTORY "/etc/kdk-registries"

#endif
