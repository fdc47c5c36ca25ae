/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes map the frames of some ranges, by the page tables of all. */
#ifndef MMSCOPE_MODEL_HOLDERS_H
#define MMSCOPE_MODEL_HOLDERS_H

#include "source/source.h"

/**
 * struct mms_holder - of one frame
 * @pid: the first process found that maps it; 0 = none
 * @va: where
 * @more: other mappings that were found
 */
struct mms_holder {
	uint32_t pid;
	uint32_t more;
	uint64_t va;
};

/**
 * struct mms_holders - ranges of frames and who maps each
 * @first: first frames of the ranges, @n of them
 * @size: frames of each
 * @holder: @n times @size of them
 * @skipped: processes whose page tables could not be read
 */
struct mms_holders {
	const uint64_t *first;
	size_t n;
	uint64_t size;
	struct mms_holder *holder;
	unsigned int skipped;
	/* private to the search */
	struct mms_source *source;
	unsigned int page_shift;
	uint32_t pid;
	struct mms_err *err;
};

/**
 * mms_holders_find() - read the page tables of every process
 * Return: 0 or -errno with @err; free @h->holder in both cases
 */
int mms_holders_find(struct mms_holders *h, struct mms_source *s, struct mms_err *err);

/* NULL for a frame of no range. */
const struct mms_holder *mms_holder_of(const struct mms_holders *h, uint64_t pfn);

#endif
