// SPDX-License-Identifier: GPL-2.0
/* Gathers a process's streams into one snapshot and joins them by address. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/extent.h"
#include "model/snapshot.h"
#include "model/vec.h"
#include "util/text.h"

/* Longest path the kernel hands out, and every byte of it as "\xHH". */
#define SHOWN_MAX	(4096 * 4 + 1)

/* struct take - the streams of one process on their way into a snapshot */
struct take {
	struct mms_snapshot *snap;
	struct mms_source *source;
	struct mms_err *err;
	uint32_t pid;
	size_t regions_cap;
	size_t extents_cap;
	struct mms_usage *usage;
	size_t nusage;
	size_t usage_cap;
	struct mms_trailer trailer;
	uint32_t writer;
	bool have_task;
};

static int no_memory(struct take *t)
{
	return mms_err_set(t->err, -ENOMEM, "PID %u: out of memory", t->pid);
}

static char *shown(const char *raw, char *buf)
{
	return strdup(mms_neutral(raw, buf, SHOWN_MAX));
}

static int take_vma(struct take *t, const struct mms_vma *vma)
{
	struct mms_snapshot *snap = t->snap;
	struct mms_region *r;
	char buf[SHOWN_MAX];

	if (vma->start >= vma->end)
		return mms_err_set(t->err, -EBADMSG,
				   "PID %u: VMA at %#" PRIx64 " ends before it starts: damaged stream",
				   t->pid, (uint64_t)vma->start);
	if (mms_vec_grow(&snap->regions, &t->regions_cap, snap->nregions,
			 sizeof(*snap->regions)))
		return no_memory(t);
	r = &snap->regions[snap->nregions];
	memset(r, 0, sizeof(*r));
	r->vma = *vma;
	r->path = shown(mms_vma_path(vma), buf);
	r->name = shown(mms_vma_name(vma), buf);
	snap->nregions++;
	return r->path && r->name ? 0 : no_memory(t);
}

static int take_extent(struct take *t, const struct mms_pt_extent *e)
{
	struct mms_snapshot *snap = t->snap;

	if (!mms_extent_sane(e))
		return mms_err_set(t->err, -EBADMSG,
				   "PID %u: page-table extent at %#" PRIx64 " has an impossible size: damaged stream",
				   t->pid, (uint64_t)e->va);
	if (mms_vec_grow(&snap->extents, &t->extents_cap, snap->nextents,
			 sizeof(*snap->extents)))
		return no_memory(t);
	snap->extents[snap->nextents++] = *e;
	return 0;
}

static int take_usage(struct take *t, const struct mms_usage *u)
{
	if (mms_vec_grow(&t->usage, &t->usage_cap, t->nusage, sizeof(*u)))
		return no_memory(t);
	t->usage[t->nusage++] = *u;
	return 0;
}

static int on_header(void *ctx, const struct mms_stream_header *h)
{
	struct take *t = ctx;

	t->writer = h->writer;
	return 0;
}

static int on_record(void *ctx, const struct mms_record *rec)
{
	struct take *t = ctx;

	switch (rec->type) {
	case MMS_REC_TASK:
		t->snap->task = *(const struct mms_task *)rec;
		t->have_task = true;
		return 0;
	case MMS_REC_VMA:
		return take_vma(t, (const struct mms_vma *)rec);
	case MMS_REC_PT_CONTEXT:
		t->snap->context = *(const struct mms_pt_context *)rec;
		return 0;
	case MMS_REC_PT_EXTENT:
		return take_extent(t, (const struct mms_pt_extent *)rec);
	case MMS_REC_USAGE:
		return take_usage(t, (const struct mms_usage *)rec);
	default:
		return 0;
	}
}

static int on_trailer(void *ctx, const struct mms_trailer *trailer)
{
	struct take *t = ctx;

	t->trailer = *trailer;
	return 0;
}

/* What a trailer says about the stream above it, as an error. */
static int check_end(struct take *t)
{
	int error = (int)(t->trailer.error & 0xfff);

	switch (t->trailer.end) {
	case MMS_END_COMPLETE:
		return 0;
	case MMS_END_EXITED:
		return mms_err_set(t->err, -ENODATA,
				   "PID %u exited while it was read", t->pid);
	case MMS_END_KILLED:
		return mms_err_set(t->err, -EINTR,
				   "PID %u: interrupted while waiting for its memory map",
				   t->pid);
	default:
		return mms_err_set(t->err, error ? -error : -EIO,
				   "PID %u: the source stopped: %s", t->pid,
				   strerror(error ? error : EIO));
	}
}

static int read_kind(struct take *t, enum mms_kind kind, unsigned int flags)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = flags, .pid = t->pid,
	};
	struct mms_handler h = {
		.header = on_header, .record = on_record,
		.trailer = on_trailer, .ctx = t,
	};
	int rc;

	memset(&t->trailer, 0, sizeof(t->trailer));
	t->writer = MMS_WRITER_UNKNOWN;
	rc = mms_source_stream(t->source, kind, &req, &h, t->err);
	return rc < 0 ? rc : check_end(t);
}

static int read_task(struct take *t)
{
	int rc = read_kind(t, MMS_KIND_TASK, 0);

	if (rc)
		return rc;
	if (!t->have_task)
		return mms_err_set(t->err, -ESRCH,
				   "PID %u: the source knows no such process", t->pid);
	t->snap->have |= MMS_SNAP_TASK;
	return 0;
}

static int by_vma_start(const void *a, const void *b)
{
	const struct mms_region *x = a, *y = b;

	return x->vma.start < y->vma.start ? -1 : x->vma.start > y->vma.start;
}

static int by_va(const void *a, const void *b)
{
	const struct mms_pt_extent *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static int by_usage_start(const void *a, const void *b)
{
	const struct mms_usage *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* A source that loses and retakes a lock may see one VMA twice: keep the last. */
static void drop_overlaps(struct mms_snapshot *snap)
{
	size_t i, n = 0;

	for (i = 0; i < snap->nregions; i++) {
		while (n && snap->regions[n - 1].vma.end > snap->regions[i].vma.start) {
			n--;
			free(snap->regions[n].path);
			free(snap->regions[n].name);
		}
		if (n != i)
			snap->regions[n] = snap->regions[i];
		n++;
	}
	snap->nregions = n;
}

static int read_vmas(struct take *t)
{
	struct mms_snapshot *snap = t->snap;
	int rc = read_kind(t, MMS_KIND_VMA, 0);

	if (rc)
		return rc;
	snap->vma_trailer = t->trailer;
	snap->vma_writer = t->writer;
	if (snap->nregions)
		qsort(snap->regions, snap->nregions, sizeof(*snap->regions),
		      by_vma_start);
	drop_overlaps(snap);
	snap->have |= MMS_SNAP_VMA;
	return 0;
}

static size_t region_at(const struct mms_snapshot *snap, uint64_t va)
{
	size_t lo = 0, hi = snap->nregions;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (snap->regions[mid].vma.end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct mms_region *mms_snapshot_find(const struct mms_snapshot *snap,
					   uint64_t va)
{
	size_t i = region_at(snap, va);

	if (i == snap->nregions || snap->regions[i].vma.start > va)
		return NULL;
	return &snap->regions[i];
}

/* The next address after @va at which a region starts or ends. */
static uint64_t next_bound(const struct mms_snapshot *snap, uint64_t va)
{
	size_t i = region_at(snap, va);

	if (i == snap->nregions)
		return UINT64_MAX;
	return snap->regions[i].vma.start > va ? snap->regions[i].vma.start :
						 snap->regions[i].vma.end;
}

/*
 * Cut extents where VMAs begin and end.  The module's never cross one; those
 * of another writer, or of an address space that changed, may.
 */
static int cut_extents(struct take *t)
{
	struct mms_snapshot *snap = t->snap;
	struct mms_pt_extent *old = snap->extents, rest;
	size_t i, n = snap->nextents;
	uint64_t end, bound;
	int rc = 0;

	snap->extents = NULL;
	snap->nextents = 0;
	t->extents_cap = 0;
	for (i = 0; i < n && !rc; i++) {
		rest = old[i];
		end = mms_extent_end(&rest);
		while (rest.va < end && !rc) {
			struct mms_pt_extent part = rest;

			bound = next_bound(snap, rest.va);
			mms_extent_clip(&part, part.va, bound < end ? bound : end);
			if (mms_vec_grow(&snap->extents, &t->extents_cap,
					 snap->nextents, sizeof(part))) {
				rc = no_memory(t);
				break;
			}
			snap->extents[snap->nextents++] = part;
			if (mms_extent_end(&part) >= end)
				break;
			mms_extent_clip(&rest, mms_extent_end(&part), end);
		}
	}
	free(old);
	return rc;
}

static bool extents_fit(const struct mms_snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->nextents; i++) {
		const struct mms_pt_extent *e = &snap->extents[i];

		if (next_bound(snap, e->va) < mms_extent_end(e))
			return false;
	}
	return true;
}

static void assign_extents(struct mms_snapshot *snap)
{
	size_t i, e = 0;

	for (i = 0; i < snap->nregions; i++) {
		struct mms_region *r = &snap->regions[i];

		while (e < snap->nextents && snap->extents[e].va < r->vma.start)
			e++;
		r->first_extent = e;
		while (e < snap->nextents && snap->extents[e].va < r->vma.end)
			e++;
		r->nextents = e - r->first_extent;
	}
}

/* Twice the same address: the walk was resumed there; the later one holds. */
static void drop_stale(struct mms_snapshot *snap)
{
	size_t i, n = 0;

	for (i = 0; i < snap->nextents; i++) {
		struct mms_pt_extent e = snap->extents[i];

		if (n && mms_extent_end(&snap->extents[n - 1]) > e.va) {
			if (snap->extents[n - 1].va == e.va)
				n--;
			else
				mms_extent_clip(&snap->extents[n - 1],
						snap->extents[n - 1].va, e.va);
		}
		snap->extents[n++] = e;
	}
	snap->nextents = n;
}

static bool extents_sorted(const struct mms_snapshot *snap)
{
	size_t i;

	for (i = 1; i < snap->nextents; i++)
		if (mms_extent_end(&snap->extents[i - 1]) > snap->extents[i].va)
			return false;
	return true;
}

/* Errors that mean "no such figure here", against "no such process any more". */
static bool survivable(int rc)
{
	return rc != -ESRCH && rc != -ENODATA && rc != -ENOMEM &&
	       rc != -EBADMSG && rc != -EPROTONOSUPPORT;
}

static int read_extents(struct take *t)
{
	struct mms_snapshot *snap = t->snap;
	struct mms_err *err = t->err;
	int rc;

	t->err = &snap->missing_extents;
	rc = read_kind(t, MMS_KIND_PGTABLE, MMS_REQ_EXTENTS);
	t->err = err;
	if (rc) {
		snap->nextents = 0;
		if (survivable(rc))
			return 0;
		return mms_err_set(err, rc, "%s", snap->missing_extents.text);
	}
	snap->missing_extents.text[0] = '\0';
	snap->pt_trailer = t->trailer;
	snap->pt_writer = t->writer;
	if (!extents_sorted(snap)) {
		qsort(snap->extents, snap->nextents, sizeof(*snap->extents), by_va);
		drop_stale(snap);
	}
	rc = extents_fit(snap) ? 0 : cut_extents(t);
	if (rc)
		return rc;
	assign_extents(snap);
	snap->have |= MMS_SNAP_EXTENTS;
	return 0;
}

/* A VMA that changed between the streams has no figures: unknown, not wrong. */
static void join_usage(struct take *t)
{
	struct mms_snapshot *snap = t->snap;
	size_t i, u = 0;

	for (i = 0; i < snap->nregions; i++) {
		struct mms_region *r = &snap->regions[i];

		while (u < t->nusage && t->usage[u].start < r->vma.start)
			u++;
		if (u < t->nusage && t->usage[u].start == r->vma.start &&
		    t->usage[u].end == r->vma.end)
			r->usage = t->usage[u];
		else
			snap->unmatched_usage++;
	}
}

static int read_usage(struct take *t)
{
	struct mms_snapshot *snap = t->snap;
	struct mms_err *err = t->err;
	int rc;

	t->err = &snap->missing_usage;
	rc = read_kind(t, MMS_KIND_USAGE, 0);
	t->err = err;
	if (rc) {
		if (survivable(rc))
			return 0;
		return mms_err_set(err, rc, "%s", snap->missing_usage.text);
	}
	snap->missing_usage.text[0] = '\0';
	if (t->nusage)
		qsort(t->usage, t->nusage, sizeof(*t->usage), by_usage_start);
	join_usage(t);
	snap->have |= MMS_SNAP_USAGE;
	return 0;
}

int mms_snapshot_take(struct mms_snapshot **out, struct mms_source *s,
		      uint32_t pid, unsigned int want, struct mms_err *err)
{
	struct take t = { .source = s, .pid = pid, .err = err };
	int rc = 0;

	*out = NULL;
	t.snap = calloc(1, sizeof(*t.snap));
	if (!t.snap)
		return no_memory(&t);
	if (want & MMS_SNAP_TASK)
		rc = read_task(&t);
	if (!rc && (want & MMS_SNAP_VMA))
		rc = read_vmas(&t);
	if (!rc && (want & MMS_SNAP_EXTENTS))
		rc = read_extents(&t);
	if (!rc && (want & MMS_SNAP_USAGE))
		rc = read_usage(&t);
	free(t.usage);
	if (rc) {
		mms_snapshot_free(t.snap);
		return rc;
	}
	mms_classify(t.snap);
	*out = t.snap;
	return 0;
}

void mms_snapshot_free(struct mms_snapshot *snap)
{
	size_t i;

	if (!snap)
		return;
	for (i = 0; i < snap->nregions; i++) {
		free(snap->regions[i].path);
		free(snap->regions[i].name);
	}
	free(snap->regions);
	free(snap->extents);
	free(snap);
}
