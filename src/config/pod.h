/* kdk.yaml, as kdk-render writes it and kdk-pod reads it. The only user of libcyaml.
 *
 * A machine writes it in one fixed form, so that it is read whole or not at all: an unknown key, a
 * missing one, a value of the wrong form are errors. The first one ends the reading. libcyaml
 * knows the place of what it refuses; what is refused later has a path instead.
 */
#ifndef KDK_CONFIG_POD_H
#define KDK_CONFIG_POD_H

#include "../base/addr.h"
#include "../base/diag.h"

struct cidr_list {
	struct cidr *items; /* no bits behind the length */
	size_t count;
};
struct str_list {
	struct str *items;
	size_t count;
};

enum ip_family { FAMILY_IPV4, FAMILY_IPV6, FAMILY_DUAL };
enum preflight_mode { PREFLIGHT_ENFORCE, PREFLIGHT_WARN, PREFLIGHT_OFF };
enum on_change { CHANGE_KEEP, CHANGE_FAIL, CHANGE_RECREATE };

struct pod_registry {
	struct str host;
	struct str_list mirrors; /* URLs */
	struct str ca, auth;     /* files; may be empty */
	bool insecure;
};

/* As `parents` of the values file: each is what kdk-render knew of one layer. */
struct pod_parent {
	struct str name, domain;
	bool nearest;
	struct cidr_list pods, services, nodes, dns, external;
};

struct pod_config {
	struct str cluster; /* full name: <release>-<cluster> */
	struct str namespace, secret;
	uint16_t api_port;
	unsigned workers;
	struct str node_image, dns_domain;
	enum ip_family family;
	unsigned mtu; /* 0: auto */
	enum preflight_mode preflight;
	enum on_change on_change;
	bool persistent;
	struct cidr_list pods, services, docker, kind_network; /* one range of each family that it has, IPv4 first */
	struct pod_registry *registries;
	size_t registry_count;
	struct str_list manifests; /* names: the files are manifest.<name>.yaml */
	struct str proxy_http, proxy_https, no_proxy; /* may be empty */
	struct pod_parent *parents; /* nearest first */
	size_t parent_count;
};

/* NULL after diagnostics. What is given lives in ARENA. */
const struct pod_config *pod_config_load(struct arena *arena, struct diags *diags, const struct source *source);

#endif
