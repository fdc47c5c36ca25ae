// SPDX-License-Identifier: GPL-2.0
/* mmscope buddy --why-not ORDER: which frames stand in the way of a free block. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/holders.h"
#include "model/vec.h"
#include "model/whynot.h"
#include "names.h"
#include "source/pid.h"
#include "util/text.h"
#include "view/buddy.h"

#define C(n, t, h) { .name = n, .type = MMS_COL_##t, .shown = true, .help = h }
#define RANGES	(MMS_WHYNOT_BEST + 1)

enum { W_BLOCK, W_PFN, W_FRAMES, W_CLASS, W_VERDICT, W_PID, W_OWNER, W_VA, W_MORE, W_REFS, W_MAPS, W_EXTRA, W_BLOCKTYPE, W_MAX };

static const struct mms_column why_columns[W_MAX] = {
	[W_BLOCK] = C("BLOCK", HEX, ""),
	[W_PFN] = C("FRAME", HEX, ""),
	[W_FRAMES] = C("FRAMES", NUM, ""),
	[W_CLASS] = C("CLASS", STR, ""),
	[W_VERDICT] = C("MOVABLE", STR, ""),
	[W_PID] = C("PID", NUM, ""),
	[W_OWNER] = { .name = "OWNER", .type = MMS_COL_STR, .shown = true, .trunc = true },
	[W_VA] = { .name = "VA", .type = MMS_COL_HEX },
	[W_MORE] = { .name = "MORE", .type = MMS_COL_NUM },
	[W_REFS] = { .name = "REFS", .type = MMS_COL_NUM },
	[W_MAPS] = { .name = "MAPS", .type = MMS_COL_NUM },
	[W_EXTRA] = { .name = "EXTRA", .type = MMS_COL_NUM },
	[W_BLOCKTYPE] = { .name = "PAGEBLOCK", .type = MMS_COL_STR },
};

/**
 * struct why - one question
 * @frame: of the block that is asked for; NULL: which are nearly free is asked
 * @ranges: first frames of the candidates
 * @used: what is in them, in the order of @ranges
 * @all: --all: a line per frame, not per kind of frame
 */
struct why {
	struct mms_buddy_view *v;
	unsigned int order;
	const uint64_t *frame;
	bool all;
	struct mms_whynot w;
	uint64_t ranges[RANGES];
	size_t nranges;
	struct mms_buddy_used *used;
	size_t nused;
	size_t room;
	struct mms_holders holders;
};

/* --- what is asked of the source --- */

static int take_run(void *ctx, const struct mms_record *rec)
{
	if (rec->type == MMS_REC_FRAME_RUN)
		mms_whynot_run(ctx, (const void *)rec);
	return 0;
}

static int find_candidates(struct why *y, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	struct mms_handler h = { .record = take_run, .ctx = &y->w };
	int rc;

	mms_whynot_begin(&y->w, y->order, y->v->zone == MMS_ZONE_ALL ? __MMS_ZONE_MAX : y->v->zone);
	if (y->frame)
		mms_whynot_want(&y->w, *y->frame);
	rc = mms_source_stream(y->v->source, MMS_KIND_FRAMES, &req, &h, err);
	mms_whynot_end(&y->w);
	if (y->frame && !rc && !mms_whynot_found(&y->w))
		return mms_err_set(err, -ENOENT,
				   "frame 0x%" PRIx64 ": it is in no block of order %u that is memory of one zone throughout%s",
				   *y->frame, y->order, y->v->zone == MMS_ZONE_ALL ? "" : ", of the zone asked for");
	if (y->frame) {
		y->ranges[y->nranges++] = y->w.found.pfn;
		return rc;
	}
	for (size_t i = 0; i < y->w.nbest; i++)
		y->ranges[y->nranges++] = y->w.best[i].pfn;
	for (size_t i = 0; i < y->w.nbest && y->w.movable.pfn != y->w.best[i].pfn; i++)
		if (i + 1 == y->w.nbest && y->w.blocks_movable)
			y->ranges[y->nranges++] = y->w.movable.pfn;
	return rc;
}

static int take_used(void *ctx, const struct mms_record *rec)
{
	struct why *y = ctx;

	if (rec->type != MMS_REC_BUDDY_USED)
		return 0;
	if (mms_vec_grow(&y->used, &y->room, y->nused, sizeof(*y->used)))
		return -ENOMEM;
	y->used[y->nused++] = *(const struct mms_buddy_used *)(const void *)rec;
	return 0;
}

static int read_candidates(struct why *y, struct mms_err *err)
{
	struct mms_handler h = { .record = take_used, .ctx = y };
	int rc = 0;

	for (size_t i = 0; !rc && i < y->nranges; i++) {
		struct mms_request req = {
			.size = sizeof(req), .flags = MMS_BUDDY_USED, .start = y->ranges[i],
			.end = y->ranges[i] + (1ULL << y->order),
		};

		rc = mms_source_stream(y->v->source, MMS_KIND_BUDDY, &req, &h, err);
		if (rc == -ENOMEM)
			mms_err_set(err, rc, "out of memory");
	}
	y->holders.first = y->ranges;
	y->holders.n = y->nranges;
	y->holders.size = 1ULL << y->order;
	return rc ? rc : mms_holders_find(&y->holders, y->v->source, err);
}

/* --- what is said of a zone --- */

static void say_free(struct mms_buddy_view *v, const struct mms_buddy_state *z, unsigned int order)
{
	const char *sep = "";

	mms_say(v, "  on the lists of ");
	for (unsigned int t = 0; t < __MMS_MT_MAX; t++) {
		uint64_t n = 0;

		for (unsigned int o = order; o < z->zone.orders; o++)
			n += z->area[o].list[t] << (o - order);
		if (n)
			mms_say(v, "%s%s (%" PRIu64 ")", sep, mms_migratetype_name(t), n);
		if (n)
			sep = ", ";
	}
	mms_say(v, ";\n  those of HighAtomic, CMA and Isolate are not for everybody\n");
}

static void say_marks(struct mms_buddy_view *v, const struct mms_buddy_state *z, unsigned int order)
{
	uint64_t gap = 2ULL << order, free = z->zone.free;
	unsigned int shift = v->buddy.page_shift;
	char a[16], b[16];

	if (!(z->zone.known & MMS_BUDDY_K_WMARK) || !(z->zone.known & MMS_BUDDY_K_FREE))
		return;
	mms_human(free << shift, a);
	if (free < z->zone.wmark_min + (1ULL << order))
		mms_say(v, "  watermarks: %s free is less than min (%s) and the block: reclaim comes first\n", a,
			     mms_human(z->zone.wmark_min << shift, b));
	else if (free < z->zone.wmark_low + gap)
		mms_say(v, "  watermarks: %s free is less than low (%s) and twice the block:\n  compaction is not tried before reclaim\n",
			     a, mms_human(z->zone.wmark_low << shift, b));
	else
		mms_say(v, "  watermarks: %s free, low is %s: enough for compaction to work with\n", a,
			     mms_human(z->zone.wmark_low << shift, b));
}

static void say_zone(struct mms_buddy_view *v, const struct mms_buddy_state *z, unsigned int order)
{
	struct mms_contig c;
	char a[16], b[16];
	int index;

	if (!mms_contig_of(z, order, &c))
		return;
	index = mms_fragmentation_index(order, &c);
	if (v->several)
		mms_say(v, "node %u ", z->zone.node);
	if (index == MMS_FRAG_NONE) {
		mms_say(v, "%s: %" PRIu64 " blocks of order %u (%s) are free now\n", mms_zone_name(z->zone.zone),
			     c.suitable, order, mms_human(1ULL << (v->buddy.page_shift + order), a));
		say_free(v, z, order);
	} else {
		mms_say(v, "%s: no block of order %u (%s) is free; %s in %" PRIu64 " smaller ones\n",
			     mms_zone_name(z->zone.zone), order, mms_human(1ULL << (v->buddy.page_shift + order), a),
			     mms_human(c.pages << v->buddy.page_shift, b), c.blocks);
		mms_say(v, "  fragmentation index %s: %s\n", mms_thousandths(index, a),
			     !c.pages || index < 500 ? "too little is free: reclaim, not compaction, would help" :
			     "enough is free, in pieces: compaction would help, not reclaim");
	}
	say_marks(v, z, order);
}

static void say_blocks(struct why *y)
{
	const struct mms_whynot *w = &y->w;
	uint64_t fixed = w->blocks - w->blocks_free - w->blocks_movable;

	mms_say(y->v, "aligned blocks of that order: %" PRIu64 "; free: %" PRIu64 "; only movable frames in them: %" PRIu64 ";\n"
		     "with frames that stay: %" PRIu64 "\n", w->blocks, w->blocks_free, w->blocks_movable, fixed);
	mms_doc_num(y->v->doc, "blocks", (int64_t)w->blocks);
	mms_doc_num(y->v->doc, "blocks_free", (int64_t)w->blocks_free);
	mms_doc_num(y->v->doc, "blocks_movable", (int64_t)w->blocks_movable);
}

/* --- the frames --- */

/* One line: frames of a candidate that are alike. */
struct group {
	uint64_t block;
	const struct mms_buddy_used *first;
	enum mms_used_verdict verdict;
	uint32_t pid;
	uint64_t frames;
};

static uint32_t pid_of(const struct why *y, const struct mms_buddy_used *u)
{
	const struct mms_holder *h = mms_holder_of(&y->holders, u->pfn);

	return h ? h->pid : 0;
}

static uint64_t block_of(const struct why *y, uint64_t pfn)
{
	return pfn & ~((1ULL << y->order) - 1);
}

static int add_group(struct why *y, struct group **groups, size_t *n, size_t *room, const struct mms_buddy_used *u)
{
	enum mms_used_verdict verdict = mms_used_judge(u);
	uint64_t block = block_of(y, u->pfn);
	uint32_t pid = pid_of(y, u);
	struct group *g;

	for (size_t i = 0; !y->all && i < *n; i++) {
		g = &(*groups)[i];
		if (g->block == block && g->first->class == u->class && g->verdict == verdict && g->pid == pid &&
		    g->first->migratetype == u->migratetype) {
			g->frames += u->count;
			return 0;
		}
	}
	if (mms_vec_grow(groups, room, *n, sizeof(**groups)))
		return -ENOMEM;
	(*groups)[(*n)++] = (struct group){ block, u, verdict, pid, u->count };
	return 0;
}

/* The name as it is now; a capture has none that is known here. */
static const char *owner(const struct why *y, uint32_t pid, char *shown, size_t size)
{
	struct mms_pid_stat st;

	if (!strcmp(mms_source_name(y->v->source), "capture") || mms_pid_stat_read("/proc", pid, &st, NULL))
		return NULL;
	return mms_neutral(st.comm, shown, size);
}

static int add_line(struct why *y, struct mms_table *t, const struct group *g)
{
	const struct mms_holder *h = mms_holder_of(&y->holders, g->first->pfn);
	struct mms_line *l = mms_table_line(t, NULL);
	char shown[256];
	uint64_t extra;

	if (!l)
		return -ENOMEM;
	mms_line_hex(t, l, W_BLOCK, g->block);
	mms_line_hex(t, l, W_PFN, g->first->pfn);
	mms_line_num(t, l, W_FRAMES, (int64_t)g->frames);
	mms_line_str(t, l, W_CLASS, mms_frame_class_name(g->first->class));
	mms_line_str(t, l, W_VERDICT, mms_used_name(g->verdict));
	mms_line_str(t, l, W_BLOCKTYPE, mms_migratetype_name(g->first->migratetype));
	mms_line_num(t, l, W_REFS, g->first->refs);
	if (g->first->maps != MMS_BUDDY_MAPS_UNKNOWN)
		mms_line_num(t, l, W_MAPS, g->first->maps);
	if (mms_used_extra(g->first, &extra))
		mms_line_num(t, l, W_EXTRA, (int64_t)extra);
	if (g->pid) {
		mms_line_num(t, l, W_PID, g->pid);
		mms_line_str(t, l, W_OWNER, owner(y, g->pid, shown, sizeof(shown)));
		mms_line_hex(t, l, W_VA, h->va);
		mms_line_num(t, l, W_MORE, h->more);
	}
	return 0;
}

static int show_frames(struct why *y, struct mms_err *err)
{
	struct group *groups = NULL;
	size_t n = 0, room = 0;
	struct mms_table *t;
	int rc;

	rc = mms_table_new(&t, &y->v->g->render, "blockers", why_columns, W_MAX, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < y->nused; i++)
		rc = add_group(y, &groups, &n, &room, &y->used[i]);
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_line(y, t, &groups[i]);
	if (rc)
		mms_err_set(err, rc, "out of memory");
	else if (y->nranges)
		rc = mms_doc_table(y->v->doc, t, err);
	free(groups);
	mms_table_free(t);
	return rc;
}

/* Would compaction make one of these blocks free? */
static void say_verdict(struct why *y)
{
	static const char *const words[] = { "nothing to move", "cannot", "may", "can" };
	unsigned int best = 0;

	for (size_t i = 0; i < y->nranges; i++) {
		unsigned int no = 0, maybe = 0, used = 0, word;

		for (size_t k = 0; k < y->nused; k++) {
			enum mms_used_verdict verdict = mms_used_judge(&y->used[k]);

			if (block_of(y, y->used[k].pfn) != y->ranges[i])
				continue;
			used++;
			no += verdict >= MMS_USED_PINNED;
			maybe += verdict > MMS_USED_MOVABLE && verdict < MMS_USED_PINNED;
		}
		word = no ? 1 : maybe ? 2 : used ? 3 : 0;
		best = word > best ? word : best;
		mms_say(y->v, "block 0x%" PRIx64 ": %s\n", y->ranges[i], no ? "cannot be made free: frames in it stay" :
			     maybe ? "compaction may free it" : used ? "compaction can free it" : "it is free now");
	}
	mms_doc_str(y->v->doc, "compaction", words[best]);
	if (y->holders.skipped)
		mms_say(y->v, "the page tables of %u processes could not be read: owners may be missing\n",
			     y->holders.skipped);
}

static int ask(struct why *y, struct mms_err *err)
{
	int rc = find_candidates(y, err);

	if (!rc)
		rc = read_candidates(y, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < y->v->buddy.n; i++)
		if (mms_buddy_wanted(y->v, &y->v->buddy.zones[i]))
			say_zone(y->v, &y->v->buddy.zones[i], y->order);
	say_blocks(y);
	if (y->v->g->render.json)
		rc = mms_buddy_frag_order(y->v, y->order, err);
	if (rc)
		return rc;
	if (y->nranges)
		mms_say(y->v, "%s, and what these are:\n", y->frame ? "the frames in use in the block asked for" :
			     "the blocks with the fewest frames in use");
	rc = show_frames(y, err);
	if (!rc)
		say_verdict(y);
	return rc;
}

int mms_buddy_why(struct mms_buddy_view *v, unsigned int order, const uint64_t *frame, bool all, struct mms_err *err)
{
	struct why y = { .v = v, .order = order, .frame = frame, .all = all };
	int rc;

	if (order >= v->buddy.orders)
		return mms_err_set(err, -ERANGE, "order %u: the largest block of this machine's allocator is of order %u",
				   order, v->buddy.orders - 1);
	if (v->buddy.writer != MMS_WRITER_MODULE)
		return mms_err_set(err, -EOPNOTSUPP,
				   "which frames block a block is not in /proc: load the module (mmscope load)");
	rc = ask(&y, err);
	free(y.used);
	free(y.holders.holder);
	return rc;
}
