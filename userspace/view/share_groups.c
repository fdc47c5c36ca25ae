// SPDX-License-Identifier: GPL-2.0
/* mmscope share: frames that exactly the same processes hold, by cause. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "view/share.h"

#define PAGE		4096ULL
#define GROUPS_SHOWN	20

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { GRP_CAUSE, GRP_FRAMES, GRP_BYTES, GRP_MAPS, GRP_OUTSIDE, GRP_PIDS, GRP_MAX };

static const struct mms_column group_columns[GRP_MAX] = {
	[GRP_CAUSE]	= C("CAUSE", STR, true, ""),
	[GRP_FRAMES]	= C("FRAMES", NUM, true, ""),
	[GRP_BYTES]	= C("BYTES", SIZE, true, ""),
	[GRP_MAPS]	= C("MAPS", NUM, true, ""),
	[GRP_OUTSIDE]	= C("OUTSIDE", NUM, true, ""),
	[GRP_PIDS]	= { .name = "PIDS", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "" },
};

char *mms_share_pids_of(const struct mms_share *s, const uint64_t *set,
			const struct mms_share_proc *but)
{
	char *text = malloc(s->asked * 11 + 1);
	size_t n = 0;

	if (!text)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0; i < s->nprocs; i++) {
		const struct mms_share_proc *p = &s->procs[i];

		if (p != but && p->asked && mms_share_has(set, p->index))
			n += (size_t)sprintf(text + n, "%s%u", n ? "," : "", p->pid);
	}
	return text;
}

/* One row to be: frames of one cause of one group. */
struct row {
	const struct mms_share_group *g;
	unsigned int cause;
};

static int most_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t m = x->g->frames[x->cause], n = y->g->frames[y->cause];

	if (m != n)
		return m < n ? 1 : -1;
	if (x->g != y->g)
		return x->g > y->g ? 1 : -1;
	return (x->cause > y->cause) - (x->cause < y->cause);
}

static int add_group(const struct mms_share *s, struct mms_table *t, const struct row *r)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char *pids = mms_share_pids_of(s, r->g->set, NULL);

	if (!l || !pids) {
		free(pids);
		return -ENOMEM;
	}
	mms_line_str(t, l, GRP_CAUSE, mms_share_cause_name(r->cause));
	mms_line_num(t, l, GRP_FRAMES, (int64_t)r->g->frames[r->cause]);
	mms_line_size(t, l, GRP_BYTES, r->g->frames[r->cause] * PAGE);
	mms_line_num(t, l, GRP_MAPS, (int64_t)r->g->maps[r->cause]);
	if (!r->g->uncounted[r->cause])
		mms_line_num(t, l, GRP_OUTSIDE, (int64_t)r->g->outside[r->cause]);
	mms_line_str(t, l, GRP_PIDS, pids);
	free(pids);
	return 0;
}

static size_t rows_of(const struct mms_share *s, struct row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < s->ngroups; i++)
		for (unsigned int c = 0; c < MMS_SHARE_CAUSES; c++)
			if (s->groups[i].frames[c])
				rows[n++] = (struct row){ &s->groups[i], c };
	if (n)
		qsort(rows, n, sizeof(*rows), most_first);
	return n;
}

int mms_share_show_groups(struct mms_share_view *v, int64_t top, struct mms_err *err)
{
	struct row *rows = calloc(v->in.share.ngroups * MMS_SHARE_CAUSES + 1, sizeof(*rows));
	size_t n = rows ? rows_of(&v->in.share, rows) : 0, max = n;
	struct mms_table *t = NULL;
	int rc;

	if (!rows)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (top < 0 && !v->render.json)
		max = GROUPS_SHOWN;
	else if (top > 0)
		max = (size_t)top;
	rc = mms_table_new(&t, &v->plain, "groups", group_columns, GRP_MAX, err);
	for (size_t i = 0; !rc && i < n && i < max; i++)
		if (add_group(&v->in.share, t, &rows[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	free(rows);
	if (!rc && (n || v->render.json)) {
		mms_doc_text(v->doc, "\nframes that exactly these processes hold:\n");
		rc = mms_doc_table(v->doc, t, err);
	}
	if (!rc && !n)
		mms_doc_text(v->doc, "\n%s\n", v->in.share.asked > 1 ?
			     "these processes share no frame" : "one process: nothing to share it with");
	if (!rc && n > max)
		mms_doc_text(v->doc, "and %zu smaller groups (--top 0 shows all)\n", n - max);
	mms_table_free(t);
	return rc;
}
