/* SPDX-License-Identifier: GPL-2.0 */
/* Runs of frames, as the module tells them: one answer, read to its end. */
#ifndef MMSCOPE_MODEL_FRAME_RUNS_H
#define MMSCOPE_MODEL_FRAME_RUNS_H

#include "source/source.h"

/**
 * typedef mms_frame_run_fn - told of each run, in ascending order, without a gap
 * @r: it begins where the last one ended, the first at the start that was asked for;
 *	its zone is below __MMS_ZONE_MAX, the last one may reach beyond the end asked for
 */
typedef void (*mms_frame_run_fn)(void *ctx, const struct mms_frame_run *r);

/**
 * mms_frame_runs() - what is told of the frames from @start up to @end
 * @flags: MMS_REQ_FRAME_*
 * @told: behind the last frame that was told, @start at least and @end at most: what
 *	was told before an error may be kept
 *
 * Return: 0; -errno of @source; -EBADMSG for runs out of order or of no zone; -EAGAIN
 * if the stream ended early
 */
int mms_frame_runs(struct mms_source *source, uint64_t start, uint64_t end, uint32_t flags,
		   mms_frame_run_fn fn, void *ctx, uint64_t *told, struct mms_err *err);

#endif
