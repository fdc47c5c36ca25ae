// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of x86's kernel addresses, by the running kernel's own macros
 * (Documentation/arch/x86/x86_64/mm.rst; asm/pgtable_32_areas.h).
 * Locks: none.  Never sleeps.  Emits nothing.
 */
#include <asm/cpu_entry_area.h>
#include <asm/fixmap.h>
#include <asm/pgtable.h>
#include <asm/vsyscall.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#ifdef CONFIG_KASAN
#include <asm/kasan.h>
#endif
#include "../mmscope.h"

#define REGION(from, behind, what) { (from), (u64)(behind) - 1, MMS_KT_##what }

#ifdef CONFIG_X86_64

/* Behind the last page frame that there is. */
static u64 frames_end(void)
{
	u64 end = 0;
	int nid;

	for_each_online_node(nid)
		end = max_t(u64, end, node_end_pfn(nid));
	return end;
}

/**
 * mms_arch_regions() - the parts of the kernel's addresses, ascending
 * @r: set
 *
 * Return: how many; those that this kernel does not have are left out
 */
unsigned int mms_arch_regions(struct mms_kregion r[MMS_KREGIONS])
{
	u64 end = frames_end();
	const struct mms_kregion all[] = {
#ifdef LDT_BASE_ADDR
		REGION(LDT_BASE_ADDR, LDT_END_ADDR, LDT),
#endif
		REGION(PAGE_OFFSET, PAGE_OFFSET + (end << PAGE_SHIFT), DIRECT),
		REGION(VMALLOC_START, VMALLOC_END + 1, VMALLOC),
		REGION(VMEMMAP_START, VMEMMAP_START + ALIGN(end * sizeof(struct page), PMD_SIZE),
		       VMEMMAP),
#ifdef CONFIG_KASAN
		REGION(KASAN_SHADOW_START, KASAN_SHADOW_END, KASAN),
#endif
		REGION(CPU_ENTRY_AREA_BASE, CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE, CPU_ENTRY),
#ifdef CONFIG_X86_ESPFIX64
		REGION(ESPFIX_BASE_ADDR, ESPFIX_BASE_ADDR + P4D_SIZE, ESPFIX),
#endif
#ifdef CONFIG_EFI
		REGION(EFI_VA_END, EFI_VA_START, EFI),
#endif
		REGION(__START_KERNEL_map, __START_KERNEL_map + KERNEL_IMAGE_SIZE, IMAGE),
		REGION(MODULES_VADDR, MODULES_END, MODULES),
#ifdef CONFIG_X86_VSYSCALL_EMULATION
		/* one page of the fixmap is at an address that programs know */
		REGION(FIXADDR_START, VSYSCALL_ADDR, FIXMAP),
		REGION(VSYSCALL_ADDR, VSYSCALL_ADDR + PAGE_SIZE, VSYSCALL),
		REGION(VSYSCALL_ADDR + PAGE_SIZE, FIXADDR_TOP, FIXMAP),
#else
		REGION(FIXADDR_START, FIXADDR_TOP, FIXMAP),
#endif
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > MMS_KREGIONS);
	memcpy(r, all, sizeof(all));
	return ARRAY_SIZE(all);
}

#else

unsigned int mms_arch_regions(struct mms_kregion r[MMS_KREGIONS])
{
	const struct mms_kregion all[] = {
		REGION(PAGE_OFFSET, (unsigned long)high_memory, DIRECT),
		/* (modules are in it) */
		REGION(VMALLOC_START, VMALLOC_END, VMALLOC),
#ifdef CONFIG_HIGHMEM
		REGION(PKMAP_BASE, PKMAP_BASE + LAST_PKMAP * PAGE_SIZE, PKMAP),
#endif
		REGION(LDT_BASE_ADDR, LDT_END_ADDR, LDT),
		REGION(CPU_ENTRY_AREA_BASE, CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE, CPU_ENTRY),
		REGION(FIXADDR_START, FIXADDR_TOP, FIXMAP),
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > MMS_KREGIONS);
	memcpy(r, all, sizeof(all));
	return ARRAY_SIZE(all);
}

#endif
