/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc says of the machine at one moment: the second witness of more than one group of checks. */
#ifndef MMSCOPE_MODEL_CHECK_PROC_H
#define MMSCOPE_MODEL_CHECK_PROC_H

#include "model/check.h"
#include "model/zones.h"

#define MMS_WORDS	512

/* "name value" of vmstat and memory.stat, "name: value kB" of meminfo and status. */
struct mms_words {
	size_t n;
	struct {
		char name[48];
		uint64_t value;
	} w[MMS_WORDS];
};

/* A file that is not there has no words. */
void mms_words_read(struct mms_words *out, const char *path);
bool mms_words_get(const struct mms_words *w, const char *name, uint64_t *value);

/**
 * struct mms_proc - one reading
 * @zones: of zoneinfo
 * @why: why there is none
 */
struct mms_proc {
	struct mms_zones zones;
	struct mms_words vmstat;
	struct mms_words meminfo;
	struct mms_err why;
};

/**
 * mms_proc_read() - read it; of a capture, which has none beside it, only @why
 * Return: 0 or -ENOMEM; mms_proc_free() either way
 */
int mms_proc_read(struct mms_check *c, struct mms_proc *p);
void mms_proc_free(struct mms_proc *p);

/*
 * The module's file takes a buffer while it is open, which is in the kernel's
 * counters and free blocks: have one open while /proc is read, too, from which
 * as much was read, and close it then.  -1 = the source is not the module.
 */
int mms_proc_ballast(const struct mms_check *c);

/* Free pages of all zones. */
uint64_t mms_zones_free_pages(const struct mms_zones *z);

/* A counter of all zones, or of all nodes: false where nobody has it. */
bool mms_zones_total(const struct mms_zones *z, enum mms_vmstat id, uint64_t *sum);

/* What the CPUs have not yet added, modulo 2^64; false where that is not known. */
bool mms_cpus_pending(const struct mms_cpu_info *cpus, size_t n, enum mms_vmstat id, uint64_t *sum);

/* "node 0 DMA32" */
const char *mms_zone_where(const struct mms_zone *z, char *out, size_t size);

/* The row has no second witness, for this reason. */
int mms_check_na(struct mms_check *c, const struct mms_check_row *row, const char *why);

#define MMS_KEPT_BACK "each CPU keeps back up to THRESHOLD of a counter (zones --cpus)"

#endif
