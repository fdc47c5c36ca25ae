// SPDX-License-Identifier: GPL-2.0
/*
 * Every page frame of the machine and what it is used for, neighbours that are
 * alike as one record.
 * Locks: none on pages, no reference; mms_memmap_hold() for some thousand frames
 * at a time, so that memory can be taken out of the machine meanwhile.  May
 * sleep in between.  Emits MMS_REC_FRAME_RUN.
 *
 * One look at most frames is too much: a free block and a compound page are
 * taken as a whole.  What most of the others are, pages of processes and of
 * files, is told here from three words; all else in pageclass.c.
 */
#include <linux/slab.h>
#include "../compat/page.h"
#include "../mmscope.h"
#include "../pageclass.h"
#include "../zone.h"

#define MMS_BEYOND	(1UL << 20)	/* frames told at most, of those behind the last */
#define MMS_CHUNK	4096UL	/* frames between two calls of cond_resched(); struct pages of
				 * as many, aligned, lie side by side in every memory model */
#define MMS_CHUNKS	64	/* in a batch at most */

/* struct frames - state of one query
 * @memo: of mms_page_class()
 * @ram_first: the range of RAM that the cursor is in or before
 * @ram_end: its end; 0 = to be asked for
 * @run: the record to be; .count 0 = none
 * @key: what the frames of @run have in common, see frame_key()
 * @zone_bits: zone and node of @run, as a page's flags have them
 * @moves: of mms_memory_moved()
 */
struct frames {
	struct mms_memo memo;
	struct mms_sink *sink;
	bool want_flags;
	u64 ram_first, ram_end;
	struct mms_frame_run run;
	u64 key;
	unsigned long zone_bits;
	unsigned int moves;
};

#define NO_ZONE		(~0UL)
#define ZONE_BITS	((ZONES_MASK << ZONES_PGSHIFT) | (NODES_MASK << NODES_PGSHIFT))

static inline u64 frame_key(u32 class, u32 order, u32 flags, u32 refs)
{
	return class | order << 8 | (u64)flags << 16 | (u64)refs << 32;
}

/* The run is over: into the sink with it.  Is there no room? */
static bool put_run(struct frames *f)
{
	struct mms_frame_run *r;

	if (!f->run.count)
		return false;
	r = mms_emit_raw(f->sink, MMS_REC_FRAME_RUN, sizeof(*r));
	if (!r)
		return true;
	r->pfn = f->run.pfn;
	r->count = f->run.count;
	r->class = f->key & 0xff;
	r->order = f->key >> 8 & 0xff;
	r->flags = f->key >> 16 & 0xffff;
	r->refs = f->key >> 32;
	r->zone = f->run.zone;
	r->node = f->run.node;
	f->run.count = 0;
	return false;
}

static noinline bool new_run(struct frames *f, u64 pfn, u64 n, u64 key, const struct page *page,
			     unsigned long zone_bits)
{
	if (put_run(f))
		return true;
	if (f->zone_bits != zone_bits) {
		f->zone_bits = zone_bits;
		f->run.zone = page ? mms_zone_type(page_zone(page)) : MMS_ZONE_UNKNOWN;
		f->run.node = page ? page_to_nid(page) : ~0U;
	}
	f->run.pfn = pfn;
	f->run.count = n;
	f->key = key;
	return false;
}

/* @n frames from @pfn on; false: the sink is full, and they are not in it. */
static inline bool add_frames(struct frames *f, u64 pfn, u64 n, u64 key, const struct page *page,
			      unsigned long zone_bits)
{
	if (f->key == key && f->zone_bits == zone_bits && f->run.count) {
		f->run.count += n;
		return true;
	}
	return !new_run(f, pfn, n, key, page, zone_bits);
}

/* Frames that have no struct page, or none that may be looked at. */
static bool add_absent(struct frames *f, u64 pfn, u64 n, u32 class)
{
	return add_frames(f, pfn, n, frame_key(class, 0, 0, 0), NULL, NO_ZONE);
}

/* Pages that need a second look. */
static noinline u64 slow_key(struct frames *f, struct page *page, bool ram, u32 class,
			     struct mms_block *b)
{
	u32 flags = 0, refs = 0;

	if (class == __MMS_FRAME_MAX)
		class = mms_page_class(page, b, &f->memo);
	if (class == MMS_FRAME_RESERVED && !ram)
		class = MMS_FRAME_HOLE;
	if (f->want_flags)
		flags = mms_page_flags(page, b);
	else if (class != MMS_FRAME_FREE && b->order)
		flags = MMS_FRAME_F_COMPOUND;
	if (class == MMS_FRAME_UNKNOWN || class == MMS_FRAME_DRIVER)
		refs = mms_page_refs(pfn_to_page(b->pfn));
	return frame_key(class, b->order, flags, refs);
}

/*
 * One of the many: no tail, no compound page, neither reserved nor typed, with a
 * mapping.  Its class, or __MMS_FRAME_MAX: it is not.
 */
static inline u32 quick_class(const struct page *page, unsigned long word)
{
	const unsigned long slow = 1UL << PG_head | 1UL << PG_reserved | MMS_WORD_SLAB | MMS_WORD_HWPOISON;
	unsigned long mapping = mms_page_mapping(page);

	if (word & slow || !mapping || mms_page_tail(page) || mms_page_typed(page))
		return __MMS_FRAME_MAX;
	/* still what it was when its flags were read? */
	if ((mapping & 3) == 1)
		return mms_page_word(page) == word ? MMS_FRAME_ANON : __MMS_FRAME_MAX;
	if (!(mapping & 3) && word & (1UL << PG_swapbacked))
		return mms_page_word(page) == word ? MMS_FRAME_SHMEM : __MMS_FRAME_MAX;
	return __MMS_FRAME_MAX;
}

/* Frames [pfn, end) whose struct pages lie side by side.  Returns the first that
 * did not fit into the sink, or @end. */
static u64 scan_pages(struct frames *f, struct page *page, u64 pfn, u64 end, bool ram)
{
	const bool want_flags = f->want_flags;

	while (pfn < end) {
		unsigned long word = mms_page_word(page);
		struct mms_block b = { .pfn = pfn };
		u32 class = quick_class(page, word);
		u64 key, n = 1;

		if (likely(class != __MMS_FRAME_MAX && !want_flags)) {
			key = class;
		} else {
			key = slow_key(f, page, ram, class, &b);
			if (b.order)
				n = min_t(u64, b.pfn + (1UL << b.order), end) - pfn;
		}
		if (!add_frames(f, pfn, n, key, page, word & ZONE_BITS))
			return pfn;
		pfn += n;
		page += n;
	}
	return end;
}

/* No RAM up to @end, says the kernel: holes, some with struct pages, or a device's. */
static u64 scan_gap(struct frames *f, u64 pfn, u64 end)
{
	struct page *page = mms_online_page(pfn);
	u32 class;

	end = min(end, round_down(pfn, MMS_CHUNK) + MMS_CHUNK);
	if (page)
		return scan_pages(f, page, pfn, end, false);
	class = mms_device_page(pfn) ? MMS_FRAME_DEVICE : MMS_FRAME_HOLE;
	/* (memory of a device comes in subsections of 2 MiB) */
	end = min(end, round_down(pfn, 512UL) + 512);
	return add_absent(f, pfn, end - pfn, class) ? end : pfn;
}

static u64 scan_ram(struct frames *f, u64 pfn, u64 end)
{
	struct page *page = mms_online_page(pfn);

	end = min(end, round_down(pfn, MMS_CHUNK) + MMS_CHUNK);
	if (page)
		return scan_pages(f, page, pfn, end, true);
	return add_absent(f, pfn, end - pfn, MMS_FRAME_OFFLINE_BLOCK) ? end : pfn;
}

/* The next frames, a chunk at most. */
static u64 scan_some(struct frames *f, u64 pfn, u64 end)
{
	if (pfn >= f->ram_end && !mms_ram_next(pfn, &f->ram_first, &f->ram_end)) {
		f->ram_first = U64_MAX;
		f->ram_end = U64_MAX;
	}
	/* Numbers that no struct page can have. */
	if (pfn >= ULONG_MAX)
		return add_absent(f, pfn, end - pfn, MMS_FRAME_HOLE) ? end : pfn;
	end = min_t(u64, end, ULONG_MAX);
	return pfn < f->ram_first ? scan_gap(f, pfn, min(end, f->ram_first)) :
				    scan_ram(f, pfn, min(end, f->ram_end));
}

static void mms_frames_init(struct mms_cap *cap)
{
	mms_pageclass_init();
	mms_selfcheck(cap);
}

static int mms_frames_open(struct mms_query *q)
{
	struct frames *f;

	if (q->req.end == U64_MAX) {
		q->req.end = mms_pfn_end();
		if (q->req.start >= q->req.end)
			return -ERANGE;
	}
	/* Behind all memory there is nothing but a hole, and 2^52 frames of it take long. */
	if (q->req.end - q->req.start > MMS_BEYOND && q->req.end > mms_pfn_end())
		q->req.end = max(mms_pfn_end(), q->req.start + MMS_BEYOND);
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->zone_bits = NO_ZONE - 1;
	f->want_flags = q->req.flags & MMS_REQ_FRAME_FLAGS;
	mms_memory_moved(&f->moves);
	q->priv = f;
	return 0;
}

static void mms_frames_close(struct mms_query *q)
{
	kfree(q->priv);
}

static int scan_chunks(struct frames *f, struct mms_query *q, struct mms_sink *s)
{
	unsigned int i;
	u64 next;

	memset(&f->memo, 0, sizeof(f->memo));
	for (i = 0; i < MMS_CHUNKS && q->cursor < q->req.end; i++) {
		mms_memmap_hold();
		mms_hold_begin(q);
		next = scan_some(f, q->cursor, q->req.end);
		mms_memmap_release();
		mms_hold_end(q);
		q->stats.entries += next - q->cursor;
		q->cursor = next;
		if (mms_sink_room(s) < sizeof(struct mms_frame_run))
			return MMS_BATCH_MORE;
		cond_resched();
	}
	if (q->cursor < q->req.end)
		return MMS_BATCH_MORE;
	return put_run(f) ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}

static int mms_frames_batch(struct mms_query *q, struct mms_sink *s)
{
	struct frames *f = q->priv;
	int ret;

	f->sink = s;
	ret = scan_chunks(f, q, s);
	if (mms_memory_moved(&f->moves)) {
		q->stats.torn++;
		q->torn = true;
	}
	return ret;
}

static const struct mms_field run_fields[] = {
	MMS_FIELD(mms_frame_run, pfn, HEX),
	MMS_FIELD(mms_frame_run, count, DEC),
	MMS_FIELD(mms_frame_run, class, NAME, .names = mms_frame_class_names),
	MMS_FIELD(mms_frame_run, flags, FLAGS, .letters = "clauMdwrsSLpmRhU"),
	MMS_FIELD(mms_frame_run, zone, NAME, .names = mms_zone_names),
	MMS_FIELD(mms_frame_run, node, DEC),
	MMS_FIELD(mms_frame_run, order, DEC),
	MMS_FIELD(mms_frame_run, refs, DEC),
	{ }
};

static const struct mms_text frames_texts[] = {
	{ MMS_REC_FRAME_RUN, "frames", sizeof(struct mms_frame_run), run_fields },
	{ }
};

static const struct mms_word frames_words[] = {
	{ "flags", MMS_REQ_FRAME_FLAGS },
	{ }
};

const struct mms_collector mms_collector_frames = {
	.name = "frames",
	.kind = MMS_KIND_FRAMES,
	.record_size = sizeof(struct mms_frame_run),
	.record_max = sizeof(struct mms_frame_run),
	.texts = frames_texts,
	.machine = true,
	.req_flags = MMS_REQ_FRAME_FLAGS,
	.words = frames_words,
	.init = mms_frames_init,
	.open = mms_frames_open,
	.batch = mms_frames_batch,
	.close = mms_frames_close,
};
