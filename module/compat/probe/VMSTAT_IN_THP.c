// SPDX-License-Identifier: GPL-2.0
/* Are huge pages counted in base pages, and printed in huge ones? */
#include <linux/mmzone.h>

int probe(void);
int probe(void)
{
	return vmstat_item_print_in_thp(NR_ANON_THPS);
}
