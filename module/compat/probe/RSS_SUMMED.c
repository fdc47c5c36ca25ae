// SPDX-License-Identifier: GPL-2.0
/* Does /proc add up the CPUs' parts of a counter of resident pages? */
#include <linux/mm.h>

unsigned long probe(struct mm_struct *mm);
unsigned long probe(struct mm_struct *mm)
{
	return get_mm_counter_sum(mm, MM_ANONPAGES);
}
