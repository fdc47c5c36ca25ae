// SPDX-License-Identifier: GPL-2.0
/*
 * What a walk of page tables meets -> records: raw entries, what they translate
 * to, holes.  Neighbours that go on with each other are one record.
 * Locks: the walk's.  Never sleeps.  Emits MMS_REC_PT_TABLE, _EXTENT, _HOLE.
 *
 * Entries are read once; the table record and the extents of one PTE table
 * come from the same reading, so a checker never compares two moments.
 */
#include "ptout.h"

/**
 * mms_ptout_close() - whatever comes next is a record of its own
 */
void mms_ptout_close(struct mms_ptout *p)
{
	p->extent = NULL;
	p->hole = NULL;
}

static void add_hole(struct mms_ptout *p, int level, u64 va, u64 len)
{
	struct mms_pt_hole *h = p->hole;

	if (!len)
		return;
	if (h && h->level == level && h->va + h->len == va) {
		h->len += len;
		return;
	}
	mms_ptout_close(p);
	if (!(p->flags & MMS_REQ_HOLES))
		return;
	h = mms_emit(p->sink, MMS_REC_PT_HOLE, sizeof(*h), 0);
	if (WARN_ON_ONCE(!h))
		return;
	h->va = va;
	h->len = len;
	h->level = level;
	h->in_vma = !p->w->nofault;
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
static struct mms_pt_extent *put_extent(struct mms_ptout *p, const struct mms_pt_extent *like)
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
static void add_leaf(struct mms_ptout *p, int level, u64 va, u64 len, u64 raw)
{
	struct mms_pt_extent x = { .va = va, .len = len };
	struct mms_pt_extent *e = p->extent;

	mms_arch_decode(&x, level, raw, p->w->rights & mms_walk_rights(p->w, level, raw));
	if (p->w->kernel)
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
static bool add_alike(struct mms_ptout *p, u64 va, u64 raw)
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

static void add_ptes(struct mms_ptout *p, u64 va, unsigned int n, const u64 *e)
{
	bool extents = p->flags & MMS_REQ_EXTENTS;
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
static const u64 *put_table(struct mms_ptout *p, int level, u64 table_pa, u64 va,
			    unsigned int first, unsigned int n, const u64 *e,
			    unsigned int *lo, unsigned int *count)
{
	struct mms_pt_table *t;
	u64 *copy;

	mms_ptout_close(p);
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

/**
 * mms_ptout_table() - a table above the PTE level was read
 *
 * Of the sink it takes up to MMS_PTOUT_TABLE_ROOM, with the entry that may follow.
 */
void mms_ptout_table(struct mms_ptout *p, int level, u64 table_pa, u64 va,
		     unsigned int first, unsigned int n, const u64 *e)
{
	unsigned int lo, count;

	if (p->flags & MMS_REQ_TABLES)
		put_table(p, level, table_pa, va, first, n, e, &lo, &count);
}

/**
 * mms_ptout_entry() - an entry above the PTE level that is not walked into
 * @len: bytes of it that are wanted
 */
void mms_ptout_entry(struct mms_ptout *p, int level, u64 va, u64 len, u64 raw)
{
	if (mms_arch_entry_kind(level, raw) == MMS_ENTRY_NONE)
		add_hole(p, level, va, len);
	else if (p->flags & MMS_REQ_EXTENTS)
		add_leaf(p, level, va, len, raw);
}

/**
 * mms_ptout_ptes() - a PTE table, in place
 *
 * Of the sink it takes up to MMS_PTOUT_PTES_ROOM.
 */
void mms_ptout_ptes(struct mms_ptout *p, u64 table_pa, u64 va, unsigned int first,
		    unsigned int n, const u64 *e)
{
	unsigned int lo = 0, count = n;
	u64 at;

	if (p->flags & MMS_REQ_TABLES)
		e = put_table(p, 1, table_pa, va, first, n, e, &lo, &count);
	if (!(p->flags & (MMS_REQ_EXTENTS | MMS_REQ_HOLES)))
		return;
	at = va + ((u64)lo << PAGE_SHIFT);
	add_hole(p, 1, va, (u64)lo << PAGE_SHIFT);
	add_ptes(p, at, count, e);
	add_hole(p, 1, at + ((u64)count << PAGE_SHIFT), (u64)(n - lo - count) << PAGE_SHIFT);
}

static const char *const state_names[] = {
	[MMS_PT_NONE] = "none", [MMS_PT_PRESENT] = "present", [MMS_PT_SWAP] = "swap",
	[MMS_PT_MIGRATION] = "migration", [MMS_PT_DEVICE] = "device",
	[MMS_PT_HWPOISON] = "hwpoison", [MMS_PT_MARKER] = "marker",
	[MMS_PT_BAD] = "bad", [MMS_PT_OTHER] = "other", NULL
};

const struct mms_field mms_pt_context_fields[] = {
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

const struct mms_field mms_pt_table_fields[] = {
	MMS_FIELD(mms_pt_table, level, DEC),
	MMS_FIELD(mms_pt_table, table_pa, HEX),
	MMS_FIELD(mms_pt_table, va, HEX),
	MMS_FIELD(mms_pt_table, first, DEC),
	MMS_FIELD(mms_pt_table, last, DEC),
	MMS_FIELD(mms_pt_table, index, DEC),
	{ .name = "raw", .format = MMS_FMT_U64S, .offset = sizeof(struct mms_pt_table) },
	{ }
};

const struct mms_field mms_pt_extent_fields[] = {
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

const struct mms_field mms_pt_hole_fields[] = {
	MMS_FIELD(mms_pt_hole, va, HEX),
	MMS_FIELD(mms_pt_hole, len, HEX),
	MMS_FIELD(mms_pt_hole, level, DEC),
	MMS_FIELD(mms_pt_hole, in_vma, DEC),
	{ }
};
