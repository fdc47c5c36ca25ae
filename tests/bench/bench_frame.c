// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to learn who maps one page frame: the module's stream against
 * reading /proc/PID/pagemap of every process, in the same guest.
 *
 * Usage: bench_frame [PROCESSES [MIB]]		that have so much memory each [4 1024]
 *
 * Under "qemu -icount shift=0" one nanosecond of CLOCK_MONOTONIC is one guest
 * instruction, so the figures are instructions and repeat to a per mille.
 * The processes share one mapping, a page of which is asked for: with this many
 * PTEs a machine is a small one, so a real ratio is larger.  Both answers are
 * compared; exit 1 where they differ.
 */
#include <ctype.h>
#include <dirent.h>
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
#define CHUNK	(1UL << 20)
#define RUNS	3
#define STREAM	"/sys/kernel/debug/mmscope/stream/frame"
#define PRESENT	(1ULL << 63)
#define PFN	((1ULL << 55) - 1)

static unsigned char *buffer;

/* struct answer - of one way; @looked: entries read */
struct answer {
	uint64_t ns;
	uint64_t mappings;
	uint64_t looked;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t pfn_of(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t e = 0;

	if (fd < 0 || pread(fd, &e, 8, (off_t)((uintptr_t)p / PAGE * 8)) != 8)
		e = 0;
	if (fd >= 0)
		close(fd);
	return e & PRESENT ? e & PFN : 0;
}

/* --- the module --- */

static int ask_module(uint64_t pfn, uint32_t flags, struct answer *a)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = flags, .start = pfn, .end = pfn + 1,
	};
	uint64_t t0 = now();
	int fd = open(STREAM, O_RDWR | O_CLOEXEC);
	ssize_t got = -1;

	if (fd >= 0 && write(fd, &req, sizeof(req)) == sizeof(req))
		while ((got = read(fd, buffer, CHUNK)) > 0)
			for (ssize_t pos = 0; pos + (ssize_t)sizeof(struct mms_record) <= got;) {
				const struct mms_record *r = (const void *)(buffer + pos);

				/* the header comes in a read of its own */
				if (!memcmp(r, MMS_MAGIC, sizeof(*r)))
					break;
				a->mappings += r->type == MMS_REC_FRAME_MAP &&
					       ((const struct mms_frame_map *)r)->state == MMS_FMAP_MAPS;
				if (r->type == MMS_REC_TRAILER)
					a->looked = ((const struct mms_trailer *)r)->entries;
				pos += r->size;
			}
	if (fd >= 0)
		close(fd);
	a->ns = now() - t0;
	return got < 0 ? -errno : 0;
}

/* --- pagemap --- */

static void read_range(int fd, uint64_t start, uint64_t end, uint64_t pfn, struct answer *a)
{
	const uint64_t *e = (const uint64_t *)buffer;

	while (start < end) {
		uint64_t want = (end - start) / PAGE * 8;
		ssize_t got = pread(fd, buffer, want < CHUNK ? want : CHUNK, (off_t)(start / PAGE * 8));

		if (got < 8)
			return;
		for (ssize_t i = 0; i < got / 8; i++)
			a->mappings += (e[i] & PRESENT) && (e[i] & PFN) == pfn;
		a->looked += (uint64_t)got / 8;
		start += (uint64_t)got / 8 * PAGE;
	}
}

static void read_process(const char *pid, uint64_t pfn, struct answer *a)
{
	char path[64], line[4096];
	uint64_t start, end;
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
	maps = fopen(path, "re");
	while (fd >= 0 && maps && fgets(line, sizeof(line), maps))
		if (!strstr(line, "[vsyscall]") &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2)
			read_range(fd, start, end, pfn, a);
	if (maps)
		fclose(maps);
	if (fd >= 0)
		close(fd);
}

static int ask_pagemaps(uint64_t pfn, uint32_t flags, struct answer *a)
{
	uint64_t t0 = now();
	DIR *d = opendir("/proc");
	struct dirent *e;

	(void)flags;
	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]))
			read_process(e->d_name, pfn, a);
	if (!d)
		return -errno;
	closedir(d);
	a->ns = now() - t0;
	return 0;
}

static const struct {
	const char *name;
	int (*ask)(uint64_t pfn, uint32_t flags, struct answer *a);
	uint32_t flags;
} ways[] = {
	{ "pagemap of every process", ask_pagemaps, 0 },
	{ "module: reverse map, proved", ask_module, MMS_FREQ_MAPS },
	{ "module: and file, slab, task", ask_module, MMS_FREQ_MAPS | MMS_FREQ_OWNERS },
};

#define WAYS	(sizeof(ways) / sizeof(ways[0]))

static int measure(uint64_t pfn, uint64_t expected)
{
	uint64_t base = 0;
	int wrong = 0;

	printf("%-30s %12s %9s %9s %9s\n", "", "ns", "ratio", "mappings", "entries");
	for (size_t w = 0; w < WAYS; w++) {
		uint64_t best = UINT64_MAX;
		struct answer a;

		for (int i = 0; i < RUNS; i++) {
			int rc;

			memset(&a, 0, sizeof(a));
			rc = ways[w].ask(pfn, ways[w].flags, &a);
			if (rc) {
				printf("%-30s not available: %s\n", ways[w].name, strerror(-rc));
				return 1;
			}
			wrong |= a.mappings != expected;
			best = a.ns < best ? a.ns : best;
		}
		base = base ? base : best;
		printf("%-30s %12" PRIu64 " %9.0f %9" PRIu64 " %9" PRIu64 "\n", ways[w].name, best,
		       (double)base / (double)best, a.mappings, a.looked);
	}
	if (wrong)
		printf("the answers differ from the %" PRIu64 " that there are\n", expected);
	return wrong;
}

int main(int argc, char **argv)
{
	long processes = argc > 1 ? atol(argv[1]) : 4;
	uint64_t len = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1024) << 20;
	unsigned char *shared, *own;
	int rc;

	buffer = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	shared = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	own = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED || shared == MAP_FAILED || own == MAP_FAILED || processes < 1)
		return 2;
	for (uint64_t i = 0; i < len; i += PAGE)
		shared[i] = 1;
	*own = 1;
	for (long i = 1; i < processes; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (uint64_t k = 0; k < len; k += PAGE)
			*(volatile unsigned char *)(shared + k);
		for (;;)
			pause();
	}
	usleep(500000);
	printf("Who maps one page frame? %ld processes with %" PRIu64 " MiB each.\n"
	       "With -icount shift=0 a nanosecond is a guest instruction.\n", processes, len >> 20);
	printf("\na page that all of them map\n");
	rc = measure(pfn_of(shared + len / 2), (uint64_t)processes);
	printf("\na page that all were forked with\n");
	rc |= measure(pfn_of(own), (uint64_t)processes);
	return rc;
}
