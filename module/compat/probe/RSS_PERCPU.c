// SPDX-License-Identifier: GPL-2.0
/* Are the counters of resident pages per-CPU counters? */
#include <linux/mm_types.h>
#include <linux/percpu_counter.h>

long probe(struct mm_struct *mm);
long probe(struct mm_struct *mm)
{
	return percpu_counter_read(&mm->rss_stat[0]);
}
