// SPDX-License-Identifier: GPL-2.0
/* Which aligned blocks are nearly free, and can what is in them be moved away? */
#include "model/whynot.h"

#include <string.h>

#define NO_BLOCK	(~0ULL)

enum mms_mobility mms_mobility_of(uint32_t frame_class)
{
	switch (frame_class) {
	case MMS_FRAME_FREE:
		return MMS_MOB_FREE;
	case MMS_FRAME_FREE_PCP:
		return MMS_MOB_PCP;
	case MMS_FRAME_ANON:
	case MMS_FRAME_KSM:
	case MMS_FRAME_SWAPCACHE:
	case MMS_FRAME_SHMEM:
	case MMS_FRAME_FILE:
	case MMS_FRAME_BUFFER:
	case MMS_FRAME_ZSMALLOC:
	case MMS_FRAME_BALLOON:
		return MMS_MOB_MOVABLE;
	case MMS_FRAME_HUGETLB:
		return MMS_MOB_HUGETLB;
	case MMS_FRAME_HOLE:
	case MMS_FRAME_OFFLINE_BLOCK:
	case MMS_FRAME_DEVICE:
		return MMS_MOB_ABSENT;
	default:
		return MMS_MOB_FIXED;
	}
}

void mms_whynot_begin(struct mms_whynot *w, unsigned int order, uint32_t zone)
{
	memset(w, 0, sizeof(*w));
	w->order = order;
	w->zone = zone;
	w->movable.pfn = NO_BLOCK;
	w->at.pfn = NO_BLOCK;
	w->wanted = NO_BLOCK;
	w->found.pfn = NO_BLOCK;
}

void mms_whynot_want(struct mms_whynot *w, uint64_t pfn)
{
	w->wanted = pfn & ~((1ULL << w->order) - 1);
}

bool mms_whynot_found(const struct mms_whynot *w)
{
	return w->found.pfn != NO_BLOCK;
}

/* Fewer frames in use, then fewer that stay. */
static bool better(const struct mms_candidate *a, const struct mms_candidate *b)
{
	if (a->movable + a->fixed != b->movable + b->fixed)
		return a->movable + a->fixed < b->movable + b->fixed;
	return a->fixed < b->fixed;
}

static void rank(struct mms_whynot *w, const struct mms_candidate *c)
{
	size_t i = w->nbest;

	if (i == MMS_WHYNOT_BEST && !better(c, &w->best[i - 1]))
		return;
	if (i < MMS_WHYNOT_BEST)
		w->nbest++;
	else
		i--;
	for (; i > 0 && better(c, &w->best[i - 1]); i--)
		w->best[i] = w->best[i - 1];
	w->best[i] = *c;
}

/* The block at hand is told wholly, or not at all: a hole, another zone. */
static void block_done(struct mms_whynot *w)
{
	const struct mms_candidate *c = &w->at;

	if (c->pfn != NO_BLOCK && c->free + c->movable + c->fixed == 1ULL << w->order) {
		w->blocks++;
		if (c->pfn == w->wanted)
			w->found = *c;
		if (!c->movable && !c->fixed)
			w->blocks_free++;
		else
			rank(w, c);
		if (c->movable && !c->fixed) {
			w->blocks_movable++;
			if (w->movable.pfn == NO_BLOCK || better(c, &w->movable))
				w->movable = *c;
		}
	}
	w->at.pfn = NO_BLOCK;
}

static void add(struct mms_whynot *w, uint64_t pfn, uint64_t n, const struct mms_frame_run *run)
{
	uint64_t block = pfn & ~((1ULL << w->order) - 1);

	if (w->at.pfn != block) {
		block_done(w);
		memset(&w->at, 0, sizeof(w->at));
		w->at.pfn = block;
		w->at.zone = run->zone;
		w->at.node = run->node;
	}
	/* no block spans two zones: such a one stays incomplete */
	if (w->at.zone != run->zone || w->at.node != run->node)
		return;
	switch (mms_mobility_of(run->class)) {
	case MMS_MOB_FREE:
		w->at.free += n;
		break;
	case MMS_MOB_PCP:
	case MMS_MOB_MOVABLE:
		w->at.movable += n;
		break;
	case MMS_MOB_HUGETLB:
	case MMS_MOB_FIXED:
		w->at.fixed += n;
		break;
	case MMS_MOB_ABSENT:
		break;
	}
}

/* @n more blocks from @pfn on, like the last one of one class throughout. */
static void more_blocks(struct mms_whynot *w, uint64_t pfn, uint64_t n, const struct mms_frame_run *run)
{
	enum mms_mobility mobility = mms_mobility_of(run->class);

	if (w->wanted >= pfn && w->wanted < pfn + (n << w->order)) {
		w->found = (struct mms_candidate){ .pfn = w->wanted, .zone = run->zone, .node = run->node };
		if (mobility == MMS_MOB_FREE)
			w->found.free = 1ULL << w->order;
		else if (mobility == MMS_MOB_MOVABLE || mobility == MMS_MOB_PCP)
			w->found.movable = 1ULL << w->order;
		else
			w->found.fixed = 1ULL << w->order;
	}
	w->blocks += n;
	if (mobility == MMS_MOB_FREE)
		w->blocks_free += n;
	else if (mobility == MMS_MOB_MOVABLE || mobility == MMS_MOB_PCP)
		w->blocks_movable += n;
}

void mms_whynot_run(struct mms_whynot *w, const struct mms_frame_run *run)
{
	uint64_t size = 1ULL << w->order, pfn = run->pfn, left = run->count;

	if ((w->zone != __MMS_ZONE_MAX && run->zone != w->zone) ||
	    mms_mobility_of(run->class) == MMS_MOB_ABSENT)
		return;
	while (left) {
		uint64_t n = size - (pfn & (size - 1));

		if (n > left)
			n = left;
		add(w, pfn, n, run);
		pfn += n;
		left -= n;
		/* the first whole blocks of a run stand for all of it */
		if (n == size && left / size > MMS_WHYNOT_BEST) {
			n = left / size - MMS_WHYNOT_BEST;
			block_done(w);
			more_blocks(w, pfn, n, run);
			pfn += n * size;
			left -= n * size;
		}
	}
}

void mms_whynot_end(struct mms_whynot *w)
{
	block_done(w);
}

/*
 * References that are known: each mapping's, those of the page cache or swap cache, one for each
 * of its pages, and one for its file system's data (mm.h: folio_expected_ref_count()).
 */
static uint64_t expected_refs(const struct mms_buddy_used *u)
{
	uint64_t n = u->maps, pages = u->flags & MMS_FRAME_F_COMPOUND && u->order < 32 ? 1ULL << u->order : 1;

	if (u->class == MMS_FRAME_SHMEM || u->class == MMS_FRAME_FILE || u->class == MMS_FRAME_BUFFER ||
	    u->class == MMS_FRAME_SWAPCACHE || u->flags & MMS_FRAME_F_SWAPCACHE)
		n += pages;
	return u->flags & MMS_FRAME_F_PRIVATE ? n + 1 : n;
}

bool mms_used_extra(const struct mms_buddy_used *u, uint64_t *extra)
{
	if (mms_mobility_of(u->class) != MMS_MOB_MOVABLE || u->class == MMS_FRAME_ZSMALLOC ||
	    u->class == MMS_FRAME_BALLOON || u->maps == MMS_BUDDY_MAPS_UNKNOWN)
		return false;
	*extra = u->refs > expected_refs(u) ? u->refs - expected_refs(u) : 0;
	return true;
}

enum mms_used_verdict mms_used_judge(const struct mms_buddy_used *u)
{
	uint64_t extra;

	switch (mms_mobility_of(u->class)) {
	case MMS_MOB_PCP:
	case MMS_MOB_FREE:
		return MMS_USED_PCP;
	case MMS_MOB_HUGETLB:
		return MMS_USED_HUGETLB;
	case MMS_MOB_MOVABLE:
		break;
	default:
		return MMS_USED_FIXED;
	}
	if (u->class == MMS_FRAME_ZSMALLOC || u->class == MMS_FRAME_BALLOON)
		return MMS_USED_MOVABLE;
	if (u->flags & MMS_FRAME_F_WRITEBACK)
		return MMS_USED_WRITEBACK;
	if (!(u->flags & MMS_FRAME_F_LRU))
		return MMS_USED_TRANSIT;
	if (!mms_used_extra(u, &extra))
		return MMS_USED_UNSURE;
	return extra ? MMS_USED_PINNED : MMS_USED_MOVABLE;
}

const char *mms_used_name(enum mms_used_verdict v)
{
	static const char *const names[] = {
		[MMS_USED_PCP] = "free: drain per-CPU lists", [MMS_USED_MOVABLE] = "movable",
		[MMS_USED_UNSURE] = "movable unless pinned", [MMS_USED_TRANSIT] = "not on a list now",
		[MMS_USED_WRITEBACK] = "being written", [MMS_USED_PINNED] = "pinned",
		[MMS_USED_HUGETLB] = "not by compaction", [MMS_USED_FIXED] = "not movable",
	};

	return names[v];
}
