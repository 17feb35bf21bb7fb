/* A piece of text: bytes with a length, never NUL-terminated by contract.
 *
 * A str does not own its bytes; they live as long as the arena, source or
 * literal that they were taken from. The zero value is the empty text.
 */
#ifndef KDK_BASE_STR_H
#define KDK_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *p;
	size_t n;
};

/* A str of a string literal, as an expression and as an initialiser. */
#define S(literal) ((struct str){(literal), sizeof(literal) - 1})
#define S_INIT(literal) {(literal), sizeof(literal) - 1}

/* The two arguments of a printf "%.*s". */
#define STR(s) (int)(s).n, (s).p

struct str str_of(const char *c_string); /* NULL gives the empty text */
bool str_eq(struct str a, struct str b);
int str_cmp(struct str a, struct str b); /* bytewise, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* The position of byte C in S, or S.n where there is none. */
size_t str_find(struct str s, char c);
/* S from byte FROM on, and S up to byte TO; bounds past the end are the end. */
struct str str_from(struct str s, size_t from);
struct str str_to(struct str s, size_t to);
/* S without spaces, tabs and line breaks at its ends. */
struct str str_trim(struct str s);
/* S without the byte order mark that Windows editors put first. */
struct str str_without_mark(struct str s);
/* Takes the first line off *REST, without its LF; false where nothing is left. */
bool str_line(struct str *rest, struct str *line);

/* The length of the UTF-8 character (RFC 3629) that S begins with, and its code point in *CODE;
 * 0 where S is empty or begins with anything else. */
size_t str_character(struct str s, uint32_t *code);

/* FNV-1a, 64 bits (draft-eastlake-fnv); START is FNV_START or a hash to go on from. */
#define FNV_START UINT64_C(0xcbf29ce484222325)
uint64_t str_hash(uint64_t start, struct str s);

/* The Levenshtein distance of A and B, or LIMIT + 1 where it is larger. For "did you mean". */
size_t str_distance(struct str a, struct str b, size_t limit);

#endif
