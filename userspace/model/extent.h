/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic on struct mms_pt_extent: where a run ends, what it holds inside. */
#ifndef MMSCOPE_MODEL_EXTENT_H
#define MMSCOPE_MODEL_EXTENT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/mmscope.h>

static inline uint64_t mms_extent_end(const struct mms_pt_extent *e)
{
	return e->va + e->len;
}

/* Bytes of virtual address space that one entry of the run translates. */
static inline uint64_t mms_extent_step(const struct mms_pt_extent *e)
{
	return 1ULL << e->page_shift;
}

/* First address of the entry after the one that translates @va. */
static inline uint64_t mms_extent_next(const struct mms_pt_extent *e, uint64_t va)
{
	uint64_t next = (va | (mms_extent_step(e) - 1)) + 1;

	return next - 1 < mms_extent_end(e) - 1 ? next : mms_extent_end(e);
}

/* The value of ->pa @off bytes into the run; its unit is that of the state. */
static inline uint64_t mms_extent_pa(const struct mms_pt_extent *e, uint64_t off)
{
	switch (e->state) {
	case MMS_PT_MARKER:
	case MMS_PT_BAD:
		return e->pa;
	case MMS_PT_SWAP:
	case MMS_PT_OTHER:
		return e->pa + (off >> 12);
	default:
		return e->pa + off;
	}
}

/* Could a page table say this at all?  Damaged captures can say anything. */
static inline bool mms_extent_sane(const struct mms_pt_extent *e)
{
	if (e->page_shift < 12 || e->page_shift > 39 || !e->len)
		return false;
	/* A range asked for may begin or end inside a huge page. */
	return !(e->va & 0xfff) && !(e->len & 0xfff) && mms_extent_end(e) > e->va;
}

/* Make @e the part of it in [@start, @end); the caller knows they overlap. */
static inline void mms_extent_clip(struct mms_pt_extent *e, uint64_t start,
				   uint64_t end)
{
	uint64_t last = mms_extent_end(e);

	if (e->va < start) {
		e->pa = mms_extent_pa(e, start - e->va);
		e->va = start;
	}
	e->len = (last < end ? last : end) - e->va;
}

/*
 * Is there a page that Linux counts as this process's?  The zero page and
 * special mappings are present but nobody's.
 */
static inline bool mms_extent_counts(const struct mms_pt_extent *e)
{
	return e->state == MMS_PT_PRESENT &&
	       !(e->flags & (MMS_PT_F_SPECIAL | MMS_PT_F_ZERO));
}

#endif
