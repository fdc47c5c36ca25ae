// SPDX-License-Identifier: GPL-2.0
/* Files of the page cache, added up and named. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake_source.h"
#include "fixture.h"
#include "model/cache.h"
#include "model/mounts.h"

static void name(struct mms_encoder *e, uint64_t ino, uint32_t flags, const char *path)
{
	struct mms_cache_name n = {
		.head = { .type = MMS_REC_CACHE_NAME }, .ino = ino, .dev_major = 8, .flags = flags,
		.size = 100, .path_len = path ? (uint32_t)strlen(path) + 1 : 0,
	};

	mms_encode_record(e, &n.head, path, n.path_len);
}

static void file(struct mms_encoder *e, uint64_t ino, uint32_t flags, uint64_t pages)
{
	struct mms_cache_file f = {
		.head = { .type = MMS_REC_CACHE_FILE }, .ino = ino, .dev_major = 8, .flags = flags,
		.pages = pages, .dirty = pages / 2, .mapped = 1,
	};

	mms_encode_record(e, &f.head, NULL, 0);
}

static int write_cache(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		       struct mms_encoder *e)
{
	struct mms_cache_run bad = { .head = { .type = MMS_REC_CACHE_RUN } };

	(void)req;
	if (kind == MMS_KIND_VMA) {
		struct mms_vma v = {
			.head = { .type = MMS_REC_VMA }, .start = 0x1000, .end = 0x2000,
			.flags = MMS_VMA_FILE, .dev_major = 8, .ino = 7,
		};

		mms_encode_record(e, &v.head, NULL, 0);
		v.start = 0x5000;	/* the same file again: one process still */
		v.end = 0x6000;
		mms_encode_record(e, &v.head, NULL, 0);
		return 0;
	}
	name(e, 7, 0, "/a");
	name(e, 7, MMS_CACHE_F_BDEV, NULL);	/* the same numbers, another thing */
	file(e, 7, 0, 10);
	file(e, 7, MMS_CACHE_F_BDEV, 3);
	for (uint64_t i = 100; i < 1100; i++)
		file(e, i, 0, 1);
	file(e, 7, MMS_CACHE_F_MAPPED_PART, 4);
	name(e, 7, MMS_CACHE_F_DELETED, "/b");
	if (f->ctx)
		mms_encode_record(e, &bad.head, NULL, 0);
	return 0;
}

START_TEST(adds_up)
{
	struct fake_source f = { .base = { .ops = &fake_ops }, .write = write_cache };
	struct mms_request req = { .size = sizeof(req) };
	struct mms_err err = { "" };
	struct mms_cached *x;
	struct mms_cache c;

	ck_assert_int_eq(mms_cache_read(&f.base, &req, &c, &err), 0);
	ck_assert_uint_eq(c.n, 1002);
	x = mms_cache_find(&c, 8, 0, 7, false);
	ck_assert_ptr_nonnull(x);
	ck_assert_uint_eq(x->f.pages, 14);
	ck_assert_uint_eq(x->f.dirty, 7);
	ck_assert_uint_eq(x->f.flags, MMS_CACHE_F_MAPPED_PART | MMS_CACHE_F_DELETED);
	ck_assert_str_eq(x->path, "/b");	/* the later name */
	ck_assert_uint_eq(mms_cache_find(&c, 8, 0, 7, true)->f.pages, 3);
	ck_assert_ptr_null(mms_cache_find(&c, 8, 1, 7, false));
	ck_assert_ptr_null(mms_cache_find(&c, 8, 0, 99, false));
	ck_assert_uint_eq(mms_cache_find(&c, 8, 0, 1099, false)->f.pages, 1);
	ck_assert_int_eq(mms_cache_mappers(&c, &f.base, &err), 0);
	ck_assert_uint_eq(x->mappers, 1);
	ck_assert(x->have_mappers);
	ck_assert(!mms_cache_find(&c, 8, 0, 7, true)->have_mappers);
	ck_assert_uint_eq(c.nmappers, 1);
	mms_cache_sort(&c);
	ck_assert_uint_eq(c.files[0].f.pages, 14);
	ck_assert_uint_eq(c.files[1].f.pages, 3);
	ck_assert_uint_eq(c.files[2].f.ino, 100);
	mms_cache_free(&c);
	f.ctx = &f;
	ck_assert_int_eq(mms_cache_read(&f.base, &req, &c, &err), -EBADMSG);
	mms_cache_free(&c);
}
END_TEST

START_TEST(mounted_where)
{
	char path[] = "/tmp/mmscope-mounts.XXXXXX", out[256];
	int fd = mkstemp(path);
	struct mms_err err = { "" };
	struct mms_mounts m;
	FILE *f = fdopen(fd, "w");

	fputs("20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	      "21 20 8:2 /sub /mnt/with\\040space rw - ext4 /dev/sda2 rw\n"
	      "not a line\n", f);
	fclose(f);
	ck_assert_int_eq(mms_mounts_read(&m, path, &err), 0);
	ck_assert_uint_eq(m.n, 2);
	ck_assert(mms_mounts_path(&m, 8, 1, "/x/y", out, sizeof(out)));
	ck_assert_str_eq(out, "/x/y");
	ck_assert(mms_mounts_path(&m, 8, 2, "/sub/y", out, sizeof(out)));
	ck_assert_str_eq(out, "/mnt/with space/y");
	ck_assert(mms_mounts_path(&m, 8, 2, "/sub", out, sizeof(out)));
	ck_assert_str_eq(out, "/mnt/with space");
	ck_assert(!mms_mounts_path(&m, 8, 2, "/subway/y", out, sizeof(out)));
	ck_assert(!mms_mounts_path(&m, 8, 3, "/x", out, sizeof(out)));
	ck_assert_uint_eq(mms_mounts_by_id(&m, 21)->dev_minor, 2);
	ck_assert_ptr_null(mms_mounts_by_id(&m, 22));
	mms_mounts_free(&m);
	unlink(path);
	ck_assert_int_eq(mms_mounts_read(&m, "/nonexistent", &err), -ENOENT);
	ck_assert(err.text[0]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cache");
	TCase *tc = tcase_create("cache");

	tcase_add_test(tc, adds_up);
	tcase_add_test(tc, mounted_where);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
