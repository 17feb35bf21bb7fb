/* kdk-pod dump: what a maintainer would ask for, on standard output. Secrets are left out: no kubeconfig, no Secret, no
 * registry's credentials are read, and every line goes through the filter. SIGUSR1 makes PID 1 log the same. */
#ifndef KDK_POD_DUMP_H
#define KDK_POD_DUMP_H

int command_dump(int argc, char **argv);

#endif
