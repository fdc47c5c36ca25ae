/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels, hidden here.  HAVE_* come from
 * compat/probe/: one file asks one question, generated.h holds the answers.
 * No version number is compared anywhere.
 */
#ifndef MMSCOPE_COMPAT_H
#define MMSCOPE_COMPAT_H

#include <linux/fs.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/swap.h>
#include <linux/userfaultfd_k.h>
#include <net/genetlink.h>
#ifdef HAVE_SOFTLEAF
#include <linux/leafops.h>
#else
#include <linux/swapops.h>
#endif

/*
 * mms_mm_seq - a number that changes when the address space was changed
 *
 * The caller holds the mmap read lock, or compares two values of which each
 * was read under it.
 */
static inline u64 mms_mm_seq(struct mm_struct *mm)
{
#if defined(HAVE_MM_LOCK_SEQCOUNT)
	/* 6.14 "mm: convert mm_lock_seq to a proper seqcount": counts write locks */
	return mm->mm_lock_seq.sequence;
#elif defined(HAVE_MM_LOCK_SEQ)
	/* 6.4 "mm: introduce lock/unlock variants for per-VMA locks": likewise */
	return (u64)READ_ONCE(mm->mm_lock_seq);
#else
	/* Before: no counter.  What a change of VMAs changes as a rule. */
	return ((u64)READ_ONCE(mm->map_count) << 40) ^ READ_ONCE(mm->total_vm) ^
	       (READ_ONCE(mm->data_vm) << 8) ^ (READ_ONCE(mm->exec_vm) << 16);
#endif
}

/*
 * mms_rss_exactness() - how /proc reads the counters of resident pages, MMS_CTX_RSS_*
 *
 * 6.2 "mm: convert mm's rss stats into percpu_counter"; 6.17 "mm: fix the
 * inaccurate memory statistics issue for users" and stable kernels add it up.
 */
static inline u32 mms_rss_exactness(void)
{
#if defined(HAVE_RSS_SUMMED)
	return MMS_CTX_RSS_SUMMED;
#elif defined(HAVE_RSS_PERCPU)
	return MMS_CTX_RSS_BY_CPU;
#else
	return MMS_CTX_RSS_BY_THREAD;
#endif
}

/* 5.12 "mm: Add functions to check if mmap lock is contended", from
 * linux/mmap_lock.h; the same question to the lock itself. */
static inline bool mms_mm_contended(struct mm_struct *mm)
{
	return rwsem_is_contended(&mm->mmap_lock);
}

/*
 * A multicast group that takes CAP_SYS_ADMIN to join.  6.8 "genetlink: Use
 * internal flags for multicast groups" and stable kernels have a flag, stable
 * 5.10 a bit.  Older ones let anybody join any group: there is no group then.
 */
#if defined(GENL_MCAST_CAP_SYS_ADMIN)
#define MMS_GENL_CLOSED		.flags = GENL_MCAST_CAP_SYS_ADMIN
#elif defined(HAVE_GENL_CAP_BIT)
#define MMS_GENL_CLOSED		.cap_sys_admin = 1
#endif

/* After 6.1: a stacked (overlayfs) file is mapped through a backing file, whose
 * user-visible inode is another one; maps shows that one. */
static inline const struct inode *mms_file_inode(struct file *file)
{
#ifdef HAVE_FILE_USER_INODE
	return file_user_inode(file);
#else
	return file_inode(file);
#endif
}

/* 6.7 "fs: create helper file_user_path() for user displayed mapped file path":
 * the path that goes with it. */
static inline const struct path *mms_file_path(struct file *file)
{
#ifdef HAVE_FILE_USER_PATH
	return file_user_path(file);
#else
	return &file->f_path;
#endif
}

/* 5.15 "mm/mempolicy: unify the create() func for bind/interleave/prefer-many"
 * moved the node mask out of a union. */
static inline u64 mms_policy_nodes(const struct mempolicy *pol)
{
#ifdef CONFIG_NUMA
#ifdef HAVE_MEMPOLICY_NODES
	return nodes_addr(pol->nodes)[0];
#else
	return nodes_addr(pol->v.nodes)[0];
#endif
#else
	return 0;
#endif
}

/* 5.17 "mm: add a field to store names for private anonymous memory" */
static inline const char *mms_anon_name(struct vm_area_struct *vma)
{
#if defined(HAVE_ANON_VMA_NAME) && defined(CONFIG_ANON_VMA_NAME)
	/* Read in place: anon_vma_name() is not exported. */
	struct anon_vma_name *n = vma->vm_file ? NULL : vma->anon_name;

	return n ? n->name : NULL;
#else
	return NULL;
#endif
}

/* 7.3: pte_uffd_wp() became pte_uffd() when the bit got a second use. */
static inline bool mms_pte_uffd_wp(pte_t pte)
{
#ifdef HAVE_PTE_UFFD
	return pte_uffd(pte);
#else
	return pte_uffd_wp(pte);
#endif
}

static inline bool mms_pte_swp_uffd_wp(pte_t pte)
{
#ifdef HAVE_PTE_UFFD
	return pte_swp_uffd(pte);
#else
	return pte_swp_uffd_wp(pte);
#endif
}

/* 6.8 "mm, treewide: introduce NR_PAGE_ORDERS": before, MAX_ORDER was the first
 * order that there is not. */
#ifdef HAVE_NR_PAGE_ORDERS
#define MMS_PAGE_ORDERS	NR_PAGE_ORDERS
#else
#define MMS_PAGE_ORDERS	MAX_ORDER
#endif

/* After 6.12: pgdat->kswapd_failures is an atomic_t. */
static inline int mms_kswapd_failures(struct pglist_data *pgdat)
{
#ifdef HAVE_KSWAPD_FAILURES_ATOMIC
	return atomic_read(&pgdat->kswapd_failures);
#else
	return READ_ONCE(pgdat->kswapd_failures);
#endif
}

/*
 * Counters of huge pages: 5.12 "mm: memcontrol: convert NR_ANON_THPS account to
 * pages" and its like made them count base pages; zoneinfo prints huge ones.
 */
static inline unsigned int mms_vmstat_unit(enum node_stat_item item)
{
#if defined(HAVE_VMSTAT_IN_THP) && defined(CONFIG_TRANSPARENT_HUGEPAGE)
	return vmstat_item_print_in_thp(item) ? HPAGE_PMD_NR : 1;
#else
	return 1;
#endif
}

/* 5.12 "mm/page_alloc: count CMA pages per zone and print them in /proc/zoneinfo" */
static inline bool mms_zone_cma(struct zone *zone, u64 *pages)
{
#ifdef HAVE_ZONE_CMA_PAGES
	*pages = zone_cma_pages(zone);
	return true;
#else
	return false;
#endif
}

/* 6.12 "mm: page_alloc: keep track of free highatomic" */
static inline bool mms_zone_free_highatomic(struct zone *zone, u64 *pages)
{
#ifdef HAVE_ZONE_FREE_HIGHATOMIC
	*pages = READ_ONCE(zone->nr_free_highatomic);
	return true;
#else
	return false;
#endif
}

/* What a non-present, non-zero entry stands for, without its encoding. */
struct mms_softleaf {
	enum mms_pt_state state;
	u32 type;
	u64 value;	/* swap offset, PFN, or marker bits */
};

struct mms_softleaf mms_softleaf_decode(u64 raw);

#ifdef CONFIG_X86
#include <asm/msr.h>

/* 6.16 "x86/msr: Rename 'rdmsrl_safe()' to 'rdmsrq_safe()'" */
static inline int mms_rdmsr_safe(u32 msr, u64 *val)
{
#ifdef HAVE_RDMSRQ
	return rdmsrq_safe(msr, val);
#else
	return rdmsrl_safe(msr, val);
#endif
}
#endif

/* 7.0: a dentry's place in its inode's list is no longer in the union d_u */
#ifdef HAVE_DENTRY_D_U
#define MMS_DENTRY_ALIAS	offsetof(struct dentry, d_u.d_alias)
#else
#define MMS_DENTRY_ALIAS	offsetof(struct dentry, d_alias)
#endif

/* 5.19 "uffd: PTE_MARKER", 6.15 VM_SEALED, 6.11 VM_DROPPABLE: bits that an
 * older kernel does not have are bits that no VMA of it has. */
#ifndef VM_SEALED
#define VM_SEALED	0
#endif
#ifndef VM_DROPPABLE
#define VM_DROPPABLE	0
#endif
#ifndef VM_UFFD_MINOR
#define VM_UFFD_MINOR	0
#endif
#ifndef VM_SOFTDIRTY
#define VM_SOFTDIRTY	0
#endif

#endif /* MMSCOPE_COMPAT_H */
