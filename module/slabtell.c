// SPDX-License-Identifier: GPL-2.0
/*
 * Slab caches, told.
 * Locks: slab_mutex for as many as the sink has room for, CACHES at most; below it
 * see slabnode.c, slabsheaf.c; mms_memmap_hold() while slabs of processors are
 * looked at.  May sleep.  Emits MMS_REC_SLAB_CACHE, _NODE.
 */
#include <linux/slab.h>
#include "memory.h"
#include "slabs.h"

#define CACHES		32	/* told with slab_mutex held, then it is given back */

static void put_names(struct mms_slabs *w, struct mms_sink *s, struct mms_slab_cache *rec,
		      const struct mms_slabcache *c)
{
	size_t fixed = sizeof(*rec);
	char *tail = (char *)(rec + 1);

	w->ctor[0] = '\0';
	if (c->ctor)
		snprintf(w->ctor, sizeof(w->ctor), "%ps", (void *)c->ctor);
	if (mms_peek_string(w->look.name, (const char *)c->name, sizeof(w->look.name)))
		rec->name_len = strlen(w->look.name) + 1;
	rec->ctor_len = w->ctor[0] ? strlen(w->ctor) + 1 : 0;
	memset(tail, 0, ALIGN(rec->name_len + rec->ctor_len, 8));
	memcpy(tail, w->look.name, rec->name_len);
	memcpy(tail + rec->name_len, w->ctor, rec->ctor_len);
	mms_emit_trim(s, &rec->head, fixed + rec->name_len + rec->ctor_len);
}

static void put_facts(struct mms_slab_cache *rec, const struct mms_slabcache *c)
{
	rec->address = c->addr;
	rec->ctor = c->ctor;
	rec->size = c->size;
	rec->object_size = c->object_size;
	rec->align = c->align;
	rec->inuse = c->inuse;
	rec->offset = c->offset;
	rec->red_left_pad = c->red_left_pad;
	rec->order = c->oo >> 16;
	rec->objects = c->oo & 0xffff;
	rec->min_order = c->min >> 16;
	rec->min_objects = c->min & 0xffff;
	rec->usercopy_offset = c->useroffset;
	rec->usercopy_size = c->usersize;
	rec->refcount = c->refcount;
	rec->flags = mms_slab_flags(c->flags);
	rec->raw_flags = c->flags;
	rec->cpu_partial_limit = c->cpu_partial;
	rec->sheaf_capacity = c->sheaf_capacity;
	rec->known = c->known;
}

static void add_node(struct mms_slab_cache *rec, const struct mms_slab_node *n, u32 *all)
{
	rec->slabs += n->slabs;
	rec->total_objects += n->total_objects;
	rec->nr_partial += n->nr_partial;
	rec->partial_free += n->partial_free;
	rec->barn_objects += n->barn_objects;
	rec->barn_full += n->barn_full;
	rec->barn_empty += n->barn_empty;
	rec->known |= n->known & MMS_SLAB_K_TORN;
	*all &= n->known | MMS_SLAB_K_SHEAVES;
}

/* With slab_mutex held: what its nodes and processors have. */
static void put_live(struct mms_query *q, struct mms_sink *s, struct mms_slab_cache *rec,
		     const struct mms_slabcache *c)
{
	u32 all = MMS_SLAB_K_COUNTS | MMS_SLAB_K_PARTIAL;
	struct mms_slab_node *n;
	int nid, told = 0;

	for (nid = 0; nid < nr_node_ids && told < MMS_SLAB_NODES_TOLD; nid++) {
		n = mms_emit(s, MMS_REC_SLAB_NODE, sizeof(*n), 0);
		if (WARN_ON_ONCE(!n))
			return;
		if (!mms_slabnode_tell(q, c, nid, n)) {
			mms_emit_drop(s, &n->head);
			continue;
		}
		mms_sheaf_barn_count(q, c, nid, n);
		add_node(rec, n, &all);
		told++;
	}
	if (told)
		rec->known |= all & (MMS_SLAB_K_COUNTS | MMS_SLAB_K_PARTIAL);
	rec->active_objects = rec->total_objects - min(rec->total_objects, rec->partial_free);
	if (mms_slab_at.sheaves) {
		rec->sheaf_objects = mms_sheaf_cpu_count(c);
		rec->known |= MMS_SLAB_K_SHEAVES;
	}
	mms_memmap_hold();
	mms_slabcpu_tell(c, rec);
	mms_memmap_release();
}

static void put_counted(struct mms_slabs *w, struct mms_slab_cache *rec, const struct mms_slabcache *c)
{
	const struct mms_slabtally *t = mms_slabs_tally(w, c->addr);

	rec->known |= MMS_SLAB_K_COUNTS | MMS_SLAB_K_PARTIAL | MMS_SLAB_K_CENSUS;
	rec->slabs = t->slabs;
	rec->total_objects = t->objects;
	rec->active_objects = t->objects - t->partial_free;
	rec->nr_partial = t->partial;
	rec->partial_free = t->partial_free;
	mms_memmap_hold();
	mms_slabcpu_tell(c, rec);
	mms_memmap_release();
}

/* With slab_mutex held, where caches are listed. */
static void put_cache(struct mms_query *q, struct mms_slabs *w, struct mms_sink *s, const struct mms_slabcache *c)
{
	struct mms_slab_cache *rec = mms_emit(s, MMS_REC_SLAB_CACHE, sizeof(*rec), MMS_SLAB_NAMES_ROOM);

	if (WARN_ON_ONCE(!rec))
		return;
	put_facts(rec, c);
	put_names(w, s, rec, c);
	if (mms_slab_at.list)
		put_live(q, s, rec, c);
	else
		put_counted(w, rec, c);
	q->stats.entries++;
}

/* At most CACHES of them; those that are listed no longer have gone. */
static int tell_some(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w)
{
	size_t room = MMS_SLAB_CACHE_ROOM(min_t(size_t, nr_node_ids, MMS_SLAB_NODES_TOLD));
	const struct list_head *from = NULL;
	const struct mms_slabcache *c;
	u32 n;

	for (n = 0; n < CACHES && w->next < w->caches.n; n++, w->next++) {
		if (mms_sink_room(s) < room)
			return MMS_BATCH_MORE;
		c = &w->caches.c[w->next];
		if (!mms_slab_at.list || mms_slab_listed(c->addr, &from)) {
			put_cache(q, w, s, c);
		} else {
			q->torn = true;
			q->stats.torn++;
		}
		cond_resched();
	}
	return w->next < w->caches.n ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}

int mms_slabs_tell(struct mms_query *q, struct mms_sink *s, struct mms_slabs *w)
{
	int ret = mms_slab_at.list ? mms_slab_lock() : 0;

	if (ret)
		return ret;
	ret = tell_some(q, s, w);
	if (mms_slab_at.list)
		mms_slab_unlock();
	return ret;
}
