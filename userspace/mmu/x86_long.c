// SPDX-License-Identifier: GPL-2.0
/*
 * IA-32e paging, 4-level and 5-level: the registers and the walk.
 *
 * SDM 5.5 says how entries become a translation, and which of them end it with
 * a page fault; who may use it is x86_access.c.
 */
#include "x86_walk.h"

#define CR3_LAM		BITS(62, 61)
/* In the operand of MOV to CR3 only: keep the TLB's entries (SDM 5.10.4.1). */
#define CR3_NOFLUSH	BIT(63)

static int root_level(const struct mmu_regs *regs)
{
	return regs->mode == MMU_MODE_X86_5LEVEL ? 5 : 4;
}

/* SDM vol. 1, 3.3.7.1: bit 47 (or 56) and all above it are equal. */
static bool canonical(const struct mmu_regs *regs, uint64_t va)
{
	unsigned int sign = level_shift(root_level(regs)) + INDEX_BITS - 1;
	uint64_t high = va >> sign;

	return high == 0 || high == UINT64_MAX >> sign;
}

/*
 * SDM 5.5.2: a MOV to CR3 with a bit beyond the physical address width is #GP.
 * LAM changes how data addresses are made canonical, not how they are walked:
 * give untagged ones.
 */
static inline uint64_t cr3_reserved(const struct mmu_regs *regs)
{
	return ~CR3_LAM & ~BITS(regs->maxphyaddr - 1, 0);
}

/* SDM 5.1.1: which bits select the mode */
static inline bool in_mode(const struct mmu_regs *regs)
{
	const uint64_t efer = EFER_LME | EFER_LMA;
	bool la57 = regs->cr4 & CR4_LA57;

	if (!x86_paging(regs) || !(regs->cr4 & CR4_PAE) ||
	    (regs->efer & efer) != efer)
		return false;
	return la57 == (regs->mode == MMU_MODE_X86_5LEVEL);
}

static inline bool possible(const struct mmu_regs *regs)
{
	return in_mode(regs) && !(regs->cr3 & cr3_reserved(regs));
}

static enum mmu_status long_check_regs(const struct mmu_regs *regs)
{
	return possible(regs) ? MMU_OK : MMU_ERR_REGS;
}

static enum mmu_status long_load_cr3(struct mmu_regs *regs,
				     const struct mmu_mem *mem, uint64_t cr3,
				     struct mmu_cr3_load *load)
{
	(void)mem;
	if (!in_mode(regs))
		return MMU_ERR_REGS;
	/* It is no bit of the register, and #GP without PCIDE. */
	if (regs->cr4 & CR4_PCIDE)
		cr3 &= ~CR3_NOFLUSH;
	load->reserved_bits = cr3 & cr3_reserved(regs);
	if (load->reserved_bits)
		return MMU_FAULT_GP;
	regs->cr3 = cr3;
	return MMU_OK;
}

/* Bits that are reserved in a present entry of any level. */
static uint64_t reserved_everywhere(const struct mmu_regs *regs)
{
	uint64_t reserved = 0;

	/* Bits 62:52 are ignored however narrow the address is. */
	if (regs->maxphyaddr < PA_BITS_MAX)
		reserved |= BITS(PA_BITS_MAX - 1, regs->maxphyaddr);
	/* SDM 5.5.4: bit 63 means NX if NXE = 1, "otherwise, reserved" */
	if (!(regs->efer & EFER_NXE))
		reserved |= ENTRY_NX;
	return reserved;
}

static enum mmu_status long_walk(const struct mmu_regs *regs,
				 const struct mmu_mem *mem, uint64_t va,
				 struct mmu_result *res)
{
	enum mmu_status status;
	uint64_t root;

	if (!possible(regs))
		return MMU_ERR_REGS;
	/* Before paging: no table is read for such an address. */
	if (!canonical(regs, va))
		return MMU_FAULT_GP;
	root = regs->cr3 & BITS(regs->maxphyaddr - 1, PAGE_SHIFT);
	status = x86_walk_tables(regs, mem, root, root_level(regs),
				 reserved_everywhere(regs), res->steps, res);
	/* SDM 5.6.2: bits 62:59 of the leaf, if keys are in use */
	if (status == MMU_OK && (regs->cr4 & (CR4_PKE | CR4_PKS)))
		res->pkey = (res->steps[res->nsteps - 1].raw >> KEY_SHIFT) &
			    KEY_MASK;
	return status;
}

const struct mmu_mode_ops mmu_x86_4level = {
	.name = "4-level",
	.levels = 4,
	.va_bits = 48,
	.va_signed = true,
	.index_bits = INDEX_BITS,
	.level_name = { "?", "PTE", "PMD", "PUD", "PGD" },
	.entry_name = { "?", "PTE", "PDE", "PDPTE", "PML4E" },
	.check_regs = long_check_regs,
	.load_cr3 = long_load_cr3,
	.walk = long_walk,
	.check_access = x86_check_access,
};

const struct mmu_mode_ops mmu_x86_5level = {
	.name = "5-level",
	.levels = 5,
	.va_bits = 57,
	.va_signed = true,
	.index_bits = INDEX_BITS,
	.level_name = { "?", "PTE", "PMD", "PUD", "P4D", "PGD" },
	.entry_name = { "?", "PTE", "PDE", "PDPTE", "PML4E", "PML5E" },
	.check_regs = long_check_regs,
	.load_cr3 = long_load_cr3,
	.walk = long_walk,
	.check_access = x86_check_access,
};
