/* base64 → PEM → base64 → DER (X.690) → Certificate.tbsCertificate.validity.notAfter (RFC 5280). */
#include "certificate.h"

#include <time.h>

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Line breaks are passed over; the first other byte ends it, as padding does. */
static struct str decode(struct arena *arena, struct str text)
{
	char *out = NEW_ARRAY(arena, char, text.n);
	size_t n = 0;
	uint32_t bits = 0;
	int held = 0;
	for (size_t i = 0; i < text.n; i++) {
		int digit = digit_of(text.p[i]);
		if (text.p[i] == '\n' || text.p[i] == '\r')
			continue;
		if (digit < 0)
			break;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (char)(bits >> held & 0xff);
		}
	}
	return (struct str){out, n};
}

struct value {
	unsigned char tag;
	struct str content;
};

/* Takes the next value off *REST; a tag of 0: there is none. */
static struct value take(struct str *rest)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	if (rest->n < 2)
		return (struct value){0};
	size_t head = 2, length = p[1];
	if (length & 0x80) {
		size_t count = length & 0x7f;
		if (count > 3 || rest->n < 2 + count)
			return (struct value){0};
		length = 0;
		for (size_t i = 0; i < count; i++)
			length = length << 8 | p[2 + i];
		head += count;
	}
	if (length > rest->n - head)
		return (struct value){0};
	struct value value = {p[0], str_to(str_from(*rest, head), length)};
	*rest = str_from(*rest, head + length);
	return value;
}

enum { SEQUENCE = 0x30, VERSION = 0xa0, UTC_TIME = 0x17, GENERAL_TIME = 0x18 };

/* "261124193000Z", of 1950 to 2049, or "20261124193000Z". */
static int64_t seconds_of(struct value time)
{
	struct tm tm = {0};
	char text[20] = "";
	bool is_short = time.tag == UTC_TIME;
	if ((!is_short && time.tag != GENERAL_TIME) || time.content.n != (is_short ? 13 : 15))
		return 0;
	if (is_short)
		memcpy(text, time.content.p[0] < '5' ? "20" : "19", 2);
	memcpy(text + (is_short ? 2 : 0), time.content.p, time.content.n);
	const char *end = strptime(text, "%Y%m%d%H%M%SZ", &tm);
	return end && !*end ? (int64_t)timegm(&tm) : 0;
}

int64_t certificate_end(struct arena *arena, struct str data)
{
	static const struct str begin = S_INIT("-----BEGIN CERTIFICATE-----");
	struct str pem = decode(arena, data), line;
	while (str_line(&pem, &line) && !str_eq(str_trim(line), begin))
		;
	struct str der = decode(arena, pem), certificate = take(&der).content, signed_part = take(&certificate).content;
	struct value value = take(&signed_part);
	if (value.tag == VERSION)
		value = take(&signed_part); /* the serial number */
	take(&signed_part); /* the signature's algorithm */
	take(&signed_part); /* the issuer */
	struct value validity = take(&signed_part);
	if (validity.tag != SEQUENCE)
		return 0;
	take(&validity.content);
	return seconds_of(take(&validity.content));
}
