// SPDX-License-Identifier: GPL-2.0
/* mmscope swap: swap areas, who holds what of them, slot by slot. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <libproc2/meminfo.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "model/share_gather.h"
#include "model/swap.h"
#include "model/vec.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_swap;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096ULL
#define TASKS_SHOWN	20

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { COL_PID, COL_SWAP, COL_PSS, COL_USS, COL_SHMEM, COL_VMSWAP, COL_SMAPS_SWAP, COL_SMAPS_PSS, COL_COMM, COL_MAX };

static const struct mms_column columns[COL_MAX] = {
	[COL_PID]	= C("PID", NUM, true, "process ID"),
	[COL_SWAP]	= C("SWAP", SIZE, true, "swap entries in its page tables"),
	[COL_PSS]	= C("PSS", SIZE, true, "of it, each slot divided by the entries that name it"),
	[COL_USS]	= C("USS", SIZE, true, "of it, slots that no other entry names"),
	[COL_SHMEM]	= C("SHMEM", SIZE, false, "swapped out of shared memory that it maps (smaps)"),
	[COL_VMSWAP]	= C("VMSWAP", SIZE, true, "what /proc/PID/status says (VmSwap)"),
	[COL_SMAPS_SWAP] = C("SMAPS_SWAP", SIZE, false, "Swap by smaps: SWAP + SHMEM"),
	[COL_SMAPS_PSS]	= C("SMAPS_PSS", SIZE, false, "SwapPss by smaps, cut off to KiB for each VMA"),
	[COL_COMM]	= { .name = "COMM", .type = MMS_COL_STR, .shown = true, .trunc = true,
			    .help = "name of the process" },
};

enum { AREA_NUM, AREA_TYPE, AREA_SIZE, AREA_USED, AREA_MAPPED, AREA_SHARED, AREA_PRIO, AREA_STATE, AREA_NAME, AREA_MAX };

static const struct mms_column area_columns[AREA_MAX] = {
	[AREA_NUM]	= C("AREA", NUM, true, ""),
	[AREA_TYPE]	= C("TYPE", STR, true, ""),
	[AREA_SIZE]	= C("SIZE", SIZE, true, ""),
	[AREA_USED]	= C("USED", SIZE, true, ""),
	[AREA_MAPPED]	= C("MAPPED", SIZE, true, ""),
	[AREA_SHARED]	= C("SHARED", SIZE, true, ""),
	[AREA_PRIO]	= C("PRIO", NUM, true, ""),
	[AREA_STATE]	= C("STATE", STR, true, ""),
	[AREA_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "" },
};

enum { SLOT_PID, SLOT_VA, SLOT_AREA, SLOT_OFFSET, SLOT_SLOTS, SLOT_HOLDERS, SLOT_NAME, SLOT_MAX };

static const struct mms_column slot_columns[SLOT_MAX] = {
	[SLOT_PID]	= C("PID", NUM, true, ""),
	[SLOT_VA]	= C("VA", HEX, true, ""),
	[SLOT_AREA]	= C("AREA", NUM, true, ""),
	[SLOT_OFFSET]	= C("OFFSET", NUM, true, ""),
	[SLOT_SLOTS]	= C("SLOTS", NUM, true, ""),
	[SLOT_HOLDERS]	= C("HOLDERS", NUM, true, ""),
	[SLOT_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "" },
};

static bool want_slots;		/* --slots */
static bool want_all;		/* --all */
static int64_t top = -1;	/* --top; -1 = not given */

/* struct slot - slots in a row that a process holds at addresses in a row */
struct slot {
	uint64_t va;
	uint64_t first;
	uint64_t n;
	uint64_t holders;
	uint32_t proc;
	uint32_t region;
};

/**
 * struct view - one invocation
 * @in: processes, and what came out
 * @proc: knows the names of areas, where the module is asked for the rest
 * @seen: areas that swap entries name
 * @mapped: by area, slots that an entry names; @shared: that several do
 * @no_areas: why areas are not known
 */
struct view {
	struct mms_render render;
	struct mms_render plain;
	struct mms_share_gather in;
	struct mms_source *proc;
	struct mms_swaps swaps;
	struct mms_doc *doc;
	struct mms_table *table;
	struct slot *slots;
	size_t nslots;
	size_t slots_cap;
	uint64_t mapped[MMS_SWAP_AREAS];
	uint64_t shared[MMS_SWAP_AREAS];
	uint32_t seen;
	struct mms_err no_areas;
};

/* --- gathering --- */

/* Slots of a process asked for by PID, or of all with --slots. */
static int keep_slots(struct view *v, const struct mms_share_piece *p)
{
	for (size_t i = 0; i < p->nruns; i++) {
		const struct mms_share_run *r = p->runs[i];
		struct slot *s;

		if (!v->in.share.procs[r->proc].asked)
			continue;
		if (mms_vec_grow(&v->slots, &v->slots_cap, v->nslots, sizeof(*s)))
			return -ENOMEM;
		s = &v->slots[v->nslots++];
		*s = (struct slot){
			.va = r->va + (p->pfn - r->pfn) * PAGE, .first = p->pfn, .n = p->n,
			.holders = p->maps, .proc = r->proc, .region = r->region,
		};
	}
	return 0;
}

static int on_piece(void *ctx, const struct mms_share_piece *p)
{
	unsigned int area = MMS_SLOT_AREA(p->pfn) % MMS_SWAP_AREAS;
	struct view *v = ctx;

	v->seen |= 1U << area;
	v->mapped[area] += p->n;
	if (p->maps > 1)
		v->shared[area] += p->n;
	return want_slots ? keep_slots(v, p) : 0;
}

static void read_areas(struct view *v)
{
	struct mms_err err;

	if (!strcmp(mms_source_name(v->in.source), "module") && mms_source_open_procfs(&v->proc, &err))
		v->proc = NULL;
	mms_swaps_read(&v->swaps, v->in.source, v->proc, &v->no_areas);
}

static int gather(struct view *v, struct mms_err *err)
{
	const char *asked = v->render.columns;
	struct mms_share *share = &v->in.share;
	int rc;

	share->slots = true;
	share->piece = on_piece;
	share->ctx = v;
	v->in.usage = v->render.json || (asked && (strcasestr(asked, "sm") || strcasestr(asked, "shmem")));
	read_areas(v);
	rc = mms_share_gather_asked(&v->in, err);
	if (!rc)
		rc = mms_share_gather_others(&v->in, err);
	/* Not to be let read anything is no list with nothing in it. */
	if (!rc && !v->in.counted && v->in.no_counts.text[0])
		rc = mms_err_set(err, -EACCES, "%s", v->in.no_counts.text);
	if (rc)
		return rc;
	if (!strcmp(mms_source_name(v->in.source), "capture") && !want_all && !v->in.no_counts.text[0])
		mms_err_set(&v->in.no_counts, 0, "a capture may lack processes: --all, if every one was recorded");
	share->count_tables = !v->in.no_counts.text[0];
	if (mms_share_run(share))
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_swaps_deduce(&v->swaps, v->seen);
	return 0;
}

/* --- showing --- */

static int add_area(struct view *v, struct mms_table *t, const struct mms_swap *a)
{
	struct mms_line *l = mms_table_line(t, NULL);
	const struct mms_swap_area *r = &a->rec;

	if (!l)
		return -ENOMEM;
	if (r->known & MMS_SWAP_K_NUMBER) {
		mms_line_num(t, l, AREA_NUM, r->number);
		mms_line_size(t, l, AREA_MAPPED, v->mapped[r->number % MMS_SWAP_AREAS] * PAGE);
		if (!v->in.no_counts.text[0])
			mms_line_size(t, l, AREA_SHARED, v->shared[r->number % MMS_SWAP_AREAS] * PAGE);
	}
	mms_line_str(t, l, AREA_TYPE, !strncmp(a->name, "/dev/zram", 9) ? "zram" :
		     r->flags & MMS_SWAP_BLKDEV ? "partition" : "file");
	mms_line_size(t, l, AREA_SIZE, r->pages * PAGE);
	mms_line_size(t, l, AREA_USED, r->used * PAGE);
	mms_line_num(t, l, AREA_PRIO, (int32_t)r->priority);
	if (r->known & MMS_SWAP_K_FLAGS)
		mms_line_str(t, l, AREA_STATE, r->flags & MMS_SWAP_WRITEOK ? "on" : "swapoff");
	if (a->name[0])
		mms_line_str(t, l, AREA_NAME, a->name);
	return 0;
}

static int show_areas(struct view *v, struct mms_err *err)
{
	struct mms_table *t;
	int rc = mms_table_new(&t, &v->plain, "areas", area_columns, AREA_MAX, err);

	for (size_t i = 0; !rc && i < v->swaps.n; i++)
		if (add_area(v, t, &v->swaps.area[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc && (v->swaps.n || v->render.json))
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	if (v->no_areas.text[0])
		mms_doc_text(v->doc, "areas not known: %s\n", v->no_areas.text);
	else if (!v->swaps.n)
		mms_doc_text(v->doc, "no swap area\n");
	return rc;
}

/* smaps' own sums, if all its VMAs were read. */
static void set_smaps(struct mms_table *t, struct mms_line *l, const struct mms_share_proc *p)
{
	static const uint64_t need = MMS_USAGE_K(swap) | MMS_USAGE_K(swap_pss);
	uint64_t swap = 0, pss = 0;

	for (size_t i = 0; i < p->snap->nregions; i++) {
		const struct mms_usage *u = &p->snap->regions[i].usage;

		if ((u->known & need) != need)
			return;
		swap += u->swap;
		pss += u->swap_pss;
	}
	mms_line_size(t, l, COL_SMAPS_SWAP, swap);
	mms_line_size(t, l, COL_SMAPS_PSS, pss);
	if (swap >= p->sums.rss)
		mms_line_size(t, l, COL_SHMEM, swap - p->sums.rss);
}

static int add_task(struct view *v, struct mms_table *t, const struct mms_share_proc *p)
{
	struct mms_line *l = mms_table_line(t, NULL);
	const struct mms_task *task = &p->snap->task;
	char comm[sizeof(task->comm) * 4];

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, COL_PID, p->pid);
	mms_line_size(t, l, COL_SWAP, p->sums.rss);
	if (!v->in.no_counts.text[0]) {
		mms_line_size(t, l, COL_PSS, p->sums.pss >> MMS_PSS_SHIFT);
		mms_line_size(t, l, COL_USS, p->sums.uss);
	}
	if (task->known & MMS_TASK_K_VM)
		mms_line_size(t, l, COL_VMSWAP, task->swap);
	set_smaps(t, l, p);
	mms_line_str(t, l, COL_COMM, mms_neutral((const char *)task->comm, comm, sizeof(comm)));
	return 0;
}

static int most_first(const void *a, const void *b)
{
	const struct mms_share_proc *x = *(const struct mms_share_proc *const *)a;
	const struct mms_share_proc *y = *(const struct mms_share_proc *const *)b;

	if (x->sums.rss != y->sums.rss)
		return x->sums.rss < y->sums.rss ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Does it belong into the table?  Who was asked for by PID does in any case. */
static bool listed(const struct view *v, const struct mms_share_proc *p)
{
	return p->asked && (v->in.npids || p->sums.rss ||
			    (p->snap->task.known & MMS_TASK_K_VM && p->snap->task.swap));
}

static int show_tasks(struct view *v, struct mms_err *err)
{
	const struct mms_share_proc **list = calloc(v->in.share.nprocs + 1, sizeof(const void *));
	size_t n = 0, max;
	int rc = 0;

	if (!list)
		return mms_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < v->in.share.nprocs; i++)
		if (listed(v, &v->in.share.procs[i]))
			list[n++] = &v->in.share.procs[i];
	if (n)
		qsort(list, n, sizeof(*list), most_first);
	max = top > 0 ? (size_t)top : top < 0 && !v->render.json ? TASKS_SHOWN : n;
	for (size_t i = 0; !rc && i < n && i < max; i++)
		if (add_task(v, v->table, list[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	free(list);
	if (!rc && (n || v->render.json))
		rc = mms_doc_table(v->doc, v->table, err);
	if (!rc && !n)
		mms_doc_text(v->doc, "no process has swap entries\n");
	if (!rc && n > max)
		mms_doc_text(v->doc, "and %zu more (--top 0 shows all)\n", n - max);
	return rc;
}

static int by_address(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->proc != y->proc)
		return x->proc < y->proc ? -1 : 1;
	return (x->va > y->va) - (x->va < y->va);
}

/* Pieces that go on in address, slot and number of holders are one row. */
static size_t join_slots(struct slot *s, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct slot *last = kept ? &s[kept - 1] : NULL;

		if (last && last->proc == s[i].proc && last->region == s[i].region &&
		    last->holders == s[i].holders && last->va + last->n * PAGE == s[i].va &&
		    last->first + last->n == s[i].first)
			last->n += s[i].n;
		else
			s[kept++] = s[i];
	}
	return kept;
}

static int add_slot(struct view *v, struct mms_table *t, const struct slot *s)
{
	const struct mms_share_proc *p = &v->in.share.procs[s->proc];
	struct mms_line *l = mms_table_line(t, NULL);
	const struct mms_region *r = &p->snap->regions[s->region];

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, SLOT_PID, p->pid);
	mms_line_hex(t, l, SLOT_VA, s->va);
	mms_line_num(t, l, SLOT_AREA, MMS_SLOT_AREA(s->first));
	mms_line_num(t, l, SLOT_OFFSET, (int64_t)MMS_SLOT_OFFSET(s->first));
	mms_line_num(t, l, SLOT_SLOTS, (int64_t)s->n);
	if (!v->in.no_counts.text[0])
		mms_line_num(t, l, SLOT_HOLDERS, (int64_t)s->holders);
	mms_line_str(t, l, SLOT_NAME, r->path[0] ? r->path : r->name[0] ? r->name : mms_class_name(r->class));
	return 0;
}

static int show_slots(struct view *v, struct mms_err *err)
{
	struct mms_table *t;
	int rc = mms_table_new(&t, &v->plain, "slots", slot_columns, SLOT_MAX, err);

	if (v->nslots)
		qsort(v->slots, v->nslots, sizeof(*v->slots), by_address);
	v->nslots = join_slots(v->slots, v->nslots);
	for (size_t i = 0; !rc && i < v->nslots; i++)
		if (add_slot(v, t, &v->slots[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc && (v->nslots || v->render.json)) {
		mms_doc_text(v->doc, "\n");
		rc = mms_doc_table(v->doc, t, err);
	}
	mms_table_free(t);
	return rc;
}

static bool swap_cached(uint64_t *kib)
{
	struct meminfo_info *info = NULL;
	struct meminfo_result *r;
	bool known = false;

	if (procps_meminfo_new(&info) < 0)
		return false;
	r = procps_meminfo_get(info, MEMINFO_SWAP_CACHED);
	if (r) {
		*kib = r->result.ul_int;
		known = true;
	}
	procps_meminfo_unref(&info);
	return known;
}

/* What is in use and in no page table: said, with what it can be. */
static void footer(struct view *v)
{
	uint64_t used = 0, mapped = 0, cached;
	char a[16], b[16];

	mms_doc_text(v->doc, "\n");
	for (size_t i = 0; i < v->swaps.n; i++)
		used += v->swaps.area[i].rec.used;
	for (size_t i = 0; i < MMS_SWAP_AREAS; i++)
		mapped += v->mapped[i];
	mms_doc_num(v->doc, "counted", v->in.counted);
	mms_doc_num(v->doc, "mapped_slots", (int64_t)mapped);
	if (v->swaps.n && !v->no_areas.text[0] && !v->in.no_counts.text[0]) {
		mms_doc_num(v->doc, "used_slots", (int64_t)used);
		mms_doc_text(v->doc, "in use: %s", mms_human(used * PAGE, a));
		mms_doc_text(v->doc, ", of it named by page tables: %s", mms_human(mapped * PAGE, a));
		if (used >= mapped)
			mms_doc_text(v->doc, "; the other %s: shared memory,\nslots whose page is back in memory, or set aside for a processor",
				     mms_human((used - mapped) * PAGE, b));
		mms_doc_text(v->doc, "\n");
	}
	if (strcmp(mms_source_name(v->in.source), "capture") && swap_cached(&cached)) {
		mms_doc_num(v->doc, "swap_cached", (int64_t)(cached * 1024));
		mms_doc_text(v->doc, "swap cache: %s (meminfo)\n", mms_human(cached * 1024, a));
	}
	if (v->in.no_counts.text[0])
		mms_doc_text(v->doc, "PSS USS SHARED HOLDERS not known: %s\n", v->in.no_counts.text);
	else
		mms_doc_text(v->doc, "entries counted in the page tables of %u processes\n", v->in.counted);
	for (size_t i = 0; i < v->swaps.n; i++)
		if (!(v->swaps.area[i].rec.known & MMS_SWAP_K_NUMBER)) {
			mms_doc_text(v->doc, "AREA not known: only the module can read the numbers of areas (mmscope status)\n");
			break;
		}
	if (v->swaps.deduced)
		mms_doc_text(v->doc, "AREA follows from the entries: as many areas are named as there are\n");
}

static int show(struct view *v, struct mms_err *err)
{
	bool rows_only = v->render.no_headings && !v->render.json;
	struct mms_err ignored;
	int rc = 0;

	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (!rows_only)
		rc = show_areas(v, err);
	if (!rc) {
		if (!rows_only)
			mms_doc_text(v->doc, "\n");
		rc = show_tasks(v, err);
	}
	if (!rc && want_slots)
		rc = show_slots(v, err);
	if (!rc && !rows_only)
		footer(v);
	if (!rc)
		return mms_doc_end(v->doc, err);
	mms_doc_end(v->doc, &ignored);
	return rc;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct view *v = calloc(1, sizeof(*v));
	struct mms_err err = { "out of memory" };
	int rc;

	if (!v)
		return mms_fail(-ENOMEM, &err);
	v->render = v->plain = g->render;
	v->plain.columns = NULL;
	want_slots |= argc > 0;
	rc = mms_share_gather_pids(&v->in, argc, argv, &err);
	if (!rc)
		rc = mms_table_new(&v->table, &v->render, "tasks", columns, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &v->in.source, &err);
	if (!rc)
		rc = gather(v, &err);
	if (!rc)
		rc = show(v, &err);
	mms_table_free(v->table);
	mms_share_gather_free(&v->in);
	mms_source_close(v->in.source);
	mms_source_close(v->proc);
	free(v->slots);
	free(v);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_SLOTS = 1000, OPT_ALL, OPT_TOP };

static int option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_SLOTS)
		want_slots = true;
	else if (val == OPT_ALL)
		want_all = true;
	else if (mms_parse_int(arg, "--top", 0, INT32_MAX, &top, &err))
		return mms_fail(-EINVAL, &err);
	return 0;
}

static const struct option longopts[] = {
	{ "slots", no_argument, NULL, OPT_SLOTS },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "top", required_argument, NULL, OPT_TOP },
	{ 0 },
};

const struct mms_command mms_cmd_swap = {
	.name = "swap",
	.summary = "Swap areas, and who holds what of them, slot by slot",
	.usage = "[--slots] [--top N] [PID...]",
	.options = "      --slots           the slots of every process; with PIDs theirs are listed\n"
		   "      --top N           N processes (20, with --json all); 0 = all\n"
		   "      --all             a capture holds every process: count the holders\n"
		   "Areas: MAPPED are slots that page tables name, SHARED those that several entries do.\n",
	.examples = "  mmscope swap                    areas, and the processes that are swapped out\n"
		    "  mmscope swap 812                which slots of which area hold which address\n"
		    "  mmscope swap -o +SHMEM          with shared memory that is swapped out\n"
		    "  mmscope swap --json | jq .areas\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
