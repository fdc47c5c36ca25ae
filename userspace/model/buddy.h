/* SPDX-License-Identifier: GPL-2.0 */
/* Free blocks of all zones at one moment, and the two indices of mm/vmstat.c. */
#ifndef MMSCOPE_MODEL_BUDDY_H
#define MMSCOPE_MODEL_BUDDY_H

#include "source/source.h"

#define MMS_BUDDY_ORDERS	32

/**
 * struct mms_buddy_state - one zone
 * @zone: its record
 * @area: of order i, for i < @zone.orders; .known = 0 where the stream has none
 */
struct mms_buddy_state {
	struct mms_buddy_zone zone;
	struct mms_buddy_area area[MMS_BUDDY_ORDERS];
};

/**
 * struct mms_buddy - all zones, in the stream's order
 * @orders: the most that any zone has
 * @writer: enum mms_writer
 * @page_shift: log2 of the page size
 * @trailer: of the stream
 */
struct mms_buddy {
	struct mms_buddy_state *zones;
	size_t n;
	size_t room;
	unsigned int orders;
	uint32_t writer;
	unsigned int page_shift;
	struct mms_trailer trailer;
};

/**
 * mms_buddy_take() - ask a source for all zones
 * @flags: MMS_BUDDY_*
 * Return: 0 or -errno with @err; @b is to be freed in both cases
 */
int mms_buddy_take(struct mms_buddy *b, struct mms_source *s, uint32_t flags, struct mms_err *err);
void mms_buddy_free(struct mms_buddy *b);

/**
 * mms_buddy_blocks() - free blocks of one order
 * @blocks: set to the counter's value, or the sum of all lists
 * Return: is it known?
 */
bool mms_buddy_blocks(const struct mms_buddy_state *z, unsigned int order, uint64_t *blocks);

/* The sum of the lists of all migratetypes; false where one is not known to its end. */
bool mms_buddy_listed(const struct mms_buddy_area *a, uint64_t *blocks);

/* The sum of what the scan found; false without a scan of the whole zone. */
bool mms_buddy_scanned(const struct mms_buddy_area *a, uint64_t *blocks);

/**
 * struct mms_contig - a zone's free memory, with a request of one order in mind
 * (struct contig_page_info of mm/vmstat.c)
 * @pages: free pages in all blocks
 * @blocks: free blocks of all orders
 * @suitable: blocks of the order that the free blocks hold
 */
struct mms_contig {
	uint64_t pages;
	uint64_t blocks;
	uint64_t suitable;
};

/* Return: is every order known? */
bool mms_contig_of(const struct mms_buddy_state *z, unsigned int order, struct mms_contig *c);

#define MMS_FRAG_NONE	(-1000)

/**
 * mms_fragmentation_index() - why would a request fail? (fragmentation_index())
 * Return: thousandths: MMS_FRAG_NONE it would not; towards 0 for lack of
 * memory, towards 1000 for fragmentation; 0 with nothing free at all
 */
int mms_fragmentation_index(unsigned int order, const struct mms_contig *c);

/**
 * mms_unusable_index() - how much of the free memory is of no use to a request?
 * (unusable_free_index())
 * Return: thousandths; 1000 with nothing free
 */
int mms_unusable_index(unsigned int order, const struct mms_contig *c);

#endif
