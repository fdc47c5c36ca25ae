// SPDX-License-Identifier: GPL-2.0
/*
 * Software MMU, arm64: what must hold for any tables and registers at all. The
 * seed is fixed; MMSCOPE_SEED sets another.
 */
#include "test_mmu_arm64.h"

#define ROUNDS	60000

/* One descriptor per level, wherever the walk looks for it. */
struct world {
	struct mmu_regs regs;
	uint64_t va;
	uint64_t entry[6];		/* by level, 1 to 5 */
	int next;			/* the level that is read next */
	unsigned int reads;
};

static uint64_t seed;

static uint64_t rnd(void)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static bool one_in(unsigned int n)
{
	return rnd() % n == 0;
}

static uint64_t low_bits(unsigned int n)
{
	return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

/* Any address will do: the entries come in the order of the walk. */
static int world_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct world *w = ctx;

	(void)pa;
	w->reads++;
	if (w->next < 1)
		ck_abort_msg("a read too many");
	*value = w->entry[w->next--];
	return 0;
}

static void random_registers(struct world *w)
{
	static const unsigned char tg0[] = { 0, 1, 2 }, tg1[] = { 1, 2, 3 };
	static const unsigned int widths[] = { 40, 44, 48, 52 };
	struct mmu_arm64_regs *a = &w->regs.arm64;
	uint64_t tcr = rnd() & ~(TCR_MTX0 | TCR_MTX1 | TCR_EPD0 | TCR_EPD1 |
				 UINT64_C(0xc03fc03f) | TCR_IPS(7));

	w->regs = arm64_new();
	tcr |= (12 + rnd() % 35) | (12 + rnd() % 35) << 16;
	tcr |= (uint64_t)tg0[rnd() % 3] << 14 | (uint64_t)tg1[rnd() % 3] << 30;
	a->tcr = tcr | TCR_IPS(2 + rnd() % 5);
	a->pa_bits = widths[rnd() % 4];
	a->hafdbs = rnd() % 3;
	a->hpds = one_in(2);
	a->pan = one_in(2);
	a->e0pd = one_in(4);
	a->sctlr = SCTLR_M | (rnd() & (SCTLR_WXN | SCTLR_EPAN));
	a->mair = rnd();
	a->ttbr0 = rnd() & (low_bits(40) | ~low_bits(48)) & ~UINT64_C(0xffff);
	a->ttbr1 = rnd() & (low_bits(40) | ~low_bits(48)) & ~UINT64_C(0xffff);
}

static struct mmu_geometry random_world(struct world *w)
{
	struct mmu_geometry geo;
	int leaf, level;

	do {
		random_registers(w);
		w->va = one_in(2) ? 0 : ~UINT64_C(0);
	} while (mmu_geometry(&w->regs, w->va, &geo) != MMU_OK);
	w->va ^= rnd() & low_bits(geo.va_bits);
	leaf = 1 + (int)(rnd() % (unsigned int)geo.levels);
	if (leaf > 2 && !one_in(4))
		leaf = 1;
	for (level = 1; level <= 5; level++) {
		w->entry[level] = rnd() & ~UINT64_C(0xc000ffff0300);
		w->entry[level] &= ~(B(48) | B(49));
		w->entry[level] |= level == 1 || level != leaf ? 3 : 1;
		w->entry[level] &= ~(level == 1 || level != leaf ? 0 :
				     UINT64_C(2));
		if (!one_in(4))
			w->entry[level] &= low_bits(58);
		w->entry[level] &= ~low_bits(40) | low_bits(12) |
				   ~low_bits(geo.page_shift);
		if (!one_in(6))
			w->entry[level] |= D_AF;
	}
	if (one_in(10))
		w->entry[1 + rnd() % 5] ^= B(rnd() % 64);
	return geo;
}

static void access_to(struct world *w, struct mmu_access access, uint64_t va,
		      struct mmu_result *res)
{
	struct mmu_mem mem = { .read = world_read, .ctx = w };
	struct mmu_geometry geo;

	mmu_geometry(&w->regs, va, &geo);
	w->next = geo.levels;
	w->reads = 0;
	mmu_translate(&w->regs, &mem, va, &access, res);
}

static struct mmu_access random_access(void)
{
	struct mmu_access access = {
		.kind = (enum mmu_access_kind)(rnd() % 3),
		.user = one_in(2),
		/* these two mean nothing here */
		.implicit = one_in(2),
		.stack = one_in(2),
	};

	return access;
}

static bool same_answer(const struct mmu_result *a, const struct mmu_result *b)
{
	return a->status == b->status && a->walk == b->walk &&
	       a->pa == b->pa && a->writable == b->writable &&
	       a->executable == b->executable && a->user == b->user &&
	       a->arm64.user_executable == b->arm64.user_executable &&
	       a->global == b->global && a->arm64.attr == b->arm64.attr &&
	       a->arm64.sh == b->arm64.sh && a->error_code == b->error_code &&
	       a->denied == b->denied;
}

/* A step for each read, from the root on; no read beyond what can exist. */
START_TEST(reads_each_entry_once)
{
	struct mmu_geometry geo;
	struct mmu_result res;
	unsigned int k, pages = 0;
	struct world w;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		geo = random_world(&w);
		access_to(&w, random_access(), w.va, &res);
		pages += res.walk == MMU_OK;
		if (w.reads != res.nsteps || res.nsteps > (unsigned int)geo.levels)
			ck_abort_msg("round %d: %u reads", i, w.reads);
		for (k = 0; k < res.nsteps; k++) {
			const struct mmu_step *step = &res.steps[k];

			if (step->level != geo.levels - (int)k ||
			    step->index != mmu_geometry_index(&geo, w.va,
							      step->level) ||
			    (step->entry_pa & 7) ||
			    step->entry_pa >> w.regs.arm64.pa_bits)
				ck_abort_msg("round %d step %u", i, k);
		}
		if (res.pa >> w.regs.arm64.pa_bits)
			ck_abort_msg("round %d: pa too wide", i);
	}
	/* The worlds are worth something: many of them translate. */
	ck_assert_uint_gt(pages, ROUNDS / 5);
}
END_TEST

/* EL0 alone: a right less never gives EL0 an access more. */
START_TEST(rights_never_grow)
{
	static const uint64_t less[] = {
		D_APTABLE0, D_APTABLE1, D_UXNTABLE, D_AP2, D_UXN,
	};
	struct mmu_result before, after;
	struct mmu_access access;
	struct world w;
	unsigned int n;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access.user = true;
		w.regs.arm64.sctlr &= ~SCTLR_WXN;
		access_to(&w, access, w.va, &before);
		if (!before.nsteps)
			continue;
		n = rnd() % 5;
		if (n < 3 && before.nsteps > 1)
			w.entry[before.steps[0].level] |= less[n];
		else if (n >= 3)
			w.entry[before.steps[before.nsteps - 1].level] |=
				less[n];
		access_to(&w, access, w.va, &after);
		if ((after.writable && !before.writable) ||
		    (after.user && !before.user) ||
		    (after.arm64.user_executable &&
		     !before.arm64.user_executable) ||
		    (after.status == MMU_OK && before.status != MMU_OK))
			ck_abort_msg("round %d: %u grants more", i, n);
	}
}
END_TEST

START_TEST(registers_only_restrict)
{
	struct mmu_result before, after;
	struct mmu_access access;
	struct world w;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &before);
		switch (rnd() % 4) {
		case 0:
			w.regs.arm64.sctlr |= SCTLR_WXN;
			break;
		case 1:
			w.regs.arm64.pan = true;
			break;
		case 2:
			w.regs.arm64.sctlr |= SCTLR_EPAN;
			break;
		default:
			w.regs.arm64.e0pd = true;
			w.regs.arm64.tcr |= TCR_E0PD0 | TCR_E0PD1;
		}
		access_to(&w, access, w.va, &after);
		if (after.status == MMU_OK && before.status != MMU_OK)
			ck_abort_msg("round %d: a stricter machine grants", i);
		if (after.walk != before.walk || after.pa != before.pa)
			ck_abort_msg("round %d: the walk changed", i);
	}
}
END_TEST

START_TEST(updates_are_lawful_and_idempotent)
{
	struct mmu_result first, second;
	unsigned int k, dirtied = 0;
	struct mmu_access access;
	struct world w;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		if (!one_in(3)) {
			w.regs.arm64.hafdbs = 2;
			w.regs.arm64.tcr |= TCR_HA | TCR_HD;
		}
		access = random_access();
		access_to(&w, access, w.va, &first);
		for (k = 0; k < first.nsteps; k++) {
			const struct mmu_step *s = &first.steps[k];
			bool last = k + 1 == first.nsteps;

			if ((s->must_set & ~s->may_set) ||
			    (s->must_clear & ~s->may_clear) ||
			    (s->may_set & (s->raw | ~D_AF)) ||
			    (s->may_clear & ~(s->raw & D_AP2)) ||
			    ((s->may_set | s->may_clear) && !last) ||
			    ((s->must_set | s->may_clear) &&
			     first.status != MMU_OK) ||
			    (s->may_clear && access.kind != MMU_WRITE))
				ck_abort_msg("round %d step %u", i, k);
			dirtied += !!s->must_clear;
			w.entry[s->level] |= one_in(2) ? s->must_set :
							 s->may_set;
			w.entry[s->level] &= ~s->must_clear;
		}
		access_to(&w, access, w.va, &second);
		if (!same_answer(&first, &second))
			ck_abort_msg("round %d: an update changed it", i);
		for (k = 0; k < second.nsteps; k++)
			if (second.steps[k].must_set ||
			    second.steps[k].must_clear)
				ck_abort_msg("round %d: not idempotent", i);
	}
	ck_assert_uint_gt(dirtied, ROUNDS / 300);
}
END_TEST

/* A block, and the table of smaller ones that may replace it. */
START_TEST(splitting_a_block_changes_nothing)
{
	struct mmu_result large, small;
	unsigned int splits = 0;
	struct mmu_access access;
	struct mmu_geometry geo;
	struct world w;
	uint64_t part;
	int i, level;

	for (i = 0; i < ROUNDS; i++) {
		geo = random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &large);
		if (large.walk != MMU_OK || large.page_shift == geo.page_shift)
			continue;
		level = large.steps[large.nsteps - 1].level;
		part = w.entry[level] & ~(low_bits(large.page_shift) &
					  ~low_bits(geo.page_shift));
		part |= w.va & low_bits(large.page_shift) &
			~low_bits(large.page_shift - geo.index_bits) &
			low_bits(48);
		w.entry[level] = D_TABLE;
		w.entry[level - 1] = level == 2 ? part | 3 : part;
		access_to(&w, access, w.va, &small);
		/* the level is part of a Permission fault */
		if (large.denied && large.error_code != 4 &&
		    large.error_code != 0x44)
			large.error_code++;
		if (small.page_shift != large.page_shift - geo.index_bits ||
		    !same_answer(&large, &small))
			ck_abort_msg("round %d", i);
		splits++;
	}
	ck_assert_uint_gt(splits, ROUNDS / 100);
}
END_TEST

START_TEST(one_page_one_answer)
{
	struct mmu_result one, two;
	struct mmu_access access;
	struct world w;
	uint64_t delta;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &one);
		if (one.walk != MMU_OK)
			continue;
		/* blocks may reach beyond what can be put out */
		delta = rnd() & low_bits(one.page_shift < 32 ? one.page_shift :
							       32);
		access_to(&w, access, w.va ^ delta, &two);
		one.pa ^= delta;
		if (!same_answer(&one, &two))
			ck_abort_msg("round %d: one page, two answers", i);
	}
}
END_TEST

START_TEST(old_contents_of_the_result_do_not_matter)
{
	struct mmu_result one, two;
	struct mmu_access access, other;
	struct mmu_mem mem = { .read = world_read };
	struct mmu_geometry geo;
	struct world w;
	unsigned int k;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		geo = random_world(&w);
		mem.ctx = &w;
		access = random_access();
		memset(&one, 0, sizeof(one));
		memset(&two, 0xff, sizeof(two));
		w.next = geo.levels;
		mmu_translate(&w.regs, &mem, w.va, &access, &one);
		w.next = geo.levels;
		mmu_walk(&w.regs, &mem, w.va, &two);
		for (; !one_in(3);) {
			other = random_access();
			mmu_check_access(&w.regs, &other, &two);
		}
		mmu_check_access(&w.regs, &access, &two);
		if (!same_answer(&one, &two) || one.nsteps != two.nsteps ||
		    one.fail_level != two.fail_level ||
		    one.reserved_bits != two.reserved_bits ||
		    one.arm64.open != two.arm64.open ||
		    one.arm64.asid != two.arm64.asid ||
		    one.arm64.contiguous != two.arm64.contiguous)
			ck_abort_msg("round %d", i);
		for (k = 0; k < one.nsteps; k++)
			if (memcmp(&one.steps[k].must_set,
				   &two.steps[k].must_set,
				   4 * sizeof(uint64_t)))
				ck_abort_msg("round %d step %u", i, k);
	}
}
END_TEST

/* Registers and entries of pure chance: an answer with a name, always. */
START_TEST(nonsense_has_an_answer)
{
	struct mmu_result res;
	unsigned int answers[16] = { 0 };
	struct world w;
	int i, level;
	size_t k;

	for (i = 0; i < 4 * ROUNDS; i++) {
		struct mmu_arm64_regs *a = &w.regs.arm64;
		uint64_t *words[] = {
			&a->ttbr0, &a->ttbr1, &a->tcr, &a->mair, &a->sctlr,
		};

		random_registers(&w);
		for (k = 0; k < 5; k++)
			if (one_in(2))
				*words[k] = rnd();
		if (one_in(4))
			a->pa_bits = (unsigned int)rnd();
		a->hafdbs = (unsigned int)rnd();
		for (level = 0; level < 6; level++)
			w.entry[level] = rnd();
		w.va = rnd();
		access_to(&w, random_access(), w.va, &res);
		ck_assert_uint_lt((unsigned int)res.status, 16);
		answers[res.status]++;
		ck_assert_uint_le(res.nsteps, MMU_MAX_STEPS);
		mmu_check_regs(&w.regs);
	}
	ck_assert_uint_gt(answers[MMU_FAULT_ABORT], 0);
	ck_assert_uint_gt(answers[MMU_ERR_REGS], 0);
	ck_assert_uint_gt(answers[MMU_ERR_UNSUPPORTED], 0);
	ck_assert_uint_gt(answers[MMU_OK], 0);
	ck_assert_uint_eq(answers[MMU_FAULT_PF], 0);
	ck_assert_uint_eq(answers[MMU_ERR_MODE], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu arm64 properties");
	TCase *tc = tcase_create("properties");
	const char *other = getenv("MMSCOPE_SEED");

	seed = other ? strtoull(other, NULL, 0) : 20261121;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, reads_each_entry_once);
	tcase_add_test(tc, rights_never_grow);
	tcase_add_test(tc, registers_only_restrict);
	tcase_add_test(tc, updates_are_lawful_and_idempotent);
	tcase_add_test(tc, splitting_a_block_changes_nothing);
	tcase_add_test(tc, one_page_one_answer);
	tcase_add_test(tc, old_contents_of_the_result_do_not_matter);
	tcase_add_test(tc, nonsense_has_an_answer);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
