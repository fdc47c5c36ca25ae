/* SPDX-License-Identifier: GPL-2.0 */
/* The text of /proc/PID/maps and smaps -> one entry per VMA. */
#ifndef MMSCOPE_SOURCE_MAPS_H
#define MMSCOPE_SOURCE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/mmscope.h>
#include "util/err.h"

#define MMS_SHMEM_DEVS	64

/**
 * struct mms_shmem_devs - devices whose files live in shmem
 * @dev: major << 32 | minor of tmpfs mounts the process sees
 */
struct mms_shmem_devs {
	size_t n;
	uint64_t dev[MMS_SHMEM_DEVS];
};

/* From the text of a /proc/PID/mountinfo; unreadable = no devices. */
void mms_shmem_devs_read(struct mms_shmem_devs *d, const char *mountinfo);
void mms_shmem_devs_add(struct mms_shmem_devs *d, uint32_t major, uint32_t minor);

/**
 * struct mms_map_entry - one VMA
 * @vma: the record; path_len and name_len describe @tail
 * @usage: the record; .known = 0 where the text was maps, not smaps
 * @tail: path, then name, each with its NUL; valid until the next call
 */
struct mms_map_entry {
	struct mms_vma vma;
	struct mms_usage usage;
	const char *tail;
};

/**
 * struct mms_maps - a maps or smaps text being read
 *
 * The gate VMA of x86 ([vsyscall], one page above the user address space) is
 * passed over: it is in no mm, so the module does not see it, and the CPU does
 * not translate it through the process's tables.
 */
struct mms_maps;

struct mms_maps *mms_maps_new(FILE *f, const struct mms_shmem_devs *shmem,
			      unsigned int page_shift);
void mms_maps_free(struct mms_maps *m);		/* closes the FILE, too */

/**
 * mms_maps_next() - the next VMA
 * Return: 1, 0 at the end, -EBADMSG a line that is not as expected (@err has
 * it), -errno of the read
 */
int mms_maps_next(struct mms_maps *m, struct mms_map_entry *e, struct mms_err *err);

#endif
