/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of mmscope lru. */
#ifndef MMSCOPE_VIEW_LRU_H
#define MMSCOPE_VIEW_LRU_H

#include "model/lru.h"
#include "render/table.h"

enum mms_lru_table {
	MMS_LRU_TABLE_VECS,	/* sizes, one line per cgroup and node */
	MMS_LRU_TABLE_GENS,
	MMS_LRU_TABLE_TIERS,
	MMS_LRU_TABLE_NEXT,	/* what reclaim takes next */
	MMS_LRU_TABLE_FOLIOS,
};

/**
 * struct mms_lru_view - what is shown
 * @lru: as read
 * @cgroup: only this one, by path with or without the mount point; NULL = all
 * @page: bytes of a page
 * @swappiness: of who did not tell: see mms_lru_next()
 */
struct mms_lru_view {
	struct mms_lru lru;
	const char *cgroup;
	uint64_t page;
	uint32_t swappiness;
};

/* Columns of a table, its JSON name in *@name, how many in *@n. */
const struct mms_column *mms_lru_columns(enum mms_lru_table which, const char **name, size_t *n);

/**
 * mms_lru_fill() - the lines of a table
 * @matched: set to the lruvecs that @w->cgroup means
 * Return: 0 or -ENOMEM
 */
int mms_lru_fill(const struct mms_lru_view *w, struct mms_table *t, enum mms_lru_table which,
		 size_t *matched);

#endif
