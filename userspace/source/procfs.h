/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the /proc reader that other sources and the tests use. */
#ifndef MMSCOPE_SOURCE_PROCFS_H
#define MMSCOPE_SOURCE_PROCFS_H

#include "source/encode.h"
#include "source/maps.h"
#include "source/source.h"

/**
 * mms_source_open_procfs_at() - the /proc reader on another tree
 * @root: "/proc", or a directory with captured PID/{stat,maps,smaps} texts;
 *	TASK is answered for "/proc" only, as libproc2 reads no other
 */
int mms_source_open_procfs_at(struct mms_source **out, const char *root,
			      struct mms_err *err);

/**
 * struct mms_feed - records built here that reach a handler as a stream does
 * @enc: where records go in
 *
 * The bytes pass through the decoder, so that what /proc says is checked like
 * what the module says.
 */
struct mms_feed {
	struct mms_encoder enc;
	struct mms_decoder *dec;
	struct mms_err *err;
};

int mms_feed_begin(struct mms_feed *f, const struct mms_handler *h,
		   const struct mms_stream_header *header, struct mms_err *err);
int mms_feed_end(struct mms_feed *f, const struct mms_trailer *t);
void mms_feed_free(struct mms_feed *f);

/**
 * struct mms_pagemap - /proc/PID/pagemap being turned into extents
 * @fd: the open file
 * @page_shift: log2 of the page size
 * @hidden_ok: a present page with PFN 0 is believed (device memory)
 * @entries: counted here
 * @run: the extent being grown; .len = 0 when there is none
 */
struct mms_pagemap {
	int fd;
	unsigned int page_shift;
	bool hidden_ok;
	uint64_t entries;
	struct mms_pt_extent run;
	uint64_t *buf;
};

/**
 * mms_pagemap_range() - the extents of [start, end), coalesced, to @f
 * Return: 0; 1 where the file ended early (the process has exited);
 * -EACCES where the kernel hides the PFNs; -errno
 */
int mms_pagemap_range(struct mms_pagemap *pm, struct mms_feed *f,
		      uint64_t start, uint64_t end);

/* Turn one pagemap entry into an extent of one page; false = nothing there. */
bool mms_pagemap_entry(uint64_t entry, struct mms_pt_extent *e);

/**
 * mms_proc_machine_fn - what /proc says of one kind about the machine
 * @root: "/proc", or a directory with captured texts
 * @req: what is asked
 * @f: takes the records: mms_encode_record(&f->enc, ...)
 * @t: the trailer to be; @t->entries may be counted up
 * @err: filled in on an error
 *
 * Return: 0; -EOPNOTSUPP this kernel's /proc does not tell it; -errno
 */
typedef int mms_proc_machine_fn(const char *root, const struct mms_request *req,
				struct mms_feed *f, struct mms_trailer *t,
				struct mms_err *err);

mms_proc_machine_fn mms_proc_buddy;
mms_proc_machine_fn mms_proc_swap;
/* The readers, each in a file of its own: proc_NAME.c */
mms_proc_machine_fn mms_proc_zones;
mms_proc_machine_fn mms_proc_frames;
mms_proc_machine_fn mms_proc_vmalloc;
mms_proc_machine_fn mms_proc_slab;

/**
 * mms_proc_lines() - each line of @root/@name to @each, with its newline
 * @absent: what it means that there is no such file
 * @each: may change the line; -EBADMSG says that it is not as expected
 *
 * Return: 0; -EOPNOTSUPP there is none; what @each returned; -errno; with @err
 * for all but what @each returned
 */
int mms_proc_lines(const char *root, const char *name, const char *absent,
		   int (*each)(void *ctx, char *line), void *ctx, struct mms_err *err);

/* Who answers a kind about the machine; NULL where /proc does not. */
mms_proc_machine_fn *mms_proc_machine(enum mms_kind kind);

mms_proc_machine_fn mms_proc_frame;

#endif
