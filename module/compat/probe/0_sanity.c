// SPDX-License-Identifier: GPL-2.0
/* Must build everywhere: if it does not, the compiler or the headers are unusable and every other answer would be a false no. */
#include <linux/module.h>
#include <linux/mm.h>

unsigned long probe(struct vm_area_struct *vma);
unsigned long probe(struct vm_area_struct *vma)
{
	return vma->vm_start + vma->vm_flags;
}
