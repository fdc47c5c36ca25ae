// SPDX-License-Identifier: GPL-2.0
/*
 * Objects in sheaves, those of processors and the full ones in barns of nodes:
 * free, though their slab counts them as allocated.
 * Locks: slab_mutex, which keeps the cache and its barns; below it a barn's lock
 * with interrupts off.  A processor's sheaves are read without any.  May sleep.
 * Emits nothing.  Not seen: a sheaf that waits for a grace period in no barn.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "slabfree.h"

#define TRIES		4
#define SHEAVES		3	/* of a processor: main, spare, rcu_free */
#define CAPACITY_MAX	4096
#define BARN_MAX	64	/* full sheaves of a barn that are read; the kernel has 10 */

static u32 capacity(const struct mms_slabcache *c)
{
	return mms_slab_at.sheaves && c->sheaf_capacity <= CAPACITY_MAX ? c->sheaf_capacity : 0;
}

/* The @i-th sheaf of a processor and how much is in it; 0: none. */
static unsigned long sheaf_of(const struct mms_slabcache *c, int cpu, u32 i, u32 *size)
{
	const u32 at[SHEAVES] = { mms_slab_at.p_main, mms_slab_at.p_spare, mms_slab_at.p_rcu_free };
	const char *p = (const char *)per_cpu_ptr((void __percpu *)c->cpu, cpu);
	unsigned long sheaf;

	if (!mms_peek_at(&sheaf, p, at[i]) || !sheaf || !mms_peek_at(size, sheaf, mms_slab_at.s_size) ||
	    *size > capacity(c))
		return 0;
	return sheaf;
}

u32 mms_sheaf_cpu_count(const struct mms_slabcache *c)
{
	u32 i, size, n = 0;
	int cpu;

	if (!capacity(c) || !c->cpu)
		return 0;
	for_each_possible_cpu(cpu)
		for (i = 0; i < SHEAVES; i++)
			n += sheaf_of(c, cpu, i, &size) ? size : 0;
	return n;
}

static const struct list_head *full_sheaves(unsigned long barn)
{
	return (void *)(barn + mms_slab_at.b_full);
}

static unsigned long sheaf_at(const struct list_head *e)
{
	return (unsigned long)e - mms_slab_at.s_list;
}

void mms_sheaf_barn_count(struct mms_query *q, const struct mms_slabcache *c, int nid,
			  struct mms_slab_node *rec)
{
	unsigned long barn = capacity(c) ? mms_slab_barn(c, nid) : 0, flags;
	const struct list_head *e, *head = full_sheaves(barn);
	spinlock_t *lock = (spinlock_t *)(barn + mms_slab_at.b_lock);
	u32 n = 0;

	if (!barn)
		return;
	spin_lock_irqsave(lock, flags);
	mms_hold_begin(q);
	for (e = head->next; e != head && n < BARN_MAX; e = e->next, n++)
		rec->barn_objects += *(u32 *)(sheaf_at(e) + mms_slab_at.s_size);
	rec->barn_full = *(u32 *)(barn + mms_slab_at.b_nr_full);
	rec->barn_empty = *(u32 *)(barn + mms_slab_at.b_nr_empty);
	spin_unlock_irqrestore(lock, flags);
	mms_hold_end(q);
	rec->known |= MMS_SLAB_K_SHEAVES;
}

/* --- which objects --- */

static int room_for(struct mms_sheaved *s, u32 more)
{
	unsigned long *obj;
	u32 room;

	if (s->room - s->n >= more)
		return 0;
	room = max(2 * s->room, s->n + more + 1024);
	obj = kvmalloc_array(room, sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return -ENOMEM;
	if (s->n)
		memcpy(obj, s->obj, s->n * sizeof(*obj));
	kvfree(s->obj);
	s->obj = obj;
	s->room = room;
	return 0;
}

/* A sheaf that may be filled, emptied, exchanged and freed while it is copied. */
static void copy_cpu_sheaf(struct mms_sheaved *s, const struct mms_slabcache *c, int cpu, u32 i)
{
	unsigned long sheaf;
	u32 size, again, t;

	for (t = 0; t < TRIES; t++) {
		sheaf = sheaf_of(c, cpu, i, &size);
		if (!sheaf)
			return;
		if (mms_peek(s->obj + s->n, (void *)(sheaf + mms_slab_at.s_objects), size * sizeof(*s->obj)) &&
		    sheaf_of(c, cpu, i, &again) == sheaf && again == size) {
			s->n += size;
			return;
		}
	}
	s->torn = true;
}

static void copy_barn(struct mms_query *q, struct mms_sheaved *s, const struct mms_slabcache *c,
		      unsigned long barn)
{
	spinlock_t *lock = (spinlock_t *)(barn + mms_slab_at.b_lock);
	const struct list_head *e, *head = full_sheaves(barn);
	unsigned long flags;
	u32 size, n = 0;

	spin_lock_irqsave(lock, flags);
	mms_hold_begin(q);
	for (e = head->next; e != head && n < BARN_MAX; e = e->next, n++) {
		size = min(*(u32 *)(sheaf_at(e) + mms_slab_at.s_size), capacity(c));
		if (s->room - s->n < size || (n && mms_irq_hold_spent(q))) {
			s->torn = true;
			break;
		}
		memcpy(s->obj + s->n, (void *)(sheaf_at(e) + mms_slab_at.s_objects), size * sizeof(*s->obj));
		s->n += size;
	}
	spin_unlock_irqrestore(lock, flags);
	mms_hold_end(q);
}

static int add_listed(struct mms_query *q, struct mms_sheaved *s, const struct mms_slabcache *c)
{
	unsigned long barn;
	int cpu, nid, ret;
	u32 i;

	ret = room_for(s, num_possible_cpus() * SHEAVES * capacity(c));
	if (ret)
		return ret;
	for_each_possible_cpu(cpu)
		for (i = 0; i < SHEAVES; i++)
			copy_cpu_sheaf(s, c, cpu, i);
	for (nid = 0; nid < nr_node_ids; nid++) {
		barn = mms_slab_barn(c, nid);
		if (!barn)
			continue;
		ret = room_for(s, BARN_MAX * capacity(c));
		if (ret)
			return ret;
		copy_barn(q, s, c, barn);
	}
	return 0;
}

int mms_sheaved_add(struct mms_query *q, struct mms_sheaved *s, const struct mms_slabcache *c)
{
	const struct list_head *from = NULL;
	int ret;

	if (!capacity(c) || !c->cpu)
		return 0;
	ret = mms_slab_lock();
	if (ret)
		return ret;
	if (mms_slab_listed(c->addr, &from))
		ret = add_listed(q, s, c);
	mms_slab_unlock();
	return ret;
}

static int ascending(const void *a, const void *b)
{
	const unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

void mms_sheaved_sort(struct mms_sheaved *s)
{
	if (s->n)
		sort(s->obj, s->n, sizeof(*s->obj), ascending, NULL);
}

void mms_sheaved_free(struct mms_sheaved *s)
{
	kvfree(s->obj);
	memset(s, 0, sizeof(*s));
}

void mms_sheaved_mark(const struct mms_sheaved *s, struct mms_slabfree *f, const struct mms_slabcache *c)
{
	unsigned long end = f->va + f->objects * c->size;
	u32 low = 0, high = s->n, mid, off;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->obj[mid] < f->va)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->n && s->obj[low] < end; low++) {
		off = s->obj[low] - f->va - c->red_left_pad;
		if (off % c->size || off / c->size >= f->objects || mms_slabfree_state(f, off / c->size))
			continue;
		mms_slabfree_mark(f, off / c->size, MMS_OBJ_SHEAF);
		f->sheaf++;
	}
}
