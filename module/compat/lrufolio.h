/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A folio, or the head page that it was before there were any, and the lock of
 * the lists it is on.  Locks: none.  Never sleeps.
 */
#ifndef MMSCOPE_COMPAT_LRUFOLIO_H
#define MMSCOPE_COMPAT_LRUFOLIO_H

#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include "page.h"

/* 5.16 "mm: Introduce struct folio" */
#ifdef HAVE_FOLIO
typedef struct folio mms_folio;
#else
typedef struct page mms_folio;
#endif

static inline struct page *mms_folio_page(mms_folio *folio)
{
#ifdef HAVE_FOLIO
	return &folio->page;
#else
	return folio;
#endif
}

static inline unsigned long mms_folio_flags(mms_folio *folio)
{
	return mms_page_word(mms_folio_page(folio));
}

/* For one that is held, or on a list whose lock is held. */
static inline unsigned long mms_folio_pages(mms_folio *folio)
{
#ifdef HAVE_FOLIO
	return folio_nr_pages(folio);
#else
	return compound_nr(folio);
#endif
}

/*
 * Of a large one only where the kernel keeps a sum: 6.10 "mm: track mapcount of
 * large folios in single value".  Before, each of its pages had to be asked.
 */
static inline u32 mms_folio_mapcount(mms_folio *folio)
{
#ifdef HAVE_FOLIO_LARGE_MAPCOUNT
	return folio_mapcount(folio);
#else
	struct page *page = mms_folio_page(folio);

	return PageHead(page) ? MMS_LRU_UNKNOWN : atomic_read(&page->_mapcount) + 1;
#endif
}

/* 5.11 "mm/lru: replace pgdat lru_lock with lruvec lock" */
static inline spinlock_t *mms_lruvec_lock(struct lruvec *lruvec)
{
#ifdef HAVE_LRUVEC_LOCK
	return &lruvec->lru_lock;
#else
	return &lruvec_pgdat(lruvec)->lru_lock;
#endif
}

/* What reclaim has cost of a type, 0 anon, 1 file.  7.3: a struct for each type. */
static inline unsigned long mms_lruvec_cost(struct lruvec *lruvec, int type)
{
#ifdef HAVE_LRUVEC_COST
	return READ_ONCE(lruvec->cost[type].count);
#else
	return type ? lruvec->file_cost : lruvec->anon_cost;
#endif
}

#endif /* MMSCOPE_COMPAT_LRUFOLIO_H */
