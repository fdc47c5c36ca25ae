// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody large who is looked at.
 *
 * Usage: victim vmas N | views MIB | protnone BYTES | race [WINDOWS]
 *
 *	vmas	N VMAs of a page each, every second one touched
 *	views	MIB of address space, every page present: one file of 128 MiB,
 *		mapped again and again, so that the machine need not have as much;
 *		in pages of 2 MiB where shmem gives those
 *	protnone	a huge page of so many bytes, touched, then forbidden by
 *		mprotect()
 *	race	how much of a victim's page faults is left while its VMAs and
 *		page tables are read without end; see race() for the output
 *
 * All but race print "key=value" lines, "ready=1", and wait to be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define HUGE	(2 * MIB)
#define RW	(PROT_READ | PROT_WRITE)
#define FILE_SIZE	(128 * MIB)

static void die(const char *what)
{
	fprintf(stderr, "victim: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void ready(void)
{
	printf("ready=1\n");
	fflush(stdout);
	for (;;)
		pause();
}

static void vmas(unsigned long n)
{
	char *p = mmap(NULL, n * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned long i;

	if (p == MAP_FAILED)
		die("mmap");
	madvise(p, n * PAGE, MADV_NOHUGEPAGE);
	/* from the end: each split leaves the larger part in front */
	for (i = n - 1; i < n; i -= 2)
		if (mprotect(p + i * PAGE, PAGE, PROT_READ))
			die("mprotect");
	for (i = 0; i < n; i += 2)
		p[i * PAGE] = 1;
	printf("vmas=%lu\n", n);
}

/* FILE_SIZE of shared memory, seen as often as makes @mib. */
static void views(unsigned long mib)
{
	int fd = memfd_create("views", MFD_CLOEXEC);
	unsigned long done, at;
	size_t len;
	char *p, *area;

	if (fd < 0 || ftruncate(fd, FILE_SIZE))
		die("memfd");
	if (mib > SIZE_MAX / MIB / 4) {
		printf("no_views=%lu MiB do not fit a 32-bit address space\n", mib);
		return;
	}
	len = mib * MIB;
	area = mmap(NULL, len + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		die("mmap");
	p = (char *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
	for (done = 0; done < len; done += FILE_SIZE)
		if (mmap(p + done, FILE_SIZE, RW, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) ==
		    MAP_FAILED)
			die("mmap of a view");
	/* where populating gave up, touching does not */
	for (at = 0; at < len; at += PAGE)
		((volatile char *)p)[at] = 1;
	printf("views=%#lx\nviews_len=%#lx\n", (unsigned long)p, (unsigned long)len);
}

static void protnone(size_t huge)
{
	char *area = mmap(NULL, 2 * huge, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *p;

	if (area == MAP_FAILED)
		die("mmap");
	p = (char *)(((uintptr_t)area + huge - 1) & ~(uintptr_t)(huge - 1));
	if (madvise(p, huge, MADV_HUGEPAGE)) {
		printf("no_protnone=no huge pages\n");
		return;
	}
	memset(p, 1, huge);
	mprotect(p, huge, PROT_NONE);
	printf("protnone=%#lx\n", (unsigned long)p);
}

/* --- race ------------------------------------------------------------------------ */

#define WINDOWS_MAX	64
#define WINDOW_NS	100000000ULL
#define BESIDE_MIB	512

/*
 * struct race - shared by the three
 * @ready: how many have their memory
 * @target: whom the reader reads
 * @window: where the victim counts; even: its twin is read; odd: itself is
 */
static struct race {
	int ready;
	volatile pid_t target;
	volatile unsigned int window;
	volatile int over;
	uint64_t faults[WINDOWS_MAX];
	uint64_t reads[WINDOWS_MAX];
	uint64_t fault_max_ns[2];
	uint64_t call_max_ns[2];
} *race_of;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void longest(uint64_t *max, uint64_t since)
{
	uint64_t took = now_ns() - since;

	if (took > *max)
		*max = took;
}

/* mmap, faults, munmap: readers and writers of mmap_lock in turn. */
static void suffer(void)
{
	struct race *r = race_of;
	unsigned int w, i;
	uint64_t t;
	char *p;

	views(BESIDE_MIB);
	__atomic_fetch_add(&r->ready, 1, __ATOMIC_RELEASE);
	while (!r->over) {
		w = r->window;
		t = now_ns();
		p = mmap(NULL, 32 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		longest(&r->call_max_ns[w & 1], t);
		if (p == MAP_FAILED)
			die("mmap");
		for (i = 0; i < 32; i++) {
			t = now_ns();
			p[i * PAGE] = 1;
			longest(&r->fault_max_ns[w & 1], t);
			r->faults[w]++;
		}
		t = now_ns();
		munmap(p, 32 * PAGE);
		longest(&r->call_max_ns[w & 1], t);
	}
}

static void read_one(const char *path, pid_t pid)
{
	static char buf[1 << 18];
	struct mms_request req = {
		.size = sizeof(req), .pid = (uint32_t)pid, .flags = MMS_REQ_ALL,
	};
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || write(fd, &req, sizeof(req)) != sizeof(req))
		die(path);
	while (read(fd, buf, sizeof(buf)) > 0 && race_of->target == pid)
		;
	close(fd);
}

static void look(void)
{
	while (!race_of->over) {
		pid_t pid = race_of->target;

		read_one("/sys/kernel/debug/mmscope/stream/vma", pid);
		read_one("/sys/kernel/debug/mmscope/stream/pgtable", pid);
		race_of->reads[race_of->window]++;
	}
}

static pid_t fork_to(void (*what)(void))
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	what();
	_exit(0);
}

static void idle(void)
{
	views(BESIDE_MIB);
	__atomic_fetch_add(&race_of->ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* of every second window from @first on; the first two warm up */
static uint64_t median(const uint64_t *v, unsigned int windows, unsigned int first)
{
	uint64_t some[WINDOWS_MAX];
	unsigned int n = 0, i;

	for (i = first + 2; i < windows; i += 2)
		some[n++] = v[i];
	qsort(some, n, sizeof(*some), by_value);
	return n ? some[n / 2] : 0;
}

/*
 * A reader of the victim costs it the processor's time, too, whoever is read.
 * So there is a twin of the victim, with the same memory: the reader reads the
 * twin in one window and the victim in the next, and what differs between the
 * two is what reading does to the one who is read.
 */
static void race(unsigned int windows)
{
	struct timespec window = { .tv_nsec = WINDOW_NS };
	pid_t twin, victim, reader;
	unsigned int w;

	if (windows > WINDOWS_MAX)
		windows = WINDOWS_MAX;
	race_of = mmap(NULL, sizeof(*race_of), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (race_of == MAP_FAILED)
		die("mmap");
	twin = fork_to(idle);
	victim = fork_to(suffer);
	while (__atomic_load_n(&race_of->ready, __ATOMIC_ACQUIRE) < 2 && !waitpid(-1, NULL, WNOHANG))
		nanosleep(&window, NULL);
	race_of->target = twin;
	reader = fork_to(look);
	if (twin < 0 || victim < 0 || reader < 0)
		die("fork");
	for (w = 0; w < windows; w++) {
		race_of->target = w & 1 ? victim : twin;
		race_of->window = w;
		nanosleep(&window, NULL);
	}
	race_of->over = 1;
	waitpid(victim, NULL, 0);
	waitpid(reader, NULL, 0);
	kill(twin, SIGKILL);
	printf("faults_beside=%" PRIu64 "\nfaults_read=%" PRIu64 "\n",
	       median(race_of->faults, windows, 0), median(race_of->faults, windows, 1));
	printf("reads_beside=%" PRIu64 "\nreads_read=%" PRIu64 "\n",
	       median(race_of->reads, windows, 0), median(race_of->reads, windows, 1));
	printf("fault_max_ns_beside=%" PRIu64 "\nfault_max_ns_read=%" PRIu64 "\n",
	       race_of->fault_max_ns[0], race_of->fault_max_ns[1]);
	printf("call_max_ns_beside=%" PRIu64 "\ncall_max_ns_read=%" PRIu64 "\n",
	       race_of->call_max_ns[0], race_of->call_max_ns[1]);
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "race")) {
		race(n ? (unsigned int)n : 20);
		return 0;
	}
	if (!strcmp(what, "vmas") && n)
		vmas(n);
	else if (!strcmp(what, "protnone") && n)
		protnone(n);
	else if (!strcmp(what, "views") && n)
		views(n);
	else
		return 2;
	ready();
}
