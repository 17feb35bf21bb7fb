/* A DNS server in a network namespace of its own, asked from outside through its process. Needs root; is skipped else. */
#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../base/arena.h"

static const struct row {
	const char *name;
	bool udp, tcp;      /* whether anything listens */
	unsigned char code; /* of its answers */
	int status;
	const char *said;
} rows[] = {
	{"both answer", true, true, 0, 0, "\n"},
	{"no such name is an answer", true, true, 3, 0, "\n"},
	{"UDP only", true, false, 0, 1, "TCP: Connection refused\n"},
	{"TCP only", false, true, 0, 1, "UDP: Connection refused\n"},
	{"nobody there", false, false, 0, 1, "UDP: Connection refused; TCP: Connection refused\n"},
	{"a server that fails", true, true, 2, 1, "UDP: SERVFAIL; TCP: SERVFAIL\n"},
};

static int open_port_53(int type)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&at, sizeof at) != 0 || (type == SOCK_STREAM && listen(fd, 4) != 0))
		_exit(1);
	return fd;
}

static void answer_udp(int fd, unsigned char code)
{
	unsigned char packet[512];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)(void *)&from, &size);
	packet[2] |= 0x80;
	packet[3] = code;
	if (n < 0 || sendto(fd, packet, (size_t)n, 0, (struct sockaddr *)(void *)&from, size) != n)
		_exit(1);
}

/* In two parts, as it may come. */
static void answer_tcp(int fd, unsigned char code)
{
	unsigned char packet[514];
	int client = accept(fd, NULL, NULL);
	ssize_t n = recv(client, packet, sizeof packet, 0);
	packet[4] |= 0x80;
	packet[5] = code;
	if (n < 6 || send(client, packet, 3, 0) != 3 || send(client, packet + 3, (size_t)n - 3, MSG_NOSIGNAL) != n - 3)
		_exit(1);
	close(client);
}

static _Noreturn void serve(const struct row *row, int ready)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (unshare(CLONE_NEWNET) != 0)
		_exit(1);
	int udp = open_port_53(SOCK_DGRAM), tcp = open_port_53(SOCK_STREAM);
	if (ioctl(udp, SIOCSIFFLAGS, &lo) != 0)
		_exit(1);
	if (!row->udp)
		close(udp);
	if (!row->tcp)
		close(tcp);
	struct pollfd polled[] = {{.fd = row->udp ? udp : -1, .events = POLLIN}, {.fd = row->tcp ? tcp : -1, .events = POLLIN}};
	if (write(ready, "", 1) != 1)
		_exit(1);
	while (poll(polled, 2, -1) > 0) {
		if (polled[0].revents)
			answer_udp(udp, row->code);
		if (polled[1].revents)
			answer_tcp(tcp, row->code);
	}
	_exit(1);
}

/* As a child, since it changes its network; what it prints goes to GOT. */
static int resolve_from(pid_t server, char *got, size_t size)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct arena arena = {0};
		char address[] = "127.0.0.1", name[] = "kubernetes.default.svc.cluster.local.";
		char *argv[] = {strdup(arena_fmt(&arena, "%d", (int)server).p), address, name, NULL};
		dup2(ends[1], STDOUT_FILENO);
		int result = command_resolve(3, argv);
		fflush(stdout);
		_exit(result);
	}
	close(ends[1]);
	size_t n = 0;
	for (ssize_t r = 1; r > 0 && n < size - 1; n += r > 0 ? (size_t)r : 0)
		r = read(ends[0], got + n, size - 1 - n);
	got[n] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void test_asked_in_its_network(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int ready[2];
		char byte, got[200];
		assert_int_equal(pipe(ready), 0);
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0)
			serve(&rows[i], ready[1]);
		close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		close(ready[0]);
		int status = resolve_from(pid, got, sizeof got);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (status != rows[i].status || strcmp(got, rows[i].said) != 0)
			fail_msg("%s: status %d, %s", rows[i].name, status, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_asked_in_its_network)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
