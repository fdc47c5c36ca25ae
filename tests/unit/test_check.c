// SPDX-License-Identifier: GPL-2.0
/* check: witnesses that agree, and differences planted in one of them: each must be found, and called what it is. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/check.h"
#include "source/procfs.h"

static struct mms_err err;
static struct mms_check c;

/* What is changed in the zones on their way; @times: how often yet, -1 = always */
static struct plant {
	int managed;
	int mlock;
	bool growing;
	int pending;
	int times;
	unsigned int reading;
} plant;

static struct mms_encoder *to;

static int pass_on(void *ctx, const struct mms_record *rec)
{
	static unsigned char copy[MMS_RECORD_MAX] __attribute__((aligned(8)));
	struct mms_zone *z = (void *)copy;
	struct mms_stat *s;

	(void)ctx;
	memcpy(copy, rec, rec->size);
	if (rec->type == MMS_REC_ZONE && plant.times) {
		z->managed += z->managed ? (uint64_t)plant.managed : 0;
		s = (void *)(z + 1);
		for (uint32_t i = 0; i < z->nstats; i++)
			if (s[i].id == MMS_VS_NR_MLOCK)
				s[i].value += (uint64_t)plant.mlock + (plant.growing ? plant.reading : 0);
	}
	return mms_encode_copy(to, (void *)copy);
}

/* The zones of the fixture, as if the module had read them. */
static int write_zones(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		       struct mms_encoder *e)
{
	struct mms_handler h = { .record = pass_on };
	struct mms_source *s;
	int rc;

	(void)f;
	if (kind != MMS_KIND_ZONES)
		return -EOPNOTSUPP;
	plant.reading++;
	to = e;
	ck_assert_int_eq(mms_source_open_procfs_at(&s, fixture("proc-numa"), &err), 0);
	rc = mms_source_stream(s, kind, req, &h, &err);
	mms_source_close(s);
	if (plant.times > 0)
		plant.times--;
	return rc;
}

static struct fake_source fake = { .writer = MMS_WRITER_MODULE };
static char *names[4];

static int run(const char *proc, const char *a, const char *b)
{
	mms_check_free(&c);
	memset(&c, 0, sizeof(c));
	fake.base.ops = &fake_ops;
	c.source = &fake.base;
	c.proc = proc;
	c.pause_us = 1;
	c.keep_all = true;
	names[0] = (char *)a;
	names[1] = (char *)b;
	c.names = names;
	c.nnames = !!a + !!b;
	return mms_check_run(&c, &err);
}

static int run_zones(const char *a, const char *b)
{
	fake.write = write_zones;
	plant.reading = 0;
	return run(fixture("proc-numa"), a, b);
}

static unsigned int count(enum mms_check_verdict v)
{
	unsigned int n = 0;

	for (size_t i = 0; i < c.nitems; i++)
		n += c.items[i].verdict == v;
	return n;
}

static const struct mms_check_item *find(const char *row, const char *where, const char *what)
{
	for (size_t i = 0; i < c.nitems; i++)
		if (!strcmp(c.items[i].row->name, row) && strstr(c.items[i].where, where) &&
		    !strcmp(c.items[i].what, what))
			return &c.items[i];
	ck_abort_msg("%s of %s in %s was not compared", what, where, row);
	return NULL;
}

static enum mms_check_verdict verdict(const char *row, const char *where, const char *what)
{
	return find(row, where, what)->verdict;
}

START_TEST(witnesses_agree)
{
	plant = (struct plant){ 0 };
	ck_assert_msg(!run_zones("zones.sizes", "zones.watermarks"), "%s", err.text);
	ck_assert_uint_gt(c.nitems, 20);
	ck_assert_uint_eq(count(MMS_CHECK_AGREE), c.nitems);
	ck_assert_msg(!run_zones("meminfo", "vmstat"), "%s", err.text);
	ck_assert_uint_eq(count(MMS_CHECK_AGREE), c.nitems);
	verdict("vmstat", "", "nr_mlock");
	verdict("meminfo", "", "Inactive(anon)");
	ck_assert_uint_eq(find("meminfo", "", "MemFree")->ours, 6004);
	ck_assert_uint_eq(find("meminfo.total", "", "MemTotal")->ours, 17648);
	ck_assert_msg(!run_zones("zones.counters", "zones.cpus"), "%s", err.text);
	ck_assert_uint_eq(count(MMS_CHECK_AGREE), c.nitems);
	ck_assert_uint_eq(find("zones.cpus", "node 0 Normal", "cpu 3 high")->theirs, 61);
	ck_assert_msg(!run_zones("zones.buddyinfo", NULL), "%s", err.text);
	ck_assert_uint_eq(count(MMS_CHECK_AGREE), c.nitems);
}
END_TEST

START_TEST(planted_size)
{
	plant = (struct plant){ .managed = 1, .times = -1 };
	ck_assert_msg(!run_zones("zones.sizes", "meminfo.total"), "%s", err.text);
	ck_assert_int_eq(verdict("zones.sizes", "node 0 Normal", "managed"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("zones.sizes", "node 2 Movable", "managed"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("zones.sizes", "node 0 Normal", "present"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("meminfo.total", "", "MemTotal"), MMS_CHECK_DISAGREE);
	ck_assert_uint_eq(count(MMS_CHECK_DISAGREE), 3);
}
END_TEST

START_TEST(planted_counter)
{
	plant = (struct plant){ .mlock = -1, .times = -1 };
	ck_assert_msg(!run_zones("machine", NULL), "%s", err.text);
	ck_assert_int_eq(verdict("zones.counters", "node 0 Normal", "nr_mlock"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("vmstat", "", "nr_mlock"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("meminfo", "", "Mlocked"), MMS_CHECK_DISAGREE);
	ck_assert_uint_eq(find("meminfo", "", "Mlocked")->ours, 8);
	/* the fixture's free blocks were made up: 37 pages, and 1001 in the counter */
	ck_assert_int_eq(verdict("zones.blocks", "node 0 Normal", "free blocks' pages / nr_free_pages"),
			 MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("zones.blocks", "node 2 Movable", "free blocks' pages / nr_free_pages"),
			 MMS_CHECK_DISAGREE);
}
END_TEST

START_TEST(what_moves_is_no_disagreement)
{
	/* wrong in the first reading only */
	plant = (struct plant){ .mlock = 1, .times = 1 };
	ck_assert_msg(!run_zones("zones.counters", NULL), "%s", err.text);
	ck_assert_int_eq(verdict("zones.counters", "node 0 Normal", "nr_mlock"), MMS_CHECK_MOVED);
	ck_assert_uint_eq(count(MMS_CHECK_DISAGREE), 0);
	/* another difference each time */
	plant = (struct plant){ .growing = true, .times = -1 };
	ck_assert_msg(!run_zones("zones.counters", NULL), "%s", err.text);
	ck_assert_int_eq(verdict("zones.counters", "node 0 Normal", "nr_mlock"), MMS_CHECK_MOVED);
	/* one reading only: what differs in it counts */
	plant = (struct plant){ .growing = true, .times = -1 };
	mms_check_free(&c);
	c.rounds = 1;
	c.names = names;
	names[0] = (char *)"zones.counters";
	c.nnames = 1;
	ck_assert_int_eq(mms_check_run(&c, &err), 0);
	ck_assert_int_eq(verdict("zones.counters", "node 0 Normal", "nr_mlock"), MMS_CHECK_DISAGREE);
}
END_TEST

START_TEST(not_available)
{
	plant = (struct plant){ 0 };
	fake.writer = MMS_WRITER_PROCFS;
	ck_assert_int_eq(run_zones("zones.sizes", "vmstat"), 0);
	fake.writer = MMS_WRITER_MODULE;
	ck_assert_int_eq(c.items[0].verdict, MMS_CHECK_NA);
	ck_assert_ptr_nonnull(strstr(c.items[0].note, "load the module"));
	ck_assert_int_eq(verdict("vmstat", "", "nr_mlock"), MMS_CHECK_AGREE);
	mms_check_free(&c);
	c.frozen = true;
	ck_assert_int_eq(mms_check_run(&c, &err), 0);
	ck_assert_uint_eq(count(MMS_CHECK_NA), c.nitems);
	ck_assert_int_eq(run(fixture("none"), "zones.sizes", "meminfo"), 0);
	ck_assert_uint_eq(count(MMS_CHECK_NA), c.nitems);
	ck_assert_int_eq(run_zones("zones", "nonsense"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "nonsense"));
}
END_TEST

/* --- a process: four pages: anonymous, shmem (of a large folio), zero, file --- */

#define VA	0x10000ULL

static char dir[64];

static void put_file(const char *name, const void *data, size_t n)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	fclose(f);
}

static void put_status(unsigned int size, unsigned int rss, unsigned int anon, unsigned int file, unsigned int shmem)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "VmSize:\t%u kB\nVmPTE:\t12 kB\nVmRSS:\t%u kB\nRssAnon:\t%u kB\nRssFile:\t%u kB\nRssShmem:\t%u kB\nVmSwap:\t0 kB\nThreads:\t1\n",
			 size, rss, anon, file, shmem);

	put_file("7/status", text, (size_t)n);
}

static void make_proc(void)
{
	/* frame 1 anonymous; 2 a folio's head, shmem, 3 its tail, which does not say so; 4 zero; 5 file */
	static const uint64_t flags[16] = {
		[1] = 1 << 12 | 1 << 14, [2] = 1 << 14 | 1 << 15, [3] = 1 << 16, [4] = 1 << 24, [5] = 1 << 5,
	};
	char path[80];

	strcpy(dir, "/tmp/mmscope-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/7", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	put_file("kpageflags", flags, sizeof(flags));
	put_file("7/statm", "8 3 2 0 0 0 0\n", 14);
	put_file("7/smaps_rollup", "Rss:\t12 kB\nSwap:\t0 kB\n", 22);
	put_status(32, 12, 4, 4, 4);
}

static void remove_proc(void)
{
	static const char *const files[] = { "7/status", "7/statm", "7/smaps_rollup", "kpageflags" };
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/7", dir);
	rmdir(path);
	rmdir(dir);
}

static uint32_t exactness;	/* MMS_CTX_RSS_* */
static unsigned int empty_tables;

static void put_context(struct mms_encoder *e)
{
	struct mms_pt_context ctx = {
		.head.type = MMS_REC_PT_CONTEXT, .levels = 4, .flags = exactness, .maxphyaddr = 46,
		.shift = { 0, 12, 21, 30, 39 }, .entry_size = 8, .va_bits = 47,
	};

	mms_encode_record(e, &ctx.head, NULL, 0);
}

/* The top one, which is in no count, one of each level, the last in two records; and some more */
static void put_tables(struct mms_encoder *e)
{
	struct mms_pt_table t = { .head.type = MMS_REC_PT_TABLE, .last = 511 };

	put_context(e);
	for (t.level = 4; t.level; t.level--) {
		t.table_pa = 0x100000 + t.level * 0x1000;
		mms_encode_record(e, &t.head, NULL, 0);
	}
	t.level = 1;
	t.last = 255;
	t.table_pa = 0x101000;
	mms_encode_record(e, &t.head, NULL, 0);
	for (unsigned int i = 0; i < empty_tables; i++) {
		t.table_pa += 0x1000000;
		mms_encode_record(e, &t.head, NULL, 0);
	}
}

static int write_process(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
			 struct mms_encoder *e)
{
	struct mms_usage u = {
		.head.type = MMS_REC_USAGE, .start = VA, .end = VA + 0x8000,
		.known = MMS_USAGE_K(rss) | MMS_USAGE_K(swap), .rss = 0x3000,
	};

	(void)f;
	switch (kind) {
	case MMS_KIND_TASK:
		fake_task(e, req->pid, "x", 0);
		return 0;
	case MMS_KIND_VMA:
		fake_vma(e, VA, VA + 0x8000, MMS_VMA_READ, "/x");
		return 0;
	case MMS_KIND_USAGE:
		return mms_encode_record(e, &u.head, NULL, 0);
	case MMS_KIND_PGTABLE:
		if (req->flags == MMS_REQ_TABLES) {
			put_tables(e);
			return 0;
		}
		if (req->flags & MMS_REQ_TABLES)
			return -EOPNOTSUPP;
		put_context(e);
		for (unsigned int i = 1; i <= 4; i++) {
			static const uint64_t frames[] = { 0, 1, 3, 4, 5 };
			struct mms_pt_extent x = {
				.head.type = MMS_REC_PT_EXTENT, .va = VA + i * 0x1000, .len = 0x1000,
				.pa = frames[i] * 0x1000, .state = MMS_PT_PRESENT, .level = 1, .page_shift = 12,
			};

			mms_encode_record(e, &x.head, NULL, 0);
		}
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int run_process(const char *row)
{
	fake.write = write_process;
	mms_check_free(&c);
	memset(&c, 0, sizeof(c));
	fake.base.ops = &fake_ops;
	c.source = &fake.base;
	c.proc = dir;
	c.pause_us = 1;
	c.keep_all = true;
	c.pid = 7;
	names[0] = (char *)row;
	c.names = names;
	c.nnames = !!row;
	return mms_check_run(&c, &err);
}

START_TEST(kinds_of_pages)
{
	make_proc();
	ck_assert_msg(!run_process(NULL), "%s", err.text);
	ck_assert_uint_eq(find("process.kinds", "PID 7 (x)", "status RssAnon")->ours, 0x1000);
	ck_assert_uint_eq(find("process.kinds", "PID 7", "status RssShmem")->ours, 0x1000);
	ck_assert_uint_eq(find("process.kinds", "PID 7", "status RssFile")->ours, 0x1000);
	ck_assert_uint_eq(find("process.smaps", "PID 7", "smaps Rss")->ours, 0x3000);
	ck_assert_int_eq(verdict("process.rss", "PID 7", "statm resident"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("process.size", "PID 7", "status VmSize"), MMS_CHECK_AGREE);
	ck_assert_uint_eq(find("process.tables", "PID 7", "status VmPTE")->ours, 0x3000);
	ck_assert_int_eq(verdict("process.verify", "PID 7", ""), MMS_CHECK_NA);
	ck_assert_uint_eq(count(MMS_CHECK_AGREE), c.nitems - 1);
	remove_proc();
}
END_TEST

/* @anon KiB by status, where the page tables have 4 */
static enum mms_check_verdict anon_verdict(uint32_t how, unsigned int anon, const char *why)
{
	enum mms_check_verdict v;

	exactness = how;
	put_status(32, anon + 8, anon, 4, 4);
	ck_assert_int_eq(run_process("process.kinds"), 0);
	v = verdict("process.kinds", "PID 7", "status RssAnon");
	if (why)
		ck_assert_ptr_nonnull(strstr(find("process.kinds", "PID 7", "status RssAnon")->note, why));
	exactness = 0;
	return v;
}

/* Each kernel has its own bound. */
START_TEST(how_lazy)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	unsigned int most = (unsigned int)(cpus * (cpus > 16 ? 2 * cpus : 32) * 4);

	make_proc();
	ck_assert_int_eq(anon_verdict(MMS_CTX_RSS_SUMMED, 4, NULL), MMS_CHECK_AGREE);
	ck_assert_int_eq(anon_verdict(MMS_CTX_RSS_SUMMED, 8, NULL), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(anon_verdict(MMS_CTX_RSS_BY_THREAD, 4 + 66 * 4, "each thread"), MMS_CHECK_EXPLAINED);
	ck_assert_int_eq(anon_verdict(MMS_CTX_RSS_BY_THREAD, 4 + 67 * 4, NULL), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(anon_verdict(MMS_CTX_RSS_BY_CPU, 4 + most, "each CPU"), MMS_CHECK_EXPLAINED);
	ck_assert_int_eq(anon_verdict(MMS_CTX_RSS_BY_CPU, 4 + most + 4, NULL), MMS_CHECK_DISAGREE);
	remove_proc();
}
END_TEST

START_TEST(a_table_too_many)
{
	make_proc();
	empty_tables = 1;
	ck_assert_int_eq(run_process("process.tables"), 0);
	empty_tables = 0;
	ck_assert_int_eq(verdict("process.tables", "PID 7", "status VmPTE"), MMS_CHECK_DISAGREE);
	remove_proc();
}
END_TEST

START_TEST(lazy_counters)
{
	make_proc();
	/* a page behind: the kernel may be; a thousand: not */
	put_status(32, 16, 8, 4, 4);
	ck_assert_int_eq(run_process("process.kinds"), 0);
	ck_assert_int_eq(verdict("process.kinds", "PID 7", "status RssAnon"), MMS_CHECK_EXPLAINED);
	ck_assert_ptr_nonnull(strstr(find("process.kinds", "PID 7", "status RssAnon")->note, "by thread or by CPU"));
	put_status(32, 4000012, 4000004, 4, 4);
	ck_assert_int_eq(run_process(NULL), 0);
	ck_assert_int_eq(verdict("process.kinds", "PID 7", "status RssAnon"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("process.kinds", "PID 7", "status RssFile"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("process.rss", "PID 7", "status VmRSS"), MMS_CHECK_DISAGREE);
	/* sizes and smaps are not lazy: one page is too much */
	put_status(36, 12, 4, 4, 4);
	put_file("7/smaps_rollup", "Rss:\t16 kB\nSwap:\t0 kB\n", 22);
	ck_assert_int_eq(run_process(NULL), 0);
	ck_assert_int_eq(verdict("process.size", "PID 7", "status VmSize"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("process.smaps", "PID 7", "smaps_rollup Rss"), MMS_CHECK_DISAGREE);
	ck_assert_int_eq(verdict("process.rollup", "PID 7", "Rss"), MMS_CHECK_DISAGREE);
	remove_proc();
}
END_TEST

START_TEST(rows_are_well_formed)
{
	const struct mms_check_group *const *g = mms_check_groups();

	for (; *g; g++) {
		for (size_t i = 0; i < (*g)->nrows; i++) {
			const struct mms_check_row *r = &(*g)->rows[i];

			ck_assert(r->name[0] && r->ours[0] && r->theirs[0] && r->run);
			/* what may differ has a reason, and the other way round */
			ck_assert_msg(!r->tolerance[0] == !r->reason[0], "%s", r->name);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check");
	TCase *t = tcase_create("check");

	tcase_add_test(t, witnesses_agree);
	tcase_add_test(t, planted_size);
	tcase_add_test(t, planted_counter);
	tcase_add_test(t, what_moves_is_no_disagreement);
	tcase_add_test(t, not_available);
	tcase_add_test(t, kinds_of_pages);
	tcase_add_test(t, lazy_counters);
	tcase_add_test(t, how_lazy);
	tcase_add_test(t, a_table_too_many);
	tcase_add_test(t, rows_are_well_formed);
	suite_add_tcase(s, t);
	return run_suite(s);
}
