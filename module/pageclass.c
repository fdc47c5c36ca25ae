// SPDX-License-Identifier: GPL-2.0
/*
 * What a page frame is used for, told from its struct page.
 * Locks: none; pages are neither locked nor referenced.  What is read may be of
 * two moments: the words that decide are read again, and all of it once more if
 * they differ.  mms_page_class() never sleeps.  Emits nothing.
 */
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/stat.h>
#include "compat/folio.h"
#include "compat/page.h"
#include "nofault.h"
#include "pageclass.h"

#define MMS_TRIES	3
#define MMS_FREE_ORDERS	11	/* the allocator's blocks: up to 2^10 frames, 2^9 of a per-CPU list */
#define MMS_ORDER_MAX	18	/* a huge page of 1 GiB */
#define MMS_RES_STEPS	4096	/* more than a machine has resources */

const char *const mms_frame_class_names[] = {
	[MMS_FRAME_UNKNOWN] = "unknown", [MMS_FRAME_HOLE] = "hole",
	[MMS_FRAME_OFFLINE_BLOCK] = "offline-block", [MMS_FRAME_DEVICE] = "device",
	[MMS_FRAME_FREE] = "free", [MMS_FRAME_FREE_PCP] = "free-pcp",
	[MMS_FRAME_ANON] = "anon", [MMS_FRAME_KSM] = "ksm",
	[MMS_FRAME_SWAPCACHE] = "swapcache", [MMS_FRAME_SHMEM] = "shmem",
	[MMS_FRAME_FILE] = "file", [MMS_FRAME_BUFFER] = "buffer",
	[MMS_FRAME_HUGETLB] = "hugetlb", [MMS_FRAME_ZERO] = "zero",
	[MMS_FRAME_HUGE_ZERO] = "huge-zero", [MMS_FRAME_DRIVER] = "driver",
	[MMS_FRAME_SLAB] = "slab", [MMS_FRAME_LARGE_KMALLOC] = "large-kmalloc",
	[MMS_FRAME_PGTABLE] = "pgtable", [MMS_FRAME_ZSMALLOC] = "zsmalloc",
	[MMS_FRAME_BALLOON] = "balloon", [MMS_FRAME_OFFLINE] = "offline",
	[MMS_FRAME_HWPOISON] = "hwpoison", [MMS_FRAME_GUARD] = "guard",
	[MMS_FRAME_UNACCEPTED] = "unaccepted", [MMS_FRAME_KERNEL] = "kernel",
	[MMS_FRAME_RESERVED] = "reserved", [MMS_FRAME_MEMMAP] = "memmap",
	[MMS_FRAME_KSTACK] = "kstack", [MMS_FRAME_VMALLOC] = "vmalloc",
	[MMS_FRAME_MODULE] = "module", [MMS_FRAME_PERCPU] = "percpu",
	[MMS_FRAME_KPGTABLE] = "kpgtable", [MMS_FRAME_PIPE] = "pipe",
	[MMS_FRAME_MEMPOOL] = "mempool",
	[MMS_FRAME_STACKDEPOT] = "stackdepot", [MMS_FRAME_KASAN] = "kasan", NULL
};

/* The kernel's image; 0, 0 = not found. */
static unsigned long image_first, image_end;

/* Linked into a list whose neighbours agree?  A page that was taken off one has
 * poison there, and one that never was whatever came before. */
static bool on_a_list(const struct page *page)
{
	struct list_head l = { READ_ONCE(page->lru.next), READ_ONCE(page->lru.prev) };
	const struct list_head *back;

	if (l.next == &page->lru || !mms_peek_at(&back, l.next, offsetof(struct list_head, prev)) ||
	    back != &page->lru)
		return false;
	return mms_peek_at(&back, l.prev, offsetof(struct list_head, next)) && back == &page->lru;
}

/*
 * No reference, no type, no mapping: free on a per-CPU list, in the middle of a
 * free block, or behind the first frame of an allocation that is no compound
 * page: the first frame of the block tells, which lies at a multiple of its size.
 */
static enum mms_frame_class unreferenced_class(struct page *page, struct mms_block *b)
{
	unsigned long pfn = b->pfn, first = pfn;
	unsigned int order;
	struct page *head = page;

	if (on_a_list(page))
		return MMS_FRAME_FREE_PCP;
	for (order = 1; order < MMS_FREE_ORDERS; order++) {
		if (first == (pfn & ~((1UL << order) - 1)))
			continue;
		first = pfn & ~((1UL << order) - 1);
		head = mms_online_page(first);
		if (!head)
			break;
		if (mms_page_is_buddy(head)) {
			if (READ_ONCE(head->private) < order)
				break;
			b->pfn = first;
			b->order = min_t(unsigned long, READ_ONCE(head->private), MMS_ORDER_MAX);
			return MMS_FRAME_FREE;
		}
		if (mms_page_refs(head) || mms_page_mapping(head) || mms_page_tail(head))
			break;
		if (on_a_list(head)) {
			b->pfn = first;
			b->order = order;
			return MMS_FRAME_FREE_PCP;
		}
	}
	return MMS_FRAME_UNKNOWN;
}

/* Whose pages does this address_space hold?  Nothing keeps it: it is peeked at. */
static enum mms_frame_class mapping_class(unsigned long mapping)
{
	const struct inode *host;
	umode_t mode;

	if (!mms_peek_at(&host, mapping, offsetof(struct address_space, host)) || !host ||
	    !mms_peek_at(&mode, host, offsetof(struct inode, i_mode)))
		return MMS_FRAME_FILE;
	return S_ISBLK(mode) ? MMS_FRAME_BUFFER : MMS_FRAME_FILE;
}

static enum mms_frame_class remembered_class(unsigned long mapping, struct mms_memo *memo)
{
	unsigned int i;

	if (!memo)
		return mapping_class(mapping);
	i = (mapping / 128) % MMS_MEMO_SIZE;
	if (memo->slot[i].mapping != (void *)mapping) {
		memo->slot[i].class = mapping_class(mapping);
		memo->slot[i].mapping = (void *)mapping;
	}
	return memo->slot[i].class;
}

static enum mms_frame_class mapped_class(unsigned long word, unsigned long mapping,
					 struct mms_memo *memo)
{
	switch (mapping & MMS_MAPPED_BITS) {
	case MMS_MAPPED_ANON:
		return MMS_FRAME_ANON;
	case MMS_MAPPED_ANON | MMS_MAPPED_MOVABLE:
		return MMS_FRAME_KSM;
	case MMS_MAPPED_MOVABLE:
		return MMS_FRAME_ZSMALLOC;
	}
	if (word & (1UL << PG_swapbacked))
		return MMS_FRAME_SHMEM;
	return remembered_class(mapping, memo);
}

static enum mms_frame_class typed_class(const struct page *head, enum mms_page_type type)
{
	static const u8 classes[] = {
		[MMS_TYPE_BUDDY] = MMS_FRAME_FREE,
		[MMS_TYPE_OFFLINE] = MMS_FRAME_OFFLINE,
		[MMS_TYPE_TABLE] = MMS_FRAME_PGTABLE,
		[MMS_TYPE_GUARD] = MMS_FRAME_GUARD,
		[MMS_TYPE_HUGETLB] = MMS_FRAME_HUGETLB,
		[MMS_TYPE_SLAB] = MMS_FRAME_SLAB,
		[MMS_TYPE_ZSMALLOC] = MMS_FRAME_ZSMALLOC,
		[MMS_TYPE_UNACCEPTED] = MMS_FRAME_UNACCEPTED,
		[MMS_TYPE_LARGE_KMALLOC] = MMS_FRAME_LARGE_KMALLOC,
	};

	/* A balloon's pages can be moved, those of others cannot. */
	if (type == MMS_TYPE_OFFLINE && mms_page_movable(head))
		return MMS_FRAME_BALLOON;
	return classes[type];
}

static enum mms_frame_class reserved_class(unsigned long pfn)
{
	if (is_zero_pfn(pfn))
		return MMS_FRAME_ZERO;
	return pfn >= image_first && pfn < image_end ? MMS_FRAME_KERNEL : MMS_FRAME_RESERVED;
}

/* A page that has neither type nor mapping. */
static enum mms_frame_class bare_class(struct page *page, struct page *head, unsigned long word,
				       struct mms_block *b)
{
	const unsigned long swap = 1UL << PG_swapbacked | 1UL << PG_swapcache;

	if (b->order && mms_zero_page(b->pfn, 2))
		return MMS_FRAME_HUGE_ZERO;
	if ((word & swap) == swap)
		return MMS_FRAME_SWAPCACHE;
	if (word & (1UL << PG_lru))
		return MMS_FRAME_FILE;	/* cut off its file, not yet let go */
	if (!b->order && page == head && !mms_page_refs(page))
		return unreferenced_class(page, b);
	return mms_page_mapped(page) ? MMS_FRAME_DRIVER : MMS_FRAME_UNKNOWN;
}

/* The head of a compound page, and which one it is; the page itself if it is of none. */
static struct page *block_of(struct page *page, struct mms_block *b)
{
	struct page *head = compound_head(page);
	unsigned long pfn = page_to_pfn(page);

	b->pfn = pfn;
	b->order = 0;
	if (head == page && !(mms_page_word(page) & (1UL << PG_head)))
		return page;
	b->pfn = page_to_pfn(head);
	b->order = compound_order(head);
	/* Being made or taken apart: a page for itself until read again. */
	if (b->order > MMS_ORDER_MAX || b->pfn & ((1UL << b->order) - 1) ||
	    pfn - b->pfn >= 1UL << b->order) {
		b->pfn = pfn;
		b->order = 0;
		return NULL;
	}
	return head;
}

static enum mms_frame_class class_once(struct page *page, struct mms_block *b, struct mms_memo *memo,
				       bool *again)
{
	struct page *head = block_of(page, b);
	enum mms_frame_class class;
	unsigned long word, mapping;
	enum mms_page_type type;

	*again = !head;
	if (!head)
		return MMS_FRAME_UNKNOWN;
	word = mms_page_word(head);
	type = mms_page_type(head);
	mapping = mms_page_mapping(head);
	if (PageHWPoison(page))
		return MMS_FRAME_HWPOISON;
	if (type == MMS_TYPE_BUDDY) {
		b->order = READ_ONCE(head->private);
		*again = b->order > MMS_ORDER_MAX || b->pfn & ((1UL << b->order) - 1);
		if (*again)
			b->order = 0;
	}
	if (type != MMS_TYPE_NONE)
		class = typed_class(head, type);
	else if (word & (1UL << PG_reserved))
		return reserved_class(b->pfn);
	else if (mapping)
		class = mapped_class(word, mapping, memo);
	else
		class = bare_class(page, head, word, b);
	*again |= type != mms_page_type(head) || mapping != mms_page_mapping(head) ||
		  (word ^ mms_page_word(head)) & (1UL << PG_head | 1UL << PG_reserved);
	return class;
}

enum mms_frame_class mms_page_class(struct page *page, struct mms_block *block,
				    struct mms_memo *memo)
{
	enum mms_frame_class class;
	unsigned int i = 0;
	bool again;

	do
		class = class_once(page, block, memo, &again);
	while (again && ++i < MMS_TRIES);
	return class;
}

static const struct {
	unsigned int bit;
	u32 flag;
} flag_map[] = {
	{ PG_lru, MMS_FRAME_F_LRU },
	{ PG_active, MMS_FRAME_F_ACTIVE },
	{ PG_unevictable, MMS_FRAME_F_UNEVICTABLE },
	{ PG_mlocked, MMS_FRAME_F_MLOCKED },
	{ PG_dirty, MMS_FRAME_F_DIRTY },
	{ PG_writeback, MMS_FRAME_F_WRITEBACK },
	{ PG_referenced, MMS_FRAME_F_REFERENCED },
	{ PG_swapbacked, MMS_FRAME_F_SWAPBACKED },
	{ PG_locked, MMS_FRAME_F_LOCKED },
	{ PG_private, MMS_FRAME_F_PRIVATE },
	{ PG_reserved, MMS_FRAME_F_RESERVED },
	{ PG_uptodate, MMS_FRAME_F_UPTODATE },
};

/*
 * Does a process map it?  An entry that maps a whole folio is counted of the
 * folio alone; without mapcounts of pages (6.15 CONFIG_NO_PAGE_MAPCOUNT) all are.
 */
static bool mapped(const struct page *page, const struct page *head, unsigned long word,
		   unsigned int order)
{
	if (mms_page_mapped(page))
		return true;
	if (!(word & (1UL << PG_head)) || !order)
		return false;
	/* (a folio of two pages is mapped page by page) */
	return (order > 1 && mms_folio_entire(head) > 0) ||
	       (IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT) && mms_folio_sum(head) > 0);
}

u32 mms_page_flags(struct page *page, const struct mms_block *block)
{
	struct page *head = pfn_to_page(block->pfn);
	unsigned long word = mms_page_word(head);
	enum mms_page_type type = mms_page_type(head);
	unsigned int i;
	u32 flags = 0;

	for (i = 0; i < ARRAY_SIZE(flag_map); i++)
		if (word & (1UL << flag_map[i].bit))
			flags |= flag_map[i].flag;
	if (word & (1UL << PG_head))
		flags |= MMS_FRAME_F_COMPOUND;
	if (PageHighMem(page))
		flags |= MMS_FRAME_F_HIGHMEM;
	if (type == MMS_TYPE_NONE && mapped(page, head, word, block->order))
		flags |= MMS_FRAME_F_MAPPED;
	/* The bit has another meaning for the page cache of files. */
	if (type == MMS_TYPE_NONE && word & (1UL << PG_swapbacked) && word & (1UL << PG_swapcache))
		flags |= MMS_FRAME_F_SWAPCACHE;
	return flags;
}

enum mms_frame_class mms_frame_class_at(u64 pfn, struct mms_block *block, struct page **page)
{
	enum mms_frame_class class;
	u64 first, end;

	*page = NULL;
	block->pfn = pfn;
	block->order = 0;
	if (pfn >> (BITS_PER_LONG - 1) >> 1)
		return MMS_FRAME_HOLE;
	*page = mms_online_page(pfn);
	if (!*page && mms_device_page(pfn))
		return MMS_FRAME_DEVICE;
	class = *page ? mms_page_class(*page, block, NULL) : MMS_FRAME_OFFLINE_BLOCK;
	if (*page && class != MMS_FRAME_RESERVED)
		return class;
	/* (looks through the machine's resources) */
	return mms_ram_next(pfn, &first, &end) && first == pfn ? class : MMS_FRAME_HOLE;
}

/*
 * Where the image lies, by the names of its parts in the kernel's resources:
 * symbols of it are text, or not to be found everywhere.  Nothing keeps the tree
 * outside the kernel: it is peeked at.
 */
static void find_image(void)
{
	static const char prefix[] = "Kernel ";
	const struct resource *at = iomem_resource.child, *up[4];
	unsigned int i, depth = 0;
	struct resource r;
	char name[sizeof(prefix)];

	for (i = 0; i < MMS_RES_STEPS && at && mms_peek(&r, at, sizeof(r)); i++) {
		if (r.name && mms_peek(name, r.name, sizeof(name) - 1) &&
		    !memcmp(name, prefix, sizeof(prefix) - 1)) {
			if (!image_end || r.start >> PAGE_SHIFT < image_first)
				image_first = r.start >> PAGE_SHIFT;
			image_end = max_t(unsigned long, image_end, (r.end >> PAGE_SHIFT) + 1);
		}
		if (r.child && depth < ARRAY_SIZE(up)) {
			up[depth++] = r.sibling;
			at = r.child;
			continue;
		}
		at = r.sibling;
		while (!at && depth)
			at = up[--depth];
	}
}

void mms_pageclass_init(void)
{
	if (!image_end)
		find_image();
}
