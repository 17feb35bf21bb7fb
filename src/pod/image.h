/* Which image `kind create cluster` is given. */
#ifndef KDK_POD_IMAGE_H
#define KDK_POD_IMAGE_H

#include "../base/str.h"

/* "kindest/node:v1.37.0" of "kindest/node:v1.37.0@sha256:..."; the whole where there is no digest. */
struct str image_without_digest(struct str image);
/* Whether docker's answer to load, "Loaded image: kindest/node:v1.37.0", names IMAGE. */
bool image_was_loaded(struct str said, struct str image);

#endif
