// SPDX-License-Identifier: GPL-2.0
/* The census: what owners say of frames, and how much memory it takes. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "decode.h"
#include "fixture.h"
#include "model/census.h"
#include "source/encode.h"

static struct mms_frame_run run(uint64_t pfn, uint64_t count, uint32_t class, uint32_t refs)
{
	return (struct mms_frame_run){ .pfn = pfn, .count = count, .class = class,
				       .zone = MMS_ZONE_NORMAL, .refs = refs };
}

static void feed(struct mms_census *c, uint64_t pfn, uint64_t count, uint32_t class, uint32_t refs)
{
	struct mms_frame_run r = run(pfn, count, class, refs);

	ck_assert_int_eq(mms_census_run(c, &r), 0);
}

START_TEST(claims_split_a_run)
{
	struct mms_census c = { 0 };

	mms_census_claim(&c, 30, 20, MMS_FRAME_VMALLOC);
	mms_census_claim(&c, 40, 4, MMS_FRAME_KSTACK);
	mms_census_claim(&c, 12, 3, MMS_FRAME_KPGTABLE);
	mms_census_claim(&c, 12, 3, MMS_FRAME_KPGTABLE);
	mms_census_ready(&c);
	feed(&c, 0, 10, MMS_FRAME_HOLE, 0);
	feed(&c, 10, 100, MMS_FRAME_UNKNOWN, 1);
	ck_assert_int_eq(mms_census_end(&c), 0);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_HOLE), 10);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_KPGTABLE), 3);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_KSTACK), 4);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_VMALLOC), 16);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_UNKNOWN), 77);
	ck_assert_uint_eq(c.present, 100);
	ck_assert_int_eq(c.gap, 0);
	mms_census_free(&c);
}
END_TEST

START_TEST(claims_do_not_overrule)
{
	struct mms_census c = { 0 };

	mms_census_claim(&c, 0, 400, MMS_FRAME_VMALLOC);
	mms_census_claim(&c, 250, 10, MMS_FRAME_MEMMAP);
	mms_census_ready(&c);
	feed(&c, 0, 100, MMS_FRAME_ANON, 0);
	feed(&c, 100, 100, MMS_FRAME_FREE, 0);
	feed(&c, 200, 100, MMS_FRAME_RESERVED, 0);
	mms_census_end(&c);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_ANON), 100);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_FREE), 100);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_RESERVED), 90);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_MEMMAP), 10);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_VMALLOC), 0);
	mms_census_free(&c);
}
END_TEST

START_TEST(a_gap_is_seen)
{
	struct mms_census c = { 0 };

	mms_census_ready(&c);
	feed(&c, 0, 10, MMS_FRAME_HOLE, 0);
	feed(&c, 11, 10, MMS_FRAME_ANON, 0);
	ck_assert_int_ne(c.gap, 0);
	mms_census_free(&c);
	feed(&c, 0, 10, MMS_FRAME_HOLE, 0);
	feed(&c, 9, 10, MMS_FRAME_ANON, 0);
	ck_assert_int_ne(c.gap, 0);
	mms_census_free(&c);
}
END_TEST

START_TEST(largest_runs_first)
{
	struct mms_census c = { .want = MMS_FRAME_UNKNOWN, .want_top = 2 };

	mms_census_ready(&c);
	feed(&c, 0, 10, MMS_FRAME_UNKNOWN, 1);
	feed(&c, 10, 10, MMS_FRAME_SLAB, 0);
	feed(&c, 20, 30, MMS_FRAME_UNKNOWN, 2);
	feed(&c, 50, 10, MMS_FRAME_ANON, 0);
	feed(&c, 60, 20, MMS_FRAME_UNKNOWN, 1);
	mms_census_end(&c);
	ck_assert_uint_eq(c.ntop, 2);
	ck_assert_uint_eq(c.top[0].run.pfn, 20);
	ck_assert_uint_eq(c.top[0].run.refs, 2);
	ck_assert_uint_eq(c.top[0].before, MMS_FRAME_SLAB);
	ck_assert_uint_eq(c.top[0].after, MMS_FRAME_ANON);
	ck_assert_uint_eq(c.top[1].run.pfn, 60);
	ck_assert_uint_eq(c.top[1].after, __MMS_FRAME_MAX);
	mms_census_free(&c);
}
END_TEST

START_TEST(order_is_guessed)
{
	struct mms_census c = { .want = MMS_FRAME_UNKNOWN, .want_top = 10 };

	mms_census_ready(&c);
	feed(&c, 61, 4, MMS_FRAME_UNKNOWN, 1);	/* three frames and the head of eight */
	feed(&c, 65, 7, MMS_FRAME_UNKNOWN, 0);
	feed(&c, 72, 1, MMS_FRAME_UNKNOWN, 1);	/* no multiple of sixteen */
	feed(&c, 73, 15, MMS_FRAME_UNKNOWN, 0);
	mms_census_end(&c);
	ck_assert_uint_eq(c.ntop, 4);
	ck_assert_uint_eq(c.top[0].run.pfn, 73);
	ck_assert_uint_eq(c.top[0].guess, 0);
	ck_assert_uint_eq(c.top[1].run.pfn, 64);
	ck_assert_uint_eq(c.top[1].run.count, 8);
	ck_assert_uint_eq(c.top[1].guess, 3);
	ck_assert_uint_eq(c.top[2].run.pfn, 61);
	ck_assert_uint_eq(c.top[2].run.count, 3);
	mms_census_free(&c);
}
END_TEST

/* 64 GiB of frames, each a run of its own: nothing grows with them. */
START_TEST(memory_is_bounded)
{
	struct mms_census c = { .want = MMS_FRAME_UNKNOWN, .want_top = MMS_CENSUS_TOP };
	const uint64_t frames = 64ULL << 18;
	struct rusage before, after;

	for (uint64_t i = 0; i < 100000; i++)
		ck_assert_int_eq(mms_census_claim(&c, i * 160, 2, MMS_FRAME_VMALLOC), 0);
	mms_census_ready(&c);
	feed(&c, 0, 1, MMS_FRAME_UNKNOWN, 1);
	getrusage(RUSAGE_SELF, &before);
	for (uint64_t pfn = 1; pfn < frames; pfn++)
		feed(&c, pfn, 1, pfn % 3 ? MMS_FRAME_UNKNOWN : MMS_FRAME_ANON, (uint32_t)(pfn % 5));
	mms_census_end(&c);
	getrusage(RUSAGE_SELF, &after);
	ck_assert_uint_eq(c.present, frames);
	ck_assert_uint_eq(c.next, frames);
	ck_assert_int_eq(c.gap, 0);
	ck_assert_uint_gt(mms_census_class(&c, MMS_FRAME_VMALLOC), 100000);
	ck_assert_int_le(after.ru_maxrss - before.ru_maxrss, 1024);
	mms_census_free(&c);
}
END_TEST

static int take_bytes(void *ctx, const void *buf, size_t len)
{
	struct mms_err err = { "" };
	int rc = mms_decoder_feed(ctx, buf, len, NULL, &err);

	return rc < 0 ? rc : 0;
}

static int take_run(void *ctx, const struct mms_record *rec)
{
	return rec->type == MMS_REC_FRAME_RUN ? mms_census_run(ctx, (const void *)rec) : 0;
}

/*
 * The same as the tool has it, a stream of bytes through the decoder: 64 GiB of
 * frames in records of eight (a machine has some hundred frames in each).
 */
START_TEST(a_stream_of_64_gib_is_bounded)
{
	struct mms_census c = { .want = MMS_FRAME_UNKNOWN, .want_top = MMS_CENSUS_TOP };
	struct mms_handler h = { .record = take_run, .ctx = &c };
	struct mms_decoder *d = mms_decoder_new(&h);
	struct mms_encoder e = { .write = take_bytes, .ctx = d };
	struct mms_request req = { .size = sizeof(req), .end = UINT64_MAX };
	struct mms_trailer t = { .end = MMS_END_COMPLETE };
	const uint64_t frames = 64ULL << 18;
	struct mms_stream_header header;
	struct rusage before, after;
	struct mms_err err = { "" };

	mms_header_init(&header, MMS_KIND_FRAMES, MMS_WRITER_MODULE, &req);
	ck_assert_ptr_nonnull(d);
	mms_census_ready(&c);
	ck_assert_int_eq(mms_encode_begin(&e, &header), 0);
	getrusage(RUSAGE_SELF, &before);
	for (uint64_t pfn = 0; pfn < frames; pfn += 8) {
		struct mms_frame_run r = run(pfn, 8, pfn / 8 % 3 ? MMS_FRAME_UNKNOWN : MMS_FRAME_ANON,
					     (uint32_t)(pfn / 8 % 5));

		r.head.type = MMS_REC_FRAME_RUN;
		ck_assert_int_eq(mms_encode_record(&e, &r.head, NULL, 0), 0);
	}
	ck_assert_int_eq(mms_encode_end(&e, &t), 0);
	ck_assert_int_eq(mms_decoder_end(d, &err), 0);
	mms_census_end(&c);
	getrusage(RUSAGE_SELF, &after);
	printf("census of 64 GiB of frames, 2097152 records: peak RSS %ld KiB, %ld of them by the stream\n",
	       after.ru_maxrss, after.ru_maxrss - before.ru_maxrss);
	ck_assert_uint_eq(c.present, frames);
	ck_assert_uint_eq(c.next, frames);
	ck_assert_int_eq(c.gap, 0);
	ck_assert_int_le(after.ru_maxrss - before.ru_maxrss, 1024);
	mms_decoder_free(d);
	mms_census_free(&c);
}
END_TEST

START_TEST(names_go_both_ways)
{
	for (uint32_t i = 0; i < __MMS_FRAME_MAX; i++) {
		ck_assert_uint_eq(mms_frame_class_find(mms_frame_class_name(i)), i);
		ck_assert_ptr_nonnull(mms_frame_class_words(i));
	}
	ck_assert_uint_eq(mms_frame_class_find("nothing"), __MMS_FRAME_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("census");
	TCase *t = tcase_create("census");

	tcase_set_timeout(t, 240);
	tcase_add_test(t, claims_split_a_run);
	tcase_add_test(t, claims_do_not_overrule);
	tcase_add_test(t, a_gap_is_seen);
	tcase_add_test(t, largest_runs_first);
	tcase_add_test(t, order_is_guessed);
	tcase_add_test(t, memory_is_bounded);
	tcase_add_test(t, a_stream_of_64_gib_is_bounded);
	tcase_add_test(t, names_go_both_ways);
	suite_add_tcase(s, t);
	return run_suite(s);
}
