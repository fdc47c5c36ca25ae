// SPDX-License-Identifier: GPL-2.0
/* Is a write-protected userfaultfd entry told by pte_uffd()? */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/userfaultfd_k.h>

int probe(pte_t pte);
int probe(pte_t pte)
{
	return pte_uffd(pte) + pte_swp_uffd(pte);
}
