// SPDX-License-Identifier: GPL-2.0
/*
 * Segmentation: the model's prediction against what the processor does.
 *
 * Each case writes its descriptors into the live tables, predicts from the same
 * bytes, and then lets code at the right level do it. What is compared: vector,
 * error code, the visible selector, the A or busy bit in the table, and for
 * accesses the place in memory that was read or written.
 */
#include "guest.h"
#include "outcome.h"

/* How to let a selector be loaded; in the order of loaders in start32.S */
enum way { WAY_MOV, WAY_POP, WAY_LXS, WAYS };

extern const uint32_t loaders[WAYS][MMU_SEG_REGS];
extern const uint32_t accessors[MMU_SEG_REGS][2][4];
extern const uint8_t done[], do_ljmp[], do_lret[], do_lret_es[], do_lldt[],
	do_ltr[], do_int81[], do_int82[], fetched[];

/* Stack of the levels 1 to 3, and operands that they read. */
static uint32_t stacks[4][64] __attribute__((aligned(16)));
/* At CPL 0 the frame of the return is the stack, and a fault goes below it. */
static uint32_t operand_room[64 + 8];
#define operand		(operand_room + 64)

#define STACK_TOP(cpl)	ADDRESS(&stacks[cpl][48])

static uint16_t gdt_limit = sizeof(gdt) - 1;
/* The LDTR that the model holds; set by use_ldt() from the live table. */
static struct mmu_segment ldtr;

static void set_segment(struct mmu_segment *seg, uint16_t selector, uint64_t raw)
{
	seg->selector = selector;
	seg->valid = true;
	mmu_desc_decode(raw, 0, false, false, &seg->desc);
}

static struct mmu_seg_regs machine(unsigned int cpl)
{
	struct mmu_seg_regs regs = {
		.pe = true, .cpl = cpl, .gdt_base = ADDRESS(gdt),
		.gdt_limit = gdt_limit, .ldtr = ldtr,
	};

	set_segment(&regs.seg[MMU_CS], CODE_OF(cpl), gdt[GDT_CODE0 + 2 * cpl]);
	set_segment(&regs.seg[MMU_SS], DATA_OF(cpl), gdt[GDT_DATA0 + 2 * cpl]);
	return regs;
}

/* Lets the processor load its LDTR with our LDT, and the model with it. */
static void use_ldt(void)
{
	struct mmu_seg_regs regs = machine(0);

	mmu_seg_load_ldtr(&regs, &memory, GDT_LDT * 8, &res);
	ldtr = res.loaded;
	__asm__ volatile("lldt %w0" : : "r"(GDT_LDT * 8));
}

static struct call call_to(const void *code, unsigned int cpl)
{
	return (struct call){
		.ip = ADDRESS(code), .cs = CODE_OF(cpl), .flags = 2,
		.sp = STACK_TOP(cpl), .ss = DATA_OF(cpl), .cx = DATA_OF(cpl),
	};
}

static void one_load(enum way way, enum mmu_segreg reg, unsigned int cpl,
		     uint16_t selector, uint64_t *entry)
{
	struct mmu_seg_regs regs = machine(cpl);
	struct call call;
	uint64_t before = *entry;
	uint64_t set;

	mmu_seg_load(&regs, &memory, reg, selector, &res);
	set = must_set(entry);
	call = call_to((const void *)(uintptr_t)loaders[way][reg], cpl);
	call.ax = selector;
	call.dx = ADDRESS(operand);
	operand[0] = next_random();
	operand[1] = selector;
	run_at(&call);
	cases++;
	if (as_predicted(entry, before, set) &&
	    (res.status != MMU_SEG_OK || visible(reg) == res.loaded.selector))
		return;
	if (mismatch()) {
		describe("load", cpl, selector, before);
		put(" ");
		put(mmu_segreg_name(reg));
		put_field("way", way);
		put_field("entry", (uint32_t)(*entry >> 32));
		put("\n");
	}
}

static void load_all_ways(unsigned int cpl, uint16_t selector, uint64_t *entry,
			  uint64_t raw)
{
	unsigned int way, i;

	for (way = 0; way < WAYS; way++) {
		for (i = 0; i < DATA_REGISTERS; i++) {
			if (!chosen())
				continue;
			*entry = raw;
			one_load(way, data_registers[i], cpl, selector, entry);
		}
	}
}

/* Every descriptor x table x RPL x CPL x register x instruction. */
static void judge_loads(void)
{
	unsigned int n, cpl, rpl, local;

	use_ldt();
	for (n = 0; n < 256 * 32; n++) {
		struct fields fields = numbered(n & 255);
		uint64_t raw = pack(&fields);

		cpl = n >> 8 & 3;
		rpl = n >> 10 & 3;
		local = n >> 12 & 1;
		load_all_ways(cpl, test_selector(local, rpl),
			      local ? &ldt[LDT_TEST] : &gdt[GDT_TEST], raw);
	}
	/* Null selectors, whatever lies in entry 0; index 0 of the LDT is none. */
	for (n = 0; n < 16; n++) {
		struct fields fields = numbered(0x92 | (n & 3) << 5);
		uint64_t raw = pack(&fields);

		cpl = n & 3;
		rpl = n >> 2;
		load_all_ways(cpl, (uint16_t)rpl, &gdt[GDT_NULL], raw);
		load_all_ways(cpl, (uint16_t)(rpl | 4), &ldt[LDT_FIRST], raw);
	}
	gdt[GDT_NULL] = 0;
}

static void change_ldt(uint32_t limit, bool g)
{
	uint32_t base = ADDRESS(ldt);
	struct fields fields = {
		.base = base, .limit = limit, .g = g, .type = 2, .p = true,
	};

	gdt[GDT_LDT] = pack(&fields);
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
		/* writable data that the level may load, or level 3 may */
		fields = numbered(0x92 | (i & 1 ? cpl : 3) << 5);
		gdt_limit = (uint16_t)(GDT_TEST * 8 - 1 + end);
		set_gdt_limit(gdt_limit);
		load_all_ways(cpl, test_selector(false, rpl), &gdt[GDT_TEST],
			      pack(&fields));
		gdt_limit = sizeof(gdt) - 1;
		set_gdt_limit(gdt_limit);

		change_ldt(LDT_TEST * 8 - 1 + end, false);
		load_all_ways(cpl, test_selector(true, rpl), &ldt[LDT_TEST],
			      pack(&fields));
		/* selector far beyond 4 KiB, in an LDT counted in pages */
		change_ldt(0, true);
		load_all_ways(cpl, (uint16_t)(0x1004 | rpl), &ldt[LDT_TEST],
			      pack(&fields));
	}
	__asm__ volatile("lldt %w0" : : "r"(0));
	ldtr.valid = false;
	for (i = 0; i < 16; i++) {
		fields = numbered(0x92 | (i & 3) << 5);
		load_all_ways(i & 3, test_selector(true, i >> 2), &ldt[LDT_TEST],
			      pack(&fields));
	}
	change_ldt(sizeof(ldt) - 1, false);
}

/* Offset of @done in a segment of this base and limit class. */
static uint32_t target_offset(unsigned int class)
{
	return 0x100 + 0x10 * class;
}

/*
 * Code descriptors get a base that puts @done at the target's offset; one class
 * in three has a limit just below it, one a limit just at its last byte.
 */
static void place_code(struct fields *fields, unsigned int class)
{
	uint32_t offset = target_offset(class);

	fields->base = ADDRESS(done) - offset;
	fields->g = false;
	fields->limit = class == 0 ? offset + 1 : class == 1 ? offset - 1 :
			0xfffff;
	fields->db = true;
}

static bool transfer_same(const uint64_t *entry, uint64_t before,
			  uint32_t offset)
{
	if (!trapped_so(stack_vector(11)) || !marked(entry, before))
		return false;
	return res.status != MMU_SEG_OK ||
	       ((trap.cs & 0xffff) == res.loaded.selector &&
		trap.ip == offset + 2 && ADDRESS(done) == res.linear);
}

static void compare_transfer(const char *what, unsigned int cpl,
			     uint16_t selector, uint64_t *entry,
			     uint64_t before, uint32_t offset)
{
	if (!transfer_same(entry, before, offset) && mismatch()) {
		describe(what, cpl, selector, before);
		put_field("entry", (uint32_t)(*entry >> 32));
		put_field("want-cs", res.loaded.selector);
		put("\n");
	}
}

static void one_jump(unsigned int cpl, uint16_t selector, uint64_t *entry,
		     uint32_t offset)
{
	struct mmu_seg_regs regs = machine(cpl);
	struct call call = call_to(do_ljmp, cpl);
	uint64_t before = *entry;

	mmu_seg_jump(&regs, &memory, selector, offset, &res);
	if (res.status == MMU_SEG_ERR_GATE) {
		notes[NOTE_GATE]++;
		return;
	}
	call.dx = ADDRESS(operand);
	operand[0] = offset;
	operand[1] = selector;
	run_at(&call);
	cases++;
	compare_transfer("jump", cpl, selector, entry, before, offset);
}

static void judge_jumps(void)
{
	unsigned int n, class;

	use_ldt();
	for (n = 0; n < 256 * 32; n++) {
		bool local = n >> 12 & 1;
		uint64_t *entry = local ? &ldt[LDT_TEST] : &gdt[GDT_TEST];

		for (class = 0; class < 3; class++) {
			struct fields fields = numbered(n & 255);

			if (!chosen())
				continue;
			place_code(&fields, class);
			*entry = pack(&fields);
			one_jump(n >> 8 & 3,
				 test_selector(local, n >> 10 & 3), entry,
				 target_offset(class));
		}
	}
	for (n = 0; n < 16; n++)
		one_jump(n & 3, (uint16_t)(n >> 2), &gdt[GDT_NULL], 0);
}

/* One far return; @code and @stack are where the two descriptors are. */
static void one_return(unsigned int cpl, uint16_t selector, uint64_t *code,
		       uint16_t ss, uint64_t *stack, uint32_t offset)
{
	struct mmu_seg_regs regs = machine(cpl);
	struct call call = call_to(do_lret, cpl);
	unsigned int outer = selector & 3;
	uint64_t before = *code, stack_before = *stack;
	bool went_out;

	mmu_seg_return(&regs, &memory, selector, offset, ss, &res);
	call.dx = ADDRESS(operand);
	operand[0] = offset;
	operand[1] = selector | next_random() << 16;
	operand[2] = STACK_TOP(outer);
	operand[3] = ss | next_random() << 16;
	run_at(&call);
	cases++;
	if (passed() && res.why == MMU_SEG_WHY_LIMIT &&
	    quirk(QUIRK_RETURN_LIMIT))
		return;
	compare_transfer("return", cpl, selector, code, before, offset);
	went_out = res.status == MMU_SEG_OK && outer > cpl;
	if (marked(stack, stack_before) &&
	    (!went_out || ((trap.user_ss & 0xffff) == res.stack.selector &&
			   trap.user_sp == STACK_TOP(outer))))
		return;
	if (mismatch()) {
		describe("return's stack", cpl, ss, stack_before);
		put_field("entry", (uint32_t)(*stack >> 32));
		put("\n");
	}
}

/* Every code descriptor, with a good stack. */
static void return_codes(void)
{
	unsigned int n, class;

	for (n = 0; n < 256 * 32; n++) {
		bool local = n >> 12 & 1;
		unsigned int rpl = n >> 10 & 3;
		uint64_t *code = local ? &ldt[LDT_TEST] : &gdt[GDT_TEST];

		for (class = 0; class < 3; class++) {
			struct fields fields = numbered(n & 255);
			struct fields stack = numbered(0x92 | rpl << 5);

			if (!chosen())
				continue;
			place_code(&fields, class);
			place_stack(&stack);
			*code = pack(&fields);
			gdt[GDT_STACK] = pack(&stack);
			one_return(n >> 8 & 3, test_selector(local, rpl), code,
				   stack_selector(false, rpl), &gdt[GDT_STACK],
				   target_offset(class));
		}
	}
}

/* Every stack descriptor and selector, with good code of an outer level. */
static void return_stacks(void)
{
	unsigned int n, cpl, outer;

	for (n = 0; n < 256 * 8; n++) {
		bool local = n >> 10 & 1;
		uint64_t *stack = local ? &ldt[LDT_STACK] : &gdt[GDT_STACK];

		for (outer = 1; outer < 4; outer++) {
			for (cpl = 0; cpl < outer; cpl++) {
				struct fields fields = numbered(n & 255);
				struct fields code = numbered(0x9a | outer << 5);

				if (!chosen())
					continue;
				place_stack(&fields);
				place_code(&code, 2);
				*stack = pack(&fields);
				gdt[GDT_TEST] = pack(&code);
				one_return(cpl, test_selector(false, outer),
					   &gdt[GDT_TEST],
					   stack_selector(local, n >> 8 & 3),
					   stack, target_offset(2));
			}
		}
	}
}

static void return_odd(void)
{
	unsigned int n;

	for (n = 0; n < 64; n++) {
		unsigned int cpl = n & 3, rpl = n >> 2 & 3, ss = n >> 4 & 3;
		struct fields code = numbered(0x9a | rpl << 5);

		place_code(&code, 2);
		gdt[GDT_TEST] = pack(&code);
		/* null CS; null SS; SS beyond the table */
		one_return(cpl, (uint16_t)rpl, &gdt[GDT_TEST], DATA_OF(3),
			   &gdt[GDT_STACK], target_offset(2));
		one_return(cpl, test_selector(false, rpl), &gdt[GDT_TEST],
			   (uint16_t)ss, &gdt[GDT_STACK], target_offset(2));
		one_return(cpl, test_selector(false, rpl), &gdt[GDT_TEST],
			   (uint16_t)(GDT_ENTRIES * 8 | ss), &gdt[GDT_STACK],
			   target_offset(2));
	}
}

/* Which data registers are still loaded after a return to an outer level? */
static void one_survival(unsigned int cpl, unsigned int outer, unsigned int n)
{
	struct fields fields = numbered(0x90 | (n & 15) | (n >> 4 & 3) << 5);
	uint16_t selector = test_selector(false, cpl);
	struct mmu_seg_regs regs = machine(cpl);
	struct call call = call_to(do_lret_es, cpl);
	uint16_t want;

	gdt[GDT_TEST] = pack(&fields);
	mmu_seg_load(&regs, &memory, MMU_ES, selector, &res);
	/* Not to be had before, and so not after. */
	if (res.status != MMU_SEG_OK)
		return;
	want = mmu_seg_survives(&res.loaded, outer) ? selector : 0;
	call.ax = selector;
	call.dx = ADDRESS(operand);
	operand[0] = ADDRESS(done);
	operand[1] = CODE_OF(outer);
	operand[2] = STACK_TOP(outer);
	operand[3] = DATA_OF(outer);
	run_at(&call);
	cases++;
	if (trap.vector == VECTOR_DONE && (trap.cs & 3) == outer &&
	    visible(MMU_ES) == want && visible(MMU_DS) == want &&
	    visible(MMU_FS) == want && visible(MMU_GS) == want)
		return;
	if (mismatch()) {
		describe("survival", cpl, selector, gdt[GDT_TEST]);
		put_field("es", trap.es & 0xffff);
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

/* INT through a gate to level 1 or 2: SS comes from the TSS. */
static void one_inner(unsigned int from, unsigned int to, uint16_t selector,
		      uint64_t *entry)
{
	struct mmu_seg_regs regs = machine(from);
	struct call call = call_to(to == 1 ? do_int81 : do_int82, from);
	uint64_t before = *entry;
	bool same;

	mmu_seg_load_inner_stack(&regs, &memory, selector, to, &res);
	tss.level[to].ss = selector;
	tss.level[to].esp = STACK_TOP(to);
	run_at(&call);
	cases++;
	same = trapped_so(stack_vector(10)) && marked(entry, before);
	/* On success the next INT comes from there, with that SS. */
	if (same && res.status == MMU_SEG_OK)
		same = (trap.cs & 3) == to &&
		       (trap.user_ss & 0xffff) == res.loaded.selector;
	if (!same && mismatch()) {
		describe("inner stack", from, selector, before);
		put_field("to", to);
		put_field("entry", (uint32_t)(*entry >> 32));
		put("\n");
	}
}

static void inner_from_all(uint16_t selector, uint64_t *entry, uint64_t raw)
{
	static const struct {
		unsigned int from, to;
	} ways[] = { { 2, 1 }, { 3, 1 }, { 3, 2 } };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		*entry = raw;
		one_inner(ways[i].from, ways[i].to, selector, entry);
	}
}

static void judge_inner(void)
{
	unsigned int n;

	use_ldt();
	for (n = 0; n < 256 * 8; n++) {
		bool local = n >> 10 & 1;
		struct fields fields = numbered(n & 255);

		place_stack(&fields);
		inner_from_all(stack_selector(local, n >> 8 & 3),
			       local ? &ldt[LDT_STACK] : &gdt[GDT_STACK],
			       pack(&fields));
	}
	for (n = 0; n < 4; n++) {
		inner_from_all((uint16_t)n, &gdt[GDT_STACK], gdt[GDT_STACK]);
		inner_from_all((uint16_t)(GDT_ENTRIES * 8 | n), &gdt[GDT_STACK],
			       gdt[GDT_STACK]);
	}
}

/* Puts TR back, whatever the case has made of it. */
static void restore_tr(void)
{
	gdt[GDT_TSS] &= ~(UINT64_C(2) << 40);
	__asm__ volatile("ltr %w0" : : "r"(GDT_TSS * 8));
}

static void one_system(bool task, unsigned int cpl, uint16_t selector,
		       uint64_t *entry)
{
	struct mmu_seg_regs regs = machine(cpl);
	struct call call = call_to(task ? do_ltr : do_lldt, cpl);
	uint64_t before = *entry;
	uint64_t set;
	bool same;

	if (task)
		mmu_seg_load_tr(&regs, &memory, selector, &res);
	else
		mmu_seg_load_ldtr(&regs, &memory, selector, &res);
	set = must_set(entry);
	call.ax = selector;
	/* a TSS that loads must be usable: INT 0x80 needs its stack */
	run_at(&call);
	cases++;
	same = as_predicted(entry, before, set) ||
	       (task && passed() && res.why == MMU_SEG_WHY_NULL &&
		quirk(QUIRK_LTR_NULL));
	if (!same && mismatch()) {
		describe(task ? "ltr" : "lldt", cpl, selector, before);
		put_field("entry", (uint32_t)(*entry >> 32));
		put("\n");
	}
	if (task && passed())
		restore_tr();
}

/* LLDT and LTR of all descriptors; at CPL 0, for elsewhere they are #GP(0). */
static void judge_system(void)
{
	unsigned int n, task;

	use_ldt();
	for (n = 0; n < 256 * 8; n++) {
		bool local = n >> 10 & 1;
		uint64_t *entry = local ? &ldt[LDT_TEST] : &gdt[GDT_TEST];

		for (task = 0; task < 2; task++) {
			struct fields fields = numbered(n & 255);

			fields.base = ADDRESS(&tss);
			fields.limit = sizeof(tss) - 1;
			fields.g = false;
			*entry = pack(&fields);
			one_system(task, 0, test_selector(local, n >> 8 & 3),
				   entry);
			use_ldt();
		}
	}
	for (n = 0; n < 32; n++) {
		struct fields fields = numbered(n & 16 ? 0x89 : 0x82);

		fields.base = ADDRESS(&tss);
		fields.limit = sizeof(tss) - 1;
		fields.g = false;
		gdt[GDT_TEST] = pack(&fields);
		one_system(n & 16, n & 3, GDT_TEST * 8, &gdt[GDT_TEST]);
		one_system(n & 16, n & 3, n >> 2 & 3, &gdt[GDT_NULL]);
		use_ldt();
		gdt_limit = (uint16_t)(GDT_TEST * 8 + 6);
		set_gdt_limit(gdt_limit);
		gdt[GDT_TEST] = pack(&fields);
		one_system(n & 16, n & 3, GDT_TEST * 8, &gdt[GDT_TEST]);
		gdt_limit = sizeof(gdt) - 1;
		set_gdt_limit(gdt_limit);
		use_ldt();
	}
}

/* Memory that accesses are aimed at. */
#define ARENA	4096
static uint8_t arena[ARENA + 64], mirror[ARENA + 64];

struct question {
	enum mmu_segreg reg;
	unsigned int cpl, log_size;
	bool write;
	uint32_t offset, target;
	uint16_t selector;
	uint64_t raw;
};

static uint64_t bytes_at(uint32_t address, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | *(const uint8_t *)(uintptr_t)(address + size);
	return value;
}

/* What came back in EBX or the FPU, or what was put into memory. */
static bool data_right(const struct question *q, uint64_t before, uint64_t sent)
{
	unsigned int size = 1u << q->log_size;
	uint64_t mask = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
	uint64_t got = trap.bx;

	if (q->write)
		return bytes_at((uint32_t)res.linear, size) == (sent & mask);
	if (size == 8)
		__asm__ volatile("fistpll %0" : "=m"(got));
	return (got & mask) == before;
}

/* Is the memory around the target as it was, but for what was written there? */
static bool rest_untouched(const struct question *q, bool written)
{
	uint32_t at = q->target - ADDRESS(arena);
	unsigned int size = 1u << q->log_size;
	uint32_t i;

	for (i = at - 16; i < at + 24; i++)
		if (arena[i] != mirror[i] &&
		    !(written && q->write && i >= at && i < at + size))
			return false;
	return true;
}

static void restore_arena(const struct question *q)
{
	uint32_t at = q->target - ADDRESS(arena);
	uint32_t i;

	for (i = at - 16; i < at + 24; i++)
		arena[i] = mirror[i];
}

/* The judge's word on one access, against res. */
static bool access_same(const struct question *q, uint64_t before,
			uint64_t sent)
{
	bool fault = trap.vector == (uint32_t)predicted_vector() &&
		     trap.error == res.error_code;

	notes[NOTE_OPEN] += res.may_pass;
	if (res.status == MMU_SEG_OK || (res.may_pass && passed()))
		return passed() && q->target == res.linear &&
		       data_right(q, before, sent) && rest_untouched(q, true);
	if (passed() && (res.why == MMU_SEG_WHY_LIMIT ||
			 res.why == MMU_SEG_WHY_READ ||
			 res.why == MMU_SEG_WHY_WRITE ||
			 res.why == MMU_SEG_WHY_NULL) && quirk(QUIRK_LIMITS))
		return true;
	return fault && rest_untouched(q, false);
}

/* CS is entered by way of IRET; the others are loaded by the snippet. */
static bool prepare(const struct question *q, struct mmu_seg_regs *regs,
		    struct call *call)
{
	uint32_t code = accessors[q->reg][q->write][q->log_size];
	uint32_t eip;

	*regs = machine(q->cpl);
	*call = call_to((const void *)(uintptr_t)code, q->cpl);
	call->ax = q->selector;
	call->dx = q->offset;
	if (q->reg != MMU_CS) {
		mmu_seg_load(regs, &memory, q->reg, q->selector, &res);
		regs->seg[q->reg] = res.loaded;
		return res.status == MMU_SEG_OK;
	}
	set_segment(&regs->seg[MMU_CS], q->selector, q->raw);
	eip = code - (uint32_t)regs->seg[MMU_CS].desc.base;
	call->cs = q->selector;
	call->ip = eip;
	mmu_seg_access(regs, MMU_CS, MMU_SEG_FETCH, eip, 16, &res);
	return res.status == MMU_SEG_OK;
}

static void one_access(const struct question *q)
{
	unsigned int size = 1u << q->log_size;
	uint64_t sent = (uint64_t)next_random() << 32 | next_random();
	struct mmu_seg_regs regs;
	struct call call;
	uint64_t before;

	gdt[GDT_TEST] = q->raw;
	if (!prepare(q, &regs, &call)) {
		notes[NOTE_SETUP]++;
		return;
	}
	mmu_seg_access(&regs, q->reg, q->write ? MMU_SEG_WRITE : MMU_SEG_READ,
		       q->offset, size, &res);
	before = bytes_at(q->target, size);
	__asm__ volatile("fninit");
	if (q->write && size == 8)
		__asm__ volatile("fildll %0" : : "m"(sent));
	call.bx = (uint32_t)sent;
	run_at(&call);
	cases++;
	if (!access_same(q, before, sent) && mismatch()) {
		describe(q->write ? "write" : "read", q->cpl, q->selector, q->raw);
		put(" ");
		put(mmu_segreg_name(q->reg));
		put_field("offset", q->offset);
		put_field("size", size);
		put_field("linear", (uint32_t)res.linear);
		put_field("target", q->target);
		put("\n");
	}
	restore_arena(q);
}

/* All offsets around the ends of a segment, all sizes, read and write. */
static void access_ends(struct question *q, struct fields *fields,
			unsigned int keep)
{
	static const int8_t near[] = { -8, -7, -4, -3, -2, -1, 0, 1 };
	uint32_t end = fields->g ? fields->limit << 12 | 0xfff : fields->limit;
	uint32_t ends[] = { end, 0xffff, 0xffffffff, 0 };
	unsigned int n;

	for (n = 0; n < 4 * 8 * 8; n++) {
		if ((keep && next_random() % keep) || !chosen())
			continue;
		q->offset = ends[n >> 6] + (uint32_t)near[n >> 3 & 7];
		q->log_size = n & 3;
		q->write = n >> 2 & 1;
		q->target = ADDRESS(arena) + 16 + next_random() % ARENA;
		fields->base = q->target - q->offset;
		q->raw = pack(fields);
		one_access(q);
	}
}

static void access_segments(enum mmu_segreg reg, unsigned int keep)
{
	static const uint32_t limits[] = {
		0, 1, 0xfff, 0xffff, 0x10000, 0xfffff,
	};
	unsigned int n;

	for (n = 0; n < 16 * 4 * 4 * 6; n++) {
		struct question q = { .reg = reg, .cpl = n >> 4 & 3 };
		struct fields fields = numbered(0x90 | (n & 15) | 3 << 5);

		fields.g = n >> 6 & 1;
		fields.db = n >> 7 & 1;
		fields.limit = limits[n >> 8];
		q.selector = test_selector(false, q.cpl);
		if (reg == MMU_SS || reg == MMU_CS)
			fields.dpl = q.cpl;
		/* 32-bit snippets; the exception's frame needs a good stack */
		if ((reg == MMU_CS && (!fields.db || !(fields.type & 8))) ||
		    (reg == MMU_SS && (q.cpl == 0 || (fields.type & 10) != 2)) ||
		    (fields.type & 10) == 8) {
			if (!(reg == MMU_CS && fields.db && (fields.type & 8)))
				continue;
		}
		access_ends(&q, &fields, keep);
	}
}

static void access_null(void)
{
	unsigned int n;

	for (n = 0; n < 4 * 4 * 5 * 8; n++) {
		struct question q = {
			.cpl = n & 3, .selector = n >> 2 & 3,
			.reg = data_registers[(n >> 4) % 5],
			.log_size = (n / 80) & 3, .write = (n / 80) >> 2,
		};

		if (q.reg == MMU_SS)
			continue;
		q.target = ADDRESS(arena) + 16 + next_random() % ARENA;
		q.offset = q.target;
		one_access(&q);
	}
}

/* Three instructions at the end of a code segment: of 1, 7 and 2 bytes. */
static void one_fetch(unsigned int cpl, struct fields *fields, int room)
{
	static const unsigned int sizes[] = { 1, 7, 2 };
	uint32_t end = fields->g ? fields->limit << 12 | 0xfff : fields->limit;
	uint32_t start = end - (uint32_t)room, eip = start;
	uint16_t selector = test_selector(false, cpl);
	struct call call = call_to(NULL, cpl);
	struct mmu_seg_regs regs;
	unsigned int i;
	bool entered;

	if (start > end && room >= 0)
		return;
	fields->base = ADDRESS(fetched) - start;
	gdt[GDT_TEST] = pack(fields);
	regs = machine(cpl);
	mmu_seg_return(&regs, &memory, selector, start, DATA_OF(cpl), &res);
	entered = res.status == MMU_SEG_OK;
	regs.seg[MMU_CS] = res.loaded;
	for (i = 0; entered && i < 3; i++) {
		mmu_seg_access(&regs, MMU_CS, MMU_SEG_FETCH, eip, sizes[i],
			       &res);
		if (res.status != MMU_SEG_OK)
			break;
		eip += sizes[i];
	}
	/* Nothing to learn, and Bochs remembers it as decoded. */
	if (res.may_pass) {
		notes[NOTE_OPEN_FETCH]++;
		return;
	}
	if (quirk(QUIRK_DECODED))
		*(volatile uint8_t *)(uintptr_t)fetched = fetched[0];
	call.ip = start;
	call.cs = selector;
	run_at(&call);
	cases++;
	if (trap.vector == (uint32_t)predicted_vector() &&
	    (passed() || trap.error == res.error_code) &&
	    (!entered || (trap.ip == eip && (trap.cs & 0xffff) == selector)))
		return;
	if (passed() && res.why == MMU_SEG_WHY_LIMIT && quirk(QUIRK_LIMITS))
		return;
	if (mismatch()) {
		describe("fetch", cpl, selector, gdt[GDT_TEST]);
		put_field("want-eip", eip);
		put("\n");
	}
}

static void judge_fetches(void)
{
	static const uint32_t limits[] = { 9, 0x20, 0xfff, 0xffff, 0x54321, 0xfffff };
	unsigned int n;
	int room;

	for (n = 0; n < 8 * 4 * 2 * 6; n++) {
		unsigned int cpl = n >> 3 & 3;
		struct fields fields = numbered(0x98 | (n & 7) | cpl << 5);

		fields.db = true;
		fields.g = n >> 5 & 1;
		fields.limit = limits[n >> 6];
		for (room = -1; room <= 10; room++)
			one_fetch(cpl, &fields, room);
	}
}

static void judge_accesses(void)
{
	uint32_t i;

	for (i = 0; i < sizeof(arena); i++)
		arena[i] = mirror[i] = (uint8_t)next_random();
	use_ldt();
	access_segments(MMU_DS, 0);
	access_segments(MMU_ES, 4);
	access_segments(MMU_FS, 4);
	access_segments(MMU_GS, 4);
	access_segments(MMU_SS, 0);
	access_segments(MMU_CS, 0);
	access_null();
	judge_fetches();
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
