// SPDX-License-Identifier: GPL-2.0
/*
 * Judges the module's FRAMES stream by what the kernel says itself.
 *
 * Usage: framecheck judge		against /proc/kpageflags, frame by frame
 *        framecheck grow KIND MIB	makes MIB of memory of a kind, and says by
 *					how many frames which class grew: anon
 *					mlock thp shmem hugetlb ksm ramfs tmpfs
 *					buffer pgtable; "mlocked" and "huge": of
 *					any class, by flag and by order; "own": how
 *					many frames it has there by /proc/self/pagemap,
 *					"own6": how many of these are of class 6
 *        framecheck hold pipe MIB	makes a pipe full of MIB, prints "held=PAGES",
 *					waits for a signal
 *        framecheck hold spare N	likewise so many pipes, each empty, through which
 *					a page went
 *        framecheck hold threads N	likewise so many threads
 *
 * Prints "key=value" lines; judges nothing but that the stream is one: every
 * frame once.  kpageflags is read before and after; a frame that it tells
 * differently the second time is judged by neither.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/mmscope.h>
#include "ownframe.h"

#define STREAM	"/sys/kernel/debug/mmscope/stream/frames"
#define BIT(n)	(1ULL << (n))

/* linux/kernel-page-flags.h; what tells a class */
#define K_LRU		BIT(5)
#define K_SLAB		BIT(7)
#define K_BUDDY		BIT(10)
#define K_ANON		BIT(12)
#define K_SWAPBACKED	BIT(14)
#define K_HUGE		BIT(17)
#define K_NOPAGE	BIT(20)
#define K_KSM		BIT(21)
#define K_OFFLINE	BIT(23)
#define K_ZERO		BIT(24)
#define K_PGTABLE	BIT(26)
#define K_RESERVED	BIT(32)
#define K_ALL	(K_LRU | K_SLAB | K_BUDDY | K_ANON | K_SWAPBACKED | K_HUGE | K_NOPAGE | K_KSM | \
		 K_OFFLINE | K_ZERO | K_PGTABLE | K_RESERVED)

struct census {
	unsigned char *class;		/* of each frame; 0xff = never told */
	uint64_t end;
	uint64_t count[__MMS_FRAME_MAX];
	uint64_t zone[__MMS_ZONE_MAX];	/* present frames */
	uint64_t runs;
	uint64_t mlocked, huge;		/* frames with the flag; anonymous, in blocks of a huge page */
};

static uint32_t request_flags;

static int die(const char *what)
{
	fprintf(stderr, "framecheck: %s: %s\n", what, strerror(errno));
	exit(1);
}

/*
 * The whole stream; *@len bytes.  The file stays open, and with it the buffer that
 * it has in the kernel: frames that would be free before and after, not in between.
 */
static unsigned char *read_stream(size_t *len)
{
	struct mms_request req = { .size = sizeof(req), .flags = request_flags };
	size_t room = 64 << 20;
	unsigned char *buf = mmap(NULL, room, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	static int fd = -1;
	ssize_t n;

	if (fd < 0)
		fd = open(STREAM, O_RDWR | O_CLOEXEC);
	if (buf == MAP_FAILED || fd < 0 || write(fd, &req, sizeof(req)) != sizeof(req))
		die(STREAM);
	*len = 0;
	while ((n = read(fd, buf + *len, room - *len)) > 0)
		*len += (size_t)n;
	if (n < 0)
		die(STREAM);
	return buf;
}

static void take(struct census *c, const struct mms_frame_run *r, int keep)
{
	if (r->pfn != c->end || !r->count || r->class >= __MMS_FRAME_MAX) {
		fprintf(stderr, "framecheck: a run at 0x%" PRIx64 " of %" PRIu64 ", expected at 0x%" PRIx64 "\n",
			(uint64_t)r->pfn, (uint64_t)r->count, c->end);
		exit(1);
	}
	c->runs++;
	c->end += r->count;
	c->count[r->class] += r->count;
	if (mms_frame_present(r->class))
		c->zone[r->zone] += r->count;
	if (r->flags & MMS_FRAME_F_MLOCKED)
		c->mlocked += r->count;
	if (r->class == MMS_FRAME_ANON && r->order >= 9)
		c->huge += r->count;
	if (!keep)
		return;
	c->class = realloc(c->class, c->end);
	if (!c->class)
		die("memory");
	memset(c->class + r->pfn, (int)r->class, r->count);
}

static void read_census(struct census *c, int keep)
{
	size_t len, at;
	unsigned char *buf = read_stream(&len);
	const struct mms_stream_header *h = (void *)buf;
	const struct mms_record *rec;
	int ended = 0;

	memset(c, 0, sizeof(*c));
	for (at = h->header_size; at < len && !ended; at += rec->size) {
		rec = (void *)(buf + at);
		if (rec->type == MMS_REC_FRAME_RUN)
			take(c, (void *)rec, keep);
		ended = rec->type == MMS_REC_TRAILER &&
			((const struct mms_trailer *)rec)->end == MMS_END_COMPLETE;
	}
	munmap(buf, 64 << 20);
	if (!ended) {
		fprintf(stderr, "framecheck: the stream has no end\n");
		exit(1);
	}
}

static uint64_t *read_kpageflags(uint64_t frames)
{
	uint64_t *k = calloc(frames, 8), at = 0;
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (!k || fd < 0)
		die("/proc/kpageflags");
	while (at < frames * 8 && (n = pread(fd, (char *)k + at, frames * 8 - at, (off_t)at)) > 0)
		at += (uint64_t)n;
	for (at /= 8; at < frames; at++)
		k[at] = K_NOPAGE;
	close(fd);
	return k;
}

static uint64_t set(uint32_t class)
{
	return 1ULL << class;
}

/* 6.12 says KSM of every anonymous page: is that said of one of our own, which nobody merges? */
static bool ksm_is_untrue;

/* Classes that a frame with these flags may have; 0 = the flags do not tell. */
static uint64_t allowed(uint64_t k)
{
#define C(x)	set(MMS_FRAME_##x)
	if (k & K_NOPAGE)
		return C(HOLE) | C(OFFLINE_BLOCK) | C(DEVICE);
	if (k & K_BUDDY)
		return C(FREE);
	if (k & K_HUGE)
		return C(HUGETLB);
	if (k & K_SLAB)
		return C(SLAB);
	if (k & K_PGTABLE)
		return C(PGTABLE);
	if (k & K_OFFLINE)
		return C(OFFLINE) | C(BALLOON);
	if (k & K_ZERO)
		return C(ZERO) | C(HUGE_ZERO);
	if (k & K_KSM)
		return ksm_is_untrue ? C(KSM) | C(ANON) : C(KSM);
	if (k & K_ANON)
		return C(ANON);
	if (k & K_LRU)
		return k & K_SWAPBACKED ? C(SHMEM) | C(SWAPCACHE) : C(FILE) | C(BUFFER);
	if (k & K_RESERVED)
		return C(RESERVED) | C(KERNEL) | C(HOLE);
	return 0;
}

/* Classes that need the flags: a frame that has none of them must not be one. */
static uint64_t needed(void)
{
	return C(FREE) | C(HUGETLB) | C(SLAB) | C(PGTABLE) | C(KSM) | C(ANON) | C(ZERO) |
	       C(HUGE_ZERO) | C(RESERVED) | C(KERNEL);
}

/* Frames on per-CPU lists, by zoneinfo. */
static uint64_t zoneinfo_pcp(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	char line[256];
	uint64_t n = 0, one;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %" SCNu64, &one) == 1)
			n += one;
	if (f)
		fclose(f);
	return n;
}

/*
 * One look: census, kpageflags, census, kpageflags.  @odd: the frames whose class is none that
 * the flags allow.
 */
struct look {
	struct census c;
	uint64_t judged, moved, pcp;
	unsigned char *odd;
	uint64_t *flags;
};

static void look(struct look *l)
{
	uint64_t own = own_frame(), i, frames, *after, ok;
	struct census first;

	memset(l, 0, sizeof(*l));
	read_census(&first, 1);
	l->flags = read_kpageflags(first.end);
	ksm_is_untrue = own < first.end && l->flags[own] & K_KSM;
	read_census(&l->c, 1);
	l->pcp = zoneinfo_pcp();
	after = read_kpageflags(l->c.end);
	frames = l->c.end < first.end ? l->c.end : first.end;
	l->odd = calloc(l->c.end, 1);
	if (!l->odd)
		die("memory");
	for (i = 0; i < frames; i++) {
		if (((l->flags[i] ^ after[i]) & K_ALL) || first.class[i] != l->c.class[i]) {
			l->moved++;
			continue;
		}
		ok = allowed(l->flags[i]);
		if (!ok)
			ok = ~needed();
		else
			l->judged++;
		l->odd[i] = !(ok & set(l->c.class[i]));
	}
	free(after);
	free(first.class);
}

static void unlook(struct look *l)
{
	free(l->odd);
	free(l->flags);
	free(l->c.class);
}

/* A frame that came, went, and came back in between stands still by all four readings: what is odd
 * must be so at a second look, too. */
static int judge(void)
{
	uint64_t i, differ = 0, odd = 0;
	struct look l, again;

	look(&l);
	look(&again);
	for (i = 0; i < l.c.end && i < again.c.end; i++) {
		odd += l.odd[i];
		if (!l.odd[i] || !again.odd[i] || l.c.class[i] != again.c.class[i])
			continue;
		if (differ++ < 20)
			printf("# frame 0x%" PRIx64 ": kpageflags 0x%" PRIx64 ", class %u\n", i,
			       l.flags[i], l.c.class[i]);
	}
	unlook(&again);
	printf("end=%" PRIu64 " runs=%" PRIu64 " judged=%" PRIu64 " moved=%" PRIu64 " odd_once=%" PRIu64 " differ=%" PRIu64 "\n",
	       l.c.end, l.c.runs, l.judged, l.moved, odd - differ, differ);
	for (i = 0; i < __MMS_ZONE_MAX; i++)
		if (l.c.zone[i])
			printf("zone %" PRIu64 " %" PRIu64 "\n", i, l.c.zone[i]);
	printf("pcp=%" PRIu64 " zoneinfo_pcp=%" PRIu64 " unknown=%" PRIu64 "\n",
	       l.c.count[MMS_FRAME_FREE_PCP], l.pcp, l.c.count[MMS_FRAME_UNKNOWN]);
	unlook(&l);
	return 0;
}

static void *memory(size_t len, int flags, int fd)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void touch(volatile unsigned char *p, size_t len, int same)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;

	for (i = 0; i < len; i += page)
		*(volatile size_t *)(p + i) = same ? 0x5a5a : i + 1;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static unsigned long read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned long n = 0;

	if (f && fscanf(f, "%lu", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

#define KSM	"/sys/kernel/mm/ksm/"

static void *make_ksm(size_t len)
{
	unsigned char *p = memory(len, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	unsigned long want = len / (size_t)sysconf(_SC_PAGESIZE), i;

	write_file(KSM "max_page_sharing", "256");
	if (madvise(p, len, MADV_MERGEABLE))
		die("MADV_MERGEABLE");
	touch(p, len, 1);
	write_file(KSM "sleep_millisecs", "0");
	write_file(KSM "pages_to_scan", "5000");
	write_file(KSM "run", "1");
	for (i = 0; i < 300 && read_number(KSM "pages_shared") + read_number(KSM "pages_sharing") < want; i++)
		usleep(100000);
	write_file(KSM "run", "0");
	printf("ksm_shared=%lu\n", read_number(KSM "pages_shared"));
	return p;
}

/* Maps what is cached of a file, and has each page in its tables. */
static void *map_file(int fd, const char *path, size_t len)
{
	volatile unsigned char *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;

	if (p == MAP_FAILED)
		die(path);
	for (i = 0; i < len; i += page)
		(void)p[i];
	return (void *)p;
}

static void *make_file(const char *path, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	static char buf[1 << 16] = { 1 };
	size_t at;
	void *p;

	if (fd < 0)
		die(path);
	for (at = 0; at < len; at += sizeof(buf))
		if (write(fd, buf, sizeof(buf)) != sizeof(buf))
			die(path);
	p = map_file(fd, path, len);
	close(fd);
	return p;
}

/* (open until the end: with its last user a block device's cache goes) */
static void *read_device(const char *path, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static char buf[1 << 16];
	size_t at;

	if (fd < 0)
		die(path);
	for (at = 0; at < len; at += sizeof(buf))
		if (read(fd, buf, sizeof(buf)) != sizeof(buf))
			die(path);
	return map_file(fd, path, len);
}

/* Frames of this process in huge pages, by smaps_rollup. */
static unsigned long anon_huge(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	unsigned long kib = 0, one;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "AnonHugePages: %lu", &one) == 1)
			kib = one;
	if (f)
		fclose(f);
	return kib / 4;
}

static void *make_huge(size_t len)
{
	const size_t huge = 2 << 20;
	unsigned char *p = memory(len + huge, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p += huge - ((uintptr_t)p & (huge - 1));
	if (madvise(p, len, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE");
	touch(p, len, 0);
	printf("anon_huge=%lu\n", anon_huge());
	return p;
}

/* A pipe that is full: whole pages, one in each of its slots. */
static int hold_pipe(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *buf = malloc(page);
	unsigned long n = 0;
	int fd[2];

	if (!buf || pipe2(fd, O_CLOEXEC | O_NONBLOCK) || fcntl(fd[1], F_SETPIPE_SZ, (int)len) < 0)
		die("pipe");
	memset(buf, 1, page);
	while (write(fd[1], buf, page) == (ssize_t)page)
		n++;
	printf("held=%lu\n", n);
	fflush(stdout);
	pause();
	return 0;
}

/* Pipes that were written to and read: each keeps the page for the next write. */
static int hold_spare(unsigned long want)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *buf = calloc(1, page);
	unsigned long n;
	int fd[2];

	for (n = 0; buf && n < want; n++)
		if (pipe2(fd, O_CLOEXEC) || write(fd[1], buf, page) != (ssize_t)page ||
		    read(fd[0], buf, page) != (ssize_t)page)
			die("pipe");
	printf("held=%lu\n", n);
	fflush(stdout);
	pause();
	return 0;
}

static void *wait_here(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static int hold_threads(unsigned long want)
{
	pthread_attr_t attr;
	unsigned long n;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (n = 0; n < want && !pthread_create(&t, &attr, wait_here, NULL); n++)
		;
	printf("held=%lu\n", n);
	fflush(stdout);
	pause();
	return 0;
}

/* One zero page read in every 4 MiB: a table each, whatever its size, and no other memory. */
static void make_tables(size_t count)
{
	size_t len = count << 22, i;
	volatile unsigned char *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || madvise((void *)p, len, MADV_NOHUGEPAGE))
		die("mmap");
	for (i = 0; i < len; i += 1 << 22)
		(void)p[i];
}

/* The classes of the frames that are mapped here, and how many these are. */
static void tell_own(const struct census *c, const void *p, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at;
	uint64_t own = 0, of[__MMS_FRAME_MAX] = { 0 }, entry;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint32_t i;

	if (fd < 0)
		die("/proc/self/pagemap");
	for (at = 0; at < len; at += page) {
		if (pread(fd, &entry, 8, (off_t)(((uintptr_t)p + at) / page * 8)) != 8)
			die("/proc/self/pagemap");
		if (!(entry >> 63))
			continue;
		own++;
		entry &= BIT(55) - 1;
		if (entry < c->end)
			of[c->class[entry]]++;
	}
	close(fd);
	printf("own=%" PRIu64 "\n", own);
	for (i = 0; i < __MMS_FRAME_MAX; i++)
		printf("own%u=%" PRIu64 "\n", i, of[i]);
}

/* Makes it; *@p: where it is mapped; NULL = nowhere. */
static int make(const char *kind, size_t mib, void **p)
{
	size_t len = mib << 20;

	*p = NULL;
	if (!strcmp(kind, "mlock")) {
		*p = memory(len, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		if (mlock(*p, len))
			die("mlock");
	} else if (!strcmp(kind, "thp")) {
		*p = make_huge(len);
	} else if (!strcmp(kind, "tmpfs")) {
		*p = make_file("/tmp/tmpfs/file", len);
	} else if (!strcmp(kind, "buffer")) {
		*p = read_device("/dev/loop0", len);
	} else if (!strcmp(kind, "anon")) {
		*p = memory(len, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		touch(*p, len, 0);
	} else if (!strcmp(kind, "shmem")) {
		*p = memory(len, MAP_SHARED | MAP_ANONYMOUS, -1);
		touch(*p, len, 0);
	} else if (!strcmp(kind, "hugetlb")) {
		write_file("/proc/sys/vm/nr_hugepages", "16");
	} else if (!strcmp(kind, "ksm")) {
		*p = make_ksm(len);
	} else if (!strcmp(kind, "ramfs")) {
		*p = make_file("/tmp/ramfs/file", len);
	} else if (!strcmp(kind, "pgtable")) {
		make_tables(mib);
	} else {
		return 2;
	}
	return 0;
}

static int grow(const char *kind, size_t mib)
{
	struct census a, b;
	uint32_t i;
	void *p;

	request_flags = MMS_REQ_FRAME_FLAGS;
	read_census(&a, 0);
	if (make(kind, mib, &p))
		return 2;
	read_census(&b, 1);
	for (i = 0; i < __MMS_FRAME_MAX; i++)
		printf("class%u=%" PRId64 "\n", i, (int64_t)(b.count[i] - a.count[i]));
	printf("mlocked=%" PRId64 "\nhuge=%" PRId64 "\n", (int64_t)(b.mlocked - a.mlocked),
	       (int64_t)(b.huge - a.huge));
	if (p)
		tell_own(&b, p, mib << 20);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "judge"))
		return judge();
	if (argc == 4 && !strcmp(argv[1], "grow"))
		return grow(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "hold") && !strcmp(argv[2], "pipe"))
		return hold_pipe(strtoul(argv[3], NULL, 10) << 20);
	if (argc == 4 && !strcmp(argv[1], "hold") && !strcmp(argv[2], "spare"))
		return hold_spare(strtoul(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "hold") && !strcmp(argv[2], "threads"))
		return hold_threads(strtoul(argv[3], NULL, 10));
	fprintf(stderr, "usage: framecheck judge | grow KIND MIB | hold pipe|spare|threads N\n");
	return 2;
}
