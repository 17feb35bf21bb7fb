/* A listener that forks a `docker exec` for each connection; the node's own bash connects it to the API server. */
#include "forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/arena.h"
#include "../base/die.h"

struct child *forward_start(struct loop *loop, struct output *output, unsigned port, struct str cluster)
{
	struct arena arena = {0};
	const char *const argv[] = {"/proc/self/exe", "forward", arena_fmt(&arena, "%u", port).p,
				    arena_fmt(&arena, "%.*s-control-plane", STR(cluster)).p, NULL};
	struct child *child = child_start(loop, &(struct command){.argv = argv, .each = output_line, .context = output});
	arena_free(&arena);
	return child;
}

static _Noreturn void serve(int connection, const char *container)
{
	static const char script[] =
		"exec 3<>/dev/tcp/127.0.0.1/6443 || exit 1; { cat <&3; kill $$; } & cat >&3; kill $! 2>/dev/null";
	dup2(connection, STDIN_FILENO);
	dup2(connection, STDOUT_FILENO);
	execlp("docker", "docker", "exec", "-i", container, "bash", "-c", script, (char *)NULL);
	dprintf(STDERR_FILENO, "cannot run docker: %s\n", strerror(errno));
	_exit(127);
}

static int listen_on(unsigned long port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	union {
		struct sockaddr_in in;
		struct sockaddr any;
	} at = {.in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 || bind(fd, &at.any, sizeof at.in) != 0 ||
	    listen(fd, 64) != 0)
		die("cannot listen on 127.0.0.1:%lu: %s", port, strerror(errno));
	return fd;
}

int command_forward(int argc, char **argv)
{
	if (argc != 2)
		die("forward wants a port and a container");
	int listener = listen_on(strtoul(argv[0], NULL, 10));
	signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
	for (;;) {
		int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (connection < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (connection < 0)
			die("accept: %s", strerror(errno));
		if (fork() == 0)
			serve(connection, argv[1]);
		close(connection);
	}
}
