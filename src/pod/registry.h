/* What the nested containerd and kubelet need of registries: /run/kdk/certs.d/<host>/hosts.toml, as containerd reads
 * it, and /run/kdk/registry/config.json, from which the kubelet takes credentials (kind mounts both into nodes). */
#ifndef KDK_POD_REGISTRY_H
#define KDK_POD_REGISTRY_H

#include "place.h"
#include "../config/pod.h"

/* Where what images call docker.io is. */
#define DOCKER_HUB "registry-1.docker.io"

/* Files are 0600. false: *WHY says what is wrong. */
bool registry_files(struct arena *arena, const struct place_names *places, const struct pod_config *config, struct str *why);

/* hosts.toml of one registry. */
struct str registry_hosts(struct arena *arena, const struct pod_registry *registry);
/* Several files of type kubernetes.io/dockerconfigjson as one; false where one is none: its index in *BAD. */
bool registry_auths(struct arena *arena, const struct str *files, size_t count, struct str *out, size_t *bad);

#endif
