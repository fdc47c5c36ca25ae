/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which objects of a slab are free: its list of free objects decoded, and what of
 * it processors and sheaves hold.
 */
#ifndef MMSCOPE_SLABFREE_H
#define MMSCOPE_SLABFREE_H

#include <linux/swab.h>
#include "slabcache.h"
#include "slabwalk.h"

/**
 * mms_slabfree_read() - a slab's counters, and with @objects the state of each
 * @page: its first, of mms_online_page(), between mms_memmap_hold() and _release()
 *
 * Never sleeps.  No lock is held: what changes meanwhile is read again, some times.
 *
 * Return: false where @page is no slab of @c (any more)
 */
bool mms_slabfree_read(struct mms_slabfree *f, const struct mms_slabcache *c,
		       const struct page *page, bool objects);

/**
 * struct mms_sheaved - addresses of objects in sheaves, ascending
 * @torn: some sheaf changed each time it was read
 */
struct mms_sheaved {
	unsigned long *obj;
	u32 n, room;
	bool torn;
};

/* Those of one cache, behind the others.  Takes slab_mutex.  Return: 0; -EINTR;
 * -ENOMEM */
int mms_sheaved_add(struct mms_query *q, struct mms_sheaved *s, const struct mms_slabcache *c);
void mms_sheaved_sort(struct mms_sheaved *s);
void mms_sheaved_free(struct mms_sheaved *s);

/* Mark what of the slab's objects is in them. */
void mms_sheaved_mark(const struct mms_sheaved *s, struct mms_slabfree *f,
		      const struct mms_slabcache *c);

/**
 * mms_sheaf_counts() - how much is in sheaves
 *
 * With slab_mutex held, of a cache that is listed.
 */
u32 mms_sheaf_cpu_count(const struct mms_slabcache *c);
void mms_sheaf_barn_count(struct mms_query *q, const struct mms_slabcache *c, int nid,
			  struct mms_slab_node *rec);

/* What processors have of a cache: cpu_* of @rec.  With mms_memmap_hold(). */
void mms_slabcpu_tell(const struct mms_slabcache *c, struct mms_slab_cache *rec);

#endif /* MMSCOPE_SLABFREE_H */
