// SPDX-License-Identifier: GPL-2.0
/* Rows frames.*: sums of frames against lines of meminfo and vmstat. */
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/check_frames.h"

static bool words_sum(const struct mms_proc *p, const struct mms_frame_figure *g, unsigned int shift, uint64_t *sum)
{
	const struct mms_words *w = g->pages ? &p->vmstat : &p->meminfo;
	uint64_t v;

	*sum = 0;
	if (!mms_words_get(w, g->words[0], &v))
		return false;
	for (size_t i = 0; i < 3 && g->words[i]; i++)
		if (mms_words_get(w, g->words[i], &v))
			*sum += g->pages ? v : v * 1024 >> shift;
	return true;
}

static uint64_t by_flag(const struct mms_frames *f, unsigned int flags)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < __MMS_SUM_MAX; i++)
		if (flags & 1U << i)
			n += f->flagged[i];
	return n;
}

static uint64_t frames_of(const struct mms_frames *f, const struct mms_frame_figure *g)
{
	uint64_t n = by_flag(f, g->flagged);

	for (uint32_t class = 0; class < __MMS_FRAME_MAX; class++)
		if (g->classes >> class & 1)
			n += class < MMS_FRAME_MEMMAP && !g->owned ? f->typed[class] :
								     mms_census_class(&f->census, class);
	return n;
}

#define MAX_THRESHOLD	125	/* calculate_normal_threshold() of mm/vmstat.c */

/* What CPUs keep back of a counter, or how much they may. */
static void kept_back(const struct mms_zones *z, enum mms_vmstat id, uint64_t *kept, uint64_t *slack)
{
	uint64_t v, sum;

	for (size_t i = 0; i < z->nnodes + z->nzones; i++) {
		bool node = i < z->nnodes;
		const struct mms_node_info *n = node ? &z->nodes[i] : NULL;
		const struct mms_zone_info *zone = node ? NULL : &z->zones[i - z->nnodes];
		const struct mms_cpu_info *cpus = node ? n->cpus : zone->cpus;
		size_t ncpus = node ? n->ncpus : zone->ncpus;

		if (!mms_stat_get(node ? n->stats : zone->stats, node ? n->n.nstats : zone->z.nstats, id, &v))
			continue;
		if (ncpus && mms_cpus_pending(cpus, ncpus, id, &sum))
			*kept += sum;
		else
			*slack += MAX_THRESHOLD * (ncpus ? ncpus : 1);
	}
}

int mms_run_frame_figure(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_frame_figure *g = row->arg;
	const struct mms_frames *f = c->ctx;
	unsigned int shift = f->taking.page_shift & 31;
	uint64_t b, a, slack = 0;
	struct mms_besides by = { .ours = frames_of(f, g) };

	if (c->frozen)
		return mms_check_na(c, row, f->after.why.text);
	if (f->taking.writer != MMS_WRITER_MODULE)
		return mms_check_na(c, row, "/proc/kpageflags tells too little of each frame: load the module (mmscope load)");
	if (!words_sum(&f->before, g, shift, &b) || !words_sum(&f->after, g, shift, &a))
		return mms_check_na(c, row, "this kernel's /proc does not say it");
	for (size_t i = 0; i < 2 && g->ids[i]; i++)
		kept_back(&f->zones, g->ids[i], &by.kept, &slack);
	/* (this one counts KiB) */
	if (g->ids[0] == MMS_VS_NR_KERNEL_STACK_KB)
		by.kept = (uint64_t)((int64_t)by.kept * 1024 / (1LL << shift));
	by.ours -= by.kept;
	by.more = slack + by_flag(f, g->extra);
	by.less = slack + by_flag(f, g->hidden);
	if (g->besides && !g->besides(f, a, &by))
		return mms_check_na(c, row, f->taking.no_owners.text[0] ? f->taking.no_owners.text :
				    "this source does not find their owners");
	if (by.why[0])
		c->reason = by.why;
	return mms_check_compare(c, row, "", g->words[0], by.ours, b, a,
				 by.ours > a ? by.more : by.less);
}

static size_t cpus_of(const struct mms_zones *z)
{
	size_t n = 0;

	for (size_t i = 0; i < z->nzones; i++)
		n = z->zones[i].ncpus > n ? z->zones[i].ncpus : n;
	return n;
}

/* Is it known which area of vmalloc space each frame is mapped in? */
static bool areas_known(const struct mms_frames *f)
{
	return f->taking.areas.n && !f->taking.areas.hidden && !f->taking.no_areas.text[0];
}

/* Of these areas one with the most pages. */
static uint64_t largest_area(const struct mms_frames *f, uint32_t kind)
{
	uint64_t most = 0;

	for (size_t i = 0; i < f->taking.areas.n; i++) {
		const struct mms_area *a = &f->taking.areas.area[i];

		if (a->kind == kind && a->pages > most)
			most = a->pages;
	}
	return most;
}

#define STACK_MOST	32768	/* the largest THREAD_SIZE: arm64 with KASAN */

#define STACKS_KEPT	2	/* NR_CACHED_STACKS of kernel/fork.c, per CPU */

/*
 * Stacks that are kept for the next threads, or until RCU lets go of them, have
 * areas, and are out of the kernel's counter.  Idle threads are on no list of
 * threads: their areas tell of them, where there are any.
 */
bool mms_besides_stacks(const struct mms_frames *f, uint64_t theirs, struct mms_besides *by)
{
	uint64_t one = largest_area(f, MMS_AREA_KIND_KSTACK), cpus = cpus_of(&f->zones);

	if (areas_known(f) && one) {
		by->more += cpus * STACKS_KEPT * one;
		/* (fewer are explained by the counter, which lags) */
		if (by->ours > theirs)
			snprintf(by->why, sizeof(by->why),
				 "%" PRIu64 " frames of stacks that each CPU keeps for the next threads, 2 a CPU: found and not counted",
				 by->ours - theirs);
	} else {
		by->less += cpus * STACK_MOST >> (f->taking.page_shift & 31);
		by->more += cpus * STACKS_KEPT * STACK_MOST >> (f->taking.page_shift & 31);
	}
	return by->ours && !f->taking.no_owners.text[0];
}

/*
 * What of vmalloc space the areas tell: frames of threads' stacks, and of the
 * module itself, which has a buffer for what it answers.
 */
static void add_areas(const struct mms_frames *f, uint64_t *stacks, uint64_t *own)
{
	for (size_t i = 0; i < f->taking.areas.n; i++) {
		const struct mms_area *a = &f->taking.areas.area[i];

		if (a->kind == MMS_AREA_KIND_KSTACK)
			*stacks += a->frames;
		else if (strstr(a->caller, "[mmscope]"))
			*own += a->frames;
	}
}

/* Where no area has an address: as much as there is room in those of vmap() and its like. */
static uint64_t borrowed_room(const struct mms_frames *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->taking.areas.n; i++) {
		const struct mms_area *a = &f->taking.areas.area[i];

		if (mms_area_borrows(a->kind))
			n += a->end - a->start;
	}
	return n;
}

/*
 * Threads' stacks are in the figure where the kernel takes them from there
 * (VMAP_STACK): those that have areas.  What is mapped there and was allocated
 * elsewhere is not.
 */
bool mms_besides_vmalloc(const struct mms_frames *f, uint64_t theirs, struct mms_besides *by)
{
	uint64_t stacks = 0, percpu = 0, own = 0;

	if (areas_known(f)) {
		add_areas(f, &stacks, &own);
		by->ours += stacks - f->census.mapped;
		by->more += own;
		by->less += own;
	} else {
		stacks = mms_census_class(&f->census, MMS_FRAME_KSTACK);
		if (theirs > by->ours && theirs - by->ours > stacks / 2)
			by->ours += stacks;
		mms_words_get(&f->after.meminfo, "Percpu", &percpu);
		by->more += (borrowed_room(f) + percpu * 1024 + MMS_OWN_BUFFER) >> (f->taking.page_shift & 31);
		snprintf(by->why, sizeof(by->why),
			 "areas without addresses: which frames are mapped by vmap() and for per-CPU memory is not known");
	}
	return by->ours && !f->taking.no_owners.text[0];
}

/* Processes that have an address space; some of them may share one.  @tables: set to VmPTE's sum, KiB. */
static uint64_t processes(const char *proc, uint64_t *tables)
{
	DIR *dir = opendir(proc);
	struct dirent *e;
	uint64_t n = 0;

	*tables = 0;
	while (dir && (e = readdir(dir))) {
		struct mms_words status;
		char path[PATH_MAX];
		uint64_t size;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "%s/%s/status", proc, e->d_name);
		mms_words_read(&status, path);
		n += mms_words_get(&status, "VmSize", &size);
		if (mms_words_get(&status, "VmPTE", &size))
			*tables += size;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* Is this in the first processor's flags? */
static bool cpu_flag(const char *proc, const char *flag)
{
	char path[PATH_MAX], *line = NULL;
	bool found = false;
	size_t room = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/cpuinfo", proc);
	in = fopen(path, "re");
	while (in && !found && getline(&line, &room, in) > 0)
		found = !strncmp(line, "flags", 5) && strstr(line, flag);
	if (in)
		fclose(in);
	free(line);
	return found;
}

/*
 * Tables above the PMD level have the type, and are counted, from 6.8 on (PUD: "mm: add
 * statistics for PUD level pagetable") and 6.14 on (P4D, PGD: "mm: introduce ctor/dtor
 * at PGD level"): before, the process alone tells of them, and a frame that owners alone
 * call a table is one of those.  Who else knows: VmPTE has the PUD tables all along,
 * and each has a PMD and a PTE table below, so that a third of it is the bound (arm64
 * has some tables of its own with the type, which no process has); each process has a
 * PGD, two with page-table isolation (x86), and with five levels a P4D, two if it asked
 * for addresses above 47 bits.
 */
bool mms_besides_tables(const struct mms_frames *f, uint64_t theirs, struct mms_besides *by)
{
	uint64_t typed = f->typed[MMS_FRAME_PGTABLE], owned = by->ours + by->kept - typed, n, kib, pages, puds;
	const char *proc = f->check->proc;
	unsigned int each;

	(void)theirs;
	if (f->taking.no_owners.text[0] || !owned)
		return !f->taking.no_owners.text[0];
	n = processes(proc, &kib);
	pages = kib << 10 >> (f->taking.page_shift & 31);
	/* (of the PTE and PMD tables, which have the type: the counter lags) */
	puds = pages > typed ? pages - typed : 0;
	each = cpu_flag(proc, " pti") ? 2 : 1;
	by->more += (each + (cpu_flag(proc, " la57") ? 2 : 0)) * n + pages / 3;
	snprintf(by->why, sizeof(by->why),
		 "%" PRIu64 " frames are tables above the PMD level, which this kernel does not count: %" PRIu64 " processes have %u PGD each, and %" PRIu64 " PUD by VmPTE",
		 owned, n, each, puds);
	return true;
}

/* Chunks behind the first are mapped like vmalloc's: their areas tell. */
bool mms_besides_percpu(const struct mms_frames *f, uint64_t theirs, struct mms_besides *by)
{
	(void)theirs;
	if (!areas_known(f))
		by->less += mms_census_class(&f->census, MMS_FRAME_VMALLOC);
	return by->ours;
}

/* The buffer is a kmalloc() that is too large for a slab: it is there wholly, or not. */
bool mms_besides_buffer(const struct mms_frames *f, uint64_t theirs, struct mms_besides *by)
{
	uint64_t buffer = MMS_OWN_BUFFER >> (f->taking.page_shift & 31);

	if (by->ours - theirs == buffer)
		by->more += buffer;
	return true;
}
