// SPDX-License-Identifier: GPL-2.0
/* Columns of map that tell of frames: prepared flags, zones of a prepared zoneinfo. */
#include <errno.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/mapframes.h"
#include "names.h"

#define K	1024ULL
#define PFN	0x1000ULL
#define HEAD	(MMS_KPF_COMPOUND_HEAD | MMS_KPF_LRU | MMS_KPF_ACTIVE)

static uint64_t flags[2048];
static int read_error;

static int fake_read(struct mms_kpage *k, enum mms_kpage_file file, uint64_t pfn, size_t n, uint64_t *out)
{
	(void)k;
	ck_assert_int_eq(file, MMS_KPAGE_FLAGS);
	for (size_t i = 0; i < n; i++)
		out[i] = pfn + i < PFN || pfn + i >= PFN + 2048 ? MMS_KPAGE_UNKNOWN : flags[pfn + i - PFN];
	return read_error;
}

static struct mms_kpage fake = { .read = fake_read };

static struct mms_pt_extent ext(uint64_t page, uint64_t n, uint64_t frame)
{
	return (struct mms_pt_extent){
		.va = page * 4 * K, .len = n * 4 * K, .pa = (PFN + frame) * 4 * K,
		.state = MMS_PT_PRESENT, .level = 1, .page_shift = 12,
	};
}

static const struct mms_zone_spans zones = {
	.n = 2, .span = { { PFN, PFN + 1024, MMS_ZONE_DMA32 }, { PFN + 1024, PFN + 4096, MMS_ZONE_NORMAL } },
};

/* Two VMAs; the first @first extents are the first one's. */
static void look(struct mms_pt_extent *e, size_t n, size_t first, struct mms_mapframes out[2], int want)
{
	struct mms_region r[2] = {
		{ .vma = { .start = 0, .end = 1 << 30 }, .nextents = first },
		{ .vma = { .start = 1 << 30, .end = 1U << 31 }, .first_extent = first, .nextents = n - first },
	};
	struct mms_snapshot snap = { .regions = r, .nregions = 2, .extents = e, .nextents = n };
	struct mms_err err;

	ck_assert_int_eq(mms_mapframes_read(&snap, &fake, &zones, out, &err), want);
}

START_TEST(small_pages)
{
	struct mms_pt_extent e[] = {
		ext(0, 4, 10), ext(8, 1, 3), ext(9, 2, 1023), ext(12, 1, 40), ext(13, 1, 41),
		/* the other VMA: the same frames again, and the zero page, as pagemap has it */
		ext(1 << 18, 2, 11), ext((1 << 18) + 8, 1, 50),
	};
	struct mms_mapframes m[2];

	memset(flags, 0, sizeof(flags));
	read_error = 0;
	flags[10] = MMS_KPF_LRU;
	flags[11] = MMS_KPF_LRU | MMS_KPF_ACTIVE;
	flags[12] = MMS_KPF_LRU | MMS_KPF_UNEVICTABLE | MMS_KPF_ACTIVE;
	flags[13] = MMS_KPF_LRU | MMS_KPF_KSM;
	flags[50] = MMS_KPF_ZERO_PAGE;
	e[3].flags = MMS_PT_F_ZERO;
	e[4].state = MMS_PT_SWAP;
	look(e, 7, 5, m, 0);
	ck_assert_uint_eq(m[0].told, 28 * K);
	ck_assert_uint_eq(m[0].lru, 12 * K);
	ck_assert_uint_eq(m[0].active, 4 * K);
	ck_assert_uint_eq(m[0].unevictable, 4 * K);
	ck_assert_uint_eq(m[0].ksm, 4 * K);
	ck_assert_uint_eq(m[0].zone[MMS_ZONE_DMA32], 24 * K);
	ck_assert_uint_eq(m[0].zone[MMS_ZONE_NORMAL], 4 * K);
	ck_assert_uint_eq(m[1].told, 8 * K);
	ck_assert_uint_eq(m[1].lru, 4 * K);
	ck_assert_uint_eq(m[1].unevictable, 4 * K);
}
END_TEST

/* A part of a large page: its head is outside of what is mapped. */
START_TEST(tails_are_as_their_head)
{
	struct mms_pt_extent e[] = { ext(0, 4, 512 + 500), ext(10, 512, 1024), ext(1 << 18, 1, 600) };
	struct mms_mapframes m[2];

	memset(flags, 0, sizeof(flags));
	for (int i = 512; i < 1536; i++)
		flags[i] = i % 512 ? MMS_KPF_COMPOUND_TAIL : HEAD;
	/* a tail whose head is too far is told as nothing */
	look(e, 3, 2, m, 0);
	ck_assert_uint_eq(m[0].lru, (4 + 512) * 4 * K);
	ck_assert_uint_eq(m[0].active, (4 + 512) * 4 * K);
	ck_assert_uint_eq(m[1].lru, 4 * K);
	flags[512] = MMS_KPF_COMPOUND_HEAD;
	look(e, 3, 2, m, 0);
	ck_assert_uint_eq(m[0].lru, 512 * 4 * K);
	ck_assert_uint_eq(m[1].lru, 0);
	ck_assert_uint_eq(m[1].told, 4 * K);
}
END_TEST

START_TEST(not_told)
{
	struct mms_pt_extent e[] = { ext(0, 4, 2046), ext(1 << 18, 1, 5) };
	struct mms_mapframes m[2];

	memset(flags, 0, sizeof(flags));
	flags[2046] = MMS_KPF_NOPAGE;
	look(e, 2, 1, m, 0);
	ck_assert_uint_eq(m[0].told, 4 * K);
	/* one without a struct page, two beyond the end of the file */
	ck_assert_uint_eq(m[0].untold, 12 * K);
	ck_assert_uint_eq(m[1].untold, 0);
	flags[5] = MMS_KPF_BUDDY;
	look(e, 2, 1, m, 0);
	ck_assert_uint_eq(m[1].freed, 4 * K);
	ck_assert_uint_eq(m[1].zone[MMS_ZONE_DMA32], 0);
	read_error = -EIO;
	look(e, 2, 1, m, -EIO);
	read_error = 0;
}
END_TEST

/* --- the module's FRAMES --- */

/* One frame in each run, so that their order and their joining are seen, too. */
struct told {
	unsigned int streams;
	uint64_t start[8], end[8];
	uint64_t stop;		/* the stream ends there: 0 = where it should */
	int error;
	bool twice;
};

static int write_frames(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	struct told *t = f->ctx;

	ck_assert_int_eq(kind, MMS_KIND_FRAMES);
	ck_assert_uint_eq(req->flags, MMS_REQ_FRAME_FLAGS);
	ck_assert_uint_eq(req->pid, 0);
	ck_assert_uint_lt(t->streams, 8);
	t->start[t->streams] = req->start;
	t->end[t->streams++] = req->end;
	if (t->error)
		return t->error;
	for (uint64_t pfn = req->start; pfn < req->end && (!t->stop || pfn < t->stop); pfn++) {
		struct mms_frame_run r = {
			.head.type = MMS_REC_FRAME_RUN, .pfn = pfn, .count = 1, .class = MMS_FRAME_ANON,
			.flags = MMS_FRAME_F_LRU, .zone = pfn < PFN + 1024 ? MMS_ZONE_DMA32 : MMS_ZONE_NORMAL,
		};

		switch (pfn - PFN) {
		case 11:
			r.flags |= MMS_FRAME_F_ACTIVE;
			break;
		case 12:
			r.flags |= MMS_FRAME_F_UNEVICTABLE | MMS_FRAME_F_ACTIVE;
			break;
		case 13:
			r.class = MMS_FRAME_KSM;
			break;
		case 14:
			r.class = MMS_FRAME_FREE;
			r.flags = 0;
			break;
		case 50:
			r.class = MMS_FRAME_ZERO;
			break;
		case 51:
			r.class = MMS_FRAME_OFFLINE_BLOCK;
			r.zone = MMS_ZONE_UNKNOWN;
			break;
		}
		mms_encode_record(e, &r.head, NULL, 0);
		if (t->twice)
			mms_encode_record(e, &r.head, NULL, 0);
	}
	return 0;
}

static void ask(struct told *t, struct mms_pt_extent *e, size_t n, size_t first, struct mms_mapframes out[2], int want)
{
	struct mms_region r[2] = {
		{ .vma = { .start = 0, .end = 1 << 30 }, .nextents = first },
		{ .vma = { .start = 1 << 30, .end = 1U << 31 }, .first_extent = first, .nextents = n - first },
	};
	struct mms_snapshot snap = { .regions = r, .nregions = 2, .extents = e, .nextents = n };
	struct fake_source f = {
		.base.ops = &fake_ops, .write = write_frames, .writer = MMS_WRITER_MODULE,
		.end = t->stop ? MMS_END_ERROR : MMS_END_COMPLETE, .ctx = t,
	};
	struct mms_err err = { "" };

	ck_assert_int_eq(mms_mapframes_ask(&snap, &f.base, out, &err), want);
	ck_assert_int_eq(!!err.text[0], !!want);
}

START_TEST(from_the_module)
{
	struct mms_pt_extent e[] = {
		ext(0, 5, 10), ext(8, 1, 3), ext(9, 2, 1023), ext(12, 1, 40), ext(13, 1, 41), ext(20, 1, 100000),
		ext(1 << 18, 2, 11), ext((1 << 18) + 8, 2, 50),
	};
	struct mms_mapframes m[2];
	struct told t = { 0 };

	e[3].flags = MMS_PT_F_ZERO;
	e[4].state = MMS_PT_SWAP;
	ask(&t, e, 8, 6, m, 0);
	/* near ones in one question, which reaches no further than they do */
	ck_assert_uint_eq(t.streams, 2);
	ck_assert_uint_eq(t.start[0], PFN + 3);
	ck_assert_uint_eq(t.end[0], PFN + 1025);
	ck_assert_uint_eq(t.start[1], PFN + 100000);
	ck_assert_uint_eq(t.end[1], PFN + 100001);
	ck_assert_uint_eq(m[0].told, 36 * K);
	ck_assert_uint_eq(m[0].freed, 4 * K);
	ck_assert_uint_eq(m[0].lru, 28 * K);
	ck_assert_uint_eq(m[0].active, 4 * K);
	ck_assert_uint_eq(m[0].unevictable, 4 * K);
	ck_assert_uint_eq(m[0].ksm, 4 * K);
	ck_assert_uint_eq(m[0].zone[MMS_ZONE_DMA32], 24 * K);
	ck_assert_uint_eq(m[0].zone[MMS_ZONE_NORMAL], 8 * K);
	ck_assert_uint_eq(m[0].untold, 0);
	ck_assert_uint_eq(m[1].told, 8 * K);
	ck_assert_uint_eq(m[1].untold, 4 * K);
	ck_assert_uint_eq(m[1].unevictable, 4 * K);
}
END_TEST

START_TEST(module_that_fails)
{
	struct mms_pt_extent e[] = { ext(0, 5, 10), ext(1 << 18, 1, 5) };
	struct mms_mapframes m[2];

	ask(&(struct told){ .error = -EOPNOTSUPP }, e, 2, 1, m, -EOPNOTSUPP);
	ask(&(struct told){ .stop = PFN + 12 }, e, 2, 1, m, -EAGAIN);
	ask(&(struct told){ .twice = true }, e, 2, 1, m, -EBADMSG);
	ask(&(struct told){ 0 }, e, 0, 0, m, 0);
	ck_assert_uint_eq(m[0].told + m[1].told, 0);
}
END_TEST

START_TEST(zoneinfo)
{
	static const char text[] =
		"Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 2\n  pages free     3840\n"
		"        spanned  4095\n        present  3998\n  start_pfn:           1\n"
		"Node 0, zone  Movable\n  pages free     0\n        spanned  0\n  start_pfn:           0\n"
		"Node 0, zone   Normal\n        spanned  1000\n  start_pfn:           4096\n"
		"Node 1, zone   Device\n        spanned  1000\n  start_pfn:           5000\n"
		"Node 1, zone    Weird\n        spanned  10\n  start_pfn:           9000\n";
	char path[] = "/tmp/mms_zones.XXXXXX";
	struct mms_zone_spans z;
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	ck_assert_int_eq(mms_zone_spans_read(&z, path), 0);
	ck_assert_uint_eq(z.n, 4);
	ck_assert_uint_eq(mms_zone_of(&z, 0), MMS_ZONE_UNKNOWN);
	ck_assert_uint_eq(mms_zone_of(&z, 1), MMS_ZONE_DMA);
	ck_assert_uint_eq(mms_zone_of(&z, 4095), MMS_ZONE_DMA);
	ck_assert_uint_eq(mms_zone_of(&z, 4096), MMS_ZONE_NORMAL);
	/* two nodes span it */
	ck_assert_uint_eq(mms_zone_of(&z, 5050), MMS_ZONE_UNKNOWN);
	ck_assert_uint_eq(mms_zone_of(&z, 5999), MMS_ZONE_DEVICE);
	ck_assert_uint_eq(mms_zone_of(&z, 9001), MMS_ZONE_UNKNOWN);
	/* What zones of two nodes span has a struct page, whosever it is. */
	ck_assert(!mms_zone_no_page(&z, 5050, 0));
	ck_assert(!mms_zone_no_page(&z, 9001, 0));
	ck_assert(mms_zone_no_page(&z, 9010, 0));
	ck_assert(!mms_zone_no_page(&z, 9010, MMS_KPF_LRU));
	ck_assert(mms_zone_no_page(&z, 5999, MMS_KPF_NOPAGE));
	ck_assert_uint_eq(mms_zone_node_of(&z, 4999), 0);
	ck_assert_uint_eq(mms_zone_node_of(&z, 5050), UINT32_MAX);
	ck_assert_uint_eq(mms_zone_node_of(&z, 5999), 1);
	ck_assert_uint_eq(mms_zone_node_of(&z, 0), UINT32_MAX);
	ck_assert_str_eq(mms_zone_name(MMS_ZONE_HIGHMEM), "HighMem");
	ck_assert_str_eq(mms_zone_name(77), "unknown");
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(mms_zone_spans_read(&z, path), -EBADMSG);
	close(fd);
	unlink(path);
	ck_assert_int_eq(mms_zone_spans_read(&z, path), -ENOENT);
}
END_TEST

START_TEST(room)
{
	const uint64_t M = K * K;
	struct mms_vma v = { .start = 1 * M, .end = 9 * M };

	ck_assert_uint_eq(mms_thp_room(&v, 2 * M), 6 * M);
	v.flags = MMS_VMA_NOHUGEPAGE;
	ck_assert_uint_eq(mms_thp_room(&v, 2 * M), 0);
	v.flags = MMS_VMA_FILE;
	ck_assert_uint_eq(mms_thp_room(&v, 2 * M), 0);
	v.flags = MMS_VMA_FILE | MMS_VMA_SHMEM;
	ck_assert_uint_eq(mms_thp_room(&v, 2 * M), 0);
	v.flags = MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_SHARED;
	ck_assert_uint_eq(mms_thp_room(&v, 2 * M), 6 * M);
	v = (struct mms_vma){ .start = 1 * M, .end = 3 * M };
	ck_assert_uint_eq(mms_thp_room(&v, 2 * M), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mapframes");
	TCase *c = tcase_create("mapframes");

	tcase_add_test(c, small_pages);
	tcase_add_test(c, tails_are_as_their_head);
	tcase_add_test(c, not_told);
	tcase_add_test(c, from_the_module);
	tcase_add_test(c, module_that_fails);
	tcase_add_test(c, zoneinfo);
	tcase_add_test(c, room);
	suite_add_tcase(s, c);
	return run_suite(s);
}
