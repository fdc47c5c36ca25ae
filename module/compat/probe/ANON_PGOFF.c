// SPDX-License-Identifier: GPL-2.0
/* Has a VMA a page offset of its own for anonymous memory? */
#include <linux/mm.h>

unsigned long probe(const struct vm_area_struct *vma);
unsigned long probe(const struct vm_area_struct *vma)
{
	return vma_start_anon_pgoff(vma);
}
