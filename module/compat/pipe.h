/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that an anonymous pipe keeps for its next writes.  Locks: none; peeks.  Never sleeps. */
#ifndef MMSCOPE_COMPAT_PIPE_H
#define MMSCOPE_COMPAT_PIPE_H

#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include "../nofault.h"

#define MMS_PIPE_SPARE	8

/*
 * 7.3: struct anon_pipe_prealloc has them, and says how many.  Before, an array that
 * has NULL where there is none (tmp_page: two pages, or a single one on older kernels).
 */
static inline unsigned int mms_pipe_spare(const struct pipe_inode_info *info, struct page **spare)
{
#ifdef HAVE_PIPE_PREALLOC
	unsigned int n;

	BUILD_BUG_ON(sizeof(info->prealloc.pages) > MMS_PIPE_SPARE * sizeof(*spare));
	if (!mms_peek(&n, &info->prealloc.count, sizeof(n)) ||
	    !mms_peek(spare, &info->prealloc.pages, sizeof(info->prealloc.pages)))
		return 0;
	return min_t(unsigned int, n, ARRAY_SIZE(info->prealloc.pages));
#else
	BUILD_BUG_ON(sizeof(info->tmp_page) > MMS_PIPE_SPARE * sizeof(*spare));
	if (!mms_peek(spare, &info->tmp_page, sizeof(info->tmp_page)))
		return 0;
	return sizeof(info->tmp_page) / sizeof(*spare);
#endif
}

#endif /* MMSCOPE_COMPAT_PIPE_H */
