/* SPDX-License-Identifier: GPL-2.0 */
/* Which frames processes share, and why; RSS, PSS and USS from page tables. */
#ifndef MMSCOPE_MODEL_SHARE_H
#define MMSCOPE_MODEL_SHARE_H

#include "model/share_frames.h"
#include "model/snapshot.h"
#include "source/kpage.h"

/* Why several processes hold one frame. */
enum mms_share_cause {
	MMS_SHARE_FILE,		/* page cache of a file */
	MMS_SHARE_SHMEM,	/* tmpfs, memfd, SysV, shared anonymous */
	MMS_SHARE_FORK,		/* anonymous, not copied since fork() */
	MMS_SHARE_KSM,		/* merged because the contents were the same */
	MMS_SHARE_ZERO,		/* the zero page: nobody's memory */
	MMS_SHARE_HUGETLB,	/* of the hugetlb pool */
	MMS_SHARE_KERNEL,	/* the kernel's own: vdso, a driver's */
	MMS_SHARE_UNKNOWN,	/* nobody told of the frame, and the VMA leaves it open; or it was
				 * something else by then */
	MMS_SHARE_CAUSES
};

/* "file", "shmem", ... */
const char *mms_share_cause_name(enum mms_share_cause c);

/* Fixed point of the kernel's Pss: bytes << PSS_SHIFT (fs/proc/task_mmu.c). */
#define MMS_PSS_SHIFT	12

/**
 * struct mms_share_sums - figures of a VMA or a process, bytes
 * @rss: resident, as smaps counts: no hugetlb, no zero page
 * @pss: of it, each page divided by its mapcount; << MMS_PSS_SHIFT
 * @uss: mapped once: smaps' Private_Clean + Private_Dirty
 * @within: mapped more than once, and by another of the processes given
 * @outside: mapped more than once, but by none of them: by others
 * @twice: mapped more than once, by this process alone
 * @hugetlb: hugetlb pages
 * @zero: addresses that map the zero page
 * @uncounted: of @rss, pages whose mapcount is not known: then @pss, @uss,
 *	@outside and @twice are not known
 * @cause: what another of the processes given holds, too, by cause; ZERO and
 *	HUGETLB are not in @rss
 */
struct mms_share_sums {
	uint64_t rss;
	uint64_t pss;
	uint64_t uss;
	uint64_t within;
	uint64_t outside;
	uint64_t twice;
	uint64_t hugetlb;
	uint64_t zero;
	uint64_t uncounted;
	uint64_t cause[MMS_SHARE_CAUSES];
};

/**
 * struct mms_share_proc - one process
 * @snap: with VMA and EXTENTS; owned; NULL of processes that only count
 * @asked: its figures are wanted; else it adds to mapcounts only
 * @twin: index of an earlier process with the same address space (it has the
 *	same top page table), whose mappings are one for the kernel; else its own
 * @index: of those asked
 * @vmas: sums of snap->regions[i]
 * @with: per region @set_words words: indexes of the processes that hold
 *	some of its frames, too
 */
struct mms_share_proc {
	struct mms_snapshot *snap;
	uint32_t pid;
	bool asked;
	size_t twin;
	size_t index;
	uint64_t root_pa;
	struct mms_share_sums sums;
	struct mms_share_sums *vmas;
	uint64_t *with;
};

/**
 * struct mms_share_group - frames that exactly these processes hold
 * @set: bit n: the n-th process asked
 * @frames: of 4 KiB, by cause
 * @maps: addresses at which these processes map them
 * @outside: of @frames those that others map as well; known if @uncounted is 0
 * @uncounted: of @frames those whose mapcount is not known
 */
struct mms_share_group {
	uint64_t *set;
	uint64_t frames[MMS_SHARE_CAUSES];
	uint64_t maps[MMS_SHARE_CAUSES];
	uint64_t outside[MMS_SHARE_CAUSES];
	uint64_t uncounted[MMS_SHARE_CAUSES];
};

/**
 * struct mms_share_run - frames in a row that one VMA maps in a row
 * @pfn: first of @n; of a swap area: MMS_SLOT()
 * @va: where that is mapped
 * @proc: index in mms_share.procs
 * @region: index of the VMA in its snapshot
 * @zero: the zero page
 */
struct mms_share_run {
	uint64_t pfn;
	uint64_t n;
	uint64_t va;
	uint32_t proc;
	uint32_t region;
	bool zero;
};

/* Slots of all swap areas as one row of numbers. */
#define MMS_SLOT(area, offset)	((uint64_t)(area) << 56 | (offset))
#define MMS_SLOT_AREA(slot)	((unsigned int)((slot) >> 56))
#define MMS_SLOT_OFFSET(slot)	((slot) & ((1ULL << 56) - 1))

/**
 * struct mms_share_piece - frames in a row that the same mappings cover
 * @pfn: first of @n
 * @runs: those mappings, @nruns of them
 * @maps: how many of them the kernel counts: of twins only one
 */
struct mms_share_piece {
	uint64_t pfn;
	uint64_t n;
	const struct mms_share_run *const *runs;
	size_t nruns;
	uint64_t maps;
};

/**
 * struct mms_share - the processes looked at, and what came out
 * @kpage: mapcounts and flags; NULL = not to be had
 * @frames: the module's word what frames are used for, in place of these flags; or NULL
 * @count_tables: mapcounts are the mappings of all processes added, which are
 *	all there are; else they are the kernel's own
 * @slots: it is slots of swap areas that are shared, not frames
 * @piece: told of every piece; may be NULL; returns 0 or -errno
 * @ctx: for @piece
 * @moved: frames that are free, or of a class that these VMAs cannot map: they were
 *	given back, or to others, after the page tables were read.  Counted, as @untold,
 *	among those that several of the processes asked hold; their cause is unknown
 * @untold: frames of which @frames should have told, and did not
 * @asked: processes asked for
 * @set_words: words of a set of them
 * @groups: in no order
 */
struct mms_share {
	struct mms_kpage *kpage;
	struct mms_share_frames *frames;
	bool count_tables;
	bool slots;
	int (*piece)(void *ctx, const struct mms_share_piece *piece);
	void *ctx;
	uint64_t moved;
	uint64_t untold;
	struct mms_share_proc *procs;
	size_t nprocs;
	size_t procs_cap;
	size_t asked;
	size_t set_words;
	struct mms_share_run *runs;
	size_t nruns;
	size_t runs_cap;
	struct mms_share_group *groups;
	size_t ngroups;
	size_t groups_cap;
	size_t *buckets;
	size_t nbuckets;
};

/**
 * mms_share_add() - one more process
 * @snap: taken over, and freed if @asked is false
 * Return: 0 or -ENOMEM
 */
int mms_share_add(struct mms_share *s, struct mms_snapshot *snap, uint32_t pid, bool asked);

/**
 * mms_share_run() - look at every frame
 * Return: 0; -ENOMEM; -errno of reading @kpage
 */
int mms_share_run(struct mms_share *s);
void mms_share_free(struct mms_share *s);

static inline bool mms_share_has(const uint64_t *set, size_t i)
{
	return set[i / 64] >> i % 64 & 1;
}

#endif
