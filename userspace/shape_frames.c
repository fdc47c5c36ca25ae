// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about page frames: FRAMES, KMAP, OWNERS. */
#include "shape.h"

static const char *bad_run(uint64_t pfn, uint64_t count, uint32_t frame_class)
{
	if (!count || pfn + (count - 1) < pfn)
		return "impossible length";
	return frame_class >= __MMS_FRAME_MAX ? "impossible class" : NULL;
}

static const char *check_run(const void *rec)
{
	const struct mms_frame_run *r = rec;

	if (r->order > 52)
		return "impossible order";
	if (r->zone >= __MMS_ZONE_MAX)
		return "impossible zone";
	return bad_run(r->pfn, r->count, r->class);
}

static const char *check_kmap(const void *rec)
{
	const struct mms_kmap_run *r = rec;

	return bad_run(r->pfn, r->count, r->class);
}

static const char *check_owner(const void *rec)
{
	const struct mms_owner_run *r = rec;

	return bad_run(r->pfn, r->count, r->class);
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_FRAME_RUN, "FRAME_RUN", sizeof(struct mms_frame_run),
	  MMS_END_OF(struct mms_frame_run, refs), MMS_IN(FRAMES), NULL, check_run },
	{ MMS_REC_KMAP_RUN, "KMAP_RUN", sizeof(struct mms_kmap_run),
	  MMS_END_OF(struct mms_kmap_run, class), MMS_IN(KMAP), NULL, check_kmap },
	{ MMS_REC_OWNER_RUN, "OWNER_RUN", sizeof(struct mms_owner_run),
	  MMS_END_OF(struct mms_owner_run, pid), MMS_IN(OWNERS), NULL, check_owner },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_FRAMES, "FRAMES", sizeof(struct mms_frame_run) },
	{ MMS_KIND_KMAP, "KMAP", sizeof(struct mms_kmap_run) },
	{ MMS_KIND_OWNERS, "OWNERS", sizeof(struct mms_owner_run) },
};

const struct mms_shape_group mms_shapes_frames = MMS_SHAPE_GROUP(shapes, kinds);
