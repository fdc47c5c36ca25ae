// SPDX-License-Identifier: GPL-2.0
/* mmscope cache FILE or DIR without the module: mincore(2) and cachestat(2). */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "util/text.h"
#include "view/cache.h"

#define WINDOW		(64UL << 20)	/* of a file that is mapped at a time */
#define NR_CACHESTAT	451		/* the same on all architectures; since 6.5 */

struct range {
	uint64_t off, len;
};

struct counts {
	uint64_t cache, dirty, writeback, evicted, recently_evicted;
};

/* One window of a file: its pages in memory become runs. */
static int window(struct mms_cache *c, struct mms_cached *f, int fd, uint64_t from, size_t len,
		  unsigned char *in)
{
	size_t page = 1UL << c->page_shift, n = (len + page - 1) / page;
	void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, (off_t)from);
	int rc = 0;

	if (p == MAP_FAILED)
		return -errno;
	if (mincore(p, len, in))
		rc = -errno;
	munmap(p, len);
	for (size_t i = 0; !rc && i < n; i++) {
		struct mms_cache_run *last = c->nruns ? &c->runs[c->nruns - 1] : NULL;
		struct mms_cache_run run = {
			.ino = f->f.ino, .dev_major = f->f.dev_major, .dev_minor = f->f.dev_minor,
			.index = from / page + i, .pages = 1,
		};

		if (!(in[i] & 1))
			continue;
		f->f.pages++;
		if (last && last->ino == run.ino && last->dev_major == run.dev_major &&
		    last->dev_minor == run.dev_minor && last->index + last->pages == run.index)
			last->pages++;
		else
			rc = mms_cache_add_run(c, &run);
	}
	return rc;
}

static void ask_cachestat(struct mms_cached *f, int fd)
{
	struct range all = { 0, 0 };
	struct counts n;

	if (syscall(NR_CACHESTAT, fd, &all, &n, 0))
		return;
	f->f.dirty = n.dirty;
	f->f.writeback = n.writeback;
	f->dirty_known = true;
}

/* The kernel answers mincore(2) truly to who owns the file or may write it, only. */
static bool may_ask(const char *path, const struct stat *st)
{
	return !geteuid() || st->st_uid == geteuid() || !access(path, W_OK);
}

static int one_file(struct mms_cache_view *w, const char *path, const struct stat *st,
		    uint32_t dev_major, uint32_t dev_minor)
{
	struct mms_cache *c = &w->cache;
	struct mms_cached *f;
	unsigned char *in;
	uint64_t at = 0;
	int fd, rc = 0;

	if (!may_ask(path, st))
		return -EACCES;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	f = mms_cache_add(c, dev_major, dev_minor, st->st_ino, 0);
	in = malloc(WINDOW >> c->page_shift);
	if (!f || !in || f->partial) {
		/* (a second name of a file that was counted: once is enough) */
		rc = !f || !in ? -ENOMEM : 0;
		goto out;
	}
	f->partial = true;
	f->named = true;
	f->absolute = true;
	f->size = (uint64_t)st->st_size;
	f->path = strdup(path);
	for (; !rc && at < f->size; at += WINDOW)
		rc = window(c, f, fd, at, f->size - at < WINDOW ? (size_t)(f->size - at) : WINDOW, in);
	ask_cachestat(f, fd);
out:
	free(in);
	close(fd);
	return rc;
}

static struct mms_cache_view *walking;	/* nftw() has no context */
static unsigned int refused;

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int rc;

	(void)ftw;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	rc = one_file(walking, path, st, major(st->st_dev), minor(st->st_dev));
	if (rc == -EACCES || rc == -EPERM)
		refused++;
	return rc == -ENOMEM ? rc : 0;
}

static int directory(struct mms_cache_view *w, const struct mms_render *r, struct mms_source *s,
		     struct mms_err *err)
{
	int rc;

	walking = w;
	refused = 0;
	rc = nftw(w->path, visit, 32, FTW_PHYS | FTW_MOUNT);
	if (rc)
		return mms_err_set(err, rc < 0 ? rc : -EIO, "%s: it could not be read wholly", w->path);
	if (refused && !w->cache.n)
		return mms_err_set(err, -EACCES, "%s: not permitted: run as root", w->path);
	if (refused)
		fprintf(stderr, "mmscope: %u files left out: not permitted\n", refused);
	rc = mms_cache_mappers(&w->cache, s, err);
	return rc ? rc : mms_cache_show_all(w, r, err);
}

int mms_cache_without_module(struct mms_cache_view *w, const struct mms_render *r,
			     struct mms_source *s, struct mms_err *err)
{
	char shown[256];
	int rc;

	w->cache.page_shift = (uint32_t)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
	if (S_ISDIR(w->st.st_mode))
		return directory(w, r, s, err);
	mms_neutral(w->path, shown, sizeof(shown));
	if (S_ISBLK(w->st.st_mode))
		return mms_err_set(err, -EOPNOTSUPP, "%s: of a device only the module knows: load it (mmscope load)", shown);
	rc = one_file(w, w->path, &w->st, w->dev_major, w->dev_minor);
	if (rc == -EACCES || rc == -EPERM)
		return mms_err_set(err, -EACCES, "%s: not permitted: mincore(2) answers who owns or may write it; run as root",
				   shown);
	if (rc)
		return mms_err_set(err, rc, "%s: %s", shown, strerror(-rc));
	rc = mms_cache_mappers(&w->cache, s, err);
	return rc ? rc : mms_cache_show_file(w, r, false, err);
}
