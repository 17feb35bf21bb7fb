/* What concerns several keys of one map: the checkers that values.def names.
 *
 * They hold Kubernetes fragments to what a Kubernetes API server (1.30 and later)
 * accepts, as far as a pod's specification and a NetworkPolicy go: what is wrong
 * must fail here, not half-way through an upgrade. Each is called with a map whose
 * single values are already right.
 */
#ifndef KDK_CONFIG_SHAPE_H
#define KDK_CONFIG_SHAPE_H

#include "field.h"

object_check check_resources, check_toleration, check_requirement, check_node_requirement, check_node_field,
	check_topology_spread, check_dns_config, check_ip_block, check_peer, check_policy_port, check_settings,
	check_owner, check_cluster, check_values;

/* A quantity (k8s.io/apimachinery/pkg/api/resource) in billionths, rounded up;
 * saturates. TEXT must have the form of a quantity. */
__extension__ typedef __int128 nano;
nano quantity_nano(struct str text);

#endif
