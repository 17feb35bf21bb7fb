/* How long a certificate is good: as much of X.509 as that takes. */
#ifndef KDK_POD_CERTIFICATE_H
#define KDK_POD_CERTIFICATE_H

#include <stdint.h>

#include "../base/arena.h"

/* DATA is a kubeconfig's `client-certificate-data`, PEM in base64; the first certificate counts. Gives the end of its
 * validity in seconds since 1970; 0: it is no such thing. */
int64_t certificate_end(struct arena *arena, struct str data);

#endif
