/* Files in: opened, read whole, closed. */
#include "file.h"

#include "die.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 64 * 1024 };

struct buf file_read(const char *path, size_t limit)
{
	bool standard_input = strcmp(path, "-") == 0;
	const char *name = standard_input ? "standard input" : path;
	int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot read %s: %s", name, strerror(errno));

	struct buf buf = buf_memory();
	struct stat about;
	/* One byte more than the size, so that the read at the end finds room. */
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 && (size_t)about.st_size <= limit)
		buf_room(&buf, (size_t)about.st_size + 1);

	for (;;) {
		size_t room = buf.capacity - buf.n;
		if (room == 0) {
			buf_room(&buf, STEP);
			room = buf.capacity - buf.n;
		}
		if (room > limit + 1 - buf.n)
			room = limit + 1 - buf.n;
		ssize_t got = read(fd, buf.p + buf.n, room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("cannot read %s: %s", name, strerror(errno));
		buf.n += (size_t)got;
		if (got == 0 || buf.n > limit)
			break;
	}
	if (!standard_input)
		close(fd);
	return buf;
}

bool file_is_open(const char *path, int fd)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && S_ISREG(a.st_mode) && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
