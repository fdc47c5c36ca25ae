/* SPDX-License-Identifier: GPL-2.0 */
/* The lists that reclaim takes pages from, and what it would take next. */
#ifndef MMSCOPE_MODEL_LRU_H
#define MMSCOPE_MODEL_LRU_H

#include "source/source.h"

/**
 * struct mms_lruvec - one lruvec with what belongs to it
 * @vec: the record
 * @path: of its cgroup as read; NULL = unknown or none
 * @gen: its generations in struct mms_lru.gens, from this index on
 * @tier: its tiers, likewise
 * @folio: its samples, likewise
 */
struct mms_lruvec {
	struct mms_lru_vec vec;
	char *path;
	size_t gen, ngens;
	size_t tier, ntiers;
	size_t folio, nfolios;
};

/* struct mms_lru - all of one stream */
struct mms_lru {
	struct mms_lruvec *vecs;
	size_t n, room;
	struct mms_lru_gen *gens;
	size_t ngens, gen_room;
	struct mms_lru_tier *tiers;
	size_t ntiers, tier_room;
	struct mms_lru_folio *folios;
	size_t nfolios, folio_room;
	uint32_t page_shift;	/* of the machine that was read */
	struct mms_trailer trailer;
};

/**
 * mms_lru_read() - ask a source
 * @req: kind LRU's
 * Return: 0 or -errno with @err; mms_lru_free() either way
 */
int mms_lru_read(struct mms_source *s, const struct mms_request *req, struct mms_lru *out,
		 struct mms_err *err);
void mms_lru_free(struct mms_lru *l);

/* Pages of one list over all zones. */
uint64_t mms_lru_pages(const struct mms_lru_vec *v, enum mms_lru_list list);

/* Pages of a type, 0 anon, 1 file, of a generation over all zones. */
uint64_t mms_lru_gen_pages(const struct mms_lru_gen *g, unsigned int type);

/* "inactive_anon" ...; "unknown" */
const char *mms_lru_list_name(unsigned int list);

/* "anon", "file" ... of enum mms_folio_owner; "unknown" */
const char *mms_folio_owner_name(unsigned int owner);

/* Letters for MMS_FOLIO_F_*, "-" where there is none. */
const char *mms_folio_letters(uint32_t flags, char buf[16]);

enum mms_lru_choice {
	MMS_LRU_CHOICE_UNKNOWN,
	MMS_LRU_CHOICE_NONE,		/* nothing can be reclaimed here */
	MMS_LRU_CHOICE_ANON,
	MMS_LRU_CHOICE_FILE,
	MMS_LRU_CHOICE_BOTH,		/* lists: so much of each */
};

/**
 * struct mms_lru_next - what reclaim would take from a lruvec next
 * @choice: of which type
 * @gens: from generation @seq; else from the tail of the inactive list
 * @seq: the oldest generation of that type that has pages
 * @age_first: a new generation is made before: too few are left
 * @pages: that generation's or list's of the type; of BOTH the sum
 * @anon_percent: with BOTH: how much of the scan goes to anon
 * @why: in words
 */
struct mms_lru_next {
	enum mms_lru_choice choice;
	bool gens;
	uint64_t seq;
	bool age_first;
	uint64_t pages;
	unsigned int anon_percent;
	char why[160];
};

/**
 * mms_lru_next() - as mm/vmscan.c would decide with what is known here
 * @swappiness: for a lruvec whose record does not tell; MMS_LRU_UNKNOWN
 *
 * Generations: get_swappiness(), try_to_inc_min_seq(), get_type_to_scan() and
 * read_ctrl_pos(); lists: get_scan_count().  A cgroup's own limit of swap, and
 * memory.low, are not looked at.
 */
void mms_lru_next(const struct mms_lru *l, const struct mms_lruvec *v, uint32_t swappiness,
		  struct mms_lru_next *out);

#endif
