// SPDX-License-Identifier: GPL-2.0
/* mmscope swap: areas of two witnesses, numbers that follow, slots of prepared snapshots. */
#include <sys/stat.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/share.h"
#include "model/swap.h"
#include "source/procfs.h"

static struct mms_swap_area area(uint32_t number, uint64_t pages, int prio, uint32_t known)
{
	return (struct mms_swap_area){
		.head = { .type = MMS_REC_SWAP_AREA }, .number = number, .pages = pages,
		.priority = (uint32_t)prio, .known = known,
	};
}

#define ALL	(MMS_SWAP_K_NUMBER | MMS_SWAP_K_FLAGS | MMS_SWAP_K_MAX)

static int write_module(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	struct mms_swap_area a = area(1, 1023, 10, ALL), b = area(4, 8191, -2, ALL);

	(void)kind;
	(void)req;
	if (f->ctx)
		return -EOPNOTSUPP;
	mms_encode_record(e, &a.head, NULL, 0);
	mms_encode_record(e, &b.head, NULL, 0);
	return 0;
}

/* A /proc with this text as its swaps. */
static struct mms_source *proc_of(const char *swaps, char dir[32])
{
	struct mms_source *s;
	char path[64];
	FILE *f;

	strcpy(dir, "/tmp/mms_swap.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/swaps", dir);
	f = fopen(path, "w");
	fputs(swaps, f);
	fclose(f);
	ck_assert_int_eq(mms_source_open_procfs_at(&s, dir, NULL), 0);
	return s;
}

static void proc_gone(struct mms_source *s, const char *dir)
{
	char path[64];

	mms_source_close(s);
	snprintf(path, sizeof(path), "%s/swaps", dir);
	unlink(path);
	rmdir(dir);
}

#define HEAD	"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define TWO	HEAD "/dev/zram0                              partition\t4092\t\t400\t\t10\n" \
		"/swap\\040file\\134x\\040(deleted)          file\t\t32764\t\t0\t\t-2\n"

START_TEST(two_witnesses)
{
	struct fake_source mod = { .base.ops = &fake_ops, .write = write_module, .writer = MMS_WRITER_MODULE };
	struct mms_swaps w;
	struct mms_err err;
	char dir[32];
	struct mms_source *p = proc_of(TWO, dir);

	ck_assert_int_eq(mms_swaps_read(&w, &mod.base, p, &err), 0);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_uint_eq(w.area[1].rec.number, 4);
	ck_assert_str_eq(w.area[0].name, "/dev/zram0");
	ck_assert_str_eq(w.area[1].name, "/swap file\\x (deleted)");
	ck_assert_ptr_eq(mms_swaps_find(&w, 4), &w.area[1]);
	ck_assert_ptr_null(mms_swaps_find(&w, 0));
	/* the numbers are the module's, whatever entries say */
	mms_swaps_deduce(&w, 3);
	ck_assert(!w.deduced);
	ck_assert_uint_eq(w.area[0].rec.number, 1);
	proc_gone(p, dir);
	/* another area at the same place: no name is better than a wrong one */
	p = proc_of(HEAD "/a partition 4092 0 11\n/b file 32764 0 -2\n", dir);
	ck_assert_int_eq(mms_swaps_read(&w, &mod.base, p, &err), 0);
	ck_assert_str_eq(w.area[0].name, "");
	ck_assert_str_eq(w.area[1].name, "");
	proc_gone(p, dir);
}
END_TEST

START_TEST(proc_alone)
{
	struct fake_source mod = { .base.ops = &fake_ops, .write = write_module, .ctx = &mod };
	struct mms_swaps w;
	struct mms_err err = { "" };
	char dir[32];
	struct mms_source *p = proc_of(TWO, dir);

	ck_assert_int_eq(mms_swaps_read(&w, &mod.base, p, &err), 0);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_uint_eq(w.area[0].rec.pages, 1023);
	ck_assert_uint_eq(w.area[0].rec.used, 100);
	ck_assert_int_eq((int32_t)w.area[1].rec.priority, -2);
	ck_assert_uint_eq(w.area[0].rec.flags, MMS_SWAP_BLKDEV);
	ck_assert_uint_eq(w.area[1].rec.flags, 0);
	ck_assert_uint_eq(w.area[0].rec.known, 0);
	/* one of two is named: which? */
	mms_swaps_deduce(&w, 1U << 3);
	ck_assert_ptr_null(mms_swaps_find(&w, 3));
	mms_swaps_deduce(&w, 1U << 3 | 1U << 5);
	ck_assert(w.deduced);
	ck_assert_ptr_eq(mms_swaps_find(&w, 3), &w.area[0]);
	ck_assert_ptr_eq(mms_swaps_find(&w, 5), &w.area[1]);
	proc_gone(p, dir);
	p = proc_of(HEAD, dir);
	ck_assert_int_eq(mms_swaps_read(&w, p, NULL, &err), 0);
	ck_assert_uint_eq(w.n, 0);
	mms_swaps_deduce(&w, 0);
	proc_gone(p, dir);
}
END_TEST

/* Use may change, and swapoff may begin; which areas there are must not. */
START_TEST(areas_that_change)
{
	struct mms_swaps a = { .n = 2 }, b;

	a.area[0].rec = area(0, 1023, 10, ALL);
	a.area[1].rec = area(1, 8191, -2, ALL);
	strcpy(a.area[0].name, "/dev/zram0");
	b = a;
	b.area[0].rec.used = 7;
	b.area[0].rec.flags = MMS_SWAP_WRITEOK;
	ck_assert(mms_swaps_same(&a, &b));
	b.n = 1;
	ck_assert(!mms_swaps_same(&a, &b));
	b = a;
	b.area[1].rec.number = 2;
	ck_assert(!mms_swaps_same(&a, &b));
	b = a;
	strcpy(b.area[0].name, "/dev/zram1");
	ck_assert(!mms_swaps_same(&a, &b));
	b = a;
	b.area[1].rec.pages--;
	ck_assert(!mms_swaps_same(&a, &b));
}
END_TEST

START_TEST(damaged_text)
{
	static const char *const bad[] = {
		"", "Nothing\n", HEAD "/a\n", HEAD "/a partition 1\n", HEAD "/a partition x 0 0\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mms_err err = { "" };
		struct mms_swaps w;
		char dir[32];
		struct mms_source *p = proc_of(bad[i], dir);

		ck_assert_int_eq(mms_swaps_read(&w, p, NULL, &err), -EBADMSG);
		ck_assert_ptr_nonnull(strstr(err.text, "/swaps"));
		proc_gone(p, dir);
	}
}
END_TEST

static int write_bad(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	struct mms_swap_area a = area(f->ctx ? 1 : 32, 1, 0, ALL);

	(void)kind;
	(void)req;
	a.name_len = f->ctx ? 3 : 0;
	mms_encode_record(e, &a.head, "abc", a.name_len);
	return 0;
}

START_TEST(damaged_stream)
{
	struct fake_source mod = { .base.ops = &fake_ops, .write = write_bad };
	struct mms_swaps w;
	struct mms_err err;

	ck_assert_int_eq(mms_swaps_read(&w, &mod.base, NULL, &err), -EBADMSG);
	ck_assert_uint_eq(w.n, 0);
	mod.ctx = &mod;
	ck_assert_int_eq(mms_swaps_read(&w, &mod.base, NULL, &err), -EBADMSG);
}
END_TEST

/* --- slots --- */

static struct mms_pt_extent slots(uint64_t page, uint64_t n, uint32_t number, uint64_t offset)
{
	return (struct mms_pt_extent){
		.va = page << 12, .len = n << 12, .pa = offset, .swap_type = number,
		.state = MMS_PT_SWAP, .level = 1, .page_shift = 12,
	};
}

static struct mms_snapshot *process(const struct mms_pt_extent *e, size_t n)
{
	struct mms_snapshot *s = calloc(1, sizeof(*s));

	s->regions = calloc(1, sizeof(*s->regions));
	s->nregions = 1;
	s->regions[0].vma.end = 1ULL << 40;
	s->regions[0].nextents = n;
	s->extents = calloc(n + 1, sizeof(*e));
	memcpy(s->extents, e, n * sizeof(*e));
	s->nextents = n;
	return s;
}

static uint64_t told[3][2];

static int on_piece(void *ctx, const struct mms_share_piece *p)
{
	(void)ctx;
	told[MMS_SLOT_AREA(p->pfn)][p->maps - 1] += p->n;
	return MMS_SLOT_OFFSET(p->pfn) == 999 ? -EIO : 0;
}

START_TEST(slots_are_shared)
{
	/* the same offset of two areas is not the same slot */
	struct mms_pt_extent a[] = { slots(0, 8, 1, 100), slots(8, 4, 2, 100), slots(20, 1, 1, 50) };
	const struct mms_pt_extent b[] = { slots(0, 4, 1, 104), slots(9, 1, 1, 108) };
	struct mms_share s = { .slots = true, .count_tables = true, .piece = on_piece };

	memset(told, 0, sizeof(told));
	a[2].state = MMS_PT_PRESENT;
	mms_share_add(&s, process(a, 3), 1, true);
	mms_share_add(&s, process(b, 2), 2, true);
	ck_assert_int_eq(mms_share_run(&s), 0);
	ck_assert_uint_eq(s.procs[0].sums.rss, 12 << 12);
	ck_assert_uint_eq(s.procs[0].sums.uss, 8 << 12);
	ck_assert_uint_eq(s.procs[0].sums.pss >> MMS_PSS_SHIFT, 10 << 12);
	ck_assert_uint_eq(s.procs[1].sums.pss >> MMS_PSS_SHIFT, 3 << 12);
	ck_assert_uint_eq(told[1][0], 5);
	ck_assert_uint_eq(told[1][1], 4);
	ck_assert_uint_eq(told[2][0], 4);
	mms_share_free(&s);
	s = (struct mms_share){ .slots = true, .piece = on_piece };
	a[0] = slots(0, 1, 0, 999);
	mms_share_add(&s, process(a, 1), 1, true);
	ck_assert_int_eq(mms_share_run(&s), -EIO);
	mms_share_free(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("swap");
	TCase *c = tcase_create("swap");

	tcase_add_test(c, two_witnesses);
	tcase_add_test(c, proc_alone);
	tcase_add_test(c, areas_that_change);
	tcase_add_test(c, damaged_text);
	tcase_add_test(c, damaged_stream);
	tcase_add_test(c, slots_are_shared);
	suite_add_tcase(s, c);
	return run_suite(s);
}
