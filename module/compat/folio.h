/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folios: what is said of several pages at once, wherever this kernel keeps it.
 * Read from a copy where a pointer is const; the others act on the folio itself.
 * What concerns a single page is in compat/page.h.  Locks: none.  Never
 * sleeps.
 */
#ifndef MMSCOPE_COMPAT_FOLIO_H
#define MMSCOPE_COMPAT_FOLIO_H

#include <linux/hugetlb.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mmscope.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
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

/* The struct pages of a folio that hold what is said of all of it. */
#define MMS_FOLIO_PAGES	3

/* The word whose bit 0 tells a tail page: compound_head, since 7.1 compound_info. */
static inline unsigned long mms_page_tail_word(const struct page *page)
{
	return *(const unsigned long *)&page->lru;
}

/* 5.16 "mm: Introduce struct folio"; 6.17 struct page no longer has an index of its own */
static inline unsigned long mms_page_index(const struct page *head)
{
#ifdef HAVE_FOLIO
	return ((const struct folio *)head)->index;
#else
	return head->index;
#endif
}

/* 5.11 "mm: memcontrol: Use helpers to read page's memcg data": before, the pointer alone */
static inline unsigned long mms_page_memcg_word(const struct page *head)
{
#if !defined(CONFIG_MEMCG)
	return 0;
#elif defined(HAVE_MEMCG_DATA)
	return head->memcg_data;
#else
	return (unsigned long)head->mem_cgroup;
#endif
}

#define MMS_MEMCG_OBJS	1UL	/* MEMCG_DATA_OBJCGS, later _OBJEXTS */
#define MMS_MEMCG_KMEM	2UL	/* MEMCG_DATA_KMEM */

/* 7.1 "mm: memcontrol: convert objcg to be per-memcg per-node type": LRU folios, too */
static inline bool mms_memcg_by_objcg(unsigned long word)
{
#ifdef HAVE_FOLIO_OBJCG
	return true;
#else
	return word & MMS_MEMCG_KMEM;
#endif
}

/* 6.7 "mm/filemap: remove hugetlb special casing in filemap.c": before, huge pages were counted */
static inline unsigned long mms_hugetlb_index(unsigned long index, unsigned int order)
{
#ifdef HAVE_HUGETLB_BASEPAGE_INDEX
	return index << order;
#else
	return index;
#endif
}

/* Of a folio of at least two pages: how often one entry maps all of it. */
static inline int mms_folio_entire(const struct page *pages)
{
#ifdef HAVE_FOLIO_LARGE_MAPCOUNT
	const struct folio *folio = (const struct folio *)pages;

	/* 32 bits: in the third page, which one of order 1 does not have */
	return atomic_read(&folio->_entire_mapcount) + 1;
#else
	return atomic_read(compound_mapcount_ptr((struct page *)pages)) + 1;
#endif
}

/* 6.10 "mm: track mapcount of large folios in single value": before, page by page */
#ifdef HAVE_FOLIO_LARGE_MAPCOUNT
#define HAS_FOLIO_SUM	true
#else
#define HAS_FOLIO_SUM	false
#endif

/* Of a folio of at least two pages: all entries that map any of it; 0 without HAS_FOLIO_SUM. */
static inline int mms_folio_sum(const struct page *pages)
{
#ifdef HAVE_FOLIO_LARGE_MAPCOUNT
	return atomic_read(&((const struct folio *)pages)->_large_mapcount) + 1;
#else
	return 0;
#endif
}

/* 6.2 "mm,thp,rmap: simplify compound page mapcount handling": before, each page counted one more */
static inline bool mms_folio_double_map(const struct page *pages)
{
#ifdef HAVE_PG_DOUBLE_MAP
	return mms_page_word(pages + 1) & BIT(PG_double_map);
#else
	return false;
#endif
}

/*
 * Of a folio of 2^order pages, two at least, that is of users: all entries that map any of it.
 * Where no single count is kept it is as total_mapcount() adds them up, page by page: an entry
 * for all of the folio was counted in each page, too, of files, and of anonymous ones while others
 * map parts of it (until 6.2, as PG_double_map).
 */
static inline int mms_folio_maps(const struct page *pages, unsigned int order)
{
	int n, entire;
	unsigned int i;

	if (HAS_FOLIO_SUM)
		return mms_folio_sum(pages);
	entire = mms_folio_entire(pages);
	for (n = entire, i = 0; i < 1U << order; i++)
		n += atomic_read(&pages[i]._mapcount) + 1;
#ifdef HAVE_PG_DOUBLE_MAP
	if (!(mms_page_mapping(pages) & MMS_MAPPED_ANON))
		n -= entire << order;
	else if (mms_folio_double_map(pages))
		n -= 1 << order;
#endif
	return n;
}

/* All entries that map a folio; MMS_LRU_UNKNOWN: its pages would have to be asked one by one. */
static inline u32 mms_folio_mapcount(mms_folio *folio)
{
	struct page *page = mms_folio_page(folio);
	int n;

	if (PageHead(page))
		return HAS_FOLIO_SUM ? mms_folio_sum(page) : MMS_LRU_UNKNOWN;
	n = atomic_read(&page->_mapcount) + 1;
	return n < 0 ? 0 : n;	/* (not of users) */
}

/* Of a folio of at least four pages: its pins. */
static inline int mms_folio_pins(const struct page *pages)
{
#ifdef HAVE_FOLIO_LARGE_MAPCOUNT
	return atomic_read(&((const struct folio *)pages)->_pincount);
#else
	return atomic_read(compound_pincount_ptr((struct page *)pages));
#endif
}

/* 5.16 "mm/filemap: Add folio_unlock()" */
static inline void mms_page_unlock(struct page *head)
{
#ifdef HAVE_FOLIO
	folio_unlock(page_folio(head));
#else
	unlock_page(head);
#endif
}

/* 7.3 indexes anonymous memory by numbers of its own: "mm: introduce vma_start_anon_pgoff()" */
static inline unsigned long mms_vma_anon_pgoff(const struct vm_area_struct *vma)
{
#ifdef HAVE_ANON_PGOFF
	return vma_start_anon_pgoff(vma);
#else
	return vma->vm_pgoff;
#endif
}

#endif /* MMSCOPE_COMPAT_FOLIO_H */
