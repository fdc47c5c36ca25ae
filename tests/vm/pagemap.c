// SPDX-License-Identifier: GPL-2.0
/*
 * Another reader of /proc/PID/pagemap, to judge the tool by.
 *
 * Usage: pagemap PID VA		"PFN" of one page, "swap", or "none"
 *	  pagemap PID			per VMA "START PAGES RUNS SWAPPED"
 *	  pagemap PID check <EXTENTS	lines "VA PFN PAGES PGSIZE" are compared
 *	  pagemap PID list VA N		the PFNs of N pages from VA on, decimal, a line each
 *	  pagemap PID lru		per VMA "START LRU ACTIVE UNEVICT KSM", bytes
 *	  pagemap tables <PFNS		/proc/kpageflags calls each a page table
 *
 * Zero pages (by /proc/kpageflags) count neither in PAGES nor in RUNS; a VMA
 * of 1 GiB and more is left out, and so is [vvar], of which older kernels
 * tell nothing in pagemap.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE		4096UL
#define PRESENT(w)	((w) >> 63 & 1)
#define SWAPPED(w)	((w) >> 62 & ~(w) >> 58 & 1)	/* bit 58: a guard */
#define PFN(w)		((uint64_t)((w) & ((1ULL << 55) - 1)))
#define KPF_LRU		5
#define KPF_ACTIVE	6
#define KPF_TAIL	16
#define KPF_UNEVICTABLE	18
#define KPF_KSM		21
#define KPF_ZERO_PAGE	24
#define KPF_PGTABLE	26

static int pagemap_fd, flags_fd;
static uint64_t vvar_start, vvar_end;

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

static uint64_t word_at(int fd, uint64_t index)
{
	uint64_t w;

	return pread(fd, &w, 8, (off_t)(index * 8)) == 8 ? w : 0;
}

static bool is_zero_page(uint64_t pfn)
{
	return word_at(flags_fd, pfn) >> KPF_ZERO_PAGE & 1;
}

static void one_page(uint64_t va)
{
	uint64_t w = word_at(pagemap_fd, va / PAGE);

	if (PRESENT(w))
		printf("%#" PRIx64 "\n", PFN(w));
	else
		puts(SWAPPED(w) ? "swap" : "none");
}

static void one_vma(uint64_t start, uint64_t end)
{
	uint64_t va, w, pages = 0, runs = 0, swapped = 0, last = 0;

	for (va = start; va < end; va += PAGE) {
		w = word_at(pagemap_fd, va / PAGE);
		swapped += SWAPPED(w);
		if (!PRESENT(w) || is_zero_page(PFN(w))) {
			last = 0;
			continue;
		}
		pages++;
		runs += !last || PFN(w) != last + 1;
		last = PFN(w);
	}
	printf("%#" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", start, pages,
	       runs, swapped);
}

/* Flags of the page that leads the one at @pfn, if it is of a large one. */
static uint64_t head_of(uint64_t pfn)
{
	uint64_t w = word_at(flags_fd, pfn);

	while (w >> KPF_TAIL & 1 && pfn)
		w = word_at(flags_fd, --pfn);
	return w;
}

/* By each page's own flags, one after the other: slow, and nothing to get wrong. */
static void one_vma_lru(uint64_t start, uint64_t end)
{
	uint64_t va, w, f, lru = 0, active = 0, unevict = 0, ksm = 0;

	for (va = start; va < end; va += PAGE) {
		w = word_at(pagemap_fd, va / PAGE);
		if (!PRESENT(w) || is_zero_page(PFN(w)))
			continue;
		f = head_of(PFN(w));
		ksm += f >> KPF_KSM & 1;
		unevict += f >> KPF_UNEVICTABLE & 1;
		if (!(f >> KPF_LRU & 1) || f >> KPF_UNEVICTABLE & 1)
			continue;
		lru++;
		active += f >> KPF_ACTIVE & 1;
	}
	printf("%#" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", start,
	       (uint64_t)(lru * PAGE), (uint64_t)(active * PAGE), (uint64_t)(unevict * PAGE),
	       (uint64_t)(ksm * PAGE));
}

static bool next_vma(FILE *maps, uint64_t *start, uint64_t *end)
{
	char line[8192];

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, start, end) == 2 &&
		    *end - *start < 1ULL << 30 && !strstr(line, "[vvar") &&
		    !strstr(line, "[vsyscall]"))
			return true;
	}
	return false;
}

static void find_vvar(FILE *maps)
{
	char line[8192];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%" SCNx64 "-%" SCNx64, &vvar_start, &vvar_end);
}

/* Covered: every page of every line has its PFN.  Returns the wrong ones. */
static uint64_t check_line(const char *line, uint64_t *pages)
{
	uint64_t va, pfn, n, size, i, bad = 0;

	if (sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNu64 " %" SCNu64, &va,
		   &pfn, &n, &size) != 4) {
		printf("not understood: %s", line);
		return 1;
	}
	if (va >= vvar_start && va < vvar_end)
		return 0;
	for (i = 0; i < n * (size / PAGE); i++) {
		uint64_t w = word_at(pagemap_fd, va / PAGE + i);

		++*pages;
		if (PRESENT(w) && PFN(w) == pfn + i)
			continue;
		if (bad++ < 3)
			printf("%#" PRIx64 ": said %#" PRIx64 ", pagemap %#" PRIx64 "\n",
			       va + i * PAGE, pfn + i, w);
	}
	return bad;
}

/* The kernel's own mark of what it allocated for entries (mm/page-types). */
static int check_tables(void)
{
	uint64_t pfn, n = 0, bad = 0;
	char line[64];

	flags_fd = open_or_die("/proc/kpageflags");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%" SCNx64, &pfn) != 1)
			return 2;
		n++;
		if (word_at(flags_fd, pfn) >> KPF_PGTABLE & 1)
			continue;
		bad++;
		printf("PFN %#" PRIx64 ": flags %#" PRIx64 "\n", pfn, word_at(flags_fd, pfn));
	}
	printf("tables=%" PRIu64 " bad=%" PRIu64 "\n", n, bad);
	return bad || !n;
}

int main(int argc, char **argv)
{
	uint64_t start, end, bad = 0, pages = 0;
	char path[64], line[256];
	FILE *maps;

	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "tables"))
		return check_tables();
	snprintf(path, sizeof(path), "/proc/%s/pagemap", argv[1]);
	pagemap_fd = open_or_die(path);
	flags_fd = open_or_die("/proc/kpageflags");
	if (argc == 5 && !strcmp(argv[2], "list")) {
		start = strtoull(argv[3], NULL, 16) / PAGE;
		for (end = start + strtoull(argv[4], NULL, 0); start < end; start++)
			if (PRESENT(word_at(pagemap_fd, start)))
				printf("%" PRIu64 "\n", (uint64_t)PFN(word_at(pagemap_fd, start)));
		return 0;
	}
	if (argc > 2 && strcmp(argv[2], "check") && strcmp(argv[2], "lru")) {
		one_page(strtoull(argv[2], NULL, 16));
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%s/maps", argv[1]);
	maps = fopen(path, "r");
	if (argc > 2 && !strcmp(argv[2], "lru")) {
		while (maps && next_vma(maps, &start, &end))
			one_vma_lru(start, end);
		return 0;
	}
	if (argc > 2) {
		find_vvar(maps);
		while (fgets(line, sizeof(line), stdin))
			bad += check_line(line, &pages);
		printf("pages=%" PRIu64 " bad=%" PRIu64 "\n", pages, bad);
		return bad || !pages;
	}
	while (maps && next_vma(maps, &start, &end))
		one_vma(start, end);
	return 0;
}
