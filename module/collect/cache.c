// SPDX-License-Identifier: GPL-2.0
/*
 * The page cache by file: one lockless pass over all frames.  A folio belongs
 * to an inode if its mapping is that inode's own and says so from both sides;
 * inodes are read, never referenced: no iget, no iput, nothing is kept alive.
 * Locks: RCU per 256 frames; mms_memmap_hold() against memory hot-remove.  May
 * sleep between.  Emits MMS_REC_CACHE_NAME, _FILE, _RUN.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/slab.h>
#include "../mmscope.h"
#include "../folio.h"
#include "../inode.h"
#include "../memory.h"

#define CHUNK		256	/* frames per RCU section */
#define SLOT_BITS	12
#define SLOTS		(1U << SLOT_BITS)
/* what one folio may emit: who it was, who it is, its run */
#define ROOM		(2 * sizeof(struct mms_cache_file) + sizeof(struct mms_cache_name) + \
			 2 * sizeof(struct mms_cache_run) + PATH_MAX + 16)

/**
 * struct slot - what was counted of one file since it came in here
 * @mapping: NULL = free
 */
struct slot {
	const struct address_space *mapping;
	struct mms_cache_file f;
};

/**
 * struct cache_walk - a pass, kept between batches
 * @pfn: next frame to look at
 * @end: the first behind all
 * @flush: next slot to tell, once all frames were looked at
 * @run: the run that grows; .pages = 0: none
 */
struct cache_walk {
	u64 pfn;
	u64 end;
	unsigned int flush;
	struct mms_cache_run run;
	struct mms_inode_facts inode;
	char path[PATH_MAX];
	struct slot slots[SLOTS];
};

static void emit_file(struct mms_sink *s, struct slot *slot)
{
	struct mms_cache_file *rec;

	if (!slot->mapping || !slot->f.pages)
		return;
	rec = mms_emit(s, MMS_REC_CACHE_FILE, sizeof(*rec), 0);
	if (WARN_ON_ONCE(!rec))
		return;
	slot->f.head = rec->head;
	*rec = slot->f;
}

static void emit_run(struct mms_sink *s, struct cache_walk *w)
{
	struct mms_cache_run *rec;

	if (!w->run.pages)
		return;
	rec = mms_emit(s, MMS_REC_CACHE_RUN, sizeof(*rec), 0);
	if (WARN_ON_ONCE(!rec))
		return;
	w->run.head = rec->head;
	*rec = w->run;
	w->run.pages = 0;
}

static u32 file_flags(const struct mms_inode_facts *i)
{
	return (i->bdev ? MMS_CACHE_F_BDEV : 0) |
	       (i->magic == TMPFS_MAGIC ? MMS_CACHE_F_SHMEM : 0) |
	       (i->magic == HUGETLBFS_MAGIC ? MMS_CACHE_F_HUGETLB : 0) |
	       (i->nlink || i->bdev ? 0 : MMS_CACHE_F_DELETED);
}

static void emit_name(struct mms_sink *s, struct cache_walk *w, const struct slot *slot)
{
	struct mms_cache_name *rec = mms_emit(s, MMS_REC_CACHE_NAME, sizeof(*rec), PATH_MAX);
	enum mms_name how = MMS_NAME_NONE;
	size_t at = 0;

	if (WARN_ON_ONCE(!rec))
		return;
	if (!w->inode.bdev)
		how = mms_inode_path(w->inode.inode, w->path, sizeof(w->path), &at);
	rec->ino = slot->f.ino;
	rec->dev_major = slot->f.dev_major;
	rec->dev_minor = slot->f.dev_minor;
	rec->flags = file_flags(&w->inode);
	rec->flags |= how == MMS_NAME_UNHASHED ? MMS_CACHE_F_DELETED : 0;
	rec->flags |= how == MMS_NAME_PSEUDO ? MMS_CACHE_F_PSEUDO : 0;
	rec->size = w->inode.size;
	rec->nrpages = w->inode.nrpages;
	rec->mode = w->inode.mode;
	if (how != MMS_NAME_NONE) {
		rec->path_len = sizeof(w->path) - at;
		memset((char *)(rec + 1) + ALIGN(rec->path_len, 8) - 8, 0, 8);
		memcpy(rec + 1, w->path + at, rec->path_len);
	}
	mms_emit_trim(s, &rec->head, sizeof(*rec) + rec->path_len);
}

/* The slot of this mapping; NULL where it is no inode's, or one not asked for. */
static struct slot *slot_of(struct mms_query *q, struct mms_sink *s, struct cache_walk *w,
			    const struct address_space *mapping)
{
	struct slot *slot = &w->slots[hash_ptr(mapping, SLOT_BITS)];

	if (slot->mapping == mapping && mms_inode_is(mapping, slot->f.ino))
		return slot;
	if (!mms_inode_facts(mapping, &w->inode))
		return NULL;
	if (w->inode.ino < q->req.start || w->inode.ino >= q->req.end)
		return NULL;
	emit_file(s, slot);
	memset(slot, 0, sizeof(*slot));
	slot->mapping = mapping;
	slot->f.ino = w->inode.ino;
	slot->f.dev_major = MAJOR(w->inode.dev);
	slot->f.dev_minor = MINOR(w->inode.dev);
	slot->f.flags = file_flags(&w->inode);
	emit_name(s, w, slot);
	return slot;
}

static void count(struct mms_cache_file *f, u32 flags, u32 mapcount, u64 n)
{
	f->pages += n;
	f->dirty += flags & MMS_FOLIO_F_DIRTY ? n : 0;
	f->writeback += flags & MMS_FOLIO_F_WRITEBACK ? n : 0;
	f->active += flags & MMS_FOLIO_F_ACTIVE ? n : 0;
	f->referenced += flags & MMS_FOLIO_F_REFERENCED ? n : 0;
	f->unevictable += flags & MMS_FOLIO_F_UNEVICTABLE ? n : 0;
	if (mapcount == MMS_LRU_UNKNOWN)
		f->flags |= MMS_CACHE_F_MAPPED_PART;
	else if (mapcount)
		f->mapped += n;
}

static void grow_run(struct mms_sink *s, struct cache_walk *w, const struct mms_cache_file *f,
		     u64 pfn, u64 index, u64 n, u32 flags, u32 mapcount)
{
	struct mms_cache_run *r = &w->run;

	if (r->pages && r->ino == f->ino && r->dev_major == f->dev_major &&
	    r->dev_minor == f->dev_minor && r->pfn + r->pages == pfn &&
	    r->index + r->pages == index && r->flags == flags && r->mapcount == mapcount) {
		r->pages += n;
		return;
	}
	emit_run(s, w);
	*r = (struct mms_cache_run){
		.ino = f->ino, .dev_major = f->dev_major, .dev_minor = f->dev_minor,
		.index = index, .pfn = pfn, .pages = n, .flags = flags, .mapcount = mapcount,
	};
}

/* Frames of a folio; a head that is being taken apart may say anything. */
static u64 folio_frames(mms_folio *folio, u64 pfn)
{
	u64 n = mms_folio_pages(folio);

	return n && !(n & (n - 1)) && !(pfn & (n - 1)) ? n : 1;
}

/* What is at @pfn?  Returns how many frames were told. */
static u64 look(struct mms_query *q, struct mms_sink *s, struct cache_walk *w, u64 pfn)
{
	struct page *page = mms_online_page(pfn);
	const struct address_space *mapping;
	mms_folio *folio = (mms_folio *)page;
	u32 flags, mapcount;
	struct slot *slot;
	u64 n, index;

	if (!page)
		return CHUNK - pfn % CHUNK;
	if (PageTail(page) || !page_ref_count(page))
		return 1;
	mapping = (void *)READ_ONCE(folio->mapping);
	if (!mapping || (unsigned long)mapping % sizeof(long))
		return 1;
	slot = slot_of(q, s, w, mapping);
	if (!slot)
		return 1;
	n = folio_frames(folio, pfn);
	index = folio->index;
	flags = mms_folio_flags_neutral(mms_folio_flags(folio));
	mapcount = mms_folio_mapcount(folio);
	/* freed, or truncated, while it was read */
	if (READ_ONCE(folio->mapping) != mapping || !page_ref_count(page) || PageTail(page))
		return 1;
	count(&slot->f, flags, mapcount, n);
	if (q->req.flags & MMS_REQ_CACHE_RUNS)
		grow_run(s, w, &slot->f, pfn, index, n, flags, mapcount);
	return n;
}

static void look_chunk(struct mms_query *q, struct mms_sink *s, struct cache_walk *w)
{
	u64 end = min(w->end, (w->pfn / CHUNK + 1) * CHUNK);

	mms_memmap_hold();
	rcu_read_lock();
	while (w->pfn < end && mms_sink_room(s) >= ROOM) {
		q->stats.entries++;
		w->pfn += look(q, s, w, w->pfn);
	}
	rcu_read_unlock();
	mms_memmap_release();
}

static int mms_cache_batch(struct mms_query *q, struct mms_sink *s)
{
	struct cache_walk *w = q->priv;

	while (w->pfn < w->end) {
		if (mms_sink_room(s) < ROOM || signal_pending(current))
			return MMS_BATCH_MORE;
		look_chunk(q, s, w);
		cond_resched();
	}
	if (mms_sink_room(s) < ROOM)
		return MMS_BATCH_MORE;
	emit_run(s, w);
	for (; w->flush < SLOTS; w->flush++) {
		if (mms_sink_room(s) < ROOM)
			return MMS_BATCH_MORE;
		emit_file(s, &w->slots[w->flush]);
	}
	return MMS_BATCH_DONE;
}

static void mms_cache_init(struct mms_cap *cap)
{
	cap->state = MMS_CAP_OK;
}

static int mms_cache_open(struct mms_query *q)
{
	struct cache_walk *w = kvzalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	w->end = mms_pfn_end();
	q->priv = w;
	return 0;
}

static void mms_cache_close(struct mms_query *q)
{
	kvfree(q->priv);
}

static const struct mms_field name_fields[] = {
	MMS_FIELD(mms_cache_name, dev_major, DEC),
	MMS_FIELD(mms_cache_name, dev_minor, DEC),
	MMS_FIELD(mms_cache_name, ino, DEC),
	MMS_FIELD(mms_cache_name, flags, FLAGS, .letters = "bshdpm"),
	MMS_FIELD(mms_cache_name, size, DEC),
	MMS_FIELD(mms_cache_name, nrpages, DEC),
	{ .name = "path", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_cache_name) },
	{ }
};

static const struct mms_field file_fields[] = {
	MMS_FIELD(mms_cache_file, dev_major, DEC),
	MMS_FIELD(mms_cache_file, dev_minor, DEC),
	MMS_FIELD(mms_cache_file, ino, DEC),
	MMS_FIELD(mms_cache_file, flags, FLAGS, .letters = "bshdpm"),
	MMS_FIELD(mms_cache_file, pages, DEC),
	MMS_FIELD(mms_cache_file, dirty, DEC),
	MMS_FIELD(mms_cache_file, writeback, DEC),
	MMS_FIELD(mms_cache_file, active, DEC),
	MMS_FIELD(mms_cache_file, referenced, DEC),
	MMS_FIELD(mms_cache_file, mapped, DEC),
	MMS_FIELD(mms_cache_file, unevictable, DEC),
	{ }
};

static const struct mms_field run_fields[] = {
	MMS_FIELD(mms_cache_run, dev_major, DEC),
	MMS_FIELD(mms_cache_run, dev_minor, DEC),
	MMS_FIELD(mms_cache_run, ino, DEC),
	MMS_FIELD(mms_cache_run, index, HEX),
	MMS_FIELD(mms_cache_run, pfn, HEX),
	MMS_FIELD(mms_cache_run, pages, DEC),
	MMS_FIELD(mms_cache_run, flags, FLAGS, .letters = "radwWbsumlRUL"),
	MMS_FIELD(mms_cache_run, mapcount, DEC),
	{ }
};

static const struct mms_text cache_texts[] = {
	{ MMS_REC_CACHE_NAME, "name", sizeof(struct mms_cache_name), name_fields },
	{ MMS_REC_CACHE_FILE, "file", sizeof(struct mms_cache_file), file_fields },
	{ MMS_REC_CACHE_RUN, "run", sizeof(struct mms_cache_run), run_fields },
	{ }
};

static const struct mms_word cache_words[] = {
	{ "runs", MMS_REQ_CACHE_RUNS },
	{ }
};

const struct mms_collector mms_collector_cache = {
	.name = "cache",
	.kind = MMS_KIND_CACHE,
	.record_size = sizeof(struct mms_cache_file),
	.record_max = ROOM,
	.texts = cache_texts,
	.machine = true,
	.req_flags = MMS_REQ_CACHE_RUNS,
	.req_default = 0,
	.words = cache_words,
	.init = mms_cache_init,
	.open = mms_cache_open,
	.batch = mms_cache_batch,
	.close = mms_cache_close,
};
