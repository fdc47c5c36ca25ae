/* SPDX-License-Identifier: GPL-2.0 */
/* The reading that the rows process.* share. */
#ifndef MMSCOPE_MODEL_CHECK_PROCESS_H
#define MMSCOPE_MODEL_CHECK_PROCESS_H

#include "model/check.h"
#include "model/snapshot.h"
#include "model/usage.h"

/* Counters of one reading of /proc/PID, in bytes; ~0 = not there. */
enum {
	P_VMSIZE, P_VMRSS, P_ANON, P_FILE, P_SHMEM, P_SWAP, P_THREADS,
	P_PTE, P_STATM_SIZE, P_STATM_RSS, P_STATM_SHARED, P_ROLLUP_RSS, P_ROLLUP_SWAP, P_MAX
};

#define P_MISSING		UINT64_MAX

/**
 * struct mms_process - one reading of one process
 * @before: /proc, read before the page tables
 * @after: and after them
 * @anon: resident by kind of page, bytes
 * @zero: zero pages that the source did not tell apart: pagemap does not
 * @no_kinds: why that is not known; "" if it is
 * @tables: page tables below the top that count, bytes; ~0 = not known
 * @huge: translations of the size of a PMD, which keep a table in reserve
 * @lazy: why the counters may be behind; NULL = they are not
 * @slack: bytes by which the counter of anonymous pages may be behind, and
 *	that of swap
 * @file_slack: likewise those of file and shmem pages
 */
struct mms_process {
	struct mms_snapshot *snap;
	uint32_t pid;
	char where[96];
	uint64_t before[P_MAX];
	uint64_t after[P_MAX];
	struct mms_account sum;
	uint64_t size;
	uint64_t smaps_rss;
	uint64_t smaps_swap;
	bool smaps_known;
	uint64_t maybe;		/* huge PROT_NONE, poison: counted by some kernels */
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
	uint64_t zero;
	char no_kinds[120];
	uint64_t tables;
	uint64_t huge;
	const char *lazy;
	uint64_t slack;
	uint64_t file_slack;
};


/* check_kinds.c: of which counter each resident page is; else ->no_kinds */
void mms_process_kinds(const struct mms_check *c, struct mms_process *p);

#endif
