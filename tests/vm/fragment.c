// SPDX-License-Identifier: GPL-2.0
/*
 * Free memory in single pages: a process that has every second one.
 *
 * Usage: fragment MIB [pin]
 *
 *	takes MIB of anonymous memory in small pages and gives every second page
 *	back; with pin the first 16 that it keeps are in a pipe, too, which holds a
 *	reference to each.  Prints "addr=0x...",
 *	"len=0x...", "kept=N" (pages), "pid=N", "ready=1", and waits to be killed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PINNED	16	/* what a pipe has room for */

/* Every second page of 2 * PINNED into a pipe that nobody reads. */
static int pin(char *p, size_t page)
{
	int ends[2], i;

	if (pipe(ends)) {
		perror("fragment: pipe");
		return -1;
	}
	for (i = 0; i < PINNED; i++) {
		struct iovec v = { p + (2 * (size_t)i + 1) * page, page };

		if (vmsplice(ends[1], &v, 1, SPLICE_F_NONBLOCK) != (ssize_t)page) {
			perror("fragment: vmsplice");
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len, at;
	char *p;

	if (argc < 2)
		return 2;
	len = strtoul(argv[1], NULL, 10) << 20;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		perror("fragment: mmap");
		return 1;
	}
	madvise(p, len, MADV_NOHUGEPAGE);
	for (at = 0; at < len; at += page)
		p[at] = 1;
	for (at = 0; at < len; at += 2 * page)
		madvise(p + at, page, MADV_DONTNEED);
	if (argc > 2 && !strcmp(argv[2], "pin") && pin(p, page))
		return 1;
	printf("addr=%#lx\nlen=%#lx\nkept=%lu\npid=%d\nready=1\n", (unsigned long)p, (unsigned long)len,
	       (unsigned long)(len / page / 2), (int)getpid());
	fflush(stdout);
	for (;;)
		pause();
}
