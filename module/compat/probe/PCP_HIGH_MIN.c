// SPDX-License-Identifier: GPL-2.0
/* Does the kernel move a per-CPU list's high between two bounds? */
#include <linux/mmzone.h>

int probe(struct per_cpu_pages *pcp);
int probe(struct per_cpu_pages *pcp)
{
	return pcp->high_min + pcp->high_max;
}
