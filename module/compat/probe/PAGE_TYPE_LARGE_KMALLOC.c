// SPDX-License-Identifier: GPL-2.0
/* Has a large kmalloc() a page type of its own? */
#include <linux/mm.h>
#include <linux/page-flags.h>

unsigned int probe(void);
unsigned int probe(void)
{
	return PGTY_large_kmalloc;
}
