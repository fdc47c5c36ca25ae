// SPDX-License-Identifier: GPL-2.0
/*
 * A pass over all frames for slabs: finds the full ones, too, that are on no list.
 * Locks: mms_memmap_hold() for some thousand frames at a time; no other.  May sleep
 * in between.  Emits MMS_REC_SLAB_SLAB.
 */
#include <linux/slab.h>
#include "compat/page.h"
#include "memory.h"
#include "slabs.h"

#define CHUNK		4096UL	/* frames between two calls of cond_resched(); their struct pages
				 * lie side by side in every memory model */
#define CHUNKS		64	/* in a batch at most */

/* --- one slab --- */

static u64 at_pfn(const struct page *page)
{
	return page_to_pfn(page);
}

/* The sink has room. */
static void put_slab(struct mms_slabs *w, struct mms_sink *s, const struct page *page, unsigned long cache,
		     const struct mms_slabcache *c)
{
	const struct mms_slabfree *f = &w->look.f;
	u32 words = f->flags & MMS_SLABF_MAP ? mms_slabfree_words(f) : 0;
	struct mms_slab_slab *rec = mms_emit(s, MMS_REC_SLAB_SLAB, sizeof(*rec), words * sizeof(u64));

	if (WARN_ON_ONCE(!rec))
		return;
	rec->cache = cache;
	rec->va = f->va;
	rec->pfn = at_pfn(page);
	rec->bad_at = f->bad_at;
	rec->bad_value = f->bad_value;
	rec->size = c ? c->size : 0;
	rec->first = c ? c->red_left_pad : 0;
	rec->order = f->order;
	rec->node = page_to_nid(page);
	rec->objects = f->objects;
	rec->inuse = f->inuse;
	rec->free = f->free;
	rec->cpu_free = f->cpu_free;
	rec->sheaf = f->sheaf;
	rec->state = f->state;
	rec->cpu = f->cpu;
	rec->flags = f->flags;
	rec->corrupt = f->corrupt;
	rec->words = words;
	memcpy(rec + 1, f->map, words * sizeof(u64));
}

static void count_slab(struct mms_slabtally *t, const struct mms_slabfree *f)
{
	u32 free = f->objects - f->inuse;

	t->slabs++;
	t->objects += f->objects;
	if (f->state == MMS_SLAB_PARTIAL) {
		t->partial++;
		t->partial_free += free;
	} else if (f->state == MMS_SLAB_CPU_PARTIAL) {
		t->cpu_partial++;
		t->cpu_partial_free += free;
	}
}

/* A cache that is not in the table.  False: it is to be looked at again. */
static int new_cache(struct mms_slabs *w, unsigned long cache)
{
	struct mms_slabtally *t;
	u32 room = w->caches.room, n = w->caches.n;
	int ret = mms_slabcaches_add(&w->caches, cache);

	if (ret || n == w->caches.n)
		return ret;
	if (room != w->caches.room) {
		t = kvcalloc(w->caches.room, sizeof(*t), GFP_KERNEL);
		if (!t)
			return -ENOMEM;
		if (n)
			memcpy(t, w->tally, n * sizeof(*t));
		kvfree(w->tally);
		w->tally = t;
	}
	return 0;
}

/* In the order in which they were found: not sorted yet. */
struct mms_slabtally *mms_slabs_tally(struct mms_slabs *w, unsigned long cache)
{
	u32 i;

	for (i = w->caches.n; i-- > 0;)
		if (w->caches.c[i].addr == cache)
			return &w->tally[i];
	return NULL;
}

static unsigned long cache_of(const struct page *page)
{
	unsigned long cache;

	return mms_peek_at(&cache, page, mms_slab_at.slab_cache) ? cache : 0;
}

/* Which cache's, and is it one that is wanted? */
static bool look_slab(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w, const struct page *page)
{
	unsigned long cache = cache_of(page);
	const struct mms_slabcache *c;
	bool objects = q->req.flags & MMS_REQ_SLAB_OBJECTS;

	if (w->only && cache != w->only->addr)
		return false;
	c = mms_slabcaches_find(&w->caches, cache);
	if (c) {
		if (!mms_slabfree_read(&w->look.f, c, page, objects))
			return false;
		if (objects && w->look.sheaved.n)
			mms_sheaved_mark(&w->look.sheaved, &w->look.f, c);
		put_slab(w, s, page, cache, c);
		return true;
	}
	/* (a slab that is being made, or of a cache that is) */
	if (!cache || !mms_page_is_slab(page))
		return false;
	memset(&w->look.f, 0, offsetof(struct mms_slabfree, map));
	w->look.f.va = (unsigned long)page_to_virt(page);
	w->look.f.order = min_t(u32, compound_order((struct page *)page), 15);
	w->look.f.cpu = MMS_SLAB_CPU_NONE;
	w->look.f.flags = MMS_SLABF_NO_CACHE;
	put_slab(w, s, page, cache, NULL);
	return true;
}

/* --- all frames --- */

/* A slab for the census; 0, -ENOMEM, -E2BIG. */
static int census_slab(struct mms_slabs *w, const struct page *page)
{
	unsigned long cache = cache_of(page);
	struct mms_slabtally *t = mms_slabs_tally(w, cache);
	int ret;

	if (!t) {
		ret = new_cache(w, cache);
		if (ret)
			return ret;
		t = mms_slabs_tally(w, cache);
	}
	if (t && mms_slabfree_read(&w->look.f, &w->caches.c[t - w->tally], page, false))
		count_slab(t, &w->look.f);
	return 0;
}

static u64 block_of(const struct page *page, u64 pfn)
{
	unsigned long order = 0;

	if (mms_page_is_buddy(page))
		order = READ_ONCE(page->private);
	else if (mms_page_is_slab(page))
		order = compound_order((struct page *)page);
	return order < 16 && !(pfn & ((1UL << order) - 1)) ? 1UL << order : 1;
}

/* Frames [pfn, end) of one chunk.  Returns the first that was not looked at. */
static u64 scan_pages(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w, u64 pfn, u64 end, int *ret)
{
	const struct page *page = mms_online_page(pfn);
	u64 n;

	if (!page)
		return end;
	for (; pfn < end; pfn += n, page += n) {
		n = block_of(page, pfn);
		if (!mms_page_is_slab(page))
			continue;
		q->stats.entries++;
		if (w->tally || !s) {
			*ret = census_slab(w, page);
			if (*ret)
				break;
			continue;
		}
		if (mms_sink_room(s) < MMS_SLAB_SLAB_ROOM)
			break;
		look_slab(q, s, w, page);
	}
	return min(pfn, end);
}

int mms_slabs_scan(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w)
{
	int i, ret = 0;
	u64 end;

	for (i = 0; i < CHUNKS && w->pfn < w->end; i++) {
		if (w->pfn >= w->ram_end && !mms_ram_next(w->pfn, &w->ram_first, &w->ram_end))
			return MMS_BATCH_DONE;
		w->pfn = max(w->pfn, w->ram_first);
		end = min3(w->end, w->ram_end, (w->pfn & ~(u64)(CHUNK - 1)) + CHUNK);
		mms_memmap_hold();
		mms_hold_begin(q);
		w->pfn = scan_pages(q, s, w, w->pfn, end, &ret);
		mms_memmap_release();
		mms_hold_end(q);
		if (ret)
			return ret;
		if (s && mms_sink_room(s) < MMS_SLAB_SLAB_ROOM)
			return MMS_BATCH_MORE;
		cond_resched();
	}
	return w->pfn < w->end ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}
