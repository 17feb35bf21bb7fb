/* A cgroup of the pod's own on cgroup v2.
 *
 * containerd gives a privileged pod the node's cgroup tree: dockerd would make its cgroups at the node's root, out of
 * the pod's limits and left behind. So PID 1 moves into a cgroup namespace of its own and mounts the tree
 * anew; then processes go into a leaf, that controllers may be handed down (no process may be in a cgroup that does).
 *
 * And what the kernel kills when memory runs out, with v1 as well: one process of the nested cluster, not all of it.
 */
#ifndef KDK_POD_CGROUP_H
#define KDK_POD_CGROUP_H

#include "../base/arena.h"

#define CGROUP_LEAF "init"

/* Moves every process of DIRECTORY to DIRECTORY/CGROUP_LEAF and hands all its controllers down; tried again where a process
 * came in between. false: *WHY says what is refused. */
bool cgroup_delegate(struct arena *arena, const char *directory, struct str *why);
/* Where the memory of DIRECTORY runs out, one process is killed. Kubelet asks for all of a container's (memory.oom.group,
 * kubernetes#117793), which here are a whole cluster. false: *WHY says what is refused. */
bool cgroup_kill_singly(struct arena *arena, const char *directory, struct str *why);

#endif
