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
#include "model/share_piece.h"
#include "model/usage.h"
#include "model/vec.h"

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
		.pfn = s->slots ? MMS_SLOT(e->swap_type & 31, MMS_SLOT_OFFSET(e->pa)) : e->pa / MMS_SHARE_PAGE,
		.n = e->len / MMS_SHARE_PAGE, .va = e->va, .proc = (uint32_t)proc,
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

/* Who holds the piece, and how often. */
static void count_maps(struct mms_piece *p)
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

static int add_piece(struct mms_piece *p, uint64_t pfn, uint64_t n)
{
	struct mms_share_piece told = { .pfn = pfn, .n = n, .runs = p->active, .nruns = p->n };
	struct mms_share *s = p->s;
	int rc = 0;

	count_maps(p);
	told.maps = p->maps;
	if (s->piece)
		rc = s->piece(s->ctx, &told);
	return rc || !p->held ? rc : mms_piece_add(p, pfn, n);
}

/* --- the sweep --- */

static int by_pfn(const void *a, const void *b)
{
	const struct mms_share_run *x = a, *y = b;

	return (x->pfn > y->pfn) - (x->pfn < y->pfn);
}

static int sweep(struct mms_share *s, struct mms_piece *p)
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
		p->ahead = i;
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
	struct mms_piece *p = calloc(1, sizeof(*p));
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
