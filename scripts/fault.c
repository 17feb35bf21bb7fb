/* Preloaded into kdk-render by scripts/fault, this makes the world fail:
 *
 *     FAULT_ALLOC=N       the Nth malloc, calloc or realloc finds no memory; N+: nor does any later one
 *     FAULT_READ=N        the Nth read fails with EIO; `short`: every other read is interrupted (EINTR),
 *                         the rest move 1 to 1021 bytes
 *     FAULT_WRITE=N       the same for writes
 *     FAULT_FIRED=FD      gets a byte at the first fault, so that a test knows whether there was one
 *
 * glibc only: its allocator has a second name. What glibc itself writes (stdio) goes past this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

struct fault {
	unsigned long at; /* which call fails; 0: none */
	bool on;          /* and all after it */
	bool brief;       /* short and interrupted calls */
	unsigned long calls;
};

static struct fault alloc_fault, read_fault, write_fault;
static int fired = -1;

static void configure(struct fault *fault, const char *text)
{
	if (!text)
		return;
	char *rest;
	fault->brief = strcmp(text, "short") == 0;
	fault->at = strtoul(text, &rest, 10);
	fault->on = *rest == '+';
}

__attribute__((constructor)) static void start(void)
{
	const char *fd = getenv("FAULT_FIRED");
	if (fd)
		fired = (int)strtol(fd, NULL, 10);
	configure(&alloc_fault, getenv("FAULT_ALLOC"));
	configure(&read_fault, getenv("FAULT_READ"));
	configure(&write_fault, getenv("FAULT_WRITE"));
}

static void fire(void)
{
	if (fired >= 0)
		syscall(SYS_write, fired, "!", (size_t)1);
	fired = -1;
}

static bool fails(struct fault *fault, int error)
{
	fault->calls++;
	if (!fault->at || (fault->on ? fault->calls < fault->at : fault->calls != fault->at))
		return false;
	fire();
	errno = error;
	return true;
}

/* True: interrupted. Otherwise *n is what this call may move. */
static bool shortened(struct fault *fault, size_t *n)
{
	if (!fault->brief)
		return false;
	fire();
	if (fault->calls % 2) {
		errno = EINTR;
		return true;
	}
	size_t most = 1 + fault->calls * 101 % 1021;
	if (*n > most)
		*n = most;
	return false;
}

void *malloc(size_t size)
{
	return fails(&alloc_fault, ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(&alloc_fault, ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails(&alloc_fault, ENOMEM) ? NULL : __libc_realloc(p, size);
}

ssize_t read(int fd, void *p, size_t n)
{
	if (fails(&read_fault, EIO) || shortened(&read_fault, &n))
		return -1;
	return syscall(SYS_read, fd, p, n);
}

ssize_t write(int fd, const void *p, size_t n)
{
	if (fails(&write_fault, EIO) || shortened(&write_fault, &n))
		return -1;
	return syscall(SYS_write, fd, p, n);
}
