/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why is there no free block of an order?  Which aligned blocks are nearly free,
 * and can what is in them be moved away?
 */
#ifndef MMSCOPE_MODEL_WHYNOT_H
#define MMSCOPE_MODEL_WHYNOT_H

#include <stdbool.h>

#include "model/buddy.h"

#define MMS_WHYNOT_BEST	3

/* May compaction take frames of a class out of the way? */
enum mms_mobility {
	MMS_MOB_FREE,		/* nothing to move */
	MMS_MOB_PCP,		/* free on a per-CPU list: draining these is enough */
	MMS_MOB_MOVABLE,	/* yes, unless pinned */
	MMS_MOB_HUGETLB,	/* not by compaction (by CMA and memory offlining alone) */
	MMS_MOB_FIXED,		/* the kernel's own: no */
	MMS_MOB_ABSENT,		/* no memory: the block cannot be */
};

enum mms_mobility mms_mobility_of(uint32_t frame_class);

/**
 * struct mms_candidate - an aligned block that is not free
 * @pfn: its first frame
 * @free: frames free
 * @movable: and so on, by enum mms_mobility; PCP counts as movable
 * @fixed: FIXED and HUGETLB
 */
struct mms_candidate {
	uint64_t pfn;
	uint64_t free;
	uint64_t movable;
	uint64_t fixed;
	uint32_t zone;
	uint32_t node;
};

/**
 * struct mms_whynot - all aligned blocks of an order, as a FRAMES stream tells them
 * @order: of the request
 * @zone: enum mms_zone_type that is meant; __MMS_ZONE_MAX: all
 * @best: those with the fewest frames in use, @nbest of them, the best first
 * @movable: the best of those with nothing that cannot be moved; .pfn = ~0: none
 * @blocks: aligned blocks without a hole
 * @blocks_free: of these, wholly free
 * @blocks_movable: with nothing in them but what can be moved
 * @wanted: first frame of the block that is asked for by name; ~0: none
 * @found: that block, if it was told wholly; .pfn = ~0: it was not
 * @at: the block being added up
 */
struct mms_whynot {
	unsigned int order;
	uint32_t zone;
	struct mms_candidate best[MMS_WHYNOT_BEST];
	size_t nbest;
	struct mms_candidate movable;
	uint64_t blocks;
	uint64_t blocks_free;
	uint64_t blocks_movable;
	uint64_t wanted;
	struct mms_candidate found;
	struct mms_candidate at;
};

void mms_whynot_begin(struct mms_whynot *w, unsigned int order, uint32_t zone);
/* Before the first run: the block that frame @pfn is part of is to be found, too. */
void mms_whynot_want(struct mms_whynot *w, uint64_t pfn);
bool mms_whynot_found(const struct mms_whynot *w);
/* Runs come in ascending order. */
void mms_whynot_run(struct mms_whynot *w, const struct mms_frame_run *run);
void mms_whynot_end(struct mms_whynot *w);

/* Can this very frame be moved?  As far as counts tell. */
enum mms_used_verdict {
	MMS_USED_PCP,		/* free on a per-CPU list */
	MMS_USED_MOVABLE,
	MMS_USED_UNSURE,	/* movable unless pinned: its mappings could not be counted */
	MMS_USED_TRANSIT,	/* on its way to or from a list of reclaim: refused for now */
	MMS_USED_WRITEBACK,	/* is being written: waited for, or refused */
	MMS_USED_PINNED,	/* somebody holds it beyond those that are known */
	MMS_USED_HUGETLB,
	MMS_USED_FIXED,
};

enum mms_used_verdict mms_used_judge(const struct mms_buddy_used *u);

/**
 * mms_used_extra() - references that nobody who is known holds
 * @extra: how many; of a compound page to all of its pages
 * Return: false where that is not known, or means nothing: the kernel's own
 */
bool mms_used_extra(const struct mms_buddy_used *u, uint64_t *extra);
const char *mms_used_name(enum mms_used_verdict v);

#endif
