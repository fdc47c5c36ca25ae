// SPDX-License-Identifier: GPL-2.0
/* Shape of the record about swap areas. */
#include "shape.h"

static uint64_t tail_area(const void *rec)
{
	return ((const struct mms_swap_area *)rec)->name_len;
}

static const char *check_area(const void *rec)
{
	const struct mms_swap_area *a = rec;
	const char *name = (const char *)(a + 1);

	if (a->name_len && name[a->name_len - 1])
		return "its name has no end";
	return a->number > 31 ? "impossible number" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_SWAP_AREA, "SWAP_AREA", sizeof(struct mms_swap_area),
	  MMS_END_OF(struct mms_swap_area, name_len), MMS_IN(SWAP), tail_area, check_area },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_SWAP, "SWAP", sizeof(struct mms_swap_area) },
};

const struct mms_shape_group mms_shapes_swap = MMS_SHAPE_GROUP(shapes, kinds);
