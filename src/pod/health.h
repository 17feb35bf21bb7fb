/* kdk-pod health startup|live|ready: what probes run. It reads two files, so that it is quick and cannot hang.
 *
 *   startup  the event loop runs
 *   live     it has run within the last minute; the nested cluster does not count: it is no reason to end the pod
 *   ready    the cluster could be used within the last minute, and its kubeconfig is published
 */
#ifndef KDK_POD_HEALTH_H
#define KDK_POD_HEALTH_H

int command_health(int argc, char **argv);

#endif
