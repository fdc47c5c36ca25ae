// SPDX-License-Identifier: GPL-2.0
/*
 * Rows about the machine: the zones that the source tells against
 * /proc/zoneinfo, buddyinfo, vmstat and meminfo, and against themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "model/check.h"
#include "model/zones.h"
#include "source/module.h"
#include "source/procfs.h"
#include "util/parse.h"
#include "util/text.h"

#define WORDS	512

/* "name value" of vmstat, "name: value kB" of meminfo. */
struct words {
	size_t n;
	struct {
		char name[48];
		uint64_t value;
	} w[WORDS];
};

/* What /proc said at one moment. */
struct proc {
	struct mms_zones zones;
	struct words vmstat;
	struct words meminfo;
	struct mms_err why;	/* why there is none */
};

/**
 * struct machine - one reading
 * @ours: what the source says
 * @before: /proc, read before it
 * @after: and after it
 */
struct machine {
	struct mms_zones ours;
	struct proc before;
	struct proc after;
};

static void read_words(struct words *out, const char *root, const char *name)
{
	char path[PATH_MAX], line[256];
	FILE *f;

	out->n = 0;
	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "re");
	while (f && out->n < WORDS && fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, ": ");
		const char *s = line + len + strspn(line + len, ": ");

		if (len >= sizeof(out->w[0].name) || !mms_scan_u64(&s, 10, &out->w[out->n].value))
			continue;
		memcpy(out->w[out->n].name, line, len);
		out->w[out->n++].name[len] = '\0';
	}
	if (f)
		fclose(f);
}

static bool word(const struct words *w, const char *name, uint64_t *value)
{
	for (size_t i = 0; i < w->n; i++) {
		if (!strcmp(w->w[i].name, name)) {
			*value = w->w[i].value;
			return true;
		}
	}
	return false;
}

/*
 * The module's file takes a buffer while it is open, which is in the
 * kernel's counters and free blocks: have one open while /proc is read, too.
 */
static int open_ballast(const struct mms_check *c)
{
	return strcmp(mms_source_name(c->source), "module") ? -1 :
	       open(MMS_DEBUGFS "/mmscope/stream/zones", O_RDONLY | O_CLOEXEC);
}

static int read_proc(struct mms_check *c, struct proc *p)
{
	int rc, ballast = open_ballast(c);
	struct mms_source *s;

	if (c->frozen) {
		mms_err_set(&p->why, 0, "a capture has no second reading of /proc beside it");
		return 0;
	}
	rc = mms_source_open_procfs_at(&s, c->proc, &p->why);
	if (!rc) {
		rc = mms_zones_read(s, &p->zones, &p->why);
		mms_source_close(s);
	}
	read_words(&p->vmstat, c->proc, "vmstat");
	read_words(&p->meminfo, c->proc, "meminfo");
	if (ballast >= 0)
		close(ballast);
	return rc == -ENOMEM ? rc : 0;
}

static void machine_close(struct mms_check *c)
{
	struct machine *m = c->ctx;

	if (!m)
		return;
	mms_zones_free(&m->ours);
	mms_zones_free(&m->before.zones);
	mms_zones_free(&m->after.zones);
	free(m);
}

static uint64_t free_pages(const struct mms_zones *z)
{
	uint64_t v, sum = 0;

	for (size_t i = 0; i < z->nzones; i++)
		if (mms_stat_get(z->zones[i].stats, z->zones[i].z.nstats, MMS_VS_NR_FREE_PAGES, &v))
			sum += v;
	return sum;
}

static int machine_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct machine *m = calloc(1, sizeof(*m));
	int rc;

	(void)pid;
	c->ctx = m;
	if (!m)
		return mms_err_set(err, -ENOMEM, "out of memory");
	/* A process that has just read /proc takes no new memory to do it again. */
	rc = read_proc(c, &m->before);
	if (!rc)
		rc = mms_zones_read(c->source, &m->ours, err);
	if (!rc)
		rc = read_proc(c, &m->after);
	c->unsteady = free_pages(&m->before.zones) != free_pages(&m->after.zones);
	return rc;
}

static const char *where_of(const struct mms_zone *z, char *out, size_t size)
{
	char name[64];

	snprintf(out, size, "node %u %s", z->node, mms_neutral((const char *)z->name, name, sizeof(name)));
	return out;
}

/* ---- zones against zoneinfo ------------------------------------------------- */

typedef int compare_fn(struct mms_check *c, const struct mms_check_row *row, const char *where,
		       const struct mms_zone_info *ours, const struct mms_zone_info *before,
		       const struct mms_zone_info *after);

static int not_available(struct mms_check *c, const struct mms_check_row *row, const char *why)
{
	return mms_check_settle(c, row, "", "", MMS_CHECK_NA, "%s", why);
}

/* Can zoneinfo be a second witness at all?  NULL, or why not. */
static const char *no_zoneinfo(const struct machine *m)
{
	if (m->ours.writer == MMS_WRITER_PROCFS)
		return "the zones were read from zoneinfo itself: load the module (mmscope load)";
	if (!m->before.zones.nzones || !m->after.zones.nzones)
		return m->after.why.text[0] ? m->after.why.text : "zoneinfo has no zone";
	return NULL;
}

static int each_zone(struct mms_check *c, const struct mms_check_row *row, compare_fn *compare)
{
	const struct machine *m = c->ctx;
	const char *why = no_zoneinfo(m);
	char where[96];
	int rc = 0;

	if (why)
		return not_available(c, row, why);
	for (size_t i = 0; !rc && i < m->ours.nzones; i++) {
		const struct mms_zone_info *z = &m->ours.zones[i];
		const struct mms_zone_info *b = mms_zones_zone(&m->before.zones, z->z.node, z->z.index);
		const struct mms_zone_info *a = mms_zones_zone(&m->after.zones, z->z.node, z->z.index);

		where_of(&z->z, where, sizeof(where));
		if (!a || !b)	/* neither has it: not so if only one of two readings lacks it */
			rc = mms_check_compare(c, row, where, "zone", 1, !!b, !!a, 0);
		else
			rc = compare(c, row, where, z, b, a);
	}
	return rc;
}

struct field {
	const char *name;
	size_t at;
	uint32_t known;
};

#define ZONE_FIELD(name, member, known) { name, offsetof(struct mms_zone, member), known }

static int compare_fields(struct mms_check *c, const struct mms_check_row *row, const char *where,
			  const struct mms_zone *z, const struct mms_zone *b, const struct mms_zone *a,
			  const struct field *f, size_t n)
{
	uint64_t v[3];
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		if (f[i].known && !(z->known & b->known & a->known & f[i].known))
			continue;
		memcpy(&v[0], (const char *)z + f[i].at, 8);
		memcpy(&v[1], (const char *)b + f[i].at, 8);
		memcpy(&v[2], (const char *)a + f[i].at, 8);
		rc = mms_check_compare(c, row, where, f[i].name, v[0], v[1], v[2], 0);
	}
	return rc;
}

static int compare_sizes(struct mms_check *c, const struct mms_check_row *row, const char *where,
			 const struct mms_zone_info *z, const struct mms_zone_info *b,
			 const struct mms_zone_info *a)
{
	static const struct field fields[] = {
		ZONE_FIELD("start_pfn", start_pfn, MMS_ZONE_K_START),
		ZONE_FIELD("spanned", spanned, 0),
		ZONE_FIELD("present", present, 0),
		ZONE_FIELD("managed", managed, 0),
		ZONE_FIELD("cma", cma, MMS_ZONE_K_CMA),
		ZONE_FIELD("reserved_highatomic", highatomic, MMS_ZONE_K_HIGHATOMIC),
		ZONE_FIELD("free_highatomic", free_highatomic, MMS_ZONE_K_FREE_HIGHATOMIC),
	};

	return compare_fields(c, row, where, &z->z, &b->z, &a->z, fields,
			      sizeof(fields) / sizeof(*fields));
}

static int compare_watermarks(struct mms_check *c, const struct mms_check_row *row, const char *where,
			      const struct mms_zone_info *z, const struct mms_zone_info *b,
			      const struct mms_zone_info *a)
{
	static const struct field fields[] = {
		ZONE_FIELD("boost", boost, MMS_ZONE_K_BOOST),
		ZONE_FIELD("min", wmark_min, 0),
		ZONE_FIELD("low", wmark_low, 0),
		ZONE_FIELD("high", wmark_high, 0),
		ZONE_FIELD("promo", wmark_promo, MMS_ZONE_K_PROMO),
	};
	int rc = compare_fields(c, row, where, &z->z, &b->z, &a->z, fields,
				sizeof(fields) / sizeof(*fields));

	for (unsigned int t = 0; !rc && t < __MMS_ZONE_MAX; t++) {
		char what[40];

		if (!(z->z.reserve_known & b->z.reserve_known & a->z.reserve_known & 1U << t))
			continue;
		snprintf(what, sizeof(what), "protection %s", mms_zone_type_name(t));
		rc = mms_check_compare(c, row, where, what, z->z.reserve[t], b->z.reserve[t],
				       a->z.reserve[t], 0);
	}
	return rc;
}

static int compare_stats(struct mms_check *c, const struct mms_check_row *row, const char *where,
			 const struct mms_stat *ours, uint32_t n, const struct mms_stat *before,
			 uint32_t nbefore, const struct mms_stat *after, uint32_t nafter)
{
	uint64_t a, b;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < n; i++)
		if (mms_stat_get(before, nbefore, ours[i].id, &b) &&
		    mms_stat_get(after, nafter, ours[i].id, &a))
			rc = mms_check_compare(c, row, where, mms_vmstat_name(ours[i].id),
					       ours[i].value, b, a, 0);
	return rc;
}

static int compare_counters(struct mms_check *c, const struct mms_check_row *row, const char *where,
			    const struct mms_zone_info *z, const struct mms_zone_info *b,
			    const struct mms_zone_info *a)
{
	return compare_stats(c, row, where, z->stats, z->z.nstats, b->stats, b->z.nstats,
			     a->stats, a->z.nstats);
}

static int compare_cpus(struct mms_check *c, const struct mms_check_row *row, const char *where,
			const struct mms_zone_info *z, const struct mms_zone_info *b,
			const struct mms_zone_info *a)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < z->ncpus && i < b->ncpus && i < a->ncpus; i++) {
		const struct mms_zone_cpu *o = &z->cpus[i].c, *p = &b->cpus[i].c, *q = &a->cpus[i].c;
		const struct { const char *name; uint32_t v[3], known; } f[] = {
			{ "count", { o->count, p->count, q->count }, MMS_ZCPU_K_LISTS },
			{ "high", { o->high, p->high, q->high }, MMS_ZCPU_K_LISTS },
			{ "batch", { o->batch, p->batch, q->batch }, MMS_ZCPU_K_LISTS },
			{ "high_min", { o->high_min, p->high_min, q->high_min }, MMS_ZCPU_K_HIGHS },
			{ "high_max", { o->high_max, p->high_max, q->high_max }, MMS_ZCPU_K_HIGHS },
			{ "threshold", { o->threshold, p->threshold, q->threshold }, MMS_ZCPU_K_THRESHOLD },
		};

		for (size_t k = 0; !rc && k < sizeof(f) / sizeof(*f); k++) {
			char what[48];

			if (!(o->known & p->known & q->known & f[k].known))
				continue;
			snprintf(what, sizeof(what), "cpu %u %s", o->cpu, f[k].name);
			rc = mms_check_compare(c, row, where, what, f[k].v[0], f[k].v[1], f[k].v[2], 0);
		}
	}
	return rc;
}

static int compare_blocks(struct mms_check *c, const struct mms_check_row *row, const char *where,
			  const struct mms_zone_info *z, const struct mms_zone_info *b,
			  const struct mms_zone_info *a)
{
	char what[32];
	int rc = 0;

	if (!(z->z.known & b->z.known & a->z.known & MMS_ZONE_K_FREE_AREA))
		return 0;
	for (uint32_t o = 0; !rc && o < z->z.orders; o++) {
		snprintf(what, sizeof(what), "order %u", o);
		rc = mms_check_compare(c, row, where, what, z->z.nr_free[o], b->z.nr_free[o],
				       a->z.nr_free[o], 0);
	}
	return rc;
}

static int run_sizes(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_sizes);
}

static int run_watermarks(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_watermarks);
}

static int run_cpus(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_cpus);
}

static int run_buddyinfo(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_blocks);
}

static int run_counters(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	int rc = each_zone(c, row, compare_counters);

	if (no_zoneinfo(m))
		return rc;
	for (size_t i = 0; !rc && i < m->ours.nnodes; i++) {
		const struct mms_node_info *n = &m->ours.nodes[i];
		const struct mms_node_info *b = mms_zones_node(&m->before.zones, n->n.node);
		const struct mms_node_info *a = mms_zones_node(&m->after.zones, n->n.node);
		char where[32];

		snprintf(where, sizeof(where), "node %u", n->n.node);
		if (a && b)
			rc = compare_stats(c, row, where, n->stats, n->n.nstats, b->stats,
					   b->n.nstats, a->stats, a->n.nstats);
	}
	return rc;
}

/* ---- sums against vmstat and meminfo ---------------------------------------- */

/* A counter of all zones, or of all nodes: false where nobody has it. */
static bool total(const struct mms_zones *z, enum mms_vmstat id, uint64_t *sum)
{
	bool found = false;
	uint64_t v;

	*sum = 0;
	for (size_t i = 0; i < z->nzones; i++) {
		if (mms_stat_get(z->zones[i].stats, z->zones[i].z.nstats, id, &v)) {
			*sum += v;
			found = true;
		}
	}
	for (size_t i = 0; i < z->nnodes; i++) {
		if (mms_stat_get(z->nodes[i].stats, z->nodes[i].n.nstats, id, &v)) {
			*sum += v;
			found = true;
		}
	}
	return found;
}

static int run_vmstat(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	uint64_t ours, b, a;
	int rc = 0;

	if (c->frozen || !m->after.vmstat.n)
		return not_available(c, row, c->frozen ? m->after.why.text : "no /proc/vmstat here");
	for (unsigned int id = 1; !rc && id < __MMS_VS_MAX; id++)
		if (total(&m->ours, id, &ours) && word(&m->before.vmstat, mms_vmstat_name(id), &b) &&
		    word(&m->after.vmstat, mms_vmstat_name(id), &a))
			rc = mms_check_compare(c, row, "", mms_vmstat_name(id), ours, b, a, 0);
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
	const struct machine *m = c->ctx;
	uint64_t v, huge = 0, sum = 0;

	/* hugetlb's default size: not that of transparent ones where it was set to 1 GiB */
	if (l->unit == HUGE_PAGES &&
	    (!word(&m->after.meminfo, "Hugepagesize", &huge) || huge > 512 * 1024))
		return false;
	for (size_t i = 0; i < 4 && l->ids[i]; i++) {
		if (!total(&m->ours, l->ids[i], &v))
			return false;
		sum += l->unit == PAGES ? (v << m->ours.page_shift) / 1024 :
		       l->unit == HUGE_PAGES ? v * huge : v;
	}
	*kib = sum;
	return true;
}

/* The line, and those that belong to it. */
static bool line_value(const struct words *w, const struct line *l, uint64_t *kib)
{
	uint64_t v;

	if (!word(w, l->name, kib))
		return false;
	for (size_t i = 0; i < 2 && l->also[i]; i++)
		if (word(w, l->also[i], &v))
			*kib += v;
	return true;
}

static int run_meminfo(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	uint64_t ours, b, a;
	int rc = 0;

	if (c->frozen || !m->after.meminfo.n)
		return not_available(c, row, c->frozen ? m->after.why.text : "no /proc/meminfo here");
	for (size_t i = 0; !rc && i < sizeof(lines) / sizeof(*lines); i++)
		if (line_total(c, &lines[i], &ours) && line_value(&m->before.meminfo, &lines[i], &b) &&
		    line_value(&m->after.meminfo, &lines[i], &a))
			rc = mms_check_compare(c, row, "", lines[i].name, ours, b, a, 0);
	return rc;
}

/* What is managed and CMA's stands still: no counter, but sizes of zones. */
static int run_memtotal(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	uint64_t managed = 0, cma = 0, b, a;
	bool known = true;
	int rc = 0;

	if (c->frozen || !m->after.meminfo.n)
		return not_available(c, row, c->frozen ? m->after.why.text : "no /proc/meminfo here");
	for (size_t i = 0; i < m->ours.nzones; i++) {
		managed += m->ours.zones[i].z.managed;
		cma += m->ours.zones[i].z.cma;
		known &= !!(m->ours.zones[i].z.known & MMS_ZONE_K_CMA);
	}
	managed = (managed << m->ours.page_shift) / 1024;
	cma = (cma << m->ours.page_shift) / 1024;
	if (word(&m->before.meminfo, "MemTotal", &b) && word(&m->after.meminfo, "MemTotal", &a))
		rc = mms_check_compare(c, row, "", "MemTotal", managed, b, a, 0);
	if (!rc && known && word(&m->before.meminfo, "CmaTotal", &b) &&
	    word(&m->after.meminfo, "CmaTotal", &a))
		rc = mms_check_compare(c, row, "", "CmaTotal", cma, b, a, 0);
	return rc;
}

/* ---- zones against themselves ----------------------------------------------- */

/* What the CPUs have not yet added, modulo 2^64; false where that is not known. */
static bool pending(const struct mms_cpu_info *cpus, size_t n, enum mms_vmstat id, uint64_t *sum)
{
	uint64_t v;

	*sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (!(cpus[i].c.known & MMS_ZCPU_K_PENDING))
			return false;
		if (mms_stat_get(cpus[i].stats, cpus[i].c.nstats, id, &v))
			*sum += v;
	}
	return true;
}

/* Pages in free blocks are those that the counter has, with what CPUs keep back. */
static int run_blocks(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	char where[96];
	int rc = 0;

	for (size_t i = 0; !rc && i < m->ours.nzones; i++) {
		const struct mms_zone_info *z = &m->ours.zones[i];
		uint64_t count, sum = 0, isolated = 0;
		uint64_t kept = 0;
		bool exact;

		if (!z->z.managed || !(z->z.known & MMS_ZONE_K_FREE_AREA) ||
		    !mms_stat_get(z->stats, z->z.nstats, MMS_VS_NR_FREE_PAGES, &count))
			continue;
		for (uint32_t o = 0; o < z->z.orders; o++)
			sum += z->z.nr_free[o] << o;
		exact = pending(z->cpus, z->ncpus, MMS_VS_NR_FREE_PAGES, &kept);
		for (size_t n = 0; !exact && n < z->ncpus; n++)
			isolated += z->cpus[n].c.threshold;
		/* an isolated block's pages are in the lists and not in the counter */
		isolated += z->z.isolated * 1024;
		rc = mms_check_compare(c, row, where_of(&z->z, where, sizeof(where)),
				       "free blocks' pages / nr_free_pages", sum,
				       count + kept, count + kept, isolated);
	}
	return rc;
}

static const struct {
	unsigned int node;
	unsigned int zone;
} lru[] = {
	{ MMS_VS_NR_INACTIVE_ANON, MMS_VS_NR_ZONE_INACTIVE_ANON },
	{ MMS_VS_NR_ACTIVE_ANON, MMS_VS_NR_ZONE_ACTIVE_ANON },
	{ MMS_VS_NR_INACTIVE_FILE, MMS_VS_NR_ZONE_INACTIVE_FILE },
	{ MMS_VS_NR_ACTIVE_FILE, MMS_VS_NR_ZONE_ACTIVE_FILE },
	{ MMS_VS_NR_UNEVICTABLE, MMS_VS_NR_ZONE_UNEVICTABLE },
};

/* One list's size by zones, with what CPUs keep back: *@slack of it is not known. */
static uint64_t zones_lru(const struct mms_zones *z, uint32_t node, unsigned int id, uint64_t *slack)
{
	uint64_t sum = 0, kept, v;

	for (size_t i = 0; i < z->nzones; i++) {
		const struct mms_zone_info *zone = &z->zones[i];

		if (zone->z.node != node || !mms_stat_get(zone->stats, zone->z.nstats, id, &v))
			continue;
		sum += v;
		if (pending(zone->cpus, zone->ncpus, id, &kept))
			sum += kept;
		else
			for (size_t n = 0; n < zone->ncpus; n++)
				*slack += 2 * (uint64_t)zone->cpus[n].c.threshold;
	}
	return sum;
}

/* A node's LRU lists hold what its zones say to have on them. */
static int run_lru(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < m->ours.nnodes; i++) {
		const struct mms_node_info *n = &m->ours.nodes[i];

		for (size_t k = 0; !rc && k < sizeof(lru) / sizeof(*lru); k++) {
			uint64_t v, slack = 0, kept = 0, sum;
			char where[32];

			if (!mms_stat_get(n->stats, n->n.nstats, lru[k].node, &v))
				continue;
			snprintf(where, sizeof(where), "node %u", n->n.node);
			sum = zones_lru(&m->ours, n->n.node, lru[k].zone, &slack);
			if (n->ncpus && pending(n->cpus, n->ncpus, lru[k].node, &kept))
				v += kept;
			else
				slack += slack / 2 + 125;
			rc = mms_check_compare(c, row, where, mms_vmstat_name(lru[k].node),
					       sum, v, v, slack);
		}
	}
	return rc;
}

static int run_present(struct mms_check *c, const struct mms_check_row *row)
{
	const struct machine *m = c->ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < m->ours.nnodes; i++) {
		const struct mms_node *n = &m->ours.nodes[i].n;
		uint64_t sum = 0;
		char where[32];

		if (!(n->known & MMS_NODE_K_SPAN))
			continue;
		for (size_t k = 0; k < m->ours.nzones; k++)
			if (m->ours.zones[k].z.node == n->node)
				sum += m->ours.zones[k].z.present;
		snprintf(where, sizeof(where), "node %u", n->node);
		rc = mms_check_compare(c, row, where, "present", sum, n->present, n->present, 0);
	}
	return rc;
}

#define KEPT_BACK "each CPU keeps back up to THRESHOLD of a counter (zones --cpus)"

static const struct mms_check_row rows[] = {
	{ "zones.sizes", "zones", "/proc/zoneinfo", "", "", run_sizes, NULL },
	{ "zones.watermarks", "zones", "/proc/zoneinfo", "", "", run_watermarks, NULL },
	{ "zones.counters", "zones", "/proc/zoneinfo", "", "", run_counters, NULL },
	{ "zones.cpus", "zones", "/proc/zoneinfo", "", "", run_cpus, NULL },
	{ "zones.buddyinfo", "free areas", "/proc/buddyinfo", "", "", run_buddyinfo, NULL },
	{ "zones.blocks", "free areas", "nr_free_pages", "isolated blocks, CPUs' thresholds",
	  "isolated blocks are not in the counter; " KEPT_BACK, run_blocks, NULL },
	{ "zones.lru", "zones' LRU sizes", "nodes' LRU sizes", "CPUs' thresholds", KEPT_BACK, run_lru, NULL },
	{ "zones.present", "zones' pages", "nodes' pages", "", "", run_present, NULL },
	{ "vmstat", "sum of zones", "/proc/vmstat", "", "", run_vmstat, NULL },
	{ "meminfo", "sum of zones", "/proc/meminfo", "", "", run_meminfo, NULL },
	{ "meminfo.total", "zones' pages", "/proc/meminfo", "", "", run_memtotal, NULL },
};

const struct mms_check_group mms_check_machine = {
	.name = "machine",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = machine_open,
	.close = machine_close,
};
