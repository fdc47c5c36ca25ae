/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From an address space to its processes, and from an address in it to the
 * entry that translates it.
 */
#ifndef MMSCOPE_MAPPROOF_H
#define MMSCOPE_MAPPROOF_H

#include "mmscope.h"
#include "rmap.h"

/**
 * struct mms_owner - a process that has one of the address spaces asked for
 * @mm: mm_count held: the mm struct stays, its memory may go
 * @pid: in the asker's namespace, 0 = not visible there
 */
struct mms_owner {
	struct mm_struct *mm;
	u32 pid;
	u8 comm[TASK_COMM_LEN];
};

struct mms_owners {
	struct mms_owner *o;
	unsigned int n;
	unsigned int room;
};

int mms_owners_find(struct mms_owners *w, const struct mms_rmap *r);
void mms_owners_end(struct mms_owners *w);

/**
 * struct mms_proof - where the walk of one address writes what it meets
 * @walk: of page tables
 * @entries: that it read
 * @ctx: of @ctx_mm
 */
struct mms_proof {
	struct mms_walk walk;
	u64 entries[MMS_WALK_LEVELS];
	struct mms_pt_context ctx;
	struct mm_struct *ctx_mm;
	struct mms_frame_map *rec;
};

void mms_proof_init(struct mms_proof *p);
void mms_proof_map(struct mms_proof *p, struct mms_query *q, struct mm_struct *mm,
		   struct mms_frame_map *rec);

/* Whose kernel stack, or whose top table, is this frame? */
bool mms_task_of_frame(u64 pfn, struct mms_frame_task *rec);

#endif /* MMSCOPE_MAPPROOF_H */
