/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nodes and zones, by public macros; their numbers made neutral.
 * Locks: none.  Never sleeps.
 */
#ifndef MMSCOPE_ZONE_H
#define MMSCOPE_ZONE_H

#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include "mmscope.h"

struct zone *mms_zone_at(unsigned int i, unsigned int *nid);
enum mms_zone_type mms_zone_type(const struct zone *zone);
enum mms_migratetype mms_migratetype(unsigned int mt);
int mms_migratetype_raw(enum mms_migratetype mt);

/*
 * mms_for_each_zone() - every zone of every online node that has pages
 * @z: struct zone *
 * @i: unsigned int, the place of @z: mms_zone_at() finds it again
 * @nid: unsigned int, its node
 *
 * A node may go offline between two steps: its zones then have no pages.  The
 * memory of struct zone itself is never freed (mm/memory_hotplug.c resets it).
 */
#define mms_for_each_zone(z, i, nid) \
	for ((i) = 0; (i) < MAX_NUMNODES * MAX_NR_ZONES; (i)++) \
		if (!((z) = mms_zone_at((i), &(nid)))) {} else

#endif /* MMSCOPE_ZONE_H */
