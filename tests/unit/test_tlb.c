// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope tlb: counting entries of prepared snapshots, CPUID's answers of known
 * processors, traces whose outcome the manual tells.
 */
#include <errno.h>
#include "fixture.h"
#include "model/tlbneed.h"
#include "model/tlbtrace.h"
#include "source/cputlb.h"

#define K	1024ULL
#define M	(1024 * K)
#define G	(1024 * M)
#define AT	(4 * G)

/* --- what a process needs --- */

static struct mms_pt_extent ext(uint64_t va, uint64_t len, unsigned int level, uint32_t flags)
{
	return (struct mms_pt_extent){
		.va = va, .len = len, .pa = 16 * G + va, .flags = flags, .state = MMS_PT_PRESENT,
		.level = (uint8_t)level, .page_shift = (uint8_t)(12 + 9 * (level - 1)),
	};
}

static struct mms_tlb_need count_vma(struct mms_vma vma, struct mms_pt_extent *e, size_t n, uint64_t tcr,
				     uint32_t writer)
{
	struct mms_region r = { .vma = vma, .nextents = n };
	struct mms_snapshot snap = {
		.regions = &r, .nregions = 1, .extents = e, .nextents = n, .have = MMS_SNAP_EXTENTS,
		.pt_writer = writer,
		.context = { .levels = 4, .shift = { 0, 12, 21, 30, 39 }, .tcr = tcr },
	};
	struct mms_tlb_sizes sizes;
	struct mms_tlb_need need;

	mms_tlb_sizes_of(&snap, false, &sizes);
	ck_assert_uint_eq(sizes.shift[0], 12);
	ck_assert_uint_eq(sizes.shift[1], 21);
	ck_assert_uint_eq(sizes.shift[2], 30);
	mms_tlb_need_of(&snap, &r, &sizes, &need);
	return need;
}

static struct mms_tlb_need count(uint64_t start, uint64_t end, uint32_t flags, struct mms_pt_extent *e, size_t n)
{
	return count_vma((struct mms_vma){ .start = start, .end = end, .flags = flags }, e, n, 0, MMS_WRITER_MODULE);
}

START_TEST(pages_by_size)
{
	struct mms_pt_extent e[] = {
		ext(AT, 12 * K, 1, 0),
		ext(AT + 2 * M, 4 * M, 2, 0),
		ext(AT + 1 * G, 1 * G, 3, 0),
		/* not for the processor */
		ext(AT + 16 * K, 8 * K, 1, MMS_PT_F_PROTNONE),
		ext(AT + 32 * K, 4 * K, 1, 0),
	};
	struct mms_tlb_need n;

	e[4].state = MMS_PT_SWAP;
	n = count(AT, AT + 2 * G, MMS_VMA_FILE, e, 5);
	ck_assert(n.known && n.known_huge);
	ck_assert_uint_eq(n.pages[0], 3);
	ck_assert_uint_eq(n.pages[1], 2);
	ck_assert_uint_eq(n.pages[2], 1);
	ck_assert_uint_eq(n.mapped[0], 12 * K);
	ck_assert_uint_eq(n.mapped[1], 4 * M);
	ck_assert_uint_eq(n.mapped[2], 1 * G);
	ck_assert_uint_eq(n.entries, 6);
	/* a private file mapping can have no huge pages of its own */
	ck_assert_uint_eq(n.candidates, 0);
	ck_assert_uint_eq(n.entries_huge, 6);
	ck_assert_uint_eq(n.added, 0);
}
END_TEST

/* Four ranges of 2M: full, half, empty, and one the VMA has only a part of. */
START_TEST(anonymous_ranges)
{
	struct mms_pt_extent e[] = {
		ext(AT, 2 * M, 1, 0),
		ext(AT + 2 * M, 512 * K, 1, 0),
		ext(AT + 3 * M, 512 * K, 1, 0),
		ext(AT + 6 * M, 1 * M, 1, 0),
	};
	struct mms_tlb_need n = count(AT, AT + 7 * M, 0, e, 4);

	ck_assert_uint_eq(n.pages[0], 512 + 256 + 256);
	ck_assert_uint_eq(n.entries, 1024);
	ck_assert_uint_eq(n.candidates, 2);
	ck_assert_uint_eq(n.joined, 512 + 256);
	ck_assert_uint_eq(n.entries_huge, 2 + 256);
	ck_assert_uint_eq(n.added, 1 * M);
	ck_assert_uint_eq(n.tables, 2);
	ck_assert_uint_eq(n.tables_freed, 0);
}
END_TEST

/* The same by one extent, which is taken at one go, and unaligned at both ends. */
START_TEST(one_long_extent)
{
	struct mms_pt_extent e = ext(AT + 1 * M, 1 * G, 1, 0);
	struct mms_tlb_need n = count(AT + 1 * M, AT + 1 * M + 1 * G, 0, &e, 1);

	ck_assert_uint_eq(n.entries, 262144);
	ck_assert_uint_eq(n.candidates, 511);
	ck_assert_uint_eq(n.entries_huge, 512 + 511);
	ck_assert_uint_eq(n.added, 0);
	/* the same VMA larger at both ends: the partial ranges count as well */
	n = count(AT, AT + 2 * M + 1 * G, 0, &e, 1);
	ck_assert_uint_eq(n.candidates, 513);
	ck_assert_uint_eq(n.entries_huge, 513);
	ck_assert_uint_eq(n.added, 2 * M);
}
END_TEST

START_TEST(what_cannot_be_huge)
{
	struct mms_pt_extent e = ext(AT, 2 * M, 1, 0), two[2];
	static const uint32_t never[] = {
		MMS_VMA_FILE, MMS_VMA_HUGETLB, MMS_VMA_IO, MMS_VMA_PFNMAP, MMS_VMA_MIXEDMAP, MMS_VMA_SPECIAL,
		MMS_VMA_FILE | MMS_VMA_SHARED, MMS_VMA_FILE | MMS_VMA_SHMEM,
	};
	struct mms_tlb_need n;
	size_t i;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		n = count(AT, AT + 2 * M, never[i], &e, 1);
		ck_assert_uint_eq(n.candidates, 0);
		ck_assert_uint_eq(n.entries, 512);
	}
	/* shared memory can, and then the page table goes */
	n = count(AT, AT + 2 * M, MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_SHARED, &e, 1);
	ck_assert_uint_eq(n.candidates, 1);
	ck_assert_uint_eq(n.tables_freed, 1);
	/* a guard marker, a special mapping or a huge page in the range */
	for (i = 0; i < 3; i++) {
		two[0] = ext(AT, 4 * K, 1, 0);
		two[1] = ext(AT + 8 * K, 4 * K, 1, i == 1 ? MMS_PT_F_SPECIAL : 0);
		two[1].state = i ? MMS_PT_PRESENT : MMS_PT_MARKER;
		n = count(AT, AT + (i == 2 ? 1 : 2) * M, 0, two, 2);
		ck_assert_uint_eq(n.candidates, 0);
	}
}
END_TEST

/* The zero page is mapped and is no memory yet; alone it makes no candidate. */
START_TEST(zero_page_and_swap)
{
	struct mms_pt_extent e[] = {
		ext(AT, 1 * M, 1, MMS_PT_F_ZERO),
		ext(AT + 1 * M, 4 * K, 1, 0),
		ext(AT + 1 * M + 4 * K, 64 * K, 1, 0),
		ext(AT + 2 * M, 2 * M, 1, MMS_PT_F_ZERO),
	};
	struct mms_tlb_need n;

	e[2].state = MMS_PT_SWAP;
	n = count(AT, AT + 4 * M, 0, e, 4);
	ck_assert_uint_eq(n.entries, 256 + 1 + 512);
	ck_assert_uint_eq(n.candidates, 1);
	ck_assert_uint_eq(n.joined, 257);
	ck_assert_uint_eq(n.entries_huge, 1 + 512);
	ck_assert_uint_eq(n.added, 2 * M - 4 * K);
	n = count(AT, AT + 4 * M, 0, e, 1);
	ck_assert_uint_eq(n.entries, 256);
	ck_assert_uint_eq(n.candidates, 0);
}
END_TEST

/* 16 pages with the Contiguous bit are one entry, also where extents part them. */
START_TEST(arm64_contiguous)
{
	struct mms_pt_extent e[] = {
		ext(AT, 64 * K, 1, 0), ext(AT + 64 * K, 32 * K, 1, 0), ext(AT + 96 * K, 32 * K, 1, MMS_PT_F_DIRTY),
		ext(AT + 128 * K, 64 * K, 1, 0),
	};
	struct mms_vma vma = { .start = AT, .end = AT + 256 * K };
	struct mms_tlb_need n;

	e[0].raw = e[1].raw = e[2].raw = 1ULL << 52 | 0x703;
	n = count_vma(vma, e, 4, 0x1b5503510, MMS_WRITER_MODULE);
	ck_assert_uint_eq(n.pages[0], 48);
	ck_assert_uint_eq(n.contiguous, 32);
	ck_assert_uint_eq(n.entries, 2 + 16);
	/* bit 52 means nothing to x86 */
	n = count_vma(vma, e, 4, 0, MMS_WRITER_MODULE);
	ck_assert_uint_eq(n.entries, 48);
}
END_TEST

/* pagemap tells no sizes: smaps must know that there is no huge page. */
START_TEST(without_the_module)
{
	struct mms_pt_extent e = ext(AT, 2 * M, 1, 0);
	struct mms_region r = {
		.vma = { .start = AT, .end = AT + 4 * M }, .nextents = 1,
		.usage = { .known = MMS_USAGE_K(rss) | MMS_USAGE_K(anon_huge), .rss = 2 * M },
	};
	struct mms_snapshot snap = {
		.regions = &r, .nregions = 1, .extents = &e, .nextents = 1, .have = MMS_SNAP_EXTENTS,
		.pt_writer = MMS_WRITER_PROCFS,
	};
	const struct mms_tlb_sizes sizes = { .shift = { 12, 21, 30 } };
	struct mms_tlb_need n, sum = { .known = true, .known_huge = true };

	mms_tlb_need_of(&snap, &r, &sizes, &n);
	ck_assert(n.known && n.known_huge);
	ck_assert_uint_eq(n.candidates, 1);
	mms_tlb_need_add(&sum, &n);
	/* one of the two is huge, but which? */
	r.usage.rss = 3 * M;
	r.usage.anon_huge = 2 * M;
	mms_tlb_need_of(&snap, &r, &sizes, &n);
	ck_assert(n.known && !n.known_huge);
	ck_assert_uint_eq(n.pages[0], 256);
	ck_assert_uint_eq(n.pages[1], 1);
	ck_assert_uint_eq(n.entries, 257);
	mms_tlb_need_add(&sum, &n);
	ck_assert(sum.known && !sum.known_huge);
	ck_assert_uint_eq(sum.entries, 512 + 257);
	/* nothing was read */
	r.usage.known = 0;
	mms_tlb_need_of(&snap, &r, &sizes, &n);
	ck_assert(!n.known && !n.known_huge);
}
END_TEST

START_TEST(sizes_that_are_not_known)
{
	struct mms_snapshot snap = { .nregions = 0 };
	struct mms_tlb_sizes s;

	/* a capture without page tables: of any machine */
	mms_tlb_sizes_of(&snap, false, &s);
	ck_assert_uint_eq(s.shift[0], 12);
	ck_assert_uint_eq(s.shift[1], 0);
	/* i386 without PAE: two levels, 4M */
	snap.context = (struct mms_pt_context){ .levels = 2, .shift = { 0, 12, 22 } };
	mms_tlb_sizes_of(&snap, false, &s);
	ck_assert_uint_eq(s.shift[1], 22);
	ck_assert_uint_eq(s.shift[2], 0);
	/* arm64, 64K: 512M above, sets of 32 */
	snap.context = (struct mms_pt_context){ .levels = 3, .shift = { 0, 16, 29, 42 }, .tcr = 1 };
	mms_tlb_sizes_of(&snap, true, &s);
	ck_assert_uint_eq(s.shift[0], 16);
	ck_assert_uint_eq(s.shift[1], 29);
	ck_assert_uint_eq(s.contiguous[0], 5);
}
END_TEST

/* --- CPUID --- */

struct leaf {
	uint32_t leaf, sub;
	struct mms_cpuid r;
};

struct leaves {
	const struct leaf *list;
	size_t n;
};

static void answer(void *ctx, uint32_t leaf, uint32_t sub, struct mms_cpuid *out)
{
	const struct leaves *l = ctx;
	size_t i;

	*out = (struct mms_cpuid){ 0 };
	for (i = 0; i < l->n; i++)
		if (l->list[i].leaf == leaf && l->list[i].sub == sub)
			*out = l->list[i].r;
}

#define INTEL	0x756e6547, 0x6c65746e, 0x49656e69	/* EBX, ECX, EDX */
#define AMD	0x68747541, 0x444d4163, 0x69746e65

#define DECODE(list, out) \
	mms_cputlb_decode(answer, &(struct leaves){ list, sizeof(list) / sizeof((list)[0]) }, out)

/* APM vol. 3: Zen 3's documented figures: 64 entries; 2048 of 4K and of 2M; 64 of 1G. */
START_TEST(cpuid_amd)
{
	static const struct leaf zen3[] = {
		{ 0, 0, { 0x10, AMD } }, { 1, 0, { .ecx = 1u << 31 } }, { 0x80000000, 0, { .eax = 0x80000023 } },
		{ 0x80000005, 0, { .eax = 0xff40ff40, .ebx = 0xff40ff40 } },
		{ 0x80000006, 0, { .eax = 0x48002200, .ebx = 0x68004200 } },
		{ 0x80000019, 0, { .eax = 0xf040f040, .ebx = 0xf0400000 } },
	};
	struct mms_cputlb t;

	DECODE(zen3, &t);
	ck_assert_uint_eq(t.leaf, 0x80000005);
	ck_assert(t.hypervisor);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 12), 64);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 21), 64);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 30), 64);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 12), 2048);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 21), 2048);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 30), 64);
	ck_assert_uint_eq(t.array[0].ways, 0);
	ck_assert_uint_eq(t.array[2].ways, 8);
	ck_assert_uint_eq(t.array[3].ways, 4);
}
END_TEST

/* An upper half of 0 says that the lower one is for data and code. */
START_TEST(cpuid_amd_unified)
{
	static const struct leaf old[] = {
		{ 0, 0, { 1, AMD } }, { 0x80000000, 0, { .eax = 0x80000006 } },
		{ 0x80000005, 0, { .ebx = 0x04100410 } }, { 0x80000006, 0, { .ebx = 0x00004200 } },
	};
	struct mms_cputlb t;

	DECODE(old, &t);
	ck_assert_uint_eq(t.n, 2);
	ck_assert(!t.hypervisor);
	ck_assert_uint_eq(t.array[0].entries, 16);
	ck_assert_uint_eq(t.array[0].ways, 4);
	ck_assert_int_eq(t.array[1].kind, MMS_CPUTLB_BOTH);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 12), 512);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 21), 0);
}
END_TEST

/* SDM vol. 2A, leaf 18h: code 8 x 16; loads 96 full; stores 16; both 8 x 128 for 4K and 2M, 8 x 128 for 4K and 1G */
START_TEST(cpuid_intel_18h)
{
	static const struct leaf alder[] = {
		{ 0, 0, { 0x20, INTEL } }, { 0x80000000, 0, { .eax = 0x80000008 } },
		{ 0x18, 0, { .eax = 5 } },
		{ 0x18, 1, { .ebx = 0x00080001, .ecx = 32, .edx = 0x22 } },
		{ 0x18, 2, { .ebx = 0x00600001, .ecx = 1, .edx = 0x124 } },
		{ 0x18, 3, { .ebx = 0x0010000f, .ecx = 1, .edx = 0x125 } },
		{ 0x18, 4, { .ebx = 0x00080007, .ecx = 128, .edx = 0x43 } },
		{ 0x18, 5, { .ebx = 0x00080009, .ecx = 128, .edx = 0x43 } },
		/* not asked for: beyond the last */
		{ 0x18, 6, { .ebx = 0x0008000f, .ecx = 128, .edx = 0x43 } },
	};
	struct mms_cputlb t;

	DECODE(alder, &t);
	ck_assert_uint_eq(t.leaf, 0x18);
	ck_assert_uint_eq(t.n, 4);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 12), 96);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 12), 2048);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 21), 1024);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 30), 1024);
	ck_assert_uint_eq(t.array[1].ways, 0);
	ck_assert_uint_eq(t.array[2].ways, 8);
}
END_TEST

/* Leaf 2 as Skylake has it: 63h, 03h (B5h, B6h are code's), C3h; FFh sends to leaf 4 for caches. */
START_TEST(cpuid_intel_2)
{
	static const struct leaf skylake[] = {
		{ 0, 0, { 0x16, INTEL } }, { 0x80000000, 0, { .eax = 0x80000008 } },
		{ 2, 0, { .eax = 0x76036301, .ebx = 0x00f0b5ff, .edx = 0x00c30000 } },
	};
	static const struct leaf invalid[] = {
		{ 0, 0, { 2, INTEL } }, { 2, 0, { .eax = 0x80036301, .edx = 0x8000c3c3 } },
	};
	struct mms_cputlb t;

	DECODE(skylake, &t);
	ck_assert_uint_eq(t.leaf, 2);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 12), 64);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 21), 32);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 30), 4);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 12), 1536);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 21), 1536);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 2, 30), 16);
	/* bit 31 of a register: nothing in it is valid */
	DECODE(invalid, &t);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_uint_eq(t.leaf, 0);
}
END_TEST

START_TEST(cpuid_that_does_not_say)
{
	/* 01h is the number of calls, not a TLB; 2Ch and the like are caches */
	static const struct leaf caches_only[] = {
		{ 0, 0, { 0x0d, INTEL } }, { 2, 0, { .eax = 1, .edx = 0x002c307d } },
	};
	static const struct leaf other[] = {
		{ 0, 0, { 0x20, 0x746e6543, 0x736c7561, 0x48727561 } }, { 0x80000000, 0, { .eax = 0x80000023 } },
		{ 0x80000005, 0, { .eax = 0xff40ff40, .ebx = 0xff40ff40 } },
	};
	struct mms_cputlb t;

	DECODE(caches_only, &t);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_uint_eq(mms_cputlb_entries(&t, 1, 12), 0);
	DECODE(other, &t);
	ck_assert_uint_eq(t.n, 0);
}
END_TEST

/* --- traces --- */

/* 1000 -> 2000 -> 3000 -> 4000: a page at 1000, another at 2000 (global); 2M at 200000 */
static int tables(void *ctx, uint64_t pa, uint64_t *value)
{
	static const struct { uint64_t pa, value; } words[] = {
		{ 0x1000, 0x2007 }, { 0x2000, 0x3007 }, { 0x3000, 0x4007 }, { 0x4008, 0x5067 },
		{ 0x4010, 0x8000000000006161 }, { 0x3008, 0x200087 }, { 0x9000, 0x2007 },
		{ 0xa008, 0xb067 },
	};
	size_t i;

	(void)ctx;
	if (pa >= 16 * M)
		return -ENXIO;
	*value = 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].pa == pa)
			*value = words[i].value;
	return 0;
}

static const struct mmu_mem memory = { .read = tables };

static struct mms_tlb_trace *open_trace(const char *text, int expect, const char *message)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct mms_tlb_trace *t = NULL;
	struct mms_err err = { "" };

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(mms_tlb_trace_read(&t, f, &memory, MMU_MODE_X86_4LEVEL, &err), expect);
	fclose(f);
	ck_assert(!expect == !!t);
	if (message)
		ck_assert_msg(strstr(err.text, message), "'%s' is not in '%s'", message, err.text);
	return t;
}

/* The next access: its hit, whether it faults, and all physical addresses allowed, 1 for a fault. */
static void expect_access(struct mms_tlb_trace *t, int hit, bool fault, unsigned int n, const uint64_t *pa)
{
	static struct mms_tlb_step s;
	struct mms_err err;
	unsigned int i;
	int k;

	do {
		ck_assert_int_eq(mms_tlb_trace_next(t, &s, &err), 1);
	} while (!s.access);
	ck_assert_msg(s.hit == hit, "line %u: hit %d, not %d", s.line, s.hit, hit);
	ck_assert_int_eq(s.fault, fault);
	ck_assert_msg(s.nanswers == (int)n, "line %u: %d answers, not %u", s.line, s.nanswers, n);
	for (i = 0; i < n; i++) {
		for (k = 0; k < s.nanswers; k++)
			if (pa[i] == (s.answers[k].present ? s.answers[k].pa : 1))
				break;
		ck_assert_msg(k < s.nanswers, "line %u: %#llx is not among the answers", s.line,
			      (unsigned long long)pa[i]);
	}
}

#define EXPECT(t, hit, fault, ...) do { \
	const uint64_t pas[] = { __VA_ARGS__ }; \
	expect_access(t, hit, fault, sizeof(pas) / sizeof(pas[0]), pas); \
} while (0)

START_TEST(trace_stale_until_told)
{
	struct mms_tlb_trace *t = open_trace(
		"# one page\n"
		"tlb 1 4K 1 2\n"
		"cr3 1000\n"
		"access 1abc\n"
		"access 1abc\n"
		"write 4008 7067\n"
		"access 1abc\n"			/* nobody was told: either */
		"cpu1 cr3 1000\n"
		"cpu1 access 1abc\n"		/* has never seen the old one */
		"invlpg 1000\n"
		"access 1abc\n", 0, NULL);
	struct mms_tlb_sums s;

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 1, false, 0x5000);
	EXPECT(t, 1, false, 0x5000, 0x7000);
	EXPECT(t, 0, false, 0x7000);
	EXPECT(t, 0, false, 0x7000);
	mms_tlb_trace_sums(t, &s);
	ck_assert(s.simulated);
	ck_assert_uint_eq(s.accesses, 5);
	ck_assert_uint_eq(s.stale, 1);
	ck_assert_uint_eq(s.hits[1], 2);
	ck_assert_uint_eq(s.misses, 3);
	ck_assert_uint_eq(s.reach[1][0], 8 * K);
	ck_assert_uint_eq(s.reach[1][1], 0);
	mms_tlb_trace_free(t);
}
END_TEST

/* SDM 5.10.2.3: what is not present is not cached; 5.10.4.1: a #PF invalidates. */
START_TEST(trace_absent_is_not_cached)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K,2M 1 8\n"
		"cr3 1000\n"
		"access 8000\n"
		"write 4040 9067\n"
		"access 8000\n"
		"access 2fffff\n"
		"access 2ffff8\n", 0, NULL);
	struct mms_tlb_sums s;

	EXPECT(t, 0, true, 1);
	EXPECT(t, 0, false, 0x9000);
	EXPECT(t, 0, false, 0x200000);
	EXPECT(t, 1, false, 0x200000);
	mms_tlb_trace_sums(t, &s);
	ck_assert_uint_eq(s.faults, 1);
	mms_tlb_trace_free(t);
}
END_TEST

/* SDM 5.10.4.1: MOV to CR3 spares global entries, and other PCIDs; with bit 63 its own, too. */
START_TEST(trace_global_and_pcid)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K 1 8\n"
		"cr4 pge=1 pcide=1\n"
		"cr3 1000 pcid=1\n"
		"access 1000\n"
		"access 2000\n"
		"cr3 9000 pcid=2\n"
		"access 2000\n"			/* global */
		"access 1000\n"			/* the other PCID's */
		"cr3 1000 pcid=1 keep\n"
		"access 1000\n"			/* kept */
		"cr3 1000 pcid=1\n"
		"access 1000\n"
		"access 2000\n"
		"invpcid all\n"
		"access 2000\n", 0, NULL);

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 0, false, 0x6000);
	EXPECT(t, 1, false, 0x6000);
	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 1, false, 0x5000);
	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 1, false, 0x6000);
	EXPECT(t, 0, false, 0x6000);
	mms_tlb_trace_free(t);
}
END_TEST

/* An unlinked table: the paging-structure caches may still lead to it (SDM 5.10.3). */
START_TEST(trace_unlinked_table)
{
	struct mms_tlb_trace *t = open_trace(
		"cr3 1000\n"
		"write 3000 8007\n"		/* another page table, which is empty */
		"write 4008 7067\n"		/* into the old one */
		"access 1000\n"
		"shootdown 1000\n"
		"access 1000\n", 0, NULL);
	struct mms_tlb_sums s;

	/* no TLB is simulated: neither hit nor miss */
	EXPECT(t, -1, false, 1, 0x5000, 0x7000);
	EXPECT(t, -1, false, 1);
	mms_tlb_trace_sums(t, &s);
	ck_assert(!s.simulated);
	mms_tlb_trace_free(t);
}
END_TEST

/* A table that the trace links in has its own contents; the newest word counts. */
START_TEST(trace_linked_table)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K 1 8\n"
		"cr3 1000\n"
		"access 1000\n"
		"write 3000 a007\n"
		"shootdown 1000\n"
		"access 1000\n"
		"write a008 c067\n"
		"write a008 d067\n"
		"invlpg 1000\n"
		"access 1000\n"
		"cr3 9000\n"
		"access 1000\n", 0, NULL);

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 0, false, 0xb000);
	EXPECT(t, 0, false, 0xd000);
	EXPECT(t, 0, false, 0xd000);
	mms_tlb_trace_free(t);
}
END_TEST

START_TEST(trace_shootdown_reaches_all)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K 1 8\n"
		"cr3 1000\n"
		"cpu1 cr3 1000\n"
		"access 1000\n"
		"cpu1 access 1000\n"
		"write 4008 7067\n"
		"invlpg 1000\n"
		"cpu1 access 1000\n"		/* the other one's */
		"shootdown 1000\n"
		"cpu1 access 1000\n", 0, NULL);

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 1, false, 0x5000, 0x7000);
	EXPECT(t, 0, false, 0x7000);
	mms_tlb_trace_free(t);
}
END_TEST

/* SDM 5.10.4.1: a write of CR4 that changes nothing keeps all; 5.10.1: without PCIDE bit 63 of CR3 means nothing. */
START_TEST(trace_cr4)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K 1 8\n"
		"cr4 pge=1\n"
		"cr3 1000 pcid=1 keep\n"
		"access 1000\n"
		"cr4 pge=1\n"
		"access 1000\n"
		"cr3 1000 pcid=1 keep\n"
		"access 1000\n"
		"cr4 pge=0\n"
		"access 1000\n", 0, NULL);

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 1, false, 0x5000);
	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 0, false, 0x5000);
	mms_tlb_trace_free(t);
}
END_TEST

/* Thrown out by another page, unmapped: the fault takes the stale translation away (SDM 5.10.4.1). */
START_TEST(trace_fault_invalidates)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K 1 1\n"
		"cr3 1000\n"
		"access 1000\n"
		"write 4008 0\n"
		"access 2000\n"
		"access 1000\n"
		"access 1000\n", 0, NULL);

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 0, false, 0x6000);
	EXPECT(t, 0, true, 1, 0x5000);
	EXPECT(t, 0, true, 1);
	mms_tlb_trace_free(t);
}
END_TEST

START_TEST(trace_second_level)
{
	struct mms_tlb_trace *t = open_trace(
		"tlb 1 4K 1 1\n"
		"tlb 2 4K 2 2\n"
		"cr3 1000\n"
		"access 1000\n"
		"access 2000\n"
		"access 1000\n"
		"access 1000\n", 0, NULL);

	EXPECT(t, 0, false, 0x5000);
	EXPECT(t, 0, false, 0x6000);
	EXPECT(t, 2, false, 0x5000);
	EXPECT(t, 1, false, 0x5000);
	mms_tlb_trace_free(t);
}
END_TEST

static const struct {
	const char *text, *message;
} bad[] = {
	{ "cr3 1000\naccess\n", "line 2: address is missing" },
	{ "hop 1\n", "line 1: 'hop' is not known" },
	{ "cpu3\n", "'cpu3' is not known" },
	{ "cpu3 \n", "'cpu3' is not known" },
	{ "cpu8 access 1\n", "'cpu8' is not known" },
	{ "access 800000000000\n", "not canonical" },
	{ "access 12 13\n", "'13' is too much" },
	{ "access 1g\n", "'1g' is no address" },
	{ "cr3 1000 pcid=4096\n", "'4096' is no PCID" },
	{ "cr3 1000 hold\n", "'hold' is not known after cr3" },
	{ "cr3 8000000000000\n", "is no root" },
	{ "cr4\n", "cr4 wants" },
	{ "cr4 pge=2\n", "cr4 wants" },
	{ "invpcid some\n", "invpcid wants" },
	{ "invpcid address 1000\n", "PCID is missing" },
	{ "write 1004 1\n", "no multiple of 8" },
	{ "cr3 1000\ntlb 1 4K 1 1\n", "come before everything else" },
	{ "tlb 1 8K 1 1\n", "page sizes" },
	{ "tlb 1 4K 3 1\n", "cannot be" },
	{ "tlb 0 4K 1 1\n", "cannot be" },
	{ "tlb 1 4K 1\n", "number of ways is missing" },
};

START_TEST(trace_bad_lines)
{
	open_trace(bad[_i].text, -EINVAL, bad[_i].message);
}
END_TEST

START_TEST(trace_access_without_tables)
{
	struct mms_tlb_trace *t = open_trace("cr3 1000\ncpu2 access 1000\n", 0, NULL);
	static struct mms_tlb_step s;
	struct mms_err err;

	ck_assert_int_eq(mms_tlb_trace_next(t, &s, &err), 1);
	ck_assert_int_eq(mms_tlb_trace_next(t, &s, &err), -EINVAL);
	ck_assert(strstr(err.text, "cpu2, which has no page tables yet"));
	mms_tlb_trace_free(t);
}
END_TEST

/* Tables that lead to themselves, and out of memory. */
START_TEST(trace_odd_tables)
{
	struct mms_tlb_trace *t = open_trace(
		"write 1000 1007\n"
		"cr3 1000\n"
		"access 0\n"
		"cr3 7fffffff000\n"
		"access 0\n", 0, NULL);

	/* the root's entry as its own PDPTE, PDE and PTE */
	EXPECT(t, -1, false, 0x1000);
	EXPECT(t, -1, false, 1);
	mms_tlb_trace_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tlb");
	TCase *c = tcase_create("tlb");

	tcase_add_test(c, pages_by_size);
	tcase_add_test(c, anonymous_ranges);
	tcase_add_test(c, one_long_extent);
	tcase_add_test(c, what_cannot_be_huge);
	tcase_add_test(c, zero_page_and_swap);
	tcase_add_test(c, arm64_contiguous);
	tcase_add_test(c, without_the_module);
	tcase_add_test(c, sizes_that_are_not_known);
	tcase_add_test(c, cpuid_amd);
	tcase_add_test(c, cpuid_amd_unified);
	tcase_add_test(c, cpuid_intel_18h);
	tcase_add_test(c, cpuid_intel_2);
	tcase_add_test(c, cpuid_that_does_not_say);
	tcase_add_test(c, trace_stale_until_told);
	tcase_add_test(c, trace_absent_is_not_cached);
	tcase_add_test(c, trace_global_and_pcid);
	tcase_add_test(c, trace_unlinked_table);
	tcase_add_test(c, trace_linked_table);
	tcase_add_test(c, trace_shootdown_reaches_all);
	tcase_add_test(c, trace_cr4);
	tcase_add_test(c, trace_fault_invalidates);
	tcase_add_test(c, trace_second_level);
	tcase_add_loop_test(c, trace_bad_lines, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(c, trace_access_without_tables);
	tcase_add_test(c, trace_odd_tables);
	suite_add_tcase(s, c);
	return run_suite(s);
}
