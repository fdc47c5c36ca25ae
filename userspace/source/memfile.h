/* SPDX-License-Identifier: GPL-2.0 */
/* A file that stands for physical memory: what the software MMU reads from. */
#ifndef MMSCOPE_SOURCE_MEMFILE_H
#define MMSCOPE_SOURCE_MEMFILE_H

#include <stdint.h>
#include "util/err.h"

struct mms_memfile;

/**
 * mms_memfile_open() - open an image or a list of memory words
 * @out: the file, to be closed by mms_memfile_close()
 * @path: an image: the byte at offset N is that of physical address N, holes
 *	of a sparse file are zeros, and what lies beyond its end is no memory.
 *	Or a text, told by having no NUL and no other control character in its
 *	first 4096 bytes: lines "ADDRESS VALUE", hexadecimal, of 8-byte words
 *	(little endian, ADDRESS a multiple of 8; a multiple of 4 for "ADDRESS
 *	VALUE 4", a word of 4 bytes); "#" begins a remark. All else reads as 0.
 * @err: what is wrong, with the line's number
 *
 * Return: 0, or -errno; -EINVAL for a text that cannot be understood
 */
int mms_memfile_open(struct mms_memfile **out, const char *path,
		     struct mms_err *err);
void mms_memfile_close(struct mms_memfile *m);

/**
 * mms_memfile_read() - a struct mmu_mem's reader
 * @ctx: the struct mms_memfile
 * @pa: physical address, a multiple of 8
 * @value: the word there
 *
 * Return: 0; -ENXIO beyond the end of an image; -errno of the file
 */
int mms_memfile_read(void *ctx, uint64_t pa, uint64_t *value);

#endif
