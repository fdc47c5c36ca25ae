/* SPDX-License-Identifier: GPL-2.0 */
/* A whole census from a source: who owns frames, then all of them. */
#ifndef MMSCOPE_MODEL_CENSUS_TAKE_H
#define MMSCOPE_MODEL_CENSUS_TAKE_H

#include <stdbool.h>
#include "model/census.h"
#include "model/vmarea.h"
#include "source/source.h"

/**
 * struct mms_taking - set the first members, zero the rest
 * @census: zeroed, but for what of it is to be set; freed by the caller
 * @flags: of the request for FRAMES
 * @each: called with each run as it came, before the census has it; may be NULL
 * @ctx: of @each
 * @areas_only: areas of vmalloc space and their frames, no census
 * @areas: of vmalloc space
 * @no_owners: why it was not told who owns frames; "" = it was
 * @no_areas: why areas were not told; "" = they were
 * @moved: blocks of memory went on or off line while frames were looked at
 * @page_shift: of the machine observed
 * @writer: enum mms_writer: who told of frames
 * @areas_writer: who told of the areas
 */
struct mms_taking {
	struct mms_census *census;
	uint32_t flags;
	void (*each)(void *ctx, const struct mms_frame_run *run);
	void *ctx;
	bool areas_only;
	struct mms_areas areas;
	struct mms_err no_owners, no_areas;
	bool moved;
	unsigned int page_shift;
	uint32_t writer, areas_writer;
};

/**
 * mms_census_take() - take it
 *
 * Return: 0; -EBADMSG frames were left out or told twice; what the source
 * returned; always with @err
 */
int mms_census_take(struct mms_taking *t, struct mms_source *s, struct mms_err *err);

/* Gives back @t's areas; the census is the caller's. */
void mms_taking_free(struct mms_taking *t);

#endif
