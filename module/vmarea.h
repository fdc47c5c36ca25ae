/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The areas of the kernel's vmalloc space.
 */
#ifndef MMSCOPE_VMAREA_H
#define MMSCOPE_VMAREA_H

#include "mmscope.h"

/**
 * struct mms_vmarea - an area as it was while its lock was held
 * @start: first address
 * @end: behind it, guard page included
 * @nr_pages: that it was made with; 0 = its pages are not its own, or none
 * @phys: of ioremap()
 * @caller: code address of who asked for it; 0 = none
 * @flags: MMS_AREA_*
 * @known: MMS_AREA_K_GUARD, MMS_AREA_K_ORDER
 * @order: log2 of the pages that an entry of its tables may map
 */
struct mms_vmarea {
	unsigned long start;
	unsigned long end;
	unsigned long nr_pages;
	u64 phys;
	unsigned long caller;
	u32 flags;
	u32 known;
	u32 order;
};

/**
 * struct mms_vmarea_at - where a listing goes on; zeroed before the first time
 * @node: which of the kernel's trees
 * @addr: areas that end behind it
 * @lazy: areas that were freed and not purged, instead of those in use; they
 *	have addresses alone
 */
struct mms_vmarea_at {
	unsigned int node;
	unsigned long addr;
	bool lazy;
};

/* Once, in .init; may sleep.  Return: 0, or -errno with @cap filled in. */
int mms_vmarea_init(struct mms_cap *cap);

/* Can areas be told that were freed and not purged?  After mms_vmarea_init(). */
bool mms_vmarea_lazy_known(void);

/**
 * mms_vmareas() - the next areas
 * @q: whose hold is counted
 * @at: moved on
 * @areas: room for @room
 *
 * One hold of the kernel's lock for some areas; none is held on return.
 *
 * Return: how many; 0: that was all; -EOPNOTSUPP: not on this kernel
 */
int mms_vmareas(struct mms_query *q, struct mms_vmarea_at *at, struct mms_vmarea *areas,
		unsigned int room);

/**
 * mms_vmarea_tell() - an area as a record has it, all but the tail
 * @name: set to the caller's name, at least KSYM_SYMBOL_LEN bytes; "" = none
 */
void mms_vmarea_tell(const struct mms_vmarea *area, struct mms_vmalloc_area *rec, char *name);

#endif /* MMSCOPE_VMAREA_H */
