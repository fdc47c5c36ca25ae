// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy allocator's free lists of a zone, counted.
 * Locks: zone->lock with interrupts off, at most MMS_LIST_HOLD nodes or
 * MMS_IRQ_HOLD_US at a time.  Never sleeps.  Emits nothing.
 *
 * The lists of one order are read in one hold where they fit.  A longer list is
 * gone on with behind the block that was counted last, if that is still a free
 * block of that list; else it is begun anew, MMS_LIST_TRIES times at most.
 */
#include <linux/spinlock.h>
#include "freelist.h"
#include "compat/buddy.h"

#define MMS_LIST_HOLD	2048	/* nodes per hold */
#define MMS_LIST_TRIES	3	/* times that a list is begun anew */

/* A list head of any order and type: a node that moved leads to another one. */
static bool is_head(const struct zone *zone, const void *node)
{
	return node >= (const void *)zone->free_area &&
	       node < (const void *)(zone->free_area + MMS_ORDERS);
}

/*
 * Where to go on with the list: behind the block counted last, if that is
 * still on it.  NULL: it is not.
 */
static struct list_head *resume(struct mms_buddy *b, struct zone *zone, struct list_head *head)
{
	struct page *page, copy;

	if (!b->mark)
		return READ_ONCE(head->next);
	page = pfn_to_online_page(b->mark_pfn);
	if (!page || !mms_peek(&copy, page, sizeof(copy)) || !mms_is_block(&copy, zone, b->order) ||
	    mms_pageblock_type(zone, b->mark_pfn) != b->mt)
		return NULL;
	return copy.lru.next;
}

enum list_end { LIST_DONE, LIST_SPENT, LIST_TORN };

/* Count on along one list, zone->lock held. */
static enum list_end walk_list(struct mms_query *q, struct mms_buddy *b, struct zone *zone,
			       unsigned int *budget)
{
	struct list_head *head = &zone->free_area[b->order].free_list[b->mt];
	struct list_head *node = resume(b, zone, head);
	struct page *page, copy;

	while (node && node != head) {
		if (!*budget || (!(*budget & 15) && mms_irq_hold_spent(q)))
			return LIST_SPENT;
		page = list_entry(node, struct page, lru);
		if (is_head(zone, node) || !mms_peek(&copy, page, sizeof(copy)) ||
		    !mms_is_block(&copy, zone, b->order))
			return LIST_TORN;
		b->count++;
		b->mark = true;
		b->mark_pfn = page_to_pfn(page);
		q->stats.entries++;
		(*budget)--;
		node = copy.lru.next;
	}
	return node ? LIST_DONE : LIST_TORN;
}

static void list_restart(struct mms_buddy *b)
{
	b->best = max(b->best, b->count);
	b->count = 0;
	b->mark = false;
}

/* The list is counted, or given up: on to the next type, the next order. */
static void list_next(struct mms_buddy *b, bool counted)
{
	struct mms_buddy_area *a = &b->area[b->order];
	enum mms_migratetype mt = mms_migratetype(b->mt);

	a->list[mt] += counted ? b->count : max(b->best, b->count);
	if (counted)
		a->list_known |= 1U << mt;
	else
		a->list_least |= 1U << mt;
	b->count = 0;
	b->best = 0;
	b->tries = 0;
	b->mark = false;
	if (++b->mt < MIGRATE_TYPES)
		return;
	if (b->one_hold && !a->list_least)
		a->known |= MMS_BUDDY_K_ONE_HOLD;
	b->mt = 0;
	b->order_begun = false;
	b->order++;
}

static void order_begin(struct mms_buddy *b, struct zone *zone, bool fresh)
{
	struct mms_buddy_area *a = &b->area[b->order];

	memset(a->list, 0, sizeof(a->list));
	a->list_known = 0;
	a->list_least = 0;
	a->counter = zone->free_area[b->order].nr_free;
	a->known |= MMS_BUDDY_K_COUNTER;
	b->mt = 0;
	b->count = 0;
	b->mark = false;
	b->order_begun = true;
	b->one_hold = true;
	b->fresh = fresh;
}

/*
 * The hold is spent amid an order.  If that had a hold to itself it goes on
 * where it was; else it gets one, as it may be read in one then.
 */
static void order_interrupted(struct mms_buddy *b)
{
	b->one_hold = false;
	if (!b->fresh)
		b->order_begun = false;
}

/**
 * mms_freelist_walk() - count on along the lists of @zone for one hold
 *
 * All are counted when @b->order is MMS_ORDERS.
 */
void mms_freelist_walk(struct mms_query *q, struct mms_buddy *b, struct zone *zone)
{
	unsigned int budget = MMS_LIST_HOLD;
	enum list_end end = LIST_DONE;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	mms_hold_begin(q);
	while (b->order < MMS_ORDERS && end == LIST_DONE) {
		if (!b->order_begun)
			order_begin(b, zone, budget == MMS_LIST_HOLD);
		end = walk_list(q, b, zone, &budget);
		if (end == LIST_DONE)
			list_next(b, true);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	mms_hold_end(q);
	if (end != LIST_DONE)
		order_interrupted(b);
	if (end != LIST_TORN || !b->order_begun)
		return;
	list_restart(b);
	if (++b->tries == MMS_LIST_TRIES)
		list_next(b, false);
}
