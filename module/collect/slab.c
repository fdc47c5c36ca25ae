// SPDX-License-Identifier: GPL-2.0
/*
 * Slab caches, their slabs, and the state of every object in them.  Caches come
 * from the kernel's list; slabs from a lockless pass over all frames, which finds
 * the full ones, too, that are on no list.
 * Locks: see slabcache.c, slabsheaf.c; mms_memmap_hold() for some thousand frames
 * at a time.  May sleep in between.  Emits MMS_REC_SLAB_CACHE, _NODE, _SLAB,
 * _OBJECT.
 *
 * Where the list of caches cannot be found, caches are those that slabs name.
 */
#include <linux/kallsyms.h>
#include <linux/slab.h>
#include "../compat/page.h"
#include "../memory.h"
#include "../slabobject.h"

#define CHUNK		4096UL	/* frames between two calls of cond_resched(); their struct pages
				 * lie side by side in every memory model */
#define CHUNKS		64	/* in a batch at most */
#define CACHE_ROOM	(sizeof(struct mms_slab_cache) + MMS_SLAB_NAME_MAX + KSYM_SYMBOL_LEN + 8 + \
			 MAX_NUMNODES_TOLD * sizeof(struct mms_slab_node))
#define MAX_NUMNODES_TOLD 64
#define SLAB_ROOM	(sizeof(struct mms_slab_slab) + MMS_SLAB_WORDS * sizeof(u64))
#define OBJECT_ROOM	(sizeof(struct mms_slab_object) + MMS_SLAB_NAME_MAX)

/* struct tally - what the slabs of a cache add up to, where its nodes cannot be asked */
struct tally {
	u64 slabs, objects, partial, partial_free, cpu_partial, cpu_partial_free;
};

/**
 * struct slabs - state of one query
 * @caches: all, sorted; @tally: likewise, where they are counted by their slabs
 * @only: the one that is asked for
 * @next: of @caches, to be told next
 * @pfn: next frame to look at, up to @end
 * @task: objects of a process, @role is told next
 */
struct slabs {
	struct mms_slabcaches caches;
	struct tally *tally;
	const struct mms_slabcache *only;
	u32 next;
	bool ready;
	u64 pfn, end, ram_first, ram_end;
	unsigned long task[MMS_SLAB_ROLES];
	u32 role;
	char ctor[KSYM_SYMBOL_LEN];
	struct mms_slablook look;
};

/* --- one slab --- */

static u64 at_pfn(const struct page *page)
{
	return page_to_pfn(page);
}

/* The sink has room. */
static void put_slab(struct slabs *w, struct mms_sink *s, const struct page *page, unsigned long cache,
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

static void count_slab(struct tally *t, const struct mms_slabfree *f)
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
static int new_cache(struct slabs *w, unsigned long cache)
{
	struct tally *t;
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
static struct tally *tally_of(struct slabs *w, unsigned long cache)
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
static bool look_slab(struct mms_query *q, struct mms_sink *s, struct slabs *w, const struct page *page)
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
static int census_slab(struct slabs *w, const struct page *page)
{
	unsigned long cache = cache_of(page);
	struct tally *t = tally_of(w, cache);
	int ret;

	if (!t) {
		ret = new_cache(w, cache);
		if (ret)
			return ret;
		t = tally_of(w, cache);
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
static u64 scan_pages(struct mms_query *q, struct mms_sink *s, struct slabs *w, u64 pfn, u64 end, int *ret)
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
		if (mms_sink_room(s) < SLAB_ROOM)
			break;
		look_slab(q, s, w, page);
	}
	return min(pfn, end);
}

/* Return: MMS_BATCH_DONE, _MORE: the sink is full or others should run; -errno */
static int scan(struct mms_query *q, struct mms_sink *s, struct slabs *w)
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
		if (s && mms_sink_room(s) < SLAB_ROOM)
			return MMS_BATCH_MORE;
		cond_resched();
	}
	return w->pfn < w->end ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}

/* --- caches --- */

static void put_names(struct slabs *w, struct mms_sink *s, struct mms_slab_cache *rec,
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
static void put_live(struct mms_query *q, struct slabs *w, struct mms_sink *s, struct mms_slab_cache *rec,
		     const struct mms_slabcache *c)
{
	u32 all = MMS_SLAB_K_COUNTS | MMS_SLAB_K_PARTIAL;
	struct mms_slab_node *n;
	int nid, told = 0;

	for (nid = 0; nid < nr_node_ids && told < MAX_NUMNODES_TOLD; nid++) {
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
	mms_slabcpu_tell(c, rec, &w->look.f);
	mms_memmap_release();
}

static void put_counted(struct slabs *w, struct mms_slab_cache *rec, const struct mms_slabcache *c)
{
	const struct tally *t = tally_of(w, c->addr);

	rec->known |= MMS_SLAB_K_COUNTS | MMS_SLAB_K_PARTIAL | MMS_SLAB_K_CENSUS;
	rec->slabs = t->slabs;
	rec->total_objects = t->objects;
	rec->active_objects = t->objects - t->partial_free;
	rec->nr_partial = t->partial;
	rec->partial_free = t->partial_free;
	mms_memmap_hold();
	mms_slabcpu_tell(c, rec, &w->look.f);
	mms_memmap_release();
}

static int put_cache(struct mms_query *q, struct slabs *w, struct mms_sink *s, const struct mms_slabcache *c)
{
	struct mms_slab_cache *rec;
	int ret = 0;

	if (mms_slab_at.list)
		ret = mms_slab_lock();
	if (ret)
		return ret;
	if (!mms_slab_at.list || mms_slab_listed(c->addr)) {
		rec = mms_emit(s, MMS_REC_SLAB_CACHE, sizeof(*rec), MMS_SLAB_NAME_MAX + KSYM_SYMBOL_LEN);
		put_facts(rec, c);
		put_names(w, s, rec, c);
		if (mms_slab_at.list)
			put_live(q, w, s, rec, c);
		else
			put_counted(w, rec, c);
		q->stats.entries++;
	} else {
		q->torn = true;
		q->stats.torn++;
	}
	if (mms_slab_at.list)
		mms_slab_unlock();
	return 0;
}

static int caches_batch(struct mms_query *q, struct slabs *w, struct mms_sink *s)
{
	int ret;

	for (; w->next < w->caches.n; w->next++) {
		if (mms_sink_room(s) < CACHE_ROOM)
			return MMS_BATCH_MORE;
		ret = put_cache(q, w, s, &w->caches.c[w->next]);
		if (ret)
			return ret;
		cond_resched();
	}
	return MMS_BATCH_DONE;
}

/* --- one address --- */

static void put_object(struct mms_query *q, struct slabs *w, struct mms_sink *s, unsigned long addr, u32 role)
{
	struct mms_slab_object *rec = mms_emit(s, MMS_REC_SLAB_OBJECT, sizeof(*rec), MMS_SLAB_NAME_MAX);

	if (WARN_ON_ONCE(!rec))
		return;
	rec->address = role ? addr : q->req.start;
	rec->role = role;
	rec->pid = role ? q->req.start : 0;
	rec->cpu = MMS_SLAB_CPU_NONE;
	mms_memmap_hold();
	rec->what = mms_slab_look(q, &w->look, rec);
	mms_memmap_release();
	mms_emit_trim(s, &rec->head, sizeof(*rec) + rec->name_len);
	q->stats.entries++;
}

static int objects_batch(struct mms_query *q, struct slabs *w, struct mms_sink *s)
{
	if (q->req.flags & MMS_REQ_SLAB_ADDR) {
		put_object(q, w, s, 0, MMS_SLABR_NONE);
		return MMS_BATCH_DONE;
	}
	for (; w->role < MMS_SLAB_ROLES; w->role++) {
		if (!w->task[w->role])
			continue;
		if (mms_sink_room(s) < OBJECT_ROOM)
			return MMS_BATCH_MORE;
		put_object(q, w, s, w->task[w->role], w->role);
	}
	return MMS_BATCH_DONE;
}

/* --- the query --- */

/* What must be known before the first record: caches, and what is in sheaves. */
static int prepare(struct mms_query *q, struct slabs *w)
{
	bool objects = q->req.flags & MMS_REQ_SLAB_OBJECTS;
	u32 i;
	int ret;

	if (mms_slab_at.list) {
		ret = mms_slabcaches_take(&w->caches);
		if (ret)
			return ret;
	} else {
		ret = scan(q, NULL, w);
		if (ret)
			return ret;
		w->pfn = 0;
		w->ram_end = 0;
	}
	if (!(q->req.flags & MMS_REQ_SLAB_CACHES) && w->tally) {
		kvfree(w->tally);
		w->tally = NULL;
		mms_slabcaches_sort(&w->caches);
	}
	if (q->req.start) {
		w->only = mms_slabcaches_find(&w->caches, q->req.start);
		if (!w->only)
			return -ENOENT;
	}
	for (i = 0; objects && mms_slab_at.list && i < w->caches.n; i++) {
		if (w->only && w->only != &w->caches.c[i])
			continue;
		ret = mms_sheaved_add(q, &w->look.sheaved, &w->caches.c[i]);
		if (ret)
			return ret;
		cond_resched();
	}
	mms_sheaved_sort(&w->look.sheaved);
	w->ready = true;
	return 0;
}

static int mms_slab_batch(struct mms_query *q, struct mms_sink *s)
{
	struct slabs *w = q->priv;
	int ret;

	if (q->req.flags & (MMS_REQ_SLAB_ADDR | MMS_REQ_SLAB_TASK))
		return objects_batch(q, w, s);
	if (!w->ready) {
		ret = prepare(q, w);
		if (ret)
			return ret;
	}
	if (q->req.flags & MMS_REQ_SLAB_CACHES)
		return caches_batch(q, w, s);
	return scan(q, s, w);
}

static void mms_slab_init(struct mms_cap *cap)
{
	const char *why = mms_slabcache_init(&cap->state);

	if (why)
		mms_cap_set(cap, cap->state, "%s", why);
	else if (!mms_slab_at.list)
		mms_cap_set(cap, MMS_CAP_PARTIAL, "works; slab_caches and slab_mutex are not in kallsyms: caches without a slab are not found, and what is in lists of nodes is counted by the slabs");
	else if (!mms_slab_at.nodes || !mms_slab_at.counts || (!mms_slab_at.cpus && !mms_slab_at.sheaves))
		mms_cap_set(cap, MMS_CAP_PARTIAL, "works, but not known here:%s%s%s",
			    mms_slab_at.nodes ? "" : " struct kmem_cache_node", mms_slab_at.counts ? "" : " struct slab",
			    mms_slab_at.cpus || mms_slab_at.sheaves ? "" : " what processors have");
}

static void mms_slab_close(struct mms_query *q)
{
	struct slabs *w = q->priv;

	mms_slabcaches_free(&w->caches);
	mms_sheaved_free(&w->look.sheaved);
	kvfree(w->tally);
	kvfree(w);
	q->priv = NULL;
}

static int mms_slab_open(struct mms_query *q)
{
	u32 what = q->req.flags & ~MMS_REQ_SLAB_CACHES;
	struct slabs *w;
	int ret = 0;

	if (!what)
		what = MMS_REQ_SLAB_CACHES;
	q->req.flags = what;
	if (what & (what - 1) || q->req.end != U64_MAX || (q->req.start && what == MMS_REQ_SLAB_CACHES))
		return -EINVAL;
	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->end = mms_pfn_end();
	if (what == MMS_REQ_SLAB_TASK)
		ret = mms_slab_task(w->task, q->req.start);
	if (ret) {
		kvfree(w);
		return ret;
	}
	q->priv = w;
	return 0;
}

static const struct mms_word slab_words[] = {
	{ "caches", MMS_REQ_SLAB_CACHES },
	{ "slabs", MMS_REQ_SLAB_SLABS },
	{ "objects", MMS_REQ_SLAB_OBJECTS },
	{ "address", MMS_REQ_SLAB_ADDR },
	{ "task", MMS_REQ_SLAB_TASK },
	{ }
};

const struct mms_collector mms_collector_slab = {
	.name = "slab",
	.kind = MMS_KIND_SLAB,
	.record_size = sizeof(struct mms_slab_cache),
	.record_max = SLAB_ROOM > CACHE_ROOM ? SLAB_ROOM : CACHE_ROOM,
	.texts = mms_slab_texts,
	.machine = true,
	.req_flags = MMS_REQ_SLAB_CACHES | MMS_REQ_SLAB_SLABS | MMS_REQ_SLAB_OBJECTS | MMS_REQ_SLAB_ADDR |
		     MMS_REQ_SLAB_TASK,
	.req_default = MMS_REQ_SLAB_CACHES,
	.words = slab_words,
	.init = mms_slab_init,
	.open = mms_slab_open,
	.batch = mms_slab_batch,
	.close = mms_slab_close,
};
