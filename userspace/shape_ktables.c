// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about the kernel's own page tables. */
#include "shape.h"

static const char *check_region(const void *rec)
{
	const struct mms_kt_region *r = rec;

	return r->start >= r->last ? "it ends before it starts" : NULL;
}

static const char *check_root(const void *rec)
{
	return ((const struct mms_kt_root *)rec)->user > 1 ? "whose table it is is impossible" : NULL;
}

static const char *check_repeat(const void *rec)
{
	const struct mms_kt_repeat *r = rec;

	if (!r->len || r->va + (r->len - 1) < r->va)
		return "impossible length";
	return r->level < 2 || r->level > 5 ? "impossible level" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_KT_REGION, "KT_REGION", sizeof(struct mms_kt_region),
	  MMS_END_OF(struct mms_kt_region, id), MMS_IN(KTABLES), NULL, check_region },
	{ MMS_REC_KT_ROOT, "KT_ROOT", sizeof(struct mms_kt_root),
	  MMS_END_OF(struct mms_kt_root, user), MMS_IN(KTABLES), NULL, check_root },
	{ MMS_REC_KT_REPEAT, "KT_REPEAT", sizeof(struct mms_kt_repeat),
	  MMS_END_OF(struct mms_kt_repeat, level), MMS_IN(KTABLES), NULL, check_repeat },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_KTABLES, "KTABLES", sizeof(struct mms_pt_context) },
};

const struct mms_shape_group mms_shapes_ktables = MMS_SHAPE_GROUP(shapes, kinds);
