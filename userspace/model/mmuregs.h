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
 *	a view that shows what a key allows must say so. With PAE the PDPTEs
 *	are absent until mms_mmu_pdpte() gave them.
 *
 * Return: 0; -EOPNOTSUPP for paging that the model does not know, -EBADMSG for
 * registers that no processor can hold.
 */
int mms_mmu_regs(const struct mms_pt_context *ctx, struct mmu_regs *regs,
		 struct mms_err *err);

/**
 * mms_mmu_kernel_half() - is @va of the kernel's half of the addresses?
 *
 * False where the stream does not tell, as an older module's.
 */
bool mms_mmu_kernel_half(const struct mms_pt_context *ctx, uint64_t va);

/**
 * mms_mmu_kernel_root() - the same processor while it runs the kernel
 * @regs: from mms_mmu_regs(); with PTI the top table becomes the kernel's.
 *	arm64 has both in registers of their own, nothing changes there
 */
void mms_mmu_kernel_root(const struct mms_pt_context *ctx, struct mmu_regs *regs);

/**
 * mms_mmu_any_age() - ask where pages lead, whether or not they were used
 * @regs: on an arm64 processor that leaves the Access flag to software, a page
 *	that Linux calls old (AF = 0) faults before anything else is looked at
 *	(Arm ARM D8.5.1); it is a translation all the same. With these registers
 *	it is found; what an access meets must be asked with the true ones.
 */
void mms_mmu_any_age(struct mmu_regs *regs);

/**
 * mms_mmu_pdpte() - PAE: a PDPTE as the processor loaded it
 * @regs: in PAE mode; in others nothing is done
 * @index: 0 to 3; others are left alone
 * @raw: as it is in memory now. The A bit, which a PDPTE does not have, is left
 *	out: QEMU's TCG sets it in memory (a quirk, see tests/judges), which the
 *	register of the processor never sees.
 */
void mms_mmu_pdpte(struct mmu_regs *regs, unsigned int index, uint64_t raw);

#endif
