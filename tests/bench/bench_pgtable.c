// SPDX-License-Identifier: GPL-2.0
/*
 * What reading the page tables of a process costs per entry: the module's
 * stream against /proc/PID/pagemap and PAGEMAP_SCAN, in the same guest.
 *
 * Usage: bench_pgtable [MIB]		size of the process's memory [1024]
 *
 * Under "qemu -icount shift=0" one nanosecond of CLOCK_MONOTONIC is one guest
 * instruction, so the figures are instructions and repeat to a per mille.
 * Needs root, the module, and twice nothing but MIB of free memory: the two
 * layouts are measured one after the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define PAGE	4096UL
#define CHUNK	(1UL << 20)
#define RUNS	3
#define STREAM	"/sys/kernel/debug/mmscope/stream/pgtable"

/* linux/fs.h of 6.7 and later; the build machine's may be older. */
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct scan_region {
	uint64_t start, end, categories;
};

#define SCAN_PRESENT	(1ULL << 3)
#define SCAN_IOCTL	_IOWR('f', 16, struct scan_arg)
#define SCAN_REGIONS	4096

/* struct target - the process that is read */
struct target {
	pid_t pid;
	uint64_t start;
	uint64_t len;
};

/* struct answer - of one reading; @count: extents or regions found */
struct answer {
	uint64_t ns;
	uint64_t bytes;
	uint64_t count;
	uint64_t hold_max_ns;
};

static unsigned char *buffer;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- ways to read --- */

static int read_stream(const struct target *t, unsigned int flags, struct answer *a)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = flags, .pid = (uint32_t)t->pid,
		.start = t->start, .end = t->start + t->len,
	};
	struct mms_trailer last = { .end = MMS_END_ERROR };
	int fd = open(STREAM, O_RDWR | O_CLOEXEC);
	uint64_t t0 = now();
	ssize_t got;

	if (fd < 0)
		return -errno;
	if (write(fd, &req, sizeof(req)) != sizeof(req)) {
		close(fd);
		return -errno;
	}
	while ((got = read(fd, buffer, CHUNK)) > 0) {
		a->bytes += (uint64_t)got;
		if ((size_t)got >= sizeof(last))
			memcpy(&last, buffer + got - sizeof(last), sizeof(last));
	}
	a->ns = now() - t0;
	close(fd);
	if (got < 0 || last.head.type != MMS_REC_TRAILER ||
	    last.end != MMS_END_COMPLETE)
		return -EIO;
	a->count = last.records - 1;	/* less the context */
	a->hold_max_ns = last.hold_max_ns;
	return 0;
}

static int stream_extents(const struct target *t, struct answer *a)
{
	return read_stream(t, MMS_REQ_EXTENTS, a);
}

static int stream_raw(const struct target *t, struct answer *a)
{
	return read_stream(t, MMS_REQ_TABLES, a);
}

static int stream_both(const struct target *t, struct answer *a)
{
	return read_stream(t, MMS_REQ_TABLES | MMS_REQ_EXTENTS, a);
}

static int open_pagemap(const struct target *t)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", t->pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int pagemap(const struct target *t, struct answer *a)
{
	uint64_t want = t->len / PAGE * 8;
	int fd = open_pagemap(t);
	uint64_t t0 = now();
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	while (a->bytes < want) {
		got = pread(fd, buffer, CHUNK < want - a->bytes ? CHUNK : want - a->bytes,
			    (off_t)(t->start / PAGE * 8 + a->bytes));
		if (got <= 0)
			break;
		a->bytes += (uint64_t)got;
	}
	a->ns = now() - t0;
	a->count = a->bytes / 8;
	close(fd);
	return got > 0 ? 0 : -EIO;
}

static int pagemap_scan(const struct target *t, struct answer *a)
{
	struct scan_arg arg = {
		.size = sizeof(arg), .start = t->start, .end = t->start + t->len,
		.vec = (uintptr_t)buffer, .vec_len = SCAN_REGIONS,
		.category_mask = SCAN_PRESENT, .return_mask = SCAN_PRESENT,
	};
	int fd = open_pagemap(t), n, err = 0;
	uint64_t t0 = now();

	if (fd < 0)
		return -errno;
	for (;;) {
		n = ioctl(fd, SCAN_IOCTL, &arg);
		if (n < 0) {
			err = -errno;
			break;
		}
		a->count += (uint64_t)n;
		a->bytes += (uint64_t)n * sizeof(struct scan_region);
		/* walk_end is not reliable when the vector was not filled */
		if (n < SCAN_REGIONS || arg.walk_end >= arg.end)
			break;
		arg.start = arg.walk_end;
	}
	a->ns = now() - t0;
	close(fd);
	return err;
}

static const struct {
	const char *name;
	const char *unit;	/* what .count counts */
	int (*read)(const struct target *t, struct answer *a);
} methods[] = {
	{ "pagemap, 1 MiB reads", "entries", pagemap },
	{ "PAGEMAP_SCAN (present)", "regions", pagemap_scan },
	{ "module extents", "extents", stream_extents },
	{ "module raw tables", "tables", stream_raw },
	{ "module raw + extents", "records", stream_both },
};

#define METHODS	(sizeof(methods) / sizeof(methods[0]))

/* --- the process --- */

enum layout { SEQUENTIAL, SCATTERED };

static void populate(unsigned char *p, uint64_t len, enum layout layout)
{
	uint64_t i, pages = len / PAGE, half = pages / 2;

	if (layout == SEQUENTIAL) {
		for (i = 0; i < pages; i++)
			p[i * PAGE] = 1;
		return;
	}
	/* Neighbours in virtual memory are far apart in time, so in frames. */
	for (i = 0; i < half; i++)
		p[2 * i * PAGE] = 1;
	for (i = 0; i < half; i++)
		p[(2 * i + 1) * PAGE] = 1;
}

static void child(int fd, uint64_t len, enum layout layout)
{
	unsigned char *p;
	uint64_t start;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		_exit(1);
	madvise(p, len, MADV_NOHUGEPAGE);
	populate(p, len, layout);
	start = (uintptr_t)p;
	if (write(fd, &start, sizeof(start)) != sizeof(start))
		_exit(1);
	for (;;)
		pause();
}

static int start_target(struct target *t, uint64_t len, enum layout layout)
{
	int fds[2];

	if (pipe(fds))
		return -errno;
	fflush(stdout);
	t->len = len;
	t->pid = fork();
	if (t->pid < 0)
		return -errno;
	if (!t->pid) {
		close(fds[0]);
		child(fds[1], len, layout);
	}
	close(fds[1]);
	if (read(fds[0], &t->start, sizeof(t->start)) != sizeof(t->start)) {
		waitpid(t->pid, NULL, 0);
		return -ENOMEM;
	}
	close(fds[0]);
	return 0;
}

/* --- the table --- */

/* Returns the best run; @base is pagemap's, 0 = this is it. */
static double print_row(size_t m, const struct answer *a, uint64_t ptes, double base)
{
	double best = (double)a[0].ns;
	int i;

	for (i = 1; i < RUNS; i++)
		if ((double)a[i].ns < best)
			best = (double)a[i].ns;
	printf("%-23s", methods[m].name);
	for (i = 0; i < RUNS; i++)
		printf(" %7.2f", (double)a[i].ns / (double)ptes);
	printf(" %6.1f", base > 0 ? base / best : 1.0);
	printf(" %9" PRIu64 " %s", a[RUNS - 1].count, methods[m].unit);
	if (a[RUNS - 1].hold_max_ns)
		printf(", hold %" PRIu64 " ns", a[RUNS - 1].hold_max_ns);
	putchar('\n');
	return best;
}

static int measure(const struct target *t)
{
	uint64_t ptes = t->len / PAGE;
	struct answer a[RUNS];
	double base = 0;
	int failed = 0, rc;
	size_t m;
	int i;

	printf("%-23s %23s %6s\n", "", "ns per PTE, three runs", "ratio");
	for (m = 0; m < METHODS; m++) {
		memset(a, 0, sizeof(a));
		for (i = 0, rc = 0; i < RUNS && !rc; i++)
			rc = methods[m].read(t, &a[i]);
		if (rc) {
			printf("%-23s not available: %s\n", methods[m].name,
			       strerror(-rc));
			failed |= methods[m].read != pagemap_scan;
			continue;
		}
		if (!m)
			base = print_row(m, a, ptes, 0);
		else
			print_row(m, a, ptes, base);
	}
	return failed;
}

static int bench(uint64_t len, enum layout layout, const char *name)
{
	struct target t;
	int rc = start_target(&t, len, layout);

	if (rc) {
		fprintf(stderr, "bench_pgtable: %s\n", strerror(-rc));
		return 1;
	}
	printf("\n%s: %" PRIu64 " MiB in 4K pages, %" PRIu64 " PTEs\n", name,
	       len >> 20, len / PAGE);
	rc = measure(&t);
	kill(t.pid, SIGKILL);
	waitpid(t.pid, NULL, 0);
	return rc;
}

int main(int argc, char **argv)
{
	uint64_t mib = argc > 1 ? strtoull(argv[1], NULL, 10) : 1024;
	int failed;

	if (!mib || argc > 2) {
		fprintf(stderr, "usage: bench_pgtable [MIB]\n");
		return 2;
	}
	buffer = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED)
		return 1;
	printf("Reading a process's page tables; ratio = times cheaper than pagemap.\n"
	       "With -icount shift=0 a nanosecond is a guest instruction.\n");
	failed = bench(mib << 20, SEQUENTIAL, "touched in order");
	failed |= bench(mib << 20, SCATTERED, "scattered frames");
	return failed;
}
