// SPDX-License-Identifier: GPL-2.0
/* Are there PTE markers? */
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

bool probe(swp_entry_t e);
bool probe(swp_entry_t e)
{
	return is_pte_marker_entry(e);
}
