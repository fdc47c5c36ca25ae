// SPDX-License-Identifier: GPL-2.0
/* Readings, comparisons and their verdicts; knows no figure. */
#include "model/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "model/vec.h"
#include "util/text.h"

static const struct mms_check_group *const groups[] = {
	&mms_check_machine,
	&mms_check_buddy,
	&mms_check_lru,
	&mms_check_slab,
	&mms_check_vmalloc,
	&mms_check_kmap,
	&mms_check_frames,
	&mms_check_process,
	NULL
};

const struct mms_check_group *const *mms_check_groups(void)
{
	return groups;
}

const char *mms_check_verdict_name(enum mms_check_verdict v)
{
	static const char *const names[] = {
		[MMS_CHECK_AGREE] = "agree", [MMS_CHECK_MOVED] = "moved",
		[MMS_CHECK_EXPLAINED] = "explained", [MMS_CHECK_DISAGREE] = "disagree",
		[MMS_CHECK_NA] = "not available",
	};

	return names[v];
}

static struct mms_check_item *item_of(struct mms_check *c, const struct mms_check_row *row,
				      const char *where, const char *what)
{
	struct mms_check_item *i;

	for (size_t n = c->first; n < c->nitems; n++) {
		i = &c->items[n];
		if (i->row == row && !strcmp(i->where, where) && !strcmp(i->what, what))
			return i;
	}
	if (mms_vec_grow(&c->items, &c->items_cap, c->nitems, sizeof(*c->items)))
		return NULL;
	i = &c->items[c->nitems++];
	memset(i, 0, sizeof(*i));
	i->row = row;
	snprintf(i->where, sizeof(i->where), "%s", where);
	snprintf(i->what, sizeof(i->what), "%s", what);
	return i;
}

static void settle(struct mms_check_item *i, enum mms_check_verdict v)
{
	i->verdict = v;
	i->settled = true;
}

int mms_check_compare(struct mms_check *c, const struct mms_check_row *row, const char *where,
		      const char *what, uint64_t ours, uint64_t before, uint64_t after,
		      uint64_t tolerance)
{
	struct mms_check_item *i = item_of(c, row, where, what);
	uint64_t diff = ours > after ? ours - after : after - ours;

	if (!i)
		return -ENOMEM;
	if (i->settled)
		return 0;
	i->ours = ours;
	i->theirs = after;
	i->tolerance = tolerance;
	if (ours == before || ours == after) {
		settle(i, i->rounds ? MMS_CHECK_MOVED : MMS_CHECK_AGREE);
		return 0;
	}
	i->rounds++;
	/* on its way from the one to the other */
	if (ours > (before < after ? before : after) && ours < (before < after ? after : before)) {
		settle(i, MMS_CHECK_MOVED);
		return 0;
	}
	if (c->unsteady || before != after) {
		i->moved++;
	} else {
		i->same += i->rounds - i->moved > 1 && i->gap == (int64_t)(ours - after);
		i->gap = (int64_t)(ours - after);
	}
	if (diff <= tolerance) {
		settle(i, MMS_CHECK_EXPLAINED);
		snprintf(i->note, sizeof(i->note), "%s",
			 c->reason ? c->reason : row->reason);
	}
	return 0;
}

int mms_check_settle(struct mms_check *c, const struct mms_check_row *row, const char *where,
		     const char *what, enum mms_check_verdict v, const char *fmt, ...)
{
	struct mms_check_item *i = item_of(c, row, where, what);
	va_list ap;

	if (!i)
		return -ENOMEM;
	va_start(ap, fmt);
	vsnprintf(i->note, sizeof(i->note), fmt, ap);
	va_end(ap);
	settle(i, v);
	return 0;
}

static bool wanted(const struct mms_check *c, const struct mms_check_group *g,
		   const struct mms_check_row *row)
{
	size_t len;

	if (c->pid && !g->per_process)
		return false;
	for (size_t i = 0; i < c->nnames; i++) {
		len = strlen(c->names[i]);
		if (!strcmp(c->names[i], "machine") && !g->per_process)
			return true;
		if (!strcmp(c->names[i], g->name) || !strcmp(c->names[i], row->name) ||
		    (!strncmp(c->names[i], row->name, len) && row->name[len] == '.'))
			return true;
	}
	return !c->nnames;
}

static bool wanted_group(const struct mms_check *c, const struct mms_check_group *g)
{
	for (size_t i = 0; i < g->nrows; i++)
		if (wanted(c, g, &g->rows[i]))
			return true;
	return false;
}

/* Does this row wait for another reading of the target? */
static bool open_row(const struct mms_check *c, const struct mms_check_row *row)
{
	for (size_t i = c->first; i < c->nitems; i++)
		if (c->items[i].row == row && !c->items[i].settled)
			return true;
	return false;
}

static bool unsettled(const struct mms_check *c)
{
	for (size_t i = c->first; i < c->nitems; i++)
		if (!c->items[i].settled)
			return true;
	return false;
}

static int run_rows(struct mms_check *c, const struct mms_check_group *g, bool first)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < g->nrows; i++) {
		c->reason = NULL;
		if (wanted(c, g, &g->rows[i]) && (first || open_row(c, &g->rows[i])))
			rc = g->rows[i].run(c, &g->rows[i]);
	}
	return rc;
}

/* The whole group is not to be had: each of its rows says why. */
static int none_of(struct mms_check *c, const struct mms_check_group *g, uint32_t pid,
		   const struct mms_err *why)
{
	char where[32] = "";
	int rc = 0;

	if (pid)
		snprintf(where, sizeof(where), "PID %u", pid);

	for (size_t i = 0; !rc && i < g->nrows; i++)
		if (wanted(c, g, &g->rows[i]))
			rc = mms_check_settle(c, &g->rows[i], where, "", MMS_CHECK_NA, "%s", why->text);
	return rc;
}

/*
 * A difference stands when it was the same in two readings in which nothing
 * moved.  What only came and went between two looks was never that.
 */
static bool stands(const struct mms_check_item *i)
{
	return i->same || (i->rounds == 1 && !i->moved);
}

static void settle_rest(struct mms_check *c)
{
	for (size_t i = c->first; i < c->nitems; i++) {
		struct mms_check_item *it = &c->items[i];

		if (!it->settled)
			settle(it, stands(it) ? MMS_CHECK_DISAGREE : MMS_CHECK_MOVED);
	}
}

static struct mms_check_tally *find_tally(const struct mms_check *c, const struct mms_check_row *row)
{
	for (size_t i = 0; i < c->ntallies; i++)
		if (c->tallies[i].row == row)
			return &c->tallies[i];
	return NULL;
}

/* The target is done: count its comparisons, and let go of those that nobody asks for again. */
static void put_away(struct mms_check *c)
{
	size_t kept = c->first;

	for (size_t i = c->first; i < c->nitems; i++) {
		const struct mms_check_item *it = &c->items[i];
		struct mms_check_tally *t = find_tally(c, it->row);
		bool first = !t->by[it->verdict]++;

		t->n++;
		if (c->keep_all || it->verdict == MMS_CHECK_DISAGREE ||
		    (first && it->verdict != MMS_CHECK_AGREE && it->verdict != MMS_CHECK_MOVED))
			c->items[kept++] = *it;
	}
	c->nitems = kept;
}

static int make_tallies(struct mms_check *c)
{
	size_t n = 0;

	for (size_t g = 0; groups[g]; g++)
		n += groups[g]->nrows;
	c->tallies = calloc(n, sizeof(*c->tallies));
	if (!c->tallies)
		return -ENOMEM;
	for (size_t g = 0; groups[g]; g++)
		for (size_t i = 0; i < groups[g]->nrows; i++)
			c->tallies[c->ntallies++].row = &groups[g]->rows[i];
	return 0;
}

const struct mms_check_tally *mms_check_tally(const struct mms_check *c,
					      const struct mms_check_row *row)
{
	static const struct mms_check_tally none;
	const struct mms_check_tally *t = find_tally(c, row);

	return t ? t : &none;
}

enum mms_check_verdict mms_check_worst(const struct mms_check_tally *t)
{
	static const enum mms_check_verdict order[] = {
		MMS_CHECK_DISAGREE, MMS_CHECK_EXPLAINED, MMS_CHECK_MOVED, MMS_CHECK_AGREE,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (t->by[order[i]])
			return order[i];
	return MMS_CHECK_NA;
}

size_t mms_check_compared(const struct mms_check *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->ntallies; i++)
		n += c->tallies[i].n;
	return n;
}

size_t mms_check_count(const struct mms_check *c, enum mms_check_verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < c->ntallies; i++)
		n += c->tallies[i].by[v];
	return n;
}

void mms_check_tell(struct mms_check *c, const char *what)
{
	if (c->tell)
		c->tell(c->tell_ctx, what);
}

static bool nothing_here(int rc)
{
	return rc == -ESRCH || rc == -ENODATA || rc == -ENXIO;
}

/* One target until all of its comparisons are settled, or often enough. */
static int check_target(struct mms_check *c, const struct mms_check_group *g, uint32_t pid,
			struct mms_err *err)
{
	unsigned int rounds = c->rounds ? c->rounds : 5;
	unsigned int pause = c->pause_us ? c->pause_us : 2000;
	struct mms_err why = { "" };
	char what[48];
	int rc = 0;

	if (pid)
		snprintf(what, sizeof(what), "PID %u", pid);
	mms_check_tell(c, pid ? what : g->name);
	c->first = c->nitems;
	for (unsigned int round = 0; !rc && round < rounds && (!round || unsettled(c)); round++) {
		if (round)
			usleep(pause << (round - 1));
		c->unsteady = false;
		rc = g->open(c, pid, &why);
		if (!rc)
			rc = run_rows(c, g, !round);
		if (g->close)
			g->close(c);
		c->ctx = NULL;
	}
	if (rc == -EOPNOTSUPP || (rc == -EACCES && !c->pid)) {
		rc = none_of(c, g, pid, &why);
	} else if (nothing_here(rc)) {
		c->nitems = c->first;	/* it left while it was read: nothing is said of it */
		return pid && pid == c->pid ? mms_err_set(err, rc, "%s", why.text) : 0;
	}
	if (rc)
		return mms_err_set(err, rc, "%s", why.text[0] ? why.text : strerror(-rc));
	settle_rest(c);
	put_away(c);
	c->processes += g->per_process;
	return 0;
}

struct visit {
	struct mms_check *c;
	const struct mms_check_group *g;
	struct mms_err *err;
};

static int visit_pid(void *ctx, uint32_t pid)
{
	struct visit *v = ctx;

	/* Our own memory changes with every line that is read. */
	if (!v->c->frozen && pid == (uint32_t)getpid())
		return 0;
	return check_target(v->c, v->g, pid, v->err);
}

static int check_group(struct mms_check *c, const struct mms_check_group *g, struct mms_err *err)
{
	struct visit v = { c, g, err };

	if (!g->per_process || c->pid)
		return check_target(c, g, c->pid, err);
	return mms_source_pids(c->source, visit_pid, &v, err);
}

static bool known(const char *name)
{
	struct mms_check one = { .names = (char *const *)&name, .nnames = 1 };

	for (size_t g = 0; groups[g]; g++)
		if (wanted_group(&one, groups[g]))
			return true;
	return false;
}

static int check_names(const struct mms_check *c, struct mms_err *err)
{
	char shown[64];

	for (size_t i = 0; i < c->nnames; i++)
		if (!known(c->names[i]))
			return mms_err_set(err, -EINVAL, "there is no check '%s': see mmscope check --list",
					   mms_neutral(c->names[i], shown, sizeof(shown)));
	return 0;
}

int mms_check_run(struct mms_check *c, struct mms_err *err)
{
	int rc = check_names(c, err);

	if (!rc && make_tallies(c))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	for (size_t g = 0; !rc && groups[g]; g++)
		if (wanted_group(c, groups[g]))
			rc = check_group(c, groups[g], err);
	return rc;
}

void mms_check_free(struct mms_check *c)
{
	free(c->items);
	free(c->tallies);
	c->tallies = NULL;
	c->ntallies = 0;
	c->items = NULL;
	c->nitems = 0;
	c->items_cap = 0;
}
