/* SPDX-License-Identifier: GPL-2.0 */
/* What the frames behind each VMA are: LRU state, zones, KSM; by the module or by kpageflags. */
#ifndef MMSCOPE_MODEL_MAPFRAMES_H
#define MMSCOPE_MODEL_MAPFRAMES_H

#include "model/snapshot.h"
#include "source/kpage.h"
#include "source/zonespan.h"

/**
 * struct mms_mapframes - the frames of one VMA, bytes; hugetlb pages included
 * @told: of its resident pages those of which something was told
 * @untold: of the others those whose frame has no struct page (any more): if there
 *	are any, all the rest is not known
 * @freed: free when it was looked at: the process gave it back in between
 * @lru: on a list of reclaim
 * @active: of @lru those marked active, which means nothing with MGLRU
 * @unevictable: on no list of reclaim because they must not go: mlock, ramfs
 * @ksm: merged
 * @zone: by enum mms_zone_type
 */
struct mms_mapframes {
	uint64_t told;
	uint64_t untold;
	uint64_t freed;
	uint64_t lru;
	uint64_t active;
	uint64_t unevictable;
	uint64_t ksm;
	uint64_t zone[__MMS_ZONE_MAX];
};

/**
 * mms_mapframes_ask() - look at every frame of the process, through the module
 * @source: is asked for FRAMES, in ranges of frames near each other
 * @out: one for each region of @snap
 *
 * Return: 0; -ENOMEM; -errno of @source; -EBADMSG for runs out of order; -EAGAIN
 * if a stream ended early
 */
int mms_mapframes_ask(const struct mms_snapshot *snap, struct mms_source *source,
		      struct mms_mapframes *out, struct mms_err *err);

/**
 * mms_mapframes_read() - the same through /proc/kpageflags
 * @k: tells flags
 * @zones: where zones are, or NULL: all are MMS_ZONE_UNKNOWN
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
