/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers of a VMA from all witnesses, each known or not, and their sums. */
#ifndef MMSCOPE_MODEL_FIGURES_H
#define MMSCOPE_MODEL_FIGURES_H

#include "model/usage.h"

/* Bytes, but for the count MMS_FIG_EXT. */
enum mms_figure {
	MMS_FIG_SIZE,
	/* The best witness there is: page tables by the module, else smaps. */
	MMS_FIG_RSS, MMS_FIG_SWAP, MMS_FIG_DIRTY, MMS_FIG_HUGE,
	/* Page tables, or where said pagemap, only. */
	MMS_FIG_EXT, MMS_FIG_LARGEST,	/* pagemap will do */
	MMS_FIG_PT_RSS, MMS_FIG_ZERO, MMS_FIG_SPECIAL,
	/* smaps only. */
	MMS_FIG_PSS, MMS_FIG_SMAPS_RSS, MMS_FIG_SMAPS_SWAP, MMS_FIG_SWAP_PSS,
	MMS_FIG_SHARED_CLEAN, MMS_FIG_SHARED_DIRTY, MMS_FIG_PRIVATE_CLEAN,
	MMS_FIG_PRIVATE_DIRTY, MMS_FIG_REFERENCED, MMS_FIG_ANONYMOUS,
	MMS_FIG_LAZYFREE, MMS_FIG_LOCKED,
	MMS_FIG_MAX
};

/**
 * struct mms_figures - one VMA's, or a sum
 * @vmas: how many are in it
 * @known: bit n: @v[n] was read
 */
struct mms_figures {
	uint64_t vmas;
	uint32_t known;
	uint64_t v[MMS_FIG_MAX];
};

static inline bool mms_figure_known(const struct mms_figures *f, enum mms_figure i)
{
	return f->known >> i & 1;
}

/* All figures of one region of @snap. */
void mms_figures_of(const struct mms_snapshot *snap,
		    const struct mms_region *region, struct mms_figures *out);

/* Add @f to @sum: what is unknown in both stays so. */
void mms_figures_add(struct mms_figures *sum, const struct mms_figures *f);

/* Did the module's page tables speak, or the smaps of /proc? */
bool mms_figures_from_tables(const struct mms_snapshot *snap);

#endif
