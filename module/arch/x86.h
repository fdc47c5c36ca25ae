/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86 entries of all three shapes (2-level, PAE, 4 and 5 levels), the questions
 * that are asked per entry: inline for the walk's sake.
 */
#ifndef MMSCOPE_ARCH_X86_H
#define MMSCOPE_ARCH_X86_H

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

typedef pteval_t mms_entry_t;

/* One load reads a whole entry, so the walk may look at tables in place. */
#define MMS_IN_PLACE	IS_ENABLED(CONFIG_X86_64)

#if defined(CONFIG_X86_64)
#define MMS_TABLE_MAX	512
#define MMS_LEVEL_BITS	9
#elif defined(CONFIG_X86_PAE)
#define MMS_TABLE_MAX	512	/* 4 at the top */
#define MMS_LEVEL_BITS	9
#else
#define MMS_TABLE_MAX	1024
#define MMS_LEVEL_BITS	10
#endif

/* The highest level at which Linux maps pages of a process. */
#define MMS_LEAF_MAX	(IS_ENABLED(CONFIG_X86_64) ? 3 : 2)

/* Each entry once and whole: with PAE the two halves belong together
 * (linux/pgtable.h:ptep_get_lockless()). */
static inline u64 mms_arch_read(const mms_entry_t *e)
{
#ifdef CONFIG_X86_PAE
	const u32 *half = (const u32 *)e;
	u32 low, high;

	do {
		low = READ_ONCE(half[0]);
		smp_rmb();
		high = READ_ONCE(half[1]);
		smp_rmb();
	} while (unlikely(low != READ_ONCE(half[0])));
	return (u64)high << 32 | low;
#else
	return READ_ONCE(*e);
#endif
}

/* Physical address of the table that a table entry points to. */
static inline u64 mms_arch_table_pa(u64 raw)
{
	return raw & PTE_PFN_MASK;
}

/* Its entries; PTE tables may lie in high memory.  Give back what this gave. */
static inline const mms_entry_t *mms_arch_map(int level, u64 pa)
{
#ifdef CONFIG_HIGHPTE
	if (level == 1)
		return kmap_atomic(pfn_to_page(pa >> PAGE_SHIFT));
#endif
	return __va(pa);
}

static inline void mms_arch_unmap(int level, const mms_entry_t *table)
{
#ifdef CONFIG_HIGHPTE
	if (level == 1)
		kunmap_atomic((void *)table);
#endif
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
	if (level <= MMS_LEAF_MAX && (raw & _PAGE_PSE))
		return MMS_ENTRY_LEAF;
	if (!(raw & (_PAGE_PRESENT | _PAGE_PROTNONE)))
		return level <= MMS_LEAF_MAX ? MMS_ENTRY_NONPRESENT : MMS_ENTRY_BAD;
	if (!(raw & _PAGE_PRESENT) || (raw & _PAGE_PSE) ||
	    !pfn_valid(mms_arch_table_pa(raw) >> PAGE_SHIFT))
		return MMS_ENTRY_BAD;
	return MMS_ENTRY_TABLE;
}

/* The bits of an address that choose entries; above the top table's they are copies. */
static inline u64 mms_arch_significant(u64 va)
{
	return va;
}

/* What this entry allows, as rights that AND over the levels.  PAE's top
 * entries say nothing but present (SDM 3A "PAE Paging": bits 1 and 2 reserved). */
static inline u32 mms_arch_rights(int level, u64 raw)
{
	if (IS_ENABLED(CONFIG_X86_PAE) && level == 3)
		return MMS_PT_F_WRITE | MMS_PT_F_USER | MMS_PT_F_EXEC;
	return (raw & _PAGE_RW ? MMS_PT_F_WRITE : 0) |
	       (raw & _PAGE_USER ? MMS_PT_F_USER : 0) |
	       (raw & _PAGE_NX ? 0 : MMS_PT_F_EXEC);
}

static inline u32 mms_arch_kernel_rights(int level, u64 raw)
{
	return mms_arch_rights(level, raw);
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

#endif /* MMSCOPE_ARCH_X86_H */
