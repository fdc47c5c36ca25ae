// SPDX-License-Identifier: GPL-2.0
/*
 * x86-64 page-table entries as Linux means them: raw entry -> neutral facts.
 * Locks: none.  Never sleeps.  Emits nothing.
 *
 * The kernel's own accessors decide here (asm/pgtable.h): this is what the
 * software MMU in userspace, written from the manuals, is compared with.
 */
#include <asm/cpufeature.h>
#include <asm/mem_encrypt.h>
#include <asm/msr.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/uaccess.h>
#include "../mmscope.h"
#include "../compat/btf.h"
#include "../compat/ksym.h"

#define MMS_PTI_USER_BIT	PAGE_SIZE	/* asm/pgtable.h: PTI_USER_PGTABLE_BIT */

u32 mms_arch_id(void)
{
	return MMS_ARCH_X86_64;
}

/* First address that no user mapping can have. */
u64 mms_arch_user_end(void)
{
	return TASK_SIZE_MAX;
}

static bool pti_on(void)
{
	return IS_ENABLED(CONFIG_MITIGATION_PAGE_TABLE_ISOLATION) ||
	       IS_ENABLED(CONFIG_PAGE_TABLE_ISOLATION) ?
	       boot_cpu_has(X86_FEATURE_PTI) : false;
}

/**
 * mms_arch_context() - the registers under which @mm's tables are read
 * @c: fixed part; the head is left alone
 * @mm: address space
 *
 * Registers are of the CPU that runs this; Linux sets them alike on all.
 */
void mms_arch_context(struct mms_pt_context *c, struct mm_struct *mm)
{
	c->kernel_root_pa = __pa(mm->pgd);
	c->root_pa = c->kernel_root_pa;
	if (pti_on()) {
		c->root_pa |= MMS_PTI_USER_BIT;
		c->flags |= MMS_CTX_PTI;
	}
	c->cr0 = read_cr0();
	c->cr4 = native_read_cr4();
	mms_rdmsr(MSR_EFER, c->efer);
	mms_rdmsr(MSR_IA32_CR_PAT, c->pat);
	c->levels = pgtable_l5_enabled() ? 5 : 4;
	if (pgtable_l5_enabled())
		c->flags |= MMS_CTX_LA57;
	if (boot_cpu_has(X86_FEATURE_GBPAGES))
		c->flags |= MMS_CTX_GBPAGES;
	if (boot_cpu_data.x86_vendor == X86_VENDOR_AMD ||
	    boot_cpu_data.x86_vendor == X86_VENDOR_HYGON)
		c->flags |= MMS_CTX_UPPER_G_MBZ;
	c->maxphyaddr = boot_cpu_data.x86_phys_bits;
	c->pkru = ~0U;
	c->sme_mask = sme_me_mask;
}

static unsigned long huge_zero_addr;	/* of huge_zero_pfn; 0 = not found */

static bool zero_page(u64 pfn, int level)
{
	unsigned long huge;

	if (level == 1)
		return is_zero_pfn(pfn);
	if (level != 2 || !huge_zero_addr ||
	    copy_from_kernel_nofault(&huge, (void *)huge_zero_addr, sizeof(huge)))
		return false;
	return (pfn & ~511ULL) == (huge & ~511ULL);
}

static void decode_leaf(struct mms_pt_extent *x, int level, u64 raw, u32 rights)
{
	pte_t pte = __pte(raw);
	bool large = level > 1;
	u64 pfn = level == 1 ? pte_pfn(pte) :
		  level == 2 ? pmd_pfn(__pmd(raw)) : pud_pfn(__pud(raw));

	x->state = MMS_PT_PRESENT;
	x->pa = pfn << PAGE_SHIFT;
	x->flags = rights & mms_arch_rights(raw);
	if (raw & _PAGE_RW)
		x->flags |= MMS_PT_F_LEAF_WRITE;
	if (pte_young(pte))
		x->flags |= MMS_PT_F_ACCESSED;
	if (pte_dirty(pte))
		x->flags |= MMS_PT_F_DIRTY;
	if (raw & _PAGE_SOFT_DIRTY)
		x->flags |= MMS_PT_F_SOFT_DIRTY;
	if (raw & _PAGE_UFFD_WP)
		x->flags |= MMS_PT_F_UFFD_WP;
	if (raw & _PAGE_SPECIAL)
		x->flags |= MMS_PT_F_SPECIAL;
	if ((raw & _PAGE_PRESENT) && (raw & _PAGE_GLOBAL))
		x->flags |= MMS_PT_F_GLOBAL;
	if (!(raw & _PAGE_PRESENT))
		x->flags |= MMS_PT_F_PROTNONE;
#ifdef _PAGE_DEVMAP
	if (raw & _PAGE_DEVMAP)
		x->flags |= MMS_PT_F_DEVMAP;
#endif
	if (zero_page(pfn, level))
		x->flags |= MMS_PT_F_ZERO;
	x->cache = (raw & _PAGE_PWT ? 1 : 0) | (raw & _PAGE_PCD ? 2 : 0) |
		   (raw & (large ? _PAGE_PAT_LARGE : _PAGE_PAT) ? 4 : 0);
	x->pkey = (raw & _PAGE_PKEY_MASK) >> _PAGE_BIT_PKEY_BIT0;
}

/**
 * mms_arch_decode() - one leaf or non-present entry
 * @x: .va, .len and the head are left alone, the rest is filled
 * @level: 1 .. 3
 * @raw: as read; not none, not a table
 * @rights: what the tables above allow
 */
void mms_arch_decode(struct mms_pt_extent *x, int level, u64 raw, u32 rights)
{
	struct mms_softleaf s;

	x->raw = raw;
	x->level = level;
	x->page_shift = MMS_LEVEL_SHIFT(level);
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
	/* pmd_to_swp_entry() and huge_pte: the same layout as a PTE's here. */
	s = mms_softleaf_decode(raw);
	x->state = s.state;
	x->swap_type = s.type;
	x->pa = s.state == MMS_PT_MIGRATION || s.state == MMS_PT_DEVICE ||
		s.state == MMS_PT_HWPOISON ? s.value << PAGE_SHIFT : s.value;
	if (raw & _PAGE_SWP_SOFT_DIRTY)
		x->flags |= MMS_PT_F_SOFT_DIRTY;
	if (raw & _PAGE_SWP_UFFD_WP)
		x->flags |= MMS_PT_F_UFFD_WP;
}

/**
 * mms_arch_check_tables() - can the entries be read as physical addresses?
 * @cap: changed if not
 *
 * In a Xen PV domain they hold machine frames (arch/x86/xen/mmu_pv.c).
 */
void mms_arch_check_tables(struct mms_cap *cap)
{
	if (boot_cpu_has(X86_FEATURE_XENPV))
		mms_cap_set(cap, MMS_CAP_SANITY_FAILED,
			    "Xen PV: page-table entries hold machine frames, not physical addresses");
}

static const struct {
	const char *type, *member;
	u32 offset;
} layout[] = {
	{ "mm_struct", "pgd", offsetof(struct mm_struct, pgd) },
	{ "mm_struct", "mmap_lock", offsetof(struct mm_struct, mmap_lock) },
	{ "mm_struct", "mm_users", offsetof(struct mm_struct, mm_users) },
	{ "vm_area_struct", "vm_start", offsetof(struct vm_area_struct, vm_start) },
	{ "vm_area_struct", "vm_end", offsetof(struct vm_area_struct, vm_end) },
	{ "vm_area_struct", "vm_flags", offsetof(struct vm_area_struct, vm_flags) },
	{ "vm_area_struct", "vm_file", offsetof(struct vm_area_struct, vm_file) },
	{ "vm_area_struct", "vm_pgoff", offsetof(struct vm_area_struct, vm_pgoff) },
};

/**
 * mms_arch_selfcheck() - was the module built for the layouts that run?
 * @cap: set to ok, or to what differs
 *
 * Compares the members that the walkers use with the running kernel's BTF, and
 * finds the symbols that decoding wants.  May sleep.
 *
 * Return: 0 or -EINVAL
 */
int mms_arch_selfcheck(struct mms_cap *cap)
{
	struct mms_member m;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(layout); i++) {
		ret = mms_btf_member(layout[i].type, layout[i].member, &m);
		if (ret == -ENODATA) {
			mms_cap_set(cap, MMS_CAP_PARTIAL,
				    "works; layouts not checked: %s", mms_btf_state());
			return 0;
		}
		if (ret) {
			mms_cap_set(cap, MMS_CAP_MEMBER_MISSING, "no %s.%s in this kernel's BTF",
				    layout[i].type, layout[i].member);
			return -EINVAL;
		}
		if (m.offset != layout[i].offset) {
			mms_cap_set(cap, MMS_CAP_SANITY_FAILED,
				    "%s.%s is at byte %u here, the module was built for %u: rebuild it for this kernel",
				    layout[i].type, layout[i].member, m.offset, layout[i].offset);
			return -EINVAL;
		}
	}
	if (mms_ksym("huge_zero_pfn", &huge_zero_addr)) {
		mms_cap_set(cap, MMS_CAP_PARTIAL,
			    "works; no symbol huge_zero_pfn: huge zero pages are not told apart");
		return 0;
	}
	cap->state = MMS_CAP_OK;
	return 0;
}
