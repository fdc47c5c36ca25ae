// SPDX-License-Identifier: GPL-2.0
/* Is a page that its owner can move told by page_has_movable_ops()? */
#include <linux/mm.h>
#include <linux/page-flags.h>

bool probe(const struct page *page);
bool probe(const struct page *page)
{
	return page_has_movable_ops(page);
}
