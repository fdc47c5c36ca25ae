// SPDX-License-Identifier: GPL-2.0
/*
 * What reclaim would take next, decided as mm/vmscan.c does.  Where kernels
 * differ the record says which way (MMS_LRU_F_ALL_TIERS).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "model/lru.h"

#define ANON		0
#define FILE_TYPE	1
#define MIN_GENS	2	/* MIN_NR_GENS: the youngest two are not evicted */
#define SWAPPINESS_MAX	200

__attribute__((format(printf, 2, 3)))
static void say(struct mms_lru_next *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(n->why, sizeof(n->why), fmt, ap);
	va_end(ap);
}

static const struct mms_lru_gen *gen_of(const struct mms_lru *l, const struct mms_lruvec *v,
					uint64_t seq)
{
	for (size_t i = v->gen; i < v->gen + v->ngens; i++)
		if (l->gens[i].seq == seq)
			return &l->gens[i];
	return NULL;
}

static uint64_t gen_pages(const struct mms_lru *l, const struct mms_lruvec *v, uint64_t seq,
			  unsigned int type)
{
	const struct mms_lru_gen *g = gen_of(l, v, seq);

	return g ? mms_lru_gen_pages(g, type) : 0;
}

/* Oldest generations without pages are given up first: try_to_inc_min_seq(). */
static uint64_t oldest(const struct mms_lru *l, const struct mms_lruvec *v, unsigned int type)
{
	uint64_t seq = v->vec.min_seq[type];

	while (seq + MIN_GENS <= v->vec.max_seq && !gen_pages(l, v, seq, type))
		seq++;
	return seq;
}

/**
 * struct position - read_ctrl_pos(): refaults of a type, and of how many
 * @gain: what the other type's swappiness gives it
 */
struct position {
	double refaulted;
	double total;
	double gain;
};

static struct position position(const struct mms_lru *l, const struct mms_lruvec *v,
				unsigned int type, double gain)
{
	unsigned int tiers = v->vec.flags & MMS_LRU_F_ALL_TIERS ? 4 : 1;
	struct position p = { .gain = gain };

	for (size_t i = v->tier; i < v->tier + v->ntiers; i++) {
		const struct mms_lru_tier *t = &l->tiers[i];

		if (t->type != type || t->tier >= tiers)
			continue;
		p.refaulted += (double)t->avg_refaulted + (double)t->refaulted;
		p.total += (double)t->avg_total + (double)t->evicted + (double)t->protected;
	}
	return p;
}

/* positive_ctrl_err(): is @pv refaulted less than @sp, in proportion? */
static bool refaults_less(const struct position *sp, const struct position *pv)
{
	const double batch = 64;	/* MIN_LRU_BATCH */

	return pv->refaulted < batch ||
	       pv->refaulted * (sp->total + batch) * sp->gain <=
	       (sp->refaulted + 1) * pv->total * pv->gain;
}

static void by_tiers(const struct mms_lru *l, const struct mms_lruvec *v, uint32_t swappiness,
		     struct mms_lru_next *n)
{
	struct position anon = position(l, v, ANON, swappiness);
	struct position file = position(l, v, FILE_TYPE, SWAPPINESS_MAX - swappiness);
	bool less = refaults_less(&anon, &file);

	n->choice = less ? MMS_LRU_CHOICE_FILE : MMS_LRU_CHOICE_ANON;
	say(n, "%s refaulted %.0f of %.0f, anon %.0f of %.0f, swappiness %u",
	    "file", file.refaulted, file.total, anon.refaulted, anon.total, swappiness);
}

static void gens_next(const struct mms_lru *l, const struct mms_lruvec *v, uint32_t swappiness,
		      struct mms_lru_next *n)
{
	uint64_t seq[2] = { oldest(l, v, ANON), oldest(l, v, FILE_TYPE) };
	bool all_tiers = v->vec.flags & MMS_LRU_F_ALL_TIERS;
	unsigned int type;

	n->gens = true;
	if (!v->vec.swap_free) {
		n->choice = MMS_LRU_CHOICE_FILE;
		say(n, "no swap is free: anon cannot be taken");
	} else if (!swappiness) {
		n->choice = MMS_LRU_CHOICE_FILE;
		say(n, "swappiness 0: anon is not taken");
	} else if (!all_tiers && seq[ANON] < seq[FILE_TYPE]) {
		n->choice = MMS_LRU_CHOICE_ANON;
		say(n, "anon's oldest generation, %" PRIu64 ", is older than file's, %" PRIu64,
		    seq[ANON], seq[FILE_TYPE]);
	} else if (swappiness == 1 || swappiness >= SWAPPINESS_MAX) {
		n->choice = swappiness == 1 ? MMS_LRU_CHOICE_FILE : MMS_LRU_CHOICE_ANON;
		say(n, "swappiness %u", swappiness);
	} else {
		by_tiers(l, v, swappiness, n);
	}
	type = n->choice == MMS_LRU_CHOICE_FILE;
	/* isolate_folios(): nothing of that type, then of the other */
	if (!gen_pages(l, v, seq[type], type) && v->vec.swap_free && swappiness &&
	    gen_pages(l, v, seq[!type], !type)) {
		type = !type;
		n->choice = type ? MMS_LRU_CHOICE_FILE : MMS_LRU_CHOICE_ANON;
		say(n, "the other type has no pages in its oldest generation");
	}
	n->seq = seq[type];
	n->age_first = n->seq + MIN_GENS > v->vec.max_seq;
	n->pages = gen_pages(l, v, n->seq, type);
	if (!n->pages) {
		n->choice = MMS_LRU_CHOICE_NONE;
		say(n, v->vec.swap_free && swappiness ? "no generation has pages" :
		    "it has anonymous pages alone, and they cannot be taken");
	}
}

static void lists_next(const struct mms_lruvec *v, uint32_t swappiness, struct mms_lru_next *n)
{
	double anon = (double)v->vec.anon_cost, file = (double)v->vec.file_cost;
	double sum = anon + file, ap, fp;
	uint64_t pages[2] = { mms_lru_pages(&v->vec, MMS_LRU_INACTIVE_ANON),
			      mms_lru_pages(&v->vec, MMS_LRU_INACTIVE_FILE) };

	bool file_pages = pages[FILE_TYPE] || mms_lru_pages(&v->vec, MMS_LRU_ACTIVE_FILE);

	n->choice = file_pages ? MMS_LRU_CHOICE_FILE : MMS_LRU_CHOICE_NONE;
	n->pages = pages[FILE_TYPE];
	if ((!v->vec.swap_free || !swappiness) && !file_pages) {
		say(n, "it has anonymous pages alone, and they cannot be taken");
		return;
	}
	if (!v->vec.swap_free) {
		say(n, "no swap is free: anon cannot be taken");
		return;
	}
	if (!swappiness) {
		say(n, "swappiness 0: anon is not taken");
		return;
	}
	/* each cost at most twice the other: get_scan_count() */
	anon += sum;
	file += sum;
	sum = anon + file;
	ap = swappiness * (sum + 1) / (anon + 1);
	fp = (swappiness > SWAPPINESS_MAX ? 0 : SWAPPINESS_MAX - swappiness) * (sum + 1) / (file + 1);
	n->choice = MMS_LRU_CHOICE_BOTH;
	n->pages = pages[ANON] + pages[FILE_TYPE];
	n->anon_percent = (unsigned int)(100 * ap / (ap + fp) + 0.5);
	say(n, "swappiness %u, costs anon %" PRIu64 ", file %" PRIu64
	    "; file alone while inactive_file is the longer half of its type",
	    swappiness, (uint64_t)v->vec.anon_cost, (uint64_t)v->vec.file_cost);
}

void mms_lru_next(const struct mms_lru *l, const struct mms_lruvec *v, uint32_t swappiness,
		  struct mms_lru_next *out)
{
	uint64_t some = 0;

	memset(out, 0, sizeof(*out));
	if (v->vec.swappiness != MMS_LRU_UNKNOWN)
		swappiness = v->vec.swappiness;
	for (unsigned int i = 0; i < MMS_LRU_UNEVICTABLE; i++)
		some += mms_lru_pages(&v->vec, i);
	if (!some) {
		out->choice = MMS_LRU_CHOICE_NONE;
		say(out, "it has no pages that can be reclaimed");
	} else if (v->vec.swap_free && swappiness == MMS_LRU_UNKNOWN) {
		say(out, "its swappiness is not known");
	} else if (v->vec.swap_free == UINT64_MAX) {
		say(out, "whether swap is free is not known");
	} else if (v->vec.flags & MMS_LRU_F_GENS && !v->ngens) {
		say(out, "its generations were not read");
	} else if (v->vec.flags & MMS_LRU_F_GENS) {
		gens_next(l, v, swappiness, out);
	} else {
		lists_next(v, swappiness, out);
	}
}
