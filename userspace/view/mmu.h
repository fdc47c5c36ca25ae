/* SPDX-License-Identifier: GPL-2.0 */
/* What the views of the software MMU share: options, registers. */
#ifndef MMSCOPE_VIEW_MMU_H
#define MMSCOPE_VIEW_MMU_H

#include "mmu/mmu.h"
#include "render/table.h"
#include "util/err.h"

#define MMS_MMU_SET_MAX	64

/**
 * struct mms_mmu_options - the command line's, until a view is run
 * @mode: --mode, or NULL
 * @mem: --mem, or NULL
 * @granule: --granule, or NULL
 * @set: each --set
 * @nset: how many
 */
struct mms_mmu_options {
	const char *mode;
	const char *mem;
	const char *granule;
	const char *set[MMS_MMU_SET_MAX];
	unsigned int nset;
};

extern struct mms_mmu_options mms_mmu_options;

/* Is there such a mode in the software MMU? */
bool mms_mmu_modelled(enum mmu_mode mode);

/* The registers as Linux has them, on a processor that has all there is but SMEP and SMAP. */
void mms_mmu_default_regs(enum mmu_mode mode, struct mmu_regs *regs);

/**
 * mms_mmu_take_regs() - the registers that --mode, --granule and --set ask for
 * Return: 0; -EINVAL with @err, also if no processor can hold them
 */
int mms_mmu_take_regs(struct mmu_regs *regs, struct mms_err *err);

/* Was this register given by --set? */
bool mms_mmu_given(const char *name);

/**
 * mms_mmu_encode() - "mmscope mmu encode": a table entry from names
 * @render: how to show it
 * @argc: words after "encode"
 * @argv: the level, if it is named, then the names
 * @err: what is wrong
 *
 * Return: an exit status, or -errno with @err.
 */
int mms_mmu_encode(const struct mms_render *render, int argc, char **argv, struct mms_err *err);

#endif
