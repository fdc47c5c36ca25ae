// SPDX-License-Identifier: GPL-2.0
/* mmscope map: sums by class, and beside what top(1) shows. */
#include <errno.h>

#include "cmd.h"
#include "model/top.h"
#include "view/map.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum {
	TOT_CLASS, TOT_VMAS, TOT_SIZE, TOT_RSS, TOT_PSS, TOT_SWAP, TOT_DIRTY,
	TOT_HUGE, TOT_EXT, TOT_MAX
};

static const struct mms_column total_columns[TOT_MAX] = {
	[TOT_CLASS]	= C("CLASS", STR, true, ""),
	[TOT_VMAS]	= C("VMAS", NUM, true, ""),
	[TOT_SIZE]	= C("SIZE", SIZE, true, ""),
	[TOT_RSS]	= C("RSS", SIZE, true, ""),
	[TOT_PSS]	= C("PSS", SIZE, true, ""),
	[TOT_SWAP]	= C("SWAP", SIZE, true, ""),
	[TOT_DIRTY]	= C("DIRTY", SIZE, true, ""),
	[TOT_HUGE]	= C("HUGE", SIZE, true, ""),
	[TOT_EXT]	= C("EXT", NUM, true, ""),
};

static const struct {
	unsigned int col;
	enum mms_figure figure;
} total_cols[] = {
	{ TOT_SIZE, MMS_FIG_SIZE }, { TOT_RSS, MMS_FIG_RSS },
	{ TOT_PSS, MMS_FIG_PSS }, { TOT_SWAP, MMS_FIG_SWAP },
	{ TOT_DIRTY, MMS_FIG_DIRTY }, { TOT_HUGE, MMS_FIG_HUGE },
	{ TOT_EXT, MMS_FIG_EXT },
};

enum { TOP_WITNESS, TOP_VIRT, TOP_RES, TOP_SHR, TOP_MAX };

static const struct mms_column top_columns[TOP_MAX] = {
	[TOP_WITNESS]	= C("WITNESS", STR, true, ""),
	[TOP_VIRT]	= C("VIRT", SIZE, true, ""),
	[TOP_RES]	= C("RES", SIZE, true, ""),
	[TOP_SHR]	= C("SHR", SIZE, true, ""),
};

static void add_total(struct mms_table *t, const char *name,
		      const struct mms_figures *f)
{
	struct mms_line *l = mms_table_line(t, NULL);
	size_t i;

	if (!l)
		return;
	mms_line_str(t, l, TOT_CLASS, name);
	mms_line_num(t, l, TOT_VMAS, (int64_t)f->vmas);
	for (i = 0; i < ARRAY_SIZE(total_cols); i++) {
		unsigned int col = total_cols[i].col;

		if (!mms_figure_known(f, total_cols[i].figure))
			continue;
		if (col == TOT_EXT)
			mms_line_num(t, l, col, (int64_t)f->v[total_cols[i].figure]);
		else
			mms_line_size(t, l, col, f->v[total_cols[i].figure]);
	}
}

int mms_map_show_totals(struct mms_map_view *m, struct mms_err *err)
{
	struct mms_table *t;
	unsigned int i;
	int rc;

	rc = mms_table_new(&t, &m->plain, "totals", total_columns, TOT_MAX, err);
	if (rc)
		return rc;
	for (i = 0; i < MMS_CLASS_MAX; i++)
		if (m->by_class[i].vmas)
			add_total(t, mms_class_name(i), &m->by_class[i]);
	add_total(t, "total", &m->total);
	mms_doc_text(m->doc, "\n");
	rc = mms_doc_table(m->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* The gate page has a line in maps but is in no mm: total_vm lacks it. */
uint64_t mms_map_virt(const struct mms_snapshot *snap)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < snap->nregions; i++)
		if (!(snap->regions[i].vma.start >> 63))
			sum += snap->regions[i].vma.end - snap->regions[i].vma.start;
	return sum;
}

static void top_ours(struct mms_map_view *m, struct mms_table *t)
{
	const struct mms_task *task = &m->snap->task;
	struct mms_line *l = mms_table_line(t, NULL);

	mms_line_str(t, l, TOP_WITNESS, "VMAs, status");
	mms_line_size(t, l, TOP_VIRT, mms_map_virt(m->snap));
	if (task->known & MMS_TASK_K_VM) {
		mms_line_size(t, l, TOP_RES,
			      task->rss_anon + task->rss_file + task->rss_shmem);
		mms_line_size(t, l, TOP_SHR, task->rss_file + task->rss_shmem);
	}
	if (!mms_figure_known(&m->total, MMS_FIG_PT_RSS))
		return;
	l = mms_table_line(t, NULL);
	mms_line_str(t, l, TOP_WITNESS, "page tables");
	mms_line_size(t, l, TOP_RES, m->total.v[MMS_FIG_PT_RSS]);
}

int mms_map_show_top(struct mms_map_view *m, struct mms_err *err)
{
	struct mms_err why = { "" };
	struct mms_table *t;
	struct mms_line *l;
	struct mms_top top;
	int rc;

	rc = mms_table_new(&t, &m->plain, "top", top_columns, TOP_MAX, err);
	if (rc)
		return rc;
	top_ours(m, t);
	if (m->live && !mms_top_read(m->pid, &top, &why)) {
		l = mms_table_line(t, NULL);
		mms_line_str(t, l, TOP_WITNESS, "libproc2");
		mms_line_size(t, l, TOP_VIRT, top.virt);
		mms_line_size(t, l, TOP_RES, top.res);
		mms_line_size(t, l, TOP_SHR, top.shr);
	}
	mms_doc_text(m->doc, "\nas top(1) shows it:\n");
	rc = mms_doc_table(m->doc, t, err);
	mms_table_free(t);
	if (!rc && why.text[0])
		mms_doc_text(m->doc, "libproc2 not asked: %s\n", why.text);
	return rc;
}
