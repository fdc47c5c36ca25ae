// SPDX-License-Identifier: GPL-2.0
/* Can an anonymous VMA have a name? */
#include <linux/mm.h>
#include <linux/mm_inline.h>

const char *probe(struct vm_area_struct *vma);
const char *probe(struct vm_area_struct *vma)
{
	return vma->anon_name->name;
}
