// SPDX-License-Identifier: GPL-2.0
/* 6.10 "mm: track mapcount of large folios in single value" */
#include <linux/mm.h>

int probe(const struct folio *folio);
int probe(const struct folio *folio)
{
	return folio_large_mapcount(folio);
}
