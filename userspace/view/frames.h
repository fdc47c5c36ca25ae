/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of mmscope frames that stand in files of their own. */
#ifndef MMSCOPE_VIEW_FRAMES_H
#define MMSCOPE_VIEW_FRAMES_H

#include "model/vmarea.h"
#include "render/table.h"
#include "util/err.h"

#define MMS_AREAS_HIDDEN \
	"/proc/vmallocinfo hides addresses (kernel.kptr_restrict=1 shows them to root)"

/**
 * mms_frames_areas() - the table of --areas
 * @writer: who told of the areas, enum mms_writer
 * @top: lines at most
 */
int mms_frames_areas(struct mms_doc *d, const struct mms_render *render, const struct mms_areas *areas,
		     uint32_t writer, size_t top, struct mms_err *err);

#endif
