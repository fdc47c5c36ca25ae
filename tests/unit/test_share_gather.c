// SPDX-License-Identifier: GPL-2.0
/* Who is read for share and swap: those asked for, each once, then all others. */
#include "fake_source.h"
#include "fixture.h"
#include "model/share_gather.h"

/* PIDs 10 and 12 have a page each; 11 is a kernel thread; 13 is nobody's to read; 14 has no page tables. */
static int write_proc(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	struct mms_pt_extent x = {
		.head.type = MMS_REC_PT_EXTENT, .va = 0x1000, .len = 0x1000, .pa = 0x5000,
		.state = MMS_PT_PRESENT, .level = 1, .page_shift = 12,
	};
	const unsigned int *poor = f->ctx;

	if (req->pid == 11)
		return -ENXIO;
	if (req->pid == 13 && poor)
		return -EACCES;
	if (req->pid == 13)
		return -ESRCH;
	if (kind == MMS_KIND_TASK)
		fake_task(e, req->pid, "some", 0);
	if (kind == MMS_KIND_VMA)
		fake_vma(e, 0x1000, 0x4000, MMS_VMA_READ, NULL);
	if (kind == MMS_KIND_PGTABLE && req->pid == 14)
		return -EOPNOTSUPP;
	if (kind == MMS_KIND_PGTABLE)
		mms_encode_record(e, &x.head, NULL, 0);
	return kind == MMS_KIND_USAGE ? -EOPNOTSUPP : 0;
}

static int pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid), void *ctx, struct mms_err *err)
{
	int rc = 0;

	(void)s;
	(void)err;
	for (uint32_t pid = 10; !rc && pid <= 13; pid++)
		rc = fn(ctx, pid);
	return rc;
}

static const struct mms_source_ops ops = { .name = "fake", .stream = fake_stream, .pids = pids, .close = fake_close };

static struct fake_source fake;
static struct mms_share_gather g;
static struct mms_err err;

static void start(void)
{
	fake = (struct fake_source){ .base.ops = &ops, .write = write_proc, .writer = MMS_WRITER_MODULE };
	g = (struct mms_share_gather){ .source = &fake.base };
	err.text[0] = '\0';
}

static void stop(void)
{
	mms_share_gather_free(&g);
}

START_TEST(asked_once)
{
	char *words[] = { "12", "10", "12" }, *bad[] = { "12", "x" };

	ck_assert_int_eq(mms_share_gather_pids(&g, 3, words, &err), 0);
	ck_assert_uint_eq(g.npids, 2);
	ck_assert_int_eq(mms_share_gather_asked(&g, &err), 0);
	ck_assert_uint_eq(g.counted, 2);
	ck_assert_uint_eq(g.share.nprocs, 2);
	ck_assert_uint_eq(g.share.procs[0].pid, 12);
	ck_assert(g.share.procs[0].asked && g.share.procs[0].snap);
	/* nobody asked for smaps */
	ck_assert_uint_eq(fake.asked[MMS_KIND_USAGE], 0);
	/* who is there already is not counted twice, and the kernel thread is no gap */
	ck_assert_int_eq(mms_share_gather_others(&g, &err), 0);
	ck_assert_uint_eq(g.counted, 2);
	ck_assert_str_eq(g.no_counts.text, "");
	mms_share_gather_free(&g);
	ck_assert_int_eq(mms_share_gather_pids(&g, 2, bad, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "x"));
}
END_TEST

START_TEST(others_only_count)
{
	char *words[] = { "10" };

	g.usage = true;
	fake.ctx = &fake;
	ck_assert_int_eq(mms_share_gather_pids(&g, 1, words, &err), 0);
	ck_assert_int_eq(mms_share_gather_asked(&g, &err), 0);
	ck_assert_uint_eq(fake.asked[MMS_KIND_USAGE], 1);
	ck_assert_int_eq(mms_share_gather_others(&g, &err), 0);
	ck_assert_uint_eq(g.counted, 2);
	ck_assert(!g.share.procs[1].asked);
	ck_assert_ptr_null(g.share.procs[1].snap);
	/* one could not be read: then nobody knows all mappings, and it is said why */
	ck_assert_ptr_nonnull(strstr(g.no_counts.text, "not every process could be read"));
}
END_TEST

START_TEST(all_are_asked)
{
	ck_assert_int_eq(mms_share_gather_pids(&g, 0, NULL, &err), 0);
	ck_assert_int_eq(mms_share_gather_asked(&g, &err), 0);
	ck_assert_int_eq(mms_share_gather_others(&g, &err), 0);
	ck_assert_uint_eq(g.share.asked, 2);
}
END_TEST

START_TEST(who_was_named_must_be_there)
{
	char *gone[] = { "13" }, *bare[] = { "14" };

	ck_assert_int_eq(mms_share_gather_pids(&g, 1, gone, &err), 0);
	ck_assert_int_eq(mms_share_gather_asked(&g, &err), -ESRCH);
	mms_share_gather_free(&g);
	ck_assert_int_eq(mms_share_gather_pids(&g, 1, bare, &err), 0);
	ck_assert_int_eq(mms_share_gather_asked(&g, &err), -EOPNOTSUPP);
	ck_assert_uint_eq(g.counted, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("share_gather");
	TCase *c = tcase_create("share_gather");

	tcase_add_checked_fixture(c, start, stop);
	tcase_add_test(c, asked_once);
	tcase_add_test(c, others_only_count);
	tcase_add_test(c, all_are_asked);
	tcase_add_test(c, who_was_named_must_be_there);
	suite_add_tcase(s, c);
	return run_suite(s);
}
