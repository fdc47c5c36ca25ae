// SPDX-License-Identifier: GPL-2.0
/*
 * Plans: the entries that a translation goes through, as comparisons.
 *
 * What a comparison lets pass must be right, and is tested against
 * mmu_translate() (tests/unit/test_mmu_plan.c, tests/fuzz/fuzz_mmu.c); what it
 * does not let pass is mmu_translate()'s to judge, so that each rule here is a
 * sufficient one and errs, if it must, on that side. Sections: see mmu.h, arm64.h.
 */
#include "plan.h"
#include "x86.h"

#define INDEX_MASK(bits)	((UINT64_C(1) << (bits)) - 1)
#define NO_ROOT			1u

/* "Translation table descriptor formats" of the Arm ARM */
#define ARM_VALID	BIT(0)
#define ARM_TABLE	BIT(1)
#define ARM_AP1		BIT(6)
#define ARM_AP2		BIT(7)
#define ARM_AF		BIT(10)
#define ARM_PXN		BIT(53)
#define ARM_UXN		BIT(54)
#define ARM_LIMITS	BITS(62, 59)
#define ARM_SCTLR_M	BIT(0)
#define ARM_SCTLR_WXN	BIT(19)
#define ARM_TCR_E0PD0	BIT(55)
#define ARM_TCR_DS	BIT(59)

static const struct mmu_plan_level impossible = {
	.table_value = 1, .leaf_value = 1,	/* no bit of @table_mask, @leaf_mask */
};

/* The level's entries, of @bits index bits, above @below bits of the address. */
static struct mmu_plan_level *begin_level(struct mmu_plan *plan, int level,
					  unsigned int below, unsigned int bits)
{
	struct mmu_plan_level *l = &plan->level[level];

	*l = impossible;
	l->shift = below;
	l->index_mask = INDEX_MASK(bits);
	return l;
}

/*
 * SDM 5.6.1: what each entry must say for the access to be permitted: U/S for
 * the user, R/W for writes that CR0.WP binds, no NX for a fetch.
 */
static void x86_rights(const struct mmu_plan *plan, uint64_t *mask,
		       uint64_t *value)
{
	const struct mmu_access *a = &plan->access;
	bool user = a->user && !a->implicit;

	*mask = 0;
	if (user)
		*mask |= ENTRY_US;
	if (a->kind == MMU_WRITE && (user || (plan->regs.cr0 & CR0_WP)))
		*mask |= ENTRY_RW;
	*value = *mask;
	if (a->kind == MMU_FETCH && plan->regs.mode != MMU_MODE_X86_32BIT)
		*mask |= ENTRY_NX;
}

/*
 * What the leaf must say beyond that: to be no user page, where SMEP or SMAP
 * forbid those; to have key 0, where there are keys (SDM 5.6.1, 5.6.2).
 */
static uint64_t x86_leaf_clear(const struct mmu_plan *plan)
{
	const struct mmu_access *a = &plan->access;
	const struct mmu_regs *regs = &plan->regs;
	bool fetch = a->kind == MMU_FETCH;
	uint64_t clear = 0;

	if ((!a->user || a->implicit) &&
	    (regs->cr4 & (fetch ? CR4_SMEP : CR4_SMAP)))
		clear |= ENTRY_US;
	if (!fetch && (regs->cr4 & (CR4_PKE | CR4_PKS)) &&
	    regs->mode != MMU_MODE_X86_32BIT)
		clear |= (uint64_t)KEY_MASK << KEY_SHIFT;
	return clear;
}

/* Keys other than none at all are left to mmu_translate(): see above. */
static bool x86_key_0_open(const struct mmu_regs *regs)
{
	return !((regs->cr4 & CR4_PKE) && (regs->pkru & 3)) &&
	       !((regs->cr4 & CR4_PKS) && (regs->pkrs & 3));
}

/* SDM 5.4.2 and 5.5.4: 8-byte entries, from the one of @top down. */
static void x86_wide_levels(struct mmu_plan *plan, int top)
{
	const struct mmu_regs *regs = &plan->regs;
	uint64_t reserved = BITS(PA_BITS_MAX - 1, 0) & ~BITS(regs->maxphyaddr - 1, 0);
	uint64_t mask, value, clear = x86_leaf_clear(plan);
	int level;

	if (regs->mode == MMU_MODE_X86_PAE)
		reserved |= BITS(62, PA_BITS_MAX);
	if (!(regs->efer & EFER_NXE))
		reserved |= ENTRY_NX;
	x86_rights(plan, &mask, &value);
	for (level = top; level >= LEVEL_PTE; level--) {
		unsigned int shift = PAGE_SHIFT + 9 * (unsigned int)(level - 1);
		struct mmu_plan_level *l = begin_level(plan, level, shift, 9);

		l->leaf_frame = BITS(regs->maxphyaddr - 1, shift);
		if (level > LEVEL_PTE) {
			l->table_mask = mask | reserved | ENTRY_P | ENTRY_PS;
			/* APM 5.3.3; where it is ignored, no harm is done */
			if (level >= LEVEL_PML4E)
				l->table_mask |= ENTRY_G;
			l->table_value = value | ENTRY_P;
		}
		if (level >= LEVEL_PML4E ||
		    (level == LEVEL_PDPTE && !regs->page1gb))
			continue;
		l->leaf_mask = mask | reserved | clear | ENTRY_P;
		l->leaf_value = value | ENTRY_P;
		if (level == LEVEL_PTE)
			continue;
		l->leaf_mask |= ENTRY_PS | BITS(shift - 1, 13);
		l->leaf_value |= ENTRY_PS;
	}
}

static void plan_long(struct mmu_plan *plan)
{
	const struct mmu_regs *regs = &plan->regs;
	int i;

	plan->levels = mmu_levels(regs->mode);
	/* SDM vol. 1, 3.3.7.1: the sign bit and all above are equal. */
	plan->va_bits = mmu_va_bits(regs->mode) - 1;
	plan->high = UINT64_MAX >> plan->va_bits;
	for (i = 0; i < 4; i++)
		plan->root[i] = regs->cr3 & plan->table_frame;
	x86_wide_levels(plan, plan->levels);
}

/* SDM 5.4.1: four page directories, by registers. */
static void plan_pae(struct mmu_plan *plan)
{
	int i;

	plan->levels = 2;
	plan->va_bits = 32;
	plan->root_shift = 30;
	for (i = 0; i < 4; i++)
		plan->root[i] = plan->regs.pdpte[i] & ENTRY_P ?
				plan->regs.pdpte[i] & plan->table_frame : NO_ROOT;
	x86_wide_levels(plan, LEVEL_PDE);
}

/* SDM 5.3; 4 MiB pages are left to mmu_translate(). */
static void plan_32bit(struct mmu_plan *plan)
{
	struct mmu_plan_level *l;
	uint64_t mask, value;
	int i;

	plan->levels = 2;
	plan->bytes = 4;
	plan->va_bits = 32;
	plan->table_frame = BITS(31, PAGE_SHIFT);
	for (i = 0; i < 4; i++)
		plan->root[i] = plan->regs.cr3 & plan->table_frame;
	x86_rights(plan, &mask, &value);
	l = begin_level(plan, LEVEL_PDE, 22, 10);
	l->table_mask = mask | ENTRY_P | ENTRY_PS;
	l->table_value = value | ENTRY_P;
	l = begin_level(plan, LEVEL_PTE, PAGE_SHIFT, 10);
	l->leaf_mask = mask | ENTRY_P | x86_leaf_clear(plan);
	l->leaf_value = value | ENTRY_P;
	l->leaf_frame = BITS(31, PAGE_SHIFT);
}

static void plan_x86(struct mmu_plan *plan)
{
	const struct mmu_regs *regs = &plan->regs;

	if (mmu_check_regs(regs) != MMU_OK || !x86_key_0_open(regs))
		return;
	plan->table_frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT);
	if (regs->mode == MMU_MODE_X86_32BIT)
		plan_32bit(plan);
	else if (regs->mode == MMU_MODE_X86_PAE)
		plan_pae(plan);
	else
		plan_long(plan);
}

/*
 * AArch64.S1DirectBasePermissions(): what the leaf must say; tables must not
 * say anything (bits 62:59).
 */
static void arm64_rights(const struct mmu_plan *plan, uint64_t *mask,
			 uint64_t *value)
{
	const struct mmu_access *a = &plan->access;

	*mask = ARM_AF;
	*value = ARM_AF;
	if (a->kind == MMU_FETCH) {
		/* What EL0 may write EL1 cannot execute: nothing of EL0's, then. */
		*mask |= a->user ? ARM_UXN : ARM_PXN | ARM_AP1;
		return;
	}
	if (a->kind == MMU_WRITE)
		*mask |= ARM_AP2;
	if (a->user || plan->regs.arm64.pan)
		*mask |= ARM_AP1;
	if (a->user)
		*value |= ARM_AP1;
}

/* The lower half with addresses of at most 48 bits, and nothing unusual. */
static bool arm64_plain(const struct mmu_plan *plan, struct mmu_geometry *geo)
{
	const struct mmu_arm64_regs *a = &plan->regs.arm64;

	if (!(a->sctlr & ARM_SCTLR_M) || (a->sctlr & ARM_SCTLR_WXN) ||
	    (a->tcr & (ARM_TCR_E0PD0 | ARM_TCR_DS)) ||
	    a->pa_bits > 48 || (a->pan && a->pan3))
		return false;
	return mmu_geometry(&plan->regs, 0, geo) == MMU_OK && geo->va_bits <= 48;
}

static void plan_arm64(struct mmu_plan *plan)
{
	/* TCR_EL1.IPS: AArch64.PhysicalAddressSize() */
	static const unsigned char sizes[] = { 32, 36, 40, 42, 44, 48, 48, 48 };
	const struct mmu_arm64_regs *a = &plan->regs.arm64;
	unsigned int out = sizes[a->tcr >> 32 & 7], root;
	struct mmu_geometry geo;
	uint64_t mask, value, beyond;
	int level, i;

	if (!arm64_plain(plan, &geo))
		return;
	out = out < a->pa_bits ? out : a->pa_bits;
	beyond = BITS(48, out) & BITS(47, 0);
	plan->va_bits = geo.va_bits;
	plan->table_frame = BITS(47, geo.page_shift);
	arm64_rights(plan, &mask, &value);
	for (level = geo.levels; level >= 1; level--) {
		unsigned int shift = mmu_geometry_shift(&geo, level);
		struct mmu_plan_level *l = begin_level(plan, level, shift, geo.index_bits);

		l->leaf_frame = BITS(47, shift);
		if (level > 1) {
			l->table_mask = ARM_VALID | ARM_TABLE | ARM_LIMITS | beyond;
			l->table_value = ARM_VALID | ARM_TABLE;
		}
		/* AArch64.BlockDescSupported(), without DS and LPA */
		if (level > 3 || (level == 3 && geo.page_shift != PAGE_SHIFT))
			continue;
		l->leaf_mask = ARM_VALID | ARM_TABLE | beyond | mask;
		l->leaf_value = ARM_VALID | value | (level == 1 ? ARM_TABLE : 0);
	}
	/* AArch64.S1TTBaseAddress() */
	root = geo.va_bits - mmu_geometry_shift(&geo, geo.levels) + 3;
	for (i = 0; i < 4; i++)
		plan->root[i] = a->ttbr0 & BITS(47, 1) & ~BITS(root - 1, 0);
	if (!(plan->root[0] & beyond))
		plan->levels = geo.levels;
}

void mmu_plan_init(struct mmu_plan *plan, const struct mmu_regs *regs,
		   const struct mmu_access *access)
{
	*plan = (struct mmu_plan){
		.regs = *regs, .access = *access, .bytes = 8, .root_shift = 62,
	};
	switch (regs->mode) {
	case MMU_MODE_X86_4LEVEL:
	case MMU_MODE_X86_5LEVEL:
	case MMU_MODE_X86_32BIT:
	case MMU_MODE_X86_PAE:
		plan_x86(plan);
		break;
	case MMU_MODE_ARM64:
		plan_arm64(plan);
		break;
	}
}

static enum mmu_status ask(const struct mmu_plan *plan,
			   const struct mmu_mem *mem, uint64_t va, uint64_t *pa)
{
	struct mmu_result res;

	mmu_translate(&plan->regs, mem, va, &plan->access, &res);
	*pa = res.pa;
	return res.status;
}

/* 4-byte entries; a reader that knows 8 bytes only is mmu_translate()'s. */
static enum mmu_status narrow(const struct mmu_plan *plan,
			      const struct mmu_mem *mem, uint64_t va,
			      uint64_t *pa)
{
	const struct mmu_plan_level *l = &plan->level[LEVEL_PDE];
	uint32_t pde, pte;

	if (!mem->read4 || mem->read4(mem->ctx, plan->root[0] + 4 * (va >> 22), &pde) ||
	    (pde & l->table_mask) != l->table_value)
		return ask(plan, mem, va, pa);
	l = &plan->level[LEVEL_PTE];
	if (mem->read4(mem->ctx, (pde & plan->table_frame) + 4 * (va >> 12 & l->index_mask), &pte) ||
	    (pte & l->leaf_mask) != l->leaf_value)
		return ask(plan, mem, va, pa);
	*pa = (pte & l->leaf_frame) | (va & BITS(PAGE_SHIFT - 1, 0));
	return MMU_OK;
}

enum mmu_status mmu_plan_translate(const struct mmu_plan *plan,
				   const struct mmu_mem *mem, uint64_t va,
				   uint64_t *pa)
{
	const struct mmu_plan_level *l = &plan->level[plan->levels];
	uint64_t high, table, raw;

	if (!plan->levels)
		return ask(plan, mem, va, pa);
	high = va >> plan->va_bits;
	table = plan->root[va >> plan->root_shift & 3];
	if ((high && high != plan->high) || table == NO_ROOT)
		return ask(plan, mem, va, pa);
	if (plan->bytes == 4)
		return narrow(plan, mem, va, pa);
	for (;; l--) {
		if (mem->read(mem->ctx, table + 8 * (va >> l->shift & l->index_mask), &raw))
			break;
		if ((raw & l->table_mask) == l->table_value) {
			table = raw & plan->table_frame;
			continue;
		}
		if ((raw & l->leaf_mask) != l->leaf_value)
			break;
		*pa = (raw & l->leaf_frame) | (va & (BIT(l->shift) - 1));
		return MMU_OK;
	}
	return ask(plan, mem, va, pa);
}
