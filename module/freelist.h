/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Free blocks of one zone, being counted: by list (freelist.c) and by frame
 * (collect/buddy.c).
 */
#ifndef MMSCOPE_FREELIST_H
#define MMSCOPE_FREELIST_H

#include <linux/mm.h>
#include "mmscope.h"
#include "zone.h"

#define MMS_ORDERS	ARRAY_SIZE(((struct zone *)0)->free_area)
#define MMS_SCAN_PEEK	32	/* struct pages copied at a time */

enum mms_buddy_phase {
	BUDDY_LISTS,
	BUDDY_PAGEBLOCKS,
	BUDDY_SCAN,
	BUDDY_EMIT,
};

/*
 * struct mms_buddy - state of one query; all but @zone is about the zone at hand
 * @zone: its place, for mms_zone_at()
 * @phase: what is done with it now
 * @order: whose list is being walked, and
 * @mt: by the kernel's number
 * @mark: a list is being walked and @mark_pfn was its last block counted
 * @count: blocks of the list counted
 * @best: most blocks that were counted of it before it was begun anew
 * @tries: how often that was
 * @begun: the zone is; @order_begun: the order
 * @one_hold: the order was read in one hold so far
 * @fresh: it began together with a hold
 * @scan_whole: the scan leaves no frame of the zone out
 * @pfn: next frame, or pageblock, to be looked at
 * @pageblocks: counted so far
 * @area: records to be
 * @pages: copies
 */
struct mms_buddy {
	unsigned int zone;
	enum mms_buddy_phase phase;
	unsigned int order;
	unsigned int mt;
	bool mark;
	unsigned long mark_pfn;
	u64 count;
	u64 best;
	unsigned int tries;
	bool begun;
	bool order_begun;
	bool one_hold;
	bool fresh;
	bool scan_whole;
	u64 pfn;
	u64 pageblocks[MMS_BUDDY_TYPES];
	struct mms_buddy_area area[MMS_ORDERS];
	struct page pages[MMS_SCAN_PEEK];
};

/* Is the frame that @copy was copied from one of @zone? */
static inline bool mms_in_zone(struct page *copy, struct zone *zone)
{
	return !PagePoisoned(copy) && page_zonenum(copy) == zone_idx(zone) &&
	       page_to_nid(copy) == zone_to_nid(zone);
}

/* Likewise, and the first of a free block of @order? */
static inline bool mms_is_block(struct page *copy, struct zone *zone, unsigned int order)
{
	return mms_in_zone(copy, zone) && PageBuddy(copy) && page_private(copy) == order;
}

void mms_freelist_walk(struct mms_query *q, struct mms_buddy *b, struct zone *zone);

#endif /* MMSCOPE_FREELIST_H */
