/* SPDX-License-Identifier: GPL-2.0 */
/* What the frames behind each VMA are: LRU state, zones, KSM. */
#ifndef MMSCOPE_MODEL_MAPFRAMES_H
#define MMSCOPE_MODEL_MAPFRAMES_H

#include "model/snapshot.h"
#include "source/kpage.h"
#include "source/zonespan.h"

/**
 * struct mms_mapframes - the frames of one VMA, bytes; hugetlb pages included
 * @told: of its resident pages those of which kpageflags told
 * @lru: on a list of reclaim
 * @active: of @lru those marked active, which means nothing with MGLRU
 * @unevictable: on no list of reclaim because they must not go: mlock, ramfs
 * @ksm: merged
 * @zone: by enum mms_zone_type
 */
struct mms_mapframes {
	uint64_t told;
	uint64_t lru;
	uint64_t active;
	uint64_t unevictable;
	uint64_t ksm;
	uint64_t zone[__MMS_ZONE_MAX];
};

/**
 * mms_mapframes_read() - look at every frame of the process
 * @k: tells flags
 * @zones: where zones are, or NULL: all are MMS_ZONE_UNKNOWN
 * @out: one for each region of @snap
 *
 * Return: 0; -ENOMEM; -errno of reading @k
 */
int mms_mapframes_read(const struct mms_snapshot *snap, struct mms_kpage *k,
		       const struct mms_zone_spans *zones, struct mms_mapframes *out,
		       struct mms_err *err);

/**
 * mms_thp_room() - bytes of @vma in which huge pages of @huge bytes fit
 *
 * Aligned ranges of anonymous memory or shmem that is not MADV_NOHUGEPAGE; what
 * the system's settings allow is not asked.
 */
uint64_t mms_thp_room(const struct mms_vma *vma, uint64_t huge);

#endif
