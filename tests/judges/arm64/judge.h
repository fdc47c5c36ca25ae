/* SPDX-License-Identifier: GPL-2.0 */
/* Cases for the arm64 judge: random registers, tables and addresses. */
#ifndef JUDGE_H
#define JUDGE_H

#include "guest.h"
#include "mmu/mmu.h"

/*
 * How this emulator differs from the manual. Each is a class of cases that it
 * treats in its own way; "without=name" on the command line switches one off,
 * and its cases are then mismatches.
 */
enum quirk {
	QUIRK_BLOCK,
	QUIRK_OUT52,
	QUIRK_BLOCK_OA,
	QUIRK_PAR_SH,
	QUIRK_HPDS,
	QUIRK_AT_DIRTY,
	QUIRK_DBM_FETCH,
	QUIRK_TBID,
	QUIRKS,
};

struct quirk_info {
	const char *name;
	const char *citation;
	bool off;
	uint64_t hits;
};

extern struct quirk_info quirks[QUIRKS];

/* One address and the entries that translate it, in this machine's memory. */
struct scene {
	uint64_t va;
	uint64_t *entry[6];	/* by step level; NULL if there is none */
	int root, leaf;
};

/* What the reader of the model knows; zero to read as the manual says. */
struct memory {
	bool block, out52, block_oa;	/* the quirks of the walk */
	bool plain_sh;		/* the quirk of PAR_EL1.SH */
	bool hpds;		/* the quirk of TCR_EL1.HPD0 and HPD1 */
	/* the rest is for cases.c */
	uint64_t ignore, block_pa, block_raw;
	unsigned int hops;
	int block_level, leaf_level;
};

/* Memory for the pages of cases; tables are below. */
#define PAGES_FROM	UINT64_C(0x4c000000)
#define PAGES_TO	(RAM_FROM + RAM_SIZE)

extern struct mmu_regs regs;

void random_registers(bool real);
void load_registers(void);
void random_scene(struct scene *s, bool real);
int read_memory(void *ctx, uint64_t pa, uint64_t *value);
/* mmu_walk() with the quirks that are set in @mem */
void model_walk(struct memory *mem, uint64_t va, struct mmu_result *res);
/*
 * Would a table be read below RAM? There are devices, which answer anything,
 * where the model knows no memory: nothing to compare. @strict: the walk by the
 * manual, of the same address.
 */
bool leads_to_devices(uint64_t va, const struct mmu_result *strict);
/* The fault status code that the emulator will report for a failed @res */
unsigned int model_fsc(const struct memory *mem, const struct mmu_result *res);
/* Of a set of quirks, how many? */
unsigned int members(unsigned int set);
void show_scene(const struct scene *s);

/* Each case is in one of @agreed, @mismatches, @open_other, or some quirk's. */
struct tally {
	uint64_t cases, faults, agreed, mismatches;
	uint64_t open_other;	/* another answer that the manual allows */
	uint64_t open_by[8];	/* of these, by bit of MMU_OPEN_* */
	/* not in @cases: nothing to compare, or dangerous */
	uint64_t no_answer, elsewhere;
};

/* Counts an answer other than the model's, where @open is not 0. */
void count_open(struct tally *tally, unsigned int open);

/* Each runs @cases of its kind. */
void judge_at(uint64_t cases, struct tally *tally);
void judge_accesses(uint64_t cases, struct tally *tally);
/* Shows each quirk of AT at one scene; how many did not show themselves. */
unsigned int reproduce_at(void);
unsigned int reproduce_accesses(void);

#endif
