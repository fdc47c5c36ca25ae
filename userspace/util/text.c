// SPDX-License-Identifier: GPL-2.0
/* Strings from outside made harmless for terminals, tables and error lines. */
#include "util/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The code point of a sequence whose shape was checked by mms_utf8_len(). */
static uint32_t code_point(const unsigned char *p, size_t n)
{
	uint32_t c;

	if (n == 1)
		return p[0];
	c = p[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

size_t mms_utf8_len(const char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c;
	size_t n;

	if (p[0] < 0x80)
		return p[0] != 0;
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	c = code_point(p, n);
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static bool harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) ||	/* C0, DEL, C1 */
	       c == 0x061c || c == 0x200e || c == 0x200f || /* direction marks */
	       (c >= 0x2028 && c <= 0x202e) ||	/* separators, embeddings */
	       (c >= 0x2066 && c <= 0x2069) ||	/* isolates */
	       c == 0xfeff;
}

/* Bytes of the character at @p that may be shown as it is, 0 if not. */
static size_t harmless_len(const char *p)
{
	size_t n = mms_utf8_len(p);

	if (n && harmful(code_point((const unsigned char *)p, n)))
		return 0;
	return n;
}

/* Is what follows a run of backslashes an escape, or about to become one? */
static bool looks_escaped(const char *p)
{
	if (p[0] == 'x')
		return isxdigit((unsigned char)p[1]) &&
		       isxdigit((unsigned char)p[2]);
	return *p && !harmless_len(p);
}

/* One input unit at *@in into @unit; returns the unit's length. */
static size_t next_unit(const char **in, char unit[8])
{
	const char *p = *in;
	size_t n;

	if (*p == '\\') {
		*in = p + 1;
		unit[0] = unit[1] = '\\';
		return looks_escaped(p + strspn(p, "\\")) ? 2 : 1;
	}
	n = harmless_len(p);
	if (n) {
		memcpy(unit, p, n);
		*in = p + n;
		return n;
	}
	*in = p + 1;
	return (size_t)snprintf(unit, 8, "\\x%02x", (unsigned char)*p);
}

const char *mms_neutral(const char *in, char *out, size_t size)
{
	size_t pos = 0, safe = 0;	/* @safe: last cut that leaves room for "..." */
	char unit[8];

	while (*in) {
		size_t n = next_unit(&in, unit);

		if (pos + n >= size) {
			size_t dots = size - 1 - safe;

			dots = dots > 3 ? 3 : dots;
			memcpy(out + safe, "...", dots);
			out[safe + dots] = '\0';
			return out;
		}
		memcpy(out + pos, unit, n);
		pos += n;
		if (pos + 4 <= size)
			safe = pos;
	}
	out[pos] = '\0';
	return out;
}

const char *mms_ascii(const char *in, char *out, size_t size)
{
	size_t pos = 0;

	for (; *in; in++) {
		unsigned char c = (unsigned char)*in;

		if (pos + (c > 0x7e ? 4 : 1) >= size)
			break;
		if (c > 0x7e)
			pos += (size_t)snprintf(out + pos, 5, "\\x%02x", c);
		else
			out[pos++] = (char)c;
	}
	out[pos] = '\0';
	return out;
}

void mms_unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}
