// SPDX-License-Identifier: GPL-2.0
/* Does a zone count the free pages of its high-atomic blocks? */
#include <linux/mmzone.h>

unsigned long probe(struct zone *zone);
unsigned long probe(struct zone *zone)
{
	return zone->nr_free_highatomic;
}
