// SPDX-License-Identifier: GPL-2.0
/* Is the cost of reclaim kept in a struct for each type (7.3)? */
#include <linux/mmzone.h>

unsigned long probe(struct lruvec *lruvec);
unsigned long probe(struct lruvec *lruvec)
{
	return lruvec->cost[0].count;
}
