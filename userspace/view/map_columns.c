// SPDX-License-Identifier: GPL-2.0
/* mmscope map: its columns, and which are shown by default. */
#include <string.h>

#include "view/map.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

const struct mms_column mms_map_columns[COL_MAX] = {
	[COL_START]	= { .name = "START", .type = MMS_COL_HEX, .shown = true,
			    .help = "first address" },
	[COL_END]	= C("END", HEX, false, "first address after it"),
	[COL_PERM]	= C("PERM", STR, true, "rights, and p(rivate) or s(hared); of an extent: by all page-table levels"),
	[COL_CLASS]	= C("CLASS", STR, true, "what the memory is for"),
	[COL_SIZE]	= C("SIZE", SIZE, true, "address space"),
	[COL_RSS]	= C("RSS", SIZE, true, "in memory (page tables; without the module smaps)"),
	[COL_PSS]	= C("PSS", SIZE, true, "its share of it, by the number of users of each page (smaps)"),
	[COL_SWAP]	= C("SWAP", SIZE, true, "in swap (page tables; without the module smaps)"),
	[COL_DIRTY]	= C("DIRTY", SIZE, true, "entries marked dirty (without the module dirty pages)"),
	[COL_HUGE]	= C("HUGE", SIZE, true, "in pages of 2 MiB or more"),
	[COL_EXT]	= C("EXT", NUM, true, "runs of contiguous physical memory"),
	[COL_PFN]	= C("PFN", STR, false, "page frames, or where the page is (--extents)"),
	[COL_PAGES]	= C("PAGES", NUM, false, "pages of PGSIZE (--extents)"),
	[COL_PGSIZE]	= C("PGSIZE", SIZE, false, "page size (--extents)"),
	[COL_FLAGS]	= C("FLAGS", STR, false, "A accessed, D dirty, SD soft-dirty ... (--extents)"),
	[COL_LARGEST]	= C("LARGEST", SIZE, false, "longest run of contiguous physical memory"),
	[COL_PT_RSS]	= C("PT_RSS", SIZE, false, "RSS by the page tables"),
	[COL_SMAPS_RSS]	= C("SMAPS_RSS", SIZE, false, "RSS by smaps"),
	[COL_ZERO]	= C("ZERO", SIZE, false, "mapped to the shared zero page"),
	[COL_SPECIAL]	= C("SPECIAL", SIZE, false, "present, but not memory that Linux counts"),
	[COL_SHCLEAN]	= C("SHCLEAN", SIZE, false, "shared, clean (smaps)"),
	[COL_SHDIRTY]	= C("SHDIRTY", SIZE, false, "shared, dirty (smaps)"),
	[COL_PRCLEAN]	= C("PRCLEAN", SIZE, false, "private, clean (smaps)"),
	[COL_PRDIRTY]	= C("PRDIRTY", SIZE, false, "private, dirty (smaps)"),
	[COL_REFERENCED] = C("REFERENCED", SIZE, false, "accessed lately (smaps)"),
	[COL_ANON]	= C("ANON", SIZE, false, "of no file (smaps)"),
	[COL_LAZYFREE]	= C("LAZYFREE", SIZE, false, "to be freed when memory is short (smaps)"),
	[COL_LOCKED]	= C("LOCKED", SIZE, false, "locked in memory (smaps)"),
	[COL_SMAPS_SWAP] = C("SMAPS_SWAP", SIZE, false, "swap by smaps"),
	[COL_SWAP_PSS]	= C("SWAP_PSS", SIZE, false, "its share of that (smaps)"),
	[COL_LRU]	= C("LRU", SIZE, false, "in memory, on a list of reclaim (frames)"),
	[COL_ACTIVE]	= C("ACTIVE", SIZE, false, "of that, marked active; not known with MGLRU (frames)"),
	[COL_UNEVICT]	= C("UNEVICT", SIZE, false, "in memory, unevictable: locked, ramfs (frames)"),
	[COL_KSM]	= C("KSM", SIZE, false, "in memory, merged by KSM (frames)"),
	[COL_ZONES]	= C("ZONES", STR, false, "in memory, by zone (frames)"),
	[COL_THP]	= C("THP", NUM, false, "percent of RSS in huge mappings"),
	[COL_THPROOM]	= C("THPROOM", NUM, false, "percent of SIZE where huge pages fit and are not forbidden"),
	[COL_MEANRUN]	= C("MEANRUN", SIZE, false, "mean length of the runs that EXT counts"),
	[COL_PGOFF]	= C("PGOFF", HEX, false, "offset in the file, bytes"),
	[COL_DEV]	= C("DEV", STR, false, "device of the file, major:minor"),
	[COL_INODE]	= C("INODE", NUM, false, "inode of the file"),
	[COL_VMFLAGS]	= C("VMFLAGS", STR, false, "properties of the VMA"),
	[COL_POLICY]	= C("POLICY", STR, false, "NUMA policy"),
	[COL_PKEY]	= C("PKEY", NUM, false, "memory protection key"),
	[COL_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true,
			    .trunc = true, .help = "file (without its directory) or purpose" },
	[COL_PATH]	= { .name = "PATH", .type = MMS_COL_STR, .trunc = true,
			    .help = "file with its directory (always in JSON)" },
};

void mms_map_choose_columns(struct mms_map_view *m)
{
	static const unsigned char for_extents[] = {
		COL_START, COL_PERM, COL_SIZE, COL_PFN, COL_PAGES, COL_PGSIZE,
		COL_FLAGS, COL_NAME,
	};
	size_t i;

	memcpy(m->cols, mms_map_columns, sizeof(mms_map_columns));
	if (m->extents) {
		for (i = 0; i < COL_MAX; i++)
			m->cols[i].shown = m->render.json && mms_map_columns[i].shown;
		for (i = 0; i < ARRAY_SIZE(for_extents); i++)
			m->cols[for_extents[i]].shown = true;
		m->cols[COL_START].tree = true;
		m->cols[COL_START].help = mms_map_columns[COL_START].help;
	}
	if (m->render.json)
		m->cols[COL_END].shown = m->cols[COL_PATH].shown = true;
}
