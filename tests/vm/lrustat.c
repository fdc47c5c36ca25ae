// SPDX-License-Identifier: GPL-2.0
/*
 * The lists of the module beside what the kernel counts, read by one process
 * that allocates nothing in between: on a still machine they are equal.
 *
 * Usage: lrustat vmstat | gens | flags <PFNS | hold ANON_MIB MLOCK_MIB FILE
 *
 *	vmstat	sums of kind LRU and /proc/vmstat, after stat_refresh
 *	gens	generations and /sys/kernel/debug/lru_gen: sizes equal, ages between
 *		those before and after
 *	flags	of frames (hex, one a line) the letters of mmscope lru by kpageflags
 *	hold	has so much memory and has read FILE; prints "ready", waits for a signal
 *
 * Status 0 equal, 1 not.  What was compared is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/mmscope.h>
#include "ownframe.h"

#define TRIES	50
#define GENS	4096

static unsigned char stream[1 << 22];
static char text[2][1 << 20];

static const char *const names[__MMS_LRU_MAX] = {
	"nr_inactive_anon", "nr_active_anon", "nr_inactive_file", "nr_active_file",
	"nr_unevictable",
};

struct gen {
	char path[256];
	unsigned int node;
	uint64_t seq, age, anon, file;
};

static ssize_t slurp(int fd, void *buf, size_t size)
{
	size_t at = 0;
	ssize_t n;

	while (at < size && (n = read(fd, (char *)buf + at, size - at)) > 0)
		at += (size_t)n;
	return (ssize_t)at;
}

static ssize_t file_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = slurp(fd, buf, size - 1);
	buf[n] = '\0';
	close(fd);
	return n;
}

static ssize_t lru_stream(uint32_t flags)
{
	struct mms_request req = { .size = sizeof(req), .flags = flags };
	int fd = open("/sys/kernel/debug/mmscope/stream/lru", O_RDWR);
	ssize_t n = -1;

	if (fd >= 0 && write(fd, &req, sizeof(req)) == sizeof(req))
		n = slurp(fd, stream, sizeof(stream));
	if (fd >= 0)
		close(fd);
	return n;
}

/* The next record behind @rec, NULL at the end; the first with NULL. */
static const struct mms_record *next(const struct mms_record *rec, ssize_t len)
{
	const unsigned char *p = rec ? (const unsigned char *)rec + rec->size :
				       stream + sizeof(struct mms_stream_header);

	if (p + sizeof(*rec) > stream + len)
		return NULL;
	rec = (const struct mms_record *)p;
	return rec->size ? rec : NULL;
}

static void refresh(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		perror("stat_refresh");
	close(fd);
}

static void vmstat(uint64_t *v)
{
	refresh();
	file_text("/proc/vmstat", text[0], sizeof(text[0]));
	for (int i = 0; i < __MMS_LRU_MAX; i++) {
		char key[64];
		const char *s;

		snprintf(key, sizeof(key), "\n%s ", names[i]);
		s = strstr(text[0], key);
		v[i] = s ? strtoull(s + strlen(key), NULL, 10) : ~0ULL;
	}
}

static void our_sums(uint64_t *v)
{
	ssize_t len = lru_stream(0);
	const struct mms_record *rec = NULL;

	memset(v, 0, __MMS_LRU_MAX * sizeof(*v));
	while ((rec = next(rec, len)))
		if (rec->type == MMS_REC_LRU_VEC)
			for (int z = 0; z < MMS_LRU_ZONES; z++)
				for (int l = 0; l < __MMS_LRU_MAX; l++)
					v[l] += ((const struct mms_lru_vec *)rec)->pages[z][l];
}

static int cmp_vmstat(void)
{
	uint64_t a[__MMS_LRU_MAX], b[__MMS_LRU_MAX], ours[__MMS_LRU_MAX];
	int tries = 0, bad = 1;

	while (bad && tries++ < TRIES) {
		vmstat(a);
		our_sums(ours);
		vmstat(b);
		bad = memcmp(a, b, sizeof(a)) || memcmp(a, ours, sizeof(a));
		if (bad)
			usleep(50000);
	}
	for (int i = 0; i < __MMS_LRU_MAX; i++)
		printf("%s ours %" PRIu64 " vmstat %" PRIu64 " then %" PRIu64 "\n", names[i],
		       ours[i], a[i], b[i]);
	printf("tries %d\n", tries);
	return bad;
}

static size_t parse_text(const char *s, struct gen *g)
{
	unsigned int node = 0, id;
	char path[256] = "";
	size_t n = 0;

	for (; *s && n < GENS; s += strcspn(s, "\n"), s += *s == '\n') {
		if (sscanf(s, "memcg %u %255s", &id, path) == 2)
			continue;
		if (sscanf(s, " node %u", &node) == 1)
			continue;
		if (sscanf(s, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &g[n].seq, &g[n].age,
			   &g[n].anon, &g[n].file) != 4)
			continue;
		memcpy(g[n].path, path, sizeof(path));
		g[n++].node = node;
	}
	return n;
}

static uint64_t sum(const struct mms_lru_gen *g, int type)
{
	uint64_t n = 0;

	for (int z = 0; z < MMS_LRU_ZONES; z++)
		n += g->pages[type][z];
	return n;
}

static size_t parse_ours(ssize_t len, struct gen *g)
{
	const struct mms_record *rec = NULL;
	const char *path = "";
	size_t n = 0;

	while ((rec = next(rec, len)) && n < GENS) {
		const struct mms_lru_vec *v = (const void *)rec;
		const struct mms_lru_gen *r = (const void *)rec;

		if (rec->type == MMS_REC_LRU_VEC)
			path = v->path_len ? (const char *)(v + 1) : "";
		if (rec->type != MMS_REC_LRU_GEN)
			continue;
		snprintf(g[n].path, sizeof(g[n].path), "%s", path);
		g[n].node = r->node;
		g[n].seq = r->seq;
		g[n].age = r->age_ms;
		g[n].anon = sum(r, 0);
		g[n++].file = sum(r, 1);
	}
	return n;
}

/* Same sizes?  Ages: not before @a's. */
static int same(const struct gen *a, size_t na, const struct gen *b, size_t nb, int say)
{
	int bad = na != nb;

	for (size_t i = 0; i < na; i++) {
		size_t j;

		for (j = 0; j < nb; j++)
			if (a[i].seq == b[j].seq && a[i].node == b[j].node &&
			    !strcmp(a[i].path, b[j].path))
				break;
		if (j < nb && a[i].anon == b[j].anon && a[i].file == b[j].file &&
		    a[i].age <= b[j].age)
			continue;
		bad = 1;
		if (say)
			printf("%s node %u gen %" PRIu64 " age %" PRIu64 " anon %" PRIu64
			       " file %" PRIu64 ": the other %s\n", a[i].path, a[i].node, a[i].seq,
			       a[i].age, a[i].anon, a[i].file, j < nb ? "differs" : "lacks it");
	}
	return bad;
}

static int cmp_gens(void)
{
	static struct gen before[GENS], ours[GENS], after[GENS];
	static const char path[] = "/sys/kernel/debug/lru_gen";
	size_t n[3] = { 0 };
	int tries = 0, bad = 1;

	memset(ours, 0, sizeof(ours));
	while (bad && tries++ < TRIES) {
		ssize_t len;

		if (file_text(path, text[0], sizeof(text[0])) < 0)
			return 2;
		len = lru_stream(MMS_REQ_LRU_GENS);
		file_text(path, text[1], sizeof(text[1]));
		n[0] = parse_text(text[0], before);
		n[1] = parse_ours(len, ours);
		n[2] = parse_text(text[1], after);
		bad = same(before, n[0], ours, n[1], tries == TRIES) ||
		      same(ours, n[1], after, n[2], tries == TRIES);
		if (bad)
			usleep(50000);
	}
	printf("generations %zu, theirs %zu, tries %d\n", n[1], n[0], tries);
	return bad || !n[0];
}

/* The letters of mmscope lru by the bits of kpageflags (Documentation/admin-guide/mm/pagemap.rst) */
static int flags_of_frames(void)
{
	static const struct {
		char letter;
		int bit;
	} map[] = {
		{ 'r', 2 }, { 'A', 6 }, { 'D', 4 }, { 'W', 8 }, { 'w', -1 }, { 'b', 14 },
		{ 's', 13 }, { 'u', 18 }, { 'm', 33 }, { 'l', 5 }, { 'R', 9 }, { 'U', 3 }, { 'L', 0 },
	};
	int fd = open("/proc/kpageflags", O_RDONLY);
	uint64_t v, own = 0, ksm = 1ULL << 21;
	unsigned long long pfn;

	/* 6.12 says KSM of every anonymous page: of one of our own, too? */
	if (pread(fd, &own, sizeof(own), (off_t)(own_frame() * 8)) == sizeof(own) && own & ksm)
		ksm = 0;
	while (scanf("%llx", &pfn) == 1) {
		if (pread(fd, &v, sizeof(v), (off_t)(pfn * 8)) != sizeof(v))
			return 1;
		printf("0x%llx ", pfn);
		for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
			putchar(map[i].bit < 0 ? '?' : v & 1ULL << map[i].bit ? map[i].letter : '-');
		printf(" %s\n", v & ksm ? "ksm" : v & 1ULL << 12 ? "anon" : "file");
	}
	return fd < 0;
}

static int hold(char **arg)
{
	size_t anon = strtoul(arg[0], NULL, 10) << 20, locked = strtoul(arg[1], NULL, 10) << 20;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS, fd = open(arg[2], O_RDONLY);
	char *p = mmap(NULL, anon, PROT_READ | PROT_WRITE, flags, -1, 0);
	char *l = mmap(NULL, locked, PROT_READ | PROT_WRITE, flags, -1, 0);
	static char buf[65536];
	ssize_t n;

	if (p == MAP_FAILED || l == MAP_FAILED || fd < 0) {
		perror("hold");
		return 1;
	}
	madvise(p, anon, MADV_NOHUGEPAGE);
	madvise(l, locked, MADV_NOHUGEPAGE);
	memset(p, 1, anon);
	if (mlock(l, locked)) {
		perror("mlock");
		return 1;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	printf("ready anon=%p\n", (void *)p);
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	if (argc == 2 && (!strcmp(argv[1], "vmstat") || !strcmp(argv[1], "gens"))) {
		memset(stream, 1, sizeof(stream));
		memset(text, 1, sizeof(text));
		return *argv[1] == 'v' ? cmp_vmstat() : cmp_gens();
	}
	if (argc == 2 && !strcmp(argv[1], "flags"))
		return flags_of_frames();
	if (argc == 5 && !strcmp(argv[1], "hold"))
		return hold(argv + 2);
	fprintf(stderr, "usage: lrustat vmstat | gens | flags | hold ANON_MIB MLOCK_MIB FILE\n");
	return 2;
}
