/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which VMAs can map a page frame: the kernel's reverse map, read by own code.
 */
#ifndef MMSCOPE_RMAP_H
#define MMSCOPE_RMAP_H

#include "mmscope.h"
#include "pagesnap.h"

#define MMS_RMAP_MAX	4096	/* VMAs that one question takes along, and looks at */

/**
 * struct mms_candidate - an address that may map the frame
 * @mm: its address space; compare it, but never follow it: nothing keeps it
 */
struct mms_candidate {
	struct mm_struct *mm;
	unsigned long va;
	unsigned long vma_start;
	unsigned long vma_end;
	u32 vma_flags;
};

#define MMS_RMAP_FIRST	24	/* few are usual */

/**
 * struct mms_rmap - the candidates found; all zero at first
 * @c: @first, or allocated where those are too few
 * @room: of @c; 0 = of @first
 * @looked: nodes of trees that were looked at
 * @more: did not all fit into @room
 */
struct mms_rmap {
	struct mms_candidate *c;
	unsigned int n;
	unsigned int room;
	unsigned int looked;
	bool more;
	struct mms_candidate first[MMS_RMAP_FIRST];
};

int mms_rmap_more(struct mms_rmap *r);
void mms_rmap_end(struct mms_rmap *r);
enum mms_frame_rmap mms_rmap_read(struct mms_rmap *r, const struct mms_pagesnap *s,
				  const struct mms_frame *f);
void mms_rmap_sort(struct mms_rmap *r);

/* For ksm.c: every VMA of an anon_vma that has @va. */
enum mms_frame_rmap mms_rmap_anon_at(struct mms_rmap *r, void *anon_vma, unsigned long va);

/* KSM's own structs, whose layout is asked for once (ksm.c) */
const char *mms_ksm_init(void);
enum mms_frame_rmap mms_ksm_read(struct mms_rmap *r, unsigned long stable_node, u64 pfn);
bool mms_ksm_sharers(unsigned long stable_node, u64 pfn, u32 *sharers);

#endif /* MMSCOPE_RMAP_H */
