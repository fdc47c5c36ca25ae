// SPDX-License-Identifier: GPL-2.0
/* Does struct mempolicy keep its node mask in .nodes? */
#include <linux/mempolicy.h>

unsigned long probe(struct mempolicy *pol);
unsigned long probe(struct mempolicy *pol)
{
	return nodes_addr(pol->nodes)[0];
}
