/* SPDX-License-Identifier: GPL-2.0 */
/* What the module says frames are used for, asked in ascending order, a window at a time. */
#ifndef MMSCOPE_MODEL_SHARE_FRAMES_H
#define MMSCOPE_MODEL_SHARE_FRAMES_H

#include "source/source.h"

#define MMS_SHARE_WINDOW	16384	/* frames that are asked for at once, at most */
#define MMS_SHARE_GAP		4096	/* of them in a row that nobody wants: two questions cost more */
#define MMS_SHARE_UNTOLD	0xff	/* no class */

/**
 * struct mms_share_frames - the classes of some frames in a row
 * @source: is asked for FRAMES
 * @first: the first of @n frames whose classes are here
 * @class: enum mms_frame_class of each
 * @why: why nothing is told any more; "" = it is
 */
struct mms_share_frames {
	struct mms_source *source;
	uint64_t first;
	uint64_t n;
	struct mms_err why;
	uint8_t class[MMS_SHARE_WINDOW];
};

/**
 * mms_share_frames_new() - is the module able to tell?
 * @source: not owned
 * @err: why not
 *
 * Return: to be freed; NULL: it is not
 */
struct mms_share_frames *mms_share_frames_new(struct mms_source *source, struct mms_err *err);

/**
 * mms_share_frames_read() - classes of frames
 * @pfn: first of @n
 * @end: how far it pays to ask now, behind the last of them
 * @class: enum mms_frame_class of each; MMS_SHARE_UNTOLD where the stream ended
 *	early: then @f->why says it, and no more is asked
 */
void mms_share_frames_read(struct mms_share_frames *f, uint64_t pfn, size_t n, uint64_t end,
			   uint8_t *class);

#endif
