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

/* By enum mms_zone_type and enum mms_migratetype, ended by NULL, as /proc has them: for texts. */
extern const char *const mms_zone_names[];
extern const char *const mms_migratetype_names[];

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

/**
 * struct mms_pcp - one CPU's page lists of a zone
 * @has_highs: this kernel moves @high between @high_min and @high_max
 */
struct mms_pcp {
	int count;
	int high;
	int batch;
	int high_min;
	int high_max;
	bool has_highs;
};

bool mms_zone_pcp(struct zone *zone, unsigned int cpu, struct mms_pcp *out);
bool mms_zone_pending(struct zone *zone, unsigned int cpu, u32 *threshold, s8 *diff);

#ifdef CONFIG_NUMA
/* 5.14 "mm/vmstat: convert NUMA statistics to basic NUMA counters" */
#ifdef HAVE_ZONE_PCP
#define MMS_NUMA_ITEMS	NR_VM_NUMA_EVENT_ITEMS
#else
#define MMS_NUMA_ITEMS	NR_VM_NUMA_STAT_ITEMS
#endif

u64 mms_zone_numa(struct zone *zone, unsigned int item);
u64 mms_zone_numa_pending(struct zone *zone, unsigned int cpu, unsigned int item);
#endif

#endif /* MMSCOPE_ZONE_H */
