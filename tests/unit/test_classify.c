// SPDX-License-Identifier: GPL-2.0
/* Classification of VMAs from hand-made maps of several kinds of program. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "model/snapshot.h"

#define R	MMS_VMA_READ
#define W	MMS_VMA_WRITE
#define X	MMS_VMA_EXEC
#define S	MMS_VMA_SHARED
#define F	MMS_VMA_FILE

/* struct line - one VMA and what it must be taken for; "[anon:X]" is named X */
struct line {
	uint64_t start;
	uint64_t end;
	uint32_t flags;
	uint64_t ino;
	uint64_t pgoff;
	const char *path;
	enum mms_class class;
};

static char *anon_name(const char *path)
{
	char *name = strdup(strncmp(path, "[anon:", 6) ? "" : path + 6);

	name[strcspn(name, "]")] = '\0';
	return name;
}

static void check_lines(const struct line *lines, size_t n)
{
	struct mms_region *r = calloc(n, sizeof(*r));
	struct mms_snapshot snap = { .regions = r, .nregions = n };
	size_t i;

	ck_assert_ptr_nonnull(r);
	for (i = 0; i < n; i++) {
		r[i].vma.start = lines[i].start << 12;
		r[i].vma.end = lines[i].end << 12;
		r[i].vma.flags = lines[i].flags;
		r[i].vma.ino = lines[i].ino;
		r[i].vma.pgoff = lines[i].pgoff;
		r[i].vma.dev_major = lines[i].ino ? 8 : 0;
		r[i].path = strdup(lines[i].path ? lines[i].path : "");
		r[i].name = anon_name(r[i].path);
	}
	mms_classify(&snap);
	for (i = 0; i < n; i++) {
		ck_assert_msg(r[i].class == (int)lines[i].class,
			      "line %zu (%s): %s, not %s", i, r[i].path,
			      mms_class_name(r[i].class),
			      mms_class_name(lines[i].class));
		free(r[i].path);
		free(r[i].name);
	}
	free(r);
}

#define CHECK(lines) check_lines(lines, sizeof(lines) / sizeof((lines)[0]))

START_TEST(static_program)
{
	static const struct line l[] = {
		{ 0x400, 0x401, R | F, 7, 0, "/bin/s", MMS_CLASS_RODATA },
		{ 0x401, 0x480, R | X | F, 7, 1, "/bin/s", MMS_CLASS_TEXT },
		{ 0x480, 0x4a0, R | F, 7, 0x80, "/bin/s", MMS_CLASS_RODATA },
		{ 0x4a1, 0x4a4, R | F, 7, 0xa0, "/bin/s", MMS_CLASS_RODATA },
		{ 0x4a4, 0x4a7, R | W | F, 7, 0xa3, "/bin/s", MMS_CLASS_DATA },
		{ 0x4a7, 0x4ad, R | W, 0, 0, "", MMS_CLASS_BSS },
		{ 0x1000, 0x1021, R | W | MMS_VMA_HEAP, 0, 0, "[heap]", MMS_CLASS_HEAP },
		{ 0x7ff000, 0x7ff021, R | W | MMS_VMA_STACK | MMS_VMA_GROWSDOWN, 0, 0, "[stack]", MMS_CLASS_STACK },
		{ 0x7ff100, 0x7ff104, R | MMS_VMA_SPECIAL | MMS_VMA_PFNMAP | MMS_VMA_IO, 0, 0, "[vvar]", MMS_CLASS_VDSO },
		{ 0x7ff104, 0x7ff106, R | X | MMS_VMA_SPECIAL, 0, 0, "[vdso]", MMS_CLASS_VDSO },
		{ 0xffffffffff600, 0xffffffffff601, X, 0, 0, "[vsyscall]", MMS_CLASS_VDSO },
	};

	CHECK(l);
}
END_TEST

START_TEST(pie_with_libc)
{
	static const struct line l[] = {
		{ 0x55000, 0x55002, R | F, 7, 0, "/bin/cat", MMS_CLASS_RODATA },
		{ 0x55002, 0x55007, R | X | F, 7, 2, "/bin/cat", MMS_CLASS_TEXT },
		{ 0x55007, 0x5500a, R | F, 7, 7, "/bin/cat", MMS_CLASS_RODATA },
		{ 0x5500a, 0x5500b, R | F, 7, 9, "/bin/cat", MMS_CLASS_RODATA },
		{ 0x5500b, 0x5500c, R | W | F, 7, 10, "/bin/cat", MMS_CLASS_DATA },
		{ 0x56000, 0x56021, R | W | MMS_VMA_HEAP, 0, 0, "[heap]", MMS_CLASS_HEAP },
		/* locale data: a file with no code */
		{ 0x70000, 0x70050, R | F, 9, 0, "/usr/lib/locale/C", MMS_CLASS_FILE },
		/* right behind it, and before libc: nobody's bss */
		{ 0x70050, 0x70053, R | W, 0, 0, "", MMS_CLASS_ANON },
		{ 0x70053, 0x70060, R | F, 8, 0, "/lib/libc.so.6", MMS_CLASS_RODATA },
		{ 0x70060, 0x70160, R | X | F, 8, 13, "/lib/libc.so.6", MMS_CLASS_TEXT },
		/* the hole that old linkers leave between segments */
		{ 0x70160, 0x70170, F, 8, 0x100, "/lib/libc.so.6", MMS_CLASS_GUARD },
		{ 0x70170, 0x70174, R | F, 8, 0x110, "/lib/libc.so.6", MMS_CLASS_RODATA },
		{ 0x70174, 0x70176, R | W | F, 8, 0x114, "/lib/libc.so.6", MMS_CLASS_DATA },
		{ 0x70176, 0x70183, R | W, 0, 0, "", MMS_CLASS_BSS },
		{ 0x70200, 0x70207, R | S | F, 10, 0, "/gconv.cache", MMS_CLASS_FILE },
		/* all data read-only after relocation: bss follows that */
		{ 0x70300, 0x70310, R | X | F, 11, 0, "/lib/r.so", MMS_CLASS_TEXT },
		{ 0x70310, 0x70312, R | F, 11, 16, "/lib/r.so", MMS_CLASS_RODATA },
		{ 0x70312, 0x70313, R | W, 0, 0, "", MMS_CLASS_BSS },
	};

	CHECK(l);
}
END_TEST

START_TEST(jit_threads_and_guards)
{
	static const struct line l[] = {
		/* an mmap of its own placed under an unrelated one */
		{ 0x60000, 0x60100, R | W | X, 0, 0, "", MMS_CLASS_ANON },
		/* memfd mapped twice: writable here, executable there */
		{ 0x60100, 0x60200, R | W | S | F | MMS_VMA_SHMEM | MMS_VMA_DELETED, 20, 0, "/memfd:jit (deleted)", MMS_CLASS_SHARED },
		{ 0x60200, 0x60300, R | X | S | F | MMS_VMA_SHMEM | MMS_VMA_DELETED, 20, 0, "/memfd:jit (deleted)", MMS_CLASS_SHARED },
		/* thread stack: guard below, memory above */
		{ 0x61000, 0x61001, 0, 0, 0, "", MMS_CLASS_GUARD },
		{ 0x61001, 0x61801, R | W, 0, 0, "", MMS_CLASS_ANON },
		/* arena: used part, reserved part */
		{ 0x62000, 0x62021, R | W, 0, 0, "", MMS_CLASS_ANON },
		{ 0x62021, 0x66000, MMS_VMA_NORESERVE, 0, 0, "", MMS_CLASS_GUARD },
		/* a MAP_GROWSDOWN stack that a program made */
		{ 0x67000, 0x67010, R | W | MMS_VMA_GROWSDOWN, 0, 0, "", MMS_CLASS_STACK },
		/* named by prctl */
		{ 0x68000, 0x68010, R | W, 0, 0, "[anon:pool]", MMS_CLASS_ANON },
		{ 0x68020, 0x68030, R | W, 0, 0, "[anon:.bss]", MMS_CLASS_BSS },
	};

	CHECK(l);
}
END_TEST

START_TEST(shared_and_deleted)
{
	static const struct line l[] = {
		/* an updated library: its file has no name any more */
		{ 0x1000, 0x1010, R | X | F | MMS_VMA_DELETED, 5, 0, "/lib/a.so (deleted)", MMS_CLASS_TEXT },
		{ 0x1010, 0x1012, R | W | F | MMS_VMA_DELETED, 5, 16, "/lib/a.so (deleted)", MMS_CLASS_DATA },
		/* the new one of the same path is another image */
		{ 0x2000, 0x2010, R | F, 6, 0, "/lib/a.so", MMS_CLASS_FILE },
		/* started from tmpfs */
		{ 0x3000, 0x3010, R | X | F | MMS_VMA_SHMEM, 30, 0, "/dev/shm/prog", MMS_CLASS_TEXT },
		{ 0x3010, 0x3012, R | W | F | MMS_VMA_SHMEM, 30, 16, "/dev/shm/prog", MMS_CLASS_DATA },
		{ 0x3012, 0x3014, R | W, 0, 0, "", MMS_CLASS_BSS },
		/* SysV, shared anonymous, POSIX shm */
		{ 0x4000, 0x4010, R | W | S | F | MMS_VMA_SHMEM | MMS_VMA_DELETED, 31, 0, "/SYSV00000000 (deleted)", MMS_CLASS_SHARED },
		{ 0x4010, 0x4020, R | W | S | F | MMS_VMA_SHMEM | MMS_VMA_DELETED, 32, 0, "/dev/zero (deleted)", MMS_CLASS_SHARED },
		{ 0x4020, 0x4030, R | S | F | MMS_VMA_SHMEM, 33, 0, "/dev/shm/x", MMS_CLASS_SHARED },
		/* private and written, of a file without code */
		{ 0x5000, 0x5010, R | W | F, 40, 0, "/tmp/data", MMS_CLASS_FILE },
		{ 0x5010, 0x5020, R | W, 0, 0, "", MMS_CLASS_ANON },
		/* shared file, writable */
		{ 0x6000, 0x6010, R | W | S | F, 41, 0, "/var/db", MMS_CLASS_FILE },
	};

	CHECK(l);
}
END_TEST

START_TEST(pools_and_devices)
{
	static const struct line l[] = {
		{ 0x1000, 0x1200, R | W | MMS_VMA_HUGETLB, 0, 0, "/anon_hugepage (deleted)", MMS_CLASS_HUGETLB },
		{ 0x1200, 0x1400, MMS_VMA_HUGETLB | F, 3, 0, "/mnt/huge/x", MMS_CLASS_HUGETLB },
		{ 0x2000, 0x2010, R | W | S | F | MMS_VMA_PFNMAP | MMS_VMA_IO, 4, 0, "/dev/mem", MMS_CLASS_DEVICE },
		/* a stack that the kernel does not call special, unnamed */
		{ 0x3000, 0x3010, MMS_VMA_STACK, 0, 0, "", MMS_CLASS_STACK },
	};

	CHECK(l);
}
END_TEST

START_TEST(device_numbers_count)
{
	struct mms_region r[2] = {
		{ .vma = { .start = 0x1000, .end = 0x2000, .flags = R | X | F,
			   .ino = 5, .dev_major = 8, .dev_minor = 1 },
		  .path = "", .name = "" },
		{ .vma = { .start = 0x2000, .end = 0x3000, .flags = R | W | F,
			   .ino = 5, .dev_major = 8, .dev_minor = 2 },
		  .path = "", .name = "" },
	};
	struct mms_snapshot snap = { .regions = r, .nregions = 2 };

	mms_classify(&snap);
	ck_assert_int_eq(r[0].class, MMS_CLASS_TEXT);
	ck_assert_int_eq(r[1].class, MMS_CLASS_FILE);
}
END_TEST

START_TEST(nothing_at_all)
{
	struct mms_snapshot snap = { 0 };

	mms_classify(&snap);
	ck_assert_str_eq(mms_class_name(MMS_CLASS_DEVICE), "device");
	ck_assert_str_eq(mms_class_name(MMS_CLASS_MAX), "?");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classify");
	TCase *c = tcase_create("classify");

	tcase_add_test(c, static_program);
	tcase_add_test(c, pie_with_libc);
	tcase_add_test(c, jit_threads_and_guards);
	tcase_add_test(c, shared_and_deleted);
	tcase_add_test(c, pools_and_devices);
	tcase_add_test(c, device_numbers_count);
	tcase_add_test(c, nothing_at_all);
	suite_add_tcase(s, c);
	return run_suite(s);
}
