// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what is told of a process's frames in ascending order, and gives it to the
 * VMAs that map them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/extent.h"
#include "model/frame_runs.h"
#include "model/mapframes.h"
#include "model/usage.h"
#include "model/vec.h"

#define PAGE		4096ULL
#define CHUNK		4096
#define LARGEST		512	/* frames before a tail among which its head is looked for */
#define GAP		4096	/* frames that are asked for though nobody wants them: two
				 * questions cost more */

struct run {
	uint64_t pfn;
	uint64_t n;
	size_t region;
};

/* struct facts - frames in a row of which all is alike */
struct facts {
	uint64_t pfn;
	uint64_t n;
	bool lru;
	bool active;
	bool unevictable;
	bool ksm;
	bool nobody;		/* the zero page, which pagemap does not mark */
	bool untold;		/* no struct page */
	bool freed;
	uint32_t zone;
};

/**
 * struct join - runs of the process against what is told of frames
 * @runs: by frame
 * @lo: no run before it reaches the frames still to come
 * @zones: where zones are; NULL = not known
 */
struct join {
	struct mms_mapframes *out;
	struct run *runs;
	size_t n;
	size_t cap;
	size_t lo;
	const struct mms_zone_spans *zones;
};

static int by_pfn(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->pfn > y->pfn) - (x->pfn < y->pfn);
}

static int collect(const struct mms_snapshot *snap, struct join *j)
{
	for (size_t i = 0; i < snap->nregions; i++) {
		const struct mms_region *r = &snap->regions[i];

		for (size_t e = 0; e < r->nextents; e++) {
			const struct mms_pt_extent *x = &snap->extents[r->first_extent + e];

			if (r->vma.flags & MMS_VMA_PFNMAP || !mms_extent_counts(x) ||
			    !mms_extent_possible(&snap->context, x))
				continue;
			if (mms_vec_grow(&j->runs, &j->cap, j->n, sizeof(*j->runs)))
				return -ENOMEM;
			j->runs[j->n++] = (struct run){ x->pa / PAGE, x->len / PAGE, i };
		}
	}
	if (j->n)
		qsort(j->runs, j->n, sizeof(*j->runs), by_pfn);
	return 0;
}

static void add(struct mms_mapframes *m, const struct facts *f, uint64_t bytes)
{
	if (f->untold)
		m->untold += bytes;
	if (f->nobody || f->untold)
		return;
	m->told += bytes;
	if (f->freed) {
		m->freed += bytes;
		return;
	}
	if (f->unevictable)
		m->unevictable += bytes;
	else if (f->lru)
		m->lru += bytes;
	if (f->lru && f->active && !f->unevictable)
		m->active += bytes;
	if (f->ksm)
		m->ksm += bytes;
	m->zone[f->zone] += bytes;
}

/* Answers come in ascending order. */
static void take(struct join *j, const struct facts *f)
{
	uint64_t end = f->pfn + f->n;

	for (size_t i = j->lo; i < j->n && j->runs[i].pfn < end; i++) {
		const struct run *r = &j->runs[i];
		uint64_t from = r->pfn > f->pfn ? r->pfn : f->pfn;
		uint64_t to = r->pfn + r->n < end ? r->pfn + r->n : end;

		if (from < to)
			add(&j->out[r->region], f, (to - from) * PAGE);
	}
	while (j->lo < j->n && j->runs[j->lo].pfn + j->runs[j->lo].n <= end)
		j->lo++;
}

/* The end of the range that begins with run @i and has no gap of more than @gap frames; *@next
 * is the run after it. */
static uint64_t range_end(const struct join *j, size_t i, uint64_t gap, size_t *next)
{
	uint64_t end = j->runs[i].pfn + j->runs[i].n;

	for (i++; i < j->n && j->runs[i].pfn <= end + gap; i++)
		if (j->runs[i].pfn + j->runs[i].n > end)
			end = j->runs[i].pfn + j->runs[i].n;
	*next = i;
	return end;
}

/* --- kpageflags --- */

/* Tails of a large page do not repeat what its head says. */
static uint64_t head_flags(struct mms_kpage *k, uint64_t pfn)
{
	uint64_t flags[LARGEST], from = pfn > LARGEST ? pfn - LARGEST : 0;
	size_t n = (size_t)(pfn - from);

	if (!n || k->read(k, MMS_KPAGE_FLAGS, from, n, flags))
		return 0;
	while (n--) {
		if (flags[n] == MMS_KPAGE_UNKNOWN || !(flags[n] & MMS_KPF_COMPOUND_TAIL))
			return flags[n] != MMS_KPAGE_UNKNOWN && flags[n] & MMS_KPF_COMPOUND_HEAD ? flags[n] : 0;
	}
	return 0;
}

static void take_flags(struct join *j, uint64_t pfn, uint64_t own, uint64_t head)
{
	struct facts f = {
		.pfn = pfn, .n = 1, .lru = head & MMS_KPF_LRU, .active = head & MMS_KPF_ACTIVE,
		.unevictable = head & MMS_KPF_UNEVICTABLE, .ksm = own & MMS_KPF_KSM,
		.nobody = own & MMS_KPF_ZERO_PAGE, .freed = own & MMS_KPF_BUDDY,
		.zone = j->zones ? mms_zone_of(j->zones, pfn) : MMS_ZONE_UNKNOWN,
	};

	if (own == MMS_KPAGE_UNKNOWN ||
	    (j->zones ? mms_zone_no_page(j->zones, pfn, own) : own & MMS_KPF_NOPAGE))
		f = (struct facts){ .pfn = pfn, .n = 1, .untold = true };
	take(j, &f);
}

static int from_kpage(struct join *j, struct mms_kpage *k)
{
	uint64_t *flags = calloc(CHUNK, sizeof(*flags)), head = 0, pfn, end;
	size_t i = 0, n;
	int rc = flags ? 0 : -ENOMEM;

	while (!rc && i < j->n) {
		pfn = j->runs[i].pfn;
		end = range_end(j, i, 0, &i);
		for (; !rc && pfn < end; pfn += n) {
			n = end - pfn < CHUNK ? (size_t)(end - pfn) : CHUNK;
			rc = k->read(k, MMS_KPAGE_FLAGS, pfn, n, flags);
			for (size_t f = 0; !rc && f < n; f++) {
				if (flags[f] == MMS_KPAGE_UNKNOWN || !(flags[f] & MMS_KPF_COMPOUND_TAIL))
					head = flags[f];
				else if (!f)
					head = head_flags(k, pfn);
				take_flags(j, pfn + f, flags[f], head);
			}
		}
	}
	free(flags);
	return rc;
}

/* --- the module's FRAMES --- */

static void on_run(void *ctx, const struct mms_frame_run *r)
{
	struct facts f = {
		.pfn = r->pfn, .n = r->count, .lru = r->flags & MMS_FRAME_F_LRU,
		.active = r->flags & MMS_FRAME_F_ACTIVE, .unevictable = r->flags & MMS_FRAME_F_UNEVICTABLE,
		.ksm = r->class == MMS_FRAME_KSM, .zone = r->zone,
		.nobody = r->class == MMS_FRAME_ZERO || r->class == MMS_FRAME_HUGE_ZERO,
		.freed = r->class == MMS_FRAME_FREE || r->class == MMS_FRAME_FREE_PCP,
		/* (only what has a struct page is in a zone) */
		.untold = r->zone == MMS_ZONE_UNKNOWN,
	};

	take(ctx, &f);
}

static int from_module(struct join *j, struct mms_source *source, struct mms_err *err)
{
	size_t i = 0;
	int rc = 0;

	while (!rc && i < j->n) {
		uint64_t start = j->runs[i].pfn, end = range_end(j, i, GAP, &i);

		rc = mms_frame_runs(source, start, end, MMS_REQ_FRAME_FLAGS, on_run, j, NULL, err);
	}
	return rc;
}

int mms_mapframes_ask(const struct mms_snapshot *snap, struct mms_source *source,
		      struct mms_mapframes *out, struct mms_err *err)
{
	struct join j = { .out = out };
	int rc = collect(snap, &j);

	memset(out, 0, snap->nregions * sizeof(*out));
	rc = rc ? mms_err_set(err, rc, "out of memory") : from_module(&j, source, err);
	free(j.runs);
	return rc;
}

int mms_mapframes_read(const struct mms_snapshot *snap, struct mms_kpage *k,
		       const struct mms_zone_spans *zones, struct mms_mapframes *out,
		       struct mms_err *err)
{
	struct join j = { .out = out, .zones = zones };
	int rc = collect(snap, &j);

	memset(out, 0, snap->nregions * sizeof(*out));
	if (rc) {
		free(j.runs);
		return mms_err_set(err, rc, "out of memory");
	}
	rc = from_kpage(&j, k);
	if (rc)
		mms_err_set(err, rc, "/proc/kpageflags: %s", strerror(-rc));
	free(j.runs);
	return rc;
}

uint64_t mms_thp_room(const struct mms_vma *vma, uint64_t huge)
{
	uint64_t from = (vma->start + huge - 1) & ~(huge - 1), to = vma->end & ~(huge - 1);
	bool shmem = vma->flags & MMS_VMA_SHMEM && vma->flags & MMS_VMA_SHARED;

	if ((vma->flags & MMS_VMA_FILE && !shmem) || from >= to ||
	    vma->flags & (MMS_VMA_NOHUGEPAGE | MMS_VMA_HUGETLB | MMS_VMA_IO | MMS_VMA_PFNMAP |
			  MMS_VMA_MIXEDMAP | MMS_VMA_SPECIAL))
		return 0;
	return to - from;
}
