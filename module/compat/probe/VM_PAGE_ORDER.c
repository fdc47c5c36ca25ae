// SPDX-License-Identifier: GPL-2.0
/*
 * Does struct vm_struct have page_order (5.13 "mm/vmalloc: hugepage vmalloc mappings",
 * where the architecture has CONFIG_HAVE_ARCH_HUGE_VMALLOC)?
 */
#include <linux/vmalloc.h>

unsigned int probe(const struct vm_struct *vm);
unsigned int probe(const struct vm_struct *vm)
{
	return vm->page_order;
}
