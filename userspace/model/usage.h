/* SPDX-License-Identifier: GPL-2.0 */
/* What a VMA holds, counted from its page-table extents. */
#ifndef MMSCOPE_MODEL_USAGE_H
#define MMSCOPE_MODEL_USAGE_H

#include "model/snapshot.h"

/**
 * struct mms_account - figures of one VMA from page tables, bytes
 * @known: the extents were read; else nothing below means anything
 * @resident: present pages that Linux counts as the process's: neither the
 *	zero page nor special mappings nor, as in smaps, hugetlb pages
 * @swap: swapped out (entries in the page table; swapped shmem has none)
 * @dirty: of the pages present, those whose entry is marked dirty
 * @huge: of the pages present, those of 2 MiB or 1 GiB, hugetlb included
 * @hugetlb: hugetlb pages present
 * @zero: the shared zero page
 * @special: present, but nothing that Linux counts (vvar, device memory)
 * @moving: not present but smaps counts it: under migration, or device private
 * @runs: stretches of contiguous physical addresses
 * @largest: bytes of the longest of them
 * @impossible: bytes of entries that name physical addresses this CPU has not
 */
struct mms_account {
	bool known;
	uint64_t resident;
	uint64_t swap;
	uint64_t dirty;
	uint64_t huge;
	uint64_t hugetlb;
	uint64_t zero;
	uint64_t special;
	uint64_t moving;
	uint64_t runs;
	uint64_t largest;
	uint64_t impossible;
};

/* Does @e name a physical address that @context's CPU can have? */
bool mms_extent_possible(const struct mms_pt_context *context,
			 const struct mms_pt_extent *e);

/**
 * mms_account_extents() - count
 * @vma: the VMA that holds them all
 * @context: bounds the physical addresses; NULL or maxphyaddr 0 = no bound
 * @extents: in address order
 */
void mms_account_extents(const struct mms_vma *vma,
			 const struct mms_pt_context *context,
			 const struct mms_pt_extent *extents, size_t n,
			 struct mms_account *out);

/* Figures of one region; ->known is false if there are no extents to count. */
void mms_account_region(const struct mms_snapshot *snap,
			const struct mms_region *region,
			struct mms_account *out);

#endif
