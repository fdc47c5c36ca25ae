// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about slab caches. */
#include "shape.h"

static uint64_t tail_cache(const void *rec)
{
	const struct mms_slab_cache *c = rec;

	return (uint64_t)c->name_len + c->ctor_len;
}

static const char *check_cache(const void *rec)
{
	const struct mms_slab_cache *c = rec;
	const char *tail = (const char *)(c + 1);

	if (c->name_len && tail[c->name_len - 1])
		return "its name has no end";
	if (c->ctor_len && tail[c->name_len + c->ctor_len - 1])
		return "its constructor's name has no end";
	if (c->order > 31 || c->min_order > 31 || c->object_size > c->size)
		return "impossible size";
	return NULL;
}

static uint64_t tail_slab(const void *rec)
{
	return (uint64_t)((const struct mms_slab_slab *)rec)->words * 8;
}

static const char *check_slab(const void *rec)
{
	const struct mms_slab_slab *s = rec;

	if (s->order > 31 || (uint64_t)s->objects * s->size > 4096ULL << 16 << s->order)
		return "impossible size";
	if (s->inuse > s->objects)
		return "more in use than there are";
	if (s->words != (s->flags & MMS_SLABF_MAP ? (s->objects + 31) / 32 : 0))
		return "a map of another length than its objects need";
	return NULL;
}

static uint64_t tail_object(const void *rec)
{
	return ((const struct mms_slab_object *)rec)->name_len;
}

static const char *check_object(const void *rec)
{
	const struct mms_slab_object *o = rec;

	return o->name_len && ((const char *)(o + 1))[o->name_len - 1] ? "its name has no end" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_SLAB_CACHE, "SLAB_CACHE", sizeof(struct mms_slab_cache),
	  MMS_END_OF(struct mms_slab_cache, ctor_len), MMS_IN(SLAB), tail_cache, check_cache },
	{ MMS_REC_SLAB_NODE, "SLAB_NODE", sizeof(struct mms_slab_node),
	  MMS_END_OF(struct mms_slab_node, barn_empty), MMS_IN(SLAB), NULL, NULL },
	{ MMS_REC_SLAB_SLAB, "SLAB_SLAB", sizeof(struct mms_slab_slab),
	  MMS_END_OF(struct mms_slab_slab, words), MMS_IN(SLAB), tail_slab, check_slab },
	{ MMS_REC_SLAB_OBJECT, "SLAB_OBJECT", sizeof(struct mms_slab_object),
	  MMS_END_OF(struct mms_slab_object, name_len), MMS_IN(SLAB), tail_object, check_object },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_SLAB, "SLAB", sizeof(struct mms_slab_cache) },
};

const struct mms_shape_group mms_shapes_slab = MMS_SHAPE_GROUP(shapes, kinds);
