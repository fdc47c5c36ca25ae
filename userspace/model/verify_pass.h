/* SPDX-License-Identifier: GPL-2.0 */
/* One reading of an address range by every witness; internal to verify. */
#ifndef MMSCOPE_MODEL_VERIFY_PASS_H
#define MMSCOPE_MODEL_VERIFY_PASS_H

#include "model/tables.h"
#include "model/verify.h"
#include "mmu/mmu.h"

/**
 * struct mms_pass - one reading and what it found
 * @start: first address; @end: first not wanted, 0 = all
 * @want_smaps: compare VMAs that lie wholly in the range with smaps
 * @kernel: the kernel's half, by KTABLES: the software MMU is the only witness
 * @user_root: with @kernel: by the table that user mode has of it (PTI)
 * @res: counters are added to; ->no_pagemap and ->no_smaps set
 * @diffs: differences found, @ndiffs of them, sorted by address
 *
 * Set the first eight, zero the rest.
 */
struct mms_pass {
	struct mms_source *source;
	const struct mms_verify_opts *opts;
	struct mms_verify_result *res;
	struct mms_err *err;
	uint64_t start;
	uint64_t end;
	bool want_smaps;
	bool kernel;
	bool user_root;

	struct mms_diff *diffs;
	size_t ndiffs;
	size_t diffs_cap;

	struct mms_tables *tables;
	struct mmu_regs regs;
	struct mmu_mem mem;
	struct mmu_geometry geo;
	uint64_t kernel_start;
	unsigned int user_bits;	/* of the addresses that the tables translate for user mode */
	bool have_context;
	bool other_root;	/* records of the top table that is not wanted follow */
	bool seen_root;
	bool no_mmu;
	bool have_end;
	uint64_t sme_mask;
	uint64_t next_progress;
	uint64_t checked;
	struct mms_pt_extent *extents;
	size_t nextents;
	size_t extents_cap;
	struct mms_vma *vmas;
	size_t nvmas;
	size_t vmas_cap;
	struct mms_usage *usage;
	size_t nusage;
	size_t usage_cap;
	struct mms_witness *pagemap;
	uint64_t *window;
	uint64_t window_va;
	size_t window_n;
	uint64_t holes_left;
};

/* 0, or -errno with p->err: -ESRCH and -ENODATA mean that the process is gone. */
int mms_pass_run(struct mms_pass *p);
void mms_pass_free(struct mms_pass *p);

/* Note a difference.  0 or -ENOMEM. */
int mms_pass_diff(struct mms_pass *p, const struct mms_diff *d);

/* verify_mmu.c: one extent, on arrival; then what no extent spoke of. */
int mms_pass_mmu_extent(struct mms_pass *p, const struct mms_pt_extent *e);
int mms_pass_mmu_lost(struct mms_pass *p);
/* Entries that name a table which was told of the one before them alone. */
int mms_pass_mmu_repeat(struct mms_pass *p, const struct mms_kt_repeat *r);
/* Fill ->level, ->index, ->raw of @d with the entry that decides at ->va. */
void mms_pass_locate(struct mms_pass *p, struct mms_diff *d);

/* verify_proc.c: the witnesses in /proc, once all records are there. */
int mms_pass_pagemap(struct mms_pass *p);
int mms_pass_smaps(struct mms_pass *p);

/* Index of the first extent that ends after @va. */
size_t mms_pass_extent_at(const struct mms_pass *p, uint64_t va);

#endif
