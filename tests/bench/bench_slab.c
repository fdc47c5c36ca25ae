// SPDX-License-Identifier: GPL-2.0
/*
 * What slab caches and their objects cost: the module's stream against one whole
 * read of /proc/slabinfo, and all objects of all caches, in objects per second.
 *
 * Usage: bench_slab [FILES]	makes so many files first: an inode and a dentry each [10000]
 *
 * Under "qemu -icount shift=0" one nanosecond of CLOCK_MONOTONIC is one guest
 * instruction, so the figures are instructions and repeat to a per mille.
 * Exit 1 where caches cost more than slabinfo, objects come slower than 100 times
 * drgn's known figure (28,063 dentries in 8.5 s under TCG), or the answers differ:
 * as many caches as slabinfo has lines, as many objects as it counts (to 2 %, as
 * they come and go).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define CHUNK	(1UL << 20)
#define RUNS	5
#define STREAM	"/sys/kernel/debug/mmscope/stream/slab"
#define DRGN	(28063 / 8.5)	/* objects per second */
#define TIMES	100

static char *buffer;

/**
 * struct answer - of one way
 * @ns: from open() to close(); @read_ns: of the read()s alone
 * @slabs: -1: not told
 */
struct answer {
	uint64_t ns, read_ns, bytes, caches, slabs, objects, named;
	int error;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- /proc/slabinfo --- */

static void count_lines(struct answer *a)
{
	char *line, *rest = buffer;
	uint64_t total;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#' || !strncmp(line, "slabinfo", 8))
			continue;
		if (sscanf(line, "%*s %*u %" SCNu64, &total) == 1) {
			a->caches++;
			a->objects += total;
		}
	}
}

static void ask_slabinfo(struct answer *a, uint32_t flags)
{
	uint64_t t0 = now(), t1;
	int fd = open("/proc/slabinfo", O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	(void)flags;
	t1 = now();
	while (fd >= 0 && (got = read(fd, buffer + a->bytes, CHUNK - 1 - a->bytes)) > 0)
		a->bytes += (uint64_t)got;
	a->read_ns = now() - t1;
	a->error = got < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	a->ns = now() - t0;
	buffer[a->bytes] = '\0';
	count_lines(a);
}

/* --- the module --- */

static void count_records(struct answer *a, ssize_t got)
{
	for (ssize_t pos = 0; pos + (ssize_t)sizeof(struct mms_record) <= got;) {
		const struct mms_record *r = (const void *)(buffer + pos);
		const struct mms_trailer *t = (const void *)r;

		/* the header comes in a read of its own */
		if (!memcmp(r, MMS_MAGIC, sizeof(*r)))
			return;
		if (r->type == MMS_REC_SLAB_CACHE) {
			const struct mms_slab_cache *c = (const void *)r;

			a->caches++;
			a->objects += c->total_objects;
			a->named += c->name_len > 1;
		} else if (r->type == MMS_REC_SLAB_SLAB) {
			a->slabs++;
			a->objects += ((const struct mms_slab_slab *)r)->objects;
		} else if (r->type == MMS_REC_TRAILER && t->end != MMS_END_COMPLETE) {
			a->error = EIO;
		}
		pos += r->size;
	}
}

static void ask_module(struct answer *a, uint32_t flags)
{
	struct mms_request req = { .size = sizeof(req), .flags = flags };
	uint64_t t0 = now(), t1, counting = 0;
	int fd = open(STREAM, O_RDWR | O_CLOEXEC);
	ssize_t got = -1;

	if (fd >= 0 && write(fd, &req, sizeof(req)) == sizeof(req))
		do {
			t1 = now();
			got = read(fd, buffer, CHUNK);
			a->read_ns += now() - t1;
			t1 = now();
			a->bytes += got > 0 ? (uint64_t)got : 0;
			count_records(a, got);
			counting += now() - t1;
		} while (got > 0);
	if (got < 0)
		a->error = errno;
	if (fd >= 0)
		close(fd);
	a->ns = now() - t0 - counting;
}

/* --- the two beside each other --- */

static int best_of(const char *what, void (*ask)(struct answer *a, uint32_t flags), uint32_t flags, struct answer *best)
{
	for (int i = 0; i < RUNS; i++) {
		struct answer a = { 0 };

		ask(&a, flags);
		if (a.error) {
			printf("%s: not available: %s\n", what, strerror(a.error));
			return -1;
		}
		if (!i || a.ns < best->ns)
			*best = a;
	}
	return 0;
}

static void show(const char *what, const struct answer *a)
{
	printf("%-24s %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %7" PRIu64 " %9" PRIu64 "\n", what, a->ns, a->read_ns,
	       a->bytes, a->caches, a->objects);
}

static int compare_caches(const struct answer *info, const struct answer *module)
{
	int wrong = 0;

	printf("%-24s %10s %10s %8s %7s %9s\n", "", "ns", "in read()", "bytes", "caches", "objects");
	show("/proc/slabinfo", info);
	show("module: caches", module);
	printf("ratio                    %10.2f %10.2f\n", (double)info->ns / (double)module->ns,
	       (double)info->read_ns / (double)module->read_ns);
	if (info->caches != module->caches || module->named != module->caches) {
		printf("WRONG: as many caches, with a name each, there should be\n");
		wrong = 1;
	}
	if (module->ns > info->ns || module->read_ns > info->read_ns) {
		printf("TOO SLOW: caches must not cost more than /proc/slabinfo\n");
		wrong = 1;
	}
	return wrong;
}

static int compare_objects(const struct answer *info, const struct answer *module)
{
	double rate = (double)module->objects * 1e9 / (double)module->ns;
	uint64_t differ = module->objects > info->objects ? module->objects - info->objects : info->objects - module->objects;
	int wrong = 0;

	printf("\nall objects: %" PRIu64 " in %" PRIu64 " slabs, %" PRIu64 " ns: %.0f objects/s, %.0f times drgn's %.0f\n",
	       module->objects, module->slabs, module->ns, rate, rate / DRGN, DRGN);
	if (differ * 50 > info->objects) {
		printf("WRONG: /proc/slabinfo counts %" PRIu64 " objects\n", info->objects);
		wrong = 1;
	}
	if (rate < TIMES * DRGN) {
		printf("TOO SLOW: it must be %d times as fast\n", TIMES);
		wrong = 1;
	}
	return wrong;
}

/* Files that hold an inode and a dentry each. */
static void make_files(long n)
{
	char name[64];

	mkdir("/tmp", 0755);
	mkdir("/tmp/bench_slab", 0700);
	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "/tmp/bench_slab/%ld", i);
		close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
}

static void remove_files(long n)
{
	char name[64];

	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "/tmp/bench_slab/%ld", i);
		unlink(name);
	}
	rmdir("/tmp/bench_slab");
}

int main(int argc, char **argv)
{
	long files = argc > 1 ? atol(argv[1]) : 10000;
	struct answer info, caches, objects;
	int rc;

	buffer = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED)
		return 2;
	make_files(files);
	printf("Slab caches and objects, %ld files. With -icount shift=0 a nanosecond is a guest instruction.\n", files);
	if (best_of("/proc/slabinfo", ask_slabinfo, 0, &info) ||
	    best_of("caches", ask_module, MMS_REQ_SLAB_CACHES, &caches) ||
	    best_of("objects", ask_module, MMS_REQ_SLAB_OBJECTS, &objects))
		return 1;
	rc = compare_caches(&info, &caches);
	rc |= compare_objects(&info, &objects);
	remove_files(files);
	return rc;
}
