/* SPDX-License-Identifier: GPL-2.0 */
/* How many TLB entries a process needs, and would need with huge pages. */
#ifndef MMSCOPE_MODEL_TLBNEED_H
#define MMSCOPE_MODEL_TLBNEED_H

#include "model/snapshot.h"

/* Sizes of page that one process can have: of PTE, PMD and PUD. */
#define MMS_TLB_SIZES	3

/**
 * struct mms_tlb_sizes - page sizes of one address space
 * @shift: log2 of the page that an entry of level n + 1 maps; 0 = not known
 * @contiguous: log2 of the entries that arm64's Contiguous bit joins, by level;
 *	0 on other architectures
 */
struct mms_tlb_sizes {
	unsigned int shift[MMS_TLB_SIZES];
	unsigned int contiguous[MMS_TLB_SIZES];
};

/**
 * struct mms_tlb_need - of one VMA, or the sum
 * @known: sizes and numbers of pages are known: from page tables, or for want of
 *	them from smaps
 * @known_huge: what follows @entries is known: it needs each page's place
 * @mapped: bytes that the processor can translate, by page size; the zero page
 *	and special mappings too, which need entries as well
 * @pages: leaf entries, by page size
 * @contiguous: arm64: of @pages, those with the Contiguous bit
 * @entries: TLB entries that translate all that is mapped: @pages, where a set
 *	of contiguous ones counts as one
 * @candidates: aligned ranges of a huge page's size inside one VMA of anonymous
 *	or shmem memory, of which some of the small pages are present
 * @joined: small pages in them, which one huge page each would replace
 * @entries_huge: @entries if all of them were huge
 * @added: bytes of memory that this adds: what is absent in them, swapped out,
 *	or the zero page
 * @tables: page tables that would no longer be walked: one for each candidate
 * @tables_freed: of these, the ones whose memory Linux frees: for anonymous
 *	memory it keeps a table ready for each huge page, to be able to split it
 *	(pgtable_trans_huge_deposit()), for shmem it does not
 */
struct mms_tlb_need {
	bool known;
	bool known_huge;
	uint64_t mapped[MMS_TLB_SIZES];
	uint64_t pages[MMS_TLB_SIZES];
	uint64_t contiguous;
	uint64_t entries;
	uint64_t candidates;
	uint64_t joined;
	uint64_t entries_huge;
	uint64_t added;
	uint64_t tables;
	uint64_t tables_freed;
};

/**
 * mms_tlb_sizes_of() - the page sizes of a snapshot
 * @here: it was taken on this machine just now
 *
 * From the context of the page tables; without it (/proc), on this machine, what
 * this program was compiled for; else only the smallest is known.
 */
void mms_tlb_sizes_of(const struct mms_snapshot *snap, bool here, struct mms_tlb_sizes *out);

/* One region of @snap. */
void mms_tlb_need_of(const struct mms_snapshot *snap, const struct mms_region *region,
		     const struct mms_tlb_sizes *sizes, struct mms_tlb_need *out);

/* Add @need to @sum, which begins as zeros with both @known set. */
void mms_tlb_need_add(struct mms_tlb_need *sum, const struct mms_tlb_need *need);

#endif
