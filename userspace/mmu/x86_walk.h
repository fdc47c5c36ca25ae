/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way through 8-byte entries, which PAE and IA-32e paging have in common
 * from the page directory down; internal to mmu/.
 *
 * Inline, and each mode has its own copy: this loop is most of a translation.
 */
#ifndef MMU_X86_WALK_H
#define MMU_X86_WALK_H

#include "x86.h"

#define INDEX_BITS	9
#define INDEX_MASK	0x1ff

static inline unsigned int level_shift(int level)
{
	return PAGE_SHIFT + INDEX_BITS * (unsigned int)(level - 1);
}

/* Does this present entry map a page, if its reserved bits allow it? */
static inline bool is_leaf(const struct mmu_regs *regs, int level, uint64_t raw)
{
	switch (level) {
	case LEVEL_PTE:
		return true;
	case LEVEL_PDE:
		/* CR4.PSE has no part in it (SDM 5.4.2, 5.5.4). */
		return raw & ENTRY_PS;
	case LEVEL_PDPTE:
		return (raw & ENTRY_PS) && regs->page1gb;
	default:
		return false;
	}
}

/* Bits that are reserved at this level only (SDM 5.4.2, 5.5.4, APM 5.3.3). */
static inline uint64_t reserved_here(const struct mmu_regs *regs, int level,
				     bool leaf)
{
	if (level >= LEVEL_PML4E)
		return ENTRY_PS | (regs->upper_g_reserved ? ENTRY_G : 0);
	if (level == LEVEL_PTE)
		return 0;
	/* Between the PAT bit and the frame: 20:13 or 29:13. */
	if (leaf)
		return BITS(level_shift(level) - 1, 13);
	/* A leaf was excluded, so PS here means a 1 GiB page unsupported. */
	return ENTRY_PS;
}

/*
 * What a present or absent entry means, and in @bad the reserved bits set in
 * it. @reserved are those of the mode, the same for all levels.
 */
static inline enum mmu_step_kind classify(const struct mmu_regs *regs,
					  int level, uint64_t raw,
					  uint64_t reserved, uint64_t *bad)
{
	bool leaf;

	/* SDM 5.5.4: with P = 0 no other bit has a meaning, not even these. */
	if (!(raw & ENTRY_P))
		return MMU_STEP_NOT_PRESENT;
	leaf = is_leaf(regs, level, raw);
	*bad = raw & (reserved | reserved_here(regs, level, leaf));
	if (*bad)
		return MMU_STEP_RESERVED;
	return leaf ? MMU_STEP_LEAF : MMU_STEP_TABLE;
}

/*
 * Follows the tables from the one at @table, which is of @level and whose entry
 * goes into @step; @reserved as for classify(). SDM 5.4.2 and 5.5.4, "Linear-
 * Address Translation".
 */
static inline enum mmu_status x86_walk_tables(const struct mmu_regs *regs,
					      const struct mmu_mem *mem,
					      uint64_t table, int level,
					      uint64_t reserved,
					      struct mmu_step *step,
					      struct mmu_result *res)
{
	const uint64_t frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT);
	uint64_t va = res->va, raw, all = UINT64_MAX, any = 0;
	unsigned int shift, index;

	for (;; step++, level--) {
		index = (va >> level_shift(level)) & INDEX_MASK;
		x86_begin_step(step, level, index, table + 8 * (uint64_t)index);
		raw = 0;
		res->read_error = mem->read(mem->ctx, step->entry_pa, &raw);
		if (res->read_error) {
			step->kind = MMU_STEP_UNREADABLE;
			break;
		}
		step->raw = raw;
		step->kind = classify(regs, level, raw, reserved,
				      &res->reserved_bits);
		all &= raw;
		any |= raw;
		if (step->kind != MMU_STEP_TABLE)
			break;
		table = raw & frame;
	}
	res->nsteps = (unsigned int)(step - res->steps) + 1;
	if (step->kind != MMU_STEP_LEAF)
		return x86_end_walk(res, level, step->kind);
	shift = level_shift(level);
	x86_fill_page(regs, shift, raw & BITS(regs->maxphyaddr - 1, shift), raw,
		      all, any, res);
	return MMU_OK;
}

#endif
