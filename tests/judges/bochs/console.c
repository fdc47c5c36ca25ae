// SPDX-License-Identifier: GPL-2.0
/* The console of the judges' programs; 32-bit and 64-bit. */
#include "console.h"

void *memcpy(void *to, const void *from, size_t size)
{
	void *start = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return start;
}

void *memset(void *to, int byte, size_t size)
{
	void *start = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
	return start;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void put_char(char c)
{
	__asm__ volatile("outb %0, $0xe9" : : "a"(c));
}

void put(const char *text)
{
	for (; *text; text++)
		put_char(*text);
}

void put_hex(uint64_t value)
{
	unsigned int shift = 60;

	while (shift && !(value >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		put_char("0123456789abcdef"[(value >> shift) & 15]);
		if (!shift)
			break;
	}
}

void put_dec(uint32_t value)
{
	char digits[11];
	unsigned int i = sizeof(digits);

	digits[--i] = '\0';
	do {
		digits[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(digits + i);
}

void put_field(const char *name, uint64_t value)
{
	put(" ");
	put(name);
	put("=");
	put_hex(value);
}
