/* Plain scalars by the rules of YAML 1.1 (yaml.org/type) and the core schema of 1.2.2. */
#include "scalar.h"

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const bools[] = {
	"y",   "Y",   "yes",  "Yes",  "YES",  "n",     "N",     "no",    "No", "NO", "true", "True",
	"TRUE", "false", "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF", NULL,
};
static const char *const specials[] = {
	".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL,
};

static bool all_in(struct str s, bool (*in)(char))
{
	for (size_t i = 0; i < s.n; i++)
		if (!in(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_digit_(char c)
{
	return is_digit(c) || c == '_';
}

static bool is_binary(char c)
{
	return c == '0' || c == '1' || c == '_';
}

static bool is_octal(char c)
{
	return (c >= '0' && c <= '7') || c == '_';
}

static bool is_hex(char c)
{
	return is_digit_(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Base 60, as in 12:30:45 and 1:30.5 */
static bool is_sexagesimal(struct str s, bool *fraction)
{
	size_t colon = str_find(s, ':');
	if (colon == s.n || !all_in(str_to(s, colon), is_digit_))
		return false;
	for (s = str_from(s, colon + 1);; s = str_from(s, colon + 1)) {
		colon = str_find(s, ':');
		struct str part = str_to(s, colon);
		if (colon == s.n) {
			size_t dot = str_find(part, '.');
			*fraction = dot < part.n;
			if (*fraction && part.n > dot + 1 && !all_in(str_from(part, dot + 1), is_digit_))
				return false;
			part = str_to(part, dot);
		}
		if (part.n < 1 || part.n > 2 || !all_in(part, is_digit) || (part.n == 2 && part.p[0] > '5'))
			return false;
		if (colon == s.n)
			return true;
	}
}

static enum reading number_reading(struct str s)
{
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_from(s, 1);
	if (is_one_of(s, specials))
		return READS_FLOAT;
	if (s.n == 0 || !(is_digit(s.p[0]) || s.p[0] == '.'))
		return READS_TEXT;
	if (all_in(s, is_digit_))
		return READS_INT;
	if (s.p[0] == '0' && s.n > 2) {
		struct str rest = str_from(s, 2);
		if ((s.p[1] == 'x' && all_in(rest, is_hex)) || (s.p[1] == 'b' && all_in(rest, is_binary)) ||
		    (s.p[1] == 'o' && all_in(rest, is_octal)))
			return READS_INT;
	}
	bool fraction = false;
	if (is_sexagesimal(s, &fraction))
		return fraction ? READS_FLOAT : READS_INT;

	size_t digits = 0, i = 0;
	for (; i < s.n && is_digit_(s.p[i]); i++)
		digits++;
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && is_digit_(s.p[i]); i++)
			digits++;
	if (digits == 0)
		return READS_TEXT;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
			i++;
		if (!all_in(str_from(s, i), is_digit))
			return READS_TEXT;
		i = s.n;
	}
	return i == s.n ? READS_FLOAT : READS_TEXT;
}

enum reading scalar_reading(struct str plain)
{
	/* Names and emails are most of a file: their first byte and their length settle them. */
	static const char starts[] = "~nNyYtTfFoO";
	bool letter = plain.n && !is_digit(plain.p[0]) && plain.p[0] != '+' && plain.p[0] != '-' && plain.p[0] != '.';
	if (letter && (plain.n > 5 || str_find((struct str)S_INIT(starts), plain.p[0]) == sizeof starts - 1))
		return READS_TEXT;
	if (is_one_of(plain, nulls))
		return READS_NULL;
	if (plain.n <= 5 && is_one_of(plain, bools))
		return READS_BOOL;
	return number_reading(plain);
}

enum reading node_reading(const struct node *scalar, bool generated)
{
	if (!scalar->plain)
		return READS_TEXT;
	struct str text = node_text(scalar);
	/* Octal as YAML 1.2 writes it means nothing to Helm's YAML 1.1 writer. */
	if (generated && str_starts(text, S("0o")))
		return READS_TEXT;
	return scalar_reading(text);
}

const char *reading_name(enum reading reading)
{
	static const char *const names[] = {"text", "null", "a bool", "a number", "a number"};
	return names[reading];
}
