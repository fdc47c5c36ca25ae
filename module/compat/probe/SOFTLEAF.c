// SPDX-License-Identifier: GPL-2.0
/* Are non-present entries softleaf_t (linux/leafops.h)? */
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/leafops.h>

bool probe(pte_t pte);
bool probe(pte_t pte)
{
	return softleaf_type(softleaf_from_pte(pte)) == SOFTLEAF_MARKER;
}
