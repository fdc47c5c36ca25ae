// SPDX-License-Identifier: GPL-2.0
/*
 * The lruvecs of the machine one after the other, and reading one of them.
 * Locks: RCU to find memcgs; the lruvec's lru_lock (before 5.11 the node's) with
 * interrupts off for as long as it takes to copy counters or at most 128
 * folios' fields.  May sleep between.  Emits nothing.
 */
#include <linux/jiffies.h>
#include <linux/nodemask.h>
#include "lruvec.h"
#include "zone.h"

#define MMS_CLOCK_STEPS	16	/* folios between two looks at the clock */

#ifdef CONFIG_MEMCG
/* The next memcg below the root, pre-order; false behind the last one. */
static bool next_memcg(struct mms_lru_walk *w)
{
	struct cgroup_subsys_state *root, *pos = w->css;

	rcu_read_lock();
	root = &mem_cgroup_from_task(&init_task)->css;
	do {
		pos = css_next_descendant_pre(pos, root);
	} while (pos && !css_tryget(pos));
	rcu_read_unlock();
	if (w->css)
		css_put(w->css);
	w->css = pos;
	return pos;
}

static struct mem_cgroup_per_node *memcg_node(const struct mms_lru_walk *w)
{
	return mem_cgroup_from_css(w->css)->nodeinfo[w->nid];
}
#endif

static bool next_owner(struct mms_lru_walk *w)
{
#ifdef CONFIG_MEMCG
	if (!mem_cgroup_disabled())
		return next_memcg(w);
#endif
	return !w->started;
}

/**
 * mms_lru_next() - go on to the next lruvec
 * @w: zeroed before the first call
 *
 * Context: may sleep.
 * Return: false behind the last one
 */
bool mms_lru_next(struct mms_lru_walk *w)
{
	w->step = 0;
	if (w->started)
		w->nid = next_online_node(w->nid);
	do {
		if (!w->started || w->nid >= MAX_NUMNODES) {
			if (!next_owner(w))
				return false;
			w->started = true;
			w->nid = first_online_node;
		}
		if (w->nid < MAX_NUMNODES && mms_lru_lruvec(w))
			return true;
		w->nid = next_online_node(w->nid);
	} while (1);
}

/**
 * mms_lru_done() - give back what a walk holds
 */
void mms_lru_done(struct mms_lru_walk *w)
{
#ifdef CONFIG_MEMCG
	if (w->css)
		css_put(w->css);
#endif
	w->css = NULL;
}

/**
 * mms_lru_lruvec() - the one that the walk stands at; it stays while it does
 *
 * Return: NULL where this memcg has none for the node
 */
struct lruvec *mms_lru_lruvec(const struct mms_lru_walk *w)
{
#ifdef CONFIG_MEMCG
	if (w->css)
		return memcg_node(w) ? &memcg_node(w)->lruvec : NULL;
#endif
	return &NODE_DATA(w->nid)->__lruvec;
}

/**
 * mms_lru_cgroup() - inode number of its cgroup; 0 without memcgs
 */
u64 mms_lru_cgroup(const struct mms_lru_walk *w)
{
#ifdef CONFIG_MEMCG
	if (w->css)
		return cgroup_ino(w->css->cgroup);
#endif
	return 0;
}

/**
 * mms_lru_whose() - cgroup, parent, level, flags and path of the record; w->path
 */
void mms_lru_whose(struct mms_lru_walk *w, struct mms_lru_vec *rec)
{
	rec->node = w->nid;
	w->path[0] = '\0';
#ifdef CONFIG_MEMCG
	if (w->css) {
		struct cgroup_subsys_state *css = w->css;
		int len = cgroup_path(css->cgroup, w->path, sizeof(w->path));

		rec->cgroup = cgroup_ino(css->cgroup);
		rec->level = css->cgroup->level;
		if (css->parent)
			rec->parent = cgroup_ino(css->parent->cgroup);
		else
			rec->flags |= MMS_LRU_F_ROOT;
		if (!(READ_ONCE(css->flags) & CSS_ONLINE))
			rec->flags |= MMS_LRU_F_DYING;
		if (len < 0 || len >= (int)sizeof(w->path)) {
			rec->flags |= MMS_LRU_F_PATH_UNKNOWN;
			w->path[0] = '\0';
		}
		return;
	}
#endif
	rec->flags |= MMS_LRU_F_ALL;
}

/**
 * mms_lru_zone() - what zone number @zid is
 */
enum mms_zone_type mms_lru_zone(const struct mms_lru_walk *w, unsigned int zid)
{
	return mms_zone_type(&NODE_DATA(w->nid)->node_zones[zid]);
}

#ifdef CONFIG_LRU_GEN
/* Sizes are transiently negative while they are moved (struct lru_gen_folio). */
static u64 gen_pages(struct lruvec *lruvec, unsigned int gen, int type, unsigned int zid)
{
	return max(READ_ONCE(lruvec->lrugen.nr_pages[gen][type][zid]), 0L);
}

/* Does a generation count as active (lru_gen_is_active())? */
static bool gen_active(struct lruvec *lruvec, unsigned int gen)
{
	unsigned long max_seq = READ_ONCE(lruvec->lrugen.max_seq);

	return gen == max_seq % MAX_NR_GENS || gen == (max_seq - 1) % MAX_NR_GENS;
}
#endif

static void add_gens(struct lruvec *lruvec, unsigned int zid, u64 *pages)
{
#ifdef CONFIG_LRU_GEN
	unsigned int gen;

	for (gen = 0; gen < MAX_NR_GENS; gen++) {
		bool active = gen_active(lruvec, gen);

		pages[active ? MMS_LRU_ACTIVE_ANON : MMS_LRU_INACTIVE_ANON] +=
			gen_pages(lruvec, gen, LRU_GEN_ANON, zid);
		pages[active ? MMS_LRU_ACTIVE_FILE : MMS_LRU_INACTIVE_FILE] +=
			gen_pages(lruvec, gen, LRU_GEN_FILE, zid);
	}
#endif
}

/* Pages of one zone, by list.  The kernel's enum lru_list is in the same order. */
static void zone_pages(const struct mms_lru_walk *w, unsigned int zid, u64 *pages)
{
	unsigned int lru;

	BUILD_BUG_ON((int)LRU_INACTIVE_ANON != MMS_LRU_INACTIVE_ANON ||
		     (int)LRU_ACTIVE_ANON != MMS_LRU_ACTIVE_ANON ||
		     (int)LRU_INACTIVE_FILE != MMS_LRU_INACTIVE_FILE ||
		     (int)LRU_ACTIVE_FILE != MMS_LRU_ACTIVE_FILE ||
		     (int)LRU_UNEVICTABLE != MMS_LRU_UNEVICTABLE ||
		     (int)NR_LRU_LISTS != __MMS_LRU_MAX);
#ifdef CONFIG_MEMCG
	if (w->css) {
		for (lru = 0; lru < NR_LRU_LISTS; lru++)
			pages[lru] += READ_ONCE(memcg_node(w)->lru_zone_size[zid][lru]);
		/* generations are not in lru_zone_size */
		add_gens(mms_lru_lruvec(w), zid, pages);
		return;
	}
#endif
	for (lru = 0; lru < NR_LRU_LISTS; lru++)
		pages[lru] += zone_page_state(&NODE_DATA(w->nid)->node_zones[zid],
					      NR_ZONE_LRU_BASE + lru);
}

static void gen_facts(struct lruvec *lruvec, struct mms_lru_vec *rec)
{
#ifdef CONFIG_LRU_GEN
	rec->flags |= MMS_LRU_F_LRU_GEN;
	if (lruvec->lrugen.enabled)
		rec->flags |= MMS_LRU_F_GENS;
	/*
	 * 6.14 "mm/mglru: rework type selection" came with "rework refault
	 * detection", which gave the first tier a counter of its own.
	 */
	if (ARRAY_SIZE(lruvec->lrugen.protected[0][0]) == MAX_NR_TIERS)
		rec->flags |= MMS_LRU_F_ALL_TIERS;
	rec->max_seq = lruvec->lrugen.max_seq;
	rec->min_seq[0] = lruvec->lrugen.min_seq[LRU_GEN_ANON];
	rec->min_seq[1] = lruvec->lrugen.min_seq[LRU_GEN_FILE];
#endif
}

/**
 * mms_lru_sizes() - pages, costs and generation numbers, all in one hold
 */
void mms_lru_sizes(struct mms_query *q, const struct mms_lru_walk *w, struct mms_lru_vec *rec)
{
	struct lruvec *lruvec = mms_lru_lruvec(w);
	spinlock_t *lock = mms_lruvec_lock(lruvec, w->nid);
	unsigned long irq;
	unsigned int zid;

	spin_lock_irqsave(lock, irq);
	mms_hold_begin(q);
	for (zid = 0; zid < MAX_NR_ZONES; zid++)
		zone_pages(w, zid, rec->pages[mms_lru_zone(w, zid)]);
	rec->anon_cost = mms_lruvec_cost(lruvec, 0);
	rec->file_cost = mms_lruvec_cost(lruvec, 1);
	gen_facts(lruvec, rec);
	spin_unlock_irqrestore(lock, irq);
	mms_hold_end(q);
}

#ifdef CONFIG_LRU_GEN
static void copy_gen(const struct mms_lru_walk *w, struct lruvec *lruvec, unsigned long seq,
		     struct mms_lru_gen *g)
{
	unsigned int type, zid;

	memset(g, 0, sizeof(*g));
	g->cgroup = mms_lru_cgroup(w);
	g->node = w->nid;
	g->seq = seq;
	g->index = seq % MAX_NR_GENS;
	g->age_ms = jiffies_to_msecs(jiffies - READ_ONCE(lruvec->lrugen.timestamps[g->index]));
	for (type = 0; type < 2; type++)
		for (zid = 0; zid < MAX_NR_ZONES && seq >= lruvec->lrugen.min_seq[type]; zid++)
			g->pages[type][mms_lru_zone(w, zid)] +=
				gen_pages(lruvec, g->index, type, zid);
}
#endif

/**
 * mms_lru_gens() - generations into w->gens, the youngest first
 *
 * Return: how many there are
 */
unsigned int mms_lru_gens(struct mms_query *q, struct mms_lru_walk *w)
{
	unsigned int n = 0;
#ifdef CONFIG_LRU_GEN
	struct lruvec *lruvec = mms_lru_lruvec(w);
	spinlock_t *lock = mms_lruvec_lock(lruvec, w->nid);
	unsigned long irq, seq, oldest;

	spin_lock_irqsave(lock, irq);
	mms_hold_begin(q);
	oldest = min(lruvec->lrugen.min_seq[0], lruvec->lrugen.min_seq[1]);
	for (seq = lruvec->lrugen.max_seq; n < MAX_NR_GENS && seq - oldest < MAX_NR_GENS; seq--)
		copy_gen(w, lruvec, seq, &w->gens[n++]);
	spin_unlock_irqrestore(lock, irq);
	mms_hold_end(q);
#endif
	return n;
}

/**
 * mms_lru_tiers() - what the tiers of the oldest generations counted, into w->tiers
 *
 * Counters that change without the lock: each is read once.
 *
 * Return: how many there are
 */
unsigned int mms_lru_tiers(struct mms_lru_walk *w)
{
	unsigned int n = 0;
#ifdef CONFIG_LRU_GEN
	struct lruvec *lruvec = mms_lru_lruvec(w);
	typeof(lruvec->lrugen) *g = &lruvec->lrugen;
	unsigned int type, tier, hist;

	for (type = 0; type < 2; type++) {
		hist = READ_ONCE(g->min_seq[type]) % NR_HIST_GENS;
		for (tier = 0; tier < MAX_NR_TIERS; tier++, n++) {
			/* before 6.14 the first tier has no "protected" */
			int p = (int)tier - (ARRAY_SIZE(g->protected[0][0]) < MAX_NR_TIERS);

			w->tiers[n] = (struct mms_lru_tier){
				.cgroup = mms_lru_cgroup(w),
				.node = w->nid,
				.type = type,
				.tier = tier,
				.avg_refaulted = READ_ONCE(g->avg_refaulted[type][tier]),
				.avg_total = READ_ONCE(g->avg_total[type][tier]),
				.refaulted = atomic_long_read(&g->refaulted[hist][type][tier]),
				.evicted = atomic_long_read(&g->evicted[hist][type][tier]),
				.protected = p < 0 ? 0 : READ_ONCE(g->protected[hist][type][p]),
			};
		}
	}
#endif
	return n;
}

static void copy_folio(struct mms_lru_raw *r, mms_folio *folio)
{
	r->pfn = page_to_pfn(mms_folio_page(folio));
	r->index = folio->index;
	r->flags = mms_folio_flags(folio);
	r->mapping = READ_ONCE(folio->mapping);
	r->pages = mms_folio_pages(folio);
	r->mapcount = mms_folio_mapcount(folio);
	r->refcount = page_ref_count(mms_folio_page(folio));
	r->zid = page_zonenum(mms_folio_page(folio));
}

/*
 * Up to @n folios from one end, up to the one of frame @stop.  They stay folios
 * of this list while the lock is held: who frees one, or takes its memory out of
 * the machine, takes it off first, under the same lock.
 */
static void sample_end(struct mms_query *q, struct mms_lru_walk *w, struct list_head *list,
		       unsigned int n, bool from_tail, u64 stop)
{
	struct list_head *pos = from_tail ? list->prev : list->next;
	unsigned int i;

	for (i = 0; i < n && pos != list; i++) {
		struct mms_lru_raw *r = &w->raw[w->nraw];

		copy_folio(r, list_entry(pos, mms_folio, lru));
		if (r->pfn == stop)
			return;
		pos = from_tail ? pos->prev : pos->next;
		r->position = i;
		r->from_tail = from_tail;
		r->cut = i % MMS_CLOCK_STEPS == MMS_CLOCK_STEPS - 1 && i + 1 < n &&
			 pos != list && mms_irq_hold_spent(q);
		w->nraw++;
		if (r->cut)
			return;
	}
}

/**
 * mms_lru_sample() - folios from both ends of a list into w->raw
 * @list: one of the lruvec that the walk stands at; not LRU_UNEVICTABLE's,
 *	whose head is poisoned since 5.18 "mm/mlock: skip mlock on a list"
 * @n: from each end, at most MMS_LRU_SAMPLE_MAX
 *
 * A folio is told once, from the head if that reaches it.
 */
void mms_lru_sample(struct mms_query *q, struct mms_lru_walk *w, struct list_head *list,
		    unsigned int n)
{
	spinlock_t *lock = mms_lruvec_lock(mms_lru_lruvec(w), w->nid);
	unsigned long irq;

	w->nraw = 0;
	spin_lock_irqsave(lock, irq);
	mms_hold_begin(q);
	sample_end(q, w, list, n, false, U64_MAX);
	sample_end(q, w, list, n, true, w->nraw ? w->raw[w->nraw - 1].pfn : U64_MAX);
	spin_unlock_irqrestore(lock, irq);
	mms_hold_end(q);
}
