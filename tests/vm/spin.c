// SPDX-License-Identifier: GPL-2.0
/* A process that stays on its CPU in user mode, with pages of each size to look at. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALL	(64 * 4096UL)
#define HUGE	(4UL << 20)	/* one page with i386's 2 levels, two elsewhere */

int main(void)
{
	char *small = mmap(NULL, SMALL, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *area = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char *p = small;
	unsigned long i;

	if (small == MAP_FAILED || area == MAP_FAILED)
		return 1;
	area = (char *)(((unsigned long)area + HUGE - 1) & ~(HUGE - 1));
	madvise(area, HUGE, MADV_HUGEPAGE);
	memset(area, 1, HUGE);
	memset(small, 1, SMALL);
	printf("%d\n", getpid());
	fflush(stdout);
	for (i = 0;; i = (i + 4096) % SMALL)
		p[i]++;
}
