/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The census: runs of frames, and what others know of those that their struct
 * page does not tell.  What others know is held in memory, and is bounded by what
 * the kernel allocates for itself; the runs pass through.
 */
#ifndef MMSCOPE_MODEL_CENSUS_H
#define MMSCOPE_MODEL_CENSUS_H

#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>
#include "names.h"

#define MMS_CENSUS_LAYERS	4
#define MMS_CENSUS_TOP		1000	/* the most runs that are kept */

/**
 * struct mms_claim - frames that somebody owns
 * @pfn: the first
 * @end: the first behind them
 * @class: enum mms_frame_class
 */
struct mms_claim {
	uint64_t pfn;
	uint64_t end;
	uint32_t class;
};

/**
 * struct mms_census_run - a run that is worth showing
 * @run: as it came, or a part of it; .class is the final one
 * @guess: of an unknown run: log2 of the frames of the one allocation that it
 *	looks like; 0 = single frames, or nothing to be seen
 * @before: class of the frame before it; __MMS_FRAME_MAX = not looked at
 * @after: and behind it
 */
struct mms_census_run {
	struct mms_frame_run run;
	uint32_t guess;
	uint32_t before;
	uint32_t after;
};

/**
 * struct mms_census - to be zeroed before use
 * @frames: by final class and zone
 * @present: of all classes that zoneinfo counts as present
 * @mapped: of VMALLOC: frames that are mapped there and were allocated elsewhere
 * @next: PFN behind the last run
 * @gap: the stream left frames out, or told them twice
 * @want: class of which the largest runs are kept
 * @want_top: how many, up to MMS_CENSUS_TOP; 0 = none
 * @top: @ntop of them, largest first
 */
struct mms_census {
	uint64_t frames[__MMS_FRAME_MAX][__MMS_ZONE_MAX];
	uint64_t present;
	uint64_t mapped;
	uint64_t next;
	int gap;
	uint32_t want;
	size_t want_top;
	struct mms_census_run *top;
	size_t ntop;
	/* private */
	struct {
		struct mms_claim *claims;
		size_t n, room, at;
	} layer[MMS_CENSUS_LAYERS];
	struct mms_census_run pending;
	uint32_t last_class;
	int started;
};

/**
 * mms_census_claim() - these frames belong to that
 * Return: 0 or -ENOMEM
 */
int mms_census_claim(struct mms_census *c, uint64_t pfn, uint64_t count, uint32_t frame_class);

/* As VMALLOC, if nobody else has them: vmap() and its like map what others allocated. */
int mms_census_claim_mapped(struct mms_census *c, uint64_t pfn, uint64_t count);

/* All is claimed: put it in order.  Once, before the first run. */
void mms_census_ready(struct mms_census *c);

/**
 * mms_census_run() - the next run of a stream of FRAMES
 * Return: 0 or -ENOMEM
 */
int mms_census_run(struct mms_census *c, const struct mms_frame_run *r);

/* The stream is over. */
int mms_census_end(struct mms_census *c);

uint64_t mms_census_class(const struct mms_census *c, uint32_t frame_class);
void mms_census_free(struct mms_census *c);

#endif
