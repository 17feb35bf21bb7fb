/* Names → addresses, by the one server that is asked about: getaddrinfo would ask them all, and say nothing of which.
 */
#include "dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HEADER = 12, LONGEST_NAME = 255, QUESTION = HEADER + LONGEST_NAME + 4, ANSWER = 4096 };

static socklen_t socket_address(struct sockaddr_storage *out, struct addr addr, uint16_t port)
{
	unsigned char bytes[16];
	for (int i = 0; i < 16; i++)
		bytes[i] = (unsigned char)((i < 8 ? addr.high : addr.low) >> (56 - 8 * (i % 8)));
	if (addr_is_v4(addr)) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
		*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&v4->sin_addr, bytes + 12, 4);
		return sizeof *v4;
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
	*v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
	memcpy(&v6->sin6_addr, bytes, 16);
	return sizeof *v6;
}

int connect_to(struct addr addr, uint16_t port, bool tcp, int bound_ms)
{
	struct sockaddr_storage to;
	socklen_t length = socket_address(&to, addr, port);
	struct timeval bound = {.tv_sec = bound_ms / 1000, .tv_usec = bound_ms % 1000 * 1000};
	int fd = socket(addr_is_v4(addr) ? AF_INET : AF_INET6, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* SO_SNDTIMEO bounds connect too: socket(7). */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound) ||
	    connect(fd, (const struct sockaddr *)&to, length)) {
		int error = errno == EINPROGRESS ? ETIMEDOUT : errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* The question behind two bytes of length, as TCP has it; 0: NAME is no DNS name. */
static size_t make_question(unsigned char out[2 + QUESTION], struct str name, uint16_t id)
{
	const unsigned char header[HEADER] = {(unsigned char)(id >> 8), (unsigned char)id, 1, 0, 0, 1};
	size_t n = 2;
	memcpy(out + n, header, sizeof header);
	n += sizeof header;
	if (str_ends(name, S(".")))
		name.n--;
	if (name.n + 2 > LONGEST_NAME)
		return 0;
	while (name.n) {
		struct str label = str_to(name, str_find(name, '.'));
		if (label.n == 0 || label.n > 63)
			return 0;
		out[n++] = (unsigned char)label.n;
		memcpy(out + n, label.p, label.n);
		n += label.n;
		name = str_from(name, label.n + 1);
	}
	const unsigned char tail[] = {0, 0, 1, 0, 1}; /* the root, A, IN */
	memcpy(out + n, tail, sizeof tail);
	n += sizeof tail;
	out[0] = (unsigned char)((n - 2) >> 8);
	out[1] = (unsigned char)(n - 2);
	return n;
}

/* Behind the name at AT: labels, or a pointer. */
static size_t skip_name(const unsigned char *p, size_t n, size_t at)
{
	while (at < n && p[at] != 0) {
		if (p[at] >= 0xc0)
			return at + 2;
		at += p[at] + 1u;
	}
	return at + 1;
}

static struct dns_answer read_answer(const unsigned char *p, size_t n, uint16_t id)
{
	static const char *const codes[] = {NULL, "FORMERR", "SERVFAIL", NULL, "NOTIMP", "REFUSED"};
	if (n < HEADER || p[0] != id >> 8 || p[1] != (id & 255) || !(p[2] & 0x80))
		return (struct dns_answer){.result = DNS_BAD, .said = "an answer that is none"};
	unsigned code = p[3] & 15u;
	if (code != 0 && code != 3) /* NXDOMAIN is an answer */
		return (struct dns_answer){.result = DNS_BAD, .said = code < 6 ? codes[code] : "an error"};
	unsigned questions = p[4] * 256u + p[5], answers = p[6] * 256u + p[7];
	size_t at = HEADER;
	while (questions--)
		at = skip_name(p, n, at) + 4;
	for (; answers && code == 0; answers--) {
		at = skip_name(p, n, at);
		if (at + 10 > n)
			break;
		unsigned type = p[at] * 256u + p[at + 1], length = p[at + 8] * 256u + p[at + 9];
		at += 10;
		if (type == 1 && length == 4 && at + 4 <= n) {
			uint32_t v4 = (uint32_t)p[at] << 24 | (uint32_t)p[at + 1] << 16 | (uint32_t)p[at + 2] << 8 |
				      p[at + 3];
			return (struct dns_answer){.result = DNS_ADDRESS, .addr = cidr_make_v4(v4, 32).addr};
		}
		at += length;
	}
	return (struct dns_answer){.result = DNS_NONE};
}

/* errno in the words that Go's resolver, and so dockerd, has for it. */
static struct dns_answer no_answer(const char *what)
{
	bool late = errno == EAGAIN || errno == ETIMEDOUT || errno == EINPROGRESS;
	return (struct dns_answer){.result = DNS_BAD, .said = late ? "i/o timeout" : errno ? strerror(errno) : what};
}

struct dns_answer dns_ask(struct addr server, struct str name, bool tcp, int bound_ms)
{
	unsigned char question[2 + QUESTION], answer[2 + ANSWER];
	uint16_t id = 0;
	if (getrandom(&id, sizeof id, GRND_NONBLOCK) < 0)
		id = (uint16_t)getpid();
	size_t n = make_question(question, name, id);
	if (n == 0)
		return (struct dns_answer){.result = DNS_BAD, .said = "no DNS name"};
	int fd = connect_to(server, 53, tcp, bound_ms);
	if (fd < 0)
		return no_answer("");
	size_t skip = tcp ? 0 : 2, got = 0;
	struct dns_answer result = {0};
	errno = 0;
	if (send(fd, question + skip, n - skip, MSG_NOSIGNAL) < 0) {
		result = no_answer("");
	} else {
		/* By TCP the length stands in front, and an answer may come in parts. */
		for (ssize_t r = 1; r > 0;) {
			r = recv(fd, answer + skip + got, sizeof answer - skip - got, 0);
			got += r > 0 ? (size_t)r : 0;
			size_t wanted = tcp && got >= 2 ? 2u + answer[0] * 256u + answer[1] : 2;
			if (r <= 0 || !tcp || (got >= 2 && got >= wanted) || got == sizeof answer)
				break;
		}
		size_t head = tcp ? 2 : 0;
		result = got > head ? read_answer(answer + 2, got - head, id) : no_answer("it hung up");
	}
	close(fd);
	return result;
}
