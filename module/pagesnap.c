// SPDX-License-Identifier: GPL-2.0
/*
 * A page frame's struct page and that of its folio, copied while nothing keeps
 * them, and what they say.  Locks: none; never sleeps.  Emits nothing.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/swap.h>
#ifdef HAVE_SOFTLEAF
#include <linux/leafops.h>
#endif
#include <linux/swapops.h>
#include "compat/buddy.h"
#include "memory.h"
#include "nofault.h"
#include "pagesnap.h"
#include "zone.h"

#define SNAP_TRIES	4
#define HOLD_TRIES	16	/* who has it for a moment is let finish */
#define ORDER_SANE	19	/* of 4K pages 2 GiB: no folio is larger */

/* fs/proc/page.c and include/linux/kernel-page-flags.h number them so for all time. */
enum {
	KPF_LOCKED, KPF_ERROR, KPF_REFERENCED, KPF_UPTODATE, KPF_DIRTY, KPF_LRU, KPF_ACTIVE,
	KPF_SLAB, KPF_WRITEBACK, KPF_RECLAIM, KPF_BUDDY, KPF_MMAP, KPF_ANON, KPF_SWAPCACHE,
	KPF_SWAPBACKED, KPF_COMPOUND_HEAD, KPF_COMPOUND_TAIL, KPF_HUGE, KPF_UNEVICTABLE,
	KPF_HWPOISON, KPF_NOPAGE, KPF_KSM, KPF_THP, KPF_OFFLINE, KPF_ZERO_PAGE, KPF_IDLE,
	KPF_PGTABLE, KPF_RESERVED = 32, KPF_MLOCKED, KPF_OWNER_2, KPF_PRIVATE, KPF_PRIVATE_2,
	KPF_OWNER_PRIVATE, KPF_ARCH,
};

/**
 * mms_frame_at() - is there memory at this number?
 * @pfn: any number
 * @page: set with MMS_PFN_PAGE
 *
 * Between mms_memmap_hold() and _release(); may sleep.
 */
enum mms_pfn_state mms_frame_at(u64 pfn, struct page **page)
{
	*page = pfn >> (BITS_PER_LONG - 1) >> 1 ? NULL : mms_online_page(pfn);
	if (*page)
		return MMS_PFN_PAGE;
	/* (looks through the machine's resources) */
	if (pfn >= mms_pfn_end())
		return MMS_PFN_BEYOND;
	return mms_device_page(pfn) || pfn_valid(pfn) ? MMS_PFN_OFFLINE : MMS_PFN_HOLE;
}

/* Is @head a page that @page can be a tail of? */
static bool head_sane(const struct page *page, struct page *head)
{
	unsigned long pfn = page_to_pfn(page), first;

	if (head == page)
		return true;
	if (head > page || ((unsigned long)head & (sizeof(long) - 1)))
		return false;
	first = page_to_pfn(head);
	return first < pfn && pfn - first < 1UL << ORDER_SANE && pfn_valid(first) &&
	       pfn_to_page(first) == head;
}

/* The two enums are numbered alike; the kernel may have types unknown here. */
static enum mms_pgty type_of(struct page *folio)
{
	enum mms_page_type type = mms_page_type(folio);

	BUILD_BUG_ON((int)MMS_TYPE_LARGE_KMALLOC != (int)MMS_PGTY_LARGE_KMALLOC ||
		     (int)MMS_TYPE_HUGETLB != (int)MMS_PGTY_HUGETLB);
	return type == MMS_TYPE_NONE && mms_page_typed(folio) ? MMS_PGTY_OTHER : (enum mms_pgty)type;
}

static bool snap_once(struct mms_pagesnap *s)
{
	unsigned long again;
	unsigned int i, n;

	s->head = compound_head(s->page);
	if (!head_sane(s->page, s->head) || !mms_peek(&s->copy, s->page, sizeof(s->copy)) ||
	    !mms_peek(s->folio, s->head, sizeof(struct page)))
		return false;
	s->tail = mms_page_tail_word(&s->copy) & 1;
	if (s->tail != (s->head != s->page) || mms_page_tail_word(&s->folio[0]) & 1)
		return false;
	s->order = 0;
	if (mms_page_word(&s->folio[0]) & BIT(PG_head))
		s->order = compound_order(s->head);
	else if (s->tail)
		return false;
	if (s->order > ORDER_SANE || page_to_pfn(s->page) - page_to_pfn(s->head) >= 1UL << s->order)
		return false;
	n = min_t(unsigned int, 1U << s->order, ARRAY_SIZE(s->folio));
	memset(s->folio + 1, 0, sizeof(s->folio) - sizeof(struct page));
	for (i = 1; i < n; i++)
		if (!mms_peek(&s->folio[i], s->head + i, sizeof(struct page)))
			return false;
	/* The word that made it a part of this folio, and what the folio is, stood still? */
	if (!mms_peek(&again, &s->page->lru, sizeof(again)) ||
	    again != mms_page_tail_word(&s->copy) ||
	    !mms_peek(&again, &s->head->mapping, sizeof(again)))
		return false;
	return again == (unsigned long)s->folio[0].mapping;
}

/**
 * mms_pagesnap_take() - copy the struct pages of a frame and its folio
 * @s: filled
 * @page: of online memory, as mms_frame_at() found it
 *
 * What changes all the time is copied as it is at one moment, with @s->torn set.
 */
void mms_pagesnap_take(struct mms_pagesnap *s, struct page *page)
{
	unsigned int i;

	s->page = page;
	for (i = 0; i < SNAP_TRIES; i++)
		if (snap_once(s))
			break;
	s->torn = i == SNAP_TRIES;
	if (s->torn) {
		memset(s->folio, 0, sizeof(s->folio));
		if (!mms_peek(&s->copy, page, sizeof(s->copy)))
			memset(&s->copy, 0, sizeof(s->copy));
		s->folio[0] = s->copy;
		s->head = page;
		s->tail = false;
		s->order = 0;
	}
	s->type = type_of(s->folio);
	s->hugetlb = s->type == MMS_PGTY_HUGETLB;
}

static u64 bit_of(unsigned long flags, unsigned int pg, unsigned int kpf)
{
	return flags & BIT(pg) ? 1ULL << kpf : 0;
}

/* Bits that are copied, whatever their number here. */
static u64 copied_flags(const struct mms_pagesnap *s)
{
	unsigned long f = mms_page_word(&s->folio[0]);
	unsigned long own = mms_page_word(&s->copy);
	u64 k = 0;

	k |= bit_of(f, PG_locked, KPF_LOCKED) | bit_of(f, PG_referenced, KPF_REFERENCED) |
	     bit_of(f, PG_uptodate, KPF_UPTODATE) | bit_of(f, PG_dirty, KPF_DIRTY) |
	     bit_of(f, PG_lru, KPF_LRU) | bit_of(f, PG_active, KPF_ACTIVE) |
	     bit_of(f, PG_writeback, KPF_WRITEBACK) | bit_of(f, PG_reclaim, KPF_RECLAIM) |
	     bit_of(f, PG_swapbacked, KPF_SWAPBACKED) |
	     bit_of(f, PG_unevictable, KPF_UNEVICTABLE) |
	     bit_of(own, PG_reserved, KPF_RESERVED) | bit_of(f, PG_mlocked, KPF_MLOCKED) |
	     bit_of(f, PG_private, KPF_PRIVATE) | bit_of(f, PG_private_2, KPF_PRIVATE_2) |
	     bit_of(f, PG_owner_priv_1, KPF_OWNER_PRIVATE) | bit_of(f, PG_arch_1, KPF_ARCH);
	/* 6.15 "mm: rename PG_owner_2": one bit, two names */
#ifdef HAVE_PG_OWNER_2
	k |= bit_of(f, PG_owner_2, KPF_OWNER_2);
#else
	k |= bit_of(f, PG_mappedtodisk, KPF_OWNER_2);
#endif
#ifdef HAVE_PG_ERROR
	k |= bit_of(f, PG_error, KPF_ERROR);
#endif
#ifdef CONFIG_MEMORY_FAILURE
	k |= bit_of(own, PG_hwpoison, KPF_HWPOISON);
#endif
#if defined(CONFIG_PAGE_IDLE_FLAG) && defined(CONFIG_64BIT)
	k |= bit_of(f, PG_idle, KPF_IDLE);
#endif
	if ((f & BIT(PG_swapcache)) && (f & BIT(PG_swapbacked)))
		k |= 1ULL << KPF_SWAPCACHE;
	return k;
}

static enum mms_frame_mapping mapping_kind(const struct mms_pagesnap *s)
{
	unsigned long m = (unsigned long)s->folio[0].mapping;

	/* These use the word for themselves, or not at all. */
	if (!m || (s->type != MMS_PGTY_NONE && s->type != MMS_PGTY_HUGETLB))
		return MMS_MAPPING_NONE;
	if (m & MMS_MAPPED_ANON)
		return m & MMS_MAPPED_MOVABLE ? MMS_MAPPING_KSM : MMS_MAPPING_ANON;
	return m & MMS_MAPPED_MOVABLE ? MMS_MAPPING_MOVABLE : MMS_MAPPING_FILE;
}

static u64 kpf_of(const struct mms_pagesnap *s, const struct mms_frame *f)
{
	u64 pfn = page_to_pfn(s->page), k = copied_flags(s);

	if (f->mapping_kind == MMS_MAPPING_ANON || f->mapping_kind == MMS_MAPPING_KSM)
		k |= 1ULL << KPF_ANON;
	if (f->mapping_kind == MMS_MAPPING_KSM)
		k |= 1ULL << KPF_KSM;
	if (f->known & MMS_FRAME_K_MAPCOUNT && f->mapcount)
		k |= 1ULL << KPF_MMAP;
	if (s->order)
		k |= 1ULL << (s->tail ? KPF_COMPOUND_TAIL : KPF_COMPOUND_HEAD);
	if (s->hugetlb)
		k |= 1ULL << KPF_HUGE;
	else if (s->order && (k & 1ULL << KPF_LRU || f->mapping_kind == MMS_MAPPING_ANON))
		k |= 1ULL << KPF_THP;
	if (mms_zero_page(pfn, 1))
		k |= 1ULL << KPF_ZERO_PAGE;
	else if (s->order && mms_zero_page(pfn, 2))
		k |= 1ULL << KPF_ZERO_PAGE | 1ULL << KPF_THP;
	if (s->type == MMS_PGTY_OFFLINE)
		k |= 1ULL << KPF_OFFLINE;
	if (s->type == MMS_PGTY_TABLE)
		k |= 1ULL << KPF_PGTABLE;
	if (s->type == MMS_PGTY_SLAB)
		k |= 1ULL << KPF_SLAB;
	return k;
}

/* Entries that map this page, as /proc/kpagecount counts them; -1 = no page of that kind. */
static int count_of(const struct mms_pagesnap *s, const struct page *copy)
{
	int n;

	if (s->type != MMS_PGTY_NONE && !s->hugetlb)
		return -1;
	n = s->hugetlb ? 0 : atomic_read(&copy->_mapcount) + 1;
	if (!s->order)
		return n;
	n += mms_folio_entire(s->folio);
	if (!s->hugetlb && mms_folio_double_map(s->folio))
		n--;
	return n;
}

/* All entries that map the folio.  Kernels without a sum: page by page. */
static int folio_count(const struct mms_pagesnap *s)
{
	int sum = mms_folio_entire(s->folio);
	bool twice = mms_folio_double_map(s->folio);
	unsigned int i;
	atomic_t one;

	if (HAS_FOLIO_SUM)
		return mms_folio_sum(s->folio);
	for (i = 0; !s->hugetlb && i < 1U << s->order; i++) {
		if (!mms_peek(&one, &s->head[i]._mapcount, sizeof(one)))
			return -1;
		sum += atomic_read(&one) + 1 - twice;
	}
	return sum;
}

static void tell_counts(const struct mms_pagesnap *s, struct mms_frame *f)
{
	bool third_page = s->order > 1;	/* order 1 keeps less, of which kernels differ */
	int n = count_of(s, &s->copy);

	f->refcount = atomic_read(&s->folio[0]._refcount);
	f->page_type = s->folio[0].page_type;
	if (n >= 0) {
		f->mapcount = n;
		f->known |= MMS_FRAME_K_MAPCOUNT;
	}
	if (n < 0)
		return;
	n = s->order ? folio_count(s) : n;
	if (n >= 0) {
		f->folio_mapcount = n;
		f->known |= MMS_FRAME_K_FOLIO_MAPS;
	}
	if (third_page) {
		f->entire_mapcount = mms_folio_entire(s->folio);
		f->pincount = mms_folio_pins(s->folio);
		f->known |= MMS_FRAME_K_ENTIRE | MMS_FRAME_K_PINCOUNT;
	}
}

static void tell_index(const struct mms_pagesnap *s, struct mms_frame *f)
{
	unsigned long index = mms_page_index(&s->folio[0]);

	if (f->mapping_kind != MMS_MAPPING_FILE && f->mapping_kind != MMS_MAPPING_ANON &&
	    f->mapping_kind != MMS_MAPPING_KSM)
		return;
	if (s->hugetlb)
		index = mms_hugetlb_index(index, s->order);
	f->index = index + (page_to_pfn(s->page) - page_to_pfn(s->head));
	f->known |= MMS_FRAME_K_INDEX;
}

static void tell_swap(const struct mms_pagesnap *s, struct mms_frame *f)
{
	swp_entry_t entry = { .val = page_private(&s->folio[0]) };

	if (!(f->kpf & 1ULL << KPF_SWAPCACHE) || f->mapping_kind == MMS_MAPPING_MOVABLE)
		return;
	/* The entry of the folio; its pages have successive ones. */
	f->flags |= MMS_PF_SWAPCACHE;
	f->swap_type = swp_type(entry);
	f->swap_slot = swp_offset(entry) + (page_to_pfn(s->page) - page_to_pfn(s->head));
	f->known |= MMS_FRAME_K_SWAP;
}

/*
 * The free block that a frame is part of: its head is aligned to its size, and
 * says how large it is.
 */
static void tell_buddy(const struct mms_pagesnap *s, struct mms_frame *f)
{
	unsigned long pfn = page_to_pfn(s->page), first;
	struct page *page, copy;
	unsigned int order;

	if (f->refcount || (s->type != MMS_PGTY_NONE && s->type != MMS_PGTY_BUDDY) || s->order)
		return;
	for (order = 0; order <= pageblock_order + 1; order++) {
		first = pfn & ~((1UL << order) - 1);
		page = mms_online_page(first);
		if (!page || !mms_peek(&copy, page, sizeof(copy)))
			return;
		if (!mms_page_is_buddy(&copy))
			continue;
		if (page_private(&copy) > ORDER_SANE || pfn - first >= 1UL << page_private(&copy))
			return;
		f->buddy_pfn = first;
		f->buddy_order = page_private(&copy);
		f->known |= MMS_FRAME_K_BUDDY;
		f->kpf |= 1ULL << KPF_BUDDY;
		return;
	}
}

static void tell_place(const struct mms_pagesnap *s, struct mms_frame *f)
{
	struct page *page = s->page;
	int type = mms_pageblock_type(page_zone(page), page_to_pfn(page));

	f->zone = mms_zone_type(page_zone(page));
	f->node = page_to_nid(page);
	f->known |= MMS_FRAME_K_ZONE;
	if (type >= 0) {
		f->migratetype = mms_migratetype(type);
		f->known |= MMS_FRAME_K_MIGRATETYPE;
	}
#ifdef CONFIG_LRU_GEN
	/* 6.1 "mm: multi-gen LRU: groundwork" */
	if (mms_page_word(&s->folio[0]) & LRU_GEN_MASK) {
		f->lru_gen = ((mms_page_word(&s->folio[0]) & LRU_GEN_MASK) >> LRU_GEN_PGOFF) - 1;
		f->known |= MMS_FRAME_K_LRU_GEN;
	}
#endif
}

/**
 * mms_pagesnap_tell() - what the copies say, as a record
 * @s: taken
 * @f: zeroed but for its head
 */
void mms_pagesnap_tell(const struct mms_pagesnap *s, struct mms_frame *f)
{
	f->pfn = page_to_pfn(s->page);
	f->state = MMS_PFN_PAGE;
	f->known |= MMS_FRAME_K_WORDS;
	if (s->torn)
		f->flags |= MMS_PF_TORN;
	f->raw_flags = mms_page_word(&s->copy);
	f->folio_flags = mms_page_word(&s->folio[0]);
	f->folio_pfn = page_to_pfn(s->head);
	f->mapping = (unsigned long)s->folio[0].mapping;
	f->private_word = page_private(&s->folio[0]);
	f->memcg_word = mms_page_memcg_word(&s->folio[0]);
	f->order = s->order;
	f->type = s->type;
	f->mapping_kind = mapping_kind(s);
	tell_counts(s, f);
	f->kpf = kpf_of(s, f);
	tell_index(s, f);
	tell_swap(s, f);
	tell_buddy(s, f);
	tell_place(s, f);
}

/**
 * mms_pagesnap_mapped() - is any page of the folio mapped now?
 * @s: its folio is referenced and locked: it is neither split nor freed
 */
bool mms_pagesnap_mapped(const struct mms_pagesnap *s)
{
	unsigned int i, pages = s->hugetlb || HAS_FOLIO_SUM ? 0 : 1U << s->order;

	if (!s->order)
		return atomic_read(&s->head->_mapcount) >= 0;
	if (mms_folio_sum(s->head) > 0 || mms_folio_entire(s->head) > 0)
		return true;
	for (i = 0; i < pages; i++)
		if (atomic_read(&s->head[i]._mapcount) >= 0)
			return true;
	return false;
}

/* Is it, referenced and locked now, what it was when it was copied? */
static bool unchanged(const struct mms_pagesnap *s)
{
	return READ_ONCE(s->head->mapping) == s->folio[0].mapping &&
	       mms_page_index(s->head) == mms_page_index(&s->folio[0]) &&
	       compound_order(s->head) == s->order;
}

/**
 * mms_page_hold() - a reference on the folio and its lock, without waiting
 * @s: taken
 *
 * Who finds the folio locked meanwhile waits for mms_page_release(), and a
 * migration that meets the reference tries again: keep it short.
 *
 * Return: MMS_RMAP_DONE: held, and @s says what it still is;
 * MMS_RMAP_BUSY_PAGE, MMS_RMAP_CHANGED: not held
 */
enum mms_frame_rmap mms_page_hold(const struct mms_pagesnap *s)
{
	unsigned int i;

	if (s->torn || !get_page_unless_zero(s->head))
		return MMS_RMAP_CHANGED;
	/* A reference keeps a folio from being freed and split. */
	if (compound_head(s->page) == s->head) {
		for (i = 0; i < HOLD_TRIES; i++, cpu_relax()) {
			if (!trylock_page(s->head))
				continue;
			if (unchanged(s))
				return MMS_RMAP_DONE;
			mms_page_unlock(s->head);
			put_page(s->head);
			return MMS_RMAP_CHANGED;
		}
		put_page(s->head);
		return MMS_RMAP_BUSY_PAGE;
	}
	put_page(s->head);
	return MMS_RMAP_CHANGED;
}

void mms_page_release(const struct mms_pagesnap *s)
{
	mms_page_unlock(s->head);
	put_page(s->head);
}
