/* Exit statuses of kdk-pod: part of the interface (docs/pod.md). */
#ifndef KDK_POD_EXIT_H
#define KDK_POD_EXIT_H

enum pod_exit {
	POD_EXIT_CONFIG = 64,   /* kdk.yaml, kind.yaml, daemon.json; or the command line */
	POD_EXIT_CONFLICT = 65, /* address ranges and names that are taken */
	POD_EXIT_UNFIT = 66,    /* what the pod runs in */
	POD_EXIT_DOCKERD = 67,
	POD_EXIT_CREATE = 68,
	POD_EXIT_MISMATCH = 69, /* what the volume holds is not what the settings ask for */
};

#endif
