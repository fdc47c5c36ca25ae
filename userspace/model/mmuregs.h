/* SPDX-License-Identifier: GPL-2.0 */
/* A context record as the registers of the software MMU. */
#ifndef MMSCOPE_MODEL_MMUREGS_H
#define MMSCOPE_MODEL_MMUREGS_H

#include <linux/mmscope.h>
#include "mmu/mmu.h"
#include "util/err.h"

/**
 * mms_mmu_regs() - what the processor that walks these tables holds
 * @ctx: from the stream
 * @regs: filled; PKRU is 0 (everything allowed) where it was not read:
 *	a view that shows what a key allows must say so
 *
 * Return: 0; -EOPNOTSUPP for paging that the model does not know, -EBADMSG for
 * registers that no processor can hold.
 */
int mms_mmu_regs(const struct mms_pt_context *ctx, struct mmu_regs *regs,
		 struct mms_err *err);

#endif
