// SPDX-License-Identifier: GPL-2.0
/*
 * Free memory in single pages: a process that has every second one.
 *
 * Usage: fragment MIB [pin]
 *
 *	takes MIB of anonymous memory in small pages and gives every second page
 *	back; with pin it also locks what it keeps.  Prints "addr=0x...",
 *	"len=0x...", "kept=N" (pages), "pid=N", "ready=1", and waits to be killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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
	if (argc > 2 && !strcmp(argv[2], "pin"))
		for (at = page; at < len; at += 2 * page)
			mlock(p + at, page);
	printf("addr=%#lx\nlen=%#lx\nkept=%lu\npid=%d\nready=1\n", (unsigned long)p, (unsigned long)len,
	       (unsigned long)(len / page / 2), (int)getpid());
	fflush(stdout);
	for (;;)
		pause();
}
