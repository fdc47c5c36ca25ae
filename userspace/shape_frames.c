// SPDX-License-Identifier: GPL-2.0
/* Shape of the records of the census of frames. */
#include "shape.h"

static const char *check_run(const void *rec)
{
	const struct mms_frame_run *r = rec;

	if (!r->count || r->pfn + r->count < r->pfn)
		return "impossible count";
	return r->order >= 32 ? "impossible order" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_FRAME_RUN, "FRAME_RUN", sizeof(struct mms_frame_run),
	  MMS_END_OF(struct mms_frame_run, order), MMS_IN(FRAMES), NULL, check_run },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_FRAMES, "FRAMES", sizeof(struct mms_frame_run) },
};

const struct mms_shape_group mms_shapes_frames = MMS_SHAPE_GROUP(shapes, kinds);
