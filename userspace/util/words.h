/* SPDX-License-Identifier: GPL-2.0 */
/* Files of the kernel that are an array of 64-bit words: pagemap, kpagecount, kpageflags. */
#ifndef MMS_UTIL_WORDS_H
#define MMS_UTIL_WORDS_H

#include <stddef.h>
#include <stdint.h>

/**
 * mms_pread_words() - words @first .. @first + @n - 1 of such a file
 * @fd: open for reading
 * @first: index of the first word; one whose offset no file can have is behind the end
 *
 * Return: how many there are, at most @n; -errno
 */
int64_t mms_pread_words(int fd, uint64_t first, size_t n, uint64_t *out);

#endif
