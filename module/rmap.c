// SPDX-License-Identifier: GPL-2.0
/*
 * Which VMAs can map a page frame: the kernel's reverse map, read by own code.
 * Locks: the caller holds the page's lock and a reference; takes the anon_vma's
 * or the file's rwsem for reading, if it is free, for at most MMS_RMAP_MAX nodes.
 * Never sleeps inside.  Emits nothing.
 *
 * Page tables are not looked at here: what a VMA maps is proved later, under
 * its own mmap_lock (mapproof.c).  So nothing rests on tables that may be going.
 */
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "rmap.h"

static unsigned long avc_start(struct anon_vma_chain *avc)
{
	return mms_vma_anon_pgoff(avc->vma);
}

static unsigned long avc_last(struct anon_vma_chain *avc)
{
	return mms_vma_anon_pgoff(avc->vma) + vma_pages(avc->vma) - 1;
}

static unsigned long file_start(struct vm_area_struct *vma)
{
	return vma->vm_pgoff;
}

static unsigned long file_last(struct vm_area_struct *vma)
{
	return vma->vm_pgoff + vma_pages(vma) - 1;
}

/* mm/interval_tree.c's trees; its functions are not exported.  Of these only the iterators are used. */
INTERVAL_TREE_DEFINE(struct anon_vma_chain, rb, unsigned long, rb_subtree_last,
		     avc_start, avc_last, static __maybe_unused, mms_avc)
INTERVAL_TREE_DEFINE(struct vm_area_struct, shared.rb, unsigned long, shared.rb_subtree_last,
		     file_start, file_last, static __maybe_unused, mms_filevma)

/**
 * mms_rmap_more() - room for as many candidates as may ever be taken along
 * @r: they were too few; ended
 *
 * May sleep.  Return: 0 or -ENOMEM
 */
int mms_rmap_more(struct mms_rmap *r)
{
	r->c = kvmalloc_array(MMS_RMAP_MAX, sizeof(*r->c), GFP_KERNEL);
	r->room = r->c ? MMS_RMAP_MAX : 0;
	return r->c ? 0 : -ENOMEM;
}

/**
 * mms_rmap_end() - forget the candidates
 */
void mms_rmap_end(struct mms_rmap *r)
{
	if (r->room)
		kvfree(r->c);
	r->c = NULL;
	r->room = 0;
	r->n = 0;
	r->looked = 0;
	r->more = false;
}

static u32 vma_facts(const struct vm_area_struct *vma)
{
	unsigned long f = vma->vm_flags;

	return (f & VM_READ ? MMS_VMA_READ : 0) | (f & VM_WRITE ? MMS_VMA_WRITE : 0) |
	       (f & VM_EXEC ? MMS_VMA_EXEC : 0) | (f & VM_MAYSHARE ? MMS_VMA_SHARED : 0) |
	       (f & VM_LOCKED ? MMS_VMA_LOCKED : 0) | (f & VM_HUGETLB ? MMS_VMA_HUGETLB : 0) |
	       (vma->vm_file ? MMS_VMA_FILE : 0);
}

static void add(struct mms_rmap *r, const struct vm_area_struct *vma, unsigned long va)
{
	struct mms_candidate *c;

	if (va < vma->vm_start || va >= vma->vm_end)
		return;
	if (r->n == (r->room ? r->room : MMS_RMAP_FIRST)) {
		r->more = true;
		return;
	}
	c = &r->c[r->n++];
	c->mm = vma->vm_mm;
	c->va = va;
	c->vma_start = vma->vm_start;
	c->vma_end = vma->vm_end;
	c->vma_flags = vma_facts(vma);
}

/* One more node; false when that were too many under one lock. */
static bool look(struct mms_rmap *r)
{
	if (r->looked++ < MMS_RMAP_MAX)
		return true;
	r->more = true;
	return false;
}

static void walk_anon(struct mms_rmap *r, struct anon_vma *anon_vma, unsigned long pgoff)
{
	struct anon_vma_chain *avc;

	for (avc = mms_avc_iter_first(&anon_vma->rb_root, pgoff, pgoff); avc && look(r);
	     avc = mms_avc_iter_next(avc, pgoff, pgoff))
		add(r, avc->vma, avc->vma->vm_start + ((pgoff - avc_start(avc)) << PAGE_SHIFT));
}

/*
 * As folio_lock_anon_vma_read() (mm/rmap.c): anon_vmas are freed by RCU into a
 * cache of their own, so that root and its rwsem can be looked at; a folio that
 * is still mapped when the rwsem is held keeps its anon_vma until that is given
 * back (anon_vma_free()).  The folio's lock keeps it from moving to another one.
 */
static struct anon_vma *anon_lock(const struct mms_pagesnap *s, enum mms_frame_rmap *why)
{
	unsigned long mapping = (unsigned long)s->folio[0].mapping;
	struct anon_vma *anon_vma = (struct anon_vma *)(mapping & ~MMS_MAPPED_BITS), *root;

	rcu_read_lock();
	root = READ_ONCE(anon_vma->root);
	if (!mms_pagesnap_mapped(s)) {
		*why = MMS_RMAP_UNMAPPED;
		root = NULL;
	} else if (!down_read_trylock(&root->rwsem)) {
		*why = MMS_RMAP_BUSY_TREE;
		root = NULL;
	} else if (!mms_pagesnap_mapped(s)) {
		up_read(&root->rwsem);
		*why = MMS_RMAP_UNMAPPED;
		root = NULL;
	}
	rcu_read_unlock();
	return root;
}

static enum mms_frame_rmap read_anon(struct mms_rmap *r, const struct mms_pagesnap *s,
				     const struct mms_frame *f)
{
	unsigned long mapping = (unsigned long)s->folio[0].mapping;
	enum mms_frame_rmap why = MMS_RMAP_DONE;
	struct anon_vma *root = anon_lock(s, &why);

	if (!root)
		return why;
	walk_anon(r, (struct anon_vma *)(mapping & ~MMS_MAPPED_BITS), f->index);
	up_read(&root->rwsem);
	return MMS_RMAP_DONE;
}

/**
 * mms_rmap_anon_at() - every VMA of an anon_vma that spans an address
 * @anon_vma: struct anon_vma *; somebody holds a reference on it
 */
enum mms_frame_rmap mms_rmap_anon_at(struct mms_rmap *r, void *anon_vma, unsigned long va)
{
	struct anon_vma *av = anon_vma, *root = READ_ONCE(av->root);
	struct anon_vma_chain *avc;

	if (!down_read_trylock(&root->rwsem))
		return MMS_RMAP_BUSY_TREE;
	for (avc = mms_avc_iter_first(&av->rb_root, 0, ULONG_MAX); avc && look(r);
	     avc = mms_avc_iter_next(avc, 0, ULONG_MAX))
		add(r, avc->vma, va);
	up_read(&root->rwsem);
	return MMS_RMAP_DONE;
}

/* The folio's lock keeps the mapping and its inode. */
static enum mms_frame_rmap read_file(struct mms_rmap *r, const struct mms_pagesnap *s,
				     const struct mms_frame *f)
{
	struct address_space *mapping = s->folio[0].mapping;
	unsigned long pgoff = f->index;
	struct vm_area_struct *vma;

	if (!down_read_trylock(&mapping->i_mmap_rwsem))
		return MMS_RMAP_BUSY_TREE;
	for (vma = mms_filevma_iter_first(&mapping->i_mmap, pgoff, pgoff); vma && look(r);
	     vma = mms_filevma_iter_next(vma, pgoff, pgoff))
		add(r, vma, vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT));
	up_read(&mapping->i_mmap_rwsem);
	return MMS_RMAP_DONE;
}

/**
 * mms_rmap_read() - the candidates of a frame
 * @r: all zero, ended, or with more room
 * @s: held (mms_page_hold())
 * @f: what mms_pagesnap_tell() made of @s
 *
 * Return: MMS_RMAP_DONE, _TRUNCATED with @r->more, or why there are none
 */
enum mms_frame_rmap mms_rmap_read(struct mms_rmap *r, const struct mms_pagesnap *s,
				  const struct mms_frame *f)
{
	enum mms_frame_rmap ret = MMS_RMAP_NONE;

	if (!r->room)
		r->c = r->first;
	switch (f->mapping_kind) {
	case MMS_MAPPING_ANON:
		ret = read_anon(r, s, f);
		break;
	case MMS_MAPPING_FILE:
		ret = read_file(r, s, f);
		break;
	case MMS_MAPPING_KSM:
		ret = mms_ksm_read(r, f->mapping & ~(u64)MMS_MAPPED_BITS, f->pfn);
		break;
	}
	return ret == MMS_RMAP_DONE && r->more ? MMS_RMAP_TRUNCATED : ret;
}

static int by_mm_and_va(const void *a, const void *b)
{
	const struct mms_candidate *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->va < y->va ? -1 : x->va > y->va;
}

/**
 * mms_rmap_sort() - by address space and address, each once: KSM names some twice
 */
void mms_rmap_sort(struct mms_rmap *r)
{
	unsigned int i, n = 0;

	sort(r->c, r->n, sizeof(*r->c), by_mm_and_va, NULL);
	for (i = 0; i < r->n; i++)
		if (!n || by_mm_and_va(&r->c[n - 1], &r->c[i]))
			r->c[n++] = r->c[i];
	r->n = n;
}
