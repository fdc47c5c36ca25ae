// SPDX-License-Identifier: GPL-2.0
/*
 * Rows about processes: page tables, page by page, against the sums of smaps,
 * smaps_rollup, status, statm and pagemap.
 */
#include "model/check_process.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "model/extent.h"
#include "model/verify.h"
#include "util/parse.h"
#include "util/text.h"

static FILE *open_proc(const struct mms_check *c, uint32_t pid, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%u/%s", c->proc, pid, name);
	return fopen(path, "re");
}

struct key {
	const char *name;
	int to;
	uint64_t unit;
};

/* "Name:  123 kB" */
static void read_keys(FILE *f, const struct key *keys, size_t n, uint64_t *v)
{
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		for (size_t i = 0; i < n; i++) {
			size_t len = strlen(keys[i].name);
			const char *s = line + len + strspn(line + len, " \t");
			uint64_t got;

			if (!strncmp(line, keys[i].name, len) && mms_scan_u64(&s, 10, &got))
				v[keys[i].to] = got * keys[i].unit;
		}
	}
	if (f)
		fclose(f);
}

static void read_proc(const struct mms_check *c, uint32_t pid, uint64_t *v)
{
	static const struct key status[] = {
		{ "VmSize:", P_VMSIZE, 1024 }, { "VmRSS:", P_VMRSS, 1024 },
		{ "RssAnon:", P_ANON, 1024 }, { "RssFile:", P_FILE, 1024 },
		{ "RssShmem:", P_SHMEM, 1024 }, { "VmSwap:", P_SWAP, 1024 },
		{ "VmPTE:", P_PTE, 1024 }, { "Threads:", P_THREADS, 1 },
	};
	static const struct key rollup[] = {
		{ "Rss:", P_ROLLUP_RSS, 1024 }, { "Swap:", P_ROLLUP_SWAP, 1024 },
	};
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	FILE *f;

	for (int i = 0; i < P_MAX; i++)
		v[i] = P_MISSING;
	if (c->frozen)
		return;
	read_keys(open_proc(c, pid, "status"), status, sizeof(status) / sizeof(*status), v);
	read_keys(open_proc(c, pid, "smaps_rollup"), rollup, sizeof(rollup) / sizeof(*rollup), v);
	f = open_proc(c, pid, "statm");
	if (f && fscanf(f, "%" SCNu64 " %" SCNu64 " %" SCNu64, &v[P_STATM_SIZE], &v[P_STATM_RSS],
			&v[P_STATM_SHARED]) == 3) {
		v[P_STATM_SIZE] *= page;
		v[P_STATM_RSS] *= page;
		v[P_STATM_SHARED] *= page;
	} else {
		v[P_STATM_SIZE] = v[P_STATM_RSS] = v[P_STATM_SHARED] = P_MISSING;
	}
	if (f)
		fclose(f);
}

/*
 * How far a counter of an mm may be from what the page tables have.  Until 6.1
 * each thread keeps what its last 64 faults brought (TASK_RSS_EVENTS_THRESH,
 * mm/memory.c): a page each, of a file the pages around it, too
 * (do_fault_around()).  Then it is a percpu_counter, read without the CPUs'
 * parts: each keeps less than a batch of max(32, 2 * CPUs)
 * (lib/percpu_counter.c).  6.17, and stable kernels, add them up.
 */
#define FAULTS_KEPT	66
#define FAULT_AROUND	65536

static void find_slack(struct mms_process *p)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t cpus = (uint64_t)sysconf(_SC_NPROCESSORS_CONF);
	uint64_t threads = p->after[P_THREADS] == P_MISSING ? 1 : p->after[P_THREADS];
	uint64_t by_cpu = cpus * (2 * cpus > 32 ? 2 * cpus : 32) * page;
	uint64_t by_thread = FAULTS_KEPT * threads * page;
	uint64_t around = FAULTS_KEPT * threads * (FAULT_AROUND > page ? FAULT_AROUND : page);
	uint32_t how = p->snap->context.flags;

	if (how & MMS_CTX_RSS_SUMMED)
		return;
	if (how & MMS_CTX_RSS_BY_CPU) {
		p->lazy = "each CPU keeps back less than max(32, 2 * CPUs) pages of a counter (lib/percpu_counter.c)";
		p->slack = p->file_slack = by_cpu;
	} else if (how & MMS_CTX_RSS_BY_THREAD) {
		p->lazy = "each thread keeps to itself what its last 64 faults brought: a page each, of a file up to 16 (mm/memory.c)";
		p->slack = by_thread;
		p->file_slack = around;
	} else {
		p->lazy = "parts of a counter are kept by thread or by CPU: without the module it is not known which: the larger bound";
		p->slack = by_cpu > by_thread ? by_cpu : by_thread;
		p->file_slack = by_cpu > around ? by_cpu : around;
	}
}

/* ---- one reading -------------------------------------------------------------- */

static void add_account(struct mms_account *sum, const struct mms_account *a)
{
	sum->resident += a->resident;
	sum->moving += a->moving;
	sum->swap += a->swap;
	sum->hugetlb += a->hugetlb;
}

/* Bytes that smaps of some kernels leaves out: see verify_proc.c. */
static uint64_t maybe_counted(const struct mms_snapshot *s, const struct mms_region *r)
{
	uint64_t bytes = 0;

	for (size_t k = 0; k < r->nextents; k++) {
		const struct mms_pt_extent *e = &s->extents[r->first_extent + k];

		if ((e->level > 1 && e->flags & MMS_PT_F_PROTNONE && mms_extent_counts(e)) ||
		    e->state == MMS_PT_HWPOISON)
			bytes += e->len;
	}
	return bytes;
}

/* Translations of a PMD's size, hugetlb's aside. */
static uint64_t count_huge(const struct mms_snapshot *s, const struct mms_region *r)
{
	uint64_t n = 0;

	for (size_t k = 0; k < r->nextents; k++) {
		const struct mms_pt_extent *e = &s->extents[r->first_extent + k];

		if (e->level == 2)
			n += e->len >> e->page_shift;
	}
	return n;
}

static void sum_regions(struct mms_process *p)
{
	p->smaps_known = p->snap->have & MMS_SNAP_USAGE && !p->snap->unmatched_usage;
	for (size_t i = 0; i < p->snap->nregions; i++) {
		const struct mms_region *r = &p->snap->regions[i];
		struct mms_account a;

		/* vsyscall: in maps, in no mm */
		if (!(r->vma.start >> 63))
			p->size += r->vma.end - r->vma.start;
		if (r->vma.flags & MMS_VMA_HUGETLB)
			continue;
		mms_account_region(p->snap, r, &a);
		add_account(&p->sum, &a);
		p->maybe += maybe_counted(p->snap, r);
		p->huge += count_huge(p->snap, r);
		p->smaps_known &= !!(r->usage.known & MMS_USAGE_K(rss)) || !!(r->vma.start >> 63);
		p->smaps_rss += r->usage.rss;
		p->smaps_swap += r->usage.swap;
	}
}

/**
 * struct counting - page tables being counted as a walk meets them
 * @last: by level: the table that was met last: a table may take several records
 */
struct counting {
	struct mms_pt_context context;
	uint64_t last[6];
	uint64_t tables;
};

/* nr_ptes, nr_pmds and nr_puds of an mm; a P4D and the top table are in no count. */
static int count_table(void *ctx, const struct mms_record *rec)
{
	const struct mms_pt_table *t = (const void *)rec;
	struct counting *n = ctx;

	if (rec->type == MMS_REC_PT_CONTEXT)
		n->context = *(const struct mms_pt_context *)rec;
	if (rec->type != MMS_REC_PT_TABLE || t->level > 3 || t->level >= n->context.levels)
		return 0;
	n->tables += t->table_pa != n->last[t->level];
	n->last[t->level] = t->table_pa;
	return 0;
}

static void count_tables(struct mms_check *c, struct mms_process *p)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_TABLES, .pid = p->pid };
	struct counting n = { .last = { ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL } };
	struct mms_handler h = { .record = count_table, .ctx = &n };
	struct mms_err ignored;

	p->tables = P_MISSING;
	if (!mms_source_stream(c->source, MMS_KIND_PGTABLE, &req, &h, &ignored) && n.context.levels)
		p->tables = n.tables * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void process_close(struct mms_check *c)
{
	struct mms_process *p = c->ctx;

	if (p)
		mms_snapshot_free(p->snap);
	free(p);
}

static int process_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct mms_process *p = calloc(1, sizeof(*p));
	char comm[64 * 4 + 1];
	int rc;

	c->ctx = p;
	if (!p)
		return mms_err_set(err, -ENOMEM, "out of memory");
	p->pid = pid;
	read_proc(c, pid, p->before);
	rc = mms_snapshot_take(&p->snap, c->source, pid,
			       MMS_SNAP_TASK | MMS_SNAP_VMA | MMS_SNAP_EXTENTS | MMS_SNAP_USAGE, err);
	if (rc)
		return rc;
	/* A zombie and a kernel thread have a task and no memory. */
	if (!p->snap->nregions)
		return mms_err_set(err, -ENODATA, "PID %u has no memory", pid);
	mms_process_kinds(c, p);
	count_tables(c, p);
	read_proc(c, pid, p->after);
	c->unsteady = memcmp(p->before, p->after, sizeof(p->before));
	sum_regions(p);
	find_slack(p);
	mms_neutral((const char *)p->snap->task.comm, comm, sizeof(comm));
	snprintf(p->where, sizeof(p->where), "PID %u (%.40s)", pid, comm);
	return 0;
}

/* What the page tables have that an RSS counts. */
static uint64_t rss_of(const struct mms_process *p)
{
	return p->sum.resident + p->sum.moving - p->zero;
}

/* ---- rows --------------------------------------------------------------------- */

static int no_tables(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;

	return mms_check_settle(c, row, p->where, "", MMS_CHECK_NA, "%s",
				p->snap->have & MMS_SNAP_EXTENTS ? p->no_kinds :
				p->snap->missing_extents.text);
}

/* pagemap's pages alone do not do: some are zero pages, which nobody counts. */
static bool have_tables(const struct mms_process *p)
{
	return p->snap->have & MMS_SNAP_EXTENTS &&
	       (p->snap->pt_writer == MMS_WRITER_MODULE || !p->no_kinds[0]);
}

/* One figure of ours against one of /proc's; what is not there is not compared. */
static int figure(struct mms_check *c, const struct mms_check_row *row, const char *what,
		  uint64_t ours, int theirs, uint64_t tolerance)
{
	const struct mms_process *p = c->ctx;

	if (p->before[theirs] == P_MISSING || p->after[theirs] == P_MISSING)
		return mms_check_settle(c, row, p->where, what, MMS_CHECK_NA, "%s",
					c->frozen ? "a capture has no second reading of /proc beside it" :
					"/proc does not say it");
	return mms_check_compare(c, row, p->where, what, ours, p->before[theirs], p->after[theirs],
				 tolerance);
}

static int run_size(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	int rc = figure(c, row, "status VmSize", p->size, P_VMSIZE, 0);

	return rc ? rc : figure(c, row, "statm size", p->size, P_STATM_SIZE, 0);
}

/* Page tables against the sum that the kernel makes of smaps: no counter is in it. */
static int run_smaps(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	uint64_t ours = rss_of(p);

	if (!have_tables(p))
		return no_tables(c, row);
	if (p->smaps_known && mms_check_compare(c, row, p->where, "smaps Rss", ours, p->smaps_rss,
						p->smaps_rss, p->maybe))
		return -ENOMEM;
	return figure(c, row, "smaps_rollup Rss", ours, P_ROLLUP_RSS, p->maybe);
}

static int run_rollup(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	int rc;

	if (!p->smaps_known)
		return mms_check_settle(c, row, p->where, "", MMS_CHECK_NA, "%s",
					p->snap->missing_usage.text[0] ? p->snap->missing_usage.text :
					"smaps and maps were of different moments");
	rc = figure(c, row, "Rss", p->smaps_rss, P_ROLLUP_RSS, 0);
	return rc ? rc : figure(c, row, "Swap", p->smaps_swap, P_ROLLUP_SWAP, 0);
}

/*
 * A huge anonymous page keeps a table for the day it is split, which no entry
 * points to.  PAE's PMD tables are made with the mm, the kernel's part and the
 * copies of PTI, too.
 */
static int run_tables(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	const struct mms_pt_context *ctx = &p->snap->context;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	bool pae = ctx->levels == 3 && ctx->shift[3] == 30 && ctx->va_bits == 32;

	if (p->tables == P_MISSING)
		return mms_check_settle(c, row, p->where, "", MMS_CHECK_NA, "%s",
					"page tables themselves are not told: load the module (mmscope load)");
	return figure(c, row, "status VmPTE", p->tables, P_PTE, (p->huge + (pae ? 5 : 0)) * page);
}

static int run_rss(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	uint64_t ours = rss_of(p);
	int rc;

	if (!have_tables(p))
		return no_tables(c, row);
	c->reason = p->lazy;
	/* three counters, each behind by itself */
	rc = figure(c, row, "status VmRSS", ours, P_VMRSS, p->slack + 2 * p->file_slack);
	return rc ? rc : figure(c, row, "statm resident", ours, P_STATM_RSS, p->slack + 2 * p->file_slack);
}

static int run_kinds(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	int rc;

	if (!have_tables(p))
		return no_tables(c, row);
	c->reason = p->lazy;
	if (p->no_kinds[0])
		return mms_check_settle(c, row, p->where, "", MMS_CHECK_NA, "%s", p->no_kinds);
	rc = figure(c, row, "status RssAnon", p->anon, P_ANON, p->slack + p->sum.moving);
	if (!rc)
		rc = figure(c, row, "status RssFile", p->file, P_FILE, p->file_slack + p->sum.moving);
	if (!rc)
		rc = figure(c, row, "status RssShmem", p->shmem, P_SHMEM, p->file_slack + p->sum.moving);
	if (!rc)
		rc = figure(c, row, "statm shared", p->file + p->shmem, P_STATM_SHARED,
			    2 * p->file_slack + p->sum.moving);
	return rc;
}

static int run_swap(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;

	if (!have_tables(p))
		return no_tables(c, row);
	c->reason = p->lazy;
	return figure(c, row, "status VmSwap", p->sum.swap, P_SWAP, p->slack);
}

/* Every translation against pagemap, smaps and the software MMU: verify's proof. */
static int run_verify(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_process *p = c->ctx;
	const struct mms_verify_opts o = { .frozen = c->frozen };
	struct mms_verify_result res;
	struct mms_err why = { "" };
	enum mms_check_verdict v;
	int rc = mms_verify_process(c->source, p->pid, &o, &res, &why);

	if (rc == -ENOMEM)
		return rc;
	if (rc || res.outcome != MMS_VERIFY_DONE) {
		rc = mms_check_settle(c, row, p->where, "", MMS_CHECK_NA, "%.190s",
				      rc ? why.text : "it left");
	} else {
		v = res.mismatches ? MMS_CHECK_DISAGREE : res.moved ? MMS_CHECK_MOVED : MMS_CHECK_AGREE;
		rc = mms_check_settle(c, row, p->where, "", v,
				      "%" PRIu64 " translations, %" PRIu64 " pages of pagemap, %" PRIu64 " differ",
				      res.translations, res.pages + res.holes, res.mismatches);
	}
	mms_verify_free(&res);
	return rc;
}

#define LAZY "parts of a counter are kept by thread or by CPU; what migrates is in a counter, too"

static const struct mms_check_row rows[] = {
	{ "process.size", "VMAs", "status, statm", "", "", run_size, NULL },
	{ "process.smaps", "page tables", "smaps, smaps_rollup", "PROT_NONE huge pages",
	  "some kernels do not count huge pages that are PROT_NONE", run_smaps, NULL },
	{ "process.rollup", "sum of smaps", "smaps_rollup", "", "", run_rollup, NULL },
	{ "process.tables", "page tables", "status VmPTE", "huge pages, PAE",
	  "a huge page keeps a table in reserve; PAE's tables are made with the address space", run_tables, NULL },
	{ "process.rss", "page tables", "status, statm", "3 counters' parts", LAZY, run_rss, NULL },
	{ "process.kinds", "tables, page flags", "status, statm", "a counter's parts", LAZY, run_kinds, NULL },
	{ "process.swap", "page tables", "status", "a counter's parts", LAZY, run_swap, NULL },
	{ "process.verify", "page tables", "pagemap, MMU", "", "", run_verify, NULL },
};

const struct mms_check_group mms_check_process = {
	.name = "process",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.per_process = true,
	.open = process_open,
	.close = process_close,
};
