// SPDX-License-Identifier: GPL-2.0
/*
 * Plans: the answer of mmu_plan_translate() is that of mmu_translate(), in all
 * modes; and it comes without help where a page is simply mapped.
 */
#include "mmu/plan.h"
#include "test_mmu_arm64.h"

#define CASES		400000u
#define TABLE_SHIFT	16
#define TABLES		5u
#define ALIAS		(UINT64_C(1) << 30)

static uint64_t state;

static uint64_t rnd(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static bool one_in(unsigned int n)
{
	return rnd() % n == 0;
}

/*
 * Each table is one entry over and over; table n is at n << TABLE_SHIFT, n from
 * 1, and again at each multiple of ALIAS: who ignores high bits is not saved by
 * a reader that fails.
 */
struct tables {
	uint64_t entry[TABLES + 1];
	unsigned int reads;
	unsigned int unreadable;	/* the reader fails for this one */
};

static int read_entry(struct tables *t, uint64_t pa, uint64_t *value)
{
	uint64_t n = pa % ALIAS >> TABLE_SHIFT;

	t->reads++;
	if (!n || n > TABLES || n == t->unreadable)
		return -EFAULT;
	*value = t->entry[n];
	return 0;
}

static int read8(void *ctx, uint64_t pa, uint64_t *value)
{
	/* (a ck_assert() is a message to the parent, each time) */
	if (pa % 8)
		ck_abort_msg("a read at %#" PRIx64, pa);
	return read_entry(ctx, pa, value);
}

static int read4(void *ctx, uint64_t pa, uint32_t *value)
{
	uint64_t wide = 0;
	int rc = read_entry(ctx, pa, &wide);

	if (pa % 4)
		ck_abort_msg("a read at %#" PRIx64, pa);
	*value = (uint32_t)wide;
	return rc;
}

/* One or more of @choice, as @r has bits. */
static uint64_t some_of(const unsigned char *choice, size_t n, unsigned int rarity)
{
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (one_in(rarity))
			bits |= UINT64_C(1) << choice[i];
	return bits;
}

static uint64_t x86_entry(unsigned int next)
{
	static const unsigned char likely[] = { 1, 2, 3, 4, 5, 6, 7, 8, 12 };
	static const unsigned char rare[] = { 0, 13, 20, 21, 29, 31, 36, 39, 40, 46, 51, 52, 58, 59, 62, 63 };
	uint64_t entry = (uint64_t)next << TABLE_SHIFT;

	if (next > TABLES || one_in(4))
		entry = (rnd() % 64) << 30;
	entry |= one_in(2) ? 0x67 : 0x67 ^ some_of(likely, sizeof(likely), 4);
	return entry ^ some_of(rare, sizeof(rare), 60);
}

static uint64_t arm64_entry(unsigned int next)
{
	static const unsigned char likely[] = { 1, 6, 7, 10, 11 };
	static const unsigned char rare[] = { 0, 2, 8, 13, 15, 16, 21, 25, 29, 30, 36, 40, 44, 47, 48, 50, 51, 52,
					      53, 54, 59, 60, 61, 62, 63 };
	uint64_t entry = (uint64_t)next << TABLE_SHIFT;

	if (next > TABLES || one_in(4))
		entry = (rnd() % 64) << 30;
	entry |= 0x743;
	return entry ^ some_of(likely, sizeof(likely), 4) ^ some_of(rare, sizeof(rare), 60);
}

static void random_x86(struct mmu_regs *regs, enum mmu_mode mode)
{
	static const unsigned char cr4[] = { 4, 7, 20, 21, 22, 24 };
	static const unsigned char keys[] = { 0, 1, 2, 3, 30, 31 };

	*regs = t_regs(mode);
	regs->cr3 = 1u << TABLE_SHIFT;
	regs->cr4 ^= some_of(cr4, sizeof(cr4), 3);
	regs->cr0 ^= one_in(3) ? T_CR0_WP : 0;
	regs->efer ^= one_in(3) ? T_EFER_NXE : 0;
	regs->rflags = one_in(2) ? T_AC : 0;
	regs->pkru = (uint32_t)some_of(keys, sizeof(keys), 4);
	regs->pkrs = (uint32_t)some_of(keys, sizeof(keys), 4);
	regs->maxphyaddr = one_in(3) ? 32 + (unsigned int)(rnd() % 22) : 46;
	regs->page1gb = one_in(2);
	regs->upper_g_reserved = one_in(2);
	for (unsigned int i = 0; i < 4; i++)
		regs->pdpte[i] = (1u << TABLE_SHIFT) | !one_in(8);
}

static void random_arm64(struct mmu_regs *regs)
{
	static const unsigned char tcr[] = { 7, 14, 15, 32, 33, 34, 37, 39, 40, 41, 51, 55, 59, 60 };
	struct mmu_arm64_regs *a = &regs->arm64;

	*regs = one_in(2) ? arm64_v80() : arm64_new();
	a->ttbr0 = (1u << TABLE_SHIFT) | (one_in(20) ? rnd() : 0);
	a->tcr ^= some_of(tcr, sizeof(tcr), 10);
	if (one_in(2))
		a->tcr = (a->tcr & ~UINT64_C(63)) | (16 + rnd() % 24);
	if (one_in(3))
		a->pa_bits = (const unsigned int[]){ 32, 36, 40, 42, 44, 48 }[rnd() % 6];
	a->pan = one_in(3);
	a->sctlr ^= (one_in(20) ? SCTLR_WXN : 0) | (one_in(6) ? SCTLR_EPAN : 0) | (one_in(20) ? SCTLR_M : 0);
}

static uint64_t random_va(const struct mmu_regs *regs)
{
	unsigned int bits = regs->mode == MMU_MODE_ARM64 ? 48 : mmu_va_bits(regs->mode);
	uint64_t va = rnd() >> (64 - bits);

	if (one_in(16))
		return rnd();
	if (regs->mode == MMU_MODE_ARM64)
		return va >> (rnd() % 20);
	if (bits == 32)
		return va | (uint64_t)one_in(16) << 32;
	/* canonical, both halves */
	return (uint64_t)((int64_t)(va << (64 - bits)) >> (64 - bits));
}

/* Returns whether the plan needed no help. */
static bool compare(const struct mmu_regs *regs, struct tables *tables, const struct mmu_access *access)
{
	struct mmu_mem mem = { .read = read8, .ctx = tables, .read4 = one_in(8) ? NULL : read4 };
	uint64_t va = random_va(regs), pa = 1;
	struct mmu_result res;
	struct mmu_plan plan;
	enum mmu_status status;

	mmu_translate(regs, &mem, va, access, &res);
	mmu_plan_init(&plan, regs, access);
	tables->reads = 0;
	status = mmu_plan_translate(&plan, &mem, va, &pa);
	if (status != res.status || pa != res.pa)
		ck_abort_msg("%s, va %#" PRIx64 ", %s by %s: the plan says %s %#" PRIx64 ", mmu_translate() %s %#" PRIx64,
			     mmu_mode_name(regs->mode), va, mmu_access_name(access->kind),
			     access->user ? "user" : "supervisor", mmu_status_name(status), pa,
			     mmu_status_name(res.status), res.pa);
	return status == MMU_OK && tables->reads && tables->reads <= res.nsteps;
}

START_TEST(same_answer)
{
	enum mmu_mode mode = (enum mmu_mode)_i;
	unsigned int i, n, unaided = 0;

	state = (uint64_t)_i;
	for (i = 0; i < CASES; i++) {
		struct mmu_access access = {
			.kind = (enum mmu_access_kind)(rnd() % 3), .user = one_in(2), .implicit = one_in(8),
		};
		struct tables tables = { .unreadable = one_in(40) ? 1 + (unsigned int)(rnd() % TABLES) : 0 };
		struct mmu_regs regs;

		if (mode == MMU_MODE_ARM64)
			random_arm64(&regs);
		else
			random_x86(&regs, mode);
		for (n = 1; n <= TABLES; n++)
			tables.entry[n] = mode == MMU_MODE_ARM64 ? arm64_entry(n + 1) : x86_entry(n + 1);
		unaided += compare(&regs, &tables, &access);
	}
	/* Else the comparison would be of mmu_translate() with itself. */
	ck_assert_msg(unaided > CASES / 50, "%s: only %u of %u by the plan itself", mmu_mode_name(mode), unaided, CASES);
}
END_TEST

/* A page for all accesses: read once for each level, and no more. */
START_TEST(plain_page_needs_no_help)
{
	enum mmu_mode mode = (enum mmu_mode)_i;
	struct mmu_regs regs = mode == MMU_MODE_ARM64 ? arm64_v80() : t_regs(mode);
	unsigned int levels = mode == MMU_MODE_ARM64 ? 4 : (unsigned int)mmu_levels(mode), n, k;
	struct tables tables = { .reads = 0 };
	struct mmu_mem mem = { .read = read8, .ctx = &tables, .read4 = read4 };
	uint64_t pa;

	if (mode == MMU_MODE_X86_PAE)
		levels = 2;
	regs.cr3 = regs.arm64.ttbr0 = 1u << TABLE_SHIFT;
	regs.pdpte[0] = (1u << TABLE_SHIFT) | 1;
	for (k = 0; k < 6; k++) {
		struct mmu_access access = { .kind = (enum mmu_access_kind)(k % 3), .user = k >= 3 };
		bool el0 = access.user || mode != MMU_MODE_ARM64;
		struct mmu_plan plan;

		for (n = 1; n < levels; n++)
			tables.entry[n] = (uint64_t)(n + 1) << TABLE_SHIFT |
					  (mode == MMU_MODE_ARM64 ? D_TABLE : T_P | T_RW | T_US);
		tables.entry[levels] = 0x5000 | (mode == MMU_MODE_ARM64 ? D_PAGE | D_AF | (el0 ? D_AP1 : 0) :
						 T_P | T_RW | T_US);
		tables.reads = 0;
		mmu_plan_init(&plan, &regs, &access);
		ck_assert_int_eq(mmu_plan_translate(&plan, &mem, 0x1abc, &pa), MMU_OK);
		assert_hex(pa, 0x5abc);
		ck_assert_uint_eq(tables.reads, levels);
	}
}
END_TEST

/* Nor does a page of 2 MiB, or arm64's block; where they are likely, speed counts most. */
START_TEST(large_page_needs_no_help)
{
	enum mmu_mode mode = (enum mmu_mode)_i;
	struct mmu_regs regs = mode == MMU_MODE_ARM64 ? arm64_v80() : t_regs(mode);
	bool arm64 = mode == MMU_MODE_ARM64;
	unsigned int above = arm64 ? 2 : (unsigned int)mmu_levels(mode) - 2, n;
	struct mmu_access access = { .kind = MMU_READ, .user = true };
	struct tables tables = { .reads = 0 };
	struct mmu_mem mem = { .read = read8, .ctx = &tables };
	struct mmu_plan plan;
	uint64_t pa;

	if (mode == MMU_MODE_X86_32BIT)
		return;	/* those are mmu_translate()'s */
	if (mode == MMU_MODE_X86_PAE)
		above = 0;
	regs.cr3 = regs.arm64.ttbr0 = 1u << TABLE_SHIFT;
	regs.pdpte[0] = (1u << TABLE_SHIFT) | 1;
	for (n = 1; n <= above; n++)
		tables.entry[n] = (uint64_t)(n + 1) << TABLE_SHIFT | (arm64 ? D_TABLE : T_P | T_US);
	tables.entry[above + 1] = 0x80000000 | (arm64 ? D_BLOCK | D_AF | D_AP1 : T_P | T_US | T_PS);
	mmu_plan_init(&plan, &regs, &access);
	ck_assert_int_eq(mmu_plan_translate(&plan, &mem, 0x123abc, &pa), MMU_OK);
	assert_hex(pa, 0x80123abc);
	ck_assert_uint_eq(tables.reads, above + 1);
}
END_TEST

START_TEST(no_mode_no_answer)
{
	struct mmu_regs regs = { .mode = (enum mmu_mode)77 };
	struct mmu_access access = { .kind = MMU_READ };
	struct tables tables = { .reads = 0 };
	struct mmu_mem mem = { .read = read8, .ctx = &tables };
	struct mmu_plan plan;
	uint64_t pa = 1;

	mmu_plan_init(&plan, &regs, &access);
	ck_assert_int_eq(mmu_plan_translate(&plan, &mem, 0, &pa), MMU_ERR_MODE);
	assert_hex(pa, 0);
	ck_assert_uint_eq(tables.reads, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu_plan");
	TCase *tc = tcase_create("plan");

	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, same_answer, 0, (int)MMU_MODES);
	tcase_add_loop_test(tc, plain_page_needs_no_help, 0, (int)MMU_MODES);
	tcase_add_loop_test(tc, large_page_needs_no_help, 0, (int)MMU_MODES);
	tcase_add_test(tc, no_mode_no_answer);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
