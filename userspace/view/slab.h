/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of mmscope slab share. */
#ifndef MMSCOPE_VIEW_SLAB_H
#define MMSCOPE_VIEW_SLAB_H

#include "model/slab.h"
#include "render/table.h"

/**
 * struct mms_slab_view - one invocation
 * @render: as asked, for the rows that -o means; @plain: for other tables
 */
struct mms_slab_view {
	struct mms_render render;
	struct mms_render plain;
	struct mms_source *source;
	struct mms_slab_list list;
	struct mms_doc *doc;
};

/* One cache: its facts, nodes and slabs, or with @objects each object. */
int mms_slab_show_cache(struct mms_slab_view *v, const char *name, bool objects, struct mms_err *err);

/* All caches, their objects by state. */
int mms_slab_show_states(struct mms_slab_view *v, struct mms_err *err);

/* "0xffff..." or "PID:task_struct", "PID:". */
int mms_slab_show_address(struct mms_slab_view *v, uint64_t addr, struct mms_err *err);
int mms_slab_show_task(struct mms_slab_view *v, const char *arg, struct mms_err *err);

/* Size classes of kmalloc(); with @bytes where that lands. */
int mms_slab_explain(struct mms_slab_view *v, const char *bytes, struct mms_err *err);

/* "hwcache_align,reclaim_account"; "" for none. */
const char *mms_slab_flag_names(uint32_t flags, char *out, size_t size);

/* enum mms_object_state; @quarantine: KASAN keeps freed objects back. */
const char *mms_slab_state_name(uint32_t state, bool quarantine);

#endif
