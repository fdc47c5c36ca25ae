/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How fast the software MMU is, beside others that translate the same addresses
 * by the same tables. To add a peer: a file that fills a struct bench_peer, its
 * name in main.c, its library in scripts/bench.
 */
#ifndef MMSCOPE_TESTS_MMU_BENCH_H
#define MMSCOPE_TESTS_MMU_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmu/mmu.h"

#define BENCH_RAM	(32u << 20)	/* physical memory, from address 0 */
#define BENCH_CODE	0x1000u		/* one page for a peer's program */
#define BENCH_LIST	0x10000u	/* the addresses, for such a program */
#define BENCH_LIST2	0x20000u	/* as many times the first of them */
#define BENCH_TABLES	0x100000u	/* page tables grow from here */
#define BENCH_DATA	(16u << 20)	/* frames of the pages, to the end */
#define BENCH_WINDOWS	16u		/* stretches of linear addresses */
#define BENCH_WINDOW	(1u << 20)	/* bytes of each */
#define BENCH_ADDRESSES	4096u		/* one in each of their pages */

/**
 * struct bench_case - tables and addresses
 * @name: of the mode
 * @regs: processor state
 * @levels: of the tables that lie in memory, PDPTEs of PAE paging included
 * @bits: index bits of each, root first
 * @ram: physical memory, BENCH_RAM bytes
 * @entries: entries of all tables, by address, for the A bits; @nentries of them
 * @window: first address of each stretch
 * @va: the addresses, in random order
 * @sum: of their physical addresses, as the tables were made
 * @pa: each of them
 */
struct bench_case {
	const char *name;
	struct mmu_regs regs;
	unsigned int levels;
	unsigned int bits[5];
	uint8_t *ram;
	uint64_t *entries;
	size_t nentries;
	uint64_t window[BENCH_WINDOWS];
	uint64_t va[BENCH_ADDRESSES];
	uint64_t pa[BENCH_ADDRESSES];
	uint64_t sum;
};

#define BENCH_CASES	5u

/* Makes case @number; false, with a message, if memory is short. */
bool bench_case_make(struct bench_case *c, unsigned int number);
void bench_case_free(struct bench_case *c);
/* Bytes of an entry in memory: 4 or 8. */
unsigned int bench_entry_size(const struct bench_case *c);
/* Sets or clears the A bit of all entries that have one; not for arm64. */
void bench_set_accessed(const struct bench_case *c, bool set);
/* How many entries have it set, and a sum that depends on which. */
size_t bench_count_accessed(const struct bench_case *c, uint64_t *which);

/**
 * struct bench_peer - one who translates
 * @name: for people
 * @open: ready for a case; NULL with @why if it cannot have it
 * @check: are its results those of the tables? Message on stderr if not
 * @run: translate all addresses @reps times; returns seconds of CPU time for
 *	that, @sum gets the sum of the physical addresses, if @gives_pa
 * @close: frees
 * @gives_pa: it answers with a physical address
 */
struct bench_peer {
	const char *name;
	void *(*open)(const struct bench_case *c, const char **why);
	bool (*check)(void *peer);
	double (*run)(void *peer, unsigned int reps, uint64_t *sum);
	void (*close)(void *peer);
	bool gives_pa;
};

extern const struct bench_peer bench_plan, bench_full, bench_addrxlat, bench_addrxlat_pages, bench_unicorn;

/* CPU time of this thread, seconds. */
double bench_now(void);

#endif
