/* SPDX-License-Identifier: GPL-2.0 */
/* arm64 descriptors, the questions that are asked per entry: inline for the walk's sake. */
#ifndef MMSCOPE_ARCH_ARM64_H
#define MMSCOPE_ARCH_ARM64_H

#include <asm/sysreg.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

typedef u64 mms_entry_t;

#define MMS_IN_PLACE	1
#define MMS_TABLE_MAX	PTRS_PER_PTE
#define MMS_LEVEL_BITS	(PAGE_SHIFT - 3)
#define MMS_LEAF_MAX	3

static inline u64 mms_arch_read(const mms_entry_t *e)
{
	return READ_ONCE(*e);
}

/* Physical address of the table or page; 52-bit addresses keep their top bits
 * at the bottom (Arm ARM D8.3 "Translation table descriptor formats"). */
static inline u64 mms_arch_table_pa(u64 raw)
{
	return (u64)pte_pfn(__pte(raw)) << PAGE_SHIFT;
}

static inline const mms_entry_t *mms_arch_map(int level, u64 pa)
{
	return __va(pa);
}

static inline void mms_arch_unmap(int level, const mms_entry_t *table)
{
}

/**
 * mms_arch_entry_kind() - what to do with an entry
 * @level: 1 PTE .. 5 PGD
 * @raw: as read
 *
 * PROT_NONE pages and huge pages being split are invalid to the CPU and
 * present to Linux (asm/pgtable.h:pmd_present()).
 */
static inline enum mms_entry_kind mms_arch_entry_kind(int level, u64 raw)
{
	if (!raw)
		return MMS_ENTRY_NONE;
	if (level == 1)
		return pte_present(__pte(raw)) ? MMS_ENTRY_LEAF : MMS_ENTRY_NONPRESENT;
	if ((raw & PMD_TYPE_MASK) == PMD_TYPE_TABLE)
		return pfn_valid(mms_arch_table_pa(raw) >> PAGE_SHIFT) ?
		       MMS_ENTRY_TABLE : MMS_ENTRY_BAD;
	if (level > MMS_LEAF_MAX)
		return MMS_ENTRY_BAD;
	if (!pmd_present(__pmd(raw)))
		return MMS_ENTRY_NONPRESENT;
	return raw & PMD_TYPE_TABLE & ~PMD_TYPE_SECT ? MMS_ENTRY_BAD : MMS_ENTRY_LEAF;
}

/*
 * The bits of an address that choose entries: in the kernel's half T1SZ ones
 * stand above them (TCR_EL1, bits 21:16), where the top table may end.
 */
static inline u64 mms_arch_significant(u64 va)
{
	return va >> 63 ? va & (~0ULL >> (read_sysreg(tcr_el1) >> 16 & 63)) : va;
}

/*
 * What this entry allows, as rights that AND over the levels.  Table entries
 * may forbid for all below them (Arm ARM D8.4 "Hierarchical control of data
 * access permissions"): bit 60 UXNTable, 61 and 62 APTable.  A clean page that
 * Linux lets be written is read-only (AP[2]) with PTE_WRITE (DBM), and only a
 * CPU with TCR_EL1.HD writes to it without a fault (D8.5.3, "Hardware management
 * of the dirty state").  HD is this CPU's, as all registers that are reported.
 */
static inline u32 mms_arch_rights(int level, u64 raw)
{
	u32 write = MMS_PT_F_WRITE;

	if (level > 1 && (raw & PMD_TYPE_MASK) == PMD_TYPE_TABLE)
		return (raw & BIT_ULL(62) ? 0 : MMS_PT_F_WRITE) |
		       (raw & BIT_ULL(61) ? 0 : MMS_PT_F_USER) |
		       (raw & BIT_ULL(60) ? 0 : MMS_PT_F_EXEC);
	if ((raw & PTE_RDONLY) && (!(raw & PTE_WRITE) || !(read_sysreg(tcr_el1) & TCR_HD)))
		write = 0;
	return write | (raw & PTE_USER ? MMS_PT_F_USER : 0) |
	       (raw & PTE_UXN ? 0 : MMS_PT_F_EXEC);
}

/* To the kernel: bit 59 is PXNTable in a table entry, PXN is the leaf's own. */
static inline u32 mms_arch_kernel_rights(int level, u64 raw)
{
	bool table = level > 1 && (raw & PMD_TYPE_MASK) == PMD_TYPE_TABLE;

	return (mms_arch_rights(level, raw) & ~MMS_PT_F_EXEC) |
	       (raw & (table ? BIT_ULL(59) : PTE_PXN) ? 0 : MMS_PT_F_EXEC);
}

/* Do neighbours of this leaf continue it by a growing raw value?  Only below
 * the address bits that are kept elsewhere. */
static inline bool mms_arch_plain(u64 raw)
{
	return (raw & PTE_VALID) && !(raw & GENMASK_ULL(49, 47));
}

#define MMS_ARM64_FRAME	GENMASK_ULL(46, PAGE_SHIFT)

/* Do two valid descriptors differ by their frame alone? */
static inline bool mms_arch_alike(u64 a, u64 b)
{
	return !((a ^ b) & ~MMS_ARM64_FRAME) && mms_arch_plain(b) &&
	       !(b & PTE_SPECIAL);
}

/* Physical address of the page that a valid descriptor maps. */
static inline u64 mms_arch_page_pa(u64 raw)
{
	return mms_arch_table_pa(raw);
}

#endif /* MMSCOPE_ARCH_ARM64_H */
