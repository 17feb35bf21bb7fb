/* Bytes being written: into memory that grows, or through to a file descriptor.
 *
 * buf_memory()  keeps everything; buf_str() is what was written; buf_free() ends it
 * buf_fd()      holds at most a buffer's worth; buf_flush() hands on the rest
 *
 * A failed write ends the program (die.h), naming the stream: nothing is ever
 * cut short with exit status 0.
 */
#ifndef KDK_BASE_BUF_H
#define KDK_BASE_BUF_H

#include "str.h"

struct buf {
	char *p;
	size_t n, capacity;
	size_t flushed; /* bytes already handed to the descriptor */
	int fd;         /* -1: memory */
	const char *name;
};

struct buf buf_memory(void);
struct buf buf_fd(int fd, const char *name);
void buf_free(struct buf *buf);

/* Room for N more bytes; returns where to write them. The caller then adds to buf->n. */
char *buf_room(struct buf *buf, size_t n);
void buf_add(struct buf *buf, struct str s);
void buf_char(struct buf *buf, char c);
void buf_fill(struct buf *buf, char c, size_t n);
void buf_fmt(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define BUF_LIT(buf, literal) buf_add((buf), S(literal))

struct str buf_str(const struct buf *buf); /* memory only; good until the next write */
void buf_flush(struct buf *buf);

#endif
