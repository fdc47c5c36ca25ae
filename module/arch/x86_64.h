/* SPDX-License-Identifier: GPL-2.0 */
/* x86-64 entries, the questions that are asked per entry: inline for the walk's sake. */
#ifndef MMSCOPE_ARCH_X86_64_H
#define MMSCOPE_ARCH_X86_64_H

#include <linux/mm.h>
#include <linux/pgtable.h>

/* Physical address of the table that a table entry points to. */
static inline u64 mms_arch_table_pa(u64 raw)
{
	return raw & PTE_PFN_MASK;
}

/* Its entries, in the direct map. */
static inline const u64 *mms_arch_table_map(u64 pa)
{
	return __va(pa);
}

/**
 * mms_arch_entry_kind() - what to do with an entry
 * @level: 1 PTE .. 5 PGD
 * @raw: as read
 *
 * A huge page being split has PSE but neither P nor PROTNONE: Linux calls it
 * present (pmd_present()), and so does this.
 */
static inline enum mms_entry_kind mms_arch_entry_kind(int level, u64 raw)
{
	if (!(raw & ~(u64)_PAGE_KNL_ERRATUM_MASK))
		return MMS_ENTRY_NONE;
	if (level == 1)
		return pte_present(__pte(raw)) ? MMS_ENTRY_LEAF : MMS_ENTRY_NONPRESENT;
	if (level <= 3 && (raw & _PAGE_PSE))
		return MMS_ENTRY_LEAF;
	if (!(raw & (_PAGE_PRESENT | _PAGE_PROTNONE)))
		return level <= 3 ? MMS_ENTRY_NONPRESENT : MMS_ENTRY_BAD;
	if (!(raw & _PAGE_PRESENT) || (raw & _PAGE_PSE) ||
	    !pfn_valid(mms_arch_table_pa(raw) >> PAGE_SHIFT))
		return MMS_ENTRY_BAD;
	return MMS_ENTRY_TABLE;
}

/* What this entry allows, as rights that AND over the levels. */
static inline u32 mms_arch_rights(u64 raw)
{
	return (raw & _PAGE_RW ? MMS_PT_F_WRITE : 0) |
	       (raw & _PAGE_USER ? MMS_PT_F_USER : 0) |
	       (raw & _PAGE_NX ? 0 : MMS_PT_F_EXEC);
}

/* Do neighbours of this leaf continue it by a growing raw value?  Not where
 * the address is stored inverted against L1TF (asm/pgtable-invert.h). */
static inline bool mms_arch_plain(u64 raw)
{
	return raw & _PAGE_PRESENT;
}

/* Do two present PTEs differ by their frame alone?  Special ones are left to
 * the decoder: the zero page is told by its frame. */
static inline bool mms_arch_alike(u64 a, u64 b)
{
	return !((a ^ b) & ~(u64)PTE_PFN_MASK) && (b & _PAGE_PRESENT) &&
	       !(b & _PAGE_SPECIAL);
}

/* Physical address of the page that a present PTE maps. */
static inline u64 mms_arch_page_pa(u64 raw)
{
	return raw & PTE_PFN_MASK;
}

#endif /* MMSCOPE_ARCH_X86_64_H */
