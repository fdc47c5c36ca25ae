/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the view layout share. */
#ifndef MMSCOPE_VIEW_LAYOUT_H
#define MMSCOPE_VIEW_LAYOUT_H

#include "cmd.h"
#include "model/layout.h"

extern const struct mms_command mms_cmd_layout;

struct mms_layout_view {
	const struct mms_render *render;
	struct mms_doc *doc;
	struct mms_layout l;
	bool ascii;		/* the locale is not UTF-8 */
	bool sections;		/* all of them, not the best known alone */
	uint64_t start, last;	/* of the picture to scale */
};

/* The picture by regions, the highest address first. */
void mms_layout_draw(const struct mms_layout_view *w);

/**
 * mms_layout_draw_scale() - to scale
 * @start: first address of the picture
 * @last: its last
 * @rows: each of as many addresses
 */
void mms_layout_draw_scale(const struct mms_layout_view *w, uint64_t start, uint64_t last, unsigned int rows);

#endif
