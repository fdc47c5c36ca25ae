// SPDX-License-Identifier: GPL-2.0
/* Translates a context record into the software MMU's registers. */
#include <errno.h>
#include <inttypes.h>

#include "model/mmuregs.h"

int mms_mmu_regs(const struct mms_pt_context *ctx, struct mmu_regs *regs,
		 struct mms_err *err)
{
	/* Only arm64 has this register, and it is never 0. */
	if (ctx->tcr)
		return mms_err_set(err, -EOPNOTSUPP,
				   "software MMU: arm64's page tables are not modelled; x86-64's are");
	if (ctx->levels != 4 && ctx->levels != 5)
		return mms_err_set(err, -EOPNOTSUPP,
				   "software MMU: %u-level paging is not modelled; 4 and 5 are",
				   ctx->levels);
	*regs = (struct mmu_regs){
		.mode = ctx->levels == 5 ? MMU_MODE_X86_5LEVEL : MMU_MODE_X86_4LEVEL,
		.cr0 = ctx->cr0,
		.cr3 = ctx->root_pa,
		.cr4 = ctx->cr4,
		.efer = ctx->efer,
		.pat = ctx->pat,
		.pkru = ctx->pkru == UINT32_MAX ? 0 : ctx->pkru,
		.maxphyaddr = ctx->maxphyaddr,
		.page1gb = ctx->flags & MMS_CTX_GBPAGES,
		.upper_g_reserved = ctx->flags & MMS_CTX_UPPER_G_MBZ,
	};
	if (mmu_check_regs(regs) != MMU_OK)
		return mms_err_set(err, -EBADMSG,
				   "software MMU: no processor holds these registers: cr0 %#" PRIx64 " cr3 %#" PRIx64 " cr4 %#" PRIx64 " efer %#" PRIx64 ", %u levels, %u physical bits",
				   (uint64_t)ctx->cr0, (uint64_t)ctx->root_pa,
				   (uint64_t)ctx->cr4, (uint64_t)ctx->efer,
				   ctx->levels, ctx->maxphyaddr);
	return 0;
}
