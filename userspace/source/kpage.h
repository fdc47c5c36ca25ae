/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/kpagecount and /proc/kpageflags: how often a frame is mapped, what it is. */
#ifndef MMSCOPE_SOURCE_KPAGE_H
#define MMSCOPE_SOURCE_KPAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/err.h"

/* Bits of kpageflags (linux/kernel-page-flags.h), and what was not read. */
#define MMS_KPF_LRU		(1ULL << 5)
#define MMS_KPF_ACTIVE		(1ULL << 6)
#define MMS_KPF_BUDDY		(1ULL << 10)
#define MMS_KPF_ANON		(1ULL << 12)
#define MMS_KPF_SWAPCACHE	(1ULL << 13)
#define MMS_KPF_SWAPBACKED	(1ULL << 14)
#define MMS_KPF_COMPOUND_HEAD	(1ULL << 15)
#define MMS_KPF_COMPOUND_TAIL	(1ULL << 16)
#define MMS_KPF_UNEVICTABLE	(1ULL << 18)
#define MMS_KPF_NOPAGE		(1ULL << 20)
#define MMS_KPF_KSM		(1ULL << 21)
#define MMS_KPF_ZERO_PAGE	(1ULL << 24)
#define MMS_KPAGE_UNKNOWN	UINT64_MAX

enum mms_kpage_file { MMS_KPAGE_COUNT, MMS_KPAGE_FLAGS, MMS_KPAGE_FILES };

/**
 * struct mms_kpage - the two files, read by frame number
 * @read: words of @n frames from @pfn on into @out; frames beyond the end of
 *	the file become MMS_KPAGE_UNKNOWN.  Returns 0 or -errno
 * @close: free everything; may be NULL
 * @ksm_untrue: MMS_KPF_KSM means nothing: the kernel says it of every anonymous
 *	page (6.12: fs/proc/page.c asks for either of the mapping's two low bits)
 *
 * A struct of its own so that tests can answer in the kernel's place.
 */
struct mms_kpage {
	int (*read)(struct mms_kpage *k, enum mms_kpage_file file, uint64_t pfn,
		    size_t n, uint64_t *out);
	void (*close)(struct mms_kpage *k);
	bool ksm_untrue;
};

/**
 * mms_kpage_open() - open both
 * @root: "/proc", or a directory with files of these names
 * Return: 0; -EACCES without CAP_SYS_ADMIN; -ENOENT where the kernel has none
 * (CONFIG_PROC_PAGE_MONITOR); with @err saying it
 */
int mms_kpage_open(struct mms_kpage **out, const char *root, struct mms_err *err);
void mms_kpage_close(struct mms_kpage *k);

#endif
