/* SPDX-License-Identifier: GPL-2.0 */
/* The lock of a lruvec's lists.  Locks: none.  Never sleeps. */
#ifndef MMSCOPE_COMPAT_LRULOCK_H
#define MMSCOPE_COMPAT_LRULOCK_H

#include <linux/mmzone.h>

/*
 * 5.11 "mm/lru: replace pgdat lru_lock with lruvec lock".  Before, the node's,
 * and not by lruvec_pgdat(): a cgroup's lruvec has no node before its first page
 * (mem_cgroup_lruvec() sets it).
 */
static inline spinlock_t *mms_lru_lock(struct lruvec *lruvec, int nid)
{
#ifdef HAVE_LRUVEC_LOCK
	return &lruvec->lru_lock;
#else
	return &NODE_DATA(nid)->lru_lock;
#endif
}

#endif /* MMSCOPE_COMPAT_LRULOCK_H */
