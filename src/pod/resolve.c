/* setns(2), and then dns.h. */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "../base/arena.h"
#include "../base/die.h"
#include "dns.h"

enum { BOUND_MS = 4000 };

int command_resolve(int argc, char **argv)
{
	struct arena arena = {0};
	struct addr server;
	if (argc != 3 || !addr_parse(str_of(argv[1]), &server))
		die("resolve wants a process, an address and a name");
	int fd = open(arena_fmt(&arena, "/proc/%s/ns/net", argv[0]).p, O_RDONLY | O_CLOEXEC);
	arena_free(&arena);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
		die("cannot enter the network of process %s: %s", argv[0], strerror(errno));
	close(fd);
	int failed = 0;
	for (int tcp = 0; tcp < 2; tcp++) {
		struct dns_answer answer = dns_ask(server, str_of(argv[2]), tcp, BOUND_MS);
		if (answer.result == DNS_BAD)
			printf("%s%s: %s", failed++ ? "; " : "", tcp ? "TCP" : "UDP", answer.said);
	}
	puts("");
	return failed > 0;
}
