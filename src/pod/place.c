/* Paths, limits, and files that are written as a whole. */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 4 * 1024 * 1024 };

const char *path_in(struct arena *arena, const char *directory, const char *name)
{
	return arena_fmt(arena, "%s/%s", directory, name).p;
}

struct place_names places(struct arena *arena)
{
	const char *root = getenv("KDK_ROOT"), *tar = getenv("KDK_NODE_TAR");
	struct place_names p = {.root = root ? root : ""};
	p.config = arena_fmt(arena, "%s/etc/kdk", p.root).p;
	p.run = arena_fmt(arena, "%s/run/kdk", p.root).p;
	p.data = arena_fmt(arena, "%s/var/lib/docker", p.root).p;
	p.keep = path_in(arena, p.data, "kdk");
	p.account = arena_fmt(arena, "%s/var/run/secrets/kubernetes.io/serviceaccount", p.root).p;
	p.termination = arena_fmt(arena, "%s/dev/termination-log", p.root).p;
	p.socket = arena_fmt(arena, "%s/var/run/docker.sock", p.root).p;
	p.node_tar = tar && *tar ? tar : arena_fmt(arena, "%s/usr/local/share/kdk/node.tar", p.root).p;
	return p;
}

static bool read_number(const char *text, int64_t *number)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n < 1 || n > 1000000)
		return false;
	*number = n;
	return true;
}

struct limits limits_read(const char **wrong)
{
	struct limits limits = {
#define LIMIT(field, environment, normal, documentation) .field = (normal),
#include "limits.def"
#undef LIMIT
	};
	const char *text;
	*wrong = NULL;
#define LIMIT(field, environment, normal, documentation)                                                                \
	if ((text = getenv(environment)) && *text && !read_number(text, &limits.field))                                \
		*wrong = environment;
#include "limits.def"
#undef LIMIT
	return limits;
}

bool environment_clean(struct arena *arena, const struct place_names *places)
{
	static const char *const docker[] = {"DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"};
	const char *host = getenv("DOCKER_HOST"), *retain = getenv("RETAIN_DOCKER_HOST");
	bool retained = host && *host && retain && *retain;
	for (size_t i = 0; i < sizeof docker / sizeof *docker && !retained; i++)
		unsetenv(docker[i]);
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
	setenv("KUBECONFIG", path_in(arena, places->run, "kubeconfig"), 1);
	return retained;
}

static bool write_whole(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text = str_from(text, (size_t)n);
	}
	return true;
}

static bool sync_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct arena arena = {0};
	const char *directory = arena_fmt(&arena, "%.*s", (int)(slash - path), path).p;
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	arena_free(&arena);
	return good;
}

bool file_put(const char *path, struct str text, bool durable)
{
	struct arena arena = {0};
	const char *new = arena_fmt(&arena, "%s.new", path).p;
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write_whole(fd, text) && (!durable || fsync(fd) == 0);
	int error = errno;
	if (fd >= 0 && close(fd) != 0 && good) {
		error = errno;
		good = false;
	}
	if (good && (rename(new, path) != 0 || (durable && !sync_directory_of(path)))) {
		error = errno;
		good = false;
	}
	if (!good && fd >= 0)
		unlink(new);
	arena_free(&arena);
	errno = error;
	return good;
}

bool file_get(struct arena *arena, const char *path, struct str *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	struct buf buf = buf_memory();
	ssize_t n;
	do {
		char *room = buf_room(&buf, 16 * 1024);
		n = read(fd, room, 16 * 1024);
		buf.n += n > 0 ? (size_t)n : 0;
	} while ((n > 0 || (n < 0 && errno == EINTR)) && buf.n <= FILE_MOST);
	int error = n < 0 ? errno : buf.n > FILE_MOST ? EFBIG : 0;
	close(fd);
	if (!error)
		*text = arena_str(arena, buf_str(&buf));
	buf_free(&buf);
	errno = error;
	return !error;
}

bool directory_make(const char *path)
{
	struct arena arena = {0};
	struct str copy = arena_fmt(&arena, "%s", path);
	union {
		const char *read;
		char *written;
	} at = {copy.p};
	bool good = true;
	for (char *p = at.written + 1; good; p++) {
		if (*p != '/' && *p)
			continue;
		bool last = !*p;
		*p = '\0';
		good = mkdir(at.read, 0700) == 0 || errno == EEXIST;
		if (last)
			break;
		*p = '/';
	}
	int error = errno;
	arena_free(&arena);
	errno = error;
	return good;
}
