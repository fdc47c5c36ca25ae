// SPDX-License-Identifier: GPL-2.0
/* What a VMA holds, counted from extents: what counts and what must not. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "model/figures.h"
#include "model/usage.h"

#define K	1024ULL
#define M	(1024 * K)

static struct mms_pt_extent ext(uint64_t va, uint64_t len, uint64_t pa,
				uint32_t flags, unsigned int state)
{
	return (struct mms_pt_extent){
		.va = va, .len = len, .pa = pa, .flags = flags,
		.state = (uint8_t)state, .level = 1, .page_shift = 12,
	};
}

static struct mms_account count(const struct mms_pt_extent *e, size_t n,
				uint32_t vma_flags)
{
	struct mms_vma vma = { .start = 0, .end = 1ULL << 40, .flags = vma_flags };
	struct mms_pt_context ctx = { .maxphyaddr = 40 };
	struct mms_account a;

	mms_account_extents(&vma, &ctx, e, n, &a);
	ck_assert(a.known);
	return a;
}

START_TEST(what_counts)
{
	const struct mms_pt_extent e[] = {
		ext(0, 8 * K, 1 * M, MMS_PT_F_DIRTY, MMS_PT_PRESENT),
		ext(16 * K, 4 * K, 2 * M, 0, MMS_PT_PRESENT),
		ext(20 * K, 4 * K, 3 * M, MMS_PT_F_ZERO, MMS_PT_PRESENT),
		ext(24 * K, 4 * K, 4 * M, MMS_PT_F_SPECIAL | MMS_PT_F_DIRTY, MMS_PT_PRESENT),
		ext(28 * K, 12 * K, 7, 0, MMS_PT_SWAP),
		ext(40 * K, 4 * K, 5 * M, 0, MMS_PT_MIGRATION),
		ext(44 * K, 4 * K, 6 * M, MMS_PT_F_PROTNONE, MMS_PT_PRESENT),
		ext(48 * K, 4 * K, 1, 0, MMS_PT_MARKER),
		ext(52 * K, 4 * K, 5 * M, 0, MMS_PT_BAD),
		ext(56 * K, 4 * K, 5 * M, 0, MMS_PT_NONE),
		ext(60 * K, 4 * K, 5 * M, 0, MMS_PT_HWPOISON),
	};
	struct mms_account a = count(e, sizeof(e) / sizeof(e[0]), 0);

	ck_assert_uint_eq(a.resident, 16 * K);
	ck_assert_uint_eq(a.dirty, 8 * K);
	ck_assert_uint_eq(a.zero, 4 * K);
	ck_assert_uint_eq(a.special, 4 * K);
	ck_assert_uint_eq(a.swap, 12 * K);
	ck_assert_uint_eq(a.moving, 4 * K);
	ck_assert_uint_eq(a.runs, 3);
	ck_assert_uint_eq(a.largest, 8 * K);
	ck_assert_uint_eq(a.huge, 0);
}
END_TEST

START_TEST(runs_merge_over_flags_only)
{
	const struct mms_pt_extent e[] = {
		ext(0, 4 * K, 1 * M, 0, MMS_PT_PRESENT),
		/* continues, other flags */
		ext(4 * K, 4 * K, 1 * M + 4 * K, MMS_PT_F_DIRTY, MMS_PT_PRESENT),
		/* physically next, but a hole in the address space */
		ext(12 * K, 4 * K, 1 * M + 8 * K, 0, MMS_PT_PRESENT),
		/* virtually next, physically before */
		ext(16 * K, 4 * K, 1 * M + 4 * K, 0, MMS_PT_PRESENT),
		/* the zero page between two halves of a run parts them */
		ext(20 * K, 4 * K, 9 * M, MMS_PT_F_ZERO, MMS_PT_PRESENT),
		ext(24 * K, 4 * K, 1 * M + 8 * K, 0, MMS_PT_PRESENT),
	};
	struct mms_account a = count(e, sizeof(e) / sizeof(e[0]), 0);

	ck_assert_uint_eq(a.runs, 4);
	ck_assert_uint_eq(a.largest, 8 * K);
}
END_TEST

START_TEST(huge_and_hugetlb)
{
	struct mms_pt_extent e[] = {
		ext(0, 4 * M, 4 * M, 0, MMS_PT_PRESENT),
		ext(4 * M, 4 * K, 8 * M, 0, MMS_PT_PRESENT),
	};
	struct mms_account a;

	e[0].level = 2;
	e[0].page_shift = 21;
	a = count(e, 2, 0);
	ck_assert_uint_eq(a.resident, 4 * M + 4 * K);
	ck_assert_uint_eq(a.huge, 4 * M);
	ck_assert_uint_eq(a.runs, 1);
	ck_assert_uint_eq(a.largest, 4 * M + 4 * K);
	a = count(e, 1, MMS_VMA_HUGETLB);
	ck_assert_uint_eq(a.resident, 0);
	ck_assert_uint_eq(a.hugetlb, 4 * M);
	ck_assert_uint_eq(a.huge, 4 * M);
	ck_assert_uint_eq(a.runs, 1);
	/* of PTEs, as arm64's of 64 KiB are */
	e[0].level = 1;
	e[0].page_shift = 12;
	a = count(e, 1, MMS_VMA_HUGETLB);
	ck_assert_uint_eq(a.huge, 4 * M);
}
END_TEST

START_TEST(frames_beyond_the_cpu_are_not_present)
{
	const struct mms_pt_extent e[] = {
		ext(0, 4 * K, 1ULL << 40, 0, MMS_PT_PRESENT),
		ext(4 * K, 8 * K, (1ULL << 40) - 4 * K, 0, MMS_PT_PRESENT),
		ext(12 * K, 4 * K, UINT64_MAX & ~0xfffULL, 0, MMS_PT_PRESENT),
		ext(16 * K, 4 * K, (1ULL << 40) - 4 * K, 0, MMS_PT_PRESENT),
	};
	struct mms_account a = count(e, 4, 0);

	ck_assert_uint_eq(a.resident, 4 * K);
	ck_assert_uint_eq(a.impossible, 16 * K);
	ck_assert_uint_eq(a.runs, 1);
}
END_TEST

START_TEST(unknown_stays_unknown)
{
	struct mms_region r = { .vma = { .start = 0, .end = 8 * K } };
	struct mms_snapshot snap = { .regions = &r, .nregions = 1 };
	struct mms_figures f, sum = { 0 };
	struct mms_account a;

	mms_account_region(&snap, &r, &a);
	ck_assert(!a.known);
	mms_figures_of(&snap, &r, &f);
	ck_assert_uint_eq(f.known, 1U << MMS_FIG_SIZE);
	mms_figures_add(&sum, &f);
	ck_assert(!mms_figure_known(&sum, MMS_FIG_RSS));
	ck_assert_uint_eq(sum.v[MMS_FIG_SIZE], 8 * K);
	ck_assert_uint_eq(sum.vmas, 1);
}
END_TEST

START_TEST(best_witness)
{
	struct mms_pt_extent e = ext(0, 4 * K, 1 * M, MMS_PT_F_DIRTY, MMS_PT_PRESENT);
	struct mms_region r = {
		.vma = { .start = 0, .end = 8 * K }, .nextents = 1,
		.usage = {
			.known = MMS_USAGE_K(rss) | MMS_USAGE_K(pss) |
				 MMS_USAGE_K(shared_dirty) |
				 MMS_USAGE_K(private_dirty),
			.rss = 8 * K, .pss = 3 * K, .shared_dirty = 1 * K,
			.private_dirty = 2 * K,
		},
	};
	struct mms_snapshot snap = {
		.regions = &r, .nregions = 1, .extents = &e, .nextents = 1,
		.have = MMS_SNAP_EXTENTS, .pt_writer = MMS_WRITER_MODULE,
	};
	struct mms_figures f;

	mms_figures_of(&snap, &r, &f);
	ck_assert_uint_eq(f.v[MMS_FIG_RSS], 4 * K);
	ck_assert_uint_eq(f.v[MMS_FIG_SMAPS_RSS], 8 * K);
	ck_assert_uint_eq(f.v[MMS_FIG_DIRTY], 4 * K);
	ck_assert_uint_eq(f.v[MMS_FIG_PSS], 3 * K);
	ck_assert(!mms_figure_known(&f, MMS_FIG_SMAPS_SWAP));
	/* pagemap knows frames, not dirty bits or page sizes */
	snap.pt_writer = MMS_WRITER_PROCFS;
	mms_figures_of(&snap, &r, &f);
	ck_assert_uint_eq(f.v[MMS_FIG_RSS], 8 * K);
	ck_assert_uint_eq(f.v[MMS_FIG_DIRTY], 3 * K);
	ck_assert_uint_eq(f.v[MMS_FIG_EXT], 1);
	ck_assert(!mms_figure_known(&f, MMS_FIG_HUGE));
	ck_assert(!mms_figure_known(&f, MMS_FIG_PT_RSS));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("usage");
	TCase *c = tcase_create("usage");

	tcase_add_test(c, what_counts);
	tcase_add_test(c, runs_merge_over_flags_only);
	tcase_add_test(c, huge_and_hugetlb);
	tcase_add_test(c, frames_beyond_the_cpu_are_not_present);
	tcase_add_test(c, unknown_stays_unknown);
	tcase_add_test(c, best_witness);
	suite_add_tcase(s, c);
	return run_suite(s);
}
