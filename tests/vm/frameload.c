// SPDX-License-Identifier: GPL-2.0
/*
 * A process whose page frames are known in advance, with children that share
 * them: prints "key=value" lines, then "ready=1", and waits to be killed.
 *
 * Usage: frameload [FILE] [--children N] [--churn]
 *
 *	FILE		a file to map shared and privately [its own program]
 *	--children N	forked processes [3]
 *	--churn		pages are mapped and freed without end
 *	--flap		likewise one page, always at the same address: flap=ADDRESS and
 *			pid=PID come first
 *	--poison	a page of its own is made broken memory (MADV_HWPOISON); prints
 *			poison=PFN first
 *	--huge BYTES	size of a huge page
 *
 * NAME=ADDRESS for each page: anon (of this process alone), forked (shared with
 * all children), cow (a child wrote to it), file (shared, FILE), memfd, shared
 * (anonymous, MAP_SHARED), ksm and ksm2 (alike), thp, hugetlb, hugepriv, zero,
 * untouched, swapped (out, if there is swap), swapcached (read in again; its slot
 * was swapcached_slot=SLOT), piped (a pipe holds it, too, by vmsplice()), pinned
 * (a buffer of an io_uring).  What the machine lacks is said as "no_NAME=reason".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/io_uring.h>

#define RW	(PROT_READ | PROT_WRITE)

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_HWPOISON
#define MADV_HWPOISON	100
#endif

static size_t page, huge;
static volatile unsigned char sink;
static int children = 3;

static void say(const char *key, const void *p)
{
	printf("%s=%lx\n", key, (unsigned long)p);
}

static unsigned char *map(size_t len, int flags, int fd)
{
	/* a page apart from its neighbours, so that none merges */
	unsigned char *p = mmap(NULL, len + 2 * page, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	munmap(p, len + 2 * page);
	p = mmap(p + page, len, fd >= 0 && !(flags & MAP_SHARED) ? PROT_READ : RW, flags | MAP_FIXED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

static unsigned char *anon(const char *name, unsigned char fill)
{
	unsigned char *p = map(page, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (!p)
		exit(1);
	if (fill)
		memset(p, fill, page);
	say(name, p);
	return p;
}

static void file_page(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);
	unsigned char *p;

	if (fd < 0)
		fd = open(name, O_RDONLY | O_CLOEXEC);
	p = fd < 0 ? NULL : mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	if (!p || p == MAP_FAILED) {
		printf("no_file=%s\n", strerror(errno));
		return;
	}
	sink = *p;
	say("file", p);
	p = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p != MAP_FAILED) {
		sink = *p;
		say("file2", p);
	}
}

/* What is shared by its mapping, not by the fork: children touch it. */
static unsigned char *touched[4];
static int ntouched;

static void memory_files(void)
{
	int fd = memfd_create("frame test", MFD_CLOEXEC);
	unsigned char *p = NULL;

	if (fd >= 0 && !ftruncate(fd, (off_t)(4 * page)))
		p = map(4 * page, MAP_SHARED, fd);
	if (p) {
		p[2 * page] = 1;
		touched[ntouched++] = p + 2 * page;
		say("memfd", p + 2 * page);
	}
	p = map(page, MAP_SHARED | MAP_ANONYMOUS, -1);
	if (p) {
		*p = 1;
		touched[ntouched++] = p;
		say("shared", p);
	}
}

static void merged(void)
{
	unsigned char *a = anon("ksm", 0xa5), *b = anon("ksm2", 0xa5);

	if (madvise(a, page, MADV_MERGEABLE) || madvise(b, page, MADV_MERGEABLE))
		printf("no_ksm=%s\n", strerror(errno));
}

static void huge_pages(void)
{
	unsigned char *p = map(2 * huge, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (p) {
		p = (unsigned char *)(((uintptr_t)p + huge - 1) & ~(uintptr_t)(huge - 1));
		if (madvise(p, huge, MADV_HUGEPAGE))
			printf("no_thp=%s\n", strerror(errno));
		else
			memset(p, 1, huge);
		say("thp", p + 5 * page);
	}
	p = mmap(NULL, huge, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED) {
		printf("no_hugetlb=%s\n", strerror(errno));
	} else {
		*p = 1;
		touched[ntouched++] = p;
		say("hugetlb", p + 3 * page);
	}
	p = mmap(NULL, huge, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED) {
		printf("no_hugepriv=%s\n", strerror(errno));
	} else {
		*p = 1;
		say("hugepriv", p + 3 * page);
	}
}

static void churn(void)
{
	for (;;) {
		unsigned char *p = mmap(NULL, 64 * page, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pid_t child;

		if (p == MAP_FAILED)
			continue;
		memset(p, 1, 64 * page);
		child = fork();
		if (!child) {
			memset(p, 2, 32 * page);
			_exit(0);
		}
		munmap(p, 64 * page);
		if (child > 0)
			waitpid(child, NULL, 0);
	}
}

/* Mapped and written to for about as long as not, always at one address. */
static void flap(void)
{
	unsigned char *at = map(page, MAP_PRIVATE | MAP_ANONYMOUS, -1), *p = at;

	say("flap", at);
	printf("pid=%d\n", getpid());
	fflush(stdout);
	for (;;) {
		if (p != MAP_FAILED)
			*p = 1;
		usleep(200);
		munmap(at, page);
		usleep(200);
		p = mmap(at, page, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
}

/* Linux' Documentation/admin-guide/mm/pagemap.rst */
static uint64_t own_entry(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t e = 0;

	if (fd < 0 || pread(fd, &e, 8, (off_t)((uintptr_t)p / page * 8)) != 8)
		e = 0;
	if (fd >= 0)
		close(fd);
	return e;
}

static uint64_t own_pfn(const void *p)
{
	return own_entry(p) & ((1ULL << 55) - 1);
}

/* The page stays broken when this has ended, or was killed for it. */
static int poison(void)
{
	unsigned char *p = mmap(NULL, page, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*p = 1;
	printf("poison=%llx\n", (unsigned long long)own_pfn(p));
	fflush(stdout);
	if (madvise(p, page, MADV_HWPOISON)) {
		printf("no_poison=%s\n", strerror(errno));
		return 1;
	}
	return 0;
}

static void swapped(void)
{
	unsigned char *p = anon("swapped", 0);

	memset(p, 0x5c, page);
	madvise(p, page, MADV_PAGEOUT);
}

/* A reference that is no mapping: get_user_pages() without a pin. */
static void piped(void)
{
	unsigned char *p = anon("piped", 7);
	struct iovec v = { p, page };
	int fds[2];

	if (pipe(fds) || vmsplice(fds[1], &v, 1, 0) != (ssize_t)page)
		printf("no_piped=%s\n", strerror(errno));
}

/* One pin: pin_user_pages(). */
static void pinned(void)
{
	struct io_uring_params params = { 0 };
	unsigned char *p = anon("pinned", 8);
	struct iovec v = { p, page };
	long fd = syscall(__NR_io_uring_setup, 4, &params);

	if (fd < 0 || syscall(__NR_io_uring_register, fd, IORING_REGISTER_BUFFERS, &v, 1) < 0)
		printf("no_pinned=%s\n", strerror(errno));
}

/* Swapped out, and read, not written: it keeps its slot until swap is short. */
static void swapcached(void)
{
	unsigned char *p = map(8 * page, MAP_PRIVATE | MAP_ANONYMOUS, -1) + 3 * page;
	uint64_t e;

	memset(p - 3 * page, 0x5d, 8 * page);
	madvise(p - 3 * page, 8 * page, MADV_PAGEOUT);
	e = own_entry(p);
	say("swapcached", p);
	if (!(e >> 62 & 1))
		printf("no_swapcached=it was not swapped out\n");
	printf("swapcached_area=%llu\nswapcached_slot=%llx\n", (unsigned long long)(e & 31),
	       (unsigned long long)(e << 9 >> 14));
	sink = *p;
}

int main(int argc, char **argv)
{
	const char *file = argv[0];
	unsigned char *cow, *zero;
	int i;

	page = (size_t)sysconf(_SC_PAGESIZE);
	huge = page / 8 * page;
	if (sizeof(long) == 4)
		huge = 4 << 20;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--children") && i + 1 < argc)
			children = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--churn"))
			churn();
		else if (!strcmp(argv[i], "--flap"))
			flap();
		else if (!strcmp(argv[i], "--poison"))
			return poison();
		else if (!strcmp(argv[i], "--huge") && i + 1 < argc)
			huge = strtoul(argv[++i], NULL, 0);
		else
			file = argv[i];
	}
	file_page(file);
	memory_files();
	anon("forked", 3);
	cow = anon("cow", 4);
	merged();
	huge_pages();
	zero = map(page, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	sink = *zero;
	say("zero", zero);
	say("untouched", map(page, MAP_PRIVATE | MAP_ANONYMOUS, -1));
	printf("pid=%d\n", getpid());
	fflush(stdout);
	for (i = 0; i < children; i++) {
		pid_t child = fork();

		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (!i)
				*cow = 5;
			while (ntouched)
				sink = *touched[--ntouched];
			for (;;)
				pause();
		}
		printf("child%d=%d\n", i, child);
	}
	anon("anon", 2);
	piped();
	pinned();
	swapped();
	swapcached();
	usleep(200000);
	printf("ready=1\n");
	fflush(stdout);
	for (;;)
		pause();
}
