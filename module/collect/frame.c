// SPDX-License-Identifier: GPL-2.0
/*
 * All about one page frame, or a few: what its struct page says, whose it is,
 * who maps it.
 * Locks: none for the struct page; then the page's own, the reverse map's and
 * mmap_lock, each only if it is free.  May sleep without.
 * Emits MMS_REC_FRAME, _FILE, _SLAB, _TASK, _MAP.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "../frameowner.h"
#include "../mapproof.h"
#include "../memory.h"
#include "../pageclass.h"
#include "../pagesnap.h"
#include "../rmap.h"
#include "../zone.h"

#define FRAMES_A_BATCH	256	/* between two moments at which others may run */

/*
 * struct frame - state of one query
 * @cand, @owner, @other: where telling of mappings goes on; @owner is the first
 *	one of @cand's address space
 * @told: of the frame at the cursor all but the mappings was told
 * @told_file: its file was
 */
struct frame {
	struct mms_pagesnap snap;
	struct mms_proof proof;
	struct mms_rmap rmap;
	struct mms_owners owners;
	unsigned int cand, owner, other;
	u64 pfn;
	bool told;
	bool told_file;
};

#define FRAME_ROOM	(sizeof(struct mms_frame) + sizeof(struct mms_frame_file) + MMS_FILEID_TAIL + 8 + \
			 sizeof(struct mms_frame_slab) + sizeof(struct mms_frame_task))

/* Has the kernel a reverse map for it, or a file? */
static bool has_owner(const struct mms_frame *f)
{
	return f->mapping_kind == MMS_MAPPING_FILE || f->mapping_kind == MMS_MAPPING_ANON ||
	       f->mapping_kind == MMS_MAPPING_KSM;
}

/* What needs the page's lock, as far as nobody has to be waited for. */
static void hold_and_read(struct frame *fr, struct mms_frame *f, struct mms_sink *s, u32 asked)
{
	struct address_space *mapping = fr->snap.folio[0].mapping;

	f->rmap = mms_page_hold(&fr->snap);
	if (f->rmap != MMS_RMAP_DONE)
		return;
	if (f->mapping_kind == MMS_MAPPING_KSM &&
	    mms_ksm_sharers(f->mapping & ~(u64)MMS_MAPPED_BITS, f->pfn, &f->ksm_sharers))
		f->known |= MMS_FRAME_K_KSM;
	if (f->mapping_kind == MMS_MAPPING_FILE && (asked & MMS_FREQ_OWNERS) && !fr->told_file) {
		mms_fileid_tell(s, f->pfn, mapping);
		fr->told_file = true;
	}
	if (!(asked & MMS_FREQ_MAPS))
		f->rmap = MMS_RMAP_NOT_ASKED;
	else if (f->known & MMS_FRAME_K_MAPCOUNT && !f->mapcount)
		f->rmap = MMS_RMAP_UNMAPPED;
	else
		f->rmap = mms_rmap_read(&fr->rmap, &fr->snap, f);
	mms_page_release(&fr->snap);
}

static void end_maps(struct frame *fr)
{
	mms_owners_end(&fr->owners);
	mms_rmap_end(&fr->rmap);
	fr->cand = 0;
	fr->owner = 0;
	fr->other = 0;
}

static void tell_slab(struct frame *fr, struct mms_sink *s, const struct mms_frame *f)
{
	struct mms_frame_slab *rec = mms_emit(s, MMS_REC_FRAME_SLAB, sizeof(*rec), 0);

	if (WARN_ON_ONCE(!rec))
		return;
	rec->pfn = f->pfn;
	if (!mms_slabid_tell(&fr->snap, rec))
		mms_emit_drop(s, &rec->head);
}

/* A kernel's page with nothing in its struct page that tells whose. */
static void tell_task(struct mms_sink *s, const struct mms_frame *f)
{
	struct mms_frame_task *rec;

	if ((f->type != MMS_PGTY_NONE && f->type != MMS_PGTY_TABLE) || f->mapping_kind ||
	    f->known & MMS_FRAME_K_BUDDY)
		return;
	rec = mms_emit(s, MMS_REC_FRAME_TASK, sizeof(*rec), 0);
	if (WARN_ON_ONCE(!rec))
		return;
	rec->pfn = f->pfn;
	if (!mms_task_of_frame(f->pfn, rec))
		mms_emit_drop(s, &rec->head);
}

/* What its struct page says, and who may map it, in one hold of the memory's map. */
static void tell_page(struct frame *fr, struct mms_query *q, struct mms_sink *s, struct mms_frame *rec)
{
	struct mms_record head = rec->head;
	struct mms_block block;
	struct page *page;

	memset(rec, 0, sizeof(*rec));
	rec->head = head;
	rec->pfn = q->cursor;
	mms_memmap_hold();
	rec->class = mms_frame_class_at(q->cursor, &block, &page);
	rec->state = mms_frame_at(q->cursor, &page);
	if (rec->state == MMS_PFN_PAGE) {
		mms_pagesnap_take(&fr->snap, page);
		mms_pagesnap_tell(&fr->snap, rec);
		mms_memcg_tell(rec);
		if (q->req.flags & MMS_FREQ_MAPS)
			rec->rmap = MMS_RMAP_NONE;
		if (has_owner(rec) && q->req.flags)
			hold_and_read(fr, rec, s, q->req.flags);
		if (rec->type == MMS_PGTY_SLAB && q->req.flags & MMS_FREQ_OWNERS)
			tell_slab(fr, s, rec);
	}
	mms_memmap_release();
}

/* One frame but for its mappings; the sink has room. */
static int tell_frame(struct frame *fr, struct mms_query *q, struct mms_sink *s)
{
	struct mms_frame *rec = mms_emit(s, MMS_REC_FRAME, sizeof(*rec), 0);
	int ret;

	if (WARN_ON_ONCE(!rec))
		return -ENOSPC;
	fr->told_file = false;
	tell_page(fr, q, s, rec);
	if (rec->rmap == MMS_RMAP_TRUNCATED) {
		mms_rmap_end(&fr->rmap);
		ret = mms_rmap_more(&fr->rmap);
		if (ret)
			return ret;
		tell_page(fr, q, s, rec);
	}
	if (rec->state != MMS_PFN_PAGE)
		return 0;
	rec->candidates = fr->rmap.n;
	mms_rmap_sort(&fr->rmap);
	if (q->req.flags & MMS_FREQ_OWNERS)
		tell_task(s, rec);
	return mms_owners_find(&fr->owners, &fr->rmap);
}

static void tell_map(struct frame *fr, struct mms_query *q, struct mms_sink *s,
		     const struct mms_owner *o)
{
	const struct mms_candidate *c = &fr->rmap.c[fr->cand];
	struct mms_frame_map *rec = mms_emit(s, MMS_REC_FRAME_MAP, sizeof(*rec), 0);

	if (WARN_ON_ONCE(!rec))
		return;
	rec->pfn = q->cursor;
	rec->va = c->va;
	rec->vma_start = c->vma_start;
	rec->vma_end = c->vma_end;
	rec->vma_flags = c->vma_flags;
	rec->state = MMS_FMAP_NO_PROCESS;
	if (!o)
		return;
	rec->pid = o->pid;
	memcpy(rec->comm, o->comm, sizeof(rec->comm));
	mms_proof_map(&fr->proof, q, o->mm, rec);
}

/* The mappings not told yet; false when the sink is full before. */
static bool tell_maps(struct frame *fr, struct mms_query *q, struct mms_sink *s)
{
	const struct mms_owners *w = &fr->owners;

	for (; fr->cand < fr->rmap.n; fr->cand++, fr->other = 0) {
		struct mm_struct *mm = fr->rmap.c[fr->cand].mm;

		while (fr->owner < w->n && w->o[fr->owner].mm < mm)
			fr->owner++;
		do {
			const struct mms_owner *o = &w->o[fr->owner + fr->other];
			bool has = fr->owner + fr->other < w->n && o->mm == mm;

			if (!has && fr->other)
				break;
			if (mms_sink_room(s) < sizeof(struct mms_frame_map))
				return false;
			tell_map(fr, q, s, has ? o : NULL);
			fr->other++;
		} while (true);
	}
	end_maps(fr);
	return true;
}

static int mms_frame_batch(struct mms_query *q, struct mms_sink *s)
{
	struct frame *fr = q->priv;
	unsigned int n;
	int ret;

	for (n = 0; q->cursor < q->req.end; n++) {
		if (n == FRAMES_A_BATCH)
			return MMS_BATCH_MORE;
		if (!fr->told) {
			if (mms_sink_room(s) < FRAME_ROOM)
				return MMS_BATCH_MORE;
			ret = tell_frame(fr, q, s);
			if (ret)
				return ret;
			fr->told = true;
			cond_resched();	/* (all threads may have been looked at) */
		}
		if (!tell_maps(fr, q, s))
			return MMS_BATCH_MORE;
		fr->told = false;
		q->cursor++;
	}
	return MMS_BATCH_DONE;
}

static int mms_frame_open(struct mms_query *q)
{
	struct frame *fr;

	/* The text door unasked: the first ones.  The header says how many. */
	if (q->req.end - q->req.start > MMS_FRAME_RANGE_MAX)
		q->req.end = q->req.start + MMS_FRAME_RANGE_MAX;
	fr = kvzalloc(sizeof(*fr), GFP_KERNEL);
	if (!fr)
		return -ENOMEM;
	mms_proof_init(&fr->proof);
	q->priv = fr;
	return 0;
}

static void mms_frame_close(struct mms_query *q)
{
	end_maps(q->priv);
	kvfree(q->priv);
}

static void mms_frame_init(struct mms_cap *cap)
{
	const char *no_ksm = mms_ksm_init(), *no_slab = mms_slabid_init();

	mms_pageclass_init();
	if (mms_selfcheck(cap))
		return;
	mms_arch_check_tables(cap);
	if (cap->state != MMS_CAP_OK && cap->state != MMS_CAP_PARTIAL)
		return;
	if (no_ksm || no_slab)
		mms_cap_set(cap, MMS_CAP_PARTIAL, "works; %s%s%s%s%s", no_ksm ? "no reverse map of KSM pages: " : "",
			    no_ksm ? no_ksm : "", no_ksm && no_slab ? "; " : "",
			    no_slab ? "no names of slabs: " : "", no_slab ? no_slab : "");
}

static const char *const state_names[] = {
	[MMS_PFN_UNKNOWN] = "unknown", [MMS_PFN_PAGE] = "page", [MMS_PFN_HOLE] = "hole",
	[MMS_PFN_BEYOND] = "beyond", [MMS_PFN_OFFLINE] = "offline", NULL
};

static const char *const type_names[] = {
	[MMS_PGTY_NONE] = "none", [MMS_PGTY_BUDDY] = "buddy", [MMS_PGTY_OFFLINE] = "offline",
	[MMS_PGTY_TABLE] = "table", [MMS_PGTY_GUARD] = "guard", [MMS_PGTY_HUGETLB] = "hugetlb",
	[MMS_PGTY_SLAB] = "slab", [MMS_PGTY_ZSMALLOC] = "zsmalloc",
	[MMS_PGTY_UNACCEPTED] = "unaccepted", [MMS_PGTY_LARGE_KMALLOC] = "large_kmalloc",
	[MMS_PGTY_OTHER] = "other", NULL
};

static const char *const mapping_names[] = {
	[MMS_MAPPING_NONE] = "none", [MMS_MAPPING_FILE] = "file", [MMS_MAPPING_ANON] = "anon",
	[MMS_MAPPING_KSM] = "ksm", [MMS_MAPPING_MOVABLE] = "movable", NULL
};

static const char *const rmap_names[] = {
	[MMS_RMAP_NOT_ASKED] = "not-asked", [MMS_RMAP_DONE] = "done",
	[MMS_RMAP_UNMAPPED] = "unmapped", [MMS_RMAP_NONE] = "none",
	[MMS_RMAP_BUSY_PAGE] = "busy-page", [MMS_RMAP_BUSY_TREE] = "busy-tree",
	[MMS_RMAP_CHANGED] = "changed", [MMS_RMAP_TRUNCATED] = "truncated",
	[MMS_RMAP_UNAVAILABLE] = "unavailable", NULL
};

static const char *const role_names[] = {
	[MMS_FROLE_UNKNOWN] = "unknown", [MMS_FROLE_STACK] = "stack", [MMS_FROLE_PGD] = "pgd", NULL
};

static const char *const map_names[] = {
	[MMS_FMAP_UNKNOWN] = "unknown", [MMS_FMAP_MAPS] = "maps", [MMS_FMAP_OTHER] = "other",
	[MMS_FMAP_EMPTY] = "empty", [MMS_FMAP_BUSY] = "busy", [MMS_FMAP_GONE] = "gone",
	[MMS_FMAP_NO_PROCESS] = "no-process", NULL
};

static const struct mms_field frame_fields[] = {
	MMS_FIELD(mms_frame, pfn, HEX),
	MMS_FIELD(mms_frame, state, NAME, .names = state_names),
	MMS_FIELD(mms_frame, flags, HEX),
	MMS_FIELD(mms_frame, known, HEX),
	MMS_FIELD(mms_frame, kpf, HEX),
	MMS_FIELD(mms_frame, raw_flags, HEX),
	MMS_FIELD(mms_frame, folio_flags, HEX),
	MMS_FIELD(mms_frame, folio_pfn, HEX),
	MMS_FIELD(mms_frame, order, DEC),
	MMS_FIELD(mms_frame, class, NAME, .names = mms_frame_class_names),
	MMS_FIELD(mms_frame, type, NAME, .names = type_names),
	MMS_FIELD(mms_frame, page_type, HEX),
	MMS_FIELD(mms_frame, refcount, DEC),
	MMS_FIELD(mms_frame, mapcount, DEC),
	MMS_FIELD(mms_frame, folio_mapcount, DEC),
	MMS_FIELD(mms_frame, entire_mapcount, DEC),
	MMS_FIELD(mms_frame, pincount, DEC),
	MMS_FIELD(mms_frame, mapping_kind, NAME, .names = mapping_names),
	MMS_FIELD(mms_frame, mapping, HEX),
	MMS_FIELD(mms_frame, index, HEX),
	MMS_FIELD(mms_frame, private_word, HEX),
	MMS_FIELD(mms_frame, memcg_word, HEX),
	MMS_FIELD(mms_frame, cgroup_ino, DEC),
	MMS_FIELD(mms_frame, swap_type, DEC),
	MMS_FIELD(mms_frame, swap_slot, HEX),
	MMS_FIELD(mms_frame, buddy_pfn, HEX),
	MMS_FIELD(mms_frame, buddy_order, DEC),
	MMS_FIELD(mms_frame, zone, DEC),
	MMS_FIELD(mms_frame, node, DEC),
	MMS_FIELD(mms_frame, lru_gen, DEC),
	MMS_FIELD(mms_frame, ksm_sharers, DEC),
	MMS_FIELD(mms_frame, rmap, NAME, .names = rmap_names),
	MMS_FIELD(mms_frame, candidates, DEC),
	MMS_FIELD(mms_frame, migratetype, NAME, .names = mms_migratetype_names),
	{ }
};

static const struct mms_field file_fields[] = {
	MMS_FIELD(mms_frame_file, pfn, HEX),
	MMS_FIELD(mms_frame_file, dev_major, DEC),
	MMS_FIELD(mms_frame_file, dev_minor, DEC),
	MMS_FIELD(mms_frame_file, ino, DEC),
	MMS_FIELD(mms_frame_file, i_size, DEC),
	MMS_FIELD(mms_frame_file, nrpages, DEC),
	MMS_FIELD(mms_frame_file, mode, HEX),
	MMS_FIELD(mms_frame_file, magic, HEX),
	MMS_FIELD(mms_frame_file, flags, HEX),
	{ .name = "fs", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_frame_file) },
	{ }
};

static const struct mms_field slab_fields[] = {
	MMS_FIELD(mms_frame_slab, pfn, HEX),
	MMS_FIELD(mms_frame_slab, va, HEX),
	MMS_FIELD(mms_frame_slab, known, HEX),
	MMS_FIELD(mms_frame_slab, size, DEC),
	MMS_FIELD(mms_frame_slab, object_size, DEC),
	MMS_FIELD(mms_frame_slab, objects, DEC),
	MMS_FIELD(mms_frame_slab, inuse, DEC),
	{ .name = "name", .format = MMS_FMT_TAIL, .offset = offsetof(struct mms_frame_slab, name) },
	{ }
};

static const struct mms_field task_fields[] = {
	MMS_FIELD(mms_frame_task, pfn, HEX),
	MMS_FIELD(mms_frame_task, role, NAME, .names = role_names),
	MMS_FIELD(mms_frame_task, pid, DEC),
	MMS_FIELD(mms_frame_task, tid, DEC),
	MMS_FIELD(mms_frame_task, page, DEC),
	{ .name = "comm", .format = MMS_FMT_TAIL, .offset = offsetof(struct mms_frame_task, comm) },
	{ }
};

static const struct mms_field map_fields[] = {
	MMS_FIELD(mms_frame_map, pfn, HEX),
	MMS_FIELD(mms_frame_map, pid, DEC),
	MMS_FIELD(mms_frame_map, va, HEX),
	MMS_FIELD(mms_frame_map, vma_start, HEX),
	MMS_FIELD(mms_frame_map, vma_end, HEX),
	MMS_FIELD(mms_frame_map, state, NAME, .names = map_names),
	MMS_FIELD(mms_frame_map, level, DEC),
	MMS_FIELD(mms_frame_map, entry_pa, HEX),
	MMS_FIELD(mms_frame_map, raw, HEX),
	MMS_FIELD(mms_frame_map, pt_flags, HEX),
	{ .name = "comm", .format = MMS_FMT_TAIL, .offset = offsetof(struct mms_frame_map, comm) },
	{ }
};

static const struct mms_text frame_texts[] = {
	{ MMS_REC_FRAME, "frame", sizeof(struct mms_frame), frame_fields },
	{ MMS_REC_FRAME_FILE, "file", sizeof(struct mms_frame_file), file_fields },
	{ MMS_REC_FRAME_SLAB, "slab", sizeof(struct mms_frame_slab), slab_fields },
	{ MMS_REC_FRAME_TASK, "task", sizeof(struct mms_frame_task), task_fields },
	{ MMS_REC_FRAME_MAP, "map", sizeof(struct mms_frame_map), map_fields },
	{ }
};

const struct mms_collector mms_collector_frame = {
	.name = "frame",
	.kind = MMS_KIND_FRAME,
	.record_size = sizeof(struct mms_frame),
	.record_max = FRAME_ROOM + sizeof(struct mms_frame_map),
	.texts = frame_texts,
	.machine = true,
	.req_flags = MMS_FREQ_OWNERS | MMS_FREQ_MAPS,
	.req_default = MMS_FREQ_OWNERS | MMS_FREQ_MAPS,
	.init = mms_frame_init,
	.open = mms_frame_open,
	.batch = mms_frame_batch,
	.close = mms_frame_close,
};
