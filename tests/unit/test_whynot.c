// SPDX-License-Identifier: GPL-2.0
/* Which aligned blocks are nearly free, and which frames can be moved: prepared runs. */
#include "fixture.h"
#include "model/whynot.h"

static void run(struct mms_whynot *w, uint64_t pfn, uint64_t count, uint32_t class)
{
	struct mms_frame_run r = { .pfn = pfn, .count = count, .class = class, .zone = MMS_ZONE_NORMAL };

	mms_whynot_run(w, &r);
}

/* Order 3, blocks of 8 from PFN 16 on. */
START_TEST(candidates)
{
	struct mms_whynot w;

	mms_whynot_begin(&w, 3, __MMS_ZONE_MAX);
	/* 16: free; 24: 2 anon, 6 free; 32: 1 slab, 7 free; 40: 8 anon */
	run(&w, 16, 8, MMS_FRAME_FREE);
	run(&w, 24, 2, MMS_FRAME_ANON);
	run(&w, 26, 6, MMS_FRAME_FREE);
	run(&w, 32, 1, MMS_FRAME_SLAB);
	run(&w, 33, 7, MMS_FRAME_FREE);
	run(&w, 40, 8, MMS_FRAME_ANON);
	/* 48 .. 63: a run over two blocks; 64: half of it is a hole */
	run(&w, 48, 16, MMS_FRAME_FREE);
	run(&w, 64, 4, MMS_FRAME_FREE);
	run(&w, 68, 4, MMS_FRAME_HOLE);
	/* 72: a per-CPU page counts as one in use that can be had */
	run(&w, 72, 1, MMS_FRAME_FREE_PCP);
	run(&w, 73, 7, MMS_FRAME_FREE);
	mms_whynot_end(&w);
	ck_assert_uint_eq(w.blocks, 7);
	ck_assert_uint_eq(w.blocks_free, 3);
	ck_assert_uint_eq(w.blocks_movable, 3);
	ck_assert_uint_eq(w.nbest, 3);
	/* of two with one frame in use the one where nothing stays comes first */
	ck_assert_uint_eq(w.best[0].pfn, 72);
	ck_assert_uint_eq(w.best[1].pfn, 32);
	ck_assert_uint_eq(w.best[1].fixed, 1);
	ck_assert_uint_eq(w.best[2].pfn, 24);
	ck_assert_uint_eq(w.best[2].movable, 2);
	ck_assert_uint_eq(w.movable.pfn, 72);
}
END_TEST

START_TEST(one_zone)
{
	struct mms_frame_run other = { .pfn = 8, .count = 8, .class = MMS_FRAME_ANON, .zone = MMS_ZONE_DMA };
	struct mms_frame_run half = { .pfn = 20, .count = 4, .class = MMS_FRAME_FREE, .zone = MMS_ZONE_DMA };
	struct mms_whynot w;

	mms_whynot_begin(&w, 3, MMS_ZONE_NORMAL);
	mms_whynot_run(&w, &other);
	run(&w, 24, 8, MMS_FRAME_SLAB);
	mms_whynot_end(&w);
	ck_assert_uint_eq(w.blocks, 1);
	ck_assert_uint_eq(w.best[0].pfn, 24);
	ck_assert_uint_eq(w.movable.pfn, ~0ULL);
	/* a block that two zones share is none */
	mms_whynot_begin(&w, 3, __MMS_ZONE_MAX);
	run(&w, 16, 4, MMS_FRAME_FREE);
	mms_whynot_run(&w, &half);
	mms_whynot_end(&w);
	ck_assert_uint_eq(w.blocks, 0);
}
END_TEST

START_TEST(impossible_runs)
{
	struct mms_whynot w;

	/* the last frames that a number can name, and more of them than there are */
	mms_whynot_begin(&w, 9, __MMS_ZONE_MAX);
	run(&w, ~0ULL - 511, 512, MMS_FRAME_FREE);
	mms_whynot_end(&w);
	ck_assert_uint_le(w.blocks, 1);
	/* as many as a damaged stream may claim: no time is spent on each */
	mms_whynot_begin(&w, 3, __MMS_ZONE_MAX);
	run(&w, 4, 1ULL << 62, MMS_FRAME_ANON);
	run(&w, (1ULL << 62) + 4, 20, MMS_FRAME_FREE);
	mms_whynot_end(&w);
	/* 4 .. 2^62 + 3 has 2^59 - 1 whole blocks; then 4 frames of each in one, and two free ones */
	ck_assert_uint_eq(w.blocks, (1ULL << 59) - 1 + 1 + 2);
	ck_assert_uint_eq(w.blocks_free, 2);
	ck_assert_uint_eq(w.blocks_movable, 1ULL << 59);
	ck_assert_uint_eq(w.best[0].pfn, 1ULL << 62);
	/* order 0: each frame is a block */
	mms_whynot_begin(&w, 0, __MMS_ZONE_MAX);
	run(&w, 5, 3, MMS_FRAME_ANON);
	run(&w, 8, 2, MMS_FRAME_FREE);
	mms_whynot_end(&w);
	ck_assert_uint_eq(w.blocks, 5);
	ck_assert_uint_eq(w.blocks_free, 2);
}
END_TEST

#define LRU	MMS_FRAME_F_LRU
#define BIG	(LRU | MMS_FRAME_F_COMPOUND)
#define UNKNOWN	MMS_BUDDY_MAPS_UNKNOWN

static const struct {
	uint32_t class, flags, refs, maps;
	enum mms_used_verdict verdict;
	uint32_t order, extra;
} used[] = {
	/* anonymous: a reference per mapping */
	{ MMS_FRAME_ANON, LRU, 1, 1, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_ANON, LRU, 3, 3, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_ANON, LRU, 2, 1, MMS_USED_PINNED, 0, 1 },
	/* and one more in the swap cache */
	{ MMS_FRAME_ANON, LRU | MMS_FRAME_F_SWAPCACHE, 2, 1, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_SWAPCACHE, LRU | MMS_FRAME_F_SWAPCACHE, 1, 0, MMS_USED_MOVABLE, 0, 0 },
	/* a file's: the page cache's own, its buffers', each mapping's */
	{ MMS_FRAME_FILE, LRU, 1, 0, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_FILE, LRU | MMS_FRAME_F_PRIVATE, 4, 2, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_FILE, LRU, 2, 0, MMS_USED_PINNED, 0, 1 },
	{ MMS_FRAME_SHMEM, LRU, 2, 1, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_FILE, LRU | MMS_FRAME_F_WRITEBACK, 9, 0, MMS_USED_WRITEBACK, 0, 8 },
	{ MMS_FRAME_ANON, 0, 2, 1, MMS_USED_TRANSIT, 0, 1 },
	{ MMS_FRAME_ANON, LRU | MMS_FRAME_F_COMPOUND, 512, UNKNOWN, MMS_USED_UNSURE, 9, 0 },
	/* a huge page: by one entry, by all of its pages, by both; then a pipe holds 16 of these */
	{ MMS_FRAME_ANON, BIG, 1, 1, MMS_USED_MOVABLE, 9, 0 },
	{ MMS_FRAME_ANON, BIG, 512, 512, MMS_USED_MOVABLE, 9, 0 },
	{ MMS_FRAME_ANON, BIG, 513, 513, MMS_USED_MOVABLE, 9, 0 },
	{ MMS_FRAME_ANON, BIG, 17, 1, MMS_USED_PINNED, 9, 16 },
	{ MMS_FRAME_ANON, BIG, 528, 512, MMS_USED_PINNED, 9, 16 },
	/* its swap cache and page cache hold each of its pages */
	{ MMS_FRAME_ANON, BIG | MMS_FRAME_F_SWAPCACHE, 513, 1, MMS_USED_MOVABLE, 9, 0 },
	{ MMS_FRAME_SWAPCACHE, BIG | MMS_FRAME_F_SWAPCACHE, 513, 0, MMS_USED_PINNED, 9, 1 },
	{ MMS_FRAME_SHMEM, BIG, 514, 2, MMS_USED_MOVABLE, 9, 0 },
	{ MMS_FRAME_SHMEM, BIG, 515, 2, MMS_USED_PINNED, 9, 1 },
	{ MMS_FRAME_FILE, BIG | MMS_FRAME_F_PRIVATE, 17, 0, MMS_USED_MOVABLE, 4, 0 },
	{ MMS_FRAME_FILE, BIG | MMS_FRAME_F_PRIVATE, 18, 0, MMS_USED_PINNED, 4, 1 },
	/* @order of what is no compound page means nothing; nor does one that no page has */
	{ MMS_FRAME_FILE, LRU, 2, 0, MMS_USED_PINNED, 9, 1 },
	{ MMS_FRAME_FILE, BIG, 2, 0, MMS_USED_PINNED, 200, 1 },
	/* fewer references than mappings: counted at two moments */
	{ MMS_FRAME_ANON, BIG, 3, 5, MMS_USED_MOVABLE, 9, 0 },
	{ MMS_FRAME_HUGETLB, MMS_FRAME_F_COMPOUND, 1, UNKNOWN, MMS_USED_HUGETLB, 0, 0 },
	{ MMS_FRAME_ZSMALLOC, 0, 1, UNKNOWN, MMS_USED_MOVABLE, 0, 0 },
	{ MMS_FRAME_SLAB, 0, 1, UNKNOWN, MMS_USED_FIXED, 0, 0 },
	{ MMS_FRAME_PGTABLE, 0, 1, UNKNOWN, MMS_USED_FIXED, 0, 0 },
	{ MMS_FRAME_UNKNOWN, 0, 1, 0, MMS_USED_FIXED, 0, 0 },
	{ MMS_FRAME_FREE_PCP, 0, 0, 0, MMS_USED_PCP, 0, 0 },
	{ 12345, LRU, 1, 1, MMS_USED_FIXED, 0, 0 },
};

START_TEST(verdicts)
{
	struct mms_buddy_used u = {
		.class = used[_i].class, .flags = used[_i].flags, .refs = used[_i].refs, .maps = used[_i].maps,
		.order = used[_i].order,
	};
	uint64_t extra = 0;
	bool known = mms_used_extra(&u, &extra);

	ck_assert_int_eq(mms_used_judge(&u), used[_i].verdict);
	ck_assert_uint_eq(extra, used[_i].extra);
	/* whose references are known, of that it is known who they are: not of what the kernel has */
	ck_assert(known == (used[_i].maps != UNKNOWN && mms_mobility_of(u.class) == MMS_MOB_MOVABLE));
	ck_assert_ptr_nonnull(mms_used_name(mms_used_judge(&u)));
}
END_TEST

/* One block by name: among others, in the middle of a long run, at a hole. */
START_TEST(a_block_by_name)
{
	static const struct {
		uint64_t pfn, found;
		uint64_t free, movable, fixed;
	} t[] = {
		{ 16, 16, 8, 0, 0 }, { 23, 16, 8, 0, 0 }, { 29, 24, 6, 2, 0 }, { 32, 32, 7, 0, 1 },
		{ 41, ~0ULL, 0, 0, 0 }, { 1000, 1000, 0, 8, 0 }, { 100003, 100000, 0, 8, 0 },
		{ 800000, 800000, 0, 0, 8 }, { 1 << 30, ~0ULL, 0, 0, 0 },
	};
	struct mms_whynot w;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		mms_whynot_begin(&w, 3, __MMS_ZONE_MAX);
		mms_whynot_want(&w, t[i].pfn);
		run(&w, 16, 8, MMS_FRAME_FREE);
		run(&w, 24, 2, MMS_FRAME_ANON);
		run(&w, 26, 6, MMS_FRAME_FREE);
		run(&w, 32, 1, MMS_FRAME_SLAB);
		run(&w, 33, 7, MMS_FRAME_FREE);
		run(&w, 40, 4, MMS_FRAME_FREE);
		run(&w, 44, 4, MMS_FRAME_HOLE);
		run(&w, 1000, 200000, MMS_FRAME_ANON);
		run(&w, 201000, 800000, MMS_FRAME_SLAB);
		mms_whynot_end(&w);
		ck_assert(mms_whynot_found(&w) == (t[i].found != ~0ULL));
		ck_assert_uint_eq(w.found.pfn, t[i].found);
		ck_assert_uint_eq(w.found.free, t[i].free);
		ck_assert_uint_eq(w.found.movable, t[i].movable);
		ck_assert_uint_eq(w.found.fixed, t[i].fixed);
	}
	mms_whynot_begin(&w, 3, __MMS_ZONE_MAX);
	run(&w, 16, 8, MMS_FRAME_FREE);
	mms_whynot_end(&w);
	ck_assert(!mms_whynot_found(&w));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("whynot");
	TCase *c = tcase_create("whynot");

	tcase_add_test(c, candidates);
	tcase_add_test(c, one_zone);
	tcase_add_test(c, impossible_runs);
	tcase_add_test(c, a_block_by_name);
	tcase_add_loop_test(c, verdicts, 0, (int)(sizeof(used) / sizeof(*used)));
	suite_add_tcase(s, c);
	return run_suite(s);
}
