// SPDX-License-Identifier: GPL-2.0
/* mmscope verify --kernel: what the kernel's own page tables map, by the software MMU. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/verify.h"

enum {
	COL_TABLES, COL_TRANSLATIONS, COL_AGREE, COL_MOVED, COL_MISMATCH, COL_ABSENT, COL_REPEATS, COL_READ,
	COL_ENTRIES, COL_MAX
};

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_TABLES]	= C("TABLES", STR, true, "whose: the kernel's, or those that user mode runs with (PTI)"),
	[COL_TRANSLATIONS] = C("TRANSLATIONS", NUM, true, "present entries, replayed by the software MMU"),
	[COL_AGREE]	= C("AGREE", NUM, true, "of these, both agreed at first reading"),
	[COL_MOVED]	= C("MOVED", NUM, true, "differences that were gone or other when read again"),
	[COL_MISMATCH]	= C("MISMATCH", NUM, true, "differences that stayed"),
	[COL_ABSENT]	= C("ABSENT", NUM, false, "other entries, which the MMU must refuse"),
	[COL_REPEATS]	= C("REPEATS", NUM, false, "entries that name the table of the one before"),
	[COL_READ]	= C("READ", NUM, false, "page tables read"),
	[COL_ENTRIES]	= C("ENTRIES", NUM, false, "raw entries read"),
};

enum { KERNEL, USER, ROOTS };

static void add_row(struct mms_table *t, const struct mms_verify_result *r)
{
	struct mms_line *l = mms_table_line(t, NULL);

	if (!l)
		return;
	mms_line_str(t, l, COL_TABLES, r->comm);
	mms_line_num(t, l, COL_TRANSLATIONS, (int64_t)r->translations);
	mms_line_num(t, l, COL_AGREE, (int64_t)r->agree);
	mms_line_num(t, l, COL_MOVED, (int64_t)r->moved);
	mms_line_num(t, l, COL_MISMATCH, (int64_t)r->mismatches);
	mms_line_num(t, l, COL_ABSENT, (int64_t)r->absent);
	mms_line_num(t, l, COL_REPEATS, (int64_t)r->repeats);
	mms_line_num(t, l, COL_READ, (int64_t)r->tables);
	mms_line_num(t, l, COL_ENTRIES, (int64_t)r->entries);
}

static void show_verdict(struct mms_doc *d, const struct mms_verify_result *res, size_t n)
{
	uint64_t translations = 0, mismatches = 0, moved = 0;

	for (size_t i = 0; i < n; i++) {
		translations += res[i].translations;
		mismatches += res[i].mismatches;
		moved += res[i].moved;
	}
	mms_doc_text(d, "%" PRIu64 " translations of the kernel's page tables checked by the software MMU: %" PRIu64 " %s\n",
		     translations, mismatches, mismatches == 1 ? "mismatch" : "mismatches");
	if (n == 1)
		mms_doc_text(d, "user mode has no tables of its own here (no PTI)\n");
	mms_doc_num(d, "translations", (int64_t)translations);
	mms_doc_num(d, "moved", (int64_t)moved);
	mms_doc_num(d, "mismatch_count", (int64_t)mismatches);
}

static int show(const struct mms_globals *g, struct mms_table *t, const struct mms_verify_result *res,
		size_t n, bool verbose, struct mms_err *err)
{
	struct mms_doc *d = mms_doc_begin(&g->render);
	struct mms_err ignored;
	int rc;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		add_row(t, &res[i]);
	rc = mms_doc_table(d, t, err);
	if (!rc && g->render.json)
		rc = mms_verify_json_diffs(d, &g->render, res, n, err);
	if (rc) {
		mms_doc_end(d, &ignored);
		return rc;
	}
	mms_doc_text(d, "\n");
	mms_verify_print_diffs(d, res, n, verbose);
	show_verdict(d, res, n);
	return mms_doc_end(d, err);
}

/* How many top tables there are, all of them checked; -errno. */
static int check(struct mms_source *s, struct mms_verify_result res[ROOTS], struct mms_err *err)
{
	struct mms_verify_opts opts = { .frozen = !strcmp(mms_source_name(s), "capture") };
	int n, rc = 0;

	for (n = 0; n < ROOTS && !rc; n++) {
		rc = mms_verify_kernel(s, n == USER, &opts, &res[n], err);
		snprintf(res[n].comm, sizeof(res[n].comm), n == USER ? "user mode's" : "the kernel's");
		if (!rc && res[n].no_root)
			break;
	}
	return rc ? rc : n;
}

int mms_verify_kernel_view(const struct mms_globals *g, bool verbose)
{
	struct mms_verify_result res[ROOTS] = { 0 };
	struct mms_source *s = NULL;
	struct mms_table *t = NULL;
	struct mms_err err = { "" };
	bool bad = false;
	int n = 0, rc;

	rc = mms_table_new(&t, &g->render, "verify", columns, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &s, &err);
	if (!rc)
		rc = n = check(s, res, &err);
	if (!rc)
		rc = mms_err_set(&err, -EBADMSG, "the stream tells of no top table: damaged");
	if (rc > 0)
		rc = show(g, t, res, (size_t)n, verbose, &err);
	for (int i = 0; i < ROOTS; i++) {
		bad |= res[i].mismatches;
		mms_verify_free(&res[i]);
	}
	mms_table_free(t);
	mms_source_close(s);
	if (rc)
		return mms_fail(rc, &err);
	return bad ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}
