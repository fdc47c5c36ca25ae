// SPDX-License-Identifier: GPL-2.0
/* Are a zone's per-CPU lists in struct per_cpu_pageset? */
#include <linux/mmzone.h>

int probe(struct zone *zone);
int probe(struct zone *zone)
{
	return per_cpu_ptr(zone->pageset, 0)->pcp.count;
}
