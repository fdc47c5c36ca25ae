// SPDX-License-Identifier: GPL-2.0
/* mmscope share: frames of prepared snapshots, mapcounts told by the test. */
#include <errno.h>
#include <unistd.h>
#include "fixture.h"
#include "model/share.h"

#define K	1024ULL
#define M	(1024 * K)
#define PFN	0x100ULL

/* The kernel's part: one answer for each frame from PFN on. */
static uint64_t counts[1024], flags[1024];
static int read_error;
static unsigned int reads;

static int fake_read(struct mms_kpage *k, enum mms_kpage_file file, uint64_t pfn, size_t n, uint64_t *out)
{
	(void)k;
	reads++;
	for (size_t i = 0; i < n; i++)
		out[i] = pfn + i < PFN || pfn + i >= PFN + 1024 ? MMS_KPAGE_UNKNOWN :
			 file == MMS_KPAGE_COUNT ? counts[pfn + i - PFN] : flags[pfn + i - PFN];
	return read_error;
}

static struct mms_kpage fake = { .read = fake_read };

static void facts(unsigned int first, unsigned int n, uint64_t count, uint64_t flag)
{
	for (unsigned int i = first; i < first + n; i++) {
		counts[i] = count;
		flags[i] = flag;
	}
}

static void start(void)
{
	facts(0, 1024, 1, MMS_KPF_ANON);
	read_error = 0;
	reads = 0;
}

static struct mms_pt_extent ext(uint64_t page, uint64_t n, uint64_t frame)
{
	return (struct mms_pt_extent){
		.va = page * 4 * K, .len = n * 4 * K, .pa = (PFN + frame) * 4 * K,
		.state = MMS_PT_PRESENT, .level = 1, .page_shift = 12,
	};
}

/* A process of one VMA with these extents. */
static struct mms_snapshot *process(uint32_t vma_flags, const struct mms_pt_extent *e, size_t n, uint64_t root)
{
	struct mms_snapshot *s = calloc(1, sizeof(*s));

	s->regions = calloc(1, sizeof(*s->regions));
	s->nregions = 1;
	s->regions[0].vma.end = 1ULL << 40;
	s->regions[0].vma.flags = vma_flags;
	s->regions[0].nextents = n;
	s->extents = calloc(n + 1, sizeof(*e));
	memcpy(s->extents, e, n * sizeof(*e));
	s->nextents = n;
	s->context.root_pa = root;
	s->have = MMS_SNAP_VMA | MMS_SNAP_EXTENTS;
	return s;
}

static const struct mms_share_group *group(const struct mms_share *s, uint64_t set)
{
	for (size_t i = 0; i < s->ngroups; i++)
		if (s->groups[i].set[0] == set)
			return &s->groups[i];
	return NULL;
}

#define SUMS(s, i) (&(s).procs[i].sums)

START_TEST(one_process_by_mapcount)
{
	const struct mms_pt_extent e = ext(0, 6, 0);
	struct mms_share s = { .kpage = &fake };

	facts(2, 1, 2, MMS_KPF_ANON);
	facts(3, 1, 3, MMS_KPF_ANON);
	facts(4, 1, 7, MMS_KPF_ANON);
	facts(5, 1, 0, MMS_KPF_ANON);	/* nobody counts it: the kernel takes it for one */
	ck_assert_int_eq(mms_share_add(&s, process(0, &e, 1, 0), 10, true), 0);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->rss, 24 * K);
	ck_assert_uint_eq(SUMS(s, 0)->uss, 12 * K);
	/* 4096 << 12 by 2, 3 and 7, each cut off */
	ck_assert_uint_eq(SUMS(s, 0)->pss, 3 * (1ULL << 24) + (1ULL << 23) + 5592405 + 2396745);
	ck_assert_uint_eq(SUMS(s, 0)->outside, 12 * K);
	ck_assert_uint_eq(SUMS(s, 0)->within, 0);
	ck_assert_uint_eq(s.ngroups, 0);
	mms_share_free(&s);
}
END_TEST

/* Three processes whose runs overlap in all ways; one has the frames backwards. */
START_TEST(groups_are_exact)
{
	const struct mms_pt_extent a[] = { ext(0, 10, 0) };
	const struct mms_pt_extent b[] = { ext(0, 1, 7), ext(1, 1, 6), ext(2, 1, 5), ext(3, 2, 20) };
	const struct mms_pt_extent c[] = { ext(0, 2, 6), ext(5, 1, 21) };
	struct mms_share s = { .kpage = &fake };

	facts(5, 1, 2, MMS_KPF_ANON);
	facts(6, 2, 3, MMS_KPF_ANON);
	facts(21, 1, 5, MMS_KPF_KSM | MMS_KPF_ANON);
	ck_assert_int_eq(mms_share_add(&s, process(0, a, 1, 0), 1, true), 0);
	ck_assert_int_eq(mms_share_add(&s, process(0, b, 4, 0), 2, true), 0);
	ck_assert_int_eq(mms_share_add(&s, process(0, c, 2, 0), 3, true), 0);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(s.ngroups, 3);
	ck_assert_uint_eq(group(&s, 3)->frames[MMS_SHARE_FORK], 1);
	ck_assert_uint_eq(group(&s, 7)->frames[MMS_SHARE_FORK], 2);
	ck_assert_uint_eq(group(&s, 7)->maps[MMS_SHARE_FORK], 6);
	ck_assert_uint_eq(group(&s, 7)->outside[MMS_SHARE_FORK], 0);
	ck_assert_uint_eq(group(&s, 6)->frames[MMS_SHARE_KSM], 1);
	ck_assert_uint_eq(group(&s, 6)->outside[MMS_SHARE_KSM], 1);
	ck_assert_uint_eq(SUMS(s, 0)->within, 12 * K);
	ck_assert_uint_eq(SUMS(s, 0)->uss, 28 * K);
	ck_assert_uint_eq(SUMS(s, 1)->cause[MMS_SHARE_FORK], 12 * K);
	ck_assert_uint_eq(SUMS(s, 1)->cause[MMS_SHARE_KSM], 4 * K);
	ck_assert_uint_eq(SUMS(s, 1)->uss, 4 * K);
	ck_assert(mms_share_has(s.procs[0].with, 2));
	mms_share_free(&s);
}
END_TEST

START_TEST(causes)
{
	static const struct {
		uint32_t vma;
		uint32_t pte;
		uint64_t flags;
		enum mms_share_cause with, without;
	} t[] = {
		{ 0, 0, MMS_KPF_ANON, MMS_SHARE_FORK, MMS_SHARE_FORK },
		{ MMS_VMA_MERGEABLE, 0, MMS_KPF_ANON | MMS_KPF_KSM, MMS_SHARE_KSM, MMS_SHARE_UNKNOWN },
		{ MMS_VMA_FILE, 0, MMS_KPF_ANON, MMS_SHARE_FORK, MMS_SHARE_UNKNOWN },
		{ MMS_VMA_FILE, 0, MMS_KPF_LRU, MMS_SHARE_FILE, MMS_SHARE_UNKNOWN },
		{ MMS_VMA_FILE | MMS_VMA_SHARED, 0, MMS_KPF_LRU, MMS_SHARE_FILE, MMS_SHARE_FILE },
		{ MMS_VMA_FILE | MMS_VMA_SHARED | MMS_VMA_SHMEM, 0, MMS_KPF_SWAPBACKED, MMS_SHARE_SHMEM, MMS_SHARE_SHMEM },
		{ MMS_VMA_FILE | MMS_VMA_SHMEM, 0, 0, MMS_SHARE_SHMEM, MMS_SHARE_UNKNOWN },
		{ MMS_VMA_HUGETLB | MMS_VMA_SHARED, 0, 0, MMS_SHARE_HUGETLB, MMS_SHARE_HUGETLB },
		{ MMS_VMA_SPECIAL, 0, 0, MMS_SHARE_KERNEL, MMS_SHARE_KERNEL },
		{ 0, MMS_PT_F_ZERO | MMS_PT_F_SPECIAL, 0, MMS_SHARE_ZERO, MMS_SHARE_ZERO },
		/* pagemap does not mark the zero page */
		{ 0, 0, MMS_KPF_ZERO_PAGE, MMS_SHARE_ZERO, MMS_SHARE_FORK },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (int with = 0; with < 2; with++) {
			struct mms_share s = { .kpage = with ? &fake : NULL };
			enum mms_share_cause want = with ? t[i].with : t[i].without;
			struct mms_pt_extent e = ext(0, 2, 0);

			e.flags = t[i].pte;
			facts(0, 2, 2, t[i].flags);
			mms_share_add(&s, process(t[i].vma, &e, 1, 0), 1, true);
			mms_share_add(&s, process(t[i].vma, &e, 1, 0), 2, true);
			ck_assert_int_eq(mms_share_run(&s), 0);
			ck_assert_uint_eq(s.ngroups, 1);
			ck_assert_msg(s.groups[0].frames[want] == 2, "%zu %d", i, with);
			ck_assert_uint_eq(SUMS(s, 0)->rss,
					  want == MMS_SHARE_ZERO || want == MMS_SHARE_HUGETLB ? 0 : 8 * K);
			mms_share_free(&s);
		}
}
END_TEST

START_TEST(what_is_not_known)
{
	const struct mms_pt_extent e[] = { ext(0, 2, 1023) };
	struct mms_share s = { .kpage = &fake };

	/* the second frame is beyond the end of kpagecount */
	mms_share_add(&s, process(0, e, 1, 0), 1, true);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->rss, 8 * K);
	ck_assert_uint_eq(SUMS(s, 0)->uncounted, 4 * K);
	mms_share_free(&s);
	/* no kpagecount at all: what two share is known, the rest is not */
	mms_share_add(&s, process(0, e, 1, 0), 1, true);
	mms_share_add(&s, process(0, e, 1, 0), 2, true);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->uncounted, 8 * K);
	ck_assert_uint_eq(SUMS(s, 0)->within, 8 * K);
	ck_assert_uint_eq(s.groups[0].uncounted[MMS_SHARE_FORK], 2);
	mms_share_free(&s);
	read_error = -EIO;
	s.kpage = &fake;
	mms_share_add(&s, process(0, e, 1, 0), 1, true);
	ck_assert_int_eq(mms_share_run(&s), -EIO);
	mms_share_free(&s);
}
END_TEST

/* --all: every mapping there is was added; a CLONE_VM twin maps nothing more. */
START_TEST(counted_by_tables)
{
	const struct mms_pt_extent e = ext(0, 4, 0), f = ext(0, 2, 0), twice[] = { ext(0, 1, 30), ext(9, 1, 30) };
	struct mms_share s = { .count_tables = true };

	mms_share_add(&s, process(0, &e, 1, 0x1000), 1, true);
	mms_share_add(&s, process(0, &e, 1, 0x1000), 2, false);
	mms_share_add(&s, process(0, &f, 1, 0x2000), 3, false);
	mms_share_add(&s, process(0, twice, 2, 0x3000), 4, true);
	ck_assert_ptr_null(s.procs[1].snap);
	ck_assert_uint_eq(s.procs[1].twin, 0);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->uss, 8 * K);
	ck_assert_uint_eq(SUMS(s, 0)->outside, 8 * K);
	ck_assert_uint_eq(SUMS(s, 0)->pss >> MMS_PSS_SHIFT, 12 * K);
	ck_assert_uint_eq(SUMS(s, 3)->twice, 8 * K);
	ck_assert_uint_eq(SUMS(s, 3)->pss >> MMS_PSS_SHIFT, 4 * K);
	mms_share_free(&s);
}
END_TEST

START_TEST(what_smaps_leaves_out)
{
	struct mms_pt_extent e[] = {
		ext(0, 1, 0), ext(1, 1, 1), ext(2, 1, 2), ext(3, 1, 3), ext(4, 1, 4),
	};
	struct mms_share s = { .kpage = &fake };

	e[1].flags = MMS_PT_F_SPECIAL;
	e[2].state = MMS_PT_SWAP;
	e[3].state = MMS_PT_MIGRATION;	/* in full, whoever else maps it */
	e[4].state = MMS_PT_HWPOISON;
	facts(3, 1, 9, MMS_KPF_ANON);
	mms_share_add(&s, process(0, e, 5, 0), 1, true);
	mms_share_add(&s, process(MMS_VMA_PFNMAP, e, 5, 0), 2, true);
	mms_share_add(&s, process(MMS_VMA_HUGETLB, e, 5, 0), 3, true);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->rss, 4 * K);
	ck_assert_uint_eq(SUMS(s, 0)->uss, 4 * K);
	ck_assert_uint_eq(SUMS(s, 0)->pss, 1ULL << 24);
	ck_assert_uint_eq(SUMS(s, 1)->rss, 0);
	ck_assert_uint_eq(SUMS(s, 2)->rss, 0);
	ck_assert_uint_eq(SUMS(s, 2)->hugetlb, 4 * K);
	mms_share_free(&s);
}
END_TEST

/* More processes than bits of a word, more groups than buckets, runs longer than a chunk. */
START_TEST(many)
{
	struct mms_share s = { .count_tables = true };
	struct mms_pt_extent e;
	size_t n = 0;

	for (uint32_t i = 0; i < 150; i++) {
		e = ext(0, i + 1, 0);
		ck_assert_int_eq(mms_share_add(&s, process(0, &e, 1, i + 1), i + 1, true), 0);
	}
	e = ext(0, 1 << 20, 0);
	mms_share_add(&s, process(0, &e, 1, 0x10000), 1000, true);
	ck_assert_int_eq(mms_share_run(&s), 0);
	/* frame f is held by the processes f .. 149 and the large one */
	ck_assert_uint_eq(s.ngroups, 150);
	for (size_t i = 0; i < s.ngroups; i++)
		n += s.groups[i].frames[MMS_SHARE_FORK];
	ck_assert_uint_eq(n, 150);
	ck_assert_uint_eq(SUMS(s, 150)->uss, ((1ULL << 20) - 150) * 4 * K);
	ck_assert_uint_eq(SUMS(s, 0)->pss, (1ULL << 24) / 151);
	mms_share_free(&s);
}
END_TEST

/* A capture can claim a run of 2^40 frames: no time is spent on each. */
START_TEST(damaged_capture)
{
	struct mms_pt_extent e = ext(0, 1, 0);
	struct mms_share s = { .count_tables = true };

	e.len = 1ULL << 61;
	mms_share_add(&s, process(0, &e, 1, 1), 1, true);
	mms_share_add(&s, process(0, &e, 1, 2), 2, true);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->rss, 1ULL << 61);
	mms_share_free(&s);
}
END_TEST

/* The files of another tree: /proc's format, 8 bytes a frame. */
/* A kernel whose kpageflags says KSM of all anonymous pages is not believed. */
START_TEST(ksm_that_is_untrue)
{
	struct mms_pt_extent e[] = { ext(0, 4, 10) };
	struct mms_share s = { .kpage = &fake };

	facts(10, 4, 2, MMS_KPF_ANON | MMS_KPF_KSM);
	fake.ksm_untrue = true;
	ck_assert_int_eq(mms_share_add(&s, process(0, e, 1, 1), 1, true), 0);
	ck_assert_int_eq(mms_share_add(&s, process(0, e, 1, 2), 2, true), 0);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->cause[MMS_SHARE_FORK], 16 * K);
	ck_assert_uint_eq(SUMS(s, 0)->cause[MMS_SHARE_KSM], 0);
	mms_share_free(&s);
	/* in areas that KSM may merge either can be the cause */
	s = (struct mms_share){ .kpage = &fake };
	ck_assert_int_eq(mms_share_add(&s, process(MMS_VMA_MERGEABLE, e, 1, 1), 1, true), 0);
	ck_assert_int_eq(mms_share_add(&s, process(MMS_VMA_MERGEABLE, e, 1, 2), 2, true), 0);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(SUMS(s, 0)->cause[MMS_SHARE_UNKNOWN], 16 * K);
	mms_share_free(&s);
	fake.ksm_untrue = false;
}
END_TEST

START_TEST(files)
{
	char dir[] = "/tmp/mms_share.XXXXXX", path[64];
	uint64_t words[4] = { 5, 6, 7, 8 };
	struct mms_kpage *k;
	struct mms_err err;
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(mms_kpage_open(&k, dir, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "kpagecount"));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, i ? "kpageflags" : "kpagecount");
		f = fopen(path, "w");
		fwrite(words, 8, 4, f);
		fclose(f);
	}
	ck_assert_int_eq(mms_kpage_open(&k, dir, &err), 0);
	ck_assert_int_eq(k->read(k, MMS_KPAGE_FLAGS, 2, 4, words), 0);
	ck_assert_uint_eq(words[0], 7);
	ck_assert_uint_eq(words[1], 8);
	ck_assert_uint_eq(words[2], MMS_KPAGE_UNKNOWN);
	ck_assert_uint_eq(words[3], MMS_KPAGE_UNKNOWN);
	ck_assert_int_eq(k->read(k, MMS_KPAGE_COUNT, UINT64_MAX / 4096, 1, words), 0);
	ck_assert_uint_eq(words[0], MMS_KPAGE_UNKNOWN);
	mms_kpage_close(k);
	unlink(path);
	snprintf(path, sizeof(path), "%s/kpagecount", dir);
	unlink(path);
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("share");
	TCase *c = tcase_create("share");

	tcase_add_checked_fixture(c, start, NULL);
	tcase_add_test(c, one_process_by_mapcount);
	tcase_add_test(c, groups_are_exact);
	tcase_add_test(c, causes);
	tcase_add_test(c, what_is_not_known);
	tcase_add_test(c, counted_by_tables);
	tcase_add_test(c, what_smaps_leaves_out);
	tcase_add_test(c, many);
	tcase_add_test(c, damaged_capture);
	tcase_add_test(c, ksm_that_is_untrue);
	tcase_add_test(c, files);
	suite_add_tcase(s, c);
	return run_suite(s);
}
