// SPDX-License-Identifier: GPL-2.0
/* Is the number of orders called NR_PAGE_ORDERS? */
#include <linux/mmzone.h>

int probe(void);
int probe(void)
{
	return NR_PAGE_ORDERS;
}
