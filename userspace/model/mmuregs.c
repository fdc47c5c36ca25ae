// SPDX-License-Identifier: GPL-2.0
/* Translates a context record into the software MMU's registers. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "model/mmuregs.h"

#define PDPTE_A		UINT64_C(0x20)

static void x86_regs(enum mmu_mode mode, const struct mms_pt_context *ctx,
		     struct mmu_regs *regs)
{
	*regs = (struct mmu_regs){
		.mode = mode,
		.cr0 = ctx->cr0,
		.cr3 = ctx->root_pa,
		.cr4 = ctx->cr4,
		.efer = ctx->efer,
		.pat = ctx->pat,
		.pkru = ctx->pkru == UINT32_MAX ? 0 : ctx->pkru,
		.maxphyaddr = ctx->maxphyaddr,
		.page1gb = ctx->flags & MMS_CTX_GBPAGES,
		.pse36 = ctx->flags & MMS_CTX_PSE36,
		.upper_g_reserved = ctx->flags & MMS_CTX_UPPER_G_MBZ,
	};
}

/* TTBR_EL1 holds bits 51:48 of a wide address in 5:2 (Arm ARM, TTBR0_EL1.BADDR). */
static uint64_t ttbr(uint64_t root_pa)
{
	uint64_t high = root_pa >> 48;

	return (root_pa & ((UINT64_C(1) << 48) - 1)) | high << 2;
}

static void arm64_regs(const struct mms_pt_context *ctx, struct mmu_regs *regs)
{
	const struct mmu_arm64_id id = {
		.mmfr0 = ctx->id_mmfr0, .mmfr1 = ctx->id_mmfr1,
		.mmfr2 = ctx->id_mmfr2, .isar1 = ctx->id_isar1,
		.isar2 = ctx->id_isar2,
	};

	*regs = (struct mmu_regs){ .mode = MMU_MODE_ARM64 };
	mmu_arm64_features(&id, &regs->arm64);
	regs->arm64.ttbr0 = ttbr(ctx->root_pa);
	regs->arm64.ttbr1 = ttbr(ctx->kernel_root_pa);
	regs->arm64.tcr = ctx->tcr;
	regs->arm64.mair = ctx->mair;
	regs->arm64.sctlr = ctx->sctlr;
}

/* Only arm64 has a TCR, and it is never 0. */
static bool is_arm64(const struct mms_pt_context *ctx)
{
	return ctx->tcr;
}

static int fill(const struct mms_pt_context *ctx, struct mmu_regs *regs,
		struct mms_err *err)
{
	static const enum mmu_mode by_levels[] = {
		[2] = MMU_MODE_X86_32BIT, [3] = MMU_MODE_X86_PAE,
		[4] = MMU_MODE_X86_4LEVEL, [5] = MMU_MODE_X86_5LEVEL,
	};

	if (is_arm64(ctx)) {
		if (!ctx->id_mmfr0)
			return mms_err_set(err, -EOPNOTSUPP,
					   "the stream does not tell what this arm64 processor can do (ID_AA64MMFR0_EL1)");
		arm64_regs(ctx, regs);
		return 0;
	}
	if (ctx->levels < 2 || ctx->levels > 5)
		return mms_err_set(err, -EOPNOTSUPP, "%u-level paging is not modelled; 2 to 5 are",
				   ctx->levels);
	x86_regs(by_levels[ctx->levels], ctx, regs);
	return 0;
}

int mms_mmu_regs(const struct mms_pt_context *ctx, struct mmu_regs *regs,
		 struct mms_err *err)
{
	int rc = fill(ctx, regs, err);

	if (rc || mmu_check_regs(regs) == MMU_OK)
		return rc;
	if (is_arm64(ctx))
		return mms_err_set(err, -EBADMSG,
				   "software MMU: no processor holds these registers: ttbr0 %#" PRIx64 " tcr %#" PRIx64 " sctlr %#" PRIx64 " mmfr0 %#" PRIx64,
				   regs->arm64.ttbr0, (uint64_t)ctx->tcr,
				   (uint64_t)ctx->sctlr, (uint64_t)ctx->id_mmfr0);
	return mms_err_set(err, -EBADMSG,
			   "software MMU: no processor holds these registers: cr0 %#" PRIx64 " cr3 %#" PRIx64 " cr4 %#" PRIx64 " efer %#" PRIx64 ", %u levels, %u physical bits",
			   (uint64_t)ctx->cr0, (uint64_t)ctx->root_pa,
			   (uint64_t)ctx->cr4, (uint64_t)ctx->efer,
			   ctx->levels, ctx->maxphyaddr);
}

bool mms_mmu_kernel_half(const struct mms_pt_context *ctx, uint64_t va)
{
	return ctx->kernel_start && va >= ctx->kernel_start;
}

void mms_mmu_kernel_root(const struct mms_pt_context *ctx, struct mmu_regs *regs)
{
	regs->cr3 = is_arm64(ctx) ? 0 : ctx->kernel_root_pa;
}

#define TCR_HA		(UINT64_C(1) << 39)

void mms_mmu_any_age(struct mmu_regs *regs)
{
	struct mmu_arm64_regs *a = &regs->arm64;

	if (regs->mode != MMU_MODE_ARM64 || (a->hafdbs && (a->tcr & TCR_HA)))
		return;
	/* 1: the Access flag, and not the dirty state as well */
	a->hafdbs = 1;
	a->tcr |= TCR_HA;
}

void mms_mmu_pdpte(struct mmu_regs *regs, unsigned int index, uint64_t raw)
{
	if (regs->mode == MMU_MODE_X86_PAE && index < 4)
		regs->pdpte[index] = raw & ~PDPTE_A;
}
