// SPDX-License-Identifier: GPL-2.0
/* Is a page's type a number in the top byte of page_type? */
#include <linux/mm.h>
#include <linux/page-flags.h>

unsigned int probe(void);
unsigned int probe(void)
{
	return PGTY_buddy + PGTY_hugetlb + PGTY_slab;
}
