// SPDX-License-Identifier: GPL-2.0
/* Why a frame is shared, and what that adds to the figures of who holds it. */
#include <errno.h>
#include <string.h>

#include "model/share_piece.h"

const char *mms_share_cause_name(enum mms_share_cause c)
{
	static const char *const names[MMS_SHARE_CAUSES] = {
		[MMS_SHARE_FILE] = "file",
		[MMS_SHARE_SHMEM] = "shmem",
		[MMS_SHARE_FORK] = "fork",
		[MMS_SHARE_KSM] = "ksm",
		[MMS_SHARE_ZERO] = "zero",
		[MMS_SHARE_HUGETLB] = "hugetlb",
		[MMS_SHARE_KERNEL] = "kernel",
		[MMS_SHARE_UNKNOWN] = "unknown",
	};

	return (unsigned int)c < MMS_SHARE_CAUSES ? names[c] : "?";
}

static const struct mms_vma *vma_of(const struct mms_share *s, const struct mms_share_run *r)
{
	const struct mms_snapshot *snap = s->procs[r->proc].snap;

	return snap ? &snap->regions[r->region].vma : NULL;
}

/* What the VMAs that map a frame say of it, where kpageflags is not read. */
static enum mms_share_cause cause_by_vma(const struct mms_piece *p)
{
	enum mms_share_cause cause = MMS_SHARE_UNKNOWN;

	for (size_t i = 0; i < p->n; i++) {
		const struct mms_vma *v = vma_of(p->s, p->active[i]);

		if (!v)
			continue;
		if (v->flags & MMS_VMA_SHARED)
			return v->flags & MMS_VMA_SHMEM || !(v->flags & MMS_VMA_FILE) ?
			       MMS_SHARE_SHMEM : MMS_SHARE_FILE;
		/* A private page of a file may be the file's or a copy that fork() shares. */
		if (!(v->flags & (MMS_VMA_FILE | MMS_VMA_MERGEABLE)))
			cause = MMS_SHARE_FORK;
	}
	return cause;
}

/* A page of KSM is in no VMA that does not offer its pages to it. */
static bool may_be_merged(const struct mms_piece *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct mms_vma *v = vma_of(p->s, p->active[i]);

		if (v && !(v->flags & MMS_VMA_MERGEABLE))
			return false;
	}
	return true;
}

/* Is one of the VMAs such?  Of processes that only count none is known. */
static bool some_vma(const struct mms_piece *p, uint32_t flag, bool has)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct mms_vma *v = vma_of(p->s, p->active[i]);

		if (v && !!(v->flags & flag) == has)
			return true;
	}
	return false;
}

/*
 * By the module.  It looks at frames after the page tables: what cannot be mapped
 * there was given back meanwhile, and may be somebody else's now.
 */
static enum mms_share_cause cause_by_class(const struct mms_piece *p, uint8_t class, bool *moved)
{
	switch (class) {
	case MMS_FRAME_ANON:
		*moved = some_vma(p, MMS_VMA_SHARED, true);
		return MMS_SHARE_FORK;
	case MMS_FRAME_KSM:
		*moved = !may_be_merged(p);
		return MMS_SHARE_KSM;
	case MMS_FRAME_SHMEM:
		*moved = some_vma(p, MMS_VMA_FILE, false);
		return MMS_SHARE_SHMEM;
	case MMS_FRAME_FILE:
	case MMS_FRAME_BUFFER:
	case MMS_FRAME_DEVICE:
		*moved = some_vma(p, MMS_VMA_FILE, false);
		return MMS_SHARE_FILE;
	case MMS_FRAME_ZERO:
	case MMS_FRAME_HUGE_ZERO:
		return MMS_SHARE_ZERO;
	case MMS_FRAME_DRIVER:
	case MMS_FRAME_KERNEL:
	case MMS_FRAME_RESERVED:
		return MMS_SHARE_KERNEL;
	case MMS_FRAME_UNKNOWN:
	case MMS_FRAME_HWPOISON:
		return MMS_SHARE_UNKNOWN;
	}
	*moved = true;
	return MMS_SHARE_UNKNOWN;
}

static enum mms_share_cause cause_of(const struct mms_piece *p, uint64_t flags, uint8_t class, bool *moved)
{
	bool shmem = false, zero = false, kernel = false;

	for (size_t i = 0; i < p->n; i++) {
		const struct mms_vma *v = vma_of(p->s, p->active[i]);

		zero |= p->active[i]->zero;
		if (!v)
			continue;
		if (v->flags & MMS_VMA_HUGETLB)
			return MMS_SHARE_HUGETLB;
		shmem |= !!(v->flags & MMS_VMA_SHMEM);
		kernel |= !!(v->flags & MMS_VMA_SPECIAL);
	}
	if (zero || (flags != MMS_KPAGE_UNKNOWN && flags & MMS_KPF_ZERO_PAGE))
		return MMS_SHARE_ZERO;
	if (kernel)
		return MMS_SHARE_KERNEL;
	if (class != MMS_SHARE_UNTOLD) {
		enum mms_share_cause cause = cause_by_class(p, class, moved);

		return *moved ? MMS_SHARE_UNKNOWN : cause;
	}
	if (flags == MMS_KPAGE_UNKNOWN)
		return cause_by_vma(p);
	if (flags & MMS_KPF_BUDDY) {
		*moved = true;
		return MMS_SHARE_UNKNOWN;
	}
	if (flags & MMS_KPF_KSM && !p->s->kpage->ksm_untrue)
		return MMS_SHARE_KSM;
	if (flags & MMS_KPF_KSM && may_be_merged(p))
		return MMS_SHARE_UNKNOWN;
	if (flags & MMS_KPF_ANON)
		return MMS_SHARE_FORK;
	/* The tails of a large page do not repeat SWAPBACKED. */
	return shmem || flags & MMS_KPF_SWAPBACKED ? MMS_SHARE_SHMEM : MMS_SHARE_FILE;
}

/* As smaps_account() does: each page's share is cut off to the fixed point. */
static void add_counted(struct mms_share_sums *v, const struct mms_piece *p, uint64_t n,
			uint64_t count)
{
	v->pss += n * ((MMS_SHARE_PAGE << MMS_PSS_SHIFT) / (count > 1 ? count : 1));
	if (count < 2)
		v->uss += n * MMS_SHARE_PAGE;
	else if (p->held > 1)
		v->within += n * MMS_SHARE_PAGE;
	else if (count > p->ours)
		v->outside += n * MMS_SHARE_PAGE;
	else
		v->twice += n * MMS_SHARE_PAGE;
}

static void add_mapping(const struct mms_piece *p, const struct mms_share_run *r, uint64_t n,
			uint64_t count, enum mms_share_cause cause)
{
	struct mms_share_proc *proc = &p->s->procs[r->proc];
	struct mms_share_sums *v = &proc->vmas[r->region];

	if (cause == MMS_SHARE_HUGETLB) {
		v->hugetlb += n * MMS_SHARE_PAGE;
	} else if (cause == MMS_SHARE_ZERO) {
		v->zero += n * MMS_SHARE_PAGE;
	} else {
		v->rss += n * MMS_SHARE_PAGE;
		if (count != MMS_KPAGE_UNKNOWN) {
			add_counted(v, p, n, count);
		} else {
			v->uncounted += n * MMS_SHARE_PAGE;
			if (p->held > 1)
				v->within += n * MMS_SHARE_PAGE;
		}
	}
	if (p->held < 2)
		return;
	v->cause[cause] += n * MMS_SHARE_PAGE;
	for (size_t w = 0; w < p->s->set_words; w++)
		proc->with[r->region * p->s->set_words + w] |= p->set[w];
}

/* @n frames of which everything is alike */
static int add_block(struct mms_piece *p, uint64_t n, uint64_t count, uint64_t flags, uint8_t class)
{
	bool moved = false;
	enum mms_share_cause cause = cause_of(p, flags, class, &moved);
	struct mms_share_group *g;

	for (size_t i = 0; i < p->n; i++)
		if (p->s->procs[p->active[i]->proc].asked)
			add_mapping(p, p->active[i], n, count, cause);
	if (p->held < 2)
		return 0;
	g = mms_share_group_of(p->s, p->set);
	if (!g)
		return -ENOMEM;
	p->s->moved += moved ? n : 0;
	p->s->untold += p->s->frames && class == MMS_SHARE_UNTOLD ? n : 0;
	g->frames[cause] += n;
	g->maps[cause] += n * p->maps_asked;
	/* Nobody counts the mappings of the zero page. */
	if (count == MMS_KPAGE_UNKNOWN || cause == MMS_SHARE_ZERO)
		g->uncounted[cause] += n;
	else if (count > p->ours)
		g->outside[cause] += n;
	return 0;
}

/* How far it pays to ask for frames from @pfn on, of which @n are wanted now. */
static uint64_t worth_asking(const struct mms_piece *p, uint64_t pfn, size_t n)
{
	const struct mms_share *s = p->s;
	uint64_t end = pfn + n;

	for (size_t i = 0; i < p->n; i++)
		if (p->active[i]->pfn + p->active[i]->n > end)
			end = p->active[i]->pfn + p->active[i]->n;
	for (size_t i = p->ahead; i < s->nruns && end < pfn + MMS_SHARE_WINDOW; i++) {
		if (s->runs[i].pfn > end + MMS_SHARE_GAP)
			break;
		if (s->runs[i].pfn + s->runs[i].n > end)
			end = s->runs[i].pfn + s->runs[i].n;
	}
	return end;
}

/* Where the module does not find the symbol of the huge zero page kpageflags knows it. */
static int read_zero(struct mms_piece *p, uint64_t pfn, size_t n)
{
	struct mms_share *s = p->s;
	size_t unknown = 0;
	int rc;

	for (size_t i = 0; i < n; i++)
		unknown += p->class[i] == MMS_FRAME_UNKNOWN;
	if (!unknown || !s->kpage)
		return 0;
	rc = s->kpage->read(s->kpage, MMS_KPAGE_FLAGS, pfn, n, p->flags);
	for (size_t i = 0; !rc && i < n; i++) {
		if (p->class[i] == MMS_FRAME_UNKNOWN && p->flags[i] != MMS_KPAGE_UNKNOWN &&
		    p->flags[i] & MMS_KPF_ZERO_PAGE)
			p->class[i] = MMS_FRAME_HUGE_ZERO;
		p->flags[i] = MMS_KPAGE_UNKNOWN;
	}
	return rc;
}

static int read_facts(struct mms_piece *p, uint64_t pfn, size_t n)
{
	struct mms_share *s = p->s;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		p->counts[i] = s->count_tables ? p->maps : MMS_KPAGE_UNKNOWN;
		p->flags[i] = MMS_KPAGE_UNKNOWN;
	}
	memset(p->class, MMS_SHARE_UNTOLD, n);
	if (!s->count_tables && s->kpage)
		rc = s->kpage->read(s->kpage, MMS_KPAGE_COUNT, pfn, n, p->counts);
	if (!rc && s->frames) {
		mms_share_frames_read(s->frames, pfn, n, worth_asking(p, pfn, n), p->class);
		rc = read_zero(p, pfn, n);
	} else if (!rc) {
		rc = s->kpage->read(s->kpage, MMS_KPAGE_FLAGS, pfn, n, p->flags);
	}
	return rc;
}

/* Flags that say nothing of the cause must not cut a block in two. */
static uint64_t telling(uint64_t flags)
{
	if (flags == MMS_KPAGE_UNKNOWN)
		return flags;
	return flags & (MMS_KPF_KSM | MMS_KPF_ANON | MMS_KPF_ZERO_PAGE | MMS_KPF_SWAPBACKED | MMS_KPF_BUDDY);
}

int mms_piece_add(struct mms_piece *p, uint64_t pfn, uint64_t n)
{
	struct mms_share *s = p->s;
	int rc = 0;

	/* Frame by frame only where something tells of each: a damaged capture can have 2^40. */
	if (!s->kpage && !s->frames)
		return add_block(p, n, s->count_tables ? p->maps : MMS_KPAGE_UNKNOWN, MMS_KPAGE_UNKNOWN,
				 MMS_SHARE_UNTOLD);
	while (!rc && n) {
		size_t part = n < MMS_SHARE_CHUNK ? (size_t)n : MMS_SHARE_CHUNK, i = 0, first;

		rc = read_facts(p, pfn, part);
		while (!rc && i < part) {
			first = i;
			while (i < part && p->counts[i] == p->counts[first] &&
			       p->class[i] == p->class[first] && telling(p->flags[i]) == telling(p->flags[first]))
				i++;
			rc = add_block(p, i - first, p->counts[first], telling(p->flags[first]), p->class[first]);
		}
		pfn += part;
		n -= part;
	}
	return rc;
}
