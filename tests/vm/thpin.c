// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages, some of which somebody holds.
 *
 * Usage: thpin HUGE
 *
 *	makes a huge page of HUGE bytes for each of
 *
 *	still	one entry maps it
 *	forked	two do: a child's, too
 *	both	one entry, and 512 entries of small pages in a child
 *	split	512 entries of small pages map it (half of it may only be read)
 *	pipe	like still, and 16 of its pages are in a pipe
 *	parts	like split, and 16 of its pages are in a pipe
 *	ring	like still, and it is a registered buffer of an io_uring
 *	shm	of shared memory, one entry maps it
 *	shmboth	likewise, and entries of small pages elsewhere
 *	shmpipe	like shm, and 16 of its pages are in a pipe
 *
 *	and prints "NAME=FRAME" (hexadecimal), or "no_NAME=reason", "child=N", "pid=N",
 *	"ready=1".
 *	On SIGUSR1 it reads the pipes empty and prints "let_go=1".
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
#include <unistd.h>

#define HELD		16	/* what a pipe has room for */
#define KPF_HEAD	(1ULL << 15)
#define KPF_THP		(1ULL << 22)

/* What <linux/io_uring.h> says; the numbers are those of all architectures. */
#define NR_URING_SETUP		425
#define NR_URING_REGISTER	427
#define URING_PARAMS		120	/* bytes of struct io_uring_params */
#define URING_BUFFERS		0

static size_t page, huge;
static int pipes[8], npipes;
static volatile sig_atomic_t let_go;

static char *area(int shared)
{
	int how = shared ? MAP_SHARED : MAP_PRIVATE;
	char *p = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("thpin: mmap");
		exit(1);
	}
	p = (char *)(((uintptr_t)p + huge - 1) & ~(uintptr_t)(huge - 1));
	madvise(p, huge, MADV_HUGEPAGE);
	memset(p, 1, huge);
	return p;
}

static uint64_t word(const char *path, uint64_t i)
{
	int fd = open(path, O_RDONLY);
	uint64_t w = 0;

	if (fd < 0 || pread(fd, &w, sizeof(w), (off_t)(i * sizeof(w))) != (ssize_t)sizeof(w))
		w = 0;
	close(fd);
	return w;
}

/* Its frame, if it is a huge page: so says the kernel. */
static void tell(const char *name, const char *p, const char *failed)
{
	uint64_t pfn = word("/proc/self/pagemap", (uintptr_t)p / page) & ((1ULL << 55) - 1);
	uint64_t flags = pfn ? word("/proc/kpageflags", pfn) : 0;

	if (failed)
		printf("no_%s=%s\n", name, failed);
	else if ((flags & (KPF_HEAD | KPF_THP)) != (KPF_HEAD | KPF_THP))
		printf("no_%s=it is no huge page\n", name);
	else
		printf("%s=%llx\n", name, (unsigned long long)pfn);
}

static const char *into_pipe(char *p)
{
	int ends[2], i;

	if (pipe(ends))
		return strerror(errno);
	for (i = 0; i < HELD; i++) {
		/* tails, one after the other and far from each other */
		struct iovec v = { p + (3 + 7 * (size_t)i) * page, page };

		if (vmsplice(ends[1], &v, 1, SPLICE_F_NONBLOCK) != (ssize_t)page)
			return strerror(errno);
	}
	pipes[npipes++] = ends[0];
	return NULL;
}

static const char *into_ring(char *p)
{
	struct iovec v = { p, huge };
	char params[URING_PARAMS] = { 0 };
	long fd = syscall(NR_URING_SETUP, 4, params);

	if (fd < 0 || syscall(NR_URING_REGISTER, fd, URING_BUFFERS, &v, 1) < 0)
		return strerror(errno);
	return NULL;
}

static const char *by_pages(char *p)
{
	return mprotect(p + huge / 2, huge / 2, PROT_READ) ? strerror(errno) : NULL;
}

/* Again at an address where no huge page fits. */
static const char *elsewhere(char *p)
{
	char *at = mmap(NULL, 2 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	at = (char *)(((uintptr_t)at + huge - 1) & ~(uintptr_t)(huge - 1)) + page;
	if (mremap(p, 0, huge - page, MREMAP_MAYMOVE | MREMAP_FIXED, at) != at)
		return strerror(errno);
	for (i = 0; i < 100; i++)
		at[i * page] = 2;
	return NULL;
}

/* A child that has what there is, one of them by its pages. */
static const char *with_child(char *split)
{
	int ready[2];
	pid_t pid;
	char x;

	if (pipe(ready))
		return strerror(errno);
	pid = fork();
	if (pid) {
		printf("child=%d\n", (int)pid);
		close(ready[1]);
		return pid < 0 ? strerror(errno) : read(ready[0], &x, 1) == 1 ? NULL : "the child failed";
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (by_pages(split) || write(ready[1], "x", 1) != 1)
		exit(1);
	for (;;)
		pause();
}

static void on_usr1(int sig)
{
	(void)sig;
	let_go = 1;
}

static void empty_pipes(void)
{
	char *buf = malloc(page);
	int i, k;

	for (i = 0; i < npipes; i++)
		for (k = 0; k < HELD; k++)
			if (read(pipes[i], buf, page) != (ssize_t)page)
				exit(1);
	let_go = 0;
	printf("let_go=1\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	sigset_t usr1, waiting;
	const char *failed;
	char *p, *forked;

	page = (size_t)sysconf(_SC_PAGESIZE);
	huge = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	if (huge < 256 * page)
		return 2;
	signal(SIGUSR1, on_usr1);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &waiting);
	/* (before the others are there: the child shall have these alone) */
	forked = area(0);
	p = area(0);
	failed = with_child(p);
	tell("forked", forked, failed);
	tell("both", p, failed);
	tell("still", area(0), NULL);
	p = area(0);
	failed = by_pages(p);
	tell("split", p, failed);
	p = area(0);
	tell("pipe", p, into_pipe(p));
	p = area(0);
	failed = by_pages(p);
	tell("parts", p, failed ? failed : into_pipe(p));
	p = area(0);
	tell("ring", p, into_ring(p));
	tell("shm", area(1), NULL);
	p = area(1);
	failed = elsewhere(p);
	tell("shmboth", p, failed);
	p = area(1);
	tell("shmpipe", p, into_pipe(p));
	printf("pid=%d\nready=1\n", (int)getpid());
	fflush(stdout);
	/* (blocked but while it waits: no signal gets lost) */
	for (;;) {
		if (let_go)
			empty_pipes();
		sigsuspend(&waiting);
	}
}
