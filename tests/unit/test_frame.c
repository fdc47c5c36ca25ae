// SPDX-License-Identifier: GPL-2.0
/* What follows from the records of one page frame, and the search for frames forward. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake_source.h"
#include "fixture.h"
#include "model/frame.h"

#define KPF(name)	(1ULL << MMS_KPF_##name)

static struct mms_frame_info info(uint64_t kpf, uint32_t kind, uint32_t refs, uint32_t maps)
{
	return (struct mms_frame_info){
		.writer = MMS_WRITER_MODULE, .page_shift = 12,
		.frame = {
			.pfn = 0x1234, .state = MMS_PFN_PAGE, .kpf = kpf, .mapping_kind = kind,
			.refcount = refs, .mapcount = maps, .folio_mapcount = maps,
			.known = MMS_FRAME_K_WORDS | MMS_FRAME_K_MAPCOUNT | MMS_FRAME_K_FOLIO_MAPS,
			.rmap = MMS_RMAP_DONE,
		},
	};
}

/* --- references --- */

START_TEST(references_of_a_file_page)
{
	struct mms_frame_info f = info(KPF(PRIVATE), MMS_MAPPING_FILE, 6, 3);
	struct mms_ref_part p[MMS_REF_PARTS];
	int64_t rest;

	ck_assert_uint_eq(mms_frame_refs(&f, p, &rest), 3);
	ck_assert_str_eq(p[0].what, "page tables");
	ck_assert_int_eq(p[0].n, 3);
	ck_assert_str_eq(p[1].what, "page cache");
	ck_assert_int_eq(p[1].n, 1);
	ck_assert_int_eq(p[2].n, 1);
	ck_assert_int_eq(rest, 1);
}
END_TEST

START_TEST(references_of_a_folio)
{
	struct mms_frame_info f = info(KPF(SWAPCACHE), MMS_MAPPING_ANON, 23, 5);
	struct mms_ref_part p[MMS_REF_PARTS];
	int64_t rest;

	f.frame.order = 4;
	f.frame.known |= MMS_FRAME_K_PINCOUNT;
	f.frame.pincount = 2;
	ck_assert_uint_eq(mms_frame_refs(&f, p, &rest), 3);
	ck_assert_int_eq(p[1].n, 16);
	ck_assert_str_eq(p[2].what, "pins (get_user_pages)");
	ck_assert_int_eq(p[2].n, 2);
	ck_assert_int_eq(rest, 0);
	/* the cache of a hugetlb file holds one */
	f = info(0, MMS_MAPPING_FILE, 3, 2);
	f.frame.order = 9;
	f.frame.type = MMS_PGTY_HUGETLB;
	mms_frame_refs(&f, p, &rest);
	ck_assert_int_eq(rest, 0);
}
END_TEST

START_TEST(pins_of_a_small_page)
{
	struct mms_frame_info f = info(0, MMS_MAPPING_ANON, 2 * 1024 + 3, 1);
	struct mms_ref_part p[MMS_REF_PARTS];
	int64_t rest;
	uint64_t pins;

	ck_assert_uint_eq(mms_frame_refs(&f, p, &rest), 2);
	ck_assert_int_eq(p[1].n, 2048);
	ck_assert_int_eq(rest, 2);
	ck_assert(mms_frame_pins(&f, &pins));
	ck_assert_uint_eq(pins, 2);
	/* of the kernel's pages nothing is said */
	f = info(KPF(SLAB), MMS_MAPPING_NONE, 1, 0);
	ck_assert_uint_eq(mms_frame_refs(&f, p, &rest), 0);
	ck_assert(!mms_frame_pins(&f, &pins));
	/* counted at two moments */
	f = info(0, MMS_MAPPING_ANON, 1, 3);
	mms_frame_refs(&f, p, &rest);
	ck_assert_int_eq(rest, -2);
}
END_TEST

START_TEST(let_go)
{
	struct mms_frame_map maps[2] = {
		{ .state = MMS_FMAP_EMPTY, .va = 0x1000 }, { .state = MMS_FMAP_MAPS, .va = 0x2000 },
	};
	struct mms_frame_info f = info(0, MMS_MAPPING_ANON, 1, 1);

	f.maps = maps;
	f.nmaps = 2;
	ck_assert(mms_frame_moved(&f, 0x1000));
	ck_assert(!mms_frame_moved(&f, 0x2000));
	/* not all were looked at */
	maps[0].state = MMS_FMAP_BUSY;
	ck_assert(!mms_frame_moved(&f, 0x1000));
	f.nmaps = 0;
	f.frame.rmap = MMS_RMAP_BUSY_PAGE;
	ck_assert(!mms_frame_moved(&f, 0x1000));
	f.scanned = true;
	ck_assert(mms_frame_moved(&f, 0x1000));
}
END_TEST

/* --- names --- */

START_TEST(class_and_list)
{
	struct mms_frame_info f = info(KPF(LRU) | KPF(ACTIVE), MMS_MAPPING_FILE, 1, 0);
	char buf[256];

	f.frame.class = MMS_FRAME_FILE;
	ck_assert_str_eq(mms_frame_use(&f), "file cache");
	ck_assert_str_eq(mms_frame_list(&f, buf, sizeof(buf)), "LRU active file");
	ck_assert_str_eq(mms_frame_flags(&f.frame, buf, sizeof(buf)), "lru active");
	ck_assert_str_eq(mms_frame_flags(&f.frame, buf, 6), "lru a");
	f.frame.known |= MMS_FRAME_K_LRU_GEN;
	f.frame.lru_gen = 2;
	ck_assert_str_eq(mms_frame_list(&f, buf, sizeof(buf)), "LRU generation 2 (mod 4), file");
	f.have_task = true;
	f.task.role = MMS_FROLE_STACK;
	ck_assert_str_eq(mms_frame_use(&f), "kernel stack");
	/* from /proc: flags alone */
	f = info(KPF(LRU) | KPF(SWAPBACKED), 0, 0, 0);
	f.frame.known = 0;
	ck_assert_str_eq(mms_frame_use(&f), "shmem");
	f.frame.kpf = 0;
	ck_assert_str_eq(mms_frame_use(&f), "unknown");
	f.frame.state = MMS_PFN_BEYOND;
	ck_assert_str_eq(mms_frame_use(&f), "beyond the last frame");
	f.frame.state = 77;
	ck_assert_str_eq(mms_frame_use(&f), "unknown");
}
END_TEST

START_TEST(when_to_scan)
{
	struct mms_frame_info f = info(0, MMS_MAPPING_ANON, 1, 1);

	ck_assert_ptr_null(mms_frame_needs_scan(&f));
	f.frame.rmap = MMS_RMAP_BUSY_TREE;
	ck_assert_ptr_nonnull(mms_frame_needs_scan(&f));
	f.frame.mapcount = 0;
	ck_assert_ptr_null(mms_frame_needs_scan(&f));
	f.frame.kpf = KPF(ZERO_PAGE);
	ck_assert_ptr_nonnull(mms_frame_needs_scan(&f));
	f.frame.state = MMS_PFN_HOLE;
	ck_assert_ptr_null(mms_frame_needs_scan(&f));
}
END_TEST

START_TEST(paths)
{
	static const char mounts[] =
		"21 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
		"22 21 0:20 / /tmp rw - tmpfs tmp rw\n"
		"23 21 254:2 /srv/a /mnt/with\\040blank rw - ext4 /dev/vda2 rw\n"
		"24 21 254:2 /srv /data rw - ext4 /dev/vda2 rw\n"
		"25 21 254:2 /other /no rw - ext4 /dev/vda2 rw\n";
	char out[256];

	ck_assert(mms_mount_path(mounts, 254, 1, "/usr/lib/x", out, sizeof(out)));
	ck_assert_str_eq(out, "/usr/lib/x");
	ck_assert(mms_mount_path(mounts, 0, 20, "/f", out, sizeof(out)));
	ck_assert_str_eq(out, "/tmp/f");
	ck_assert(mms_mount_path(mounts, 254, 2, "/srv/a/b", out, sizeof(out)));
	ck_assert_str_eq(out, "/data/a/b");
	ck_assert(mms_mount_path("23 21 254:2 /srv/a /mnt/with\\040blank rw - x y z\n", 254, 2,
				 "/srv/a", out, sizeof(out)));
	ck_assert_str_eq(out, "/mnt/with blank");
	ck_assert(!mms_mount_path(mounts, 254, 2, "/srvx", out, sizeof(out)));
	ck_assert(!mms_mount_path(mounts, 9, 9, "/x", out, sizeof(out)));
	ck_assert(!mms_mount_path("junk\n\n", 9, 9, "/x", out, sizeof(out)));
}
END_TEST

/* --- the scan --- */

static void extent(struct mms_encoder *e, uint64_t va, uint64_t len, uint64_t pa, uint8_t level)
{
	struct mms_pt_extent x = {
		.head = { .type = MMS_REC_PT_EXTENT }, .va = va, .len = len, .pa = pa,
		.raw = pa | 1, .state = MMS_PT_PRESENT, .level = level,
		.page_shift = level == 1 ? 12 : 21,
	};

	ck_assert_int_eq(mms_encode_record(e, &x.head, NULL, 0), 0);
	x.state = MMS_PT_SWAP;
	x.va += 1ULL << 30;
	ck_assert_int_eq(mms_encode_record(e, &x.head, NULL, 0), 0);
}

static int process(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		   struct mms_encoder *e)
{
	struct mms_task t = { .head = { .type = MMS_REC_TASK }, .pid = req->pid, .comm = "name" };

	(void)f;
	if (req->pid == 3)
		return -ESRCH;
	if (req->pid == 4)
		return -ENXIO;
	if (kind == MMS_KIND_TASK)
		return mms_encode_record(e, &t.head, NULL, 0);
	extent(e, 0x10000, 0x4000, 0x1000, 1);		/* frames 1 .. 4 */
	if (req->pid == 2)
		extent(e, 0x200000, 0x200000, 0x200000, 2);	/* 0x200 .. 0x3ff */
	return 0;
}

static int pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid), void *ctx, struct mms_err *err)
{
	int rc = 0;

	(void)s;
	(void)err;
	for (uint32_t pid = 1; !rc && pid < 6; pid++)
		rc = fn(ctx, pid);
	return rc;
}

START_TEST(scan)
{
	static const struct mms_source_ops ops = { .name = "fake", .stream = fake_stream, .pids = pids };
	struct fake_source src = { .base = { &ops }, .write = process, .writer = MMS_WRITER_MODULE };
	struct mms_frame_info f[3] = {
		{ .frame = { .pfn = 3 } }, { .frame = { .pfn = 5 } }, { .frame = { .pfn = 0x205 } },
	};
	struct mms_err err = { "" };

	ck_assert_int_eq(mms_frame_scan(&src.base, f, 3, false, &err), 0);
	ck_assert_uint_eq(f[0].nmaps, 3);
	ck_assert_uint_eq(f[0].maps[0].va, 0x12000);
	ck_assert_uint_eq(f[0].maps[0].raw, 0x3001);
	ck_assert_uint_eq(f[0].maps[2].pid, 5);
	ck_assert_str_eq((const char *)f[0].maps[2].comm, "name");
	ck_assert_uint_eq(f[1].nmaps, 0);
	ck_assert(f[1].scanned);
	ck_assert_uint_eq(f[2].nmaps, 1);
	ck_assert_uint_eq(f[2].maps[0].pid, 2);
	ck_assert_uint_eq(f[2].maps[0].va, 0x205000);
	ck_assert_uint_eq(f[2].maps[0].raw, 0x200001);
	ck_assert_uint_eq(mms_frame_proved(&f[0]), 3);
	for (int i = 0; i < 3; i++)
		mms_frame_free(&f[i]);
}
END_TEST

/* --- reading --- */

static int one_frame(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		     struct mms_encoder *e)
{
	struct mms_frame fr = {
		.head = { .type = MMS_REC_FRAME }, .pfn = *(uint64_t *)f->ctx, .state = MMS_PFN_PAGE,
	};
	struct mms_frame_file file = {
		.head = { .type = MMS_REC_FRAME_FILE }, .pfn = 7, .fs_len = 5, .path_len = 3,
	};
	struct mms_frame_map m = { .head = { .type = MMS_REC_FRAME_MAP }, .pfn = 7, .state = MMS_FMAP_BUSY };

	ck_assert_int_eq(kind, MMS_KIND_FRAME);
	ck_assert_uint_eq(req->end, req->start + 1);
	mms_encode_record(e, &fr.head, NULL, 0);
	mms_encode_record(e, &file.head, "ext4\0/a", 8);
	mms_encode_record(e, &m.head, NULL, 0);
	return 0;
}

START_TEST(reading)
{
	static const struct mms_source_ops ops = { .name = "fake", .stream = fake_stream };
	uint64_t pfn = 7;
	struct fake_source src = { .base = { &ops }, .write = one_frame, .ctx = &pfn };
	struct mms_frame_info f;
	struct mms_err err = { "" };

	ck_assert_int_eq(mms_frame_read(&src.base, 7, MMS_FREQ_MAPS, &f, &err), 0);
	ck_assert_str_eq(f.fs, "ext4");
	ck_assert_str_eq(f.path, "/a");
	ck_assert_uint_eq(f.nmaps, 1);
	ck_assert_uint_eq(mms_frame_open_maps(&f), 1);
	ck_assert_uint_eq(mms_frame_proved(&f), 0);
	mms_frame_free(&f);
	/* an answer about another frame is none */
	pfn = 8;
	ck_assert_int_eq(mms_frame_read(&src.base, 7, 0, &f, &err), -ENODATA);
	mms_frame_free(&f);
}
END_TEST

/* --- of the kernel's own: its map, the areas, the owners --- */

/* struct kernel_side - what the source says; @areas_rc: of the areas; @end: of the one */
struct kernel_side {
	int areas_rc;
	uint64_t end;
};

static int write_kernel(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
			struct mms_encoder *e)
{
	static const char caller[] = "load_module";
	const struct kernel_side *side = f->ctx;
	struct mms_kmap_run k = {
		.head = { .type = MMS_REC_KMAP_RUN }, .va = 0xc0010000, .pfn = 0x1230, .count = 8,
		.class = MMS_FRAME_VMALLOC,
	};
	struct mms_vmalloc_area a = {
		.head = { .type = MMS_REC_VMALLOC_AREA }, .start = 0xc0010000, .end = side->end, .pages = 4,
		.flags = MMS_AREA_ALLOC, .known = MMS_AREA_K_ADDRESS, .caller_len = sizeof(caller),
	};

	(void)req;
	if (kind == MMS_KIND_KMAP)
		mms_encode_record(e, &k.head, NULL, 0);
	if (kind == MMS_KIND_VMALLOC && !side->areas_rc)
		mms_encode_record(e, &a.head, caller, sizeof(caller));
	return kind == MMS_KIND_VMALLOC ? side->areas_rc : 0;
}

START_TEST(area_and_caller)
{
	static const struct mms_source_ops ops = { .name = "fake", .stream = fake_stream };
	struct kernel_side side = { .end = 0xc0015000 };
	struct fake_source src = { .base = { &ops }, .write = write_kernel, .ctx = &side };
	struct mms_frame_info f = info(0, MMS_MAPPING_NONE, 1, 0);

	/* frame 0x1234 is at the fifth page: the area has it, and its caller says what it is */
	ck_assert(mms_frame_needs_kernel(&f));
	ck_assert_int_eq(mms_frame_kernel(&src.base, &f), 0);
	ck_assert_uint_eq(f.kernel_va, 0xc0014000);
	ck_assert_uint_eq(f.kernel_class, MMS_FRAME_MODULE);
	ck_assert_str_eq(f.area.caller, "load_module");
	ck_assert_uint_eq(f.area.pages, 4);
	mms_frame_free(&f);
	/* an area that ends before it has nothing to say, nor has a kernel that tells no areas */
	for (int i = 0; i < 2; i++) {
		f = info(0, MMS_MAPPING_NONE, 1, 0);
		side.end = 0xc0014000;
		side.areas_rc = i ? -EOPNOTSUPP : 0;
		ck_assert_int_eq(mms_frame_kernel(&src.base, &f), 0);
		ck_assert_ptr_null(f.area.caller);
		ck_assert_uint_eq(f.kernel_class, MMS_FRAME_VMALLOC);
		mms_frame_free(&f);
	}
	/* what the kernel does not map besides is in no area: nobody is asked */
	src.asked[MMS_KIND_VMALLOC] = 0;
	f = info(0, MMS_MAPPING_NONE, 1, 0);
	f.frame.pfn = 0x1000;
	ck_assert_int_eq(mms_frame_kernel(&src.base, &f), 0);
	ck_assert_uint_eq(f.kernel_class, 0);
	ck_assert_uint_eq(src.asked[MMS_KIND_VMALLOC], 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_test(tc, references_of_a_file_page);
	tcase_add_test(tc, references_of_a_folio);
	tcase_add_test(tc, pins_of_a_small_page);
	tcase_add_test(tc, let_go);
	tcase_add_test(tc, class_and_list);
	tcase_add_test(tc, when_to_scan);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, scan);
	tcase_add_test(tc, reading);
	tcase_add_test(tc, area_and_caller);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
