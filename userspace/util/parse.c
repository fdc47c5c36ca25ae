// SPDX-License-Identifier: GPL-2.0
/* Strict numbers: no sign, no space, no rest that strtoul() would forgive. */
#include "util/parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include "util/text.h"

static int digit(char c, unsigned int base)
{
	int d;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		d = c - 'A' + 10;
	else
		return -1;
	return d < (int)base ? d : -1;
}

bool mms_scan_u64(const char **p, unsigned int base, uint64_t *v)
{
	const char *s = *p;
	uint64_t n = 0;

	for (; digit(*s, base) >= 0; s++)
		if (__builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, (unsigned int)digit(*s, base), &n))
			return false;
	if (s == *p)
		return false;
	*p = s;
	*v = n;
	return true;
}

int mms_parse_pid(const char *s, uint32_t *pid, struct mms_err *err)
{
	const char *p = s;
	char shown[64];
	uint64_t v;

	if (!mms_scan_u64(&p, 10, &v) || *p || !v || v > INT_MAX)
		return mms_err_set(err, -EINVAL,
				   "'%s' is not a process ID: give a number from 1 to %d",
				   mms_neutral(s, shown, sizeof(shown)), INT_MAX);
	*pid = (uint32_t)v;
	return 0;
}

int mms_parse_addr(const char *s, uint64_t *addr, struct mms_err *err)
{
	const char *p = s;
	char shown[64];

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	if (!mms_scan_u64(&p, 16, addr) || *p)
		return mms_err_set(err, -EINVAL,
				   "'%s' is not an address: give up to 16 hex digits, with or without 0x",
				   mms_neutral(s, shown, sizeof(shown)));
	return 0;
}

int mms_parse_int(const char *s, const char *what, int64_t min, int64_t max,
		  int64_t *v, struct mms_err *err)
{
	bool neg = *s == '-';
	const char *p = s + neg;
	char shown[64];
	uint64_t n;

	if (!mms_scan_u64(&p, 10, &n) || *p || n > INT64_MAX ||
	    (neg ? -(int64_t)n : (int64_t)n) < min ||
	    (neg ? -(int64_t)n : (int64_t)n) > max)
		return mms_err_set(err, -EINVAL,
				   "'%s' is not a valid %s: give a number from %" PRId64 " to %" PRId64,
				   mms_neutral(s, shown, sizeof(shown)), what, min, max);
	*v = neg ? -(int64_t)n : (int64_t)n;
	return 0;
}
