// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's address space with no VM: a small one whose truth is known by hand, read by
 * kmap and checked by verify --kernel, and one lie at a time about it.
 *
 *	PGD 0x1000: 273 (0xffff888000000000) -> PUD 0x2000, 511 -> PUD 0x5000
 *	PUD 0x2000: 0 -> PMD 0x3000, 1: 1 GiB page at 1 GiB, rw
 *	PMD 0x3000: 0: -> PTE 0x4000; 1, 2: 2 MiB pages at 2 and 4 MiB, rw
 *	PTE 0x4000: 0..3 rw at 0x0; 4 r-- at 0x4000; 5 r-x at 0x5000; 6 rwx at 0x6000
 *	PUD 0x5000: 510 -> PMD 0x6000; 511 -> PMD 0x7000
 *	PMD 0x6000: 0, 1 -> PTE 0x8000, the same twice (a clone); image: 8: 2 MiB r-x at 16 MiB
 */
#include <sys/stat.h>
#include <unistd.h>

#include "fake_source.h"
#include "fixture.h"
#include "model/kmap.h"
#include "model/kmap_lowmem.h"
#include "model/kmap_parts.h"
#include "model/kmap_proc.h"
#include "model/verify.h"

#define P	1ULL
#define RW	2ULL
#define PCD	16ULL
#define A	32ULL
#define D	64ULL
#define PS	128ULL
#define G	256ULL
#define NX	(1ULL << 63)
#define TABLE	(P | RW | A | D)
#define BITS	(P | A | D | G)

#define K	0x1000ULL
#define M2	0x200000ULL
#define G1	0x40000000ULL
#define DIRECT	0xffff888000000000ULL
#define IMAGE	0xffffffff80000000ULL

#define W	MMS_PT_F_WRITE
#define X	MMS_PT_F_EXEC

/* What is told; each test may change one thing. */
static struct told {
	uint64_t pa;		/* of the first 2 MiB page */
	uint32_t rights;	/* of the image's page */
	uint64_t again;		/* table of the repeat */
	bool drop_extent;	/* of the 1 GiB page */
	bool pti;
	bool no_root;
	bool no_regions;
	bool overlap;
	bool absent;		/* the 1 GiB page is not present now */
	bool mend;		/* at the second reading all is true */
} told;
static unsigned int readings;
static uint64_t start, end;
static struct fake_source fake;
static struct mms_kmap m;
static struct mms_err err;

static const struct told truth = { .pa = M2, .rights = X, .again = 0x8000 };

static void table(struct mms_encoder *e, uint64_t pa, uint64_t va, unsigned int level, unsigned int first,
		  unsigned int n, const uint64_t *entries)
{
	struct mms_pt_table t = {
		.head.type = MMS_REC_PT_TABLE, .table_pa = pa, .va = va, .level = level, .first = first,
		.last = first + n - 1, .index = first, .count = n,
	};

	mms_encode_record(e, &t.head, entries, n * 8);
}

static void extent(struct mms_encoder *e, uint64_t va, uint64_t len, uint64_t pa, uint64_t raw, uint32_t rights,
		   unsigned int level)
{
	struct mms_pt_extent x = {
		.head.type = MMS_REC_PT_EXTENT, .va = va, .len = len, .pa = pa, .raw = raw,
		.flags = rights | MMS_PT_F_GLOBAL, .state = MMS_PT_PRESENT, .level = (uint8_t)level,
		.page_shift = (uint8_t)(12 + 9 * (level - 1)),
	};

	mms_encode_record(e, &x.head, NULL, 0);
}

static void absent(struct mms_encoder *e, uint64_t va, uint64_t len, uint64_t raw, unsigned int level)
{
	struct mms_pt_extent x = {
		.head.type = MMS_REC_PT_EXTENT, .va = va, .len = len, .raw = raw, .state = MMS_PT_OTHER,
		.level = (uint8_t)level, .page_shift = (uint8_t)(12 + 9 * (level - 1)),
	};

	mms_encode_record(e, &x.head, NULL, 0);
}

static void region(struct mms_encoder *e, uint64_t first, uint64_t len, uint32_t id)
{
	struct mms_kt_region r = {
		.head.type = MMS_REC_KT_REGION, .start = first, .last = first + len - 1, .id = id,
	};

	mms_encode_record(e, &r.head, NULL, 0);
}

static void put_kernel(struct mms_encoder *e, const struct told *t)
{
	uint64_t pgd[] = { 0x2000 | TABLE }, pgd511[] = { 0x5000 | TABLE };
	uint64_t pud[] = { 0x3000 | TABLE, G1 | BITS | RW | PS | NX };
	uint64_t pmd[] = { 0x4000 | TABLE, M2 | BITS | RW | PS | NX, 2 * M2 | BITS | RW | PS | NX };
	uint64_t pte[] = {
		0 | BITS | RW | NX, K | BITS | RW | NX, 2 * K | BITS | RW | NX, 3 * K | BITS | RW | NX,
		4 * K | BITS | NX, 5 * K | BITS, 6 * K | BITS | RW,
	};
	uint64_t pud2[] = { 0x6000 | TABLE }, pmd2[] = { 0x8000 | TABLE, 0x8000 | TABLE, 0, 0, 0, 0, 0, 0, 8 * M2 | BITS | PS };
	uint64_t clone[] = { 0x10000 | BITS | NX };
	struct mms_kt_repeat again = {
		.head.type = MMS_REC_KT_REPEAT, .va = IMAGE + M2, .len = M2, .table_pa = t->again, .level = 2,
	};

	table(e, 0x1000, 0xffff000000000000ULL, 4, 273, 1, pgd);
	table(e, 0x2000, DIRECT, 3, 0, 2, pud);
	table(e, 0x3000, DIRECT, 2, 0, 3, pmd);
	table(e, 0x4000, DIRECT, 1, 0, 7, pte);
	extent(e, DIRECT, 4 * K, 0, pte[0], W, 1);
	extent(e, DIRECT + 4 * K, K, 4 * K, pte[4], 0, 1);
	extent(e, DIRECT + 5 * K, K, 5 * K, pte[5], X, 1);
	extent(e, DIRECT + 6 * K, K, 6 * K, pte[6], W | X, 1);
	extent(e, DIRECT + M2, 2 * M2, t->pa, pmd[1], W, 2);
	if (t->absent)
		absent(e, DIRECT + G1, G1, pud[1], 3);
	else if (!t->drop_extent)
		extent(e, DIRECT + G1, G1, G1, pud[1], W, 3);
	table(e, 0x1000, 0xffff000000000000ULL, 4, 511, 1, pgd511);
	table(e, 0x5000, 0xffffff8000000000ULL, 3, 510, 1, pud2);
	table(e, 0x6000, IMAGE, 2, 0, 9, pmd2);
	table(e, 0x8000, IMAGE, 1, 0, 1, clone);
	extent(e, IMAGE, K, 0x10000, clone[0], 0, 1);
	mms_encode_record(e, &again.head, NULL, 0);
	extent(e, IMAGE + 8 * M2, M2, 8 * M2, pmd2[8], t->rights, 2);
}

/* User mode has one page of it. */
static void put_user(struct mms_encoder *e)
{
	uint64_t pgd[] = { 0x2000 | TABLE }, pud[] = { 0x3000 | TABLE }, pmd[] = { 0x9000 | TABLE };
	uint64_t pte[] = { 5 * K | BITS };

	table(e, 0xa000, 0xffff000000000000ULL, 4, 273, 1, pgd);
	table(e, 0x2000, DIRECT, 3, 0, 1, pud);
	table(e, 0x3000, DIRECT, 2, 0, 1, pmd);
	table(e, 0x9000, DIRECT, 1, 5, 1, pte);
	extent(e, DIRECT + 5 * K, K, 5 * K, pte[0], X, 1);
}

static int write_ktables(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
			 struct mms_encoder *e)
{
	struct mms_pt_context c = {
		.head.type = MMS_REC_PT_CONTEXT, .root_pa = 0x1000, .kernel_root_pa = 0x1000, .cr0 = 0x80050033,
		.cr4 = 0x3006f0, .efer = 0xd01, .pat = 0x407050600070106, .levels = 4, .maxphyaddr = 40,
		.flags = MMS_CTX_GBPAGES, .shift = { 0, 12, 21, 30, 39 }, .entry_size = 8, .va_bits = 48,
		.kernel_start = 0xffff800000000000ULL, .pkru = UINT32_MAX,
	};
	struct mms_kt_root root = { .head.type = MMS_REC_KT_ROOT, .root_pa = 0x1000 };
	const struct told *t = told.mend && readings ? &truth : &told;

	(void)f;
	ck_assert_int_eq(kind, MMS_KIND_KTABLES);
	ck_assert_uint_eq(req->pid, 0);
	ck_assert_uint_eq(req->flags, MMS_REQ_EXTENTS | MMS_REQ_TABLES);
	if (readings++) {
		start = req->start;
		end = req->end;
	}
	mms_encode_record(e, &c.head, NULL, 0);
	if (!t->no_regions) {
		region(e, DIRECT, 2 * G1, MMS_KT_DIRECT);
		region(e, IMAGE - (t->overlap ? G1 * 200000 : 0), G1, MMS_KT_IMAGE);
	}
	if (t->no_root)
		return 0;
	mms_encode_record(e, &root.head, NULL, 0);
	put_kernel(e, t);
	if (!t->pti)
		return 0;
	root.user = 1;
	root.root_pa = 0xa000;
	mms_encode_record(e, &root.head, NULL, 0);
	put_user(e);
	return 0;
}

static void setup(void)
{
	told = truth;
	readings = 0;
	fake = (struct fake_source){ .base.ops = &fake_ops, .write = write_ktables, .writer = MMS_WRITER_MODULE };
	err.text[0] = '\0';
	memset(&m, 0, sizeof(m));
}

static void teardown(void)
{
	mms_kmap_free(&m);
}

/* --- kmap --- */

START_TEST(parts)
{
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	ck_assert_uint_eq(m.nregions, 2);
	ck_assert_uint_eq(m.region[0].mapped[1], 7 * K);
	ck_assert_uint_eq(m.region[0].mapped[2], 2 * M2);
	ck_assert_uint_eq(m.region[0].mapped[3], G1);
	ck_assert_uint_eq(m.region[0].total, 7 * K + 2 * M2 + G1);
	ck_assert_uint_eq(m.region[0].exec, 2 * K);
	ck_assert_uint_eq(m.region[0].wx, K);
	ck_assert_uint_eq(m.region[0].writable, 5 * K + 2 * M2 + G1);
	/* the PMD and the PTE table; the PUD table spans more than the part, but has no other in it */
	ck_assert_uint_eq(m.region[0].tables, 3);
	ck_assert_uint_eq(m.region[0].runs, 6);
	ck_assert_uint_eq(m.region[1].mapped[1], K);
	ck_assert_uint_eq(m.region[1].mapped[2], M2);
	ck_assert_uint_eq(m.region[1].repeated, M2);
	ck_assert_uint_eq(m.region[2].total, 0);
	ck_assert_uint_eq(m.upper, 2);	/* (the top table was told in two pieces) */
	ck_assert_uint_eq(m.root_pa, 0x1000);
}
END_TEST

START_TEST(runs)
{
	char buf[16];

	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	ck_assert_uint_eq(m.nruns, 8);
	ck_assert_uint_eq(m.runs[0].len, 4 * K);
	ck_assert_uint_eq(m.runs[3].flags, W | X | MMS_PT_F_GLOBAL);
	ck_assert_uint_eq(m.runs[4].start, DIRECT + M2);
	ck_assert_uint_eq(m.runs[4].page_shift, 21);
	ck_assert(!mms_kmap_for_code(&m, &m.runs[2]));
	ck_assert(mms_kmap_for_code(&m, &m.runs[7]));
	ck_assert_str_eq(mms_kmap_cache(&m.context, 0, buf), "WB");
	ck_assert_str_eq(mms_kmap_cache(&m.context, 2, buf), "UC-");
	ck_assert_str_eq(mms_kmap_cache(&m.context, 3, buf), "UC");
}
END_TEST

START_TEST(user_mode_has_its_own)
{
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, true, &err), -ENOENT);
	mms_kmap_free(&m);
	memset(&m, 0, sizeof(m));
	told.pti = true;
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, true, &err), 0);
	ck_assert_uint_eq(m.nruns, 1);
	ck_assert_uint_eq(m.runs[0].start, DIRECT + 5 * K);
	ck_assert_uint_eq(m.root_pa, 0xa000);
}
END_TEST

START_TEST(no_parts_told)
{
	told.no_regions = true;
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	ck_assert_uint_eq(m.nregions, 0);
	ck_assert_uint_eq(m.region[0].total, 8 * K + 3 * M2 + G1);
}
END_TEST

START_TEST(parts_out_of_order)
{
	told.overlap = true;
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), -EBADMSG);
	ck_assert(err.text[0]);
}
END_TEST

static void meminfo(const char *path, unsigned int k4, unsigned int m2, unsigned int g1)
{
	FILE *f = fopen(path, "w");

	fprintf(f, "MemTotal: 1 kB\nDirectMap4k: %u kB\nDirectMap2M: %u kB\nDirectMap1G: %u kB\n", k4, m2, g1);
	fclose(f);
}

START_TEST(direct_map)
{
	char path[] = "/tmp/mmscope-meminfo-XXXXXX";
	struct mms_direct_map d;

	close(mkstemp(path));
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	meminfo(path, 28, 4096, 1048576);
	ck_assert_int_eq(mms_direct_map_compare(&m, path, &d), 0);
	for (int i = 1; i <= 3; i++)
		ck_assert_uint_eq(d.ours[i], d.theirs[i]);
	ck_assert_str_eq(d.pmd_name, "2M");
	/* one large page of the image was split: the kernel took it for one of the direct map */
	meminfo(path, 28 + 2048, 4096 - 2048, 1048576);
	ck_assert_int_eq(mms_direct_map_compare(&m, path, &d), 0);
	ck_assert(d.explained);
	/* more than the image has tables for */
	meminfo(path, 28 + 10 * 2048, 4096 - 10 * 2048 + 18432, 1048576);
	ck_assert_int_eq(mms_direct_map_compare(&m, path, &d), 0);
	ck_assert(!d.explained);
	meminfo(path, 32, 4096, 1048576);
	ck_assert_int_eq(mms_direct_map_compare(&m, path, &d), 0);
	ck_assert(!d.explained);
	unlink(path);
	ck_assert_int_eq(mms_direct_map_compare(&m, path, &d), -ENOENT);
}
END_TEST

/* DEBUG_PAGEALLOC takes pages out of the direct map; the kernel counts their entries all the same. */
START_TEST(not_present_now)
{
	char path[] = "/tmp/mmscope-meminfo-XXXXXX";
	struct mms_direct_map d;

	told.absent = true;
	close(mkstemp(path));
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	ck_assert_uint_eq(m.region[0].mapped[3], 0);
	ck_assert_uint_eq(m.region[0].absent[3], G1);
	ck_assert_uint_eq(m.region[0].total, 7 * K + 2 * M2);
	meminfo(path, 28, 4096, 1048576);
	ck_assert_int_eq(mms_direct_map_compare(&m, path, &d), 0);
	ck_assert_uint_eq(d.ours[3], d.theirs[3]);
	unlink(path);
}
END_TEST

/* --- i386's gigabyte --- */

static void file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Of a 6.1 686-pae kernel with 2 GiB; its boot messages: "low ram: 0 - 36ffe000", 1167MB HIGHMEM, 879MB LOWMEM. */
static void pae(void)
{
	m.nregions = 3;
	m.region[0] = (struct mms_kmap_region){ .start = 0xc0000000, .last = 0xf6ffdfff, .id = MMS_KT_DIRECT };
	m.region[1] = (struct mms_kmap_region){ .start = 0xf77fe000, .last = 0xfeffdfff, .id = MMS_KT_VMALLOC };
	m.region[2] = (struct mms_kmap_region){ .start = 0xff000000, .last = 0xff1fffff, .id = MMS_KT_PKMAP };
}

START_TEST(lowmem)
{
	static struct mms_kmap_alike inside = { .start = 0xf7000000, .len = K };
	char dir[] = "/tmp/mmscope-kmap-XXXXXX", cmdline[64], zoneinfo[64];
	struct mms_kmap_lowmem l;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(cmdline, sizeof(cmdline), "%s/cmdline", dir);
	snprintf(zoneinfo, sizeof(zoneinfo), "%s/zoneinfo", dir);
	pae();
	file(dir, "cmdline", "quiet novmalloc=1M root=/dev/sda\n");
	file(dir, "zoneinfo", "Node 0, zone   Normal\n  pages free 1\n        spanned  221182\n        present  221182\n"
			      "Node 0, zone  HighMem\n        spanned  298978\n        present  298970\n");
	ck_assert(mms_kmap_lowmem(&m, cmdline, zoneinfo, &l));
	ck_assert_uint_eq(l.page_offset, 0xc0000000);
	ck_assert_uint_eq(l.end, 0xf6ffe000);
	ck_assert_uint_eq(l.line, 896ULL << 20);
	ck_assert_uint_eq(l.max, 0x36ffe000);
	ck_assert_uint_eq(l.hole, 8ULL << 20);
	ck_assert_uint_eq(l.in_hole, 0);
	ck_assert_uint_eq(l.high_spanned, 298978 * K);
	ck_assert_uint_eq(l.high_present, 298970 * K);
	/* with vmalloc=: the kernel adds the hole; the last one counts */
	file(dir, "cmdline", "vmalloc=64M vmalloc=0x10000k\n");
	ck_assert(mms_kmap_lowmem(&m, cmdline, zoneinfo, &l));
	ck_assert_uint_eq(l.reserve, 72ULL << 20);
	ck_assert_uint_eq(l.line, 952ULL << 20);
	/* not of this machine */
	m.runs = &inside;
	m.nruns = 1;
	ck_assert(mms_kmap_lowmem(&m, NULL, NULL, &l));
	ck_assert_uint_eq(l.reserve, 0);
	ck_assert_uint_eq(l.max, 0);
	ck_assert(!l.have_high);
	ck_assert_uint_eq(l.in_hole, K);
	m.runs = NULL;
	m.region[1].start = m.region[1].last = 0xffffc90000000000;
	ck_assert(!mms_kmap_lowmem(&m, cmdline, zoneinfo, &l));
	unlink(cmdline);
	unlink(zoneinfo);
	rmdir(dir);
}
END_TEST

/* --- parts of the image --- */

static const char *const made[] = {
	"proc/kallsyms", "proc/iomem", "proc/modules", "proc/meminfo", "sys/module/snd/sections/.data", "sys/module/snd/sections/.init.text",
};

static const char *const dirs[] = { "proc", "sys", "sys/module", "sys/module/snd", "sys/module/snd/sections" };

static void machine(char *dir)
{
	char path[256];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]);
		mkdir(path, 0700);
	}
	file(dir, made[1], "00100000-7fffffff : System RAM\n  01000000-0100beff : Kernel code\n"
			   "  0100d000-0100dfff : Kernel rodata\n  01010000-01010fff : Kernel data\n");
	file(dir, made[2], "snd 16384 0 - Live 0xffffffffc0000100\nbpf_thing 1 0 - Live 0xffffffffc0001000 (O)\n");
	file(dir, made[3], "MemTotal: 1 kB\nVmallocTotal:   34359738367 kB\nVmallocUsed:        5528 kB\nDirectMap4k: 28 kB\n");
	file(dir, made[4], "0xffffffffc0005000\n");
	file(dir, made[5], "0xffffffffc0001200\n");
}

static void unmake(const char *dir)
{
	char path[256];

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		unlink(path);
	}
	for (size_t i = sizeof(dirs) / sizeof(*dirs); i; i--) {
		snprintf(path, sizeof(path), "%s/%s", dir, dirs[i - 1]);
		rmdir(path);
	}
	rmdir(dir);
}

START_TEST(parts_by_symbols)
{
	char dir[] = "/tmp/mmscope-kmap-XXXXXX", buf[64];
	struct mms_kmap_alike r = { .start = IMAGE, .len = M2, .pa = 0x1000000, .frames = 3, .region = 1 };
	struct mms_kmap_parts p = { 0 };
	uint64_t behind = IMAGE + M2;

	machine(dir);
	file(dir, made[0], "ffffffff80000000 T _stext\nffffffff80000000 T _text\nffffffff80004010 T _etext\n"
			   "ffffffff80006000 D __start_rodata\nffffffff80008000 D __end_rodata\nffffffff80010000 D _sdata\n"
			   "ffffffff80012000 D _edata\nffffffff80020000 B __bss_start\nffffffff80024000 B __bss_stop\n"
			   "ffffffffc0000100 t _text\t[snd]\n");
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	ck_assert_int_eq(mms_kmap_parts_read(&p, dir), 0);
	ck_assert(!p.physical);
	ck_assert_uint_eq(p.n, 4);
	ck_assert_str_eq(mms_kmap_part_of(&p, &m, &r, IMAGE, &behind), "text");
	ck_assert_uint_eq(behind, IMAGE + 0x4010);
	behind = IMAGE + M2;
	ck_assert_ptr_null(mms_kmap_part_of(&p, &m, &r, IMAGE + 0x4010, &behind));
	ck_assert_uint_eq(behind, IMAGE + 0x6000);
	behind = IMAGE + M2;
	ck_assert_ptr_null(mms_kmap_part_of(&p, &m, &r, IMAGE + 0x30000, &behind));
	ck_assert_uint_eq(behind, IMAGE + M2);
	ck_assert(mms_kmap_is_text(&p, &m, &r));
	/* its alias in the direct map is not it */
	r.region = 0;
	ck_assert_ptr_null(mms_kmap_part_of(&p, &m, &r, IMAGE, &behind));
	/* modules: what was freed is nobody's */
	ck_assert(mms_kmap_modules_in(&p, 0xffffffffc0000000, 0xffffffffc0001000, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "snd");
	ck_assert(mms_kmap_modules_in(&p, 0xffffffffc0000000, 0xffffffffc0002000, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "snd, bpf_thing");
	ck_assert(mms_kmap_modules_in(&p, 0xffffffffc0005000, 0xffffffffc0006000, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "snd");
	ck_assert(!mms_kmap_modules_in(&p, 0xffffffffc0006000, 0xffffffffc0007000, buf, sizeof(buf)));
	mms_kmap_parts_free(&p);
	unmake(dir);
}
END_TEST

/* No KALLSYMS_ALL: /proc/iomem, by physical addresses. */
START_TEST(parts_by_iomem)
{
	char dir[] = "/tmp/mmscope-kmap-XXXXXX";
	struct mms_kmap_alike r = { .start = IMAGE, .len = M2, .pa = 0x1000000, .frames = 1, .region = 1 };
	struct mms_kmap_parts p = { 0 };
	uint64_t behind = IMAGE + M2;

	machine(dir);
	file(dir, made[0], "ffffffff80000000 T _stext\nffffffff80000000 T _text\n");
	ck_assert_int_eq(mms_kmap_take(&m, &fake.base, false, &err), 0);
	ck_assert_int_eq(mms_kmap_parts_read(&p, dir), 0);
	ck_assert(p.physical);
	ck_assert_str_eq(mms_kmap_part_of(&p, &m, &r, IMAGE + 16, &behind), "Kernel code");
	ck_assert_uint_eq(behind, IMAGE + 0xbf00);
	behind = IMAGE + M2;
	ck_assert_str_eq(mms_kmap_part_of(&p, &m, &r, IMAGE + 0x10000, &behind), "Kernel data");
	/* scattered frames: nothing is known of the rest */
	r.frames = 2;
	ck_assert_ptr_null(mms_kmap_part_of(&p, &m, &r, IMAGE + 16, &behind));
	mms_kmap_parts_free(&p);
	/* addresses are hidden: nothing is known at all */
	memset(&p, 0, sizeof(p));
	file(dir, made[0], "0000000000000000 T _stext\n0000000000000000 T _text\n");
	file(dir, made[2], "snd 16384 0 - Live 0x0000000000000000\n");
	file(dir, made[4], "0x0000000000000000\n");
	ck_assert_int_eq(mms_kmap_parts_read(&p, dir), 0);
	ck_assert_uint_eq(p.n, 0);
	ck_assert_uint_eq(p.stext, 0);
	mms_kmap_parts_free(&p);
	unmake(dir);
}
END_TEST

/* Without the module. */
START_TEST(proc_alone)
{
	char dir[] = "/tmp/mmscope-kmap-XXXXXX";
	struct mms_kmap_proc p = { 0 };

	machine(dir);
	file(dir, made[0], "ffffffff80000000 T _stext\n");
	ck_assert_int_eq(mms_kmap_proc_read(&p, dir), 0);
	ck_assert_uint_eq(p.vmalloc_total, 34359738367 * 1024);
	ck_assert_uint_eq(p.vmalloc_used, 5528 * 1024);
	ck_assert(p.direct.known[1] && !p.direct.known[2]);
	ck_assert_uint_eq(p.direct.theirs[1], 28 * 1024);
	ck_assert_uint_eq(p.modules, 2);
	ck_assert_uint_eq(p.module_bytes, 16385);
	ck_assert_uint_eq(p.module_first, 0xffffffffc0000100);
	ck_assert(p.parts.physical);
	ck_assert_uint_eq(p.parts.n, 3);
	mms_kmap_parts_free(&p.parts);
	unmake(dir);
	/* nothing is there */
	memset(&p, 0, sizeof(p));
	ck_assert_int_eq(mms_kmap_proc_read(&p, dir), 0);
	ck_assert(!p.direct.known[1]);
	ck_assert_uint_eq(p.vmalloc_total + p.modules + p.parts.n, 0);
	mms_kmap_parts_free(&p.parts);
}
END_TEST

/* --- verify --kernel --- */

static struct mms_verify_result verify(bool user)
{
	struct mms_verify_opts opts = { .pause_us = 1 };
	struct mms_verify_result res;
	int rc = mms_verify_kernel(&fake.base, user, &opts, &res, &err);

	ck_assert_msg(!rc, "%s", err.text);
	mms_verify_free(&res);
	return res;
}

START_TEST(all_true)
{
	struct mms_verify_result r = verify(false);

	/* 7 PTEs, 2 pages of 2 MiB, one of 1 GiB; the clone's page and the image's */
	ck_assert_uint_eq(r.translations, 12);
	ck_assert_uint_eq(r.agree, 12);
	ck_assert_uint_eq(r.mismatches, 0);
	ck_assert_uint_eq(r.repeats, 1);
	ck_assert(!r.no_root);
}
END_TEST

START_TEST(false_address)
{
	told.pa = 2 * M2;
	ck_assert_uint_eq(verify(false).mismatches, 2);
	/* what differs is asked for again, 2 MiB at a time */
	ck_assert_uint_eq(start, DIRECT + 2 * M2);
	ck_assert_uint_eq(end, DIRECT + 3 * M2);
}
END_TEST

START_TEST(false_rights)
{
	told.rights = 0;
	ck_assert_uint_eq(verify(false).mismatches, 1);
}
END_TEST

START_TEST(lost_page)
{
	told.drop_extent = true;
	ck_assert_uint_eq(verify(false).mismatches, 1);
}
END_TEST

START_TEST(false_repeat)
{
	told.again = 0x4000;
	ck_assert_uint_eq(verify(false).mismatches, 1);
}
END_TEST

START_TEST(moved)
{
	struct mms_verify_result r;

	told.pa = 2 * M2;
	told.mend = true;
	r = verify(false);
	ck_assert_uint_eq(r.mismatches, 0);
	ck_assert_uint_eq(r.moved, 2);
}
END_TEST

START_TEST(user_root)
{
	ck_assert(verify(true).no_root);
	readings = 0;
	told.pti = true;
	ck_assert_uint_eq(verify(true).translations, 1);
	readings = 0;
	/* a lie about the kernel's own is none about this one */
	told.pa = 2 * M2;
	ck_assert_uint_eq(verify(true).mismatches, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kmap");
	TCase *c = tcase_create("kmap");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, parts);
	tcase_add_test(c, runs);
	tcase_add_test(c, user_mode_has_its_own);
	tcase_add_test(c, no_parts_told);
	tcase_add_test(c, parts_out_of_order);
	tcase_add_test(c, direct_map);
	tcase_add_test(c, not_present_now);
	tcase_add_test(c, lowmem);
	tcase_add_test(c, parts_by_symbols);
	tcase_add_test(c, parts_by_iomem);
	tcase_add_test(c, proc_alone);
	tcase_add_test(c, all_true);
	tcase_add_test(c, false_address);
	tcase_add_test(c, false_rights);
	tcase_add_test(c, lost_page);
	tcase_add_test(c, false_repeat);
	tcase_add_test(c, moved);
	tcase_add_test(c, user_root);
	suite_add_tcase(s, c);
	return run_suite(s);
}
