// SPDX-License-Identifier: GPL-2.0
/* Areas of vmalloc space: kinds, whose frames are whose, /proc/vmallocinfo with and without addresses. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/vmarea.h"
#include "source/procfs.h"

#define PAGE	4096ULL

static void add(struct mms_areas *a, uint64_t start, uint64_t end, uint32_t flags, const char *caller, uint64_t pages)
{
	struct {
		struct mms_vmalloc_area rec;
		char tail[64];
	} r = { .rec = { .start = start, .end = end, .flags = flags, .pages = pages,
			 .known = MMS_AREA_K_ADDRESS, .caller_len = (uint32_t)strlen(caller) + 1 } };

	strcpy(r.tail, caller);
	ck_assert_int_eq(mms_areas_add(a, &r.rec), 0);
}

static void run(struct mms_areas *a, struct mms_census *c, uint64_t va, uint64_t pfn, uint64_t count)
{
	struct mms_kmap_run k = { .va = va, .pfn = pfn, .count = count, .class = MMS_FRAME_VMALLOC };

	ck_assert_int_eq(mms_areas_run(a, c, &k, PAGE), 0);
}

START_TEST(a_run_is_split_at_areas)
{
	struct mms_census c = { 0 };
	struct mms_areas a = { 0 };
	struct mms_frame_run all = { .pfn = 0, .count = 1000, .class = MMS_FRAME_UNKNOWN, .zone = MMS_ZONE_NORMAL };

	add(&a, 0x40000, 0x50000, MMS_AREA_ALLOC, "pcpu_get_vm_areas", 0);
	add(&a, 0x10000, 0x14000, MMS_AREA_ALLOC, "load_module", 3);
	add(&a, 0x50000, 0x52000, MMS_AREA_IOREMAP, "acpi_os_map_iomem", 0);
	add(&a, 0x30000, 0x35000, MMS_AREA_ALLOC, "fork_idle", 4);
	mms_areas_ready(&a);
	run(&a, &c, 0x10000, 10, 3);
	run(&a, &c, 0x20000, 100, 5);	/* in no area */
	run(&a, &c, 0x30000, 200, 4);
	run(&a, &c, 0x3f000, 300, 20);	/* one before, 16 of per-CPU memory, 2 of ioremap(), one behind */
	run(&a, &c, 0x10000, 10, 1);	/* back again */
	mms_census_ready(&c);
	ck_assert_int_eq(mms_census_run(&c, &all), 0);
	mms_census_end(&c);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_MODULE), 3);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_KSTACK), 4);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_PERCPU), 16);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_VMALLOC), 5 + 1 + 1);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_UNKNOWN), 1000 - 3 - 4 - 16 - 7);
	ck_assert_uint_eq(a.area[0].frames, 4);
	ck_assert_uint_eq(a.area[2].frames, 16);
	ck_assert_uint_eq(a.area[3].frames, 2);
	mms_census_free(&c);
	mms_areas_free(&a);
}
END_TEST

/* What is mapped and was allocated elsewhere: nobody's else, so vmalloc's, and counted apart. */
START_TEST(borrowed_frames)
{
	struct mms_census c = { 0 };
	struct mms_areas a = { 0 };
	struct mms_frame_run all = { .pfn = 0, .count = 100, .class = MMS_FRAME_UNKNOWN, .zone = MMS_ZONE_NORMAL };
	struct mms_frame_run reserved = { .pfn = 100, .count = 50, .class = MMS_FRAME_RESERVED, .zone = MMS_ZONE_NORMAL };

	add(&a, 0x10000, 0x20000, MMS_AREA_MAP, "some_driver", 0);
	add(&a, 0x20000, 0x30000, MMS_AREA_ALLOC, "n_tty_open", 3);
	add(&a, 0x30000, 0x40000, MMS_AREA_DMA, "dma_common_pages_remap", 0);
	add(&a, 0x40000, 0x50000, MMS_AREA_MAP_RAM, "", 0);
	mms_areas_ready(&a);
	run(&a, &c, 0x10000, 0, 8);
	run(&a, &c, 0x20000, 6, 3);	/* two of them are mapped by the driver, too */
	run(&a, &c, 0x30000, 20, 4);
	run(&a, &c, 0x40000, 98, 4);	/* two are reserved: they are not vmalloc's at all */
	ck_assert_int_eq(mms_census_claim(&c, 0, 1, MMS_FRAME_PIPE), 0);
	mms_census_ready(&c);
	ck_assert_int_eq(mms_census_run(&c, &all), 0);
	ck_assert_int_eq(mms_census_run(&c, &reserved), 0);
	mms_census_end(&c);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_VMALLOC), 5 + 3 + 4 + 2);
	ck_assert_uint_eq(c.mapped, 5 + 4 + 2);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_PIPE), 1);
	ck_assert_uint_eq(mms_census_class(&c, MMS_FRAME_RESERVED), 50);
	mms_census_free(&c);
	mms_areas_free(&a);
}
END_TEST

START_TEST(sums_by_kind_and_caller)
{
	struct mms_areas a = { 0 };
	struct mms_area_sum *s;
	size_t n;

	for (uint64_t i = 0; i < 300; i++)
		add(&a, i << 16, (i << 16) + 0x5000, MMS_AREA_ALLOC, i % 3 ? "kernel_clone" : "n_tty_open", 4);
	add(&a, 1ULL << 40, (1ULL << 40) + PAGE, MMS_AREA_MAP, "kernel_clone", 0);
	s = mms_areas_sum(&a, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(s[0].kind, MMS_AREA_KIND_KSTACK);
	ck_assert_uint_eq(s[0].areas, 200);
	ck_assert_uint_eq(s[0].sum.pages, 800);
	ck_assert_uint_eq(s[0].sum.size, 200 * 0x5000);
	ck_assert_str_eq(s[1].caller, "n_tty_open");
	ck_assert_uint_eq(s[1].kind, MMS_AREA_KIND_VMALLOC);
	ck_assert_uint_eq(s[2].kind, MMS_AREA_KIND_VMAP);
	free(s);
	mms_areas_free(&a);
	ck_assert_ptr_null(mms_areas_sum(&a, &n));
	ck_assert_uint_eq(n, 0);
}
END_TEST

static int take(void *ctx, const struct mms_record *rec)
{
	return mms_areas_add(ctx, (const void *)rec);
}

/* What the reader makes of a text; its error code. */
static int read_text(const char *text, struct mms_areas *a)
{
	struct mms_handler h = { .record = take, .ctx = a };
	struct mms_request req = { .size = sizeof(req) };
	char dir[] = "/tmp/vmallocXXXXXX", path[PATH_MAX];
	struct mms_source *s = NULL;
	struct mms_err err = { "" };
	FILE *f;
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/vmallocinfo", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(mms_source_open_procfs_at(&s, dir, &err), 0);
	rc = mms_source_stream(s, MMS_KIND_VMALLOC, &req, &h, &err);
	mms_source_close(s);
	unlink(path);
	rmdir(dir);
	return rc;
}

START_TEST(vmallocinfo_is_read)
{
	struct mms_areas a = { 0 };

	ck_assert_int_eq(read_text(
		"0xffffc90000000000-0xffffc90000005000   20480 irq_init_percpu_irqstack+0xf0/0x120 vmap\n"
		"0xffffc90000005000-0xffffc90000007000    8192 acpi_os_map_iomem+0x1b6/0x1d0 phys=0x000000003ffe1000 ioremap\n"
		"0xffffc90000008000-0xffffc9000000d000   20480 kernel_clone+0xbf/0x430 pages=4 vmalloc N0=4\n"
		"0xffffc9000000d000-0xffffc9000000f000    8192 vp_modern_map_capability+0x148/0x1d0 [virtio_pci] phys=0x1000 ioremap\n"
		"0xffffc90000010000-0xffffc90000014000   16384 unpurged vm_area\n"
		"0xffffc90000020000-0xffffc90000024000   16384 vm_map_ram\n"
		"0xffffe8ffffc00000-0xffffe8ffffe00000 2097152 pcpu_get_vm_areas+0x0/0x1080 vmalloc\n", &a), 0);
	ck_assert_uint_eq(a.n, 6);
	ck_assert_uint_eq(a.hidden, 0);
	ck_assert_uint_eq(a.area[0].kind, MMS_AREA_KIND_VMAP);
	ck_assert_str_eq(a.area[0].caller, "irq_init_percpu_irqstack");
	ck_assert_uint_eq(a.area[1].kind, MMS_AREA_KIND_IOREMAP);
	ck_assert_uint_eq(a.area[2].kind, MMS_AREA_KIND_KSTACK);
	ck_assert_uint_eq(a.area[2].pages, 4);
	ck_assert_uint_eq(a.area[2].start, 0xffffc90000008000);
	ck_assert_str_eq(a.area[3].caller, "vp_modern_map_capability [virtio_pci]");
	ck_assert_str_eq(a.area[4].caller, "vm_map_ram");
	ck_assert_uint_eq(a.area[5].kind, MMS_AREA_KIND_PERCPU);
	mms_areas_free(&a);
}
END_TEST

START_TEST(hashed_addresses_are_none)
{
	struct mms_areas a = { 0 };
	struct mms_census c = { 0 };

	ck_assert_int_eq(read_text(
		"0x000000008c26656b-0x00000000b419ead8   20480 kernel_clone+0xbf/0x430 pages=4 vmalloc N0=4\n"
		"0x0000000000000000-0x0000000000000000    8192 hpet_enable+0xef/0x46d phys=0x00000000fed00000 ioremap\n", &a), 0);
	mms_areas_ready(&a);
	ck_assert_uint_eq(a.n, 2);
	ck_assert_uint_eq(a.hidden, 2);
	run(&a, &c, 0x1000, 5, 2);
	ck_assert_uint_eq(a.area[0].frames + a.area[1].frames, 0);
	mms_census_free(&c);
	mms_areas_free(&a);
	ck_assert_int_eq(read_text("not a line\n", &a), -EBADMSG);
	ck_assert_int_eq(read_text("0x1-0x2 x caller\n", &a), -EBADMSG);
	mms_areas_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vmarea");
	TCase *t = tcase_create("vmarea");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, a_run_is_split_at_areas);
	tcase_add_test(t, borrowed_frames);
	tcase_add_test(t, sums_by_kind_and_caller);
	tcase_add_test(t, vmallocinfo_is_read);
	tcase_add_test(t, hashed_addresses_are_none);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
