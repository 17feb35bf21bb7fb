/* kdk-pod resolve PID SERVER NAME, which run uses: a question to a DNS server, by UDP and by TCP, from within the network
 * of a node. Nothing of the node is run for it, and what the kernel answers is seen as it is. */
#ifndef KDK_POD_RESOLVE_H
#define KDK_POD_RESOLVE_H

/* PID is a process of the node, as docker inspect says it. Exit status 0: both answer; 1: what does not is on standard
 * output, in one line "UDP: i/o timeout; TCP: connection refused"; 2: that network cannot be entered. */
int command_resolve(int argc, char **argv);

#endif
