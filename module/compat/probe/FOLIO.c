// SPDX-License-Identifier: GPL-2.0
/* Is there a struct folio, and a lock for it? */
#include <linux/pagemap.h>

void probe(struct folio *folio);
void probe(struct folio *folio)
{
	folio_unlock(folio);
}
