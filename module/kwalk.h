/* SPDX-License-Identifier: GPL-2.0 */
/* Walks of the kernel's own page tables, a batch at a time. */
#ifndef MMSCOPE_KWALK_H
#define MMSCOPE_KWALK_H

#include "mmscope.h"

/**
 * struct mms_kwalk - a walk of the kernel's half, once for each of its top tables
 * @q: whose hold is counted
 * @walk: the walk
 * @ctx: of this processor
 * @start: first address of the range
 * @end: the first behind it; 0 = the top of all (64 bits)
 * @root: 0 the kernel's table, 1 the one that user mode has of it (PTI)
 * @tables: of this batch
 * @tables_read: what @walk reads into
 */
struct mms_kwalk {
	struct mms_query *q;
	struct mms_walk walk;
	struct mms_pt_context ctx;
	u64 start;
	u64 end;
	unsigned int root;
	unsigned int tables;
	u64 tables_read[MMS_WALK_LEVELS * MMS_TABLE_MAX];
};

/* Behind the last address that there is. */
static inline u64 mms_kwalk_top(void)
{
	return IS_ENABLED(CONFIG_64BIT) ? 0 : 1ULL << 32;
}

void mms_kwalk_begin(struct mms_kwalk *k, struct mms_query *q, const struct mms_walk_ops *ops,
		     u64 start, u64 end);
bool mms_kwalk_spent(struct mms_kwalk *k, u64 va);
u64 mms_kwalk_root(const struct mms_kwalk *k);
int mms_kwalk_batch(struct mms_kwalk *k, struct mms_query *q);

#endif
