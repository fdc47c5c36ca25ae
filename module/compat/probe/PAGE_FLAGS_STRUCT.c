// SPDX-License-Identifier: GPL-2.0
/* Are a page's flags a struct of their own (memdesc_flags_t)? */
#include <linux/mm_types.h>

unsigned long probe(struct page *page);
unsigned long probe(struct page *page)
{
	return page->flags.f;
}
