/* Servers on the loopback that answer a ClientHello with so and so many bytes; and whose registry an image is. */
#include "hello.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BOUND_MS = 300, PATIENT_MS = 20000 };

static const struct row {
	const char *name;
	unsigned char type; /* of the record that comes */
	uint16_t length;    /* as it says */
	size_t sent;        /* of its bytes */
	bool done, hangs_up;
	enum hello_result want;
	size_t bytes;
} rows[] = {
	{"certificates of several packets", 22, 4000, 4000, true, false, HELLO_ANSWERED, HELLO_ENOUGH},
	{"nothing comes", 22, 0, 0, false, false, HELLO_STALLED, 0},
	{"it stops within a record", 22, 4000, 1000, false, false, HELLO_STALLED, 1005},
	{"a record, and then nothing", 22, 90, 90, false, false, HELLO_STALLED, 95},
	{"few certificates, but all", 22, 700, 700, true, false, HELLO_ANSWERED, 705},
	{"an alert: no TLS 1.2 here", 21, 2, 2, false, false, HELLO_ANSWERED, 7},
	{"it hangs up", 22, 0, 0, false, true, HELLO_ANSWERED, 0},
};

static struct addr loopback(void)
{
	return cidr_make_v4(0x7f000001, 32).addr;
}

static int listen_on(uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)(void *)&at, sizeof at) == 0 && listen(fd, 1) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&at, &size), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* What the client says must be a ClientHello with the name in it. */
static _Noreturn void serve(int fd, const struct row *row)
{
	unsigned char record[5 + 4000] = {row->type, 3, 3, (unsigned char)(row->length >> 8), (unsigned char)row->length}, got[600];
	int client = accept(fd, NULL, NULL);
	ssize_t n = recv(client, got, sizeof got, 0);
	bool greeted = n > 9 && got[0] == 22 && got[5] == 1 && n == 5 + got[3] * 256 + got[4] && n == 9 + got[7] * 256 + got[8] &&
		       memmem(got, (size_t)n, "registry.test", 13);
	if (row->done)
		record[5 + row->length - 4] = 14;
	size_t size = row->sent ? 5 + row->sent : 0;
	if (!greeted || send(client, record, size, MSG_NOSIGNAL) != (ssize_t)size)
		_exit(1);
	if (row->hangs_up)
		_exit(0);
	recv(client, got, sizeof got, 0); /* until the client has had enough */
	_exit(0);
}

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint16_t port;
		int fd = listen_on(&port), status = 1;
		pid_t pid = fork();
		if (pid == 0)
			serve(fd, &rows[i]);
		struct hello hello = hello_ask(loopback(), port, S("registry.test"), rows[i].want == HELLO_STALLED ? BOUND_MS : PATIENT_MS);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		close(fd);
		if (status || hello.result != rows[i].want || hello.bytes != rows[i].bytes)
			fail_msg("%s: server %d, result %d, %zu bytes", rows[i].name, status, (int)hello.result, hello.bytes);
	}
}

static void test_nobody_there(void **state)
{
	(void)state;
	uint16_t port;
	close(listen_on(&port));
	struct hello hello = hello_ask(loopback(), port, S("registry.test"), PATIENT_MS);
	assert_int_equal(hello.result, HELLO_UNREACHABLE);
	assert_string_equal(hello.said, "Connection refused");
}

static void test_registry_of_image(void **state)
{
	(void)state;
	static const struct {
		const char *image, *host;
		uint16_t port;
	} images[] = {
		{"kindest/node:v1.34.4", "registry-1.docker.io", 443},
		{"node", "registry-1.docker.io", 443},
		{"docker.io/kindest/node:v1.34.4@sha256:00", "registry-1.docker.io", 443},
		{"ghcr.io/x/node:v1", "ghcr.io", 443},
		{"mirror.example.org:5000/kindest/node", "mirror.example.org", 5000},
		{"localhost/node", "localhost", 443},
		{"192.0.2.7:8443/node:v1", "192.0.2.7", 8443},
		{"mirror.example.org:99999/node", "mirror.example.org", 443},
	};
	for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
		uint16_t port;
		struct str host = image_registry(str_of(images[i].image), &port);
		if (!str_eq(host, str_of(images[i].host)) || port != images[i].port)
			fail_msg("%s: %.*s %u", images[i].image, STR(host), port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_registry_of_image),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
