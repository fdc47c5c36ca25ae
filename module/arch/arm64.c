// SPDX-License-Identifier: GPL-2.0
/*
 * arm64 descriptors as Linux means them: raw entry -> neutral facts.
 * Locks: none.  Never sleeps.  Emits nothing.
 */
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/sysreg.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include "../mmscope.h"

u32 mms_arch_id(void)
{
	return MMS_ARCH_ARM64;
}

/* Bits of a user address: TCR_EL1.T0SZ says how many are not translated. */
static unsigned int va_bits(void)
{
	return 64 - (read_sysreg(tcr_el1) & 63);
}

/* First address that no user mapping can have. */
u64 mms_arch_user_end(void)
{
	return TASK_SIZE_64;
}

/* First address of the kernel's half: TCR_EL1.T1SZ, bits 21:16. */
u64 mms_arch_kernel_start(void)
{
	return ~0ULL << (64 - (read_sysreg(tcr_el1) >> 16 & 63));
}

/* Bits 51:48 of a wide address are bits 5:2 of the register (Arm ARM, TTBR1_EL1.BADDR). */
static u64 kernel_root(void)
{
	u64 ttbr = read_sysreg(ttbr1_el1);

	return (ttbr & GENMASK_ULL(47, 6)) | (ttbr & GENMASK_ULL(5, 2)) << 46;
}

/* Has user mode a top table of its own, in the page behind the kernel's?  x86's PTI alone. */
bool mms_arch_user_pgd_apart(void)
{
	return false;
}

/**
 * mms_arch_context() - the registers under which @mm's tables are read
 * @c: fixed part; the head is left alone
 * @mm: address space
 *
 * Registers are of the CPU that runs this; Linux sets them alike on all.  A
 * kernel built for 52-bit addresses has one level less where the CPU cannot
 * (asm/pgtable.h:pgtable_l5_enabled()): T0SZ tells.
 */
void mms_arch_context(struct mms_pt_context *c, struct mm_struct *mm)
{
	u64 range = read_sysreg(id_aa64mmfr0_el1) & 15;
	static const u8 pa_bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	c->root_pa = __pa(mm->pgd);
	c->kernel_root_pa = kernel_root();
	c->va_bits = va_bits();
	c->levels = DIV_ROUND_UP(c->va_bits - PAGE_SHIFT, MMS_LEVEL_BITS);
	c->entry_size = sizeof(mms_entry_t);
	c->kernel_start = mms_arch_kernel_start();
	/* ID_AA64MMFR0_EL1.PARange; a value of later architectures: unknown */
	c->maxphyaddr = range < ARRAY_SIZE(pa_bits) ? pa_bits[range] : 0;
	c->tcr = read_sysreg(tcr_el1);
	c->sctlr = read_sysreg(sctlr_el1);
	c->mair = read_sysreg(mair_el1);
	c->id_mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	c->id_mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	c->id_mmfr2 = read_sysreg_s(SYS_ID_AA64MMFR2_EL1);
	c->id_isar1 = read_sysreg(id_aa64isar1_el1);
#ifdef SYS_ID_AA64ISAR2_EL1
	c->id_isar2 = read_sysreg_s(SYS_ID_AA64ISAR2_EL1);
#endif
}

/* Permission overlays (POR_EL0) are not read: ~0. */
u32 mms_arch_pkru(struct task_struct *task)
{
	return ~0U;
}

static void decode_leaf(struct mms_pt_extent *x, int level, u64 raw, u32 rights)
{
	pte_t pte = __pte(raw);
	u64 pfn = pte_pfn(pte) & ~((mms_arch_size(level) >> PAGE_SHIFT) - 1);

	x->state = MMS_PT_PRESENT;
	x->pa = pfn << PAGE_SHIFT;
	x->flags = rights;
	if (raw & PTE_WRITE)
		x->flags |= MMS_PT_F_LEAF_WRITE;
	if (pte_young(pte))
		x->flags |= MMS_PT_F_ACCESSED;
	if (pte_dirty(pte))
		x->flags |= MMS_PT_F_DIRTY;
	if (pte_special(pte))
		x->flags |= MMS_PT_F_SPECIAL;
	if (mms_pte_uffd_wp(pte))
		x->flags |= MMS_PT_F_UFFD_WP;
	if ((raw & PTE_VALID) && !(raw & PTE_NG))
		x->flags |= MMS_PT_F_GLOBAL;
	if (!(raw & PTE_VALID))
		x->flags |= MMS_PT_F_PROTNONE;
#ifdef PTE_DEVMAP
	if (raw & PTE_DEVMAP)
		x->flags |= MMS_PT_F_DEVMAP;
#endif
	if (mms_zero_page(pfn, level))
		x->flags |= MMS_PT_F_ZERO;
	/* AttrIndx: which byte of MAIR_EL1 */
	x->cache = (raw >> 2) & 7;
#ifdef CONFIG_ARM64_POE
	x->pkey = (raw >> 60) & 7;	/* POIndex, asm/pgtable-hwdef.h: PTE_PO_IDX */
#endif
}

/**
 * mms_arch_decode() - one leaf or non-present entry
 * @x: .va, .len and the head are left alone, the rest is filled
 * @level: 1 .. 3
 * @raw: as read; not none, not a table
 * @rights: what it and the tables above allow
 */
void mms_arch_decode(struct mms_pt_extent *x, int level, u64 raw, u32 rights)
{
	struct mms_softleaf s;

	x->raw = raw;
	x->level = level;
	x->page_shift = mms_arch_shift(level);
	switch (mms_arch_entry_kind(level, raw)) {
	case MMS_ENTRY_LEAF:
		decode_leaf(x, level, raw, rights);
		return;
	case MMS_ENTRY_NONPRESENT:
		break;
	default:
		x->state = MMS_PT_BAD;
		return;
	}
	s = mms_softleaf_decode(raw);
	x->state = s.state;
	x->swap_type = s.type;
	x->pa = s.state == MMS_PT_MIGRATION || s.state == MMS_PT_DEVICE ||
		s.state == MMS_PT_HWPOISON ? s.value << PAGE_SHIFT : s.value;
	if (mms_pte_swp_uffd_wp(__pte(raw)))
		x->flags |= MMS_PT_F_UFFD_WP;
}

/* Entries are physical addresses on every arm64 that Linux runs on. */
void mms_arch_check_tables(struct mms_cap *cap)
{
}
