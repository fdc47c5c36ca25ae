// SPDX-License-Identifier: GPL-2.0
/* Software MMU: 32-bit paging, 4-byte entries, 4 MiB pages and PSE-36. */
#include "test_mmu.h"

#define MODE	MMU_MODE_X86_32BIT

/* Indices 2 and 3 from the root, offset 0x567. */
#define VA	UINT64_C(0x00803567)

/*
 * One page of each kind below one root. Every entry has RW, US and A; the leaf
 * has D too.
 */
static const struct small_entry tables[] = {
	{ 0x1008, 0x00002027 },	/* PDE 2 -> PT at 0x2000 */
	{ 0x200c, 0x12345067 },	/* PTE 3: 4K at 0x12345000 */
	{ 0x100c, 0x0ac000e7 },	/* PDE 3: 4M at 0x0ac00000 */
	{ 0x1010, 0x08cb40e7 },	/* PDE 4: 4M at 0x5a08c00000, by PSE-36 */
	{ 0x1014, 0x00000000 },	/* PDE 5: absent */
	{ 0x1018, 0xfffffffe },	/* PDE 6: absent, all else set */
	{ 0x101c, 0x07000027 },	/* PDE 7 -> a PT that is not there */
	{ 0x2010, 0xfffffffe },	/* PTE 4: absent, all else set */
	{ 0x2014, 0x67890067 },	/* PTE 5: 4K at 0x67890000 */
	{ 0x1ffc, 0x00003027 },	/* PDE 1023 -> PT at 0x3000 */
	{ 0x3ff8, 0xfffff067 },	/* PTE 1022: the last frame below 4G */
};

#define N_TABLES	(sizeof(tables) / sizeof(tables[0]))
#define PDE_TABLE	0	/* numbers in the list above */
#define PTE_4K		1
#define PDE_4M		2
#define PDE_PSE36	3

static enum mmu_status look(const struct mmu_regs *regs,
			    const struct small_entry *entries, size_t count,
			    uint64_t va, struct mmu_result *res)
{
	struct small small = { .entries = entries, .count = count };
	struct mmu_mem mem = { .read = small_read, .ctx = &small };

	memset(res, 0xa5, sizeof(*res));
	mmu_walk(regs, &mem, va, res);
	ck_assert_uint_eq(small.reads, res->nsteps);
	return res->status;
}

static enum mmu_status walk(const struct mmu_regs *regs, uint64_t va,
			    struct mmu_result *res)
{
	return look(regs, tables, N_TABLES, va, res);
}

/* The page at @va, with the bits of @flip inverted in one entry of the list. */
static enum mmu_status walk_flip(const struct mmu_regs *regs, size_t entry,
				 uint32_t flip, uint64_t va,
				 struct mmu_result *res)
{
	struct small_entry copy[N_TABLES];

	memcpy(copy, tables, sizeof(copy));
	copy[entry].value ^= flip;
	return look(regs, copy, N_TABLES, va, res);
}

static void is_step(const struct mmu_result *res, unsigned int i, int level,
		    unsigned int index, size_t entry, enum mmu_step_kind kind)
{
	struct sparse_entry e = { tables[entry].pa, tables[entry].value };

	assert_step(res, i, level, index, &e, kind);
}

static void is_reserved(const struct mmu_result *res, uint32_t bits)
{
	ck_assert_int_eq(res->status, MMU_FAULT_PF);
	assert_hex(res->error_code, 9);
	assert_hex(res->reserved_bits, bits);
	ck_assert_int_eq(res->fail_level, 2);
	ck_assert_uint_eq(res->nsteps, 1);
	ck_assert_int_eq(res->steps[0].kind, MMU_STEP_RESERVED);
}

START_TEST(walk_4k)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
	assert_hex(res.va, VA);
	assert_hex(res.pa, 0x12345567);
	ck_assert_uint_eq(res.page_shift, 12);
	ck_assert(res.readable && res.writable && res.executable && res.user);
	ck_assert(!res.global);
	assert_hex(res.error_code, 0);
	ck_assert_int_eq(res.fail_level, 0);
	ck_assert_uint_eq(res.nsteps, 2);
	is_step(&res, 0, 2, 2, PDE_TABLE, MMU_STEP_TABLE);
	is_step(&res, 1, 1, 3, PTE_4K, MMU_STEP_LEAF);
}
END_TEST

START_TEST(walk_4m)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, 0x00f23456, &res), MMU_OK);
	assert_hex(res.pa, 0x0af23456);
	ck_assert_uint_eq(res.page_shift, 22);
	ck_assert_uint_eq(res.nsteps, 1);
	is_step(&res, 0, 2, 3, PDE_4M, MMU_STEP_LEAF);
}
END_TEST

START_TEST(walk_4m_above_4g)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, 0x01334567, &res), MMU_OK);
	assert_hex(res.pa, 0x5a08f34567);
	ck_assert_uint_eq(res.page_shift, 22);
	is_step(&res, 0, 2, 4, PDE_PSE36, MMU_STEP_LEAF);
}
END_TEST

/* The reader gives two entries at once: PTE 5 is the upper of its pair, too. */
START_TEST(both_halves_of_eight_bytes)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, 0x00805fff, &res), MMU_OK);
	assert_hex(res.pa, 0x67890fff);
	assert_hex(res.steps[1].entry_pa, 0x2014);
	/* PTE 4 is the lower, and absent. */
	ck_assert_int_eq(walk(&regs, 0x00804000, &res), MMU_FAULT_PF);
	assert_hex(res.steps[1].entry_pa, 0x2010);
	assert_hex(res.steps[1].raw, 0xfffffffe);
	/* PTE 2 is beside PTE 3, with what stands there. */
	ck_assert_int_eq(walk(&regs, 0x00802000, &res), MMU_OK);
	assert_hex(res.steps[1].raw, SMALL_ELSEWHERE);
}
END_TEST

START_TEST(first_and_last_byte)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	walk(&regs, 0x00803000, &res);
	assert_hex(res.pa, 0x12345000);
	walk(&regs, 0x00803fff, &res);
	assert_hex(res.pa, 0x12345fff);
	walk(&regs, 0x00c00000, &res);
	assert_hex(res.pa, 0x0ac00000);
	walk(&regs, 0x00ffffff, &res);
	assert_hex(res.pa, 0x0affffff);
	ck_assert_int_eq(walk(&regs, 0xffffefff, &res), MMU_OK);
	assert_hex(res.pa, 0xffffffff);
	ck_assert_uint_eq(res.steps[0].index, 1023);
	ck_assert_uint_eq(res.steps[1].index, 1022);
}
END_TEST

START_TEST(absent)
{
	static const struct {
		uint64_t va;
		int level;
	} cases[] = {
		{ 0x01400000, 2 }, { 0x01800000, 2 }, { 0x00804000, 1 },
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(walk(&regs, cases[i].va, &res), MMU_FAULT_PF);
		assert_hex(res.error_code, 0);
		assert_hex(res.reserved_bits, 0);
		assert_hex(res.pa, 0);
		ck_assert_int_eq(res.fail_level, cases[i].level);
		ck_assert_int_eq(res.steps[res.nsteps - 1].kind,
				 MMU_STEP_NOT_PRESENT);
	}
}
END_TEST

START_TEST(absent_memory)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	ck_assert_int_eq(walk(&regs, 0x01c01000, &res), MMU_ERR_MEMORY);
	ck_assert_int_eq(res.read_error, -EFAULT);
	ck_assert_int_eq(res.fail_level, 1);
	assert_hex(res.steps[1].entry_pa, 0x07000004);
	assert_hex(res.steps[1].raw, 0);
	ck_assert_int_eq(res.steps[1].kind, MMU_STEP_UNREADABLE);
}
END_TEST

/* PDE 3 says PS; without CR4.PSE its address is that of a page table. */
START_TEST(pitfall_06_ps_is_ignored_without_pse)
{
	static const struct small_entry entries[] = {
		{ 0x100c, 0x0ac000e7 },
		{ 0x0ac0048c, 0x12345067 },	/* PTE 0x123 of that table */
		{ 0x1010, 0x003fe0e7 },		/* bits 21:13 are address, too */
		{ 0x003fe48c, 0x45678067 },
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	regs.cr4 &= ~(uint64_t)T_CR4_PSE;
	ck_assert_int_eq(look(&regs, entries, 4, 0x00d23456, &res), MMU_OK);
	assert_hex(res.pa, 0x12345456);
	ck_assert_uint_eq(res.page_shift, 12);
	ck_assert_int_eq(res.steps[0].kind, MMU_STEP_TABLE);
	ck_assert_int_eq(look(&regs, entries, 4, 0x01123456, &res), MMU_OK);
	assert_hex(res.pa, 0x45678456);
}
END_TEST

/* M is the smaller of 40 and MAXPHYADDR; bits 21:(M - 19) are reserved. */
START_TEST(pitfall_08_reserved_bits_of_pse36)
{
	static const struct {
		unsigned int maxphyaddr, first;
	} cases[] = {
		{ 32, 13 }, { 33, 14 }, { 34, 15 }, { 35, 16 }, { 36, 17 },
		{ 37, 18 }, { 38, 19 }, { 39, 20 }, { 40, 21 }, { 41, 21 },
		{ 46, 21 }, { 52, 21 },
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	unsigned int bit;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		regs.maxphyaddr = cases[i].maxphyaddr;
		for (bit = 13; bit <= 21; bit++) {
			walk_flip(&regs, PDE_4M, UINT32_C(1) << bit, 0x00f23456,
				  &res);
			if (bit >= cases[i].first) {
				is_reserved(&res, UINT32_C(1) << bit);
				continue;
			}
			ck_assert_int_eq(res.status, MMU_OK);
			assert_hex(res.pa, 0x0af23456 | UINT64_C(1) <<
				   (bit - 13 + 32));
		}
	}
}
END_TEST

START_TEST(pitfall_08_without_pse36_no_bit_is_free)
{
	static const unsigned int widths[] = { 32, 36, 40, 52 };
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	unsigned int bit;
	size_t i;

	regs.pse36 = false;
	for (i = 0; i < 4; i++) {
		regs.maxphyaddr = widths[i];
		ck_assert_int_eq(walk(&regs, 0x00f23456, &res), MMU_OK);
		assert_hex(res.pa, 0x0af23456);
		for (bit = 13; bit <= 21; bit++) {
			walk_flip(&regs, PDE_4M, UINT32_C(1) << bit, 0x00f23456,
				  &res);
			is_reserved(&res, UINT32_C(1) << bit);
		}
		/* 12 is PAT, 22 is address */
		ck_assert_int_eq(walk_flip(&regs, PDE_4M, 0x00401000,
					   0x00f23456, &res), MMU_OK);
		assert_hex(res.pa, 0x0ab23456);
	}
}
END_TEST

/* All that is set in them belongs to somebody. */
START_TEST(no_reserved_bits_but_in_4m_pages)
{
	static const struct small_entry entries[] = {
		{ 0x1008, 0xffffff7f },		/* PDE without PS */
		{ 0xfffff00c, 0xffffffff },	/* PTE */
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	regs.maxphyaddr = 32;
	ck_assert_int_eq(look(&regs, entries, 2, VA, &res), MMU_OK);
	assert_hex(res.pa, 0xfffff567);
	ck_assert(res.global && res.user && res.writable && res.executable);
	ck_assert_uint_eq(res.pat_index, 7);
}
END_TEST

START_TEST(memory_type)
{
	static const struct {
		size_t entry;
		uint32_t bits;
		unsigned int index;
		enum mmu_memtype type;
	} cases[] = {
		{ PTE_4K, 0, 0, MMU_MEM_WB },
		{ PTE_4K, T_PWT, 1, MMU_MEM_WC },
		{ PTE_4K, T_PCD, 2, MMU_MEM_UC_MINUS },
		{ PTE_4K, T_PAT | T_PWT, 5, MMU_MEM_WP },
		{ PTE_4K, T_PATL, 0, MMU_MEM_WB },
		{ PDE_TABLE, T_PCD | T_PWT, 0, MMU_MEM_WB },
		{ PDE_4M, 0, 0, MMU_MEM_WB },
		{ PDE_4M, T_PATL | T_PWT, 5, MMU_MEM_WP },
		{ PDE_4M, T_PCD | T_PWT, 3, MMU_MEM_UC },
		{ PDE_4M, T_PATL | T_PCD | T_PWT, 7, MMU_MEM_WT },
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t va = cases[i].entry == PDE_4M ? 0x00f23456 : VA;

		ck_assert_int_eq(walk_flip(&regs, cases[i].entry, cases[i].bits,
					   va, &res), MMU_OK);
		ck_assert_uint_eq(res.pat_index, cases[i].index);
		ck_assert_int_eq(res.memtype, cases[i].type);
	}
	/* PAT of a 4M page is no address bit. */
	walk_flip(&regs, PDE_4M, T_PATL, 0x00f23456, &res);
	assert_hex(res.pa, 0x0af23456);
}
END_TEST

START_TEST(global)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	walk_flip(&regs, PTE_4K, T_G, VA, &res);
	ck_assert(res.global);
	walk_flip(&regs, PDE_TABLE, T_G, VA, &res);
	ck_assert_int_eq(res.status, MMU_OK);
	ck_assert(!res.global);
	walk_flip(&regs, PDE_4M, T_G, 0x00c00000, &res);
	ck_assert(res.global);
	regs.cr4 &= ~(uint64_t)T_CR4_PGE;
	walk_flip(&regs, PTE_4K, T_G, VA, &res);
	ck_assert(!res.global);
	walk_flip(&regs, PDE_4M, T_G, 0x00c00000, &res);
	ck_assert(!res.global);
}
END_TEST

static const struct mmu_access read_ = { .kind = MMU_READ },
	write_ = { .kind = MMU_WRITE }, fetch = { .kind = MMU_FETCH },
	uread = { .kind = MMU_READ, .user = true },
	uwrite = { .kind = MMU_WRITE, .user = true },
	ufetch = { .kind = MMU_FETCH, .user = true };

/* One access to the 4K page, after @flip of one entry: its error code or -1. */
static int code(const struct mmu_regs *regs, size_t entry, uint32_t flip,
		struct mmu_access access, uint32_t *denied)
{
	struct mmu_result res;

	walk_flip(regs, entry, flip, VA, &res);
	mmu_check_access(regs, &access, &res);
	*denied = res.denied;
	return res.status == MMU_FAULT_PF ? (int)res.error_code : -1;
}

#define permitted(regs, entry, flip, access) do { \
	uint32_t why_; \
	ck_assert_int_eq(code((regs), (entry), (flip), (access), &why_), -1); \
} while (0)

#define refused(regs, entry, flip, access, want, why) do { \
	uint32_t why_; \
	ck_assert_int_eq(code((regs), (entry), (flip), (access), &why_), \
			 (want)); \
	assert_hex(why_, (why)); \
} while (0)

START_TEST(rights_of_both_levels)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	size_t i;

	for (i = PDE_TABLE; i <= PTE_4K; i++) {
		permitted(&regs, i, 0, uwrite);
		refused(&regs, i, T_RW, uwrite, 7, MMU_DENY_WRITE);
		permitted(&regs, i, T_RW, uread);
		refused(&regs, i, T_RW, write_, 3, MMU_DENY_WRITE);
		refused(&regs, i, T_US, uread, 5, MMU_DENY_USER);
		refused(&regs, i, T_US, ufetch, 5, MMU_DENY_USER);
		permitted(&regs, i, T_US, write_);
		walk_flip(&regs, i, T_RW, VA, &res);
		ck_assert(!res.writable && res.user);
		mmu_check_access(&regs, &uwrite, &res);
		ck_assert_int_eq(res.fail_level, 2 - (int)i);
	}
	regs.cr0 &= ~(uint64_t)T_CR0_WP;
	permitted(&regs, PTE_4K, T_RW, write_);
	refused(&regs, PTE_4K, T_RW, uwrite, 7, MMU_DENY_WRITE);
}
END_TEST

/* Bit 63 is another entry's: nothing forbids a fetch but U/S and SMEP. */
START_TEST(no_nx)
{
	static const struct small_entry entries[] = {
		{ 0x1008, 0x00002027 }, { 0x2008, 0x12345067 },
		{ 0x200c, 0xffffffff },
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	ck_assert_int_eq(look(&regs, entries, 3, 0x00802000, &res), MMU_OK);
	assert_hex(res.steps[1].raw, 0x12345067);
	ck_assert(res.executable);
	ck_assert_int_eq(mmu_check_access(&regs, &ufetch, &res), MMU_OK);
	regs.efer &= ~(uint64_t)T_EFER_NXE;
	ck_assert_int_eq(look(&regs, entries, 3, 0x00802000, &res), MMU_OK);
	ck_assert(res.executable);
}
END_TEST

/* NXE is on: it has no say with CR4.PAE = 0. */
START_TEST(pitfall_04_id_only_with_smep)
{
	struct mmu_regs regs = t_regs(MODE);

	refused(&regs, PTE_4K, T_P, ufetch, 4, 0);
	refused(&regs, PTE_4K, T_P, fetch, 0, 0);
	refused(&regs, PTE_4K, T_US, ufetch, 5, MMU_DENY_USER);
	regs.cr4 |= T_CR4_SMEP;
	refused(&regs, PTE_4K, T_P, ufetch, 0x14, 0);
	refused(&regs, PTE_4K, T_P, fetch, 0x10, 0);
	refused(&regs, PTE_4K, T_US, ufetch, 0x15, MMU_DENY_USER);
	refused(&regs, PTE_4K, 0, fetch, 0x11, MMU_DENY_SMEP);
	permitted(&regs, PTE_4K, 0, ufetch);
	permitted(&regs, PTE_4K, T_US, fetch);
}
END_TEST

START_TEST(pitfall_12_smap)
{
	struct mmu_access implicit = { .kind = MMU_READ, .implicit = true,
				       .user = true };
	struct mmu_regs regs = t_regs(MODE);

	regs.cr4 |= T_CR4_SMAP;
	refused(&regs, PTE_4K, 0, read_, 1, MMU_DENY_SMAP);
	refused(&regs, PTE_4K, 0, write_, 3, MMU_DENY_SMAP);
	permitted(&regs, PTE_4K, 0, fetch);
	permitted(&regs, PTE_4K, 0, uread);
	permitted(&regs, PDE_TABLE, T_US, read_);
	regs.rflags |= T_AC;
	permitted(&regs, PTE_4K, 0, write_);
	refused(&regs, PTE_4K, 0, implicit, 1, MMU_DENY_SMAP);
}
END_TEST

START_TEST(pitfall_11_no_keys)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	regs.cr4 |= T_CR4_PKE | T_CR4_PKS;
	regs.pkru = ~0u;
	regs.pkrs = ~0u;
	permitted(&regs, PTE_4K, 0, uwrite);
	permitted(&regs, PTE_4K, 0, read_);
	permitted(&regs, PTE_4K, T_US, write_);
	walk(&regs, VA, &res);
	ck_assert_uint_eq(res.pkey, 0);
}
END_TEST

START_TEST(codes_of_absent_and_reserved)
{
	static const struct {
		struct mmu_access access;
		uint32_t code;
	} cases[] = {
		{ { .kind = MMU_READ }, 0 }, { { .kind = MMU_WRITE }, 2 },
		{ { .kind = MMU_READ, .user = true }, 4 },
		{ { .kind = MMU_WRITE, .user = true }, 6 },
		{ { .kind = MMU_FETCH, .user = true }, 0x14 },
		{ { .kind = MMU_WRITE, .user = true, .implicit = true }, 2 },
	};
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	size_t i;

	regs.cr4 |= T_CR4_SMEP;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		walk(&regs, 0x01400000, &res);
		mmu_check_access(&regs, &cases[i].access, &res);
		assert_hex(res.error_code, cases[i].code);
		walk_flip(&regs, PDE_4M, 0x00200000, 0x00c00000, &res);
		mmu_check_access(&regs, &cases[i].access, &res);
		assert_hex(res.error_code, cases[i].code | 9);
		assert_hex(res.steps[0].may_set, 0);
	}
}
END_TEST

START_TEST(pitfall_15_accessed_and_dirty)
{
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;

	walk_flip(&regs, PTE_4K, T_A | T_D, VA, &res);
	mmu_check_access(&regs, &uread, &res);
	assert_hex(res.steps[0].must_set, 0);
	assert_hex(res.steps[1].must_set, T_A);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.steps[1].must_set, T_A | T_D);
	walk_flip(&regs, PDE_TABLE, T_A, VA, &res);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.steps[0].must_set, T_A);
	assert_hex(res.steps[1].must_set, 0);
	walk_flip(&regs, PDE_TABLE, T_A | T_RW, VA, &res);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.steps[0].must_set, 0);
	assert_hex(res.steps[0].may_set, T_A);
	walk_flip(&regs, PDE_4M, T_A | T_D, 0x00c00000, &res);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.steps[0].must_set, T_A | T_D);
}
END_TEST

START_TEST(pitfall_17_cr3_31_12_alone_is_address)
{
	static const uint64_t others[] = { 0x18, 0xfff, 0x1234567800000000 };
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_result res;
	size_t i;

	for (i = 0; i < 3; i++) {
		regs.cr3 = 0x1000 | others[i];
		ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
		assert_hex(res.steps[0].entry_pa, 0x1008);
	}
	regs.cr3 = 0xfffff000;
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_ERR_MEMORY);
	assert_hex(res.steps[0].entry_pa, 0xfffff008);
}
END_TEST

START_TEST(address_above_4g)
{
	struct mmu_regs regs = t_regs(MODE);
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
	ck_assert(mmu_is_canonical(MODE, 0xffffffff));
	ck_assert_int_eq(walk(&regs, 0xffffffff80000000, &res), MMU_ERR_VA);
}
END_TEST

START_TEST(impossible_registers)
{
	struct mmu_regs good = t_regs(MODE), regs;
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
	REFUSED(regs.cr4 |= T_CR4_PAE);
	REFUSED(regs.cr4 |= T_CR4_PCIDE);
	REFUSED(regs.efer |= 0x100);
	REFUSED(regs.efer |= 0x400);
	REFUSED(regs.mode = MMU_MODE_X86_PAE);
	REFUSED(regs.mode = MMU_MODE_X86_4LEVEL);
	REFUSED(regs.maxphyaddr = 31);
	REFUSED(regs.maxphyaddr = 53);
#undef REFUSED
	/* May be set, and means nothing here; so do the registers of PAE. */
	regs = good;
	regs.cr4 |= T_CR4_LA57 | T_CR4_CET;
	regs.cr0 |= T_CR0_NW | T_CR0_CD;
	regs.pdpte[2] = ~UINT64_C(0);
	ck_assert_int_eq(walk(&regs, VA, &res), MMU_OK);
}
END_TEST

START_TEST(load_cr3)
{
	struct small small = { .entries = tables, .count = N_TABLES };
	struct mmu_mem mem = { .read = small_read, .ctx = &small };
	struct mmu_regs regs = t_regs(MODE);
	struct mmu_cr3_load load;

	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, 0xffffffffabcdefff, &load),
			 MMU_OK);
	assert_hex(regs.cr3, 0xabcdefff);
	ck_assert_int_eq(load.index, -1);
	ck_assert_uint_eq(small.reads, 0);
	regs.cr4 |= T_CR4_PAE;
	ck_assert_int_eq(mmu_load_cr3(&regs, &mem, 0x1000, &load),
			 MMU_ERR_REGS);
	assert_hex(regs.cr3, 0xabcdefff);
}
END_TEST

START_TEST(geometry)
{
	ck_assert_int_eq(mmu_levels(MODE), 2);
	ck_assert_uint_eq(mmu_va_bits(MODE), 32);
	ck_assert_uint_eq(mmu_level_shift(MODE, 1), 12);
	ck_assert_uint_eq(mmu_level_shift(MODE, 2), 22);
	ck_assert_uint_eq(mmu_level_shift(MODE, 3), 0);
	ck_assert_uint_eq(mmu_index(MODE, VA, 2), 2);
	ck_assert_uint_eq(mmu_index(MODE, VA, 1), 3);
	ck_assert_uint_eq(mmu_index(MODE, ~UINT64_C(0), 2), 1023);
	ck_assert_uint_eq(mmu_index(MODE, ~UINT64_C(0x3ff000), 1), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu 32-bit");
	TCase *tc = tcase_create("32-bit");

	tcase_add_test(tc, walk_4k);
	tcase_add_test(tc, walk_4m);
	tcase_add_test(tc, walk_4m_above_4g);
	tcase_add_test(tc, both_halves_of_eight_bytes);
	tcase_add_test(tc, first_and_last_byte);
	tcase_add_test(tc, absent);
	tcase_add_test(tc, absent_memory);
	tcase_add_test(tc, pitfall_06_ps_is_ignored_without_pse);
	tcase_add_test(tc, pitfall_08_reserved_bits_of_pse36);
	tcase_add_test(tc, pitfall_08_without_pse36_no_bit_is_free);
	tcase_add_test(tc, no_reserved_bits_but_in_4m_pages);
	tcase_add_test(tc, memory_type);
	tcase_add_test(tc, global);
	tcase_add_test(tc, rights_of_both_levels);
	tcase_add_test(tc, no_nx);
	tcase_add_test(tc, pitfall_04_id_only_with_smep);
	tcase_add_test(tc, pitfall_12_smap);
	tcase_add_test(tc, pitfall_11_no_keys);
	tcase_add_test(tc, codes_of_absent_and_reserved);
	tcase_add_test(tc, pitfall_15_accessed_and_dirty);
	tcase_add_test(tc, pitfall_17_cr3_31_12_alone_is_address);
	tcase_add_test(tc, address_above_4g);
	tcase_add_test(tc, impossible_registers);
	tcase_add_test(tc, load_cr3);
	tcase_add_test(tc, geometry);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
