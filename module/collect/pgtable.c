// SPDX-License-Identifier: GPL-2.0
/*
 * A process's page tables: raw entries, what they translate to, holes.
 * Locks: called with mmap_lock held for reading; gives it back after each PTE
 * table at the latest when the hold budget is spent.  Never sleeps inside.
 * Emits MMS_REC_PT_CONTEXT, _TABLE, _EXTENT, _HOLE.
 *
 * Entries are read once; the table record and the extents of one PTE table
 * come from the same reading, so a checker never compares two moments.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "../mmscope.h"

#define MMS_UPPER_CHECK	64	/* entries above the PTE level between two looks at the clock */

/*
 * struct pgtable - state of one query
 * @upper: entries above the PTE level seen
 * @pend: record being grown, .head.type says which; 0 = none
 * @next_raw: value of the neighbour that would continue @pend's extent as a
 *	plain run; 0 = none would
 */
struct pgtable {
	struct mms_walk walk;
	struct mms_query *q;
	struct mms_sink *sink;
	bool context_sent;
	unsigned int upper;
	union {
		struct mms_record head;
		struct mms_pt_extent extent;
		struct mms_pt_hole hole;
	} pend;
	u64 next_raw;
	struct mms_pt_context ctx;
};

/* Room that one PTE table may need: its raw entries, and an extent each. */
#define MMS_PTES_ROOM	(sizeof(struct mms_pt_table) + 512 * 8 + \
			 513 * sizeof(struct mms_pt_extent))
#define MMS_TABLE_ROOM	(sizeof(struct mms_pt_table) + 512 * 8 + \
			 2 * sizeof(struct mms_pt_extent))

static void flush(struct pgtable *p)
{
	size_t size = p->pend.head.type == MMS_REC_PT_EXTENT ?
		      sizeof(struct mms_pt_extent) : sizeof(struct mms_pt_hole);
	struct mms_record *rec;

	if (!p->pend.head.type)
		return;
	rec = mms_emit(p->sink, p->pend.head.type, size, 0);
	if (!WARN_ON_ONCE(!rec))
		memcpy(rec + 1, &p->pend.head + 1, size - sizeof(*rec));
	p->pend.head.type = 0;
}

static void add_hole(struct pgtable *p, int level, u64 va, u64 len)
{
	struct mms_pt_hole *h = &p->pend.hole;

	if (p->pend.head.type == MMS_REC_PT_HOLE && h->level == level &&
	    h->va + h->len == va) {
		h->len += len;
		return;
	}
	flush(p);
	if (!(p->q->req.flags & MMS_REQ_HOLES))
		return;
	memset(h, 0, sizeof(*h));
	h->head.type = MMS_REC_PT_HOLE;
	h->va = va;
	h->len = len;
	h->level = level;
	h->in_vma = !p->walk.nofault;
}

/* Does a non-plain entry continue the pending extent? */
static bool continues(const struct mms_pt_extent *a, const struct mms_pt_extent *b)
{
	u64 grow = a->state == MMS_PT_SWAP || a->state == MMS_PT_OTHER ?
		   a->len >> a->page_shift : a->len;

	if (a->state == MMS_PT_MARKER)
		grow = 0;
	return a->va + a->len == b->va && a->state == b->state && a->level == b->level &&
	       a->flags == b->flags && a->swap_type == b->swap_type &&
	       a->cache == b->cache && a->pkey == b->pkey && a->pa + grow == b->pa &&
	       a->state != MMS_PT_BAD;
}

/* One leaf or non-present entry; @len bytes of it are wanted. */
static void add_leaf(struct pgtable *p, int level, u64 va, u64 len, u64 raw)
{
	struct mms_pt_extent x = { .va = va, .len = len };
	struct mms_pt_extent *e = &p->pend.extent;

	mms_arch_decode(&x, level, raw, p->walk.rights);
	/* A range that begins inside a huge page. */
	if (x.state == MMS_PT_PRESENT || x.state == MMS_PT_MIGRATION)
		x.pa += va & (MMS_LEVEL_SIZE(level) - 1);
	p->next_raw = mms_arch_plain(raw) && len == MMS_LEVEL_SIZE(level) ?
		      raw + len : 0;
	if (p->pend.head.type == MMS_REC_PT_EXTENT && continues(e, &x)) {
		e->len += len;
		return;
	}
	flush(p);
	*e = x;
	e->head.type = MMS_REC_PT_EXTENT;
}

/* How many entries from @e on hold raw, raw + PAGE_SIZE, ...?  The hot loop. */
static unsigned int run_of(const u64 *e, unsigned int n, u64 raw)
{
	unsigned int i = 0;

	while (i + 4 <= n && READ_ONCE(e[i]) == raw &&
	       READ_ONCE(e[i + 1]) == raw + PAGE_SIZE &&
	       READ_ONCE(e[i + 2]) == raw + 2 * PAGE_SIZE &&
	       READ_ONCE(e[i + 3]) == raw + 3 * PAGE_SIZE) {
		i += 4;
		raw += 4 * PAGE_SIZE;
	}
	while (i < n && READ_ONCE(e[i]) == raw) {
		i++;
		raw += PAGE_SIZE;
	}
	return i;
}

static unsigned int run_of_none(const u64 *e, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && !READ_ONCE(e[i]))
		i++;
	return i;
}

static void add_ptes(struct pgtable *p, u64 va, unsigned int n, const u64 *e)
{
	bool extents = p->q->req.flags & MMS_REQ_EXTENTS;
	unsigned int i = 0, run;
	u64 raw;

	while (i < n) {
		raw = READ_ONCE(e[i]);
		if (mms_arch_entry_kind(1, raw) == MMS_ENTRY_NONE) {
			run = 1 + run_of_none(e + i + 1, n - i - 1);
			add_hole(p, 1, va, (u64)run << PAGE_SHIFT);
		} else if (!extents) {
			run = 1;
		} else if (p->pend.head.type == MMS_REC_PT_EXTENT && p->next_raw == raw &&
			   p->pend.extent.level == 1 &&
			   p->pend.extent.va + p->pend.extent.len == va) {
			/* The next table goes on where the last one ended, or
			 * a plain run after its first, decoded entry. */
			run = 1 + run_of(e + i + 1, n - i - 1, raw + PAGE_SIZE);
			p->pend.extent.len += (u64)run << PAGE_SHIFT;
			p->next_raw = raw + ((u64)run << PAGE_SHIFT);
		} else {
			run = 1;
			add_leaf(p, 1, va, PAGE_SIZE, raw);
		}
		i += run;
		va += (u64)run << PAGE_SHIFT;
	}
}

/* Raw entries as a table record, without the zeros at both ends. */
static void put_table(struct pgtable *p, int level, u64 table_pa, u64 va,
		      unsigned int first, unsigned int n, const u64 *e)
{
	unsigned int lo = 0, hi = n;
	struct mms_pt_table *t;

	while (hi && !e[hi - 1])
		hi--;
	while (lo < hi && !e[lo])
		lo++;
	flush(p);
	t = mms_emit(p->sink, MMS_REC_PT_TABLE, sizeof(*t), (hi - lo) * 8);
	if (WARN_ON_ONCE(!t))
		return;
	t->table_pa = table_pa;
	t->va = va & ~(MMS_LEVEL_SIZE(level) * 512 - 1);
	t->level = level;
	t->first = first;
	t->last = first + n - 1;
	t->index = first + lo;
	t->count = hi - lo;
	memcpy(t + 1, e + lo, (hi - lo) * 8);
}

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct pgtable *p = w->priv;

	if (mms_sink_room(p->sink) < MMS_TABLE_ROOM + MMS_PTES_ROOM) {
		w->stopped_at = va;
		return 1;
	}
	if (p->q->req.flags & MMS_REQ_TABLES)
		put_table(p, level, table_pa, va, first, n, e);
	return 0;
}

static int on_entry(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	struct pgtable *p = w->priv;

	if (mms_sink_room(p->sink) < MMS_PTES_ROOM ||
	    (++p->upper % MMS_UPPER_CHECK == 0 && mms_hold_spent(p->q))) {
		w->stopped_at = va;
		return 1;
	}
	if (mms_arch_entry_kind(level, raw) == MMS_ENTRY_NONE)
		add_hole(p, level, va, len);
	else if (p->q->req.flags & MMS_REQ_EXTENTS)
		add_leaf(p, level, va, len, raw);
	return 0;
}

static int on_ptes(struct mms_walk *w, u64 table_pa, u64 va,
		   unsigned int first, unsigned int n, const u64 *e)
{
	struct pgtable *p = w->priv;
	u64 *copy = w->snap[0];
	unsigned int i;

	if (mms_sink_room(p->sink) < MMS_PTES_ROOM) {
		w->stopped_at = va;
		return 1;
	}
	if (p->q->req.flags & MMS_REQ_TABLES) {
		if (e != copy)
			for (i = 0; i < n; i++)
				copy[i] = READ_ONCE(e[i]);
		put_table(p, 1, table_pa, va, first, n, copy);
		e = copy;
	}
	if (p->q->req.flags & (MMS_REQ_EXTENTS | MMS_REQ_HOLES))
		add_ptes(p, va, n, e);
	w->stopped_at = va + ((u64)n << PAGE_SHIFT);
	return mms_hold_spent(p->q);
}

static const struct mms_walk_ops pgtable_ops = {
	.table = on_table,
	.entry = on_entry,
	.ptes = on_ptes,
};

static void mms_pgtable_init(struct mms_cap *cap)
{
	mms_arch_selfcheck(cap);
}

static int mms_pgtable_open(struct mms_query *q)
{
	struct pgtable *p;

	if (!q->req.flags)
		q->req.flags = MMS_REQ_EXTENTS;
	q->req.start &= PAGE_MASK;
	q->req.end = PAGE_ALIGN(q->req.end);
	q->cursor = q->req.start;
	p = kvzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->q = q;
	p->walk.ops = &pgtable_ops;
	p->walk.priv = p;
	mms_arch_context(&p->ctx, q->mm);
	q->priv = p;
	return 0;
}

static void mms_pgtable_close(struct mms_query *q)
{
	kvfree(q->priv);
}

/* One address outside every VMA: where does its walk end? */
static int walk_gap(struct pgtable *p, struct mms_query *q)
{
	p->walk.nofault = true;
	mms_walk_range(&p->walk, p->ctx.root_pa, p->ctx.levels, q->cursor, q->req.end);
	flush(p);
	p->walk.nofault = false;
	return 0;
}

static int walk_vmas(struct pgtable *p, struct mms_query *q)
{
	struct vm_area_struct *vma = find_vma(q->mm, q->cursor);
	u64 start, end;

	if ((!vma || vma->vm_start >= q->req.end) &&
	    (q->req.flags & MMS_REQ_HOLES) && q->req.end - q->cursor == PAGE_SIZE)
		return walk_gap(p, q);
	/* The cursor decides: a VMA may have grown over it since the last batch. */
	while (q->cursor < q->req.end && vma && vma->vm_start < q->req.end) {
		start = max_t(u64, q->cursor, vma->vm_start);
		end = min_t(u64, q->req.end, vma->vm_end);
		if (mms_walk_range(&p->walk, p->ctx.root_pa, p->ctx.levels, start, end)) {
			q->cursor = p->walk.stopped_at;
			return q->cursor < q->req.end;
		}
		/* An extent never spans two VMAs. */
		flush(p);
		q->cursor = end;
		if (mms_hold_spent(q))
			return q->cursor < q->req.end;
		vma = find_vma(q->mm, end);
	}
	return 0;
}

static int mms_pgtable_batch(struct mms_query *q, struct mms_sink *s)
{
	struct pgtable *p = q->priv;
	struct mms_pt_context *c;
	int ret;

	p->sink = s;
	if (!p->context_sent) {
		c = mms_emit(s, MMS_REC_PT_CONTEXT, sizeof(*c), 0);
		if (WARN_ON_ONCE(!c))
			return -ENOSPC;
		p->ctx.head = c->head;
		*c = p->ctx;
		p->context_sent = true;
	}
	ret = walk_vmas(p, q);
	flush(p);
	q->stats.entries += p->walk.entries;
	p->walk.entries = 0;
	return ret;
}

static const char *const state_names[] = {
	[MMS_PT_NONE] = "none", [MMS_PT_PRESENT] = "present", [MMS_PT_SWAP] = "swap",
	[MMS_PT_MIGRATION] = "migration", [MMS_PT_DEVICE] = "device",
	[MMS_PT_HWPOISON] = "hwpoison", [MMS_PT_MARKER] = "marker",
	[MMS_PT_BAD] = "bad", [MMS_PT_OTHER] = "other", NULL
};

static const struct mms_field context_fields[] = {
	MMS_FIELD(mms_pt_context, root_pa, HEX),
	MMS_FIELD(mms_pt_context, kernel_root_pa, HEX),
	MMS_FIELD(mms_pt_context, cr0, HEX),
	MMS_FIELD(mms_pt_context, cr4, HEX),
	MMS_FIELD(mms_pt_context, efer, HEX),
	MMS_FIELD(mms_pt_context, pat, HEX),
	MMS_FIELD(mms_pt_context, levels, DEC),
	MMS_FIELD(mms_pt_context, maxphyaddr, DEC),
	MMS_FIELD(mms_pt_context, flags, HEX),
	{ }
};

static const struct mms_field table_fields[] = {
	MMS_FIELD(mms_pt_table, level, DEC),
	MMS_FIELD(mms_pt_table, table_pa, HEX),
	MMS_FIELD(mms_pt_table, va, HEX),
	MMS_FIELD(mms_pt_table, first, DEC),
	MMS_FIELD(mms_pt_table, last, DEC),
	MMS_FIELD(mms_pt_table, index, DEC),
	{ .name = "raw", .format = MMS_FMT_U64S, .offset = sizeof(struct mms_pt_table) },
	{ }
};

static const struct mms_field extent_fields[] = {
	MMS_FIELD(mms_pt_extent, va, HEX),
	MMS_FIELD(mms_pt_extent, len, HEX),
	MMS_FIELD(mms_pt_extent, state, NAME, .names = state_names),
	MMS_FIELD(mms_pt_extent, pa, HEX),
	MMS_FIELD(mms_pt_extent, level, DEC),
	MMS_FIELD(mms_pt_extent, flags, FLAGS, .letters = "wxuADsUSGNZVW"),
	MMS_FIELD(mms_pt_extent, raw, HEX),
	MMS_FIELD(mms_pt_extent, swap_type, DEC),
	MMS_FIELD(mms_pt_extent, cache, DEC),
	MMS_FIELD(mms_pt_extent, pkey, DEC),
	{ }
};

static const struct mms_field hole_fields[] = {
	MMS_FIELD(mms_pt_hole, va, HEX),
	MMS_FIELD(mms_pt_hole, len, HEX),
	MMS_FIELD(mms_pt_hole, level, DEC),
	MMS_FIELD(mms_pt_hole, in_vma, DEC),
	{ }
};

static const struct mms_text pgtable_texts[] = {
	{ MMS_REC_PT_CONTEXT, "context", sizeof(struct mms_pt_context), context_fields },
	{ MMS_REC_PT_TABLE, "table", sizeof(struct mms_pt_table), table_fields },
	{ MMS_REC_PT_EXTENT, "extent", sizeof(struct mms_pt_extent), extent_fields },
	{ MMS_REC_PT_HOLE, "hole", sizeof(struct mms_pt_hole), hole_fields },
	{ }
};

const struct mms_collector mms_collector_pgtable = {
	.name = "pgtable",
	.kind = MMS_KIND_PGTABLE,
	.record_size = sizeof(struct mms_pt_context),
	.record_max = 5 * MMS_TABLE_ROOM + MMS_PTES_ROOM + 4096,
	.texts = pgtable_texts,
	.init = mms_pgtable_init,
	.open = mms_pgtable_open,
	.batch = mms_pgtable_batch,
	.close = mms_pgtable_close,
};
