// SPDX-License-Identifier: GPL-2.0
/*
 * What a census of all page frames costs per frame: the module's streams against
 * /proc/kpageflags, kpagecount and kpagecgroup, in the same guest.
 *
 * Usage: bench_frames [MIB]	memory made before, for something to be there [512]
 *
 * Under "qemu -icount shift=0" one nanosecond of CLOCK_MONOTONIC is one guest
 * instruction, so the figures are instructions.  Needs root and the module.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define CHUNK	(1UL << 20)
#define RUNS	3
#define STREAM	"/sys/kernel/debug/mmscope/stream/"

/* struct answer - of one reading; @frames: looked at */
struct answer {
	uint64_t ns;
	uint64_t bytes;
	uint64_t records;
	uint64_t frames;
};

static unsigned char *buffer;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int read_stream(const char *name, struct answer *a)
{
	struct mms_request req = { .size = sizeof(req) };
	struct mms_trailer last = { .end = MMS_END_ERROR };
	char path[128];
	uint64_t t0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), STREAM "%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	t0 = now();
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
	a->ns += now() - t0;
	close(fd);
	if (got < 0 || last.head.type != MMS_REC_TRAILER || last.end != MMS_END_COMPLETE)
		return -EIO;
	a->records += last.records;
	if (!strcmp(name, "frames"))
		a->frames = last.entries;
	return 0;
}

static int census(struct answer *a)
{
	return read_stream("frames", a);
}

static int owners(struct answer *a)
{
	int rc = read_stream("vmalloc", a);

	/* (where the module cannot, the tool reads /proc/vmallocinfo) */
	if (!rc || rc == -EOPNOTSUPP)
		rc = read_stream("kmap", a);
	if (!rc)
		rc = read_stream("owners", a);
	return rc ? rc : read_stream("frames", a);
}

static int read_proc(const char *name, struct answer *a)
{
	char path[64];
	uint64_t t0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	t0 = now();
	if (fd < 0)
		return -errno;
	while ((got = read(fd, buffer, CHUNK)) > 0)
		a->bytes += (uint64_t)got;
	a->ns += now() - t0;
	close(fd);
	return got < 0 ? -EIO : 0;
}

static int kpageflags(struct answer *a)
{
	return read_proc("kpageflags", a);
}

static int kpage_all(struct answer *a)
{
	int rc = read_proc("kpageflags", a);

	if (!rc)
		rc = read_proc("kpagecount", a);
	if (!rc && read_proc("kpagecgroup", a))
		puts("(no kpagecgroup here)");
	return rc;
}

static const struct {
	const char *name;
	int (*read)(struct answer *a);
} methods[] = {
	{ "kpageflags", kpageflags },
	{ "kpageflags+count+cgroup", kpage_all },
	{ "module frames", census },
	{ "module, all four streams", owners },
};

int main(int argc, char **argv)
{
	size_t len = (argc > 1 ? strtoul(argv[1], NULL, 10) : 512) << 20, i, m;
	unsigned char *p = mmap(NULL, len + CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct answer first = { 0 };
	double base = 0;
	int failed = 0;

	if (p == MAP_FAILED)
		return 1;
	madvise(p, len, MADV_NOHUGEPAGE);
	for (i = 0; i < len + CHUNK; i += 4096)
		p[i] = 1;
	buffer = p + len;
	if (census(&first) || !first.frames) {
		fprintf(stderr, "bench_frames: " STREAM "frames: is the module loaded?\n");
		return 1;
	}
	printf("A census of %" PRIu64 " frames, %zu MiB of them anonymous memory\n"
	       "With -icount shift=0 a nanosecond is a guest instruction.\n"
	       "%-26s %23s %6s\n", first.frames, len >> 20, "", "ns per frame, three runs", "ratio");
	for (m = 0; m < sizeof(methods) / sizeof(*methods); m++) {
		double best = 0, per;
		uint64_t records = 0;

		printf("%-26s", methods[m].name);
		for (i = 0; i < RUNS; i++) {
			struct answer a = { 0 };
			int rc = methods[m].read(&a);

			if (rc) {
				printf(" not available: %s", strerror(-rc));
				failed = 1;
				break;
			}
			per = (double)a.ns / (double)first.frames;
			printf(" %7.2f", per);
			if (!best || per < best)
				best = per;
			records = a.records;
		}
		if (m == 1)
			base = best;
		if (base > 0 && best > 0)
			printf(" %6.1f", base / best);
		if (records)
			printf("  %" PRIu64 " records", records);
		putchar('\n');
	}
	return failed;
}
