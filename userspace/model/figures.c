// SPDX-License-Identifier: GPL-2.0
/* Chooses, for each figure of a VMA, the witness that knows it best. */
#include <string.h>

#include "model/figures.h"

static void set(struct mms_figures *f, enum mms_figure i, uint64_t v)
{
	f->known |= 1U << i;
	f->v[i] = v;
}

bool mms_figures_from_tables(const struct mms_snapshot *snap)
{
	return (snap->have & MMS_SNAP_EXTENTS) &&
	       snap->pt_writer == MMS_WRITER_MODULE;
}

/* Fields of smaps that are shown as they are. */
static const struct {
	enum mms_figure figure;
	size_t offset;
} smaps_fields[] = {
#define FIELD(fig, field) { MMS_FIG_##fig, offsetof(struct mms_usage, field) }
	FIELD(PSS, pss),
	FIELD(SMAPS_RSS, rss),
	FIELD(SMAPS_SWAP, swap),
	FIELD(SWAP_PSS, swap_pss),
	FIELD(SHARED_CLEAN, shared_clean),
	FIELD(SHARED_DIRTY, shared_dirty),
	FIELD(PRIVATE_CLEAN, private_clean),
	FIELD(PRIVATE_DIRTY, private_dirty),
	FIELD(REFERENCED, referenced),
	FIELD(ANONYMOUS, anonymous),
	FIELD(LAZYFREE, lazyfree),
	FIELD(LOCKED, locked),
#undef FIELD
};

static bool usage_at(const struct mms_usage *u, size_t offset, uint64_t *v)
{
	unsigned int bit = (offset - offsetof(struct mms_usage, rss)) / 8;

	if (!(u->known >> bit & 1))
		return false;
	memcpy(v, (const char *)u + offset, sizeof(*v));
	return true;
}

/* The sum of two fields, if both were read. */
static bool usage_sum(const struct mms_usage *u, size_t a, size_t b, uint64_t *v)
{
	uint64_t x, y;

	if (!usage_at(u, a, &x) || !usage_at(u, b, &y))
		return false;
	*v = x + y;
	return true;
}

static void from_smaps(const struct mms_region *r, struct mms_figures *f)
{
	size_t i;
	uint64_t v;

	for (i = 0; i < sizeof(smaps_fields) / sizeof(smaps_fields[0]); i++)
		if (usage_at(&r->usage, smaps_fields[i].offset, &v))
			set(f, smaps_fields[i].figure, v);
}

static void huge_from_smaps(const struct mms_usage *u, struct mms_figures *f)
{
	uint64_t v, sum = 0;

	if (!usage_at(u, offsetof(struct mms_usage, anon_huge), &sum))
		return;
	if (usage_at(u, offsetof(struct mms_usage, shmem_pmd), &v))
		sum += v;
	if (usage_at(u, offsetof(struct mms_usage, file_pmd), &v))
		sum += v;
	if (usage_sum(u, offsetof(struct mms_usage, shared_hugetlb),
		      offsetof(struct mms_usage, private_hugetlb), &v))
		sum += v;
	set(f, MMS_FIG_HUGE, sum);
}

/* Where page tables cannot be read, smaps tells of each page's own state. */
static void best_from_smaps(const struct mms_region *r, struct mms_figures *f)
{
	uint64_t v;

	if (usage_at(&r->usage, offsetof(struct mms_usage, rss), &v))
		set(f, MMS_FIG_RSS, v);
	if (usage_at(&r->usage, offsetof(struct mms_usage, swap), &v))
		set(f, MMS_FIG_SWAP, v);
	if (usage_sum(&r->usage, offsetof(struct mms_usage, shared_dirty),
		      offsetof(struct mms_usage, private_dirty), &v))
		set(f, MMS_FIG_DIRTY, v);
	huge_from_smaps(&r->usage, f);
}

static void from_tables(const struct mms_account *a, struct mms_figures *f)
{
	set(f, MMS_FIG_RSS, a->resident);
	set(f, MMS_FIG_PT_RSS, a->resident);
	set(f, MMS_FIG_SWAP, a->swap);
	set(f, MMS_FIG_DIRTY, a->dirty);
	set(f, MMS_FIG_HUGE, a->huge);
	set(f, MMS_FIG_ZERO, a->zero);
	set(f, MMS_FIG_SPECIAL, a->special);
}

void mms_figures_of(const struct mms_snapshot *snap,
		    const struct mms_region *region, struct mms_figures *out)
{
	struct mms_account a;

	memset(out, 0, sizeof(*out));
	out->vmas = 1;
	set(out, MMS_FIG_SIZE, region->vma.end - region->vma.start);
	mms_account_region(snap, region, &a);
	if (mms_figures_from_tables(snap))
		from_tables(&a, out);
	else
		best_from_smaps(region, out);
	if (a.known) {
		set(out, MMS_FIG_EXT, a.runs);
		set(out, MMS_FIG_LARGEST, a.largest);
	}
	from_smaps(region, out);
}

void mms_figures_add(struct mms_figures *sum, const struct mms_figures *f)
{
	unsigned int i;

	sum->vmas += f->vmas;
	sum->known |= f->known;
	for (i = 0; i < MMS_FIG_MAX; i++) {
		if (!mms_figure_known(f, i))
			continue;
		if (i != MMS_FIG_LARGEST)
			sum->v[i] += f->v[i];
		else if (f->v[i] > sum->v[i])
			sum->v[i] = f->v[i];
	}
}
