// SPDX-License-Identifier: GPL-2.0
/*
 * A process's page tables: raw entries, what they translate to, holes.
 * Locks: called with mmap_lock held for reading; gives it back after each PTE
 * table at the latest when the hold budget is spent.  Takes i_mmap_rwsem of
 * shared hugetlb files for reading, if it is free; never sleeps inside.
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
 * @extent: the record put into the sink last, if it is an extent that may grow
 * @hole: likewise a hole; at most one of the two is set
 * @next_raw: value of the neighbour that would continue @extent as a plain
 *	run; 0 = none would
 */
struct pgtable {
	struct mms_walk walk;
	struct mms_query *q;
	struct mms_sink *sink;
	bool context_sent;
	unsigned int upper;
	struct mms_pt_extent *extent;
	struct mms_pt_hole *hole;
	u64 next_raw;
	struct mms_pt_context ctx;
	u64 tables_read[MMS_WALK_LEVELS * MMS_TABLE_MAX];
};

/* Room that one PTE table may need: its raw entries, and an extent each. */
#define MMS_PTES_ROOM	(sizeof(struct mms_pt_table) + MMS_TABLE_MAX * 8 + \
			 (MMS_TABLE_MAX + 1) * sizeof(struct mms_pt_extent))
#define MMS_TABLE_ROOM	(sizeof(struct mms_pt_table) + MMS_TABLE_MAX * 8 + \
			 2 * sizeof(struct mms_pt_extent))

/* Whatever comes next is a record of its own. */
static void close_run(struct pgtable *p)
{
	p->extent = NULL;
	p->hole = NULL;
}

static void add_hole(struct pgtable *p, int level, u64 va, u64 len)
{
	struct mms_pt_hole *h = p->hole;

	if (!len)
		return;
	if (h && h->level == level && h->va + h->len == va) {
		h->len += len;
		return;
	}
	close_run(p);
	if (!(p->q->req.flags & MMS_REQ_HOLES))
		return;
	h = mms_emit(p->sink, MMS_REC_PT_HOLE, sizeof(*h), 0);
	if (WARN_ON_ONCE(!h))
		return;
	h->va = va;
	h->len = len;
	h->level = level;
	h->in_vma = !p->walk.nofault;
	p->hole = h;
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

/*
 * A new extent record in the sink that says what @like says.  Member by
 * member: this runs once per extent, and structs on the stack or a memcpy()
 * cost more than all the rest of it.
 */
static struct mms_pt_extent *put_extent(struct pgtable *p, const struct mms_pt_extent *like)
{
	struct mms_pt_extent *e = mms_emit_raw(p->sink, MMS_REC_PT_EXTENT, sizeof(*e));

	if (WARN_ON_ONCE(!e))
		return NULL;
	e->va = like->va;
	e->len = like->len;
	e->pa = like->pa;
	e->raw = like->raw;
	e->flags = like->flags;
	e->swap_type = like->swap_type;
	e->state = like->state;
	e->level = like->level;
	e->page_shift = like->page_shift;
	e->cache = like->cache;
	e->pkey = like->pkey;
	e->pad[0] = 0;
	e->pad[1] = 0;
	e->pad[2] = 0;
	p->extent = e;
	p->hole = NULL;
	return e;
}

/* The kernel's own entries: software bits, and what is not present, have no meaning that is known here. */
static void only_hardware(struct mms_pt_extent *x)
{
	x->flags &= MMS_PT_F_WRITE | MMS_PT_F_EXEC | MMS_PT_F_USER | MMS_PT_F_ACCESSED |
		    MMS_PT_F_DIRTY | MMS_PT_F_GLOBAL | MMS_PT_F_LEAF_WRITE | MMS_PT_F_PROTNONE;
	if (x->state == MMS_PT_PRESENT || x->state == MMS_PT_BAD)
		return;
	x->state = MMS_PT_OTHER;
	x->swap_type = 0;
	x->pa = 0;
}

/* One leaf or non-present entry; @len bytes of it are wanted. */
static void add_leaf(struct pgtable *p, int level, u64 va, u64 len, u64 raw)
{
	struct mms_pt_extent x = { .va = va, .len = len };
	struct mms_pt_extent *e = p->extent;

	mms_arch_decode(&x, level, raw, p->walk.rights & mms_walk_rights(&p->walk, level, raw));
	if (p->walk.kernel)
		only_hardware(&x);
	/* A range that begins inside a huge page. */
	if (x.state == MMS_PT_PRESENT || x.state == MMS_PT_MIGRATION ||
	    x.state == MMS_PT_DEVICE)
		x.pa += va & (mms_arch_size(level) - 1);
	p->next_raw = mms_arch_plain(raw) && len == mms_arch_size(level) ?
		      raw + len : 0;
	if (e && continues(e, &x))
		e->len += len;
	else
		put_extent(p, &x);
}

/*
 * A PTE like the one before but for its frame, which does not continue it: the
 * common case where memory is fragmented.  Nothing needs decoding again.
 */
static bool add_alike(struct pgtable *p, u64 va, u64 raw)
{
	const struct mms_pt_extent *last = p->extent;
	struct mms_pt_extent *e;

	if (!last || last->level != 1 || !p->next_raw ||
	    !mms_arch_alike(last->raw, raw) || last->va + last->len != va)
		return false;
	e = put_extent(p, last);
	if (!e)
		return true;
	e->va = va;
	e->len = PAGE_SIZE;
	e->pa = mms_arch_page_pa(raw);
	e->raw = raw;
	p->next_raw = raw + PAGE_SIZE;
	return true;
}

/* How many entries from @e on hold raw, raw + PAGE_SIZE, ...?  The hot loop. */
static unsigned int run_of(const u64 *e, unsigned int n, u64 raw)
{
	const u64 *p = e, *end = e + n;

	while (end - p >= 8 && READ_ONCE(p[0]) == raw &&
	       READ_ONCE(p[1]) == raw + PAGE_SIZE &&
	       READ_ONCE(p[2]) == raw + 2 * PAGE_SIZE &&
	       READ_ONCE(p[3]) == raw + 3 * PAGE_SIZE &&
	       READ_ONCE(p[4]) == raw + 4 * PAGE_SIZE &&
	       READ_ONCE(p[5]) == raw + 5 * PAGE_SIZE &&
	       READ_ONCE(p[6]) == raw + 6 * PAGE_SIZE &&
	       READ_ONCE(p[7]) == raw + 7 * PAGE_SIZE) {
		p += 8;
		raw += 8 * PAGE_SIZE;
	}
	for (; p < end && READ_ONCE(*p) == raw; p++)
		raw += PAGE_SIZE;
	return p - e;
}

static unsigned int run_of_none(const u64 *e, unsigned int n)
{
	const u64 *p = e, *end = e + n;

	while (p < end && !READ_ONCE(*p))
		p++;
	return p - e;
}

static void add_ptes(struct pgtable *p, u64 va, unsigned int n, const u64 *e)
{
	bool extents = p->q->req.flags & MMS_REQ_EXTENTS;
	unsigned int i = 0, run;
	u64 raw;

	while (i < n) {
		raw = READ_ONCE(e[i]);
		run = 1;
		if (extents && p->extent && p->next_raw == raw && raw &&
		    p->extent->level == 1 && p->extent->va + p->extent->len == va) {
			/* The next table goes on where the last one ended, or
			 * a plain run after its first, decoded entry. */
			run = 1 + run_of(e + i + 1, n - i - 1, raw + PAGE_SIZE);
			p->extent->len += (u64)run << PAGE_SHIFT;
			p->next_raw = raw + ((u64)run << PAGE_SHIFT);
		} else if (mms_arch_entry_kind(1, raw) == MMS_ENTRY_NONE) {
			run = 1 + run_of_none(e + i + 1, n - i - 1);
			add_hole(p, 1, va, (u64)run << PAGE_SHIFT);
		} else if (extents && !add_alike(p, va, raw)) {
			add_leaf(p, 1, va, PAGE_SIZE, raw);
		}
		i += run;
		va += (u64)run << PAGE_SHIFT;
	}
}

static void copy_entries(u64 *to, const u64 *from, unsigned int n)
{
	unsigned int i = 0;

	for (; i + 4 <= n; i += 4) {
		to[i] = READ_ONCE(from[i]);
		to[i + 1] = READ_ONCE(from[i + 1]);
		to[i + 2] = READ_ONCE(from[i + 2]);
		to[i + 3] = READ_ONCE(from[i + 3]);
	}
	for (; i < n; i++)
		to[i] = READ_ONCE(from[i]);
}

/*
 * Raw entries as a table record, without the zeros at both ends.  Entries are
 * read here once; *@lo zeros were left out before the @count copied ones.
 */
static const u64 *put_table(struct pgtable *p, int level, u64 table_pa, u64 va,
			    unsigned int first, unsigned int n, const u64 *e,
			    unsigned int *lo, unsigned int *count)
{
	struct mms_pt_table *t;
	u64 *copy;

	close_run(p);
	*lo = run_of_none(e, n);
	*count = n - *lo;
	t = mms_emit_raw(p->sink, MMS_REC_PT_TABLE, sizeof(*t) + *count * 8);
	if (WARN_ON_ONCE(!t))
		return e + *lo;
	copy = (u64 *)(t + 1);
	copy_entries(copy, e + *lo, *count);
	while (*count && !copy[*count - 1])
		--*count;
	t->table_pa = table_pa;
	t->va = va & ~(mms_arch_size(level) * MMS_TABLE_MAX - 1);
	t->level = level;
	t->first = first;
	t->last = first + n - 1;
	t->index = first + (*count ? *lo : 0);
	t->count = *count;
	t->pad = 0;
	mms_emit_trim(p->sink, &t->head, sizeof(*t) + *count * 8);
	return copy;
}

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct pgtable *p = w->priv;
	unsigned int lo, count;

	if (mms_sink_room(p->sink) < MMS_TABLE_ROOM + MMS_PTES_ROOM) {
		w->stopped_at = va;
		return 1;
	}
	if (p->q->req.flags & MMS_REQ_TABLES)
		put_table(p, level, table_pa, va, first, n, e, &lo, &count);
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
	unsigned int lo = 0, count = n;
	u64 at;

	if (mms_sink_room(p->sink) < MMS_PTES_ROOM) {
		w->stopped_at = va;
		return 1;
	}
	if (p->q->req.flags & MMS_REQ_TABLES)
		e = put_table(p, 1, table_pa, va, first, n, e, &lo, &count);
	if (p->q->req.flags & (MMS_REQ_EXTENTS | MMS_REQ_HOLES)) {
		at = va + ((u64)lo << PAGE_SHIFT);
		add_hole(p, 1, va, (u64)lo << PAGE_SHIFT);
		add_ptes(p, at, count, e);
		add_hole(p, 1, at + ((u64)count << PAGE_SHIFT),
			 (u64)(n - lo - count) << PAGE_SHIFT);
	}
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
	if (!mms_selfcheck(cap))
		mms_arch_check_tables(cap);
}

static int mms_pgtable_open(struct mms_query *q)
{
	unsigned int level;
	struct pgtable *p;

	if (!(q->req.flags & MMS_REQ_ALL))
		q->req.flags |= MMS_REQ_EXTENTS;
	if (!(q->req.flags & MMS_REQ_KERNEL)) {
		q->req.start &= PAGE_MASK;
		q->req.end = PAGE_ALIGN(q->req.end);
	}
	q->cursor = q->req.start;
	p = kvzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->q = q;
	p->walk.ops = &pgtable_ops;
	p->walk.priv = p;
	p->walk.snap = p->tables_read;
	p->walk.room = MMS_TABLE_MAX;
	mms_arch_context(&p->ctx, q->mm);
	p->ctx.pkru = q->pkru;
	p->ctx.flags |= mms_rss_exactness();
	for (level = 1; level <= p->ctx.levels; level++)
		p->ctx.shift[level] = mms_arch_shift(level);
	q->priv = p;
	return 0;
}

static void mms_pgtable_close(struct mms_query *q)
{
	kvfree(q->priv);
}

/* One address outside every VMA, or of the kernel's half: where does its walk end? */
static int walk_gap(struct pgtable *p, struct mms_query *q)
{
	bool kernel = q->req.flags & MMS_REQ_KERNEL;

	p->walk.nofault = true;
	p->walk.kernel = kernel;
	mms_walk_range(&p->walk, kernel ? p->ctx.kernel_root_pa : p->ctx.root_pa,
		       p->ctx.levels, q->cursor, q->req.end);
	close_run(p);
	p->walk.nofault = false;
	p->walk.kernel = false;
	return 0;
}

/*
 * Shared hugetlb mappings may share a PMD table with another process, and
 * __huge_pmd_unshare() (mm/hugetlb.c) takes it away under i_mmap_rwsem alone:
 * hugetlb_walk() asks for that lock, and so must this.  It is not waited for
 * under mmap_lock: busy is MMS_BATCH_BUSY, and the batch is over.
 */
static int walk_one(struct pgtable *p, struct vm_area_struct *vma, u64 start, u64 end)
{
	struct address_space *mapping = NULL;
	int ret;

	if ((vma->vm_flags & VM_HUGETLB) && (vma->vm_flags & VM_MAYSHARE) && vma->vm_file)
		mapping = vma->vm_file->f_mapping;
	if (mapping && !down_read_trylock(&mapping->i_mmap_rwsem)) {
		p->walk.stopped_at = start;
		return MMS_BATCH_BUSY;
	}
	ret = mms_walk_range(&p->walk, p->ctx.root_pa, p->ctx.levels, start, end);
	if (mapping)
		up_read(&mapping->i_mmap_rwsem);
	return ret;
}

static int walk_vmas(struct pgtable *p, struct mms_query *q)
{
	struct vm_area_struct *vma = find_vma(q->mm, q->cursor);
	u64 start, end;
	int ret;

	if (q->req.flags & MMS_REQ_KERNEL)
		return walk_gap(p, q);
	if ((!vma || vma->vm_start >= q->req.end) &&
	    (q->req.flags & MMS_REQ_HOLES) && q->req.end - q->cursor == PAGE_SIZE)
		return walk_gap(p, q);
	/* The cursor decides: a VMA may have grown over it since the last batch. */
	while (q->cursor < q->req.end && vma && vma->vm_start < q->req.end) {
		start = max_t(u64, q->cursor, vma->vm_start);
		end = min_t(u64, q->req.end, vma->vm_end);
		ret = walk_one(p, vma, start, end);
		if (ret) {
			q->cursor = p->walk.stopped_at;
			return q->cursor < q->req.end ? ret : MMS_BATCH_DONE;
		}
		/* An extent never spans two VMAs. */
		close_run(p);
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
	close_run(p);
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
	MMS_FIELD(mms_pt_context, tcr, HEX),
	MMS_FIELD(mms_pt_context, sctlr, HEX),
	MMS_FIELD(mms_pt_context, mair, HEX),
	MMS_FIELD(mms_pt_context, levels, DEC),
	MMS_FIELD(mms_pt_context, va_bits, DEC),
	MMS_FIELD(mms_pt_context, kernel_start, HEX),
	MMS_FIELD(mms_pt_context, entry_size, DEC),
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

const struct mms_word mms_pt_words[] = {
	{ "tables", MMS_REQ_TABLES },
	{ "holes", MMS_REQ_HOLES },
	{ }
};

const struct mms_collector mms_collector_pgtable = {
	.name = "pgtable",
	.kind = MMS_KIND_PGTABLE,
	.record_size = sizeof(struct mms_pt_context),
	.record_max = 5 * MMS_TABLE_ROOM + MMS_PTES_ROOM + 4096,
	.texts = pgtable_texts,
	.req_flags = MMS_REQ_ALL | MMS_REQ_KERNEL,
	.req_default = MMS_REQ_EXTENTS,
	.words = mms_pt_words,
	.init = mms_pgtable_init,
	.open = mms_pgtable_open,
	.batch = mms_pgtable_batch,
	.close = mms_pgtable_close,
};
