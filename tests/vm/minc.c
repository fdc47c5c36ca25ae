// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says of the page cache by other ways than the module.
 *
 * Usage: minc ranges FILE | read FILE PAGE COUNT | drop FILE PAGE COUNT | map FILE COUNT | sum
 *
 *	ranges	mincore(2): "OFFSET BYTES" of what is in memory, a line each
 *	read	those pages, without read-ahead
 *	drop	POSIX_FADV_DONTNEED for those
 *	map	maps so many pages and touches them; prints "ready", waits for a signal
 *	sum	pages of all files by the module beside nr_file_pages - nr_swapcached;
 *		status 0 if equal
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define PAGE	4096
#define TRIES	50

static unsigned char stream[1 << 22];
static char text[1 << 16];

static int ranges(int fd)
{
	unsigned char *in;
	struct stat st;
	size_t n, i, j;
	void *p;

	if (fstat(fd, &st) || !st.st_size)
		return 1;
	n = ((size_t)st.st_size + PAGE - 1) / PAGE;
	in = malloc(n);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (!in || p == MAP_FAILED || mincore(p, (size_t)st.st_size, in))
		return 1;
	for (i = 0; i < n; i = j + 1) {
		for (j = i; j < n && in[j] & 1; j++)
			;
		if (j > i)
			printf("0x%zx %zu\n", i * PAGE, (j - i) * PAGE);
	}
	return 0;
}

static int map(int fd, size_t n)
{
	volatile unsigned char sum = 0;
	unsigned char *p;

	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	p = mmap(NULL, n * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 1;
	madvise(p, n * PAGE, MADV_RANDOM);
	for (size_t i = 0; i < n; i++)
		sum += p[i * PAGE];
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static uint64_t vmstat(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);
	const char *s;
	uint64_t v;
	ssize_t n;

	if (fd >= 0) {
		if (write(fd, "1", 1) != 1)
			perror("stat_refresh");
		close(fd);
	}
	fd = open("/proc/vmstat", O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	s = strstr(text, "\nnr_file_pages ");
	v = s ? strtoull(s + strlen("\nnr_file_pages "), NULL, 10) : 0;
	s = strstr(text, "\nnr_swapcached ");
	return s ? v - strtoull(s + strlen("\nnr_swapcached "), NULL, 10) : v;
}

static uint64_t ours(void)
{
	struct mms_request req = { .size = sizeof(req) };
	int fd = open("/sys/kernel/debug/mmscope/stream/cache", O_RDWR);
	size_t at = 0, i = sizeof(struct mms_stream_header);
	uint64_t sum = 0;
	ssize_t n;

	if (fd < 0 || write(fd, &req, sizeof(req)) != sizeof(req))
		return 0;
	while (at < sizeof(stream) && (n = read(fd, stream + at, sizeof(stream) - at)) > 0)
		at += (size_t)n;
	close(fd);
	while (i + sizeof(struct mms_record) <= at) {
		const struct mms_record *rec = (const void *)(stream + i);
		const struct mms_cache_file *f = (const void *)rec;

		if (!rec->size)
			break;
		if (rec->type == MMS_REC_CACHE_FILE && !(f->flags & MMS_CACHE_F_HUGETLB))
			sum += f->pages;
		i += rec->size;
	}
	return sum;
}

static int sum(void)
{
	uint64_t a = 0, b = 1, o = 0;

	memset(stream, 1, sizeof(stream));
	memset(text, 1, sizeof(text));
	for (int i = 0; i < TRIES && (a != b || a != o); i++) {
		a = vmstat();
		o = ours();
		b = vmstat();
		if (a != b || a != o)
			usleep(20000);
	}
	printf("ours %" PRIu64 " vmstat %" PRIu64 " then %" PRIu64 "\n", o, a, b);
	return a != o;
}

int main(int argc, char **argv)
{
	off_t at = argc > 4 ? atoll(argv[3]) * PAGE : 0;
	size_t n = argc > 3 ? strtoul(argv[argc - 1], NULL, 10) : 0;
	int fd = argc > 2 ? open(argv[2], O_RDONLY) : -1;
	static char buf[PAGE];

	if (argc == 2 && !strcmp(argv[1], "sum"))
		return sum();
	if (fd < 0) {
		perror("minc");
		return 2;
	}
	if (!strcmp(argv[1], "ranges"))
		return ranges(fd);
	if (!strcmp(argv[1], "map"))
		return map(fd, n);
	if (!strcmp(argv[1], "drop"))
		return posix_fadvise(fd, at, (off_t)n * PAGE, POSIX_FADV_DONTNEED);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	for (size_t i = 0; i < n; i++)
		if (pread(fd, buf, PAGE, at + (off_t)i * PAGE) <= 0)
			return 1;
	return 0;
}
