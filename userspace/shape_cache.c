// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about the page cache. */
#include "shape.h"

static uint64_t tail_name(const void *rec)
{
	return ((const struct mms_cache_name *)rec)->path_len;
}

static const char *check_name(const void *rec)
{
	const struct mms_cache_name *n = rec;
	const char *tail = (const char *)(n + 1);

	return n->path_len && tail[n->path_len - 1] ? "its path has no end" : NULL;
}

static const char *check_run(const void *rec)
{
	const struct mms_cache_run *r = rec;

	if (!r->pages || r->pfn + (r->pages - 1) < r->pfn || r->index + (r->pages - 1) < r->index)
		return "impossible length";
	return NULL;
}

static const struct mms_shape shapes[] = {
	{ MMS_REC_CACHE_NAME, "CACHE_NAME", sizeof(struct mms_cache_name),
	  MMS_END_OF(struct mms_cache_name, path_len), MMS_IN(CACHE), tail_name, check_name },
	{ MMS_REC_CACHE_FILE, "CACHE_FILE", sizeof(struct mms_cache_file),
	  MMS_END_OF(struct mms_cache_file, unevictable), MMS_IN(CACHE), NULL, NULL },
	{ MMS_REC_CACHE_RUN, "CACHE_RUN", sizeof(struct mms_cache_run),
	  MMS_END_OF(struct mms_cache_run, mapcount), MMS_IN(CACHE), NULL, check_run },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_CACHE, "CACHE", sizeof(struct mms_cache_file) },
};

const struct mms_shape_group mms_shapes_cache = MMS_SHAPE_GROUP(shapes, kinds);
