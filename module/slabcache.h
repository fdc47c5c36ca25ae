/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slab caches: where their facts lie in the running kernel, the list of them,
 * what their nodes and processors have.
 */
#ifndef MMSCOPE_SLABCACHE_H
#define MMSCOPE_SLABCACHE_H

#include <linux/list.h>
#include "mmscope.h"
#include "nofault.h"

/**
 * struct mms_slab_at - offsets in the running kernel, bytes
 * @ok: of the cache: name, size, object_size; of the slab: slab_cache
 * @counts: of the slab: freelist, counters
 * @nodes: of struct kmem_cache_node, all
 * @cpus: of struct kmem_cache_cpu, all, which lie in its first @c_bytes; such there
 *	are
 * @sheaves: of sheaves and barns, all; such there are
 * @list: slab_caches and slab_mutex were found, @caches and @mutex are their addresses
 */
struct mms_slab_at {
	bool ok, counts, nodes, cpus, sheaves, list;
	u32 name, list_member, node_array, node_stride, node_in, barn_in;
	u32 slab_cache, freelist, counters, slab_list, next;
	u32 n_lock, n_nr_partial, n_partial, n_nr_slabs, n_total;
	u32 c_freelist, c_tid, c_slab, c_partial, c_bytes;
	u32 p_main, p_spare, p_rcu_free, s_size, s_objects, s_list;
	u32 b_lock, b_full, b_nr_full, b_nr_empty;
	unsigned long caches, mutex;
};

#define MMS_SLAB_CPU_MAX	64	/* of @c_bytes */
#define MMS_SLAB_ABSENT		(~0U)	/* of @c_partial: processors keep no such lists */

extern struct mms_slab_at mms_slab_at;

/* What struct slab counts, in one word: checked at init. */
#define MMS_SLAB_INUSE(w)	((w) & 0xffff)
#define MMS_SLAB_OBJECTS(w)	((w) >> 16 & 0x7fff)
#define MMS_SLAB_FROZEN(w)	((w) >> 31)
#define MMS_SLAB_OBJECTS_MAX	0x7fff

/**
 * struct mms_slabcache - what is the same for the life of a cache
 * @addr: of its struct kmem_cache
 * @cpu: per-CPU address of its cpu slabs, or of its sheaves
 * @random: free pointers are xored with it
 * @known: MMS_SLAB_K_LAYOUT .. _USERCOPY
 * The others: as in struct mms_slab_cache.
 */
struct mms_slabcache {
	unsigned long addr;
	unsigned long cpu;
	unsigned long random;
	unsigned long ctor;
	unsigned long name;
	u32 size, object_size, align, inuse, offset, red_left_pad;
	u32 oo, min, flags, refcount, useroffset, usersize;
	u32 cpu_partial, sheaf_capacity;
	u32 known;
};

/**
 * struct mms_slabcaches - all caches at one moment; mms_slabcaches_find() wants them sorted
 */
struct mms_slabcaches {
	struct mms_slabcache *c;
	u32 n, room;
};

const char *mms_slabcache_init(enum mms_cap_state *state);

/**
 * mms_slabcache_read() - the facts of the cache at @addr, whatever is there
 *
 * Return: false where that is no cache
 */
bool mms_slabcache_read(struct mms_slabcache *c, unsigned long addr);

int mms_slab_lock(void);
void mms_slab_unlock(void);
bool mms_slab_listed(unsigned long addr, const struct list_head **from);

int mms_slabcaches_take(struct mms_slabcaches *t);
void mms_slabcaches_free(struct mms_slabcaches *t);
const struct mms_slabcache *mms_slabcaches_find(const struct mms_slabcaches *t,
						unsigned long addr);
int mms_slabcaches_add(struct mms_slabcaches *t, unsigned long addr);
void mms_slabcaches_sort(struct mms_slabcaches *t);

/* With mms_slab_lock() held, of a cache that is listed: */
bool mms_slabnode_tell(struct mms_query *q, const struct mms_slabcache *c, int nid,
		       struct mms_slab_node *rec);
unsigned long mms_slab_barn(const struct mms_slabcache *c, int nid);

u32 mms_slab_flags(u32 raw);

#endif /* MMSCOPE_SLABCACHE_H */
