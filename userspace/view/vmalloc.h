/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the view vmalloc share. */
#ifndef MMSCOPE_VIEW_VMALLOC_H
#define MMSCOPE_VIEW_VMALLOC_H

#include "cmd.h"
#include "model/vmalloc.h"

extern const struct mms_command mms_cmd_vmalloc;

struct mms_vmalloc_view {
	const struct mms_render *render;
	struct mms_doc *doc;
	struct mms_vmalloc v;
	size_t top;		/* lines of a table */
};

int mms_vmalloc_show_users(struct mms_vmalloc_view *w, struct mms_err *err);
int mms_vmalloc_show_holes(struct mms_vmalloc_view *w, struct mms_err *err);
int mms_vmalloc_show_lazy(struct mms_vmalloc_view *w, struct mms_err *err);

/* The area that has this address, its frame; -ENOENT with @err where none has it. */
int mms_vmalloc_show_address(struct mms_vmalloc_view *w, struct mms_source *s, uint64_t addr, struct mms_err *err);

/* Are holes known?  NULL, or why not. */
const char *mms_vmalloc_no_holes(const struct mms_vmalloc *v);

#endif
