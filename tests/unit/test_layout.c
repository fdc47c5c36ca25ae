// SPDX-License-Identifier: GPL-2.0
/* mmscope layout: made-up address spaces, and programs that are compiled here, against size(1) and readelf(1). */
#include <sys/stat.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/layout.h"

/* --- address spaces --- */

#define MAX_VMAS	16

struct space {
	struct {
		uint64_t start, end;
		uint32_t flags;
		const char *path;
	} vma[MAX_VMAS];
	uint64_t kernel_start;
	uint32_t arch;
	struct {
		uint64_t start, last;
		uint32_t id;
	} region[4];
	bool no_context;
};

static int write_stream(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	const struct space *s = f->ctx;
	struct mms_pt_context c = { .head = { .type = MMS_REC_PT_CONTEXT }, .levels = 4, .kernel_start = s->kernel_start };

	switch (kind) {
	case MMS_KIND_TASK:
		fake_task(e, 7, "prog", 0);
		return 0;
	case MMS_KIND_VMA:
		for (int i = 0; i < MAX_VMAS && s->vma[i].end; i++)
			fake_vma(e, s->vma[i].start, s->vma[i].end, s->vma[i].flags, s->vma[i].path);
		return 0;
	case MMS_KIND_PGTABLE:
		if (s->no_context)
			return -EOPNOTSUPP;
		mms_encode_record(e, &c.head, NULL, 0);
		return 0;
	case MMS_KIND_KTABLES:
		if (!s->region[0].last)
			return -EOPNOTSUPP;
		/* one page is asked for, whatever the parts are */
		ck_assert_uint_eq(req->start, s->kernel_start);
		ck_assert_uint_eq(req->end, s->kernel_start + 0x1000);
		for (int i = 0; i < 4 && s->region[i].last; i++) {
			struct mms_kt_region r = {
				.head = { .type = MMS_REC_KT_REGION }, .start = s->region[i].start,
				.last = s->region[i].last, .id = s->region[i].id,
			};

			mms_encode_record(e, &r.head, NULL, 0);
		}
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static void build(struct space *s, struct mms_layout *l, const char *exe, const char *exe_path)
{
	struct fake_source f = { .base.ops = &fake_ops, .write = write_stream, .writer = MMS_WRITER_MODULE,
				 .arch = s->arch, .ctx = s };
	struct mms_snapshot *snap = NULL;
	struct mms_err err = { "" };
	struct mms_kernel_half k;

	ck_assert_int_eq(mms_snapshot_take(&snap, &f.base, 7, MMS_SNAP_TASK | MMS_SNAP_VMA, &err), 0);
	ck_assert_int_eq(mms_layout_ask_kernel(&k, &f.base, 7, &l->no_kernel), s->no_context ? -EOPNOTSUPP : 0);
	ck_assert_int_eq(mms_layout_build(l, snap, &k, exe, exe_path), 0);
	mms_snapshot_free(snap);
	/* whatever goes in: from 0 to the end, nothing twice, nothing left out */
	ck_assert_uint_eq(l->range[0].start, 0);
	for (size_t i = 0; i < l->n; i++) {
		ck_assert_uint_le(l->range[i].start, l->range[i].last);
		if (i)
			ck_assert_uint_eq(l->range[i].start, l->range[i - 1].last + 1);
	}
	ck_assert(l->range[l->n - 1].last == UINT64_MAX || l->range[l->n - 1].last == UINT32_MAX);
}

static void is(const struct mms_layout *l, size_t i, uint64_t start, uint32_t kind, const char *name)
{
	ck_assert_uint_lt(i, l->n);
	ck_assert_uint_eq(l->range[i].start, start);
	ck_assert_uint_eq(l->range[i].kind, kind);
	ck_assert_str_eq(l->range[i].name, name);
}

#define RX	(MMS_VMA_READ | MMS_VMA_EXEC)
#define RW	(MMS_VMA_READ | MMS_VMA_WRITE)

/* The module tells all parts of the kernel's half: what lies between is for nothing. */
START_TEST(all_parts)
{
	struct mms_layout l = { 0 };
	struct space s = {
		.vma = { { 0x555555554000, 0x555555556000, RX | MMS_VMA_FILE, "/bin/prog" } },
		.kernel_start = 0xffff800000000000,
		.region = {
			{ 0xffff888000000000, 0xffff88803fffffff, MMS_KT_DIRECT },
			{ 0xffffc90000000000, 0xffffe8ffffffffff, MMS_KT_VMALLOC },
			{ 0xffffffff80000000, 0xffffffffbfffffff, MMS_KT_IMAGE },
			{ 0xffffffffc0000000, UINT64_MAX, MMS_KT_MODULES },
		},
	};

	build(&s, &l, NULL, "/bin/prog");
	is(&l, 4, 0xffff800000000000, MMS_RANGE_UNUSED, "kernel, for nothing");
	is(&l, 5, 0xffff888000000000, MMS_RANGE_KERNEL, "direct map: all memory");
	is(&l, 6, 0xffff888040000000, MMS_RANGE_UNUSED, "kernel, for nothing");
	is(&l, 7, 0xffffc90000000000, MMS_RANGE_KERNEL, "vmalloc space");
	is(&l, 9, 0xffffffff80000000, MMS_RANGE_KERNEL, "the kernel's image");
	is(&l, 10, 0xffffffffc0000000, MMS_RANGE_KERNEL, "modules");
	ck_assert_uint_eq(l.n, 11);
	mms_layout_free(&l);
	/* parts that overlap are none */
	memset(&l, 0, sizeof(l));
	s.region[1].start = 0xffff888000001000;
	build(&s, &l, NULL, "/bin/prog");
	is(&l, 4, 0xffff800000000000, MMS_RANGE_UNTOLD, "kernel, not told here");
	ck_assert_uint_eq(l.n, 5);
	mms_layout_free(&l);
}
END_TEST

START_TEST(sixty_four_bits)
{
	struct mms_layout l = { 0 };
	struct space s = {
		.vma = {
			{ 0x555555554000, 0x555555556000, MMS_VMA_READ | MMS_VMA_FILE, "/bin/prog" },
			{ 0x555555556000, 0x555555557000, RX | MMS_VMA_FILE, "/bin/prog" },
			{ 0x555555600000, 0x555555621000, RW | MMS_VMA_HEAP, "[heap]" },
			{ 0x7ffff7d00000, 0x7ffff7d20000, MMS_VMA_READ | MMS_VMA_FILE, "/lib/libc.so.6" },
			{ 0x7ffff7d20000, 0x7ffff7d40000, RX | MMS_VMA_FILE, "/lib/libc.so.6" },
			{ 0x7ffff7d40000, 0x7ffff7d42000, RW, NULL },
			{ 0x7ffff7fc0000, 0x7ffff7fc2000, RX | MMS_VMA_SPECIAL, "[vdso]" },
			{ 0x7ffffffde000, 0x7ffffffff000, RW | MMS_VMA_STACK, "[stack]" },
			{ 0xffffffffff600000, 0xffffffffff601000, MMS_VMA_EXEC | MMS_VMA_SPECIAL, "[vsyscall]" },
		},
		.kernel_start = 0xffff800000000000,
		.region = {
			{ 0xffffc90000000000, 0xffffe8ffffffffff, MMS_KT_VMALLOC },
			{ 0xffffffffa0000000, 0xfffffffffeffffff, MMS_KT_MODULES },
			{ 0xffffffffff600000, 0xffffffffff600fff, MMS_KT_VSYSCALL },
		},
	};

	build(&s, &l, NULL, "/bin/prog");
	ck_assert_uint_eq(l.bits, 64);
	ck_assert(!l.compat);
	is(&l, 0, 0, MMS_RANGE_GAP, "");
	is(&l, 1, 0x555555554000, MMS_RANGE_EXE, "prog");
	is(&l, 2, 0x555555556000, MMS_RANGE_EXE, "prog");
	is(&l, 3, 0x555555557000, MMS_RANGE_GAP, "");
	is(&l, 4, 0x555555600000, MMS_RANGE_HEAP, "[heap]");
	is(&l, 6, 0x7ffff7d00000, MMS_RANGE_FILE, "libc.so.6");
	ck_assert_uint_eq(l.range[6].vmas, 2);
	ck_assert_uint_eq(l.range[6].prot, 0);
	is(&l, 7, 0x7ffff7d40000, MMS_RANGE_ANON, "anonymous");
	is(&l, 9, 0x7ffff7fc0000, MMS_RANGE_SPECIAL, "[vdso]");
	is(&l, 11, 0x7ffffffde000, MMS_RANGE_STACK, "[stack]");
	is(&l, 12, 0x7ffffffff000, MMS_RANGE_GAP, "");
	is(&l, 13, 0x800000000000, MMS_RANGE_HOLE, "no addresses (not canonical)");
	is(&l, 14, 0xffff800000000000, MMS_RANGE_UNUSED, "kernel, for nothing");
	is(&l, 15, 0xffffc90000000000, MMS_RANGE_KERNEL, "vmalloc space");
	is(&l, 16, 0xffffe90000000000, MMS_RANGE_UNUSED, "kernel, for nothing");
	is(&l, 17, 0xffffffffa0000000, MMS_RANGE_KERNEL, "modules");
	is(&l, 19, 0xffffffffff600000, MMS_RANGE_SPECIAL, "[vsyscall]");
	ck_assert_uint_eq(l.n, 21);
	ck_assert_uint_eq(l.mmap_low, 0x7ffff7d00000);
	ck_assert_uint_eq(l.mmap_high, 0x7ffff7d42000);
	mms_layout_free(&l);
}
END_TEST

START_TEST(without_the_module)
{
	struct mms_layout l = { 0 };
	struct space s = {
		.vma = { { 0x400000, 0x401000, RX, NULL },
			 { 0x7ffffffde000, 0x7ffffffff000, RW | MMS_VMA_STACK, "[stack]" } },
		.no_context = true,
	};

	build(&s, &l, NULL, NULL);
	is(&l, 0, 0, MMS_RANGE_GAP, "");
	is(&l, 2, 0x401000, MMS_RANGE_GAP, "");
	is(&l, 4, 0x7ffffffff000, MMS_RANGE_UNTOLD, "not told here");
	ck_assert_uint_eq(l.n, 5);
	ck_assert_uint_ne(l.no_kernel.text[0], 0);
	mms_layout_free(&l);
}
END_TEST

/* A 32-bit process under a 64-bit kernel, then under one of its own. */
START_TEST(thirty_two_bits)
{
	struct mms_layout l = { 0 };
	struct space s = {
		.vma = {
			{ 0x08048000, 0x08049000, RX | MMS_VMA_FILE, "/bin/prog" },
			{ 0xf7f00000, 0xf7f20000, RX | MMS_VMA_FILE, "/lib/ld.so" },
			{ 0xfffdd000, 0xffffe000, RW | MMS_VMA_STACK, "[stack]" },
		},
		.kernel_start = 0xffff800000000000,
	};

	build(&s, &l, NULL, NULL);
	ck_assert(l.compat);
	ck_assert_uint_eq(l.bits, 32);
	is(&l, 5, 0xfffdd000, MMS_RANGE_STACK, "[stack]");
	is(&l, 6, 0xffffe000, MMS_RANGE_GAP, "");
	is(&l, 7, 0x100000000, MMS_RANGE_BEYOND, "out of reach of 32-bit code");
	is(&l, 8, 0x800000000000, MMS_RANGE_HOLE, "no addresses (not canonical)");
	is(&l, 9, 0xffff800000000000, MMS_RANGE_UNTOLD, "kernel, not told here");
	mms_layout_free(&l);

	s.kernel_start = 0xc0000000;
	s.vma[1].start = 0xb7f00000;
	s.vma[1].end = 0xb7f20000;
	s.vma[2].start = 0xbffdd000;
	s.vma[2].end = 0xbfffe000;
	build(&s, &l, NULL, NULL);
	ck_assert(!l.compat);
	ck_assert_uint_eq(l.bits, 32);
	is(&l, 6, 0xbfffe000, MMS_RANGE_GAP, "");
	is(&l, 7, 0xc0000000, MMS_RANGE_UNTOLD, "kernel, not told here");
	ck_assert_uint_eq(l.n, 8);
	ck_assert_uint_eq(l.range[7].last, UINT32_MAX);
	mms_layout_free(&l);

	/* 887 MiB of memory are mapped for good, the rest a page at a time */
	s.arch = MMS_ARCH_I386;
	s.region[0].start = 0xc0000000;
	s.region[0].last = 0xf76fffff;
	s.region[0].id = MMS_KT_DIRECT;
	s.region[1].start = 0xf7f00000;
	s.region[1].last = 0xff9fdfff;
	s.region[1].id = MMS_KT_VMALLOC;
	build(&s, &l, NULL, NULL);
	is(&l, 7, 0xc0000000, MMS_RANGE_KERNEL, "lowmem: the first 887 MiB of memory");
	is(&l, 8, 0xf7700000, MMS_RANGE_UNUSED, "kernel, for nothing");
	is(&l, 9, 0xf7f00000, MMS_RANGE_KERNEL, "vmalloc space");
	mms_layout_free(&l);
}
END_TEST

/* Damaged: VMAs that overlap, that end behind everything, none at all. */
START_TEST(odd_spaces)
{
	struct mms_layout l = { 0 };
	struct space s = {
		.vma = {
			{ 0x1000, 0x3000, RW, NULL }, { 0x2000, 0x5000, RW | MMS_VMA_HEAP, "[heap]" },
			{ 0x7ffffffff000, 0x800000001000, RW, NULL },
			{ 0xfffffffffffff000, UINT64_MAX, RW, "x" },
		},
		.kernel_start = 0xffff800000000000,
	};

	build(&s, &l, NULL, NULL);
	mms_layout_free(&l);
	s.vma[0].end = 0;
	build(&s, &l, NULL, NULL);
	ck_assert_uint_eq(l.n, 3);
	mms_layout_free(&l);
	s.no_context = true;
	build(&s, &l, NULL, NULL);
	mms_layout_free(&l);
}
END_TEST

/* --- programs --- */

static const char program[] =
	"char big[100000]; static int many[300] = { 1 }; const char text[5000] = \"x\"; __thread int t[64];"
	"int main(int argc, char **argv) { (void)argv; return big[argc] + many[argc] + text[argc] + t[argc]; }\n";

static char dir[64];

/* Compile with @flags; the path, or NULL where this compiler cannot. */
static const char *compile(const char *flags)
{
	static char path[128];
	char cmd[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/prog.c", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(program, f);
	fclose(f);
	snprintf(cmd, sizeof(cmd), "cd %s && ${CC:-gcc} %s -o prog prog.c >/dev/null 2>&1", dir, flags);
	snprintf(path, sizeof(path), "%s/prog", dir);
	unlink(path);
	return system(cmd) ? NULL : path;
}

static void gone(void)
{
	char cmd[100];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static void there(void)
{
	strcpy(dir, "/tmp/mms_layout.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* text, data and bss as binutils' size has them */
static void size_of(const char *path, uint64_t v[3])
{
	unsigned long long a = 0, b = 0, c = 0;
	char cmd[200], line[256];
	FILE *p;

	snprintf(cmd, sizeof(cmd), "size -B %s", path);
	p = popen(cmd, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), p));
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), p));
	ck_assert_int_eq(pclose(p), 0);
	ck_assert_int_eq(sscanf(line, "%llu %llu %llu", &a, &b, &c), 3);
	v[0] = a;
	v[1] = b;
	v[2] = c;
}

/* Every section that readelf says is allocated, with its address and size. */
static size_t check_sections(const struct mms_elf *elf, const char *path)
{
	unsigned long long addr, off, size;
	char cmd[200], line[512], name[64], type[32], flags[16];
	unsigned int entry;
	size_t n = 0;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "readelf -SW %s | sed -n 's/^ *\\[ *[0-9]*\\] //p'", path);
	p = popen(cmd, "r");
	ck_assert_ptr_nonnull(p);
	while (fgets(line, sizeof(line), p)) {
		if (sscanf(line, "%63s %31s %llx %llx %llx %x %15s", name, type, &addr, &off, &size, &entry, flags) != 7 ||
		    !strchr(flags, 'A'))
			continue;
		ck_assert_uint_lt(n, elf->n);
		ck_assert_str_eq(elf->section[n].name, name);
		ck_assert_uint_eq(elf->section[n].addr, addr);
		ck_assert_uint_eq(elf->section[n].size, size);
		ck_assert_int_eq(elf->section[n].write, !!strchr(flags, 'W'));
		ck_assert_int_eq(elf->section[n].exec, !!strchr(flags, 'X'));
		n++;
	}
	ck_assert_int_eq(pclose(p), 0);
	ck_assert_uint_eq(elf->n, n);
	return n;
}

static const char *const ways[] = { "-pie -fPIE", "-no-pie", "-static", "-static-pie", "-O2 -s", "-m32 -no-pie",
				    "-Wl,-z,noseparate-code -no-pie", "-g -Wl,--build-id" };

START_TEST(size_and_readelf_agree)
{
	const char *path;
	uint64_t want[3];
	struct mms_elf elf;
	struct mms_err err = { "" };

	there();
	path = compile(ways[_i]);
	if (!path) {
		/* (not every compiler has 32-bit libraries) */
		ck_assert_ptr_nonnull(strstr(ways[_i], "-m32"));
		gone();
		return;
	}
	ck_assert_int_eq(mms_elf_read(&elf, path, path, &err), 0);
	ck_assert_uint_eq(elf.bits, strstr(ways[_i], "-m32") ? 32 : 64);
	ck_assert_int_eq(elf.fixed, strstr(ways[_i], "-no-pie") || !strcmp(ways[_i], "-static"));
	size_of(path, want);
	ck_assert_uint_eq(elf.text, want[0]);
	ck_assert_uint_eq(elf.data, want[1]);
	ck_assert_uint_eq(elf.bss, want[2]);
	ck_assert_uint_ge(check_sections(&elf, path), 8);
	mms_elf_free(&elf);
	gone();
}
END_TEST

/* What is no such program is named. */
START_TEST(no_elf_files)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = { { "", 0 }, { "#!/bin/sh\n", 10 }, { "\177ELF", 4 }, { "\177ELF\2\1\1\0", 8 } };
	struct mms_err err = { "" };
	struct mms_elf elf;
	char path[100];

	there();
	snprintf(path, sizeof(path), "%s/bad", dir);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		FILE *f = fopen(path, "w");

		ck_assert_ptr_nonnull(f);
		fwrite(bad[i].bytes, 1, bad[i].len, f);
		fclose(f);
		ck_assert_int_eq(mms_elf_read(&elf, path, "bad", &err), -ENOEXEC);
		ck_assert_ptr_nonnull(strstr(err.text, "bad: "));
		mms_elf_free(&elf);
	}
	ck_assert_int_eq(mms_elf_read(&elf, "/nonexistent", "/nonexistent", &err), -ENOENT);
	mms_elf_free(&elf);
	gone();
}
END_TEST

/* Sections where a loader that moves all by a bias would have put them. */
START_TEST(sections_are_placed)
{
	struct mms_layout l = { 0 };
	struct space s = { .kernel_start = 0xffff800000000000 };
	const uint64_t bias = 0x555555554000;
	struct mms_err err = { "" };
	struct mms_elf elf;
	const char *path;
	uint64_t bss_end = 0;
	size_t n = 0;

	there();
	path = compile("-pie -fPIE");
	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(mms_elf_read(&elf, path, path, &err), 0);
	ck_assert_uint_lt(elf.nload, MAX_VMAS - 1);
	for (size_t i = 0; i < elf.nload; i++) {
		uint64_t start = bias + (elf.load[i].vaddr & ~0xfffULL);
		uint64_t end = bias + ((elf.load[i].vaddr + elf.load[i].filesz + 0xfff) & ~0xfffULL);

		s.vma[n].start = start;
		s.vma[n].end = end;
		s.vma[n].flags = RW | MMS_VMA_FILE;
		s.vma[n++].path = "/bin/prog";
		bss_end = bias + ((elf.load[i].vaddr + elf.load[i].memsz + 0xfff) & ~0xfffULL);
		if (bss_end > end) {
			s.vma[n].start = end;
			s.vma[n].end = bss_end;
			s.vma[n++].flags = RW;
		}
	}
	/* right behind it somebody else's, which is no bss */
	s.vma[n].start = bss_end;
	s.vma[n].end = bss_end + 0x1000;
	s.vma[n++].flags = RW;
	build(&s, &l, path, "/bin/prog");
	ck_assert(l.have_elf);
	ck_assert(l.bias_known);
	ck_assert_uint_eq(l.bias, bias);
	/* all but .tbss, which is no part of the image */
	ck_assert_uint_eq(l.nplaced, elf.n - 1);
	for (size_t i = 0; i < l.nplaced; i++) {
		const struct mms_range *r = &l.range[l.placed[i].range];

		ck_assert_uint_eq(l.placed[i].start, bias + l.placed[i].section->addr);
		ck_assert_uint_ge(l.placed[i].start, r->start);
		ck_assert_uint_le(l.placed[i].start, r->last);
		ck_assert_uint_eq(r->kind, MMS_RANGE_EXE);
		ck_assert_str_ne(l.placed[i].section->name, ".tbss");
	}
	ck_assert_str_eq(l.range[n - 1].name, "bss of the executable");
	ck_assert_uint_eq(l.range[n].kind, MMS_RANGE_ANON);
	mms_elf_free(&elf);
	mms_layout_free(&l);
	gone();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("layout");
	TCase *t = tcase_create("layout");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, all_parts);
	tcase_add_test(t, sixty_four_bits);
	tcase_add_test(t, without_the_module);
	tcase_add_test(t, thirty_two_bits);
	tcase_add_test(t, odd_spaces);
	tcase_add_loop_test(t, size_and_readelf_agree, 0, (int)(sizeof(ways) / sizeof(*ways)));
	tcase_add_test(t, no_elf_files);
	tcase_add_test(t, sections_are_placed);
	suite_add_tcase(s, t);
	return run_suite(s);
}
