// SPDX-License-Identifier: GPL-2.0
/* 5.11 "mm/lru: replace pgdat lru_lock with lruvec lock" */
#include <linux/mmzone.h>

spinlock_t *probe(struct lruvec *lruvec);
spinlock_t *probe(struct lruvec *lruvec)
{
	return &lruvec->lru_lock;
}
