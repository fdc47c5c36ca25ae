/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of mmscope share have in common. */
#ifndef MMSCOPE_VIEW_SHARE_H
#define MMSCOPE_VIEW_SHARE_H

#include "model/share_gather.h"
#include "render/table.h"

/**
 * struct mms_share_view - one invocation
 * @render: as asked, for the rows that -o means
 * @plain: for the other tables
 * @in: processes, and what came out
 * @no_frames: why the module does not tell what frames are used for
 * @table: of the rows that -o means
 */
struct mms_share_view {
	struct mms_render render;
	struct mms_render plain;
	struct mms_share_gather in;
	struct mms_err no_frames;
	struct mms_doc *doc;
	struct mms_table *table;
};

/**
 * mms_share_pids_of() - "12,34": the PIDs of a set
 * @but: the one that is left out, or NULL
 * Return: to be freed; NULL if there is no memory
 */
char *mms_share_pids_of(const struct mms_share *s, const uint64_t *set,
			const struct mms_share_proc *but);

/**
 * mms_share_show_groups() - the table of frames that the same processes hold
 * @top: so many rows; 0 = all; -1 = as many as one looks at
 */
int mms_share_show_groups(struct mms_share_view *v, int64_t top, struct mms_err *err);

#endif
