// SPDX-License-Identifier: GPL-2.0
/* The list of all shapes, by type and by kind. */
#include "shape.h"

#include <pthread.h>

static const struct mms_shape_group *const groups[] = {
	&mms_shapes_process,
	&mms_shapes_buddy,
	&mms_shapes_frame,
	&mms_shapes_lru,
	&mms_shapes_frames,
	&mms_shapes_swap,
	&mms_shapes_zones,
	&mms_shapes_cache,
	&mms_shapes_vmalloc,
	&mms_shapes_ktables,
	&mms_shapes_slab,
};

static const struct mms_shape *by_type[__MMS_REC_MAX];
static const struct mms_kind_shape *by_kind[__MMS_KIND_MAX];
static unsigned int types_of[__MMS_KIND_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void index_shape(const struct mms_shape *s)
{
	by_type[s->type] = s;
	for (unsigned int kind = 0; kind < __MMS_KIND_MAX; kind++)
		if (s->kinds & 1ULL << kind)
			types_of[kind]++;
}

static void index_all(void)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		for (size_t i = 0; i < groups[g]->nshapes; i++)
			index_shape(&groups[g]->shapes[i]);
		for (size_t i = 0; i < groups[g]->nkinds; i++)
			by_kind[groups[g]->kinds[i].kind] = &groups[g]->kinds[i];
	}
}

const struct mms_shape *mms_shape_find(unsigned int type)
{
	pthread_once(&once, index_all);
	return type < __MMS_REC_MAX ? by_type[type] : NULL;
}

const struct mms_kind_shape *mms_kind_shape_find(unsigned int kind)
{
	pthread_once(&once, index_all);
	return kind < __MMS_KIND_MAX ? by_kind[kind] : NULL;
}

int mms_kind_mixed(unsigned int kind)
{
	pthread_once(&once, index_all);
	return kind < __MMS_KIND_MAX && types_of[kind] > 1;
}
