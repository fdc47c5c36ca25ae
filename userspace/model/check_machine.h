/* SPDX-License-Identifier: GPL-2.0 */
/* The reading that the rows about zones, vmstat and meminfo share, and these rows. */
#ifndef MMSCOPE_MODEL_CHECK_MACHINE_H
#define MMSCOPE_MODEL_CHECK_MACHINE_H

#include "model/check_proc.h"

/**
 * struct mms_machine - one reading
 * @ours: what the source says
 * @before: /proc, read before it
 * @after: and after it
 */
struct mms_machine {
	struct mms_zones ours;
	struct mms_proc before;
	struct mms_proc after;
};

typedef int mms_row_fn(struct mms_check *c, const struct mms_check_row *row);

/* check_zones.c */
mms_row_fn mms_run_zones_sizes, mms_run_zones_watermarks, mms_run_zones_counters,
	mms_run_zones_cpus, mms_run_zones_buddyinfo, mms_run_zones_blocks, mms_run_zones_lru,
	mms_run_zones_present;
/* check_meminfo.c */
mms_row_fn mms_run_vmstat, mms_run_meminfo, mms_run_memtotal;

#endif
