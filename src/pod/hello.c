/* ClientHello → the server's flight, counted. TLS 1.2 alone is offered, as its flight has an end that can be seen:
 * a short one that is whole proves nothing, and is no failure. A server without TLS 1.2 says so, in one alert. */
#include "hello.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns.h"
#include "registry.h"

enum { NAME_MOST = 255, HELLO_MOST = 512 };

/* RFC 5246; behind the version come 32 random bytes, and then this: no session, suites, no compression. */
static const unsigned char suites[] = {0,    0,    22,   0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc,
				       0xa8, 0xc0, 0x13, 0xc0, 0x14, 0,    0x9c, 0,    0x2f, 0,    0x35, 1,    0};
/* supported_groups, ec_point_formats, signature_algorithms */
static const unsigned char extensions[] = {0, 10, 0, 8,  0, 6, 0, 0x1d, 0, 0x17, 0, 0x18, 0, 11, 0, 2, 1, 0,
					   0, 13, 0, 20, 0, 18, 4, 3,   5, 3,    6, 3,    8, 4,  8, 5, 8, 6,
					   4, 1,  5, 1,  6, 1};

struct bytes {
	unsigned char p[HELLO_MOST];
	size_t n;
};

static void add(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void add_16(struct bytes *b, size_t value)
{
	add(b, (const unsigned char[]){(unsigned char)(value >> 8), (unsigned char)value}, 2);
}

static struct bytes make_hello(struct str name)
{
	struct bytes out = {0};
	unsigned char random[32] = {0};
	size_t name_size = name.n ? name.n + 9 : 0;
	size_t extended = name_size + sizeof extensions, body = 2 + sizeof random + sizeof suites + 2 + extended;
	if (getrandom(random, sizeof random, GRND_NONBLOCK) < 0)
		random[0] = 1; /* nothing is kept secret by it */
	add(&out, (const unsigned char[]){22, 3, 1}, 3); /* a record of handshakes */
	add_16(&out, body + 4);
	add(&out, (const unsigned char[]){1, 0}, 2); /* ClientHello */
	add_16(&out, body);
	add(&out, (const unsigned char[]){3, 3}, 2);
	add(&out, random, sizeof random);
	add(&out, suites, sizeof suites);
	add_16(&out, extended);
	if (name.n) { /* server_name */
		add_16(&out, 0);
		add_16(&out, name.n + 5);
		add_16(&out, name.n + 3);
		add(&out, (const unsigned char[]){0}, 1);
		add_16(&out, name.n);
		add(&out, name.p, name.n);
	}
	add(&out, extensions, sizeof extensions);
	return out;
}

/* Whole records, of which the last is an alert or ends with ServerHelloDone. */
static bool is_whole(const unsigned char *p, size_t n)
{
	static const unsigned char done[] = {14, 0, 0, 0};
	unsigned char type = 0;
	size_t at = 0;
	while (at + 5 <= n) {
		type = p[at];
		at += 5u + p[at + 3] * 256u + p[at + 4];
	}
	return at == n && n > 0 && (type == 21 || (n >= sizeof done && memcmp(p + n - sizeof done, done, sizeof done) == 0));
}

struct hello hello_ask(struct addr addr, uint16_t port, struct str name, int bound_ms)
{
	unsigned char answer[HELLO_ENOUGH];
	struct hello hello = {.result = HELLO_STALLED};
	if (name.n > NAME_MOST)
		return (struct hello){.result = HELLO_UNREACHABLE, .said = "its name is too long"};
	struct bytes ours = make_hello(name);
	int fd = connect_to(addr, port, true, bound_ms);
	if (fd < 0 || send(fd, ours.p, ours.n, MSG_NOSIGNAL) < 0) {
		hello = (struct hello){.result = HELLO_UNREACHABLE, .said = strerror(errno)};
	} else {
		ssize_t n = 1;
		while (n > 0 && hello.bytes < sizeof answer && !is_whole(answer, hello.bytes)) {
			n = recv(fd, answer + hello.bytes, sizeof answer - hello.bytes, 0);
			hello.bytes += n > 0 ? (size_t)n : 0;
		}
		/* Whoever hangs up has said all. */
		if (n >= 0 || errno == ECONNRESET)
			hello.result = HELLO_ANSWERED;
	}
	if (fd >= 0)
		close(fd);
	return hello;
}

struct str image_registry(struct str image, uint16_t *port)
{
	size_t slash = str_find(image, '/');
	struct str first = str_to(image, slash), host = str_to(first, str_find(first, ':'));
	unsigned long number = 0;
	*port = 443;
	bool named = slash < image.n && (host.n < first.n || str_find(host, '.') < host.n || str_eq(host, S("localhost")));
	if (!named || str_eq(host, S("docker.io")))
		return S(DOCKER_HUB);
	for (size_t i = host.n + 1; i < first.n && first.p[i] >= '0' && first.p[i] <= '9' && number < 65536; i++)
		number = number * 10 + (unsigned long)(first.p[i] - '0');
	if (number > 0 && number < 65536)
		*port = (uint16_t)number;
	return host;
}
