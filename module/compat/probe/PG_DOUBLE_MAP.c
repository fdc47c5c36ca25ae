// SPDX-License-Identifier: GPL-2.0
/* Does a flag say that a huge page is mapped by PTEs, too? */
#include <linux/page-flags.h>

int probe(void);
int probe(void)
{
	return PG_double_map;
}
