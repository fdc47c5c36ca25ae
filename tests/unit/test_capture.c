// SPDX-License-Identifier: GPL-2.0
/* Capture files and module streams: index, ranges, walks, and every damage. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fixture.h"
#include "source/encode.h"
#include "source/genl.h"
#include "source/module.h"
#include "source/source.h"

static struct mms_err err;
static char file[64];

/* Counts what a stream delivers. */
struct count {
	unsigned int by_type[__MMS_REC_MAX];
	uint32_t pid;
	uint64_t first_va;
	unsigned int trailers;
};

static int count_header(void *ctx, const struct mms_stream_header *h)
{
	((struct count *)ctx)->pid = h->request.pid;
	return 0;
}

static int count_record(void *ctx, const struct mms_record *rec)
{
	struct count *c = ctx;

	c->by_type[rec->type]++;
	if (rec->type == MMS_REC_VMA)
		c->first_va = ((const struct mms_vma *)(const void *)rec)->start;
	return 0;
}

static int count_trailer(void *ctx, const struct mms_trailer *t)
{
	((struct count *)ctx)->trailers += t->end == MMS_END_COMPLETE;
	return 0;
}

static struct mms_encoder begin(struct mms_membuf *m, enum mms_kind kind, uint32_t pid)
{
	struct mms_encoder e = { .write = mms_write_membuf, .ctx = m, .with_crc = true };
	struct mms_request req = { .size = sizeof(req), .pid = pid, .flags = MMS_REQ_ALL };
	struct mms_stream_header h;

	mms_header_init(&h, kind, MMS_WRITER_MODULE, &req);
	ck_assert_int_eq(mms_encode_begin(&e, &h), 0);
	return e;
}

static void end(struct mms_encoder *e)
{
	struct mms_trailer t = { .end = MMS_END_COMPLETE };

	ck_assert_int_eq(mms_encode_end(e, &t), 0);
}

static void put_vmas(struct mms_membuf *m, uint32_t pid, uint64_t first)
{
	struct mms_encoder e = begin(m, MMS_KIND_VMA, pid);
	struct mms_vma v = { .head.type = MMS_REC_VMA };

	for (int i = 0; i < 3; i++) {
		v.start = first + (uint64_t)i * 0x2000;
		v.end = v.start + 0x1000;
		ck_assert_int_eq(mms_encode_record(&e, &v.head, NULL, 0), 0);
	}
	end(&e);
}

static void put_table(struct mms_encoder *e, unsigned int level, uint64_t va, uint64_t pa,
		      unsigned int index, const uint64_t *entries, unsigned int n)
{
	struct mms_pt_table t = {
		.head.type = MMS_REC_PT_TABLE, .level = level, .va = va, .table_pa = pa,
		.first = 0, .last = 511, .index = index, .count = n,
	};

	ck_assert_int_eq(mms_encode_record(e, &t.head, entries, n * 8), 0);
}

static void put_extent(struct mms_encoder *e, unsigned int level, unsigned int shift,
		       uint64_t va, uint64_t pages, int state, uint64_t pa)
{
	struct mms_pt_extent x = {
		.head.type = MMS_REC_PT_EXTENT, .va = va, .len = pages << shift, .pa = pa,
		.raw = pa | 0x67, .state = (uint8_t)state, .level = (uint8_t)level,
		.page_shift = (uint8_t)shift,
	};

	ck_assert_int_eq(mms_encode_record(e, &x.head, NULL, 0), 0);
}

static void put_hole(struct mms_encoder *e, unsigned int level, uint64_t va, uint64_t len)
{
	struct mms_pt_hole h = {
		.head.type = MMS_REC_PT_HOLE, .va = va, .len = len, .level = level,
	};

	ck_assert_int_eq(mms_encode_record(e, &h.head, NULL, 0), 0);
}

/*
 * Four levels, all at the low end: PGD 0x1000 [0] -> PUD 0x2000 [0] -> PMD
 * 0x3000: [0] -> PTE 0x4000, [1] a 2M page at 0x40000000.
 * PTEs 16..18 -> 0x100000.., 20..21 swap offsets 9, 10; the rest is empty.
 */
static void put_tables(struct mms_membuf *m, uint32_t pid)
{
	static const uint64_t pgd[] = { 0x2067 }, pud[] = { 0x3067 }, pmd[] = { 0x4067, 0x400000e7 };
	static const uint64_t pte[] = { 0x100067, 0x101067, 0x102067, 0, 0x1111, 0x2222 };
	struct mms_encoder e = begin(m, MMS_KIND_PGTABLE, pid);
	struct mms_pt_context c = {
		.head.type = MMS_REC_PT_CONTEXT, .levels = 4, .root_pa = 0x1000,
	};

	ck_assert_int_eq(mms_encode_record(&e, &c.head, NULL, 0), 0);
	put_table(&e, 4, 0, 0x1000, 0, pgd, 1);
	put_table(&e, 3, 0, 0x2000, 0, pud, 1);
	put_table(&e, 2, 0, 0x3000, 0, pmd, 2);
	put_table(&e, 1, 0, 0x4000, 16, pte, 6);
	put_hole(&e, 1, 0, 0x10000);
	put_extent(&e, 1, 12, 0x10000, 3, MMS_PT_PRESENT, 0x100000);
	put_hole(&e, 1, 0x13000, 0x1000);
	put_extent(&e, 1, 12, 0x14000, 2, MMS_PT_SWAP, 9);
	put_hole(&e, 1, 0x16000, 0x200000 - 0x16000);
	put_extent(&e, 2, 21, 0x200000, 1, MMS_PT_PRESENT, 0x40000000);
	put_hole(&e, 2, 0x400000, 0x40000000 - 0x400000);
	put_hole(&e, 3, 0x40000000, 0x8000000000 - 0x40000000);
	end(&e);
}

static void save(const struct mms_membuf *m)
{
	int fd;

	strcpy(file, "/tmp/mmscope-XXXXXX");
	fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, m->data, m->len), (ssize_t)m->len);
	close(fd);
}

/* PID 42: VMA twice (the later one counts) and PGTABLE; PID 7: VMA. */
static struct mms_membuf capture(void)
{
	struct mms_membuf m = { 0 };

	put_vmas(&m, 42, 0x10000);
	put_tables(&m, 42);
	put_vmas(&m, 7, 0x50000);
	put_vmas(&m, 42, 0x30000);
	return m;
}

static struct mms_source *open_capture(void)
{
	struct mms_membuf m = capture();
	struct mms_source *s;

	save(&m);
	mms_membuf_free(&m);
	ck_assert_msg(!mms_source_open_capture(&s, file, &err), "%s", err.text);
	unlink(file);
	return s;
}

static int ask(struct mms_source *s, enum mms_kind kind, uint32_t pid, uint32_t flags,
	       uint64_t start, uint64_t to, struct count *c)
{
	struct mms_request req = {
		.size = sizeof(req), .pid = pid, .flags = flags, .start = start, .end = to,
	};
	struct mms_handler h = { count_header, count_record, count_trailer, c };

	memset(c, 0, sizeof(*c));
	err.text[0] = '\0';
	return mms_source_stream(s, kind, &req, &h, &err);
}

START_TEST(streams_by_kind_and_pid)
{
	struct mms_source *s = open_capture();
	struct count c;

	ck_assert_str_eq(mms_source_name(s), "capture");
	ck_assert_int_eq(ask(s, MMS_KIND_VMA, 7, 0, 0, 0, &c), 0);
	ck_assert_uint_eq(c.pid, 7);
	ck_assert_uint_eq(c.by_type[MMS_REC_VMA], 3);
	ck_assert_uint_eq(c.trailers, 1);
	ck_assert_uint_eq(c.first_va, 0x54000);
	ck_assert_int_eq(ask(s, MMS_KIND_VMA, 42, 0, 0, 0, &c), 0);
	ck_assert_uint_eq(c.first_va, 0x34000);
	ck_assert_int_eq(ask(s, MMS_KIND_PGTABLE, 42, MMS_REQ_ALL, 0, 0, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_CONTEXT], 1);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_TABLE], 4);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_EXTENT], 3);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_HOLE], 5);
	mms_source_close(s);
}
END_TEST

START_TEST(ranges_and_flags)
{
	struct mms_source *s = open_capture();
	struct count c;

	/* VMAs 0x30000+1000, 0x32000+1000, 0x34000+1000 */
	ck_assert_int_eq(ask(s, MMS_KIND_VMA, 42, 0, 0x30fff, 0x32000, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_VMA], 1);
	ck_assert_int_eq(ask(s, MMS_KIND_VMA, 42, 0, 0x31000, 0x32001, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_VMA], 1);
	ck_assert_int_eq(ask(s, MMS_KIND_PGTABLE, 42, MMS_REQ_EXTENTS, 0x12fff, 0x14001, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_EXTENT], 2);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_TABLE], 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_HOLE], 0);
	/* the PTE table ends at 2M: the 2M page needs only the three above */
	ck_assert_int_eq(ask(s, MMS_KIND_PGTABLE, 42, MMS_REQ_TABLES, 0x200000, 0x201000, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_TABLE], 3);
	ck_assert_uint_eq(c.by_type[MMS_REC_PT_CONTEXT], 1);
	mms_source_close(s);
}
END_TEST

static uint32_t pids[8];
static unsigned int npids;

static int take_pid(void *ctx, uint32_t pid)
{
	(void)ctx;
	pids[npids++] = pid;
	return 0;
}

START_TEST(pids_ascend_once)
{
	struct mms_source *s = open_capture();

	npids = 0;
	ck_assert_int_eq(mms_source_pids(s, take_pid, NULL, &err), 0);
	ck_assert_uint_eq(npids, 2);
	ck_assert_uint_eq(pids[0], 7);
	ck_assert_uint_eq(pids[1], 42);
	mms_source_close(s);
}
END_TEST

/* The machine's streams are of no process: read by kind, not among the PIDs. */
START_TEST(machine_streams)
{
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_ZONES, 0);
	struct mms_node n = { .head.type = MMS_REC_NODE };
	struct mms_zone zone = { .head.type = MMS_REC_ZONE, .nstats = 1 };
	struct mms_stat stat = { .id = MMS_VS_NR_FREE_PAGES, .value = 5 };
	struct mms_source *s;
	struct count c;

	mms_encode_record(&e, &n.head, NULL, 0);
	mms_encode_record(&e, &zone.head, &stat, sizeof(stat));
	end(&e);
	put_vmas(&m, 7, 0x1000);
	save(&m);
	mms_membuf_free(&m);
	ck_assert_msg(!mms_source_open_capture(&s, file, &err), "%s", err.text);
	unlink(file);
	ck_assert_int_eq(ask(s, MMS_KIND_ZONES, 0, 0, 0, 0, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_ZONE], 1);
	ck_assert_uint_eq(c.trailers, 1);
	npids = 0;
	ck_assert_int_eq(mms_source_pids(s, take_pid, NULL, &err), 0);
	ck_assert_uint_eq(npids, 1);
	ck_assert_uint_eq(pids[0], 7);
	ck_assert_int_eq(ask(s, MMS_KIND_LRU, 0, 0, 0, 0, &c), -EOPNOTSUPP);
	mms_source_close(s);
}
END_TEST

START_TEST(not_in_it)
{
	struct mms_source *s = open_capture();
	struct count c;

	ck_assert_int_eq(ask(s, MMS_KIND_VMA, 43, 0, 0, 0, &c), -ESRCH);
	ck_assert_ptr_nonnull(strstr(err.text, "PID 43 is not in it: it holds 42, 7"));
	ck_assert_int_eq(ask(s, MMS_KIND_TASK, 42, 0, 0, 0, &c), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(err.text, "no TASK stream of PID 42"));
	mms_source_close(s);
}
END_TEST

static void step_is(const struct mms_walk *w, unsigned int i, unsigned int level,
		    unsigned int index, uint64_t entry_pa, uint64_t raw)
{
	ck_assert_uint_lt(i, w->nsteps);
	ck_assert_uint_eq(w->steps[i].level, level);
	ck_assert_uint_eq(w->steps[i].index, index);
	ck_assert_uint_eq(w->steps[i].entry_pa, entry_pa);
	ck_assert_uint_eq(w->steps[i].raw, raw);
}

START_TEST(walk_to_a_page)
{
	struct mms_source *s = open_capture();
	struct mms_walk w;

	/* 0x11234: PTE 17, the second page of its run */
	ck_assert_msg(!mms_source_walk(s, 42, 0x11234, &w, &err), "%s", err.text);
	ck_assert_uint_eq(w.context.root_pa, 0x1000);
	ck_assert_uint_eq(w.nsteps, 4);
	step_is(&w, 0, 4, 0, 0x1000, 0x2067);
	step_is(&w, 1, 3, 0, 0x2000, 0x3067);
	step_is(&w, 2, 2, 0, 0x3000, 0x4067);
	step_is(&w, 3, 1, 17, 0x4000 + 17 * 8, 0x101067);
	ck_assert(w.has_extent);
	ck_assert_uint_eq(w.extent.va, 0x11000);
	ck_assert_uint_eq(w.extent.len, 0x1000);
	ck_assert_uint_eq(w.extent.pa, 0x101000);
	ck_assert_uint_eq(w.extent.raw, 0x101067);
	mms_source_close(s);
}
END_TEST

START_TEST(walk_to_a_huge_page)
{
	struct mms_source *s = open_capture();
	struct mms_walk w;

	ck_assert_int_eq(mms_source_walk(s, 42, 0x3fffff, &w, &err), 0);
	ck_assert_uint_eq(w.nsteps, 3);
	step_is(&w, 2, 2, 1, 0x3008, 0x400000e7);
	ck_assert_uint_eq(w.extent.va, 0x200000);
	ck_assert_uint_eq(w.extent.len, 0x200000);
	ck_assert_uint_eq(w.extent.pa, 0x40000000);
	mms_source_close(s);
}
END_TEST

START_TEST(walk_to_swap)
{
	struct mms_source *s = open_capture();
	struct mms_walk w;

	ck_assert_int_eq(mms_source_walk(s, 42, 0x15fff, &w, &err), 0);
	step_is(&w, 3, 1, 21, 0x4000 + 21 * 8, 0x2222);
	ck_assert_int_eq(w.extent.state, MMS_PT_SWAP);
	ck_assert_uint_eq(w.extent.va, 0x15000);
	ck_assert_uint_eq(w.extent.pa, 10);
	mms_source_close(s);
}
END_TEST

START_TEST(walk_to_holes)
{
	struct mms_source *s = open_capture();
	struct mms_walk w;

	ck_assert_int_eq(mms_source_walk(s, 42, 0x13000, &w, &err), 0);
	ck_assert(!w.has_extent);
	ck_assert_uint_eq(w.hole.level, 1);
	ck_assert_uint_eq(w.nsteps, 4);
	step_is(&w, 3, 1, 19, 0x4000 + 19 * 8, 0);
	/* behind the recorded entries of the PTE table: read as 0 */
	ck_assert_int_eq(mms_source_walk(s, 42, 0x1ff000, &w, &err), 0);
	step_is(&w, 3, 1, 511, 0x4000 + 511 * 8, 0);
	/* 1G: the second entry of the PUD is empty */
	ck_assert_int_eq(mms_source_walk(s, 42, 0x40000000, &w, &err), 0);
	ck_assert_uint_eq(w.hole.level, 3);
	ck_assert_uint_eq(w.nsteps, 2);
	step_is(&w, 1, 3, 1, 0x2008, 0);
	/* outside what was recorded */
	ck_assert_int_eq(mms_source_walk(s, 42, 0x8000000000, &w, &err), -ERANGE);
	ck_assert_int_eq(mms_source_walk(s, 42, UINT64_MAX, &w, &err), -ERANGE);
	ck_assert_int_eq(mms_source_walk(s, 43, 0, &w, &err), -ESRCH);
	ck_assert_int_eq(mms_source_walk(s, 7, 0, &w, &err), -EOPNOTSUPP);
	mms_source_close(s);
}
END_TEST

/* Must not open; the message names the file, and @why. */
static void damaged(const struct mms_membuf *m, const char *why)
{
	struct mms_source *s = (void *)1;

	save(m);
	ck_assert_int_lt(mms_source_open_capture(&s, file, &err), 0);
	unlink(file);
	ck_assert_ptr_null(s);
	ck_assert_msg(strstr(err.text, file) == err.text, "%s", err.text);
	ck_assert_msg(strstr(err.text, why), "'%s' is not in '%s'", why, err.text);
}

START_TEST(damaged_files)
{
	struct mms_membuf m = capture(), one = { 0 };
	char want[64];
	size_t len = m.len;

	put_vmas(&one, 42, 0x10000);
	/* the second stream begins where the first ended */
	m.data[one.len] ^= 1;
	snprintf(want, sizeof(want), "offset %zu, stream header", one.len);
	damaged(&m, want);
	m.data[one.len] ^= 1;
	/* a bit of a figure that only the checksum guards */
	m.data[one.len + 160 + 16] ^= 4;
	damaged(&m, "checksum");
	m.data[one.len + 160 + 16] ^= 4;
	m.len = len - 1;
	damaged(&m, "truncated");
	m.len = one.len + 100;
	damaged(&m, "truncated");
	m.len = 0;
	damaged(&m, "empty");
	m.len = len;
	ck_assert_int_eq(mms_write_membuf(&m, "x", 1), 0);
	damaged(&m, "bad magic");
	mms_membuf_free(&m);
	mms_membuf_free(&one);
}
END_TEST

START_TEST(every_cut_between_is_seen)
{
	struct mms_membuf m = capture();
	size_t whole = m.len, opened = 0;

	/* only where a stream ends is a shorter file a valid one */
	for (m.len = 8; m.len < whole; m.len += 8) {
		struct mms_source *s;

		save(&m);
		if (!mms_source_open_capture(&s, file, &err)) {
			opened++;
			mms_source_close(s);
		}
		unlink(file);
	}
	ck_assert_uint_eq(opened, 3);
	mms_membuf_free(&m);
}
END_TEST

START_TEST(no_file)
{
	struct mms_source *s;

	ck_assert_int_eq(mms_source_open_capture(&s, "/nonexistent/\033x", &err), -ENOENT);
	ck_assert_str_eq(err.text, "/nonexistent/\\x1bx: No such file or directory");
	ck_assert_int_lt(mms_source_open_capture(&s, "/tmp", &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "not a regular file"));
}
END_TEST

START_TEST(choosing_a_source)
{
	struct mms_source *s;
	struct mms_err why;

	ck_assert_int_eq(mms_source_open(&s, "x", "procfs", &why, &err), -EINVAL);
	ck_assert_int_eq(mms_source_open(&s, NULL, "proc", &why, &err), -EINVAL);
	ck_assert_int_eq(mms_source_open(&s, NULL, "procfs", &why, &err), 0);
	ck_assert_str_eq(mms_source_name(s), "procfs");
	ck_assert_str_eq(why.text, "");
	mms_source_close(s);
}
END_TEST

/* A directory that looks like the module's: the request lands in the first
 * 32 bytes of the file, the stream follows. */
static void fake_module(char dir[32], const struct mms_membuf *m)
{
	char path[64];
	FILE *f;

	strcpy(dir, "/tmp/mmscope-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stream", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/stream/vma", dir);
	f = fopen(path, "w");
	for (int i = 0; i < 32; i++)
		fputc(0, f);
	fwrite(m->data, 1, m->len, f);
	fclose(f);
}

static void remove_fake(const char *dir)
{
	static const char *const names[] = { "/stream/vma", "/stream", "" };
	char path[64];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		remove(path);
	}
}

START_TEST(module_stream)
{
	struct mms_membuf m = { 0 };
	struct mms_request sent;
	struct mms_source *s;
	struct count c;
	char dir[32], path[64];
	FILE *f;

	put_vmas(&m, 42, 0x10000);
	fake_module(dir, &m);
	ck_assert_int_eq(mms_source_open_module_at(&s, dir, &err), 0);
	ck_assert_msg(!ask(s, MMS_KIND_VMA, 42, 0, 0x10000, 0x20000, &c), "%s", err.text);
	ck_assert_uint_eq(c.by_type[MMS_REC_VMA], 3);
	snprintf(path, sizeof(path), "%s/stream/vma", dir);
	f = fopen(path, "r");
	ck_assert_uint_eq(fread(&sent, sizeof(sent), 1, f), 1);
	fclose(f);
	ck_assert_uint_eq(sent.size, 32);
	ck_assert_uint_eq(sent.pid, 42);
	ck_assert_uint_eq(sent.start, 0x10000);
	ck_assert_uint_eq(sent.end, 0x20000);
	/* TASK comes from /proc, page tables are not there */
	ck_assert_int_eq(ask(s, MMS_KIND_TASK, (uint32_t)getpid(), 0, 0, 0, &c), 0);
	ck_assert_uint_eq(c.by_type[MMS_REC_TASK], 1);
	ck_assert_int_eq(ask(s, MMS_KIND_PGTABLE, 42, MMS_REQ_ALL, 0, 0, &c), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "stream/pgtable: not there"));
	mms_source_close(s);
	remove_fake(dir);
	mms_membuf_free(&m);
}
END_TEST

START_TEST(module_stream_breaks_off)
{
	struct mms_membuf m = { 0 };
	struct mms_source *s;
	struct count c;
	char dir[32];

	put_vmas(&m, 42, 0x10000);
	m.len -= 8;
	fake_module(dir, &m);
	ck_assert_int_eq(mms_source_open_module_at(&s, dir, &err), 0);
	ck_assert_int_eq(ask(s, MMS_KIND_VMA, 42, 0, 0, 0, &c), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "stream/vma: offset"));
	ck_assert_ptr_nonnull(strstr(err.text, "truncated"));
	ck_assert_uint_eq(c.trailers, 0);
	mms_source_close(s);
	remove_fake(dir);
	mms_membuf_free(&m);
}
END_TEST

/* i386 without PAE, worked out by hand from the manual's 10 + 10 + 12 bits. */
START_TEST(tables_of_another_shape)
{
	static const uint64_t pgd[] = { 0x5067 }, pte[] = { 0x1234067 };
	struct mms_pt_context c = {
		.head.type = MMS_REC_PT_CONTEXT, .levels = 2, .root_pa = 0x1000,
		.shift = { 0, 12, 22 }, .entry_size = 4,
	};
	struct mms_pt_table t = { .head.type = MMS_REC_PT_TABLE, .last = 1023, .count = 1 };
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_PGTABLE, 5);
	struct mms_source *s;
	struct count n;
	struct mms_walk w;

	ck_assert_int_eq(mms_encode_record(&e, &c.head, NULL, 0), 0);
	t.level = 2;
	t.table_pa = 0x1000;
	t.index = 735;	/* 0xb7fc1234 >> 22 */
	ck_assert_int_eq(mms_encode_record(&e, &t.head, pgd, 8), 0);
	t.level = 1;
	t.table_pa = 0x5000;
	t.va = 0xb7c00000;
	t.index = 961;	/* 0xb7fc1 & 1023 */
	ck_assert_int_eq(mms_encode_record(&e, &t.head, pte, 8), 0);
	put_extent(&e, 1, 12, 0xb7fc1000, 1, MMS_PT_PRESENT, 0x1234000);
	end(&e);
	save(&m);
	mms_membuf_free(&m);
	ck_assert_msg(!mms_source_open_capture(&s, file, &err), "%s", err.text);
	unlink(file);
	ck_assert_msg(!mms_source_walk(s, 5, 0xb7fc1234, &w, &err), "%s", err.text);
	ck_assert_uint_eq(w.nsteps, 2);
	step_is(&w, 0, 2, 735, 0x1000 + 735 * 4, 0x5067);
	step_is(&w, 1, 1, 961, 0x5000 + 961 * 4, 0x1234067);
	ck_assert_uint_eq(w.extent.pa, 0x1234000);
	/* the PTE table spans 4 MiB: in the range, beside it */
	ck_assert_int_eq(ask(s, MMS_KIND_PGTABLE, 5, MMS_REQ_TABLES, 0xb7e00000, 0xb7e01000, &n), 0);
	ck_assert_uint_eq(n.by_type[MMS_REC_PT_TABLE], 2);
	ck_assert_int_eq(ask(s, MMS_KIND_PGTABLE, 5, MMS_REQ_TABLES, 0xb7800000, 0xb7bff000, &n), 0);
	ck_assert_uint_eq(n.by_type[MMS_REC_PT_TABLE], 1);
	mms_source_close(s);
}
END_TEST

START_TEST(module_of_another_abi)
{
	struct mms_info info = { .abi = MMS_ABI_VERSION };

	ck_assert_int_eq(mms_check_abi(&info, &err), 0);
	info.abi = 2;
	ck_assert_int_eq(mms_check_abi(&info, &err), -EPROTONOSUPPORT);
	ck_assert_str_eq(err.text, "module speaks ABI 2, this tool 1: rebuild or load the matching one");
	ck_assert_str_eq(mms_cap_state_name(MMS_CAP_NO_BTF), "no BTF");
	ck_assert_str_eq(mms_cap_state_name(999), "unknown");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("capture");
	TCase *c = tcase_create("capture"), *m = tcase_create("module");

	tcase_add_test(c, streams_by_kind_and_pid);
	tcase_add_test(c, ranges_and_flags);
	tcase_add_test(c, pids_ascend_once);
	tcase_add_test(c, machine_streams);
	tcase_add_test(c, not_in_it);
	tcase_add_test(c, walk_to_a_page);
	tcase_add_test(c, walk_to_a_huge_page);
	tcase_add_test(c, walk_to_swap);
	tcase_add_test(c, walk_to_holes);
	tcase_add_test(c, tables_of_another_shape);
	tcase_add_test(c, damaged_files);
	tcase_add_test(c, every_cut_between_is_seen);
	tcase_add_test(c, no_file);
	tcase_add_test(c, choosing_a_source);
	tcase_add_test(m, module_stream);
	tcase_add_test(m, module_stream_breaks_off);
	tcase_add_test(m, module_of_another_abi);
	suite_add_tcase(s, c);
	suite_add_tcase(s, m);
	return run_suite(s);
}
