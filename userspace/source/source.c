// SPDX-License-Identifier: GPL-2.0
/* What all sources share: dispatch, and the walk of an address from streams. */
#include "source/source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void mms_source_close(struct mms_source *s)
{
	if (s)
		s->ops->close(s);
}

int mms_source_stream(struct mms_source *s, enum mms_kind kind,
		      const struct mms_request *req,
		      const struct mms_handler *h, struct mms_err *err)
{
	return s->ops->stream(s, kind, req, h, err);
}

int mms_source_pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
		    void *ctx, struct mms_err *err)
{
	return s->ops->pids(s, fn, ctx, err);
}

/**
 * struct walker - what the page-table stream told about one address
 * @walk: the answer
 * @seen: @step holds level n + 1
 * @step: by level - 1; the last table at a level that covers the address wins
 * @has_leaf: an extent or a hole covers the address
 */
struct walker {
	struct mms_walk *walk;
	bool seen[5];
	struct mms_walk_step step[5];
	bool has_leaf;
	unsigned int leaf_level;
	unsigned int page_shift;
};

static bool covers(uint64_t va, uint64_t len, uint64_t addr)
{
	return addr >= va && addr - va < len;
}

static void take_table(struct walker *w, const struct mms_pt_table *t)
{
	unsigned int shift = mms_pt_shift(&w->walk->context, t->level);
	struct mms_walk_step *s = &w->step[t->level - 1];
	uint64_t index;

	/* A damaged capture can tell of large pages and many levels. */
	if (w->walk->addr < t->va || shift > 63)
		return;
	index = (w->walk->addr - t->va) >> shift;
	if (index < t->first || index > t->last)
		return;
	s->level = t->level;
	s->index = (unsigned int)index;
	s->entry_pa = t->table_pa + index * mms_pt_entry_size(&w->walk->context);
	/* An entry that is not in the tail was read as 0. */
	s->raw = covers(t->index, t->count, index) ?
		 mms_pt_table_entries(t)[index - t->index] : 0;
	w->seen[t->level - 1] = true;
}

/* The extent cut to the one entry that translates the address. */
static void take_extent(struct walker *w, const struct mms_pt_extent *e)
{
	uint64_t page = 1ULL << e->page_shift;
	uint64_t skip = (w->walk->addr - e->va) & ~(page - 1);

	w->walk->extent = *e;
	w->walk->extent.va += skip;
	w->walk->extent.len = page;
	if (e->state == MMS_PT_SWAP)
		w->walk->extent.pa += skip >> w->page_shift;
	else if (e->state == MMS_PT_PRESENT || e->state == MMS_PT_MIGRATION ||
		 e->state == MMS_PT_DEVICE || e->state == MMS_PT_HWPOISON)
		w->walk->extent.pa += skip;
	w->walk->has_extent = true;
	w->leaf_level = e->level;
	w->has_leaf = true;
}

static int walk_header(void *ctx, const struct mms_stream_header *h)
{
	struct walker *w = ctx;

	w->page_shift = h->page_shift;
	return 0;
}

static int walk_record(void *ctx, const struct mms_record *rec)
{
	struct walker *w = ctx;
	const struct mms_pt_extent *e = (const void *)rec;
	const struct mms_pt_hole *h = (const void *)rec;
	uint64_t addr = w->walk->addr;

	switch (rec->type) {
	case MMS_REC_PT_CONTEXT:
		w->walk->context = *(const struct mms_pt_context *)(const void *)rec;
		break;
	case MMS_REC_PT_TABLE:
		take_table(w, (const void *)rec);
		break;
	case MMS_REC_PT_EXTENT:
		if (covers(e->va, e->len, addr))
			take_extent(w, e);
		break;
	case MMS_REC_PT_HOLE:
		if (!covers(h->va, h->len, addr))
			break;
		w->walk->hole = *h;
		w->walk->has_extent = false;
		w->leaf_level = h->level;
		w->has_leaf = true;
		break;
	}
	return 0;
}

/* The raw entry of the leaf belongs to this address, not to its run's start. */
static void finish(struct walker *w)
{
	struct mms_walk *out = w->walk;

	for (unsigned int level = 5; level >= w->leaf_level; level--)
		if (w->seen[level - 1])
			out->steps[out->nsteps++] = w->step[level - 1];
	if (out->has_extent && out->nsteps &&
	    out->steps[out->nsteps - 1].level == w->leaf_level)
		out->extent.raw = out->steps[out->nsteps - 1].raw;
}

static int walk_stream(struct mms_source *s, struct mms_walk *out, struct mms_err *err)
{
	struct walker w = { .walk = out, .page_shift = 12 };
	struct mms_handler h = {
		.header = walk_header, .record = walk_record, .ctx = &w,
	};
	struct mms_request req = {
		.size = sizeof(req), .flags = MMS_REQ_ALL, .pid = out->pid,
		.start = out->addr & ~0xfffULL, .end = (out->addr & ~0xfffULL) + 0x1000,
	};
	int rc = mms_source_stream(s, MMS_KIND_PGTABLE, &req, &h, err);

	if (rc)
		return rc;
	if (!w.has_leaf)
		return mms_err_set(err, -ERANGE,
				   "PID %u: the page tables read say nothing of address 0x%" PRIx64 ": it is outside the user address space or of what was recorded",
				   out->pid, out->addr);
	finish(&w);
	return 0;
}

int mms_source_walk(struct mms_source *s, uint32_t pid, uint64_t addr,
		    struct mms_walk *out, struct mms_err *err)
{
	memset(out, 0, sizeof(*out));
	out->pid = pid;
	out->addr = addr;
	if (s->ops->walk)
		return s->ops->walk(s, pid, addr, out, err);
	return walk_stream(s, out, err);
}
