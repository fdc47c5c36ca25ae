/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of page tables, for collectors that walk them.
 */
#ifndef MMSCOPE_PTOUT_H
#define MMSCOPE_PTOUT_H

#include "mmscope.h"

/* Room that one PTE table may need: its raw entries, and an extent each. */
#define MMS_PTOUT_PTES_ROOM	(sizeof(struct mms_pt_table) + MMS_TABLE_MAX * 8 + \
				 (MMS_TABLE_MAX + 1) * sizeof(struct mms_pt_extent))
#define MMS_PTOUT_TABLE_ROOM	(sizeof(struct mms_pt_table) + MMS_TABLE_MAX * 8 + \
				 2 * sizeof(struct mms_pt_extent))

/**
 * struct mms_ptout - records being made of one walk
 * @w: whose callbacks call the functions below
 * @sink: of this batch
 * @flags: MMS_REQ_EXTENTS, _TABLES, _HOLES: what is wanted
 * @extent: the record put into the sink last, if it is an extent that may grow
 * @hole: likewise a hole; at most one of the two is set
 * @next_raw: value of the neighbour that would continue @extent as a plain
 *	run; 0 = none would
 */
struct mms_ptout {
	const struct mms_walk *w;
	struct mms_sink *sink;
	u32 flags;
	struct mms_pt_extent *extent;
	struct mms_pt_hole *hole;
	u64 next_raw;
};

void mms_ptout_close(struct mms_ptout *p);
void mms_ptout_table(struct mms_ptout *p, int level, u64 table_pa, u64 va,
		     unsigned int first, unsigned int n, const u64 *e);
void mms_ptout_entry(struct mms_ptout *p, int level, u64 va, u64 len, u64 raw);
void mms_ptout_ptes(struct mms_ptout *p, u64 table_pa, u64 va, unsigned int first,
		    unsigned int n, const u64 *e);

extern const struct mms_field mms_pt_context_fields[];
extern const struct mms_field mms_pt_table_fields[];
extern const struct mms_field mms_pt_extent_fields[];
extern const struct mms_field mms_pt_hole_fields[];

#endif /* MMSCOPE_PTOUT_H */
