/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc alone says of the kernel's address space. */
#ifndef MMSCOPE_MODEL_KMAP_PROC_H
#define MMSCOPE_MODEL_KMAP_PROC_H

#include "model/kmap.h"
#include "model/kmap_parts.h"

/**
 * struct mms_kmap_proc - what could be read; bytes
 * @direct: .theirs by level, where .known: DirectMap lines of /proc/meminfo (x86)
 * @vmalloc_total: addresses, @vmalloc_used: of them in use; 0 = not told
 * @parts: of the image, by /proc/kallsyms or /proc/iomem; addresses of modules
 * @modules: how many, @module_bytes: theirs, by /proc/modules
 * @module_first: the lowest address; 0 = hidden, or none
 */
struct mms_kmap_proc {
	struct mms_direct_map direct;
	uint64_t vmalloc_total;
	uint64_t vmalloc_used;
	struct mms_kmap_parts parts;
	uint64_t modules;
	uint64_t module_bytes;
	uint64_t module_first;
};

/**
 * mms_kmap_proc_read() - of this machine
 * @p: zeroed; free with mms_kmap_parts_free(&p->parts)
 * @root: where proc/ and sys/ are: "" but in tests
 *
 * Return: 0; -ENOMEM
 */
int mms_kmap_proc_read(struct mms_kmap_proc *p, const char *root);

#endif
