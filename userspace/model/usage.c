// SPDX-License-Identifier: GPL-2.0
/* Counts a VMA's resident, swapped, dirty and huge memory from its extents. */
#include <string.h>

#include "model/extent.h"
#include "model/usage.h"

bool mms_extent_possible(const struct mms_pt_context *context,
			 const struct mms_pt_extent *e)
{
	uint64_t limit;

	if (e->pa + e->len < e->pa)
		return false;
	if (!context || !context->maxphyaddr || context->maxphyaddr > 63)
		return true;
	limit = 1ULL << context->maxphyaddr;
	return e->pa + e->len <= limit;
}

/* struct run - the physical run that is being extended */
struct run {
	uint64_t va;
	uint64_t pa;
	uint64_t len;
};

static void count_run(struct run *run, const struct mms_pt_extent *e,
		      struct mms_account *a)
{
	if (run->len && run->va + run->len == e->va &&
	    run->pa + run->len == e->pa) {
		run->len += e->len;
	} else {
		*run = (struct run){ .va = e->va, .pa = e->pa, .len = e->len };
		a->runs++;
	}
	if (run->len > a->largest)
		a->largest = run->len;
}

static void count_present(const struct mms_vma *vma,
			  const struct mms_pt_extent *e, struct run *run,
			  struct mms_account *a)
{
	if (e->flags & MMS_PT_F_ZERO) {
		a->zero += e->len;
		return;
	}
	if (e->flags & MMS_PT_F_SPECIAL) {
		a->special += e->len;
		return;
	}
	if (vma->flags & MMS_VMA_HUGETLB)
		a->hugetlb += e->len;
	else
		a->resident += e->len;
	if (e->flags & MMS_PT_F_DIRTY)
		a->dirty += e->len;
	/* arm64 has huge pages of contiguous PTEs */
	if (e->level >= 2 || vma->flags & MMS_VMA_HUGETLB)
		a->huge += e->len;
	count_run(run, e, a);
}

void mms_account_extents(const struct mms_vma *vma,
			 const struct mms_pt_context *context,
			 const struct mms_pt_extent *extents, size_t n,
			 struct mms_account *out)
{
	struct run run = { 0 };
	size_t i;

	memset(out, 0, sizeof(*out));
	out->known = true;
	for (i = 0; i < n; i++) {
		const struct mms_pt_extent *e = &extents[i];

		switch (e->state) {
		case MMS_PT_PRESENT:
			if (mms_extent_possible(context, e))
				count_present(vma, e, &run, out);
			else
				out->impossible += e->len;
			break;
		case MMS_PT_SWAP:
			out->swap += e->len;
			break;
		case MMS_PT_MIGRATION:
		case MMS_PT_DEVICE:
			out->moving += e->len;
			break;
		default:
			break;
		}
	}
}

void mms_account_region(const struct mms_snapshot *snap,
			const struct mms_region *region, struct mms_account *out)
{
	if (!(snap->have & MMS_SNAP_EXTENTS)) {
		memset(out, 0, sizeof(*out));
		return;
	}
	mms_account_extents(&region->vma, &snap->context,
			    snap->extents + region->first_extent,
			    region->nextents, out);
}
