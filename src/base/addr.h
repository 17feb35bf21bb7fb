/* IPv4 and IPv6 addresses and ranges as 128-bit numbers; IPv4 is ::ffff:0:0/96.
 *
 * A range's length counts bits of the 128: an IPv4 /20 is 116. The zero value of
 * a range is "no range": it overlaps, contains and has nothing. A v6 range never
 * touches a v4 one, not even ::/0, which holds the mapped addresses as a number.
 *
 * Text is what Go's netip takes, but without zones and without v4-mapped IPv6
 * (::ffff:10.0.0.1), which is refused because it could not be told from IPv4.
 * Nothing here allocates, except where it is given an arena.
 */
#ifndef KDK_BASE_ADDR_H
#define KDK_BASE_ADDR_H

#include "arena.h"

struct addr {
	uint64_t high, low;
};

struct cidr {
	struct addr addr;
	uint8_t length; /* 0..128 */
	bool set;
};

enum {
	ADDR_BITS = 128,
	ADDR_V4 = 96,   /* bits in front of an IPv4 address */
	ADDR_TEXT = 39, /* the longest text of an address */
	CIDR_TEXT = ADDR_TEXT + 4,
};

bool addr_parse(struct str text, struct addr *out); /* *OUT is written only where the result is true */
bool addr_is_v4(struct addr addr);
int addr_cmp(struct addr a, struct addr b);
struct addr addr_add(struct addr addr, uint64_t count); /* the caller stays inside the address space */
bool addr_next(struct addr addr, struct addr *next);    /* false behind the last address of the family */

enum cidr_error {
	CIDR_OK,
	CIDR_INVALID,   /* *out is "no range" */
	CIDR_HOST_BITS, /* *out holds the address as written and the length; see cidr_masked() and cidr_widest() */
};
enum cidr_error cidr_parse(struct str text, struct cidr *out);

/* FIRST has no bits behind LENGTH128. */
struct cidr cidr_of(struct addr first, unsigned length128);
struct cidr cidr_make_v4(uint32_t first, unsigned prefix); /* 0x0a000000, 8: 10.0.0.0/8 */
struct cidr cidr_masked(struct cidr cidr);
struct cidr cidr_widest(struct addr first); /* the largest range of its family that starts at FIRST */

bool cidr_is_v4(struct cidr cidr);
unsigned cidr_prefix(struct cidr cidr); /* as written: 0..32 or 0..128 */
unsigned cidr_bits(struct cidr cidr);   /* it holds 2^bits addresses */
struct addr cidr_first(struct cidr cidr);
struct addr cidr_last(struct cidr cidr);

bool cidr_eq(struct cidr a, struct cidr b);
bool cidr_overlaps(struct cidr a, struct cidr b);
bool cidr_contains(struct cidr outer, struct cidr inner); /* equal ranges too */
bool cidr_has(struct cidr cidr, struct addr addr);

/* The INDEX-th range of LENGTH128 within BLOCK, which holds more than INDEX of them. */
struct cidr cidr_part(struct cidr block, unsigned length128, uint64_t index);
/* The other way: which part ADDR is in, by its bits behind BLOCK's length alone, so that the ends of
 * a range around BLOCK are in its first and last part. UINT64_MAX stands for all from there on. */
uint64_t cidr_part_index(struct cidr block, unsigned length128, struct addr addr);

/* Text per RFC 5952, not NUL-terminated. "No range" is the empty text. The first two
 * write into OUT and return it as a str, so that STR(cidr_print(out, cidr)) works. */
struct str addr_print(char out[static ADDR_TEXT], struct addr addr);
struct str cidr_print(char out[static CIDR_TEXT], struct cidr cidr);
struct str addr_text(struct arena *arena, struct addr addr);
struct str cidr_text(struct arena *arena, struct cidr cidr);

#endif
