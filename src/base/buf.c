/* Bytes being written, into memory or through to a file descriptor. */
#include "buf.h"

#include "die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FD_BUFFER = 128 * 1024 };

struct buf buf_memory(void)
{
	return (struct buf){.fd = -1};
}

struct buf buf_fd(int fd, const char *name)
{
	return (struct buf){.fd = fd, .name = name};
}

void buf_free(struct buf *buf)
{
	free(buf->p);
	*buf = (struct buf){.fd = -1};
}

static void write_all(const struct buf *buf, const char *p, size_t n)
{
	while (n) {
		ssize_t written = write(buf->fd, p, n);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			die("cannot write %s: %s", buf->name, strerror(errno));
		p += written;
		n -= (size_t)written;
	}
}

void buf_flush(struct buf *buf)
{
	if (buf->fd < 0)
		return;
	write_all(buf, buf->p, buf->n);
	buf->flushed += buf->n;
	buf->n = 0;
}

char *buf_room(struct buf *buf, size_t n)
{
	if (n <= buf->capacity - buf->n)
		return buf->p + buf->n;
	if (buf->fd >= 0)
		buf_flush(buf);
	size_t wanted = buf->capacity ? buf->capacity : buf->fd >= 0 ? FD_BUFFER : 256;
	if (n > SIZE_MAX / 4 - buf->n)
		die("out of memory");
	while (wanted < buf->n + n)
		wanted *= 2;
	if (wanted > buf->capacity) {
		char *p = realloc(buf->p, wanted);
		if (!p)
			die("out of memory");
		buf->p = p;
		buf->capacity = wanted;
	}
	return buf->p + buf->n;
}

void buf_add(struct buf *buf, struct str s)
{
	if (s.n == 0)
		return;
	if (buf->fd >= 0 && s.n >= FD_BUFFER) {
		buf_flush(buf);
		write_all(buf, s.p, s.n);
		buf->flushed += s.n;
		return;
	}
	memcpy(buf_room(buf, s.n), s.p, s.n);
	buf->n += s.n;
}

void buf_char(struct buf *buf, char c)
{
	*buf_room(buf, 1) = c;
	buf->n++;
}

void buf_fill(struct buf *buf, char c, size_t n)
{
	if (n == 0)
		return;
	memset(buf_room(buf, n), c, n);
	buf->n += n;
}

void buf_fmt(struct buf *buf, const char *format, ...)
{
	enum { USUAL = 128 };
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	char *p = buf_room(buf, USUAL);
	int n = vsnprintf(p, USUAL, format, args);
	va_end(args);
	if (n < 0)
		BUG("a format that cannot be printed");
	if (n >= USUAL) /* what was written there counts for nothing */
		vsnprintf(buf_room(buf, (size_t)n + 1), (size_t)n + 1, format, again);
	va_end(again);
	buf->n += (size_t)n;
}

struct str buf_str(const struct buf *buf)
{
	return (struct str){buf->p, buf->n};
}
