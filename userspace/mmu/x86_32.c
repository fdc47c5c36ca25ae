// SPDX-License-Identifier: GPL-2.0
/*
 * 32-bit paging: two levels of 4-byte entries, 4 KiB and 4 MiB pages, PSE-36.
 *
 * SDM 5.3; the access decision is x86_access.c. There is no NX bit, and the
 * physical address is wider than 32 bits in 4 MiB pages only.
 */
#include "x86.h"

#define INDEX_BITS	10
#define INDEX_MASK	0x3ff
#define LARGE_SHIFT	22
#define FRAME_4K	BITS(31, 12)
#define FRAME_4M	BITS(31, 22)

/* 4 MiB pages: the bits that PSE-36 can use, 13 being address bit 32. */
#define PSE36_FIRST	13
#define PSE36_LAST	21
/* It reaches bit 20, whatever the processor's physical address width. */
#define PSE36_PA_BITS	40u

/* SDM 5.1.1. CR3 has no reserved bit: 63:32 are ignored (SDM 5.3, CR3). */
static inline bool possible(const struct mmu_regs *regs)
{
	return x86_legacy_paging(regs) && !(regs->cr4 & CR4_PAE);
}

static enum mmu_status bit32_check_regs(const struct mmu_regs *regs)
{
	return possible(regs) ? MMU_OK : MMU_ERR_REGS;
}

static enum mmu_status bit32_load_cr3(struct mmu_regs *regs,
				      const struct mmu_mem *mem, uint64_t cr3,
				      struct mmu_cr3_load *load)
{
	(void)mem;
	(void)load;
	if (!possible(regs))
		return MMU_ERR_REGS;
	regs->cr3 = cr3 & BITS(31, 0);
	return MMU_OK;
}

/*
 * The physical address bits of a 4 MiB page: SDM 5.3 calls it M, "the minimum
 * of 40 and MAXPHYADDR", and without PSE-36 it is 32.
 */
static unsigned int large_pa_bits(const struct mmu_regs *regs)
{
	if (!regs->pse36)
		return 32;
	return regs->maxphyaddr < PSE36_PA_BITS ? regs->maxphyaddr :
						  PSE36_PA_BITS;
}

/* SDM 5.3: bits 21:(M - 19) of a PDE that maps a 4 MiB page */
static uint64_t large_reserved(const struct mmu_regs *regs)
{
	unsigned int first = PSE36_FIRST + large_pa_bits(regs) - 32;

	return BITS(PSE36_LAST, first);
}

/* SDM 5.3: PA 31:22 are at 31:22, PA (M - 1):32 at (M - 20):13. */
static uint64_t large_frame(uint64_t pde)
{
	return (pde & FRAME_4M) |
	       (pde & BITS(PSE36_LAST - 1, PSE36_FIRST)) << (32 - PSE36_FIRST);
}

/* Where the reader knows 8 bytes only, the entry is the half at @pa. */
static int read_entry(const struct mmu_mem *mem, uint64_t pa, uint64_t *raw)
{
	uint64_t both = 0;
	uint32_t four = 0;
	int error;

	if (mem->read4) {
		error = mem->read4(mem->ctx, pa, &four);
		*raw = error ? 0 : four;
		return error;
	}
	error = mem->read(mem->ctx, pa & ~UINT64_C(7), &both);
	*raw = error ? 0 : (pa & 4 ? both >> 32 : both & BITS(31, 0));
	return error;
}

/* @bad: the reserved bits that are set; there are none but in 4 MiB pages */
static enum mmu_step_kind classify(const struct mmu_regs *regs, int level,
				   uint64_t raw, uint64_t *bad)
{
	if (!(raw & ENTRY_P))
		return MMU_STEP_NOT_PRESENT;
	if (level == LEVEL_PTE)
		return MMU_STEP_LEAF;
	/* SDM 5.3: without CR4.PSE, PS is ignored. */
	if (!(regs->cr4 & CR4_PSE) || !(raw & ENTRY_PS))
		return MMU_STEP_TABLE;
	*bad = raw & large_reserved(regs);
	return *bad ? MMU_STEP_RESERVED : MMU_STEP_LEAF;
}

/* Reads the entry of @table that translates the address, as the next step. */
static const struct mmu_step *take_step(const struct mmu_regs *regs,
					const struct mmu_mem *mem,
					uint64_t table, int level,
					struct mmu_result *res)
{
	unsigned int shift = level == LEVEL_PDE ? LARGE_SHIFT : PAGE_SHIFT;
	unsigned int index = (res->va >> shift) & INDEX_MASK;
	struct mmu_step *step = &res->steps[res->nsteps++];

	x86_begin_step(step, level, index, table + 4 * (uint64_t)index);
	res->read_error = read_entry(mem, step->entry_pa, &step->raw);
	step->kind = res->read_error ? MMU_STEP_UNREADABLE :
		     classify(regs, level, step->raw, &res->reserved_bits);
	return step;
}

/* SDM 5.3, "Linear-Address Translation ... using 32-Bit Paging" */
static enum mmu_status bit32_walk(const struct mmu_regs *regs,
				  const struct mmu_mem *mem, uint64_t va,
				  struct mmu_result *res)
{
	const struct mmu_step *pde, *pte;

	if (!possible(regs))
		return MMU_ERR_REGS;
	if (va >> 32)
		return MMU_ERR_VA;
	pde = take_step(regs, mem, regs->cr3 & FRAME_4K, LEVEL_PDE, res);
	if (pde->kind == MMU_STEP_LEAF) {
		x86_fill_page(regs, LARGE_SHIFT, large_frame(pde->raw),
			      pde->raw, pde->raw, pde->raw, res);
		return MMU_OK;
	}
	if (pde->kind != MMU_STEP_TABLE)
		return x86_end_walk(res, LEVEL_PDE, pde->kind);
	pte = take_step(regs, mem, pde->raw & FRAME_4K, LEVEL_PTE, res);
	if (pte->kind != MMU_STEP_LEAF)
		return x86_end_walk(res, LEVEL_PTE, pte->kind);
	x86_fill_page(regs, PAGE_SHIFT, pte->raw & FRAME_4K, pte->raw,
		      pde->raw & pte->raw, pde->raw | pte->raw, res);
	return MMU_OK;
}

const struct mmu_mode_ops mmu_x86_32bit = {
	.name = "32-bit",
	.levels = 2,
	.va_bits = 32,
	.index_bits = INDEX_BITS,
	.level_name = { "?", "PTE", "PGD" },
	.entry_name = { "?", "PTE", "PDE" },
	.check_regs = bit32_check_regs,
	.load_cr3 = bit32_load_cr3,
	.walk = bit32_walk,
	.check_access = x86_check_access,
};
