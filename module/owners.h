/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames that are found through who owns them: what the collector and its parts
 * share.
 */
#ifndef MMSCOPE_OWNERS_H
#define MMSCOPE_OWNERS_H

#include "mmscope.h"
#include "toptables.h"

enum mms_owner_stage {
	MMS_OWN_TASKS,	/* q->cursor: thread ID, as the initial namespace counts */
	MMS_OWN_TABLES,	/* likewise; then @tables.va */
	MMS_OWN_PIPES,	/* likewise; then @fd and @slot */
	MMS_OWN_MEMMAP,
	MMS_OWN_POOL,	/* q->cursor: element */
	MMS_OWN_DEPOT,	/* q->cursor: pool */
	MMS_OWN_PERCPU,	/* q->cursor: processor; then @slot, a page of its part */
	MMS_OWN_DONE
};

/*
 * struct mms_owners - state of one query
 * @fd: of the process at the cursor the next file
 * @slot: of a pipe the next buffer
 * @budget: processes, or files and buffers, that may still be looked at before
 *	others may run
 * @last: the record put into the sink last, if it may grow
 * @pgd_pages: of each process
 * @pid: of the process that is looked at
 */
struct mms_owners {
	enum mms_owner_stage stage;
	unsigned int fd, slot;
	unsigned int budget;
	unsigned int pgd_pages;
	struct mms_sink *sink;
	struct mms_owner_run *last;
	u32 pid;
	struct mms_top_tables tables;
};

bool mms_owner_put(struct mms_owners *o, unsigned long pfn, u32 count, u32 class, u32 pid);

/* owners_fixed.c: what the kernel keeps for itself, found by its own variables */
const char *mms_owners_fixed_init(void);
void mms_owners_memmap(struct mms_owners *o);
bool mms_owners_pool(struct mms_owners *o, struct mms_query *q);
bool mms_owners_depot(struct mms_owners *o, struct mms_query *q);
bool mms_owners_percpu(struct mms_owners *o, struct mms_query *q);

#endif /* MMSCOPE_OWNERS_H */
