/* The log. A log that cannot be written is no reason to end a cluster: the failure is passed over. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

static void put(const struct buf *buf)
{
	struct str text = buf_str(buf);
	while (text.n) {
		ssize_t n = write(STDERR_FILENO, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		text = str_from(text, (size_t)n);
	}
}

void log_line(const char *prefix, struct str line)
{
	struct buf buf = buf_memory();
	buf_add(&buf, str_of(prefix));
	buf_add(&buf, line);
	buf_char(&buf, '\n');
	put(&buf);
	buf_free(&buf);
}

void log_fmt(const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	size_t n = (size_t)vsnprintf(NULL, 0, format, again);
	va_end(again);
	struct buf text = buf_memory();
	vsnprintf(buf_room(&text, n + 1), n + 1, format, args);
	va_end(args);
	log_line("", (struct str){text.p, n});
	buf_free(&text);
}

void log_event(const char *phase, const char *event, int64_t milliseconds, struct str more)
{
	log_fmt("phase=%s event=%s dur=%lld.%03lld%s%.*s", phase, event, (long long)(milliseconds / 1000),
		(long long)(milliseconds % 1000), more.n ? " " : "", STR(more));
}
