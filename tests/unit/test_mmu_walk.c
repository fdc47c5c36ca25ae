// SPDX-License-Identifier: GPL-2.0
/* Software MMU: which entries a walk reads, and where it ends. */
#include "test_mmu.h"

#define MODE4	MMU_MODE_X86_4LEVEL
#define MODE5	MMU_MODE_X86_5LEVEL

/* Indices 1, 2, 3, 4 from the root, offset 0x567. */
#define VA	UINT64_C(0x0000008080604567)

/*
 * One page of each size below one root. Every entry has RW, US and A; the leaf
 * has D too.
 */
static const struct sparse_entry tables[] = {
	{ 0x1008, 0x2027 },		/* PML4E 1 -> PDPT at 0x2000 */
	{ 0x2010, 0x3027 },		/* PDPTE 2 -> PD at 0x3000 */
	{ 0x3018, 0x4027 },		/* PDE 3 -> PT at 0x4000 */
	{ 0x4020, 0x12345067 },		/* PTE 4: 4K at 0x12345000 */
	{ 0x3020, 0x0a6000e7 },		/* PDE 4: 2M at 0x0a600000 */
	{ 0x2018, 0x1c00000e7 },	/* PDPTE 3: 1G at 0x1c0000000 */
	{ 0x4028, 0 },			/* PTE 5: absent */
	{ 0x3028, 0xfffffffffffffffe },	/* PDE 5: absent, all else set */
	{ 0x1010, 0 },			/* PML4E 2: absent */
	{ 0x2020, 0x7000027 },		/* PDPTE 4 -> a PD that is not there */
};

START_TEST(walk_4k)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_OK);
	ck_assert_int_eq(res.walk, MMU_OK);
	assert_hex(res.va, VA);
	assert_hex(res.pa, 0x12345567);
	ck_assert_uint_eq(res.page_shift, 12);
	ck_assert(res.readable && res.writable && res.executable && res.user);
	ck_assert(!res.global);
	ck_assert_uint_eq(res.pkey, 0);
	ck_assert_uint_eq(res.error_code, 0);
	ck_assert_int_eq(res.fail_level, 0);
	assert_hex(res.reserved_bits, 0);
	ck_assert_uint_eq(res.nsteps, 4);
	ck_assert_uint_eq(sparse.reads, 4);
	assert_step(&res, 0, 4, 1, &tables[0], MMU_STEP_TABLE);
	assert_step(&res, 1, 3, 2, &tables[1], MMU_STEP_TABLE);
	assert_step(&res, 2, 2, 3, &tables[2], MMU_STEP_TABLE);
	assert_step(&res, 3, 1, 4, &tables[3], MMU_STEP_LEAF);
}
END_TEST

START_TEST(walk_2m)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, 0x8080923456, &res), MMU_OK);
	assert_hex(res.pa, 0x0a723456);
	ck_assert_uint_eq(res.page_shift, 21);
	ck_assert_uint_eq(res.nsteps, 3);
	ck_assert_uint_eq(sparse.reads, 3);
	assert_step(&res, 2, 2, 4, &tables[4], MMU_STEP_LEAF);
}
END_TEST

START_TEST(walk_1g)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, 0x80f2345678, &res), MMU_OK);
	assert_hex(res.pa, 0x1f2345678);
	ck_assert_uint_eq(res.page_shift, 30);
	ck_assert_uint_eq(res.nsteps, 2);
	assert_step(&res, 1, 3, 3, &tables[5], MMU_STEP_LEAF);
}
END_TEST

/* Five levels: indices 0x1ff, 0x100, 2, 3, 4: the top half of the space. */
START_TEST(walk_5_level)
{
	static const struct sparse_entry five[] = {
		{ 0x1ff8, 0x2027 },	/* PML5E 511 -> PML4 at 0x2000 */
		{ 0x2800, 0x3027 },	/* PML4E 256 -> PDPT at 0x3000 */
		{ 0x3010, 0x4027 },	/* PDPTE 2 -> PD at 0x4000 */
		{ 0x4018, 0x5027 },	/* PDE 3 -> PT at 0x5000 */
		{ 0x5020, 0x12345067 },	/* PTE 4: 4K at 0x12345000 */
	};
	struct mmu_regs regs = t_regs(MODE5);
	struct sparse sparse = SPARSE(five);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, 0xffff800080604567, &res),
			 MMU_OK);
	assert_hex(res.pa, 0x12345567);
	ck_assert_uint_eq(res.nsteps, 5);
	assert_step(&res, 0, 5, 511, &five[0], MMU_STEP_TABLE);
	assert_step(&res, 1, 4, 256, &five[1], MMU_STEP_TABLE);
	assert_step(&res, 4, 1, 4, &five[4], MMU_STEP_LEAF);
}
END_TEST

START_TEST(first_and_last_byte_of_a_page)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	t_walk(&regs, &sparse, 0x8080604000, &res);
	assert_hex(res.pa, 0x12345000);
	t_walk(&regs, &sparse, 0x8080604fff, &res);
	assert_hex(res.pa, 0x12345fff);
	t_walk(&regs, &sparse, 0x80809fffff, &res);
	assert_hex(res.pa, 0x0a7fffff);
	t_walk(&regs, &sparse, 0x80ffffffff, &res);
	assert_hex(res.pa, 0x1ffffffff);
}
END_TEST

START_TEST(not_present_at_each_level)
{
	static const struct {
		uint64_t va;
		int level;
	} cases[] = {
		{ 0x8080605000, 1 },
		{ 0x8080a00000, 2 },
		{ 0x10000000000, 4 },
	};
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sparse sparse = SPARSE(tables);
		const struct mmu_step *last;

		ck_assert_int_eq(t_walk(&regs, &sparse, cases[i].va, &res),
				 MMU_FAULT_PF);
		ck_assert_uint_eq(res.error_code, 0);
		ck_assert_int_eq(res.fail_level, cases[i].level);
		ck_assert_uint_eq(res.nsteps, 5u - (unsigned int)cases[i].level);
		ck_assert_uint_eq(sparse.reads, res.nsteps);
		last = &res.steps[res.nsteps - 1];
		ck_assert_int_eq(last->kind, MMU_STEP_NOT_PRESENT);
		assert_hex(res.pa, 0);
		ck_assert_uint_eq(res.page_shift, 0);
		ck_assert(!res.readable && !res.writable && !res.executable &&
			  !res.user && !res.global);
	}
}
END_TEST

START_TEST(absent_memory_is_an_error_not_a_fault)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_access read = { .kind = MMU_READ };
	struct mmu_result res;

	ck_assert_int_eq(t_access(&regs, &sparse, 0x8100000000, read, &res),
			 MMU_ERR_MEMORY);
	ck_assert_int_eq(res.walk, MMU_ERR_MEMORY);
	ck_assert_int_eq(res.read_error, -EFAULT);
	ck_assert_int_eq(res.fail_level, 2);
	ck_assert_uint_eq(res.nsteps, 3);
	ck_assert_int_eq(res.steps[2].kind, MMU_STEP_UNREADABLE);
	assert_hex(res.steps[2].entry_pa, 0x7000000);
	assert_hex(res.steps[2].raw, 0);
	assert_hex(res.steps[0].may_set, 0);
}
END_TEST

/* Walks VA with the entry of @level ORed with @bits. */
static enum mmu_status walk_with(const struct mmu_regs *regs, int level,
				 uint64_t bits, struct mmu_result *res)
{
	struct sparse_entry copy[4];
	struct sparse sparse = SPARSE(copy);

	memcpy(copy, tables, sizeof(copy));
	copy[4 - level].value |= bits;
	return t_walk(regs, &sparse, VA, res);
}

static void assert_reserved(const struct mmu_result *res, int level,
			    uint64_t bits)
{
	ck_assert_int_eq(res->status, MMU_FAULT_PF);
	ck_assert_uint_eq(res->error_code, 9);
	ck_assert_int_eq(res->fail_level, level);
	assert_hex(res->reserved_bits, bits);
	ck_assert_int_eq(res->steps[res->nsteps - 1].kind, MMU_STEP_RESERVED);
	ck_assert_int_eq(res->steps[res->nsteps - 1].level, level);
}

START_TEST(pitfall_01_reserved_sets_rsvd_and_p)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	int level;

	for (level = 1; level <= 4; level++) {
		walk_with(&regs, level, UINT64_C(1) << 51, &res);
		assert_reserved(&res, level, UINT64_C(1) << 51);
	}
}
END_TEST

START_TEST(pitfall_01_absent_entry_has_no_reserved_bits)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	/* PDE 5: every bit but P */
	t_walk(&regs, &sparse, 0x8080a00000, &res);
	ck_assert_uint_eq(res.error_code, 0);
	assert_hex(res.reserved_bits, 0);
}
END_TEST

START_TEST(pitfall_01_the_upper_level_decides)
{
	static const struct sparse_entry reserved_first[] = {
		{ 0x1008, 0x8000000002027 },	/* PML4E, bit 51 */
		{ 0x2010, 0 },			/* PDPTE absent */
	};
	static const struct sparse_entry absent_first[] = {
		{ 0x1008, 0 },
		{ 0x2010, 0x8000000002027 },
	};
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse one = SPARSE(reserved_first), two = SPARSE(absent_first);
	struct mmu_result res;

	t_walk(&regs, &one, VA, &res);
	assert_reserved(&res, 4, UINT64_C(1) << 51);
	t_walk(&regs, &two, VA, &res);
	ck_assert_uint_eq(res.error_code, 0);
	ck_assert_int_eq(res.fail_level, 4);
}
END_TEST

START_TEST(pitfall_03_nx_reserved_at_every_level_without_nxe)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	int level;

	for (level = 1; level <= 4; level++) {
		ck_assert_int_eq(walk_with(&regs, level, T_NX, &res), MMU_OK);
		ck_assert(!res.executable);
	}
	regs.efer &= ~(uint64_t)T_EFER_NXE;
	for (level = 1; level <= 4; level++) {
		walk_with(&regs, level, T_NX, &res);
		assert_reserved(&res, level, T_NX);
	}
}
END_TEST

START_TEST(pitfall_05_ps_reserved_in_upper_tables)
{
	static const struct sparse_entry five[] = {
		{ 0x1000, 0x20a7 },	/* PML5E with PS */
	};
	static const struct sparse_entry four[] = {
		{ 0x1000, 0x2027 },
		{ 0x2000, 0x30a7 },	/* PML4E with PS */
	};
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_regs regs5 = t_regs(MODE5);
	struct sparse sparse5 = SPARSE(five), sparse4 = SPARSE(four);
	struct mmu_result res;

	walk_with(&regs, 4, T_PS, &res);
	assert_reserved(&res, 4, T_PS);
	t_walk(&regs5, &sparse5, 0, &res);
	assert_reserved(&res, 5, T_PS);
	t_walk(&regs5, &sparse4, 0, &res);
	assert_reserved(&res, 4, T_PS);
}
END_TEST

START_TEST(pitfall_05_ps_reserved_in_pdpte_without_1g_pages)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	regs.page1gb = false;
	t_walk(&regs, &sparse, 0x80f2345678, &res);
	assert_reserved(&res, 3, T_PS);
	/* A PDE is no matter of that feature. */
	ck_assert_int_eq(t_walk(&regs, &sparse, 0x8080923456, &res), MMU_OK);
}
END_TEST

START_TEST(upper_g_is_ignored_by_intel_and_reserved_by_amd)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;

	ck_assert_int_eq(walk_with(&regs, 4, T_G, &res), MMU_OK);
	regs.upper_g_reserved = true;
	walk_with(&regs, 4, T_G, &res);
	assert_reserved(&res, 4, T_G);
	/* PDPTE and PDE: ignored by both */
	ck_assert_int_eq(walk_with(&regs, 3, T_G, &res), MMU_OK);
	ck_assert_int_eq(walk_with(&regs, 2, T_G, &res), MMU_OK);
}
END_TEST

START_TEST(pitfall_06_cr4_pse_means_nothing_in_long_mode)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	regs.cr4 &= ~(uint64_t)T_CR4_PSE;
	ck_assert_int_eq(t_walk(&regs, &sparse, 0x8080923456, &res), MMU_OK);
	ck_assert_uint_eq(res.page_shift, 21);
}
END_TEST

/* Walks the 2M page (level 2) or the 1G page (level 3) with @bits ORed in. */
static void walk_large(int level, uint64_t bits, struct mmu_result *res)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse_entry copy[6];
	struct sparse sparse = SPARSE(copy);

	memcpy(copy, tables, sizeof(copy));
	copy[level == 2 ? 4 : 5].value |= bits;
	t_walk(&regs, &sparse, level == 2 ? 0x8080923456 : 0x80f2345678, res);
}

START_TEST(pitfall_07_low_bits_of_large_pages_are_reserved)
{
	struct mmu_result res;
	unsigned int bit;

	for (bit = 13; bit <= 20; bit++) {
		walk_large(2, UINT64_C(1) << bit, &res);
		assert_reserved(&res, 2, UINT64_C(1) << bit);
	}
	walk_large(2, UINT64_C(1) << 24, &res);
	ck_assert_int_eq(res.status, MMU_OK);
	assert_hex(res.pa, 0x0b723456);

	for (bit = 13; bit <= 29; bit++) {
		walk_large(3, UINT64_C(1) << bit, &res);
		assert_reserved(&res, 3, UINT64_C(1) << bit);
	}
	walk_large(3, UINT64_C(1) << 33, &res);
	ck_assert_int_eq(res.status, MMU_OK);
	assert_hex(res.pa, 0x3f2345678);
}
END_TEST

START_TEST(pitfall_07_pat_is_bit_12_in_large_pages)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;

	walk_large(2, T_PATL, &res);
	ck_assert_int_eq(res.status, MMU_OK);
	ck_assert_uint_eq(res.pat_index, 4);
	assert_hex(res.pa, 0x0a723456);
	walk_large(3, T_PATL | T_PWT, &res);
	ck_assert_uint_eq(res.pat_index, 5);
	assert_hex(res.pa, 0x1f2345678);
	/* PS itself is no PAT bit */
	walk_large(2, 0, &res);
	ck_assert_uint_eq(res.pat_index, 0);
	/* in a PTE bit 7 is PAT, and bit 12 is address */
	walk_with(&regs, 1, T_PAT, &res);
	ck_assert_uint_eq(res.pat_index, 4);
	walk_with(&regs, 1, 0x2000, &res);
	ck_assert_uint_eq(res.pat_index, 0);
	assert_hex(res.pa, 0x12347567);
}
END_TEST

START_TEST(pat_index_and_memory_type)
{
	static const struct {
		uint64_t bits;
		unsigned int index;
		enum mmu_memtype type;
	} cases[] = {
		{ 0, 0, MMU_MEM_WB },
		{ T_PWT, 1, MMU_MEM_WC },
		{ T_PCD, 2, MMU_MEM_UC_MINUS },
		{ T_PCD | T_PWT, 3, MMU_MEM_UC },
		{ T_PAT, 4, MMU_MEM_WB },
		{ T_PAT | T_PWT, 5, MMU_MEM_WP },
		{ T_PAT | T_PCD, 6, MMU_MEM_UC_MINUS },
		{ T_PAT | T_PCD | T_PWT, 7, MMU_MEM_WT },
	};
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		walk_with(&regs, 1, cases[i].bits, &res);
		ck_assert_uint_eq(res.pat_index, cases[i].index);
		ck_assert_int_eq(res.memtype, cases[i].type);
	}
	/* Those of a table say how the table is read, not the page. */
	walk_with(&regs, 2, T_PCD | T_PWT, &res);
	ck_assert_uint_eq(res.pat_index, 0);

	regs.pat = 0;
	walk_with(&regs, 1, 0, &res);
	ck_assert_int_eq(res.memtype, MMU_MEM_UNKNOWN);
	regs.pat = 0x0903020006060606;	/* 9, 3 and 2 are reserved values */
	walk_with(&regs, 1, T_PAT | T_PWT, &res);
	ck_assert_int_eq(res.memtype, MMU_MEM_UNKNOWN);
	walk_with(&regs, 1, T_PAT | T_PCD, &res);
	ck_assert_int_eq(res.memtype, MMU_MEM_UNKNOWN);
	walk_with(&regs, 1, T_PAT | T_PCD | T_PWT, &res);
	ck_assert_int_eq(res.memtype, MMU_MEM_UNKNOWN);
	walk_with(&regs, 1, T_PAT, &res);
	ck_assert_int_eq(res.memtype, MMU_MEM_UC);
}
END_TEST

START_TEST(pitfall_10_bits_62_to_52_are_ignored)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	int level;

	for (level = 1; level <= 4; level++) {
		ck_assert_int_eq(walk_with(&regs, level, 0x7ff0000000000e00,
					   &res), MMU_OK);
		assert_hex(res.pa, 0x12345567);
	}
}
END_TEST

START_TEST(pitfall_10_maxphyaddr_is_not_52)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	unsigned int width, bit;
	int level;

	for (width = 36; width <= 52; width++) {
		regs.maxphyaddr = width;
		for (bit = width; bit < 52; bit++) {
			for (level = 1; level <= 4; level++) {
				walk_with(&regs, level, UINT64_C(1) << bit,
					  &res);
				assert_reserved(&res, level,
						UINT64_C(1) << bit);
			}
		}
		/* The highest bit that is left is address. */
		ck_assert_int_eq(walk_with(&regs, 1,
					   UINT64_C(1) << (width - 1), &res),
				 MMU_OK);
		assert_hex(res.pa, 0x12345567 | UINT64_C(1) << (width - 1));
	}
}
END_TEST

START_TEST(pitfall_14_canonical_before_paging)
{
	static const struct {
		enum mmu_mode mode;
		uint64_t va;
		bool ok;
	} cases[] = {
		{ MODE4, 0x00007fffffffffff, true },
		{ MODE4, 0x0000800000000000, false },
		{ MODE4, 0xffff7fffffffffff, false },
		{ MODE4, 0xffff800000000000, true },
		{ MODE4, 0x7fffffffffffffff, false },
		{ MODE4, 0x8000000000000000, false },
		{ MODE5, 0x0000800000000000, true },
		{ MODE5, 0x00ffffffffffffff, true },
		{ MODE5, 0x0100000000000000, false },
		{ MODE5, 0xfeffffffffffffff, false },
		{ MODE5, 0xff00000000000000, true },
		{ MODE5, 0xffff7fffffffffff, true },
	};
	static const struct sparse_entry roots[] = {
		{ 0x17f8, 0 }, { 0x1800, 0 }, { 0x1000, 0 }, { 0x1ff8, 0 },
	};
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mmu_regs regs = t_regs(cases[i].mode);
		struct sparse sparse = SPARSE(roots);
		enum mmu_status want = cases[i].ok ? MMU_FAULT_PF : MMU_FAULT_GP;

		ck_assert_msg(mmu_is_canonical(cases[i].mode, cases[i].va) ==
			      cases[i].ok, "case %zu", i);
		ck_assert_int_eq(t_walk(&regs, &sparse, cases[i].va, &res),
				 want);
		if (cases[i].ok)
			continue;
		ck_assert_uint_eq(res.error_code, 0);
		ck_assert_uint_eq(res.nsteps, 0);
		ck_assert_uint_eq(sparse.reads, 0);
	}
}
END_TEST

START_TEST(pitfall_14_gp_or_ss)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_access read = { .kind = MMU_READ };
	struct mmu_access push = { .kind = MMU_WRITE, .stack = true };
	struct mmu_access jump = { .kind = MMU_FETCH, .stack = true };
	uint64_t va = UINT64_C(1) << 60;
	struct mmu_result res;

	ck_assert_int_eq(t_access(&regs, &sparse, va, read, &res),
			 MMU_FAULT_GP);
	ck_assert_int_eq(t_access(&regs, &sparse, va, push, &res),
			 MMU_FAULT_SS);
	ck_assert_uint_eq(res.error_code, 0);
	ck_assert_int_eq(t_access(&regs, &sparse, va, jump, &res),
			 MMU_FAULT_GP);
}
END_TEST

START_TEST(pitfall_16_g_only_in_leaves_and_with_pge)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	int level;

	walk_with(&regs, 1, T_G, &res);
	ck_assert(res.global);
	for (level = 2; level <= 4; level++) {
		ck_assert_int_eq(walk_with(&regs, level, T_G, &res), MMU_OK);
		ck_assert(!res.global);
	}
	walk_large(2, T_G, &res);
	ck_assert(res.global);
	walk_large(3, T_G, &res);
	ck_assert(res.global);
	regs.cr4 &= ~(uint64_t)T_CR4_PGE;
	walk_with(&regs, 1, T_G, &res);
	ck_assert(!res.global);
}
END_TEST

START_TEST(pitfall_17_low_bits_of_cr3_are_not_address)
{
	static const uint64_t low[] = { 0x8, 0x10, 0x18, 0x801, 0xfff };
	struct mmu_regs regs = t_regs(MODE4);
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
		struct sparse sparse = SPARSE(tables);

		regs.cr3 = 0x1000 | low[i];
		ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_OK);
	}
}
END_TEST

/* With page-table isolation the two roots differ in bit 12 of CR3 alone. */
START_TEST(pitfall_17_bit_12_of_cr3_is_address)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	regs.cr3 = 0x2000;
	t_walk(&regs, &sparse, VA, &res);
	ck_assert_int_eq(res.status, MMU_ERR_MEMORY);
	assert_hex(res.steps[0].entry_pa, 0x2008);
}
END_TEST

/* What Linux stores for PROT_NONE: bit 8 (for software) set, P clear. */
START_TEST(pitfall_18_prot_none_is_not_present)
{
	static const struct sparse_entry none[] = {
		{ 0x1008, 0x2027 }, { 0x2010, 0x3027 }, { 0x3018, 0x4027 },
		{ 0x4020, 0x12345166 },
	};
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(none);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_FAULT_PF);
	ck_assert_uint_eq(res.error_code, 0);
	ck_assert_int_eq(res.steps[3].kind, MMU_STEP_NOT_PRESENT);
}
END_TEST

START_TEST(pitfall_19_neighbouring_pages_are_two_translations)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_result first, second;

	ck_assert_int_eq(t_walk(&regs, &sparse, 0x8080604fff, &first), MMU_OK);
	ck_assert_int_eq(t_walk(&regs, &sparse, 0x8080605000, &second),
			 MMU_FAULT_PF);
}
END_TEST

START_TEST(impossible_registers)
{
	struct mmu_regs good = t_regs(MODE4), regs;
	struct sparse sparse = SPARSE(tables);
	struct mmu_result res;

	ck_assert_int_eq(mmu_check_regs(&good), MMU_OK);
#define REFUSED(change) do { \
	regs = good; \
	change; \
	ck_assert_int_eq(mmu_check_regs(&regs), MMU_ERR_REGS); \
	ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_ERR_REGS); \
	ck_assert_uint_eq(res.nsteps, 0); \
} while (0)
	REFUSED(regs.cr0 &= ~UINT64_C(0x80000000));
	REFUSED(regs.cr0 &= ~UINT64_C(1));
	REFUSED(regs.cr0 |= T_CR0_NW);
	REFUSED((regs.cr4 |= T_CR4_CET, regs.cr0 &= ~(uint64_t)T_CR0_WP));
	REFUSED(regs.cr4 &= ~(uint64_t)T_CR4_PAE);
	REFUSED(regs.cr4 |= T_CR4_LA57);
	REFUSED(regs.mode = MODE5);
	REFUSED(regs.efer &= ~UINT64_C(0x100));
	REFUSED(regs.efer &= ~UINT64_C(0x400));
	REFUSED(regs.maxphyaddr = 31);
	REFUSED(regs.maxphyaddr = 53);
	REFUSED(regs.maxphyaddr = 0);
	REFUSED(regs.cr3 |= UINT64_C(1) << 46);
	REFUSED(regs.cr3 |= UINT64_C(1) << 63);
#undef REFUSED
	/* LAM bits of CR3 */
	regs = good;
	regs.cr3 |= UINT64_C(3) << 61;
	ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_OK);
	ck_assert_uint_eq(sparse.reads, 4);
}
END_TEST

START_TEST(unknown_mode)
{
	struct mmu_regs regs = t_regs(MODE4);
	struct sparse sparse = SPARSE(tables);
	struct mmu_access read = { .kind = MMU_READ };
	struct mmu_result res;

	regs.mode = (enum mmu_mode)77;
	ck_assert_int_eq(mmu_check_regs(&regs), MMU_ERR_MODE);
	ck_assert_int_eq(t_access(&regs, &sparse, VA, read, &res),
			 MMU_ERR_MODE);
	ck_assert_int_eq(res.walk, MMU_ERR_MODE);
	ck_assert_uint_eq(sparse.reads, 0);
	ck_assert_int_eq(mmu_levels(regs.mode), 0);
	ck_assert_uint_eq(mmu_va_bits(regs.mode), 0);
	ck_assert(!mmu_is_canonical(regs.mode, 0));
}
END_TEST

START_TEST(geometry)
{
	static const unsigned int shift[] = { 0, 12, 21, 30, 39, 48 };
	int level;

	ck_assert_int_eq(mmu_levels(MODE4), 4);
	ck_assert_int_eq(mmu_levels(MODE5), 5);
	ck_assert_uint_eq(mmu_va_bits(MODE4), 48);
	ck_assert_uint_eq(mmu_va_bits(MODE5), 57);
	for (level = 1; level <= 5; level++) {
		ck_assert_uint_eq(mmu_level_shift(MODE5, level), shift[level]);
		ck_assert_uint_eq(mmu_index(MODE5, UINT64_C(0x1ff) <<
					    shift[level], level), 0x1ff);
		ck_assert_uint_eq(mmu_index(MODE5, ~(UINT64_C(0x1ff) <<
					    shift[level]), level), 0);
	}
	ck_assert_uint_eq(mmu_level_shift(MODE4, 5), 0);
	ck_assert_uint_eq(mmu_level_shift(MODE4, 0), 0);
	ck_assert_uint_eq(mmu_index(MODE4, VA, 4), 1);
	ck_assert_uint_eq(mmu_index(MODE4, VA, 3), 2);
	ck_assert_uint_eq(mmu_index(MODE4, VA, 2), 3);
	ck_assert_uint_eq(mmu_index(MODE4, VA, 1), 4);
	ck_assert_uint_eq(mmu_index(MODE4, VA, 5), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu walk");
	TCase *tc = tcase_create("walk");

	tcase_add_test(tc, walk_4k);
	tcase_add_test(tc, walk_2m);
	tcase_add_test(tc, walk_1g);
	tcase_add_test(tc, walk_5_level);
	tcase_add_test(tc, first_and_last_byte_of_a_page);
	tcase_add_test(tc, not_present_at_each_level);
	tcase_add_test(tc, absent_memory_is_an_error_not_a_fault);
	tcase_add_test(tc, pitfall_01_reserved_sets_rsvd_and_p);
	tcase_add_test(tc, pitfall_01_absent_entry_has_no_reserved_bits);
	tcase_add_test(tc, pitfall_01_the_upper_level_decides);
	tcase_add_test(tc, pitfall_03_nx_reserved_at_every_level_without_nxe);
	tcase_add_test(tc, pitfall_05_ps_reserved_in_upper_tables);
	tcase_add_test(tc, pitfall_05_ps_reserved_in_pdpte_without_1g_pages);
	tcase_add_test(tc, upper_g_is_ignored_by_intel_and_reserved_by_amd);
	tcase_add_test(tc, pitfall_06_cr4_pse_means_nothing_in_long_mode);
	tcase_add_test(tc, pitfall_07_low_bits_of_large_pages_are_reserved);
	tcase_add_test(tc, pitfall_07_pat_is_bit_12_in_large_pages);
	tcase_add_test(tc, pat_index_and_memory_type);
	tcase_add_test(tc, pitfall_10_bits_62_to_52_are_ignored);
	tcase_add_test(tc, pitfall_10_maxphyaddr_is_not_52);
	tcase_add_test(tc, pitfall_14_canonical_before_paging);
	tcase_add_test(tc, pitfall_14_gp_or_ss);
	tcase_add_test(tc, pitfall_16_g_only_in_leaves_and_with_pge);
	tcase_add_test(tc, pitfall_17_low_bits_of_cr3_are_not_address);
	tcase_add_test(tc, pitfall_17_bit_12_of_cr3_is_address);
	tcase_add_test(tc, pitfall_18_prot_none_is_not_present);
	tcase_add_test(tc, pitfall_19_neighbouring_pages_are_two_translations);
	tcase_add_test(tc, impossible_registers);
	tcase_add_test(tc, unknown_mode);
	tcase_add_test(tc, geometry);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
