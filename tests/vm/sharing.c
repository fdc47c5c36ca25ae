// SPDX-License-Identifier: GPL-2.0
/*
 * Four processes that share memory in known ways, and another look at it.
 *
 * Usage: sharing run DIR HUGE	a parent (p) and three children (c1 c2 c3)
 *	  sharing common PID PID	frames that both map, by their pagemaps:
 *				"frames=N", without the zero page
 *
 * run prints the address of each area, the PIDs, and "ready=1":
 *
 *	cow	8 MiB written by p before it forks; child j writes the first j MiB
 *	thp	2 huge pages of HUGE bytes (0 = none), likewise; c1 writes one page
 *	file	64 pages of a file in DIR: read by p, c1, c2
 *	memfd	32 pages of a memfd: read by p and c1
 *	ksm	16 pages of the same contents in c1 and in c2, MADV_MERGEABLE
 *	zero	16 pages never written, read by c1 and c3
 *	alias	8 pages of a memfd, which c3 maps twice, and nobody else
 *	hugetlb	2 shared pages of the hugetlb pool: of p, c1, c2; c3 has unmapped them
 *	hugepriv	2 private ones, written by p before it forks; c1 writes the first
 *
 * hugetlb_size are the bytes of one.
 *
 * What the machine lacks is said as "no_NAME=reason".
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define COW		(8 * MIB)
#define FILE_PAGES	64
#define MEMFD_PAGES	32
#define KSM_PAGES	16
#define ZERO_PAGES	16
#define ALIAS_PAGES	8
#define KPF_ZERO_PAGE	24

static volatile unsigned char sink;

/* struct areas - addresses, the same in all four */
struct areas {
	unsigned char *cow;
	unsigned char *thp;
	unsigned char *file;
	unsigned char *memfd;
	unsigned char *ksm;
	unsigned char *zero;
	unsigned char *alias[2];
	unsigned char *hugetlb;
	unsigned char *hugepriv;
	size_t huge;
	size_t hugetlb_size;
};

static void die(const char *what)
{
	fprintf(stderr, "sharing: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned char *map(size_t len, size_t align, int flags, int fd)
{
	unsigned char *p = mmap(NULL, len + align + 2 * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	uintptr_t at = ((uintptr_t)p + PAGE + align - 1) & ~(align - 1);

	if (p == MAP_FAILED)
		die("mmap");
	p = mmap((void *)at, len, RW, flags | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static unsigned char *small(size_t len)
{
	unsigned char *p = map(len, PAGE, ANON, -1);

	madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

/* Every page its own contents, or KSM would merge what is not meant. */
static void fill(unsigned char *p, size_t pages, unsigned long seed)
{
	size_t i;

	for (i = 0; i < pages; i++)
		*(unsigned long *)(void *)(p + i * PAGE) = seed * 100000 + i;
}

static void look(const unsigned char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		sink += p[i * PAGE];
}

static int new_file(int fd, size_t pages)
{
	char block[PAGE];
	size_t i;

	memset(block, 'm', sizeof(block));
	for (i = 0; fd >= 0 && i < pages; i++)
		if (write(fd, block, PAGE) != (ssize_t)PAGE)
			die("write");
	if (fd < 0)
		die("open");
	return fd;
}

/* Bytes of a page of the pool; 0: the kernel has none. */
static size_t hugetlb_size(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "Hugepagesize: %lu", &kib);
	if (f)
		fclose(f);
	return kib * 1024;
}

static unsigned char *from_pool(size_t size, int flags)
{
	unsigned char *p = mmap(NULL, 2 * size, RW, flags | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	p[0] = 1;
	p[size] = 1;
	return p;
}

static void make_hugetlb(struct areas *a)
{
	a->hugetlb_size = hugetlb_size();
	if (a->hugetlb_size) {
		a->hugetlb = from_pool(a->hugetlb_size, MAP_SHARED);
		a->hugepriv = from_pool(a->hugetlb_size, MAP_PRIVATE);
	}
	if (!a->hugetlb || !a->hugepriv)
		printf("no_hugetlb=the pool is empty\n");
}

static void make(struct areas *a, const char *dir)
{
	char path[256];
	int fd;

	a->cow = small(COW);
	fill(a->cow, COW / PAGE, 1);
	if (a->huge) {
		a->thp = map(2 * a->huge, a->huge, ANON, -1);
		if (madvise(a->thp, 2 * a->huge, MADV_HUGEPAGE))
			printf("no_thp=%s\n", strerror(errno));
		fill(a->thp, 2 * a->huge / PAGE, 2);
	} else {
		printf("no_thp=none on this machine\n");
	}
	snprintf(path, sizeof(path), "%s/shared", dir);
	fd = new_file(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), FILE_PAGES);
	a->file = map(FILE_PAGES * PAGE, PAGE, MAP_SHARED, fd);
	close(fd);
	fd = new_file(memfd_create("shared", 0), MEMFD_PAGES);
	a->memfd = map(MEMFD_PAGES * PAGE, PAGE, MAP_SHARED, fd);
	close(fd);
	fd = new_file(memfd_create("alias", 0), ALIAS_PAGES);
	a->alias[0] = map(ALIAS_PAGES * PAGE, PAGE, MAP_SHARED, fd);
	a->alias[1] = map(ALIAS_PAGES * PAGE, PAGE, MAP_SHARED, fd);
	close(fd);
	a->ksm = small(KSM_PAGES * PAGE);
	a->zero = small(ZERO_PAGES * PAGE);
	make_hugetlb(a);
}

/* Whether a child has entries of shared ones from the start depends on the kernel. */
static void child_hugetlb(const struct areas *a, unsigned int j)
{
	if (a->hugetlb && j == 3)
		munmap(a->hugetlb, 2 * a->hugetlb_size);
	else if (a->hugetlb)
		sink += a->hugetlb[0] + a->hugetlb[a->hugetlb_size];
	if (a->hugepriv && j == 1)
		a->hugepriv[0] = 2;
}

static void child(const struct areas *a, unsigned int j, int ready)
{
	prctl(PR_SET_PDEATHSIG, 9);
	fill(a->cow, j * MIB / PAGE, 10 + j);
	if (j == 1 && a->thp)
		a->thp[a->huge + 5 * PAGE] = 1;
	if (j == 1 || j == 2)
		look(a->file, FILE_PAGES);
	if (j == 1)
		look(a->memfd, MEMFD_PAGES);
	if (j == 1 || j == 2) {
		fill(a->ksm, KSM_PAGES, 77);
		if (madvise(a->ksm, KSM_PAGES * PAGE, MADV_MERGEABLE))
			printf("no_ksm=%s\n", strerror(errno));
	}
	if (j == 1 || j == 3)
		look(a->zero, ZERO_PAGES);
	if (j == 3) {
		look(a->alias[0], ALIAS_PAGES);
		look(a->alias[1], ALIAS_PAGES);
	}
	child_hugetlb(a, j);
	fflush(stdout);
	if (write(ready, "x", 1) != 1)
		exit(1);
	for (;;)
		pause();
}

static void run(const char *dir, size_t huge)
{
	struct areas a = { .huge = huge };
	unsigned int j;
	int ready[2];
	char x;

	if (pipe(ready))
		die("pipe");
	make(&a, dir);
	look(a.file, FILE_PAGES);
	look(a.memfd, MEMFD_PAGES);
	printf("p=%d\n", (int)getpid());
	for (j = 1; j <= 3; j++) {
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid)
			child(&a, j, ready[1]);
		/* One after the other: which page is whose must not depend on luck. */
		if (read(ready[0], &x, 1) != 1)
			die("child");
		printf("c%u=%d\n", j, (int)pid);
	}
	printf("hugetlb=%p\nhugepriv=%p\nhugetlb_size=%zu\n", (void *)a.hugetlb, (void *)a.hugepriv,
	       a.hugetlb_size);
	printf("cow=%p\nthp=%p\nfile=%p\nmemfd=%p\nksm=%p\nzero=%p\nalias=%p\nready=1\n",
	       (void *)a.cow, (void *)a.thp, (void *)a.file, (void *)a.memfd, (void *)a.ksm,
	       (void *)a.zero, (void *)a.alias[0]);
	fflush(stdout);
	for (;;)
		pause();
}

/* --- the other look --- */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t word_at(int fd, uint64_t i)
{
	uint64_t w;

	return pread(fd, &w, 8, (off_t)(i * 8)) == 8 ? w : 0;
}

/* The frames of a process, sorted, each once. */
static uint64_t *frames_of(const char *pid, int flags, size_t *n)
{
	uint64_t start, end, va, w, *list = NULL;
	size_t i, cap = 0, kept = 0;
	char path[64], line[8192];
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	fd = open(path, O_RDONLY);
	if (!maps || fd < 0)
		die(path);
	*n = 0;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2 ||
		    strstr(line, "[vvar") || strstr(line, "[vsyscall]"))
			continue;
		for (va = start; va < end; va += PAGE) {
			w = word_at(fd, va / PAGE);
			if (!(w >> 63) || word_at(flags, w & ((1ULL << 55) - 1)) >> KPF_ZERO_PAGE & 1)
				continue;
			if (*n == cap) {
				cap = cap ? cap * 2 : 4096;
				list = realloc(list, cap * sizeof(*list));
				if (!list)
					die("realloc");
			}
			list[(*n)++] = w & ((1ULL << 55) - 1);
		}
	}
	close(fd);
	fclose(maps);
	if (!*n)
		return list;
	qsort(list, *n, sizeof(*list), by_value);
	for (i = 0; i < *n; i++)
		if (!kept || list[kept - 1] != list[i])
			list[kept++] = list[i];
	*n = kept;
	return list;
}

static int common(const char *a, const char *b)
{
	int flags = open("/proc/kpageflags", O_RDONLY);
	size_t n, m, i = 0, j = 0, both = 0;
	uint64_t *x = frames_of(a, flags, &n), *y = frames_of(b, flags, &m);

	while (i < n && j < m) {
		if (x[i] == y[j])
			both++;
		if (x[i] <= y[j])
			i++;
		else
			j++;
		/* (equal ones: the next of @x is larger, and @y catches up) */
	}
	printf("frames=%zu\n", both);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "run"))
		run(argv[2], strtoul(argv[3], NULL, 0));
	if (argc == 4 && !strcmp(argv[1], "common"))
		return common(argv[2], argv[3]);
	fprintf(stderr, "usage: sharing run DIR HUGE | common PID PID\n");
	return 2;
}
