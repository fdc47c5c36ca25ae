/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One query about slab caches, their slabs and objects: collect/slab.c has it,
 * slabscan.c looks at all frames for it, slabtell.c tells of caches.
 */
#ifndef MMSCOPE_SLABS_H
#define MMSCOPE_SLABS_H

#include <linux/kallsyms.h>
#include "slabobject.h"

/* struct mms_slabtally - what the slabs of a cache add up to, where its nodes cannot
 * be asked */
struct mms_slabtally {
	u64 slabs, objects, partial, partial_free, cpu_partial, cpu_partial_free;
};

/**
 * struct mms_slabs - state of one query
 * @caches: all; sorted where slabs are asked for
 * @tally: likewise, where they are counted by their slabs
 * @only: the one that is asked for
 * @next: of @caches, to be told next
 * @pfn: next frame to look at, up to @end
 * @task: objects of a process, @role is told next
 * @look: the last member, and its map of objects the last of that: where caches
 *	alone are asked for there is no room for it
 */
struct mms_slabs {
	struct mms_slabcaches caches;
	struct mms_slabtally *tally;
	const struct mms_slabcache *only;
	u32 next;
	bool ready;
	u64 pfn, end, ram_first, ram_end;
	unsigned long task[MMS_SLAB_ROLES];
	u32 role;
	char ctor[KSYM_SYMBOL_LEN];
	struct mms_slablook look;
};

#define MMS_SLAB_NODES_TOLD 64
#define MMS_SLAB_NAMES_ROOM	(MMS_SLAB_NAME_MAX + KSYM_SYMBOL_LEN)
#define MMS_SLAB_CACHE_ROOM(nodes) (sizeof(struct mms_slab_cache) + MMS_SLAB_NAMES_ROOM + 8 + \
				    (nodes) * sizeof(struct mms_slab_node))
#define MMS_SLAB_SLAB_ROOM	(sizeof(struct mms_slab_slab) + MMS_SLAB_WORDS * sizeof(u64))

/**
 * mms_slabs_scan() - tell of the slabs in all frames, some thousand at a time
 * @s: NULL: count them in w->tally, and their caches in w->caches
 *
 * May sleep.
 *
 * Return: MMS_BATCH_DONE; _MORE: the sink is full or others should run; -errno
 */
int mms_slabs_scan(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w);

/* What was counted of a cache. */
struct mms_slabtally *mms_slabs_tally(struct mms_slabs *w, unsigned long cache);

/**
 * mms_slabs_tell() - tell of the caches from w->next on
 *
 * Takes slab_mutex where there is a list of caches.  May sleep.
 *
 * Return: as mms_slabs_scan()
 */
int mms_slabs_tell(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w);

#endif /* MMSCOPE_SLABS_H */
