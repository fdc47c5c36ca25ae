// SPDX-License-Identifier: GPL-2.0
/*
 * Segmentation in IA-32e mode: from 64-bit code and from compatibility mode.
 *
 * As in segment32.c, each case writes its descriptors into the live tables,
 * predicts from the same bytes, and then lets code at the right level do it. The
 * judge is Bochs: of these rules QEMU has not enough to be asked.
 */
#include "machine64.h"
#include "outcome.h"

/* Who does it: code of 64 bits, or of compatibility mode */
enum width { LONG, COMPAT, WIDTHS };

enum way { WAY_MOV, WAY_POP, WAY_LXS, WAYS };

extern const uint32_t loaders[WIDTHS][WAYS][MMU_SEG_REGS];
extern const uint32_t accessors[MMU_SEG_REGS][2][4], compat_accessors[MMU_SEG_REGS][2][4];
extern const uint8_t done[], do_ljmpl[], do_ljmpq[], do_lretl[], do_lretq[], do_lret_es[], do_lldt[], do_ltr[],
	do_int81[], do_int82[];

static uint64_t stacks[4][64] __attribute__((aligned(16)));
static uint32_t operand[16];
static uint16_t gdt_limit = sizeof(gdt) - 1;
/* The LDTR that the model holds */
static struct mmu_segment ldtr;

#define STACK_TOP(cpl)	ADDRESS(&stacks[cpl][48])
/* A place in the first 128 TiB whose upper half is not canonical */
#define IN_HOLE(x)	((x) | UINT64_C(0x0000900000000000))

static uint16_t code_of(enum width width, unsigned int cpl)
{
	return (uint16_t)(width == LONG ? CODE_OF(cpl) : COMPAT_OF(cpl));
}

static void set_segment(struct mmu_segment *seg, uint16_t selector)
{
	seg->selector = selector;
	seg->valid = true;
	mmu_desc_decode(gdt[selector >> 3], 0, true, false, &seg->desc);
}

static struct mmu_seg_regs machine(enum width width, unsigned int cpl)
{
	struct mmu_seg_regs regs = {
		.pe = true, .lma = true, .cpl = cpl, .gdt_base = ADDRESS(gdt),
		.gdt_limit = gdt_limit, .ldtr = ldtr,
	};

	set_segment(&regs.seg[MMU_CS], code_of(width, cpl));
	set_segment(&regs.seg[MMU_SS], DATA_OF(cpl));
	return regs;
}

static void use_ldt(void)
{
	struct mmu_seg_regs regs = machine(LONG, 0);

	mmu_seg_load_ldtr(&regs, &memory, GDT_LDT * 8, &res);
	ldtr = res.loaded;
	__asm__ volatile("lldt %w0" : : "r"(GDT_LDT * 8));
}

static struct call call_to(const void *code, enum width width, unsigned int cpl)
{
	return (struct call){
		.ip = ADDRESS(code), .cs = code_of(width, cpl), .flags = 2,
		.sp = STACK_TOP(cpl), .ss = DATA_OF(cpl),
	};
}

/* A fault is told where the instruction was, before anything has changed. */
static bool stayed(uint16_t cs)
{
	return passed() || (trap.cs & 0xffff) == cs;
}

static void end_mismatch(const uint64_t *entry)
{
	put_field("entry", *entry >> 32);
	put_field("ss", trap.user_ss & 0xffff);
	put("\n");
}

/* --- loads --- */

/* FS and GS have a base afterwards; of a null selector it is open. */
static bool base_right(enum mmu_segreg reg, uint64_t before)
{
	uint64_t now;

	if (reg != MMU_FS && reg != MMU_GS)
		return true;
	now = read_msr(reg == MMU_FS ? MSR_FS_BASE : MSR_GS_BASE);
	if (res.status != MMU_SEG_OK)
		return now == before;
	return now == res.loaded.desc.base || (!res.loaded.valid && now == before);
}

static void one_load(enum width width, enum way way, enum mmu_segreg reg, unsigned int cpl, uint16_t selector,
		     uint64_t *entry)
{
	uint64_t base = UINT64_C(0x123456780) + next_random(), before = *entry, set;
	struct mmu_seg_regs regs = machine(width, cpl);
	struct call call;

	write_msr(MSR_FS_BASE, base);
	write_msr(MSR_GS_BASE, base);
	mmu_seg_load(&regs, &memory, reg, selector, &res);
	set = must_set(entry);
	call = call_to((const void *)(uintptr_t)loaders[width][way][reg], width, cpl);
	call.ax = selector;
	call.dx = ADDRESS(operand);
	operand[0] = next_random();
	operand[1] = selector;
	run_at(&call);
	cases++;
	if (as_predicted(entry, before, set) && base_right(reg, base) &&
	    (res.status != MMU_SEG_OK || visible(reg) == res.loaded.selector))
		return;
	if (mismatch()) {
		describe(width == LONG ? "load" : "compat load", cpl, selector, before);
		put(" ");
		put(mmu_segreg_name(reg));
		put_field("way", way);
		put_field("visible", visible(reg));
		put_field("fsbase", read_msr(MSR_FS_BASE));
		put_field("before", base);
		end_mismatch(entry);
	}
}

static void load_all_ways(unsigned int cpl, uint16_t selector, uint64_t *entry, uint64_t raw)
{
	unsigned int n;

	for (n = 0; n < WIDTHS * WAYS * DATA_REGISTERS; n++) {
		enum width width = n & 1;
		enum way way = n / 2 % WAYS;
		enum mmu_segreg reg = data_registers[n / 2 / WAYS];

		if (!loaders[width][way][reg] || !chosen())
			continue;
		*entry = raw;
		one_load(width, way, reg, cpl, selector, entry);
	}
}

/* Every descriptor x table x RPL x CPL x register x instruction. */
static void judge_loads(void)
{
	unsigned int n, cpl, rpl, local;

	use_ldt();
	for (n = 0; n < 256 * 32; n++) {
		struct fields fields = numbered(n & 255);

		cpl = n >> 8 & 3;
		rpl = n >> 10 & 3;
		local = n >> 12 & 1;
		load_all_ways(cpl, test_selector(local, rpl), local ? &ldt[LDT_TEST] : &gdt[GDT_TEST], pack(&fields));
	}
	for (n = 0; n < 16; n++) {
		struct fields fields = numbered(0x92 | (n & 3) << 5);

		cpl = n & 3;
		rpl = n >> 2;
		load_all_ways(cpl, (uint16_t)rpl, &gdt[GDT_NULL], pack(&fields));
		load_all_ways(cpl, (uint16_t)(rpl | 4), &ldt[LDT_FIRST], pack(&fields));
	}
	gdt[GDT_NULL] = 0;
}

static void change_gdt_limit(uint16_t limit)
{
	gdt_limit = limit;
	set_gdt_limit(limit);
}

static void change_ldt_limit(uint32_t limit)
{
	gdt[GDT_LDT] = (gdt[GDT_LDT] & ~UINT64_C(0x000f00000000ffff)) | (limit & 0xffff);
	use_ldt();
}

/* Tables that end around the descriptor, and an LDT that is not there. */
static void judge_tables(void)
{
	static const uint16_t ends[] = { 0, 1, 6, 7, 8, 15 };
	unsigned int i, cpl, rpl;
	struct fields fields;

	for (i = 0; i < 6 * 16; i++) {
		uint16_t end = ends[i / 16];

		cpl = i & 3;
		rpl = i >> 2 & 3;
		fields = numbered(0x92 | (i & 1 ? cpl : 3) << 5);
		change_gdt_limit((uint16_t)(GDT_TEST * 8 - 1 + end));
		load_all_ways(cpl, test_selector(false, rpl), &gdt[GDT_TEST], pack(&fields));
		change_gdt_limit(sizeof(gdt) - 1);
		change_ldt_limit(LDT_TEST * 8 - 1 + end);
		load_all_ways(cpl, test_selector(true, rpl), &ldt[LDT_TEST], pack(&fields));
	}
	change_ldt_limit(sizeof(ldt) - 1);
	__asm__ volatile("lldt %w0" : : "r"(0));
	ldtr.valid = false;
	for (i = 0; i < 16; i++) {
		fields = numbered(0x92 | (i & 3) << 5);
		load_all_ways(i & 3, test_selector(true, i >> 2), &ldt[LDT_TEST], pack(&fields));
	}
	use_ldt();
}

/* --- far transfers --- */

/*
 * Where the target is in its segment. 64-bit code has no base. One class in four
 * has a limit just below the target, one a limit just at its last byte; the last
 * an address that is not canonical, if @wide: the operand has 64 bits.
 */
static uint64_t place_code(struct fields *fields, unsigned int class, bool wide)
{
	uint32_t offset = 0x100 + 0x10 * class;

	fields->g = false;
	fields->limit = class == 0 ? offset + 1 : class == 1 ? offset - 1 : 0xfffff;
	if (fields->l)
		return class == 3 && wide ? IN_HOLE(ADDRESS(done)) : ADDRESS(done);
	fields->base = ADDRESS(done) - offset;
	return offset;
}

/* Is the target reached, or the fault met? @stack: of a return */
static bool transfer_same(const uint64_t *entry, uint64_t before, uint16_t from, uint64_t offset)
{
	if (!trapped_so((uint32_t)predicted_vector()) || *entry != (before | must_set(entry)) || !stayed(from))
		return false;
	return res.status != MMU_SEG_OK ||
	       ((trap.cs & 0xffff) == res.loaded.selector && trap.ip == offset + 2 && ADDRESS(done) == res.linear);
}

static void one_jump(enum width width, bool wide, unsigned int cpl, uint16_t selector, uint64_t *entry,
		     uint64_t offset)
{
	struct mmu_seg_regs regs = machine(width, cpl);
	struct call call = call_to(wide ? do_ljmpq : do_ljmpl, width, cpl);
	uint64_t before = *entry;

	mmu_seg_jump(&regs, &memory, selector, offset, &res);
	if (res.status == MMU_SEG_ERR_GATE) {
		notes[NOTE_GATE]++;
		return;
	}
	call.dx = ADDRESS(operand);
	operand[0] = (uint32_t)offset;
	operand[1] = wide ? (uint32_t)(offset >> 32) : selector;
	operand[2] = selector;
	run_at(&call);
	cases++;
	if (!transfer_same(entry, before, (uint16_t)call.cs, offset) && mismatch()) {
		describe(wide ? "wide jump" : width == LONG ? "jump" : "compat jump", cpl, selector, before);
		put_field("offset", offset);
		end_mismatch(entry);
	}
}

static void judge_jumps(void)
{
	unsigned int n, k;

	use_ldt();
	for (n = 0; n < 256 * 32; n++) {
		bool local = n >> 12 & 1;
		uint64_t *entry = local ? &ldt[LDT_TEST] : &gdt[GDT_TEST];

		for (k = 0; k < 12; k++) {
			bool wide = k >> 2 == 2;
			struct fields fields = numbered(n & 255);
			uint64_t offset;

			if (!chosen())
				continue;
			offset = place_code(&fields, k & 3, wide);
			*entry = pack(&fields);
			/* a call gate has a second half */
			gdt[GDT_TEST_HIGH] = 0;
			one_jump(k >> 2 == 1 ? COMPAT : LONG, wide, n >> 8 & 3, test_selector(local, n >> 10 & 3),
				 entry, offset);
		}
	}
	for (n = 0; n < 16; n++)
		for (k = 0; k < 3; k++)
			one_jump(k == 1 ? COMPAT : LONG, k == 2, n & 3, (uint16_t)(n >> 2), &gdt[GDT_NULL], 0);
}

/* What is on the stack of a far return: 32 or 64 bits each */
static void set_frame(bool wide, uint64_t ip, uint64_t cs, uint64_t sp, uint64_t ss)
{
	uint64_t frame[] = { ip, cs, sp, ss };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (wide) {
			operand[2 * i] = (uint32_t)frame[i];
			operand[2 * i + 1] = (uint32_t)(frame[i] >> 32);
		} else {
			operand[i] = (uint32_t)frame[i];
		}
	}
}

struct question {
	enum width width;
	bool wide;
	unsigned int cpl;
	uint16_t cs, ss;
	uint64_t *code, *stack, offset;
};

static void one_return(const struct question *q)
{
	struct mmu_seg_regs regs = machine(q->width, q->cpl);
	struct call call = call_to(q->wide ? do_lretq : do_lretl, q->width, q->cpl);
	uint64_t before = *q->code, stack_before = *q->stack;
	unsigned int outer = q->cs & 3;
	bool went_out;

	mmu_seg_return(&regs, &memory, q->cs, q->offset, q->ss, &res);
	call.dx = ADDRESS(operand);
	set_frame(q->wide, q->offset, q->cs | next_random() << 16, STACK_TOP(outer), q->ss | next_random() << 16);
	run_at(&call);
	cases++;
	if (res.why == MMU_SEG_WHY_NULL && (q->cs & ~3) && (q->cs & 3) != 3 && passed() && quirk(QUIRK_NULL_SS))
		return;
	went_out = res.status == MMU_SEG_OK && outer > q->cpl;
	if (transfer_same(q->code, before, (uint16_t)call.cs, q->offset) && *q->stack == (stack_before | must_set(q->stack)) &&
	    (!went_out || ((trap.user_ss & 0xffff) == res.stack.selector && trap.user_sp == STACK_TOP(outer))))
		return;
	if (mismatch()) {
		describe(q->wide ? "wide return" : q->width == LONG ? "return" : "compat return", q->cpl, q->cs, before);
		put_field("stack", q->ss);
		put_field("descriptor", stack_before >> 32);
		put_field("offset", q->offset);
		put_field("sp", trap.user_sp);
		end_mismatch(q->code);
	}
}

/* @k: which of three instructions; two widths of operands in 64-bit mode */
static void set_way(struct question *q, unsigned int k)
{
	q->width = k == 1 ? COMPAT : LONG;
	q->wide = k == 2;
}

/* Every code descriptor, with a good stack. */
static void return_codes(void)
{
	unsigned int n, k;

	for (n = 0; n < 256 * 32; n++) {
		bool local = n >> 12 & 1;
		unsigned int rpl = n >> 10 & 3;

		for (k = 0; k < 12; k++) {
			struct fields fields = numbered(n & 255), stack = numbered(0x92 | rpl << 5);
			struct question q = {
				.cpl = n >> 8 & 3, .cs = test_selector(local, rpl), .ss = stack_selector(false, rpl),
				.code = local ? &ldt[LDT_TEST] : &gdt[GDT_TEST], .stack = &gdt[GDT_STACK],
			};

			if (!chosen())
				continue;
			set_way(&q, k >> 2);
			q.offset = place_code(&fields, k & 3, q.wide);
			place_stack(&stack);
			*q.code = pack(&fields);
			*q.stack = pack(&stack);
			one_return(&q);
		}
	}
}

/* Every stack descriptor and selector, with good code of an outer level. */
static void return_stacks(void)
{
	unsigned int n, k;

	for (n = 0; n < 256 * 8; n++) {
		bool local = n >> 10 & 1;

		for (k = 0; k < 2 * 3 * 4 * 3; k++) {
			unsigned int outer = k / 6 % 4, cpl = k / 24;
			struct fields fields = numbered(n & 255), code = numbered(0x9a | outer << 5);
			struct question q = {
				.cpl = cpl, .cs = test_selector(false, outer),
				.ss = stack_selector(local, n >> 8 & 3), .code = &gdt[GDT_TEST],
				.stack = local ? &ldt[LDT_STACK] : &gdt[GDT_STACK],
			};

			if (outer <= cpl || !chosen())
				continue;
			set_way(&q, k / 2 % 3);
			code.l = k & 1;
			code.db = !code.l;
			q.offset = place_code(&code, 2, false);
			place_stack(&fields);
			*q.stack = pack(&fields);
			*q.code = pack(&code);
			one_return(&q);
		}
	}
}

/* Null CS, null SS with each RPL, SS beyond the table */
static void return_odd(void)
{
	unsigned int n, k;

	for (n = 0; n < 128; n++) {
		unsigned int cpl = n & 3, rpl = n >> 2 & 3, ss = n >> 4 & 3;

		for (k = 0; k < 9; k++) {
			struct fields code = numbered(0x9a | rpl << 5);
			struct question q = {
				.cpl = cpl, .cs = test_selector(false, rpl), .ss = (uint16_t)ss,
				.code = &gdt[GDT_TEST], .stack = &gdt[GDT_STACK],
			};

			set_way(&q, k % 3);
			code.l = n >> 6;
			code.db = !code.l;
			q.offset = place_code(&code, 2, false);
			*q.code = pack(&code);
			if (k / 3 == 1)
				q.cs = (uint16_t)rpl;
			if (k / 3 == 2)
				q.ss = (uint16_t)(GDT_ENTRIES * 8 | ss);
			one_return(&q);
		}
	}
}

/* Which data registers are still loaded after a return to an outer level? */
static void one_survival(unsigned int cpl, unsigned int outer, unsigned int n)
{
	struct fields fields = numbered(0x90 | (n & 15) | (n >> 4 & 3) << 5);
	struct mmu_seg_regs regs = machine(LONG, cpl);
	struct call call = call_to(do_lret_es, LONG, cpl);
	uint16_t selector = test_selector(false, cpl), want;

	gdt[GDT_TEST] = pack(&fields);
	mmu_seg_load(&regs, &memory, MMU_ES, selector, &res);
	/* Not to be had before, and so not after. */
	if (res.status != MMU_SEG_OK)
		return;
	want = mmu_seg_survives(&res.loaded, outer) ? selector : 0;
	call.ax = selector;
	call.dx = ADDRESS(operand);
	set_frame(true, ADDRESS(done), CODE_OF(outer), STACK_TOP(outer), DATA_OF(outer));
	run_at(&call);
	cases++;
	if (passed() && (trap.cs & 3) == outer && visible(MMU_ES) == want && visible(MMU_DS) == want &&
	    visible(MMU_FS) == want && visible(MMU_GS) == want)
		return;
	if (mismatch()) {
		describe("survival", cpl, selector, gdt[GDT_TEST]);
		put_field("es", trap.es & 0xffff);
		put_field("want", want);
		put("\n");
	}
}

static void judge_returns(void)
{
	unsigned int n, cpl, outer;

	use_ldt();
	return_codes();
	return_stacks();
	return_odd();
	for (n = 0; n < 64; n++)
		for (outer = 1; outer < 4; outer++)
			for (cpl = 0; cpl < outer; cpl++)
				one_survival(cpl, outer, n);
}

/* --- an inner stack: SS is null, with the new level --- */

static void judge_inner(void)
{
	static const uint8_t ways[][2] = { { 2, 1 }, { 3, 1 }, { 3, 2 } };
	unsigned int n;

	for (n = 0; n < 2 * 3; n++) {
		unsigned int from = ways[n / 2][0], to = ways[n / 2][1];
		enum width width = n & 1;
		struct mmu_seg_regs regs = machine(width, from);
		struct call call = call_to(to == 1 ? do_int81 : do_int82, width, from);

		mmu_seg_load_inner_stack(&regs, &memory, KERNEL_DATA, to, &res);
		tss.sp[to] = STACK_TOP(to);
		run_at(&call);
		cases++;
		if (trapped_so((uint32_t)predicted_vector()) && (trap.cs & 3) == to &&
		    (trap.user_ss & 0xffff) == res.loaded.selector)
			continue;
		if (mismatch()) {
			describe("inner stack", from, (uint16_t)to, 0);
			end_mismatch(&gdt[GDT_NULL]);
		}
	}
}

/* --- LLDT and LTR: 16 bytes --- */

static void restore_tr(void)
{
	gdt[GDT_TSS] &= ~(UINT64_C(2) << 40);
	__asm__ volatile("ltr %w0" : : "r"(GDT_TSS * 8));
}

static void one_system(bool task, unsigned int cpl, uint16_t selector, uint64_t *entry)
{
	struct mmu_seg_regs regs = machine(LONG, cpl);
	struct call call = call_to(task ? do_ltr : do_lldt, LONG, cpl);
	uint64_t before = *entry;
	bool same;

	if (task)
		mmu_seg_load_tr(&regs, &memory, selector, &res);
	else
		mmu_seg_load_ldtr(&regs, &memory, selector, &res);
	call.ax = selector;
	run_at(&call);
	cases++;
	same = as_predicted(entry, before, must_set(entry));
	if (!same && mismatch()) {
		describe(task ? "ltr" : "lldt", cpl, selector, before);
		put_field("high", gdt[GDT_TEST_HIGH]);
		end_mismatch(entry);
	}
	if (task && passed())
		restore_tr();
}

/* A TSS that is loaded must be usable: its base is right, or it is refused. */
static void judge_system(void)
{
	static const uint64_t highs[] = {
		0, 0, UINT64_C(1) << 40, UINT64_C(1) << 44, UINT64_C(0x1f) << 40, 0x9000, UINT64_C(0xffff0000),
	};
	unsigned int n, task;

	use_ldt();
	for (n = 0; n < 256 * 8 * 7; n++) {
		bool local = n >> 10 & 1;
		uint64_t *entry = local ? &ldt[LDT_TEST] : &gdt[GDT_TEST];

		for (task = 0; task < 2; task++) {
			struct fields fields = numbered(n & 255);

			if (!chosen())
				continue;
			fields.base = ADDRESS(&tss);
			fields.limit = sizeof(tss) - 1;
			fields.g = false;
			*entry = pack(&fields);
			gdt[GDT_TEST_HIGH] = highs[n >> 11];
			one_system(task, 0, test_selector(local, n >> 8 & 3), entry);
			use_ldt();
		}
	}
	gdt[GDT_TEST_HIGH] = 0;
	for (n = 0; n < 32; n++) {
		struct fields fields = numbered(n & 16 ? 0x89 : 0x82);

		fields.base = ADDRESS(&tss);
		fields.limit = sizeof(tss) - 1;
		fields.g = false;
		gdt[GDT_TEST] = pack(&fields);
		one_system(n & 16, n & 3, GDT_TEST * 8, &gdt[GDT_TEST]);
		one_system(n & 16, n & 3, n >> 2 & 3, &gdt[GDT_NULL]);
		use_ldt();
		/* eight bytes of it are in the table, or all but one */
		change_gdt_limit((uint16_t)(GDT_TEST * 8 + (n & 8 ? 7 : 14)));
		gdt[GDT_TEST] = pack(&fields);
		one_system(n & 16, n & 3, GDT_TEST * 8, &gdt[GDT_TEST]);
		change_gdt_limit(sizeof(gdt) - 1);
		use_ldt();
	}
}

/* --- accesses --- */

/* Where a linear address of a case is in our memory; 0: not a place of cases */
static uint64_t place_of(uint64_t la)
{
	uint64_t from_end = la & (EDGE_SIZE - 1);

	if (la - EDGE_PLACE < EDGE_SIZE)
		return la;
	la >>= 21;
	if (la == 0x3ffffff || la == (UINT64_C(0xffff800000000000) >> 21) || la == UINT64_MAX >> 21)
		return EDGE_PLACE + from_end;
	return 0;
}

static uint64_t bytes_at(uint64_t la, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | *(const volatile uint8_t *)(uintptr_t)place_of(la + size);
	return value;
}

static void fill(uint64_t la, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		*(volatile uint8_t *)(uintptr_t)place_of(la + i) = (uint8_t)next_random();
}

static bool all_placed(uint64_t la, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		if (!place_of(la + i))
			return false;
	return true;
}

struct access {
	enum width width;
	enum mmu_segreg reg;
	bool write;
	unsigned int log_size, cpl;
	uint64_t offset, base;	/* base of FS and GS in 64-bit mode */
	uint16_t selector;	/* compatibility mode: what is loaded from */
};

static bool access_same(const struct access *a, uint64_t before, uint64_t sent)
{
	unsigned int size = 1u << a->log_size;
	uint64_t mask = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;

	notes[NOTE_OPEN] += res.may_pass;
	if (res.status == MMU_SEG_OK || (res.may_pass && passed()))
		return passed() && (a->write ? bytes_at(res.linear, size) == (sent & mask) :
				    (trap.bx & mask) == before);
	return trapped_so((uint32_t)predicted_vector());
}

static void one_access(const struct access *a)
{
	const uint32_t (*table)[2][4] = a->width == LONG ? accessors : compat_accessors;
	struct call call = call_to((const void *)(uintptr_t)table[a->reg][a->write][a->log_size], a->width, a->cpl);
	uint64_t sent = (uint64_t)next_random() << 32 | next_random(), before = 0;
	struct mmu_seg_regs regs = machine(a->width, a->cpl);
	unsigned int size = 1u << a->log_size;

	if (a->width == COMPAT) {
		mmu_seg_load(&regs, &memory, a->reg, a->selector, &res);
		if (res.status != MMU_SEG_OK) {
			notes[NOTE_SETUP]++;
			return;
		}
		regs.seg[a->reg] = res.loaded;
	} else {
		regs.seg[MMU_FS].desc.base = a->base;
		regs.seg[MMU_GS].desc.base = a->base;
		write_msr(MSR_FS_BASE, a->base);
		write_msr(MSR_GS_BASE, a->base);
	}
	mmu_seg_access(&regs, a->reg, a->write ? MMU_SEG_WRITE : MMU_SEG_READ, a->offset, size, &res);
	if (res.status == MMU_SEG_OK || res.may_pass) {
		if (!all_placed(res.linear, size)) {
			notes[NOTE_PLACE]++;
			return;
		}
		fill(res.linear, size);
		before = bytes_at(res.linear, size);
	}
	call.ax = a->selector;
	call.dx = a->offset;
	call.bx = sent;
	run_at(&call);
	cases++;
	if (!access_same(a, before, sent) && mismatch()) {
		describe(a->write ? "write" : "read", a->cpl, a->selector, gdt[GDT_TEST]);
		put(a->width == LONG ? " " : " compat ");
		put(mmu_segreg_name(a->reg));
		put_field("offset", a->offset);
		put_field("base", a->base);
		put_field("size", size);
		put_field("linear", res.linear);
		put("\n");
	}
}

/* 64-bit mode: all registers, around the edges of the canonical addresses, by way of many bases */
static void access_edges(void)
{
	static const uint64_t edges[] = {
		EDGE_PLACE + 0x1000, UINT64_C(0x0000800000000000), UINT64_C(0xffff800000000000), 0,
		UINT64_C(0x0000900000000000), UINT64_C(0xffff700000000000), UINT64_C(0x8000000000000000),
	};
	static const uint64_t bases[] = {
		0, 0x10, EDGE_PLACE, UINT64_C(0x00007ffffffffff0), UINT64_C(0xffff800000000000),
		UINT64_C(0xfffffffffffffff8), UINT64_C(0xffffffff80000000),
	};
	unsigned int n, k;

	for (n = 0; n < 7 * 7 * 18; n++) {
		for (k = 0; k < 6 * 4 * 8; k++) {
			struct access a = {
				.width = LONG, .base = bases[n / 7 % 7], .reg = k % 6, .cpl = k / 6 % 4,
				.log_size = k / 24 % 4, .write = k / 96,
			};
			uint64_t la = edges[n % 7] + (uint64_t)(n / 49) - 9;

			/* the end of all addresses, and not the beginning, which has a firmware's tables */
			if (!chosen() || (n % 7 == 3 && n / 49 > 8))
				continue;
			a.offset = a.reg == MMU_FS || a.reg == MMU_GS ? la - a.base : la;
			one_access(&a);
		}
	}
}

/* Compatibility mode: base, limit and type count as without IA-32e mode. */
static void access_limits(void)
{
	static const uint32_t limits[] = { 0, 1, 0xfff, 0xffff, 0x10000, 0xfffff };
	static const int8_t near[] = { -4, -3, -2, -1, 0, 1 };
	unsigned int n, k;

	for (n = 0; n < 16 * 4 * 4 * 6; n++) {
		for (k = 0; k < 5 * 6 * 6 * 3; k++) {
			struct access a = {
				.width = COMPAT, .cpl = n >> 4 & 3, .reg = data_registers[k % 5], .log_size = k / 10 % 3,
				.write = k / 5 % 2,
			};
			struct fields fields = numbered(0x90 | (n & 15) | 3 << 5);
			uint32_t end, ends[3], target;

			if (!chosen())
				continue;
			fields.g = n >> 6 & 1;
			fields.db = n >> 7 & 1;
			fields.limit = limits[n >> 8];
			if (a.reg == MMU_SS)
				fields.dpl = a.cpl;
			end = fields.g ? fields.limit << 12 | 0xfff : fields.limit;
			ends[0] = end;
			ends[1] = 0xffff;
			ends[2] = 0;
			a.offset = ends[k / 180] + (uint32_t)near[k / 30 % 6];
			target = (uint32_t)EDGE_PLACE + 16 + next_random() % 4096;
			fields.base = target - (uint32_t)a.offset;
			a.selector = test_selector(false, a.cpl);
			gdt[GDT_TEST] = pack(&fields);
			one_access(&a);
		}
	}
}

static void judge_accesses(void)
{
	use_ldt();
	access_edges();
	access_limits();
}

const struct section sections[] = {
	{ "loads", judge_loads },
	{ "tables", judge_tables },
	{ "jumps", judge_jumps },
	{ "returns", judge_returns },
	{ "inner", judge_inner },
	{ "system", judge_system },
	{ "accesses", judge_accesses },
	{ NULL, NULL },
};
