// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's own addresses cost: the module's list of vmalloc areas against one
 * whole read of /proc/vmallocinfo, and a walk of the kernel's page tables, for each entry.
 *
 * Usage: bench_kernel [THREADS]	makes so many first: a stack is an area of vmalloc [1000]
 *
 * Under "qemu -icount shift=0" one nanosecond of CLOCK_MONOTONIC is one guest
 * instruction, so the figures are instructions and repeat to a per mille.
 * Exit 1 where areas cost more than vmallocinfo, an entry of the tables costs more
 * than ENTRY_MAX, or the answers differ: as many areas as vmallocinfo has lines.
 * Needs root and the module; without its list of areas that row is left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define CHUNK		(4UL << 20)
#define RUNS		3
#define STREAM		"/sys/kernel/debug/mmscope/stream/"
#define ENTRY_MAX	250	/* twice what it costs where it costs most */

/* struct answer - of one reading; @n: areas, or entries of tables */
struct answer {
	uint64_t ns, bytes, records, n, hold_ns;
	int error;
};

struct method {
	const char *name;
	const char *stream;	/* NULL: /proc/vmallocinfo */
	uint32_t flags;
	bool tables;		/* costs are for each entry, not for each area */
};

static unsigned char *buffer;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void read_proc(const struct method *m, struct answer *a)
{
	uint64_t t0 = now();
	int fd = open("/proc/vmallocinfo", O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	(void)m;
	while (fd >= 0 && (got = read(fd, buffer + a->bytes, CHUNK - a->bytes)) > 0)
		a->bytes += (uint64_t)got;
	a->error = got < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	a->ns = now() - t0;
	/* (areas that are freed already are no answer to what is there) */
	for (char *line = (char *)buffer, *end = line + a->bytes, *nl; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (!nl)
			break;
		*nl = '\0';
		a->n += !strstr(line, "unpurged");
	}
}

static void read_stream(const struct method *m, struct answer *a)
{
	struct mms_request req = { .size = sizeof(req), .flags = m->flags };
	struct mms_trailer last = { .end = MMS_END_ERROR };
	uint64_t t0 = now();
	char path[128];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), STREAM "%s", m->stream);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && write(fd, &req, sizeof(req)) == sizeof(req))
		while ((got = read(fd, buffer, CHUNK)) > 0) {
			a->bytes += (uint64_t)got;
			if ((size_t)got >= sizeof(last))
				memcpy(&last, buffer + got - sizeof(last), sizeof(last));
		}
	a->error = got < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	a->ns = now() - t0;
	if (!a->error && (last.head.type != MMS_REC_TRAILER || last.end != MMS_END_COMPLETE))
		a->error = EIO;
	a->records = last.records;
	a->n = last.entries;
	a->hold_ns = last.hold_max_ns;
}

/* The best of some runs.  False: not available, which is said. */
static bool measure(const struct method *m, struct answer *best)
{
	printf("%-26s", m->name);
	for (int i = 0; i < RUNS; i++) {
		struct answer a = { 0 };

		m->stream ? read_stream(m, &a) : read_proc(m, &a);
		if (a.error || !a.n) {
			printf(" not available: %s\n", a.error ? strerror(a.error) : "nothing was told");
			best->error = a.error ? a.error : EIO;
			return false;
		}
		printf(" %8.1f", (double)a.ns / (double)a.n);
		if (!i || a.ns < best->ns)
			*best = a;
	}
	printf("  %" PRIu64 " %s", best->n, m->tables ? "entries" : "areas");
	if (m->stream)
		printf(", %" PRIu64 " records", best->records);
	if (best->hold_ns)
		printf(", held for %" PRIu64, best->hold_ns);
	return true;
}

/* --- areas --- */

static void *wait_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static unsigned int make_threads(unsigned int n)
{
	pthread_attr_t attr;
	pthread_t t;
	unsigned int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (i = 0; i < n; i++)
		if (pthread_create(&t, &attr, wait_for_ever, NULL))
			break;
	return i;
}

static bool areas(void)
{
	static const struct method proc = { "/proc/vmallocinfo", NULL, 0, false }, module[] = {
		{ "module vmalloc", "vmalloc", 0, false },
		{ "module vmalloc, lazy too", "vmalloc", MMS_REQ_VMALLOC_LAZY, false },
	};
	struct answer theirs = { 0 };
	bool ok = measure(&proc, &theirs);

	if (ok)
		putchar('\n');
	for (size_t i = 0; i < sizeof(module) / sizeof(*module); i++) {
		struct answer a = { 0 };

		if (!measure(&module[i], &a)) {
			ok &= a.error == EOPNOTSUPP;
			continue;
		}
		printf(", %.1f times as fast\n", (double)theirs.ns / (double)a.ns);
		/* (one or two come and go) */
		if (!module[i].flags && (a.n + 4 < theirs.n || a.n > theirs.n + 4)) {
			printf("vmallocinfo has %" PRIu64 " areas\n", theirs.n);
			ok = false;
		}
		if (a.ns > theirs.ns) {
			puts("slower than vmallocinfo");
			ok = false;
		}
	}
	return ok;
}

/* --- tables --- */

static bool tables(void)
{
	static const struct method module[] = {
		{ "module ktables, extents", "ktables", MMS_REQ_EXTENTS, true },
		{ "module ktables, raw", "ktables", MMS_REQ_TABLES, true },
		{ "module ktables, all", "ktables", MMS_REQ_ALL, true },
		{ "module kmap", "kmap", 0, true },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(module) / sizeof(*module); i++) {
		struct answer a = { 0 };

		if (!measure(&module[i], &a)) {
			ok &= a.error == EOPNOTSUPP;
			continue;
		}
		putchar('\n');
		if (a.ns > ENTRY_MAX * a.n) {
			printf("more than %d for each entry\n", ENTRY_MAX);
			ok = false;
		}
	}
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int threads = make_threads(argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 1000);
	bool ok;

	buffer = calloc(1, CHUNK);
	if (!buffer)
		return 1;
	printf("The kernel's own addresses, with %u threads more\n"
	       "With -icount shift=0 a nanosecond is a guest instruction.\n"
	       "%-26s %27s\n", threads, "", "ns for each, three runs");
	ok = areas();
	ok &= tables();
	return ok ? 0 : 1;
}
