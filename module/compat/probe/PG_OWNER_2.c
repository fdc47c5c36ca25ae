// SPDX-License-Identifier: GPL-2.0
/* Is a page flag called PG_owner_2? */
#include <linux/page-flags.h>

int probe(void);
int probe(void)
{
	return PG_owner_2;
}
