// SPDX-License-Identifier: GPL-2.0
/*
 * Which objects of a slab are free: its list of free objects decoded, and what of
 * it processors hold.
 * Locks: none.  All is read through copy_from_kernel_nofault(); a pointer is
 * followed only if it points to an object of the slab, and no object twice; what
 * changed meanwhile is read again.  Never sleeps.  Emits nothing.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "compat/page.h"
#include "slabfree.h"
#ifdef CONFIG_KFENCE
#include <linux/kfence.h>
#endif

#define TRIES		6
#define CPU_PARTIALS	256	/* slabs of one processor's list that are followed */

/* struct slab_head - what struct slab says, at one moment */
struct slab_head {
	unsigned long cache;
	unsigned long freelist;
	u32 counters;
	unsigned long word;
};

/* struct cpu_slab - what a processor has of a cache; @tid changes with all it does */
struct cpu_slab {
	unsigned long freelist, tid, slab, partial;
};

static bool read_head(struct slab_head *h, const struct page *page)
{
	struct page copy;

	if (!mms_peek(&copy, page, sizeof(copy)) || !mms_page_is_slab(&copy))
		return false;
	h->word = mms_page_word(&copy);
	memcpy(&h->cache, (const char *)&copy + mms_slab_at.slab_cache, sizeof(h->cache));
	memcpy(&h->freelist, (const char *)&copy + mms_slab_at.freelist, sizeof(h->freelist));
	memcpy(&h->counters, (const char *)&copy + mms_slab_at.counters, sizeof(h->counters));
	return true;
}

static bool same_head(const struct slab_head *h, const struct page *page)
{
	struct slab_head now;

	return read_head(&now, page) && now.cache == h->cache && now.freelist == h->freelist &&
	       now.counters == h->counters;
}

static bool read_cpu(struct cpu_slab *s, const struct mms_slabcache *c, int cpu)
{
	const char *p = (const char *)per_cpu_ptr((void __percpu *)c->cpu, cpu);
	char copy[MMS_SLAB_CPU_MAX] __aligned(sizeof(long));

	if (!mms_peek(copy, p, mms_slab_at.c_bytes))
		return false;
	memcpy(&s->tid, copy + mms_slab_at.c_tid, sizeof(s->tid));
	memcpy(&s->slab, copy + mms_slab_at.c_slab, sizeof(s->slab));
	memcpy(&s->freelist, copy + mms_slab_at.c_freelist, sizeof(s->freelist));
	s->partial = 0;
	if (mms_slab_at.c_partial != MMS_SLAB_ABSENT)
		memcpy(&s->partial, copy + mms_slab_at.c_partial, sizeof(s->partial));
	return true;
}

/* Which processor has it?  @s: what else it has then. */
static u32 find_cpu(struct cpu_slab *s, const struct mms_slabcache *c, const struct page *page)
{
	int cpu;

	if (!mms_slab_at.cpus || !c->cpu)
		return MMS_SLAB_CPU_NONE;
	for_each_possible_cpu(cpu)
		if (read_cpu(s, c, cpu) && s->slab == (unsigned long)page)
			return cpu;
	return MMS_SLAB_CPU_NONE;
}

static bool same_cpu(const struct cpu_slab *s, const struct mms_slabcache *c, u32 cpu)
{
	struct cpu_slab now;

	return cpu == MMS_SLAB_CPU_NONE ||
	       (read_cpu(&now, c, cpu) && now.tid == s->tid && now.slab == s->slab &&
		now.freelist == s->freelist);
}

/* On which list is it?  6.8 "slub: Keep track of whether slub is on the per-node
 * partial list": PG_workingset says so, and a processor's other slabs are no
 * longer frozen. */
static u32 state_of(const struct mms_slabfree *f, const struct slab_head *h)
{
	bool frozen = MMS_SLAB_FROZEN(h->counters);

	if (f->cpu != MMS_SLAB_CPU_NONE)
		return MMS_SLAB_CPU;
#ifdef HAVE_PRIVATE_KMEM_CACHE
	if (h->word & (1UL << PG_workingset))
		return MMS_SLAB_PARTIAL;
	if (frozen)
		return MMS_SLAB_UNKNOWN;
	if (f->inuse == f->objects)
		return MMS_SLAB_FULL;
	return mms_slab_at.cpus ? MMS_SLAB_CPU_PARTIAL : MMS_SLAB_UNKNOWN;
#else
	if (frozen)
		return MMS_SLAB_CPU_PARTIAL;
	return f->inuse == f->objects ? MMS_SLAB_FULL : MMS_SLAB_PARTIAL;
#endif
}

static bool kfence_page(unsigned long va)
{
#ifdef CONFIG_KFENCE
	return is_kfence_address((void *)va);
#else
	return false;
#endif
}

static void follow_lists(struct mms_slabfree *f, const struct mms_slabcache *c, const struct slab_head *h,
			 const struct cpu_slab *s)
{
	u32 left = f->objects - f->inuse;

	memset(f->map, 0, mms_slabfree_words(f) * sizeof(u64));
	f->corrupt = MMS_SLABC_NONE;
	f->bad_at = 0;
	f->bad_value = 0;
	f->cpu_free = 0;
	f->free = mms_slab_follow(f, c, h->freelist, MMS_OBJ_FREE, left);
	if (!f->corrupt && f->free < left)
		mms_slab_fault(f, MMS_SLABC_SHORT, 0, 0);
	if (!f->corrupt && f->cpu != MMS_SLAB_CPU_NONE)
		f->cpu_free = mms_slab_follow(f, c, s->freelist, MMS_OBJ_FREE_CPU, f->inuse);
}

/* Is what was taken for a fault one, or has its cache gone meanwhile? */
static bool same_cache(const struct mms_slabcache *c)
{
	struct mms_slabcache now;

	return mms_slabcache_read(&now, c->addr) && now.random == c->random && now.size == c->size &&
	       now.offset == c->offset && now.red_left_pad == c->red_left_pad;
}

static void read_lists(struct mms_slabfree *f, const struct mms_slabcache *c, const struct page *page,
		       struct slab_head *h, struct cpu_slab *s)
{
	unsigned long bad_at = 0, bad_value = 0;
	u32 why = MMS_SLABC_NONE, i;

	for (i = 0; i < TRIES; i++) {
		follow_lists(f, c, h, s);
		/* A fault must be there twice: an object may have been taken while it was read. */
		if (same_head(h, page) && same_cpu(s, c, f->cpu) &&
		    (!f->corrupt || (f->corrupt == why && f->bad_at == bad_at && f->bad_value == bad_value &&
				     same_cache(c))))
			return;
		why = f->corrupt;
		bad_at = f->bad_at;
		bad_value = f->bad_value;
		cpu_relax();
		if (!read_head(h, page) || h->cache != c->addr ||
		    MMS_SLAB_OBJECTS(h->counters) != f->objects)
			break;
		f->inuse = MMS_SLAB_INUSE(h->counters);
		f->cpu = MMS_SLAB_FROZEN(h->counters) ? find_cpu(s, c, page) : MMS_SLAB_CPU_NONE;
		if (f->inuse > f->objects)
			break;
	}
	f->flags |= MMS_SLABF_TORN;
	f->corrupt = MMS_SLABC_NONE;
	f->bad_at = 0;
	f->bad_value = 0;
}

bool mms_slabfree_read(struct mms_slabfree *f, const struct mms_slabcache *c, const struct page *page,
		       bool objects)
{
	struct slab_head h;
	struct cpu_slab s;

	if (!mms_slab_at.counts || !read_head(&h, page) || h.cache != c->addr)
		return false;
	f->va = (unsigned long)page_to_virt(page);
	f->order = compound_order((struct page *)page);
	f->objects = MMS_SLAB_OBJECTS(h.counters);
	f->inuse = MMS_SLAB_INUSE(h.counters);
	f->free = 0;
	f->cpu_free = 0;
	f->sheaf = 0;
	f->flags = MMS_SLAB_FROZEN(h.counters) ? MMS_SLABF_FROZEN : 0;
	f->corrupt = MMS_SLABC_NONE;
	f->bad_at = 0;
	f->bad_value = 0;
	f->cpu = MMS_SLAB_CPU_NONE;
	f->state = MMS_SLAB_UNKNOWN;
	if (kfence_page(f->va)) {
		f->flags |= MMS_SLABF_KFENCE;
		return true;
	}
	if (f->order >= 16 || !f->objects || f->inuse > f->objects ||
	    (u64)f->objects * c->size > (u64)PAGE_SIZE << f->order)
		return false;
	/* (what RCU may still read is not kept back: mm/kasan/common.c) */
	if (IS_ENABLED(CONFIG_KASAN_GENERIC) && !(c->flags & SLAB_TYPESAFE_BY_RCU))
		f->flags |= MMS_SLABF_QUARANTINE;
	if (f->flags & MMS_SLABF_FROZEN)
		f->cpu = find_cpu(&s, c, page);
	if (objects) {
		f->flags |= MMS_SLABF_MAP;
		read_lists(f, c, page, &h, &s);
	}
	f->state = state_of(f, &h);
	return true;
}

/* --- what processors have --- */

/* The slabs that a processor keeps to take from: 6.17 and before. */
static void tell_partials(const struct mms_slabcache *c, struct mms_slab_cache *rec, unsigned long p)
{
	unsigned long cache;
	u32 n, w, slabs = 0, free = 0;

	for (n = 0; p && n < CPU_PARTIALS; n++) {
		if (!mms_peek_at(&cache, p, mms_slab_at.slab_cache) || cache != c->addr ||
		    !mms_peek_at(&w, p, mms_slab_at.counters) ||
		    MMS_SLAB_INUSE(w) > MMS_SLAB_OBJECTS(w))
			break;
		slabs++;
		free += MMS_SLAB_OBJECTS(w) - MMS_SLAB_INUSE(w);
		if (!mms_peek_at(&p, p, mms_slab_at.next))
			break;
	}
	if (p)
		rec->known |= MMS_SLAB_K_TORN;
	rec->cpu_partial_slabs += slabs;
	rec->cpu_partial_free += free;
}

/*
 * What is free in the slab that a processor has: on the list of the slab, which
 * counts it, and on the processor's.  Its objects are not told apart: that the
 * list is as long as it can be at most is all that is asked of it.
 */
static bool count_free(const struct mms_slabcache *c, struct cpu_slab *s, u32 cpu, u32 *nfree)
{
	const struct page *page = (const struct page *)s->slab;
	struct slab_head h;
	u32 i, n, objects;

	for (i = 0; i < TRIES; i++) {
		if (!read_head(&h, page) || h.cache != c->addr)
			return false;
		objects = MMS_SLAB_OBJECTS(h.counters);
		n = mms_slab_length(c, (unsigned long)page_to_virt(page), objects, s->freelist,
				    MMS_SLAB_INUSE(h.counters));
		if (n != MMS_SLAB_NO_LENGTH && MMS_SLAB_INUSE(h.counters) <= objects && same_cpu(s, c, cpu)) {
			*nfree = objects - MMS_SLAB_INUSE(h.counters) + n;
			return true;
		}
		if (!read_cpu(s, c, cpu) || s->slab != (unsigned long)page)
			return false;
	}
	return false;
}

void mms_slabcpu_tell(const struct mms_slabcache *c, struct mms_slab_cache *rec)
{
	struct cpu_slab s;
	u32 nfree;
	int cpu;

	if (!mms_slab_at.cpus || !c->cpu)
		return;
	for_each_possible_cpu(cpu) {
		if (!read_cpu(&s, c, cpu)) {
			rec->known |= MMS_SLAB_K_TORN;
			continue;
		}
		if (s.slab) {
			rec->cpu_slabs++;
			if (mms_slab_at.counts && count_free(c, &s, cpu, &nfree))
				rec->cpu_free += nfree;
			else
				rec->known |= MMS_SLAB_K_TORN;
		}
		if (mms_slab_at.next)
			tell_partials(c, rec, s.partial);
	}
	rec->known |= MMS_SLAB_K_CPU;
}
