/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine of the paging judge, and what it is asked: x86 in 32-bit, PAE,
 * 4-level or 5-level paging, with the model linked in.
 *
 *	machine.c	registers, tables of our own, one access at CPL 0 or 3
 *	cases.c		random and systematic entries, addresses, registers
 *	compare.c	what the model says, what happened, which quirk explains it
 *	main.c		the run, its counts
 */
#ifndef JUDGE_X86_H
#define JUDGE_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bochs/console.h"
#include "mmu/mmu.h"

/* The second sector of the disk; tests/judges/x86.sh writes it. */
struct config {
	uint32_t magic;		/* CONFIG_MAGIC */
	uint32_t la57;		/* start.S reads it: keep it here */
	uint32_t mode;		/* enum mmu_mode */
	uint32_t no_quirks;	/* bit n: quirk n is not applied */
	uint32_t seed;
	uint32_t cases;
	uint32_t show;		/* that many mismatches are described */
	uint32_t reproduce;	/* no cases: show each quirk at its least */
	uint32_t ram_mib;	/* memory from 0 on */
	uint32_t windows[2];	/* bit k: there is memory at 1 << k, low word first */
};

#define CONFIG		((const volatile struct config *)0x10000)
#define CONFIG_MAGIC	0x3638584du

/* Names of bits, from the manual and apart from the model's own (x86.h). */
#define P		1u
#define RW		2u
#define US		4u
#define A		0x20u
#define D		0x40u
#define PS		0x80u
#define G		0x100u
#define NX		(UINT64_C(1) << 63)
#define ONES(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

#define CR0_WP_BIT	(1u << 16)
#define CR4_PSE_BIT	(1u << 4)
#define CR4_PAE_BIT	(1u << 5)
#define CR4_PGE_BIT	(1u << 7)
#define CR4_LA57_BIT	(1u << 12)
#define CR4_SMEP_BIT	(1u << 20)
#define CR4_SMAP_BIT	(1u << 21)
#define CR4_PKE_BIT	(1u << 22)
#define CR4_PKS_BIT	(1u << 24)
#define EFER_LONG	0x500u		/* LME, LMA */
#define EFER_NXE_BIT	0x800u
#define AC_FLAG		(1u << 18)

/*
 * Windows: memory at a power of two, so that each address bit is needed to find
 * it. Frames 0 to 7 are for tables; FRAMES_FROM to FRAMES_TO, and the last of
 * the largest page less than 1 GiB, hold a pattern that tells them apart.
 */
#define WINDOW_FIRST	25
#define WINDOW_LAST	51
#define WINDOW_SIZE	0x400000u
#define FRAMES_FROM	8u
#define CODE_FRAMES	40u		/* from here, and the last: for fetches only */
#define FRAMES_TO	62u
/* Our own memory: program, tables, and the places of the windows after it. */
#define OWN_SIZE	0x1000000u
#define CASES_VA	0x10000000u	/* 32-bit: below this is ours */

/* The access under test; the order is that of the snippets in start.S. */
enum kind {
	READ, WRITE, FETCH,
	STACK_READ, STACK_WRITE,	/* through SS, by its base register */
	IMPLICIT_READ,			/* of a descriptor in the LDT: LSL */
	IMPLICIT_WRITE,			/* of its A bit: MOV to FS */
	KINDS,
};

/* What the processor is to hold; the order is known to start.S. */
struct call {
	uintptr_t ip, flags, va, value, user;
};

void go(const struct call *call);

/* What came of it. Vector 0x80: the access was made. */
extern volatile uint32_t trap_vector, trap_error, trap_value;
extern volatile uintptr_t trap_ip, trap_cr2;

#define VECTOR_DONE	0x80u

/* The registers as they are, and what the processor can do. */
extern struct mmu_regs regs;
extern bool in_qemu;
struct features {
	bool smep, smap, pke, pks, nx, pge, long_mode;
};

extern struct features can;
/* What reading nothing gives. */
extern uint32_t void_value;

enum place {
	PLACE_WINDOW, PLACE_LOW,	/* can be read where own_place() says */
	PLACE_ZERO,			/* memory that nobody has touched */
	PLACE_VOID,			/* nothing */
	PLACE_OURS, PLACE_DEVICES,	/* keep away */
};

void start_machine(void);
/* Registers and root as in @regs; the PDPTEs must be loadable. */
void load_registers(void);
/* MOV to CR3; true: #GP(0) */
bool move_to_cr3(uint64_t cr3);
void set_ldt(uint64_t base);
void set_cr2(uintptr_t value);
static inline void invalidate(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"((uintptr_t)va) : "memory");
}

enum place place_of(uint64_t pa);
/* Where we see this physical address; NULL if we do not. */
void *own_place(uint64_t pa);
/* The same if the pattern is there, and nothing else can be. */
void *pattern_at(uint64_t pa);
/* Of a window: are the frames there for tables but the root, or for fetches? */
bool has_tables(uint64_t pa);
bool has_code(uint64_t pa);
/* Writes the pattern of a frame anew. */
void restore_pattern(uint64_t pa);
uint64_t window_base(unsigned int k);
/* A window whose base is below the limit: its number */
unsigned int random_window(unsigned int bits);
/* Address of the table of this level in window @k */
uint64_t table_in(unsigned int k, int level);
/* The root of the cases' tables, made ready in window @k */
uint64_t root_in(unsigned int k);

bool is_32bit(void);
bool is_pae(void);
bool is_long(void);
int root_level(void);
unsigned int shift_of(int level);
unsigned int index_of(uint64_t va, int level);
uint64_t read_entry(const void *at);
void write_entry(void *at, uint64_t value);
extern const struct mmu_mem memory, low_memory;
/* What CR3 holds by what was seen: a quirk lets it take what it must refuse. */
extern uint64_t machine_cr3;
/* PAE: where the PDPTE of this gigabyte has been loaded from */
uint64_t *pdpte_place(unsigned int slot);

void seed_random(uint64_t seed);
uint64_t rnd(void);
/* 0 to n - 1; no division */
static inline uint32_t below(uint32_t n)
{
	return (uint32_t)((uint64_t)(uint32_t)rnd() * n >> 32);
}

static inline bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* An address and the entries that were written for it. */
#define MAX_ENTRIES	20
struct scene {
	uint64_t va;
	bool crossing;			/* the accesses reach into the next page */
	bool code;			/* its pages are for fetches, the others' for data */
	bool walked;			/* by the model */
	bool ldt;			/* LDTR has been loaded for this address */
	unsigned int n;
	void *at[MAX_ENTRIES];
	uint64_t pa[MAX_ENTRIES], before[MAX_ENTRIES];
};

struct question {
	enum kind kind;
	bool user, ac;
};

void random_registers(void);
void next_scene(struct scene *s);
void make_scene(struct scene *s, uint64_t va, int leaf, uint64_t upper, uint64_t last, unsigned int k);
void end_scene(struct scene *s);
void random_question(const struct scene *s, struct question *q);
/* PAE: a MOV to CR3 that may fail; a case of its own. */
void judge_pdptes(void);
/* One access; counts. */
void judge_access(struct scene *s, const struct question *q);

struct tally {
	uint32_t cases, mismatches, faults;
	uint32_t skipped_place, skipped_code, skipped_write, open;
	uint32_t by_kind[KINDS];
};

extern struct tally tally;

enum quirk_number {
	QUIRK_RSVD_P, QUIRK_RSVD_A, QUIRK_PS_1G, QUIRK_PDPTE_MEMORY, QUIRK_PSE36,
	QUIRK_IMPLICIT_AC, QUIRK_NO_SS, QUIRK_PKU, QUIRK_TABLE_4G,
	QUIRK_DECODED,
	QUIRKS,
};

#define MODE(m)		(1u << (m))
#define LONG_MODES	(MODE(MMU_MODE_X86_4LEVEL) | MODE(MMU_MODE_X86_5LEVEL))
#define ALL_MODES	(LONG_MODES | MODE(MMU_MODE_X86_32BIT) | MODE(MMU_MODE_X86_PAE))

struct quirk {
	const char *name, *citation;
	uint32_t modes;		/* in which it can be seen */
	bool qemu, bochs;
	bool narrow;		/* qemu-system-i386 only */
	uint32_t uses;
};

extern struct quirk quirks[QUIRKS];
bool has_quirk(enum quirk_number n);
/* A set of quirks that is being tried. */
#define IN(set, n)	((set) >> (n) & 1)

void reproduce(void);

#endif
