// SPDX-License-Identifier: GPL-2.0
/*
 * A process's page tables: raw entries, what they translate to, holes.
 * Locks: called with mmap_lock held for reading; gives it back after each PTE
 * table at the latest when the hold budget is spent.  Takes i_mmap_rwsem of
 * shared hugetlb files for reading, if it is free; never sleeps inside.
 * Emits MMS_REC_PT_CONTEXT, _TABLE, _EXTENT, _HOLE.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "../mmscope.h"
#include "../ptout.h"

#define MMS_UPPER_CHECK	64	/* entries above the PTE level between two looks at the clock */

/*
 * struct pgtable - state of one query
 * @upper: entries above the PTE level seen
 */
struct pgtable {
	struct mms_walk walk;
	struct mms_ptout out;
	struct mms_query *q;
	bool context_sent;
	unsigned int upper;
	struct mms_pt_context ctx;
	u64 tables_read[MMS_WALK_LEVELS * MMS_TABLE_MAX];
};

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct pgtable *p = w->priv;

	if (mms_sink_room(p->out.sink) < MMS_PTOUT_TABLE_ROOM + MMS_PTOUT_PTES_ROOM) {
		w->stopped_at = va;
		return 1;
	}
	mms_ptout_table(&p->out, level, table_pa, va, first, n, e);
	return 0;
}

static int on_entry(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	struct pgtable *p = w->priv;

	if (mms_sink_room(p->out.sink) < MMS_PTOUT_PTES_ROOM ||
	    (++p->upper % MMS_UPPER_CHECK == 0 && mms_hold_spent(p->q))) {
		w->stopped_at = va;
		return 1;
	}
	mms_ptout_entry(&p->out, level, va, len, raw);
	return 0;
}

static int on_ptes(struct mms_walk *w, u64 table_pa, u64 va,
		   unsigned int first, unsigned int n, const u64 *e)
{
	struct pgtable *p = w->priv;

	if (mms_sink_room(p->out.sink) < MMS_PTOUT_PTES_ROOM) {
		w->stopped_at = va;
		return 1;
	}
	mms_ptout_ptes(&p->out, table_pa, va, first, n, e);
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
	p->out.w = &p->walk;
	p->out.flags = q->req.flags;
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
	mms_ptout_close(&p->out);
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
		mms_ptout_close(&p->out);
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

	p->out.sink = s;
	if (!p->context_sent) {
		c = mms_emit(s, MMS_REC_PT_CONTEXT, sizeof(*c), 0);
		if (WARN_ON_ONCE(!c))
			return -ENOSPC;
		p->ctx.head = c->head;
		*c = p->ctx;
		p->context_sent = true;
	}
	ret = walk_vmas(p, q);
	mms_ptout_close(&p->out);
	q->stats.entries += p->walk.entries;
	p->walk.entries = 0;
	return ret;
}

static const struct mms_text pgtable_texts[] = {
	{ MMS_REC_PT_CONTEXT, "context", sizeof(struct mms_pt_context), mms_pt_context_fields },
	{ MMS_REC_PT_TABLE, "table", sizeof(struct mms_pt_table), mms_pt_table_fields },
	{ MMS_REC_PT_EXTENT, "extent", sizeof(struct mms_pt_extent), mms_pt_extent_fields },
	{ MMS_REC_PT_HOLE, "hole", sizeof(struct mms_pt_hole), mms_pt_hole_fields },
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
	.record_max = 5 * MMS_PTOUT_TABLE_ROOM + MMS_PTOUT_PTES_ROOM + 4096,
	.texts = pgtable_texts,
	.req_flags = MMS_REQ_ALL | MMS_REQ_KERNEL,
	.req_default = MMS_REQ_EXTENTS,
	.words = mms_pt_words,
	.init = mms_pgtable_init,
	.open = mms_pgtable_open,
	.batch = mms_pgtable_batch,
	.close = mms_pgtable_close,
};
