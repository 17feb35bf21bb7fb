/* rtnetlink(7) → struct pod_network. Dumps are asked for one by one, each on a socket of its own, so that an answer
 * that comes late can belong to nothing else. */
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* As NLMSG_DATA, NLMSG_NEXT and RTA_DATA, which take const away. */
static const void *message_body(const struct nlmsghdr *message)
{
	return (const char *)message + NLMSG_HDRLEN;
}

static const struct nlmsghdr *next_message(const struct nlmsghdr *message, size_t *left)
{
	size_t step = NLMSG_ALIGN(message->nlmsg_len);
	*left = *left > step ? *left - step : 0;
	return (const struct nlmsghdr *)(const void *)((const char *)message + step);
}

static const void *attribute_body(const struct rtattr *attribute)
{
	return (const char *)attribute + RTA_LENGTH(0);
}

struct asker {
	struct arena *arena;
	struct pod_network *network;
};
typedef void take_message(struct asker *a, const struct nlmsghdr *message);

static struct addr address_of(int family, const void *bytes)
{
	unsigned char b[16] = {[10] = 0xff, [11] = 0xff};
	if (family == AF_INET)
		memcpy(b + 12, bytes, 4);
	else
		memcpy(b, bytes, 16);
	struct addr addr = {0};
	for (int i = 0; i < 8; i++) {
		addr.high = addr.high << 8 | b[i];
		addr.low = addr.low << 8 | b[i + 8];
	}
	return addr;
}

static unsigned length_of(int family, unsigned prefix)
{
	return family == AF_INET ? ADDR_V4 + prefix : prefix;
}

struct attributes {
	const struct rtattr *of[RTA_MAX > IFLA_MAX ? RTA_MAX + 1 : IFLA_MAX + 1];
};

static struct attributes attributes_of(const struct nlmsghdr *message, size_t header)
{
	struct attributes found = {0};
	const char *end = (const char *)message + message->nlmsg_len;
	const char *at = (const char *)message_body(message) + NLMSG_ALIGN(header);
	while (at + sizeof(struct rtattr) <= end) {
		const struct rtattr *attribute = (const struct rtattr *)(const void *)at;
		if (attribute->rta_len < sizeof *attribute || at + attribute->rta_len > end)
			break;
		if (attribute->rta_type < sizeof found.of / sizeof *found.of)
			found.of[attribute->rta_type] = attribute;
		at += RTA_ALIGN(attribute->rta_len);
	}
	return found;
}

static uint32_t number_of(const struct rtattr *attribute)
{
	uint32_t number = 0;
	if (attribute && RTA_PAYLOAD(attribute) >= sizeof number)
		memcpy(&number, attribute_body(attribute), sizeof number);
	return number;
}

static bool holds_address(const struct rtattr *attribute, int family)
{
	return attribute && RTA_PAYLOAD(attribute) >= (family == AF_INET ? 4u : 16u);
}

static void take_link(struct asker *a, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = message_body(message);
	struct attributes attributes = attributes_of(message, sizeof *info);
	const struct rtattr *name = attributes.of[IFLA_IFNAME];
	struct pod_network *n = a->network;
	ARENA_PUSH(a->arena, n->links, n->link_count, n->link_capacity);
	n->links[n->link_count++] = (struct link){
		.name = name ? arena_fmt(a->arena, "%.*s", (int)strnlen(attribute_body(name), RTA_PAYLOAD(name)),
					 (const char *)attribute_body(name)) :
			       S(""),
		.index = info->ifi_index,
		.mtu = number_of(attributes.of[IFLA_MTU]),
		.up = info->ifi_flags & IFF_UP,
	};
}

static void take_address(struct asker *a, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *info = message_body(message);
	struct attributes attributes = attributes_of(message, sizeof *info);
	/* Of a point-to-point link IFA_ADDRESS is the other end. */
	const struct rtattr *address = attributes.of[IFA_LOCAL] ? attributes.of[IFA_LOCAL] : attributes.of[IFA_ADDRESS];
	int family = info->ifa_family;
	struct pod_network *n = a->network;
	if (!holds_address(address, family))
		return;
	ARENA_PUSH(a->arena, n->addresses, n->address_count, n->address_capacity);
	n->addresses[n->address_count++] = (struct own_address){
		.cidr = {address_of(family, attribute_body(address)), (uint8_t)length_of(family, info->ifa_prefixlen), true},
		.link = (int)info->ifa_index,
	};
}

static bool route_of(const struct nlmsghdr *message, struct route *route)
{
	const struct rtmsg *info = message_body(message);
	struct attributes attributes = attributes_of(message, sizeof *info);
	const struct rtattr *to = attributes.of[RTA_DST], *gateway = attributes.of[RTA_GATEWAY];
	int family = info->rtm_family;
	if ((family != AF_INET && family != AF_INET6) || (to && !holds_address(to, family)))
		return false;
	static const unsigned char zero[16];
	*route = (struct route){
		.to = cidr_masked((struct cidr){address_of(family, to ? attribute_body(to) : zero),
						(uint8_t)length_of(family, info->rtm_dst_len), true}),
		.is_default = info->rtm_dst_len == 0,
		.table = attributes.of[RTA_TABLE] ? number_of(attributes.of[RTA_TABLE]) : info->rtm_table,
		.link = (int)number_of(attributes.of[RTA_OIF]),
		.type = info->rtm_type,
		.has_gateway = holds_address(gateway, family),
	};
	if (route->has_gateway)
		route->gateway = address_of(family, attribute_body(gateway));
	const struct rtattr *hops = attributes.of[RTA_MULTIPATH];
	if (!route->link && hops && RTA_PAYLOAD(hops) >= sizeof(struct rtnexthop))
		route->link = ((const struct rtnexthop *)attribute_body(hops))->rtnh_ifindex; /* the first stands for all */
	return true;
}

static void take_route(struct asker *a, const struct nlmsghdr *message)
{
	const struct rtmsg *info = message_body(message);
	struct pod_network *n = a->network;
	struct route route;
	if ((info->rtm_flags & RTM_F_CLONED) || !route_of(message, &route))
		return;
	ARENA_PUSH(a->arena, n->routes, n->route_count, n->route_capacity);
	n->routes[n->route_count++] = route;
}

/* Hands the messages of one answer to TAKE; false where the kernel refuses, or says nothing for a second. */
static bool read_answer(int fd, struct asker *a, uint16_t type, bool dump, take_message *take)
{
	_Alignas(struct nlmsghdr) char bytes[32 * 1024];
	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof bytes, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		size_t left = (size_t)n;
		for (const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)bytes; NLMSG_OK(m, left);
		     m = next_message(m, &left)) {
			if (m->nlmsg_type == NLMSG_DONE)
				return true;
			if (m->nlmsg_type == NLMSG_ERROR)
				return false;
			if (m->nlmsg_type == type)
				take(a, m);
			if (!dump)
				return true;
		}
	}
}

struct request {
	struct nlmsghdr header;
	union {
		struct rtgenmsg family;
		struct {
			struct rtmsg route;
			struct rtattr to;
			unsigned char address[16];
		} lookup;
	} body;
};

static bool ask(struct asker *a, struct request *request, size_t body, uint16_t answer, bool dump, take_message *take)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return false;
	struct timeval bound = {.tv_sec = 1};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0));
	bool good = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) == 0 &&
		    sendto(fd, request, request->header.nlmsg_len, 0, (const struct sockaddr *)&kernel,
			   sizeof kernel) >= 0 &&
		    read_answer(fd, a, answer, dump, take);
	close(fd);
	return good;
}

static bool dump(struct asker *a, uint16_t type, uint16_t answer, int family, take_message *take)
{
	struct request request = {.header.nlmsg_type = type, .body.family.rtgen_family = (unsigned char)family};
	return ask(a, &request, sizeof(struct rtmsg), answer, true, take);
}

/* --- where packets would leave --- */

static void take_reach(struct asker *a, const struct nlmsghdr *message)
{
	struct route route;
	if (route_of(message, &route))
		a->network->reaches[a->network->reach_count - 1].link = route.link;
}

static void add_reach(struct asker *a, const char *what, struct addr to)
{
	struct pod_network *n = a->network;
	ARENA_PUSH(a->arena, n->reaches, n->reach_count, n->reach_capacity);
	n->reaches[n->reach_count++] = (struct reach){.what = str_of(what), .to = to};
	bool v4 = addr_is_v4(to);
	struct request request = {.header.nlmsg_type = RTM_GETROUTE};
	request.body.lookup.route = (struct rtmsg){.rtm_family = v4 ? AF_INET : AF_INET6, .rtm_dst_len = v4 ? 32 : 128};
	request.body.lookup.to =
		(struct rtattr){.rta_len = (unsigned short)RTA_LENGTH(v4 ? 4 : 16), .rta_type = RTA_DST};
	for (int i = 0; i < 16; i++) {
		uint64_t half = i < 8 ? to.high : to.low;
		unsigned char byte = (unsigned char)(half >> (56 - 8 * (i % 8)));
		if (!v4)
			request.body.lookup.address[i] = byte;
		else if (i >= 12)
			request.body.lookup.address[i - 12] = byte;
	}
	ask(a, &request, sizeof(struct rtmsg) + RTA_LENGTH(v4 ? 4 : 16), RTM_NEWROUTE, false, take_reach);
}

static void add_reaches(struct asker *a, const struct surroundings *around)
{
	struct addr addr;
	if (addr_parse(around->service_host, &addr))
		add_reach(a, "the parent's API server", addr);
	for (size_t i = 0; i < around->resolver.address_count; i++)
		add_reach(a, "the pod's DNS server", around->resolver.addresses[i]);
	if (addr_parse(around->host_ip, &addr))
		add_reach(a, "the pod's node", addr);
}

static int find_default(const struct pod_network *n)
{
	int found = 0;
	for (size_t i = 0; i < n->route_count; i++) {
		const struct route *r = &n->routes[i];
		if (!r->is_default || r->table != RT_TABLE_MAIN || r->type != RTN_UNICAST || !r->link)
			continue;
		if (cidr_is_v4(r->to))
			return r->link;
		found = found ? found : r->link;
	}
	return found;
}

const struct link *network_link(const struct pod_network *network, int index)
{
	for (size_t i = 0; i < network->link_count; i++)
		if (network->links[i].index == index)
			return &network->links[i];
	return NULL;
}

void netlink_ask(struct arena *arena, struct surroundings *around)
{
	around->network = (struct pod_network){0};
	struct asker a = {arena, &around->network};
	around->network.known = dump(&a, RTM_GETLINK, RTM_NEWLINK, AF_UNSPEC, take_link) &&
				dump(&a, RTM_GETADDR, RTM_NEWADDR, AF_UNSPEC, take_address) &&
				dump(&a, RTM_GETROUTE, RTM_NEWROUTE, AF_INET, take_route) &&
				dump(&a, RTM_GETROUTE, RTM_NEWROUTE, AF_INET6, take_route);
	around->network.default_link = find_default(&around->network);
	add_reaches(&a, around);
}

/* --- making links --- */

static void add_attribute(struct nlmsghdr *message, unsigned short type, const char *text)
{
	size_t n = strlen(text) + 1;
	struct rtattr *attribute = (struct rtattr *)(void *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(n);
	memcpy((char *)attribute + RTA_LENGTH(0), text, n);
	message->nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

int netlink_make_link(const char *name, const char *kind)
{
	_Alignas(struct nlmsghdr) char bytes[1024] = {0};
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)bytes;
	message->nlmsg_type = RTM_NEWLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	message->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
	add_attribute(message, IFLA_IFNAME, name);
	struct rtattr *info = (struct rtattr *)(void *)(bytes + NLMSG_ALIGN(message->nlmsg_len));
	message->nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->nlmsg_len) + RTA_LENGTH(0));
	info->rta_type = IFLA_LINKINFO;
	add_attribute(message, IFLA_INFO_KIND, kind);
	info->rta_len = (unsigned short)(bytes + message->nlmsg_len - (char *)info);

	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return errno;
	int result = 0;
	_Alignas(struct nlmsghdr) char answer[1024];
	ssize_t n = send(fd, bytes, message->nlmsg_len, 0) < 0 ? -1 : recv(fd, answer, sizeof answer, 0);
	const struct nlmsghdr *said = (const struct nlmsghdr *)(const void *)answer;
	if (n < 0)
		result = errno;
	else if ((size_t)n >= NLMSG_LENGTH(sizeof(struct nlmsgerr)) && said->nlmsg_type == NLMSG_ERROR)
		result = -((const struct nlmsgerr *)message_body(said))->error;
	close(fd);
	return result;
}
