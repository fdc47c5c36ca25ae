/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of mmscope swap share. */
#ifndef MMSCOPE_VIEW_SWAP_H
#define MMSCOPE_VIEW_SWAP_H

#include "model/share_gather.h"
#include "model/swap.h"
#include "render/table.h"

#define MMS_SWAP_PAGE	4096ULL

/**
 * struct mms_slot_run - slots in a row that a process holds at addresses in a row
 * @first: MMS_SLOT() of the first of @n
 * @holders: entries that name each
 * @proc: index of the process in mms_share.procs
 * @region: index of the VMA in its snapshot
 */
struct mms_slot_run {
	uint64_t va;
	uint64_t first;
	uint64_t n;
	uint64_t holders;
	uint32_t proc;
	uint32_t region;
};

/**
 * struct mms_swap_view - one invocation
 * @render: as asked, for the rows that -o means
 * @plain: for the other tables
 * @in: processes, and what came out
 * @proc: knows the names of areas, where the module is asked for the rest
 * @table: of tasks
 * @slots: of who was asked for, @nslots of them
 * @mapped: by area, slots that an entry names; @shared: that several do
 * @seen: areas that swap entries name
 * @changed: areas came or went while page tables were read
 * @no_areas: why areas are not known
 */
struct mms_swap_view {
	struct mms_render render;
	struct mms_render plain;
	struct mms_share_gather in;
	struct mms_source *proc;
	struct mms_swaps swaps;
	struct mms_doc *doc;
	struct mms_table *table;
	struct mms_slot_run *slots;
	size_t nslots;
	size_t slots_cap;
	uint64_t mapped[MMS_SWAP_AREAS];
	uint64_t shared[MMS_SWAP_AREAS];
	uint32_t seen;
	bool changed;
	struct mms_err no_areas;
};

/* The table of areas, or why there is none. */
int mms_swap_show_areas(struct mms_swap_view *v, struct mms_err *err);

/* What is in use and in no page table, and who says all that. */
void mms_swap_footer(struct mms_swap_view *v);

/* Keep the slots of @p whose processes are asked for.  Returns 0 or -ENOMEM. */
int mms_swap_keep_slots(struct mms_swap_view *v, const struct mms_share_piece *p);

/* The table of slots. */
int mms_swap_show_slots(struct mms_swap_view *v, struct mms_err *err);

#endif
