// SPDX-License-Identifier: GPL-2.0
/*
 * A process whose memory is known in advance: it prints what it has as lines
 * "key=value", then "ready=1", and waits until it is killed or stdin ends.
 *
 * Usage: workload [--churn] [--exit-after MS] [--vmas N] [--no-wait]
 *
 *	--churn		a thread maps, unmaps, protects and forks without end
 *	--exit-after MS	exit 0 after so many milliseconds
 *	--vmas N	N more VMAs of a page each, every second one touched
 *	--no-wait	exit 0 at once, after printing
 *
 * For an area NAME: NAME is its address, NAME_len its length, NAME_present and
 * NAME_swap the pages that must be there, where that is certain.  What the
 * machine lacks is said as "no_NAME=reason".
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT		21
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT		26
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif

#define PAGE		4096UL
#define MIB		(1024 * 1024UL)
#define RESERVE		(sizeof(long) == 8 ? (size_t)(1ULL << 40) : (size_t)(1ULL << 30))
#define RW		(PROT_READ | PROT_WRITE)
#define PRIVATE_ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static volatile unsigned char sink;
/* Where the files are: tmpfs in the VM, an own directory elsewhere. */
static char dir[64] = "/tmp/mmscope.XXXXXX";

static void say(const char *key, unsigned long value)
{
	printf("%s=%#lx\n", key, value);
}

static void lacks(const char *key, const char *why)
{
	printf("no_%s=%s\n", key, why);
}

static void area(const char *name, const void *p, size_t len)
{
	char key[64];

	say(name, (unsigned long)p);
	snprintf(key, sizeof(key), "%s_len", name);
	say(key, len);
}

static void pages(const char *name, const char *what, unsigned long n)
{
	printf("%s_%s=%lu\n", name, what, n);
}

/* Each area apart from its neighbours, so that none merges. */
static unsigned char *map_at(size_t len, int prot, int flags, int fd)
{
	size_t room = len + 2 * PAGE;
	unsigned char *p = mmap(NULL, room, PROT_NONE,
				PRIVATE_ANON | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	munmap(p, room);
	p = mmap(p + PAGE, len, prot, flags | MAP_FIXED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

static unsigned char *must(unsigned char *p, const char *what)
{
	if (!p) {
		fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return p;
}

static unsigned char *small(size_t len)
{
	unsigned char *p = must(map_at(len, RW, PRIVATE_ANON, -1), "mmap");

	madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

static void touch(unsigned char *p, size_t len, size_t step)
{
	size_t i;

	for (i = 0; i < len; i += step)
		p[i] = (unsigned char)(i / PAGE + 1);
}

static void look(const unsigned char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += PAGE)
		sink += p[i];
}

static int new_file(const char *name, size_t len)
{
	char path[256], block[PAGE];
	size_t i;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	memset(block, 'm', sizeof(block));
	for (i = 0; fd >= 0 && i < len; i += PAGE)
		if (write(fd, block, PAGE) != (ssize_t)PAGE)
			fd = -1;
	if (fd < 0) {
		fprintf(stderr, "workload: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	unlink(path);
	return fd;
}

/* --- anonymous memory --- */

static void anonymous(void)
{
	unsigned char *p = small(64 * PAGE);

	touch(p, 64 * PAGE, 2 * PAGE);
	area("sparse", p, 64 * PAGE);
	pages("sparse", "present", 32);

	p = small(32 * PAGE);
	touch(p, 32 * PAGE, PAGE);
	madvise(p + 8 * PAGE, 8 * PAGE, MADV_DONTNEED);
	area("holes", p, 32 * PAGE);
	pages("holes", "present", 24);

	p = small(16 * PAGE);
	look(p, 16 * PAGE);
	area("zero", p, 16 * PAGE);
	pages("zero", "present", 0);

	p = small(8 * PAGE);
	touch(p, 8 * PAGE, PAGE);
	mprotect(p, 8 * PAGE, PROT_NONE);
	area("protnone", p, 8 * PAGE);
	pages("protnone", "present", 8);

	p = small(8 * PAGE);
	touch(p, 8 * PAGE, PAGE);
	mprotect(p, 8 * PAGE, PROT_READ);
	area("readonly", p, 8 * PAGE);
	pages("readonly", "present", 8);

	p = small(8 * PAGE);
	touch(p, 8 * PAGE, PAGE);
	if (mprotect(p, 8 * PAGE, PROT_READ | PROT_EXEC))
		lacks("exec", strerror(errno));
	else
		area("exec", p, 8 * PAGE);
}

static void special_anonymous(void)
{
	unsigned char *p = small(8 * PAGE);

	if (mlock(p, 8 * PAGE))
		lacks("locked", strerror(errno));
	else
		area("locked", p, 8 * PAGE);

	p = small(4 * PAGE);
	touch(p, 4 * PAGE, PAGE);
	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 4 * PAGE, "work load"))
		lacks("named", strerror(errno));
	else
		area("named", p, 4 * PAGE);

	p = map_at(RESERVE, PROT_NONE, PRIVATE_ANON | MAP_NORESERVE, -1);
	if (p)
		area("reserve", p, RESERVE);
	else
		lacks("reserve", strerror(errno));

	p = must(map_at(4 * PAGE, PROT_NONE, PRIVATE_ANON, -1), "guard");
	area("guard", p, 4 * PAGE);

	p = map_at(16 * PAGE, RW, PRIVATE_ANON | MAP_GROWSDOWN, -1);
	if (p) {
		touch(p, 16 * PAGE, PAGE);
		area("growsdown", p, 16 * PAGE);
	}

	p = small(16 * PAGE);
	touch(p, 16 * PAGE, PAGE);
	if (madvise(p + 4 * PAGE, 4 * PAGE, MADV_GUARD_INSTALL)) {
		lacks("guardregion", strerror(errno));
	} else {
		area("guardregion", p, 16 * PAGE);
		pages("guardregion", "present", 12);
	}
}

/* --- huge pages --- */

/* The number in a file of /sys or /proc, behind @key; 0 if there is none. */
static size_t number_in(const char *path, const char *key)
{
	FILE *f = fopen(path, "r");
	char line[256];
	size_t n = 0;

	while (f && !n && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			n = strtoul(line + strlen(key), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

static void hugetlb(const char *name, size_t size, int flags)
{
	unsigned char *p = mmap(NULL, 2 * size, RW, PRIVATE_ANON | MAP_HUGETLB | flags, -1, 0);

	if (p == MAP_FAILED) {
		lacks(name, strerror(errno));
		return;
	}
	p[0] = 1;	/* one of two */
	area(name, p, 2 * size);
	pages(name, "present", size / PAGE);
}

static void huge(void)
{
	size_t size = number_in("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "");
	unsigned char *p;

	if (!size)
		size = 2 * MIB;
	p = must(map_at(8 * MIB + size, RW, PRIVATE_ANON, -1), "thp");
	p = (unsigned char *)(((uintptr_t)p + size - 1) & ~(size - 1));
	if (madvise(p, 8 * MIB, MADV_HUGEPAGE))
		lacks("thp", strerror(errno));
	touch(p, 8 * MIB, PAGE);
	area("thp", p, 8 * MIB);
	pages("thp", "present", 8 * MIB / PAGE);

	size = number_in("/proc/meminfo", "Hugepagesize:") * 1024;
	if (size)
		hugetlb("hugetlb", size, 0);
	else
		lacks("hugetlb", "not in this kernel");
	/* arm64: 16 PTEs with the contiguous bit make one page */
	if (number_in("/sys/kernel/mm/hugepages/hugepages-64kB/free_hugepages", "") > 0)
		hugetlb("contig", 16 * PAGE, 16 << MAP_HUGE_SHIFT);
	else
		lacks("contig", "no free huge pages of 64 KiB");
}

/* --- files and shared memory --- */

static void files(void)
{
	int fd = new_file("file", 16 * PAGE);
	unsigned char *p = must(map_at(16 * PAGE, PROT_READ, MAP_PRIVATE, fd), "file");

	look(p, 16 * PAGE);
	area("file", p, 16 * PAGE);
	pages("file", "present", 16);

	p = must(map_at(16 * PAGE, RW, MAP_PRIVATE, fd), "cow");
	look(p, 16 * PAGE);
	touch(p, 8 * PAGE, PAGE);
	area("cow", p, 16 * PAGE);
	pages("cow", "present", 16);

	p = must(map_at(16 * PAGE, RW, MAP_SHARED, fd), "sharedfile");
	touch(p, 16 * PAGE, PAGE);
	area("sharedfile", p, 16 * PAGE);
	pages("sharedfile", "present", 16);
	close(fd);

	/* What a terminal would take for orders. */
	fd = new_file("evil\033[31m\nname\"\\\xc2\x9b", PAGE);
	p = must(map_at(PAGE, PROT_READ, MAP_PRIVATE, fd), "evil");
	look(p, PAGE);
	area("evil", p, PAGE);
	close(fd);
}

static void shared(void)
{
	unsigned char *p;
	int fd = memfd_create("workload", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, 16 * PAGE)) {
		lacks("memfd", strerror(errno));
	} else {
		p = must(map_at(16 * PAGE, RW, MAP_SHARED, fd), "memfd");
		touch(p, 8 * PAGE, PAGE);
		area("memfd", p, 16 * PAGE);
		pages("memfd", "present", 8);
	}
	p = must(map_at(16 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1), "sharedanon");
	touch(p, 16 * PAGE, PAGE);
	area("sharedanon", p, 16 * PAGE);
	pages("sharedanon", "present", 16);
	/* may be written, and never was */
	p = must(map_at(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1), "cleanshared");
	look(p, PAGE);
	area("cleanshared", p, PAGE);
	pages("cleanshared", "present", 1);
}

/* --- swap, soft-dirty, children --- */

/* Pages of [p, p + len) that are in swap, as pagemap's bit 62 has it. */
static unsigned long swapped(const unsigned char *p, size_t len)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned long n = 0;
	uint64_t word;
	size_t i;

	for (i = 0; fd >= 0 && i < len; i += PAGE)
		if (pread(fd, &word, 8, (off_t)(((uintptr_t)p + i) / PAGE * 8)) == 8)
			n += word >> 62 & 1;
	if (fd >= 0)
		close(fd);
	return n;
}

static void swap(void)
{
	unsigned char *p = small(64 * PAGE);
	unsigned long n;

	touch(p, 64 * PAGE, PAGE);
	if (madvise(p, 64 * PAGE, MADV_PAGEOUT)) {
		lacks("swap", strerror(errno));
		return;
	}
	n = swapped(p, 64 * PAGE);
	if (!n) {
		lacks("swap", "no swap area");
		return;
	}
	area("swap", p, 64 * PAGE);
	pages("swap", "swap", n);
}

static void soft_dirty(void)
{
	unsigned char *p = small(8 * PAGE);
	int fd;

	touch(p, 8 * PAGE, PAGE);
	fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "4\n", 2) != 2) {
		lacks("softdirty", strerror(errno));
	} else {
		touch(p, 4 * PAGE, PAGE);
		area("softdirty", p, 8 * PAGE);
	}
	if (fd >= 0)
		close(fd);
}

static void child(void)
{
	unsigned char *p = small(16 * PAGE);
	pid_t pid;

	touch(p, 16 * PAGE, PAGE);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		touch(p, 4 * PAGE, PAGE);	/* its own copies of these */
		for (;;)
			pause();
	}
	area("forked", p, 16 * PAGE);
	pages("forked", "present", 16);
	printf("child=%d\n", pid);
}

static void many_vmas(unsigned long n)
{
	unsigned char *p;
	unsigned long i;

	if (!n)
		return;
	p = mmap(NULL, 2 * n * PAGE, RW, PRIVATE_ANON | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) {
		lacks("vmas", strerror(errno));
		return;
	}
	for (i = 0; i < n; i++) {
		if (!(i & 1))
			p[2 * i * PAGE] = 1;
		if (mprotect(p + (2 * i + 1) * PAGE, PAGE, PROT_READ)) {
			lacks("vmas", strerror(errno));
			return;
		}
	}
	area("vmas", p, 2 * n * PAGE);
	pages("vmas", "present", (n + 1) / 2);
}

/* --- churn --- */

static void churn_once(unsigned int seed)
{
	size_t len = (seed % 61 + 1) * PAGE;
	unsigned char *p = mmap(NULL, len, RW, PRIVATE_ANON, -1, 0);
	pid_t pid;

	if (p == MAP_FAILED)
		return;
	touch(p, len, PAGE);
	mprotect(p, len / 2, PROT_READ);
	madvise(p + len / 2, len / 4, MADV_DONTNEED);
	if (seed % 16 == 0) {
		pid = fork();
		if (!pid) {
			touch(p + len / 2, len / 2, PAGE);
			_exit(0);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	munmap(p, len);
}

static void *churn(void *arg)
{
	unsigned int seed = 1;

	for (;;) {
		seed = seed * 1103515245 + 12345;
		churn_once(seed >> 8);
	}
	return arg;
}

static void wait_for_end(long exit_after)
{
	char buf[64];

	if (exit_after >= 0) {
		struct timespec ts = {
			.tv_sec = exit_after / 1000,
			.tv_nsec = exit_after % 1000 * 1000000,
		};

		nanosleep(&ts, NULL);
		return;
	}
	/* A terminal or pipe that ends; from /dev/null, a signal. */
	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
	if (!isatty(STDIN_FILENO)) {
		struct stat st;

		if (!fstat(STDIN_FILENO, &st) && S_ISFIFO(st.st_mode))
			return;
		for (;;)
			pause();
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "churn", no_argument, NULL, 'c' },
		{ "exit-after", required_argument, NULL, 'e' },
		{ "vmas", required_argument, NULL, 'v' },
		{ "no-wait", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long vmas = 0;
	long exit_after = -1;
	bool want_churn = false;
	pthread_t thread;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'c')
			want_churn = true;
		else if (opt == 'e')
			exit_after = strtol(optarg, NULL, 10);
		else if (opt == 'v')
			vmas = strtoul(optarg, NULL, 10);
		else if (opt == 'n')
			exit_after = 0;
		else
			return 2;
	}
	if (!mkdtemp(dir)) {
		fprintf(stderr, "workload: %s: %s\n", dir, strerror(errno));
		return 1;
	}
	printf("pid=%d\n", getpid());
	anonymous();
	special_anonymous();
	huge();
	files();
	shared();
	many_vmas(vmas);
	swap();
	child();
	soft_dirty();	/* last: it clears the bits of all others */
	rmdir(dir);
	if (want_churn && pthread_create(&thread, NULL, churn, NULL))
		lacks("churn", "no thread");
	printf("ready=1\n");
	fflush(stdout);
	wait_for_end(exit_after);
	return 0;
}
