/* kdk-pod's log: lines on standard error, which is the container's log. A line is one write. */
#ifndef KDK_POD_LOG_H
#define KDK_POD_LOG_H

#include "../base/buf.h"

void log_line(const char *prefix, struct str line);
void log_fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "phase=dockerd event=ok dur=1.234", and MORE behind a space. */
void log_event(const char *phase, const char *event, int64_t milliseconds, struct str more);

#endif
