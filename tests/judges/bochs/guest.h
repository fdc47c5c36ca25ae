/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bare machine to ask a processor in: descriptor tables, traps, code at any
 * privilege level, a console, counters. In 32-bit protected mode without paging,
 * or in IA-32e mode with flat tables that any level may use.
 *
 * A section builds a case, predicts its outcome with the model, lets the
 * processor do it with run_at(), and compares. Adding one: a function and a row
 * in the table at the end of segment32.c or segment64.c. It finds flat segments,
 * all interrupts off, and leaves them so.
 *
 *	guest.c		the run, its counts, quirks
 *	outcome.c	descriptors, what the model says, what happened
 *	start*.S	entry, traps, the instructions under test
 *	machine*.c	the tables
 *	segment*.c	the cases
 */
#ifndef JUDGE_GUEST_H
#define JUDGE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console.h"

/* The second sector of the disk; tests/judges/bochs.sh writes it. */
struct config {
	uint32_t magic;		/* CONFIG_MAGIC */
	uint32_t sections;	/* bit n: run row n of the table */
	uint32_t no_quirks;	/* bit n: quirk n is not applied */
	uint32_t seed;
	uint32_t sample;	/* one case in so many, chosen by chance */
};

#define CONFIG		((const volatile struct config *)0x10000)
#define CONFIG_MAGIC	0x4a53434du

/* Registers are as wide as pointers. */
typedef uintptr_t word;

/* Entries of the GDT. Those of level n follow each other: code, data. */
enum {
	GDT_NULL,
	GDT_CODE0, GDT_DATA0, GDT_CODE1, GDT_DATA1,
	GDT_CODE2, GDT_DATA2, GDT_CODE3, GDT_DATA3,
#ifdef __x86_64__
	GDT_COMPAT0, GDT_COMPAT1, GDT_COMPAT2, GDT_COMPAT3,
	GDT_TSS, GDT_TSS_HIGH, GDT_LDT, GDT_LDT_HIGH,
#else
	GDT_TSS, GDT_LDT,
#endif
	GDT_STACK,		/* under test: a second descriptor */
	GDT_TEST,		/* under test; the last of the table */
#ifdef __x86_64__
	GDT_TEST_HIGH,
#endif
	GDT_ENTRIES,
};

/* Entries of the LDT. Index 0 can be used there. */
enum {
	LDT_FIRST, LDT_STACK, LDT_TEST, LDT_ENTRIES,
};

#define KERNEL_CODE	(GDT_CODE0 * 8)
#define KERNEL_DATA	(GDT_DATA0 * 8)
/* Flat segments of a level, with that RPL; code of the machine's own width. */
#define CODE_OF(cpl)	((GDT_CODE0 + 2 * (cpl)) * 8 | (cpl))
#define DATA_OF(cpl)	((GDT_DATA0 + 2 * (cpl)) * 8 | (cpl))
#define COMPAT_OF(cpl)	((GDT_COMPAT0 + (cpl)) * 8 | (cpl))

extern uint64_t gdt[GDT_ENTRIES], ldt[LDT_ENTRIES];

/* What the processor is to hold when run_at() lets it go; known to start*.S. */
struct call {
	word ip, cs, flags, sp, ss;	/* 32-bit: the last two if CPL > 0 */
	word ax, cx, dx, bx, si, di;
};

/* What it held when it came back, by whatever trap. */
struct trap {
	word gs, fs, es, ds;
	word di, si, bp, sp, bx, dx, cx, ax;
	word vector, error;
	word ip, cs, flags;
	word user_sp, user_ss;		/* 32-bit: if it came from CPL > 0 */
};

/* Vectors: the gate that code of any level ends with; those to level 1 and 2 */
#define VECTOR_DONE	0x80
#define VECTOR_TO1	0x81
#define VECTOR_TO2	0x82

/**
 * run_at - run code until it traps
 * @call: where and with what; DS, ES, FS and GS are flat data of level 3
 *
 * The end is INT 0x80, or the exception that was asked for: see trap.
 */
void run_at(const struct call *call);

extern volatile struct trap trap;

/* Task state segment */
#ifdef __x86_64__
struct tss {
	uint32_t reserved;
	uint64_t sp[3];
	uint64_t reserved2;
	uint64_t ist[7];
	uint64_t reserved3;
	uint32_t iomap;
} __attribute__((packed));
#else
struct tss {
	uint32_t link;
	struct {
		uint32_t esp, ss;
	} level[3];
	uint32_t rest[19];
};
#endif

extern struct tss tss;

/* The tables as they are to begin with, and all registers that point to them */
void set_tables(void);

/* Loads GDTR with a limit of the caller's; bytes less one. */
void set_gdt_limit(uint16_t limit);

/* A quirk: how a judge differs from the manual, and why that is known. */
struct quirk {
	const char *name, *citation;
	bool qemu, bochs;	/* the judges that have it */
	uint32_t uses;
};

/* Does the judge that runs us have it? Counts the use. */
bool quirk(unsigned int number);

enum {
	QUIRK_LIMITS, QUIRK_ACCESSED, QUIRK_RETURN_LIMIT, QUIRK_STACK_ABSENT,
	QUIRK_LTR_NULL, QUIRK_DECODED, QUIRK_NULL_SS,
	QUIRKS,
};

/* Counts of the running section. */
extern uint32_t cases, mismatches;

/* Why a case was not asked, or what is notable of one that was. */
enum note {
	NOTE_GATE,		/* skipped: through a gate or a TSS */
	NOTE_SETUP,		/* skipped: the snippet cannot get there */
	NOTE_PLACE,		/* skipped: there is no memory for it */
	NOTE_OPEN_FETCH,	/* skipped: the manual leaves it open */
	NOTE_OPEN,		/* asked: the manual allows fault and success */
	NOTES,
};

extern uint32_t notes[NOTES];

/* The n-th mismatch is to be described by the caller if n is small. */
bool mismatch(void);

uint32_t next_random(void);

/* Is the next case in the sample? */
bool chosen(void);

/* Rows of the table that bochs.sh names; the order is that of its --sections. */
struct section {
	const char *name;	/* NULL: the end */
	void (*run)(void);
};

extern const struct section sections[];

#endif
