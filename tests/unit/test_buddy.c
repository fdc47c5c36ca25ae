// SPDX-License-Identifier: GPL-2.0
/*
 * Free blocks: the two indices by hand computation, texts of /proc as kernels
 * print them and as none should, records that cannot be.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/buddy.h"
#include "source/procfs.h"

/* --- indices --- */

static struct mms_buddy_state zone_of(const uint64_t *blocks, unsigned int orders)
{
	struct mms_buddy_state z = { .zone.orders = orders };

	for (unsigned int o = 0; o < orders; o++) {
		z.area[o].counter = blocks[o];
		z.area[o].known = MMS_BUDDY_K_COUNTER;
	}
	return z;
}

static int extfrag(const uint64_t *blocks, unsigned int orders, unsigned int order)
{
	struct mms_buddy_state z = zone_of(blocks, orders);
	struct mms_contig c;

	ck_assert(mms_contig_of(&z, order, &c));
	return mms_fragmentation_index(order, &c);
}

static int unusable(const uint64_t *blocks, unsigned int orders, unsigned int order)
{
	struct mms_buddy_state z = zone_of(blocks, orders);
	struct mms_contig c;

	ck_assert(mms_contig_of(&z, order, &c));
	return mms_unusable_index(order, &c);
}

START_TEST(indices)
{
	/* 100 pages singly, 10 pairs, no more: 120 pages in 110 blocks */
	static const uint64_t a[] = { 100, 10, 0, 0 };
	/* the same and a block of 8: 128 pages */
	static const uint64_t b[] = { 100, 10, 0, 1 };
	static const uint64_t none[] = { 0, 0, 0, 0 };
	static const uint64_t one[] = { 0, 0, 1, 0 };
	struct mms_buddy_state z = zone_of(a, 4);
	struct mms_contig c;

	ck_assert(mms_contig_of(&z, 1, &c));
	ck_assert_uint_eq(c.pages, 120);
	ck_assert_uint_eq(c.blocks, 110);
	ck_assert_uint_eq(c.suitable, 10);

	/* a block is there: -1000 */
	ck_assert_int_eq(extfrag(a, 4, 0), -1000);
	ck_assert_int_eq(extfrag(a, 4, 1), -1000);
	/* 120 * 1000 / 4 = 30000; 31000 / 110 = 281; 1000 - 281 */
	ck_assert_int_eq(extfrag(a, 4, 2), 719);
	/* 120 * 1000 / 8 = 15000; 16000 / 110 = 145 */
	ck_assert_int_eq(extfrag(a, 4, 3), 855);
	ck_assert_int_eq(extfrag(b, 4, 3), -1000);
	/* nothing free: lack of memory */
	ck_assert_int_eq(extfrag(none, 4, 0), 0);
	ck_assert_int_eq(extfrag(none, 4, 3), 0);
	/* one block of 4 pages for a request of 8: 500; (1000 + 500) / 1; the kernel prints it, too */
	ck_assert_int_eq(extfrag(one, 4, 3), -500);

	/* all 120 are of use to order 0; 20 of 120 to order 1: 100 / 120 */
	ck_assert_int_eq(unusable(a, 4, 0), 0);
	ck_assert_int_eq(unusable(a, 4, 1), 833);
	ck_assert_int_eq(unusable(a, 4, 2), 1000);
	/* 8 of 128: 120 / 128 */
	ck_assert_int_eq(unusable(b, 4, 3), 937);
	ck_assert_int_eq(unusable(b, 4, 2), 937);
	/* 8 + 20 of 128 */
	ck_assert_int_eq(unusable(b, 4, 1), 781);
	ck_assert_int_eq(unusable(none, 4, 0), 1000);
}
END_TEST

START_TEST(what_is_not_known)
{
	static const uint64_t a[] = { 1, 1 };
	struct mms_buddy_state z = zone_of(a, 2);
	struct mms_contig c;
	uint64_t n;

	z.area[1].known = 0;
	ck_assert(!mms_contig_of(&z, 0, &c));
	ck_assert(!mms_buddy_blocks(&z, 1, &n));
	/* the lists know it instead, unless one was not told to its end */
	z.area[1].list[0] = 3;
	z.area[1].list[1] = 4;
	z.area[1].list_known = 3;
	ck_assert(mms_buddy_blocks(&z, 1, &n));
	ck_assert_uint_eq(n, 7);
	z.area[1].list_known = 1;
	z.area[1].list_least = 2;
	ck_assert(!mms_buddy_blocks(&z, 1, &n));
	ck_assert(!mms_buddy_scanned(&z.area[1], &n));
}
END_TEST

/* --- /proc --- */

static char dir[] = "/tmp/test_buddy.XXXXXX";

static void put_text(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!text) {
		unlink(path);
		return;
	}
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	put_text("buddyinfo", NULL);
	put_text("pagetypeinfo", NULL);
	put_text("zoneinfo", NULL);
	rmdir(dir);
	strcpy(dir, "/tmp/test_buddy.XXXXXX");
}

static int read_proc(struct mms_buddy *b, uint32_t flags, struct mms_err *err)
{
	struct mms_source *s;
	int rc;

	ck_assert_int_eq(mms_source_open_procfs_at(&s, dir, err), 0);
	rc = mms_buddy_take(b, s, flags, err);
	mms_source_close(s);
	return rc;
}

static const char buddyinfo[] =
	"Node 0, zone      DMA      0      1      2 \n"
	"Node 0, zone   Normal  10000      5      0 \n"
	"Node 1, zone   Normal      7      0      9 \n";

static const char pagetypeinfo[] =
	"Page block order: 9\n"
	"Pages per block:  512\n"
	"\n"
	"Free pages count per migrate type at order       0      1      2 \n"
	"Node    0, zone      DMA, type    Unmovable      0      1      0 \n"
	"Node    0, zone      DMA, type      Movable      0      0      2 \n"
	"Node    0, zone   Normal, type    Unmovable     12      5      0 \n"
	"Node    0, zone   Normal, type      Movable >100000      0      0 \n"
	"Node    1, zone   Normal, type          CMA      7      0      9 \n"
	"\n"
	"Number of blocks type     Unmovable      Movable          CMA \n"
	"Node 0, zone      DMA            1            7            0 \n"
	"Node 0, zone   Normal           17          495            0 \n"
	"Node 1, zone   Normal            0            3            4 \n"
	"Number of mixed blocks    Unmovable      Movable          CMA \n"
	"Node 0, zone   Normal            9            9            9 \n";

static const char zoneinfo[] =
	"Node 0, zone      DMA\n"
	"  per-node stats\n"
	"      nr_inactive_anon 3\n"
	"  pages free     10\n"
	"        boost    0\n"
	"        min      11\n"
	"        low      12\n"
	"        high     13\n"
	"        spanned  4095\n"
	"        present  3998\n"
	"        managed  3840\n"
	"      nr_free_pages 10\n"
	"  pagesets\n"
	"    cpu: 0\n"
	"              count: 2\n"
	"              high:  28\n"
	"    cpu: 1\n"
	"              count: 3\n"
	"  start_pfn:           1\n"
	"Node 0, zone  Movable\n"
	"  pages free     77\n";

START_TEST(proc_all)
{
	struct mms_err err = { "" };
	struct mms_buddy b;
	uint64_t n;

	put_text("buddyinfo", buddyinfo);
	put_text("pagetypeinfo", pagetypeinfo);
	put_text("zoneinfo", zoneinfo);
	ck_assert_int_eq(read_proc(&b, MMS_BUDDY_LISTS, &err), 0);
	ck_assert_uint_eq(b.n, 3);
	ck_assert_uint_eq(b.orders, 3);
	ck_assert_uint_eq(b.writer, MMS_WRITER_PROCFS);

	ck_assert_uint_eq(b.zones[0].zone.zone, MMS_ZONE_DMA);
	ck_assert_uint_eq(b.zones[0].area[2].counter, 2);
	ck_assert_uint_eq(b.zones[0].area[2].list[MMS_MT_MOVABLE], 2);
	ck_assert(mms_buddy_listed(&b.zones[0].area[1], &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(b.zones[0].zone.block_order, 9);
	ck_assert_uint_eq(b.zones[0].zone.pageblocks[MMS_MT_MOVABLE], 7);
	ck_assert_uint_eq(b.zones[0].zone.free, 10);
	ck_assert_uint_eq(b.zones[0].zone.wmark_min, 11);
	ck_assert_uint_eq(b.zones[0].zone.wmark_high, 13);
	ck_assert_uint_eq(b.zones[0].zone.managed, 3840);
	ck_assert_uint_eq(b.zones[0].zone.start_pfn, 1);
	ck_assert_uint_eq(b.zones[0].zone.pcp, 5);
	ck_assert_uint_eq(b.zones[0].zone.known, MMS_BUDDY_K_SPAN | MMS_BUDDY_K_FREE | MMS_BUDDY_K_PCP |
			  MMS_BUDDY_K_WMARK | MMS_BUDDY_K_PAGEBLOCKS);

	/* ">100000": so many at least, and the sum is not known */
	ck_assert_uint_eq(b.zones[1].area[0].list[MMS_MT_MOVABLE], 100000);
	ck_assert_uint_eq(b.zones[1].area[0].list_least, 1U << MMS_MT_MOVABLE);
	ck_assert_uint_eq(b.zones[1].area[0].list_known, 1U << MMS_MT_UNMOVABLE);
	ck_assert(!mms_buddy_listed(&b.zones[1].area[0], &n));
	/* mixed blocks are no types of blocks */
	ck_assert_uint_eq(b.zones[1].zone.pageblocks[MMS_MT_UNMOVABLE], 17);
	ck_assert(!(b.zones[1].zone.known & MMS_BUDDY_K_SPAN));

	ck_assert_uint_eq(b.zones[2].zone.node, 1);
	ck_assert_uint_eq(b.zones[2].area[2].list[MMS_MT_CMA], 9);
	mms_buddy_free(&b);
}
END_TEST

START_TEST(proc_without_root)
{
	struct mms_err err = { "" };
	struct mms_buddy b;
	uint64_t n;

	put_text("buddyinfo", buddyinfo);
	ck_assert_int_eq(read_proc(&b, MMS_BUDDY_LISTS, &err), 0);
	ck_assert_uint_eq(b.n, 3);
	ck_assert(mms_buddy_blocks(&b.zones[1], 0, &n));
	ck_assert_uint_eq(n, 10000);
	ck_assert(!mms_buddy_listed(&b.zones[1].area[0], &n));
	ck_assert_uint_eq(b.zones[1].zone.known, 0);
	mms_buddy_free(&b);
}
END_TEST

static const struct {
	const char *text;
	int code;
} bad_texts[] = {
	{ NULL, -ENOENT },
	{ "", -EBADMSG },
	{ "Node 0, zone Normal\n", -EBADMSG },
	{ "Node x, zone Normal 1 2\n", -EBADMSG },
	{ "nonsense\n\n\377\376\n", -EBADMSG },
	{ "Node 0, zone Normal 99999999999999999999 1\n", -EBADMSG },
	{ "Node 0, zone", -EBADMSG },
	{ "Node 0", -EBADMSG },
};

START_TEST(proc_bad)
{
	struct mms_err err = { "" };
	struct mms_buddy b;

	put_text("buddyinfo", bad_texts[_i].text);
	ck_assert_int_eq(read_proc(&b, 0, &err), bad_texts[_i].code);
	ck_assert_ptr_nonnull(strstr(err.text, "buddyinfo"));
	mms_buddy_free(&b);
}
END_TEST

START_TEST(proc_has_no_blocks)
{
	struct mms_err err = { "" };
	struct mms_buddy b;

	put_text("buddyinfo", buddyinfo);
	ck_assert_int_eq(read_proc(&b, MMS_BUDDY_BLOCKS, &err), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(err.text, "module"));
	mms_buddy_free(&b);
}
END_TEST

/* --- records --- */

enum { ZONE_NO_ORDERS, ZONE_MANY_ORDERS, ZONE_WRAPS, AREA_ORDER, BLOCK_ORDER, BLOCK_UNALIGNED, NO_ZONE, STRAY_AREA, CASES };

static int write_bad(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		     struct mms_encoder *e)
{
	struct mms_buddy_zone z = { .head.type = MMS_REC_BUDDY_ZONE, .orders = 11, .start_pfn = 1 };
	struct mms_buddy_area a = { .head.type = MMS_REC_BUDDY_AREA, .order = 3 };
	struct mms_buddy_block b = { .head.type = MMS_REC_BUDDY_BLOCK, .pfn = 8, .order = 3 };
	int which = *(int *)f->ctx;

	(void)kind;
	(void)req;
	if (which == ZONE_NO_ORDERS)
		z.orders = 0;
	if (which == ZONE_MANY_ORDERS)
		z.orders = 33;
	if (which == ZONE_WRAPS)
		z.spanned = UINT64_MAX;
	if (which == AREA_ORDER)
		a.order = 32;
	if (which == BLOCK_ORDER)
		b.order = 64;
	if (which == BLOCK_UNALIGNED)
		b.pfn = 12;
	if (which == STRAY_AREA) {
		a.node = 5;
		a.counter = 77;
	}
	mms_encode_record(e, &b.head, NULL, 0);
	if (which != NO_ZONE)
		mms_encode_record(e, &z.head, NULL, 0);
	mms_encode_record(e, &a.head, NULL, 0);
	/* of an order that the zone does not have: not taken */
	a.order = 20;
	return mms_encode_record(e, &a.head, NULL, 0);
}

START_TEST(bad_records)
{
	static const int expected[CASES] = {
		[NO_ZONE] = -ENODATA, [STRAY_AREA] = 0, [ZONE_NO_ORDERS] = -EBADMSG,
		[ZONE_MANY_ORDERS] = -EBADMSG, [ZONE_WRAPS] = -EBADMSG, [AREA_ORDER] = -EBADMSG,
		[BLOCK_ORDER] = -EBADMSG, [BLOCK_UNALIGNED] = -EBADMSG,
	};
	static const struct mms_source_ops ops = { .name = "fake", .stream = fake_stream };
	int which = _i;
	struct fake_source f = { .base.ops = &ops, .write = write_bad, .writer = MMS_WRITER_MODULE, .ctx = &which };
	struct mms_err err = { "" };
	struct mms_buddy b;

	ck_assert_int_eq(mms_buddy_take(&b, &f.base, 0, &err), expected[_i]);
	if (!expected[_i]) {
		ck_assert_uint_eq(b.zones[0].area[3].counter, 0);
		ck_assert_uint_eq(b.zones[0].area[20].known, 0);
	}
	mms_buddy_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buddy");
	TCase *c = tcase_create("buddy"), *p = tcase_create("proc");

	tcase_add_test(c, indices);
	tcase_add_test(c, what_is_not_known);
	tcase_add_loop_test(c, bad_records, 0, CASES);
	suite_add_tcase(s, c);
	tcase_add_checked_fixture(p, make_dir, remove_dir);
	tcase_add_test(p, proc_all);
	tcase_add_test(p, proc_without_root);
	tcase_add_loop_test(p, proc_bad, 0, (int)(sizeof(bad_texts) / sizeof(*bad_texts)));
	tcase_add_test(p, proc_has_no_blocks);
	suite_add_tcase(s, p);
	return run_suite(s);
}
