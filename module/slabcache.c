// SPDX-License-Identifier: GPL-2.0
/*
 * The list of slab caches, and tables of their facts.
 * Locks: slab_mutex, which keeps caches and their nodes.  May sleep.  Emits nothing.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "slabcache.h"

#define CACHES_MAX	16384

/* Return: 0, or -EINTR: the reader is to die */
int mms_slab_lock(void)
{
	return mutex_lock_killable((struct mutex *)mms_slab_at.mutex);
}

void mms_slab_unlock(void)
{
	mutex_unlock((struct mutex *)mms_slab_at.mutex);
}

/**
 * mms_slab_listed() - is there a cache at @addr?
 * @from: where the one before was found, which makes it quick to find the next;
 *	NULL, and to be set so after each mms_slab_lock()
 *
 * With mms_slab_lock() held.
 */
bool mms_slab_listed(unsigned long addr, const struct list_head **from)
{
	const struct list_head *head = (void *)mms_slab_at.caches, *start = *from ? *from : head, *e = start;

	do {
		e = e->next;
		if (e != head && (unsigned long)e - mms_slab_at.list_member == addr) {
			*from = e;
			return true;
		}
	} while (e != start);
	return false;
}

static int by_address(const void *a, const void *b)
{
	const struct mms_slabcache *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

void mms_slabcaches_sort(struct mms_slabcaches *t)
{
	sort(t->c, t->n, sizeof(*t->c), by_address, NULL);
}

void mms_slabcaches_free(struct mms_slabcaches *t)
{
	kvfree(t->c);
	t->c = NULL;
	t->n = 0;
	t->room = 0;
}

static int grow(struct mms_slabcaches *t, u32 room)
{
	struct mms_slabcache *c;

	if (room > CACHES_MAX)
		return -E2BIG;
	c = kvcalloc(room, sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	if (t->n)
		memcpy(c, t->c, t->n * sizeof(*c));
	kvfree(t->c);
	t->c = c;
	t->room = room;
	return 0;
}

/**
 * mms_slabcaches_add() - one more, behind the last
 *
 * Return: 0, also where at @addr is no cache; -ENOMEM; -E2BIG
 */
int mms_slabcaches_add(struct mms_slabcaches *t, unsigned long addr)
{
	int ret = t->n == t->room ? grow(t, t->room ? 2 * t->room : 256) : 0;

	if (!ret && mms_slabcache_read(&t->c[t->n], addr))
		t->n++;
	return ret;
}

/**
 * mms_slabcaches_take() - the facts of all caches that are listed
 * @t: zeroed; in the order of the list: not sorted yet
 *
 * Takes slab_mutex.
 *
 * Return: 0; -EINTR; -ENOMEM; -E2BIG
 */
int mms_slabcaches_take(struct mms_slabcaches *t)
{
	const struct list_head *head = (void *)mms_slab_at.caches, *e;
	int ret = mms_slab_lock();

	if (ret)
		return ret;
	list_for_each(e, head) {
		ret = mms_slabcaches_add(t, (unsigned long)e - mms_slab_at.list_member);
		if (ret)
			break;
	}
	mms_slab_unlock();
	return ret;
}

const struct mms_slabcache *mms_slabcaches_find(const struct mms_slabcaches *t, unsigned long addr)
{
	u32 low = 0, high = t->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (t->c[mid].addr == addr)
			return &t->c[mid];
		if (t->c[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
