// SPDX-License-Identifier: GPL-2.0
/* mmscope vmalloc: areas and runs made by hand, guard pages, holes, and the lie that must be found. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include "fake_source.h"
#include "model/vmalloc.h"

#define PAGE	4096ULL
#define BASE	0xffffc90000000000ULL

/**
 * struct space - what the fake module tells
 * @guard_run: a run covers the guard page of the second area
 * @moves: the second look finds the third area gone
 * @no_kmap: the tables cannot be read
 * @old: a stream from before lazily freed areas were told
 * @tables: entries of the tables are told, the area of a device among them
 * @device_guard: they map its guard page, too
 */
struct space {
	bool guard_run, moves, no_kmap, old, tables, device_guard;
	unsigned int looks;
};

static void put_area(struct mms_encoder *e, uint64_t start, uint64_t bytes, uint32_t flags, const char *caller,
		     uint64_t pages)
{
	struct mms_vmalloc_area a = {
		.head = { .type = MMS_REC_VMALLOC_AREA }, .start = start, .end = start + bytes, .pages = pages,
		.flags = flags, .known = MMS_AREA_K_ADDRESS | MMS_AREA_K_GUARD,
		.caller_len = *caller ? (uint32_t)strlen(caller) + 1 : 0,
	};

	mms_encode_record(e, &a.head, caller, a.caller_len);
}

static void put_run(struct mms_encoder *e, uint64_t va, uint64_t pfn, uint64_t count, uint32_t class)
{
	struct mms_kmap_run k = { .head = { .type = MMS_REC_KMAP_RUN }, .va = va, .pfn = pfn, .count = count, .class = class };

	mms_encode_record(e, &k.head, NULL, 0);
}

static void write_areas(struct space *w, struct mms_encoder *e)
{
	struct mms_vmalloc_space s = {
		.head = { .type = MMS_REC_VMALLOC_SPACE }, .start = BASE, .end = BASE + 0x100000,
		.known = MMS_VSPACE_K_BOUNDS | MMS_VSPACE_K_LAZY,
	};

	if (!w->old)
		mms_encode_record(e, &s.head, NULL, 0);
	/* out of order, as several trees are told */
	put_area(e, BASE + 0x10000, 0x5000, MMS_AREA_ALLOC, "kernel_clone", 4);
	put_area(e, BASE, 0x4000, MMS_AREA_ALLOC, "load_module", 3);
	if (!w->moves || w->looks % 2)
		put_area(e, BASE + 0x20000, 0x2000, MMS_AREA_IOREMAP, "acpi_os_map_iomem", 0);
	put_area(e, BASE + 0x22000, 0x2000, MMS_AREA_MAP | MMS_AREA_NO_GUARD, "declare_vma", 0);
	put_area(e, BASE + 0x30000, 0x8000, MMS_AREA_ALLOC, "pcpu_get_vm_areas", 0);
	put_area(e, BASE + 0x40000, 0x41000, MMS_AREA_MAP_RAM, "", 0);
	if (!w->old)
		put_area(e, BASE + 0x4000, 0xc000, MMS_AREA_LAZY, "", 0);
}

static void write_runs(const struct space *w, struct mms_encoder *e)
{
	put_run(e, 0xffff888000000000ULL, 0x999, 1, MMS_FRAME_KPGTABLE);
	put_run(e, BASE, 0x100, 2, MMS_FRAME_VMALLOC);
	put_run(e, BASE, 0x777, 1, MMS_FRAME_KPGTABLE);
	put_run(e, BASE + 0x2000, 0x200, 1, MMS_FRAME_VMALLOC);
	/* what is told in two records is one run all the same; the second has the guard page, too */
	put_run(e, BASE + 0x10000, 0x300, 3, MMS_FRAME_VMALLOC);
	put_run(e, BASE + 0x13000, 0x303, w->guard_run ? 2 : 1, MMS_FRAME_VMALLOC);
	/* over the end of an area into the next */
	put_run(e, BASE + 0x22000, 0x400, 1, MMS_FRAME_VMALLOC);
	put_run(e, BASE + 0x23000, 0x500, 1, MMS_FRAME_VMALLOC);
	put_run(e, BASE + 0x2f000, 0x600, 9, MMS_FRAME_VMALLOC);
}

static void put_region(struct mms_encoder *e, uint64_t start, uint64_t last, uint32_t id)
{
	struct mms_kt_region r = { .head = { .type = MMS_REC_KT_REGION }, .start = start, .last = last, .id = id };

	mms_encode_record(e, &r.head, NULL, 0);
}

static void write_tables(const struct space *w, struct mms_encoder *e)
{
	struct mms_kt_root root = { .head = { .type = MMS_REC_KT_ROOT }, .root_pa = 0x1000 };
	struct mms_pt_extent x = {
		.head = { .type = MMS_REC_PT_EXTENT }, .va = BASE + 0x20000, .len = w->device_guard ? 2 * PAGE : PAGE,
		.pa = 0xfe000000, .state = MMS_PT_PRESENT, .level = 1, .page_shift = 12,
	};

	put_region(e, BASE, BASE + 0x1fffff, MMS_KT_VMALLOC);
	put_region(e, BASE + 0x1000000, BASE + 0x1ffffff, MMS_KT_MODULES);
	mms_encode_record(e, &root.head, NULL, 0);
	mms_encode_record(e, &x.head, NULL, 0);
	/* that of the user's half is another one */
	root.user = 1;
	mms_encode_record(e, &root.head, NULL, 0);
	x.va += PAGE;
	mms_encode_record(e, &x.head, NULL, 0);
}

static int write_stream(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	struct space *w = f->ctx;

	if (kind == MMS_KIND_VMALLOC) {
		if (w->old && req->flags)
			return -EOPNOTSUPP;
		w->looks++;
		write_areas(w, e);
		return 0;
	}
	if (kind == MMS_KIND_KTABLES && w->tables) {
		write_tables(w, e);
		return 0;
	}
	if (kind != MMS_KIND_KMAP || w->no_kmap)
		return -EOPNOTSUPP;
	write_runs(w, e);
	return 0;
}

static void take(struct space *w, struct mms_vmalloc *v)
{
	struct fake_source f = { .base.ops = &fake_ops, .write = write_stream, .writer = MMS_WRITER_MODULE, .ctx = w };
	struct mms_err err = { "" };

	ck_assert_int_eq(mms_vmalloc_take(v, &f.base, false, &err), 0);
}

START_TEST(areas_and_what_is_mapped_there)
{
	struct mms_vmalloc v = { 0 };
	struct space w = { 0 };

	take(&w, &v);
	ck_assert_uint_eq(v.n, 6);
	ck_assert(v.mapped);
	ck_assert_uint_eq(v.pages[0], 7);
	ck_assert_uint_eq(v.pages[1], 7);
	ck_assert_uint_eq(v.area[0].a.start, BASE);
	ck_assert_uint_eq(v.area[0].a.frames, 3);
	ck_assert_uint_eq(v.area[0].runs, 2);
	ck_assert_uint_eq(v.area[1].a.frames, 4);
	ck_assert_uint_eq(v.area[1].runs, 1);
	ck_assert_uint_eq(v.area[2].a.frames, 0);
	ck_assert_uint_eq(v.area[3].a.frames, 2);
	ck_assert_uint_eq(v.area[3].runs, 2);
	ck_assert_uint_eq(v.area[4].a.frames, 8);
	/* that run's frames begin one before the area */
	ck_assert_uint_eq(v.area[4].next_pfn, 0x609);
	ck_assert(mms_vmalloc_counted(&v, &v.area[0]));
	ck_assert(!mms_vmalloc_counted(&v, &v.area[2]));
	ck_assert_ptr_eq(mms_vmalloc_find(&v, BASE + 0x14fff), &v.area[1]);
	ck_assert_ptr_null(mms_vmalloc_find(&v, BASE + 0x15000));
	ck_assert_ptr_null(mms_vmalloc_find(&v, BASE - 1));
	mms_vmalloc_free(&v);
}
END_TEST

START_TEST(guard_pages)
{
	struct mms_vmalloc v = { 0 };
	struct space w = { 0 };

	take(&w, &v);
	ck_assert_uint_eq(v.area[0].guard, MMS_GUARD_ABSENT);
	ck_assert_uint_eq(v.area[1].guard, MMS_GUARD_ABSENT);
	/* runs tell RAM alone */
	ck_assert_uint_eq(v.area[2].guard, MMS_GUARD_UNKNOWN);
	ck_assert_uint_eq(v.area[3].guard, MMS_GUARD_NONE);
	ck_assert_uint_eq(v.area[4].guard, MMS_GUARD_NONE);
	ck_assert_uint_eq(v.area[5].guard, MMS_GUARD_NONE);
	mms_vmalloc_free(&v);

	w.guard_run = true;
	take(&w, &v);
	ck_assert_uint_eq(v.area[1].guard, MMS_GUARD_MAPPED);
	ck_assert_uint_eq(v.area[1].guard_pfn, 0x304);
	ck_assert_uint_eq(v.area[0].guard, MMS_GUARD_ABSENT);
	mms_vmalloc_free(&v);

	/* entries do of devices, too */
	w.tables = true;
	take(&w, &v);
	ck_assert_uint_eq(v.area[2].guard, MMS_GUARD_ABSENT);
	ck_assert_uint_eq(v.area[3].guard, MMS_GUARD_NONE);
	mms_vmalloc_free(&v);
	w.device_guard = true;
	take(&w, &v);
	ck_assert_uint_eq(v.area[2].guard, MMS_GUARD_MAPPED);
	ck_assert_uint_eq(v.area[2].guard_pfn, 0xfe001);
	mms_vmalloc_free(&v);

	w.no_kmap = true;
	take(&w, &v);
	ck_assert(!v.mapped);
	ck_assert_uint_ne(v.no_map.text[0], 0);
	ck_assert_uint_eq(v.area[1].guard, MMS_GUARD_UNKNOWN);
	ck_assert_uint_eq(v.area[4].guard, MMS_GUARD_NONE);
	ck_assert_ptr_null(mms_guard_name(MMS_GUARD_UNKNOWN));
	mms_vmalloc_free(&v);
}
END_TEST

/* Nothing is said of an area that was there in one look alone. */
START_TEST(an_area_moves)
{
	struct mms_vmalloc v = { 0 };
	struct space w = { .moves = true };

	take(&w, &v);
	ck_assert_uint_eq(v.n, 6);
	ck_assert(!v.area[2].same);
	ck_assert_uint_eq(v.area[2].guard, MMS_GUARD_MOVED);
	ck_assert(v.area[1].same && v.area[3].same && v.area[5].same);
	mms_vmalloc_free(&v);
}
END_TEST

START_TEST(holes_are_nobodys)
{
	static const struct mms_vm_hole want[] = {
		{ BASE + 0x81000, BASE + 0x100000, false }, { BASE + 0x24000, BASE + 0x30000, false },
		{ BASE + 0x15000, BASE + 0x20000, false }, { BASE + 0x38000, BASE + 0x40000, false },
	};
	struct mms_vmalloc v = { 0 };
	struct space w = { 0 };

	take(&w, &v);
	ck_assert_uint_eq(v.nlazy, 1);
	ck_assert_uint_eq(v.lazy_writer, MMS_WRITER_MODULE);
	ck_assert_uint_eq(v.nholes, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < v.nholes; i++) {
		ck_assert_uint_eq(v.hole[i].start, want[i].start);
		ck_assert_uint_eq(v.hole[i].end, want[i].end);
	}
	mms_vmalloc_free(&v);

	w.old = true;
	take(&w, &v);
	ck_assert_uint_eq(v.n, 6);
	ck_assert_uint_eq(v.nholes, 0);
	ck_assert_uint_eq(v.lazy_writer, MMS_WRITER_UNKNOWN);
	ck_assert_str_eq(v.no_lazy.text, "they were not recorded");
	mms_vmalloc_free(&v);

	/* who does not tell the areas can still tell the bounds */
	w.tables = true;
	take(&w, &v);
	ck_assert_uint_eq(v.space.known, MMS_VSPACE_K_BOUNDS | MMS_VSPACE_K_MODULES);
	ck_assert_uint_eq(v.space.end, BASE + 0x200000);
	ck_assert_uint_eq(v.hole[0].start, BASE + 0x1000000);
	ck_assert_uint_eq(v.hole[0].end, BASE + 0x2000000);
	ck_assert(v.hole[0].modules);
	ck_assert_uint_eq(v.hole[1].end, BASE + 0x200000);
	mms_vmalloc_free(&v);
}
END_TEST

/* /proc does not say VM_NO_GUARD: how many pages there are does, or nothing is known. */
START_TEST(guards_without_the_flag)
{
	static const struct {
		uint64_t pages;
		uint32_t flags;
		uint32_t has;
	} cases[] = {
		{ 4, MMS_AREA_ALLOC, MMS_GUARD_ABSENT }, { 5, MMS_AREA_ALLOC, MMS_GUARD_NONE },
		{ 3, MMS_AREA_ALLOC, MMS_GUARD_UNKNOWN }, { 0, MMS_AREA_MAP, MMS_GUARD_UNKNOWN },
		{ 0, MMS_AREA_MAP_RAM, MMS_GUARD_NONE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mms_vm_entry e = { .a = { .start = BASE, .end = BASE + 0x5000, .pages = cases[i].pages,
						 .flags = cases[i].flags, .caller = (char *)"x" },
					  .known = MMS_AREA_K_ADDRESS };

		ck_assert_uint_eq(mms_vmalloc_has_guard(&e, PAGE), cases[i].has);
	}
}
END_TEST

START_TEST(users_are_ranked)
{
	static const struct {
		const char *caller, *user;
		uint32_t flags;
	} cases[] = {
		{ "alloc_large_system_hash", "hash tables", MMS_AREA_ALLOC },
		{ "bpf_prog_alloc_no_stats", "BPF programs and maps", MMS_AREA_ALLOC },
		{ "bpf_prog_pack_alloc", "BPF JIT", MMS_AREA_ALLOC },
		{ "bpf_jit_alloc_exec", "BPF JIT", MMS_AREA_ALLOC },
		{ "execmem_alloc", "modules, other code", MMS_AREA_ALLOC },
		{ "kernel_clone", "kernel stacks", MMS_AREA_ALLOC },
		{ "vp_modern_map_capability [virtio_pci]", "driver virtio_pci", MMS_AREA_IOREMAP },
		{ "pci_mmcfg_arch_map", "device registers", MMS_AREA_IOREMAP },
		{ "some_init [some]", "driver some", MMS_AREA_ALLOC },
		{ "kvm_init [kvm]", "virtual machines", MMS_AREA_ALLOC }, { "", "other", MMS_AREA_ALLOC },
	};
	struct mms_vmalloc v = { 0 };
	struct space w = { 0 };
	struct mms_vm_user *u;
	char user[MMS_VM_USER_MAX];
	size_t n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct {
			struct mms_vmalloc_area rec;
			char tail[64];
		} r = { .rec = { .start = BASE, .end = BASE + PAGE, .flags = cases[i].flags,
				 .caller_len = (uint32_t)strlen(cases[i].caller) + 1 } };
		struct mms_area a;

		strcpy(r.tail, cases[i].caller);
		ck_assert_int_eq(mms_area_take(&a, &r.rec), 0);
		ck_assert_str_eq(mms_vmalloc_user(&a, user), cases[i].user);
		free(a.caller);
	}
	take(&w, &v);
	u = mms_vmalloc_users(&v, &n);
	ck_assert_uint_eq(n, 5);
	ck_assert_str_eq(u[0].user, "per-CPU memory");
	ck_assert_uint_eq(u[0].sum.frames, 8);
	ck_assert_str_eq(u[1].user, "kernel stacks");
	ck_assert_str_eq(u[2].user, "modules");
	free(u);
	mms_vmalloc_free(&v);
	ck_assert_ptr_null(mms_vmalloc_users(&v, &n));
	ck_assert_uint_eq(n, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vmalloc");
	TCase *t = tcase_create("vmalloc");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, areas_and_what_is_mapped_there);
	tcase_add_test(t, guard_pages);
	tcase_add_test(t, an_area_moves);
	tcase_add_test(t, holes_are_nobodys);
	tcase_add_test(t, guards_without_the_flag);
	tcase_add_test(t, users_are_ranked);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
