/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the x86 modes share: bits of registers and entries, the page that a leaf
 * maps, the end of a walk, the access decision; internal to mmu/.
 *
 * Section numbers: see mmu.h. Everything inline here is on the way of each
 * translation.
 */
#ifndef MMU_X86_H
#define MMU_X86_H

#include "mode.h"

#define BIT(n)		(UINT64_C(1) << (n))
/* Bits hi..lo, both included. */
#define BITS(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

/* SDM 2.5, control registers; 2.2.1, IA32_EFER. */
#define CR0_PE		BIT(0)
#define CR0_WP		BIT(16)
#define CR0_NW		BIT(29)
#define CR0_CD		BIT(30)
#define CR0_PG		BIT(31)
#define CR4_PSE		BIT(4)
#define CR4_PAE		BIT(5)
#define CR4_PGE		BIT(7)
#define CR4_LA57	BIT(12)
#define CR4_PCIDE	BIT(17)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)
#define CR4_PKE		BIT(22)
#define CR4_CET		BIT(23)
#define CR4_PKS		BIT(24)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)
#define RFLAGS_AC	BIT(18)

/*
 * SDM 5.3, 5.4.2 and 5.5.4: the formats of the entries. The low 13 bits are the
 * same in all modes; a 32-bit entry ends at bit 31.
 */
#define ENTRY_P		BIT(0)
#define ENTRY_RW	BIT(1)
#define ENTRY_US	BIT(2)
#define ENTRY_PWT	BIT(3)
#define ENTRY_PCD	BIT(4)
#define ENTRY_A		BIT(5)
#define ENTRY_D		BIT(6)
#define ENTRY_PS	BIT(7)	/* PDE, PDPTE */
#define ENTRY_PAT_4K	BIT(7)	/* PTE */
#define ENTRY_G		BIT(8)
#define ENTRY_PAT_LARGE	BIT(12)
#define ENTRY_NX	BIT(63)
#define KEY_SHIFT	59	/* bits 62:59 */
#define KEY_MASK	15u

#define LEVEL_PTE	1
#define LEVEL_PDE	2
#define LEVEL_PDPTE	3
#define LEVEL_PML4E	4

#define PAGE_SHIFT	12
/* No processor has a wider physical address (SDM 5.1.4). */
#define PA_BITS_MAX	52u

/*
 * What every mode asks of the registers: paging is on (SDM 5.1.1), and they
 * have passed the checks of MOV to CR0 and CR4: no NW without CD, no CET without
 * WP (SDM 2.5).
 */
static inline bool x86_paging(const struct mmu_regs *regs)
{
	if (regs->maxphyaddr < 32 || regs->maxphyaddr > PA_BITS_MAX)
		return false;
	if ((regs->cr0 & (CR0_NW | CR0_CD)) == CR0_NW ||
	    ((regs->cr4 & CR4_CET) && !(regs->cr0 & CR0_WP)))
		return false;
	return (regs->cr0 & CR0_PE) && (regs->cr0 & CR0_PG);
}

/*
 * The same for the modes outside IA-32e. With paging on, LME is LMA and cannot
 * change (SDM 5.1.1 and 5.1.2), and only LMA lets PCIDE be set (SDM 5.10.1).
 * LA57, PKE and PKS may be set, and mean nothing (SDM 5.1.1 and 5.6.2).
 */
static inline bool x86_legacy_paging(const struct mmu_regs *regs)
{
	return x86_paging(regs) && !(regs->efer & (EFER_LME | EFER_LMA)) &&
	       !(regs->cr4 & CR4_PCIDE);
}

/*
 * SDM 5.9.2: the PAT bit moves to bit 12 where bit 7 is PS. Processors without
 * PAT, for which the bit is reserved in the modes outside IA-32e (SDM 5.3 and
 * 5.4.2), are not modelled.
 */
static inline unsigned int x86_pat_index(unsigned int shift, uint64_t leaf)
{
	uint64_t pat = shift == PAGE_SHIFT ? ENTRY_PAT_4K : ENTRY_PAT_LARGE;

	return ((leaf & pat) ? 4u : 0) | ((leaf & ENTRY_PCD) ? 2u : 0) |
	       ((leaf & ENTRY_PWT) ? 1u : 0);
}

/* SDM 13.12.2 ("IA32_PAT MSR"): eight types, one per byte, 2 and 3 reserved. */
static inline enum mmu_memtype x86_memtype(uint64_t pat, unsigned int index)
{
	unsigned int type = (pat >> (8 * index)) & 0xff;

	if (!pat || type == 2 || type == 3 || type > 7)
		return MMU_MEM_UNKNOWN;
	return (enum mmu_memtype)type;
}

/*
 * The page at @frame that @leaf maps. @all and @any are the AND and the OR of
 * the entries that carry rights, from the root to the leaf.
 */
static inline void x86_fill_page(const struct mmu_regs *regs,
				 unsigned int shift, uint64_t frame,
				 uint64_t leaf, uint64_t all, uint64_t any,
				 struct mmu_result *res)
{
	res->page_shift = shift;
	res->pa = frame | (res->va & BITS(shift - 1, 0));
	res->readable = true;
	res->writable = all & ENTRY_RW;
	res->user = all & ENTRY_US;
	/* With NXE = 0 a set NX bit was refused as reserved. */
	res->executable = !(any & ENTRY_NX);
	res->global = (leaf & ENTRY_G) && (regs->cr4 & CR4_PGE);
	res->pat_index = x86_pat_index(shift, leaf);
	res->memtype = x86_memtype(regs->pat, res->pat_index);
}

static inline void x86_begin_step(struct mmu_step *step, int level,
				  unsigned int index, uint64_t entry_pa)
{
	step->level = level;
	step->index = index;
	step->entry_pa = entry_pa;
	step->raw = 0;
	step->must_set = 0;
	step->may_set = 0;
	step->must_clear = 0;
	step->may_clear = 0;
}

/* SDM 5.7: P is clear only if an entry was absent; RSVD comes with P set. */
static inline enum mmu_status x86_end_walk(struct mmu_result *res, int level,
					   enum mmu_step_kind kind)
{
	res->fail_level = level;
	if (kind == MMU_STEP_UNREADABLE)
		return MMU_ERR_MEMORY;
	if (kind == MMU_STEP_RESERVED)
		res->error_code = MMU_PF_P | MMU_PF_RSVD;
	return MMU_FAULT_PF;
}

/* The check_access of all x86 modes. */
enum mmu_status x86_check_access(const struct mmu_regs *regs,
				 const struct mmu_access *access,
				 struct mmu_result *res);

#endif
