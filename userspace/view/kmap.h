/* SPDX-License-Identifier: GPL-2.0 */
/* mmscope kmap: parts of the view. */
#ifndef MMSCOPE_VIEW_KMAP_H
#define MMSCOPE_VIEW_KMAP_H

#include "cmd.h"
#include "model/kmap.h"
#include "model/kmap_parts.h"

/* struct mms_kmap_view - one invocation; @region: --region, __MMS_KT_MAX = all */
struct mms_kmap_view {
	struct mms_source *source;
	struct mms_render render;
	struct mms_table *table;
	struct mms_doc *doc;
	struct mms_kmap m;
	struct mms_kmap_parts parts;
	uint32_t region;
	bool mismatch;
};

bool mms_kmap_wanted(const struct mms_kmap_view *v, uint32_t region);

/* "rwx", "r--u" */
void mms_kmap_rights(uint32_t flags, char buf[8]);

/* kmap_runs.c: --runs and --tree */
int mms_kmap_runs_table(struct mms_kmap_view *v, struct mms_err *err);
int mms_kmap_show_runs(struct mms_kmap_view *v, struct mms_err *err);
void mms_kmap_tell_parts(struct mms_kmap_view *v);
int mms_kmap_tree_table(struct mms_kmap_view *v, struct mms_err *err);
int mms_kmap_show_tree(struct mms_kmap_view *v, struct mms_err *err);

/* kmap_lowmem.c: below the table, on i386 */
void mms_kmap_show_lowmem(struct mms_kmap_view *v);

/* kmap_proc.c: without the module */
int mms_kmap_proc_table(struct mms_kmap_view *v, struct mms_err *err);
int mms_kmap_show_proc(struct mms_kmap_view *v, struct mms_err *err);

#endif
