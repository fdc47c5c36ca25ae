// SPDX-License-Identifier: GPL-2.0
/* The source that needs no module: the same records from /proc. */
#include "source/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libproc2/pids.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "source/pid.h"
#include "util/parse.h"
#include "util/text.h"

#define PROC		"/proc"
#define CMDLINE_MAX	(32 * 1024)	/* fits a record with room to spare */

/*
 * A reserved VMA may have terabytes (sanitizers, JITs): its pagemap alone
 * would take minutes.  Above this one is read only where smaps says that it
 * holds pages or swap entries; zero pages in an otherwise empty one go unseen.
 */
#define HUGE_VMA	(1ULL << 28)

struct procfs {
	struct mms_source src;
	char *root;
	bool live;			/* @root is the machine's own /proc */
	unsigned int page_shift;
	struct pids_info *pids;		/* libproc2 */
	struct mms_shmem_devs shmem;	/* of the process asked for last */
	uint64_t own_shmem;		/* st_dev of a memfd, 0 = unknown */
};

static struct procfs *to_procfs(struct mms_source *s)
{
	return (struct procfs *)((char *)s - offsetof(struct procfs, src));
}

/* Feed: encoder -> decoder -> handler */

static int feed_write(void *ctx, const void *buf, size_t len)
{
	struct mms_feed *f = ctx;
	int rc = mms_decoder_feed(f->dec, buf, len, NULL, f->err);

	return rc < 0 ? rc : 0;
}

int mms_feed_begin(struct mms_feed *f, const struct mms_handler *h,
		   const struct mms_stream_header *header, struct mms_err *err)
{
	memset(f, 0, sizeof(*f));
	f->err = err;
	f->dec = mms_decoder_new(h);
	if (!f->dec)
		return mms_err_set(err, -ENOMEM, "out of memory");
	f->enc.write = feed_write;
	f->enc.ctx = f;
	return mms_encode_begin(&f->enc, header);
}

int mms_feed_end(struct mms_feed *f, const struct mms_trailer *t)
{
	int rc = mms_encode_end(&f->enc, t);

	return rc ? rc : mms_decoder_end(f->dec, f->err);
}

void mms_feed_free(struct mms_feed *f)
{
	mms_decoder_free(f->dec);
	f->dec = NULL;
}

static int begin(struct mms_feed *f, enum mms_kind kind, const struct mms_request *req,
		 const struct mms_handler *h, struct mms_err *err)
{
	struct mms_stream_header header;
	struct mms_request r = *req;

	if (!r.end)
		r.end = UINT64_MAX;
	mms_header_init(&header, kind, MMS_WRITER_PROCFS, &r);
	return mms_feed_begin(f, h, &header, err);
}

/*
 * The kernel ends maps and pagemap quietly when the process exits: look
 * whether it is still there.  With nothing read at all that is an error, else
 * a stream that says so.
 */
static int end(struct procfs *p, struct mms_feed *f, uint32_t pid, uint64_t entries)
{
	struct mms_trailer t = { .end = MMS_END_COMPLETE, .entries = entries };
	int rc = mms_pid_check(p->root, pid, NULL, f->enc.records ? NULL : f->err);

	if (rc && !f->enc.records)
		return rc;
	if (rc)
		t.end = MMS_END_EXITED;
	return mms_feed_end(f, &t);
}

/* "PID 12 (bash): smaps: Permission denied" with the cause as we know it. */
static int file_error(struct procfs *p, uint32_t pid, const char *what, int code,
		      struct mms_err *err)
{
	struct mms_pid_stat st;
	int rc = mms_pid_check(p->root, pid, &st, err);

	if (rc)
		return rc;
	if (code == -EACCES || code == -EPERM)
		return mms_pid_error(-EACCES, pid, &st, err);
	if (code == -ESRCH)	/* its memory is gone, its entry in /proc not yet */
		return mms_pid_error(-ENODATA, pid, &st, err);
	return mms_err_set(err, code, "PID %u: reading %s/%u/%s: %s", pid, p->root,
			   pid, what, strerror(-code));
}

static FILE *open_text(struct procfs *p, uint32_t pid, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%u/%s", p->root, pid, name);
	return fopen(path, "re");
}

/* tmpfs mounts as the process sees them, and the kernel's own mount. */
static void find_shmem(struct procfs *p, uint32_t pid)
{
	char path[PATH_MAX];

	p->shmem.n = 0;
	snprintf(path, sizeof(path), "%s/%u/mountinfo", p->root, pid);
	mms_shmem_devs_read(&p->shmem, path);
	if (p->own_shmem)
		mms_shmem_devs_add(&p->shmem, major(p->own_shmem), minor(p->own_shmem));
}

/* smaps if @want_usage or if it can be had (it has the flags), else maps. */
static int open_maps(struct procfs *p, uint32_t pid, bool want_usage,
		     struct mms_maps **out, struct mms_err *err)
{
	FILE *f = open_text(p, pid, "smaps");

	if (!f && want_usage && errno == ENOENT && !mms_pid_check(p->root, pid, NULL, NULL))
		return mms_err_set(err, -EOPNOTSUPP,
				   "PID %u: this kernel has no /proc/PID/smaps (CONFIG_PROC_PAGE_MONITOR is off)",
				   pid);
	if (!f && !want_usage)
		f = open_text(p, pid, "maps");
	if (!f)
		return file_error(p, pid, want_usage ? "smaps" : "maps", -errno, err);
	find_shmem(p, pid);
	*out = mms_maps_new(f, &p->shmem, p->page_shift);
	if (*out)
		return 0;
	fclose(f);
	return mms_err_set(err, -ENOMEM, "out of memory");
}

static bool outside(const struct mms_request *req, const struct mms_vma *v)
{
	return v->end <= req->start || (req->end && v->start >= req->end);
}

static int put_entry(struct mms_feed *f, enum mms_kind kind, const struct mms_map_entry *e)
{
	if (kind == MMS_KIND_USAGE)
		return mms_encode_record(&f->enc, &e->usage.head, NULL, 0);
	return mms_encode_record(&f->enc, &e->vma.head, e->tail,
				 e->vma.path_len + e->vma.name_len);
}

/* VMA and USAGE: both are one pass over smaps. */
static int stream_maps(struct procfs *p, enum mms_kind kind, const struct mms_request *req,
		       struct mms_feed *f, struct mms_err *err)
{
	struct mms_map_entry e;
	struct mms_maps *maps;
	int rc;

	rc = open_maps(p, req->pid, kind == MMS_KIND_USAGE, &maps, err);
	if (rc)
		return rc;
	while ((rc = mms_maps_next(maps, &e, err)) > 0) {
		if (outside(req, &e.vma))
			continue;
		rc = put_entry(f, kind, &e);
		if (rc)
			break;
	}
	mms_maps_free(maps);
	if (rc == -ESRCH)	/* exited while it was read: end() tells */
		rc = 0;
	return rc ? rc : end(p, f, req->pid, 0);
}

static bool may_see_pfns(void)
{
	FILE *f = fopen(PROC "/self/status", "re");
	char line[256];
	uint64_t caps = 0;

	while (f && fgets(line, sizeof(line), f)) {
		const char *s = line + strlen("CapEff:\t");

		if (!strncmp(line, "CapEff:\t", 8) && !mms_scan_u64(&s, 16, &caps))
			caps = 0;
	}
	if (f)
		fclose(f);
	return caps & 1ULL << 21;	/* CAP_SYS_ADMIN */
}

static int hidden_pfns(uint32_t pid, struct mms_err *err)
{
	return mms_err_set(err, -EACCES,
			   "PID %u: /proc/%u/pagemap hides physical addresses without CAP_SYS_ADMIN: run as root",
			   pid, pid);
}

static int pagemap_vma(struct mms_pagemap *pm, struct mms_feed *f,
		       const struct mms_request *req, const struct mms_map_entry *e)
{
	uint64_t mask = ~((1ULL << pm->page_shift) - 1);
	uint64_t from = e->vma.start, to = e->vma.end;

	if (outside(req, &e->vma))
		return 0;
	if (to - from > HUGE_VMA && e->usage.known && !e->usage.rss && !e->usage.swap)
		return 0;
	if (from < req->start)
		from = req->start & mask;
	if (req->end && to > req->end)
		to = (req->end + ~mask) & mask;
	pm->hidden_ok = e->vma.flags & (MMS_VMA_PFNMAP | MMS_VMA_IO);
	return mms_pagemap_range(pm, f, from, to);
}

static int pagemap_all(struct procfs *p, struct mms_pagemap *pm,
		       const struct mms_request *req, struct mms_feed *f, struct mms_err *err)
{
	struct mms_map_entry e;
	struct mms_maps *maps;
	int rc;

	rc = open_maps(p, req->pid, false, &maps, err);
	if (rc)
		return rc;
	while ((rc = mms_maps_next(maps, &e, err)) > 0) {
		rc = pagemap_vma(pm, f, req, &e);
		if (rc)
			break;
	}
	mms_maps_free(maps);
	return rc < 0 && rc != -ESRCH ? rc : 0;
}

static int stream_pagemap(struct procfs *p, const struct mms_request *req,
			  struct mms_feed *f, struct mms_err *err)
{
	struct mms_pagemap pm = { .page_shift = p->page_shift };
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/%u/pagemap", p->root, req->pid);
	pm.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (pm.fd < 0)
		return file_error(p, req->pid, "pagemap", -errno, err);
	rc = pagemap_all(p, &pm, req, f, err);
	if (!rc)
		rc = end(p, f, req->pid, pm.entries);
	if (rc == -EACCES && err && !err->text[0])
		rc = hidden_pfns(req->pid, err);
	free(pm.buf);
	close(pm.fd);
	return rc;
}

/* TASK: libproc2's figures, and what it does not have */

static enum pids_item items[] = {
	PIDS_ID_TGID, PIDS_ID_RUID, PIDS_VM_SIZE, PIDS_VM_RSS_ANON,
	PIDS_VM_RSS_FILE, PIDS_VM_RSS_SHARED, PIDS_VM_SWAP, PIDS_OOM_ADJ,
	PIDS_OOM_SCORE,
};
enum { I_TGID, I_UID, I_SIZE, I_ANON, I_FILE, I_SHMEM, I_SWAP, I_ADJ, I_SCORE, I_MAX };

static uint64_t kib(const struct pids_stack *s, int i)
{
	return (uint64_t)s->head[i].result.ul_int * 1024;
}

static void take_stack(struct mms_task *t, const struct pids_stack *s)
{
	t->pid = (uint32_t)s->head[I_TGID].result.s_int;
	t->uid = s->head[I_UID].result.u_int;
	t->oom_score_adj = (uint32_t)s->head[I_ADJ].result.s_int;
	t->oom_score = (uint32_t)s->head[I_SCORE].result.s_int;
	t->known = MMS_TASK_K_UID | MMS_TASK_K_OOM_ADJ | MMS_TASK_K_OOM_SCORE;
	if (t->flags & (MMS_TASK_KTHREAD | MMS_TASK_ZOMBIE))
		return;
	t->vm_size = kib(s, I_SIZE);
	t->rss_anon = kib(s, I_ANON);
	t->rss_file = kib(s, I_FILE);
	t->rss_shmem = kib(s, I_SHMEM);
	t->swap = kib(s, I_SWAP);
	t->known |= MMS_TASK_K_VM;
}

/* libproc2 does not read VmPTE. */
static void take_pgtables(struct procfs *p, uint32_t pid, struct mms_task *t)
{
	FILE *f = open_text(p, pid, "status");
	char line[256];
	uint64_t v;

	while (f && fgets(line, sizeof(line), f)) {
		const char *s = line + 6;

		if (strncmp(line, "VmPTE:", 6))
			continue;
		s += strspn(s, " \t");
		if (mms_scan_u64(&s, 10, &v)) {
			t->pgtables = v * 1024;
			t->known |= MMS_TASK_K_PGTABLES;
		}
	}
	if (f)
		fclose(f);
}

/* The arguments, each with its NUL; too long ones are cut. */
static void take_cmdline(struct procfs *p, uint32_t pid, struct mms_task *t, char *buf)
{
	FILE *f = open_text(p, pid, "cmdline");
	size_t n;

	if (!f)
		return;
	n = fread(buf, 1, CMDLINE_MAX - 1, f);
	if (!ferror(f))
		t->known |= MMS_TASK_K_CMDLINE;
	if (n && buf[n - 1])
		buf[n++] = '\0';
	t->cmdline_len = (uint32_t)n;
	fclose(f);
}

static int read_task(struct procfs *p, uint32_t pid, struct mms_task *t, char *cmdline,
		     struct mms_err *err)
{
	struct pids_fetch *fetch;
	struct mms_pid_stat st;
	unsigned int id = pid;
	int rc;

	if (!p->live)
		return mms_err_set(err, -EOPNOTSUPP, "%s: TASK is read from " PROC " only", p->root);
	rc = mms_pid_stat_read(p->root, pid, &st, err);
	if (rc)
		return rc;
	if (!p->pids && procps_pids_new(&p->pids, items, I_MAX) < 0)
		return mms_err_set(err, -EIO, "libproc2 cannot read " PROC);
	fetch = procps_pids_select(p->pids, &id, 1, PIDS_SELECT_PID);
	if (!fetch || fetch->counts->total != 1)
		return mms_pid_error(-ESRCH, pid, NULL, err);
	memset(t, 0, sizeof(*t));
	t->head.type = MMS_REC_TASK;
	t->flags = (st.kthread ? MMS_TASK_KTHREAD : 0) |
		   (st.state == 'Z' || st.state == 'X' ? MMS_TASK_ZOMBIE : 0) |
		   (pid == 1 ? MMS_TASK_INIT : 0);
	t->ppid = st.ppid;
	t->state = (unsigned char)st.state;
	t->start_ticks = st.start_ticks;
	memcpy(t->comm, st.comm, sizeof(t->comm));
	take_stack(t, fetch->stacks[0]);
	take_pgtables(p, pid, t);
	take_cmdline(p, pid, t, cmdline);
	return 0;
}

static int stream_task(struct procfs *p, const struct mms_request *req,
		       const struct mms_handler *h, struct mms_err *err)
{
	struct mms_trailer trailer = { .end = MMS_END_COMPLETE };
	char *cmdline = malloc(CMDLINE_MAX);
	struct mms_feed f = { 0 };
	struct mms_task t;
	int rc;

	if (!cmdline)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = read_task(p, req->pid, &t, cmdline, err);
	if (!rc)
		rc = begin(&f, MMS_KIND_TASK, req, h, err);
	if (!rc)
		rc = mms_encode_record(&f.enc, &t.head, cmdline, t.cmdline_len);
	if (!rc)
		rc = mms_feed_end(&f, &trailer);
	mms_feed_free(&f);
	free(cmdline);
	return rc;
}

static int can_answer(struct procfs *p, enum mms_kind kind, const struct mms_request *req,
		      struct mms_err *err)
{
	if (kind == MMS_KIND_PGTABLE && req->flags & (MMS_REQ_TABLES | MMS_REQ_HOLES))
		return mms_err_set(err, -EOPNOTSUPP,
				   "page tables are not in /proc, only the module reads them: see mmscope status");
	if (kind == MMS_KIND_PGTABLE && p->live && !may_see_pfns())
		return hidden_pfns(req->pid, err);
	return 0;
}

static int stream_machine(struct procfs *p, enum mms_kind kind, const struct mms_request *req,
			  const struct mms_handler *h, struct mms_err *err)
{
	mms_proc_machine_fn *put = mms_proc_machine(kind);
	struct mms_trailer t = { .end = MMS_END_COMPLETE };
	struct mms_feed f = { 0 };
	int rc;

	if (!put)
		return mms_err_set(err, -EOPNOTSUPP,
				   "/proc does not tell this (%s): load the module (mmscope load)",
				   mms_kind_name(kind));
	if (err)
		err->text[0] = '\0';
	rc = begin(&f, kind, req, h, err);
	if (!rc)
		rc = put(p->root, req, &f, &t, err);
	if (!rc)
		rc = mms_feed_end(&f, &t);
	mms_feed_free(&f);
	if (rc < 0 && err && !err->text[0])
		mms_err_set(err, rc, "reading %s: %s", p->root, strerror(-rc));
	return rc;
}

static int procfs_stream(struct mms_source *s, enum mms_kind kind,
			 const struct mms_request *req,
			 const struct mms_handler *h, struct mms_err *err)
{
	struct procfs *p = to_procfs(s);
	struct mms_feed f = { 0 };
	int rc;

	if (kind == MMS_KIND_TASK)
		return stream_task(p, req, h, err);
	if (MMS_KIND_MACHINE(kind))
		return stream_machine(p, kind, req, h, err);
	rc = mms_pid_check(p->root, req->pid, NULL, err);
	if (!rc)
		rc = can_answer(p, kind, req, err);
	if (rc)
		return rc;
	if (err)
		err->text[0] = '\0';
	rc = begin(&f, kind, req, h, err);
	if (!rc)
		rc = kind == MMS_KIND_PGTABLE ? stream_pagemap(p, req, &f, err) :
						stream_maps(p, kind, req, &f, err);
	mms_feed_free(&f);
	if (rc < 0 && err && !err->text[0])
		mms_err_set(err, rc, "PID %u: reading %s: %s", req->pid, p->root, strerror(-rc));
	return rc;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int list_pids(const char *root, uint32_t **out, size_t *n)
{
	DIR *d = opendir(root);
	struct dirent *e;
	size_t room = 0;

	*out = NULL;
	*n = 0;
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		void *more;

		if (*n == room) {
			room = room ? room * 2 : 256;
			more = realloc(*out, room * sizeof(**out));
			if (!more) {
				closedir(d);
				return -ENOMEM;
			}
			*out = more;
		}
		if (!mms_parse_pid(e->d_name, *out + *n, NULL))
			++*n;
	}
	closedir(d);
	return 0;
}

static int procfs_pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
		       void *ctx, struct mms_err *err)
{
	struct procfs *p = to_procfs(s);
	uint32_t *pids;
	size_t n;
	int rc = list_pids(p->root, &pids, &n);

	if (rc)
		mms_err_set(err, rc, "%s: %s", p->root, strerror(-rc));
	else
		qsort(pids, n, sizeof(*pids), by_number);
	for (size_t i = 0; !rc && i < n; i++)
		rc = fn(ctx, pids[i]);
	free(pids);
	return rc;
}

static void procfs_close(struct mms_source *s)
{
	struct procfs *p = to_procfs(s);

	if (p->pids)
		procps_pids_unref(&p->pids);
	free(p->root);
	free(p);
}

static const struct mms_source_ops procfs_ops = {
	.name = "procfs",
	.stream = procfs_stream,
	.pids = procfs_pids,
	.close = procfs_close,
};

/* The device of files that have no tmpfs mount: memfd, SysV, shared anonymous. */
static uint64_t own_shmem_dev(void)
{
	int fd = memfd_create("mmscope", MFD_CLOEXEC);
	struct stat st = { 0 };

	if (fd < 0)
		return 0;
	if (fstat(fd, &st))
		st.st_dev = 0;
	close(fd);
	return st.st_dev;
}

int mms_source_open_procfs_at(struct mms_source **out, const char *root, struct mms_err *err)
{
	struct procfs *p = calloc(1, sizeof(*p));

	if (p)
		p->root = strdup(root);
	if (!p || !p->root) {
		free(p);
		return mms_err_set(err, -ENOMEM, "out of memory");
	}
	p->live = !strcmp(root, PROC);
	p->page_shift = (unsigned int)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
	p->own_shmem = p->live ? own_shmem_dev() : 0;
	p->src.ops = &procfs_ops;
	*out = &p->src;
	return 0;
}

int mms_source_open_procfs(struct mms_source **out, struct mms_err *err)
{
	if (access(PROC "/self/stat", R_OK))
		return mms_err_set(err, -ENOENT, PROC " is not mounted: mount -t proc proc " PROC);
	return mms_source_open_procfs_at(out, PROC, err);
}
