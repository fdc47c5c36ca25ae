// SPDX-License-Identifier: GPL-2.0
/* mmscope check: witnesses compared, row by row. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cmd.h"
#include "model/check.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_check;

enum {
	COL_NAME, COL_OURS, COL_THEIRS, COL_N, COL_AGREE, COL_MOVED, COL_EXPLAINED,
	COL_DISAGREE, COL_NA, COL_VERDICT, COL_TOLERANCE, COL_REASON,
};

static const struct mms_column columns[] = {
	[COL_NAME] = { "CHECK", MMS_COL_STR, true, false, false, "name of the row" },
	[COL_OURS] = { "OURS", MMS_COL_STR, false, false, false, "the first witness" },
	[COL_THEIRS] = { "THEIRS", MMS_COL_STR, true, false, false, "the second" },
	[COL_N] = { "COMPARED", MMS_COL_NUM, false, false, false, "figures compared" },
	[COL_AGREE] = { "AGREE", MMS_COL_NUM, true, false, false, "equal at the first reading" },
	[COL_MOVED] = { "MOVED", MMS_COL_NUM, true, false, false, "reading again says that they change" },
	[COL_EXPLAINED] = { "EXPL", MMS_COL_NUM, true, false, false, "differ by no more than TOLERANCE, for REASON" },
	[COL_DISAGREE] = { "DISAGREE", MMS_COL_NUM, true, false, false, "differ and stand still" },
	[COL_NA] = { "NA", MMS_COL_NUM, false, false, false, "one of the two is not to be had" },
	[COL_VERDICT] = { "VERDICT", MMS_COL_STR, true, false, false, "the worst of them" },
	[COL_TOLERANCE] = { "TOLERANCE", MMS_COL_STR, false, false, false, "how much may differ" },
	[COL_REASON] = { "REASON", MMS_COL_STR, false, false, true, "why that much" },
};

enum { ITEM_NAME, ITEM_WHERE, ITEM_WHAT, ITEM_OURS, ITEM_THEIRS, ITEM_TOL, ITEM_VERDICT, ITEM_NOTE };

static const struct mms_column item_columns[] = {
	[ITEM_NAME] = { "CHECK", MMS_COL_STR, true, false, false, "name of the row" },
	[ITEM_WHERE] = { "WHERE", MMS_COL_STR, true, false, false, "zone or process" },
	[ITEM_WHAT] = { "WHAT", MMS_COL_STR, true, false, false, "figure" },
	[ITEM_OURS] = { "OURS", MMS_COL_NUM, true, false, false, "by the first witness" },
	[ITEM_THEIRS] = { "THEIRS", MMS_COL_NUM, true, false, false, "by the second" },
	[ITEM_TOL] = { "TOLERANCE", MMS_COL_NUM, true, false, false, "how much may differ" },
	[ITEM_VERDICT] = { "VERDICT", MMS_COL_STR, true, false, false, "agree, moved, explained, disagree, not available" },
	[ITEM_NOTE] = { "NOTE", MMS_COL_STR, true, false, true, "what explains it" },
};

static bool list_only;		/* --list */
static bool all_items;		/* --all */
static uint32_t only_pid;	/* --pid */

static int add_row(struct mms_table *tb, const struct mms_check_row *row,
		   const struct mms_check_tally *t)
{
	struct mms_line *l = mms_table_line(tb, NULL);

	if (!l)
		return -ENOMEM;
	mms_line_str(tb, l, COL_NAME, row->name);
	mms_line_str(tb, l, COL_OURS, row->ours);
	mms_line_str(tb, l, COL_THEIRS, row->theirs);
	mms_line_str(tb, l, COL_TOLERANCE, row->tolerance[0] ? row->tolerance : "none");
	mms_line_str(tb, l, COL_REASON, row->reason);
	if (!t)
		return 0;
	mms_line_num(tb, l, COL_N, (int64_t)(t->n - t->by[MMS_CHECK_NA]));
	mms_line_num(tb, l, COL_AGREE, (int64_t)t->by[MMS_CHECK_AGREE]);
	mms_line_num(tb, l, COL_MOVED, (int64_t)t->by[MMS_CHECK_MOVED]);
	mms_line_num(tb, l, COL_EXPLAINED, (int64_t)t->by[MMS_CHECK_EXPLAINED]);
	mms_line_num(tb, l, COL_DISAGREE, (int64_t)t->by[MMS_CHECK_DISAGREE]);
	mms_line_num(tb, l, COL_NA, (int64_t)t->by[MMS_CHECK_NA]);
	mms_line_str(tb, l, COL_VERDICT, mms_check_verdict_name(mms_check_worst(t)));
	return 0;
}

/* Every row that was asked for, with its tally; all rows where @c is NULL. */
static int fill_rows(struct mms_table *tb, const struct mms_check *c)
{
	const struct mms_check_group *const *groups = mms_check_groups();
	int rc = 0;

	for (size_t g = 0; groups[g]; g++) {
		for (size_t i = 0; !rc && i < groups[g]->nrows; i++) {
			const struct mms_check_row *row = &groups[g]->rows[i];
			const struct mms_check_tally *t = c ? mms_check_tally(c, row) : NULL;

			if (!t || t->n)
				rc = add_row(tb, row, t);
		}
	}
	return rc;
}

static bool shown(const struct mms_check_item *i)
{
	return all_items || i->verdict == MMS_CHECK_DISAGREE;
}

static int fill_items(struct mms_table *tb, const struct mms_check *c)
{
	for (size_t k = 0; k < c->nitems; k++) {
		const struct mms_check_item *i = &c->items[k];
		struct mms_line *l = shown(i) ? mms_table_line(tb, NULL) : NULL;

		if (!shown(i))
			continue;
		if (!l)
			return -ENOMEM;
		mms_line_str(tb, l, ITEM_NAME, i->row->name);
		if (i->where[0])
			mms_line_str(tb, l, ITEM_WHERE, i->where);
		if (i->what[0])
			mms_line_str(tb, l, ITEM_WHAT, i->what);
		/* a verdict that the row came to by itself has no figures */
		if (i->what[0] && i->verdict != MMS_CHECK_NA) {
			mms_line_num(tb, l, ITEM_OURS, (int64_t)i->ours);
			mms_line_num(tb, l, ITEM_THEIRS, (int64_t)i->theirs);
			mms_line_num(tb, l, ITEM_TOL, (int64_t)i->tolerance);
		}
		mms_line_str(tb, l, ITEM_VERDICT, mms_check_verdict_name(i->verdict));
		if (i->note[0])
			mms_line_str(tb, l, ITEM_NOTE, i->note);
	}
	return 0;
}

static int show_table(struct mms_doc *d, const struct mms_render *r, const char *name,
		      const struct mms_column *cols, size_t n, const struct mms_check *c,
		      int (*fill)(struct mms_table *, const struct mms_check *), struct mms_err *err)
{
	struct mms_table *tb;
	int rc = mms_table_new(&tb, r, name, cols, n, err);

	if (rc)
		return rc;
	if (fill(tb, c))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(d, tb, err);
	mms_table_free(tb);
	return rc;
}

static const struct mms_check_item *first_of(const struct mms_check *c, const struct mms_check_row *row,
					     enum mms_check_verdict v)
{
	for (size_t i = 0; i < c->nitems; i++)
		if (c->items[i].row == row && c->items[i].verdict == v)
			return &c->items[i];
	return NULL;
}

/* What explains a row's differences, and why a row could not be compared: as the first one said. */
static void say_why(struct mms_doc *d, const struct mms_check *c)
{
	for (size_t i = 0; i < c->ntallies; i++) {
		const struct mms_check_tally *t = &c->tallies[i];
		const struct mms_check_item *it;

		it = first_of(c, t->row, MMS_CHECK_EXPLAINED);
		if (it)
			mms_doc_text(d, "%s, explained: %s\n", t->row->name, it->note);
		it = mms_check_worst(t) == MMS_CHECK_NA ? first_of(c, t->row, MMS_CHECK_NA) : NULL;
		if (it)
			mms_doc_text(d, "%s is not available: %s\n", t->row->name, it->note);
	}
}

static int show(const struct mms_globals *g, const struct mms_check *c, size_t bad, struct mms_err *err)
{
	struct mms_render plain = g->render;
	struct mms_doc *d = mms_doc_begin(&g->render);
	int rc;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	/* -o is about the rows; JSON has all of an item */
	plain.columns = plain.json ? NULL : "CHECK,WHERE,WHAT,OURS,THEIRS,VERDICT";
	rc = show_table(d, &g->render, "checks", columns, sizeof(columns) / sizeof(*columns), c,
			fill_rows, err);
	if (!rc && (all_items || bad || g->render.json))
		rc = show_table(d, &plain, "items", item_columns,
				sizeof(item_columns) / sizeof(*item_columns), c, fill_items, err);
	if (rc) {
		mms_doc_end(d, NULL);
		return rc;
	}
	mms_doc_num(d, "processes", (int64_t)c->processes);
	mms_doc_num(d, "disagreements", (int64_t)bad);
	if (!g->render.no_headings) {
		say_why(d, c);
		mms_doc_text(d, "%zu comparisons, %zu processes, %zu disagree\n",
			     mms_check_compared(c), c->processes, bad);
	}
	return mms_doc_end(d, err);
}

/* struct waiting - who sits at a terminal and waits */
struct waiting {
	time_t begun;
	time_t said;
};

/* A line when it takes long; the next one overwrites it. */
static void tell(void *ctx, const char *what)
{
	struct waiting *w = ctx;
	time_t now = time(NULL);

	if (now - w->begun <= 2 || now == w->said)
		return;
	fprintf(stderr, "\rchecking: %s ...\033[K", what);
	w->said = now;
}

static int list(const struct mms_globals *g, struct mms_err *err)
{
	struct mms_render r = g->render;
	struct mms_doc *d = mms_doc_begin(&r);
	int rc;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (!r.columns)
		r.columns = "CHECK,OURS,THEIRS,TOLERANCE";
	rc = show_table(d, &r, "checks", columns, sizeof(columns) / sizeof(*columns), NULL,
			fill_rows, err);
	if (rc) {
		mms_doc_end(d, NULL);
		return rc;
	}
	return mms_doc_end(d, err);
}

static int check_run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_check c = {
		.proc = "/proc", .frozen = g->from, .pid = only_pid, .names = argv,
		.nnames = (size_t)argc, .keep_all = all_items || g->render.json,
	};
	struct waiting w = { .begun = time(NULL) };
	struct mms_err err = { "" };
	size_t bad;
	int rc;

	if (list_only) {
		rc = list(g, &err);
		return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
	}
	if (isatty(STDERR_FILENO)) {
		c.tell = tell;
		c.tell_ctx = &w;
	}
	rc = mms_open_source(g, &c.source, &err);
	if (!rc)
		rc = mms_check_run(&c, &err);
	if (w.said)
		fputs("\r\033[K", stderr);
	bad = mms_check_count(&c, MMS_CHECK_DISAGREE);
	if (!rc)
		rc = show(g, &c, bad, &err);
	mms_check_free(&c);
	mms_source_close(c.source);
	if (rc)
		return mms_fail(rc, &err);
	return bad ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

enum { OPT_LIST = 1000, OPT_ALL, OPT_PID };

static const struct option longopts[] = {
	{ "list", no_argument, NULL, OPT_LIST },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "pid", required_argument, NULL, OPT_PID },
	{ 0 },
};

static int check_option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_LIST)
		list_only = true;
	else if (val == OPT_ALL)
		all_items = true;
	else if (mms_parse_pid(arg, &only_pid, &err))
		return mms_usage(&mms_cmd_check, "%s", err.text);
	return 0;
}

const struct mms_command mms_cmd_check = {
	.name = "check",
	.summary = "Compare what the kernel's own structures say with what /proc says",
	.usage = "[--pid PID] [--all] [NAME...] | check --list",
	.options = "      --pid PID         only this process\n"
		   "      --all             every figure, not only those that disagree\n"
		   "      --list            the checks there are\n"
		   "\n"
		   "NAME is a row, a group of rows (zones, frames, process) or machine.  The status is 1\n"
		   "if two witnesses disagree.\n",
	.examples = "  mmscope check                  everything that can be compared\n"
		    "  mmscope check zones meminfo    these only\n"
		    "  mmscope check --pid 1 --all    each figure of PID 1\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = sizeof(columns) / sizeof(*columns),
	.option = check_option,
	.run = check_run,
};
