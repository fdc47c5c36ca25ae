// SPDX-License-Identifier: GPL-2.0
/* Software MMU, arm64: which descriptors a walk reads, and where it ends. */
#include "test_mmu_arm64.h"

/* With 4K granules: indices 1, 2, 3, 4 and offset 0x567. */
#define VA	UINT64_C(0x0000008080604567)
/* The same in the upper half. */
#define VA_UP	UINT64_C(0xffff008080604567)

static const struct sparse_entry tables_4k[] = {
	{ 0x1008, 0x2003 },			/* L0 1 -> L1 at 0x2000 */
	{ 0x2010, 0x3003 },			/* L1 2 -> L2 at 0x3000 */
	{ 0x3018, 0x4003 },			/* L2 3 -> L3 at 0x4000 */
	{ 0x4020, 0x12345000 | D_PAGE | D_NORMAL | D_NG },
	{ 0x3020, 0x0a600000 | D_BLOCK | D_NORMAL },	/* L2 4: 2M */
	{ 0x2018, 0x1c0000000 | D_BLOCK | D_NORMAL },	/* L1 3: 1G */
	{ 0x4028, 0xfffffffffffffffe },		/* L3 5: invalid */
	{ 0x4030, 0x12345000 | D_BLOCK | D_NORMAL },	/* L3 6: reserved */
	{ 0x1018, 0x8000000000 | D_BLOCK | D_NORMAL },	/* L0 3: reserved */
	{ 0x8008, 0x9003 },			/* upper half, L0 1 */
	{ 0x9010, 0x80000000 | D_BLOCK | D_NORMAL },	/* L1 2: 1G */
};

static enum mmu_status walk(const struct mmu_regs *regs,
			    const struct sparse_entry *entries, size_t count,
			    uint64_t va, struct mmu_result *res)
{
	struct sparse sparse = { .entries = entries, .count = count };

	return t_walk(regs, &sparse, va, res);
}

#define WALK(regs, list, va, res) \
	walk((regs), (list), sizeof(list) / sizeof((list)[0]), (va), (res))

/* The walk ends with this fault; @fail is the level of the step, 0 for none. */
#define assert_fault(regs, list, va, fsc_, fail) do { \
	struct mmu_result r_; \
	ck_assert_int_eq(WALK((regs), (list), (va), &r_), MMU_FAULT_ABORT); \
	assert_hex(r_.error_code, (fsc_)); \
	ck_assert_int_eq(r_.fail_level, (fail)); \
	assert_hex(r_.pa, 0); \
} while (0)

#define assert_pa(regs, list, va, pa_, shift) do { \
	struct mmu_result r_; \
	ck_assert_int_eq(WALK((regs), (list), (va), &r_), MMU_OK); \
	assert_hex(r_.pa, (pa_)); \
	ck_assert_uint_eq(r_.page_shift, (shift)); \
} while (0)

START_TEST(page_of_4k)
{
	struct mmu_regs regs = arm64_v80();
	struct sparse sparse = SPARSE(tables_4k);
	struct mmu_result res;
	unsigned int i;

	ck_assert_int_eq(t_walk(&regs, &sparse, VA, &res), MMU_OK);
	assert_hex(res.va, VA);
	assert_hex(res.pa, 0x12345567);
	ck_assert_uint_eq(res.page_shift, 12);
	ck_assert(res.readable && res.writable && !res.user && res.executable);
	ck_assert(res.arm64.user_executable && !res.global);
	ck_assert_uint_eq(res.pat_index, 2);
	assert_hex(res.arm64.attr, 0xff);
	ck_assert_uint_eq(res.arm64.sh, 3);
	ck_assert_uint_eq(res.arm64.asid, 0x42);
	ck_assert(!res.arm64.contiguous && !res.arm64.open);
	ck_assert_int_eq(res.memtype, MMU_MEM_UNKNOWN);
	ck_assert_int_eq(res.fail_level, 0);
	ck_assert_uint_eq(res.error_code, 0);
	ck_assert_uint_eq(res.nsteps, 4);
	ck_assert_uint_eq(sparse.reads, 4);
	assert_step(&res, 0, 4, 1, &tables_4k[0], MMU_STEP_TABLE);
	assert_step(&res, 1, 3, 2, &tables_4k[1], MMU_STEP_TABLE);
	assert_step(&res, 2, 2, 3, &tables_4k[2], MMU_STEP_TABLE);
	assert_step(&res, 3, 1, 4, &tables_4k[3], MMU_STEP_LEAF);
	/* a walk is no access */
	for (i = 0; i < 4; i++) {
		assert_hex(res.steps[i].must_set, 0);
		assert_hex(res.steps[i].may_set, 0);
		assert_hex(res.steps[i].must_clear, 0);
		assert_hex(res.steps[i].may_clear, 0);
	}
}
END_TEST

START_TEST(blocks_and_halves)
{
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;

	assert_pa(&regs, tables_4k, 0x8080923456, 0x0a723456, 21);
	assert_pa(&regs, tables_4k, 0x80f2345678, 0x1f2345678, 30);
	/* bit 55 selects the half; the upper one has its own tables */
	assert_pa(&regs, tables_4k, VA_UP, 0x80604567, 30);
	ck_assert_int_eq(WALK(&regs, tables_4k, VA_UP, &res), MMU_OK);
	ck_assert(res.global);
}
END_TEST

/* "Translation table descriptor formats": only 1 in bits 1:0 of a last-level descriptor is reserved, too. */
START_TEST(invalid_and_reserved)
{
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;

	assert_fault(&regs, tables_4k, 0x8080605000, 0x07, 1);
	assert_fault(&regs, tables_4k, 0x8080606000, 0x07, 1);
	WALK(&regs, tables_4k, 0x8080605000, &res);
	ck_assert_int_eq(res.steps[3].kind, MMU_STEP_NOT_PRESENT);
	WALK(&regs, tables_4k, 0x8080606000, &res);
	ck_assert_int_eq(res.steps[3].kind, MMU_STEP_RESERVED);
	/* a block of 512G does not exist without TCR_EL1.DS */
	assert_fault(&regs, tables_4k, 0x18000000000, 0x04, 4);
	regs.arm64.tcr |= TCR_DS;
	assert_fault(&regs, tables_4k, 0x18000000000, 0x04, 4);
}
END_TEST

/* A walk of one or two levels: the root at 0x1000 and a leaf in it. */
static struct mmu_regs small(uint64_t tcr, bool new)
{
	struct mmu_regs regs = new ? arm64_new() : arm64_v80();

	regs.arm64.ttbr0 = 0x100000;
	regs.arm64.tcr = tcr | TCR_T1SZ(16) | TCR_TG1_4K;
	return regs;
}

START_TEST(granule_16k)
{
	/* 47 bits: L1 (11 bits), L2 (11), L3 (11), offset 14 */
	static const struct sparse_entry list[] = {
		{ 0x100008, 0x204003 },			/* L1 1 */
		{ 0x204010, 0x308003 },			/* L2 2 */
		{ 0x308018, 0x1230c000 | D_PAGE | D_NORMAL },
		{ 0x204018, 0x4000000 | D_BLOCK | D_NORMAL },	/* L2 3: 32M */
		{ 0x100010, 0x1000000000 | D_BLOCK | D_NORMAL }, /* L1 2 */
	};
	/* 48 bits: L0 of two entries */
	static const struct sparse_entry two[] = {
		{ 0x100008, 0x204003 },			/* L0 1 */
		{ 0x204000, 0x308003 },			/* L1 0 */
		{ 0x308000, 0x2000000 | D_BLOCK | D_NORMAL },	/* L2 0 */
	};
	struct mmu_regs regs = small(TCR_TG0_16K | TCR_T0SZ(17) | TCR_IPS(5),
				     false);
	uint64_t va = B(36) | 2 * B(25) | 3 * B(14) | 0x2bcd;

	assert_pa(&regs, list, va, 0x1230ebcd, 14);
	assert_pa(&regs, list, va + B(25), 0x400ebcd, 25);
	/* L1 block: 64G with DS only */
	assert_fault(&regs, list, 2 * B(36), 0x05, 3);
	regs = small(TCR_TG0_16K | TCR_T0SZ(16) | TCR_IPS(5), false);
	assert_pa(&regs, two, B(47) | 0x1234567, 0x3234567, 25);
}
END_TEST

START_TEST(granule_64k)
{
	/* 42 bits: L2 (13 bits), L3 (13), offset 16 */
	static const struct sparse_entry list[] = {
		{ 0x100008, 0x200003 },			/* L2 1 */
		{ 0x200010, 0x12340000 | D_PAGE | D_NORMAL },
		{ 0x100010, 0x60000000 | D_BLOCK | D_NORMAL },	/* L2 2: 512M */
	};
	/* 48 bits: L1 of 64 entries */
	static const struct sparse_entry three[] = {
		{ 0x1001f8, 0x200003 },			/* L1 63 */
		{ 0x200000, 0x60000000 | D_BLOCK | D_NORMAL },
		{ 0x100000, D_BLOCK | D_NORMAL },	/* L1 0: reserved */
	};
	struct mmu_regs regs = small(TCR_TG0_64K | TCR_T0SZ(22) | TCR_IPS(5),
				     false);

	assert_pa(&regs, list, B(29) | 2 * B(16) | 0xabcd, 0x1234abcd, 16);
	assert_pa(&regs, list, 2 * B(29) | 0x1234567, 0x61234567, 29);
	regs = small(TCR_TG0_64K | TCR_T0SZ(16) | TCR_IPS(5), false);
	assert_pa(&regs, three, 63 * B(42) | 0x1234567, 0x61234567, 29);
	assert_fault(&regs, three, 0, 0x05, 3);
}
END_TEST

/* TG0 and TG1 have different codes: each granule in the upper half, too. */
START_TEST(granule_of_the_upper_half)
{
	static const struct sparse_entry list[] = {
		{ 0x100ff8, 0x12340000 | D_PAGE | D_NORMAL },
		{ 0x101ff8, 0x12340000 | D_PAGE | D_NORMAL },
		{ 0x103ff8, 0x12340000 | D_PAGE | D_NORMAL },
		{ 0x10fff8, 0x12340000 | D_PAGE | D_NORMAL },
	};
	struct mmu_regs regs = arm64_new();
	uint64_t va = ~UINT64_C(0);

	regs.arm64.ttbr1 = 0x100000;
	regs.arm64.tcr = TCR_T0SZ(16) | TCR_T1SZ(43) | TCR_TG1_4K | TCR_IPS(5);
	assert_pa(&regs, list, va, 0x12340fff, 12);
	regs.arm64.tcr = TCR_T0SZ(16) | TCR_T1SZ(39) | TCR_TG1_16K | TCR_IPS(5);
	assert_pa(&regs, list, va, 0x12343fff, 14);
	regs.arm64.tcr = TCR_T0SZ(16) | TCR_T1SZ(35) | TCR_TG1_64K | TCR_IPS(5);
	assert_pa(&regs, list, va, 0x1234ffff, 16);
}
END_TEST

/*
 * The manual's tables of the initial lookup level: the first and the
 * last TxSZ for each level. Levels count from the last one, 1.
 */
START_TEST(start_levels)
{
	static const struct {
		uint64_t tg;
		bool ds;
		unsigned int first, last;
		int levels;
	} rows[] = {
		{ TCR_TG0_4K, true, 12, 15, 5 },
		{ TCR_TG0_4K, true, 16, 24, 4 },
		{ TCR_TG0_4K, false, 16, 24, 4 },
		{ TCR_TG0_4K, false, 25, 33, 3 },
		{ TCR_TG0_4K, false, 34, 42, 2 },
		{ TCR_TG0_4K, false, 43, 48, 1 },
		{ TCR_TG0_16K, true, 12, 16, 4 },
		{ TCR_TG0_16K, false, 16, 16, 4 },
		{ TCR_TG0_16K, false, 17, 27, 3 },
		{ TCR_TG0_16K, false, 28, 38, 2 },
		{ TCR_TG0_16K, false, 39, 48, 1 },
		{ TCR_TG0_64K, false, 12, 21, 3 },
		{ TCR_TG0_64K, false, 22, 34, 2 },
		{ TCR_TG0_64K, false, 35, 47, 1 },
	};
	struct mmu_geometry geo;
	unsigned int n;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (n = rows[i].first; n <= rows[i].last; n++) {
			struct mmu_regs regs = small(rows[i].tg | TCR_IPS(6) |
				TCR_T0SZ(n) | (rows[i].ds ? TCR_DS : 0), true);

			ck_assert_int_eq(mmu_geometry(&regs, 0, &geo), MMU_OK);
			ck_assert_int_eq(geo.levels, rows[i].levels);
			ck_assert_uint_eq(geo.va_bits, 64 - n);
		}
	}
}
END_TEST

START_TEST(limits_of_txsz)
{
	static const struct {
		uint64_t tcr;
		bool new, inside;
		uint8_t open;
	} rows[] = {
		{ TCR_T0SZ(16), false, true, 0 },
		{ TCR_T0SZ(15), false, false, MMU_OPEN_TXSZ },
		{ TCR_T0SZ(15), true, false, 0 },	/* FEAT_LVA: a fault */
		{ TCR_T0SZ(15) | TCR_DS, true, true, 0 },
		{ TCR_T0SZ(12) | TCR_DS, true, true, 0 },
		{ TCR_T0SZ(11) | TCR_DS, true, false, 0 },
		{ TCR_T0SZ(12) | TCR_DS | TCR_TG0_16K, true, true, 0 },
		{ TCR_T0SZ(15) | TCR_TG0_16K, true, false, 0 },
		{ TCR_T0SZ(12) | TCR_TG0_64K, true, true, 0 },
		{ TCR_T0SZ(11) | TCR_TG0_64K, true, false, 0 },
		{ TCR_T0SZ(15) | TCR_TG0_64K, false, false, MMU_OPEN_TXSZ },
		{ TCR_T0SZ(39), false, true, 0 },
		{ TCR_T0SZ(40), false, false, MMU_OPEN_TXSZ },
		{ TCR_T0SZ(48), true, true, 0 },
		{ TCR_T0SZ(49), true, false, MMU_OPEN_TXSZ },
		{ TCR_T0SZ(47) | TCR_TG0_64K, true, true, 0 },
		{ TCR_T0SZ(48) | TCR_TG0_64K, true, false, MMU_OPEN_TXSZ },
		{ TCR_T0SZ(63), true, false, MMU_OPEN_TXSZ },
		{ TCR_T0SZ(0), true, false, 0 },
	};
	struct sparse nothing = { .count = 0 };
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mmu_regs regs = small(rows[i].tcr, rows[i].new);

		t_walk(&regs, &nothing, 0, &res);
		if (rows[i].inside) {
			/* the first table is asked for */
			ck_assert_int_eq(res.walk, MMU_ERR_MEMORY);
			continue;
		}
		ck_assert_int_eq(res.walk, MMU_FAULT_ABORT);
		assert_hex(res.error_code, 0x04);
		ck_assert_uint_eq(res.nsteps, 0);
		ck_assert_uint_eq(res.arm64.open, rows[i].open);
	}
}
END_TEST

START_TEST(address_range)
{
	struct mmu_regs regs = arm64_v80();

	/* bits 63:48 are all bit 55 */
	assert_fault(&regs, tables_4k, VA | B(48), 0x04, 0);
	assert_fault(&regs, tables_4k, VA | B(54), 0x04, 0);
	assert_fault(&regs, tables_4k, VA | B(63), 0x04, 0);
	assert_fault(&regs, tables_4k, VA | B(56), 0x04, 0);
	assert_fault(&regs, tables_4k, VA_UP & ~B(63), 0x04, 0);
	assert_fault(&regs, tables_4k, VA_UP & ~B(48), 0x04, 0);
	/* the other half: bits 54:48 are 0, bit 55 is 1 */
	assert_fault(&regs, tables_4k, VA | B(55), 0x04, 0);
	assert_fault(&regs, tables_4k, VA_UP & ~B(55), 0x04, 0);
}
END_TEST

START_TEST(top_byte_ignored)
{
	struct mmu_regs regs = arm64_v80();
	uint64_t tag = UINT64_C(0xa5) << 56;

	regs.arm64.tcr |= TCR_TBI0;
	assert_pa(&regs, tables_4k, VA | tag, 0x12345567, 12);
	assert_fault(&regs, tables_4k, VA | tag | B(48), 0x04, 0);
	assert_fault(&regs, tables_4k, VA_UP ^ tag, 0x04, 0);
	regs.arm64.tcr ^= TCR_TBI0 | TCR_TBI1;
	assert_fault(&regs, tables_4k, VA | tag, 0x04, 0);
	assert_pa(&regs, tables_4k, VA_UP ^ tag, 0x80604567, 30);
	assert_fault(&regs, tables_4k, (VA_UP ^ tag) & ~B(54), 0x04, 0);
}
END_TEST

START_TEST(walks_disabled)
{
	struct mmu_regs regs = arm64_v80();

	regs.arm64.tcr |= TCR_EPD0;
	assert_fault(&regs, tables_4k, VA, 0x04, 0);
	assert_pa(&regs, tables_4k, VA_UP, 0x80604567, 30);
	regs.arm64.tcr ^= TCR_EPD0 | TCR_EPD1;
	assert_fault(&regs, tables_4k, VA_UP, 0x04, 0);
	assert_pa(&regs, tables_4k, VA, 0x12345567, 12);
	/* then the granule of that half does not matter */
	regs.arm64.tcr &= ~(UINT64_C(3) << 30);
	assert_fault(&regs, tables_4k, VA_UP, 0x04, 0);
	ck_assert_int_eq(mmu_check_regs(&regs), MMU_OK);
}
END_TEST

/* IPS below the bits used: level of what holds the address, 0 for TTBR. */
START_TEST(address_size)
{
	static const struct sparse_entry list[] = {
		{ 0x1008, 0x2003 },
		{ 0x2010, 0x3003 },
		{ 0x3018, 0x4003 },
		{ 0x4020, 0x2312345000 | D_PAGE | D_NORMAL },
		{ 0x4028, 0x1012345000 | D_PAGE | D_NORMAL },
		{ 0x4030, 0x0f12345000 | D_PAGE | D_NORMAL },
		{ 0x3020, 0x100000000000 | D_BLOCK | D_NORMAL },
		{ 0x3028, 0x1000004003 },	/* a table beyond */
		{ 0x2018, 0x800000000000 | D_BLOCK | D_NORMAL },
		{ 0x1010, 0x800000002003 },
	};
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;

	regs.arm64.tcr &= ~TCR_IPS(7);
	regs.arm64.tcr |= TCR_IPS(1);		/* 36 bits */
	assert_fault(&regs, list, VA, 0x03, 1);
	assert_fault(&regs, list, VA + 0x1000, 0x03, 1);
	assert_pa(&regs, list, VA + 0x2000, 0x0f12345567, 12);
	assert_fault(&regs, list, 0x8080800000, 0x02, 2);
	assert_fault(&regs, list, 0x8080a00000, 0x02, 2);
	assert_fault(&regs, list, 0x80c0000000, 0x01, 3);
	assert_fault(&regs, list, 0x10000000000, 0x00, 4);
	WALK(&regs, list, VA, &res);
	ck_assert_int_eq(res.steps[3].kind, MMU_STEP_ADDRESS_SIZE);
	assert_hex(res.reserved_bits, 0x2000000000);
	regs.arm64.tcr ^= TCR_IPS(1) ^ TCR_IPS(2);	/* 40 bits */
	assert_pa(&regs, list, VA, 0x2312345567, 12);
	assert_fault(&regs, list, 0x8080800000, 0x02, 2);
	/* PARange is a limit, whatever IPS says */
	regs.arm64.tcr |= TCR_IPS(7);
	regs.arm64.tcr &= ~TCR_IPS(2);			/* 48 bits */
	assert_pa(&regs, list, 0x8080800000, 0x100000000000, 21);
	regs.arm64.pa_bits = 44;
	assert_fault(&regs, list, 0x8080800000, 0x02, 2);
	assert_pa(&regs, list, VA, 0x2312345567, 12);
	regs.arm64.ttbr0 = 0x100000001000;
	assert_fault(&regs, list, VA, 0x00, 0);
	WALK(&regs, list, VA, &res);
	ck_assert_uint_eq(res.nsteps, 0);
}
END_TEST

/* The whole output address counts: a block may be larger than all outputs. */
START_TEST(block_larger_than_the_output)
{
	static const struct sparse_entry list[] = {
		/* L1 1: 64G at 0; no SH, whose bits are address with DS */
		{ 0x100008, D_BLOCK | D_AF | ATTR_WB },
	};
	struct mmu_regs regs = small(TCR_TG0_16K | TCR_T0SZ(17) | TCR_DS |
				     TCR_IPS(0), true);
	struct mmu_result res;

	assert_pa(&regs, list, B(36) | 0xfedcba98, 0xfedcba98, 36);
	assert_fault(&regs, list, B(36) | B(32), 0x01, 3);
	assert_fault(&regs, list, B(36) | B(35), 0x01, 3);
	WALK(&regs, list, B(36) | B(35), &res);
	assert_hex(res.reserved_bits, 0);
}
END_TEST

/* FEAT_LPA, 64K: OA[51:48] in bits 15:12, of TTBR in bits 5:2 */
START_TEST(wide_64k)
{
	static const struct sparse_entry list[] = {
		{ 0xa000000100000, 0x200000 | 0xb000 | D_TABLE },
		{ 0xb000000200000, 0x12340000 | 0xc000 | D_PAGE | D_NORMAL },
		{ 0xb000000200008, 0x12340000 | D_PAGE | D_NORMAL },
	};
	static const struct sparse_entry block[] = {
		{ 0xa000000100000, 0x40000000000 | 0x9000 | D_BLOCK | D_NORMAL },
	};
	struct mmu_regs regs = small(TCR_TG0_64K | TCR_T0SZ(22) | TCR_IPS(6),
				     true);

	regs.arm64.ttbr0 = 0x100000 | 0xa << 2;
	assert_pa(&regs, list, 0x1234, 0xc000012341234, 16);
	assert_pa(&regs, list, 0x11234, 0x12341234, 16);
	/* 4T blocks at L1 */
	regs.arm64.tcr = TCR_TG0_64K | TCR_T0SZ(12) | TCR_IPS(6);
	assert_pa(&regs, block, 0x345678, 0x9040000345678, 42);
	/* with a smaller output the same bits are too large an address */
	regs.arm64.tcr = TCR_TG0_64K | TCR_T0SZ(12) | TCR_IPS(5);
	regs.arm64.ttbr0 = 0x100000;
	{
		static const struct sparse_entry low[] = {
			{ 0x100000, 0x200000 | 0xb000 | D_TABLE },
			{ 0x100008, 0x200000 | D_TABLE },
			{ 0x200000, 0x20000000 | 0xc000 | D_BLOCK | D_NORMAL },
			{ 0x200008, 0x20000000 | D_BLOCK | D_NORMAL },
		};

		assert_fault(&regs, low, 0, 0x01, 3);
		assert_fault(&regs, low, B(42), 0x02, 2);
		assert_pa(&regs, low, B(42) | B(29), 0x20000000, 29);
		/* without FEAT_LPA they mean nothing */
		regs.arm64.pa_bits = 48;
		regs.arm64.tcr = TCR_TG0_64K | TCR_T0SZ(16) | TCR_IPS(5);
		assert_pa(&regs, low, B(29), 0x20000000, 29);
		assert_pa(&regs, low, 0, 0x20000000, 29);
	}
}
END_TEST

/* FEAT_LPA2, TCR_EL1.DS: OA[49:48] in place, OA[51:50] in bits 9:8 */
START_TEST(wide_4k)
{
	/* L-1 0xa, L0 1, L1 2, L2 3, L3 4 */
	static const struct sparse_entry list[] = {
		{ 0x5000000100050, 0x2000000002000 | D_TABLE },
		{ 0x2000000002008, 0x3003 | 0x200 },
		{ 0x8000000003010, 0x4003 },
		{ 0x4018, 0x5003 },
		{ 0x5020, 0x1000012345000 | 0x300 | D_PAGE |
			  D_AF | ATTR_WB },
		{ 0x2000000002010, 0x1008000000000 | D_BLOCK | D_AF | 0x100 },
		{ 0x5000000100058, D_BLOCK | D_AF },
	};
	uint64_t va = UINT64_C(0xa) << 48 | VA;
	struct mmu_regs regs = small(TCR_T0SZ(12) | TCR_DS | TCR_IPS(6) |
				     UINT64_C(2) << 12, true);
	struct mmu_result res;

	regs.arm64.ttbr0 = 0x100000 | 5 << 2;
	assert_pa(&regs, list, va, 0xd000012345567, 12);
	ck_assert_int_eq(WALK(&regs, list, va, &res), MMU_OK);
	ck_assert_uint_eq(res.nsteps, 5);
	ck_assert_int_eq(res.steps[0].level, 5);
	ck_assert_uint_eq(res.steps[0].index, 10);
	/* bits 9:8 are no shareability now: SH0 of TCR_EL1 is */
	ck_assert_uint_eq(res.arm64.sh, 2);
	/* a block of 512G at L0; none at L-1 */
	assert_pa(&regs, list, UINT64_C(0xa) << 48 | 2 * B(39) | 0x1234567,
		  0x5008001234567, 39);
	assert_fault(&regs, list, UINT64_C(0xb) << 48, 0x2b, 5);
}
END_TEST

START_TEST(wide_16k_and_smaller_outputs)
{
	/* 52 bits: L0 of 32 entries (51:47), L1, L2, L3 */
	static const struct sparse_entry list[] = {
		{ 0x1000f8, 0x3000000204003 },
		{ 0x3000000204000, 0x3000000000 | 0x200 | D_BLOCK | D_AF },
		{ 0x100000, 0x204003 },
		{ 0x204000, 0x308003 | 0x100 },
		{ 0x204008, 0x308003 },
		{ 0x308000, B(48) | D_BLOCK | D_AF },
	};
	struct mmu_regs regs = small(TCR_TG0_16K | TCR_T0SZ(12) | TCR_DS |
				     TCR_IPS(6), true);

	assert_pa(&regs, list, 31 * B(47) | 0x123456789,
		  0x8003123456789, 36);
	assert_pa(&regs, list, B(36), B(48), 25);
	/* 48 bits out: bits 49:48 and 9:8 are still address */
	regs.arm64.tcr ^= TCR_IPS(6) ^ TCR_IPS(5);
	assert_fault(&regs, list, 31 * B(47), 0x00, 4);
	assert_fault(&regs, list, 0, 0x01, 3);
	assert_fault(&regs, list, B(36), 0x02, 2);
}
END_TEST

/* Faults of level -1 have codes of their own. */
START_TEST(codes_of_level_minus_1)
{
	static const struct sparse_entry list[] = {
		{ 0x100000, 0 },
		{ 0x100008, B(45) | D_TABLE },
	};
	struct mmu_regs regs = small(TCR_T0SZ(12) | TCR_DS | TCR_IPS(4), true);

	assert_fault(&regs, list, 0, 0x2b, 5);
	assert_fault(&regs, list, B(48), 0x29, 5);
}
END_TEST

/* TTBR0_EL1: CnP and ASID are no address; the table is aligned to its size. */
START_TEST(bits_of_ttbr)
{
	static const struct sparse_entry list[] = {
		{ 0x101000, 0x40000000 | D_PAGE | D_NORMAL },
		{ 0x101800, 0x50000000 | D_PAGE | D_NORMAL },
	};
	struct mmu_regs regs = small(TCR_T0SZ(43) | TCR_IPS(5), true);
	struct mmu_result res;

	/* 21 bits: 512 entries */
	regs.arm64.ttbr0 = UINT64_C(0xffff) << 48 | 0x101000 | 1;
	assert_pa(&regs, list, 0x123, 0x40000123, 12);
	WALK(&regs, list, 0x123, &res);
	ck_assert_uint_eq(res.arm64.open, 0);
	regs.arm64.ttbr0 |= 0x800;
	assert_pa(&regs, list, 0x123, 0x40000123, 12);
	WALK(&regs, list, 0x123, &res);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_TTBR);
	/* 20 bits: 256 entries, so that bit 11 is address */
	regs.arm64.tcr = TCR_T0SZ(44) | TCR_IPS(5);
	assert_pa(&regs, list, 0x123, 0x50000123, 12);
	WALK(&regs, list, 0x123, &res);
	ck_assert_uint_eq(res.arm64.open, 0);
}
END_TEST

START_TEST(asid)
{
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;

	regs.arm64.tcr |= TCR_AS;
	regs.arm64.ttbr0 |= UINT64_C(0x1200) << 48;
	WALK(&regs, tables_4k, VA, &res);
	ck_assert_uint_eq(res.arm64.asid, 0x42);
	regs.arm64.asid16 = true;
	WALK(&regs, tables_4k, VA, &res);
	ck_assert_uint_eq(res.arm64.asid, 0x1242);
	regs.arm64.tcr |= TCR_A1;
	WALK(&regs, tables_4k, VA, &res);
	ck_assert_uint_eq(res.arm64.asid, 0x0117);
	regs.arm64.tcr &= ~TCR_AS;
	WALK(&regs, tables_4k, VA, &res);
	ck_assert_uint_eq(res.arm64.asid, 0x17);
}
END_TEST

/* "The Contiguous bit": sets of 16, or 32 and 128 with 16K, 32 with 64K */
START_TEST(contiguous)
{
	static const struct {
		uint64_t tcr;
		unsigned int block, bits;	/* log2 of the leaf, of the set */
	} rows[] = {
		{ TCR_TG0_4K | TCR_T0SZ(25), 30, 4 },
		{ TCR_TG0_4K | TCR_T0SZ(34), 21, 4 },
		{ TCR_TG0_4K | TCR_T0SZ(43), 12, 4 },
		{ TCR_TG0_16K | TCR_T0SZ(28), 25, 5 },
		{ TCR_TG0_16K | TCR_T0SZ(39), 14, 7 },
		{ TCR_TG0_64K | TCR_T0SZ(22), 29, 5 },
		{ TCR_TG0_64K | TCR_T0SZ(35), 16, 5 },
	};
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mmu_regs regs = small(rows[i].tcr | TCR_IPS(6), true);
		unsigned int shift = rows[i].block;
		uint64_t last = (UINT64_C(1) << rows[i].bits) - 1;
		uint64_t type = shift < 17 ? D_PAGE : D_BLOCK;
		struct sparse_entry entry = {
			0x100000 + 8 * last,
			last << shift | type | D_NORMAL | D_CONT,
		};

		ck_assert_int_eq(walk(&regs, &entry, 1, last << shift, &res),
				 MMU_OK);
		ck_assert(res.arm64.contiguous);
		ck_assert_uint_eq(res.arm64.open, 0);
		ck_assert_uint_eq(res.page_shift, shift);
		/* not the address of that member of a set */
		entry.value ^= UINT64_C(1) << (shift + rows[i].bits - 1);
		walk(&regs, &entry, 1, last << shift, &res);
		ck_assert_uint_eq(res.arm64.open, MMU_OPEN_CONTIGUOUS);
		assert_hex(res.pa, entry.value & last << shift);
		/* beyond the set all is free */
		entry.value ^= UINT64_C(3) << (shift + rows[i].bits - 1);
		walk(&regs, &entry, 1, last << shift, &res);
		ck_assert_uint_eq(res.arm64.open, 0);
	}
}
END_TEST

START_TEST(contiguous_where_there_is_none)
{
	static const struct sparse_entry list[] = {
		{ 0x100000, D_BLOCK | D_AF | D_CONT },
		{ 0x100008, 3 * B(12) | D_PAGE | D_AF | D_CONT },
		{ 0x100018, 3 * B(12) | D_PAGE | D_AF | D_CONT },
	};
	static const struct sparse_entry two_of_64k[] = {
		{ 0x100008, B(16) | D_PAGE | D_AF | D_CONT },
	};
	struct mmu_regs regs = small(TCR_DS | TCR_IPS(6) | TCR_T0SZ(16), true);
	struct mmu_result res;

	/* 4K L0, 16K L1, 64K L1 */
	ck_assert_int_eq(WALK(&regs, list, 0, &res), MMU_OK);
	ck_assert(!res.arm64.contiguous);
	regs.arm64.tcr = TCR_DS | TCR_IPS(6) | TCR_T0SZ(17) | TCR_TG0_16K;
	ck_assert_int_eq(WALK(&regs, list, 0, &res), MMU_OK);
	ck_assert(!res.arm64.contiguous);
	regs.arm64.tcr = TCR_IPS(6) | TCR_T0SZ(12) | TCR_TG0_64K;
	ck_assert_int_eq(WALK(&regs, list, 0, &res), MMU_OK);
	ck_assert(!res.arm64.contiguous);
	/* a region of 8 pages has no set of 16; of 16 it has */
	regs.arm64.tcr = TCR_IPS(6) | TCR_T0SZ(48);
	ck_assert_int_eq(WALK(&regs, list, 3 * B(12), &res), MMU_OK);
	ck_assert(res.arm64.contiguous && !res.arm64.open);
	/* two pages of 64K are none of 32 */
	regs.arm64.tcr = TCR_IPS(6) | TCR_T0SZ(47) | TCR_TG0_64K;
	ck_assert_int_eq(WALK(&regs, two_of_64k, B(16), &res), MMU_OK);
	assert_hex(res.pa, B(16));
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_CONTIGUOUS);
}
END_TEST

/* DS is not for 64K, and TTBR[5:2] is address with IPS of 52 bits alone. */
START_TEST(wide_bits_that_64k_does_not_have)
{
	static const struct sparse_entry list[] = {
		{ 0x100000, B(29) | D_BLOCK | D_NORMAL },
	};
	struct mmu_regs regs = small(TCR_TG0_64K | TCR_T0SZ(22) | TCR_DS |
				     TCR_IPS(5), true);
	struct mmu_result res;

	assert_pa(&regs, list, 0x1234, B(29) | 0x1234, 29);
	WALK(&regs, list, 0x1234, &res);
	ck_assert_uint_eq(res.arm64.sh, 3);
	regs.arm64.ttbr0 |= 0xa << 2;
	assert_pa(&regs, list, 0x1234, B(29) | 0x1234, 29);
	WALK(&regs, list, 0x1234, &res);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_TTBR);
}
END_TEST

/* AArch64.S1DisabledOutput(): with SCTLR_EL1.M = 0 addresses go out as they are. */
START_TEST(mmu_off)
{
	struct mmu_regs regs = arm64_v80();
	struct sparse nothing = { .count = 0 };
	struct mmu_result res;

	regs.arm64.sctlr = SCTLR_WXN;
	regs.arm64.pan = true;
	ck_assert_int_eq(t_access(&regs, &nothing, 0x123456789, T_UWRITE, &res),
			 MMU_OK);
	assert_hex(res.pa, 0x123456789);
	ck_assert_uint_eq(res.nsteps, 0);
	ck_assert_uint_eq(nothing.reads, 0);
	assert_hex(res.arm64.attr, 0);
	ck_assert_uint_eq(res.arm64.sh, 2);
	ck_assert_int_eq(t_access(&regs, &nothing, 0, T_FETCH, &res), MMU_OK);
	/* beyond the physical address width */
	t_access(&regs, &nothing, B(47), T_READ, &res);
	ck_assert_int_eq(res.status, MMU_OK);
	t_access(&regs, &nothing, B(48), T_WRITE, &res);
	ck_assert_int_eq(res.status, MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x40);
	t_access(&regs, &nothing, B(63), T_READ, &res);
	assert_hex(res.error_code, 0);
	/* the top byte is ignored here, too, but not that of a fetch */
	regs.arm64.tcr |= TCR_TBI0;
	ck_assert_int_eq(t_access(&regs, &nothing, B(63) | 5, T_READ, &res),
			 MMU_OK);
	assert_hex(res.pa, 5);
	ck_assert_int_eq(t_access(&regs, &nothing, B(63) | 5, T_FETCH, &res),
			 MMU_OK);
	regs.arm64.tcr |= TCR_TBID0;
	regs.arm64.pauth = true;
	ck_assert_int_eq(t_access(&regs, &nothing, B(63) | 5, T_READ, &res),
			 MMU_OK);
	ck_assert_int_eq(t_access(&regs, &nothing, B(63) | 5, T_FETCH, &res),
			 MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0);
	ck_assert_int_eq(t_access(&regs, &nothing, 5, T_FETCH, &res), MMU_OK);
}
END_TEST

START_TEST(memory_that_is_not_there)
{
	static const struct sparse_entry list[] = {
		{ 0x1008, 0x2003 },
		{ 0x2010, 0x70000003 },
	};
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;

	ck_assert_int_eq(WALK(&regs, list, VA, &res), MMU_ERR_MEMORY);
	ck_assert_int_eq(res.read_error, -EFAULT);
	ck_assert_int_eq(res.fail_level, 2);
	ck_assert_uint_eq(res.nsteps, 3);
	ck_assert_int_eq(res.steps[2].kind, MMU_STEP_UNREADABLE);
	assert_hex(res.steps[2].entry_pa, 0x70000018);
	assert_hex(res.steps[2].raw, 0);
}
END_TEST

static enum mmu_status try_regs(struct mmu_regs *regs)
{
	enum mmu_status checked = mmu_check_regs(regs);
	struct mmu_access access = T_READ;
	struct mmu_result res;
	struct mmu_geometry geo;

	/* all of them say the same of the lower half */
	ck_assert_int_eq(WALK(regs, tables_4k, VA, &res), checked);
	ck_assert_int_eq(mmu_check_access(regs, &access, &res), checked);
	ck_assert_int_eq(mmu_geometry(regs, VA, &geo), checked);
	return checked;
}

START_TEST(registers_without_an_answer)
{
	static const unsigned int widths[] = { 32, 36, 40, 42, 44, 48, 52 };
	struct mmu_regs regs = arm64_v80();
	size_t i;

	for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		regs.arm64.pa_bits = widths[i];
		ck_assert_int_eq(try_regs(&regs), MMU_OK);
		regs.arm64.pa_bits++;
		ck_assert_int_eq(try_regs(&regs), MMU_ERR_REGS);
	}
	regs = arm64_v80();
	regs.arm64.sctlr |= SCTLR_EE;
	ck_assert_int_eq(try_regs(&regs), MMU_ERR_UNSUPPORTED);
	regs = arm64_v80();
	regs.arm64.tcr |= TCR_MTX0;
	ck_assert_int_eq(try_regs(&regs), MMU_ERR_UNSUPPORTED);
	regs = arm64_v80();
	regs.arm64.tcr |= TCR_TG0_64K | TCR_TG0_16K;
	ck_assert_int_eq(try_regs(&regs), MMU_ERR_REGS);
	regs = arm64_v80();
	regs.arm64.gran4k = false;
	ck_assert_int_eq(try_regs(&regs), MMU_ERR_REGS);
	/* zero is a processor without anything */
	regs = (struct mmu_regs){ .mode = MMU_MODE_ARM64 };
	ck_assert_int_eq(try_regs(&regs), MMU_ERR_REGS);
	regs.arm64.pa_bits = 48;
	ck_assert_int_eq(try_regs(&regs), MMU_ERR_REGS);
}
END_TEST

/* A half that is not used may say what it likes. */
START_TEST(registers_of_the_other_half)
{
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;

	regs.arm64.tcr |= TCR_MTX1;
	assert_pa(&regs, tables_4k, VA, 0x12345567, 12);
	ck_assert_int_eq(WALK(&regs, tables_4k, VA_UP, &res),
			 MMU_ERR_UNSUPPORTED);
	ck_assert_int_eq(mmu_check_regs(&regs), MMU_ERR_UNSUPPORTED);
	regs = arm64_v80();
	regs.arm64.tcr &= ~(UINT64_C(3) << 30);
	assert_pa(&regs, tables_4k, VA, 0x12345567, 12);
	ck_assert_int_eq(WALK(&regs, tables_4k, VA_UP, &res), MMU_ERR_REGS);
	ck_assert_int_eq(mmu_check_regs(&regs), MMU_ERR_REGS);
}
END_TEST

/* Features that are absent: their bits of TCR_EL1 are RES0 and ignored. */
START_TEST(absent_features)
{
	struct mmu_regs regs = arm64_v80();
	struct sparse sparse = SPARSE(tables_4k);
	struct mmu_result res;

	regs.arm64.tcr |= TCR_DS | TCR_HA | TCR_HD | TCR_HPD0 | TCR_TBID0 |
			  TCR_TBI0 | TCR_E0PD0 | TCR_AS;
	ck_assert_int_eq(t_access(&regs, &sparse, VA | B(60), T_FETCH, &res),
			 MMU_OK);
	ck_assert_uint_eq(res.arm64.sh, 3);
	ck_assert_uint_eq(res.arm64.asid, 0x42);
	/* EL0 is refused for AP alone, at the last level */
	t_access(&regs, &sparse, VA, T_UREAD, &res);
	assert_hex(res.error_code, 0x0f);
}
END_TEST

START_TEST(open_questions)
{
	static const struct sparse_entry list[] = {
		{ 0x100000, 0x40000000 | D_PAGE | D_AF | 0x100 | ATTR_DEVICE },
	};
	struct mmu_regs regs = small(TCR_T0SZ(43) | TCR_IPS(5), true);
	struct sparse sparse = SPARSE(list);
	struct mmu_access read = T_READ;
	struct mmu_result res;

	WALK(&regs, list, 0, &res);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_SH);
	t_access(&regs, &sparse, 0, T_FETCH, &res);
	ck_assert_int_eq(res.status, MMU_OK);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_SH | MMU_OPEN_DEVICE_FETCH);
	mmu_check_access(&regs, &read, &res);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_SH);
	regs.arm64.tcr |= TCR_IPS(7);
	WALK(&regs, list, 0, &res);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_SH | MMU_OPEN_IPS);
	/* A[51:48] of the register, but a smaller output */
	regs = small(TCR_T0SZ(43) | TCR_IPS(5) | TCR_DS, true);
	regs.arm64.ttbr0 |= 4;
	assert_fault(&regs, list, 0, 0x00, 0);
	WALK(&regs, list, 0, &res);
	ck_assert_uint_eq(res.arm64.open, MMU_OPEN_TTBR);
}
END_TEST

/* The functions that take a mode alone have no answer here. */
START_TEST(geometry)
{
	struct mmu_regs regs = arm64_v80();
	struct mmu_geometry geo;

	ck_assert_int_eq(mmu_levels(MMU_MODE_ARM64), 5);
	ck_assert_uint_eq(mmu_va_bits(MMU_MODE_ARM64), 0);
	ck_assert_uint_eq(mmu_level_shift(MMU_MODE_ARM64, 1), 0);
	ck_assert_uint_eq(mmu_index(MMU_MODE_ARM64, VA, 1), 0);
	ck_assert(!mmu_is_canonical(MMU_MODE_ARM64, 0));
	regs.arm64.tcr |= TCR_TG0_64K;
	ck_assert_int_eq(mmu_geometry(&regs, VA, &geo), MMU_OK);
	ck_assert_int_eq(geo.levels, 3);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 1), 16);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 2), 29);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 3), 42);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 0), 0);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 4), 0);
	ck_assert_uint_eq(mmu_geometry_index(&geo, ~UINT64_C(0), 3), 63);
	ck_assert_uint_eq(mmu_geometry_index(&geo, ~UINT64_C(0), 2), 8191);
	ck_assert_uint_eq(mmu_geometry_index(&geo, 5 << 16, 1), 5);
	ck_assert_uint_eq(mmu_geometry_index(&geo, 5 << 16, 4), 0);
	/* the upper half is cut in another way */
	ck_assert_int_eq(mmu_geometry(&regs, VA_UP, &geo), MMU_OK);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 4), 39);
	ck_assert_uint_eq(mmu_geometry_index(&geo, VA_UP, 4), 1);
	regs.arm64.tcr |= TCR_EPD1;
	ck_assert_int_eq(mmu_geometry(&regs, VA_UP, &geo), MMU_FAULT_ABORT);
	ck_assert_int_eq(geo.levels, 0);
	regs = t_regs(MMU_MODE_X86_5LEVEL);
	ck_assert_int_eq(mmu_geometry(&regs, 0, &geo), MMU_OK);
	ck_assert_int_eq(geo.levels, 5);
	ck_assert_uint_eq(geo.va_bits, 57);
	ck_assert_uint_eq(mmu_geometry_shift(&geo, 5), 48);
	ck_assert_uint_eq(mmu_geometry_index(&geo, ~UINT64_C(0), 5), 511);
	regs.mode = (enum mmu_mode)77;
	ck_assert_int_eq(mmu_geometry(&regs, 0, &geo), MMU_ERR_MODE);
}
END_TEST

/* ID registers: each field, from none to what is known. */
START_TEST(features)
{
	struct mmu_arm64_regs regs = { .ttbr0 = 5 };
	struct mmu_arm64_id id = { .mmfr0 = 0x0000000000001124 };

	/* a Cortex-A57: 44 bits, 4K and 64K */
	mmu_arm64_features(&id, &regs);
	ck_assert_uint_eq(regs.pa_bits, 44);
	ck_assert(regs.gran4k && regs.gran64k && !regs.gran16k);
	ck_assert(!regs.lpa2_4k && !regs.lpa2_16k && regs.asid16);
	ck_assert(!regs.hafdbs && !regs.hpds && !regs.e0pd && !regs.pan3);
	ck_assert(!regs.lva && !regs.ttst && !regs.pauth);
	assert_hex(regs.ttbr0, 5);
	id = (struct mmu_arm64_id){
		.mmfr0 = 0x0f100000, .mmfr1 = 0x00302002,
		.mmfr2 = 0x1000000010010000, .isar1 = 0x10,
	};
	mmu_arm64_features(&id, &regs);
	ck_assert_uint_eq(regs.pa_bits, 32);
	ck_assert(regs.gran4k && !regs.gran64k && regs.gran16k);
	ck_assert(!regs.lpa2_4k && !regs.lpa2_16k && !regs.asid16);
	ck_assert_uint_eq(regs.hafdbs, 2);
	ck_assert(regs.hpds && regs.e0pd && regs.pan3 && regs.lva);
	ck_assert(regs.ttst && regs.pauth);
	id = (struct mmu_arm64_id){ .mmfr0 = 0xf0200006, .mmfr1 = 0x00200001,
				    .isar2 = 0x1000 };
	mmu_arm64_features(&id, &regs);
	ck_assert_uint_eq(regs.pa_bits, 52);
	ck_assert(!regs.gran4k && regs.gran64k && regs.gran16k);
	ck_assert(!regs.lpa2_4k && regs.lpa2_16k && regs.pauth && !regs.pan3);
	ck_assert_uint_eq(regs.hafdbs, 1);
	id = (struct mmu_arm64_id){ .mmfr0 = 0x10000007, .isar1 = 0x100 };
	mmu_arm64_features(&id, &regs);
	ck_assert_uint_eq(regs.pa_bits, 52);
	ck_assert(regs.lpa2_4k && regs.pauth);
	id = (struct mmu_arm64_id){ .mmfr0 = 0x8 };
	mmu_arm64_features(&id, &regs);
	ck_assert_uint_eq(regs.pa_bits, 0);
}
END_TEST

START_TEST(names)
{
	static const struct {
		int level;
		bool leaf;
		uint64_t raw;
		const char *text;
	} rows[] = {
		{ 1, true, 0x12345000 | D_PAGE | D_NORMAL | D_NG,
		  "page AF nG attr=2" },
		{ 2, true, D_BLOCK | D_AF | D_AP1 | D_AP2 | D_UXN | D_PXN,
		  "block AF RO EL0 PXN UXN" },
		{ 1, true, ~UINT64_C(0),
		  "page AF nG RO EL0 GP DBM CONT PXN UXN NS attr=7" },
		{ 3, false, 0x2003 | D_UXNTABLE | D_APTABLE1,
		  "table UXNTable APTable1" },
		{ 4, false, ~UINT64_C(0),
		  "table PXNTable UXNTable APTable0 APTable1 NSTable" },
		{ 4, false, 1, "reserved" },
		{ 1, false, 1, "reserved" },
		{ 1, true, ~UINT64_C(1), "-" },
	};
	static const struct {
		uint32_t code;
		const char *text;
	} codes[] = {
		{ 0x00, "address-size L0" }, { 0x43, "address-size L3 write" },
		{ 0x04, "translation L0" }, { 0x46, "translation L2 write" },
		{ 0x09, "access-flag L1" }, { 0x4f, "permission L3 write" },
		{ 0x29, "address-size L-1" }, { 0x2b, "translation L-1" },
		{ 0x10, "?" }, { 0x2a, "?" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = mmu_entry_flags(MMU_MODE_ARM64, rows[i].level,
					   rows[i].leaf, rows[i].raw, buf,
					   sizeof(buf));

		ck_assert_str_eq(buf, rows[i].text);
		ck_assert_uint_eq(n, strlen(rows[i].text));
	}
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		mmu_abort_text(codes[i].code, buf, sizeof(buf));
		ck_assert_str_eq(buf, codes[i].text);
	}
	mmu_denied_text(MMU_DENY_PAN | MMU_DENY_WXN, buf, sizeof(buf));
	ck_assert_str_eq(buf, "PAN WXN");
	ck_assert_str_eq(mmu_mode_name(MMU_MODE_ARM64), "arm64");
	ck_assert_str_eq(mmu_entry_name(MMU_MODE_ARM64, 5), "L-1");
	ck_assert_str_eq(mmu_entry_name(MMU_MODE_ARM64, 1), "L3");
	ck_assert_str_eq(mmu_level_name(MMU_MODE_ARM64, 4), "PGD");
	ck_assert_str_eq(mmu_level_name(MMU_MODE_ARM64, 2), "PMD");
	ck_assert_str_eq(mmu_status_name(MMU_FAULT_ABORT), "abort");
	ck_assert_str_eq(mmu_step_name(MMU_STEP_ADDRESS_SIZE), "address size");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu arm64");
	TCase *tc = tcase_create("walk");

	tcase_add_test(tc, page_of_4k);
	tcase_add_test(tc, blocks_and_halves);
	tcase_add_test(tc, invalid_and_reserved);
	tcase_add_test(tc, granule_16k);
	tcase_add_test(tc, granule_64k);
	tcase_add_test(tc, granule_of_the_upper_half);
	tcase_add_test(tc, start_levels);
	tcase_add_test(tc, limits_of_txsz);
	tcase_add_test(tc, address_range);
	tcase_add_test(tc, top_byte_ignored);
	tcase_add_test(tc, walks_disabled);
	tcase_add_test(tc, address_size);
	tcase_add_test(tc, block_larger_than_the_output);
	tcase_add_test(tc, wide_64k);
	tcase_add_test(tc, wide_4k);
	tcase_add_test(tc, wide_16k_and_smaller_outputs);
	tcase_add_test(tc, codes_of_level_minus_1);
	tcase_add_test(tc, bits_of_ttbr);
	tcase_add_test(tc, asid);
	tcase_add_test(tc, contiguous);
	tcase_add_test(tc, contiguous_where_there_is_none);
	tcase_add_test(tc, wide_bits_that_64k_does_not_have);
	tcase_add_test(tc, mmu_off);
	tcase_add_test(tc, memory_that_is_not_there);
	tcase_add_test(tc, registers_without_an_answer);
	tcase_add_test(tc, registers_of_the_other_half);
	tcase_add_test(tc, absent_features);
	tcase_add_test(tc, open_questions);
	tcase_add_test(tc, geometry);
	tcase_add_test(tc, features);
	tcase_add_test(tc, names);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
