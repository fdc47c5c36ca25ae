/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the enumerations of the software MMU's cases share: the rules by which
 * an answer is predicted from facts, and the numbers of the cases.
 *
 * The rules are a table where the model uses conditions, see test_mmu_enum.c.
 */
#ifndef TEST_MMU_INTENT_H
#define TEST_MMU_INTENT_H

#include "test_mmu.h"

/* Facts about a case, for the rules. */
enum fact {
	USER = 1 << 0, READ = 1 << 1, WRITE = 1 << 2, FETCH = 1 << 3,
	IMPLICIT = 1 << 4,
	PAGE_U = 1 << 5, PAGE_W = 1 << 6, PAGE_X = 1 << 7,
	WP = 1 << 8, SMEP = 1 << 9, SMAP = 1 << 10, AC = 1 << 11,
	PKE = 1 << 12, AD = 1 << 13, WD = 1 << 14,
	PKS = 1 << 15, SAD = 1 << 16, SWD = 1 << 17, NXE = 1 << 18,
};

/* If all of @when hold and none of @unless, the access is refused. */
static const struct rule {
	unsigned int when, unless;
	uint32_t why;
} rules[] = {
	{ USER, PAGE_U, MMU_DENY_USER },
	{ WRITE | USER, PAGE_W, MMU_DENY_WRITE },
	{ WRITE | WP, PAGE_W, MMU_DENY_WRITE },
	{ FETCH, PAGE_X, MMU_DENY_EXEC },
	{ FETCH | SMEP | PAGE_U, USER, MMU_DENY_SMEP },
	{ READ | SMAP | PAGE_U, USER | AC, MMU_DENY_SMAP },
	{ WRITE | SMAP | PAGE_U, USER | AC, MMU_DENY_SMAP },
	{ READ | SMAP | PAGE_U | IMPLICIT, USER, MMU_DENY_SMAP },
	{ WRITE | SMAP | PAGE_U | IMPLICIT, USER, MMU_DENY_SMAP },
	{ PKE | PAGE_U | AD, FETCH, MMU_DENY_PKEY },
	{ PKE | PAGE_U | WD | WRITE | USER, 0, MMU_DENY_PKEY },
	{ PKE | PAGE_U | WD | WRITE | WP, 0, MMU_DENY_PKEY },
	{ PKS | SAD, PAGE_U | USER | FETCH, MMU_DENY_PKEY },
	{ PKS | SWD | WRITE | WP, PAGE_U | USER, MMU_DENY_PKEY },
};

/* What an error code says of the access, whatever the cause. */
static const struct code_rule {
	unsigned int when;
	uint32_t code;
} code_rules[] = {
	{ WRITE, 2 }, { USER, 4 }, { FETCH | SMEP, 16 }, { FETCH | NXE, 16 },
};

static const struct mmu_access accesses[] = {
	{ .kind = MMU_READ }, { .kind = MMU_WRITE }, { .kind = MMU_FETCH },
	{ .kind = MMU_READ, .user = true },
	{ .kind = MMU_WRITE, .user = true, .stack = true },
	{ .kind = MMU_FETCH, .user = true },
	{ .kind = MMU_READ, .implicit = true, .user = true },
	{ .kind = MMU_WRITE, .implicit = true },
};
static const unsigned int access_facts[] = {
	READ, WRITE, FETCH, USER | READ, USER | WRITE, USER | FETCH,
	IMPLICIT | READ, IMPLICIT | WRITE,
};

#define N_ACCESSES	(sizeof(accesses) / sizeof(accesses[0]))

static const enum mmu_memtype linux_pat[] = {
	MMU_MEM_WB, MMU_MEM_WC, MMU_MEM_UC_MINUS, MMU_MEM_UC,
	MMU_MEM_WB, MMU_MEM_WP, MMU_MEM_UC_MINUS, MMU_MEM_WT,
};

/* The part of the error code that the access adds. */
static inline uint32_t code_of_access(unsigned int facts)
{
	uint32_t code = 0;
	size_t i;

	for (i = 0; i < sizeof(code_rules) / sizeof(code_rules[0]); i++)
		if ((facts & code_rules[i].when) == code_rules[i].when)
			code |= code_rules[i].code;
	return code;
}

/* MMU_DENY_* of an access to a page with these facts. */
static inline uint32_t why_refused(unsigned int facts)
{
	uint32_t why = 0;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if ((facts & rules[i].when) == rules[i].when &&
		    !(facts & rules[i].unless))
			why |= rules[i].why;
	return why;
}

/* SplitMix64: any number is a good @state to begin with. */
static inline uint64_t random_of(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Bits @from .. @below - 1; @from is at most 63. */
static inline uint64_t ones(unsigned int from, unsigned int below)
{
	return (below > 63 ? UINT64_MAX : (UINT64_C(1) << below) - 1) &
	       ~((UINT64_C(1) << from) - 1);
}

/* Takes the last digit off the number of a case. */
static inline unsigned int digit(uint64_t *number, unsigned int radix)
{
	unsigned int d = (unsigned int)(*number % radix);

	*number /= radix;
	return d;
}

#endif
