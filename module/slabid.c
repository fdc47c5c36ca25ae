// SPDX-License-Identifier: GPL-2.0
/*
 * The slab that a page is part of and its cache, by the layout in the running
 * kernel's BTF, or by what 6.1 of 32 bits, which has none, is known to have.
 * Locks: none: everything is read through copy_from_kernel_nofault() and
 * checked.  Never sleeps.  Emits nothing: fills a record.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "compat/btf.h"
#include "frameowner.h"
#include "nofault.h"

#ifndef HAVE_PRIVATE_KMEM_CACHE
/* 5.17 and later: inline functions of linux/slub_def.h want these, of which
 * nothing is used here but the layout of struct kmem_cache. */
struct slab {
	unsigned int objects;
};

static inline void *slab_address(const struct slab *slab)
{
	return NULL;
}
#include <linux/slub_def.h>
#endif

/* Offsets; @ok: those of the cache; @counts: those of the counters. */
static struct {
	bool ok, counts;
	u32 slab_cache;
	struct mms_member inuse, objects;
	u32 name, size, object_size;
} at;

static bool cache_layout(const char *slab, int *ret)
{
	struct mms_member cache, name, size, object_size;

	*ret = mms_btf_member(slab, "slab_cache", &cache);
	if (*ret || mms_btf_member("kmem_cache", "name", &name) ||
	    mms_btf_member("kmem_cache", "size", &size) ||
	    mms_btf_member("kmem_cache", "object_size", &object_size))
		return false;
	at.slab_cache = cache.offset;
	at.name = name.offset;
	at.size = size.offset;
	at.object_size = object_size.offset;
	at.counts = !mms_btf_member(slab, "inuse", &at.inuse) &&
		    !mms_btf_member(slab, "objects", &at.objects) &&
		    at.inuse.bits && at.objects.bits;
	return true;
}

#ifndef HAVE_PRIVATE_KMEM_CACHE
/*
 * Without BTF (i386): kmem_cache is public up to 6.7, and struct slab has its
 * cache where struct page has its mapping, since 5.10 at least and until 6.2
 * "mm/sl[au]b: rearrange struct slab fields".  What is read is checked.
 */
static bool known_layout(void)
{
	at.slab_cache = offsetof(struct page, mapping);
	at.name = offsetof(struct kmem_cache, name);
	at.size = offsetof(struct kmem_cache, size);
	at.object_size = offsetof(struct kmem_cache, object_size);
	return true;
}
#else
static bool known_layout(void)
{
	return false;
}
#endif

/**
 * mms_slabid_init() - find the layout; at init, while BTF is there
 *
 * Return: NULL, or why slabs are not told apart here
 */
const char *mms_slabid_init(void)
{
	int ret, older;

	/* 5.17 "mm/slub: Convert most struct page to struct slab by spatch" */
	at.ok = cache_layout("slab", &ret) || cache_layout("page", &older);
	if (at.ok)
		return NULL;
	if (ret == -ENODATA) {
		at.ok = known_layout();
		return at.ok ? NULL : mms_btf_state();
	}
	return "a member of struct slab or kmem_cache is missing in BTF";
}

/* A bit field of the slab, whose bytes are the first struct page's. */
static u32 bits_of(const struct page *slab, const struct mms_member *m)
{
	u64 v = 0;
	u32 byte = m->bit_offset / 8, n = min_t(u32, sizeof(v), sizeof(*slab) - byte);

	memcpy(&v, (const char *)slab + byte, n);
	return v >> m->bit_offset % 8 & ((1ULL << m->bits) - 1);
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
	const char *cache, *name;

	if (!at.ok || s->torn)
		return false;
	rec->va = (unsigned long)page_to_virt(s->head);
	memcpy(&cache, (const char *)slab + at.slab_cache, sizeof(cache));
	if (!mms_peek_at(&name, cache, at.name) ||
	    !mms_peek_string((char *)rec->name, name, sizeof(rec->name)))
		return false;
	rec->known |= MMS_FSLAB_K_NAME;
	if (!mms_peek_at(&rec->size, cache, at.size) ||
	    !mms_peek_at(&rec->object_size, cache, at.object_size) ||
	    !rec->size || rec->size > bytes || rec->object_size > rec->size)
		return true;
	rec->known |= MMS_FSLAB_K_SIZE;
	if (!at.counts)
		return true;
	rec->objects = bits_of(slab, &at.objects);
	rec->inuse = bits_of(slab, &at.inuse);
	if (rec->objects && (u64)rec->objects * rec->size <= bytes && rec->inuse <= rec->objects)
		rec->known |= MMS_FSLAB_K_COUNTS;
	return true;
}
