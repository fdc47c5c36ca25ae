/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/PID/pagemap: reading it, and what it must say for a given extent. */
#ifndef MMSCOPE_MODEL_WITNESS_H
#define MMSCOPE_MODEL_WITNESS_H

#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>
#include "util/err.h"

/* Admin guide, mm/pagemap.rst. */
#define MMS_PM_PFN		((1ULL << 55) - 1)
#define MMS_PM_SOFT_DIRTY	(1ULL << 55)
#define MMS_PM_SWAP		(1ULL << 62)
#define MMS_PM_PRESENT		(1ULL << 63)
#define MMS_PM_SWAP_SHIFT	5	/* the area's number is below it */

/**
 * struct mms_witness - a witness for what each page is
 * @read: entries of @n pages from @va on into @out; returns how many it has
 *	(fewer at the end of user space), or -errno: -ESRCH the process is gone
 * @close: may be NULL
 */
struct mms_witness {
	int64_t (*read)(struct mms_witness *pm, uint64_t va, size_t n,
			uint64_t *out);
	void (*close)(struct mms_witness *pm);
};

/**
 * mms_witness_open() - the kernel's own
 * Return: 0; -ESRCH; -EACCES if it hides the PFNs from us, with the remedy
 */
int mms_witness_open(struct mms_witness **out, uint32_t pid, struct mms_err *err);
void mms_witness_close(struct mms_witness *pm);

/* A pagemap entry, as far as it can be foretold: bits outside @mask are free. */
struct mms_pm_expect {
	uint64_t value;
	uint64_t mask;
};

/**
 * mms_witness_expect() - what pagemap says of the page @off bytes into @e
 * @e: extent, or NULL where no entry is
 * @vma_flags: MMS_VMA_* of the VMA; 0 = in no VMA
 */
struct mms_pm_expect mms_witness_expect(const struct mms_pt_extent *e,
					uint64_t off, uint32_t vma_flags);

#endif
