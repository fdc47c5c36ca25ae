// SPDX-License-Identifier: GPL-2.0
/* 6.18 "mm: introduce memdesc_flags_t" */
#include <linux/mm_types.h>

unsigned long probe(const struct folio *folio);
unsigned long probe(const struct folio *folio)
{
	return folio->flags.f;
}
