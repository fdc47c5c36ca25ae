// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that never stays as it is: one process per activity, each doing one
 * kind of thing to its own address space, or to the machine's memory, over and
 * over.  For machines without stress-ng, and for what stress-ng does not do.
 *
 * Usage: stressload [--seconds N] [--seed N] [--only NAME[,NAME]...]
 *
 * Ends after N seconds, or by SIGTERM.  Then prints, per activity, "activity
 * NAME rounds=N restarts=N", or "activity NAME left out: WHY" for what this
 * machine cannot do.  CPUs and memory blocks taken offline are online again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#ifndef MADV_COLD
#define MADV_COLD	20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define HUGE	(2 * MIB)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

/* What a round returns: 0, or why this activity is not possible here. */
typedef const char *(*round_fn)(void);

/* struct activity - shared with the process that does it */
struct activity {
	uint64_t rounds;
	uint64_t restarts;
	char left_out[80];
	pid_t pid;
};

static uint32_t state;
static volatile sig_atomic_t over;
static char *self;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static void touch(char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += PAGE * (1 + rnd(3)))
		p[i] = (char)i;
}

static char *get(size_t len)
{
	char *p = mmap(NULL, len, RW, ANON, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* --- an address space that changes ------------------------------------------------ */

static const char *do_vm(void)
{
	size_t len = (1 + rnd(1024)) * PAGE;
	char *p = get(len);

	if (!p)
		return NULL;
	touch(p, len);
	munmap(p + len / 2 / PAGE * PAGE, PAGE);
	munmap(p, len);
	return NULL;
}

static const char *do_fork(void)
{
	static char *p;
	pid_t pid;

	if (!p)
		p = get(MIB);
	touch(p, MIB);
	pid = fork();
	if (!pid) {
		touch(p, rnd(MIB));
		if (rnd(4) == 0 && !fork())
			touch(p, MIB);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return NULL;
}

static const char *do_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl(self, self, "--nothing", (char *)NULL);
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return NULL;
}

static const char *do_mprotect(void)
{
	static const int prot[] = { PROT_NONE, PROT_READ, RW, PROT_READ | PROT_EXEC };
	static char *p;
	unsigned int i;

	if (!p)
		p = get(256 * PAGE);
	mprotect(p, 256 * PAGE, RW);
	touch(p, 256 * PAGE);
	for (i = 0; i < 200; i++)
		mprotect(p + rnd(240) * PAGE, (1 + rnd(16)) * PAGE, prot[rnd(4)]);
	return NULL;
}

static const char *do_mremap(void)
{
	size_t len = (16 + rnd(1024)) * PAGE, to;
	char *p = get(len), *q;
	unsigned int i;

	if (!p)
		return NULL;
	for (i = 0; i < 20; i++) {
		touch(p, len);
		to = (16 + rnd(1024)) * PAGE;
		q = mremap(p, len, to, MREMAP_MAYMOVE);
		if (q == MAP_FAILED)
			break;
		p = q;
		len = to;
	}
	munmap(p, len);
	return NULL;
}

static const char *do_madvise(void)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLD,
		MADV_PAGEOUT, MADV_WILLNEED, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_RANDOM,
	};
	static char *p;
	unsigned int i;

	if (!p)
		p = get(4 * MIB);
	touch(p, 4 * MIB);
	for (i = 0; i < 50; i++)
		madvise(p + rnd(900) * PAGE, (1 + rnd(100)) * PAGE,
			advice[rnd(sizeof(advice) / sizeof(*advice))]);
	return NULL;
}

static const char *do_brk(void)
{
	intptr_t up = (intptr_t)((1 + rnd(512)) * PAGE);
	char *p = sbrk(up);

	if (p == (char *)-1)
		return NULL;
	touch(p, (size_t)up);
	sbrk(-up);
	return NULL;
}

static __attribute__((noinline)) int deep(unsigned int left)
{
	volatile char frame[3000];

	frame[0] = (char)left;
	frame[2999] = 1;
	return left ? deep(left - 1) + frame[0] : frame[2999];
}

/* A stack does not shrink: one for each round. */
static const char *do_stack(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(deep(100 + rnd(2000)) & 1);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return NULL;
}

static const char *do_mlock(void)
{
	size_t len = (1 + rnd(128)) * PAGE;
	char *p = get(len);

	if (!p)
		return NULL;
	if (rnd(2))
		mlock(p, len);
	else
		syscall(SYS_mlock2, p, len, 1 /* MLOCK_ONFAULT */);
	touch(p, len);
	munlock(p, len / 2);
	munmap(p, len);
	return NULL;
}

/* --- shared memory ------------------------------------------------------------------ */

static const char *do_memfd(void)
{
	size_t len = (16 + rnd(512)) * PAGE;
	int fd = memfd_create("stressload", MFD_CLOEXEC);
	char *p;

	if (fd < 0)
		return "no memfd_create()";
	if (!ftruncate(fd, (off_t)len)) {
		p = mmap(NULL, len, RW, MAP_SHARED, fd, 0);
		if (p != MAP_FAILED) {
			touch(p, len);
			fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				  (off_t)(rnd(8) * PAGE), (off_t)(8 * PAGE));
			touch(p, len);
			munmap(p, len);
		}
	}
	close(fd);
	return NULL;
}

static const char *do_sysv(void)
{
	size_t len = (1 + rnd(256)) * PAGE;
	int id = shmget(IPC_PRIVATE, len, IPC_CREAT | 0600);
	char *p, *q;

	if (id < 0)
		return errno == ENOSYS ? "no SysV shared memory (CONFIG_SYSVIPC)" : NULL;
	p = shmat(id, NULL, 0);
	q = shmat(id, NULL, SHM_RDONLY);
	shmctl(id, IPC_RMID, NULL);
	if (p != (char *)-1) {
		touch(p, len);
		shmdt(p);
	}
	if (q != (char *)-1)
		shmdt(q);
	return NULL;
}

static const char *do_remap(void)
{
	char *p = mmap(NULL, 64 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (p == MAP_FAILED)
		return NULL;
	touch(p, 64 * PAGE);
	for (i = 0; i < 32; i++)
		syscall(SYS_remap_file_pages, p + i * PAGE, PAGE, 0, (size_t)rnd(64), 0);
	munmap(p, 64 * PAGE);
	return NULL;
}

/* --- huge pages --------------------------------------------------------------------- */

static const char *do_hugetlb(void)
{
	int shared = rnd(2) ? MAP_SHARED : MAP_PRIVATE;
	char *p = mmap(NULL, HUGE, RW, shared | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	pid_t pid;

	if (p == MAP_FAILED)
		return errno == EINVAL || errno == ENODEV ? "no hugetlb pages (CONFIG_HUGETLBFS)" :
		       access("/sys/kernel/mm/hugepages", F_OK) ? "no hugetlb pages" : NULL;
	p[0] = 1;
	pid = fork();
	if (!pid) {
		p[1] = 1;
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	munmap(p, HUGE);
	return NULL;
}

static const char *do_thp(void)
{
	char *area = get(3 * HUGE), *p;

	if (access("/sys/kernel/mm/transparent_hugepage", F_OK))
		return "no transparent huge pages";
	if (!area)
		return NULL;
	p = (char *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
	madvise(p, 2 * HUGE, MADV_HUGEPAGE);
	touch(p, 2 * HUGE);
	madvise(p, 2 * HUGE, MADV_COLLAPSE);
	mprotect(p + rnd(512) * PAGE, PAGE, PROT_READ);
	madvise(p + HUGE + rnd(256) * PAGE, 64 * PAGE, MADV_DONTNEED);
	madvise(p, HUGE, MADV_PAGEOUT);
	munmap(area, 3 * HUGE);
	return NULL;
}

/* --- reclaim, merging, migration ------------------------------------------------------ */

static const char *do_swap(void)
{
	static char *p;

	if (!p)
		p = get(4 * MIB);
	touch(p, 4 * MIB);
	if (madvise(p, 4 * MIB, MADV_PAGEOUT))
		return "no MADV_PAGEOUT";
	touch(p, 4 * MIB);
	return NULL;
}

static const char *do_ksm(void)
{
	static char *p;

	if (!p) {
		p = get(256 * PAGE);
		if (!p || madvise(p, 256 * PAGE, MADV_MERGEABLE))
			return "no KSM";
		if (write_file("/sys/kernel/mm/ksm/run", "1"))
			return "KSM cannot be switched on";
		write_file("/sys/kernel/mm/ksm/sleep_millisecs", "20");
	}
	memset(p, 7, 256 * PAGE);
	usleep(50000);
	touch(p, 128 * PAGE);
	return NULL;
}

static const char *do_migrate(void)
{
	static char *p;
	void *pages[64];
	int nodes[64], status[64];
	unsigned int i, to = rnd(2);

	if (access("/sys/devices/system/node/node1", F_OK))
		return "one NUMA node only";
	if (!p)
		p = get(64 * PAGE);
	touch(p, 64 * PAGE);
	for (i = 0; i < 64; i++) {
		pages[i] = p + i * PAGE;
		nodes[i] = (int)to;
	}
	if (syscall(SYS_move_pages, 0, 64UL, pages, nodes, status, 2 /* MPOL_MF_MOVE */) < 0 &&
	    errno == ENOSYS)
		return "no move_pages()";
	return NULL;
}

static const char *do_compact(void)
{
	if (write_file("/proc/sys/vm/compact_memory", "1"))
		return "no compact_memory";
	usleep(300000);
	return NULL;
}

static const char *do_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_zeropage zero;
	struct uffdio_writeprotect wp;
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	char *p;

	if (fd < 0)
		return "no userfaultfd()";
	p = get(64 * PAGE);
	if (p && !ioctl(fd, UFFDIO_API, &api)) {
		reg.range.start = (uintptr_t)p;
		reg.range.len = 64 * PAGE;
		if (rnd(2))
			reg.mode |= UFFDIO_REGISTER_MODE_WP;
		if (!ioctl(fd, UFFDIO_REGISTER, &reg)) {
			zero.range = reg.range;
			zero.range.len = (1 + rnd(64)) * PAGE;
			zero.mode = 0;
			ioctl(fd, UFFDIO_ZEROPAGE, &zero);
			wp.range = reg.range;
			wp.mode = UFFDIO_WRITEPROTECT_MODE_WP;
			ioctl(fd, UFFDIO_WRITEPROTECT, &wp);
			usleep(rnd(2000));
			ioctl(fd, UFFDIO_UNREGISTER, &reg.range);
		}
	}
	if (p)
		munmap(p, 64 * PAGE);
	close(fd);
	return NULL;
}

/* --- the machine --------------------------------------------------------------------- */

static const char *do_oom(void)
{
	static const char dir[] = "/sys/fs/cgroup/stressload";
	char path[80], pid_text[16];
	bool no_max;
	pid_t pid;

	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if (mkdir(dir, 0700) && errno != EEXIST)
		return "no cgroup v2";
	snprintf(path, sizeof(path), "%s/memory.max", dir);
	no_max = write_file(path, "16M");
	if (no_max)
		return "no memory controller in cgroup v2";
	snprintf(path, sizeof(path), "%s/memory.swap.max", dir);
	write_file(path, "0");
	pid = fork();
	if (!pid) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
		snprintf(pid_text, sizeof(pid_text), "%d", getpid());
		if (write_file(path, pid_text))
			_exit(1);
		for (;;) {
			char *p = get(MIB);

			if (p)
				memset(p, 1, MIB);
		}
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	usleep(500000);
	return NULL;
}

static const char *do_cpu_hotplug(void)
{
	static const char path[] = "/sys/devices/system/cpu/cpu1/online";

	if (access(path, W_OK))
		return "there is no second CPU that can go offline";
	if (write_file(path, "0"))
		return NULL;
	usleep(200000);
	write_file(path, "1");
	usleep(500000);
	return NULL;
}

static const char *do_memory_hotplug(void)
{
	static const char dir[] = "/sys/devices/system/memory";
	struct dirent *d;
	DIR *blocks = opendir(dir);
	unsigned int best = 0, n;
	char path[80];

	while (blocks && (d = readdir(blocks)))
		if (sscanf(d->d_name, "memory%u", &n) == 1 && n > best)
			best = n;
	if (blocks)
		closedir(blocks);
	if (!best)
		return "no memory blocks (CONFIG_MEMORY_HOTPLUG)";
	/* the upper ones: the kernel's own are below */
	n = best - rnd(best / 4 + 1);
	snprintf(path, sizeof(path), "%s/memory%u/state", dir, n);
	if (!write_file(path, "offline")) {
		usleep(100000);
		while (write_file(path, "online") == -ENOMEM)
			usleep(100000);
	}
	usleep(500000);
	return NULL;
}

static const struct {
	const char *name;
	round_fn round;
} table[] = {
	{ "vm", do_vm }, { "fork", do_fork }, { "exec", do_exec },
	{ "mprotect", do_mprotect }, { "mremap", do_mremap }, { "madvise", do_madvise },
	{ "brk", do_brk }, { "stack", do_stack }, { "mlock", do_mlock },
	{ "memfd", do_memfd }, { "sysv", do_sysv }, { "remap", do_remap },
	{ "hugetlb", do_hugetlb }, { "thp", do_thp }, { "swap", do_swap }, { "ksm", do_ksm },
	{ "migrate", do_migrate }, { "compact", do_compact }, { "uffd", do_uffd },
	{ "oom", do_oom }, { "cpu-hotplug", do_cpu_hotplug },
	{ "memory-hotplug", do_memory_hotplug },
};

#define N	(sizeof(table) / sizeof(*table))

static struct activity *shared;

static void work(unsigned int i)
{
	const char *why;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	setpgid(0, 0);
	write_file("/proc/self/oom_score_adj", "500");
	state += (i + 1) * 2654435761U;
	if (!state)
		state = 1;
	for (;;) {
		why = table[i].round();
		if (why) {
			snprintf(shared[i].left_out, sizeof(shared[i].left_out), "%s", why);
			_exit(0);
		}
		shared[i].rounds++;
	}
}

static void start(unsigned int i)
{
	pid_t pid = fork();

	if (!pid)
		work(i);
	/* here as well as there: whoever comes first */
	setpgid(pid, 0);
	shared[i].pid = pid;
}

/* One that ended without a reason was killed, by OOM or for a page it could not get. */
static void restart(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < N; i++)
		if (shared[i].pid == pid) {
			shared[i].pid = 0;
			if (shared[i].left_out[0])
				return;
			shared[i].restarts++;
			state++;
			start(i);
		}
}

static void end_all(void)
{
	unsigned int i;

	for (i = 0; i < N; i++)
		if (shared[i].pid > 0)
			kill(-shared[i].pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	write_file("/sys/devices/system/cpu/cpu1/online", "1");
	write_file("/sys/kernel/mm/ksm/run", "2");
	rmdir("/sys/fs/cgroup/stressload");
}

static void on_term(int sig)
{
	(void)sig;
	over = 1;
}

static bool wanted(const char *only, const char *name)
{
	size_t len = strlen(name);
	const char *p = only;

	while (p && (p = strstr(p, name))) {
		if ((p == only || p[-1] == ',') && (!p[len] || p[len] == ','))
			return true;
		p += len;
	}
	return !only;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ "only", required_argument, NULL, 'o' },
		{ "nothing", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	const char *only = NULL;
	long seconds = 1L << 30;
	time_t end;
	unsigned int i;
	int opt;
	pid_t pid;

	state = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 's')
			seconds = strtol(optarg, NULL, 10);
		else if (opt == 'r')
			state = (uint32_t)strtoul(optarg, NULL, 10) | 1;
		else if (opt == 'o')
			only = optarg;
		else
			return opt == 'n' ? 0 : 2;
	}
	self = realpath("/proc/self/exe", NULL);
	shared = mmap(NULL, N * sizeof(*shared), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!self || shared == MAP_FAILED)
		return 1;
	/* or the kernel's own nice threads (khugepaged, ksmd) would starve on a
	 * slow machine, preempted in RCU read sections */
	setpriority(PRIO_PROCESS, 0, 19);
	signal(SIGTERM, on_term);
	for (i = 0; i < N; i++)
		if (wanted(only, table[i].name))
			start(i);
	end = now() + seconds;
	while (!over && now() < end) {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			restart(pid);
		usleep(100000);
	}
	end_all();
	for (i = 0; i < N; i++) {
		if (!wanted(only, table[i].name))
			continue;
		if (shared[i].left_out[0])
			printf("activity %s left out: %s\n", table[i].name, shared[i].left_out);
		else
			printf("activity %s rounds=%" PRIu64 " restarts=%" PRIu64 "\n",
			       table[i].name, shared[i].rounds, shared[i].restarts);
	}
	return 0;
}
