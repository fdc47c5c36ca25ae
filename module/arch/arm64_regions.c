// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of arm64's kernel addresses, by the running kernel's own macros
 * (Documentation/arch/arm64/memory.rst; asm/memory.h, asm/pgtable.h).
 * Locks: none.  Never sleeps.  Emits nothing.
 */
#include <asm/fixmap.h>
#include <asm/memory.h>
#include <asm/pgtable.h>
#include <linux/mm.h>
#include <linux/sort.h>
#ifdef CONFIG_KASAN
#include <asm/kasan.h>
#endif
#include "../mmscope.h"

#define REGION(from, behind, what) { (from), (u64)(behind) - 1, MMS_KT_##what }

static int by_start(const void *a, const void *b)
{
	const struct mms_kregion *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/**
 * mms_arch_regions() - the parts of the kernel's addresses, ascending
 * @r: set
 *
 * The linear map begins where the kernel's half does, which a kernel for 52-bit
 * addresses has later on a processor of 48.  The array of struct pages is as large
 * as the addresses it could tell of; the image lies in the vmalloc area.
 *
 * Return: how many
 */
unsigned int mms_arch_regions(struct mms_kregion r[MMS_KREGIONS])
{
	const struct mms_kregion all[] = {
		REGION(mms_arch_kernel_start(), PAGE_END, DIRECT),
#if defined(CONFIG_KASAN_GENERIC) || defined(CONFIG_KASAN_SW_TAGS)
		REGION(KASAN_SHADOW_START, KASAN_SHADOW_END, KASAN),
#endif
		REGION(MODULES_VADDR, MODULES_END, MODULES),
		REGION(VMALLOC_START, VMALLOC_END, VMALLOC),
		REGION(VMEMMAP_START, VMEMMAP_START + VMEMMAP_SIZE, VMEMMAP),
		REGION(PCI_IO_START, PCI_IO_END, PCI_IO),
		REGION(FIXADDR_START, FIXADDR_TOP, FIXMAP),
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > MMS_KREGIONS);
	memcpy(r, all, sizeof(all));
	sort(r, ARRAY_SIZE(all), sizeof(*r), by_start, NULL);
	return ARRAY_SIZE(all);
}
