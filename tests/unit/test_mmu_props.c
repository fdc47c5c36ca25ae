// SPDX-License-Identifier: GPL-2.0
/*
 * Software MMU: what must hold for any tables at all.
 *
 * The tables are random, mostly plausible: a fair part of them translates, the
 * rest fails in every way. The seed is fixed; MMSCOPE_SEED sets another.
 */
#include "test_mmu.h"

#define ROUNDS	200000

/* A path of five entries at most, wherever the walk looks for them. */
struct world {
	struct mmu_regs regs;
	uint64_t va;
	uint64_t entry[6];		/* by level, 1 to 5 */
	uint64_t pa[6];
	int top;			/* the highest that lies in memory */
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

static bool is_32bit(const struct world *w)
{
	return w->regs.mode == MMU_MODE_X86_32BIT;
}

static bool is_pae(const struct world *w)
{
	return w->regs.mode == MMU_MODE_X86_PAE;
}

static int world_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct world *w = ctx;
	int level, found = -EFAULT;

	w->reads++;
	*value = 0;
	for (level = w->top; level >= 1; level--) {
		if (!is_32bit(w) && w->pa[level] == pa) {
			*value = w->entry[level];
			return 0;
		}
		if (is_32bit(w) && w->pa[level] / 8 == pa / 8) {
			*value |= (w->entry[level] & 0xffffffff) <<
				  (w->pa[level] & 4 ? 32 : 0);
			found = 0;
		}
	}
	return found;
}

/* How many bytes an entry of a level covers, as log2. */
static unsigned int reach(const struct world *w, int level)
{
	return 12 + (is_32bit(w) ? 10u : 9u) * (unsigned int)(level - 1);
}

static uint64_t low_bits(unsigned int n)
{
	return (UINT64_C(1) << n) - 1;
}

static void place(struct world *w, int level, uint64_t table)
{
	uint64_t index = w->va >> reach(w, level);

	w->pa[level] = is_32bit(w) ? table + (index & 1023) * 4 :
				     table + (index & 511) * 8;
}

static uint64_t random_table(const struct world *w)
{
	unsigned int bits = is_32bit(w) ? 32 : w->regs.maxphyaddr;

	return rnd() & low_bits(bits) & ~low_bits(12);
}

/* Points each entry to the next table, and places them all. */
static void link_tables(struct world *w, int leaf)
{
	uint64_t table = random_table(w);
	int level;

	memset(w->pa, 0xff, sizeof(w->pa));
	w->regs.cr3 = table;
	if (is_pae(w)) {
		w->regs.cr3 = rnd() & 0xffffffe0;
		w->regs.pdpte[w->va >> 30] = table | (one_in(30) ? 0 : T_P);
	}
	for (level = w->top; level >= 1; level--) {
		place(w, level, table);
		if (level <= leaf)
			break;
		table = random_table(w);
		w->entry[level] = (w->entry[level] & ~low_bits(52)) | table |
				  (w->entry[level] & 0xf7f);
	}
}

static void random_regs(struct world *w, enum mmu_mode mode)
{
	static const unsigned int widths[] = { 36, 40, 46, 52 };
	uint64_t r = rnd();

	w->regs = t_regs(mode);
	w->regs.maxphyaddr = widths[r & 3];
	w->regs.cr0 ^= r & 4 ? T_CR0_WP : 0;
	w->regs.efer ^= one_in(4) ? T_EFER_NXE : 0;
	w->regs.cr4 |= rnd() & (T_CR4_SMEP | T_CR4_SMAP | T_CR4_PKE |
				T_CR4_PKS);
	w->regs.cr4 ^= one_in(8) ? T_CR4_PSE : 0;
	w->regs.rflags = rnd() & T_AC;
	w->regs.pkru = (uint32_t)(rnd() & rnd());
	w->regs.pkrs = (uint32_t)(rnd() & rnd());
	w->regs.page1gb = !one_in(4);
}

/* The address of the page, where a leaf of this mode and level has it. */
static uint64_t random_frame(const struct world *w, int leaf)
{
	uint64_t frame = rnd() & low_bits(w->regs.maxphyaddr);

	if (is_32bit(w) && leaf == 2)
		return (frame & 0xffc00000) | (frame >> 32 & 0xff) << 13;
	return frame & ~low_bits(reach(w, leaf));
}

static void random_world(struct world *w)
{
	static const enum mmu_mode modes[] = {
		MMU_MODE_X86_4LEVEL, MMU_MODE_X86_5LEVEL, MMU_MODE_X86_32BIT,
		MMU_MODE_X86_PAE,
	};
	static const int tops[] = { 4, 5, 2, 2 };
	unsigned int mode = rnd() % 4;
	int leaf = 1 + (int)(rnd() % (mode < 2 ? 3 : 2)), level;
	/* Bits 62:52 are ignored in IA-32e mode only. */
	uint64_t high = mode < 2 ? ~low_bits(52) & ~(uint64_t)T_NX : 0;

	memset(w, 0, sizeof(*w));
	random_regs(w, modes[mode]);
	w->top = tops[mode];
	w->va = rnd() & low_bits(mode < 2 ? reach(w, w->top) + 8 : 32);
	for (level = 1; level <= w->top; level++) {
		w->entry[level] = (rnd() & (high | 0xf78)) | T_P | T_RW | T_US;
		w->entry[level] ^= one_in(5) ? T_RW : 0;
		w->entry[level] ^= one_in(5) ? T_US : 0;
		w->entry[level] ^= one_in(12) ? T_NX : 0;
		w->entry[level] ^= one_in(30) ? T_P : 0;
		if (level > 1)
			w->entry[level] &= ~(uint64_t)T_PS;
	}
	if (leaf > 1)
		w->entry[leaf] |= T_PS | (rnd() & T_PATL);
	w->entry[leaf] |= random_frame(w, leaf);
	link_tables(w, leaf);
	if (one_in(20))
		w->entry[1 + rnd() % 5] ^= UINT64_C(1) << rnd() % 64;
}

static void access_to(struct world *w, struct mmu_access access, uint64_t va,
		      struct mmu_result *res)
{
	struct mmu_mem mem = { .read = world_read, .ctx = w };

	w->reads = 0;
	mmu_translate(&w->regs, &mem, va, &access, res);
}

static struct mmu_access random_access(void)
{
	struct mmu_access access = {
		.kind = (enum mmu_access_kind)(rnd() % 3),
		.user = one_in(2),
		.implicit = one_in(6),
		.stack = one_in(6),
	};

	return access;
}

/* Everything but the address and the steps. */
static bool same_answer(const struct mmu_result *a, const struct mmu_result *b)
{
	return a->status == b->status && a->walk == b->walk &&
	       a->pa == b->pa && a->readable == b->readable &&
	       a->writable == b->writable && a->executable == b->executable &&
	       a->user == b->user && a->global == b->global &&
	       a->pkey == b->pkey && a->pat_index == b->pat_index &&
	       a->memtype == b->memtype && a->error_code == b->error_code &&
	       a->denied == b->denied;
}

static bool same_step(const struct mmu_step *a, const struct mmu_step *b)
{
	return a->level == b->level && a->index == b->index &&
	       a->entry_pa == b->entry_pa && a->raw == b->raw &&
	       a->kind == b->kind && a->must_set == b->must_set &&
	       a->may_set == b->may_set;
}

START_TEST(rights_never_grow)
{
	struct mmu_access access;
	struct mmu_result before, after;
	struct world w;
	int i, bit;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &before);
		bit = (int)(rnd() % 3);
		if (bit == 0)
			w.entry[1 + rnd() % 5] &= ~(uint64_t)T_RW;
		else if (bit == 1)
			w.entry[1 + rnd() % 5] &= ~(uint64_t)T_US;
		else
			w.entry[1 + rnd() % 5] |= T_NX;
		access_to(&w, access, w.va, &after);
		if ((after.writable && !before.writable) ||
		    (after.user && !before.user) ||
		    (after.executable && !before.executable))
			ck_abort_msg("round %d: the tables grant more", i);
		/* A supervisor may gain by losing U/S: SMEP, SMAP, PKRU. */
		if (bit == 1 && (!access.user || access.implicit))
			continue;
		if (after.status == MMU_OK && before.status != MMU_OK)
			ck_abort_msg("round %d: the access is granted now", i);
	}
}
END_TEST

START_TEST(registers_only_restrict)
{
	struct mmu_access access;
	struct mmu_result before, after;
	struct world w;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &before);
		switch (rnd() % 5) {
		case 0:
			w.regs.cr0 |= T_CR0_WP;
			break;
		case 1:
			w.regs.cr4 |= T_CR4_SMEP | T_CR4_SMAP;
			break;
		case 2:
			w.regs.cr4 |= T_CR4_PKE | T_CR4_PKS;
			break;
		case 3:
			w.regs.pkru |= UINT32_C(1) << rnd() % 32;
			break;
		default:
			w.regs.rflags = 0;
		}
		access_to(&w, access, w.va, &after);
		if (after.status == MMU_OK && before.status != MMU_OK)
			ck_abort_msg("round %d: a stricter machine grants", i);
		if (after.walk != before.walk || after.pa != before.pa)
			ck_abort_msg("round %d: the walk changed", i);
	}
}
END_TEST

START_TEST(updates_are_monotone_and_idempotent)
{
	struct mmu_access access;
	struct mmu_result first, second;
	struct world w;
	unsigned int k;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &first);
		for (k = 0; k < first.nsteps; k++) {
			const struct mmu_step *step = &first.steps[k];
			uint64_t may = step->may_set;

			if ((step->must_set & ~may) || (may & step->raw) ||
			    (may & ~(uint64_t)(T_A | T_D)) ||
			    ((may & T_D) && (k + 1 != first.nsteps ||
					     access.kind != MMU_WRITE ||
					     first.status != MMU_OK)) ||
			    (step->must_set && first.status != MMU_OK))
				ck_abort_msg("round %d step %u", i, k);
			w.entry[step->level] |= one_in(2) ? step->must_set :
						step->may_set;
		}
		access_to(&w, access, w.va, &second);
		if (!same_answer(&first, &second))
			ck_abort_msg("round %d: A or D changed the answer", i);
		for (k = 0; k < second.nsteps; k++)
			if (second.steps[k].must_set)
				ck_abort_msg("round %d: not idempotent", i);
	}
}
END_TEST

/* Replaces the large leaf by a table of smaller pages, as seen from @va. */
static bool split(struct world *w, const struct mmu_result *res, uint64_t va)
{
	int level = res->steps[res->nsteps - 1].level;
	uint64_t leaf = w->entry[level], table, part, pat = leaf & T_PATL;

	if (res->walk != MMU_OK || level == 1)
		return false;
	/* Small pages of 32-bit paging reach 4G only. */
	if (is_32bit(w) && res->pa >> 32)
		return false;
	part = leaf & ~(uint64_t)(T_PS | T_PATL);
	part |= (va & low_bits(reach(w, level))) & ~low_bits(reach(w, level - 1));
	if (level - 1 > 1)
		part |= T_PS | pat;
	else
		part |= pat ? T_PAT : 0;
	table = random_table(w);
	w->entry[level] = table | T_P | T_RW | T_US;
	w->entry[level - 1] = part;
	w->va = va;
	place(w, level - 1, table);
	return true;
}

START_TEST(splitting_a_page_changes_nothing)
{
	struct mmu_access access;
	struct mmu_result large, small;
	unsigned int splits = 0;
	struct world w;
	uint64_t va;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access = random_access();
		access_to(&w, access, w.va, &large);
		if (large.walk != MMU_OK)
			continue;
		/* Another byte of the same page. */
		va = w.va ^ (rnd() & low_bits(large.page_shift));
		access_to(&w, access, va, &large);
		while (split(&w, &large, va)) {
			access_to(&w, access, va, &small);
			if (small.page_shift != large.page_shift -
			    (is_32bit(&w) ? 10 : 9) ||
			    !same_answer(&large, &small))
				ck_abort_msg("round %d", i);
			large = small;
			splits++;
		}
	}
	ck_assert_uint_gt(splits, ROUNDS / 4);
}
END_TEST

/* The reader knows the entries of the path alone: no other read succeeds. */
START_TEST(reads_each_entry_once)
{
	struct mmu_result res;
	struct world w;
	unsigned int k;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access_to(&w, random_access(), w.va, &res);
		/* The first of PAE paging is a register. */
		if (w.reads != res.nsteps - is_pae(&w) ||
		    res.nsteps > MMU_MAX_STEPS)
			ck_abort_msg("round %d: %u reads", i, w.reads);
		for (k = 0; k < res.nsteps; k++) {
			const struct mmu_step *step = &res.steps[k];

			if (step->level != mmu_levels(w.regs.mode) - (int)k ||
			    step->index != mmu_index(w.regs.mode, w.va,
						     step->level) ||
			    (step->entry_pa & (is_32bit(&w) ? 3 : 7)) ||
			    step->entry_pa >> w.regs.maxphyaddr)
				ck_abort_msg("round %d step %u", i, k);
		}
		if (res.pa >> w.regs.maxphyaddr)
			ck_abort_msg("round %d: pa too wide", i);
	}
}
END_TEST

START_TEST(offsets_and_neighbours)
{
	struct mmu_access access = { .kind = MMU_READ };
	struct mmu_result one, two;
	unsigned int pages = 0;
	struct world w;
	uint64_t delta;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		access_to(&w, access, w.va, &one);
		if (one.walk != MMU_OK)
			continue;
		pages++;
		delta = rnd() & low_bits(one.page_shift);
		access_to(&w, access, w.va ^ delta, &two);
		one.pa ^= delta;
		if (!same_answer(&one, &two))
			ck_abort_msg("round %d: one page, two answers", i);
	}
	/* The worlds are worth something: many of them translate. */
	ck_assert_uint_gt(pages, ROUNDS / 3);
}
END_TEST

START_TEST(old_contents_of_the_result_do_not_matter)
{
	struct mmu_access access;
	struct mmu_result one, two;
	struct mmu_mem mem = { .read = world_read };
	struct world w;
	unsigned int k;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		random_world(&w);
		mem.ctx = &w;
		access = random_access();
		memset(&one, 0, sizeof(one));
		memset(&two, 0xff, sizeof(two));
		mmu_translate(&w.regs, &mem, w.va, &access, &one);
		mmu_walk(&w.regs, &mem, w.va, &two);
		/* Other questions in between leave no trace. */
		for (; !one_in(3);) {
			struct mmu_access other = random_access();

			mmu_check_access(&w.regs, &other, &two);
		}
		mmu_check_access(&w.regs, &access, &two);
		if (!same_answer(&one, &two) || one.nsteps != two.nsteps ||
		    one.fail_level != two.fail_level ||
		    one.reserved_bits != two.reserved_bits ||
		    one.read_error != two.read_error ||
		    one.page_shift != two.page_shift)
			ck_abort_msg("round %d", i);
		for (k = 0; k < one.nsteps; k++)
			if (!same_step(&one.steps[k], &two.steps[k]))
				ck_abort_msg("round %d step %u", i, k);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu properties");
	TCase *tc = tcase_create("properties");
	const char *other = getenv("MMSCOPE_SEED");

	seed = other ? strtoull(other, NULL, 0) : 20261121;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, rights_never_grow);
	tcase_add_test(tc, registers_only_restrict);
	tcase_add_test(tc, updates_are_monotone_and_idempotent);
	tcase_add_test(tc, splitting_a_page_changes_nothing);
	tcase_add_test(tc, reads_each_entry_once);
	tcase_add_test(tc, offsets_and_neighbours);
	tcase_add_test(tc, old_contents_of_the_result_do_not_matter);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
