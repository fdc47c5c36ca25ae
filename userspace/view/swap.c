// SPDX-License-Identifier: GPL-2.0
/* mmscope swap: swap areas, who holds what of them. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "util/text.h"
#include "view/swap.h"

extern const struct mms_command mms_cmd_swap;

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

static bool want_slots;		/* --slots */
static bool want_all;		/* --all */
static int64_t top = -1;	/* --top; -1 = not given */

/* --- gathering --- */

static int on_piece(void *ctx, const struct mms_share_piece *p)
{
	unsigned int area = MMS_SLOT_AREA(p->pfn) % MMS_SWAP_AREAS;
	struct mms_swap_view *v = ctx;

	v->seen |= 1U << area;
	v->mapped[area] += p->n;
	if (p->maps > 1)
		v->shared[area] += p->n;
	return want_slots ? mms_swap_keep_slots(v, p) : 0;
}

/*
 * Page tables are read between two looks at the areas: the later one is shown.
 * Numbers must not follow from entries of an area that has gone since.
 */
static int read_all(struct mms_swap_view *v, struct mms_err *err)
{
	struct mms_swaps before;
	struct mms_err none;
	int rc, had;

	if (!strcmp(mms_source_name(v->in.source), "module") && mms_source_open_procfs(&v->proc, &none))
		v->proc = NULL;
	had = !mms_swaps_read(&before, v->in.source, v->proc, &none);
	rc = mms_share_gather_asked(&v->in, err);
	if (!rc)
		rc = mms_share_gather_others(&v->in, err);
	if (!rc && !mms_swaps_read(&v->swaps, v->in.source, v->proc, &v->no_areas) && had)
		v->changed = !mms_swaps_same(&before, &v->swaps);
	return rc;
}

static int gather(struct mms_swap_view *v, struct mms_err *err)
{
	const char *asked = v->render.columns;
	struct mms_share *share = &v->in.share;
	int rc;

	share->slots = true;
	share->piece = on_piece;
	share->ctx = v;
	v->in.usage = v->render.json || (asked && (strcasestr(asked, "sm") || strcasestr(asked, "shmem")));
	rc = read_all(v, err);
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
	if (!v->changed)
		mms_swaps_deduce(&v->swaps, v->seen);
	return 0;
}

/* --- showing --- */

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

static int add_task(struct mms_swap_view *v, struct mms_table *t, const struct mms_share_proc *p)
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
static bool listed(const struct mms_swap_view *v, const struct mms_share_proc *p)
{
	return p->asked && (v->in.npids || p->sums.rss ||
			    (p->snap->task.known & MMS_TASK_K_VM && p->snap->task.swap));
}

static int show_tasks(struct mms_swap_view *v, struct mms_err *err)
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

static int show(struct mms_swap_view *v, struct mms_err *err)
{
	bool rows_only = v->render.no_headings && !v->render.json;
	struct mms_err ignored;
	int rc = 0;

	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (!rows_only)
		rc = mms_swap_show_areas(v, err);
	if (!rc) {
		if (!rows_only)
			mms_doc_text(v->doc, "\n");
		rc = show_tasks(v, err);
	}
	if (!rc && want_slots)
		rc = mms_swap_show_slots(v, err);
	if (!rc && !rows_only)
		mms_swap_footer(v);
	if (!rc)
		return mms_doc_end(v->doc, err);
	mms_doc_end(v->doc, &ignored);
	return rc;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_swap_view *v = calloc(1, sizeof(*v));
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
