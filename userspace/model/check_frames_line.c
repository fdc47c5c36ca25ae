// SPDX-License-Identifier: GPL-2.0
/* Rows frames.*: sums of frames against lines of meminfo and vmstat. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "model/check_frames.h"
#include "util/parse.h"

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
			n += class < MMS_FRAME_MEMMAP ? f->typed[class] :
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
	uint64_t ours = frames_of(f, g), b, a, kept = 0, slack = 0, more, less;

	if (c->frozen)
		return mms_check_na(c, row, f->after.why.text);
	if (f->taking.writer != MMS_WRITER_MODULE)
		return mms_check_na(c, row, "/proc/kpageflags tells too little of each frame: load the module (mmscope load)");
	if (!words_sum(&f->before, g, shift, &b) || !words_sum(&f->after, g, shift, &a))
		return mms_check_na(c, row, "this kernel's /proc does not say it");
	for (size_t i = 0; i < 2 && g->ids[i]; i++)
		kept_back(&f->zones, g->ids[i], &kept, &slack);
	/* (this one counts KiB) */
	if (g->ids[0] == MMS_VS_NR_KERNEL_STACK_KB)
		kept = (uint64_t)((int64_t)kept * 1024 / (1LL << shift));
	ours -= kept;
	more = slack + by_flag(f, g->extra);
	less = slack + by_flag(f, g->hidden);
	if (g->besides && !g->besides(c, f, &ours, a, &more, &less))
		return mms_check_na(c, row, f->taking.no_owners.text[0] ? f->taking.no_owners.text :
				    "this source does not find their owners");
	return mms_check_compare(c, row, "", g->words[0], ours, b, a, ours > a ? more : less);
}

static size_t cpus_of(const struct mms_zones *z)
{
	size_t n = 0;

	for (size_t i = 0; i < z->nzones; i++)
		n = z->zones[i].ncpus > n ? z->zones[i].ncpus : n;
	return n;
}

#define STACK_MOST	32768	/* the largest THREAD_SIZE: arm64 with KASAN */

#define STACKS_KEPT	2	/* NR_CACHED_STACKS of kernel/fork.c, per CPU */

/*
 * Idle threads are on no list of threads.  Areas of stacks that are kept for the
 * next threads are stacks here, and out of the kernel's counter.
 */
bool mms_besides_stacks(const struct mms_check *c, const struct mms_frames *f, uint64_t *ours,
			uint64_t theirs, uint64_t *more, uint64_t *less)
{
	uint64_t one_each = cpus_of(&f->zones) * STACK_MOST >> (f->taking.page_shift & 31);

	(void)c, (void)theirs;
	*less += one_each;
	*more += one_each * STACKS_KEPT;
	return *ours && !f->taking.no_owners.text[0];
}

/* Bytes of areas that vmap() made of pages that others had allocated. */
static uint64_t vmap_bytes(const struct mms_check *c)
{
	uint64_t sum = 0, size;
	char path[PATH_MAX], line[512];
	FILE *in;

	snprintf(path, sizeof(path), "%s/vmallocinfo", c->proc);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		const char *s = line + strcspn(line, " ");

		s += strspn(s, " ");
		if (strstr(line, " vmap") && mms_scan_u64(&s, 10, &size))
			sum += size;
	}
	if (in)
		fclose(in);
	return sum;
}

/*
 * Threads' stacks are in the figure where the kernel takes them from there
 * (VMAP_STACK).  What is mapped there and was allocated elsewhere is not.
 */
bool mms_besides_vmalloc(const struct mms_check *c, const struct mms_frames *f, uint64_t *ours,
			  uint64_t theirs, uint64_t *more, uint64_t *less)
{
	unsigned int shift = f->taking.page_shift & 31;
	uint64_t stacks = mms_census_class(&f->census, MMS_FRAME_KSTACK), percpu = 0;

	(void)less;
	if (theirs > *ours && theirs - *ours > stacks / 2)
		*ours += stacks;
	mms_words_get(&f->after.meminfo, "Percpu", &percpu);
	*more += (vmap_bytes(c) + percpu * 1024 + MMS_OWN_BUFFER) >> shift;
	return *ours && !f->taking.no_owners.text[0];
}

bool mms_besides_percpu(const struct mms_check *c, const struct mms_frames *f, uint64_t *ours,
			uint64_t theirs, uint64_t *more, uint64_t *less)
{
	(void)c, (void)theirs, (void)more;
	/* (chunks behind the first are mapped like vmalloc's) */
	*less += mms_census_class(&f->census, MMS_FRAME_VMALLOC);
	return *ours;
}

/* The buffer is a kmalloc() that is too large for a slab: it is there wholly, or not. */
bool mms_besides_buffer(const struct mms_check *c, const struct mms_frames *f, uint64_t *ours,
			uint64_t theirs, uint64_t *more, uint64_t *less)
{
	uint64_t buffer = MMS_OWN_BUFFER >> (f->taking.page_shift & 31);

	(void)c, (void)less;
	if (*ours - theirs == buffer)
		*more += buffer;
	return true;
}
