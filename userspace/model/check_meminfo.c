// SPDX-License-Identifier: GPL-2.0
/* Rows vmstat and meminfo: sums over zones and nodes against /proc's sums. */
#include <string.h>
#include "model/check_machine.h"

/* A word of both readings. */
static bool both(const struct mms_words *before, const struct mms_words *after, const char *name,
		 uint64_t *b, uint64_t *a)
{
	return mms_words_get(before, name, b) && mms_words_get(after, name, a);
}

#define NUMA_KEPT	65535	/* NUMA_STATS_THRESHOLD of mm/vmstat.c, before 5.14 */

/* Of these zoneinfo had what CPUs keep back, and vmstat had not. */
static uint64_t numa_slack(const struct mms_zones *z, unsigned int id)
{
	uint64_t cpus = 0;

	if (id < MMS_VS_NUMA_HIT || id > MMS_VS_NUMA_OTHER)
		return 0;
	for (size_t i = 0; i < z->nzones; i++)
		cpus += z->zones[i].ncpus;
	return cpus * NUMA_KEPT;
}

int mms_run_vmstat(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	uint64_t ours, b, a;
	int rc = 0;

	if (c->frozen || !m->after.vmstat.n)
		return mms_check_na(c, row, c->frozen ? m->after.why.text : "no /proc/vmstat here");
	for (unsigned int id = 1; !rc && id < __MMS_VS_MAX; id++)
		if (mms_zones_total(&m->ours, id, &ours) &&
		    both(&m->before.vmstat, &m->after.vmstat, mms_vmstat_name(id), &b, &a))
			rc = mms_check_compare(c, row, "", mms_vmstat_name(id), ours, b, a,
					       numa_slack(&m->ours, id));
	return rc;
}

/* A line of meminfo and the counters that it is the sum of; 0 ends them. */
struct line {
	const char *name;
	unsigned int ids[4];
	enum { PAGES, KIB, HUGE_PAGES } unit;
	const char *also[2];	/* lines that are added to it first */
};

static const struct line lines[] = {
	{ "MemFree", { MMS_VS_NR_FREE_PAGES }, PAGES, { NULL } },
	{ "Active(anon)", { MMS_VS_NR_ACTIVE_ANON }, PAGES, { NULL } },
	{ "Inactive(anon)", { MMS_VS_NR_INACTIVE_ANON }, PAGES, { NULL } },
	{ "Active(file)", { MMS_VS_NR_ACTIVE_FILE }, PAGES, { NULL } },
	{ "Inactive(file)", { MMS_VS_NR_INACTIVE_FILE }, PAGES, { NULL } },
	{ "Active", { MMS_VS_NR_ACTIVE_ANON, MMS_VS_NR_ACTIVE_FILE }, PAGES, { NULL } },
	{ "Inactive", { MMS_VS_NR_INACTIVE_ANON, MMS_VS_NR_INACTIVE_FILE }, PAGES, { NULL } },
	{ "Unevictable", { MMS_VS_NR_UNEVICTABLE }, PAGES, { NULL } },
	{ "Mlocked", { MMS_VS_NR_MLOCK }, PAGES, { NULL } },
	{ "Dirty", { MMS_VS_NR_FILE_DIRTY }, PAGES, { NULL } },
	{ "Writeback", { MMS_VS_NR_WRITEBACK }, PAGES, { NULL } },
	{ "WritebackTmp", { MMS_VS_NR_WRITEBACK_TEMP }, PAGES, { NULL } },
	{ "AnonPages", { MMS_VS_NR_ANON_MAPPED }, PAGES, { NULL } },
	{ "Mapped", { MMS_VS_NR_FILE_MAPPED }, PAGES, { NULL } },
	{ "Shmem", { MMS_VS_NR_SHMEM }, PAGES, { NULL } },
	{ "Cached", { MMS_VS_NR_FILE_PAGES }, PAGES, { "Buffers", "SwapCached" } },
	{ "SwapCached", { MMS_VS_NR_SWAPCACHE }, PAGES, { NULL } },
	{ "SReclaimable", { MMS_VS_NR_SLAB_RECLAIMABLE_B }, PAGES, { NULL } },
	{ "SUnreclaim", { MMS_VS_NR_SLAB_UNRECLAIMABLE_B }, PAGES, { NULL } },
	{ "Slab", { MMS_VS_NR_SLAB_RECLAIMABLE_B, MMS_VS_NR_SLAB_UNRECLAIMABLE_B }, PAGES, { NULL } },
	{ "KReclaimable", { MMS_VS_NR_SLAB_RECLAIMABLE_B, MMS_VS_NR_KERNEL_MISC_RECLAIMABLE }, PAGES, { NULL } },
	{ "KernelStack", { MMS_VS_NR_KERNEL_STACK_KB }, KIB, { NULL } },
	{ "PageTables", { MMS_VS_NR_PAGETABLE }, PAGES, { NULL } },
	{ "SecPageTables", { MMS_VS_NR_SECONDARY_PAGETABLE }, PAGES, { NULL } },
	{ "Bounce", { MMS_VS_NR_BOUNCE }, PAGES, { NULL } },
	{ "CmaFree", { MMS_VS_NR_FREE_CMA_PAGES }, PAGES, { NULL } },
	{ "Unaccepted", { MMS_VS_NR_UNACCEPTED }, PAGES, { NULL } },
	{ "Balloon", { MMS_VS_NR_BALLOON_PAGES }, PAGES, { NULL } },
	{ "AnonHugePages", { MMS_VS_NR_ANON_THPS }, HUGE_PAGES, { NULL } },
	{ "ShmemHugePages", { MMS_VS_NR_SHMEM_THPS }, HUGE_PAGES, { NULL } },
	{ "ShmemPmdMapped", { MMS_VS_NR_SHMEM_PMDMAPPED }, HUGE_PAGES, { NULL } },
	{ "FileHugePages", { MMS_VS_NR_FILE_THPS }, HUGE_PAGES, { NULL } },
	{ "FilePmdMapped", { MMS_VS_NR_FILE_PMDMAPPED }, HUGE_PAGES, { NULL } },
};

/* The sum of a line's counters in KiB; false where one is not known. */
static bool line_total(const struct mms_check *c, const struct line *l, uint64_t *kib)
{
	const struct mms_machine *m = c->ctx;
	uint64_t v, huge = 0, sum = 0;

	/* hugetlb's default size: not that of transparent ones where it was set to 1 GiB */
	if (l->unit == HUGE_PAGES &&
	    (!mms_words_get(&m->after.meminfo, "Hugepagesize", &huge) || huge > 512 * 1024))
		return false;
	for (size_t i = 0; i < 4 && l->ids[i]; i++) {
		if (!mms_zones_total(&m->ours, l->ids[i], &v))
			return false;
		sum += l->unit == PAGES ? (v << m->ours.page_shift) / 1024 :
		       l->unit == HUGE_PAGES ? v * huge : v;
	}
	*kib = sum;
	return true;
}

/* The line, and those that belong to it. */
static bool line_value(const struct mms_words *w, const struct line *l, uint64_t *kib)
{
	uint64_t v;

	if (!mms_words_get(w, l->name, kib))
		return false;
	for (size_t i = 0; i < 2 && l->also[i]; i++)
		if (mms_words_get(w, l->also[i], &v))
			*kib += v;
	return true;
}

int mms_run_meminfo(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	uint64_t ours, b, a;
	int rc = 0;

	if (c->frozen || !m->after.meminfo.n)
		return mms_check_na(c, row, c->frozen ? m->after.why.text : "no /proc/meminfo here");
	for (size_t i = 0; !rc && i < sizeof(lines) / sizeof(*lines); i++)
		if (line_total(c, &lines[i], &ours) && line_value(&m->before.meminfo, &lines[i], &b) &&
		    line_value(&m->after.meminfo, &lines[i], &a))
			rc = mms_check_compare(c, row, "", lines[i].name, ours, b, a, 0);
	return rc;
}

/* What is managed and CMA's stands still: no counter, but sizes of zones. */
int mms_run_memtotal(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	uint64_t managed = 0, cma = 0, b, a;
	bool known = true;
	int rc = 0;

	if (c->frozen || !m->after.meminfo.n)
		return mms_check_na(c, row, c->frozen ? m->after.why.text : "no /proc/meminfo here");
	for (size_t i = 0; i < m->ours.nzones; i++) {
		managed += m->ours.zones[i].z.managed;
		cma += m->ours.zones[i].z.cma;
		known &= !!(m->ours.zones[i].z.known & MMS_ZONE_K_CMA);
	}
	managed = (managed << m->ours.page_shift) / 1024;
	cma = (cma << m->ours.page_shift) / 1024;
	if (both(&m->before.meminfo, &m->after.meminfo, "MemTotal", &b, &a))
		rc = mms_check_compare(c, row, "", "MemTotal", managed, b, a, 0);
	if (!rc && known && both(&m->before.meminfo, &m->after.meminfo, "CmaTotal", &b, &a))
		rc = mms_check_compare(c, row, "", "CmaTotal", cma, b, a, 0);
	return rc;
}
