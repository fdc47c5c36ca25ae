// SPDX-License-Identifier: GPL-2.0
/*
 * Software MMU: segmentation. Cases by hand from the manual, then every class
 * of descriptor, selector and access against a prediction by other means.
 *
 * The predictions start from what a descriptor was meant to be (the two tables
 * of types below are SDM tables 3-1 and 3-2 in words) and take the first rule
 * of a list that applies; limits are judged byte by byte.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "mmu/segment.h"

#define GDT	UINT64_C(0x00012340)
#define LDT	UINT64_C(0x00077000)
#define ENTRIES	16

/* Two tables; a read of anything else fails. */
static uint64_t gdt[ENTRIES], ldt[ENTRIES];
static unsigned int reads;
static uint64_t gdt_at = GDT;

static int read_tables(void *ctx, uint64_t la, uint64_t *value)
{
	(void)ctx;
	reads++;
	if (la >= gdt_at && la - gdt_at <= sizeof(gdt) - 8)
		memcpy(value, (char *)gdt + (la - gdt_at), 8);
	else if (la >= LDT && la - LDT <= sizeof(ldt) - 8)
		memcpy(value, (char *)ldt + (la - LDT), 8);
	else
		return -EFAULT;
	return 0;
}

static const struct mmu_seg_mem mem = { .read = read_tables };
static struct mmu_seg_result res;

/* Intents of a descriptor; the limit is the 20-bit field. */
struct want {
	unsigned int type, dpl;
	bool system, absent, g, db, l, avl;
	uint64_t base;
	uint32_t limit;
};

static uint64_t make(struct want w)
{
	uint64_t raw = 0;

	raw += w.limit % 0x10000;
	raw += (uint64_t)(w.limit / 0x10000) * 0x1000000000000;
	raw += (w.base % 0x1000000) * 0x10000;
	raw += (w.base / 0x1000000 % 0x100) * 0x100000000000000;
	raw += (uint64_t)w.type * 0x10000000000;
	raw += (uint64_t)(w.system ? 0 : 0x100000000000);
	raw += (uint64_t)w.dpl * 0x200000000000;
	raw += w.absent ? 0 : 0x800000000000;
	raw += w.avl ? 0x10000000000000 : 0;
	raw += w.l ? 0x20000000000000 : 0;
	raw += w.db ? 0x40000000000000 : 0;
	raw += w.g ? 0x80000000000000 : 0;
	return raw;
}

enum mode { PROTECTED, COMPAT, LONG64 };

static struct mmu_seg_regs machine(enum mode mode, unsigned int cpl)
{
	struct mmu_seg_regs regs = {
		.pe = true, .lma = mode != PROTECTED, .cpl = cpl,
		.gdt_base = gdt_at, .gdt_limit = sizeof(gdt) - 1,
	};
	struct want code = {
		.type = 11, .dpl = cpl, .limit = 0xfffff, .g = true,
		.db = mode != LONG64, .l = mode == LONG64,
	};
	struct mmu_segment *cs = &regs.seg[MMU_CS];

	cs->selector = (uint16_t)(8 | cpl);
	cs->valid = true;
	mmu_desc_decode(make(code), 0, regs.lma, false, &cs->desc);
	regs.ldtr.selector = 0x70;
	regs.ldtr.valid = true;
	regs.ldtr.desc.base = LDT;
	regs.ldtr.desc.limit = sizeof(ldt) - 1;
	return regs;
}

/* A register that holds a segment without having been loaded from a table. */
static void hold(struct mmu_seg_regs *regs, enum mmu_segreg reg, struct want w)
{
	regs->seg[reg].selector = 0x18;
	regs->seg[reg].valid = true;
	mmu_desc_decode(make(w), 0, regs->lma, false, &regs->seg[reg].desc);
	regs->seg[reg].desc.base = w.base;
}

#define assert_hex(got, want) do { \
	uint64_t got_ = (got), want_ = (want); \
	ck_assert_msg(got_ == want_, "%s is %#" PRIx64 ", not %#" PRIx64, \
		      #got, got_, want_); \
} while (0)

static void assert_fault(enum mmu_seg_status status, uint32_t code,
			 enum mmu_seg_why why)
{
	ck_assert_int_eq(res.status, status);
	assert_hex(res.error_code, code);
	ck_assert_int_eq(res.why, why);
	ck_assert(!res.loaded.valid && !res.stack.valid && !res.stack_loaded);
}

static void load(const struct mmu_seg_regs *regs, enum mmu_segreg reg,
		 uint16_t selector)
{
	memset(&res, 0xa5, sizeof(res));
	mmu_seg_load(regs, &mem, reg, selector, &res);
}

static void enter(const struct mmu_seg_regs *regs, enum mmu_segreg reg,
		  enum mmu_seg_access kind, uint64_t offset, unsigned int size)
{
	memset(&res, 0xa5, sizeof(res));
	mmu_seg_access(regs, reg, kind, offset, size, &res);
}

/* SDM figure 3-8: where each field is, by a descriptor written bit by bit. */
START_TEST(decode_fields)
{
	struct mmu_desc d;

	/* base 0x89abcdef, limit 0x54321, type 2, DPL 1, P, L, G */
	mmu_desc_decode(0x89a5b2abcdef4321, 0, false, false, &d);
	assert_hex(d.base, 0x89abcdef);
	assert_hex(d.limit, 0x54321fff);
	ck_assert_int_eq(d.kind, MMU_DESC_DATA);
	ck_assert_uint_eq(d.type, 2);
	ck_assert_uint_eq(d.dpl, 1);
	ck_assert(d.s && d.present && d.l && d.g && !d.db && !d.avl);
	ck_assert(d.writable && d.readable && !d.expand_down && !d.conforming &&
		  !d.accessed && !d.wide);
	/* the opposite bits */
	mmu_desc_decode(0x765f4d543210ffff, 0, false, false, &d);
	assert_hex(d.base, 0x76543210);
	assert_hex(d.limit, 0xfffff);
	ck_assert_uint_eq(d.type, 13);
	ck_assert_uint_eq(d.dpl, 2);
	ck_assert(!d.s && !d.present && !d.l && !d.g && d.db && d.avl);
	ck_assert(!d.writable && !d.readable && !d.accessed && d.wide);
}
END_TEST

START_TEST(decode_code_and_data_types)
{
	/* SDM table 3-1 */
	static const struct {
		enum mmu_desc_kind kind;
		bool read, write, down, conforming, accessed;
	} types[16] = {
		{ MMU_DESC_DATA, 1, 0, 0, 0, 0 }, { MMU_DESC_DATA, 1, 0, 0, 0, 1 },
		{ MMU_DESC_DATA, 1, 1, 0, 0, 0 }, { MMU_DESC_DATA, 1, 1, 0, 0, 1 },
		{ MMU_DESC_DATA, 1, 0, 1, 0, 0 }, { MMU_DESC_DATA, 1, 0, 1, 0, 1 },
		{ MMU_DESC_DATA, 1, 1, 1, 0, 0 }, { MMU_DESC_DATA, 1, 1, 1, 0, 1 },
		{ MMU_DESC_CODE, 0, 0, 0, 0, 0 }, { MMU_DESC_CODE, 0, 0, 0, 0, 1 },
		{ MMU_DESC_CODE, 1, 0, 0, 0, 0 }, { MMU_DESC_CODE, 1, 0, 0, 0, 1 },
		{ MMU_DESC_CODE, 0, 0, 0, 1, 0 }, { MMU_DESC_CODE, 0, 0, 0, 1, 1 },
		{ MMU_DESC_CODE, 1, 0, 0, 1, 0 }, { MMU_DESC_CODE, 1, 0, 0, 1, 1 },
	};
	unsigned int type;
	struct mmu_desc d;

	for (type = 0; type < 16; type++) {
		mmu_desc_decode(make((struct want){ .type = type }), 0, false,
				false, &d);
		ck_assert_int_eq(d.kind, types[type].kind);
		ck_assert_int_eq(d.readable, types[type].read);
		ck_assert_int_eq(d.writable, types[type].write);
		ck_assert_int_eq(d.expand_down, types[type].down);
		ck_assert_int_eq(d.conforming, types[type].conforming);
		ck_assert_int_eq(d.accessed, types[type].accessed);
	}
}
END_TEST

START_TEST(decode_system_types)
{
	/* SDM table 3-2: protected mode, IA-32e mode */
	static const enum mmu_desc_kind types[16][2] = {
		{ MMU_DESC_RESERVED, MMU_DESC_RESERVED },
		{ MMU_DESC_TSS, MMU_DESC_RESERVED },
		{ MMU_DESC_LDT, MMU_DESC_LDT },
		{ MMU_DESC_TSS_BUSY, MMU_DESC_RESERVED },
		{ MMU_DESC_CALL_GATE, MMU_DESC_RESERVED },
		{ MMU_DESC_TASK_GATE, MMU_DESC_RESERVED },
		{ MMU_DESC_INT_GATE, MMU_DESC_RESERVED },
		{ MMU_DESC_TRAP_GATE, MMU_DESC_RESERVED },
		{ MMU_DESC_RESERVED, MMU_DESC_RESERVED },
		{ MMU_DESC_TSS, MMU_DESC_TSS },
		{ MMU_DESC_RESERVED, MMU_DESC_RESERVED },
		{ MMU_DESC_TSS_BUSY, MMU_DESC_TSS_BUSY },
		{ MMU_DESC_CALL_GATE, MMU_DESC_CALL_GATE },
		{ MMU_DESC_RESERVED, MMU_DESC_RESERVED },
		{ MMU_DESC_INT_GATE, MMU_DESC_INT_GATE },
		{ MMU_DESC_TRAP_GATE, MMU_DESC_TRAP_GATE },
	};
	unsigned int type, lma;
	struct mmu_desc d;

	for (type = 0; type < 16; type++) {
		for (lma = 0; lma < 2; lma++) {
			struct want w = { .type = type, .system = true };

			mmu_desc_decode(make(w), 0, lma, false, &d);
			ck_assert_int_eq(d.kind, types[type][lma]);
			ck_assert(!d.writable && !d.readable && !d.conforming &&
				  !d.expand_down && !d.accessed);
			ck_assert_int_eq(d.wide, type > 7 || (lma && type == 2));
		}
	}
}
END_TEST

START_TEST(decode_sixteen_bytes)
{
	struct want ldt_want = { .type = 2, .system = true, .base = 0x89abcdef };
	struct want data = { .type = 2, .base = 0x89abcdef };
	struct mmu_desc d;

	mmu_desc_decode(make(ldt_want), 0xffff8000, true, true, &d);
	assert_hex(d.base, 0xffff800089abcdef);
	mmu_desc_decode(make(ldt_want), 0xffff8000, true, false, &d);
	assert_hex(d.base, 0x89abcdef);
	/* code and data keep their eight bytes in every mode */
	mmu_desc_decode(make(data), 0xffff8000, true, true, &d);
	assert_hex(d.base, 0x89abcdef);
}
END_TEST

START_TEST(load_observable)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 3);

	gdt[5] = make((struct want){ .type = 2, .dpl = 3, .base = 0x4000,
				     .limit = 0x123 });
	load(&regs, MMU_ES, 0x2b);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert_int_eq(res.why, MMU_SEG_WHY_NONE);
	assert_hex(res.error_code, 0);
	ck_assert_uint_eq(res.cpl, 3);
	ck_assert_uint_eq(res.nsteps, 1);
	assert_hex(res.steps[0].selector, 0x2b);
	assert_hex(res.steps[0].entry_la, GDT + 0x28);
	ck_assert_uint_eq(res.steps[0].bytes, 8);
	assert_hex(res.steps[0].raw, gdt[5]);
	assert_hex(res.steps[0].raw_high, 0);
	assert_hex(res.steps[0].must_set, 0x10000000000);
	ck_assert(!res.steps[0].desc.accessed);
	/* what the register holds has A, as the table will */
	ck_assert(res.loaded.valid && res.loaded.desc.accessed);
	ck_assert_uint_eq(res.loaded.desc.type, 3);
	assert_hex(res.loaded.selector, 0x2b);
	assert_hex(res.loaded.desc.base, 0x4000);
	assert_hex(res.loaded.desc.limit, 0x123);
	ck_assert(!res.stack_loaded && !res.may_pass);
	/* A is set already: nothing is left to set */
	gdt[5] |= UINT64_C(1) << 40;
	load(&regs, MMU_ES, 0x2b);
	assert_hex(res.steps[0].must_set, 0);
}
END_TEST

START_TEST(error_code_is_index_and_ti)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);

	ldt[6] = make((struct want){ .type = 2, .dpl = 0, .absent = true });
	load(&regs, MMU_DS, 0x37);
	/* RPL 3 > DPL 0 comes before P */
	assert_fault(MMU_SEG_FAULT_GP, 0x34, MMU_SEG_WHY_PRIVILEGE);
	load(&regs, MMU_DS, 0x34);
	assert_fault(MMU_SEG_FAULT_NP, 0x34, MMU_SEG_WHY_ABSENT);
	ck_assert_uint_eq(res.nsteps, 1);
	assert_hex(res.steps[0].entry_la, LDT + 0x30);
	assert_hex(res.steps[0].must_set, 0);
	load(&regs, MMU_SS, 0x34);
	assert_fault(MMU_SEG_FAULT_SS, 0x34, MMU_SEG_WHY_ABSENT);
}
END_TEST

START_TEST(null_selectors)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 1);
	unsigned int rpl;

	gdt[0] = make((struct want){ .type = 2, .dpl = 1 });
	for (rpl = 0; rpl < 4; rpl++) {
		reads = 0;
		load(&regs, MMU_GS, (uint16_t)rpl);
		ck_assert_int_eq(res.status, MMU_SEG_OK);
		ck_assert(!res.loaded.valid);
		assert_hex(res.loaded.selector, rpl);
		load(&regs, MMU_SS, (uint16_t)rpl);
		assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
		ck_assert_uint_eq(reads, 0);
		ck_assert_uint_eq(res.nsteps, 0);
	}
	/* index 0 of the LDT is an entry like all others */
	ldt[0] = make((struct want){ .type = 2, .dpl = 1 });
	load(&regs, MMU_SS, 5);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert(res.loaded.valid);
	gdt[0] = 0;
}
END_TEST

START_TEST(null_ss_in_64bit_mode)
{
	unsigned int cpl, rpl;
	enum mode mode;

	for (mode = COMPAT; mode <= LONG64; mode++) {
		for (cpl = 0; cpl < 4; cpl++) {
			struct mmu_seg_regs regs = machine(mode, cpl);

			for (rpl = 0; rpl < 4; rpl++) {
				load(&regs, MMU_SS, (uint16_t)rpl);
				if (mode == LONG64 && cpl < 3 && rpl == cpl) {
					ck_assert_int_eq(res.status, MMU_SEG_OK);
					assert_hex(res.loaded.selector, rpl);
					ck_assert(!res.loaded.valid);
				} else {
					assert_fault(MMU_SEG_FAULT_GP, 0,
						     MMU_SEG_WHY_NULL);
				}
			}
		}
	}
}
END_TEST

START_TEST(null_fs_base)
{
	struct mmu_seg_regs regs = machine(LONG64, 3);

	hold(&regs, MMU_FS, (struct want){ .type = 2, .base = 0x7f0012345000 });
	load(&regs, MMU_FS, 0);
	assert_hex(res.loaded.desc.base, 0);
	regs.null_keeps_base = true;
	load(&regs, MMU_FS, 3);
	assert_hex(res.loaded.desc.base, 0x7f0012345000);
	ck_assert(!res.loaded.valid);
	load(&regs, MMU_GS, 3);
	assert_hex(res.loaded.desc.base, 0);
	hold(&regs, MMU_DS, (struct want){ .type = 2, .base = 0x1000 });
	load(&regs, MMU_DS, 3);
	assert_hex(res.loaded.desc.base, 0);
}
END_TEST

START_TEST(mov_to_cs_is_ud)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);

	load(&regs, MMU_CS, 8);
	assert_fault(MMU_SEG_FAULT_UD, 0, MMU_SEG_WHY_OPCODE);
	load(&regs, (enum mmu_segreg)6, 8);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
}
END_TEST

/* SDM 3.5.1: the descriptor's last byte decides. */
START_TEST(table_limits)
{
	static const struct {
		uint32_t limit;
		bool inside;
	} cases[] = {
		{ 0x27, false }, { 0x28, false }, { 0x2e, false },
		{ 0x2f, true }, { 0x30, true },
	};
	struct mmu_seg_regs regs = machine(PROTECTED, 0);
	unsigned int i;

	gdt[5] = ldt[5] = make((struct want){ .type = 3 });
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		regs.gdt_limit = (uint16_t)cases[i].limit;
		regs.ldtr.desc.limit = 0xffff;
		load(&regs, MMU_DS, 0x28);
		if (cases[i].inside)
			ck_assert_int_eq(res.status, MMU_SEG_OK);
		else
			assert_fault(MMU_SEG_FAULT_GP, 0x28, MMU_SEG_WHY_TABLE);
		regs.gdt_limit = 0xffff;
		regs.ldtr.desc.limit = cases[i].limit;
		load(&regs, MMU_SS, 0x2c);
		if (cases[i].inside)
			ck_assert_int_eq(res.status, MMU_SEG_OK);
		else
			assert_fault(MMU_SEG_FAULT_GP, 0x2c, MMU_SEG_WHY_TABLE);
	}
	regs.ldtr.desc.limit = 0xffff;
	regs.ldtr.valid = false;
	load(&regs, MMU_DS, 0x2c);
	assert_fault(MMU_SEG_FAULT_GP, 0x2c, MMU_SEG_WHY_TABLE);
}
END_TEST

/* An entry of the last 64 KiB of the address space goes on at its beginning. */
START_TEST(table_wraps_at_4g)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);

	gdt[2] = make((struct want){ .type = 3, .base = 0x5000 });
	regs.gdt_base = 0xfffffff0;
	regs.gdt_limit = 0xffff;
	gdt_at = 0;
	load(&regs, MMU_DS, 0x20);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.steps[0].entry_la, 0x10);
	gdt_at = GDT;
}
END_TEST

START_TEST(table_not_canonical)
{
	struct mmu_seg_regs regs = machine(LONG64, 0);

	regs.gdt_base = 0x7ffffffffff8;
	load(&regs, MMU_DS, 0x10);
	assert_fault(MMU_SEG_FAULT_GP, 0x10, MMU_SEG_WHY_CANONICAL);
	regs.la57 = true;
	load(&regs, MMU_DS, 0x10);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_MEMORY);
	/* its first byte alone is: the hole ends within it */
	regs.la57 = false;
	regs.gdt_base = 0xffff7fffffffffec;
	load(&regs, MMU_DS, 0x10);
	assert_fault(MMU_SEG_FAULT_GP, 0x10, MMU_SEG_WHY_CANONICAL);
	/* its last byte alone is beyond */
	regs.la57 = false;
	regs.gdt_base = 0x7fffffffffec;
	load(&regs, MMU_DS, 0x10);
	assert_fault(MMU_SEG_FAULT_GP, 0x10, MMU_SEG_WHY_CANONICAL);
}
END_TEST

START_TEST(reader_fails)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);

	regs.gdt_base = 0x900000;
	load(&regs, MMU_DS, 0x10);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_MEMORY);
	ck_assert_int_eq(res.read_error, -EFAULT);
	ck_assert_uint_eq(res.nsteps, 0);
	ck_assert_int_eq(mmu_seg_vector(res.status), -1);
}
END_TEST

START_TEST(modes)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);
	unsigned int i;

	ck_assert_int_eq(mmu_seg_mode(&regs), MMU_SEG_MODE_PROTECTED);
	/* L is nothing outside IA-32e mode */
	regs.seg[MMU_CS].desc.l = true;
	ck_assert_int_eq(mmu_seg_mode(&regs), MMU_SEG_MODE_PROTECTED);
	regs.vm = true;
	ck_assert_int_eq(mmu_seg_mode(&regs), MMU_SEG_MODE_V86);
	load(&regs, MMU_DS, 8);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_MODE);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0, 1);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_MODE);
	regs.vm = false;
	regs.pe = false;
	ck_assert_int_eq(mmu_seg_mode(&regs), MMU_SEG_MODE_REAL);
	load(&regs, MMU_DS, 8);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_MODE);
	for (i = 0; i < 6; i++) {
		regs = machine(i & 1 ? LONG64 : COMPAT, 0);
		ck_assert_int_eq(mmu_seg_mode(&regs), i & 1 ?
				 MMU_SEG_MODE_64BIT : MMU_SEG_MODE_COMPAT);
		if (i == 0)
			regs.pe = false;
		else if (i == 1)
			regs.vm = true;
		else if (i == 2)
			regs.cpl = 4;
		else if (i == 3)
			regs.seg[MMU_CS].valid = false;
		else if (i == 4)
			regs.seg[MMU_CS].desc.kind = MMU_DESC_DATA;
		else
			regs = (struct mmu_seg_regs){ .vm = true };
		ck_assert_int_eq(mmu_seg_mode(&regs), MMU_SEG_MODE_NONE);
		enter(&regs, MMU_DS, MMU_SEG_READ, 0, 1);
		ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
	}
}
END_TEST

START_TEST(jump_sets_rpl)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 2);

	gdt[4] = make((struct want){ .type = 14, .dpl = 1, .base = 0xfffff000,
				     .limit = 0x2000 });
	mmu_seg_jump(&regs, &mem, 0x23, 0x1234, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.loaded.selector, 0x22);
	ck_assert_uint_eq(res.cpl, 2);
	/* 32-bit wrap */
	assert_hex(res.linear, 0x234);
	assert_hex(res.steps[0].must_set, 0x10000000000);
	mmu_seg_jump(&regs, &mem, 0x23, 0x2000, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	mmu_seg_jump(&regs, &mem, 0x23, 0x2001, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
	assert_hex(res.steps[0].must_set, 0);
	assert_hex(res.linear, 0);
}
END_TEST

START_TEST(jump_between_long_modes)
{
	struct mmu_seg_regs regs = machine(COMPAT, 0);
	struct want code = { .type = 10, .base = 0x1000, .limit = 0xff, .l = true };

	/* to 64-bit mode: neither base nor limit, but canonical */
	gdt[4] = make(code);
	mmu_seg_jump(&regs, &mem, 0x20, 0xffffffff81000000, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0xffffffff81000000);
	mmu_seg_jump(&regs, &mem, 0x20, 0x800000000000, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_CANONICAL);
	/* L and D both set */
	code.db = true;
	gdt[4] = make(code);
	mmu_seg_jump(&regs, &mem, 0x20, 0, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0x20, MMU_SEG_WHY_LONG_D);
	/* from 64-bit mode to compatibility mode: the limit counts, all of it */
	regs = machine(LONG64, 0);
	code.l = false;
	gdt[4] = make(code);
	mmu_seg_jump(&regs, &mem, 0x20, 0xff, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0x10ff);
	mmu_seg_jump(&regs, &mem, 0x20, 0x1000000ff, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
}
END_TEST

START_TEST(return_outward)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);

	gdt[4] = make((struct want){ .type = 10, .dpl = 3, .limit = 0xff });
	gdt[5] = make((struct want){ .type = 2, .dpl = 3, .limit = 0xff });
	mmu_seg_return(&regs, &mem, 0x23, 0x80, 0x2b, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert_uint_eq(res.cpl, 3);
	assert_hex(res.loaded.selector, 0x23);
	ck_assert(res.stack_loaded && res.stack.valid);
	assert_hex(res.stack.selector, 0x2b);
	ck_assert_uint_eq(res.nsteps, 2);
	assert_hex(res.steps[0].entry_la, GDT + 0x20);
	assert_hex(res.steps[1].entry_la, GDT + 0x28);
	assert_hex(res.steps[0].must_set, 0x10000000000);
	assert_hex(res.steps[1].must_set, 0x10000000000);
	/* SS comes before the offset; nothing is set if the offset fails */
	mmu_seg_return(&regs, &mem, 0x23, 0x100, 0x2a, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0x28, MMU_SEG_WHY_PRIVILEGE);
	mmu_seg_return(&regs, &mem, 0x23, 0x100, 0x2b, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
	assert_hex(res.steps[1].must_set, 0);
	assert_hex(res.steps[0].must_set, 0);
	ck_assert_uint_eq(res.cpl, 0);
	mmu_seg_return(&regs, &mem, 0x23, 0x80, 3, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
	/* at the same level SS is not looked at */
	gdt[4] = make((struct want){ .type = 10, .limit = 0xff });
	mmu_seg_return(&regs, &mem, 0x20, 0xff, 0xfff8, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert(!res.stack_loaded);
	ck_assert_uint_eq(res.nsteps, 1);
}
END_TEST

/* SDM 2, RET, "IA-32E-MODE-RETURN-TO-OUTER-PRIVILEGE-LEVEL" */
START_TEST(return_to_null_stack)
{
	struct mmu_seg_regs regs = machine(LONG64, 0);
	struct want code = { .type = 10, .dpl = 2, .l = true };

	gdt[4] = make(code);
	mmu_seg_return(&regs, &mem, 0x22, 0x1000, 2, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert(res.stack_loaded && !res.stack.valid);
	assert_hex(res.stack.selector, 2);
	/* RPL 3 */
	code.dpl = 3;
	gdt[4] = make(code);
	mmu_seg_return(&regs, &mem, 0x23, 0x1000, 3, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
	/* to compatibility mode */
	code.dpl = 2;
	code.l = false;
	code.limit = 0xfffff;
	gdt[4] = make(code);
	mmu_seg_return(&regs, &mem, 0x22, 0x1000, 2, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
}
END_TEST

START_TEST(survivors_of_a_return)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);
	struct mmu_segment *ds = &regs.seg[MMU_DS];
	unsigned int dpl, cpl;

	for (dpl = 0; dpl < 4; dpl++) {
		for (cpl = 0; cpl < 4; cpl++) {
			hold(&regs, MMU_DS, (struct want){ .type = 2, .dpl = dpl });
			ck_assert_int_eq(mmu_seg_survives(ds, cpl), dpl >= cpl);
			hold(&regs, MMU_DS, (struct want){ .type = 10, .dpl = dpl });
			ck_assert_int_eq(mmu_seg_survives(ds, cpl), dpl >= cpl);
			hold(&regs, MMU_DS, (struct want){ .type = 14, .dpl = dpl });
			ck_assert(mmu_seg_survives(ds, cpl));
			ds->valid = false;
			ck_assert(mmu_seg_survives(ds, cpl));
		}
	}
}
END_TEST

START_TEST(inner_stack)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 3);

	gdt[5] = make((struct want){ .type = 2, .dpl = 1 });
	mmu_seg_load_inner_stack(&regs, &mem, 0x29, 1, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert_uint_eq(res.cpl, 1);
	assert_hex(res.loaded.selector, 0x29);
	mmu_seg_load_inner_stack(&regs, &mem, 0x28, 1, &res);
	assert_fault(MMU_SEG_FAULT_TS, 0x28, MMU_SEG_WHY_PRIVILEGE);
	mmu_seg_load_inner_stack(&regs, &mem, 1, 1, &res);
	assert_fault(MMU_SEG_FAULT_TS, 0, MMU_SEG_WHY_NULL);
	mmu_seg_load_inner_stack(&regs, &mem, 0x101, 1, &res);
	assert_fault(MMU_SEG_FAULT_TS, 0x100, MMU_SEG_WHY_TABLE);
	gdt[5] = make((struct want){ .type = 2, .dpl = 1, .absent = true });
	mmu_seg_load_inner_stack(&regs, &mem, 0x29, 1, &res);
	assert_fault(MMU_SEG_FAULT_SS, 0x28, MMU_SEG_WHY_ABSENT);
	/* not inward */
	mmu_seg_load_inner_stack(&regs, &mem, 0x29, 3, &res);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
	/* SDM 7.14.4: null with the new level as RPL, whatever the TSS holds */
	regs = machine(LONG64, 3);
	reads = 0;
	mmu_seg_load_inner_stack(&regs, &mem, 0x29, 1, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.loaded.selector, 1);
	ck_assert(!res.loaded.valid);
	ck_assert_uint_eq(reads, 0);
}
END_TEST

START_TEST(ldtr_and_tr)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);

	gdt[6] = make((struct want){ .type = 2, .system = true, .base = 0x9000,
				     .limit = 0x1f });
	mmu_seg_load_ldtr(&regs, &mem, 0x33, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert(res.loaded.valid);
	assert_hex(res.loaded.selector, 0x33);
	assert_hex(res.loaded.desc.base, 0x9000);
	assert_hex(res.loaded.desc.limit, 0x1f);
	assert_hex(res.steps[0].must_set, 0);
	mmu_seg_load_ldtr(&regs, &mem, 3, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert(!res.loaded.valid);
	mmu_seg_load_ldtr(&regs, &mem, 0x34, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0x34, MMU_SEG_WHY_TABLE);
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0x30, MMU_SEG_WHY_TYPE);

	gdt[6] = make((struct want){ .type = 9, .system = true });
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.steps[0].must_set, 0x20000000000);
	ck_assert_int_eq(res.loaded.desc.kind, MMU_DESC_TSS_BUSY);
	ck_assert_uint_eq(res.loaded.desc.type, 11);
	mmu_seg_load_tr(&regs, &mem, 0, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
	regs.cpl = 1;
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_PRIVILEGE);
	mmu_seg_load_ldtr(&regs, &mem, 0, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_PRIVILEGE);
}
END_TEST

START_TEST(system_descriptors_of_16_bytes)
{
	struct mmu_seg_regs regs = machine(LONG64, 0);
	unsigned int bit;

	gdt[6] = make((struct want){ .type = 9, .system = true, .base = 0x123456 });
	gdt[7] = 0xffff8880;
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert_uint_eq(res.steps[0].bytes, 16);
	assert_hex(res.steps[0].raw_high, 0xffff8880);
	assert_hex(res.loaded.desc.base, 0xffff888000123456);
	/* all sixteen bytes must be inside the table */
	regs.gdt_limit = 0x3e;
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0x30, MMU_SEG_WHY_TABLE);
	regs.gdt_limit = 0x3f;
	/* the base is no address; the upper type is not zero */
	gdt[7] = 0x8880;
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	assert_fault(MMU_SEG_FAULT_GP, 0x30, MMU_SEG_WHY_CANONICAL);
	/* nobody looks at the base of what is not there */
	gdt[6] ^= UINT64_C(1) << 47;
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	assert_fault(MMU_SEG_FAULT_NP, 0x30, MMU_SEG_WHY_ABSENT);
	gdt[6] ^= UINT64_C(1) << 47;
	for (bit = 32; bit < 64; bit++) {
		gdt[7] = 0xffff8880 | UINT64_C(1) << bit;
		mmu_seg_load_tr(&regs, &mem, 0x30, &res);
		if (bit >= 40 && bit <= 44)
			assert_fault(MMU_SEG_FAULT_GP, 0x30, MMU_SEG_WHY_TYPE);
		else
			ck_assert_int_eq(res.status, MMU_SEG_OK);
	}
	gdt[7] = 0xffff8880 | UINT64_C(1) << 44;
	/* in compatibility mode eight bytes are read */
	regs = machine(COMPAT, 0);
	mmu_seg_load_tr(&regs, &mem, 0x30, &res);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	ck_assert_uint_eq(res.steps[0].bytes, 8);
	assert_hex(res.loaded.desc.base, 0x123456);
	gdt[7] = 0;
}
END_TEST

START_TEST(access_limits_by_hand)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 3);
	struct want data = { .type = 2, .limit = 0xfff, .base = 0x1000 };

	hold(&regs, MMU_DS, data);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xffc, 4);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0x1ffc);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xffd, 4);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
	ck_assert(!res.may_pass);
	assert_hex(res.linear, 0);
	hold(&regs, MMU_SS, data);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xffd, 4);
	assert_fault(MMU_SEG_FAULT_SS, 0, MMU_SEG_WHY_LIMIT);
	/* a limit of 0 in pages reaches 0xfff */
	data.g = true;
	data.limit = 0;
	hold(&regs, MMU_DS, data);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xfff, 1);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0x1000, 1);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
}
END_TEST

START_TEST(access_expand_down)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 3);
	struct want data = { .type = 6, .limit = 0xfff, .base = 0xfffff000 };

	hold(&regs, MMU_SS, data);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xfff, 1);
	assert_fault(MMU_SEG_FAULT_SS, 0, MMU_SEG_WHY_LIMIT);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0x1000, 1);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	/* 32-bit wrap of the linear address */
	assert_hex(res.linear, 0);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xfffe, 2);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xffff, 2);
	assert_fault(MMU_SEG_FAULT_SS, 0, MMU_SEG_WHY_LIMIT);
	data.db = true;
	hold(&regs, MMU_SS, data);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xffff, 2);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xfffffffc, 4);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	/* the last byte does not come round to offset 0 */
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xfffffffe, 4);
	assert_fault(MMU_SEG_FAULT_SS, 0, MMU_SEG_WHY_LIMIT);
	ck_assert(!res.may_pass);
	/* nothing at all */
	data.g = true;
	data.limit = 0xfffff;
	hold(&regs, MMU_SS, data);
	enter(&regs, MMU_SS, MMU_SEG_WRITE, 0xffffffff, 1);
	assert_fault(MMU_SEG_FAULT_SS, 0, MMU_SEG_WHY_LIMIT);
}
END_TEST

START_TEST(access_over_the_end_of_4g)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 3);
	struct want data = { .type = 2, .limit = 0xfffff, .g = true, .base = 0x10 };

	hold(&regs, MMU_DS, data);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xfffffffe, 2);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0xe);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xfffffffe, 4);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
	ck_assert(res.may_pass);
	assert_hex(res.linear, 0xe);
	/* offsets have 32 bits here */
	enter(&regs, MMU_DS, MMU_SEG_READ, 0x500000004, 4);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0x14);
}
END_TEST

START_TEST(access_types)
{
	struct mmu_seg_regs regs = machine(PROTECTED, 0);
	struct want w = { .limit = 0xfffff };

	w.type = 0;
	hold(&regs, MMU_DS, w);
	enter(&regs, MMU_DS, MMU_SEG_WRITE, 0, 1);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_WRITE);
	w.type = 8;
	hold(&regs, MMU_CS, w);
	enter(&regs, MMU_CS, MMU_SEG_READ, 0, 1);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_READ);
	enter(&regs, MMU_CS, MMU_SEG_FETCH, 0, 1);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	w.type = 10;
	hold(&regs, MMU_CS, w);
	enter(&regs, MMU_CS, MMU_SEG_READ, 0, 1);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	enter(&regs, MMU_CS, MMU_SEG_WRITE, 0, 1);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_WRITE);
	enter(&regs, MMU_CS, MMU_SEG_FETCH, 0xffffe, 3);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
	/* nonsense */
	enter(&regs, MMU_DS, MMU_SEG_FETCH, 0, 1);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
	enter(&regs, MMU_CS, MMU_SEG_READ, 0, 0);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
	enter(&regs, (enum mmu_segreg)6, MMU_SEG_READ, 0, 1);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
	hold(&regs, MMU_DS, (struct want){ .type = 2, .system = true });
	enter(&regs, MMU_DS, MMU_SEG_READ, 0, 1);
	ck_assert_int_eq(res.status, MMU_SEG_ERR_REGS);
}
END_TEST

START_TEST(access_through_null)
{
	struct mmu_seg_regs regs = machine(COMPAT, 3);

	enter(&regs, MMU_ES, MMU_SEG_READ, 0, 1);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
	enter(&regs, MMU_SS, MMU_SEG_READ, 0, 1);
	assert_fault(MMU_SEG_FAULT_SS, 0, MMU_SEG_WHY_NULL);
	regs = machine(LONG64, 3);
	enter(&regs, MMU_ES, MMU_SEG_WRITE, 0x1234, 1);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0x1234);
}
END_TEST

/* SDM 3.4.4: base, limit and type of CS, DS, ES and SS are not there. */
START_TEST(access_in_64bit_mode)
{
	struct mmu_seg_regs regs = machine(LONG64, 3);
	struct want small = { .type = 0, .limit = 1, .base = 0x5000 };
	enum mmu_segreg reg;

	regs.seg[MMU_CS].desc.base = 0x5000;
	for (reg = MMU_ES; reg < MMU_SEG_REGS; reg++) {
		bool based = reg == MMU_FS || reg == MMU_GS;

		if (reg != MMU_CS)
			hold(&regs, reg, small);
		enter(&regs, reg, MMU_SEG_WRITE, 0x7fffffff0000, 8);
		ck_assert_int_eq(res.status, MMU_SEG_OK);
		assert_hex(res.linear, 0x7fffffff0000 + (based ? 0x5000 : 0));
		enter(&regs, reg, MMU_SEG_READ, 0x7ffffffffff9, 8);
		assert_fault(reg == MMU_SS ? MMU_SEG_FAULT_SS :
			     MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_CANONICAL);
	}
	enter(&regs, MMU_DS, MMU_SEG_READ, 0x7ffffffffff8, 8);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xffff7fffffffffff, 8);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_CANONICAL);
	regs.la57 = true;
	enter(&regs, MMU_DS, MMU_SEG_READ, 0x7ffffffffff9, 8);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	enter(&regs, MMU_DS, MMU_SEG_READ, 0xfffffffffffff9, 8);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_CANONICAL);
	/* 64-bit bases, and a null selector does not take them away */
	regs.seg[MMU_GS].valid = false;
	regs.seg[MMU_GS].desc.base = 0xffff888000000000;
	enter(&regs, MMU_GS, MMU_SEG_READ, 0x10, 8);
	assert_hex(res.linear, 0xffff888000000010);
	regs.seg[MMU_GS].desc.base = UINT64_MAX;
	enter(&regs, MMU_GS, MMU_SEG_READ, 0x10, 8);
	assert_hex(res.linear, 0xf);
	enter(&regs, MMU_CS, MMU_SEG_FETCH, 0x8000000000000000, 1);
	assert_fault(MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_CANONICAL);
}
END_TEST

/* A base that WRMSR has put there shows its low half in compatibility mode. */
START_TEST(access_in_compatibility_mode)
{
	struct mmu_seg_regs regs = machine(COMPAT, 3);

	hold(&regs, MMU_FS, (struct want){ .type = 2, .limit = 0xfffff, .g = true,
					   .base = 0xffff888012345000 });
	enter(&regs, MMU_FS, MMU_SEG_READ, 0xfffffff0, 4);
	ck_assert_int_eq(res.status, MMU_SEG_OK);
	assert_hex(res.linear, 0x12344ff0);
}
END_TEST

START_TEST(vectors_and_names)
{
	ck_assert_int_eq(mmu_seg_vector(MMU_SEG_FAULT_UD), 6);
	ck_assert_int_eq(mmu_seg_vector(MMU_SEG_FAULT_TS), 10);
	ck_assert_int_eq(mmu_seg_vector(MMU_SEG_FAULT_NP), 11);
	ck_assert_int_eq(mmu_seg_vector(MMU_SEG_FAULT_SS), 12);
	ck_assert_int_eq(mmu_seg_vector(MMU_SEG_FAULT_GP), 13);
	ck_assert_int_eq(mmu_seg_vector(MMU_SEG_OK), -1);
	ck_assert_str_eq(mmu_segreg_name(MMU_GS), "GS");
	ck_assert_str_eq(mmu_segreg_name(MMU_SEG_REGS), "?");
	ck_assert_str_eq(mmu_desc_kind_name(MMU_DESC_TSS_BUSY), "busy TSS");
	ck_assert_str_eq(mmu_desc_kind_name((enum mmu_desc_kind)99), "?");
	ck_assert_str_eq(mmu_seg_mode_name(MMU_SEG_MODE_V86), "virtual-8086");
	ck_assert_str_eq(mmu_seg_status_name(MMU_SEG_FAULT_NP), "#NP");
	ck_assert_str_eq(mmu_seg_why_name(MMU_SEG_WHY_LONG_D), "L and D both set");
}
END_TEST

/* --- all classes --- */

/* What is true of a case, for the rules. */
enum fact {
	NUL = 1 << 0, BEYOND = 1 << 1, LOCAL = 1 << 2, ABSENT = 1 << 3,
	CODE = 1 << 4, READABLE = 1 << 5, WRITABLE = 1 << 6,
	CONFORMING = 1 << 7, GATE = 1 << 8, LDT_TYPE = 1 << 9, TSS_TYPE = 1 << 10,
	/* levels: of the register's rules, which is not CPL for an inner stack */
	RPL_ABOVE = 1 << 11, RPL_BELOW = 1 << 12, DPL_ABOVE = 1 << 13,
	DPL_BELOW = 1 << 14, DPL_BELOW_RPL = 1 << 15, DPL_ABOVE_RPL = 1 << 16,
	LEVEL0 = 1 << 17, LEVEL3 = 1 << 18,
	M64 = 1 << 19, IA32E = 1 << 20, L = 1 << 21, D = 1 << 22,
	OUTSIDE = 1 << 23,
};

/* The first rule whose @when all hold and of whose @unless none does. */
struct rule {
	unsigned int when, unless;
	enum mmu_seg_status status;
	bool selector;		/* the error code is the selector's */
};

#define GP	MMU_SEG_FAULT_GP
#define END	{ 0, 0, MMU_SEG_OK, false }

static const struct rule data_rules[] = {
	{ NUL, 0, MMU_SEG_OK, false },
	{ BEYOND, 0, GP, true },
	{ 0, READABLE, GP, true },
	{ DPL_BELOW, CONFORMING, GP, true },
	{ DPL_BELOW_RPL, CONFORMING, GP, true },
	{ ABSENT, 0, MMU_SEG_FAULT_NP, true },
	END
};

static const struct rule stack_rules[] = {
	{ NUL | M64, LEVEL3 | RPL_ABOVE | RPL_BELOW, MMU_SEG_OK, false },
	{ NUL, 0, GP, false },
	{ BEYOND, 0, GP, true },
	{ RPL_ABOVE, 0, GP, true }, { RPL_BELOW, 0, GP, true },
	{ 0, WRITABLE, GP, true },
	{ DPL_ABOVE, 0, GP, true }, { DPL_BELOW, 0, GP, true },
	{ ABSENT, 0, MMU_SEG_FAULT_SS, true },
	END
};

static const struct rule inner_rules[] = {
	{ IA32E, 0, MMU_SEG_OK, false },
	{ NUL, 0, MMU_SEG_FAULT_TS, false },
	{ BEYOND, 0, MMU_SEG_FAULT_TS, true },
	{ RPL_ABOVE, 0, MMU_SEG_FAULT_TS, true },
	{ RPL_BELOW, 0, MMU_SEG_FAULT_TS, true },
	{ 0, WRITABLE, MMU_SEG_FAULT_TS, true },
	{ DPL_ABOVE, 0, MMU_SEG_FAULT_TS, true },
	{ DPL_BELOW, 0, MMU_SEG_FAULT_TS, true },
	{ ABSENT, 0, MMU_SEG_FAULT_SS, true },
	END
};

static const struct rule jump_rules[] = {
	{ NUL, 0, GP, false },
	{ BEYOND, 0, GP, true },
	{ GATE, 0, MMU_SEG_ERR_GATE, false },
	{ 0, CODE, GP, true },
	{ IA32E | L | D, 0, GP, true },
	{ CONFORMING | DPL_ABOVE, 0, GP, true },
	{ RPL_ABOVE, CONFORMING, GP, true },
	{ DPL_ABOVE, CONFORMING, GP, true }, { DPL_BELOW, CONFORMING, GP, true },
	{ ABSENT, 0, MMU_SEG_FAULT_NP, true },
	{ IA32E | L, 0, MMU_SEG_OK, false },
	{ OUTSIDE, 0, GP, false },
	END
};

static const struct rule return_rules[] = {
	{ NUL, 0, GP, false },
	{ BEYOND, 0, GP, true },
	{ 0, CODE, GP, true },
	{ IA32E | L | D, 0, GP, true },
	{ RPL_BELOW, 0, GP, true },
	{ DPL_ABOVE_RPL, 0, GP, true },
	{ DPL_BELOW_RPL, CONFORMING, GP, true },
	{ ABSENT, 0, MMU_SEG_FAULT_NP, true },
	{ IA32E | L, 0, MMU_SEG_OK, false },
	{ OUTSIDE, 0, GP, false },
	END
};

static const struct rule ldtr_rules[] = {
	{ 0, LEVEL0, GP, false },
	{ NUL, 0, MMU_SEG_OK, false },
	{ LOCAL, 0, GP, true },
	{ BEYOND, 0, GP, true },
	{ 0, LDT_TYPE, GP, true },
	{ ABSENT, 0, MMU_SEG_FAULT_NP, true },
	END
};

static const struct rule tr_rules[] = {
	{ 0, LEVEL0, GP, false },
	{ NUL, 0, GP, false },
	{ LOCAL, 0, GP, true },
	{ BEYOND, 0, GP, true },
	{ 0, TSS_TYPE, GP, true },
	{ ABSENT, 0, MMU_SEG_FAULT_NP, true },
	END
};

enum operation { LOAD_DATA, LOAD_STACK, LOAD_INNER, JUMP, RETURN, LLDT, LTR };

static const struct rule *const rules_of[] = {
	data_rules, stack_rules, inner_rules, jump_rules, return_rules,
	ldtr_rules, tr_rules,
};

/* SDM tables 3-1 and 3-2 as facts: S = 1, then S = 0 in each of the modes. */
static const unsigned int code_data_facts[16] = {
	READABLE, READABLE, READABLE | WRITABLE, READABLE | WRITABLE,
	READABLE, READABLE, READABLE | WRITABLE, READABLE | WRITABLE,
	CODE, CODE, CODE | READABLE, CODE | READABLE,
	CODE | CONFORMING, CODE | CONFORMING,
	CODE | CONFORMING | READABLE, CODE | CONFORMING | READABLE,
};
static const unsigned int system_facts[2][16] = {
	{
		[1] = TSS_TYPE | GATE, [2] = LDT_TYPE, [3] = GATE, [4] = GATE,
		[5] = GATE, [9] = TSS_TYPE | GATE, [11] = GATE, [12] = GATE,
	}, {
		[2] = LDT_TYPE, [9] = TSS_TYPE, [12] = GATE,
	},
};

struct one {
	enum operation op;
	enum mode mode;
	unsigned int cpl, level, rpl, place;
	struct want want;
	bool outside;
};

/* Where the selector points: nowhere, GDT, LDT, beyond either */
enum { PLACE_NULL, PLACE_GDT, PLACE_LDT, PLACE_BEYOND, PLACE_BEYOND_LDT, PLACES };

static uint16_t selector_of(const struct one *c)
{
	static const uint16_t selectors[PLACES] = { 0, 0x40, 0x44, 0x80, 0x84 };

	return (uint16_t)(selectors[c->place] | c->rpl);
}

static unsigned int facts_of(const struct one *c)
{
	const struct want *w = &c->want;
	unsigned int facts = w->system ?
		system_facts[c->mode != PROTECTED][w->type] :
		code_data_facts[w->type];

	facts |= c->place == PLACE_NULL ? NUL : 0;
	facts |= c->place >= PLACE_BEYOND ? BEYOND : 0;
	facts |= c->place == PLACE_LDT || c->place == PLACE_BEYOND_LDT ? LOCAL : 0;
	facts |= w->absent ? ABSENT : 0;
	facts |= c->rpl > c->level ? RPL_ABOVE : 0;
	facts |= c->rpl < c->level ? RPL_BELOW : 0;
	facts |= w->dpl > c->level ? DPL_ABOVE : 0;
	facts |= w->dpl < c->level ? DPL_BELOW : 0;
	facts |= w->dpl > c->rpl ? DPL_ABOVE_RPL : 0;
	facts |= w->dpl < c->rpl ? DPL_BELOW_RPL : 0;
	facts |= c->level == 0 ? LEVEL0 : c->level == 3 ? LEVEL3 : 0;
	facts |= c->mode == LONG64 ? M64 | IA32E : c->mode == COMPAT ? IA32E : 0;
	facts |= (w->l ? L : 0) | (w->db ? D : 0) | (c->outside ? OUTSIDE : 0);
	return facts;
}

static const struct rule *predict(const struct one *c)
{
	const struct rule *rule = rules_of[c->op];
	unsigned int facts = facts_of(c);

	while ((facts & rule->when) != rule->when || (facts & rule->unless))
		rule++;
	return rule;
}

/* Data of the level that an outward return needs, so that SS is never it. */
static uint16_t good_stack(const struct one *c)
{
	gdt[3] = make((struct want){ .type = 2, .dpl = c->rpl });
	return (uint16_t)(0x18 | c->rpl);
}

static void operate(const struct one *c)
{
	struct mmu_seg_regs regs = machine(c->mode, c->cpl);
	uint16_t selector = selector_of(c);
	uint64_t offset = c->outside ? 0x1001 : 0x1000;

	gdt[8] = ldt[8] = make(c->want);
	gdt[9] = 0;
	switch (c->op) {
	case LOAD_DATA:
		mmu_seg_load(&regs, &mem, MMU_FS, selector, &res);
		break;
	case LOAD_STACK:
		mmu_seg_load(&regs, &mem, MMU_SS, selector, &res);
		break;
	case LOAD_INNER:
		mmu_seg_load_inner_stack(&regs, &mem, selector, c->level, &res);
		break;
	case JUMP:
		mmu_seg_jump(&regs, &mem, selector, offset, &res);
		break;
	case RETURN:
		mmu_seg_return(&regs, &mem, selector, offset, good_stack(c), &res);
		break;
	case LLDT:
		mmu_seg_load_ldtr(&regs, &mem, selector, &res);
		break;
	case LTR:
		mmu_seg_load_tr(&regs, &mem, selector, &res);
		break;
	}
}

/* The bits of the descriptor that a success sets. */
static uint64_t marks(const struct one *c, const struct rule *rule)
{
	if (rule->status != MMU_SEG_OK || c->place == PLACE_NULL ||
	    c->op == LLDT || (c->op == LOAD_INNER && c->mode != PROTECTED))
		return 0;
	if (c->op == LTR)
		return UINT64_C(1) << 41;
	return c->want.type % 2 ? 0 : UINT64_C(1) << 40;
}

static void try_one(const struct one *c)
{
	const struct rule *rule = predict(c);
	uint32_t code = rule->selector ? selector_of(c) / 4 * 4u : 0;
	uint64_t set;

	operate(c);
	set = res.nsteps ? res.steps[0].must_set : 0;
	if (res.status == rule->status && res.error_code == code &&
	    set == marks(c, rule))
		return;
	ck_abort_msg("op %d mode %d cpl %u level %u selector %#x descriptor %#"
		      PRIx64 ": %s(%#x) set %#" PRIx64 ", not %s(%#x)", c->op,
		      c->mode, c->cpl, c->level, selector_of(c), gdt[8],
		      mmu_seg_status_name(res.status), res.error_code, set,
		      mmu_seg_status_name(rule->status), code);
}

/* Types x DPL x P x L x D x RPL x place of one operation at one level. */
static void all_descriptors(struct one c)
{
	unsigned int n;

	for (n = 0; n < 32 * 4 * 2 * 4 * 4; n++) {
		c.want = (struct want){
			.type = n & 15, .system = n >> 4 & 1, .dpl = n >> 5 & 3,
			.absent = n >> 7 & 1, .l = n >> 8 & 1, .db = n >> 9 & 1,
			.limit = 1, .g = true, .avl = n & 1,
		};
		/* effective 0x1000: one page and a byte, in bytes */
		c.want.limit = 0x1000;
		c.want.g = false;
		c.rpl = n >> 10 & 3;
		for (c.place = 0; c.place < PLACES; c.place++)
			try_one(&c);
	}
}

START_TEST(every_selector_and_descriptor)
{
	struct one c = { .op = (enum operation)(_i % 7), .mode = (enum mode)(_i / 7) };
	unsigned int target, outside;

	for (c.cpl = 0; c.cpl < 4; c.cpl++) {
		for (outside = 0; outside < 2; outside++) {
			c.outside = outside;
			if (c.outside && c.op != JUMP && c.op != RETURN)
				continue;
			c.level = c.cpl;
			if (c.op != LOAD_INNER)
				all_descriptors(c);
			for (target = 0; c.op == LOAD_INNER && target < c.cpl;
			     target++) {
				c.level = target;
				all_descriptors(c);
			}
		}
	}
}
END_TEST

/* SDM 6.3 byte by byte: a segment is a set of offsets. */
static bool byte_inside(const struct want *w, uint64_t offset)
{
	uint64_t end = w->g ? (uint64_t)w->limit * 4096 + 4095 : w->limit;
	bool data_down = !(w->type & 8) && (w->type & 4);

	if (offset >= UINT64_C(0x100000000))
		return false;
	if (!data_down)
		return offset <= end;
	return offset > end && (w->db || offset < 0x10000);
}

static bool all_inside(const struct want *w, uint64_t offset, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		if (!byte_inside(w, offset + i))
			return false;
	return true;
}

static bool kind_permitted(const struct want *w, enum mmu_seg_access kind)
{
	unsigned int facts = code_data_facts[w->type];

	return kind == MMU_SEG_FETCH ? !!(facts & CODE) :
	       !!(facts & (kind == MMU_SEG_READ ? READABLE : WRITABLE));
}

static void try_access(enum mode mode, enum mmu_segreg reg, const struct want *w,
		       uint32_t offset, unsigned int size,
		       enum mmu_seg_access kind)
{
	struct mmu_seg_regs regs = machine(mode, 3);
	bool open = !all_inside(w, offset, size) && w->g && w->limit == 0xfffff &&
		    !(!(w->type & 8) && (w->type & 4)) && kind_permitted(w, kind);
	enum mmu_seg_status want = MMU_SEG_OK;

	hold(&regs, reg, *w);
	if (!kind_permitted(w, kind))
		want = GP;
	else if (!all_inside(w, offset, size))
		want = reg == MMU_SS ? MMU_SEG_FAULT_SS : GP;
	mmu_seg_access(&regs, reg, kind, offset, size, &res);
	/* (Check writes to a file for each assertion: not millions of them) */
	if (res.status == want && res.error_code == 0 && res.may_pass == open &&
	    res.linear == (want == MMU_SEG_OK || open ?
			   (uint32_t)(w->base + offset) : 0))
		return;
	ck_abort_msg("%s type %u limit %#x g %d db %d offset %#x size %u kind %d:"
		      " %s at %#" PRIx64 ", not %s", mmu_segreg_name(reg), w->type,
		      w->limit, w->g, w->db, offset, size, kind,
		      mmu_seg_status_name(res.status), res.linear,
		      mmu_seg_status_name(want));
}

static const uint32_t limits[] = {
	0, 1, 14, 15, 0xffe, 0xfff, 0x1000, 0xffff, 0x10000, 0xffffe, 0xfffff,
};

static void all_accesses(enum mode mode, enum mmu_segreg reg, struct want *w)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8, 10, 16 };
	uint32_t end = w->g ? w->limit * 4096 + 4095 : w->limit;
	const uint32_t around[] = { end, 0xffff, 0xffffffff, 0 };
	unsigned int i, size, kind;
	int delta;

	for (i = 0; i < 4; i++)
		for (delta = -17; delta <= 2; delta++)
			for (size = 0; size < 6; size++)
				for (kind = 0; kind < 3; kind++)
					if (kind != MMU_SEG_FETCH || reg == MMU_CS)
						try_access(mode, reg, w, around[i] +
							   (uint32_t)delta,
							   sizes[size], kind);
}

START_TEST(every_access)
{
	enum mode mode = (enum mode)(_i & 1);
	struct want w = { .base = 0x89abcdef };
	unsigned int n;

	for (n = 0; n < 16 * 4 * 11; n++) {
		w.type = n & 15;
		w.g = n >> 4 & 1;
		w.db = n >> 5 & 1;
		w.limit = limits[n >> 6];
		w.dpl = 3;
		if (w.type & 8)
			all_accesses(mode, MMU_CS, &w);
		if ((w.type & 10) != 8)
			all_accesses(mode, MMU_DS, &w);
		if ((w.type & 10) == 2)
			all_accesses(mode, MMU_SS, &w);
	}
}
END_TEST

/* --- whatever registers and descriptors: what must hold of every answer --- */

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t any(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Mostly such as are near an edge. */
static uint64_t any_address(void)
{
	static const uint64_t edges[] = {
		0, 0xffff, 0xffffffff, 0x7fffffffffff, 0xffff800000000000,
		0xffffffffffffff, 0xff00000000000000, UINT64_MAX, GDT, LDT,
	};

	return any() % 4 ? edges[any() % 10] + any() % 32 - 16 : any();
}

static int read_any(void *ctx, uint64_t la, uint64_t *value)
{
	(void)ctx;
	(void)la;
	*value = any();
	/* the likely ones: present, code or data */
	if (any() % 2)
		*value |= UINT64_C(0x900000000000);
	return any() % 16 ? 0 : -EFAULT;
}

static void any_segment(struct mmu_segment *seg, bool lma)
{
	seg->selector = (uint16_t)any();
	seg->valid = any() % 8;
	mmu_desc_decode(any(), any(), lma, any() % 2, &seg->desc);
	if (any() % 4 == 0)
		seg->desc.base = any_address();
}

static struct mmu_seg_regs any_machine(void)
{
	struct mmu_seg_regs regs = {
		.pe = any() % 16, .vm = any() % 16 == 0, .lma = any() % 2,
		.la57 = any() % 2, .null_keeps_base = any() % 2,
		.cpl = (unsigned int)(any() % 5), .gdt_base = any_address(),
		.gdt_limit = (uint16_t)any(),
	};
	unsigned int i;

	any_segment(&regs.ldtr, regs.lma);
	for (i = 0; i < MMU_SEG_REGS; i++)
		any_segment(&regs.seg[i], regs.lma);
	regs.seg[MMU_CS].valid = any() % 16;
	if (any() % 16) {
		regs.seg[MMU_CS].desc.kind = MMU_DESC_CODE;
		regs.seg[MMU_CS].desc.s = true;
	}
	return regs;
}

static void any_operation(const struct mmu_seg_regs *regs)
{
	static const struct mmu_seg_mem any_mem = { .read = read_any };
	uint16_t selector = (uint16_t)any() >> any() % 16;

	memset(&res, 0xa5, sizeof(res));
	switch (any() % 7) {
	case 0:
		mmu_seg_load(regs, &any_mem, (enum mmu_segreg)(any() % 7),
			     selector, &res);
		break;
	case 1:
		mmu_seg_load_inner_stack(regs, &any_mem, selector,
					 (unsigned int)(any() % 5), &res);
		break;
	case 2:
		mmu_seg_jump(regs, &any_mem, selector, any_address(), &res);
		break;
	case 3:
		mmu_seg_return(regs, &any_mem, selector, any_address(),
			       (uint16_t)any(), &res);
		break;
	case 4:
		mmu_seg_load_ldtr(regs, &any_mem, selector, &res);
		break;
	case 5:
		mmu_seg_load_tr(regs, &any_mem, selector, &res);
		break;
	default:
		mmu_seg_access(regs, (enum mmu_segreg)(any() % 7),
			       (enum mmu_seg_access)(any() % 3), any_address(),
			       (unsigned int)(any() % 17), &res);
	}
}

static const char *what_is_wrong(const struct mmu_seg_regs *regs)
{
	bool ok = res.status == MMU_SEG_OK;
	bool fault = mmu_seg_vector(res.status) > 0;
	unsigned int i;

	if (res.status > MMU_SEG_ERR_REGS || res.nsteps > MMU_SEG_MAX_STEPS)
		return "no such outcome";
	if (res.error_code & ~0xfffcu || (!fault && res.error_code))
		return "error code";
	if (fault != (res.why != MMU_SEG_WHY_NONE))
		return "a fault without a reason, or a reason without a fault";
	if (!ok && (res.loaded.valid || res.stack.valid || res.stack_loaded ||
		    res.cpl != regs->cpl || (res.linear && !res.may_pass)))
		return "traces of what did not happen";
	if ((res.status == MMU_SEG_ERR_MEMORY) != (res.read_error != 0))
		return "the reader's error";
	if (res.linear > 0xffffffff && !regs->lma)
		return "an address of more than 32 bits";
	for (i = 0; i < res.nsteps; i++)
		if (res.steps[i].must_set & res.steps[i].raw ||
		    (!ok && res.steps[i].must_set) ||
		    res.steps[i].must_set & ~UINT64_C(0x30000000000))
			return "bits to set";
	if (ok && res.loaded.valid && !res.loaded.desc.present)
		return "an absent segment in a register";
	return NULL;
}

START_TEST(properties)
{
	unsigned int i;

	for (i = 0; i < 300000; i++) {
		struct mmu_seg_regs regs = any_machine();
		const char *wrong;

		any_operation(&regs);
		wrong = what_is_wrong(&regs);
		if (wrong)
			ck_abort_msg("round %u: %s: %s, %s", i, wrong,
				     mmu_seg_status_name(res.status),
				     mmu_seg_why_name(res.why));
	}
}
END_TEST

static Suite *segment_suite(void)
{
	Suite *s = suite_create("mmu_segment");
	TCase *t = tcase_create("manual");

	tcase_add_test(t, decode_fields);
	tcase_add_test(t, decode_code_and_data_types);
	tcase_add_test(t, decode_system_types);
	tcase_add_test(t, decode_sixteen_bytes);
	tcase_add_test(t, load_observable);
	tcase_add_test(t, error_code_is_index_and_ti);
	tcase_add_test(t, null_selectors);
	tcase_add_test(t, null_ss_in_64bit_mode);
	tcase_add_test(t, null_fs_base);
	tcase_add_test(t, mov_to_cs_is_ud);
	tcase_add_test(t, table_limits);
	tcase_add_test(t, table_wraps_at_4g);
	tcase_add_test(t, table_not_canonical);
	tcase_add_test(t, reader_fails);
	tcase_add_test(t, modes);
	tcase_add_test(t, jump_sets_rpl);
	tcase_add_test(t, jump_between_long_modes);
	tcase_add_test(t, return_outward);
	tcase_add_test(t, return_to_null_stack);
	tcase_add_test(t, survivors_of_a_return);
	tcase_add_test(t, inner_stack);
	tcase_add_test(t, ldtr_and_tr);
	tcase_add_test(t, system_descriptors_of_16_bytes);
	tcase_add_test(t, access_limits_by_hand);
	tcase_add_test(t, access_expand_down);
	tcase_add_test(t, access_over_the_end_of_4g);
	tcase_add_test(t, access_types);
	tcase_add_test(t, access_through_null);
	tcase_add_test(t, access_in_64bit_mode);
	tcase_add_test(t, access_in_compatibility_mode);
	tcase_add_test(t, vectors_and_names);
	suite_add_tcase(s, t);
	t = tcase_create("classes");
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, every_selector_and_descriptor, 0, 21);
	tcase_add_loop_test(t, every_access, 0, 2);
	tcase_add_test(t, properties);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(segment_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
