/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct page: its words, wherever this kernel keeps them.  Nothing here takes
 * a lock or a reference; each word is read once.
 */
#ifndef MMSCOPE_COMPAT_PAGE_H
#define MMSCOPE_COMPAT_PAGE_H

#include <linux/mm.h>
#include <linux/page-flags.h>

/* 6.18 "mm: introduce memdesc_flags_t" */
static inline unsigned long mms_page_word(const struct page *page)
{
#ifdef HAVE_PAGE_FLAGS_STRUCT
	return READ_ONCE(page->flags.f);
#else
	return READ_ONCE(page->flags);
#endif
}

/* A tail's pointer to its head has bit 0 set (7.0: or a mask, likewise). */
static inline bool mms_page_tail(const struct page *page)
{
	return READ_ONCE(*(const unsigned long *)&page->lru) & 1;
}

/* What the low bits of page->mapping say (linux/page-flags.h: *_MAPPING_*). */
#define MMS_MAPPED_ANON		1UL
#define MMS_MAPPED_MOVABLE	2UL	/* alone: its owner can move it; with ANON: KSM */
#define MMS_MAPPED_BITS		3UL

/* page->mapping with its low bits; of a typed page something else. */
static inline unsigned long mms_page_mapping(const struct page *page)
{
	return (unsigned long)READ_ONCE(page->mapping);
}

static inline int mms_page_refs(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

/* What a page's type says, by no kernel's numbers. */
enum mms_page_type {
	MMS_TYPE_NONE,
	MMS_TYPE_BUDDY,
	MMS_TYPE_OFFLINE,
	MMS_TYPE_TABLE,
	MMS_TYPE_GUARD,
	MMS_TYPE_HUGETLB,
	MMS_TYPE_SLAB,
	MMS_TYPE_ZSMALLOC,
	MMS_TYPE_UNACCEPTED,
	MMS_TYPE_LARGE_KMALLOC,
};

/*
 * mms_page_type - of a page that is no tail
 *
 * 6.11 "mm: allow reuse of the lower 16 bit of the page type with an actual
 * type": a number in the top byte; before: a bit each, zero when set.  6.11 "mm:
 * turn folio_test_hugetlb into a PageType", "slab: mark slab folios by a type".
 */
static inline enum mms_page_type mms_page_type(struct page *page)
{
	unsigned int type = READ_ONCE(page->page_type);

#ifdef HAVE_PAGE_TYPE_BYTE
	switch (type >> 24) {
	case PGTY_buddy:
		return MMS_TYPE_BUDDY;
	case PGTY_offline:
		return MMS_TYPE_OFFLINE;
	case PGTY_table:
		return MMS_TYPE_TABLE;
	case PGTY_guard:
		return MMS_TYPE_GUARD;
	case PGTY_hugetlb:
		return MMS_TYPE_HUGETLB;
	case PGTY_slab:
		return MMS_TYPE_SLAB;
	case PGTY_zsmalloc:
		return MMS_TYPE_ZSMALLOC;
	case PGTY_unaccepted:
		return MMS_TYPE_UNACCEPTED;
#ifdef HAVE_PAGE_TYPE_LARGE_KMALLOC
	/* 6.15 "mm/slab: use PGTY_large_kmalloc" */
	case PGTY_large_kmalloc:
		return MMS_TYPE_LARGE_KMALLOC;
#endif
	}
	return MMS_TYPE_NONE;
#else
	unsigned long word = mms_page_word(page);

	if (word & (1UL << PG_slab))
		return MMS_TYPE_SLAB;
	if ((type & PAGE_TYPE_BASE) == PAGE_TYPE_BASE) {
		if (!(type & PG_buddy))
			return MMS_TYPE_BUDDY;
		if (!(type & PG_table))
			return MMS_TYPE_TABLE;
		if (!(type & PG_offline))
			return MMS_TYPE_OFFLINE;
		if (!(type & PG_guard))
			return MMS_TYPE_GUARD;
	}
	return (word & (1UL << PG_head)) && PageHuge(page) ? MMS_TYPE_HUGETLB : MMS_TYPE_NONE;
#endif
}

/* Is it the first page of a free block?  @page may be a copy of the one struct page:
 * what tells a hugetlb page was in the next one, once. */
static inline bool mms_page_is_buddy(const struct page *page)
{
	unsigned int type = READ_ONCE(page->page_type);

#ifdef HAVE_PAGE_TYPE_BYTE
	return type >> 24 == PGTY_buddy;
#else
	return !(mms_page_word(page) & (1UL << PG_slab)) &&
	       (type & PAGE_TYPE_BASE) == PAGE_TYPE_BASE && !(type & PG_buddy);
#endif
}

/* Is it the first page of a slab?  @page may be a copy of the one struct page. */
static inline bool mms_page_is_slab(const struct page *page)
{
#ifdef HAVE_PAGE_TYPE_BYTE
	return READ_ONCE(page->page_type) >> 24 == PGTY_slab;
#else
	return mms_page_word(page) & (1UL << PG_slab);
#endif
}

/* Has it any type but slab's of old?  A type is a large negative number, a count of
 * mappings is not below -1. */
static inline bool mms_page_typed(const struct page *page)
{
	return (int)READ_ONCE(page->page_type) < -1;
}

/* Bits of mms_page_word() that not every kernel has. */
#ifdef HAVE_PAGE_TYPE_BYTE
#define MMS_WORD_SLAB		0UL
#else
#define MMS_WORD_SLAB		(1UL << PG_slab)
#endif
#ifdef CONFIG_MEMORY_FAILURE
#define MMS_WORD_HWPOISON	(1UL << PG_hwpoison)
#else
#define MMS_WORD_HWPOISON	0UL
#endif

/* How often is this very page mapped, as far as the page itself counts it?  Of
 * a page without a type. */
static inline bool mms_page_mapped(const struct page *page)
{
	return atomic_read(&page->_mapcount) >= 0;
}

/* Has its owner operations to move it?  7.0: a flag of the page; before: how its
 * mapping is marked, PAGE_MAPPING_MOVABLE. */
static inline bool mms_page_movable(const struct page *page)
{
#ifdef HAVE_PAGE_MOVABLE_OPS
	return page_has_movable_ops(page);
#else
	return (mms_page_mapping(page) & 3) == 2;
#endif
}

#endif /* MMSCOPE_COMPAT_PAGE_H */
