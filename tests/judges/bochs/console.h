/* SPDX-License-Identifier: GPL-2.0 */
/* What the judges' programs say, through port 0xe9, and what gcc needs of a C library. */
#ifndef JUDGE_CONSOLE_H
#define JUDGE_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

void put(const char *text);
void put_hex(uint64_t value);
void put_dec(uint32_t value);
/* " name=value", hexadecimal */
void put_field(const char *name, uint64_t value);

/* gcc may call these for any copy or clearing of a struct. */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
size_t strlen(const char *s);

#endif
