// SPDX-License-Identifier: GPL-2.0
/*
 * x86 segmentation, from SDM chapters 3 (descriptors) and 6 (protection).
 *
 * All loads go the same way: find the descriptor, ask whether it may be loaded,
 * fill the register. What differs is in the order and the vectors that the page
 * of each instruction gives in SDM volume 2.
 */
#include "segment.h"

#define BIT(n)		(UINT64_C(1) << (n))
#define LOW32		UINT64_C(0xffffffff)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* SDM 3.4.2: a selector is an index, a table and a requested level. */
#define SEL_RPL		3u
#define SEL_TI		4u
#define SEL_INDEX	0xfff8u

/* SDM 3.4.5: the fields of a descriptor that are single bits. */
#define DESC_A		BIT(40)		/* code and data */
#define DESC_BUSY	BIT(41)		/* TSS */
#define DESC_S		BIT(44)
#define DESC_P		BIT(47)
#define DESC_AVL	BIT(52)
#define DESC_L		BIT(53)
#define DESC_DB		BIT(54)
#define DESC_G		BIT(55)
/* SDM 3.4.5.1: within the type */
#define TYPE_A		1u
#define TYPE_W		2u		/* data: writable; code: readable */
#define TYPE_E		4u		/* data: expand down; code: conforming */
#define TYPE_CODE	8u
/* APM 4.8.3: bits 12:8 of doubleword +12 are where S and type would be. */
#define HIGH_TYPE	(UINT64_C(0x1f) << 40)

static unsigned int rpl_of(uint16_t selector)
{
	return selector & SEL_RPL;
}

/* SDM 3.4.2: entry 0 of the GDT, with any RPL. That of the LDT is usable. */
static bool is_null(uint16_t selector)
{
	return !(selector & (SEL_INDEX | SEL_TI));
}

/* SDM table 3-2; where two are named, the second is the one of IA-32e mode. */
static enum mmu_desc_kind system_kind(unsigned int type, bool lma)
{
	static const enum mmu_desc_kind kinds[16] = {
		[1] = MMU_DESC_TSS,
		[2] = MMU_DESC_LDT,
		[3] = MMU_DESC_TSS_BUSY,
		[4] = MMU_DESC_CALL_GATE,
		[5] = MMU_DESC_TASK_GATE,
		[6] = MMU_DESC_INT_GATE,
		[7] = MMU_DESC_TRAP_GATE,
		[9] = MMU_DESC_TSS,
		[11] = MMU_DESC_TSS_BUSY,
		[12] = MMU_DESC_CALL_GATE,
		[14] = MMU_DESC_INT_GATE,
		[15] = MMU_DESC_TRAP_GATE,
	};

	/* The 16-bit kinds and the task gate are gone there. */
	if (lma && type < 8 && type != 2)
		return MMU_DESC_RESERVED;
	return kinds[type];
}

static uint32_t effective_limit(uint64_t raw)
{
	uint32_t limit = (uint32_t)((raw & 0xffff) | ((raw >> 32) & 0xf0000));

	/* SDM 6.3: the low 12 bits of an offset are then not checked. */
	if (raw & DESC_G)
		limit = (limit << 12) | 0xfff;
	return limit;
}

void mmu_desc_decode(uint64_t raw, uint64_t raw_high, bool lma, bool base64,
		     struct mmu_desc *desc)
{
	unsigned int type = (raw >> 40) & 15;
	bool code = (raw & DESC_S) && (type & TYPE_CODE);
	bool data = (raw & DESC_S) && !(type & TYPE_CODE);

	desc->type = type;
	desc->s = raw & DESC_S;
	desc->kind = code ? MMU_DESC_CODE :
		     data ? MMU_DESC_DATA : system_kind(type, lma);
	desc->base = ((raw >> 16) & 0xffffff) | ((raw >> 32) & 0xff000000);
	if (base64 && !desc->s)
		desc->base |= raw_high << 32;
	desc->limit = effective_limit(raw);
	desc->dpl = (raw >> 45) & 3;
	desc->present = raw & DESC_P;
	desc->avl = raw & DESC_AVL;
	desc->l = raw & DESC_L;
	desc->db = raw & DESC_DB;
	desc->g = raw & DESC_G;
	desc->writable = data && (type & TYPE_W);
	desc->readable = data || (code && (type & TYPE_W));
	desc->expand_down = data && (type & TYPE_E);
	desc->conforming = code && (type & TYPE_E);
	desc->accessed = desc->s && (type & TYPE_A);
	desc->wide = !desc->s && ((type & 8) || (lma && type == 2));
}

enum mmu_seg_mode mmu_seg_mode(const struct mmu_seg_regs *regs)
{
	const struct mmu_segment *cs = &regs->seg[MMU_CS];

	if (regs->cpl > 3 || (regs->lma && (!regs->pe || regs->vm)))
		return MMU_SEG_MODE_NONE;
	if (!regs->pe)
		return regs->vm ? MMU_SEG_MODE_NONE : MMU_SEG_MODE_REAL;
	if (regs->vm)
		return MMU_SEG_MODE_V86;
	if (!cs->valid || cs->desc.kind != MMU_DESC_CODE)
		return MMU_SEG_MODE_NONE;
	if (!regs->lma)
		return MMU_SEG_MODE_PROTECTED;
	return cs->desc.l ? MMU_SEG_MODE_64BIT : MMU_SEG_MODE_COMPAT;
}

/* SDM vol. 1, 3.3.7.1 */
static bool canonical(const struct mmu_seg_regs *regs, uint64_t la)
{
	unsigned int sign = regs->la57 ? 56 : 47;
	uint64_t high = la >> sign;

	return high == 0 || high == UINT64_MAX >> sign;
}

static void clear_segment(struct mmu_segment *seg)
{
	seg->selector = 0;
	seg->valid = false;
	/* type 0 with S = 0: reserved, and no flag is set */
	mmu_desc_decode(0, 0, false, false, &seg->desc);
}

/* Clears the answer; false if the question cannot be asked in this mode. */
static bool begin(const struct mmu_seg_regs *regs, struct mmu_seg_result *res)
{
	enum mmu_seg_mode mode = mmu_seg_mode(regs);

	res->status = MMU_SEG_OK;
	res->error_code = 0;
	res->why = MMU_SEG_WHY_NONE;
	res->may_pass = false;
	res->linear = 0;
	res->read_error = 0;
	res->cpl = regs->cpl;
	clear_segment(&res->loaded);
	clear_segment(&res->stack);
	res->stack_loaded = false;
	res->nsteps = 0;
	if (mode == MMU_SEG_MODE_NONE)
		res->status = MMU_SEG_ERR_REGS;
	else if (mode == MMU_SEG_MODE_REAL || mode == MMU_SEG_MODE_V86)
		res->status = MMU_SEG_ERR_MODE;
	return res->status == MMU_SEG_OK;
}

/* Ends the question; what was found on the way never came to be. */
static bool refuse(struct mmu_seg_result *res, enum mmu_seg_status status,
		   uint32_t code, enum mmu_seg_why why)
{
	unsigned int i;

	res->status = status;
	res->error_code = code;
	res->why = why;
	res->linear = 0;
	clear_segment(&res->stack);
	for (i = 0; i < res->nsteps; i++)
		res->steps[i].must_set = 0;
	return false;
}

/* SDM 7.13: a selector's error code is its index and TI; EXT and IDT clear. */
static bool refuse_selector(struct mmu_seg_result *res,
			    enum mmu_seg_status status, uint16_t selector,
			    enum mmu_seg_why why)
{
	return refuse(res, status, selector & (SEL_INDEX | SEL_TI), why);
}

/* Of descriptors that are no stack's: #NP if absent, else #GP (SDM 7.15) */
static void refuse_descriptor(struct mmu_seg_result *res, uint16_t selector,
			      enum mmu_seg_why why)
{
	refuse_selector(res, why == MMU_SEG_WHY_ABSENT ? MMU_SEG_FAULT_NP :
			MMU_SEG_FAULT_GP, selector, why);
}

/* SDM 3.5.1: in which table, and is all of the descriptor inside its limit? */
static bool in_table(const struct mmu_seg_regs *regs, uint16_t selector,
		     unsigned int bytes, uint64_t *la)
{
	uint64_t base = regs->gdt_base;
	uint32_t limit = regs->gdt_limit;
	uint32_t offset = selector & SEL_INDEX;

	if (selector & SEL_TI) {
		/* SDM 2, LLDT: without LDT every reference to it faults */
		if (!regs->ldtr.valid)
			return false;
		base = regs->ldtr.desc.base;
		limit = regs->ldtr.desc.limit;
	}
	*la = base + offset;
	if (!regs->lma)
		*la &= LOW32;
	return offset + (bytes - 1) <= limit;
}

static int read_entry(const struct mmu_seg_mem *mem, struct mmu_seg_step *step)
{
	int err = mem->read(mem->ctx, step->entry_la, &step->raw);

	if (!err && step->bytes == 16)
		err = mem->read(mem->ctx, step->entry_la + 8, &step->raw_high);
	return err;
}

/*
 * Reads the descriptor of a selector that is not null, as the next step. A
 * table that ends before it faults with @status. NULL if that is the end.
 */
static struct mmu_seg_step *find(const struct mmu_seg_regs *regs,
				 const struct mmu_seg_mem *mem,
				 uint16_t selector, unsigned int bytes,
				 enum mmu_seg_status status,
				 struct mmu_seg_result *res)
{
	struct mmu_seg_step *step = &res->steps[res->nsteps];

	step->selector = selector;
	step->bytes = bytes;
	step->raw = 0;
	step->raw_high = 0;
	step->must_set = 0;
	if (!in_table(regs, selector, bytes, &step->entry_la)) {
		refuse_selector(res, status, selector, MMU_SEG_WHY_TABLE);
		return NULL;
	}
	/* SDM 2, MOV, 64-bit mode: "the reference is non-canonical" */
	if (regs->lma && !(canonical(regs, step->entry_la) &&
			   canonical(regs, step->entry_la + bytes - 1))) {
		refuse_selector(res, status, selector, MMU_SEG_WHY_CANONICAL);
		return NULL;
	}
	res->read_error = read_entry(mem, step);
	if (res->read_error) {
		refuse(res, MMU_SEG_ERR_MEMORY, 0, MMU_SEG_WHY_NONE);
		return NULL;
	}
	mmu_desc_decode(step->raw, step->raw_high, regs->lma, bytes == 16,
			&step->desc);
	res->nsteps++;
	return step;
}

/* SDM 3.4.5.1: the processor sets A when it loads the register. */
static void fill(struct mmu_segment *seg, struct mmu_seg_step *step,
		 uint16_t selector)
{
	seg->selector = selector;
	seg->valid = true;
	seg->desc = step->desc;
	seg->desc.type |= TYPE_A;
	seg->desc.accessed = true;
	step->must_set = DESC_A & ~step->raw;
}

/*
 * SDM 2, MOV, "IF DS, ES, FS, or GS is loaded with non-NULL selector"; SDM 6.6.1:
 * privileges do not matter for conforming code, which is readable at any level.
 */
static bool load_data(const struct mmu_seg_regs *regs,
		      const struct mmu_seg_mem *mem, uint16_t selector,
		      struct mmu_seg_result *res)
{
	struct mmu_seg_step *step;
	const struct mmu_desc *desc;

	step = find(regs, mem, selector, 8, MMU_SEG_FAULT_GP, res);
	if (!step)
		return false;
	desc = &step->desc;
	if (!desc->readable)
		return refuse_selector(res, MMU_SEG_FAULT_GP, selector,
				       MMU_SEG_WHY_TYPE);
	if (!desc->conforming &&
	    (rpl_of(selector) > desc->dpl || regs->cpl > desc->dpl))
		return refuse_selector(res, MMU_SEG_FAULT_GP, selector,
				       MMU_SEG_WHY_PRIVILEGE);
	if (!desc->present)
		return refuse_selector(res, MMU_SEG_FAULT_NP, selector,
				       MMU_SEG_WHY_ABSENT);
	fill(&res->loaded, step, selector);
	return true;
}

/*
 * A null selector in ES, DS, FS or GS is loaded without a look at the GDT (SDM
 * 3.4.2). What it leaves in the base of FS and GS shows only in 64-bit mode.
 */
static void load_null(const struct mmu_seg_regs *regs, enum mmu_segreg reg,
		      uint16_t selector, struct mmu_seg_result *res)
{
	res->loaded.selector = selector;
	if (regs->lma && regs->null_keeps_base &&
	    (reg == MMU_FS || reg == MMU_GS))
		res->loaded.desc.base = regs->seg[reg].desc.base;
}

/**
 * struct stack_rules - what differs between the ways to load SS
 * @cpl: the level that RPL and DPL must have
 * @bad: the fault of a selector or descriptor that will not do
 * @null_ok: null is accepted below level 3 (SDM 2, MOV: in 64-bit mode)
 */
struct stack_rules {
	unsigned int cpl;
	enum mmu_seg_status bad;
	bool null_ok;
};

/* SDM 2, MOV, "IF SS is loaded"; the same rules in RET and in CALL */
static bool load_stack(const struct mmu_seg_regs *regs,
		       const struct mmu_seg_mem *mem, uint16_t selector,
		       struct stack_rules rules, struct mmu_segment *ss,
		       struct mmu_seg_result *res)
{
	struct mmu_seg_step *step;

	if (is_null(selector)) {
		if (!rules.null_ok || rules.cpl == 3 ||
		    rpl_of(selector) != rules.cpl)
			return refuse(res, rules.bad, 0, MMU_SEG_WHY_NULL);
		ss->selector = selector;
		return true;
	}
	step = find(regs, mem, selector, 8, rules.bad, res);
	if (!step)
		return false;
	if (rpl_of(selector) != rules.cpl)
		return refuse_selector(res, rules.bad, selector,
				       MMU_SEG_WHY_PRIVILEGE);
	if (!step->desc.writable)
		return refuse_selector(res, rules.bad, selector,
				       MMU_SEG_WHY_TYPE);
	if (step->desc.dpl != rules.cpl)
		return refuse_selector(res, rules.bad, selector,
				       MMU_SEG_WHY_PRIVILEGE);
	/* Not #NP: SDM 7.15, "Interrupt 12" */
	if (!step->desc.present)
		return refuse_selector(res, MMU_SEG_FAULT_SS, selector,
				       MMU_SEG_WHY_ABSENT);
	fill(ss, step, selector);
	return true;
}

enum mmu_seg_status mmu_seg_load(const struct mmu_seg_regs *regs,
				 const struct mmu_seg_mem *mem,
				 enum mmu_segreg reg, uint16_t selector,
				 struct mmu_seg_result *res)
{
	struct stack_rules rules = {
		.cpl = regs->cpl,
		.bad = MMU_SEG_FAULT_GP,
		.null_ok = mmu_seg_mode(regs) == MMU_SEG_MODE_64BIT,
	};

	if (!begin(regs, res))
		return res->status;
	if ((unsigned int)reg >= MMU_SEG_REGS)
		refuse(res, MMU_SEG_ERR_REGS, 0, MMU_SEG_WHY_NONE);
	else if (reg == MMU_CS)
		refuse(res, MMU_SEG_FAULT_UD, 0, MMU_SEG_WHY_OPCODE);
	else if (reg == MMU_SS)
		load_stack(regs, mem, selector, rules, &res->loaded, res);
	else if (is_null(selector))
		load_null(regs, reg, selector, res);
	else
		load_data(regs, mem, selector, res);
	return res->status;
}

/* SDM 2, CALL, "MORE-PRIVILEGE"; SDM 7.14.4 for IA-32e mode */
enum mmu_seg_status mmu_seg_load_inner_stack(const struct mmu_seg_regs *regs,
					     const struct mmu_seg_mem *mem,
					     uint16_t selector,
					     unsigned int cpl,
					     struct mmu_seg_result *res)
{
	struct stack_rules rules = { .cpl = cpl, .bad = MMU_SEG_FAULT_TS };

	if (!begin(regs, res))
		return res->status;
	if (cpl >= regs->cpl)
		refuse(res, MMU_SEG_ERR_REGS, 0, MMU_SEG_WHY_NONE);
	else if (regs->lma)
		res->loaded.selector = (uint16_t)cpl;
	else
		load_stack(regs, mem, selector, rules, &res->loaded, res);
	if (res->status == MMU_SEG_OK)
		res->cpl = cpl;
	return res->status;
}

/* SDM 6.3: does any of the bytes lie outside the segment? No wrap in here. */
static bool outside(const struct mmu_desc *desc, uint64_t offset,
		    unsigned int size)
{
	uint64_t last = offset + (size - 1);

	if (desc->expand_down)
		return offset <= desc->limit ||
		       last > (desc->db ? LOW32 : 0xffff);
	return last < offset || last > desc->limit;
}

/* SDM 2, JMP: the target's offset is checked as the new segment demands. */
static bool enter(const struct mmu_seg_regs *regs, struct mmu_seg_step *step,
		  uint64_t offset, struct mmu_seg_result *res)
{
	bool long_mode = regs->lma && step->desc.l;

	if (long_mode && !canonical(regs, offset))
		return refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_CANONICAL);
	if (!long_mode && outside(&step->desc, offset, 1))
		return refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_LIMIT);
	res->linear = long_mode ? offset : (step->desc.base + offset) & LOW32;
	return true;
}

/* SDM 2, JMP and RET: "L-Bit = 1 and D-BIT = 1 and IA32_EFER.LMA = 1" */
static bool long_and_d(const struct mmu_seg_regs *regs,
		       const struct mmu_desc *desc)
{
	return regs->lma && desc->l && desc->db;
}

/* The kinds that a far JMP takes, but not straight. */
static bool is_gate(const struct mmu_seg_regs *regs,
		    const struct mmu_desc *desc)
{
	switch (desc->kind) {
	case MMU_DESC_CALL_GATE:
	case MMU_DESC_TASK_GATE:
		return true;
	case MMU_DESC_TSS:
	case MMU_DESC_TSS_BUSY:
		/* SDM 9.7: no task switches in IA-32e mode */
		return !regs->lma;
	default:
		return false;
	}
}

/* SDM 6.8.1.1 and 6.8.1.2 */
static bool jump_privilege(const struct mmu_seg_regs *regs, uint16_t selector,
			   const struct mmu_desc *desc)
{
	if (desc->conforming)
		return desc->dpl <= regs->cpl;
	return rpl_of(selector) <= regs->cpl && desc->dpl == regs->cpl;
}

static bool jump(const struct mmu_seg_regs *regs, const struct mmu_seg_mem *mem,
		 uint16_t selector, uint64_t offset, struct mmu_seg_result *res)
{
	struct mmu_seg_step *step;
	const struct mmu_desc *desc;

	if (is_null(selector))
		return refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
	step = find(regs, mem, selector, 8, MMU_SEG_FAULT_GP, res);
	if (!step)
		return false;
	desc = &step->desc;
	if (is_gate(regs, desc))
		return refuse(res, MMU_SEG_ERR_GATE, 0, MMU_SEG_WHY_NONE);
	if (desc->kind != MMU_DESC_CODE)
		return refuse_selector(res, MMU_SEG_FAULT_GP, selector,
				       MMU_SEG_WHY_TYPE);
	if (long_and_d(regs, desc))
		return refuse_selector(res, MMU_SEG_FAULT_GP, selector,
				       MMU_SEG_WHY_LONG_D);
	if (!jump_privilege(regs, selector, desc))
		return refuse_selector(res, MMU_SEG_FAULT_GP, selector,
				       MMU_SEG_WHY_PRIVILEGE);
	if (!desc->present)
		return refuse_selector(res, MMU_SEG_FAULT_NP, selector,
				       MMU_SEG_WHY_ABSENT);
	if (!enter(regs, step, offset, res))
		return false;
	/* "CS(RPL) <- CPL" */
	fill(&res->loaded, step,
	     (uint16_t)((selector & ~SEL_RPL) | regs->cpl));
	return true;
}

enum mmu_seg_status mmu_seg_jump(const struct mmu_seg_regs *regs,
				 const struct mmu_seg_mem *mem,
				 uint16_t selector, uint64_t offset,
				 struct mmu_seg_result *res)
{
	if (begin(regs, res))
		jump(regs, mem, selector, offset, res);
	return res->status;
}

/* SDM 2, RET: the code segment, up to its presence */
static struct mmu_seg_step *return_code(const struct mmu_seg_regs *regs,
					const struct mmu_seg_mem *mem,
					uint16_t selector,
					struct mmu_seg_result *res)
{
	unsigned int rpl = rpl_of(selector);
	enum mmu_seg_why why = MMU_SEG_WHY_NONE;
	struct mmu_seg_step *step;
	const struct mmu_desc *desc;

	if (is_null(selector)) {
		refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
		return NULL;
	}
	step = find(regs, mem, selector, 8, MMU_SEG_FAULT_GP, res);
	if (!step)
		return NULL;
	desc = &step->desc;
	if (desc->kind != MMU_DESC_CODE)
		why = MMU_SEG_WHY_TYPE;
	else if (long_and_d(regs, desc))
		why = MMU_SEG_WHY_LONG_D;
	else if (rpl < regs->cpl ||
		 (desc->conforming ? desc->dpl > rpl : desc->dpl != rpl))
		why = MMU_SEG_WHY_PRIVILEGE;
	else if (!desc->present)
		why = MMU_SEG_WHY_ABSENT;
	if (why == MMU_SEG_WHY_NONE)
		return step;
	refuse_descriptor(res, selector, why);
	return NULL;
}

enum mmu_seg_status mmu_seg_return(const struct mmu_seg_regs *regs,
				   const struct mmu_seg_mem *mem,
				   uint16_t selector, uint64_t offset,
				   uint16_t stack, struct mmu_seg_result *res)
{
	struct stack_rules rules = {
		.cpl = rpl_of(selector),
		.bad = MMU_SEG_FAULT_GP,
	};
	struct mmu_seg_step *code;
	bool outward = rules.cpl > regs->cpl;

	if (!begin(regs, res))
		return res->status;
	code = return_code(regs, mem, selector, res);
	if (!code)
		return res->status;
	rules.null_ok = regs->lma && code->desc.l;
	if (outward && !load_stack(regs, mem, stack, rules, &res->stack, res))
		return res->status;
	if (!enter(regs, code, offset, res))
		return res->status;
	fill(&res->loaded, code, selector);
	res->stack_loaded = outward;
	res->cpl = rules.cpl;
	return res->status;
}

/* SDM 6.8.6 and SDM 2, RET, "FOR each of segment register" */
bool mmu_seg_survives(const struct mmu_segment *seg, unsigned int cpl)
{
	return !seg->valid || seg->desc.conforming || seg->desc.dpl >= cpl;
}

/*
 * SDM 2, LLDT and LTR, after the null selector; @kind is what it must be. In
 * 64-bit mode the upper half must not look like a descriptor of its own, and the
 * base must be an address (APM 3, LLDT and LTR). No manual gives the place of
 * that last rule; it stands where far transfers have theirs, behind presence.
 */
static struct mmu_seg_step *find_system(const struct mmu_seg_regs *regs,
					const struct mmu_seg_mem *mem,
					uint16_t selector,
					enum mmu_desc_kind kind,
					struct mmu_seg_result *res)
{
	bool wide = mmu_seg_mode(regs) == MMU_SEG_MODE_64BIT;
	enum mmu_seg_why why = MMU_SEG_WHY_NONE;
	struct mmu_seg_step *step;

	if (selector & SEL_TI) {
		refuse_selector(res, MMU_SEG_FAULT_GP, selector, MMU_SEG_WHY_TABLE);
		return NULL;
	}
	step = find(regs, mem, selector, wide ? 16 : 8, MMU_SEG_FAULT_GP, res);
	if (!step)
		return NULL;
	if (step->desc.kind != kind || (step->raw_high & HIGH_TYPE))
		why = MMU_SEG_WHY_TYPE;
	else if (!step->desc.present)
		why = MMU_SEG_WHY_ABSENT;
	else if (wide && !canonical(regs, step->desc.base))
		why = MMU_SEG_WHY_CANONICAL;
	if (why != MMU_SEG_WHY_NONE) {
		refuse_descriptor(res, selector, why);
		return NULL;
	}
	res->loaded.selector = selector;
	res->loaded.valid = true;
	res->loaded.desc = step->desc;
	return step;
}

enum mmu_seg_status mmu_seg_load_ldtr(const struct mmu_seg_regs *regs,
				      const struct mmu_seg_mem *mem,
				      uint16_t selector,
				      struct mmu_seg_result *res)
{
	if (!begin(regs, res))
		return res->status;
	if (regs->cpl != 0)
		refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_PRIVILEGE);
	else if (is_null(selector))
		res->loaded.selector = selector;
	else
		find_system(regs, mem, selector, MMU_DESC_LDT, res);
	return res->status;
}

enum mmu_seg_status mmu_seg_load_tr(const struct mmu_seg_regs *regs,
				    const struct mmu_seg_mem *mem,
				    uint16_t selector,
				    struct mmu_seg_result *res)
{
	struct mmu_seg_step *step = NULL;

	if (!begin(regs, res))
		return res->status;
	if (regs->cpl != 0)
		refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_PRIVILEGE);
	else if (is_null(selector))
		refuse(res, MMU_SEG_FAULT_GP, 0, MMU_SEG_WHY_NULL);
	else
		step = find_system(regs, mem, selector, MMU_DESC_TSS, res);
	if (!step)
		return res->status;
	step->must_set = DESC_BUSY;
	res->loaded.desc.kind = MMU_DESC_TSS_BUSY;
	res->loaded.desc.type |= 2;
	return res->status;
}

/*
 * SDM 3.4.4: in 64-bit mode only FS and GS have a base, and no segment has a
 * limit, a type or an absence (SDM 6.3.1). What is left is that all bytes are
 * at canonical addresses.
 */
static bool access_64bit(const struct mmu_seg_regs *regs, enum mmu_segreg reg,
			 uint64_t offset, unsigned int size,
			 struct mmu_seg_result *res)
{
	uint64_t base = 0;

	if (reg == MMU_FS || reg == MMU_GS)
		base = regs->seg[reg].desc.base;
	res->linear = base + offset;
	if (canonical(regs, res->linear) &&
	    canonical(regs, res->linear + (size - 1)))
		return true;
	return refuse(res, reg == MMU_SS ? MMU_SEG_FAULT_SS : MMU_SEG_FAULT_GP, 0,
		      MMU_SEG_WHY_CANONICAL);
}

/* SDM 6.4 and table 3-1; SDM 6.7: SS always holds writable data. */
static enum mmu_seg_why type_forbids(const struct mmu_desc *desc,
				     enum mmu_seg_access kind)
{
	if (kind == MMU_SEG_WRITE && !desc->writable)
		return MMU_SEG_WHY_WRITE;
	if (kind == MMU_SEG_READ && !desc->readable)
		return MMU_SEG_WHY_READ;
	return MMU_SEG_WHY_NONE;
}

/*
 * Protected and compatibility mode. A null SS can only be brought along into
 * compatibility mode: SDM 7.15 lists null for #GP with DS, ES, FS and GS only,
 * so that it is #SS as all else that is wrong with a reference to the stack.
 */
static bool access_32bit(const struct mmu_segment *seg, bool stack,
			 enum mmu_seg_access kind, uint32_t offset,
			 unsigned int size, struct mmu_seg_result *res)
{
	enum mmu_seg_status fault = stack ? MMU_SEG_FAULT_SS : MMU_SEG_FAULT_GP;
	const struct mmu_desc *desc = &seg->desc;
	uint64_t linear = (desc->base + offset) & LOW32;
	enum mmu_seg_why why;

	if (!seg->valid)
		return refuse(res, fault, 0, MMU_SEG_WHY_NULL);
	if (!desc->s)
		return refuse(res, MMU_SEG_ERR_REGS, 0, MMU_SEG_WHY_NONE);
	why = type_forbids(desc, kind);
	if (why != MMU_SEG_WHY_NONE)
		return refuse(res, MMU_SEG_FAULT_GP, 0, why);
	if (outside(desc, offset, size)) {
		refuse(res, fault, 0, MMU_SEG_WHY_LIMIT);
		/* "When the effective limit is FFFFFFFFH" (SDM 6.3) */
		res->may_pass = !desc->expand_down && desc->limit == LOW32;
		if (res->may_pass)
			res->linear = linear;
		return false;
	}
	res->linear = linear;
	return true;
}

enum mmu_seg_status mmu_seg_access(const struct mmu_seg_regs *regs,
				   enum mmu_segreg reg,
				   enum mmu_seg_access kind, uint64_t offset,
				   unsigned int size,
				   struct mmu_seg_result *res)
{
	if (!begin(regs, res))
		return res->status;
	if ((unsigned int)reg >= MMU_SEG_REGS || size == 0 ||
	    (kind == MMU_SEG_FETCH && reg != MMU_CS))
		refuse(res, MMU_SEG_ERR_REGS, 0, MMU_SEG_WHY_NONE);
	else if (mmu_seg_mode(regs) == MMU_SEG_MODE_64BIT)
		access_64bit(regs, reg, offset, size, res);
	else
		access_32bit(&regs->seg[reg], reg == MMU_SS, kind,
			     (uint32_t)offset, size, res);
	return res->status;
}

/* SDM table 7-1 */
int mmu_seg_vector(enum mmu_seg_status status)
{
	switch (status) {
	case MMU_SEG_FAULT_UD:
		return 6;
	case MMU_SEG_FAULT_TS:
		return 10;
	case MMU_SEG_FAULT_NP:
		return 11;
	case MMU_SEG_FAULT_SS:
		return 12;
	case MMU_SEG_FAULT_GP:
		return 13;
	default:
		return -1;
	}
}

static const char *name_of(const char *const *names, size_t count,
			   unsigned int i)
{
	return i < count && names[i] ? names[i] : "?";
}

const char *mmu_segreg_name(enum mmu_segreg reg)
{
	static const char *const names[] = {
		"ES", "CS", "SS", "DS", "FS", "GS",
	};

	return name_of(names, ARRAY_SIZE(names), reg);
}

const char *mmu_desc_kind_name(enum mmu_desc_kind kind)
{
	static const char *const names[] = {
		[MMU_DESC_RESERVED] = "reserved",
		[MMU_DESC_DATA] = "data",
		[MMU_DESC_CODE] = "code",
		[MMU_DESC_LDT] = "LDT",
		[MMU_DESC_TSS] = "TSS",
		[MMU_DESC_TSS_BUSY] = "busy TSS",
		[MMU_DESC_CALL_GATE] = "call gate",
		[MMU_DESC_TASK_GATE] = "task gate",
		[MMU_DESC_INT_GATE] = "interrupt gate",
		[MMU_DESC_TRAP_GATE] = "trap gate",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

const char *mmu_seg_mode_name(enum mmu_seg_mode mode)
{
	static const char *const names[] = {
		[MMU_SEG_MODE_PROTECTED] = "protected",
		[MMU_SEG_MODE_COMPAT] = "compatibility",
		[MMU_SEG_MODE_64BIT] = "64-bit",
		[MMU_SEG_MODE_REAL] = "real-address",
		[MMU_SEG_MODE_V86] = "virtual-8086",
		[MMU_SEG_MODE_NONE] = "impossible",
	};

	return name_of(names, ARRAY_SIZE(names), mode);
}

const char *mmu_seg_status_name(enum mmu_seg_status status)
{
	static const char *const names[] = {
		[MMU_SEG_OK] = "ok",
		[MMU_SEG_FAULT_UD] = "#UD",
		[MMU_SEG_FAULT_TS] = "#TS",
		[MMU_SEG_FAULT_NP] = "#NP",
		[MMU_SEG_FAULT_SS] = "#SS",
		[MMU_SEG_FAULT_GP] = "#GP",
		[MMU_SEG_ERR_MEMORY] = "memory not readable",
		[MMU_SEG_ERR_GATE] = "gate or task switch not modelled",
		[MMU_SEG_ERR_MODE] = "mode not modelled",
		[MMU_SEG_ERR_REGS] = "impossible registers",
	};

	return name_of(names, ARRAY_SIZE(names), status);
}

const char *mmu_seg_why_name(enum mmu_seg_why why)
{
	static const char *const names[] = {
		[MMU_SEG_WHY_NONE] = "-",
		[MMU_SEG_WHY_NULL] = "null selector",
		[MMU_SEG_WHY_TABLE] = "beyond the table",
		[MMU_SEG_WHY_TYPE] = "type",
		[MMU_SEG_WHY_PRIVILEGE] = "privilege",
		[MMU_SEG_WHY_ABSENT] = "not present",
		[MMU_SEG_WHY_LONG_D] = "L and D both set",
		[MMU_SEG_WHY_LIMIT] = "limit",
		[MMU_SEG_WHY_READ] = "execute-only",
		[MMU_SEG_WHY_WRITE] = "not writable",
		[MMU_SEG_WHY_CANONICAL] = "not canonical",
		[MMU_SEG_WHY_OPCODE] = "no such instruction",
	};

	return name_of(names, ARRAY_SIZE(names), why);
}
