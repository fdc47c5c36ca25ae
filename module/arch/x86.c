// SPDX-License-Identifier: GPL-2.0
/*
 * x86 page-table entries as Linux means them: raw entry -> neutral facts.
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

#define MMS_PTI_USER_BIT	PAGE_SIZE	/* asm/pgtable.h: PTI_USER_PGTABLE_BIT */

u32 mms_arch_id(void)
{
	return IS_ENABLED(CONFIG_X86_64) ? MMS_ARCH_X86_64 : MMS_ARCH_I386;
}

/* First address that no user mapping can have. */
u64 mms_arch_user_end(void)
{
	return TASK_SIZE_MAX;
}

/* First address of the kernel's half. */
u64 mms_arch_kernel_start(void)
{
	return IS_ENABLED(CONFIG_X86_64) ? ~0ULL << (pgtable_l5_enabled() ? 56 : 47) : TASK_SIZE_MAX;
}

static bool pti_on(void)
{
	return IS_ENABLED(CONFIG_MITIGATION_PAGE_TABLE_ISOLATION) ||
	       IS_ENABLED(CONFIG_PAGE_TABLE_ISOLATION) ?
	       boot_cpu_has(X86_FEATURE_PTI) : false;
}

/* Has user mode a top table of its own, in the page behind the kernel's (PTI)? */
bool mms_arch_user_pgd_apart(void)
{
	return pti_on();
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
	/* A CPU without the register has nothing switched on in it. */
	if (mms_rdmsr_safe(MSR_EFER, &c->efer))
		c->efer = 0;
	if (mms_rdmsr_safe(MSR_IA32_CR_PAT, &c->pat))
		c->pat = 0;
	c->levels = pgtable_l5_enabled() ? 5 : min(CONFIG_PGTABLE_LEVELS, 4);
	c->entry_size = sizeof(mms_entry_t);
	c->kernel_start = mms_arch_kernel_start();
	c->va_bits = IS_ENABLED(CONFIG_X86_64) ? mms_arch_shift(c->levels) + 9 : 32;
	if (pgtable_l5_enabled())
		c->flags |= MMS_CTX_LA57;
	if (boot_cpu_has(X86_FEATURE_GBPAGES))
		c->flags |= MMS_CTX_GBPAGES;
	if (boot_cpu_has(X86_FEATURE_PSE36))
		c->flags |= MMS_CTX_PSE36;
	if (boot_cpu_data.x86_vendor == X86_VENDOR_AMD ||
	    boot_cpu_data.x86_vendor == X86_VENDOR_HYGON)
		c->flags |= MMS_CTX_UPPER_G_MBZ;
	c->maxphyaddr = boot_cpu_data.x86_phys_bits;
	c->sme_mask = sme_me_mask;
}

#ifdef HAVE_THREAD_PKRU
/* As finish_task() releases it, when the registers have been saved (kernel/sched/core.c). */
static bool runs_now(struct task_struct *task)
{
#ifdef CONFIG_SMP
	return smp_load_acquire(&task->on_cpu);
#else
	return false;
#endif
}
#endif

/**
 * mms_arch_pkru() - the protection-key rights of one thread
 * @task: referenced
 *
 * The register belongs to the thread: the processor holds it while that runs, and
 * the kernel keeps it when it has left (asm/pkru.h, arch/x86/kernel/process_64.c).
 *
 * Return: PKRU; ~0 where it cannot be known: no such register, a kernel that
 * keeps it elsewhere, a thread that runs now
 */
u32 mms_arch_pkru(struct task_struct *task)
{
	u32 pkru = ~0U;

#ifdef HAVE_THREAD_PKRU
	if (!boot_cpu_has(X86_FEATURE_OSPKE))
		return pkru;
	if (task == current)
		return rdpkru();
	if (!runs_now(task))
		pkru = READ_ONCE(task->thread.pkru);
#endif
	return pkru;
}

static u64 leaf_pfn(int level, u64 raw)
{
	if (level == 1)
		return pte_pfn(__pte(raw));
#if CONFIG_PGTABLE_LEVELS > 2
	if (level == 2)
		return pmd_pfn(__pmd(raw));
#endif
#if CONFIG_PGTABLE_LEVELS > 3
	return pud_pfn(__pud(raw));
#else
	return (raw & PTE_PFN_MASK & ~(u64)_PAGE_PAT_LARGE) >> PAGE_SHIFT;
#endif
}

static void decode_leaf(struct mms_pt_extent *x, int level, u64 raw, u32 rights)
{
	pte_t pte = __pte(raw);
	bool large = level > 1;
	u64 pfn = leaf_pfn(level, raw);

	x->state = MMS_PT_PRESENT;
	x->pa = pfn << PAGE_SHIFT;
	x->flags = rights;
	if (raw & _PAGE_RW)
		x->flags |= MMS_PT_F_LEAF_WRITE;
	if (pte_young(pte))
		x->flags |= MMS_PT_F_ACCESSED;
	if (pte_dirty(pte))
		x->flags |= MMS_PT_F_DIRTY;
	if (raw & _PAGE_SOFT_DIRTY)
		x->flags |= MMS_PT_F_SOFT_DIRTY;
	if (mms_pte_uffd_wp(pte))
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
	if (mms_zero_page(pfn, level))
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
	/* pmd_to_swp_entry() and huge_pte: the same layout as a PTE's here. */
	s = mms_softleaf_decode(raw);
	x->state = s.state;
	x->swap_type = s.type;
	x->pa = s.state == MMS_PT_MIGRATION || s.state == MMS_PT_DEVICE ||
		s.state == MMS_PT_HWPOISON ? s.value << PAGE_SHIFT : s.value;
	if (raw & _PAGE_SWP_SOFT_DIRTY)
		x->flags |= MMS_PT_F_SOFT_DIRTY;
	if (mms_pte_swp_uffd_wp(__pte(raw)))
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
