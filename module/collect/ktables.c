// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own page tables: what they map and how, raw entries, the parts
 * of the kernel's addresses.
 * Locks: none on the tables: nothing keeps them, every entry is read so that it
 * may vanish.  The RCU read lock for some tables at a time, as long as hold_us
 * says, within which it never sleeps.  Emits MMS_REC_PT_CONTEXT, _KT_REGION, _KT_ROOT, _PT_TABLE,
 * _PT_EXTENT, _PT_HOLE, _KT_REPEAT.
 */
#include <linux/slab.h>
#include "../kwalk.h"
#include "../ptout.h"

#define MMS_ROOM	(MMS_WALK_LEVELS * MMS_PTOUT_TABLE_ROOM + MMS_PTOUT_PTES_ROOM)
#define MMS_HEAD_ROOM	(sizeof(struct mms_pt_context) + MMS_KREGIONS * sizeof(struct mms_kt_region))

/*
 * struct ktables - state of one query
 * @begun: context and regions were told
 * @roots_told: top tables whose records are in the stream
 * @repeat: the record put into the sink last, if it may grow
 */
struct ktables {
	struct mms_kwalk kw;
	struct mms_ptout out;
	bool begun;
	unsigned int roots_told;
	struct mms_kt_repeat *repeat;
};

static bool full(struct ktables *k, struct mms_walk *w, u64 va)
{
	k->repeat = NULL;
	if (mms_sink_room(k->out.sink) >= MMS_ROOM)
		return false;
	w->stopped_at = va;
	return true;
}

/* Before a table: is it for the next batch? */
static bool spent(struct ktables *k, struct mms_walk *w, u64 va)
{
	return full(k, w, va) || mms_kwalk_spent(&k->kw, va);
}

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct ktables *k = w->priv;

	if (spent(k, w, va))
		return 1;
	mms_ptout_table(&k->out, level, table_pa, va, first, n, e);
	return 0;
}

static int on_entry(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	struct ktables *k = w->priv;

	if (full(k, w, va))
		return 1;
	mms_ptout_entry(&k->out, level, va, len, raw);
	return 0;
}

static int on_ptes(struct mms_walk *w, u64 table_pa, u64 va,
		   unsigned int first, unsigned int n, const u64 *e)
{
	struct ktables *k = w->priv;

	if (spent(k, w, va))
		return 1;
	mms_ptout_ptes(&k->out, table_pa, va, first, n, e);
	return 0;
}

/* (No more of these than entries of the tables in one batch: there is room.) */
static void on_again(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	struct ktables *k = w->priv;
	u64 table_pa = mms_arch_table_pa(raw);
	struct mms_kt_repeat *r = k->repeat;

	mms_ptout_close(&k->out);
	if (r && r->level == level && r->table_pa == table_pa && r->va + r->len == va) {
		r->len += len;
		return;
	}
	r = mms_emit(k->out.sink, MMS_REC_KT_REPEAT, sizeof(*r), 0);
	k->repeat = r;
	if (WARN_ON_ONCE(!r))
		return;
	r->va = va;
	r->len = len;
	r->table_pa = table_pa;
	r->level = level;
}

static const struct mms_walk_ops ktables_ops = {
	.table = on_table,
	.entry = on_entry,
	.ptes = on_ptes,
	.again = on_again,
};

static void mms_ktables_init(struct mms_cap *cap)
{
	if (!mms_selfcheck(cap))
		mms_arch_check_tables(cap);
}

/* The range, which is of the kernel's half and not empty; *@end is its end. */
static int set_range(struct mms_query *q, u64 *end)
{
	u64 top = mms_kwalk_top(), first = mms_arch_kernel_start();

	*end = q->req.end == U64_MAX ? top : q->req.end;
	if (!q->req.start)
		q->req.start = first;
	if (q->req.start < first || offset_in_page(q->req.start | *end) ||
	    *end - 1 < q->req.start || *end - 1 > top - 1)
		return -EINVAL;
	return 0;
}

static int mms_ktables_open(struct mms_query *q)
{
	struct mms_pt_context *ctx;
	unsigned int level;
	struct ktables *k;
	u64 end;
	int ret;

	if (!(q->req.flags & MMS_REQ_ALL))
		q->req.flags |= MMS_REQ_EXTENTS;
	ret = set_range(q, &end);
	if (ret)
		return ret;
	k = kvzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	q->priv = k;
	mms_kwalk_begin(&k->kw, q, &ktables_ops, q->req.start, end);
	k->out.w = &k->kw.walk;
	k->out.flags = q->req.flags;
	ctx = &k->kw.ctx;
	ctx->pkru = ~0U;
	for (level = 1; level <= ctx->levels; level++)
		ctx->shift[level] = mms_arch_shift(level);
	return 0;
}

static void mms_ktables_close(struct mms_query *q)
{
	kvfree(q->priv);
}

static void begin(struct ktables *k, struct mms_sink *s)
{
	struct mms_pt_context *c = mms_emit(s, MMS_REC_PT_CONTEXT, sizeof(*c), 0);
	struct mms_kregion r[MMS_KREGIONS];
	struct mms_kt_region *rec;
	unsigned int i, n;

	if (WARN_ON_ONCE(!c))
		return;
	k->kw.ctx.head = c->head;
	*c = k->kw.ctx;
	n = mms_arch_regions(r);
	for (i = 0; i < n; i++) {
		rec = mms_emit(s, MMS_REC_KT_REGION, sizeof(*rec), 0);
		if (WARN_ON_ONCE(!rec))
			return;
		rec->start = r[i].start;
		rec->last = r[i].last;
		rec->id = r[i].id;
	}
	k->begun = true;
}

static void tell_root(struct ktables *k, struct mms_sink *s)
{
	struct mms_kt_root *r = mms_emit(s, MMS_REC_KT_ROOT, sizeof(*r), 0);

	if (WARN_ON_ONCE(!r))
		return;
	r->root_pa = mms_kwalk_root(&k->kw);
	r->user = k->kw.root;
	k->roots_told++;
}

static int mms_ktables_batch(struct mms_query *q, struct mms_sink *s)
{
	struct ktables *k = q->priv;

	k->out.sink = s;
	k->repeat = NULL;
	mms_ptout_close(&k->out);
	if (!k->begun)
		begin(k, s);
	if (k->roots_told <= k->kw.root)
		tell_root(k, s);
	return mms_kwalk_batch(&k->kw, q);
}

static const char *const region_names[] = {
	[MMS_KT_UNKNOWN] = "unknown", [MMS_KT_DIRECT] = "direct-map", [MMS_KT_VMALLOC] = "vmalloc",
	[MMS_KT_VMEMMAP] = "vmemmap", [MMS_KT_KASAN] = "KASAN", [MMS_KT_CPU_ENTRY] = "cpu-entry-area",
	[MMS_KT_LDT] = "LDT", [MMS_KT_ESPFIX] = "espfix", [MMS_KT_EFI] = "EFI", [MMS_KT_IMAGE] = "image",
	[MMS_KT_MODULES] = "modules", [MMS_KT_FIXMAP] = "fixmap", [MMS_KT_VSYSCALL] = "vsyscall",
	[MMS_KT_PKMAP] = "pkmap", [MMS_KT_PCI_IO] = "PCI-IO", NULL
};

static const struct mms_field region_fields[] = {
	MMS_FIELD(mms_kt_region, start, HEX),
	MMS_FIELD(mms_kt_region, last, HEX),
	MMS_FIELD(mms_kt_region, id, NAME, .names = region_names),
	{ }
};

static const struct mms_field root_fields[] = {
	MMS_FIELD(mms_kt_root, root_pa, HEX),
	MMS_FIELD(mms_kt_root, user, DEC),
	{ }
};

static const struct mms_field repeat_fields[] = {
	MMS_FIELD(mms_kt_repeat, va, HEX),
	MMS_FIELD(mms_kt_repeat, len, HEX),
	MMS_FIELD(mms_kt_repeat, table_pa, HEX),
	MMS_FIELD(mms_kt_repeat, level, DEC),
	{ }
};

static const struct mms_text ktables_texts[] = {
	{ MMS_REC_PT_CONTEXT, "context", sizeof(struct mms_pt_context), mms_pt_context_fields },
	{ MMS_REC_KT_REGION, "region", sizeof(struct mms_kt_region), region_fields },
	{ MMS_REC_KT_ROOT, "root", sizeof(struct mms_kt_root), root_fields },
	{ MMS_REC_PT_TABLE, "table", sizeof(struct mms_pt_table), mms_pt_table_fields },
	{ MMS_REC_PT_EXTENT, "extent", sizeof(struct mms_pt_extent), mms_pt_extent_fields },
	{ MMS_REC_PT_HOLE, "hole", sizeof(struct mms_pt_hole), mms_pt_hole_fields },
	{ MMS_REC_KT_REPEAT, "repeat", sizeof(struct mms_kt_repeat), repeat_fields },
	{ }
};

const struct mms_collector mms_collector_ktables = {
	.name = "ktables",
	.kind = MMS_KIND_KTABLES,
	.record_size = sizeof(struct mms_pt_context),
	.record_max = MMS_HEAD_ROOM + 2 * MMS_ROOM,
	.texts = ktables_texts,
	.machine = true,
	.req_flags = MMS_REQ_ALL,
	.req_default = MMS_REQ_EXTENTS,
	.words = mms_pt_words,
	.init = mms_ktables_init,
	.open = mms_ktables_open,
	.batch = mms_ktables_batch,
	.close = mms_ktables_close,
};
