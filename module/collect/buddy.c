// SPDX-License-Identifier: GPL-2.0
/*
 * Free blocks of every zone: by counter, by list and by frame.
 * Locks: zone->lock while lists are walked (freelist.c); else none.  Sleeps only
 * between batches, and in mms_memmap_hold().  Emits MMS_REC_BUDDY_ZONE, _AREA,
 * _BLOCK, _USED.
 *
 * The scan holds nothing: each struct page is copied with mms_peek(), and what
 * looks like a free block is looked at twice.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmstat.h>
#include "../mmscope.h"
#include "../freelist.h"
#include "../zone.h"
#include "../pageclass.h"
#include "../compat/buddy.h"
#include "../compat/folio.h"
#include "../compat/page.h"

#define MMS_SCAN_BATCH	8192	/* frames per batch */
#define MMS_ZONE_ROOM	(sizeof(struct mms_buddy_zone) + MMS_ORDERS * sizeof(struct mms_buddy_area))
#define MMS_USED_ORDER	10	/* largest compound page that may be read page by page */
#define MMS_USED_TRIES	3
#define MMS_SCAN_ROOM	(MMS_SCAN_PEEK * sizeof(struct mms_buddy_block))

/* --- frames --------------------------------------------------------------------- */

/* As /proc/pagetypeinfo counts them: one look per pageblock's length from the zone's start. */
static void count_pageblocks(struct mms_query *q, struct mms_buddy *b, struct zone *zone)
{
	u64 end = zone_end_pfn(zone);
	unsigned int n;
	struct page *page, copy;
	int mt;

	for (n = 0; n < MMS_SCAN_BATCH && b->pfn < end; n++, b->pfn += pageblock_nr_pages) {
		page = mms_online_page(b->pfn);
		if (!page || !mms_peek(&copy, page, sizeof(copy)) || !mms_in_zone(&copy, zone))
			continue;
		mt = mms_pageblock_type(zone, b->pfn);
		if (mt >= 0)
			b->pageblocks[mms_migratetype(mt)]++;
	}
}

static void emit_block(struct mms_query *q, struct mms_sink *s, const struct mms_buddy_area *a,
		       u64 pfn, enum mms_migratetype mt)
{
	struct mms_buddy_block *rec;

	if (!(q->req.flags & MMS_BUDDY_BLOCKS))
		return;
	rec = mms_emit(s, MMS_REC_BUDDY_BLOCK, sizeof(*rec), 0);
	if (WARN_ON_ONCE(!rec))
		return;
	rec->pfn = pfn;
	rec->order = a->order;
	rec->migratetype = mt;
	rec->node = a->node;
	rec->zone = a->zone;
}

/*
 * A free block at @pfn, seen twice?  Told and counted if so.
 * Return: frames that need no look of their own
 */
static u64 scan_block(struct mms_query *q, struct mms_buddy *b, struct mms_sink *s, struct zone *zone,
		      struct page *page, const struct page *seen)
{
	unsigned long order = page_private(seen), pfn = page_to_pfn(page);
	struct page again;
	enum mms_migratetype mt;
	int raw;

	smp_rmb();
	if (!mms_peek(&again, page, sizeof(again)) || !mms_is_block(&again, zone, order))
		return 1;
	if (order >= MMS_ORDERS || !IS_ALIGNED(pfn, 1UL << order)) {
		b->area[0].scan_odd++;
		return 1;
	}
	raw = mms_pageblock_type(zone, pfn);
	mt = raw < 0 ? MMS_MT_UNKNOWN : mms_migratetype(raw);
	b->area[order].scan[mt]++;
	emit_block(q, s, &b->area[order], pfn, mt);
	return 1UL << order;
}

/* The next frames, which lie in one subsection; room for a block each is there. */
static void scan_frames(struct mms_query *q, struct mms_buddy *b, struct mms_sink *s, struct zone *zone,
			u64 end)
{
	u64 stop = min(end, round_down(b->pfn, MMS_SCAN_PEEK) + MMS_SCAN_PEEK), from = b->pfn;
	struct page *page = mms_online_page(from);

	q->stats.entries += stop - from;
	if (!page || !mms_peek(b->pages, page, (stop - from) * sizeof(*page))) {
		b->pfn = stop;
		return;
	}
	while (b->pfn < stop) {
		struct page *copy = &b->pages[b->pfn - from];

		if (mms_in_zone(copy, zone) && PageBuddy(copy))
			b->pfn += scan_block(q, b, s, zone, page + (b->pfn - from), copy);
		else
			b->pfn++;
	}
}

/* The next of the zone's range, in one hold of the memory's map. */
static enum mms_batch scan(struct mms_query *q, struct mms_buddy *b, struct mms_sink *s,
			   struct zone *zone)
{
	u64 end = min_t(u64, zone_end_pfn(zone), q->req.end);
	u64 stop = b->pfn + MMS_SCAN_BATCH;

	mms_memmap_hold();
	while (b->pfn < end && b->pfn < stop && mms_sink_room(s) >= MMS_SCAN_ROOM)
		scan_frames(q, b, s, zone, end);
	mms_memmap_release();
	return b->pfn < end ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}

/* --- a zone's records ------------------------------------------------------------ */

static void emit_zone(struct mms_sink *s, const struct mms_buddy *b, struct zone *zone,
		      unsigned int nid)
{
	struct mms_buddy_zone *rec = mms_emit(s, MMS_REC_BUDDY_ZONE, sizeof(*rec), 0);
	unsigned int cpu;

	if (WARN_ON_ONCE(!rec))
		return;
	rec->node = nid;
	rec->zone = mms_zone_type(zone);
	rec->orders = MMS_ORDERS;
	rec->known = MMS_BUDDY_K_SPAN | MMS_BUDDY_K_FREE | MMS_BUDDY_K_PCP | MMS_BUDDY_K_WMARK |
		     MMS_BUDDY_K_PAGEBLOCKS;
	rec->start_pfn = zone->zone_start_pfn;
	rec->spanned = zone->spanned_pages;
	rec->present = zone->present_pages;
	rec->managed = zone_managed_pages(zone);
	rec->free = zone_page_state(zone, NR_FREE_PAGES);
	for_each_online_cpu(cpu)
		rec->pcp += mms_pcp_count(zone, cpu);
	rec->wmark_min = min_wmark_pages(zone);
	rec->wmark_low = low_wmark_pages(zone);
	rec->wmark_high = high_wmark_pages(zone);
	rec->block_order = pageblock_order;
	memcpy(rec->pageblocks, b->pageblocks, sizeof(rec->pageblocks));
}

static void emit_areas(struct mms_query *q, struct mms_sink *s, struct mms_buddy *b, struct zone *zone)
{
	unsigned int order;

	for (order = 0; order < MMS_ORDERS; order++) {
		struct mms_buddy_area *a = &b->area[order], *rec;
		struct mms_record head;

		rec = mms_emit(s, MMS_REC_BUDDY_AREA, sizeof(*rec), 0);
		if (WARN_ON_ONCE(!rec))
			return;
		if (!(a->known & MMS_BUDDY_K_COUNTER))
			a->counter = READ_ONCE(zone->free_area[order].nr_free);
		a->known |= MMS_BUDDY_K_COUNTER;
		if (b->scan_whole)
			a->known |= MMS_BUDDY_K_SCAN;
		head = rec->head;
		*rec = *a;
		rec->head = head;
	}
}

/* --- what is in use ----------------------------------------------------------------- */

/* May processes map what is of this class? */
static bool of_users(enum mms_frame_class class)
{
	return class == MMS_FRAME_ANON || class == MMS_FRAME_KSM || class == MMS_FRAME_SWAPCACHE ||
	       class == MMS_FRAME_SHMEM || class == MMS_FRAME_FILE || class == MMS_FRAME_BUFFER;
}

static u32 count_maps(const struct page *head, const struct mms_block *block, enum mms_frame_class class)
{
	int n;

	if (!(mms_page_word(head) & BIT(PG_head)))
		return mms_page_typed(head) ? MMS_BUDDY_MAPS_UNKNOWN : atomic_read(&head->_mapcount) + 1;
	if (!of_users(class) || !block->order || block->order > MMS_USED_ORDER)
		return MMS_BUDDY_MAPS_UNKNOWN;
	n = mms_folio_maps(head, block->order);
	/* taken apart meanwhile? */
	if (n < 0 || !(mms_page_word(head) & BIT(PG_head)) || compound_order((struct page *)head) != block->order)
		return MMS_BUDDY_MAPS_UNKNOWN;
	return n;
}

/* Who maps or unmaps it takes and drops references: both counts are of one state if one of them
 * has not changed while the other was read. */
static void count_users(struct mms_buddy_used *rec, const struct page *head, const struct mms_block *block)
{
	unsigned int i = 0;

	do {
		rec->refs = mms_page_refs(head);
		rec->maps = count_maps(head, block, rec->class);
	} while (rec->refs != mms_page_refs(head) && ++i < MMS_USED_TRIES);
}

static void emit_used(struct mms_sink *s, struct page *page, const struct mms_block *block,
		      enum mms_frame_class class, u64 pfn, u64 end)
{
	struct mms_buddy_used *rec = mms_emit(s, MMS_REC_BUDDY_USED, sizeof(*rec), 0);
	struct page *head = pfn_to_page(block->pfn);
	struct zone *zone = page_zone(page);
	int raw = mms_pageblock_type(zone, pfn);

	if (WARN_ON_ONCE(!rec))
		return;
	rec->pfn = pfn;
	rec->count = end - pfn;
	rec->class = class;
	rec->flags = mms_page_flags(page, block);
	rec->order = block->order;
	count_users(rec, head, block);
	rec->migratetype = raw < 0 ? MMS_MT_UNKNOWN : mms_migratetype(raw);
	rec->zone = mms_zone_type(zone);
	rec->node = page_to_nid(page);
}

/* The next of @q's range, in one hold of the memory's map. */
static enum mms_batch scan_used(struct mms_query *q, struct mms_sink *s)
{
	u64 stop = min_t(u64, q->req.end, q->cursor + MMS_SCAN_BATCH), next;
	struct mms_block block;
	struct page *page;

	mms_memmap_hold();
	while (q->cursor < stop && mms_sink_room(s) >= sizeof(struct mms_buddy_used)) {
		enum mms_frame_class class;

		page = mms_online_page(q->cursor);
		if (!page || PagePoisoned(page)) {
			q->cursor = min(stop, round_down(q->cursor, MMS_SCAN_PEEK) + MMS_SCAN_PEEK);
			continue;
		}
		class = mms_page_class(page, &block, NULL);
		next = max(q->cursor + 1, min_t(u64, block.pfn + (1UL << block.order), q->req.end));
		if (class != MMS_FRAME_FREE)
			emit_used(s, page, &block, class, q->cursor, next);
		q->stats.entries++;
		q->cursor = next;
	}
	mms_memmap_release();
	return q->cursor < q->req.end ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}

/* --- the query -------------------------------------------------------------------- */

static void zone_begin(struct mms_query *q, struct mms_buddy *b, struct zone *zone, unsigned int nid)
{
	bool scans = q->req.flags & (MMS_BUDDY_SCAN | MMS_BUDDY_BLOCKS);
	unsigned int order;

	memset(b->area, 0, sizeof(b->area));
	memset(b->pageblocks, 0, sizeof(b->pageblocks));
	for (order = 0; order < MMS_ORDERS; order++) {
		b->area[order].node = nid;
		b->area[order].zone = mms_zone_type(zone);
		b->area[order].order = order;
	}
	b->order = 0;
	b->best = 0;
	b->tries = 0;
	b->begun = true;
	b->order_begun = false;
	b->scan_whole = scans && q->req.start <= zone->zone_start_pfn &&
			q->req.end >= zone_end_pfn(zone);
	b->phase = BUDDY_LISTS;
}

static void phase_next(struct mms_query *q, struct mms_buddy *b, struct zone *zone)
{
	b->phase++;
	b->pfn = zone->zone_start_pfn;
	if (b->phase == BUDDY_SCAN)
		b->pfn = max(b->pfn, q->req.start);
}

/* One step on in this zone.  MMS_BATCH_DONE: its records are out. */
static enum mms_batch step(struct mms_query *q, struct mms_buddy *b, struct mms_sink *s,
			   struct zone *zone, unsigned int nid)
{
	switch (b->phase) {
	case BUDDY_LISTS:
		if (q->req.flags & MMS_BUDDY_LISTS)
			mms_freelist_walk(q, b, zone);
		if (!(q->req.flags & MMS_BUDDY_LISTS) || b->order == MMS_ORDERS)
			phase_next(q, b, zone);
		return MMS_BATCH_MORE;
	case BUDDY_PAGEBLOCKS:
		mms_memmap_hold();
		count_pageblocks(q, b, zone);
		mms_memmap_release();
		if (b->pfn >= zone_end_pfn(zone))
			phase_next(q, b, zone);
		return MMS_BATCH_MORE;
	case BUDDY_SCAN:
		if (!(q->req.flags & (MMS_BUDDY_SCAN | MMS_BUDDY_BLOCKS)) ||
		    scan(q, b, s, zone) == MMS_BATCH_DONE)
			phase_next(q, b, zone);
		return MMS_BATCH_MORE;
	case BUDDY_EMIT:
		if (mms_sink_room(s) < MMS_ZONE_ROOM)
			return MMS_BATCH_MORE;
		emit_zone(s, b, zone, nid);
		emit_areas(q, s, b, zone);
		break;
	}
	return MMS_BATCH_DONE;
}

static int mms_buddy_batch(struct mms_query *q, struct mms_sink *s)
{
	struct mms_buddy *b = q->priv;
	unsigned int nid;
	struct zone *zone;

	if (q->req.flags & MMS_BUDDY_USED)
		return scan_used(q, s);
	for (; b->zone < MAX_NUMNODES * MAX_NR_ZONES; b->zone++) {
		zone = mms_zone_at(b->zone, &nid);
		if (zone && !b->begun)
			zone_begin(q, b, zone, nid);
		if (zone && step(q, b, s, zone, nid) == MMS_BATCH_MORE)
			return MMS_BATCH_MORE;
		b->begun = false;
	}
	return MMS_BATCH_DONE;
}

static void mms_buddy_init(struct mms_cap *cap)
{
	mms_pageclass_init();
	cap->state = MMS_CAP_OK;
}

static int mms_buddy_open(struct mms_query *q)
{
	if (q->req.flags & MMS_BUDDY_USED) {
		if (q->req.flags != MMS_BUDDY_USED)
			return -EINVAL;
		q->req.end = min(q->req.end, mms_pfn_end());
		if (q->req.start >= q->req.end)
			return -ERANGE;
	}
	q->priv = kzalloc(sizeof(struct mms_buddy), GFP_KERNEL);
	return q->priv ? 0 : -ENOMEM;
}

static void mms_buddy_close(struct mms_query *q)
{
	kfree(q->priv);
}

#define EACH(rec, member, prefix, i) \
	{ .name = prefix, .format = MMS_FMT_DEC, .offset = offsetof(struct rec, member[i]), .size = 8 }
#define EACH_TYPE(rec, member, prefix) \
	EACH(rec, member, prefix "_unmovable", 0), EACH(rec, member, prefix "_movable", 1), \
	EACH(rec, member, prefix "_reclaimable", 2), EACH(rec, member, prefix "_highatomic", 3), \
	EACH(rec, member, prefix "_cma", 4), EACH(rec, member, prefix "_isolate", 5), \
	EACH(rec, member, prefix "_unknown", 6)

static const struct mms_field zone_fields[] = {
	MMS_FIELD(mms_buddy_zone, node, DEC),
	MMS_FIELD(mms_buddy_zone, zone, NAME, .names = mms_zone_names),
	MMS_FIELD(mms_buddy_zone, orders, DEC),
	MMS_FIELD(mms_buddy_zone, known, HEX),
	MMS_FIELD(mms_buddy_zone, start_pfn, HEX),
	MMS_FIELD(mms_buddy_zone, spanned, DEC),
	MMS_FIELD(mms_buddy_zone, present, DEC),
	MMS_FIELD(mms_buddy_zone, managed, DEC),
	MMS_FIELD(mms_buddy_zone, free, DEC),
	MMS_FIELD(mms_buddy_zone, pcp, DEC),
	MMS_FIELD(mms_buddy_zone, wmark_min, DEC),
	MMS_FIELD(mms_buddy_zone, wmark_low, DEC),
	MMS_FIELD(mms_buddy_zone, wmark_high, DEC),
	MMS_FIELD(mms_buddy_zone, block_order, DEC),
	EACH_TYPE(mms_buddy_zone, pageblocks, "pageblocks"),
	{ }
};

static const struct mms_field area_fields[] = {
	MMS_FIELD(mms_buddy_area, node, DEC),
	MMS_FIELD(mms_buddy_area, zone, NAME, .names = mms_zone_names),
	MMS_FIELD(mms_buddy_area, order, DEC),
	MMS_FIELD(mms_buddy_area, known, HEX),
	MMS_FIELD(mms_buddy_area, list_known, HEX),
	MMS_FIELD(mms_buddy_area, list_least, HEX),
	MMS_FIELD(mms_buddy_area, scan_odd, DEC),
	MMS_FIELD(mms_buddy_area, counter, DEC),
	EACH_TYPE(mms_buddy_area, list, "list"),
	EACH_TYPE(mms_buddy_area, scan, "scan"),
	{ }
};

static const struct mms_field block_fields[] = {
	MMS_FIELD(mms_buddy_block, pfn, HEX),
	MMS_FIELD(mms_buddy_block, order, DEC),
	MMS_FIELD(mms_buddy_block, migratetype, NAME, .names = mms_migratetype_names),
	MMS_FIELD(mms_buddy_block, node, DEC),
	MMS_FIELD(mms_buddy_block, zone, NAME, .names = mms_zone_names),
	{ }
};

static const struct mms_field used_fields[] = {
	MMS_FIELD(mms_buddy_used, pfn, HEX),
	MMS_FIELD(mms_buddy_used, count, DEC),
	MMS_FIELD(mms_buddy_used, class, NAME, .names = mms_frame_class_names),
	MMS_FIELD(mms_buddy_used, flags, FLAGS, .letters = "clauMdwrsSLpmRhU"),
	MMS_FIELD(mms_buddy_used, order, DEC),
	MMS_FIELD(mms_buddy_used, refs, DEC),
	MMS_FIELD(mms_buddy_used, maps, DEC),
	MMS_FIELD(mms_buddy_used, migratetype, NAME, .names = mms_migratetype_names),
	MMS_FIELD(mms_buddy_used, node, DEC),
	MMS_FIELD(mms_buddy_used, zone, NAME, .names = mms_zone_names),
	{ }
};

static const struct mms_text buddy_texts[] = {
	{ MMS_REC_BUDDY_ZONE, "zone", sizeof(struct mms_buddy_zone), zone_fields },
	{ MMS_REC_BUDDY_USED, "used", sizeof(struct mms_buddy_used), used_fields },
	{ MMS_REC_BUDDY_AREA, "area", sizeof(struct mms_buddy_area), area_fields },
	{ MMS_REC_BUDDY_BLOCK, "block", sizeof(struct mms_buddy_block), block_fields },
	{ }
};

static const struct mms_word buddy_words[] = {
	{ "lists", MMS_BUDDY_LISTS },
	{ "scan", MMS_BUDDY_SCAN },
	{ "blocks", MMS_BUDDY_BLOCKS },
	{ "used", MMS_BUDDY_USED },
	{ }
};

const struct mms_collector mms_collector_buddy = {
	.name = "buddy",
	.kind = MMS_KIND_BUDDY,
	.record_size = sizeof(struct mms_buddy_area),
	.record_max = MMS_SCAN_ROOM > MMS_ZONE_ROOM ? MMS_SCAN_ROOM : MMS_ZONE_ROOM,
	.texts = buddy_texts,
	.machine = true,
	.req_flags = MMS_BUDDY_LISTS | MMS_BUDDY_SCAN | MMS_BUDDY_BLOCKS | MMS_BUDDY_USED,
	.req_default = 0,
	.words = buddy_words,
	.init = mms_buddy_init,
	.open = mms_buddy_open,
	.batch = mms_buddy_batch,
	.close = mms_buddy_close,
};
