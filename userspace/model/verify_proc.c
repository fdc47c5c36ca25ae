// SPDX-License-Identifier: GPL-2.0
/* The module's extents against the witnesses in /proc: pagemap and smaps. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "model/extent.h"
#include "model/usage.h"
#include "model/verify_pass.h"

#define PAGE		4096ULL
#define WINDOW		16384	/* pages read from pagemap at a time */
/* Of one stretch without entries, this many pages are read at each end. */
#define GAP_ENDS	65536

size_t mms_pass_extent_at(const struct mms_pass *p, uint64_t va)
{
	size_t lo = 0, hi = p->nextents;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (mms_extent_end(&p->extents[mid]) <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* pagemap's word for @va; the pages up to @end will be asked for next. */
static int word_at(struct mms_pass *p, uint64_t va, uint64_t end, uint64_t *word)
{
	uint64_t want = (end - va) / PAGE;
	int64_t got;

	if (va < p->window_va || va >= p->window_va + p->window_n * PAGE) {
		got = p->pagemap->read(p->pagemap, va,
				       want < WINDOW ? want : WINDOW, p->window);
		if (got < 0)
			return mms_err_set(p->err, (int)got, "PID %u: pagemap cannot be read",
					   p->res->pid);
		if (!got)
			return mms_err_set(p->err, -ESRCH, "PID %u exited while it was read",
					   p->res->pid);
		p->window_va = va;
		p->window_n = (size_t)got;
	}
	*word = p->window[(va - p->window_va) / PAGE];
	return 0;
}

static int page_differs(struct mms_pass *p, const struct mms_pt_extent *e,
			uint64_t va, struct mms_pm_expect x, uint64_t word)
{
	struct mms_diff d = {
		.kind = MMS_DIFF_PAGEMAP, .va = va, .start = va, .end = va + PAGE,
		.ours = x.value & x.mask, .theirs = word & x.mask, .mask = x.mask,
	};

	if (e) {
		d.start = va & ~(mms_extent_step(e) - 1);
		d.end = d.start + mms_extent_step(e);
		d.state = e->state;
		d.counted = e->state == MMS_PT_PRESENT &&
			    !(e->flags & MMS_PT_F_PROTNONE);
	}
	mms_pass_locate(p, &d);
	return mms_pass_diff(p, &d);
}

/* Pages [@va, @end), all of extent @e or of none. */
static int check_pages(struct mms_pass *p, const struct mms_pt_extent *e,
		       uint32_t flags, uint64_t va, uint64_t end, uint64_t span_end)
{
	struct mms_pm_expect x = mms_witness_expect(NULL, 0, flags);
	uint64_t word = 0;
	int rc = 0;

	for (; va < end && !rc; va += PAGE) {
		rc = word_at(p, va, span_end, &word);
		if (rc)
			break;
		if (e) {
			x = mms_witness_expect(e, va - e->va, flags);
			p->res->pages++;
		} else {
			p->res->holes++;
		}
		if ((word ^ x.value) & x.mask)
			rc = page_differs(p, e, va, x, word);
	}
	return rc;
}

/* A stretch without entries: both its ends, as far as the limit allows. */
static int check_gap(struct mms_pass *p, uint32_t flags, uint64_t va, uint64_t end,
		     uint64_t span_end)
{
	uint64_t n = (end - va) / PAGE, head = n, tail = 0;
	int rc;

	if (n > 2 * GAP_ENDS)
		head = tail = GAP_ENDS;
	if (head > p->holes_left)
		head = p->holes_left;
	if (tail > p->holes_left - head)
		tail = p->holes_left - head;
	p->holes_left -= head + tail;
	p->res->holes_skipped += n - head - tail;
	rc = check_pages(p, NULL, flags, va, va + head * PAGE, span_end);
	if (!rc)
		rc = check_pages(p, NULL, flags, end - tail * PAGE, end, span_end);
	return rc;
}

static int check_span(struct mms_pass *p, uint64_t start, uint64_t end,
		      uint32_t flags)
{
	size_t i = mms_pass_extent_at(p, start);
	uint64_t va = start, next;
	int rc = 0;

	while (va < end && !rc) {
		const struct mms_pt_extent *e =
			i < p->nextents && p->extents[i].va < end ?
			&p->extents[i] : NULL;

		if (!e || e->va > va) {
			next = e ? e->va : end;
			rc = check_gap(p, flags, va, next, end);
		} else {
			next = mms_extent_end(e) < end ? mms_extent_end(e) : end;
			rc = check_pages(p, e, flags, va, next, end);
			i++;
		}
		va = next;
	}
	return rc;
}

/* Extents that lie in no VMA we know of: pagemap knows, too. */
static int check_strays(struct mms_pass *p)
{
	size_t i, v = 0;
	int rc = 0;

	for (i = 0; i < p->nextents && !rc; i++) {
		const struct mms_pt_extent *e = &p->extents[i];

		while (v < p->nvmas && p->vmas[v].end <= e->va)
			v++;
		if (v < p->nvmas && p->vmas[v].start < mms_extent_end(e))
			continue;
		rc = check_span(p, e->va, mms_extent_end(e), 0);
	}
	return rc;
}

int mms_pass_pagemap(struct mms_pass *p)
{
	int (*opener)(struct mms_witness **, uint32_t, struct mms_err *) =
		p->opts->pagemap ? p->opts->pagemap : mms_witness_open;
	size_t i;
	int rc;

	/* Opened for each reading: it stays with the program that exec() left. */
	rc = opener(&p->pagemap, p->res->pid, &p->res->no_pagemap);
	if (rc == -ESRCH || rc == -ENOMEM)
		return mms_err_set(p->err, rc, "%s", p->res->no_pagemap.text);
	if (rc)
		return 0;
	p->window = calloc(WINDOW, sizeof(*p->window));
	if (!p->window)
		return mms_err_set(p->err, -ENOMEM, "out of memory");
	p->holes_left = p->opts->hole_limit ? p->opts->hole_limit : 1 << 20;
	for (i = 0; i < p->nvmas && !rc; i++) {
		const struct mms_vma *v = &p->vmas[i];
		uint64_t start = v->start > p->start ? v->start : p->start;
		uint64_t end = p->end && v->end > p->end ? p->end : v->end;

		/* vsyscall is in no mm's tables and pagemap ends before it. */
		if (start < end && !(start >> 63))
			rc = check_span(p, start, end, v->flags);
	}
	return rc ? rc : check_strays(p);
}

static int smaps_differs(struct mms_pass *p, const struct mms_vma *v,
			 enum mms_diff_kind kind, uint64_t ours, uint64_t theirs)
{
	struct mms_diff d = {
		.kind = kind, .va = v->start, .start = v->start, .end = v->end,
		.ours = ours, .theirs = theirs,
	};

	return ours == theirs ? 0 : mms_pass_diff(p, &d);
}

static bool known(const struct mms_usage *u, uint64_t bit)
{
	return u->known & bit;
}

/* Entries whose page smaps counts or not depending on the kernel's version. */
static bool has_poison(const struct mms_pt_extent *e, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (e[i].state == MMS_PT_HWPOISON)
			return true;
	return false;
}

/*
 * Bytes in huge pages that nobody may touch, by mprotect() or until the next
 * NUMA hint: smaps leaves them out of Rss where follow_trans_huge_pmd() does
 * (6.1), and has them in it elsewhere (mm/huge_memory.c).
 */
static uint64_t huge_protnone(const struct mms_pt_extent *e, size_t n)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (e[i].level > 1 && (e[i].flags & MMS_PT_F_PROTNONE) &&
		    mms_extent_counts(&e[i]))
			bytes += e[i].len;
	return bytes;
}

static int compare_rss(struct mms_pass *p, const struct mms_vma *v, uint64_t ours,
		       uint64_t theirs, uint64_t perhaps)
{
	return theirs == ours - perhaps ? 0 : smaps_differs(p, v, MMS_DIFF_RSS, ours, theirs);
}

static int compare_usage(struct mms_pass *p, const struct mms_vma *v,
			 const struct mms_usage *u)
{
	size_t first = mms_pass_extent_at(p, v->start), last = first;
	struct mms_account a;
	int rc = 0;

	while (last < p->nextents && p->extents[last].va < v->end)
		last++;
	mms_account_extents(v, NULL, p->extents + first, last - first, &a);
	p->res->smaps++;
	if (known(u, MMS_USAGE_K(rss)) && !(v->flags & MMS_VMA_HUGETLB) &&
	    !has_poison(p->extents + first, last - first))
		rc = compare_rss(p, v, a.resident + a.moving, u->rss,
				 huge_protnone(p->extents + first, last - first));
	/* Swapped shmem has no entry here: smaps asks the file. */
	if (!rc && known(u, MMS_USAGE_K(swap)) && !(v->flags & MMS_VMA_SHMEM))
		rc = smaps_differs(p, v, MMS_DIFF_SWAP, a.swap, u->swap);
	if (!rc && known(u, MMS_USAGE_K(shared_hugetlb)) &&
	    known(u, MMS_USAGE_K(private_hugetlb)) &&
	    (v->flags & MMS_VMA_HUGETLB))
		rc = smaps_differs(p, v, MMS_DIFF_HUGETLB, a.hugetlb,
				   u->shared_hugetlb + u->private_hugetlb);
	return rc;
}

static bool inside(const struct mms_pass *p, uint64_t start, uint64_t end)
{
	return start >= p->start && (!p->end || end <= p->end) && !(start >> 63);
}

/* A VMA that only smaps has. */
static int extra_usage(struct mms_pass *p, const struct mms_usage *u)
{
	struct mms_vma v = { .start = u->start, .end = u->end };

	if (!inside(p, u->start, u->end))
		return 0;
	return smaps_differs(p, &v, MMS_DIFF_VMA, 0, u->end);
}

int mms_pass_smaps(struct mms_pass *p)
{
	size_t i = 0, u = 0;
	int rc = 0;

	while ((i < p->nvmas || u < p->nusage) && !rc) {
		const struct mms_vma *v = i < p->nvmas ? &p->vmas[i] : NULL;
		const struct mms_usage *us = u < p->nusage ? &p->usage[u] : NULL;

		if (us && (!v || us->start < v->start)) {
			rc = extra_usage(p, us);
			u++;
			continue;
		}
		i++;
		if (us && us->start == v->start)
			u++;
		else
			us = NULL;
		if (!inside(p, v->start, v->end))
			continue;
		rc = smaps_differs(p, v, MMS_DIFF_VMA, v->end, us ? us->end : 0);
		if (!rc && us && us->end == v->end)
			rc = compare_usage(p, v, us);
	}
	return rc;
}
