// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes and zones.  Locks: none; never sleeps.  Emits nothing.
 */
#include <linux/percpu.h>
#include "nofault.h"
#include "zone.h"

const char *const mms_zone_names[] = {
	[MMS_ZONE_DMA] = "DMA", [MMS_ZONE_DMA32] = "DMA32", [MMS_ZONE_NORMAL] = "Normal",
	[MMS_ZONE_HIGHMEM] = "HighMem", [MMS_ZONE_MOVABLE] = "Movable",
	[MMS_ZONE_DEVICE] = "Device", [MMS_ZONE_UNKNOWN] = "unknown", NULL
};

const char *const mms_migratetype_names[] = {
	[MMS_MT_UNMOVABLE] = "Unmovable", [MMS_MT_MOVABLE] = "Movable",
	[MMS_MT_RECLAIMABLE] = "Reclaimable", [MMS_MT_HIGHATOMIC] = "HighAtomic",
	[MMS_MT_CMA] = "CMA", [MMS_MT_ISOLATE] = "Isolate", [MMS_MT_UNKNOWN] = "unknown", NULL
};

/**
 * mms_zone_at() - the @i-th zone of all possible ones
 * @i: node * MAX_NR_ZONES + zone
 * @nid: set to the node
 *
 * Return: the zone; NULL where the node is not online or the zone has no pages
 */
struct zone *mms_zone_at(unsigned int i, unsigned int *nid)
{
	struct zone *zone;

	*nid = i / MAX_NR_ZONES;
	if (*nid >= MAX_NUMNODES || !node_online(*nid))
		return NULL;
	zone = &NODE_DATA(*nid)->node_zones[i % MAX_NR_ZONES];
	return populated_zone(zone) ? zone : NULL;
}

/**
 * mms_zone_type() - what kind of zone is this? (include/linux/mmzone.h, enum zone_type)
 */
enum mms_zone_type mms_zone_type(const struct zone *zone)
{
	switch (zone_idx(zone)) {
#ifdef CONFIG_ZONE_DMA
	case ZONE_DMA:
		return MMS_ZONE_DMA;
#endif
#ifdef CONFIG_ZONE_DMA32
	case ZONE_DMA32:
		return MMS_ZONE_DMA32;
#endif
	case ZONE_NORMAL:
		return MMS_ZONE_NORMAL;
#ifdef CONFIG_HIGHMEM
	case ZONE_HIGHMEM:
		return MMS_ZONE_HIGHMEM;
#endif
	case ZONE_MOVABLE:
		return MMS_ZONE_MOVABLE;
#ifdef CONFIG_ZONE_DEVICE
	case ZONE_DEVICE:
		return MMS_ZONE_DEVICE;
#endif
	default:
		return MMS_ZONE_UNKNOWN;
	}
}

static const struct {
	int raw;
	enum mms_migratetype mt;
} types[] = {
	{ MIGRATE_UNMOVABLE, MMS_MT_UNMOVABLE },
	{ MIGRATE_MOVABLE, MMS_MT_MOVABLE },
	{ MIGRATE_RECLAIMABLE, MMS_MT_RECLAIMABLE },
	{ MIGRATE_HIGHATOMIC, MMS_MT_HIGHATOMIC },
#ifdef CONFIG_CMA
	{ MIGRATE_CMA, MMS_MT_CMA },
#endif
#ifdef CONFIG_MEMORY_ISOLATION
	{ MIGRATE_ISOLATE, MMS_MT_ISOLATE },
#endif
};

/**
 * mms_migratetype() - the neutral name of a kernel's enum migratetype
 */
enum mms_migratetype mms_migratetype(unsigned int mt)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].raw == mt)
			return types[i].mt;
	return MMS_MT_UNKNOWN;
}

/**
 * mms_migratetype_raw() - the other way round
 *
 * Return: the kernel's number, -1 where this kernel has no such type
 */
int mms_migratetype_raw(enum mms_migratetype mt)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].mt == mt)
			return types[i].raw;
	return -1;
}

/*
 * What a zone has per CPU.  5.14 "mm/page_alloc: split per cpu page lists and
 * zone stats" made two structs of one.  They are freed when the zone's last
 * memory is taken out: what is read may be stale, never fatal.
 */
#ifdef HAVE_ZONE_PCP
static bool peek_pcp(struct zone *zone, unsigned int cpu, struct per_cpu_pages *pcp)
{
	return mms_peek(pcp, per_cpu_ptr(READ_ONCE(zone->per_cpu_pageset), cpu), sizeof(*pcp));
}
#else
static bool peek_pcp(struct zone *zone, unsigned int cpu, struct per_cpu_pages *pcp)
{
	return mms_peek(pcp, &per_cpu_ptr(READ_ONCE(zone->pageset), cpu)->pcp, sizeof(*pcp));
}
#endif

/**
 * mms_zone_pcp() - the page lists that a CPU has of a zone
 *
 * Return: could they be read?
 */
bool mms_zone_pcp(struct zone *zone, unsigned int cpu, struct mms_pcp *out)
{
	struct per_cpu_pages pcp;

	if (!peek_pcp(zone, cpu, &pcp))
		return false;
	*out = (struct mms_pcp){ .count = pcp.count, .high = pcp.high, .batch = pcp.batch };
#ifdef HAVE_PCP_HIGH_MIN
	/* 6.7 "mm: add framework for PCP high auto-tuning" */
	out->high_min = pcp.high_min;
	out->high_max = pcp.high_max;
	out->has_highs = true;
#endif
	return true;
}

/**
 * mms_zone_pending() - what a CPU has counted for a zone and not added yet
 * @threshold: set to the most that it keeps
 * @diff: NR_VM_ZONE_STAT_ITEMS of them
 *
 * Return: could it be read?  Not without SMP, where nothing is kept back.
 */
bool mms_zone_pending(struct zone *zone, unsigned int cpu, u32 *threshold, s8 *diff)
{
#ifdef CONFIG_SMP
#ifdef HAVE_ZONE_PCP
	struct per_cpu_zonestat __percpu *all = READ_ONCE(zone->per_cpu_zonestats);
	struct per_cpu_zonestat *from = per_cpu_ptr(all, cpu);
#else
	struct per_cpu_pageset __percpu *all = READ_ONCE(zone->pageset);
	struct per_cpu_pageset *from = per_cpu_ptr(all, cpu);
#endif
	s8 most;

	if (!mms_peek(&most, &from->stat_threshold, sizeof(most)) ||
	    !mms_peek(diff, from->vm_stat_diff, sizeof(from->vm_stat_diff)))
		return false;
	*threshold = most;
	return true;
#else
	return false;
#endif
}

#ifdef CONFIG_NUMA
/**
 * mms_zone_numa() - a NUMA event count of a zone, as far as it was added up
 */
u64 mms_zone_numa(struct zone *zone, unsigned int item)
{
#ifdef HAVE_ZONE_PCP
	return atomic_long_read(&zone->vm_numa_event[item]);
#else
	return atomic_long_read(&zone->vm_numa_stat[item]);
#endif
}

/**
 * mms_zone_numa_pending() - what a CPU has to add to it; 0 where it cannot be read
 */
u64 mms_zone_numa_pending(struct zone *zone, unsigned int cpu, unsigned int item)
{
#ifdef HAVE_ZONE_PCP
	unsigned long v;

	if (mms_peek(&v, &per_cpu_ptr(READ_ONCE(zone->per_cpu_zonestats), cpu)->vm_numa_event[item],
		     sizeof(v)))
		return v;
#else
	u16 v;

	if (mms_peek(&v, &per_cpu_ptr(READ_ONCE(zone->pageset), cpu)->vm_numa_stat_diff[item],
		     sizeof(v)))
		return v;
#endif
	return 0;
}
#endif
