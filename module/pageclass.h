/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one page frame is used for, told from its struct page alone, and whether
 * there is RAM at all.  Locks: none; what is told was so at one moment.
 */
#ifndef MMSCOPE_PAGECLASS_H
#define MMSCOPE_PAGECLASS_H

#include <linux/mm.h>
#include "memory.h"
#include "mmscope.h"

/**
 * struct mms_block - the block or compound page that a frame is part of
 * @pfn: its first frame; a multiple of 2^@order
 * @order: log2 of its frames
 */
struct mms_block {
	unsigned long pfn;
	unsigned int order;
};

#define MMS_MEMO_SIZE	64	/* a power of two */

/**
 * struct mms_memo - which class the pages of a mapping were found to have
 *
 * To be zeroed before each batch: an address_space may be freed and used for
 * another inode.
 */
struct mms_memo {
	struct {
		const void *mapping;
		u32 class;
	} slot[MMS_MEMO_SIZE];
};

/**
 * mms_page_class() - what a page is used for
 * @page: of mms_online_page(), between mms_memmap_hold() and _release()
 * @block: set to what it is part of
 * @memo: may be NULL
 *
 * Never MMS_FRAME_HOLE, OFFLINE_BLOCK or DEVICE: PG_reserved is RESERVED,
 * whether or not there is RAM.  Never sleeps.
 */
enum mms_frame_class mms_page_class(struct page *page, struct mms_block *block,
				    struct mms_memo *memo);

/* MMS_FRAME_F_*, all of them. */
u32 mms_page_flags(struct page *page, const struct mms_block *block);

/**
 * mms_frame_class_at() - the same question of any number, whatever is there
 * @page: set to its struct page; NULL where it must not be read
 *
 * May sleep; to be called between mms_memmap_hold() and _release().
 */
enum mms_frame_class mms_frame_class_at(u64 pfn, struct mms_block *block, struct page **page);

/* By enum mms_frame_class, ended by NULL: for texts. */
extern const char *const mms_frame_class_names[];

/* Find what the class of some pages depends on.  Once, in .init; may sleep. */
void mms_pageclass_init(void);

#endif /* MMSCOPE_PAGECLASS_H */
