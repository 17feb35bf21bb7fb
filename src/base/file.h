/* Files in: the only place that opens and reads them. */
#ifndef KDK_BASE_FILE_H
#define KDK_BASE_FILE_H

#include "buf.h"

/* Reads PATH ("-": standard input) to its end, or up to LIMIT + 1 bytes: more
 * than LIMIT bytes in the result mean that it was larger. Anything that stops
 * the reading ends the program (die.h). The caller owns the buf. */
struct buf file_read(const char *path, size_t limit);

/* Whether FD is open on PATH, a regular file. */
bool file_is_open(const char *path, int fd);

#endif
