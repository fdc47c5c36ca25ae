// SPDX-License-Identifier: GPL-2.0
/* Does a zone know how many of its pages are CMA's? */
#include <linux/mmzone.h>

unsigned long probe(struct zone *zone);
unsigned long probe(struct zone *zone)
{
	return zone_cma_pages(zone);
}
