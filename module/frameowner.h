/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a page frame is, besides those that map it: a file, a slab, a memory
 * cgroup.
 */
#ifndef MMSCOPE_FRAMEOWNER_H
#define MMSCOPE_FRAMEOWNER_H

#include <linux/limits.h>
#include "mmscope.h"
#include "pagesnap.h"

#define MMS_FS_MAX	32
#define MMS_FILEID_TAIL	(MMS_FS_MAX + PATH_MAX)

void mms_fileid_tell(struct mms_sink *s, u64 pfn, const struct address_space *mapping);

void mms_memcg_tell(struct mms_frame *f);

const char *mms_slabid_init(void);
bool mms_slabid_tell(const struct mms_pagesnap *s, struct mms_frame_slab *rec);

#endif /* MMSCOPE_FRAMEOWNER_H */
