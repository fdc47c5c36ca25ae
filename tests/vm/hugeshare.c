// SPDX-License-Identifier: GPL-2.0
/*
 * Shared hugetlb page tables that vanish while they are read: "hugeshare SECONDS"
 *
 * Two processes map the same hugetlb file aligned to 1 GiB, so they share PMD
 * tables.  One punches holes, which unshares the other's tables without its
 * mmap_lock; freed tables are refilled with a pattern.  A third reads the
 * module's stream all the time: every extent must be a present level-2 entry.
 * Prints "streams=N odd=N"; status 77 if there are no huge pages to work with.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define GIB	(1UL << 30)
#if UINTPTR_MAX > UINT32_MAX
#define TABLES	8UL
#define BASE	((char *)0x100000000000UL)
#else	/* tables are not shared there, but come and go all the same */
#define TABLES	1UL
#define BASE	((char *)0x40000000UL)
#endif
#define STREAM	"/sys/kernel/debug/mmscope/stream/pgtable"

static char buffer[1 << 20];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *map_file(int fd)
{
	char *p = mmap(BASE, TABLES * GIB, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(77);
	}
	return p;
}

/* Extents of one read() that are not what the file's mapping can have. */
static unsigned long odd_extents(size_t len)
{
	unsigned long odd = 0;
	size_t at = 0;

	if (len >= sizeof(struct mms_stream_header) && !memcmp(buffer, MMS_MAGIC, 8))
		at = sizeof(struct mms_stream_header);
	while (at + sizeof(struct mms_record) <= len) {
		const struct mms_record *rec = (const void *)(buffer + at);
		const struct mms_pt_extent *e = (const void *)rec;

		if (rec->size < sizeof(*rec))
			break;
		if (rec->type == MMS_REC_PT_EXTENT &&
		    (e->level != 2 || e->state != MMS_PT_PRESENT)) {
			printf("odd va=%#llx level=%u state=%u raw=%#llx\n", e->va,
			       e->level, e->state, e->raw);
			odd++;
		}
		at += rec->size;
	}
	return odd;
}

static int reader(pid_t target, double end)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = MMS_REQ_EXTENTS, .pid = (uint32_t)target,
		.start = (uint64_t)(uintptr_t)BASE,
		.end = (uint64_t)(uintptr_t)BASE + TABLES * GIB,
	};
	unsigned long streams = 0, odd = 0;

	while (now() < end) {
		int fd = open(STREAM, O_RDWR);
		ssize_t n;

		if (fd < 0 || write(fd, &req, sizeof(req)) != sizeof(req)) {
			perror(STREAM);
			return 1;
		}
		while ((n = read(fd, buffer, sizeof(buffer))) > 0)
			odd += odd_extents((size_t)n);
		close(fd);
		streams++;
	}
	printf("streams=%lu odd=%lu\n", streams, odd);
	return odd || !streams;
}

/* Maps, touches, and lets go of the file; then reuses what was freed. */
static void sharer(int fd)
{
	for (;;) {
		char *p = map_file(fd), *junk;
		unsigned long i;

		for (i = 0; i < TABLES; i++)
			p[i * GIB] = 1;
		usleep(1000);
		munmap(p, TABLES * GIB);
		junk = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (junk != MAP_FAILED) {
			memset(junk, 0x41, 1 << 20);
			munmap(junk, 1 << 20);
		}
	}
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 3);
	int fd = memfd_create("shared", MFD_HUGETLB), status;
	pid_t self = getpid(), other, look;
	unsigned long i;
	char *p;

	if (fd < 0 || ftruncate(fd, (off_t)(TABLES * GIB)))
		return 77;
	p = map_file(fd);
	other = fork();
	if (!other)
		sharer(fd);
	look = fork();
	if (!look)
		return reader(self, end);
	while (now() < end) {
		for (i = 0; i < TABLES; i++)
			p[i * GIB] = 2;
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  (off_t)(TABLES * GIB));
	}
	waitpid(look, &status, 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
