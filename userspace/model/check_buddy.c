// SPDX-License-Identifier: GPL-2.0
/*
 * Rows buddy.*: free blocks as they lie on the lists and by their frames, against
 * the kernel's counters, /proc/buddyinfo and pagetypeinfo.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "model/buddy.h"
#include "model/check_proc.h"
#include "names.h"
#include "source/procfs.h"

/**
 * struct buddy - one reading
 * @before: of /proc, read before @ours
 * @after: and after it
 * @why: why there is none
 */
struct buddy {
	struct mms_buddy ours;
	struct mms_buddy before;
	struct mms_buddy after;
	struct mms_err why;
};

static int read_proc(struct mms_check *c, struct mms_buddy *b, struct mms_err *why)
{
	int rc, ballast = mms_proc_ballast(c);
	struct mms_source *s;

	if (c->frozen) {
		mms_err_set(why, 0, "a capture has no second reading of /proc beside it");
		return 0;
	}
	rc = mms_source_open_procfs_at(&s, c->proc, why);
	if (!rc) {
		rc = mms_buddy_take(b, s, MMS_BUDDY_LISTS, why);
		mms_source_close(s);
	}
	if (ballast >= 0)
		close(ballast);
	return rc == -ENOMEM ? rc : 0;
}

static void buddy_close(struct mms_check *c)
{
	struct buddy *b = c->ctx;

	if (!b)
		return;
	mms_buddy_free(&b->ours);
	mms_buddy_free(&b->before);
	mms_buddy_free(&b->after);
	free(b);
}

static uint64_t free_pages(const struct mms_buddy *b)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < b->n; i++)
		sum += b->zones[i].zone.free;
	return sum;
}

static int buddy_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct buddy *b = calloc(1, sizeof(*b));
	int rc;

	(void)pid;
	c->ctx = b;
	if (!b)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = read_proc(c, &b->before, &b->why);
	if (!rc)
		rc = mms_buddy_take(&b->ours, c->source, MMS_BUDDY_LISTS | MMS_BUDDY_SCAN, err);
	if (!rc && b->ours.writer == MMS_WRITER_PROCFS)
		rc = mms_err_set(err, -EOPNOTSUPP,
				 "free blocks were read from /proc itself: load the module (mmscope load)");
	if (!rc)
		rc = read_proc(c, &b->after, &b->why);
	c->unsteady = free_pages(&b->before) != free_pages(&b->after);
	return rc == -ENODATA ? -EOPNOTSUPP : rc;
}

static const struct mms_buddy_state *find(const struct mms_buddy *b, const struct mms_buddy_state *like)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->zones[i].zone.node == like->zone.node && b->zones[i].zone.zone == like->zone.zone)
			return &b->zones[i];
	return NULL;
}

static const char *where_of(const struct mms_buddy_state *z, char out[48])
{
	snprintf(out, 48, "node %u %s", z->zone.node, mms_zone_name(z->zone.zone));
	return out;
}

typedef int compare_fn(struct mms_check *c, const struct mms_check_row *row, const char *where,
		       const struct mms_buddy_state *ours, const struct mms_buddy_state *before,
		       const struct mms_buddy_state *after);

/* Each zone beside /proc's; one that is in one reading only has come or gone. */
static int each_zone(struct mms_check *c, const struct mms_check_row *row, compare_fn *compare)
{
	const struct buddy *b = c->ctx;
	char where[48];
	int rc = 0;

	if (!b->before.n || !b->after.n)
		return mms_check_na(c, row, b->why.text);
	for (size_t i = 0; !rc && i < b->ours.n; i++) {
		const struct mms_buddy_state *z = &b->ours.zones[i];
		const struct mms_buddy_state *p = find(&b->before, z), *q = find(&b->after, z);

		if (p && q)
			rc = compare(c, row, where_of(z, where), z, p, q);
	}
	return rc;
}

static int compare_counters(struct mms_check *c, const struct mms_check_row *row, const char *where,
			    const struct mms_buddy_state *z, const struct mms_buddy_state *b,
			    const struct mms_buddy_state *a)
{
	char what[32];
	int rc = 0;

	for (unsigned int o = 0; !rc && o < z->zone.orders && o < MMS_BUDDY_ORDERS; o++) {
		if (!(z->area[o].known & b->area[o].known & a->area[o].known & MMS_BUDDY_K_COUNTER))
			continue;
		snprintf(what, sizeof(what), "order %u", o);
		rc = mms_check_compare(c, row, where, what, z->area[o].counter, b->area[o].counter,
				       a->area[o].counter, 0);
	}
	return rc;
}

/*
 * One list.  pagetypeinfo stops counting behind 100000 blocks, and the module
 * where a hold would last too long: then either says "at least".
 */
static int compare_list(struct mms_check *c, const struct mms_check_row *row, const char *where,
			const struct mms_buddy_area *o, const struct mms_buddy_area *b,
			const struct mms_buddy_area *a, unsigned int type)
{
	uint32_t known = (o->list_known | o->list_least) & (b->list_known | b->list_least) &
			 (a->list_known | a->list_least);
	uint64_t ours = o->list[type], before = b->list[type], after = a->list[type];
	char what[48];

	if (!(known >> type & 1))
		return 0;
	snprintf(what, sizeof(what), "%s order %u", mms_migratetype_name(type), o->order);
	if (o->list_least >> type & 1) {
		before = before > ours ? ours : before;
		after = after > ours ? ours : after;
	} else {
		if (a->list_least >> type & 1 && ours > after)
			after = ours;
		if (b->list_least >> type & 1 && ours > before)
			before = ours;
	}
	return mms_check_compare(c, row, where, what, ours, before, after, 0);
}

static int compare_types(struct mms_check *c, const struct mms_check_row *row, const char *where,
			 const struct mms_buddy_state *z, const struct mms_buddy_state *b,
			 const struct mms_buddy_state *a)
{
	int rc = 0;

	for (unsigned int o = 0; !rc && o < z->zone.orders && o < MMS_BUDDY_ORDERS; o++)
		for (unsigned int t = 0; !rc && t < MMS_BUDDY_TYPES; t++)
			rc = compare_list(c, row, where, &z->area[o], &b->area[o], &a->area[o], t);
	return rc;
}

static int compare_pageblocks(struct mms_check *c, const struct mms_check_row *row, const char *where,
			      const struct mms_buddy_state *z, const struct mms_buddy_state *b,
			      const struct mms_buddy_state *a)
{
	int rc = 0;

	if (!(z->zone.known & b->zone.known & a->zone.known & MMS_BUDDY_K_PAGEBLOCKS))
		return 0;
	for (unsigned int t = 0; !rc && t < MMS_BUDDY_TYPES; t++)
		rc = mms_check_compare(c, row, where, mms_migratetype_name(t), z->zone.pageblocks[t],
				       b->zone.pageblocks[t], a->zone.pageblocks[t], 0);
	return rc;
}

static int compare_pcp(struct mms_check *c, const struct mms_check_row *row, const char *where,
		       const struct mms_buddy_state *z, const struct mms_buddy_state *b,
		       const struct mms_buddy_state *a)
{
	if (!(z->zone.known & b->zone.known & a->zone.known & MMS_BUDDY_K_PCP))
		return 0;
	return mms_check_compare(c, row, where, "pages", z->zone.pcp, b->zone.pcp, a->zone.pcp, 0);
}

static int run_buddyinfo(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_counters);
}

static int run_pcp(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_pcp);
}

/* Has /proc told of lists?  It is root's. */
static bool has_lists(const struct mms_buddy *b)
{
	return b->n && (b->zones[0].area[0].list_known || b->zones[0].area[0].list_least);
}

static int by_type(struct mms_check *c, const struct mms_check_row *row, compare_fn *compare)
{
	const struct buddy *b = c->ctx;

	if (b->before.n && (!has_lists(&b->before) || !has_lists(&b->after)))
		return mms_check_na(c, row, "/proc/pagetypeinfo cannot be read: run as root");
	return each_zone(c, row, compare);
}

static int run_types(struct mms_check *c, const struct mms_check_row *row)
{
	return by_type(c, row, compare_types);
}

static int run_pageblocks(struct mms_check *c, const struct mms_check_row *row)
{
	return by_type(c, row, compare_pageblocks);
}

/* ---- the source's own witnesses, in a capture, too ---------------------------------- */

/* Lists and counter of one hold: neither can have moved. */
static int run_lists(struct mms_check *c, const struct mms_check_row *row)
{
	const struct buddy *b = c->ctx;
	char where[48], what[32];
	uint64_t listed;
	size_t compared = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < b->ours.n; i++) {
		const struct mms_buddy_state *z = &b->ours.zones[i];

		for (unsigned int o = 0; !rc && o < z->zone.orders && o < MMS_BUDDY_ORDERS; o++) {
			const struct mms_buddy_area *a = &z->area[o];

			if (!mms_buddy_listed(a, &listed) || !(a->known & MMS_BUDDY_K_ONE_HOLD))
				continue;
			snprintf(what, sizeof(what), "order %u", o);
			rc = mms_check_compare(c, row, where_of(z, where), what, listed, a->counter,
					       a->counter, 0);
			compared++;
		}
	}
	return rc || compared ? rc : mms_check_na(c, row, "the lists were not walked, or not in one hold");
}

/* Blocks by frame, looked at with no lock behind the lists. */
static int run_scan(struct mms_check *c, const struct mms_check_row *row)
{
	const struct buddy *b = c->ctx;
	char where[48], what[32];
	uint64_t scanned;
	bool unsteady = c->unsteady;
	size_t compared = 0;
	int rc = 0;

	/* a capture cannot be read again: what came and went meanwhile looks the same */
	c->unsteady |= c->frozen;
	for (size_t i = 0; !rc && i < b->ours.n; i++) {
		const struct mms_buddy_state *z = &b->ours.zones[i];

		for (unsigned int o = 0; !rc && o < z->zone.orders && o < MMS_BUDDY_ORDERS; o++) {
			const struct mms_buddy_area *a = &z->area[o];

			if (!mms_buddy_scanned(a, &scanned) || !(a->known & MMS_BUDDY_K_COUNTER))
				continue;
			snprintf(what, sizeof(what), "order %u", o);
			rc = mms_check_compare(c, row, where_of(z, where), what, scanned, a->counter,
					       a->counter, 0);
			compared++;
		}
	}
	c->unsteady = unsteady;
	return rc || compared ? rc : mms_check_na(c, row, "the frames were not scanned");
}

static const struct mms_check_row rows[] = {
	{ "buddy.buddyinfo", "counters", "buddyinfo", "", "", run_buddyinfo, NULL },
	{ "buddy.types", "free lists", "pagetypeinfo", "", "", run_types, NULL },
	{ "buddy.pageblocks", "pageblocks", "pagetypeinfo", "", "", run_pageblocks, NULL },
	{ "buddy.pcp", "per-CPU lists", "zoneinfo", "", "", run_pcp, NULL },
	{ "buddy.lists", "free lists", "their counters", "", "", run_lists, NULL },
	{ "buddy.scan", "frames", "counters", "", "", run_scan, NULL },
};

const struct mms_check_group mms_check_buddy = {
	.name = "buddy",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = buddy_open,
	.close = buddy_close,
};
