// SPDX-License-Identifier: GPL-2.0
/* mmscope swap: slot by slot, who holds which at what address. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "model/vec.h"
#include "view/swap.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

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

/* Slots of a process asked for by PID, or of all with --slots. */
int mms_swap_keep_slots(struct mms_swap_view *v, const struct mms_share_piece *p)
{
	for (size_t i = 0; i < p->nruns; i++) {
		const struct mms_share_run *r = p->runs[i];
		struct mms_slot_run *s;

		if (!v->in.share.procs[r->proc].asked)
			continue;
		if (mms_vec_grow(&v->slots, &v->slots_cap, v->nslots, sizeof(*s)))
			return -ENOMEM;
		s = &v->slots[v->nslots++];
		*s = (struct mms_slot_run){
			.va = r->va + (p->pfn - r->pfn) * MMS_SWAP_PAGE, .first = p->pfn, .n = p->n,
			.holders = p->maps, .proc = r->proc, .region = r->region,
		};
	}
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct mms_slot_run *x = a, *y = b;

	if (x->proc != y->proc)
		return x->proc < y->proc ? -1 : 1;
	return (x->va > y->va) - (x->va < y->va);
}

/* Pieces that go on in address, slot and number of holders are one row. */
static size_t join_slots(struct mms_slot_run *s, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct mms_slot_run *last = kept ? &s[kept - 1] : NULL;

		if (last && last->proc == s[i].proc && last->region == s[i].region &&
		    last->holders == s[i].holders && last->va + last->n * MMS_SWAP_PAGE == s[i].va &&
		    last->first + last->n == s[i].first)
			last->n += s[i].n;
		else
			s[kept++] = s[i];
	}
	return kept;
}

static int add_slot(struct mms_swap_view *v, struct mms_table *t, const struct mms_slot_run *s)
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

int mms_swap_show_slots(struct mms_swap_view *v, struct mms_err *err)
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
