// SPDX-License-Identifier: GPL-2.0
/* mmscope buddy --frag and --scan: the indices, and three witnesses compared. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "names.h"
#include "view/buddy.h"

#define C(n, t, h) { .name = n, .type = MMS_COL_##t, .shown = true, .help = h }

/* --- --frag --- */

enum { F_NODE, F_ZONE, F_ORDER, F_SIZE, F_FITTING, F_UNUSABLE, F_EXTFRAG, F_MEANING, F_MAX };

static const struct mms_column frag_columns[F_MAX] = {
	[F_NODE] = { .name = "NODE", .type = MMS_COL_NUM, .help = "NUMA node" },
	[F_ZONE] = C("ZONE", STR, ""),
	[F_ORDER] = C("ORDER", NUM, ""),
	[F_SIZE] = C("SIZE", SIZE, ""),
	[F_FITTING] = C("FITTING", NUM, ""),
	[F_UNUSABLE] = C("UNUSABLE", STR, ""),
	[F_EXTFRAG] = C("EXTFRAG", STR, ""),
	[F_MEANING] = C("MEANING", STR, ""),
};

static const char *meaning(int index, const struct mms_contig *c)
{
	if (index == MMS_FRAG_NONE)
		return "a block is free";
	if (!c->pages)
		return "nothing is free";
	return index < 500 ? "too little memory is free" : "what is free is fragmented";
}

static int add_frag(const struct mms_buddy_view *v, const struct mms_buddy_state *z, struct mms_table *t,
		    unsigned int order)
{
	struct mms_line *l = mms_table_line(t, NULL);
	struct mms_contig c;
	char a[16];
	int index;

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, F_NODE, z->zone.node);
	mms_line_str(t, l, F_ZONE, mms_zone_name(z->zone.zone));
	mms_line_num(t, l, F_ORDER, order);
	mms_line_size(t, l, F_SIZE, 1ULL << (v->buddy.page_shift + order));
	if (!mms_contig_of(z, order, &c))
		return 0;
	index = mms_fragmentation_index(order, &c);
	mms_line_num(t, l, F_FITTING, (int64_t)c.suitable);
	mms_line_str(t, l, F_UNUSABLE, mms_thousandths(mms_unusable_index(order, &c), a));
	mms_line_str(t, l, F_EXTFRAG, mms_thousandths(index, a));
	mms_line_str(t, l, F_MEANING, meaning(index, &c));
	return 0;
}

/* Orders from @from to @to of all zones. */
static int frag_table(struct mms_buddy_view *v, unsigned int from, unsigned int to, struct mms_err *err)
{
	struct mms_render render = v->g->render;
	struct mms_column cols[F_MAX];
	struct mms_table *t;
	int rc;

	/* of one order it is a part of something else, which -o is about */
	if (from == to)
		render.columns = NULL;
	memcpy(cols, frag_columns, sizeof(cols));
	cols[F_NODE].shown = v->several;
	rc = mms_table_new(&t, &render, "fragmentation", cols, F_MAX, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < v->buddy.n; i++) {
		const struct mms_buddy_state *z = &v->buddy.zones[i];

		for (unsigned int o = from; !rc && mms_buddy_wanted(v, z) && o <= to && o < z->zone.orders; o++)
			rc = add_frag(v, z, t, o);
	}
	if (rc)
		mms_err_set(err, rc, "out of memory");
	else
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}

int mms_buddy_frag_order(struct mms_buddy_view *v, unsigned int order, struct mms_err *err)
{
	return frag_table(v, order, order, err);
}

int mms_buddy_frag(struct mms_buddy_view *v, struct mms_err *err)
{
	int rc = frag_table(v, 0, MMS_BUDDY_ORDERS, err);

	if (!rc)
		mms_say(v, "FITTING: such blocks that are free; UNUSABLE: part of the free memory that is in\n"
			"smaller ones; EXTFRAG: a request would fail for lack of memory (0) or for\n"
			"fragmentation (1)\n");
	return rc;
}

/* --- --scan --- */

enum { S_NODE, S_ZONE, S_ORDER, S_COUNTER, S_LISTS, S_SCAN, S_HOLD, S_VERDICT, S_MAX };

static const struct mms_column scan_columns[S_MAX] = {
	[S_NODE] = { .name = "NODE", .type = MMS_COL_NUM, .help = "NUMA node" },
	[S_ZONE] = C("ZONE", STR, ""),
	[S_ORDER] = C("ORDER", NUM, ""),
	[S_COUNTER] = C("COUNTER", NUM, ""),
	[S_LISTS] = C("LISTS", NUM, ""),
	[S_SCAN] = C("FRAMES", NUM, ""),
	[S_HOLD] = C("ONE-HOLD", BOOL, ""),
	[S_VERDICT] = C("VERDICT", STR, ""),
};

enum verdict { AGREE, MOVED, LEAST, DISAGREE };

/*
 * Counter and lists of one hold are equal or the kernel is wrong.  The scan
 * comes later: where it differs, the lists read after it (@later) say whether
 * blocks came and went.
 */
static enum verdict judge(const struct mms_buddy_area *a, const struct mms_buddy_area *later)
{
	uint64_t listed, scanned, then;
	bool known = mms_buddy_listed(a, &listed);

	if (known && a->known & MMS_BUDDY_K_ONE_HOLD && listed != a->counter)
		return DISAGREE;
	if (!known || !mms_buddy_scanned(a, &scanned))
		return LEAST;
	if (listed == scanned && listed == a->counter && !memcmp(a->list, a->scan, sizeof(a->list)))
		return AGREE;
	return later && mms_buddy_listed(later, &then) && then == listed && listed == a->counter &&
	       !memcmp(a->list, later->list, sizeof(a->list)) ? DISAGREE : MOVED;
}

static int add_scan(const struct mms_buddy_state *z, struct mms_table *t, unsigned int order, enum verdict verdict)
{
	static const char *const names[] = { "agree", "moved", "not comparable", "DISAGREE" };
	const struct mms_buddy_area *a = &z->area[order];
	struct mms_line *l = mms_table_line(t, NULL);
	uint64_t blocks;

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, S_NODE, z->zone.node);
	mms_line_str(t, l, S_ZONE, mms_zone_name(z->zone.zone));
	mms_line_num(t, l, S_ORDER, order);
	if (a->known & MMS_BUDDY_K_COUNTER)
		mms_line_num(t, l, S_COUNTER, (int64_t)a->counter);
	if (mms_buddy_listed(a, &blocks))
		mms_line_num(t, l, S_LISTS, (int64_t)blocks);
	if (mms_buddy_scanned(a, &blocks))
		mms_line_num(t, l, S_SCAN, (int64_t)blocks);
	mms_line_bool(t, l, S_HOLD, a->known & MMS_BUDDY_K_ONE_HOLD);
	mms_line_str(t, l, S_VERDICT, names[verdict]);
	return 0;
}

#define TRIES	5

/* Verdicts of all orders of all wanted zones; how many disagree. */
static unsigned int count_verdicts(const struct mms_buddy_view *v, const struct mms_buddy *later,
				   unsigned int counts[DISAGREE + 1])
{
	memset(counts, 0, sizeof(*counts) * (DISAGREE + 1));
	for (size_t i = 0; i < v->buddy.n; i++) {
		const struct mms_buddy_state *z = &v->buddy.zones[i];
		bool same = i < later->n && later->zones[i].zone.zone == z->zone.zone &&
			    later->zones[i].zone.node == z->zone.node;

		for (unsigned int o = 0; mms_buddy_wanted(v, z) && o < z->zone.orders; o++)
			counts[judge(&z->area[o], same ? &later->zones[i].area[o] : NULL)]++;
	}
	return counts[DISAGREE];
}

static int fill_scan(struct mms_buddy_view *v, const struct mms_buddy *later, struct mms_table *t)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < v->buddy.n; i++) {
		const struct mms_buddy_state *z = &v->buddy.zones[i];
		bool same = i < later->n && later->zones[i].zone.zone == z->zone.zone &&
			    later->zones[i].zone.node == z->zone.node;

		for (unsigned int o = 0; !rc && mms_buddy_wanted(v, z) && o < z->zone.orders; o++)
			rc = add_scan(z, t, o, judge(&z->area[o], same ? &later->zones[i].area[o] : NULL));
	}
	return rc;
}

/* Again while something disagrees: blocks may come and go between two looks. */
static int scan_until_settled(struct mms_buddy_view *v, struct mms_buddy *later,
			      unsigned int counts[DISAGREE + 1], struct mms_err *err)
{
	const char *from = mms_source_name(v->source);
	unsigned int tries = strcmp(from, "capture") ? TRIES : 1;
	int rc = 0;

	while (!rc && tries--) {
		mms_buddy_free(later);
		rc = mms_buddy_take(later, v->source, MMS_BUDDY_LISTS, err);
		if (rc || !count_verdicts(v, later, counts) || !tries)
			break;
		mms_buddy_free(&v->buddy);
		rc = mms_buddy_take(&v->buddy, v->source, MMS_BUDDY_LISTS | MMS_BUDDY_SCAN, err);
	}
	return rc;
}

static bool have_scan(const struct mms_buddy *b)
{
	return b->n && b->zones[0].area[0].known & MMS_BUDDY_K_SCAN;
}

int mms_buddy_scan(struct mms_buddy_view *v, bool *mismatch, struct mms_err *err)
{
	unsigned int counts[DISAGREE + 1];
	struct mms_column cols[S_MAX];
	struct mms_buddy later = { 0 };
	struct mms_table *t = NULL;
	int rc;

	if (!have_scan(&v->buddy))
		return mms_err_set(err, -EOPNOTSUPP,
				   "the frames were not looked at: that takes the module (mmscope load), or a capture with a scan");
	rc = scan_until_settled(v, &later, counts, err);
	memcpy(cols, scan_columns, sizeof(cols));
	cols[S_NODE].shown = v->several;
	if (!rc)
		rc = mms_table_new(&t, &v->g->render, "witnesses", cols, S_MAX, err);
	if (!rc && fill_scan(v, &later, t))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	mms_buddy_free(&later);
	if (rc)
		return rc;
	if (!v->g->render.no_headings)
		mms_doc_text(v->doc, "%u orders agree, %u moved between two looks, %u not comparable, %u disagree\n",
			     counts[AGREE], counts[MOVED], counts[LEAST], counts[DISAGREE]);
	mms_doc_num(v->doc, "agree", counts[AGREE]);
	mms_doc_num(v->doc, "moved", counts[MOVED]);
	mms_doc_num(v->doc, "disagree", counts[DISAGREE]);
	*mismatch = counts[DISAGREE];
	return 0;
}
