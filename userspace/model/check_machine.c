// SPDX-License-Identifier: GPL-2.0
/* Rows about the machine as its zones tell it: one reading, and the table of what is compared in it. */
#include "model/check_machine.h"

#include <errno.h>
#include <stdlib.h>

static void machine_close(struct mms_check *c)
{
	struct mms_machine *m = c->ctx;

	if (!m)
		return;
	mms_zones_free(&m->ours);
	mms_proc_free(&m->before);
	mms_proc_free(&m->after);
	free(m);
}

static int machine_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct mms_machine *m = calloc(1, sizeof(*m));
	int rc;

	(void)pid;
	c->ctx = m;
	if (!m)
		return mms_err_set(err, -ENOMEM, "out of memory");
	/* A process that has just read /proc takes no new memory to do it again. */
	rc = mms_proc_read(c, &m->before);
	if (!rc)
		rc = mms_zones_read(c->source, &m->ours, err);
	if (!rc)
		rc = mms_proc_read(c, &m->after);
	c->unsteady = mms_zones_free_pages(&m->before.zones) != mms_zones_free_pages(&m->after.zones);
	return rc;
}

static const struct mms_check_row rows[] = {
	{ "zones.sizes", "zones", "/proc/zoneinfo", "", "", mms_run_zones_sizes, NULL },
	{ "zones.watermarks", "zones", "/proc/zoneinfo", "", "", mms_run_zones_watermarks, NULL },
	{ "zones.counters", "zones", "/proc/zoneinfo", "", "", mms_run_zones_counters, NULL },
	{ "zones.cpus", "zones", "/proc/zoneinfo", "", "", mms_run_zones_cpus, NULL },
	{ "zones.buddyinfo", "free areas", "/proc/buddyinfo", "", "", mms_run_zones_buddyinfo, NULL },
	{ "zones.blocks", "free areas", "nr_free_pages", "isolated + thresholds",
	  "isolated blocks are not in the counter; " MMS_KEPT_BACK, mms_run_zones_blocks, NULL },
	{ "zones.lru", "zones' LRU sizes", "nodes' LRU sizes", "CPUs' thresholds", MMS_KEPT_BACK, mms_run_zones_lru, NULL },
	{ "zones.present", "zones' pages", "nodes' pages", "", "", mms_run_zones_present, NULL },
	{ "vmstat", "sum of zones", "/proc/vmstat", "numa events",
	  "before 5.14 zoneinfo has what CPUs keep back of numa events, up to 65535, and vmstat has not",
	  mms_run_vmstat, NULL },
	{ "meminfo", "sum of zones", "/proc/meminfo", "", "", mms_run_meminfo, NULL },
	{ "meminfo.total", "zones' pages", "/proc/meminfo", "", "", mms_run_memtotal, NULL },
};

const struct mms_check_group mms_check_machine = {
	.name = "machine",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = machine_open,
	.close = machine_close,
};
