/* The nested API server of a cluster at another docker host, on 127.0.0.1 of the pod: so that port-forward finds it
 * where it always is. Bytes go through `docker exec`, which reaches the node wherever DOCKER_HOST is. */
#ifndef KDK_POD_FORWARD_H
#define KDK_POD_FORWARD_H

#include "loop.h"
#include "output.h"

/* A child that runs `kdk-pod forward PORT CONTAINER`. */
struct child *forward_start(struct loop *loop, struct output *output, unsigned port, struct str cluster);

int command_forward(int argc, char **argv);

#endif
