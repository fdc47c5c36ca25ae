// SPDX-License-Identifier: GPL-2.0
/*
 * Which frames the kernel's own page tables map outside the direct map, and the
 * frames of those tables.
 * Locks: none on the tables: nothing keeps them, every entry is read so that it
 * may vanish.  The RCU read lock for some tables at a time, as long as hold_us
 * says, within which it never sleeps.  Emits MMS_REC_KMAP_RUN.
 */
#include <linux/slab.h>
#include "../kwalk.h"
#include "../pageclass.h"

#define MMS_PTES_RUNS	(MMS_TABLE_MAX + 2)
#define MMS_ROOM	(MMS_PTES_RUNS * sizeof(struct mms_kmap_run))

/*
 * struct kmap - state of one query
 * @run: the record put into the sink last, if it may grow
 * @next_va: where it would grow
 */
struct kmap {
	struct mms_kwalk kw;
	unsigned int nregions;
	struct mms_kregion region[MMS_KREGIONS];
	struct mms_sink *sink;
	struct mms_kmap_run *run;
	u64 next_va;
};

/* What is mapped where the tables of processes and the direct map do not tell.  (i386's modules are in the
 * vmalloc area, all over it.  Where KASAN has no shadow of its own, that is one page of the image.) */
static u32 region_class(const struct kmap *k, u64 va)
{
	static const u32 classes[__MMS_KT_MAX] = {
		[MMS_KT_MODULES] = MMS_FRAME_MODULE, [MMS_KT_VMALLOC] = MMS_FRAME_VMALLOC,
		[MMS_KT_VMEMMAP] = MMS_FRAME_MEMMAP, [MMS_KT_KASAN] = MMS_FRAME_KASAN,
	};
	unsigned int i;

	for (i = 0; i < k->nregions; i++)
		if (va >= k->region[i].start && va <= k->region[i].last)
			return classes[k->region[i].id];
	return MMS_FRAME_UNKNOWN;
}

static void put(struct kmap *k, u64 va, u64 pfn, u64 count, u32 class)
{
	struct mms_kmap_run *r = k->run;

	if (r && r->class == class && r->pfn + r->count == pfn && k->next_va == va) {
		r->count += count;
	} else {
		r = mms_emit(k->sink, MMS_REC_KMAP_RUN, sizeof(*r), 0);
		if (WARN_ON_ONCE(!r))
			return;
		r->va = va;
		r->pfn = pfn;
		r->count = count;
		r->class = class;
		k->run = r;
	}
	k->next_va = va + (count << PAGE_SHIFT);
}

static bool full(struct kmap *k, struct mms_walk *w, u64 va)
{
	if (mms_sink_room(k->sink) >= MMS_ROOM)
		return false;
	w->stopped_at = va;
	return true;
}

/* Before a table: is it for the next batch? */
static bool spent(struct kmap *k, struct mms_walk *w, u64 va)
{
	return full(k, w, va) || mms_kwalk_spent(&k->kw, va);
}

/* (the top table is the image's, or of a process) */
static void put_table(struct kmap *k, int level, u64 table_pa, u64 va)
{
	if (level == k->kw.ctx.levels)
		return;
	put(k, va & ~(mms_arch_size(level) * MMS_TABLE_MAX - 1), table_pa >> PAGE_SHIFT, 1,
	    MMS_FRAME_KPGTABLE);
	k->run = NULL;
}

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct kmap *k = w->priv;

	if (spent(k, w, va))
		return 1;
	put_table(k, level, table_pa, va);
	return 0;
}

static int on_entry(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	struct mms_pt_extent x = { 0 };
	struct kmap *k = w->priv;
	u32 class = region_class(k, va);

	if (full(k, w, va))
		return 1;
	if (class == MMS_FRAME_UNKNOWN || mms_arch_entry_kind(level, raw) != MMS_ENTRY_LEAF)
		return 0;
	mms_arch_decode(&x, level, raw, 0);
	x.pa += va & (mms_arch_size(level) - 1);
	if (x.state == MMS_PT_PRESENT && pfn_valid(x.pa >> PAGE_SHIFT))
		put(k, va, x.pa >> PAGE_SHIFT, len >> PAGE_SHIFT, class);
	return 0;
}

static int on_ptes(struct mms_walk *w, u64 table_pa, u64 va,
		   unsigned int first, unsigned int n, const u64 *e)
{
	struct kmap *k = w->priv;
	u32 class = region_class(k, va);
	unsigned int i;
	u64 pfn;

	if (spent(k, w, va))
		return 1;
	put_table(k, 1, table_pa, va);
	for (i = 0; i < n && class != MMS_FRAME_UNKNOWN; i++, va += PAGE_SIZE) {
		if (mms_arch_entry_kind(1, e[i]) != MMS_ENTRY_LEAF)
			continue;
		pfn = mms_arch_page_pa(e[i]) >> PAGE_SHIFT;
		if (pfn_valid(pfn))
			put(k, va, pfn, 1, class);
	}
	return 0;
}

static const struct mms_walk_ops kmap_ops = {
	.table = on_table,
	.entry = on_entry,
	.ptes = on_ptes,
};

static void mms_kmap_init(struct mms_cap *cap)
{
	if (mms_selfcheck(cap))
		return;
	if (cap->state == MMS_CAP_OK && IS_ENABLED(CONFIG_X86_32))
		mms_cap_set(cap, MMS_CAP_PARTIAL, "works; modules are not told from vmalloc()");
	mms_arch_check_tables(cap);
}

static int mms_kmap_open(struct mms_query *q)
{
	struct kmap *k;

	if (q->req.start || q->req.end != U64_MAX)
		return -EINVAL;
	k = kvzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	q->priv = k;
	k->nregions = mms_arch_regions(k->region);
	mms_kwalk_begin(&k->kw, q, &kmap_ops, mms_arch_kernel_start(), mms_kwalk_top());
	return 0;
}

static void mms_kmap_close(struct mms_query *q)
{
	kvfree(q->priv);
}

static int mms_kmap_batch(struct mms_query *q, struct mms_sink *s)
{
	struct kmap *k = q->priv;

	k->sink = s;
	k->run = NULL;
	return mms_kwalk_batch(&k->kw, q);
}

static const struct mms_field run_fields[] = {
	MMS_FIELD(mms_kmap_run, va, HEX),
	MMS_FIELD(mms_kmap_run, pfn, HEX),
	MMS_FIELD(mms_kmap_run, count, DEC),
	MMS_FIELD(mms_kmap_run, class, NAME, .names = mms_frame_class_names),
	{ }
};

static const struct mms_text kmap_texts[] = {
	{ MMS_REC_KMAP_RUN, "kmap", sizeof(struct mms_kmap_run), run_fields },
	{ }
};

const struct mms_collector mms_collector_kmap = {
	.name = "kmap",
	.kind = MMS_KIND_KMAP,
	.record_size = sizeof(struct mms_kmap_run),
	.record_max = 2 * MMS_ROOM,
	.texts = kmap_texts,
	.machine = true,
	.init = mms_kmap_init,
	.open = mms_kmap_open,
	.batch = mms_kmap_batch,
	.close = mms_kmap_close,
};
