// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about nodes and zones. */
#include "shape.h"

#include <string.h>

static uint64_t stats_size(uint32_t n)
{
	return (uint64_t)n * sizeof(struct mms_stat);
}

static uint64_t tail_node(const void *rec)
{
	return stats_size(((const struct mms_node *)rec)->nstats);
}

static uint64_t tail_zonelist(const void *rec)
{
	return (uint64_t)((const struct mms_zonelist *)rec)->nrefs * sizeof(struct mms_zoneref);
}

static uint64_t tail_zone(const void *rec)
{
	return stats_size(((const struct mms_zone *)rec)->nstats);
}

static uint64_t tail_cpu(const void *rec)
{
	return stats_size(((const struct mms_zone_cpu *)rec)->nstats);
}

static const char *check_node(const void *rec)
{
	const struct mms_node *n = rec;

	if (n->known & MMS_NODE_K_ORDERS && (n->max_order > 52 || n->block_order > 52))
		return "impossible order";
	return NULL;
}

static const char *check_zone(const void *rec)
{
	const struct mms_zone *z = rec;

	if (!memchr(z->name, 0, sizeof(z->name)))
		return "its name has no end";
	if (z->type >= __MMS_ZONE_MAX)
		return "impossible type of zone";
	return z->orders > MMS_ZONE_ORDERS ? "more orders than a record has" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_NODE, "NODE", sizeof(struct mms_node),
	  MMS_END_OF(struct mms_node, nstats), MMS_IN(ZONES), tail_node, check_node },
	{ MMS_REC_ZONELIST, "ZONELIST", sizeof(struct mms_zonelist),
	  MMS_END_OF(struct mms_zonelist, nrefs), MMS_IN(ZONES), tail_zonelist, NULL },
	{ MMS_REC_ZONE, "ZONE", sizeof(struct mms_zone),
	  MMS_END_OF(struct mms_zone, free_types), MMS_IN(ZONES), tail_zone, check_zone },
	{ MMS_REC_ZONE_CPU, "ZONE_CPU", sizeof(struct mms_zone_cpu),
	  MMS_END_OF(struct mms_zone_cpu, nstats), MMS_IN(ZONES), tail_cpu, NULL },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_ZONES, "ZONES", sizeof(struct mms_zone) },
};

const struct mms_shape_group mms_shapes_zones = MMS_SHAPE_GROUP(shapes, kinds);
