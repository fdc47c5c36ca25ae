// SPDX-License-Identifier: GPL-2.0
/* Counts TLB entries: one for each page that is mapped, or for each set that arm64 joins. */
#include <string.h>

#include "model/extent.h"
#include "model/figures.h"
#include "model/tlbneed.h"

/* Arm ARM D8, "Translation table descriptor formats" */
#define ARM64_CONTIGUOUS	(1ULL << 52)

/* Arm ARM D8, "The Contiguous bit": log2 of the set, by granule and level. */
static void arm64_contiguous(struct mms_tlb_sizes *s)
{
	switch (s->shift[0]) {
	case 12:
		s->contiguous[0] = s->contiguous[1] = s->contiguous[2] = 4;
		break;
	case 14:
		s->contiguous[0] = 7;
		s->contiguous[1] = 5;
		break;
	case 16:
		s->contiguous[0] = s->contiguous[1] = 5;
		break;
	default:
		break;
	}
}

void mms_tlb_sizes_of(const struct mms_snapshot *snap, bool here, struct mms_tlb_sizes *out)
{
	unsigned int i;

	*out = (struct mms_tlb_sizes){ .shift = { 12 } };
	for (i = 0; i < MMS_TLB_SIZES && snap->context.levels; i++)
		if (i + 1 <= snap->context.levels && snap->context.shift[i + 1] < 48)
			out->shift[i] = snap->context.shift[i + 1];
	if (snap->context.tcr)
		arm64_contiguous(out);
#ifdef __x86_64__
	if (!snap->context.levels && here) {
		out->shift[1] = 21;
		out->shift[2] = 30;
	}
#else
	(void)here;
#endif
}

/* struct range - the aligned range of a huge page's size that is being looked at */
struct range {
	uint64_t start;
	bool begun;
	bool odd;		/* holds what no huge page can */
	uint64_t present;	/* bytes, less the zero page */
	uint64_t entries;
};

/* struct count - one region in the course of counting */
struct count {
	const struct mms_tlb_sizes *sizes;
	const struct mms_vma *vma;
	struct mms_tlb_need *need;
	struct range range;
	uint64_t last_set;	/* end of the contiguous set counted last */
	bool eligible;
};

/* TLB entries for [@va, @end) of @e; a set that goes on is not counted again. */
static uint64_t entries_of(struct count *c, const struct mms_pt_extent *e, uint64_t va, uint64_t end)
{
	unsigned int shift = e->page_shift, join = c->sizes->contiguous[e->level - 1];
	uint64_t first, last;

	if (join && (e->raw & ARM64_CONTIGUOUS))
		shift += join;
	first = va >> shift;
	last = (end - 1) >> shift;
	if (shift != e->page_shift && c->last_set == first + 1)
		first++;
	c->last_set = shift != e->page_shift ? last + 1 : 0;
	return last + 1 - first;
}

static uint64_t huge_bytes(const struct count *c)
{
	return 1ULL << c->sizes->shift[1];
}

/* @n ranges that one huge page each could replace. */
static void take_candidates(struct count *c, uint64_t n, uint64_t entries, uint64_t present)
{
	struct mms_tlb_need *need = c->need;

	need->candidates += n;
	need->joined += entries;
	need->added += n * huge_bytes(c) - present;
}

static void end_range(struct count *c)
{
	struct range *r = &c->range;

	if (r->begun && !r->odd && r->present && r->start >= c->vma->start &&
	    c->vma->end - r->start >= huge_bytes(c))
		take_candidates(c, 1, r->entries, r->present);
	*r = (struct range){ .begun = false };
}

static void begin_range(struct count *c, uint64_t va)
{
	uint64_t start = va & ~(huge_bytes(c) - 1);

	if (c->range.begun && c->range.start == start)
		return;
	end_range(c);
	c->range = (struct range){ .start = start, .begun = true };
}

/* Nobody's page, or a mark that stands for something: no huge page can be there. */
static bool is_odd(const struct mms_pt_extent *e)
{
	return e->state == MMS_PT_MARKER || e->state == MMS_PT_BAD || e->state == MMS_PT_HWPOISON ||
	       e->state == MMS_PT_DEVICE || e->state == MMS_PT_OTHER || e->level != 1 ||
	       (e->flags & (MMS_PT_F_SPECIAL | MMS_PT_F_DEVMAP));
}

/* Does it hold real small pages? They need entries only if the CPU may use them. */
static bool is_small(const struct mms_pt_extent *e)
{
	return e->state == MMS_PT_PRESENT && !is_odd(e);
}

/* The part of an extent that lies in one range. */
static void look_at_part(struct count *c, const struct mms_pt_extent *e, uint64_t va, uint64_t end)
{
	begin_range(c, va);
	if (is_odd(e))
		c->range.odd = true;
	if (!is_small(e))
		return;
	if (!(e->flags & MMS_PT_F_ZERO))
		c->range.present += end - va;
	if (!(e->flags & MMS_PT_F_PROTNONE))
		c->range.entries += entries_of(c, e, va, end);
}

static void look_for_ranges(struct count *c, const struct mms_pt_extent *e)
{
	uint64_t va = e->va, end = mms_extent_end(e), size = huge_bytes(c), next;

	while (va < end) {
		/* Whole ranges at once: an extent can be the most of an address space. */
		if (!(va & (size - 1)) && end - va >= size) {
			uint64_t n = (end - va) / size;

			end_range(c);
			next = va + n * size;
			if (is_small(e) && !(e->flags & MMS_PT_F_ZERO))
				take_candidates(c, n, e->flags & MMS_PT_F_PROTNONE ? 0 : entries_of(c, e, va, next),
						next - va);
		} else {
			next = (va | (size - 1)) + 1;
			if (next - 1 >= end - 1)
				next = end;
			look_at_part(c, e, va, next);
		}
		va = next;
	}
}

static void count_mapped(struct count *c, const struct mms_pt_extent *e)
{
	struct mms_tlb_need *need = c->need;
	unsigned int k = e->level - 1u;
	uint64_t pages = ((mms_extent_end(e) - 1) >> e->page_shift) + 1 - (e->va >> e->page_shift);

	if (e->state != MMS_PT_PRESENT || (e->flags & MMS_PT_F_PROTNONE))
		return;
	need->mapped[k] += e->len;
	need->pages[k] += pages;
	if (c->sizes->contiguous[k] && (e->raw & ARM64_CONTIGUOUS))
		need->contiguous += pages;
	need->entries += entries_of(c, e, e->va, mms_extent_end(e));
}

/* Anonymous memory, or shmem that is shared: what can have huge pages of its own. */
static bool can_be_huge(const struct mms_vma *v)
{
	if (v->flags & (MMS_VMA_HUGETLB | MMS_VMA_IO | MMS_VMA_PFNMAP | MMS_VMA_MIXEDMAP | MMS_VMA_SPECIAL))
		return false;
	if (v->flags & MMS_VMA_SHMEM)
		return v->flags & MMS_VMA_SHARED;
	return !(v->flags & MMS_VMA_FILE);
}

static void count_extents(const struct mms_snapshot *snap, const struct mms_region *region, struct count *c)
{
	const struct mms_pt_extent *e = snap->extents + region->first_extent;
	size_t i;

	for (i = 0; i < region->nextents; i++)
		if (e[i].level >= 1 && e[i].level <= MMS_TLB_SIZES && mms_extent_sane(&e[i]))
			count_mapped(c, &e[i]);
	c->last_set = 0;
	for (i = 0; i < region->nextents && c->eligible; i++)
		if (e[i].level >= 1 && e[i].level <= MMS_TLB_SIZES && mms_extent_sane(&e[i]))
			look_for_ranges(c, &e[i]);
	if (c->eligible)
		end_range(c);
}

/* By smaps alone: so much is resident, so much of it in huge pages. */
static void count_usage(const struct mms_figures *f, const struct mms_tlb_sizes *sizes, struct mms_tlb_need *need)
{
	uint64_t huge = f->v[MMS_FIG_HUGE], rss = f->v[MMS_FIG_RSS];

	need->known = huge <= rss && (!huge || sizes->shift[1]);
	if (!need->known)
		return;
	need->mapped[0] = rss - huge;
	need->mapped[1] = huge;
	need->pages[0] = (rss - huge) >> sizes->shift[0];
	need->pages[1] = huge ? huge >> sizes->shift[1] : 0;
	need->entries = need->pages[0] + need->pages[1];
}

void mms_tlb_need_of(const struct mms_snapshot *snap, const struct mms_region *region,
		     const struct mms_tlb_sizes *sizes, struct mms_tlb_need *out)
{
	struct count c = {
		.sizes = sizes, .vma = &region->vma, .need = out,
		.eligible = sizes->shift[1] && can_be_huge(&region->vma),
	};
	bool tables = mms_figures_from_tables(snap), sized;
	struct mms_figures f;

	memset(out, 0, sizeof(*out));
	mms_figures_of(snap, region, &f);
	/* pagemap does not say how large a page is: where smaps knows of no huge one, all are small. */
	sized = mms_figure_known(&f, MMS_FIG_HUGE) && mms_figure_known(&f, MMS_FIG_RSS) &&
		!(region->vma.flags & MMS_VMA_HUGETLB);
	if (tables || ((snap->have & MMS_SNAP_EXTENTS) && sized && !f.v[MMS_FIG_HUGE])) {
		count_extents(snap, region, &c);
		out->known = true;
		out->known_huge = sizes->shift[1];
	} else if (sized) {
		count_usage(&f, sizes, out);
	}
	if (!out->known_huge)
		return;
	out->entries_huge = out->entries - out->joined + out->candidates;
	out->tables = out->candidates;
	if (region->vma.flags & MMS_VMA_SHMEM)
		out->tables_freed = out->candidates;
}

void mms_tlb_need_add(struct mms_tlb_need *sum, const struct mms_tlb_need *need)
{
	unsigned int i;

	for (i = 0; i < MMS_TLB_SIZES; i++) {
		sum->mapped[i] += need->mapped[i];
		sum->pages[i] += need->pages[i];
	}
	sum->known &= need->known;
	sum->known_huge &= need->known_huge;
	sum->contiguous += need->contiguous;
	sum->entries += need->entries;
	sum->candidates += need->candidates;
	sum->joined += need->joined;
	sum->entries_huge += need->entries_huge;
	sum->added += need->added;
	sum->tables += need->tables;
	sum->tables_freed += need->tables_freed;
}
