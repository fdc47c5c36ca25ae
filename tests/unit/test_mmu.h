/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sparse memory and small helpers for the tests of the software MMU.
 *
 * The bits are written out a second time on purpose: a test that took them from
 * the model would agree with its typing errors.
 */
#ifndef TEST_MMU_H
#define TEST_MMU_H

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "mmu/mmu.h"

#define T_P	0x001u
#define T_RW	0x002u
#define T_US	0x004u
#define T_PWT	0x008u
#define T_PCD	0x010u
#define T_A	0x020u
#define T_D	0x040u
#define T_PS	0x080u
#define T_PAT	0x080u		/* in a PTE */
#define T_G	0x100u
#define T_PATL	0x1000u		/* in a large page */
#define T_NX	0x8000000000000000u

#define T_CR0		0x80050033u	/* PG, AM, WP, NE, ET, MP, PE */
#define T_CR0_WP	0x00010000u
#define T_CR0_NW	0x20000000u
#define T_CR0_CD	0x40000000u
#define T_CR4		0x000000b0u	/* PAE, PGE, PSE */
#define T_CR4_PSE	0x00000010u
#define T_CR4_PAE	0x00000020u
#define T_CR4_PGE	0x00000080u
#define T_CR4_LA57	0x00001000u
#define T_CR4_PCIDE	0x00020000u
#define T_CR4_SMEP	0x00100000u
#define T_CR4_SMAP	0x00200000u
#define T_CR4_PKE	0x00400000u
#define T_CR4_CET	0x00800000u
#define T_CR4_PKS	0x01000000u
#define T_EFER		0x00000d01u	/* NXE, LMA, LME, SCE */
#define T_EFER_NXE	0x00000800u
#define T_EFER_LONG	0x00000500u	/* LMA, LME */
#define T_AC		0x00040000u

/* The PAT that Linux loads: WB WC UC- UC, then WB WP UC- WT. */
#define T_PAT_LINUX	0x0407050600070106u

struct sparse_entry {
	uint64_t pa;
	uint64_t value;
};

/* All memory that exists; a read elsewhere fails with -EFAULT. */
struct sparse {
	const struct sparse_entry *entries;
	size_t count;
	unsigned int reads;
};

#define SPARSE(list) \
	{ .entries = (list), .count = sizeof(list) / sizeof((list)[0]) }

static inline int sparse_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct sparse *sparse = ctx;
	size_t i;

	sparse->reads++;
	for (i = 0; i < sparse->count; i++) {
		if (sparse->entries[i].pa == pa) {
			*value = sparse->entries[i].value;
			return 0;
		}
	}
	return -EFAULT;
}

/* The same with 4-byte entries, for 32-bit paging. */
struct small_entry {
	uint32_t pa;
	uint32_t value;
};

struct small {
	const struct small_entry *entries;
	size_t count;
	unsigned int reads;
};

/* Beside an entry lies one that is present and maps something else. */
#define SMALL_ELSEWHERE	0xdeadb0e7u

static inline int small_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct small *small = ctx;
	uint32_t half[2] = { SMALL_ELSEWHERE, SMALL_ELSEWHERE };
	bool found = false;
	size_t i;

	small->reads++;
	ck_assert_uint_eq(pa % 8, 0);
	for (i = 0; i < small->count; i++) {
		if (small->entries[i].pa / 8 == pa / 8) {
			half[small->entries[i].pa / 4 % 2] =
				small->entries[i].value;
			found = true;
		}
	}
	*value = half[0] + ((uint64_t)half[1] << 32);
	return found ? 0 : -EFAULT;
}

/* A usual machine: WP and NXE on, SMEP, SMAP and keys off. */
static inline struct mmu_regs t_regs(enum mmu_mode mode)
{
	struct mmu_regs regs = {
		.mode = mode,
		.cr0 = T_CR0,
		.cr3 = 0x1000,
		.cr4 = T_CR4,
		.efer = T_EFER,
		.pat = T_PAT_LINUX,
		.maxphyaddr = 46,
		.page1gb = true,
	};

	if (mode == MMU_MODE_X86_5LEVEL)
		regs.cr4 |= T_CR4_LA57;
	if (mode == MMU_MODE_X86_32BIT || mode == MMU_MODE_X86_PAE) {
		regs.efer &= ~(uint64_t)T_EFER_LONG;
		regs.pse36 = true;
	}
	if (mode == MMU_MODE_X86_32BIT)
		regs.cr4 &= ~(uint64_t)T_CR4_PAE;
	return regs;
}

static inline enum mmu_status t_walk(const struct mmu_regs *regs,
				     struct sparse *sparse, uint64_t va,
				     struct mmu_result *res)
{
	struct mmu_mem mem = { .read = sparse_read, .ctx = sparse };

	/* What was in the result before must not matter. */
	memset(res, 0xa5, sizeof(*res));
	return mmu_walk(regs, &mem, va, res);
}

static inline enum mmu_status t_access(const struct mmu_regs *regs,
				       struct sparse *sparse, uint64_t va,
				       struct mmu_access access,
				       struct mmu_result *res)
{
	struct mmu_mem mem = { .read = sparse_read, .ctx = sparse };

	memset(res, 0xa5, sizeof(*res));
	return mmu_translate(regs, &mem, va, &access, res);
}

#define assert_hex(got, want) do { \
	uint64_t got_ = (got), want_ = (want); \
	ck_assert_msg(got_ == want_, "%s is %#" PRIx64 ", not %#" PRIx64, \
		      #got, got_, want_); \
} while (0)

static inline void assert_step(const struct mmu_result *res, unsigned int i,
			       int level, unsigned int index,
			       const struct sparse_entry *entry,
			       enum mmu_step_kind kind)
{
	const struct mmu_step *step = &res->steps[i];

	ck_assert_uint_lt(i, res->nsteps);
	ck_assert_int_eq(step->level, level);
	ck_assert_uint_eq(step->index, index);
	assert_hex(step->entry_pa, entry->pa);
	assert_hex(step->raw, entry->value);
	ck_assert_int_eq(step->kind, kind);
}

/* main() of a test program: 0 iff nothing failed. */
/*
 * All cases of an enumeration (MMSCOPE_FULL=1), not a sample?  They are run
 * outside of Check, which counts a test's microseconds in 32 bits: one of more
 * than 71 minutes fails, however it ended.
 */
static inline bool t_full(void)
{
	const char *full = getenv("MMSCOPE_FULL");

	return full && !strcmp(full, "1");
}

/* As many processes as processors, for hours of cases: each does every @step-th
 * from @first on.  Did all succeed? */
static inline bool t_split(bool (*part)(const void *ctx, uint64_t first, uint64_t step),
			   const void *ctx)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN), i;
	bool ok = true;
	int status;

	fflush(NULL);
	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return false;
		if (!pid)
			_exit(!part(ctx, (uint64_t)i, (uint64_t)n));
	}
	for (i = 0; i < n; i++)
		ok = wait(&status) > 0 && status == 0 && ok;
	return ok;
}

static inline int t_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
