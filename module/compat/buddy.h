/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels about free pages: pageblock bits, per-CPU lists.
 * Locks: none.  Never sleeps.
 */
#ifndef MMSCOPE_COMPAT_BUDDY_H
#define MMSCOPE_COMPAT_BUDDY_H

#include <linux/memory_hotplug.h>
#include <linux/mmzone.h>
#include <linux/pageblock-flags.h>
#include "../nofault.h"
#include "../zone.h"

/* Where the bits of @pfn's section begin, and the first PFN they are about. */
static inline const unsigned long *mms_pageblock_map(const struct zone *zone, unsigned long pfn,
						     unsigned long *first)
{
#ifdef CONFIG_SPARSEMEM
	const struct mem_section *ms = __pfn_to_section(pfn);
	struct mem_section_usage *usage = ms ? READ_ONCE(ms->usage) : NULL;

	*first = pfn & PAGE_SECTION_MASK;
	return usage ? usage->pageblock_flags : NULL;
#else
	*first = round_down(zone->zone_start_pfn, pageblock_nr_pages);
	return zone->pageblock_flags;
#endif
}

/**
 * mms_pageblock_type() - migratetype of the pageblock that holds @pfn
 * @zone: its zone
 * @pfn: pfn_to_online_page() knows it
 *
 * get_pfnblock_flags_mask() is not exported: as it reads them.
 *
 * Return: the kernel's enum migratetype; -1 where that cannot be read
 */
static inline int mms_pageblock_type(const struct zone *zone, unsigned long pfn)
{
	unsigned long first, bit, word;
	const unsigned long *map = mms_pageblock_map(zone, pfn, &first);

	if (!map)
		return -1;
	bit = ((pfn - first) >> pageblock_order) * NR_PAGEBLOCK_BITS;
	if (!mms_peek(&word, map + bit / BITS_PER_LONG, sizeof(word)))
		return -1;
	word >>= bit % BITS_PER_LONG;
#ifdef PAGEBLOCK_ISO_MASK
	/* 6.17 "mm/page_isolation: make page isolation a standalone bit": the
	 * type stands beside it */
	if (word & PAGEBLOCK_ISO_MASK)
		return mms_migratetype_raw(MMS_MT_ISOLATE);
	return word & PAGEBLOCK_MIGRATETYPE_MASK;
#else
	return word & ((1UL << PB_migratetype_bits) - 1);
#endif
}

/* 5.14 "mm/page_alloc: split per cpu page lists and zone stats" */
static inline int mms_pcp_count(const struct zone *zone, unsigned int cpu)
{
#ifdef HAVE_ZONE_PAGESET
	return READ_ONCE(per_cpu_ptr(zone->pageset, cpu)->pcp.count);
#else
	return READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
#endif
}

#endif /* MMSCOPE_COMPAT_BUDDY_H */
