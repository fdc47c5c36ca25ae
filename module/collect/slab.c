// SPDX-License-Identifier: GPL-2.0
/*
 * Slab caches, their slabs, and the state of every object in them.  Caches come
 * from the kernel's list; slabs from a lockless pass over all frames, which finds
 * the full ones, too, that are on no list.
 * Locks: see slabtell.c, slabscan.c, slabsheaf.c.  May sleep.  Emits
 * MMS_REC_SLAB_CACHE, _NODE, _SLAB, _OBJECT.
 *
 * Where the list of caches cannot be found, caches are those that slabs name.
 */
#include <linux/slab.h>
#include "../compat/page.h"
#include "../memory.h"
#include "../slabs.h"

#define OBJECT_ROOM	(sizeof(struct mms_slab_object) + MMS_SLAB_NAME_MAX)

/* --- one address --- */

static void put_object(struct mms_query *q, struct mms_slabs *w, struct mms_sink *s, unsigned long addr, u32 role)
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

static int objects_batch(struct mms_query *q, struct mms_slabs *w, struct mms_sink *s)
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
static int prepare(struct mms_query *q, struct mms_slabs *w)
{
	bool objects = q->req.flags & MMS_REQ_SLAB_OBJECTS;
	u32 i;
	int ret;

	if (mms_slab_at.list) {
		ret = mms_slabcaches_take(&w->caches);
		if (ret)
			return ret;
		if (!(q->req.flags & MMS_REQ_SLAB_CACHES))
			mms_slabcaches_sort(&w->caches);
	} else {
		ret = mms_slabs_scan(q, NULL, w);
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
	struct mms_slabs *w = q->priv;
	int ret;

	if (q->req.flags & (MMS_REQ_SLAB_ADDR | MMS_REQ_SLAB_TASK))
		return objects_batch(q, w, s);
	if (!w->ready) {
		ret = prepare(q, w);
		if (ret)
			return ret;
	}
	if (q->req.flags & MMS_REQ_SLAB_CACHES)
		return mms_slabs_tell(q, s, w);
	return mms_slabs_scan(q, s, w);
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
	struct mms_slabs *w = q->priv;

	mms_slabcaches_free(&w->caches);
	mms_sheaved_free(&w->look.sheaved);
	kvfree(w->tally);
	kvfree(w);
	q->priv = NULL;
}

static int mms_slab_open(struct mms_query *q)
{
	u32 what = q->req.flags & ~MMS_REQ_SLAB_CACHES;
	struct mms_slabs *w;
	int ret = 0;

	if (!what)
		what = MMS_REQ_SLAB_CACHES;
	q->req.flags = what;
	if (what & (what - 1) || q->req.end != U64_MAX || (q->req.start && what == MMS_REQ_SLAB_CACHES))
		return -EINVAL;
	/* (what is zeroed is paid for, and caches need no map of a slab's objects) */
	w = kvzalloc(what == MMS_REQ_SLAB_CACHES ? offsetof(struct mms_slabs, look.f.map) : sizeof(*w), GFP_KERNEL);
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
	.record_max = MMS_SLAB_SLAB_ROOM > MMS_SLAB_CACHE_ROOM(MMS_SLAB_NODES_TOLD) ?
			      MMS_SLAB_SLAB_ROOM : MMS_SLAB_CACHE_ROOM(MMS_SLAB_NODES_TOLD),
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
