/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of 'mmscope frame'. */
#ifndef MMSCOPE_VIEW_FRAME_H
#define MMSCOPE_VIEW_FRAME_H

#include "cmd.h"
#include "model/frame.h"

/**
 * struct mms_frame_arg - a frame as it was asked for
 * @pfn: its number
 * @pid: PID:ADDR was given; 0 = not
 * @addr: that address
 * @has_offset: an address was given: @offset bytes into the frame
 */
struct mms_frame_arg {
	uint64_t pfn;
	uint32_t pid;
	uint64_t addr;
	bool has_offset;
	uint64_t offset;
};

/* Everything about one frame; 0 or -errno with @err. */
int mms_frame_show(const struct mms_render *r, const struct mms_frame_arg *arg,
		   const struct mms_frame_info *f, const char *scanned_why, struct mms_err *err);

enum { FMAP_PID, FMAP_COMM, FMAP_VA, FMAP_PERM, FMAP_LEVEL, FMAP_RAW, FMAP_STATE, FMAP_ENTRY,
       FMAP_PFN, FMAP_VMA, FMAP_MAX };
extern const struct mms_column mms_fmap_columns[FMAP_MAX];

/* A line for each mapping of @f. */
int mms_frame_map_lines(struct mms_table *t, const struct mms_frame_info *f);

#endif
