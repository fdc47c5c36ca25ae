// SPDX-License-Identifier: GPL-2.0
/* Is the memcg word of a page called memcg_data? */
#include <linux/mm_types.h>

unsigned long probe(struct page *page);
unsigned long probe(struct page *page)
{
	return page->memcg_data;
}
