// SPDX-License-Identifier: GPL-2.0
/* Joins the runs of frames with who owns those that are nobody's by themselves. */
#include "model/census.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

#define MAPPED	__MMS_FRAME_MAX	/* class of a claim of mms_census_claim_mapped() */

/* Who is to be believed first: a stack is in the vmalloc area, too. */
static unsigned int layer_of(uint32_t frame_class)
{
	switch (frame_class) {
	case MAPPED:
		return 3;
	case MMS_FRAME_KSTACK:
	case MMS_FRAME_PERCPU:
		return 0;
	case MMS_FRAME_VMALLOC:
		return 2;
	}
	return 1;
}

int mms_census_claim(struct mms_census *c, uint64_t pfn, uint64_t count, uint32_t frame_class)
{
	unsigned int l = layer_of(frame_class);
	int rc = mms_vec_grow(&c->layer[l].claims, &c->layer[l].room, c->layer[l].n,
			      sizeof(struct mms_claim));

	if (rc)
		return rc;
	c->layer[l].claims[c->layer[l].n++] =
		(struct mms_claim){ .pfn = pfn, .end = pfn + count, .class = frame_class };
	return 0;
}

int mms_census_claim_mapped(struct mms_census *c, uint64_t pfn, uint64_t count)
{
	return mms_census_claim(c, pfn, count, MAPPED);
}

static int by_pfn(const void *a, const void *b)
{
	const struct mms_claim *x = a, *y = b;

	return (x->pfn > y->pfn) - (x->pfn < y->pfn);
}

/* Sorted, none empty, none over another: who came first has the frames. */
void mms_census_ready(struct mms_census *c)
{
	for (unsigned int l = 0; l < MMS_CENSUS_LAYERS; l++) {
		struct mms_claim *v = c->layer[l].claims;
		size_t n = 0;

		if (!c->layer[l].n)
			continue;
		qsort(v, c->layer[l].n, sizeof(*v), by_pfn);
		for (size_t i = 0; i < c->layer[l].n; i++) {
			struct mms_claim next = v[i];

			if (n && next.pfn < v[n - 1].end)
				next.pfn = v[n - 1].end;
			if (next.pfn >= next.end)
				continue;
			if (n && v[n - 1].end == next.pfn && v[n - 1].class == next.class)
				v[n - 1].end = next.end;
			else
				v[n++] = next;
		}
		c->layer[l].n = n;
	}
}

/* May a claim say what frames of this class are? */
static bool may_claim(uint32_t from, uint32_t to)
{
	if (from == MMS_FRAME_UNKNOWN)
		return true;
	/* A driver's or the firmware's memory is mapped into vmalloc's area, too. */
	return from == MMS_FRAME_RESERVED && to != MMS_FRAME_VMALLOC && to != MMS_FRAME_MODULE &&
	       to != MAPPED;
}

/* The class of frame @pfn, and in @end where it may change, at most what it was. */
static uint32_t claimed(struct mms_census *c, uint32_t from, uint64_t pfn, uint64_t *end)
{
	for (unsigned int l = 0; l < MMS_CENSUS_LAYERS; l++) {
		const struct mms_claim *v = c->layer[l].claims;
		size_t *at = &c->layer[l].at;

		while (*at < c->layer[l].n && v[*at].end <= pfn)
			++*at;
		if (*at == c->layer[l].n)
			continue;
		if (v[*at].pfn > pfn) {
			if (v[*at].pfn < *end)
				*end = v[*at].pfn;
			continue;
		}
		if (v[*at].end < *end)
			*end = v[*at].end;
		if (may_claim(from, v[*at].class))
			return v[*at].class;
	}
	return from;
}

/* Largest first; among equals the lowest PFN. */
static bool larger(const struct mms_census_run *a, const struct mms_census_run *b)
{
	if (a->run.count != b->run.count)
		return a->run.count > b->run.count;
	return a->run.pfn < b->run.pfn;
}

static int keep(struct mms_census *c, const struct mms_census_run *r)
{
	size_t i;

	if (!c->want_top || r->run.class != c->want)
		return 0;
	if (!c->top) {
		c->top = calloc(c->want_top, sizeof(*c->top));
		if (!c->top)
			return -ENOMEM;
	}
	if (c->ntop == c->want_top && !larger(r, &c->top[c->ntop - 1]))
		return 0;
	if (c->ntop < c->want_top)
		c->ntop++;
	for (i = c->ntop - 1; i && larger(r, &c->top[i - 1]); i--)
		c->top[i] = c->top[i - 1];
	c->top[i] = *r;
	return 0;
}

static int flush(struct mms_census *c, uint32_t after)
{
	int rc;

	if (!c->pending.run.count)
		return 0;
	c->pending.after = after;
	rc = keep(c, &c->pending);
	c->last_class = c->pending.run.class;
	c->pending.run.count = 0;
	return rc;
}

/* log2 of a power of two, 0 of all else */
static uint32_t power(uint64_t n)
{
	return n > 1 && !(n & (n - 1)) ? (uint32_t)__builtin_ctzll(n) : 0;
}

/*
 * Frames without a reference behind one with it, a power of two of them in all
 * and at a multiple of that: one allocation that is no compound page.
 */
static int guess(struct mms_census *c, const struct mms_frame_run *r)
{
	struct mms_frame_run *p = &c->pending.run;
	uint32_t order = power(r->count + 1);
	struct mms_census_run head = { 0 };
	int rc;

	if (r->class != MMS_FRAME_UNKNOWN || r->refs || r->order || !order || !p->count ||
	    p->class != MMS_FRAME_UNKNOWN || !p->refs || p->order ||
	    p->pfn + p->count != r->pfn || (r->pfn - 1) & r->count)
		return 0;
	head.run = *p;
	head.run.pfn = r->pfn - 1;
	head.run.count = r->count + 1;
	head.guess = order;
	head.before = c->last_class;
	if (p->count > 1) {
		p->count--;
		head.before = MMS_FRAME_UNKNOWN;
		rc = flush(c, MMS_FRAME_UNKNOWN);
		if (rc)
			return rc;
	}
	c->pending = head;
	return 1;
}

static int add(struct mms_census *c, const struct mms_frame_run *r)
{
	int rc;

	c->frames[r->class][r->zone] += r->count;
	if (mms_frame_present(r->class))
		c->present += r->count;
	if (!c->want_top)
		return 0;
	rc = guess(c, r);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = flush(c, r->class);
	c->pending.run = *r;
	c->pending.guess = r->order;
	c->pending.before = c->last_class;
	return rc;
}

int mms_census_run(struct mms_census *c, const struct mms_frame_run *r)
{
	uint64_t pfn = r->pfn, stop = r->pfn + r->count;
	int rc = 0;

	if (!c->started)
		c->last_class = __MMS_FRAME_MAX;
	else if (r->pfn != c->next)
		c->gap = 1;
	c->started = 1;
	c->next = stop;
	while (pfn < stop && !rc) {
		struct mms_frame_run part = *r;
		uint64_t end = stop;

		if (r->class == MMS_FRAME_UNKNOWN || r->class == MMS_FRAME_RESERVED)
			part.class = claimed(c, r->class, pfn, &end);
		part.pfn = pfn;
		part.count = end - pfn;
		if (part.class == MAPPED) {
			part.class = MMS_FRAME_VMALLOC;
			c->mapped += part.count;
		}
		rc = add(c, &part);
		pfn = end;
	}
	return rc;
}

int mms_census_end(struct mms_census *c)
{
	return flush(c, __MMS_FRAME_MAX);
}

uint64_t mms_census_class(const struct mms_census *c, uint32_t frame_class)
{
	uint64_t n = 0;

	for (unsigned int z = 0; z < __MMS_ZONE_MAX; z++)
		n += c->frames[frame_class][z];
	return n;
}

void mms_census_free(struct mms_census *c)
{
	for (unsigned int l = 0; l < MMS_CENSUS_LAYERS; l++)
		free(c->layer[l].claims);
	free(c->top);
	memset(c, 0, sizeof(*c));
}
