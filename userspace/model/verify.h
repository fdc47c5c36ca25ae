/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Proof of a process's translations: what the module reports against the
 * software MMU on the raw entries, /proc/PID/pagemap and /proc/PID/smaps.
 *
 *	verify_pass.c	one reading of a range from every witness -> differences
 *	verify.c	reads again what differed: agreed or kept changing = moved,
 *			the same every time = mismatch
 */
#ifndef MMSCOPE_MODEL_VERIFY_H
#define MMSCOPE_MODEL_VERIFY_H

#include "model/witness.h"
#include "source/source.h"

/**
 * enum mms_diff_kind - how two witnesses differ; ours = the module's extent
 * @MMS_DIFF_PRESENT: theirs = 1 if the MMU translates @va
 * @MMS_DIFF_PA: physical addresses
 * @MMS_DIFF_SIZE: log2 of page sizes
 * @MMS_DIFF_LEVEL: levels of the entry that decides
 * @MMS_DIFF_RIGHTS: MMS_PT_F_WRITE | EXEC | USER
 * @MMS_DIFF_CACHE: PAT index
 * @MMS_DIFF_PKEY: protection key
 * @MMS_DIFF_RAW: the raw entry, as the extent and as the table has it
 * @MMS_DIFF_LOST: an entry is set that no extent speaks of; theirs = raw
 * @MMS_DIFF_TABLE: an entry points to a table that the stream lacks
 * @MMS_DIFF_PAGEMAP: pagemap words; ours is what it should say
 * @MMS_DIFF_RSS: of one VMA, bytes; theirs is smaps
 * @MMS_DIFF_SWAP: likewise
 * @MMS_DIFF_HUGETLB: likewise
 * @MMS_DIFF_VMA: ends of the VMA that starts here, 0 = there is none
 */
enum mms_diff_kind {
	MMS_DIFF_PRESENT, MMS_DIFF_PA, MMS_DIFF_SIZE, MMS_DIFF_LEVEL,
	MMS_DIFF_RIGHTS, MMS_DIFF_CACHE, MMS_DIFF_PKEY, MMS_DIFF_RAW,
	MMS_DIFF_LOST, MMS_DIFF_TABLE, MMS_DIFF_PAGEMAP, MMS_DIFF_RSS,
	MMS_DIFF_SWAP, MMS_DIFF_HUGETLB, MMS_DIFF_VMA,
	MMS_DIFF_MAX
};

/**
 * struct mms_diff - one difference
 * @va: the address that differs; for smaps the VMA's start
 * @start: range to read again
 * @end: its end
 * @ours: see enum mms_diff_kind
 * @theirs: likewise
 * @mask: MMS_DIFF_PAGEMAP: the bits that were compared
 * @raw: the raw entry the MMU ended at
 * @level: its level; 0 = none was read
 * @index: its index
 * @state: enum mms_pt_state of the extent
 * @counted: the entry is one of ->translations
 */
struct mms_diff {
	enum mms_diff_kind kind;
	uint64_t va;
	uint64_t start;
	uint64_t end;
	uint64_t ours;
	uint64_t theirs;
	uint64_t mask;
	uint64_t raw;
	unsigned int level;
	unsigned int index;
	unsigned int state;
	bool counted;
};

/* What became of a process. */
enum mms_verify_outcome {
	MMS_VERIFY_DONE,
	MMS_VERIFY_GONE,	/* exited before or while it was read */
	MMS_VERIFY_KTHREAD,
	MMS_VERIFY_ZOMBIE,
};

/**
 * struct mms_verify_result - of one process
 * @comm: neutralised; "" = not known
 * @translations: present entries, replayed by the software MMU unless @no_mmu
 * @agree: of these, those on which all witnesses agreed at first reading
 * @absent: swap, migration and other entries that the MMU must refuse
 * @pages: pages of these entries compared with pagemap
 * @holes: pages without an entry compared with pagemap
 * @holes_skipped: such pages beyond the limit
 * @smaps: VMAs compared with smaps
 * @moved: differences that did not last
 * @mismatches: differences that did
 * @tables: page tables read
 * @entries: raw entries read
 * @repeats: of the kernel's: entries checked that name the table of the one before
 * @no_root: of the kernel's: there is no such top table, nothing was checked
 * @diffs: the mismatches, by address
 * @no_mmu: why the software MMU was not asked; "" if it was
 * @no_pagemap: why pagemap was not compared; "" if it was
 * @no_smaps: likewise
 */
struct mms_verify_result {
	enum mms_verify_outcome outcome;
	uint32_t pid;
	char comm[64 * 4 + 1];
	uint64_t translations;
	uint64_t agree;
	uint64_t absent;
	uint64_t pages;
	uint64_t holes;
	uint64_t holes_skipped;
	uint64_t smaps;
	uint64_t moved;
	uint64_t mismatches;
	uint64_t tables;
	uint64_t entries;
	uint64_t repeats;
	bool no_root;
	struct mms_diff *diffs;
	struct mms_err no_mmu;
	struct mms_err no_pagemap;
	struct mms_err no_smaps;
};

/**
 * struct mms_verify_opts - how to check
 * @hole_limit: pages without an entry to compare per reading; 0 = 1 Mi
 * @retries: readings before a difference counts; 0 = 5
 * @pause_us: before the first of them, doubling; 0 = 1000
 * @frozen: the source cannot be read twice and has no live process beside it
 *	(a capture file): software MMU only
 * @pagemap: opens another pagemap than the kernel's, for tests
 * @progress: told the translations so far, now and then; may be NULL
 * @ctx: passed to @progress
 */
struct mms_verify_opts {
	uint64_t hole_limit;
	unsigned int retries;
	unsigned int pause_us;
	bool frozen;
	int (*pagemap)(struct mms_witness **out, uint32_t pid, struct mms_err *err);
	void (*progress)(void *ctx, uint64_t translations);
	void *ctx;
};

/**
 * mms_verify_process() - check one process
 * @res: filled; free with mms_verify_free()
 *
 * Return: 0 it was checked or there was nothing to check (see ->outcome);
 * -EOPNOTSUPP the source has no raw tables, another -errno, with @err.
 */
int mms_verify_process(struct mms_source *s, uint32_t pid,
		       const struct mms_verify_opts *o,
		       struct mms_verify_result *res, struct mms_err *err);

/**
 * mms_verify_kernel() - check what the kernel's own page tables map
 * @user_root: the kernel's half as user mode has it, with PTI
 * @res: filled but for what is a process's; free with mms_verify_free()
 *
 * Return: 0; -EOPNOTSUPP the source has not these tables or the software MMU not
 * this machine; another -errno, with @err.
 */
int mms_verify_kernel(struct mms_source *s, bool user_root, const struct mms_verify_opts *o,
		      struct mms_verify_result *res, struct mms_err *err);
void mms_verify_free(struct mms_verify_result *res);

#endif
