// SPDX-License-Identifier: GPL-2.0
/* Is there a page flag PG_error? */
#include <linux/page-flags.h>

int probe(void);
int probe(void)
{
	return PG_error;
}
