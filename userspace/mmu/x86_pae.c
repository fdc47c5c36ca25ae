// SPDX-License-Identifier: GPL-2.0
/*
 * PAE paging: four PDPTEs in registers, then two levels of 8-byte entries.
 *
 * SDM 5.4; the access decision is x86_access.c. The processor reads the PDPTEs
 * when CR3 is loaded, not when it translates: their places in memory may hold
 * something else by then.
 */
#include "x86_walk.h"

#define PDPTES		4
#define PDPTE_SHIFT	30
#define CR3_PDPT	BITS(31, 5)

/*
 * SDM 5.4.1, "Format of a PAE Page-Directory-Pointer-Table Entry": no R/W, U/S,
 * A, D, PS or NX. An entry with P = 0 has no reserved bits.
 */
static inline uint64_t pdpte_bad(const struct mmu_regs *regs, uint64_t pdpte)
{
	if (!(pdpte & ENTRY_P))
		return 0;
	return pdpte & (BITS(2, 1) | BITS(8, 5) | BITS(63, regs->maxphyaddr));
}

/* SDM 5.1.1. CR3 has no reserved bit: 63:32 are ignored (SDM 5.4.1, CR3). */
static inline bool in_mode(const struct mmu_regs *regs)
{
	return x86_legacy_paging(regs) && (regs->cr4 & CR4_PAE);
}

/* Loading CR3 lets no reserved bit into the registers. */
static inline bool possible(const struct mmu_regs *regs)
{
	uint64_t bad = 0;
	int i;

	if (!in_mode(regs))
		return false;
	for (i = 0; i < PDPTES; i++)
		bad |= pdpte_bad(regs, regs->pdpte[i]);
	return !bad;
}

static enum mmu_status pae_check_regs(const struct mmu_regs *regs)
{
	return possible(regs) ? MMU_OK : MMU_ERR_REGS;
}

/* SDM 5.4.1: "the MOV to CR instruction causes" #GP(0), and loads nothing. */
static enum mmu_status pae_load_cr3(struct mmu_regs *regs,
				    const struct mmu_mem *mem, uint64_t cr3,
				    struct mmu_cr3_load *load)
{
	uint64_t pdpte[PDPTES];
	int i;

	if (!in_mode(regs))
		return MMU_ERR_REGS;
	for (i = 0; i < PDPTES; i++) {
		load->index = i;
		load->entry_pa = (cr3 & CR3_PDPT) + 8 * (uint64_t)i;
		load->raw = 0;
		load->read_error = mem->read(mem->ctx, load->entry_pa,
					     &pdpte[i]);
		if (load->read_error)
			return MMU_ERR_MEMORY;
		load->raw = pdpte[i];
		load->reserved_bits = pdpte_bad(regs, pdpte[i]);
		if (load->reserved_bits)
			return MMU_FAULT_GP;
	}
	*load = (struct mmu_cr3_load){ .index = -1 };
	for (i = 0; i < PDPTES; i++)
		regs->pdpte[i] = pdpte[i];
	regs->cr3 = cr3 & BITS(31, 0);
	return MMU_OK;
}

/* SDM 5.4.2: reserved in every present PDE and PTE, up to and with bit 62 */
static uint64_t reserved_everywhere(const struct mmu_regs *regs)
{
	uint64_t reserved = BITS(62, regs->maxphyaddr);

	return regs->efer & EFER_NXE ? reserved : reserved | ENTRY_NX;
}

/* SDM 5.4.2, "Linear-Address Translation with PAE Paging" */
static enum mmu_status pae_walk(const struct mmu_regs *regs,
				const struct mmu_mem *mem, uint64_t va,
				struct mmu_result *res)
{
	struct mmu_step *step = res->steps;
	unsigned int index = (unsigned int)(va >> PDPTE_SHIFT);

	if (!possible(regs))
		return MMU_ERR_REGS;
	if (va >> 32)
		return MMU_ERR_VA;
	x86_begin_step(step, LEVEL_PDPTE, index,
		       (regs->cr3 & CR3_PDPT) + 8 * (uint64_t)index);
	step->raw = regs->pdpte[index];
	res->nsteps = 1;
	if (!(step->raw & ENTRY_P)) {
		step->kind = MMU_STEP_NOT_PRESENT;
		return x86_end_walk(res, LEVEL_PDPTE, step->kind);
	}
	step->kind = MMU_STEP_TABLE;
	return x86_walk_tables(regs, mem, step->raw &
			       BITS(regs->maxphyaddr - 1, PAGE_SHIFT),
			       LEVEL_PDE, reserved_everywhere(regs), step + 1,
			       res);
}

const struct mmu_mode_ops mmu_x86_pae = {
	.name = "PAE",
	.levels = 3,
	.va_bits = 32,
	.index_bits = INDEX_BITS,
	.level_name = { "?", "PTE", "PMD", "PGD" },
	.entry_name = { "?", "PTE", "PDE", "PDPTE" },
	.check_regs = pae_check_regs,
	.load_cr3 = pae_load_cr3,
	.walk = pae_walk,
	.check_access = x86_check_access,
};
