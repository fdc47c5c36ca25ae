// SPDX-License-Identifier: GPL-2.0
/* Shape of the record about vmalloc areas. */
#include "shape.h"

static uint64_t tail_area(const void *rec)
{
	return ((const struct mms_vmalloc_area *)rec)->caller_len;
}

static const char *check_space(const void *rec)
{
	const struct mms_vmalloc_space *s = rec;

	if (s->known & MMS_VSPACE_K_BOUNDS && s->start >= s->end)
		return "impossible bounds";
	return s->known & MMS_VSPACE_K_MODULES && s->modules_start >= s->modules_end ?
	       "impossible bounds of modules" : NULL;
}

static const char *check_area(const void *rec)
{
	const struct mms_vmalloc_area *a = rec;
	const char *name = (const char *)(a + 1);

	if (a->caller_len && name[a->caller_len - 1])
		return "its caller's name has no end";
	return a->start >= a->end ? "impossible length" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_VMALLOC_AREA, "VMALLOC_AREA", sizeof(struct mms_vmalloc_area),
	  MMS_END_OF(struct mms_vmalloc_area, caller_len), MMS_IN(VMALLOC), tail_area, check_area },
	{ MMS_REC_VMALLOC_SPACE, "VMALLOC_SPACE", sizeof(struct mms_vmalloc_space),
	  MMS_END_OF(struct mms_vmalloc_space, known), MMS_IN(VMALLOC), NULL, check_space },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_VMALLOC, "VMALLOC", sizeof(struct mms_vmalloc_area) },
};

const struct mms_shape_group mms_shapes_vmalloc = MMS_SHAPE_GROUP(shapes, kinds);
