// SPDX-License-Identifier: GPL-2.0
/* Are there device-exclusive entries? */
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

bool probe(swp_entry_t e);
bool probe(swp_entry_t e)
{
	return is_device_exclusive_entry(e);
}
