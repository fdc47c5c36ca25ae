// SPDX-License-Identifier: GPL-2.0
/* 5.16 "mm: Introduce struct folio" */
#include <linux/mm.h>

unsigned long probe(struct folio *folio);
unsigned long probe(struct folio *folio)
{
	return folio_pfn(folio) + folio_nr_pages(folio);
}
