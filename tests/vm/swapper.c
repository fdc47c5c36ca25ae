// SPDX-License-Identifier: GPL-2.0
/*
 * Two processes with a known number of pages in swap, and another look at them.
 *
 * Usage: swapper run		a parent (p) and a child (c)
 *	  swapper on DEVICE PRIO	swapon(2), which busybox's has no priority for
 *	  swapper slots PID	each page of PID in swap by its pagemap: "VA AREA OFFSET"
 *
 * run prints addresses, PIDs and "ready=1"; all is paged out before it forks:
 *
 *	anon	1024 pages, which the child has given back
 *	forked	256 pages, of which the child writes the first 64 again
 *	memfd	256 pages of a memfd, which both map
 *
 * "no_NAME=N": N pages would not go.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

#define PAGE		4096UL
#define ANON_PAGES	1024
#define FORKED_PAGES	256
#define MEMFD_PAGES	256
#define WRITTEN		64

static int self;

static uint64_t entry(int fd, const void *p)
{
	uint64_t w = 0;

	if (pread(fd, &w, 8, (off_t)((uintptr_t)p / PAGE * 8)) != 8)
		exit(1);
	return w;
}

static unsigned char *make(size_t pages, int flags, int fd)
{
	unsigned char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
	size_t i;

	if (p == MAP_FAILED)
		exit(1);
	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < pages; i++)
		memset(p + i * PAGE, (int)(i % 251) + 1, PAGE);
	return p;
}

/* What just came is on no list of the kernel yet, and stays: try again. */
static void page_out(const char *name, unsigned char *p, size_t pages)
{
	size_t i, left = pages;
	int try;

	for (try = 0; left && try < 100; try++) {
		if (try)
			usleep(20000);
		madvise(p, pages * PAGE, MADV_PAGEOUT);
		for (left = 0, i = 0; i < pages; i++)
			left += entry(self, p + i * PAGE) >> 63;
	}
	if (left)
		printf("no_%s=%zu\n", name, left);
	printf("%s=%p\n", name, (void *)p);
}

static void run(void)
{
	int fd = memfd_create("swapped", 0), ready[2];
	unsigned char *anon, *forked, *memfd;
	char x = 0;
	pid_t pid;

	if (fd < 0 || ftruncate(fd, MEMFD_PAGES * PAGE) || pipe(ready))
		exit(1);
	self = open("/proc/self/pagemap", O_RDONLY);
	anon = make(ANON_PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	forked = make(FORKED_PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memfd = make(MEMFD_PAGES, MAP_SHARED, fd);
	page_out("anon", anon, ANON_PAGES);
	page_out("forked", forked, FORKED_PAGES);
	page_out("memfd", memfd, MEMFD_PAGES);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, 9);
		munmap(anon, ANON_PAGES * PAGE);
		memset(forked, 'c', WRITTEN * PAGE);
		if (write(ready[1], &x, 1) != 1)
			exit(1);
		for (;;)
			pause();
	}
	if (pid < 0 || read(ready[0], &x, 1) != 1)
		exit(1);
	printf("p=%d\nc=%d\nready=1\n", (int)getpid(), (int)pid);
	fflush(stdout);
	for (;;)
		pause();
}

static int slots(const char *pid)
{
	uint64_t start, end, va;
	char path[64], line[8192];
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	fd = open(path, O_RDONLY);
	if (!maps || fd < 0)
		return 1;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2 || strstr(line, "[v"))
			continue;
		for (va = start; va < end; va += PAGE) {
			uint64_t w = entry(fd, (void *)(uintptr_t)va);

			if (w >> 62 == 1)
				printf("%#" PRIx64 " %u %" PRIu64 "\n", va, (unsigned int)(w & 31),
				       (uint64_t)((w & ((1ULL << 55) - 1)) >> 5));
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "run"))
		run();
	if (argc == 3 && !strcmp(argv[1], "slots"))
		return slots(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "on")) {
		if (!swapon(argv[2], SWAP_FLAG_PREFER | atoi(argv[3])))
			return 0;
		perror(argv[2]);
		return 1;
	}
	fprintf(stderr, "usage: swapper run | slots PID | on DEVICE PRIO\n");
	return 2;
}
