// SPDX-License-Identifier: GPL-2.0
/* mmscope map: a process's VMAs, what they are and what memory they hold. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "view/map.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static bool want_extents;	/* --extents */

static int show_map(struct mms_map_view *m, struct mms_err *err)
{
	if (mms_map_fill(m))
		return mms_err_set(err, -ENOMEM, "out of memory");
	return mms_doc_table(m->doc, m->table, err);
}

static int show(struct mms_map_view *m, struct mms_err *err)
{
	/* A script that wants no headings wants no summary either. */
	bool rows_only = m->render.no_headings && !m->render.json;
	struct mms_err ignored;
	int rc;

	m->doc = mms_doc_begin(&m->render);
	if (!m->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = show_map(m, err);
	if (!rc && rows_only)
		return mms_doc_end(m->doc, err);
	if (!rc)
		rc = mms_map_show_totals(m, err);
	if (!rc)
		rc = mms_map_show_top(m, err);
	if (!rc)
		mms_map_footer(m);
	if (rc) {
		mms_doc_end(m->doc, &ignored);
		return rc;
	}
	return mms_doc_end(m->doc, err);
}

/* Is a column of them asked for?  They cost a look at every frame. */
static bool wants_frames(const struct mms_map_view *m)
{
	static const char *const names[] = { "LRU", "ACTIVE", "UNEVICT", "KSM", "ZONES" };

	for (size_t i = 0; m->render.columns && i < ARRAY_SIZE(names); i++)
		if (strcasestr(m->render.columns, names[i]))
			return true;
	return false;
}

/* MGLRU keeps generations; the mark says what it was before. */
static bool marks_active(void)
{
	FILE *f = fopen("/sys/kernel/mm/lru_gen/enabled", "re");
	unsigned int enabled = 0;

	if (!f)
		return true;
	if (fscanf(f, "%x", &enabled) != 1)
		enabled = 1;
	fclose(f);
	return !(enabled & 1);
}

/* By /proc/kpageflags.  Returns 0 or -errno, with the reason in @err. */
static int read_kpageflags(struct mms_map_view *m, struct mms_err *err)
{
	struct mms_kpage *k = NULL;
	int rc = mms_kpage_open(&k, "/proc", err);

	if (rc)
		return rc;
	mms_zone_spans_read(&m->zones, "/proc/zoneinfo");
	rc = mms_mapframes_read(m->snap, k, &m->zones, m->frames, err);
	m->ksm_known = !k->ksm_untrue;
	mms_kpage_close(k);
	return rc;
}

/* The module first; what it cannot tell here, the kernel's own file can. */
static int read_frames(struct mms_map_view *m, struct mms_source *s, struct mms_err *err)
{
	struct mms_err why = { "" };
	int rc = -EOPNOTSUPP;

	if (!wants_frames(m) || !(m->snap->have & MMS_SNAP_EXTENTS))
		return 0;
	if (!m->live)
		return mms_err_set(&m->no_frames, 0, "a capture has no flags of frames");
	m->active_known = marks_active();
	m->frames = calloc(m->snap->nregions + 1, sizeof(*m->frames));
	if (!m->frames)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (!strcmp(mms_source_name(s), "module"))
		rc = mms_mapframes_ask(m->snap, s, m->frames, &m->no_frames);
	m->by_module = m->ksm_known = !rc;
	if (rc && rc != -ENOMEM)
		rc = read_kpageflags(m, &why);
	if (!rc)
		return 0;
	if (why.text[0])
		m->no_frames = why;
	free(m->frames);
	m->frames = NULL;
	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : 0;
}

static const char *const kthread_text =
	"PID %u is a kernel thread: it has no memory map of its own";

/* A process with no address space has no map: say which it is. */
static int check_task(const struct mms_map_view *m, struct mms_err *err)
{
	if (m->snap->task.flags & MMS_TASK_KTHREAD)
		return mms_err_set(err, -ENXIO, kthread_text, m->pid);
	if (m->snap->task.flags & MMS_TASK_ZOMBIE)
		return mms_err_set(err, -ENODATA,
				   "PID %u is a zombie: it has exited and has no memory; only its parent (PID %u) can end it",
				   m->pid, m->snap->task.ppid);
	return 0;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	extern const struct mms_command mms_cmd_map;
	struct mms_map_view m = { .render = g->render, .plain = g->render, .extents = want_extents };
	struct mms_err err = { "" };
	struct mms_source *s = NULL;
	int rc;

	if (argc != 1)
		return mms_usage(&mms_cmd_map, "one PID is needed, %d given", argc);
	m.plain.columns = NULL;
	mms_map_choose_columns(&m);
	rc = mms_parse_pid(argv[0], &m.pid, &err);
	/* A wrong -o is said before anything is read. */
	if (!rc)
		rc = mms_table_new(&m.table, &m.render, "map", m.cols, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &s, &err);
	if (rc) {
		mms_table_free(m.table);
		return mms_fail(rc, &err);
	}
	m.live = strcmp(mms_source_name(s), "capture");
	rc = mms_snapshot_take(&m.snap, s, m.pid,
			       MMS_SNAP_TASK | MMS_SNAP_VMA | MMS_SNAP_EXTENTS |
			       MMS_SNAP_USAGE, &err);
	if (!rc)
		rc = check_task(&m, &err);
	if (!rc)
		rc = read_frames(&m, s, &err);
	if (!rc)
		rc = show(&m, &err);
	free(m.frames);
	mms_table_free(m.table);
	mms_snapshot_free(m.snap);
	mms_source_close(s);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

static int option(int val, const char *arg)
{
	(void)arg;
	if (val == 'x')
		want_extents = true;
	return 0;
}

static const struct option longopts[] = {
	{ "extents", no_argument, NULL, 'x' },
	{ NULL, 0, NULL, 0 },
};

const struct mms_command mms_cmd_map = {
	.name = "map",
	.summary = "Memory map of a process: what each VMA is and holds",
	.usage = "[--extents] PID",
	.options = "      --extents         under each VMA its runs of page frames\n"
	"With --no-headings only the rows are printed, for scripts: no totals, no footer.\n",
	.examples =
		"  mmscope map 1\n"
		"  mmscope map --extents -o +CLASS $$\n"
		"  mmscope map -o START,RSS,LRU,UNEVICT,KSM,ZONES,NAME 1\n"
		"  mmscope map -o START,SIZE,THP,THPROOM,EXT,MEANRUN,LARGEST,NAME 1\n"
		"  mmscope map -o START,END,RSS,SMAPS_RSS,PATH 1\n"
		"  mmscope map --json 1 | jq '.totals'\n",
	.longopts = longopts,
	.columns = mms_map_columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
