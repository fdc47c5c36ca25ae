// SPDX-License-Identifier: GPL-2.0
/*
 * The slab that a page is part of and its cache.
 * Locks: none: everything is read through copy_from_kernel_nofault() and
 * checked.  Never sleeps.  Emits nothing: fills a record.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "frameowner.h"
#include "slabcache.h"

/**
 * mms_slabid_init() - find the layout; at init, while BTF is there
 *
 * Return: NULL, or why slabs are not told apart here
 */
const char *mms_slabid_init(void)
{
	return mms_slabcache_init(NULL);
}

/**
 * mms_slabid_tell() - which cache, which objects?
 * @s: of a slab page
 * @rec: filled in but for its head
 *
 * Return: false where nothing of it is known
 */
bool mms_slabid_tell(const struct mms_pagesnap *s, struct mms_frame_slab *rec)
{
	const struct page *slab = &s->folio[0];
	u64 bytes = (u64)PAGE_SIZE << s->order;
	struct mms_slabcache c;
	unsigned long cache;
	u32 counters;

	if (!mms_slab_at.ok || s->torn)
		return false;
	rec->va = (unsigned long)page_to_virt(s->head);
	memcpy(&cache, (const char *)slab + mms_slab_at.slab_cache, sizeof(cache));
	if (!mms_slabcache_read(&c, cache) ||
	    !mms_peek_string((char *)rec->name, (const char *)c.name, sizeof(rec->name)))
		return false;
	rec->known |= MMS_FSLAB_K_NAME;
	rec->size = c.size;
	rec->object_size = c.object_size;
	if (rec->size > bytes)
		return true;
	rec->known |= MMS_FSLAB_K_SIZE;
	if (!mms_slab_at.counts)
		return true;
	memcpy(&counters, (const char *)slab + mms_slab_at.counters, sizeof(counters));
	rec->objects = MMS_SLAB_OBJECTS(counters);
	rec->inuse = MMS_SLAB_INUSE(counters);
	if (rec->objects && (u64)rec->objects * rec->size <= bytes && rec->inuse <= rec->objects)
		rec->known |= MMS_FSLAB_K_COUNTS;
	return true;
}
