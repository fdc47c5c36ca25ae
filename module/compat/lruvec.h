/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of folios: their lock, what reclaim has cost.  Locks: none.  Never sleeps. */
#ifndef MMSCOPE_COMPAT_LRUVEC_H
#define MMSCOPE_COMPAT_LRUVEC_H

#include <linux/memcontrol.h>
#include <linux/mmzone.h>

/*
 * 5.11 "mm/lru: replace pgdat lru_lock with lruvec lock".  Before, the node's,
 * and not by lruvec_pgdat(): a cgroup's lruvec has no node before its first page
 * (mem_cgroup_lruvec() sets it).
 */
static inline spinlock_t *mms_lruvec_lock(struct lruvec *lruvec, int nid)
{
#ifdef HAVE_LRUVEC_LOCK
	return &lruvec->lru_lock;
#else
	return &NODE_DATA(nid)->lru_lock;
#endif
}

/* What reclaim has cost of a type, 0 anon, 1 file.  7.3: a struct for each type. */
static inline unsigned long mms_lruvec_cost(struct lruvec *lruvec, int type)
{
#ifdef HAVE_LRUVEC_COST
	return READ_ONCE(lruvec->cost[type].count);
#else
	return type ? lruvec->file_cost : lruvec->anon_cost;
#endif
}

#endif /* MMSCOPE_COMPAT_LRUVEC_H */
