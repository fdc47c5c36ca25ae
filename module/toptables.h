/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables of a process that their struct pages do not tell: those above the PMD
 * level.  (6.8 "mm: add statistics for PUD level pagetable" and 6.14 "mm: introduce
 * ctor/dtor at PGD level" mark them.)
 */
#ifndef MMSCOPE_TOPTABLES_H
#define MMSCOPE_TOPTABLES_H

#include "mmscope.h"

/**
 * struct mms_top_tables - a look at one process, which may take several goes
 * @put: told the frame number of each table but the top one; false: no room
 * @priv: for @put
 * @va: where to begin; 0 at first, afterwards where it was stopped
 * @found: tables since it was called
 * @levels: of this kernel's tables
 */
struct mms_top_tables {
	bool (*put)(struct mms_top_tables *t, unsigned long pfn);
	void *priv;
	u64 va;
	unsigned int found;
	unsigned int levels;
	struct mms_walk walk;
	u64 snap[MMS_WALK_LEVELS * MMS_TABLE_MAX];
};

void mms_top_tables_init(struct mms_top_tables *t);
bool mms_top_tables_of(struct mms_top_tables *t, struct mm_struct *mm);

#endif /* MMSCOPE_TOPTABLES_H */
