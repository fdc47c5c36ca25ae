// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about the lists that reclaim takes pages from. */
#include "shape.h"

static uint64_t tail_vec(const void *rec)
{
	return ((const struct mms_lru_vec *)rec)->path_len;
}

static const char *check_vec(const void *rec)
{
	const struct mms_lru_vec *v = rec;
	const char *tail = (const char *)(v + 1);

	if (v->path_len && tail[v->path_len - 1])
		return "its path has no end";
	if (v->flags & MMS_LRU_F_LRU_GEN &&
	    (v->min_seq[0] > v->max_seq || v->min_seq[1] > v->max_seq))
		return "its oldest generation is younger than its youngest";
	return NULL;
}

static const char *check_tier(const void *rec)
{
	const struct mms_lru_tier *t = rec;

	return t->type > 1 ? "impossible type" : NULL;
}

static const char *check_folio(const void *rec)
{
	const struct mms_lru_folio *f = rec;

	if (f->list >= __MMS_LRU_MAX)
		return "impossible list";
	return f->position >= MMS_LRU_SAMPLE_MAX ? "impossible position" : NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_LRU_VEC, "LRU_VEC", sizeof(struct mms_lru_vec),
	  MMS_END_OF(struct mms_lru_vec, path_len), MMS_IN(LRU), tail_vec, check_vec },
	{ MMS_REC_LRU_GEN, "LRU_GEN", sizeof(struct mms_lru_gen),
	  MMS_END_OF(struct mms_lru_gen, pages), MMS_IN(LRU), NULL, NULL },
	{ MMS_REC_LRU_TIER, "LRU_TIER", sizeof(struct mms_lru_tier),
	  MMS_END_OF(struct mms_lru_tier, protected), MMS_IN(LRU), NULL, check_tier },
	{ MMS_REC_LRU_FOLIO, "LRU_FOLIO", sizeof(struct mms_lru_folio),
	  MMS_END_OF(struct mms_lru_folio, refs), MMS_IN(LRU), NULL, check_folio },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_LRU, "LRU", sizeof(struct mms_lru_vec) },
};

const struct mms_shape_group mms_shapes_lru = MMS_SHAPE_GROUP(shapes, kinds);
