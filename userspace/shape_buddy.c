// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about free blocks. */
#include "shape.h"

#define ORDER_MAX	32	/* far beyond any kernel's */

static const char *check_zone(const void *rec)
{
	const struct mms_buddy_zone *z = rec;

	if (!z->orders || z->orders > ORDER_MAX)
		return "impossible number of orders";
	if (z->block_order > ORDER_MAX)
		return "impossible size of pageblocks";
	return z->start_pfn + z->spanned < z->start_pfn ? "it ends before it starts" : NULL;
}

static const char *check_area(const void *rec)
{
	const struct mms_buddy_area *a = rec;

	return a->order >= ORDER_MAX ? "impossible order" : NULL;
}

static const char *check_block(const void *rec)
{
	const struct mms_buddy_block *b = rec;

	if (b->order >= ORDER_MAX)
		return "impossible order";
	return b->pfn & ((1ULL << b->order) - 1) ? "it is not aligned to its order" : NULL;
}

static const char *check_used(const void *rec)
{
	const struct mms_buddy_used *u = rec;

	if (u->order >= ORDER_MAX)
		return "impossible order";
	return !u->count || u->pfn + u->count < u->pfn ? "impossible count" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_BUDDY_ZONE, "BUDDY_ZONE", sizeof(struct mms_buddy_zone),
	  MMS_END_OF(struct mms_buddy_zone, pageblocks), MMS_IN(BUDDY), NULL, check_zone },
	{ MMS_REC_BUDDY_AREA, "BUDDY_AREA", sizeof(struct mms_buddy_area),
	  MMS_END_OF(struct mms_buddy_area, scan), MMS_IN(BUDDY), NULL, check_area },
	{ MMS_REC_BUDDY_BLOCK, "BUDDY_BLOCK", sizeof(struct mms_buddy_block),
	  MMS_END_OF(struct mms_buddy_block, zone), MMS_IN(BUDDY), NULL, check_block },
	{ MMS_REC_BUDDY_USED, "BUDDY_USED", sizeof(struct mms_buddy_used),
	  MMS_END_OF(struct mms_buddy_used, node), MMS_IN(BUDDY), NULL, check_used },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_BUDDY, "BUDDY", sizeof(struct mms_buddy_area) },
};

const struct mms_shape_group mms_shapes_buddy = MMS_SHAPE_GROUP(shapes, kinds);
