/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86 segmentation: what a selector load does, and which linear address an
 * access through a segment register has.
 *
 *	selector + tables --mmu_seg_load()--> register | fault, descriptor
 *	register + offset --mmu_seg_access()--> linear address | fault
 *
 * Like the rest of mmu/: no I/O, no allocation, no state, from the manuals
 * alone. "SDM" is the Intel SDM, volume 3A, in the numbering of mmu.h, where
 * chapter 3 is segmentation, 5 paging, 6 protection and 7 interrupts (before
 * 2024 protection is chapter 5 and interrupts are chapter 6). "SDM 2, MOV" is
 * an instruction's page in volume 2; it decides the order of the checks.
 * "APM" is the AMD64 manual, volume 2; "APM 3" its volume 3.
 *
 * The tables are read by linear address through the caller, who can put
 * mmu_translate() below; nothing is written: see @must_set of the steps.
 *
 * Not modelled, and answered by name: real-address mode, virtual-8086 mode,
 * transfers through gates and task switches. Not asked: alignment (#AC).
 */
#ifndef MMU_SEGMENT_H
#define MMU_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most descriptors that one operation uses: CS and SS of a far return. */
#define MMU_SEG_MAX_STEPS	2

/* In the order of their encoding in instructions. */
enum mmu_segreg {
	MMU_ES,
	MMU_CS,
	MMU_SS,
	MMU_DS,
	MMU_FS,
	MMU_GS,
	MMU_SEG_REGS,		/* how many there are */
};

/**
 * enum mmu_desc_kind - what S and type of a descriptor say (SDM 3.4.5, 3.5)
 * @MMU_DESC_RESERVED: a system type that is reserved in this mode
 * @MMU_DESC_DATA: data, stack
 * @MMU_DESC_CODE: code
 * @MMU_DESC_LDT: local descriptor table
 * @MMU_DESC_TSS: task state segment, available
 * @MMU_DESC_TSS_BUSY: task state segment, busy
 * @MMU_DESC_CALL_GATE: call gate
 * @MMU_DESC_TASK_GATE: task gate
 * @MMU_DESC_INT_GATE: interrupt gate; belongs into the IDT
 * @MMU_DESC_TRAP_GATE: trap gate; belongs into the IDT
 */
enum mmu_desc_kind {
	MMU_DESC_RESERVED,
	MMU_DESC_DATA,
	MMU_DESC_CODE,
	MMU_DESC_LDT,
	MMU_DESC_TSS,
	MMU_DESC_TSS_BUSY,
	MMU_DESC_CALL_GATE,
	MMU_DESC_TASK_GATE,
	MMU_DESC_INT_GATE,
	MMU_DESC_TRAP_GATE,
};

/**
 * struct mmu_desc - a descriptor, decoded; the hidden part of a register
 * @kind: what it describes
 * @base: linear address of the first byte; of gates meaningless
 * @limit: effective limit in bytes, G applied; of gates meaningless
 * @type: the four type bits as they are
 * @s: false for system descriptors
 * @dpl: descriptor privilege level
 * @present: P
 * @avl: for software
 * @l: 64-bit code segment, if the processor is in IA-32e mode
 * @db: D of code, B of data
 * @g: granularity; @limit has it already
 * @writable: data, W set
 * @readable: data, or code with R set
 * @expand_down: data, E set
 * @conforming: code, C set
 * @accessed: data or code, A set
 * @wide: a system descriptor of 32-bit rather than 16-bit kind (64-bit in
 *	IA-32e mode)
 */
struct mmu_desc {
	enum mmu_desc_kind kind;
	uint64_t base;
	uint32_t limit;
	unsigned int type;
	bool s;
	unsigned int dpl;
	bool present;
	bool avl;
	bool l;
	bool db;
	bool g;
	bool writable;
	bool readable;
	bool expand_down;
	bool conforming;
	bool accessed;
	bool wide;
};

/**
 * struct mmu_segment - a segment register, LDTR or TR
 * @selector: visible part
 * @valid: false after a null selector: the hidden part describes no segment
 * @desc: hidden part; if not @valid, only @desc.base can matter (FS and GS in
 *	64-bit mode)
 */
struct mmu_segment {
	uint16_t selector;
	bool valid;
	struct mmu_desc desc;
};

/**
 * struct mmu_seg_regs - the processor state that segmentation uses
 * @pe: CR0.PE
 * @vm: RFLAGS.VM
 * @lma: IA32_EFER.LMA
 * @la57: CR4.LA57: canonical addresses have 57 bits, not 48
 * @null_keeps_base: a null selector in FS or GS leaves their base as it was in
 *	64-bit mode: true on older AMD processors, false on Intel, which clears
 *	it (neither manual says so: both leave the hidden part open)
 * @cpl: current privilege level, 0 to 3
 * @gdt_base: GDTR, linear address
 * @gdt_limit: GDTR, bytes less one
 * @ldtr: not @valid if null
 * @seg: by enum mmu_segreg; CS must be valid, its L decides 64-bit mode
 */
struct mmu_seg_regs {
	bool pe;
	bool vm;
	bool lma;
	bool la57;
	bool null_keeps_base;
	unsigned int cpl;
	uint64_t gdt_base;
	uint16_t gdt_limit;
	struct mmu_segment ldtr;
	struct mmu_segment seg[MMU_SEG_REGS];
};

/**
 * typedef mmu_seg_read_fn - read eight bytes of a descriptor table
 * @ctx: the caller's, from struct mmu_seg_mem
 * @la: linear address, of any alignment; a supervisor access by nature
 * @value: where to put them, the byte at @la lowest
 *
 * Return: 0, or a negative errno if they cannot be read: a page fault too.
 */
typedef int (*mmu_seg_read_fn)(void *ctx, uint64_t la, uint64_t *value);

struct mmu_seg_mem {
	mmu_seg_read_fn read;
	void *ctx;
};

/**
 * enum mmu_seg_mode - the operating mode that the registers say
 * @MMU_SEG_MODE_PROTECTED: protected mode
 * @MMU_SEG_MODE_COMPAT: IA-32e mode, compatibility mode
 * @MMU_SEG_MODE_64BIT: IA-32e mode, 64-bit mode
 * @MMU_SEG_MODE_REAL: not modelled
 * @MMU_SEG_MODE_V86: not modelled
 * @MMU_SEG_MODE_NONE: no processor can hold these registers
 */
enum mmu_seg_mode {
	MMU_SEG_MODE_PROTECTED,
	MMU_SEG_MODE_COMPAT,
	MMU_SEG_MODE_64BIT,
	MMU_SEG_MODE_REAL,
	MMU_SEG_MODE_V86,
	MMU_SEG_MODE_NONE,
};

/**
 * enum mmu_seg_status - the outcome
 * @MMU_SEG_OK: loaded, or @linear of the result is the address
 * @MMU_SEG_FAULT_UD: #UD, no error code
 * @MMU_SEG_FAULT_TS: #TS
 * @MMU_SEG_FAULT_NP: #NP
 * @MMU_SEG_FAULT_SS: #SS
 * @MMU_SEG_FAULT_GP: #GP
 * @MMU_SEG_ERR_MEMORY: the reader failed, see @read_error of the result
 * @MMU_SEG_ERR_GATE: a transfer through a gate or a TSS: not modelled
 * @MMU_SEG_ERR_MODE: real-address or virtual-8086 mode: not modelled
 * @MMU_SEG_ERR_REGS: registers or arguments that no processor can have
 *
 * The error code of the faults is in @error_code of the result.
 */
enum mmu_seg_status {
	MMU_SEG_OK,
	MMU_SEG_FAULT_UD,
	MMU_SEG_FAULT_TS,
	MMU_SEG_FAULT_NP,
	MMU_SEG_FAULT_SS,
	MMU_SEG_FAULT_GP,
	MMU_SEG_ERR_MEMORY,
	MMU_SEG_ERR_GATE,
	MMU_SEG_ERR_MODE,
	MMU_SEG_ERR_REGS,
};

/**
 * enum mmu_seg_why - the rule that made it fault
 * @MMU_SEG_WHY_NONE: it did not
 * @MMU_SEG_WHY_NULL: a null selector where none may be, or the use of one
 * @MMU_SEG_WHY_TABLE: beyond the limit of the table, or there is no LDT
 * @MMU_SEG_WHY_TYPE: the descriptor is of a kind that cannot be loaded there
 * @MMU_SEG_WHY_PRIVILEGE: CPL, RPL and DPL do not agree
 * @MMU_SEG_WHY_ABSENT: P is clear
 * @MMU_SEG_WHY_LONG_D: L and D of a code segment are both set
 * @MMU_SEG_WHY_LIMIT: offset outside the segment
 * @MMU_SEG_WHY_READ: a read of execute-only code
 * @MMU_SEG_WHY_WRITE: a write to code or read-only data
 * @MMU_SEG_WHY_CANONICAL: an address that is not canonical
 * @MMU_SEG_WHY_OPCODE: no such instruction: MOV and POP cannot load CS
 */
enum mmu_seg_why {
	MMU_SEG_WHY_NONE,
	MMU_SEG_WHY_NULL,
	MMU_SEG_WHY_TABLE,
	MMU_SEG_WHY_TYPE,
	MMU_SEG_WHY_PRIVILEGE,
	MMU_SEG_WHY_ABSENT,
	MMU_SEG_WHY_LONG_D,
	MMU_SEG_WHY_LIMIT,
	MMU_SEG_WHY_READ,
	MMU_SEG_WHY_WRITE,
	MMU_SEG_WHY_CANONICAL,
	MMU_SEG_WHY_OPCODE,
};

/**
 * struct mmu_seg_step - one descriptor that was read
 * @selector: the selector that led to it
 * @entry_la: linear address of the descriptor
 * @bytes: 8, or 16 for a system descriptor in 64-bit mode
 * @raw: its first eight bytes
 * @raw_high: the other eight, 0 if @bytes is 8
 * @desc: decoded
 * @must_set: bits, clear in @raw, that the operation must set: A of a segment
 *	that is loaded, busy of a TSS; 0 if it faults
 */
struct mmu_seg_step {
	uint16_t selector;
	uint64_t entry_la;
	unsigned int bytes;
	uint64_t raw;
	uint64_t raw_high;
	struct mmu_desc desc;
	uint64_t must_set;
};

/**
 * struct mmu_seg_result - everything that is known about one operation
 * @status: the outcome
 * @error_code: of a fault: 0, or index and TI of the selector; EXT is clear
 * @why: the rule
 * @may_pass: of an access: the fault is allowed, but so is success at @linear.
 *	The manual leaves it open for accesses that run over the end of a
 *	segment of 4 GiB (SDM 6.3).
 * @linear: linear address of the first byte of an access; of a jump or return
 *	that of the target; 0 if there is none
 * @read_error: the reader's negative errno
 * @cpl: privilege level afterwards, if @status is MMU_SEG_OK
 * @loaded: the register afterwards, if @status is MMU_SEG_OK; CS of transfers
 * @stack: SS afterwards, if @stack_loaded
 * @stack_loaded: a far return to an outer level has loaded SS as well
 * @nsteps: how many of @steps are valid
 * @steps: the descriptors in the order of reading
 */
struct mmu_seg_result {
	enum mmu_seg_status status;
	uint32_t error_code;
	enum mmu_seg_why why;
	bool may_pass;
	uint64_t linear;
	int read_error;
	unsigned int cpl;
	struct mmu_segment loaded;
	struct mmu_segment stack;
	bool stack_loaded;
	unsigned int nsteps;
	struct mmu_seg_step steps[MMU_SEG_MAX_STEPS];
};

enum mmu_seg_access {
	MMU_SEG_READ,
	MMU_SEG_WRITE,
	MMU_SEG_FETCH,
};

/**
 * mmu_desc_decode - what eight or sixteen bytes of a descriptor table say
 * @raw: first eight bytes
 * @raw_high: the next eight; used for LDT and TSS if @base64
 * @lma: by the system types of IA-32e mode
 * @base64: LDT and TSS have 16 bytes
 * @desc: decoded
 */
void mmu_desc_decode(uint64_t raw, uint64_t raw_high, bool lma, bool base64,
		     struct mmu_desc *desc);

/**
 * mmu_seg_mode - the operating mode of a processor
 * @regs: processor state
 */
enum mmu_seg_mode mmu_seg_mode(const struct mmu_seg_regs *regs);

/**
 * mmu_seg_load - MOV or POP to a segment register; LDS and its like, where valid
 * @regs: processor state
 * @mem: reader of the tables
 * @reg: ES, SS, DS, FS or GS; CS is #UD
 * @selector: what is loaded
 * @res: the answer; @loaded is the new register
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_load(const struct mmu_seg_regs *regs,
				 const struct mmu_seg_mem *mem,
				 enum mmu_segreg reg, uint16_t selector,
				 struct mmu_seg_result *res);

/**
 * mmu_seg_load_inner_stack - SS from the TSS, on a way to an inner level
 * @regs: processor state before
 * @mem: reader of the tables
 * @selector: SS0, SS1 or SS2 of the TSS
 * @cpl: the new privilege level: DPL of the code segment entered
 * @res: the answer; @loaded is the new SS
 *
 * The stack switch of a call gate or of INT n in protected mode, which is where
 * #TS comes from. In IA-32e mode SS is not read but set to null.
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_load_inner_stack(const struct mmu_seg_regs *regs,
					     const struct mmu_seg_mem *mem,
					     uint16_t selector,
					     unsigned int cpl,
					     struct mmu_seg_result *res);

/**
 * mmu_seg_jump - far JMP straight to a code segment
 * @regs: processor state
 * @mem: reader of the tables
 * @selector: target
 * @offset: target, cut to the operand size by the caller
 * @res: the answer; @loaded is the new CS
 *
 * A far CALL makes the same checks, and #SS(0) of its two pushes comes between
 * #NP and those of @offset. A call gate, a task gate or a TSS gives
 * MMU_SEG_ERR_GATE.
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_jump(const struct mmu_seg_regs *regs,
				 const struct mmu_seg_mem *mem,
				 uint16_t selector, uint64_t offset,
				 struct mmu_seg_result *res);

/**
 * mmu_seg_return - far RET, once its operands have been popped
 * @regs: processor state
 * @mem: reader of the tables
 * @selector: the popped CS
 * @offset: the popped instruction pointer
 * @stack: the popped SS; used only if the RPL of @selector is above CPL
 * @res: the answer; @loaded is the new CS
 *
 * What it makes of ES, DS, FS and GS: mmu_seg_survives().
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_return(const struct mmu_seg_regs *regs,
				   const struct mmu_seg_mem *mem,
				   uint16_t selector, uint64_t offset,
				   uint16_t stack, struct mmu_seg_result *res);

/**
 * mmu_seg_survives - does a register keep its segment on an outward return?
 * @seg: ES, DS, FS or GS before
 * @cpl: the new, outer privilege level
 *
 * Return: false if the return makes it null.
 */
bool mmu_seg_survives(const struct mmu_segment *seg, unsigned int cpl);

/**
 * mmu_seg_load_ldtr - LLDT
 * @regs: processor state
 * @mem: reader of the GDT
 * @selector: what is loaded
 * @res: the answer; @loaded is the new LDTR
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_load_ldtr(const struct mmu_seg_regs *regs,
				      const struct mmu_seg_mem *mem,
				      uint16_t selector,
				      struct mmu_seg_result *res);

/**
 * mmu_seg_load_tr - LTR
 * @regs: processor state
 * @mem: reader of the GDT
 * @selector: what is loaded
 * @res: the answer; @loaded is the new TR, whose type says busy
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_load_tr(const struct mmu_seg_regs *regs,
				    const struct mmu_seg_mem *mem,
				    uint16_t selector,
				    struct mmu_seg_result *res);

/**
 * mmu_seg_access - one access through a segment register
 * @regs: processor state
 * @reg: the segment register; SS for pushes and pops
 * @kind: read, write or fetch; a fetch is through CS
 * @offset: effective address, cut to the address size by the caller; outside
 *	64-bit mode its low 32 bits are used
 * @size: bytes, at least 1
 * @res: the answer: @linear
 *
 * Return: @res->status.
 */
enum mmu_seg_status mmu_seg_access(const struct mmu_seg_regs *regs,
				   enum mmu_segreg reg,
				   enum mmu_seg_access kind, uint64_t offset,
				   unsigned int size,
				   struct mmu_seg_result *res);

/**
 * mmu_seg_vector - number of the exception
 * @status: an outcome
 *
 * Return: 6, 10, 11, 12 or 13; -1 if it is not a fault.
 */
int mmu_seg_vector(enum mmu_seg_status status);

/* Names for people; all return static strings, none returns NULL. */

/* "ES", "CS", "SS", "DS", "FS", "GS" */
const char *mmu_segreg_name(enum mmu_segreg reg);
/* "data", "code", "LDT", "TSS", "busy TSS", "call gate" ... */
const char *mmu_desc_kind_name(enum mmu_desc_kind kind);
/* "protected", "compatibility", "64-bit", "real-address", "virtual-8086" */
const char *mmu_seg_mode_name(enum mmu_seg_mode mode);
/* "ok", "#GP", "#SS", "#NP", "#TS", "memory not readable" ... */
const char *mmu_seg_status_name(enum mmu_seg_status status);
/* "null selector", "beyond the table", "type", "privilege" ... */
const char *mmu_seg_why_name(enum mmu_seg_why why);

#ifdef __cplusplus
}
#endif

#endif
