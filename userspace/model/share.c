// SPDX-License-Identifier: GPL-2.0
/*
 * Joins the extents of several processes by frame.
 *
 * Each extent is a run of frames.  A sweep over all runs in the order of their
 * frames sees pieces that the same set of mappings covers; nothing is kept per
 * frame.
 */
#include <string.h>

#include "model/extent.h"
#include "model/share.h"
#include "model/usage.h"
#include "model/vec.h"

#define PAGE		4096ULL
#define CHUNK		4096	/* frames whose facts are read at a time */

/**
 * struct piece - frames in a row that the same mappings cover
 * @active: those mappings
 * @set: which of the processes asked for hold them
 * @held: how many these are
 * @maps: mappings as the kernel counts them, of all processes added
 * @ours: likewise, of the processes asked for
 * @maps_asked: mappings of the processes asked for
 */
struct piece {
	struct mms_share *s;
	const struct mms_share_run **active;
	size_t n;
	uint64_t *set;
	size_t held;
	uint64_t maps;
	uint64_t ours;
	uint64_t maps_asked;
	uint64_t counts[CHUNK];
	uint64_t flags[CHUNK];
};

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

static bool has_frames(const struct mms_snapshot *snap, const struct mms_pt_extent *e)
{
	if (e->state != MMS_PT_PRESENT && e->state != MMS_PT_DEVICE)
		return false;
	return (!(e->flags & MMS_PT_F_SPECIAL) || e->flags & MMS_PT_F_ZERO) &&
	       mms_extent_possible(&snap->context, e);
}

/*
 * smaps skips VM_PFNMAP.  Pages on the move it counts in full as private, as
 * nobody can say who else maps them: they are no runs.
 */
static int add_run(struct mms_share *s, size_t proc, size_t region,
		   const struct mms_pt_extent *e)
{
	struct mms_share_proc *p = &s->procs[proc];
	struct mms_share_run *r;

	if (s->slots && e->state != MMS_PT_SWAP)
		return 0;
	if (e->state == MMS_PT_MIGRATION && p->asked &&
	    !(p->snap->regions[region].vma.flags & MMS_VMA_HUGETLB)) {
		p->vmas[region].rss += e->len;
		p->vmas[region].uss += e->len;
		p->vmas[region].pss += e->len << MMS_PSS_SHIFT;
	}
	if (!s->slots && !has_frames(p->snap, e))
		return 0;
	if (mms_vec_grow(&s->runs, &s->runs_cap, s->nruns, sizeof(*r)))
		return -ENOMEM;
	r = &s->runs[s->nruns++];
	*r = (struct mms_share_run){
		.pfn = s->slots ? MMS_SLOT(e->swap_type & 31, MMS_SLOT_OFFSET(e->pa)) : e->pa / PAGE,
		.n = e->len / PAGE, .va = e->va, .proc = (uint32_t)proc,
		.region = (uint32_t)region, .zero = e->flags & MMS_PT_F_ZERO,
	};
	return 0;
}

static int add_runs(struct mms_share *s, size_t proc)
{
	const struct mms_snapshot *snap = s->procs[proc].snap;

	for (size_t i = 0; i < snap->nregions; i++) {
		const struct mms_region *r = &snap->regions[i];

		if (r->vma.flags & MMS_VMA_PFNMAP)
			continue;
		for (size_t e = 0; e < r->nextents; e++)
			if (add_run(s, proc, i, &snap->extents[r->first_extent + e]))
				return -ENOMEM;
	}
	return 0;
}

static size_t find_twin(const struct mms_share *s, uint64_t root_pa)
{
	size_t i = 0;

	while (i < s->nprocs && (!root_pa || s->procs[i].root_pa != root_pa))
		i++;
	return i;
}

int mms_share_add(struct mms_share *s, struct mms_snapshot *snap, uint32_t pid, bool asked)
{
	struct mms_share_proc *p;
	int rc;

	if (mms_vec_grow(&s->procs, &s->procs_cap, s->nprocs, sizeof(*p))) {
		mms_snapshot_free(snap);
		return -ENOMEM;
	}
	p = &s->procs[s->nprocs];
	*p = (struct mms_share_proc){
		.snap = snap, .pid = pid, .asked = asked, .index = s->asked,
		.root_pa = snap->context.root_pa, .twin = find_twin(s, snap->context.root_pa),
	};
	s->nprocs++;
	if (asked) {
		s->asked++;
		p->vmas = calloc(snap->nregions + 1, sizeof(*p->vmas));
		if (!p->vmas)
			return -ENOMEM;
	}
	rc = add_runs(s, s->nprocs - 1);
	if (!asked) {
		mms_snapshot_free(snap);
		p->snap = NULL;
	}
	return rc;
}

/* --- groups --- */

static size_t hash_set(const struct mms_share *s, const uint64_t *set)
{
	uint64_t h = 0;

	for (size_t i = 0; i < s->set_words; i++)
		h = (h ^ set[i]) * 0x9e3779b97f4a7c15ULL;
	return (size_t)(h >> 32) & (s->nbuckets - 1);
}

/* Twice as many buckets as groups at least; a bucket holds an index + 1. */
static int rehash(struct mms_share *s)
{
	size_t *old = s->buckets, n = s->nbuckets ? s->nbuckets * 2 : 64;

	s->buckets = calloc(n, sizeof(*s->buckets));
	if (!s->buckets) {
		s->buckets = old;
		return -ENOMEM;
	}
	free(old);
	s->nbuckets = n;
	for (size_t i = 0; i < s->ngroups; i++) {
		size_t at = hash_set(s, s->groups[i].set);

		while (s->buckets[at])
			at = (at + 1) & (n - 1);
		s->buckets[at] = i + 1;
	}
	return 0;
}

static struct mms_share_group *find_group(struct mms_share *s, const uint64_t *set)
{
	size_t bytes = s->set_words * sizeof(*set), at;
	struct mms_share_group *g;

	if (s->ngroups * 2 >= s->nbuckets && rehash(s))
		return NULL;
	for (at = hash_set(s, set); s->buckets[at]; at = (at + 1) & (s->nbuckets - 1)) {
		g = &s->groups[s->buckets[at] - 1];
		if (!memcmp(g->set, set, bytes))
			return g;
	}
	if (mms_vec_grow(&s->groups, &s->groups_cap, s->ngroups, sizeof(*g)))
		return NULL;
	g = &s->groups[s->ngroups];
	*g = (struct mms_share_group){ .set = malloc(bytes) };
	if (!g->set)
		return NULL;
	memcpy(g->set, set, bytes);
	s->buckets[at] = ++s->ngroups;
	return g;
}

/* --- one piece --- */

static const struct mms_vma *vma_of(const struct mms_share *s, const struct mms_share_run *r)
{
	const struct mms_snapshot *snap = s->procs[r->proc].snap;

	return snap ? &snap->regions[r->region].vma : NULL;
}

/* What the VMAs that map a frame say of it, where kpageflags is not read. */
static enum mms_share_cause cause_by_vma(const struct piece *p)
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

static enum mms_share_cause cause_of(const struct piece *p, uint64_t flags)
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
	if (flags == MMS_KPAGE_UNKNOWN)
		return cause_by_vma(p);
	if (flags & MMS_KPF_KSM)
		return MMS_SHARE_KSM;
	if (flags & MMS_KPF_ANON)
		return MMS_SHARE_FORK;
	/* The tails of a large page do not repeat SWAPBACKED. */
	return shmem || flags & MMS_KPF_SWAPBACKED ? MMS_SHARE_SHMEM : MMS_SHARE_FILE;
}

/* As smaps_account() does: each page's share is cut off to the fixed point. */
static void add_counted(struct mms_share_sums *v, const struct piece *p, uint64_t n,
			uint64_t count)
{
	v->pss += n * ((PAGE << MMS_PSS_SHIFT) / (count > 1 ? count : 1));
	if (count < 2)
		v->uss += n * PAGE;
	else if (p->held > 1)
		v->within += n * PAGE;
	else if (count > p->ours)
		v->outside += n * PAGE;
	else
		v->twice += n * PAGE;
}

static void add_mapping(const struct piece *p, const struct mms_share_run *r, uint64_t n,
			uint64_t count, enum mms_share_cause cause)
{
	struct mms_share_proc *proc = &p->s->procs[r->proc];
	struct mms_share_sums *v = &proc->vmas[r->region];

	if (cause == MMS_SHARE_HUGETLB) {
		v->hugetlb += n * PAGE;
	} else if (cause == MMS_SHARE_ZERO) {
		v->zero += n * PAGE;
	} else {
		v->rss += n * PAGE;
		if (count != MMS_KPAGE_UNKNOWN) {
			add_counted(v, p, n, count);
		} else {
			v->uncounted += n * PAGE;
			if (p->held > 1)
				v->within += n * PAGE;
		}
	}
	if (p->held < 2)
		return;
	v->cause[cause] += n * PAGE;
	for (size_t w = 0; w < p->s->set_words; w++)
		proc->with[r->region * p->s->set_words + w] |= p->set[w];
}

/* @n frames of which everything is alike */
static int add_block(struct piece *p, uint64_t n, uint64_t count, uint64_t flags)
{
	enum mms_share_cause cause = cause_of(p, flags);
	struct mms_share_group *g;

	for (size_t i = 0; i < p->n; i++)
		if (p->s->procs[p->active[i]->proc].asked)
			add_mapping(p, p->active[i], n, count, cause);
	if (p->held < 2)
		return 0;
	g = find_group(p->s, p->set);
	if (!g)
		return -ENOMEM;
	g->frames[cause] += n;
	g->maps[cause] += n * p->maps_asked;
	/* Nobody counts the mappings of the zero page. */
	if (count == MMS_KPAGE_UNKNOWN || cause == MMS_SHARE_ZERO)
		g->uncounted[cause] += n;
	else if (count > p->ours)
		g->outside[cause] += n;
	return 0;
}

static int read_facts(struct piece *p, uint64_t pfn, size_t n)
{
	struct mms_share *s = p->s;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		p->counts[i] = s->count_tables ? p->maps : MMS_KPAGE_UNKNOWN;
		p->flags[i] = MMS_KPAGE_UNKNOWN;
	}
	if (!s->count_tables)
		rc = s->kpage->read(s->kpage, MMS_KPAGE_COUNT, pfn, n, p->counts);
	if (!rc)
		rc = s->kpage->read(s->kpage, MMS_KPAGE_FLAGS, pfn, n, p->flags);
	return rc;
}

/* Flags that say nothing of the cause must not cut a block in two. */
static uint64_t telling(uint64_t flags)
{
	if (flags == MMS_KPAGE_UNKNOWN)
		return flags;
	return flags & (MMS_KPF_KSM | MMS_KPF_ANON | MMS_KPF_ZERO_PAGE | MMS_KPF_SWAPBACKED);
}

/* Who holds the piece, and how often. */
static void count_maps(struct piece *p)
{
	struct mms_share *s = p->s;

	memset(p->set, 0, s->set_words * sizeof(*p->set));
	p->held = p->maps = p->ours = p->maps_asked = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct mms_share_proc *proc = &s->procs[p->active[i]->proc];

		bool counts = proc->twin == p->active[i]->proc;

		p->maps += counts;
		if (!proc->asked)
			continue;
		p->ours += counts;
		p->maps_asked++;
		p->held += !mms_share_has(p->set, proc->index);
		p->set[proc->index / 64] |= 1ULL << proc->index % 64;
	}
}

static int add_piece(struct piece *p, uint64_t pfn, uint64_t n)
{
	struct mms_share_piece told = { .pfn = pfn, .n = n, .runs = p->active, .nruns = p->n };
	struct mms_share *s = p->s;
	int rc = 0;

	count_maps(p);
	told.maps = p->maps;
	if (s->piece)
		rc = s->piece(s->ctx, &told);
	/* Frame by frame only where something tells of each: a damaged capture can have 2^40. */
	if (!rc && p->held && !s->kpage)
		return add_block(p, n, s->count_tables ? p->maps : MMS_KPAGE_UNKNOWN, MMS_KPAGE_UNKNOWN);
	while (!rc && p->held && n) {
		size_t part = n < CHUNK ? (size_t)n : CHUNK, i = 0, first;

		rc = read_facts(p, pfn, part);

		while (!rc && i < part) {
			first = i;
			while (i < part && p->counts[i] == p->counts[first] &&
			       telling(p->flags[i]) == telling(p->flags[first]))
				i++;
			rc = add_block(p, i - first, p->counts[first], telling(p->flags[first]));
		}
		pfn += part;
		n -= part;
	}
	return rc;
}

/* --- the sweep --- */

static int by_pfn(const void *a, const void *b)
{
	const struct mms_share_run *x = a, *y = b;

	return (x->pfn > y->pfn) - (x->pfn < y->pfn);
}

static int sweep(struct mms_share *s, struct piece *p)
{
	uint64_t pfn = 0, next;
	size_t i = 0, kept;
	int rc = 0;

	while (!rc && (i < s->nruns || p->n)) {
		if (!p->n)
			pfn = s->runs[i].pfn;
		while (i < s->nruns && s->runs[i].pfn == pfn)
			p->active[p->n++] = &s->runs[i++];
		next = i < s->nruns ? s->runs[i].pfn : UINT64_MAX;
		for (size_t k = 0; k < p->n; k++)
			if (p->active[k]->pfn + p->active[k]->n < next)
				next = p->active[k]->pfn + p->active[k]->n;
		rc = add_piece(p, pfn, next - pfn);
		pfn = next;
		kept = 0;
		for (size_t k = 0; k < p->n; k++)
			if (p->active[k]->pfn + p->active[k]->n > pfn)
				p->active[kept++] = p->active[k];
		p->n = kept;
	}
	return rc;
}

static void add_sums(struct mms_share_sums *to, const struct mms_share_sums *v)
{
	to->rss += v->rss;
	to->pss += v->pss;
	to->uss += v->uss;
	to->within += v->within;
	to->outside += v->outside;
	to->twice += v->twice;
	to->hugetlb += v->hugetlb;
	to->zero += v->zero;
	to->uncounted += v->uncounted;
	for (unsigned int c = 0; c < MMS_SHARE_CAUSES; c++)
		to->cause[c] += v->cause[c];
}

int mms_share_run(struct mms_share *s)
{
	struct piece *p = calloc(1, sizeof(*p));
	int rc = -ENOMEM;

	s->set_words = s->asked / 64 + 1;
	if (!p)
		return rc;
	p->s = s;
	p->active = calloc(s->nruns + 1, sizeof(*p->active));
	p->set = calloc(s->set_words, sizeof(*p->set));
	if (!p->active || !p->set)
		goto out;
	for (size_t i = 0; i < s->nprocs; i++) {
		struct mms_share_proc *proc = &s->procs[i];

		if (!proc->asked)
			continue;
		proc->with = calloc((proc->snap->nregions + 1) * s->set_words, sizeof(*proc->with));
		if (!proc->with)
			goto out;
	}
	if (s->nruns)
		qsort(s->runs, s->nruns, sizeof(*s->runs), by_pfn);
	rc = sweep(s, p);
	for (size_t i = 0; !rc && i < s->nprocs; i++)
		for (size_t v = 0; s->procs[i].asked && v < s->procs[i].snap->nregions; v++)
			add_sums(&s->procs[i].sums, &s->procs[i].vmas[v]);
out:
	free(p->active);
	free(p->set);
	free(p);
	return rc;
}

void mms_share_free(struct mms_share *s)
{
	for (size_t i = 0; i < s->nprocs; i++) {
		mms_snapshot_free(s->procs[i].snap);
		free(s->procs[i].vmas);
		free(s->procs[i].with);
	}
	for (size_t i = 0; i < s->ngroups; i++)
		free(s->groups[i].set);
	free(s->procs);
	free(s->groups);
	free(s->runs);
	free(s->buckets);
	memset(s, 0, sizeof(*s));
}
