// SPDX-License-Identifier: GPL-2.0
/* Does a large folio count all its mappings in one place? */
#include <linux/mm.h>

int probe(struct folio *folio);
int probe(struct folio *folio)
{
	return atomic_read(&folio->_large_mapcount) + atomic_read(&folio->_entire_mapcount) +
	       atomic_read(&folio->_pincount);
}
