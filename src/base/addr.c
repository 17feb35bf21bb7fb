/* Addresses and ranges: arithmetic on 128 bits, text in and out.
 *
 * Parsing follows Go's netip to the letter (dotted octets and prefix lengths without
 * leading zeros, one "::" that stands for at least one group, an IPv4 tail only in
 * the last two groups), because Kubernetes reads the same text with it.
 */
#include "addr.h"

#define MAPPED UINT64_C(0xffff00000000)

static struct addr host_bits(unsigned length)
{
	if (length < 64)
		return (struct addr){UINT64_MAX >> length, UINT64_MAX};
	return (struct addr){0, length < 128 ? UINT64_MAX >> (length - 64) : 0};
}

bool addr_is_v4(struct addr addr)
{
	return addr.high == 0 && addr.low >> 32 == MAPPED >> 32;
}

int addr_cmp(struct addr a, struct addr b)
{
	return a.high != b.high ? (a.high > b.high) - (a.high < b.high) : (a.low > b.low) - (a.low < b.low);
}

struct addr addr_add(struct addr addr, uint64_t count)
{
	uint64_t low = addr.low + count;
	return (struct addr){addr.high + (low < count), low};
}

bool addr_next(struct addr addr, struct addr *next)
{
	*next = addr_add(addr, 1);
	return addr_cmp(*next, addr) > 0 && addr_is_v4(*next) == addr_is_v4(addr);
}

struct cidr cidr_of(struct addr first, unsigned length128)
{
	return (struct cidr){first, (uint8_t)length128, true};
}

struct cidr cidr_make_v4(uint32_t first, unsigned prefix)
{
	return cidr_of((struct addr){0, MAPPED | first}, ADDR_V4 + prefix);
}

struct cidr cidr_masked(struct cidr cidr)
{
	struct addr host = host_bits(cidr.length);
	cidr.addr = (struct addr){cidr.addr.high & ~host.high, cidr.addr.low & ~host.low};
	return cidr;
}

struct cidr cidr_widest(struct addr first)
{
	struct cidr widest = cidr_of(first, ADDR_BITS);
	while (widest.length > 0) {
		struct cidr wider = cidr_masked(cidr_of(first, widest.length - 1U));
		if (addr_cmp(wider.addr, first) != 0)
			break;
		widest = wider;
	}
	return widest;
}

bool cidr_is_v4(struct cidr cidr)
{
	return cidr.length >= ADDR_V4 && addr_is_v4(cidr.addr);
}

unsigned cidr_prefix(struct cidr cidr)
{
	return cidr_is_v4(cidr) ? cidr.length - (unsigned)ADDR_V4 : cidr.length;
}

unsigned cidr_bits(struct cidr cidr)
{
	return (unsigned)ADDR_BITS - cidr.length;
}

struct addr cidr_first(struct cidr cidr)
{
	return cidr_masked(cidr).addr;
}

struct addr cidr_last(struct cidr cidr)
{
	struct addr host = host_bits(cidr.length);
	return (struct addr){cidr.addr.high | host.high, cidr.addr.low | host.low};
}

bool cidr_eq(struct cidr a, struct cidr b)
{
	return a.set == b.set && (!a.set || (a.length == b.length && addr_cmp(a.addr, b.addr) == 0));
}

bool cidr_overlaps(struct cidr a, struct cidr b)
{
	if (!a.set || !b.set || cidr_is_v4(a) != cidr_is_v4(b))
		return false;
	struct addr host = host_bits(a.length < b.length ? a.length : b.length);
	return ((a.addr.high ^ b.addr.high) & ~host.high) == 0 && ((a.addr.low ^ b.addr.low) & ~host.low) == 0;
}

bool cidr_contains(struct cidr outer, struct cidr inner)
{
	return outer.length <= inner.length && cidr_overlaps(outer, inner);
}

bool cidr_has(struct cidr cidr, struct addr addr)
{
	return cidr_overlaps(cidr, cidr_of(addr, ADDR_BITS));
}

struct cidr cidr_part(struct cidr block, unsigned length128, uint64_t index)
{
	unsigned shift = ADDR_BITS - length128;
	struct addr first = cidr_first(block);
	if (shift < 64)
		first.low |= index << shift;
	if (shift > 0 && shift < 64)
		first.high |= index >> (64 - shift);
	if (shift >= 64 && shift < 128)
		first.high |= index << (shift - 64);
	return cidr_of(first, length128);
}

uint64_t cidr_part_index(struct cidr block, unsigned length128, struct addr addr)
{
	unsigned shift = ADDR_BITS - length128;
	struct addr host = host_bits(block.length);
	struct addr offset = {addr.high & host.high, addr.low & host.low};
	if (shift >= 64)
		return shift < 128 ? offset.high >> (shift - 64) : 0;
	if (offset.high >> shift)
		return UINT64_MAX;
	return shift ? offset.high << (64 - shift) | offset.low >> shift : offset.low;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit, or 16. */
static unsigned hex_digit(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

static bool parse_v4(struct str text, uint32_t *out)
{
	size_t at = 0;
	*out = 0;
	for (int octet = 0; octet < 4; octet++) {
		if (octet && (at == text.n || text.p[at++] != '.'))
			return false;
		size_t from = at;
		uint32_t value = 0;
		for (; at < text.n && at - from < 3 && is_digit(text.p[at]); at++)
			value = value * 10 + (uint32_t)(text.p[at] - '0');
		if (at == from || value > 255 || (at - from > 1 && text.p[from] == '0'))
			return false;
		*out = *out << 8 | value;
	}
	return at == text.n;
}

static bool parse_v6(struct str text, struct addr *out)
{
	enum { GROUPS = 8, NOWHERE = GROUPS + 1 };
	uint16_t groups[GROUPS] = {0};
	size_t count = 0, gap = NOWHERE; /* how many groups stand before the "::" */
	size_t at = 0;

	if (str_starts(text, S("::"))) {
		gap = 0;
		at = 2;
	}
	while (count < GROUPS && !(gap == count && at == text.n)) {
		size_t from = at;
		unsigned value = 0, digit;
		for (; at < text.n && at - from < 4 && (digit = hex_digit(text.p[at])) < 16; at++)
			value = value << 4 | digit;
		if (at == from)
			return false;
		if (at < text.n && text.p[at] == '.') {
			uint32_t v4;
			if ((gap == NOWHERE ? count != 6 : count > 6) || !parse_v4(str_from(text, from), &v4))
				return false;
			groups[count++] = (uint16_t)(v4 >> 16);
			groups[count++] = (uint16_t)v4;
			at = text.n;
			break;
		}
		groups[count++] = (uint16_t)value;
		if (at == text.n)
			break;
		if (text.p[at++] != ':' || at == text.n)
			return false;
		if (text.p[at] == ':') {
			if (gap != NOWHERE)
				return false;
			gap = count;
			at++;
		}
	}
	if (at != text.n || (gap == NOWHERE) != (count == GROUPS))
		return false;

	*out = (struct addr){0, 0};
	for (size_t i = 0; i < count; i++) {
		size_t place = i < gap ? i : i + GROUPS - count;
		*(place < 4 ? &out->high : &out->low) |= (uint64_t)groups[i] << (16 * (3 - place % 4));
	}
	return true;
}

bool addr_parse(struct str text, struct addr *out)
{
	if (str_find(text, ':') == text.n) {
		uint32_t v4;
		if (!parse_v4(text, &v4))
			return false;
		*out = (struct addr){0, MAPPED | v4};
		return true;
	}
	struct addr v6;
	if (!parse_v6(text, &v6) || addr_is_v4(v6))
		return false;
	*out = v6;
	return true;
}

enum cidr_error cidr_parse(struct str text, struct cidr *out)
{
	*out = (struct cidr){0};
	size_t slash = str_find(text, '/');
	struct addr addr;
	if (!addr_parse(str_to(text, slash), &addr))
		return CIDR_INVALID;

	struct str digits = str_from(text, slash + 1);
	if (digits.n < 1 || digits.n > 3 || (digits.n > 1 && digits.p[0] == '0'))
		return CIDR_INVALID;
	unsigned length = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (!is_digit(digits.p[i]))
			return CIDR_INVALID;
		length = length * 10 + (unsigned)(digits.p[i] - '0');
	}
	if (addr_is_v4(addr))
		length += ADDR_V4;
	if (length > ADDR_BITS)
		return CIDR_INVALID;
	*out = cidr_of(addr, length);
	return addr_cmp(cidr_first(*out), addr) == 0 ? CIDR_OK : CIDR_HOST_BITS;
}

static char *put_decimal(char *to, unsigned value) /* up to 999 */
{
	if (value >= 100)
		*to++ = (char)('0' + value / 100);
	if (value >= 10)
		*to++ = (char)('0' + value / 10 % 10);
	*to++ = (char)('0' + value % 10);
	return to;
}

static char *put_v4(char *to, uint32_t addr)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		to = put_decimal(to, addr >> shift & 0xff);
		if (shift)
			*to++ = '.';
	}
	return to;
}

static char *put_group(char *to, unsigned value)
{
	int shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[value >> shift & 0xf];
	return to;
}

static char *put_v6(char *to, struct addr addr)
{
	unsigned groups[8];
	int gap = 8, gap_end = 8; /* the longest run of zero groups, the first of several, at least two */
	for (int i = 0; i < 8; i++)
		groups[i] = (unsigned)((i < 4 ? addr.high : addr.low) >> (16 * (3 - i % 4)) & 0xffff);
	for (int i = 0, end; i < 8; i = end + 1) {
		for (end = i; end < 8 && groups[end] == 0;)
			end++;
		if (end - i >= 2 && end - i > gap_end - gap) {
			gap = i;
			gap_end = end;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			*to++ = ':';
			*to++ = ':';
			i = gap_end;
			if (i == 8)
				break;
		} else if (i) {
			*to++ = ':';
		}
		to = put_group(to, groups[i]);
	}
	return to;
}

struct str addr_print(char out[static ADDR_TEXT], struct addr addr)
{
	char *end = addr_is_v4(addr) ? put_v4(out, (uint32_t)addr.low) : put_v6(out, addr);
	return (struct str){out, (size_t)(end - out)};
}

struct str cidr_print(char out[static CIDR_TEXT], struct cidr cidr)
{
	if (!cidr.set)
		return (struct str){0};
	char *end = out + addr_print(out, cidr.addr).n;
	*end++ = '/';
	end = put_decimal(end, cidr_prefix(cidr));
	return (struct str){out, (size_t)(end - out)};
}

struct str addr_text(struct arena *arena, struct addr addr)
{
	char text[ADDR_TEXT];
	return arena_str(arena, addr_print(text, addr));
}

struct str cidr_text(struct arena *arena, struct cidr cidr)
{
	char text[CIDR_TEXT];
	return arena_str(arena, cidr_print(text, cidr));
}
