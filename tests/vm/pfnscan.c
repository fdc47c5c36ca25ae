// SPDX-License-Identifier: GPL-2.0
/*
 * Who maps a page frame, by /proc/PID/pagemap of every process: what 'mmscope
 * frame' is compared with.  Knows nothing of mmscope.
 *
 * Usage: pfnscan maps PFN		lines "PID VA", hex without 0x; itself is left out
 *        pfnscan pfn PID ADDR		the PFN behind an address, 0 where there is none
 *        pfnscan kpf PFN		"FLAGS COUNT CGROUP" of /proc/kpage*
 *        pfnscan find MASK VALUE [N]	the N-th frame [1] with (kpageflags & MASK) == VALUE
 *        pfnscan end			one more than the last frame of kpageflags
 *
 * Numbers are hex, with or without 0x.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK	4096
#define PRESENT	(1ULL << 63)
#define PFN	((1ULL << 55) - 1)

static uint64_t entries[CHUNK];

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static void scan_range(int fd, long pid, uint64_t start, uint64_t end, uint64_t pfn)
{
	uint64_t size = page_size(), va = start;

	while (va < end) {
		uint64_t want = (end - va) / size;
		ssize_t got = pread(fd, entries, (want < CHUNK ? want : CHUNK) * 8,
				    (off_t)(va / size * 8));

		if (got < 8)
			return;
		for (ssize_t i = 0; i < got / 8; i++, va += size)
			if (entries[i] & PRESENT && (entries[i] & PFN) == pfn)
				printf("%ld %" PRIx64 "\n", pid, va);
	}
}

static void scan_process(long pid, uint64_t pfn)
{
	char path[64], line[4096];
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/maps", pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%ld/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (maps && fd >= 0 && fgets(line, sizeof(line), maps)) {
		uint64_t start, end;

		/* the gate page is in no page table of its own */
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2 &&
		    !strstr(line, "[vsyscall]"))
			scan_range(fd, pid, start, end, pfn);
	}
	if (maps)
		fclose(maps);
	if (fd >= 0)
		close(fd);
}

static int maps_of(uint64_t pfn)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) && atol(e->d_name) != getpid())
			scan_process(atol(e->d_name), pfn);
	if (d)
		closedir(d);
	return !d;
}

static int pfn_of(const char *pid, uint64_t addr)
{
	char path[64];
	uint64_t e = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &e, 8, (off_t)(addr / page_size() * 8)) != 8)
		return 1;
	printf("%" PRIx64 "\n", e & PRESENT ? (uint64_t)(e & PFN) : 0);
	return 0;
}

/* One value of a file of /proc; false behind its end. */
static int value(const char *file, uint64_t pfn, uint64_t *v)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int ok = fd >= 0 && pread(fd, v, 8, (off_t)(pfn * 8)) == 8;

	if (fd >= 0)
		close(fd);
	return ok;
}

static int kpf_of(uint64_t pfn)
{
	static const char *const files[] = { "/proc/kpageflags", "/proc/kpagecount", "/proc/kpagecgroup" };
	uint64_t v;

	for (int i = 0; i < 3; i++) {
		if (value(files[i], pfn, &v))
			printf(i ? " %" PRIu64 : "%" PRIx64, v);
		else
			printf("%s-", i ? " " : "");
	}
	putchar('\n');
	return 0;
}

static int find(uint64_t mask, uint64_t want, uint64_t nth)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t pfn = 0;
	ssize_t got;

	while ((got = pread(fd, entries, sizeof(entries), (off_t)(pfn * 8))) >= 8)
		for (ssize_t i = 0; i < got / 8; i++, pfn++)
			if ((entries[i] & mask) == want && !--nth) {
				printf("%" PRIx64 "\n", pfn);
				return 0;
			}
	return 1;
}

static int end(void)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t pfn = 0;
	ssize_t got;

	while ((got = pread(fd, entries, sizeof(entries), (off_t)(pfn * 8))) >= 8)
		pfn += (uint64_t)got / 8;
	printf("%" PRIx64 "\n", pfn);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t n[3] = { 0, 0, 1 };

	for (int i = 2; i < argc && i < 5; i++)
		n[i - 2] = strtoull(argv[i], NULL, 16);
	if (argc == 3 && !strcmp(argv[1], "maps"))
		return maps_of(n[0]);
	if (argc == 4 && !strcmp(argv[1], "pfn"))
		return pfn_of(argv[2], n[1]);
	if (argc == 3 && !strcmp(argv[1], "kpf"))
		return kpf_of(n[0]);
	if (argc >= 4 && !strcmp(argv[1], "find"))
		return find(n[0], n[1], n[2]);
	if (argc == 2 && !strcmp(argv[1], "end"))
		return end();
	fprintf(stderr, "usage: pfnscan maps PFN | pfn PID ADDR | kpf PFN | find MASK VALUE [N] | end\n");
	return 2;
}
