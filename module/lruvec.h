/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lruvecs of the machine one after the other, and reading one of them.
 * The collector (collect/lru.c) makes records of it.
 */
#ifndef MMSCOPE_LRUVEC_H
#define MMSCOPE_LRUVEC_H

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/mmzone.h>
#include "mmscope.h"
#include "compat/folio.h"
#include "compat/lruvec.h"

#ifdef CONFIG_LRU_GEN
#define MMS_LRU_GENS	MAX_NR_GENS
#define MMS_LRU_TIERS	MAX_NR_TIERS
#else
#define MMS_LRU_GENS	1	/* for arrays: there are none */
#define MMS_LRU_TIERS	1
#endif

/**
 * struct mms_lru_raw - a folio as read while its list's lock was held
 * @mapping: folio->mapping; the owner is found behind the lock's back
 */
struct mms_lru_raw {
	u64 pfn;
	u64 index;
	unsigned long flags;
	const void *mapping;
	u32 pages;
	u32 mapcount;
	u32 refcount;
	u32 zid;
	u32 position;
	bool from_tail;
	bool cut;
};

/**
 * struct mms_lru_walk - which lruvec is the next one, kept between batches
 * @css: its memcg's, a reference is held; NULL without memcgs
 * @nid: its node
 * @step: of the collector: what of it is the next thing to tell
 * @started: @css and @nid are valid
 * @gens: generations of it as read last, all but the records' heads
 * @tiers: likewise
 * @nraw: folios in @raw
 */
struct mms_lru_walk {
	struct cgroup_subsys_state *css;
	int nid;
	unsigned int step;
	bool started;
	char path[PATH_MAX];
	struct mms_lru_gen gens[MMS_LRU_GENS];
	struct mms_lru_tier tiers[2 * MMS_LRU_TIERS];
	unsigned int nraw;
	struct mms_lru_raw raw[2 * MMS_LRU_SAMPLE_MAX];
};

bool mms_lru_next(struct mms_lru_walk *w);
void mms_lru_done(struct mms_lru_walk *w);
struct lruvec *mms_lru_lruvec(const struct mms_lru_walk *w);
u64 mms_lru_cgroup(const struct mms_lru_walk *w);
void mms_lru_whose(struct mms_lru_walk *w, struct mms_lru_vec *rec);
void mms_lru_sizes(struct mms_query *q, const struct mms_lru_walk *w, struct mms_lru_vec *rec);
unsigned int mms_lru_gens(struct mms_query *q, struct mms_lru_walk *w);
unsigned int mms_lru_tiers(struct mms_lru_walk *w);
void mms_lru_sample(struct mms_query *q, struct mms_lru_walk *w, struct list_head *list,
		    unsigned int n);
enum mms_zone_type mms_lru_zone(const struct mms_lru_walk *w, unsigned int zid);

#endif /* MMSCOPE_LRUVEC_H */
