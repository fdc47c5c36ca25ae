// SPDX-License-Identifier: GPL-2.0
/*
 * What nodes have of a slab cache.
 * Locks: a node's list lock with interrupts off, for some slabs; slab_mutex, which
 * keeps the node, is the caller's.  May sleep.  Emits nothing: fills a record.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "compat/page.h"
#include "slabcache.h"

#define LIST_STEP	256	/* slabs in one hold */

static unsigned long node_entry(const struct mms_slabcache *c, int nid, u32 in_entry)
{
	unsigned long p;

	if (!mms_peek_at(&p, c->addr, mms_slab_at.node_array + nid * mms_slab_at.node_stride + in_entry))
		return 0;
	return p;
}

unsigned long mms_slab_barn(const struct mms_slabcache *c, int nid)
{
	return mms_slab_at.sheaves ? node_entry(c, nid, mms_slab_at.barn_in) : 0;
}

static u32 counters_of(const struct list_head *e)
{
	return READ_ONCE(*(const u32 *)((const char *)e - mms_slab_at.slab_list + mms_slab_at.counters));
}

/*
 * Is the slab that was looked at last, before the lock was given back, on the
 * partial list of this node still?  Then it says so, and its neighbours.
 */
static bool still_there(const struct list_head *e, const struct mms_slabcache *c, int nid)
{
	const struct page *page = (const void *)((const char *)e - mms_slab_at.slab_list);
	struct list_head links, *back, *forth;
	unsigned long cache;
	u32 w;

	if (!mms_peek(&links, e, sizeof(links)) || !mms_peek_at(&cache, page, mms_slab_at.slab_cache) ||
	    !mms_peek_at(&w, page, mms_slab_at.counters) || cache != c->addr || !mms_page_is_slab(page))
		return false;
	return page_to_nid(page) == nid && !MMS_SLAB_FROZEN(w) && MMS_SLAB_INUSE(w) < MMS_SLAB_OBJECTS(w) &&
	       mms_peek(&forth, &links.prev->next, sizeof(forth)) && forth == e &&
	       mms_peek(&back, &links.next->prev, sizeof(back)) && back == e;
}

/* One hold; @at: the last one that was counted, or the head.  Is that all? */
static bool count_some(struct mms_query *q, unsigned long node, const struct mms_slabcache *c, int nid,
		       const struct list_head **at, struct mms_slab_node *rec)
{
	const struct list_head *head = (void *)(node + mms_slab_at.n_partial), *e = *at;
	spinlock_t *lock = (spinlock_t *)(node + mms_slab_at.n_lock);
	unsigned long flags;
	u32 n = 0, w;

	spin_lock_irqsave(lock, flags);
	mms_hold_begin(q);
	if (e != head && !still_there(e, c, nid)) {
		/* it has gone: from the front again, and what was counted is for nothing */
		rec->known |= MMS_SLAB_K_TORN;
		rec->nr_partial = 0;
		rec->partial_free = 0;
		e = head;
	}
	for (e = e->next; e != head && n < LIST_STEP; e = e->next, n++) {
		w = counters_of(e);
		rec->partial_free += MMS_SLAB_OBJECTS(w) - MMS_SLAB_INUSE(w);
		rec->nr_partial++;
		*at = e;
		if (n % 32 == 31 && mms_irq_hold_spent(q)) {
			e = e->next;
			break;
		}
	}
	n = e == head;
	spin_unlock_irqrestore(lock, flags);
	mms_hold_end(q);
	return n;
}

static void count_partial(struct mms_query *q, unsigned long node, const struct mms_slabcache *c, int nid,
			  struct mms_slab_node *rec)
{
	const struct list_head *at = (void *)(node + mms_slab_at.n_partial);
	u32 steps, starts = 0;

	for (steps = 0; steps < 100000; steps++) {
		u64 had = rec->nr_partial;

		if (count_some(q, node, c, nid, &at, rec)) {
			rec->known |= MMS_SLAB_K_PARTIAL;
			rec->known &= ~MMS_SLAB_K_TORN;	/* (the last time at one go) */
			return;
		}
		/* It cannot be counted while it changes that fast. */
		if (rec->nr_partial <= had && ++starts == 8)
			return;
		cond_resched();
	}
}

/**
 * mms_slabnode_tell() - what a node has of a cache
 * @rec: zeroed but for its head
 *
 * With slab_mutex held, of a cache that is listed.
 *
 * Return: has it anything of it?
 */
bool mms_slabnode_tell(struct mms_query *q, const struct mms_slabcache *c, int nid,
		       struct mms_slab_node *rec)
{
	unsigned long node;
	long v;

	if (!mms_slab_at.nodes)
		return false;
	node = node_entry(c, nid, mms_slab_at.node_in);
	if (!node)
		return false;
	rec->cache = c->addr;
	rec->node = nid;
	if (mms_peek_at(&v, node, mms_slab_at.n_nr_slabs)) {
		rec->slabs = v;
		rec->known |= mms_peek_at(&v, node, mms_slab_at.n_total) ? MMS_SLAB_K_COUNTS : 0;
		rec->total_objects = v;
	}
	if (mms_slab_at.counts)
		count_partial(q, node, c, nid, rec);
	return true;
}
