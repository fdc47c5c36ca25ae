// SPDX-License-Identifier: GPL-2.0
/* Zones and migratetypes by the words that /proc has for them. */
#include "names.h"

#include <string.h>
#include "linux/mmscope.h"

static const char *const zones[MMS_ZONE_UNKNOWN] = {
	[MMS_ZONE_DMA] = "DMA", [MMS_ZONE_DMA32] = "DMA32", [MMS_ZONE_NORMAL] = "Normal",
	[MMS_ZONE_HIGHMEM] = "HighMem", [MMS_ZONE_MOVABLE] = "Movable",
	[MMS_ZONE_DEVICE] = "Device",
};

static const char *const migratetypes[MMS_MT_UNKNOWN] = {
	[MMS_MT_UNMOVABLE] = "Unmovable", [MMS_MT_MOVABLE] = "Movable",
	[MMS_MT_RECLAIMABLE] = "Reclaimable", [MMS_MT_HIGHATOMIC] = "HighAtomic",
	[MMS_MT_CMA] = "CMA", [MMS_MT_ISOLATE] = "Isolate",
};

static uint32_t by_name(const char *const *names, uint32_t n, const char *word, size_t len)
{
	uint32_t i = 0;

	while (i < n && (strlen(names[i]) != len || memcmp(names[i], word, len)))
		i++;
	return i;
}

const char *mms_zone_name(uint32_t zone)
{
	return zone < MMS_ZONE_UNKNOWN ? zones[zone] : "unknown";
}

uint32_t mms_zone_by_name(const char *word, size_t len)
{
	return by_name(zones, MMS_ZONE_UNKNOWN, word, len);
}

const char *mms_migratetype_name(uint32_t mt)
{
	return mt < MMS_MT_UNKNOWN ? migratetypes[mt] : "unknown";
}

uint32_t mms_migratetype_by_name(const char *word, size_t len)
{
	return by_name(migratetypes, MMS_MT_UNKNOWN, word, len);
}
