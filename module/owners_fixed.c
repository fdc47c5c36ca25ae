// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that the kernel keeps for itself without a mark in their struct page: the
 * array of struct pages, reserves of mempools, pools of call stacks, per-CPU memory
 * made at boot.
 * Locks: none here; the caller has mms_memmap_hold() where a struct page is read.
 * Never sleeps.  Emits MMS_REC_OWNER_RUN.
 */
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "compat/btf.h"
#include "compat/ksym.h"
#include "nofault.h"
#include "owners.h"
#include "pageclass.h"

#define MMS_POOL_MAX	64
#define MMS_POOL_ORDER_MAX	10
#define MMS_DEPOTS	8192	/* lib/stackdepot.c of 6.1: STACK_ALLOC_SLABS_CAP */
#define MMS_DEPOT_ORDER	2
#define MMS_UNIT_MAX	(1UL << 24)	/* more than a processor's part of the first chunk has, bytes */

/* Where memory lies that was made at boot; 0 = not found. */
static unsigned long integrity_pool, depot, percpu_base, percpu_offsets, percpu_chunk;
static struct mms_member chunk_base, chunk_pages;	/* of struct pcpu_chunk */

/* The one array of struct pages that there is without sparse memory. */
void mms_owners_memmap(struct mms_owners *o)
{
#ifdef CONFIG_FLATMEM
	unsigned long first = __pa(mem_map) >> PAGE_SHIFT;
	unsigned long end = (__pa(mem_map + max_mapnr - 1) >> PAGE_SHIFT) + 1;

	mms_owner_put(o, first, end - first, MMS_FRAME_MEMMAP, 0);
#endif
}

/*
 * Mempools of pages that a kernel makes at boot.  7.1 keeps two blocks of 2 MiB
 * for the metadata of block integrity (block/bio-integrity.c), which nothing in
 * their struct pages tells.
 */
bool mms_owners_pool(struct mms_owners *o, struct mms_query *q)
{
	struct page *page;
	mempool_t pool;

	if (!integrity_pool || !mms_peek(&pool, (void *)integrity_pool, sizeof(pool)) ||
	    pool.alloc != mempool_alloc_pages || (unsigned long)pool.pool_data > MMS_POOL_ORDER_MAX)
		return true;
	for (; q->cursor < MMS_POOL_MAX && (int)q->cursor < pool.curr_nr; q->cursor++) {
		if (!mms_peek(&page, &pool.elements[q->cursor], sizeof(page)))
			return true;
		if (mms_online_page(page_to_pfn(page)) == page &&
		    !mms_owner_put(o, page_to_pfn(page), 1U << (unsigned long)pool.pool_data,
			 MMS_FRAME_MEMPOOL, 0))
			return false;
	}
	return true;
}

/*
 * The pools of call stacks that KASAN and page_owner keep (lib/stackdepot.c).  6.1
 * has them in an array of STACK_ALLOC_MAX_SLABS, each of STACK_ALLOC_ORDER.
 */
bool mms_owners_depot(struct mms_owners *o, struct mms_query *q)
{
	struct page *page;
	void *pool;

	for (; depot && q->cursor < MMS_DEPOTS; q->cursor++) {
		if (!mms_peek(&pool, (void **)depot + q->cursor, sizeof(pool)) || !pool)
			return true;
		if (!virt_addr_valid(pool))
			continue;
		page = mms_online_page(page_to_pfn(virt_to_page(pool)));
		if (page && !mms_owner_put(o, page_to_pfn(page), 1U << MMS_DEPOT_ORDER,
					   MMS_FRAME_STACKDEPOT, 0))
			return false;
	}
	return true;
}

/* A page of the first chunk: all of it was taken when there was no allocator. */
static struct page *percpu_page(unsigned long addr)
{
	struct page *page;

	if (is_vmalloc_addr((void *)addr))
		return vmalloc_to_page((void *)addr);
	if (!virt_addr_valid((void *)addr))
		return NULL;
	page = mms_online_page(page_to_pfn(virt_to_page((void *)addr)));
	return page && PageReserved(page) ? page : NULL;
}

/*
 * Pages of each processor's part of the first chunk.  Behind them lies what
 * the part was made larger for and gave back at once (mm/percpu.c:
 * pcpu_embed_first_chunk()); the chunk that can be allocated from is its end.
 */
static unsigned int percpu_pages(unsigned long base)
{
	unsigned long chunk, start;
	int pages;

	if (!mms_peek(&chunk, (void *)percpu_chunk, sizeof(chunk)) || !chunk ||
	    !mms_peek_at(&start, chunk, chunk_base.offset) ||
	    !mms_peek_at(&pages, chunk, chunk_pages.offset) || start < base || pages <= 0 ||
	    start - base > MMS_UNIT_MAX || pages > MMS_UNIT_MAX >> PAGE_SHIFT)
		return 0;
	return ((start - base) >> PAGE_SHIFT) + pages;
}

/* Per-CPU memory that was made before there was vmalloc(). */
bool mms_owners_percpu(struct mms_owners *o, struct mms_query *q)
{
	unsigned long *offsets, offset, base;
	struct page *page;
	unsigned int n;

	if (!percpu_base || !mms_peek(&base, (void *)percpu_base, sizeof(base)) ||
	    !mms_peek(&offsets, (void *)percpu_offsets, sizeof(offsets)))
		return true;
	n = percpu_pages(base);
	for (; q->cursor < nr_cpu_ids; q->cursor++, o->slot = 0) {
		if (!cpu_possible(q->cursor) ||
		    !mms_peek(&offset, &offsets[q->cursor], sizeof(offset)))
			continue;
		for (; o->slot < n; o->slot++) {
			page = percpu_page(base + offset + o->slot * PAGE_SIZE);
			if (page && !mms_owner_put(o, page_to_pfn(page), 1, MMS_FRAME_PERCPU, 0))
				return false;
		}
	}
	return true;
}

/* Why it is not found; NULL if it is. */
static const char *find_percpu(void)
{
	if (mms_ksym("pcpu_base_addr", &percpu_base) ||
	    mms_ksym("pcpu_unit_offsets", &percpu_offsets) ||
	    mms_ksym("pcpu_first_chunk", &percpu_chunk))
		return "pcpu_base_addr is not in kallsyms";
	if (mms_btf_member("pcpu_chunk", "base_addr", &chunk_base) ||
	    mms_btf_member("pcpu_chunk", "nr_pages", &chunk_pages) ||
	    chunk_base.size != sizeof(long) || chunk_pages.size != sizeof(int))
		return "the kernel's BTF has no struct pcpu_chunk as it is known here";
	return NULL;
}

/**
 * mms_owners_fixed_init() - find the kernel's variables; at init, while BTF is there
 *
 * Return: NULL, or why the per-CPU memory of boot is not found
 */
const char *mms_owners_fixed_init(void)
{
	const char *no_percpu = find_percpu();

	if (no_percpu)
		percpu_base = 0;
	if (mms_ksym("integrity_buf_pool", &integrity_pool))
		integrity_pool = 0;
	/* 6.3 "lib/stackdepot: rename slab variables", and later ones are laid out otherwise */
	if (mms_ksym("stack_slabs", &depot))
		depot = 0;
	return no_percpu;
}
