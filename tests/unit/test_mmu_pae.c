// SPDX-License-Identifier: GPL-2.0
/* Software MMU: PAE paging and the registers that hold its PDPTEs. */
#include "test_mmu.h"

#define MODE	MMU_MODE_X86_PAE

/* Indices 2, 3 and 4 from the root, offset 0x567. */
#define VA	UINT64_C(0x80604567)

/*
 * The PDPTEs are at 0x1020, as CR3 says; the tables of all pages hang below
 * PDPTE 2. Every entry has RW, US and A; the leaf has D too.
 */
#define CR3	0x1020u

static const struct sparse_entry tables[] = {
	{ 0x1020, 0 },			/* PDPTE 0: absent */
	{ 0x1028, 0xfffffffffffffffe },	/* PDPTE 1: absent, all else set */
	{ 0x1030, 0x2001 },		/* PDPTE 2 -> PD at 0x2000 */
	{ 0x1038, 0x7000001 },		/* PDPTE 3 -> a PD that is not there */
	{ 0x2018, 0x4027 },		/* PDE 3 -> PT at 0x4000 */
	{ 0x4020, 0x12345067 },		/* PTE 4: 4K at 0x12345000 */
	{ 0x2020, 0x230a6000e7 },	/* PDE 4: 2M at 0x230a600000 */
	{ 0x4028, 0xfffffffffffffffe },	/* PTE 5: absent, all else set */
	{ 0x2028, 0 },			/* PDE 5: absent */
	{ 0x2030, 0x3ffffffff027 },	/* PDE 6 -> PT at the last frame */
};

#define N_TABLES	(sizeof(tables) / sizeof(tables[0]))
#define PDPTE		2	/* numbers in the list above */
#define PDE_TABLE	4
#define PTE_4K		5
#define PDE_2M		6

/* A machine that has loaded CR3; by hand, not by what is tested here. */
static struct mmu_regs loaded(void)
{
	struct mmu_regs regs = t_regs(MODE);
	int i;

	regs.cr3 = CR3;
	for (i = 0; i < 4; i++)
		regs.pdpte[i] = tables[i].value;
	return regs;
}

/* The registers are given: no PDPTE is among what can be read. */
static enum mmu_status look(const struct mmu_regs *regs,
			    const struct sparse_entry *entries, uint64_t va,
			    struct mmu_result *res)
{
	struct sparse sparse = { .entries = entries + 4,
				 .count = N_TABLES - 4 };

	t_walk(regs, &sparse, va, res);
	ck_assert_uint_eq(sparse.reads, res->nsteps ? res->nsteps - 1 : 0);
	return res->status;
}

static enum mmu_status walk(const struct mmu_regs *regs, uint64_t va,
			    struct mmu_result *res)
{
	return look(regs, tables, va, res);
}

/* The page at @va, with the bits of @flip inverted in one entry of the list. */
static enum mmu_status walk_flip(const struct mmu_regs *regs, size_t entry,
				 uint64_t flip, uint64_t va,
				 struct mmu_result *res)
{
	struct sparse_entry copy[N_TABLES];

	memcpy(copy, tables, sizeof(copy));
	copy[entry].value ^= flip;
	return look(regs, copy, va, res);
}

static void is_reserved(const struct mmu_result *res, int level, uint64_t bits)
{
	ck_assert_int_eq(res->status, MMU_FAULT_PF);
	assert_hex(res->error_code, 9);
	assert_hex(res->reserved_bits, bits);
	ck_assert_int_eq(res->fail_level, level);
	ck_assert_int_eq(res->steps[res->nsteps - 1].kind, MMU_STEP_RESERVED);
	ck_assert_int_eq(res->steps[res->nsteps - 1].level, level);
}

START_TEST(walk_4k)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
	assert_hex(res.pa, 0x12345567);
	ck_assert_uint_eq(res.page_shift, 12);
	ck_assert(res.readable && res.writable && res.executable && res.user);
	ck_assert(!res.global);
	assert_hex(res.error_code, 0);
	ck_assert_int_eq(res.fail_level, 0);
	ck_assert_uint_eq(res.nsteps, 3);
	assert_step(&res, 0, 3, 2, &tables[PDPTE], MMU_STEP_TABLE);
	assert_step(&res, 1, 2, 3, &tables[PDE_TABLE], MMU_STEP_TABLE);
	assert_step(&res, 2, 1, 4, &tables[PTE_4K], MMU_STEP_LEAF);
}
END_TEST

START_TEST(walk_2m)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, 0x80923456, &res), MMU_OK);
	assert_hex(res.pa, 0x230a723456);
	ck_assert_uint_eq(res.page_shift, 21);
	ck_assert_uint_eq(res.nsteps, 2);
	assert_step(&res, 1, 2, 4, &tables[PDE_2M], MMU_STEP_LEAF);
	walk(&regs, 0x809fffff, &res);
	assert_hex(res.pa, 0x230a7fffff);
}
END_TEST

START_TEST(pitfall_06_pse_has_no_say)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	regs.cr4 &= ~(uint64_t)T_CR4_PSE;
	ck_assert_int_eq(walk(&regs, 0x80923456, &res), MMU_OK);
	ck_assert_uint_eq(res.page_shift, 21);
	/* Nor has PSE-36. */
	regs.pse36 = false;
	ck_assert_int_eq(walk(&regs, 0x80923456, &res), MMU_OK);
	assert_hex(res.pa, 0x230a723456);
}
END_TEST

START_TEST(four_registers)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		regs.pdpte[0] = 0x5001;
		regs.pdpte[1] = 0x5001;
		regs.pdpte[2] = 0x5001;
		regs.pdpte[3] = 0x5001;
		regs.pdpte[i] = 0x2001;
		ck_assert_int_eq(walk(&regs, (uint64_t)i << 30 | 0x604567,
				      &res), MMU_OK);
		ck_assert_uint_eq(res.steps[0].index, i);
		assert_hex(res.steps[0].entry_pa, CR3 + 8 * i);
	}
}
END_TEST

/* The memory has other PDPTEs than the registers: those do not count. */
START_TEST(pitfall_09_the_registers_count)
{
	static const struct sparse_entry stale[] = {
		{ 0x1030, 0 }, { 0x2018, 0x4027 }, { 0x4020, 0x12345067 },
	};
	struct mmu_regs regs = loaded();
	struct sparse sparse = SPARSE(stale);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_OK);
	ck_assert_uint_eq(sparse.reads, 2);
	assert_hex(res.steps[0].raw, 0x2001);
	/* And CR3 only says where they came from. */
	regs.cr3 = 0xabcde018;
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
	assert_hex(res.steps[0].entry_pa, 0xabcde010);
}
END_TEST

START_TEST(absent)
{
	static const struct {
		uint64_t va;
		int level;
	} cases[] = {
		{ 0x00604567, 3 }, { 0x40604567, 3 }, { 0x80a00000, 2 },
		{ 0x80605000, 1 },
	};
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(walk(&regs, cases[i].va, &res), MMU_FAULT_PF);
		assert_hex(res.error_code, 0);
		assert_hex(res.reserved_bits, 0);
		ck_assert_int_eq(res.fail_level, cases[i].level);
		ck_assert_uint_eq(res.nsteps, 4 - (unsigned int)cases[i].level);
		ck_assert_int_eq(res.steps[res.nsteps - 1].kind,
				 MMU_STEP_NOT_PRESENT);
	}
}
END_TEST

START_TEST(absent_memory)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, 0xc0200000, &res), MMU_ERR_MEMORY);
	ck_assert_int_eq(res.fail_level, 2);
	ck_assert_int_eq(res.read_error, -EFAULT);
	assert_hex(res.steps[1].entry_pa, 0x7000008);
	/* The widest address that a 46-bit machine has. */
	ck_assert_int_eq(walk(&regs, 0x80c01000, &res), MMU_ERR_MEMORY);
	assert_hex(res.steps[2].entry_pa, 0x3ffffffff008);
}
END_TEST

START_TEST(pitfall_10_bits_62_to_maxphyaddr_are_reserved)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	unsigned int width, bit;
	size_t i;

	for (width = 38; width <= 52; width++) {
		regs.maxphyaddr = width;
		for (bit = width; bit <= 62; bit++) {
			for (i = PDE_TABLE; i <= PTE_4K; i++) {
				walk_flip(&regs, i, UINT64_C(1) << bit, VA,
					  &res);
				is_reserved(&res, i == PDE_TABLE ? 2 : 1,
					    UINT64_C(1) << bit);
			}
			walk_flip(&regs, PDE_2M, UINT64_C(1) << bit, 0x80923456,
				  &res);
			is_reserved(&res, 2, UINT64_C(1) << bit);
		}
		/* The highest bit that is left is address. */
		bit = width - 1;
		ck_assert_int_eq(walk_flip(&regs, PTE_4K, UINT64_C(1) << bit,
					   VA, &res), MMU_OK);
		assert_hex(res.pa, 0x12345567 | UINT64_C(1) << bit);
	}
}
END_TEST

START_TEST(pitfall_07_low_bits_of_2m_pages_are_reserved)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	unsigned int bit;

	for (bit = 13; bit <= 20; bit++) {
		walk_flip(&regs, PDE_2M, UINT64_C(1) << bit, 0x80923456, &res);
		is_reserved(&res, 2, UINT64_C(1) << bit);
	}
	ck_assert_int_eq(walk_flip(&regs, PDE_2M, 0x800000, 0x80923456, &res),
			 MMU_OK);
	assert_hex(res.pa, 0x230af23456);
}
END_TEST

START_TEST(pitfall_03_nx)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	size_t i;

	for (i = PDE_TABLE; i <= PTE_4K; i++) {
		ck_assert_int_eq(walk_flip(&regs, i, T_NX, VA, &res), MMU_OK);
		ck_assert(!res.executable);
	}
	regs.efer &= ~(uint64_t)T_EFER_NXE;
	for (i = PDE_TABLE; i <= PTE_4K; i++) {
		walk_flip(&regs, i, T_NX, VA, &res);
		is_reserved(&res, i == PDE_TABLE ? 2 : 1, T_NX);
	}
	walk_flip(&regs, PDE_2M, T_NX, 0x80923456, &res);
	is_reserved(&res, 2, T_NX);
}
END_TEST

START_TEST(ignored_bits)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	/* 11:9 in all, G and D in a table */
	ck_assert_int_eq(walk_flip(&regs, PTE_4K, 0xe00, VA, &res), MMU_OK);
	assert_hex(res.pa, 0x12345567);
	ck_assert_int_eq(walk_flip(&regs, PDE_TABLE, 0xf40, VA, &res), MMU_OK);
	assert_hex(res.pa, 0x12345567);
	ck_assert(!res.global);
	regs.pdpte[2] |= 0xe18;
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
	ck_assert_uint_eq(res.pat_index, 0);
}
END_TEST

START_TEST(memory_type_and_global)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	walk_flip(&regs, PTE_4K, T_PAT | T_PWT | T_G, VA, &res);
	ck_assert_uint_eq(res.pat_index, 5);
	ck_assert_int_eq(res.memtype, MMU_MEM_WP);
	ck_assert(res.global);
	walk_flip(&regs, PTE_4K, T_PCD, VA, &res);
	ck_assert_uint_eq(res.pat_index, 2);
	walk_flip(&regs, PDE_2M, T_PATL | T_PCD | T_G, 0x80923456, &res);
	ck_assert_uint_eq(res.pat_index, 6);
	ck_assert_int_eq(res.memtype, MMU_MEM_UC_MINUS);
	assert_hex(res.pa, 0x230a723456);
	ck_assert(res.global);
	walk(&regs, 0x80923456, &res);
	ck_assert_uint_eq(res.pat_index, 0);
	regs.cr4 &= ~(uint64_t)T_CR4_PGE;
	walk_flip(&regs, PTE_4K, T_G, VA, &res);
	ck_assert(!res.global);
}
END_TEST

static const struct mmu_access write_ = { .kind = MMU_WRITE },
	fetch = { .kind = MMU_FETCH },
	uread = { .kind = MMU_READ, .user = true },
	uwrite = { .kind = MMU_WRITE, .user = true },
	ufetch = { .kind = MMU_FETCH, .user = true };

#define permitted(regs, entry, flip, access) do { \
	struct mmu_result r_; \
	walk_flip((regs), (entry), (flip), VA, &r_); \
	ck_assert_int_eq(mmu_check_access((regs), &(access), &r_), MMU_OK); \
} while (0)

#define refused(regs, entry, flip, access, code, why) do { \
	struct mmu_result r_; \
	walk_flip((regs), (entry), (flip), VA, &r_); \
	ck_assert_int_eq(mmu_check_access((regs), &(access), &r_), \
			 MMU_FAULT_PF); \
	assert_hex(r_.error_code, (code)); \
	assert_hex(r_.denied, (why)); \
} while (0)

/* A PDPTE has neither R/W nor U/S: it takes nothing away. */
START_TEST(pitfall_09_rights_are_those_of_pde_and_pte)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	size_t i;

	permitted(&regs, PTE_4K, 0, uwrite);
	for (i = PDE_TABLE; i <= PTE_4K; i++) {
		int level = i == PDE_TABLE ? 2 : 1;

		refused(&regs, i, T_RW, uwrite, 7, MMU_DENY_WRITE);
		refused(&regs, i, T_US, uread, 5, MMU_DENY_USER);
		refused(&regs, i, T_NX, ufetch, 0x15, MMU_DENY_EXEC);
		refused(&regs, i, T_NX, fetch, 0x11, MMU_DENY_EXEC);
		/* The first that denies is never the PDPTE. */
		walk_flip(&regs, i, T_RW, VA, &res);
		mmu_check_access(&regs, &uwrite, &res);
		ck_assert_int_eq(res.fail_level, level);
		walk_flip(&regs, i, T_US, VA, &res);
		mmu_check_access(&regs, &uwrite, &res);
		ck_assert_int_eq(res.fail_level, level);
	}
	regs.cr0 &= ~(uint64_t)T_CR0_WP;
	permitted(&regs, PTE_4K, T_RW, write_);
}
END_TEST

START_TEST(pitfall_04_id_with_smep_or_nxe)
{
	struct mmu_regs regs = loaded();

	refused(&regs, PTE_4K, T_P, ufetch, 0x14, 0);
	regs.efer &= ~(uint64_t)T_EFER_NXE;
	refused(&regs, PTE_4K, T_P, ufetch, 4, 0);
	regs.cr4 |= T_CR4_SMEP;
	refused(&regs, PTE_4K, T_P, ufetch, 0x14, 0);
	refused(&regs, PTE_4K, 0, fetch, 0x11, MMU_DENY_SMEP);
	permitted(&regs, PDE_TABLE, T_US, fetch);
}
END_TEST

START_TEST(pitfall_12_smap)
{
	struct mmu_regs regs = loaded();

	regs.cr4 |= T_CR4_SMAP;
	refused(&regs, PTE_4K, 0, write_, 3, MMU_DENY_SMAP);
	permitted(&regs, PTE_4K, 0, uwrite);
	permitted(&regs, PTE_4K, 0, fetch);
	permitted(&regs, PTE_4K, T_US, write_);
	regs.rflags |= T_AC;
	permitted(&regs, PTE_4K, 0, write_);
}
END_TEST

START_TEST(pitfall_11_no_keys)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	regs.cr4 |= T_CR4_PKE | T_CR4_PKS;
	regs.pkru = ~0u;
	regs.pkrs = ~0u;
	permitted(&regs, PTE_4K, 0, uwrite);
	permitted(&regs, PTE_4K, T_US, write_);
	walk(&regs, VA, &res);
	ck_assert_uint_eq(res.pkey, 0);
}
END_TEST

START_TEST(pitfall_15_no_a_in_a_pdpte)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;

	walk_flip(&regs, PTE_4K, T_A | T_D, VA, &res);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.steps[0].must_set, 0);
	assert_hex(res.steps[0].may_set, 0);
	assert_hex(res.steps[1].must_set, 0);
	assert_hex(res.steps[2].must_set, T_A | T_D);
	walk_flip(&regs, PDE_TABLE, T_A, VA, &res);
	mmu_check_access(&regs, &uread, &res);
	assert_hex(res.steps[1].must_set, T_A);
	assert_hex(res.steps[2].must_set, 0);
	/* A fault below: the PDE may get its A, the PDPTE has none. */
	walk_flip(&regs, PDE_TABLE, T_A, 0x80605000, &res);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.error_code, 6);
	assert_hex(res.steps[0].may_set, 0);
	assert_hex(res.steps[1].may_set, T_A);
	assert_hex(res.steps[1].must_set, 0);
	assert_hex(res.steps[2].may_set, 0);
}
END_TEST

START_TEST(address_above_4g)
{
	struct mmu_regs regs = loaded();
	struct mmu_result res;
	unsigned int bit;

	for (bit = 32; bit < 64; bit++) {
		uint64_t va = VA | UINT64_C(1) << bit;

		ck_assert_int_eq(walk(&regs, va, &res), MMU_ERR_VA);
		ck_assert_uint_eq(res.nsteps, 0);
		ck_assert_int_eq(mmu_check_access(&regs, &uread, &res),
				 MMU_ERR_VA);
		ck_assert(!mmu_is_canonical(MODE, va));
	}
	ck_assert_int_eq(walk(&regs, 0xffffffff80604567, &res), MMU_ERR_VA);
	ck_assert(mmu_is_canonical(MODE, 0x80000000));
}
END_TEST

/* Bits of a PDPTE that are reserved in a present one, by address width. */
static bool reserved_in_pdpte(unsigned int bit, unsigned int width)
{
	return bit == 1 || bit == 2 || (bit >= 5 && bit <= 8) || bit >= width;
}

START_TEST(impossible_registers)
{
	struct mmu_regs good = loaded(), regs;
	struct mmu_result res;

	ck_assert_int_eq(mmu_check_regs(&good), MMU_OK);
#define REFUSED(change) do { \
	regs = good; \
	change; \
	ck_assert_int_eq(mmu_check_regs(&regs), MMU_ERR_REGS); \
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_ERR_REGS); \
	ck_assert_uint_eq(res.nsteps, 0); \
} while (0)
	REFUSED(regs.cr0 &= ~UINT64_C(0x80000000));
	REFUSED(regs.cr0 &= ~UINT64_C(1));
	REFUSED(regs.cr0 |= T_CR0_NW);
	REFUSED((regs.cr4 |= T_CR4_CET, regs.cr0 &= ~(uint64_t)T_CR0_WP));
	REFUSED(regs.cr4 &= ~(uint64_t)T_CR4_PAE);
	REFUSED(regs.cr4 |= T_CR4_PCIDE);
	REFUSED(regs.efer |= 0x100);
	REFUSED(regs.efer |= 0x400);
	REFUSED(regs.mode = MMU_MODE_X86_32BIT);
	REFUSED(regs.mode = MMU_MODE_X86_4LEVEL);
	REFUSED(regs.maxphyaddr = 31);
	REFUSED(regs.maxphyaddr = 53);
	/* Any of the four, used or not. */
	REFUSED(regs.pdpte[0] = 0x2003);
	REFUSED(regs.pdpte[1] = 0x2005);
	REFUSED(regs.pdpte[2] = 0x2021);
	REFUSED(regs.pdpte[3] = 0x8000000000002001);
#undef REFUSED
	regs = good;
	regs.cr4 |= T_CR4_LA57 | T_CR4_CET;
	regs.cr0 |= T_CR0_NW | T_CR0_CD;
	regs.cr3 |= 0xffffffff00000000;
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
}
END_TEST

START_TEST(reserved_bits_of_the_registers)
{
	static const unsigned int widths[] = { 32, 36, 40, 51, 52 };
	struct mmu_regs regs = loaded();
	unsigned int bit;
	size_t i;

	for (i = 0; i < 5; i++) {
		regs.maxphyaddr = widths[i];
		for (bit = 1; bit < 64; bit++) {
			bool bad = reserved_in_pdpte(bit, widths[i]);

			regs.pdpte[3] = UINT64_C(1) << bit | 1;
			ck_assert_int_eq(mmu_check_regs(&regs),
					 bad ? MMU_ERR_REGS : MMU_OK);
			regs.pdpte[3] = UINT64_C(1) << bit;
			ck_assert_int_eq(mmu_check_regs(&regs), MMU_OK);
		}
	}
}
END_TEST

START_TEST(load_cr3)
{
	struct sparse sparse = SPARSE(tables);
	struct mmu_mem mem = { .read = sparse_read, .ctx = &sparse };
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_cr3_load load;
	struct mmu_result res;
	int i;

	/* What the registers held is no matter. */
	for (i = 0; i < 4; i++)
		regs.pdpte[i] = ~UINT64_C(0);
	/* Bits 4:0 are no address, those above 31 no operand. */
	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, 0xabcd0000103f, &load),
			 MMU_OK);
	ck_assert_int_eq(load.index, -1);
	assert_hex(load.reserved_bits, 0);
	ck_assert_uint_eq(sparse.reads, 4);
	assert_hex(regs.cr3, 0x103f);
	for (i = 0; i < 4; i++)
		assert_hex(regs.pdpte[i], tables[i].value);
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
}
END_TEST

START_TEST(pitfall_09_load_cr3_refuses_reserved_bits)
{
	struct sparse_entry copy[N_TABLES];
	struct sparse sparse = SPARSE(copy);
	struct mmu_mem mem = { .read = sparse_read, .ctx = &sparse };
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_cr3_load load;
	unsigned int bit, i;

	for (i = 0; i < 4; i++) {
		for (bit = 1; bit < 64; bit++) {
			bool bad = reserved_in_pdpte(bit, 46);

			memcpy(copy, tables, sizeof(copy));
			copy[i].value = UINT64_C(1) << bit | 1;
			regs.cr3 = 0x5000;
			regs.pdpte[0] = 0x6001;
			ck_assert_int_eq(mmu_load_cr3(&regs, &mem, CR3, &load),
					 bad ? MMU_FAULT_GP : MMU_OK);
			if (!bad)
				continue;
			ck_assert_int_eq(load.index, (int)i);
			assert_hex(load.entry_pa, copy[i].pa);
			assert_hex(load.raw, copy[i].value);
			assert_hex(load.reserved_bits, UINT64_C(1) << bit);
			/* Nothing was loaded. */
			assert_hex(regs.cr3, 0x5000);
			assert_hex(regs.pdpte[0], 0x6001);
		}
	}
}
END_TEST

START_TEST(load_cr3_that_cannot_be)
{
	static const struct sparse_entry three[] = {
		{ 0x1020, 0x8001 }, { 0x1028, 0x9001 }, { 0x1030, 0xa001 },
	};
	struct sparse sparse = SPARSE(three);
	struct mmu_mem mem = { .read = sparse_read, .ctx = &sparse };
	struct mmu_regs regs = loaded();
	struct mmu_cr3_load load;

	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, CR3, &load),
			 MMU_ERR_MEMORY);
	ck_assert_int_eq(load.index, 3);
	ck_assert_int_eq(load.read_error, -EFAULT);
	assert_hex(load.entry_pa, 0x1038);
	assert_hex(regs.pdpte[2], 0x2001);
	regs.cr0 &= ~UINT64_C(0x80000000);
	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, CR3, &load), MMU_ERR_REGS);
	regs = loaded();
	regs.mode = (enum mmu_mode)77;
	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, CR3, &load), MMU_ERR_MODE);
	ck_assert_int_eq(load.index, -1);
}
END_TEST

/* The same instruction in 4-level paging: no entry is read. */
START_TEST(load_cr3_in_long_mode)
{
	static const struct {
		uint64_t cr3, bad;
	} cases[] = {
		{ 0x3ffffffff018, 0 }, { 0x400000001000, 0x400000000000 },
		{ 0x8000000000001000, 0x8000000000000000 },
		{ 0x6000000000001000, 0 },	/* LAM */
		{ 0x1000000000001000, 0x1000000000000000 },
	};
	struct mmu_regs regs = t_regs(MMU_MODE_X86_4LEVEL);
	struct sparse sparse = SPARSE(tables);
	struct mmu_mem mem = { .read = sparse_read, .ctx = &sparse };
	struct mmu_cr3_load load;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		regs.cr3 = 0x5000;
		ck_assert_int_eq(mmu_load_cr3(&regs, &mem, cases[i].cr3, &load),
				 cases[i].bad ? MMU_FAULT_GP : MMU_OK);
		assert_hex(load.reserved_bits, cases[i].bad);
		ck_assert_int_eq(load.index, -1);
		assert_hex(regs.cr3, cases[i].bad ? 0x5000 : cases[i].cr3);
	}
	/* With PCIDE bit 63 asks for no flush, and is not stored. */
	regs.cr4 |= T_CR4_PCIDE;
	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, 0x8000000000001001, &load),
			 MMU_OK);
	assert_hex(regs.cr3, 0x1001);
	ck_assert_uint_eq(sparse.reads, 0);
	regs.cr4 |= T_CR4_LA57;
	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, 0x1000, &load),
			 MMU_ERR_REGS);
}
END_TEST

START_TEST(geometry)
{
	ck_assert_int_eq(mmu_levels(MODE), 3);
	ck_assert_uint_eq(mmu_va_bits(MODE), 32);
	ck_assert_uint_eq(mmu_level_shift(MODE, 3), 30);
	ck_assert_uint_eq(mmu_level_shift(MODE, 2), 21);
	ck_assert_uint_eq(mmu_level_shift(MODE, 4), 0);
	ck_assert_uint_eq(mmu_index(MODE, VA, 3), 2);
	ck_assert_uint_eq(mmu_index(MODE, VA, 2), 3);
	ck_assert_uint_eq(mmu_index(MODE, VA, 1), 4);
	ck_assert_uint_eq(mmu_index(MODE, ~UINT64_C(0), 3), 3);
	ck_assert_uint_eq(mmu_index(MODE, ~UINT64_C(0), 2), 511);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu pae");
	TCase *tc = tcase_create("pae");

	tcase_add_test(tc, walk_4k);
	tcase_add_test(tc, walk_2m);
	tcase_add_test(tc, pitfall_06_pse_has_no_say);
	tcase_add_test(tc, four_registers);
	tcase_add_test(tc, pitfall_09_the_registers_count);
	tcase_add_test(tc, absent);
	tcase_add_test(tc, absent_memory);
	tcase_add_test(tc, pitfall_10_bits_62_to_maxphyaddr_are_reserved);
	tcase_add_test(tc, pitfall_07_low_bits_of_2m_pages_are_reserved);
	tcase_add_test(tc, pitfall_03_nx);
	tcase_add_test(tc, ignored_bits);
	tcase_add_test(tc, memory_type_and_global);
	tcase_add_test(tc, pitfall_09_rights_are_those_of_pde_and_pte);
	tcase_add_test(tc, pitfall_04_id_with_smep_or_nxe);
	tcase_add_test(tc, pitfall_12_smap);
	tcase_add_test(tc, pitfall_11_no_keys);
	tcase_add_test(tc, pitfall_15_no_a_in_a_pdpte);
	tcase_add_test(tc, address_above_4g);
	tcase_add_test(tc, impossible_registers);
	tcase_add_test(tc, reserved_bits_of_the_registers);
	tcase_add_test(tc, load_cr3);
	tcase_add_test(tc, pitfall_09_load_cr3_refuses_reserved_bits);
	tcase_add_test(tc, load_cr3_that_cannot_be);
	tcase_add_test(tc, load_cr3_in_long_mode);
	tcase_add_test(tc, geometry);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
