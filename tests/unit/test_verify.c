// SPDX-License-Identifier: GPL-2.0
/*
 * Verification with no VM: a small address space whose truth is known, and one
 * lie at a time about it.
 *
 *	VA base = PGD 1, PUD 2, PMD 3..5; tables at PA 0x1000 .. 0x4000
 *	base + 0x0000	8 pages at PA 0x100000, rw user NX, dirty
 *	base + 0x8000	hole
 *	base + 0x9000	swapped out: area 2, slot 0x77
 *	base + 0xa000	PROT_NONE, PA 0x10a000
 *	base + 0xb000	the zero page, read-only
 *	base + 0xc000	read-only, executable, PA 0x200000, PAT index 3
 *	base + 2M	huge page at PA 0x40000000
 *	base + 4M	an empty PTE table, in no VMA
 */
#include <check.h>

#include "fake_source.h"
#include "fixture.h"
#include "model/verify.h"

#define PID	42
#define PGD_PA	0x1000ULL
#define PUD_PA	0x2000ULL
#define PMD_PA	0x3000ULL
#define PTE_PA	0x4000ULL
#define EMPTY_PA 0x5000ULL
#define BASE	((1ULL << 39) | (2ULL << 30) | (3ULL << 21))
#define HUGE	(BASE + 0x200000)
#define PMD_VA	((1ULL << 39) | (2ULL << 30))

#define P	1ULL
#define RW	2ULL
#define US	4ULL
#define PWT	8ULL
#define PCD	16ULL
#define A	32ULL
#define D	64ULL
#define PS	128ULL
#define NX	(1ULL << 63)
#define TABLE	(P | RW | US | A | D)

#define NPTE	13

/* struct world - the truth, and what is told of it */
struct world {
	struct fake_source source;
	struct mms_witness pagemap;
	uint64_t pte[512];
	uint64_t pmd[512];
	struct mms_pt_extent ext[8];
	size_t next;
	uint64_t rss;
	uint64_t swap;
	uint64_t vma_end;
	bool drop_pte_table;
	bool gone;
	/* Called before each PGTABLE stream with its number, 1 being the first. */
	void (*lie)(struct world *w, unsigned int nth);
	/* Called for each pagemap word. */
	uint64_t (*pm_lie)(struct world *w, uint64_t va, uint64_t word);
	unsigned int pm_opened;
};

static struct world *current;

static struct mms_pt_extent extent(uint64_t va, uint64_t len, uint64_t pa,
				   uint64_t raw, uint32_t flags, unsigned int level)
{
	return (struct mms_pt_extent){
		.head = { .type = MMS_REC_PT_EXTENT },
		.va = va, .len = len, .pa = pa, .raw = raw, .flags = flags,
		.state = MMS_PT_PRESENT, .level = (uint8_t)level,
		.page_shift = (uint8_t)(12 + 9 * (level - 1)),
	};
}

static void build(struct world *w)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	for (i = 0; i < 8; i++)
		w->pte[i] = (0x100000 + i * 0x1000) | P | RW | US | A | D | NX;
	w->pte[9] = 0x77ULL << 14 | 2ULL << 1;	/* any bits without P */
	w->pte[10] = 0x10a000 | 0x100;
	w->pte[11] = 0x6000 | P | US | A | NX;
	w->pte[12] = 0x200000 | P | US | A | PWT | PCD;
	w->pmd[3] = PTE_PA | TABLE;
	w->pmd[4] = 0x40000000 | P | RW | US | A | D | PS | NX;
	w->pmd[5] = EMPTY_PA | TABLE;
	w->ext[0] = extent(BASE, 0x8000, 0x100000, w->pte[0],
			   MMS_PT_F_WRITE | MMS_PT_F_USER | MMS_PT_F_DIRTY, 1);
	w->ext[1] = extent(BASE + 0x9000, 0x1000, 0x77, w->pte[9], 0, 1);
	w->ext[1].state = MMS_PT_SWAP;
	w->ext[1].swap_type = 2;
	w->ext[2] = extent(BASE + 0xa000, 0x1000, 0x10a000, w->pte[10],
			   MMS_PT_F_PROTNONE, 1);
	w->ext[3] = extent(BASE + 0xb000, 0x1000, 0x6000, w->pte[11],
			   MMS_PT_F_USER | MMS_PT_F_ZERO, 1);
	w->ext[4] = extent(BASE + 0xc000, 0x1000, 0x200000, w->pte[12],
			   MMS_PT_F_USER | MMS_PT_F_EXEC, 1);
	w->ext[4].cache = 3;
	w->ext[5] = extent(HUGE, 0x200000, 0x40000000, w->pmd[4],
			   MMS_PT_F_WRITE | MMS_PT_F_USER | MMS_PT_F_DIRTY, 2);
	w->next = 6;
	w->rss = (8 + 1 + 1) * 0x1000;
	w->swap = 0x1000;
	w->vma_end = BASE + 0x10000;
}

static void put_table(struct mms_encoder *e, uint64_t pa, uint64_t va,
		      unsigned int level, unsigned int first, unsigned int last,
		      const uint64_t *entries)
{
	struct mms_pt_table t = {
		.head = { .type = MMS_REC_PT_TABLE },
		.table_pa = pa, .va = va, .level = level, .first = first,
		.last = last, .index = first, .count = last - first + 1,
	};

	mms_encode_record(e, &t.head, entries + first, t.count * 8);
}

static void put_pgtable(struct world *w, struct mms_encoder *e)
{
	struct mms_pt_context c = {
		.head = { .type = MMS_REC_PT_CONTEXT },
		.root_pa = PGD_PA, .kernel_root_pa = PGD_PA,
		.cr0 = 0x80050033, .cr4 = 0x3006f0, .efer = 0xd01,
		.pat = 0x407050600070106, .levels = 4, .maxphyaddr = 40,
		.pkru = UINT32_MAX,
	};
	uint64_t pgd[512] = { [1] = PUD_PA | TABLE }, pud[512] = { [2] = PMD_PA | TABLE };
	uint64_t empty[512] = { 0 };
	size_t i;

	mms_encode_record(e, &c.head, NULL, 0);
	put_table(e, PGD_PA, 0, 4, 1, 1, pgd);
	put_table(e, PUD_PA, 1ULL << 39, 3, 2, 2, pud);
	put_table(e, PMD_PA, PMD_VA, 2, 3, 5, w->pmd);
	if (!w->drop_pte_table)
		put_table(e, PTE_PA, BASE, 1, 0, 15, w->pte);
	put_table(e, EMPTY_PA, BASE + 0x400000, 1, 0, 511, empty);
	for (i = 0; i < w->next; i++)
		if (w->ext[i].len)
			mms_encode_record(e, &w->ext[i].head, NULL, 0);
}

static void put_usage(struct world *w, struct mms_encoder *e)
{
	struct mms_usage u = {
		.head = { .type = MMS_REC_USAGE },
		.start = BASE, .end = BASE + 0x10000,
		.known = MMS_USAGE_K(rss) | MMS_USAGE_K(swap),
		.rss = w->rss, .swap = w->swap,
	};

	mms_encode_record(e, &u.head, NULL, 0);
	u.start = HUGE;
	u.end = HUGE + 0x200000;
	u.rss = 0x200000;
	u.swap = 0;
	mms_encode_record(e, &u.head, NULL, 0);
}

static int world_write(struct fake_source *f, enum mms_kind kind,
		       const struct mms_request *req, struct mms_encoder *e)
{
	struct world *w = f->ctx;

	(void)req;
	if (w->gone)
		return -ESRCH;
	switch (kind) {
	case MMS_KIND_TASK:
		fake_task(e, PID, "ev\033[31mil", 0);
		return 0;
	case MMS_KIND_VMA:
		fake_vma(e, BASE, w->vma_end,
			 MMS_VMA_READ | MMS_VMA_WRITE, NULL);
		fake_vma(e, HUGE, HUGE + 0x200000,
			 MMS_VMA_READ | MMS_VMA_WRITE, NULL);
		return 0;
	case MMS_KIND_PGTABLE:
		if (w->lie)
			w->lie(w, f->asked[kind]);
		put_pgtable(w, e);
		return 0;
	default:
		put_usage(w, e);
		return 0;
	}
}

/* The truth, computed apart from the model's own idea of it. */
static uint64_t true_word(uint64_t va)
{
	static const uint64_t small[16] = {
		0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107, 0, 0,
		0x10a, 0x6, 0x200,
	};

	if (va >= HUGE && va < HUGE + 0x200000)
		return 1ULL << 63 | (0x40000 + ((va - HUGE) >> 12));
	if (va < BASE || va >= BASE + 0x10000)
		return 0;
	if (va == BASE + 0x9000)
		return 1ULL << 62 | 0x77 << 5 | 2;
	va = (va - BASE) >> 12;
	return small[va] ? 1ULL << 63 | small[va] : 0;
}

static int64_t pm_read(struct mms_witness *pm, uint64_t va, size_t n, uint64_t *out)
{
	size_t i;

	(void)pm;
	for (i = 0; i < n; i++, va += 0x1000) {
		out[i] = true_word(va);
		if (current->pm_lie)
			out[i] = current->pm_lie(current, va, out[i]);
	}
	return (int64_t)n;
}

static int pm_open(struct mms_witness **out, uint32_t pid, struct mms_err *err)
{
	(void)pid;
	(void)err;
	current->pm_opened++;
	current->pagemap.read = pm_read;
	*out = &current->pagemap;
	return 0;
}

static struct mms_verify_result result;
static struct mms_err error;

static int check_world(struct world *w, bool frozen)
{
	struct mms_verify_opts o = {
		.pause_us = 1, .frozen = frozen, .pagemap = pm_open,
	};

	w->source.base.ops = &fake_ops;
	w->source.write = world_write;
	w->source.writer = MMS_WRITER_MODULE;
	w->source.ctx = w;
	current = w;
	error.text[0] = '\0';
	mms_verify_free(&result);
	return mms_verify_process(&w->source.base, PID, &o, &result, &error);
}

static void expect_lie(struct world *w, enum mms_diff_kind kind, uint64_t va)
{
	size_t i;

	ck_assert_int_eq(check_world(w, false), 0);
	ck_assert_uint_gt(result.mismatches, 0);
	for (i = 0; i < result.mismatches; i++)
		if (result.diffs[i].kind == kind && result.diffs[i].va == va)
			return;
	ck_abort_msg("no difference of kind %d at %#llx; first is kind %d at %#llx",
		     kind, (unsigned long long)va, result.diffs[0].kind,
		     (unsigned long long)result.diffs[0].va);
}

START_TEST(truth_agrees)
{
	struct world w;

	build(&w);
	ck_assert_int_eq(check_world(&w, false), 0);
	ck_assert_int_eq(result.outcome, MMS_VERIFY_DONE);
	ck_assert_uint_eq(result.mismatches, 0);
	ck_assert_uint_eq(result.moved, 0);
	ck_assert_uint_eq(result.translations, 11);
	ck_assert_uint_eq(result.agree, 11);
	ck_assert_uint_eq(result.absent, 2);
	ck_assert_uint_eq(result.pages, 12 + 512);
	ck_assert_uint_eq(result.holes, 4);
	ck_assert_uint_eq(result.smaps, 2);
	ck_assert_uint_eq(result.tables, 5);
	ck_assert_uint_eq(w.source.asked[MMS_KIND_PGTABLE], 1);
	ck_assert_str_eq(result.comm, "ev\\x1b[31mil");
}
END_TEST

START_TEST(truth_agrees_in_a_capture)
{
	struct world w;

	build(&w);
	ck_assert_int_eq(check_world(&w, true), 0);
	ck_assert_uint_eq(result.mismatches, 0);
	ck_assert_uint_eq(result.translations, 11);
	ck_assert_uint_eq(result.pages, 0);
	ck_assert_uint_eq(w.pm_opened, 0);
}
END_TEST

START_TEST(wrong_pfn_is_found)
{
	struct world w;

	build(&w);
	w.ext[4].pa = 0x201000;
	expect_lie(&w, MMS_DIFF_PA, BASE + 0xc000);
	ck_assert_uint_eq(result.diffs[0].ours, 0x201000);
	ck_assert_uint_eq(result.diffs[0].theirs, 0x200000);
	ck_assert_uint_eq(result.diffs[0].level, 1);
	ck_assert_uint_eq(result.diffs[0].index, 12);
	ck_assert_uint_eq(result.diffs[0].raw, w.pte[12]);
	ck_assert_uint_eq(result.agree, 10);
	/* First reading and five more. */
	ck_assert_uint_eq(w.source.asked[MMS_KIND_PGTABLE], 6);
	expect_lie(&w, MMS_DIFF_PAGEMAP, BASE + 0xc000);
}
END_TEST

START_TEST(wrong_page_inside_a_run_is_found)
{
	struct world w;

	build(&w);
	w.pte[5] = 0x300000 | P | RW | US | A | D | NX;
	expect_lie(&w, MMS_DIFF_PA, BASE + 0x5000);
	ck_assert_uint_eq(result.mismatches, 1);	/* pagemap sides with the module */
}
END_TEST

START_TEST(wrong_rights_are_found)
{
	struct world w;

	build(&w);
	w.ext[0].flags |= MMS_PT_F_EXEC;
	expect_lie(&w, MMS_DIFF_RIGHTS, BASE + 0x7000);
	ck_assert_uint_eq(result.mismatches, 8);
	build(&w);
	w.pmd[3] &= ~RW;	/* an upper level takes the right away */
	expect_lie(&w, MMS_DIFF_RIGHTS, BASE);
	build(&w);
	w.ext[5].flags &= ~(uint32_t)MMS_PT_F_USER;
	expect_lie(&w, MMS_DIFF_RIGHTS, HUGE);
}
END_TEST

START_TEST(wrong_attributes_are_found)
{
	struct world w;

	build(&w);
	w.ext[4].cache = 0;
	expect_lie(&w, MMS_DIFF_CACHE, BASE + 0xc000);
	build(&w);
	w.ext[4].pkey = 5;
	expect_lie(&w, MMS_DIFF_PKEY, BASE + 0xc000);
	build(&w);
	w.ext[4].raw ^= D;
	expect_lie(&w, MMS_DIFF_RAW, BASE + 0xc000);
}
END_TEST

START_TEST(wrong_level_is_found)
{
	struct world w;

	build(&w);
	w.ext[5].level = 3;
	expect_lie(&w, MMS_DIFF_LEVEL, HUGE);
	build(&w);
	w.ext[5] = extent(HUGE, 0x200000, 0x40000000, w.pmd[4], w.ext[5].flags, 1);
	expect_lie(&w, MMS_DIFF_LEVEL, HUGE + 0x1ff000);
	ck_assert_uint_ge(result.mismatches, 512);
}
END_TEST

START_TEST(missing_extent_is_found)
{
	struct world w;

	build(&w);
	w.ext[4].len = 0;
	expect_lie(&w, MMS_DIFF_LOST, BASE + 0xc000);
	expect_lie(&w, MMS_DIFF_PAGEMAP, BASE + 0xc000);
	expect_lie(&w, MMS_DIFF_RSS, BASE);
	build(&w);
	w.ext[5].len = 0;
	expect_lie(&w, MMS_DIFF_LOST, HUGE);
	build(&w);
	w.ext[1].len = 0;	/* the swap entry */
	expect_lie(&w, MMS_DIFF_LOST, BASE + 0x9000);
	expect_lie(&w, MMS_DIFF_SWAP, BASE);
	build(&w);
	w.ext[0].len = 0x7000;
	expect_lie(&w, MMS_DIFF_LOST, BASE + 0x7000);
}
END_TEST

START_TEST(invented_extent_is_found)
{
	struct world w;

	build(&w);
	w.ext[6] = extent(BASE + 0xd000, 0x1000, 0x900000, 0x900000 | P | US, MMS_PT_F_USER, 1);
	w.next = 7;
	expect_lie(&w, MMS_DIFF_PRESENT, BASE + 0xd000);
	/* Outside every VMA, on an empty table. */
	build(&w);
	w.ext[6] = extent(BASE + 0x400000, 0x1000, 0x900000, 0x900000 | P | US, MMS_PT_F_USER, 1);
	w.next = 7;
	expect_lie(&w, MMS_DIFF_PRESENT, BASE + 0x400000);
	expect_lie(&w, MMS_DIFF_PAGEMAP, BASE + 0x400000);
}
END_TEST

START_TEST(absent_entries_must_be_absent)
{
	struct world w;

	build(&w);
	w.ext[2].flags = MMS_PT_F_USER;	/* PROT_NONE sold as present */
	expect_lie(&w, MMS_DIFF_PRESENT, BASE + 0xa000);
	build(&w);
	w.pte[9] |= P;			/* the processor would use it */
	expect_lie(&w, MMS_DIFF_PRESENT, BASE + 0x9000);
	build(&w);
	w.ext[1].pa = 0x78;
	expect_lie(&w, MMS_DIFF_PAGEMAP, BASE + 0x9000);
	build(&w);
	w.ext[1].swap_type = 3;
	expect_lie(&w, MMS_DIFF_PAGEMAP, BASE + 0x9000);
}
END_TEST

START_TEST(missing_table_is_found)
{
	struct world w;

	build(&w);
	w.drop_pte_table = true;
	/* Named is what can be looked at: the entry that points to it. */
	expect_lie(&w, MMS_DIFF_TABLE, BASE);
	ck_assert_uint_eq(result.diffs[0].level, 2);
	ck_assert_uint_eq(result.diffs[0].index, 3);
	ck_assert_uint_eq(result.diffs[0].raw, w.pmd[3]);
	/* The extents gone with it: the pointer tells. */
	build(&w);
	w.drop_pte_table = true;
	w.ext[0].len = w.ext[1].len = w.ext[2].len = w.ext[3].len = w.ext[4].len = 0;
	expect_lie(&w, MMS_DIFF_TABLE, BASE);
	ck_assert_uint_eq(result.diffs[0].level, 2);
}
END_TEST

static uint64_t pfn_off_by_one(struct world *w, uint64_t va, uint64_t word)
{
	(void)w;
	return va == HUGE + 0x3000 ? word + 1 : word;
}

static uint64_t soft_dirty_set(struct world *w, uint64_t va, uint64_t word)
{
	(void)w;
	return va == BASE ? word | MMS_PM_SOFT_DIRTY : word;
}

START_TEST(pagemap_that_differs_is_found)
{
	struct world w;

	build(&w);
	w.pm_lie = pfn_off_by_one;
	expect_lie(&w, MMS_DIFF_PAGEMAP, HUGE + 0x3000);
	ck_assert_uint_eq(result.mismatches, 1);
	ck_assert_uint_eq(result.agree, 10);
}
END_TEST

START_TEST(soft_dirty_is_compared)
{
	struct world w;

	build(&w);
	w.pm_lie = soft_dirty_set;
	expect_lie(&w, MMS_DIFF_PAGEMAP, BASE);
}
END_TEST

/* pagemap passes over VM_PFNMAP: what the tables hold is not in it. */
START_TEST(pfnmap_is_nothing_to_pagemap)
{
	struct mms_pt_extent e = extent(0, 0x1000, 0x5000, 0, MMS_PT_F_SPECIAL, 1);
	struct mms_pm_expect x = mms_witness_expect(&e, 0, MMS_VMA_PFNMAP);

	ck_assert_uint_eq(x.value, 0);
	ck_assert_uint_eq(x.mask, MMS_PM_PRESENT | MMS_PM_SWAP | MMS_PM_PFN);
	x = mms_witness_expect(&e, 0, MMS_VMA_READ);
	ck_assert_uint_eq(x.value, MMS_PM_PRESENT | 5);
}
END_TEST

START_TEST(smaps_that_differs_is_found)
{
	struct world w;

	build(&w);
	w.rss += 0x1000;
	expect_lie(&w, MMS_DIFF_RSS, BASE);
	build(&w);
	w.swap = 0;
	expect_lie(&w, MMS_DIFF_SWAP, BASE);
	build(&w);
	w.vma_end += 0x1000;
	expect_lie(&w, MMS_DIFF_VMA, BASE);
}
END_TEST

static void lie_once(struct world *w, unsigned int nth)
{
	w->ext[4].pa = nth == 1 ? 0x201000 : 0x200000;
}

static void lie_always_otherwise(struct world *w, unsigned int nth)
{
	w->ext[4].pa = 0x200000 + nth * 0x1000;
}

static void lie_most_of_the_time(struct world *w, unsigned int nth)
{
	w->ext[4].pa = nth == 6 ? 0x200000 : 0x201000;
}

START_TEST(what_does_not_last_has_moved)
{
	struct world w;

	build(&w);
	w.lie = lie_once;
	ck_assert_int_eq(check_world(&w, false), 0);
	ck_assert_uint_eq(result.mismatches, 0);
	ck_assert_uint_eq(result.moved, 2);	/* MMU and pagemap */
	ck_assert_uint_eq(result.agree, 10);
	ck_assert_uint_eq(w.source.asked[MMS_KIND_PGTABLE], 2);
	ck_assert_uint_eq(w.pm_opened, 2);	/* anew: exec() changes the mm */
	build(&w);
	w.lie = lie_always_otherwise;
	ck_assert_int_eq(check_world(&w, false), 0);
	ck_assert_uint_eq(result.mismatches, 0);
	ck_assert_uint_eq(result.moved, 2);
	build(&w);
	w.lie = lie_most_of_the_time;
	ck_assert_int_eq(check_world(&w, false), 0);
	ck_assert_uint_eq(result.mismatches, 0);
}
END_TEST

static void exit_on_reread(struct world *w, unsigned int nth)
{
	w->ext[4].pa = 0x201000;
	w->gone = nth > 0;	/* from the next question on */
}

START_TEST(exit_midway_is_gone)
{
	struct world w;

	build(&w);
	w.lie = exit_on_reread;
	ck_assert_int_eq(check_world(&w, false), 0);
	ck_assert_int_eq(result.outcome, MMS_VERIFY_GONE);
	build(&w);
	w.source.end = MMS_END_EXITED;
	ck_assert_int_eq(check_world(&w, false), 0);
	ck_assert_int_eq(result.outcome, MMS_VERIFY_GONE);
}
END_TEST

START_TEST(impossible_records_are_refused)
{
	struct world w;

	build(&w);
	w.ext[0].page_shift = 200;
	ck_assert_int_eq(check_world(&w, true), -EBADMSG);
	build(&w);
	w.ext[0].len = 0x123;
	ck_assert_int_eq(check_world(&w, true), -EBADMSG);
	build(&w);
	w.ext[0].len = UINT64_MAX & ~0xfffULL;
	ck_assert_int_eq(check_world(&w, true), -EBADMSG);
	/* As long as the address space: an answer in reasonable time. */
	build(&w);
	w.ext[0].len = 1ULL << 46;
	ck_assert_int_eq(check_world(&w, true), 0);
	ck_assert_uint_gt(result.mismatches, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("verify");
	TCase *c = tcase_create("verify");

	tcase_add_test(c, truth_agrees);
	tcase_add_test(c, truth_agrees_in_a_capture);
	tcase_add_test(c, wrong_pfn_is_found);
	tcase_add_test(c, wrong_page_inside_a_run_is_found);
	tcase_add_test(c, wrong_rights_are_found);
	tcase_add_test(c, wrong_attributes_are_found);
	tcase_add_test(c, wrong_level_is_found);
	tcase_add_test(c, missing_extent_is_found);
	tcase_add_test(c, invented_extent_is_found);
	tcase_add_test(c, absent_entries_must_be_absent);
	tcase_add_test(c, missing_table_is_found);
	tcase_add_test(c, pagemap_that_differs_is_found);
	tcase_add_test(c, soft_dirty_is_compared);
	tcase_add_test(c, pfnmap_is_nothing_to_pagemap);
	tcase_add_test(c, smaps_that_differs_is_found);
	tcase_add_test(c, what_does_not_last_has_moved);
	tcase_add_test(c, exit_midway_is_gone);
	tcase_add_test(c, impossible_records_are_refused);
	suite_add_tcase(s, c);
	return run_suite(s);
}
