// SPDX-License-Identifier: GPL-2.0
/* Output, arguments and chance for a program without a system. */
#include <stdarg.h>
#include <string.h>

#include "guest.h"

#define SYS_WRITE0	0x04
#define SYS_GET_CMDLINE	0x15

/* What the compiler takes for granted, and the model's names.c. */
void *memcpy(void *to, const void *from, size_t size)
{
	char *t = to;
	const char *f = from;

	while (size--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	char *t = to;

	while (size--)
		*t++ = (char)byte;
	return to;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static char line[512];
static size_t used;

static void put(char c)
{
	if (used < sizeof(line) - 1)
		line[used++] = c;
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[24];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n--)
		put(digits[n]);
}

static void put_signed(int value)
{
	if (value < 0)
		put('-');
	put_number((uint64_t)(value < 0 ? -value : value), 10);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

void say(const char *format, ...)
{
	va_list args;

	used = 0;
	va_start(args, format);
	for (; *format; format++) {
		bool wide = format[0] == '%' && format[1] == 'l';

		if (*format != '%') {
			put(*format);
			continue;
		}
		format += wide ? 2 : 1;
		if (*format == 's')
			put_string(va_arg(args, const char *));
		else if (*format == 'd')
			put_signed(va_arg(args, int));
		else
			put_number(wide ? va_arg(args, uint64_t) :
					  va_arg(args, unsigned int),
				   *format == 'x' ? 16 : 10);
	}
	va_end(args);
	line[used] = '\0';
	semihost(SYS_WRITE0, line);
}

static const char *words(void)
{
	static char text[512];
	static struct {
		char *text;
		uint64_t size;
	} block;

	if (!block.text) {
		block.text = text;
		block.size = sizeof(text) - 1;
		semihost(SYS_GET_CMDLINE, &block);
	}
	return text;
}

/* What stands behind "name=", or NULL. */
static const char *find(const char *name)
{
	const char *p = words();
	size_t n = strlen(name), i;

	for (; *p; p++) {
		for (i = 0; i < n && p[i] == name[i]; i++)
			;
		if (i == n && p[n] == '=')
			return p + n + 1;
	}
	return NULL;
}

uint64_t argument(const char *name, uint64_t otherwise)
{
	const char *p = find(name);
	uint64_t value = 0;

	if (!p)
		return otherwise;
	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	return value;
}

bool argument_is(const char *name, const char *text)
{
	const char *p = find(name);

	if (!p)
		return false;
	while (*text && *p == *text) {
		p++;
		text++;
	}
	return !*text && (!*p || *p == ' ');
}

static uint64_t seed;

void rnd_seed(uint64_t value)
{
	seed = value;
}

uint64_t rnd(void)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}
