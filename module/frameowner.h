/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a page frame is, besides those that map it: a file, a slab, a memory
 * cgroup.
 */
#ifndef MMSCOPE_FRAMEOWNER_H
#define MMSCOPE_FRAMEOWNER_H

#include "mmscope.h"
#include "pagesnap.h"

/**
 * struct mms_fileid - a file that was met under a page's lock
 * @rec: facts, all but the lengths of the tail
 * @fs: name of the file system
 * @sb: active reference, or NULL
 * @dentry: reference on a name of it, or NULL
 */
struct mms_fileid {
	struct mms_frame_file rec;
	char fs[32];
	struct super_block *sb;
	struct dentry *dentry;
};

bool mms_fileid_get(struct mms_fileid *id, struct address_space *mapping);
void mms_fileid_emit(struct mms_fileid *id, struct mms_sink *s, u64 pfn, char *pathbuf);

void mms_memcg_tell(struct mms_frame *f);

const char *mms_slabid_init(void);
bool mms_slabid_tell(const struct mms_pagesnap *s, struct mms_frame_slab *rec);

#endif /* MMSCOPE_FRAMEOWNER_H */
