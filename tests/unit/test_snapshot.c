// SPDX-License-Identifier: GPL-2.0
/* Joining streams by address: order, cuts, changes between streams, errors. */
#include <check.h>

#include "fake_source.h"
#include "fixture.h"
#include "model/snapshot.h"

#define ALL	(MMS_SNAP_TASK | MMS_SNAP_VMA | MMS_SNAP_EXTENTS | MMS_SNAP_USAGE)

static struct mms_err error;

static void put_extent(struct mms_encoder *e, uint64_t va, uint64_t len, uint64_t pa,
		       unsigned int state)
{
	struct mms_pt_extent x = {
		.head = { .type = MMS_REC_PT_EXTENT }, .va = va, .len = len,
		.pa = pa, .state = (uint8_t)state, .level = 1, .page_shift = 12,
	};

	mms_encode_record(e, &x.head, NULL, 0);
}

static void put_usage(struct mms_encoder *e, uint64_t start, uint64_t end, uint64_t rss)
{
	struct mms_usage u = {
		.head = { .type = MMS_REC_USAGE }, .start = start, .end = end,
		.known = MMS_USAGE_K(rss), .rss = rss,
	};

	mms_encode_record(e, &u.head, NULL, 0);
}

static struct mms_snapshot *take(struct fake_source *f, int expect)
{
	struct mms_snapshot *snap = NULL;

	f->base.ops = &fake_ops;
	error.text[0] = '\0';
	ck_assert_int_eq(mms_snapshot_take(&snap, &f->base, 1, ALL, &error), expect);
	ck_assert(!expect == !!snap);
	ck_assert(!expect == !error.text[0]);
	return snap;
}

/* Extents over VMA bounds, over nothing, and unordered. */
static int write_mess(struct fake_source *f, enum mms_kind kind,
		      const struct mms_request *req, struct mms_encoder *e)
{
	(void)f;
	(void)req;
	switch (kind) {
	case MMS_KIND_TASK:
		fake_task(e, 1, "x", 0);
		return 0;
	case MMS_KIND_VMA:
		fake_vma(e, 0x20000, 0x24000, MMS_VMA_READ, "/a\033[2J\nb");
		fake_vma(e, 0x10000, 0x14000, MMS_VMA_READ, NULL);
		fake_vma(e, 0x14000, 0x18000, MMS_VMA_READ, NULL);
		return 0;
	case MMS_KIND_PGTABLE:
		put_extent(e, 0x20000, 0x1000, 0x900000, MMS_PT_PRESENT);
		put_extent(e, 0x12000, 0x4000, 0x500000, MMS_PT_PRESENT);
		put_extent(e, 0x17000, 0x3000, 0x7, MMS_PT_SWAP);
		return 0;
	default:
		put_usage(e, 0x10000, 0x14000, 111);
		put_usage(e, 0x14000, 0x19000, 222);	/* has grown meanwhile */
		put_usage(e, 0x20000, 0x24000, 333);
		return 0;
	}
}

START_TEST(joins_by_address)
{
	struct fake_source f = { .write = write_mess, .writer = MMS_WRITER_MODULE };
	struct mms_snapshot *s = take(&f, 0);

	ck_assert_uint_eq(s->nregions, 3);
	ck_assert_uint_eq(s->regions[0].vma.start, 0x10000);
	ck_assert_uint_eq(s->regions[2].vma.start, 0x20000);
	ck_assert_str_eq(s->regions[2].path, "/a\\x1b[2J\\x0ab");
	/* 12-14, 14-16, 17-18, 18-1a (in no VMA), 20-21 */
	ck_assert_uint_eq(s->nextents, 5);
	ck_assert_uint_eq(s->regions[0].nextents, 1);
	ck_assert_uint_eq(s->extents[0].len, 0x2000);
	ck_assert_uint_eq(s->regions[1].nextents, 2);
	ck_assert_uint_eq(s->extents[1].va, 0x14000);
	ck_assert_uint_eq(s->extents[1].pa, 0x502000);
	ck_assert_uint_eq(s->extents[2].len, 0x1000);
	ck_assert_uint_eq(s->extents[3].pa, 8);		/* swap slots, not bytes */
	ck_assert_uint_eq(s->regions[2].first_extent, 4);
	ck_assert_uint_eq(s->regions[2].nextents, 1);
	ck_assert_uint_eq(s->regions[0].usage.rss, 111);
	ck_assert_uint_eq(s->regions[1].usage.known, 0);
	ck_assert_uint_eq(s->regions[2].usage.rss, 333);
	ck_assert_uint_eq(s->unmatched_usage, 1);
	ck_assert_uint_eq(s->have, ALL);
	ck_assert_ptr_eq(mms_snapshot_find(s, 0x17fff), &s->regions[1]);
	ck_assert_ptr_null(mms_snapshot_find(s, 0x18000));
	ck_assert_ptr_null(mms_snapshot_find(s, 0));
	ck_assert_ptr_null(mms_snapshot_find(s, UINT64_MAX));
	mms_snapshot_free(s);
}
END_TEST

/* A walk that was resumed tells the same addresses twice. */
static int write_twice(struct fake_source *f, enum mms_kind kind,
		       const struct mms_request *req, struct mms_encoder *e)
{
	if (kind == MMS_KIND_VMA) {
		fake_vma(e, 0x10000, 0x14000, MMS_VMA_READ, NULL);
		fake_vma(e, 0x12000, 0x18000, MMS_VMA_READ, NULL);
		return 0;
	}
	if (kind != MMS_KIND_PGTABLE)
		return write_mess(f, kind, req, e);
	put_extent(e, 0x12000, 0x4000, 0x500000, MMS_PT_PRESENT);
	put_extent(e, 0x14000, 0x4000, 0x600000, MMS_PT_PRESENT);
	return 0;
}

START_TEST(overlaps_are_cut)
{
	struct fake_source f = { .write = write_twice, .writer = MMS_WRITER_MODULE };
	struct mms_snapshot *s = take(&f, 0);

	ck_assert_uint_eq(s->nregions, 1);
	ck_assert_uint_eq(s->regions[0].vma.start, 0x12000);
	ck_assert_uint_eq(s->nextents, 2);
	ck_assert_uint_eq(s->extents[0].len, 0x2000);
	ck_assert_uint_eq(s->extents[1].pa, 0x600000);
	mms_snapshot_free(s);
}
END_TEST

static int refuse_rc;
static enum mms_kind refuse_kind;

static int write_refused(struct fake_source *f, enum mms_kind kind,
			 const struct mms_request *req, struct mms_encoder *e)
{
	return kind == refuse_kind ? refuse_rc : write_mess(f, kind, req, e);
}

static struct mms_snapshot *refused(enum mms_kind kind, int rc, int expect)
{
	struct fake_source f = { .write = write_refused };

	refuse_kind = kind;
	refuse_rc = rc;
	return take(&f, expect);
}

START_TEST(what_is_missing_is_said)
{
	struct mms_snapshot *s = refused(MMS_KIND_PGTABLE, -EACCES, 0);

	ck_assert_uint_eq(s->have, ALL & ~MMS_SNAP_EXTENTS);
	ck_assert_uint_eq(s->nextents, 0);
	ck_assert_uint_ne(s->missing_extents.text[0], '\0');
	ck_assert_uint_eq(s->missing_usage.text[0], '\0');
	mms_snapshot_free(s);
	s = refused(MMS_KIND_USAGE, -EOPNOTSUPP, 0);
	ck_assert_uint_eq(s->have, ALL & ~MMS_SNAP_USAGE);
	ck_assert_uint_eq(s->regions[0].usage.known, 0);
	mms_snapshot_free(s);
}
END_TEST

START_TEST(what_is_needed_must_be_there)
{
	refused(MMS_KIND_TASK, -ESRCH, -ESRCH);
	refused(MMS_KIND_VMA, -ENXIO, -ENXIO);
	refused(MMS_KIND_VMA, -EACCES, -EACCES);
	/* It exited meanwhile: half a snapshot is none. */
	refused(MMS_KIND_PGTABLE, -ENODATA, -ENODATA);
	refused(MMS_KIND_USAGE, -ESRCH, -ESRCH);
}
END_TEST

START_TEST(a_stream_that_ends_early_is_an_error)
{
	struct fake_source f = { .write = write_mess, .end = MMS_END_EXITED };

	take(&f, -ENODATA);
	f.end = MMS_END_KILLED;
	take(&f, -EINTR);
	f.end = MMS_END_ERROR;
	take(&f, -EIO);
}
END_TEST

static struct mms_pt_extent damaged_extent;
static uint64_t damaged_end;

static int write_damaged(struct fake_source *f, enum mms_kind kind,
			 const struct mms_request *req, struct mms_encoder *e)
{
	if (kind == MMS_KIND_VMA && damaged_end) {
		fake_vma(e, 0x20000, damaged_end, 0, NULL);
		return 0;
	}
	if (kind != MMS_KIND_PGTABLE)
		return write_mess(f, kind, req, e);
	damaged_extent.head.type = MMS_REC_PT_EXTENT;
	mms_encode_record(e, &damaged_extent.head, NULL, 0);
	return 0;
}

START_TEST(damaged_records_are_refused)
{
	struct fake_source f = { .write = write_damaged };

	damaged_extent.page_shift = 12;
	damaged_extent.level = 1;
	damaged_extent.state = MMS_PT_PRESENT;
	take(&f, -EBADMSG);				/* no length */
	damaged_extent.len = 0x1001;
	take(&f, -EBADMSG);
	damaged_extent.len = 0x1000;
	damaged_extent.page_shift = 77;
	take(&f, -EBADMSG);
	damaged_extent.page_shift = 12;
	damaged_extent.va = UINT64_MAX & ~0xfffULL;
	take(&f, -EBADMSG);				/* ends at 0 */
	damaged_end = 0x10000;
	take(&f, -EBADMSG);				/* before it starts */
	damaged_end = 0;
	damaged_extent.va = 0x1000;
	mms_snapshot_free(take(&f, 0));
}
END_TEST

static int write_nothing(struct fake_source *f, enum mms_kind kind,
			 const struct mms_request *req, struct mms_encoder *e)
{
	(void)f;
	(void)req;
	if (kind == MMS_KIND_TASK)
		fake_task(e, 1, "x", MMS_TASK_ZOMBIE);
	return 0;
}

START_TEST(an_empty_process_is_one)
{
	struct fake_source f = { .write = write_nothing };
	struct mms_snapshot *s = take(&f, 0);

	ck_assert_uint_eq(s->nregions, 0);
	ck_assert_uint_eq(s->task.flags, MMS_TASK_ZOMBIE);
	mms_snapshot_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("snapshot");
	TCase *c = tcase_create("snapshot");

	tcase_add_test(c, joins_by_address);
	tcase_add_test(c, overlaps_are_cut);
	tcase_add_test(c, what_is_missing_is_said);
	tcase_add_test(c, what_is_needed_must_be_there);
	tcase_add_test(c, a_stream_that_ends_early_is_an_error);
	tcase_add_test(c, damaged_records_are_refused);
	tcase_add_test(c, an_empty_process_is_one);
	suite_add_tcase(s, c);
	return run_suite(s);
}
