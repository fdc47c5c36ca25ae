// SPDX-License-Identifier: GPL-2.0
/*
 * The lists that reclaim takes pages from: sizes by cgroup, node and zone,
 * generations, and some folios from the ends of each list.
 * Locks: of lruvec.c, one at a time; RCU while owners of folios are found.
 * May sleep between.  Emits MMS_REC_LRU_VEC, _GEN, _TIER, _FOLIO.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include "../mmscope.h"
#include "../compat/ksym.h"
#include "../folio.h"
#include "../lruvec.h"
#include "../nofault.h"

/* What is told of a lruvec, step by step: itself, then each of its lists. */
#define STEP_VEC	0
#define STEP_LISTS	1
#define STEP_GENS	(STEP_LISTS + LRU_UNEVICTABLE)
#define STEP_END	(STEP_GENS + MMS_LRU_GENS * 2 * MAX_NR_ZONES)

#define VEC_ROOM	(sizeof(struct mms_lru_vec) + PATH_MAX + 16 + \
			 MMS_LRU_GENS * sizeof(struct mms_lru_gen) + \
			 2 * MMS_LRU_TIERS * sizeof(struct mms_lru_tier))
#define SAMPLE_ROOM	(2 * MMS_LRU_SAMPLE_MAX * sizeof(struct mms_lru_folio))

/* vm.swappiness; NULL where it is not found */
static const int *vm_swappiness_addr;

static u32 swappiness(const struct mms_lru_walk *w)
{
	int v;

#ifdef CONFIG_MEMCG
	/* cgroup v1: below the root each has its own */
	if (w->css && w->css->parent && !cgroup_subsys_on_dfl(memory_cgrp_subsys))
		return MMS_LRU_UNKNOWN;
#endif
	return vm_swappiness_addr && mms_peek(&v, vm_swappiness_addr, sizeof(v)) && v >= 0 ?
	       v : MMS_LRU_UNKNOWN;
}

static void emit_gens(struct mms_query *q, struct mms_sink *s, struct mms_lru_walk *w)
{
	unsigned int i, n = mms_lru_gens(q, w);
	struct mms_lru_gen *g;
	struct mms_lru_tier *t;

	for (i = 0; i < n; i++) {
		g = mms_emit(s, MMS_REC_LRU_GEN, sizeof(*g), 0);
		if (WARN_ON_ONCE(!g))
			return;
		w->gens[i].head = g->head;
		*g = w->gens[i];
	}
	n = mms_lru_tiers(w);
	for (i = 0; i < n; i++) {
		t = mms_emit(s, MMS_REC_LRU_TIER, sizeof(*t), 0);
		if (WARN_ON_ONCE(!t))
			return;
		w->tiers[i].head = t->head;
		*t = w->tiers[i];
	}
}

static void emit_vec(struct mms_query *q, struct mms_sink *s, struct mms_lru_walk *w)
{
	struct mms_lru_vec *rec = mms_emit(s, MMS_REC_LRU_VEC, sizeof(*rec), PATH_MAX);

	if (WARN_ON_ONCE(!rec))
		return;
	mms_lru_whose(w, rec);
	rec->swappiness = swappiness(w);
	rec->swap_free = max(get_nr_swap_pages(), 0L);
	mms_lru_sizes(q, w, rec);
	if (*w->path) {
		rec->path_len = strlen(w->path) + 1;
		memset((char *)(rec + 1) + ALIGN(rec->path_len, 8) - 8, 0, 8);
		memcpy(rec + 1, w->path, rec->path_len);
	}
	mms_emit_trim(s, &rec->head, sizeof(*rec) + rec->path_len);
	if (q->req.flags & MMS_REQ_LRU_GENS)
		emit_gens(q, s, w);
}

/* The list of this step; NULL where nothing can be on it. */
static struct list_head *step_list(const struct mms_lru_walk *w, struct lruvec *lruvec, u64 *gen,
				   u32 *list)
{
	unsigned int i = w->step - STEP_LISTS;

	*gen = MMS_LRU_NO_GEN;
	*list = i;
	if (w->step < STEP_GENS)
		return &lruvec->lists[i];
#ifdef CONFIG_LRU_GEN
	{
		unsigned int zid, type, back;
		unsigned long max_seq = READ_ONCE(lruvec->lrugen.max_seq);

		i = w->step - STEP_GENS;
		zid = i % MAX_NR_ZONES;
		type = i / MAX_NR_ZONES % 2;
		back = i / MAX_NR_ZONES / 2;	/* the youngest first */
		*gen = max_seq - back;
		*list = (type ? MMS_LRU_INACTIVE_FILE : MMS_LRU_INACTIVE_ANON) + (back < 2);
		if (max_seq - back < READ_ONCE(lruvec->lrugen.min_seq[type]) || max_seq < back)
			return NULL;
		return &lruvec->lrugen.folios[*gen % MAX_NR_GENS][type][zid];
	}
#endif
	return NULL;
}

/*
 * Page flags name a generation by its place: its number follows from that of
 * the youngest.  Folios are moved to the list of their generation lazily, so
 * that flags may name a younger one than the list's.
 */
static void flag_gen(struct mms_lru_folio *rec, unsigned long flags, struct lruvec *lruvec)
{
	rec->flag_gen = MMS_LRU_NO_GEN;
#ifdef CONFIG_LRU_GEN
	if (flags & LRU_GEN_MASK) {
		unsigned long max_seq = READ_ONCE(lruvec->lrugen.max_seq);
		unsigned int i = ((flags & LRU_GEN_MASK) >> LRU_GEN_PGOFF) - 1;

		rec->flag_gen = max_seq - (max_seq - i) % MAX_NR_GENS;
	}
	rec->refs = (flags & LRU_REFS_MASK) >> LRU_REFS_PGOFF;
#endif
}

static void emit_folio(struct mms_sink *s, const struct mms_lru_walk *w,
		       const struct mms_lru_raw *r, u64 gen, u32 list)
{
	struct mms_lru_folio *rec = mms_emit(s, MMS_REC_LRU_FOLIO, sizeof(*rec), 0);
	struct mms_inode_facts inode;

	if (WARN_ON_ONCE(!rec))
		return;
	rec->cgroup = mms_lru_cgroup(w);
	rec->node = w->nid;
	rec->list = list;
	rec->gen = gen;
	rec->from_tail = r->from_tail;
	rec->position = r->position;
	rec->pfn = r->pfn;
	rec->pages = r->pages;
	rec->zone = mms_lru_zone(w, r->zid);
	rec->flags = mms_folio_flags_neutral(r->flags) | (r->cut ? MMS_FOLIO_F_CUT : 0);
	rec->owner = mms_mapping_owner(r->mapping, r->flags, &inode);
	rec->ino = inode.ino;
	rec->dev_major = MAJOR(inode.dev);
	rec->dev_minor = MINOR(inode.dev);
	rec->index = r->index;
	rec->mapcount = r->mapcount;
	rec->refcount = r->refcount;
	flag_gen(rec, r->flags, mms_lru_lruvec(w));
}

static void emit_sample(struct mms_query *q, struct mms_sink *s, struct mms_lru_walk *w,
			unsigned int n)
{
	struct list_head *list;
	unsigned int i;
	u32 lru;
	u64 gen;

	list = step_list(w, mms_lru_lruvec(w), &gen, &lru);
	if (!list)
		return;
	/* A mapping seen under the lock has an inode for this RCU section. */
	rcu_read_lock();
	mms_lru_sample(q, w, list, n);
	for (i = 0; i < w->nraw; i++)
		emit_folio(s, w, &w->raw[i], gen, lru);
	rcu_read_unlock();
}

static int mms_lru_batch(struct mms_query *q, struct mms_sink *s)
{
	unsigned int n = (q->req.flags & MMS_REQ_LRU_SAMPLE) >> MMS_REQ_LRU_SAMPLE_SHIFT;
	struct mms_lru_walk *w = q->priv;
	u64 cgroup;

	for (;;) {
		cond_resched();
		if (mms_sink_room(s) < max(VEC_ROOM, SAMPLE_ROOM) || signal_pending(current))
			return MMS_BATCH_MORE;
		if (!w->started || w->step == STEP_END) {
			if (!mms_lru_next(w))
				return MMS_BATCH_DONE;
		}
		cgroup = mms_lru_cgroup(w);
		if (cgroup < q->req.start || cgroup >= q->req.end) {
			w->step = STEP_END;
			continue;
		}
		if (w->step == STEP_VEC)
			emit_vec(q, s, w);
		else
			emit_sample(q, s, w, n);
		w->step = n ? w->step + 1 : STEP_END;
	}
}

static void mms_lru_init(struct mms_cap *cap)
{
	unsigned long addr;

	if (!mms_ksym("vm_swappiness", &addr))
		vm_swappiness_addr = (const int *)addr;
	cap->state = MMS_CAP_OK;
}

static int mms_lru_open(struct mms_query *q)
{
	if ((q->req.flags & MMS_REQ_LRU_SAMPLE) >> MMS_REQ_LRU_SAMPLE_SHIFT > MMS_LRU_SAMPLE_MAX)
		return -EINVAL;
	q->priv = kvzalloc(sizeof(struct mms_lru_walk), GFP_KERNEL);
	return q->priv ? 0 : -ENOMEM;
}

static void mms_lru_close(struct mms_query *q)
{
	mms_lru_done(q->priv);
	kvfree(q->priv);
}

static const char *const list_names[] = {
	"inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", NULL
};
static const char *const owner_names[] = {
	"none", "anon", "ksm", "file", "shmem", "bdev", "driver", "swap", "unread", NULL
};

static const struct mms_field vec_fields[] = {
	MMS_FIELD(mms_lru_vec, cgroup, DEC),
	MMS_FIELD(mms_lru_vec, node, DEC),
	MMS_FIELD(mms_lru_vec, flags, FLAGS, .letters = "rdagpGt"),
	MMS_FIELD(mms_lru_vec, level, DEC),
	MMS_FIELD(mms_lru_vec, swappiness, DEC),
	MMS_FIELD(mms_lru_vec, max_seq, DEC),
	{ .name = "path", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_lru_vec) },
	{ }
};

static const struct mms_field gen_fields[] = {
	MMS_FIELD(mms_lru_gen, cgroup, DEC),
	MMS_FIELD(mms_lru_gen, node, DEC),
	MMS_FIELD(mms_lru_gen, seq, DEC),
	MMS_FIELD(mms_lru_gen, age_ms, DEC),
	{ }
};

static const struct mms_field tier_fields[] = {
	MMS_FIELD(mms_lru_tier, type, DEC),
	MMS_FIELD(mms_lru_tier, tier, DEC),
	MMS_FIELD(mms_lru_tier, avg_refaulted, DEC),
	MMS_FIELD(mms_lru_tier, avg_total, DEC),
	MMS_FIELD(mms_lru_tier, refaulted, DEC),
	MMS_FIELD(mms_lru_tier, evicted, DEC),
	MMS_FIELD(mms_lru_tier, protected, DEC),
	{ }
};

static const struct mms_field folio_fields[] = {
	MMS_FIELD(mms_lru_folio, list, NAME, .names = list_names),
	MMS_FIELD(mms_lru_folio, gen, DEC),
	MMS_FIELD(mms_lru_folio, flag_gen, DEC),
	MMS_FIELD(mms_lru_folio, from_tail, DEC),
	MMS_FIELD(mms_lru_folio, position, DEC),
	MMS_FIELD(mms_lru_folio, pfn, HEX),
	MMS_FIELD(mms_lru_folio, pages, DEC),
	MMS_FIELD(mms_lru_folio, flags, FLAGS, .letters = "radwWbsumlRUL"),
	MMS_FIELD(mms_lru_folio, owner, NAME, .names = owner_names),
	MMS_FIELD(mms_lru_folio, dev_major, DEC),
	MMS_FIELD(mms_lru_folio, dev_minor, DEC),
	MMS_FIELD(mms_lru_folio, ino, DEC),
	MMS_FIELD(mms_lru_folio, index, HEX),
	MMS_FIELD(mms_lru_folio, mapcount, DEC),
	MMS_FIELD(mms_lru_folio, refcount, DEC),
	{ }
};

static const struct mms_text lru_texts[] = {
	{ MMS_REC_LRU_VEC, "lruvec", sizeof(struct mms_lru_vec), vec_fields },
	{ MMS_REC_LRU_GEN, "gen", sizeof(struct mms_lru_gen), gen_fields },
	{ MMS_REC_LRU_TIER, "tier", sizeof(struct mms_lru_tier), tier_fields },
	{ MMS_REC_LRU_FOLIO, "folio", sizeof(struct mms_lru_folio), folio_fields },
	{ }
};

static const struct mms_word lru_words[] = {
	{ "gens", MMS_REQ_LRU_GENS },
	{ "sample", 16 << MMS_REQ_LRU_SAMPLE_SHIFT },
	{ }
};

const struct mms_collector mms_collector_lru = {
	.name = "lru",
	.kind = MMS_KIND_LRU,
	.record_size = sizeof(struct mms_lru_vec),
	.record_max = VEC_ROOM > SAMPLE_ROOM ? VEC_ROOM : SAMPLE_ROOM,
	.texts = lru_texts,
	.machine = true,
	.req_flags = MMS_REQ_LRU_GENS | MMS_REQ_LRU_SAMPLE,
	.req_default = 0,
	.words = lru_words,
	.init = mms_lru_init,
	.open = mms_lru_open,
	.batch = mms_lru_batch,
	.close = mms_lru_close,
};
