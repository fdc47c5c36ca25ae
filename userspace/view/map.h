/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of mmscope map share. */
#ifndef MMSCOPE_VIEW_MAP_H
#define MMSCOPE_VIEW_MAP_H

#include "model/figures.h"
#include "model/mapframes.h"
#include "model/snapshot.h"
#include "render/table.h"

/* Columns of the map itself, in the order of mms_map_columns[]. */
enum {
	COL_START, COL_END, COL_PERM, COL_CLASS, COL_SIZE, COL_RSS, COL_PSS,
	COL_SWAP, COL_DIRTY, COL_HUGE, COL_EXT, COL_PFN, COL_PAGES, COL_PGSIZE,
	COL_FLAGS, COL_LARGEST, COL_PT_RSS, COL_SMAPS_RSS, COL_ZERO, COL_SPECIAL,
	COL_SHCLEAN, COL_SHDIRTY, COL_PRCLEAN, COL_PRDIRTY, COL_REFERENCED,
	COL_ANON, COL_LAZYFREE, COL_LOCKED, COL_SMAPS_SWAP, COL_SWAP_PSS,
	COL_LRU, COL_ACTIVE, COL_UNEVICT, COL_KSM, COL_ZONES, COL_THP, COL_THPROOM, COL_MEANRUN,
	COL_PGOFF, COL_DEV, COL_INODE, COL_VMFLAGS, COL_POLICY, COL_PKEY,
	COL_NAME, COL_PATH,
	COL_MAX
};

extern const struct mms_column mms_map_columns[COL_MAX];

/**
 * struct mms_map_view - one invocation
 * @render: as asked
 * @plain: for tables that -o does not mean
 * @cols: mms_map_columns[], as shown by default
 * @table: of VMAs, or of extents under their VMAs
 * @frames: by region; NULL = not asked or not to be had
 * @by_module: @frames are the module's, not /proc/kpageflags'
 * @no_frames: why not to be had, or not from the module
 * @zones: where zones lie; .n = 0: not known
 * @active_known: PG_active means what it says
 * @ksm_known: what @frames say of KSM is true
 * @by_class: figures of the VMAs of each class; @total: of all
 * @extents: --extents
 * @live: no capture
 */
struct mms_map_view {
	struct mms_snapshot *snap;
	struct mms_render render;
	struct mms_render plain;
	struct mms_column cols[COL_MAX];
	struct mms_table *table;
	struct mms_doc *doc;
	struct mms_mapframes *frames;
	bool by_module;
	struct mms_err no_frames;
	struct mms_zone_spans zones;
	bool active_known;
	bool ksm_known;
	struct mms_figures total;
	struct mms_figures by_class[MMS_CLASS_MAX];
	bool extents;
	bool live;
	uint32_t pid;
};

/* The default columns: with --extents others; in JSON room is no concern. */
void mms_map_choose_columns(struct mms_map_view *m);

/* Rows of all VMAs, and @total and @by_class of them.  Returns 0 or -ENOMEM. */
int mms_map_fill(struct mms_map_view *m);

/* Sums by class; what top(1) shows: tables under the map. */
int mms_map_show_totals(struct mms_map_view *m, struct mms_err *err);
int mms_map_show_top(struct mms_map_view *m, struct mms_err *err);

/* Who says all that, and what it cost. */
void mms_map_footer(struct mms_map_view *m);

/* Bytes of all VMAs, as the kernel's total_vm has them. */
uint64_t mms_map_virt(const struct mms_snapshot *snap);

#endif
