/* SPDX-License-Identifier: GPL-2.0 */
/* The page cache by file, with names and with who maps it. */
#ifndef MMSCOPE_MODEL_CACHE_H
#define MMSCOPE_MODEL_CACHE_H

#include "source/source.h"

/**
 * struct mms_cached - one file
 * @f: its pages, all records of it added up
 * @named: a CACHE_NAME record was there: @size, @nrpages and @mode are valid
 * @path: from the root of its file system; NULL = not in memory
 * @absolute: @path is one of this machine, not one in its file system
 * @partial: from mincore(2): of @f only .pages is known, .dirty and .writeback if
 *	@dirty_known (cachestat(2))
 * @mappers: processes that map it; @have_mappers: they were counted
 */
struct mms_cached {
	struct mms_cache_file f;
	bool named;
	uint64_t size;
	uint64_t nrpages;
	uint32_t mode;
	char *path;
	bool absolute;
	bool partial;
	bool dirty_known;
	bool have_mappers;
	uint32_t mappers;
	uint32_t last_pid;
};

/* A process that maps a file. */
struct mms_cache_mapper {
	size_t file;
	uint32_t pid;
};

/* struct mms_cache - all of one stream */
struct mms_cache {
	struct mms_cached *files;
	size_t n, room;
	uint32_t *hash;			/* index + 1 into files */
	size_t hash_size;
	struct mms_cache_run *runs;
	size_t nruns, run_room;
	struct mms_cache_mapper *mappers;
	size_t nmappers, mapper_room;
	uint32_t page_shift;
	struct mms_trailer trailer;
};

int mms_cache_read(struct mms_source *s, const struct mms_request *req, struct mms_cache *out,
		   struct mms_err *err);
void mms_cache_free(struct mms_cache *c);

/* The file of this device and inode number; NULL if none of it is in memory. */
struct mms_cached *mms_cache_find(struct mms_cache *c, uint32_t dev_major, uint32_t dev_minor,
				  uint64_t ino, bool bdev);

/* Likewise, and added if there is none; NULL on lack of memory. */
struct mms_cached *mms_cache_add(struct mms_cache *c, uint32_t dev_major, uint32_t dev_minor,
				 uint64_t ino, uint32_t flags);
int mms_cache_add_run(struct mms_cache *c, const struct mms_cache_run *run);

/**
 * mms_cache_mappers() - ask each process which of the files it maps
 *
 * One that exits meanwhile, or may not be asked, is passed over.
 *
 * Return: 0 or -errno
 */
int mms_cache_mappers(struct mms_cache *c, struct mms_source *s, struct mms_err *err);

/* Most pages first; then by device and inode number. */
void mms_cache_sort(struct mms_cache *c);

#endif
