// SPDX-License-Identifier: GPL-2.0
/* The second witness of a translation: /proc/PID/pagemap. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/extent.h"
#include "model/witness.h"
#include "util/words.h"

struct proc_pagemap {
	struct mms_witness base;
	int fd;
};

static int64_t proc_read(struct mms_witness *pm, uint64_t va, size_t n,
			 uint64_t *out)
{
	struct proc_pagemap *p = (struct proc_pagemap *)pm;

	return mms_pread_words(p->fd, va >> 12, n, out);
}

static void proc_close(struct mms_witness *pm)
{
	struct proc_pagemap *p = (struct proc_pagemap *)pm;

	close(p->fd);
	free(p);
}

/* Without CAP_SYS_ADMIN every PFN reads as 0; a page of our own tells. */
static int pfns_visible(void)
{
	volatile unsigned char here = 1;
	uint64_t entry = 0;
	ssize_t got;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	got = pread(fd, &entry, sizeof(entry),
		    (off_t)(((uintptr_t)&here >> 12) * sizeof(entry)));
	close(fd);
	return got == sizeof(entry) && (entry & MMS_PM_PFN);
}

int mms_witness_open(struct mms_witness **out, uint32_t pid, struct mms_err *err)
{
	struct proc_pagemap *p;
	char path[64];
	int rc;

	*out = NULL;
	if (!pfns_visible())
		return mms_err_set(err, -EACCES,
				   "/proc/PID/pagemap hides page frame numbers: that takes CAP_SYS_ADMIN and CONFIG_PROC_PAGE_MONITOR; run as root");
	p = calloc(1, sizeof(*p));
	if (!p)
		return mms_err_set(err, -ENOMEM, "out of memory");
	p->base.read = proc_read;
	p->base.close = proc_close;
	snprintf(path, sizeof(path), "/proc/%u/pagemap", pid);
	p->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0) {
		rc = errno == ENOENT ? -ESRCH : -errno;
		free(p);
		return mms_err_set(err, rc, "%s: %s", path,
				   rc == -ESRCH ? "no such process" : strerror(-rc));
	}
	*out = &p->base;
	return 0;
}

void mms_witness_close(struct mms_witness *pm)
{
	if (pm && pm->close)
		pm->close(pm);
}

/* Entries without P that hold a page's address: offset is its PFN. */
static struct mms_pm_expect expect_pfn_entry(const struct mms_pt_extent *e,
					     uint64_t off)
{
	/* Which of the kernel's pseudo swap areas they use is its own affair. */
	uint64_t low = (1ULL << MMS_PM_SWAP_SHIFT) - 1;

	return (struct mms_pm_expect){
		.value = MMS_PM_SWAP |
			 mms_extent_pa(e, off) >> 12 << MMS_PM_SWAP_SHIFT,
		.mask = MMS_PM_SWAP | MMS_PM_PRESENT | (MMS_PM_PFN & ~low),
	};
}

static struct mms_pm_expect expect_hugetlb(const struct mms_pt_extent *e,
					   uint64_t off)
{
	struct mms_pm_expect x = { .mask = MMS_PM_PRESENT };

	/* pagemap_hugetlb_range() says nothing of entries without P. */
	if (e->state != MMS_PT_PRESENT)
		return x;
	x.value = MMS_PM_PRESENT | mms_extent_pa(e, off) >> 12;
	x.mask |= MMS_PM_SWAP | MMS_PM_PFN;
	return x;
}

/* The bit of the entry or that of the whole VMA, if we know the VMA. */
static struct mms_pm_expect with_soft_dirty(struct mms_pm_expect x,
					    const struct mms_pt_extent *e,
					    uint32_t vma_flags)
{
	if (!vma_flags)
		return x;
	x.mask |= MMS_PM_SOFT_DIRTY;
	if ((e->flags & MMS_PT_F_SOFT_DIRTY) || (vma_flags & MMS_VMA_SOFTDIRTY))
		x.value |= MMS_PM_SOFT_DIRTY;
	return x;
}

static struct mms_pm_expect expect_present(const struct mms_pt_extent *e,
					   uint64_t off, uint32_t vma_flags)
{
	struct mms_pm_expect x = {
		.value = MMS_PM_PRESENT | mms_extent_pa(e, off) >> 12,
		.mask = MMS_PM_PRESENT | MMS_PM_SWAP | MMS_PM_PFN,
	};

	return with_soft_dirty(x, e, vma_flags);
}

static struct mms_pm_expect expect_swap(const struct mms_pt_extent *e,
					uint64_t off, uint32_t vma_flags)
{
	struct mms_pm_expect x = {
		.value = MMS_PM_SWAP | e->swap_type |
			 mms_extent_pa(e, off) << MMS_PM_SWAP_SHIFT,
		.mask = MMS_PM_PRESENT | MMS_PM_SWAP | MMS_PM_PFN,
	};

	return with_soft_dirty(x, e, vma_flags);
}

struct mms_pm_expect mms_witness_expect(const struct mms_pt_extent *e,
					uint64_t off, uint32_t vma_flags)
{
	/* mm/pagewalk.c skips VM_PFNMAP: to pagemap there is nothing (vvar). */
	if (!e || (vma_flags & MMS_VMA_PFNMAP))
		return (struct mms_pm_expect){
			.mask = MMS_PM_PRESENT | MMS_PM_SWAP | MMS_PM_PFN,
		};
	if (vma_flags & MMS_VMA_HUGETLB)
		return expect_hugetlb(e, off);
	switch (e->state) {
	case MMS_PT_PRESENT:
		return expect_present(e, off, vma_flags);
	case MMS_PT_SWAP:
		return expect_swap(e, off, vma_flags);
	case MMS_PT_MIGRATION:
	case MMS_PT_DEVICE:
	case MMS_PT_HWPOISON:
		return expect_pfn_entry(e, off);
	case MMS_PT_MARKER:
	case MMS_PT_OTHER:
		return (struct mms_pm_expect){
			.value = MMS_PM_SWAP,
			.mask = MMS_PM_PRESENT | MMS_PM_SWAP,
		};
	case MMS_PT_BAD:
	default:	/* the kernel skips what it calls bad */
		return (struct mms_pm_expect){ .mask = MMS_PM_PRESENT };
	}
}
