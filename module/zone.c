// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes and zones.  Locks: none; never sleeps.  Emits nothing.
 */
#include "zone.h"

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
