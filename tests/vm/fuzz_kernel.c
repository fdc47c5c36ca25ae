// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged questions to the module's doors; every answer must be a well-formed
 * one or an errno of a short list, and come in time.
 *
 * Usage: fuzz_kernel netlink|stream|text|threads [-s SEED] [-f FIRST] [-n COUNT] [-m MINUTES]
 *
 * Input number i depends on SEED and i alone (but for what other processes do,
 * and threads, which are not in step). A failure names both: to repeat it,
 * -s SEED -f INPUT -n 1. The last line is "inputs=N".  An input of threads is
 * eighty things done.  "answers=N" counts whole, well-formed answers.
 *
 *	netlink	 messages to the family, and dumps cut off in the middle
 *	stream	 files in stream/: each input opens one and does some things to it
 *	text	 the text files, and status
 *	threads	 the same files by four threads at once, and readers that are killed
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/mmscope.h>
#include "known.h"

#define DEBUGFS		"/sys/kernel/debug/mmscope"
#define FILES_MAX	64
#define READ_MAX	(320 * 1024)
#define WATCHDOG	60	/* seconds for one input */
#define GROWTH_MAX	4096	/* KiB of kernel memory that may be more in the end */
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

static const char *mode = "";
static uint64_t seed = 1, input;
static uint64_t answers;	/* well-formed ones: streams, texts or replies to their end */
static unsigned long page;
static pid_t sleeper, kthread = 2;
static struct known known;

/* Says what, which input, and ends all. */
__attribute__((format(printf, 1, 2), noreturn))
static void fail(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("%s: seed %" PRIu64 ", input %" PRIu64 ": %s\n", mode, seed, input, text);
	fflush(stdout);
	if (sleeper)
		kill(sleeper, SIGKILL);
	_exit(1);
}

static void on_alarm(int sig)
{
	(void)sig;
	fail("no answer after %d s", WATCHDOG);
}

/* --- numbers ------------------------------------------------------------------------------------------------- */

struct rng {
	uint64_t s;
};

static uint64_t rnd(struct rng *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint64_t below(struct rng *r, uint64_t n)
{
	return n ? rnd(r) % n : 0;
}

/* Numbers at which arithmetic breaks, addresses of this process and of the kernel, any number. */
static uint64_t number(struct rng *r)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 31, 32, 33, 4095, 4096, 4097, 0x10000, 0x400000, 0x7fffffff, 0x80000000,
		0xc0000000, 0xfffff000, 0xffffffff, 0x100000000, 0x7fffffffe000, 0x7fffffffefff,
		0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0xfffffffffffff, 0x00fffffffffff000,
		0x0100000000000000, 0xff00000000000000, 0xffff800000000000, 0xffffffffff600000,
		0xfffffffffffff000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
	};
	uint64_t v = edges[below(r, ARRAY_SIZE(edges))];

	switch (below(r, 8)) {
	case 0:
		return rnd(r);
	case 1:
		return 1ULL << below(r, 64);
	case 2:
		return (uintptr_t)&v;
	case 3:
		return (uintptr_t)edges;
	case 4:
		return rnd(r) & 0x7fffffffffff;
	case 5:
		return v + below(r, 17) - 8;
	case 6:
		return known.nplaces ? known.place[below(r, known.nplaces)] + below(r, 64) : v;
	}
	return v;
}

static uint32_t some_pid(struct rng *r)
{
	switch (below(r, 10)) {
	case 0:
		return (uint32_t)number(r);
	case 1:
		return (uint32_t)kthread;
	case 2:
		return 1;
	case 3:
		return 0;
	case 4:
		return (uint32_t)below(r, 400);
	case 5:
	case 6:
		return (uint32_t)sleeper;
	}
	return (uint32_t)getpid();
}

/* --- an answer of a stream file, checked as it comes ------------------------------------------------------------ */

#define RECORD_MAX	(64 * 1024)

/*
 * struct check - a stream being read
 * @have: bytes of the header or record that is not whole yet, in @buf
 * @done: the trailer came
 * @last: end of the VMA, extent or hole before, so that none overlaps
 */
struct check {
	struct mms_stream_header h;
	bool header, done;
	size_t have;
	uint64_t records, last_vma, last_pt;
	uint64_t buf[RECORD_MAX / 8];
};

static bool zero(const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const char *)p)[i])
			return false;
	return true;
}

static void check_header(struct check *c, const struct mms_stream_header *h)
{
	size_t len = strnlen((const char *)h->release, sizeof(h->release));

	if (memcmp(h->magic, MMS_MAGIC, 8) || h->abi != MMS_ABI_VERSION || h->header_size != sizeof(*h))
		fail("bad magic, ABI or header size");
	if (!h->kind || h->kind >= __MMS_KIND_MAX || !h->arch || h->writer != MMS_WRITER_MODULE)
		fail("header: kind %u arch %u writer %u", h->kind, h->arch, h->writer);
	if (1UL << h->page_shift != page || h->record_size % 8 || h->record_size > RECORD_MAX)
		fail("header: page_shift %u record_size %u", h->page_shift, h->record_size);
	if (h->pad || h->request.pad || h->request.size != sizeof(h->request))
		fail("header: padding is not zero");
	if (!len || len == sizeof(h->release) || !zero(h->release + len, sizeof(h->release) - len))
		fail("header: what follows the release is not zero");
	if (h->request.start >= h->request.end)
		fail("header: an empty range was accepted");
	c->h = *h;
	c->header = true;
}

static void check_vma(struct check *c, const struct mms_vma *v)
{
	uint64_t tail = (uint64_t)v->path_len + v->name_len;
	const char *p = (const char *)(v + 1);

	if (v->start >= v->end || v->start < c->last_vma || (v->start | v->end) & (page - 1))
		fail("VMA %" PRIx64 "-%" PRIx64 " after %" PRIx64, (uint64_t)v->start, (uint64_t)v->end, c->last_vma);
	if (v->end <= c->h.request.start || v->start >= c->h.request.end)
		fail("VMA %" PRIx64 "-%" PRIx64 " was not asked for", (uint64_t)v->start, (uint64_t)v->end);
	if (v->pad || v->head.size != ((sizeof(*v) + tail + 7) & ~7ULL))
		fail("VMA: pad %u, size %u with a tail of %" PRIu64, v->pad, v->head.size, tail);
	if ((v->path_len && strnlen(p, v->path_len) != v->path_len - 1) ||
	    (v->name_len && strnlen(p + v->path_len, v->name_len) != v->name_len - 1))
		fail("VMA: its strings do not end where they should");
	if (!zero(p + tail, v->head.size - sizeof(*v) - tail))
		fail("VMA: the padding of its tail is not zero");
	if (!(v->flags & MMS_VMA_FILE) && (v->ino || v->dev_major || v->dev_minor))
		fail("VMA: of no file, but with an inode");
	c->last_vma = v->end;
}

static void check_range(struct check *c, uint64_t va, uint64_t len, unsigned int level)
{
	uint64_t start = c->h.request.start & ~(uint64_t)(page - 1);

	if (!len || va + (len - 1) < va || (va | len) & (page - 1) || level < 1 || level > 5)
		fail("va %" PRIx64 " len %" PRIx64 " level %u", va, len, level);
	/* (up to the top of all addresses, and once for each top table) */
	if (c->h.kind == MMS_KIND_KTABLES && va >= c->h.request.start)
		return;
	if (va < start || va + len > ((c->h.request.end + page - 1) & ~(uint64_t)(page - 1)))
		fail("va %" PRIx64 " len %" PRIx64 " was not asked for", va, len);
	if (va < c->last_pt)
		fail("va %" PRIx64 " again, after %" PRIx64, va, c->last_pt);
	c->last_pt = va + len;
}

static void check_table(const struct mms_pt_table *t)
{
	if (t->level < 1 || t->level > 5 || t->first > t->last || t->last >= 1024 || t->pad)
		fail("table: level %u first %u last %u pad %u", t->level, t->first, t->last, t->pad);
	if (t->head.size != sizeof(*t) + 8 * (uint64_t)t->count)
		fail("table: size %u with %u entries", t->head.size, t->count);
	if (t->count && (t->index < t->first || t->index + t->count - 1 > t->last))
		fail("table: %u entries from %u lie outside %u .. %u", t->count, t->index, t->first, t->last);
}

static void check_trailer(struct check *c, const struct mms_trailer *t)
{
	if (t->records != c->records || t->end > MMS_END_KILLED || t->crc32 || t->crc_valid)
		fail("trailer: records %" PRIu64 " of %" PRIu64 ", end %u", (uint64_t)t->records, c->records, t->end);
	if ((t->end == MMS_END_ERROR) != (t->error != 0) || t->torn > t->batches ||
	    t->hold_max_ns > t->hold_total_ns)
		fail("trailer: error %u torn %u batches %u", t->error, t->torn, t->batches);
	c->done = true;
	answers++;
}

static void check_record(struct check *c, const struct mms_record *rec)
{
	static const uint32_t fixed[__MMS_REC_MAX] = {
		[MMS_REC_TRAILER] = sizeof(struct mms_trailer), [MMS_REC_VMA] = sizeof(struct mms_vma),
		[MMS_REC_PT_CONTEXT] = sizeof(struct mms_pt_context), [MMS_REC_PT_TABLE] = sizeof(struct mms_pt_table),
		[MMS_REC_PT_EXTENT] = sizeof(struct mms_pt_extent), [MMS_REC_PT_HOLE] = sizeof(struct mms_pt_hole),
		[MMS_REC_FRAME_RUN] = sizeof(struct mms_frame_run), [MMS_REC_BUDDY_ZONE] = sizeof(struct mms_buddy_zone),
		[MMS_REC_BUDDY_AREA] = sizeof(struct mms_buddy_area), [MMS_REC_BUDDY_BLOCK] = sizeof(struct mms_buddy_block),
		[MMS_REC_BUDDY_USED] = sizeof(struct mms_buddy_used),
		[MMS_REC_NODE] = sizeof(struct mms_node), [MMS_REC_ZONELIST] = sizeof(struct mms_zonelist),
		[MMS_REC_ZONE] = sizeof(struct mms_zone), [MMS_REC_ZONE_CPU] = sizeof(struct mms_zone_cpu),
		[MMS_REC_SWAP_AREA] = sizeof(struct mms_swap_area),
		[MMS_REC_LRU_VEC] = sizeof(struct mms_lru_vec), [MMS_REC_LRU_GEN] = sizeof(struct mms_lru_gen),
		[MMS_REC_LRU_TIER] = sizeof(struct mms_lru_tier), [MMS_REC_LRU_FOLIO] = sizeof(struct mms_lru_folio),
		[MMS_REC_CACHE_NAME] = sizeof(struct mms_cache_name), [MMS_REC_CACHE_FILE] = sizeof(struct mms_cache_file),
		[MMS_REC_CACHE_RUN] = sizeof(struct mms_cache_run),
		[MMS_REC_KMAP_RUN] = sizeof(struct mms_kmap_run), [MMS_REC_OWNER_RUN] = sizeof(struct mms_owner_run),
		[MMS_REC_FRAME] = sizeof(struct mms_frame), [MMS_REC_FRAME_FILE] = sizeof(struct mms_frame_file),
		[MMS_REC_FRAME_SLAB] = sizeof(struct mms_frame_slab), [MMS_REC_FRAME_TASK] = sizeof(struct mms_frame_task),
		[MMS_REC_FRAME_MAP] = sizeof(struct mms_frame_map),
		[MMS_REC_VMALLOC_AREA] = sizeof(struct mms_vmalloc_area),
		[MMS_REC_KT_REGION] = sizeof(struct mms_kt_region), [MMS_REC_KT_ROOT] = sizeof(struct mms_kt_root),
		[MMS_REC_KT_REPEAT] = sizeof(struct mms_kt_repeat),
		[MMS_REC_SLAB_CACHE] = sizeof(struct mms_slab_cache), [MMS_REC_SLAB_NODE] = sizeof(struct mms_slab_node),
		[MMS_REC_SLAB_SLAB] = sizeof(struct mms_slab_slab), [MMS_REC_SLAB_OBJECT] = sizeof(struct mms_slab_object),
		[MMS_REC_VMALLOC_SPACE] = sizeof(struct mms_vmalloc_space),
	};
	const struct mms_pt_extent *e = (const void *)rec;
	const struct mms_pt_hole *h = (const void *)rec;

	if (rec->type >= __MMS_REC_MAX || !fixed[rec->type] || rec->size < fixed[rec->type])
		fail("record %" PRIu64 ": type %u size %u", c->records, rec->type, rec->size);
	if (rec->flags & ~MMS_RECF_TORN)
		fail("record %" PRIu64 ": flags %x", c->records, rec->flags);
	switch (rec->type) {
	case MMS_REC_TRAILER:
		check_trailer(c, (const void *)rec);
		return;
	case MMS_REC_VMA:
		check_vma(c, (const void *)rec);
		break;
	case MMS_REC_PT_CONTEXT:
		if (rec->size != fixed[rec->type] || c->records)
			fail("context: size %u, record %" PRIu64, rec->size, c->records);
		break;
	case MMS_REC_PT_TABLE:
		check_table((const void *)rec);
		break;
	case MMS_REC_PT_EXTENT:
		check_range(c, e->va, e->len, e->level);
		if (!zero(e->pad, sizeof(e->pad)) || e->state > MMS_PT_OTHER || !e->state || rec->size != sizeof(*e))
			fail("extent: state %u, padding or size", e->state);
		break;
	case MMS_REC_PT_HOLE:
		check_range(c, h->va, h->len, h->level);
		if (h->in_vma > 1 || rec->size != sizeof(*h))
			fail("hole: in_vma %u", h->in_vma);
		break;
	}
	c->records++;
}

static void check_bytes(struct check *c, const uint8_t *p, size_t n)
{
	const struct mms_record *rec = (const void *)c->buf;

	while (n) {
		size_t want = !c->header ? sizeof(c->h) : c->have < sizeof(*rec) ? sizeof(*rec) : rec->size, take;

		if (c->done)
			fail("%zu bytes after the trailer", n);
		if (want > sizeof(c->buf) || want % 8 || want < sizeof(*rec))
			fail("record %" PRIu64 ": size %zu", c->records, want);
		take = want - c->have < n ? want - c->have : n;
		memcpy((uint8_t *)c->buf + c->have, p, take);
		c->have += take;
		p += take;
		n -= take;
		if (c->have < want)
			continue;
		if (!c->header)
			check_header(c, (const void *)c->buf);
		else if (c->have < rec->size)
			continue;	/* the head alone: now its size is known */
		else if (c->have == sizeof(*rec))
			fail("record %" PRIu64 ": a head and nothing else", c->records);
		else
			check_record(c, rec);
		c->have = 0;
	}
}

/* --- text ------------------------------------------------------------------------------------------------------ */

/* struct lines - a text answer being read: "name key=value ..." until "end ..." */
struct lines {
	size_t col;
	char word[16];
	bool done;
};

static void check_text(struct lines *l, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (l->done)
			fail("text after the line \"end\"");
		if (p[i] != '\n' && (p[i] < 0x20 || p[i] > 0x7e))
			fail("text: byte %02x", p[i]);
		if (l->col < sizeof(l->word) - 1)
			l->word[l->col] = (char)p[i];
		l->col++;
		if (p[i] != '\n')
			continue;
		if (l->word[0] < 'a' || l->word[0] > 'z' || !memchr(l->word, ' ', sizeof(l->word)))
			fail("text: a line that begins with '%.15s'", l->word);
		l->done = !strncmp(l->word, "end ", 4);
		answers += l->done;
		memset(l, 0, offsetof(struct lines, done));
	}
}

/* --- files ------------------------------------------------------------------------------------------------------ */

/* struct file - @machine: its questions are about the machine, not about a process */
struct file {
	char path[300];
	bool stream;
	bool machine;
};

static struct file files[FILES_MAX];
static unsigned int nfiles;

static void list_files(const char *dir, bool stream)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "status") && strcmp(e->d_name, "stream")) {
			if (nfiles == FILES_MAX)
				fail("more than %d files", FILES_MAX);
			snprintf(files[nfiles].path, sizeof(files[0].path), "%s/%s", dir, e->d_name);
			files[nfiles].machine = strcmp(e->d_name, "vma") && strcmp(e->d_name, "pgtable");
			files[nfiles++].stream = stream;
		}
	if (!d || !nfiles)
		fail("no files in %s: is the module loaded?", dir);
	closedir(d);
}

/* readdir's order is the kernel's */
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

/* Is errno one of these? */
static void expect(const char *what, long ret, int n, ...)
{
	int err = errno, i;
	va_list ap;

	if (ret >= 0)
		return;
	va_start(ap, n);
	for (i = 0; i < n; i++)
		if (va_arg(ap, int) == err)
			break;
	va_end(ap);
	if (i == n)
		fail("%s: errno %d (%s)", what, err, strerror(err));
}

/*
 * struct open_file - a file of one input
 * @asked: a question was accepted; @refused: errno of one that was not
 * @blind: more than one reads it: only errno and length are looked at
 */
struct open_file {
	const struct file *f;
	int fd;
	int how;
	bool asked;
	int refused;
	bool blind;
	struct check check;
	struct lines lines;
};

static uint8_t *buffer;		/* READ_MAX bytes, then a page that is not there */
static __thread uint8_t *my_buffer;

static uint8_t *get_buffer(void)
{
	uint8_t *b = mmap(NULL, READ_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (b == MAP_FAILED || munmap(b + READ_MAX, page))
		fail("no memory");
	return b;
}

static void took(struct open_file *o, const uint8_t *p, ssize_t n)
{
	if (o->blind)
		return;
	if (o->refused)
		fail("%zd bytes after a refused question", n);
	o->asked = true;
	if (o->f->stream)
		check_bytes(&o->check, p, (size_t)n);
	else
		check_text(&o->lines, p, (size_t)n);
}

static void got(struct open_file *o, const uint8_t *p, ssize_t n, size_t len, bool whole)
{
	if (n < 0) {
		/* (EOPNOTSUPP: there are collectors that this kernel does not let work) */
		expect("read", n, 10, EFAULT, EINTR, EBADF, EINVAL, ESRCH, ENXIO, ENODATA, EPERM, ERANGE, EOPNOTSUPP);
		if (errno == EFAULT && whole && !o->blind && o->refused != EFAULT)
			fail("read: EFAULT of good memory");
		if (o->refused && !o->blind && whole && errno != o->refused && errno != EBADF && errno != EINTR)
			fail("read: errno %d after a question refused with %d", errno, o->refused);
		return;
	}
	if ((size_t)n > len)
		fail("read: %zd bytes of %zu", n, len);
	if (!n && len && whole && !o->blind &&
	    !(o->f->stream ? o->check.done && !o->check.have : o->lines.done))
		fail("the answer ends before its trailer");
	if (n)
		took(o, p, n);
}

static void do_read(struct rng *r, struct open_file *o)
{
	size_t len = below(r, 4) ? below(r, 4096) : below(r, READ_MAX + 1);
	uint8_t *p = my_buffer;
	struct iovec v[3];

	switch (below(r, 6)) {
	case 0:	/* the end of it is not there */
		p = my_buffer + READ_MAX - below(r, 64);
		len = (size_t)(my_buffer + READ_MAX - p) + below(r, 4096);
		got(o, p, read(o->fd, p, len), len, false);
		break;
	case 1:
		v[0] = (struct iovec){ my_buffer, below(r, 100) };
		v[1] = (struct iovec){ my_buffer + v[0].iov_len, below(r, 100) };
		v[2] = (struct iovec){ my_buffer + v[0].iov_len + v[1].iov_len, below(r, 100) };
		len = v[0].iov_len + v[1].iov_len + v[2].iov_len;
		/* a short first read ends it: nothing says that all is read */
		got(o, p, readv(o->fd, v, 3), len, false);
		break;
	case 2:	/* to the end */
		for (int i = 0; i < 200 && !o->blind && !o->check.done && !o->lines.done; i++) {
			ssize_t n = read(o->fd, my_buffer, READ_MAX);

			got(o, my_buffer, n, READ_MAX, true);
			if (n <= 0)
				break;
		}
		break;
	default:
		got(o, p, read(o->fd, p, len), len, true);
	}
}

/* True if this question was accepted. */
static bool answered(struct open_file *o, ssize_t n, size_t len)
{
	int err = errno;

	if (n < 0)
		expect("write", n, 10, EINVAL, EFAULT, ESRCH, ENXIO, ENODATA, EPERM, EINTR, EBADF, EOPNOTSUPP, ERANGE);
	else if ((size_t)n != len)
		fail("write: %zd of %zu bytes", n, len);
	if (n < 0 && (err == EBADF || err == EINTR))
		return false;
	memset(&o->check, 0, offsetof(struct check, buf));
	memset(&o->lines, 0, sizeof(o->lines));
	o->asked = n >= 0;
	o->refused = n < 0 ? err : 0;
	return o->asked;
}

static void ask_stream(struct rng *r, struct open_file *o)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = (uint32_t)below(r, 8), .pid = some_pid(r),
		.start = below(r, 2) ? 0 : number(r), .end = below(r, 2) ? 0 : number(r),
	};
	const bool machine = o->f->machine;
	const void *from = &req;
	size_t len = sizeof(req);
	const char *words;

	if (machine && below(r, 8)) {
		req.pid = 0;
		req.flags = 1U << below(r, 5) & ~1U;
		if (below(r, 8))
			known_question(&known, strrchr(o->f->path, '/') + 1, rnd(r), some_pid(r), &req, &words);
	}
	switch (below(r, 12)) {
	case 0:
		req.flags = (uint32_t)number(r);
		break;
	case 1:
		req.size = (uint32_t)number(r);
		break;
	case 2:
		req.pad = (uint32_t)number(r);
		break;
	case 3:	/* another length */
		from = my_buffer;
		memcpy(my_buffer, &req, sizeof(req));
		len = below(r, 128);
		break;
	case 4:	/* from memory that is not there, or only half */
		from = my_buffer + READ_MAX - below(r, sizeof(req));
		break;
	case 5:	/* one page */
		req.end = (req.start & ~(uint64_t)(page - 1)) + page;
		break;
	}
	if (!answered(o, write(o->fd, from, len), len))
		return;
	if (len != sizeof(req) || from == my_buffer + READ_MAX || req.size != sizeof(req) || req.pad ||
	    (machine && req.pid) ||
	    (!machine && (req.flags & ~MMS_REQ_ALL || req.pid > INT32_MAX || req.pid == (uint32_t)kthread)))
		fail("accepted: %zu bytes, size %u pad %u flags %x pid %u", len, req.size, req.pad, req.flags, req.pid);
}

static void ask_text(struct rng *r, struct open_file *o)
{
	static const char *const words[] = {
		"tables", "holes", "table", "0x", "-1", "+1", " ", "\n", "\t", "1e3", "4294967296", "0x7fffffffffff",
		"18446744073709551616", "\xff", "%s", "99999999999999999999", "lists", "scan", "blocks", "used", "flags",
		"caches", "slabs", "objects", "address", "task", "lazy",
	};
	struct mms_request req;
	char text[300] = "";
	unsigned int n = (unsigned int)below(r, 5), i;
	const char *word;
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), below(r, 8) ? "%u" : "0x%x", some_pid(r));
	for (i = 0; i < n && len < sizeof(text) - 40; i++)
		len += below(r, 2) ? (size_t)snprintf(text + len, 40, " %#" PRIx64, number(r)) :
				     (size_t)snprintf(text + len, 40, " %s", words[below(r, ARRAY_SIZE(words))]);
	if (below(r, 2) && known_question(&known, strrchr(o->f->path, '/') + 1, rnd(r), some_pid(r), &req, &word))
		len = (size_t)snprintf(text, sizeof(text), req.end ? "%#" PRIx64 " %#" PRIx64 " %s" : "%#" PRIx64 "%.0" PRIx64 " %s",
				       (uint64_t)req.start, (uint64_t)req.end, word);
	switch (below(r, 8)) {
	case 0:	/* bytes */
		for (i = 0; i < 1 + below(r, 8); i++)
			text[below(r, len)] = (char)rnd(r);
		break;
	case 1:
		len = below(r, sizeof(text));
		break;
	case 2:
		answered(o, write(o->fd, my_buffer + READ_MAX - below(r, 8), 20), 20);
		return;
	}
	answered(o, write(o->fd, text, len), len);
}

/* What such a file cannot do. */
static void do_other(struct rng *r, struct open_file *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLIN | POLLOUT };
	off_t at = (off_t)number(r);
	struct iovec v[2] = { { my_buffer, below(r, 40) }, { my_buffer + 64, below(r, 40) } };
	void *m;
	int pipes[2];
	ssize_t n;

	switch (below(r, 9)) {
	case 0:
		n = pread(o->fd, my_buffer, below(r, 100), at);
		if (n >= 0)
			fail("pread of a stream: %zd", n);
		expect("pread", n, 3, ESPIPE, EINVAL, EBADF);
		break;
	case 1:
		n = pwrite(o->fd, my_buffer, below(r, 100), at);
		if (n >= 0)
			fail("pwrite to a stream: %zd", n);
		expect("pwrite", n, 3, ESPIPE, EINVAL, EBADF);
		break;
	case 2:
		n = (ssize_t)lseek(o->fd, at, (int)below(r, 6));
		if (n >= 0)
			fail("lseek in a stream: %zd", n);
		expect("lseek", n, 2, ESPIPE, EINVAL);
		break;
	case 3:
		m = mmap(NULL, page, PROT_READ, below(r, 2) ? MAP_SHARED : MAP_PRIVATE, o->fd, (off_t)(below(r, 4) * page));
		if (m != MAP_FAILED)
			fail("it can be mapped");
		expect("mmap", -1, 4, ENODEV, EACCES, EINVAL, EPERM);
		break;
	case 4:
		expect("ioctl", ioctl(o->fd, (unsigned long)(uint32_t)number(r), my_buffer), 5, ENOTTY, EINVAL, EPERM, EFAULT, EBADF);
		break;
	case 5:
		if (poll(&p, 1, 0) < 0)
			fail("poll: errno %d", errno);
		break;
	case 6:
		if (pipe(pipes))
			fail("pipe: errno %d", errno);
		n = splice(o->fd, NULL, pipes[1], NULL, below(r, 4096), SPLICE_F_NONBLOCK);
		expect("splice", n, 5, EINVAL, EBADF, EAGAIN, ESPIPE, EPERM);
		if (n > 0)
			got(o, my_buffer, read(pipes[0], my_buffer, (size_t)n), (size_t)n, false);
		close(pipes[0]);
		close(pipes[1]);
		break;
	case 7:	/* each piece is a question of its own to a file that only writes */
		memset(my_buffer, 0xa5, 128);
		n = writev(o->fd, v, 2);
		if (n > 0 && o->f->stream)
			fail("writev: %zd bytes of a malformed request", n);
		if (n < 0 || v[0].iov_len + v[1].iov_len) {
			expect("writev", n, 9, EINVAL, EFAULT, ESRCH, ENXIO, ENODATA, EPERM, EINTR, EBADF, EOPNOTSUPP);
			/* which of the two was the last question is not known */
			if (errno != EBADF)
				o->blind = true;
		}
		break;
	case 8:
		expect("fsync", fsync(o->fd), 2, EINVAL, EBADF);
		break;
	}
}

static void do_something(struct rng *r, struct open_file *o)
{
	uint64_t what = below(r, 10);

	if (what < 5)
		do_read(r, o);
	else if (what < 8 && o->f->stream)
		ask_stream(r, o);
	else if (what < 8)
		ask_text(r, o);
	else
		do_other(r, o);
}

static void one_file(struct rng *r, bool stream)
{
	static const int hows[] = { O_RDONLY, O_WRONLY, O_RDWR | O_NONBLOCK, O_RDWR | O_APPEND, O_RDWR | O_TRUNC };
	static struct open_file o;
	unsigned int n = 1 + (unsigned int)below(r, 8);

	memset(&o, 0, offsetof(struct open_file, check));
	memset(&o.check, 0, offsetof(struct check, buf));
	memset(&o.lines, 0, sizeof(o.lines));
	do
		o.f = &files[below(r, nfiles)];
	while (o.f->stream != stream);
	o.how = below(r, 4) ? O_RDWR : hows[below(r, ARRAY_SIZE(hows))];
	o.fd = open(o.f->path, o.how | O_CLOEXEC);
	if (o.fd < 0)
		fail("open %s: errno %d", o.f->path, errno);
	while (n--)
		do_something(r, &o);
	close(o.fd);
}

/* status is a sequence: any piece of it is that piece of the whole. */
static void one_status(struct rng *r)
{
	static char whole[65536];
	static ssize_t size;
	ssize_t n, i;
	int fd = open(DEBUGFS "/status", O_RDONLY | O_CLOEXEC);
	off_t at;

	if (fd < 0)
		fail("open status: errno %d", errno);
	if (!size)
		for (; (n = read(fd, whole + size, sizeof(whole) - (size_t)size)) > 0; size += n)
			;
	at = (off_t)(below(r, 4) ? below(r, (uint64_t)size + 10) : number(r));
	n = pread(fd, my_buffer, below(r, 5000), at);
	expect("pread status", n, 2, EINVAL, EOVERFLOW);
	if (n > 0 && (at >= size || at + n > size || memcmp(whole + at, my_buffer, (size_t)n)))
		fail("status: %zd bytes at %lld differ", n, (long long)at);
	for (i = 0; i < n; i++)
		if (my_buffer[i] != '\n' && (my_buffer[i] < 0x20 || my_buffer[i] > 0x7e))
			fail("status: byte %02x", my_buffer[i]);
	close(fd);
}

/* --- netlink ----------------------------------------------------------------------------------------------------- */

#define KIND(a)		((a)->nla_type & NLA_TYPE_MASK)
#define DATA(a)		((void *)((char *)(a) + NLA_HDRLEN))
#define LEN(a)		((size_t)(a)->nla_len - NLA_HDRLEN)

static union {
	char bytes[65536];
	struct nlmsghdr head;
} msg, reply;
static uint16_t family;
static int sock = -1;
/* not only our family was asked on this socket: others fail as they like */
static bool others;

static void new_socket(void)
{
	int on = 1;

	if (sock >= 0)
		close(sock);
	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sock < 0)
		fail("socket: errno %d", errno);
	others = false;
	setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
}

static void begin(uint16_t type, uint8_t cmd, uint16_t flags, uint8_t version)
{
	struct genlmsghdr *g = NLMSG_DATA(&msg.head);

	memset(&msg, 0, 64);
	msg.head.nlmsg_type = type;
	msg.head.nlmsg_flags = flags;
	msg.head.nlmsg_seq = (uint32_t)input;
	msg.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	g->cmd = cmd;
	g->version = version;
}

static struct nlattr *put(unsigned int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)(msg.bytes + NLMSG_ALIGN(msg.head.nlmsg_len));

	a->nla_type = (uint16_t)type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset(DATA(a), 0, NLA_ALIGN(len));
	memcpy(DATA(a), data, len);
	msg.head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(msg.head.nlmsg_len) + NLA_ALIGN(a->nla_len));
	return a;
}

/* Lengths of attributes fill their room exactly, and the bytes between are zero. */
static struct nlattr *next_attr(char **p, char *end)
{
	struct nlattr *a = (void *)*p;
	size_t left = (size_t)(end - *p);

	if (!left)
		return NULL;
	if (left < NLA_HDRLEN || a->nla_len < NLA_HDRLEN || a->nla_len > left)
		fail("reply: an attribute of %u bytes in %zu", left < 2 ? 0 : a->nla_len, left);
	if (!zero((char *)a + a->nla_len, NLA_ALIGN(a->nla_len) - a->nla_len))
		fail("reply: the padding of attribute %u is not zero", KIND(a));
	*p += NLA_ALIGN(a->nla_len);
	return a;
}

static void want_len(const struct nlattr *a, size_t len)
{
	if (LEN(a) != len)
		fail("reply: attribute %u has %zu bytes, not %zu", KIND(a), LEN(a), len);
}

static void want_string(const struct nlattr *a)
{
	if (!LEN(a) || strnlen(DATA(a), LEN(a)) != LEN(a) - 1)
		fail("reply: attribute %u is no string", KIND(a));
}

static void check_step(struct nlattr *nest)
{
	char *p = DATA(nest);
	struct nlattr *a;
	unsigned int seen = 0;

	while ((a = next_attr(&p, (char *)nest + nest->nla_len))) {
		switch (KIND(a)) {
		case MMS_A_STEP_PAD: want_len(a, 0); break;
		case MMS_A_STEP_LEVEL:
		case MMS_A_STEP_INDEX: want_len(a, 4); break;
		case MMS_A_STEP_ENTRY_PA:
		case MMS_A_STEP_RAW: want_len(a, 8); break;
		default: fail("reply: step attribute %u", KIND(a));
		}
		seen |= 1U << KIND(a);
	}
	if ((seen | 1U << MMS_A_STEP_PAD) != ((1U << (MMS_A_STEP_MAX + 1)) - 2))
		fail("reply: a step with attributes %x", seen);
}

static void check_walk(char *p, char *end)
{
	unsigned int leaves = 0, contexts = 0, steps = 0;
	struct mms_pt_extent e;
	struct mms_pt_hole h;
	struct nlattr *a;

	while ((a = next_attr(&p, end))) {
		switch (KIND(a)) {
		case MMS_A_WALK_PAD: want_len(a, 0); break;
		case MMS_A_WALK_PID: want_len(a, 4); break;
		case MMS_A_WALK_ADDR: want_len(a, 8); break;
		case MMS_A_WALK_CONTEXT:
			want_len(a, sizeof(struct mms_pt_context));
			contexts++;
			break;
		case MMS_A_WALK_STEP:
			check_step(a);
			steps++;
			break;
		case MMS_A_WALK_EXTENT:
			want_len(a, sizeof(e));
			memcpy(&e, DATA(a), sizeof(e));
			if (!zero(e.pad, sizeof(e.pad)) || !e.state || e.state > MMS_PT_OTHER)
				fail("reply: extent of state %u, or its padding", e.state);
			leaves++;
			break;
		case MMS_A_WALK_HOLE:
			want_len(a, sizeof(h));
			memcpy(&h, DATA(a), sizeof(h));
			if (h.in_vma > 1 || h.level < 1 || h.level > 5)
				fail("reply: hole level %u in_vma %u", h.level, h.in_vma);
			leaves++;
			break;
		default:
			fail("reply: walk attribute %u", KIND(a));
		}
	}
	/* a process that exits has no leaf: then there is an errno instead */
	if (contexts != 1 || leaves != 1 || steps > 5)
		fail("reply: %u contexts, %u steps, %u leaves", contexts, steps, leaves);
}

static void check_fields(char *p, char *end, bool info)
{
	struct nlattr *a;

	while ((a = next_attr(&p, end))) {
		if (info ? KIND(a) == MMS_A_INFO_VERSION || KIND(a) == MMS_A_INFO_RELEASE :
			   KIND(a) == MMS_A_COLL_NAME || KIND(a) == MMS_A_COLL_REASON)
			want_string(a);
		else
			want_len(a, 4);
		if (!KIND(a) || KIND(a) > (info ? MMS_A_INFO_MAX : MMS_A_COLL_MAX))
			fail("reply: attribute %u", KIND(a));
	}
}

static void check_reply(const struct nlmsghdr *n)
{
	struct genlmsghdr *g = NLMSG_DATA(n);
	char *first = (char *)g + GENL_HDRLEN, *end = (char *)n + n->nlmsg_len;

	if (n->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN) || g->reserved || g->version != MMS_GENL_VERSION)
		fail("reply: %u bytes, version %u", n->nlmsg_len, g->version);
	switch (g->cmd) {
	case MMS_CMD_INFO_GET:
		check_fields(first, end, true);
		break;
	case MMS_CMD_COLLECTOR_GET:
		check_fields(first, end, false);
		break;
	case MMS_CMD_WALK:
		check_walk(first, end);
		break;
	default:
		fail("reply: command %u", g->cmd);
	}
	answers++;
}

static void check_error(const struct nlmsghdr *n)
{
	const struct nlmsgerr *e = NLMSG_DATA(n);
	int err = 0;

	if (n->nlmsg_len < NLMSG_LENGTH(sizeof(err)))
		fail("an error message of %u bytes", n->nlmsg_len);
	if (n->nlmsg_type == NLMSG_ERROR && n->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) ?
	    e->msg.nlmsg_type != family : others)
		return;
	memcpy(&err, NLMSG_DATA(n), sizeof(err));
	errno = -err;
	expect("netlink", err < 0 ? -1 : 0, 11, EINVAL, EOPNOTSUPP, ESRCH, ENXIO, ENODATA, ERANGE, EBUSY, ENOENT, EPERM,
	       EINTR, EMSGSIZE);
}

/* Whatever has come; the kernel answers before send() returns. */
static int drain(unsigned int most)
{
	int seen = 0;

	while (most--) {
		ssize_t len = recv(sock, &reply, sizeof(reply), MSG_DONTWAIT);
		struct nlmsghdr *n = &reply.head;

		if (len < 0) {
			if (!others)
				expect("recv", -1, 3, EAGAIN, EINTR, ENOBUFS);
			break;
		}
		for (; NLMSG_OK(n, (size_t)len); n = NLMSG_NEXT(n, len)) {
			seen++;
			if (n->nlmsg_type == family)
				check_reply(n);
			else if (n->nlmsg_type == NLMSG_ERROR || n->nlmsg_type == NLMSG_DONE)
				check_error(n);
			else if (!others)
				fail("reply: type %u", n->nlmsg_type);
		}
		if (len)
			fail("reply: %zd bytes left over", len);
	}
	return seen;
}

static void find_family(void)
{
	static const char name[] = MMS_GENL_NAME;
	struct nlattr *a;
	ssize_t len;
	char *p;

	new_socket();
	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_REQUEST, 1);
	put(CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
	if (send(sock, &msg, msg.head.nlmsg_len, 0) < 0 || (len = recv(sock, &reply, sizeof(reply), 0)) < 0 ||
	    reply.head.nlmsg_type != GENL_ID_CTRL)
		fail("no family %s: is the module loaded?", name);
	p = (char *)NLMSG_DATA(&reply.head) + GENL_HDRLEN;
	while ((a = next_attr(&p, (char *)&reply + reply.head.nlmsg_len)))
		if (KIND(a) == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, DATA(a), 2);
}

static void put_any(struct rng *r, unsigned int depth)
{
	static const unsigned int flags[] = { 0, 0, 0, NLA_F_NESTED, NLA_F_NET_BYTEORDER, 0xc000 };
	static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 100, 4000 };
	unsigned int type = (unsigned int)(below(r, 4) ? below(r, MMS_A_WALK_MAX + 2) : number(r) & 0x3fff);
	struct nlattr *a;
	uint64_t v = number(r);

	if (msg.head.nlmsg_len > 40000)
		return;
	memcpy(my_buffer, &v, 8);
	a = put(type | flags[below(r, ARRAY_SIZE(flags))], my_buffer, sizes[below(r, ARRAY_SIZE(sizes))]);
	if (depth && !below(r, 3)) {
		for (unsigned int n = (unsigned int)below(r, 4); n; n--)
			put_any(r, depth - 1);
		a->nla_len = (uint16_t)(msg.bytes + msg.head.nlmsg_len - (char *)a);
	}
	if (!below(r, 6))
		a->nla_len = (uint16_t)number(r);
}

static void put_question(struct rng *r)
{
	uint32_t pid = some_pid(r);
	uint64_t addr = number(r);

	put(MMS_A_WALK_PID, &pid, below(r, 16) ? 4 : below(r, 4));
	if (below(r, 16))
		put(MMS_A_WALK_ADDR, &addr, below(r, 16) ? 8 : below(r, 8));
}

static void one_message(struct rng *r)
{
	uint8_t cmd = (uint8_t)(below(r, 8) ? MMS_CMD_INFO_GET + below(r, 3) : number(r));
	uint16_t type = below(r, 40) ? family : below(r, 2) ? GENL_ID_CTRL : (uint16_t)number(r);
	uint16_t flags = NLM_F_REQUEST | (below(r, 2) ? NLM_F_ACK : 0) |
			 (cmd == MMS_CMD_COLLECTOR_GET ? NLM_F_DUMP : 0);
	bool good = type == family && cmd == MMS_CMD_WALK && below(r, 2);
	size_t len;
	ssize_t n;

	if (!below(r, 8))
		flags = (uint16_t)rnd(r);
	begin(type, cmd, flags, (uint8_t)(below(r, 8) ? 1 : rnd(r)));
	if (cmd == MMS_CMD_WALK && (good || below(r, 2)))
		put_question(r);
	if (!good && below(r, 2))
		for (unsigned int i = (unsigned int)below(r, 6); i; i--)
			put_any(r, 3);
	len = msg.head.nlmsg_len;
	if (!good && !below(r, 8)) {
		msg.head.nlmsg_len = below(r, 2) ? (uint32_t)number(r) : (uint32_t)below(r, len + 64);
		if (!below(r, 2))
			len = below(r, len + 64);
	}
	if (!good && !below(r, 16))
		for (unsigned int i = (unsigned int)below(r, 8); i; i--)
			msg.bytes[below(r, len)] = (char)rnd(r);
	others |= msg.head.nlmsg_type != family;
	n = send(sock, &msg, len, MSG_DONTWAIT);
	/* of another's dumps that fail later the error stays on the socket; of no bytes (net/netlink/af_netlink.c) */
	if (!others && !(n < 0 && !len && errno == ENODATA))
		expect("send", n, 6, EINVAL, EPERM, ENOBUFS, EMSGSIZE, EAGAIN, ECONNREFUSED);
}

static void one_netlink(struct rng *r)
{
	unsigned int n = 1 + (unsigned int)below(r, 3);

	/* an input that may be cut off in the middle of a dump has its own socket */
	if (sock < 0 || !below(r, 8))
		new_socket();
	while (n--) {
		one_message(r);
		if (below(r, 8))
			drain(1000);
	}
	if (!below(r, 8)) {
		drain((unsigned int)below(r, 2));
		close(sock);
		sock = -1;
		return;
	}
	drain(1000);
}

/* --- many at once -------------------------------------------------------------------------------------------- */

static struct open_file shared[8];

static void *thread(void *arg)
{
	struct rng r = { *(uint64_t *)arg };

	my_buffer = get_buffer();
	for (unsigned int i = 0; i < 20; i++) {
		struct open_file *o = &shared[below(&r, ARRAY_SIZE(shared))];
		struct open_file own = { .f = o->f, .fd = o->fd, .blind = true };

		do_something(&r, &own);
	}
	munmap(my_buffer, READ_MAX);
	return NULL;
}

/* A reader that dies while it reads, and a process that dies while it is read. */
static void kill_some(struct rng *r)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_ALL };
	pid_t reader, target = fork();

	if (!target) {
		for (;;)
			munmap(mmap(NULL, 64 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), 32 * page);
	}
	reader = fork();
	if (!reader) {
		static uint8_t b[65536];

		req.pid = (uint32_t)target;
		for (;;) {
			int fd = open(files[below(r, nfiles)].path, O_RDWR);

			if (write(fd, &req, sizeof(req)) > 0)
				while (read(fd, b, sizeof(b)) > 0)
					;
			close(fd);
		}
	}
	if (target < 0 || reader < 0)
		fail("fork: errno %d", errno);
	usleep((useconds_t)below(r, 20000));
	kill(below(r, 2) ? target : reader, SIGKILL);
	usleep((useconds_t)below(r, 5000));
	kill(target, SIGKILL);
	kill(reader, SIGKILL);
	waitpid(target, NULL, 0);
	waitpid(reader, NULL, 0);
}

static void one_crowd(struct rng *r)
{
	pthread_t t[4];
	uint64_t seeds[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shared); i++) {
		shared[i].f = &files[below(r, nfiles)];
		shared[i].fd = open(shared[i].f->path, O_RDWR | O_CLOEXEC);
		if (shared[i].fd < 0)
			fail("open %s: errno %d", shared[i].f->path, errno);
	}
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		seeds[i] = rnd(r);
		if (pthread_create(&t[i], NULL, thread, &seeds[i]))
			fail("pthread_create");
	}
	for (i = 0; i < ARRAY_SIZE(t); i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < ARRAY_SIZE(shared); i++)
		close(shared[i].fd);
	if (!below(r, 4))
		kill_some(r);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

/* KiB of kernel memory that is nobody's cache. */
static long kernel_memory(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[256];
	long sum = 0, v;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SUnreclaim: %ld", &v) == 1 || sscanf(line, "VmallocUsed: %ld", &v) == 1)
			sum += v;
	if (f)
		fclose(f);
	return sum;
}

/* On kernels that look for leaks: two scans, as an object must be old enough. False on others. */
static bool check_leaks(void)
{
	static const char file[] = "/sys/kernel/debug/kmemleak";
	static char text[1 << 20];
	ssize_t n, len = 0;
	int fd;

	for (int i = 0; i < 2; i++) {
		fd = open(file, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return false;
		sleep(6);
		if (write(fd, "scan", 4) != 4)
			fail("kmemleak: errno %d", errno);
		close(fd);
	}
	fd = open(file, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, text + len, sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	close(fd);
	puts("kmemleak=scanned");
	if (strstr(text, "mmscope"))
		fail("kmemleak: %.350s", strstr(text, "mmscope"));
	return true;
}

static void one(uint64_t i)
{
	struct rng r = { seed * 0x100000001b3ULL + i };

	rnd(&r);
	input = i;
	memset(my_buffer, 0xa5, 8192);
	alarm(WATCHDOG);
	if (!strcmp(mode, "netlink"))
		one_netlink(&r);
	else if (!strcmp(mode, "stream"))
		one_file(&r, true);
	else if (!strcmp(mode, "text") && below(&r, 8))
		one_file(&r, false);
	else if (!strcmp(mode, "text"))
		one_status(&r);
	else
		one_crowd(&r);
}

/* A process to look at, with more than one kind of memory. */
static pid_t start_sleeper(void)
{
	pid_t pid = fork();
	char *m;

	if (pid)
		return pid;
	m = mmap(NULL, 600 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned long i = 0; i < 600; i += 1 + i % 3)
		m[i * page] = 1;
	mprotect(m + 8 * page, 8 * page, PROT_NONE);
	munmap(m + 100 * page, 20 * page);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	uint64_t first = 0, count = 10000, warm;
	long before = 0, growth;
	time_t end = 0;
	int opt;

	if (argc < 2 || !strstr("netlink stream text threads", argv[1]))
		return 2;
	mode = argv[1];
	while ((opt = getopt(argc - 1, argv + 1, "s:f:n:m:")) != -1) {
		switch (opt) {
		case 's': seed = strtoull(optarg, NULL, 10); break;
		case 'f': first = strtoull(optarg, NULL, 10); break;
		case 'n': count = strtoull(optarg, NULL, 10); break;
		case 'm': end = atoi(optarg) ? time(NULL) + 60 * atoi(optarg) : 0; break;
		default: return 2;
		}
	}
	page = (unsigned long)sysconf(_SC_PAGESIZE);
	signal(SIGALRM, on_alarm);
	signal(SIGPIPE, SIG_IGN);
	buffer = my_buffer = get_buffer();
	sleeper = start_sleeper();
	if (!strcmp(mode, "netlink")) {
		find_family();
	} else {
		list_files(DEBUGFS "/stream", true);
		list_files(DEBUGFS, false);
		qsort(files, nfiles, sizeof(*files), by_path);
		known_find(&known, DEBUGFS "/stream");
	}
	warm = first + (count > 500 ? 500 : count);
	for (input = first; input < first + count && (!end || time(NULL) < end);) {
		one(input);
		if (++input == warm)
			before = kernel_memory();
	}
	alarm(0);
	kill(sleeper, SIGKILL);
	waitpid(sleeper, NULL, 0);
	sleep(1);	/* what is freed after a grace period */
	growth = before ? kernel_memory() - before : 0;
	printf("answers=%" PRIu64 "\ngrowth=%ld KiB\ninputs=%" PRIu64 "\n", answers, growth, input - first);
	/* what only refuses was not tried */
	if (input - first >= 1000 && !answers && strcmp(mode, "threads"))
		fail("no answer among all inputs");
	/* (there KASAN's quarantine grows, too) */
	if (!check_leaks() && growth > GROWTH_MAX)
		fail("the kernel has %ld KiB more than after the first inputs", growth);
	return 0;
}
