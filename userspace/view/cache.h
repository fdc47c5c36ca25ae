/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of mmscope cache. */
#ifndef MMSCOPE_VIEW_CACHE_H
#define MMSCOPE_VIEW_CACHE_H

#include <limits.h>
#include <sys/stat.h>
#include "model/cache.h"
#include "model/mounts.h"
#include "render/table.h"

/**
 * struct mms_cache_view - what is asked and was read
 * @live: of this machine, not from a capture
 * @given: a file or directory was named: the rest is of it
 * @path: its path, absolute, without symbolic links
 * @st: what stat(2) says
 * @dev_major: its device as inodes in the kernel have it
 * @dev_minor: likewise
 * @ino: its inode number
 */
struct mms_cache_view {
	struct mms_cache cache;
	struct mms_mounts mounts;
	bool live;
	bool given;
	char path[PATH_MAX];
	struct stat st;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint64_t ino;
};

/* As good a name as there is; it holds no control character. */
void mms_cache_name(const struct mms_cache_view *w, const struct mms_cached *c, char *out, size_t size);

/* The files of w->cache, most first. */
int mms_cache_show_all(struct mms_cache_view *w, const struct mms_render *r, struct mms_err *err);

/* Are these columns of a file's ranges? */
int mms_cache_check_ranges(const struct mms_render *r, struct mms_err *err);

/* One file: sums, who maps it, cached ranges; @runs: with their frames. */
int mms_cache_show_file(struct mms_cache_view *w, const struct mms_render *r, bool runs,
			struct mms_err *err);

/* A file or the files below a directory, by mincore(2) and cachestat(2). */
int mms_cache_without_module(struct mms_cache_view *w, const struct mms_render *r,
			     struct mms_source *s, struct mms_err *err);

#endif
