// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about one page frame. */
#include "shape.h"

#include <string.h>

static uint64_t tail_file(const void *rec)
{
	const struct mms_frame_file *f = rec;

	return (uint64_t)f->fs_len + f->path_len;
}

static const char *check_frame(const void *rec)
{
	const struct mms_frame *f = rec;

	if (f->order > 30 || ((f->known & MMS_FRAME_K_BUDDY) && f->buddy_order > 30))
		return "impossible order";
	if ((f->known & MMS_FRAME_K_WORDS) &&
	    (f->folio_pfn > f->pfn || f->pfn - f->folio_pfn >= 1ULL << f->order))
		return "it lies outside its folio";
	return NULL;
}

static const char *check_file(const void *rec)
{
	const struct mms_frame_file *f = rec;
	const char *tail = (const char *)(f + 1);

	if (f->fs_len && tail[f->fs_len - 1])
		return "the name of its file system has no end";
	if (f->path_len && tail[(uint64_t)f->fs_len + f->path_len - 1])
		return "its path has no end";
	return NULL;
}

static const char *check_slab(const void *rec)
{
	const struct mms_frame_slab *s = rec;

	if (!memchr(s->name, 0, sizeof(s->name)))
		return "its name has no end";
	return s->known & MMS_FSLAB_K_SIZE && !s->size ? "objects of no size" : NULL;
}

static const char *check_task(const void *rec)
{
	const struct mms_frame_task *t = rec;

	return memchr(t->comm, 0, sizeof(t->comm)) ? NULL : "its name has no end";
}

static const char *check_map(const void *rec)
{
	const struct mms_frame_map *m = rec;

	if (m->level > 5)
		return "impossible level";
	return memchr(m->comm, 0, sizeof(m->comm)) ? NULL : "its name has no end";
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_FRAME, "FRAME", sizeof(struct mms_frame),
	  MMS_END_OF(struct mms_frame, ksm_sharers), MMS_IN(FRAME), NULL, check_frame },
	{ MMS_REC_FRAME_FILE, "FRAME_FILE", sizeof(struct mms_frame_file),
	  MMS_END_OF(struct mms_frame_file, path_len), MMS_IN(FRAME), tail_file, check_file },
	{ MMS_REC_FRAME_SLAB, "FRAME_SLAB", sizeof(struct mms_frame_slab),
	  MMS_END_OF(struct mms_frame_slab, name), MMS_IN(FRAME), NULL, check_slab },
	{ MMS_REC_FRAME_TASK, "FRAME_TASK", sizeof(struct mms_frame_task),
	  MMS_END_OF(struct mms_frame_task, comm), MMS_IN(FRAME), NULL, check_task },
	{ MMS_REC_FRAME_MAP, "FRAME_MAP", sizeof(struct mms_frame_map),
	  MMS_END_OF(struct mms_frame_map, comm), MMS_IN(FRAME), NULL, check_map },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_FRAME, "FRAME", sizeof(struct mms_frame) },
};

const struct mms_shape_group mms_shapes_frame = MMS_SHAPE_GROUP(shapes, kinds);
