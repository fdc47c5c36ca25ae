// SPDX-License-Identifier: GPL-2.0
/*
 * Where the facts of slab caches lie in the running kernel, and those of one cache.
 * The layout is that of the kernel's BTF, or what 6.1 of 32 bits, which has none,
 * is known to have.
 * Locks: none: what is read of a cache is read through copy_from_kernel_nofault().
 * May sleep at init.  Emits nothing.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "compat/btf.h"
#include "compat/ksym.h"
#include "slabcache.h"

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

#define HEAD_MAX	512	/* of struct kmem_cache, before what it has per node */
#define OO_SHIFT	16

struct mms_slab_at mms_slab_at;

/* Numbers in struct kmem_cache. */
enum {
	M_FLAGS, M_SIZE, M_OBJECT_SIZE, M_OO, M_ALIGN, M_INUSE, M_OFFSET, M_RED_LEFT_PAD, M_MIN, M_REFCOUNT,
	M_CTOR, M_USEROFFSET, M_USERSIZE, M_RANDOM, M_CPU_PARTIAL, M_CPU_PARTIAL_SLABS, M_CPU_SLAB,
	M_CPU_SHEAVES, M_SHEAF_CAPACITY, M_NAME, M_MAX
};

static const char *const member_names[M_MAX] = {
	"flags", "size", "object_size", "oo", "align", "inuse", "offset", "red_left_pad", "min", "refcount",
	"ctor", "useroffset", "usersize", "random", "cpu_partial", "cpu_partial_slabs", "cpu_slab",
	"cpu_sheaves", "sheaf_capacity", "name",
};

static struct {
	struct mms_member m[M_MAX];	/* .size = 0: this kernel has none */
	u32 head;
	const char *why;
	enum mms_cap_state state;
	bool asked;
} in;

/* --- layout --- */

static bool offset_of(const char *type, const char *member, u32 *to)
{
	struct mms_member m;

	if (mms_btf_member(type, member, &m))
		return false;
	*to = m.offset;
	return true;
}

static void see_head(void)
{
	u32 i;

	in.head = 0;
	for (i = 0; i < M_MAX; i++)
		if (in.m[i].size)
			in.head = max(in.head, in.m[i].offset + in.m[i].size);
	if (in.head > HEAD_MAX)
		mms_slab_at.ok = false;
}

static void see_cpu(void)
{
	struct mms_slab_at *at = &mms_slab_at;

	at->c_bytes = max3(at->c_freelist, at->c_tid, at->c_slab);
	if (at->c_partial != MMS_SLAB_ABSENT)
		at->c_bytes = max(at->c_bytes, at->c_partial);
	at->c_bytes += sizeof(long);
	if (at->c_bytes > MMS_SLAB_CPU_MAX)
		at->cpus = false;
}

/* inuse, objects and frozen, as MMS_SLAB_INUSE() and the others take them? */
static bool counters_known(const char *slab)
{
	struct mms_member inuse, objects, frozen;

	if (mms_btf_member(slab, "inuse", &inuse) || mms_btf_member(slab, "objects", &objects) ||
	    mms_btf_member(slab, "frozen", &frozen) || inuse.bits != 16 || objects.bits != 15 ||
	    frozen.bits != 1 || inuse.bit_offset % 32 || objects.bit_offset != inuse.bit_offset + 16 ||
	    frozen.bit_offset != inuse.bit_offset + 31)
		return false;
	mms_slab_at.counters = inuse.bit_offset / 8;
	if (mms_slab_at.counters + sizeof(u32) > sizeof(struct page))
		return false;
	return offset_of(slab, "freelist", &mms_slab_at.freelist) &&
	       offset_of(slab, "slab_list", &mms_slab_at.slab_list);
}

static bool cache_layout(const char *slab, int *ret)
{
	struct mms_member cache;
	u32 i;

	*ret = mms_btf_member(slab, "slab_cache", &cache);
	if (*ret)
		return false;
	for (i = 0; i < M_MAX; i++)
		if (mms_btf_member("kmem_cache", member_names[i], &in.m[i]))
			in.m[i].size = 0;
	if (in.m[M_SIZE].size != 4 || in.m[M_OBJECT_SIZE].size != 4 || in.m[M_NAME].size != sizeof(long))
		return false;
	mms_slab_at.slab_cache = cache.offset;
	mms_slab_at.name = in.m[M_NAME].offset;
	mms_slab_at.counts = counters_known(slab);
	if (!offset_of(slab, "next", &mms_slab_at.next))
		mms_slab_at.next = 0;
	return offset_of("kmem_cache", "list", &mms_slab_at.list_member);
}

/* 7.1 "slab: put barn on every online node": node[] is per_node[].node. */
static bool node_array(void)
{
	struct mms_slab_at *at = &mms_slab_at;

	at->node_stride = sizeof(void *);
	if (offset_of("kmem_cache", "node", &at->node_array))
		return true;
	return offset_of("kmem_cache", "per_node", &at->node_array) &&
	       !mms_btf_struct_size("kmem_cache_per_node_ptrs", &at->node_stride) &&
	       offset_of("kmem_cache_per_node_ptrs", "node", &at->node_in) &&
	       offset_of("kmem_cache_per_node_ptrs", "barn", &at->barn_in);
}

static void other_layouts(void)
{
	struct mms_slab_at *at = &mms_slab_at;
	struct mms_member lock;

	at->nodes = node_array() && !mms_btf_member("kmem_cache_node", "list_lock", &lock) &&
		    lock.size == sizeof(spinlock_t) &&
		    offset_of("kmem_cache_node", "nr_partial", &at->n_nr_partial) &&
		    offset_of("kmem_cache_node", "partial", &at->n_partial) &&
		    offset_of("kmem_cache_node", "nr_slabs", &at->n_nr_slabs) &&
		    offset_of("kmem_cache_node", "total_objects", &at->n_total);
	if (at->nodes)
		at->n_lock = lock.offset;
	at->cpus = in.m[M_CPU_SLAB].size && offset_of("kmem_cache_cpu", "freelist", &at->c_freelist) &&
		   offset_of("kmem_cache_cpu", "tid", &at->c_tid) &&
		   (offset_of("kmem_cache_cpu", "slab", &at->c_slab) ||
		    offset_of("kmem_cache_cpu", "page", &at->c_slab));
	/* (no CONFIG_SLUB_CPU_PARTIAL) */
	if (!offset_of("kmem_cache_cpu", "partial", &at->c_partial))
		at->c_partial = MMS_SLAB_ABSENT;
	at->sheaves = in.m[M_CPU_SHEAVES].size && in.m[M_SHEAF_CAPACITY].size && at->node_stride > sizeof(void *) &&
		      offset_of("slub_percpu_sheaves", "main", &at->p_main) &&
		      offset_of("slub_percpu_sheaves", "spare", &at->p_spare) &&
		      offset_of("slub_percpu_sheaves", "rcu_free", &at->p_rcu_free) &&
		      offset_of("slab_sheaf", "size", &at->s_size) &&
		      offset_of("slab_sheaf", "objects", &at->s_objects) &&
		      offset_of("slab_sheaf", "barn_list", &at->s_list) &&
		      !mms_btf_member("node_barn", "lock", &lock) && lock.size == sizeof(spinlock_t) &&
		      offset_of("node_barn", "sheaves_full", &at->b_full) &&
		      offset_of("node_barn", "nr_full", &at->b_nr_full) &&
		      offset_of("node_barn", "nr_empty", &at->b_nr_empty);
	if (at->sheaves)
		at->b_lock = lock.offset;
}

#ifndef HAVE_PRIVATE_KMEM_CACHE
/*
 * Without BTF (i386): kmem_cache is public up to 6.7, and struct slab has its
 * cache where struct page has its mapping, then the list of free objects and the
 * counters, since 5.10 at least and until 6.2 "mm/sl[au]b: rearrange struct slab
 * fields".  What is read is checked.
 */
#define KNOWN(which, member) \
	(in.m[which] = (struct mms_member){ offsetof(struct kmem_cache, member), \
					sizeof_field(struct kmem_cache, member), 0, 0 })

static bool known_layout(void)
{
	KNOWN(M_FLAGS, flags);
	KNOWN(M_SIZE, size);
	KNOWN(M_OBJECT_SIZE, object_size);
	KNOWN(M_OO, oo);
	KNOWN(M_ALIGN, align);
	KNOWN(M_INUSE, inuse);
	KNOWN(M_OFFSET, offset);
	KNOWN(M_RED_LEFT_PAD, red_left_pad);
	KNOWN(M_MIN, min);
	KNOWN(M_REFCOUNT, refcount);
	KNOWN(M_CTOR, ctor);
	KNOWN(M_NAME, name);
	KNOWN(M_CPU_SLAB, cpu_slab);
#ifdef CONFIG_SLAB_FREELIST_HARDENED
	KNOWN(M_RANDOM, random);
#endif
	mms_slab_at.slab_cache = offsetof(struct page, mapping);
	mms_slab_at.freelist = mms_slab_at.slab_cache + sizeof(long);
	mms_slab_at.counters = mms_slab_at.slab_cache + 2 * sizeof(long);
	mms_slab_at.slab_list = offsetof(struct page, lru);
	mms_slab_at.next = offsetof(struct page, lru);
	mms_slab_at.name = offsetof(struct kmem_cache, name);
	mms_slab_at.list_member = offsetof(struct kmem_cache, list);
	mms_slab_at.counts = true;
#ifdef CONFIG_SLUB_CPU_PARTIAL
	mms_slab_at.c_freelist = offsetof(struct kmem_cache_cpu, freelist);
	mms_slab_at.c_tid = offsetof(struct kmem_cache_cpu, tid);
	mms_slab_at.c_partial = offsetof(struct kmem_cache_cpu, partial);
	mms_slab_at.c_slab = mms_slab_at.c_partial - sizeof(long);
	mms_slab_at.cpus = true;
#endif
	return true;
}
#else
static bool known_layout(void)
{
	return false;
}
#endif

static const char *find_layout(void)
{
	int ret, older;

	in.state = MMS_CAP_OK;
	/* 5.17 "mm/slub: Convert most struct page to struct slab by spatch" */
	mms_slab_at.ok = cache_layout("slab", &ret) || cache_layout("page", &older);
	if (mms_slab_at.ok)
		other_layouts();
	else if (ret == -ENODATA)
		mms_slab_at.ok = known_layout();
	see_head();
	see_cpu();
	if (!mms_slab_at.ok) {
		in.state = ret == -ENODATA ? MMS_CAP_NO_BTF : MMS_CAP_MEMBER_MISSING;
		return ret == -ENODATA ? mms_btf_state() :
		       "a member of struct slab or kmem_cache is missing in BTF";
	}
	mms_slab_at.list = !mms_ksym("slab_caches", &mms_slab_at.caches) &&
			   !mms_ksym("slab_mutex", &mms_slab_at.mutex);
	return NULL;
}

/**
 * mms_slabcache_init() - find the layout; at init, while BTF is there
 * @state: set where something is missing; may be NULL
 *
 * Return: NULL, or why nothing is known of slabs here
 */
const char *mms_slabcache_init(enum mms_cap_state *state)
{
	if (!in.asked)
		in.why = find_layout();
	in.asked = true;
	if (state)
		*state = in.state;
	return in.why;
}

/* --- facts of a cache --- */

/* (sizes that the compiler knows: this is asked twenty times of each cache) */
static unsigned long number(const u8 *head, unsigned int m)
{
	const struct mms_member *at = &in.m[m];

	switch (at->size) {
	case 2:
		return *(const u16 *)(head + at->offset);
	case 4:
		return *(const u32 *)(head + at->offset);
	case sizeof(u64):
		return *(const u64 *)(head + at->offset);
	default:
		return 0;
	}
}

static u32 known_of(void)
{
	return MMS_SLAB_K_ADDRESS | (in.m[M_OO].size && in.m[M_ALIGN].size ? MMS_SLAB_K_LAYOUT : 0) |
	       (in.m[M_OFFSET].size && in.m[M_INUSE].size ? MMS_SLAB_K_OFFSET : 0) |
	       (in.m[M_MIN].size ? MMS_SLAB_K_MIN : 0) | (in.m[M_REFCOUNT].size ? MMS_SLAB_K_REFCOUNT : 0) |
	       (in.m[M_CTOR].size ? MMS_SLAB_K_CTOR : 0) | (in.m[M_FLAGS].size ? MMS_SLAB_K_FLAGS : 0) |
	       (in.m[M_USERSIZE].size ? MMS_SLAB_K_USERCOPY : 0);
}

bool mms_slabcache_read(struct mms_slabcache *c, unsigned long addr)
{
	u8 head[HEAD_MAX] __aligned(8);

	if (!mms_slab_at.ok || !addr || addr % sizeof(long) || !mms_peek(head, (void *)addr, in.head))
		return false;
	c->addr = addr;
	c->known = known_of();
	c->size = number(head, M_SIZE);
	c->object_size = number(head, M_OBJECT_SIZE);
	c->align = number(head, M_ALIGN);
	c->inuse = number(head, M_INUSE);
	c->offset = number(head, M_OFFSET);
	c->red_left_pad = number(head, M_RED_LEFT_PAD);
	c->oo = number(head, M_OO);
	c->min = number(head, M_MIN);
	c->flags = number(head, M_FLAGS);
	c->refcount = number(head, M_REFCOUNT);
	c->ctor = number(head, M_CTOR);
	c->useroffset = number(head, M_USEROFFSET);
	c->usersize = number(head, M_USERSIZE);
	c->random = number(head, M_RANDOM);
	c->name = number(head, M_NAME);
	c->cpu = number(head, in.m[M_CPU_SHEAVES].size ? M_CPU_SHEAVES : M_CPU_SLAB);
	c->cpu_partial = number(head, in.m[M_CPU_PARTIAL_SLABS].size ? M_CPU_PARTIAL_SLABS : M_CPU_PARTIAL);
	c->sheaf_capacity = number(head, M_SHEAF_CAPACITY);
	return c->size && c->object_size <= c->size && c->red_left_pad < c->size &&
	       c->offset <= c->size - min_t(u32, c->size, sizeof(long)) && (c->oo >> OO_SHIFT) < 32;
}

u32 mms_slab_flags(u32 raw)
{
	static const struct {
		u32 raw, neutral;
	} flags[] = {
		{ SLAB_HWCACHE_ALIGN, MMS_SLAB_F_HWCACHE_ALIGN },
		{ SLAB_RECLAIM_ACCOUNT, MMS_SLAB_F_RECLAIM_ACCOUNT },
		{ SLAB_TYPESAFE_BY_RCU, MMS_SLAB_F_TYPESAFE_BY_RCU },
		{ SLAB_CACHE_DMA, MMS_SLAB_F_CACHE_DMA },
		{ SLAB_CACHE_DMA32, MMS_SLAB_F_CACHE_DMA32 },
		{ SLAB_ACCOUNT, MMS_SLAB_F_ACCOUNT },
		{ SLAB_PANIC, MMS_SLAB_F_PANIC },
		{ SLAB_CONSISTENCY_CHECKS, MMS_SLAB_F_CONSISTENCY_CHECKS },
		{ SLAB_RED_ZONE, MMS_SLAB_F_RED_ZONE },
		{ SLAB_POISON, MMS_SLAB_F_POISON },
		{ SLAB_STORE_USER, MMS_SLAB_F_STORE_USER },
		{ SLAB_TRACE, MMS_SLAB_F_TRACE },
#ifdef SLAB_KMALLOC
		{ SLAB_KMALLOC, MMS_SLAB_F_KMALLOC },
#endif
#ifdef SLAB_NO_MERGE
		{ SLAB_NO_MERGE, MMS_SLAB_F_NO_MERGE },
#endif
		{ SLAB_NOLEAKTRACE, MMS_SLAB_F_NOLEAKTRACE },
	};
	u32 i, neutral = 0;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		neutral |= raw & flags[i].raw ? flags[i].neutral : 0;
	return neutral;
}
