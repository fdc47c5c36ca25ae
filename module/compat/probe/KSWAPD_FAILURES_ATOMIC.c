// SPDX-License-Identifier: GPL-2.0
/* Is pgdat->kswapd_failures an atomic_t? */
#include <linux/mmzone.h>

int probe(struct pglist_data *pgdat);
int probe(struct pglist_data *pgdat)
{
	return pgdat->kswapd_failures.counter;
}
