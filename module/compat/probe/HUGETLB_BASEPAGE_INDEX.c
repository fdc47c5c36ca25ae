// SPDX-License-Identifier: GPL-2.0
/* Is the index of a hugetlb page counted in huge pages? */
#include <linux/pagemap.h>

void *probe(void);
void *probe(void)
{
	return hugetlb_basepage_index;
}
