// SPDX-License-Identifier: GPL-2.0
/* mmscope share with the module's word on frames: prepared classes, a stream that fails. */
#include "fake_source.h"
#include "fixture.h"
#include "model/share.h"

#define K	1024ULL
#define M	(1024 * K)
#define PFN	0x10000ULL
#define FRAMES	(4 * MMS_SHARE_WINDOW)

/* The module's part: a class for each frame from PFN on; .most are told in one answer. */
static uint8_t classes[FRAMES];
static uint64_t most, asked;
static bool backwards;

static int write_frames(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
			struct mms_encoder *e)
{
	uint64_t end = req->end;

	ck_assert_int_eq(kind, MMS_KIND_FRAMES);
	ck_assert_uint_eq(req->flags, 0);
	ck_assert_uint_le(req->end - req->start, MMS_SHARE_WINDOW);
	if (f->ctx)
		return -EIO;
	asked += req->end - req->start;
	if (end - req->start > most)
		end = req->start + most;
	for (uint64_t pfn = req->start; pfn < end; pfn++) {
		struct mms_frame_run r = {
			.head.type = MMS_REC_FRAME_RUN, .pfn = backwards ? pfn - 1 : pfn, .count = 1,
			.class = pfn < PFN || pfn - PFN >= FRAMES ? MMS_FRAME_HOLE : classes[pfn - PFN],
		};

		while (pfn + 1 < end && pfn >= PFN && pfn + 1 - PFN < FRAMES &&
		       classes[pfn + 1 - PFN] == r.class && pfn++)
			r.count++;
		mms_encode_record(e, &r.head, NULL, 0);
	}
	return 0;
}

static uint64_t flags[FRAMES];

static int fake_read(struct mms_kpage *k, enum mms_kpage_file file, uint64_t pfn, size_t n, uint64_t *out)
{
	(void)k;
	for (size_t i = 0; i < n; i++)
		out[i] = file == MMS_KPAGE_COUNT ? 2 : flags[pfn + i - PFN];
	return 0;
}

/* What 6.12 would say of KSM is not asked. */
static struct mms_kpage kpage = { .read = fake_read, .ksm_untrue = true };
static struct fake_source fake;
static struct mms_share s;
static struct mms_err err;

static void start(void)
{
	memset(classes, MMS_FRAME_ANON, sizeof(classes));
	for (size_t i = 0; i < FRAMES; i++)
		flags[i] = MMS_KPF_ANON | MMS_KPF_KSM;
	most = UINT64_MAX;
	asked = 0;
	backwards = false;
	fake = (struct fake_source){ .base.ops = &fake_ops, .write = write_frames, .writer = MMS_WRITER_MODULE };
	err.text[0] = '\0';
	s = (struct mms_share){ .kpage = &kpage };
	s.frames = mms_share_frames_new(&fake.base, &err);
	ck_assert_ptr_nonnull(s.frames);
	ck_assert_uint_eq(fake.asked[MMS_KIND_FRAMES], 1);
}

static void stop(void)
{
	free(s.frames);
	mms_share_free(&s);
}

static void process(uint32_t pid, uint32_t vma_flags, uint64_t frame, uint64_t n)
{
	struct mms_snapshot *snap = calloc(1, sizeof(*snap));

	snap->regions = calloc(1, sizeof(*snap->regions));
	snap->nregions = 1;
	snap->regions[0].vma = (struct mms_vma){ .end = 1ULL << 40, .flags = vma_flags };
	snap->regions[0].nextents = snap->nextents = 1;
	snap->extents = calloc(1, sizeof(*snap->extents));
	snap->extents[0] = (struct mms_pt_extent){
		.va = 0x1000, .len = n * 4 * K, .pa = (PFN + frame) * 4 * K, .state = MMS_PT_PRESENT, .level = 1,
		.page_shift = 12,
	};
	snap->have = MMS_SNAP_VMA | MMS_SNAP_EXTENTS;
	ck_assert_int_eq(mms_share_add(&s, snap, pid, true), 0);
}

#define CAUSE(c)	(s.procs[0].sums.cause[MMS_SHARE_##c] / (4 * K))
#define FILE_VMA	MMS_VMA_FILE
#define SHM_VMA		(MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_SHARED)
#define MERGE		MMS_VMA_MERGEABLE

static const struct {
	uint32_t vma;
	uint8_t class;
	enum mms_share_cause cause;
	bool moved;
} told[] = {
	{ 0, MMS_FRAME_ANON, MMS_SHARE_FORK, false },
	{ FILE_VMA, MMS_FRAME_ANON, MMS_SHARE_FORK, false },
	{ MERGE, MMS_FRAME_ANON, MMS_SHARE_FORK, false },
	{ MERGE, MMS_FRAME_KSM, MMS_SHARE_KSM, false },
	{ FILE_VMA, MMS_FRAME_FILE, MMS_SHARE_FILE, false },
	{ FILE_VMA, MMS_FRAME_BUFFER, MMS_SHARE_FILE, false },
	{ FILE_VMA, MMS_FRAME_DEVICE, MMS_SHARE_FILE, false },
	{ FILE_VMA, MMS_FRAME_SHMEM, MMS_SHARE_SHMEM, false },
	{ SHM_VMA, MMS_FRAME_SHMEM, MMS_SHARE_SHMEM, false },
	{ 0, MMS_FRAME_ZERO, MMS_SHARE_ZERO, false },
	{ 0, MMS_FRAME_HUGE_ZERO, MMS_SHARE_ZERO, false },
	{ FILE_VMA, MMS_FRAME_DRIVER, MMS_SHARE_KERNEL, false },
	{ 0, MMS_FRAME_UNKNOWN, MMS_SHARE_UNKNOWN, false },
	{ 0, MMS_FRAME_HWPOISON, MMS_SHARE_UNKNOWN, false },
	/* the VMA says what the frame is for, whatever is told of it */
	{ MMS_VMA_HUGETLB, MMS_FRAME_HUGETLB, MMS_SHARE_HUGETLB, false },
	{ MMS_VMA_SPECIAL, MMS_FRAME_KERNEL, MMS_SHARE_KERNEL, false },
	/* what no such VMA can map: the frame is somebody else's by now */
	{ 0, MMS_FRAME_KSM, MMS_SHARE_UNKNOWN, true },
	{ SHM_VMA, MMS_FRAME_ANON, MMS_SHARE_UNKNOWN, true },
	{ 0, MMS_FRAME_SHMEM, MMS_SHARE_UNKNOWN, true },
	{ 0, MMS_FRAME_FILE, MMS_SHARE_UNKNOWN, true },
	{ 0, MMS_FRAME_FREE, MMS_SHARE_UNKNOWN, true },
	{ SHM_VMA, MMS_FRAME_FREE_PCP, MMS_SHARE_UNKNOWN, true },
	{ FILE_VMA, MMS_FRAME_SLAB, MMS_SHARE_UNKNOWN, true },
	{ 0, MMS_FRAME_PGTABLE, MMS_SHARE_UNKNOWN, true },
	{ 0, MMS_FRAME_HUGETLB, MMS_SHARE_UNKNOWN, true },
	{ 0, MMS_FRAME_SWAPCACHE, MMS_SHARE_UNKNOWN, true },
};

START_TEST(by_class)
{
	memset(classes + 5, told[_i].class, 3);
	process(1, told[_i].vma, 5, 3);
	process(2, told[_i].vma, 5, 3);
	ck_assert_int_eq(mms_share_run(&s), 0);
	for (unsigned int c = 0; c < MMS_SHARE_CAUSES; c++)
		ck_assert_uint_eq(s.procs[0].sums.cause[c], c == told[_i].cause ? 12 * K : 0);
	ck_assert_uint_eq(s.moved, told[_i].moved ? 3 : 0);
	ck_assert_uint_eq(s.untold, 0);
	ck_assert_uint_eq(s.procs[0].sums.rss, told[_i].cause == MMS_SHARE_ZERO || told[_i].cause == MMS_SHARE_HUGETLB ?
			  0 : 12 * K);
}
END_TEST

/* Where kpageflags says KSM of all, the module tells which are. */
START_TEST(merged_and_not)
{
	memset(classes + 10, MMS_FRAME_KSM, 6);
	process(1, MERGE, 0, 100);
	process(2, MERGE, 0, 100);
	/* what one process alone holds is nobody's to explain */
	process(3, 0, 200, 5);
	memset(classes + 200, MMS_FRAME_FREE, 5);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(CAUSE(KSM), 6);
	ck_assert_uint_eq(CAUSE(FORK), 94);
	ck_assert_uint_eq(CAUSE(UNKNOWN), 0);
	ck_assert_uint_eq(s.moved, 0);
}
END_TEST

/* i386 and arm64 6.1 have no symbol of the huge zero page: kpageflags tells it. */
START_TEST(huge_zero_by_kpageflags)
{
	memset(classes, MMS_FRAME_UNKNOWN, 512);
	for (int i = 0; i < 500; i++)
		flags[i] = MMS_KPF_ZERO_PAGE;
	process(1, 0, 0, 512);
	process(2, 0, 0, 512);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(CAUSE(ZERO), 500);
	ck_assert_uint_eq(CAUSE(UNKNOWN), 12);
}
END_TEST

/* Frames near each other are one question; of far ones those between are not asked for. */
START_TEST(few_questions)
{
	for (uint32_t pid = 1; pid <= 2; pid++) {
		process(pid, 0, 0, 10);
		process(pid + 10, 0, 100, 10);
		process(pid + 20, 0, 100 + 10 + MMS_SHARE_GAP, 10);
		process(pid + 30, 0, 3 * MMS_SHARE_WINDOW, 10);
	}
	classes[3 * MMS_SHARE_WINDOW + 9] = MMS_FRAME_FREE;
	asked = 0;
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(fake.asked[MMS_KIND_FRAMES], 1 + 2);
	ck_assert_uint_eq(asked, 100 + 10 + MMS_SHARE_GAP + 10 + 10);
	ck_assert_uint_eq(s.moved, 1);
}
END_TEST

/* More than a window: in windows, each frame asked for once. */
START_TEST(large)
{
	process(1, MERGE, 3, FRAMES - 3);
	process(2, MERGE, 3, FRAMES - 3);
	for (size_t i = 0; i < FRAMES; i += 7)
		classes[i] = MMS_FRAME_KSM;
	asked = 0;
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(asked, FRAMES - 3);
	ck_assert_uint_eq(CAUSE(KSM), (FRAMES + 6) / 7 - 1);
	ck_assert_uint_eq(CAUSE(FORK), FRAMES - 3 - ((FRAMES + 6) / 7 - 1));
}
END_TEST

START_TEST(stream_that_ends_early)
{
	process(1, MERGE, 0, 5000);
	process(2, MERGE, 0, 5000);
	/* it goes on where it ended */
	most = 1000;
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(CAUSE(FORK), 5000);
	ck_assert_uint_eq(s.untold, 0);
	ck_assert_uint_eq(fake.asked[MMS_KIND_FRAMES], 1 + 5);
}
END_TEST

START_TEST(stream_that_fails)
{
	process(1, MERGE, 0, 5000);
	process(2, MERGE, 0, 5000);
	process(3, 0, 20000, 5);
	process(4, 0, 20000, 5);
	/* (and not for every chunk again) */
	fake.ctx = &fake;
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(fake.asked[MMS_KIND_FRAMES], 2);
	ck_assert_uint_eq(s.untold, 5005);
	ck_assert_uint_eq(s.moved, 0);
	ck_assert_uint_eq(CAUSE(UNKNOWN), 5000);
	ck_assert_ptr_nonnull(strstr(s.frames->why.text, "fake"));
	/* what the VMA leaves no doubt about is no secret */
	ck_assert_uint_eq(s.procs[2].sums.cause[MMS_SHARE_FORK], 20 * K);
}
END_TEST

START_TEST(damaged_stream)
{
	backwards = true;
	process(1, MERGE, 0, 5);
	process(2, MERGE, 0, 5);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(s.untold, 5);
	ck_assert_ptr_nonnull(strstr(s.frames->why.text, "out of order"));
}
END_TEST

START_TEST(module_that_cannot)
{
	fake.ctx = &fake;
	ck_assert_ptr_null(mms_share_frames_new(&fake.base, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "fake"));
}
END_TEST

/* A free block's first frame, says kpageflags: whatever it was, it is no more. */
START_TEST(freed_by_kpageflags)
{
	free(s.frames);
	s.frames = NULL;
	flags[1] = MMS_KPF_BUDDY;
	process(1, 0, 0, 4);
	process(2, 0, 0, 4);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(CAUSE(UNKNOWN), 1);
	ck_assert_uint_eq(CAUSE(FORK), 3);
	ck_assert_uint_eq(s.moved, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("share_frames");
	TCase *c = tcase_create("share_frames");

	tcase_add_checked_fixture(c, start, stop);
	tcase_add_loop_test(c, by_class, 0, (int)(sizeof(told) / sizeof(*told)));
	tcase_add_test(c, merged_and_not);
	tcase_add_test(c, huge_zero_by_kpageflags);
	tcase_add_test(c, few_questions);
	tcase_add_test(c, large);
	tcase_add_test(c, stream_that_ends_early);
	tcase_add_test(c, stream_that_fails);
	tcase_add_test(c, damaged_stream);
	tcase_add_test(c, module_that_cannot);
	tcase_add_test(c, freed_by_kpageflags);
	suite_add_tcase(suite, c);
	return run_suite(suite);
}
